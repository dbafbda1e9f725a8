"""What all requests of one running web app share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

from faldone.domain.inbox import Inbox
from faldone.pipeline.audit.journal import Journal
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.person_suggestions import PersonBook

T = TypeVar("T")


@runtime_checkable
class _Closing(Protocol):
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Provider:
    """The OpenID provider that may say who somebody is; ``label`` is what its button is called."""

    issuer: str
    client_id: str
    client_secret: str
    label: str


@dataclass(frozen=True, slots=True)
class SiteOptions:
    """The settings that the web app needs.

    ``url`` is how people reach it: with https its cookies travel on secure connections alone. ``office`` names the
    office in the header. What fits ``ignore`` in an inbox is no file that came. ``sub_ambiti`` are the comuni (folded)
    of each part of the district. ``views`` is a folder for pictures of pages made before, of at most ``views_bytes``.
    ``threads`` requests are worked on at once.
    ``demo`` says on every page that nothing here is real.
    """

    url: str
    office: str
    views: Path
    home: Path
    views_bytes: int = 5_000_000_000
    threads: int = 4
    inboxes: tuple[Inbox, ...] = ()
    ignore: tuple[str, ...] = (".*",)
    sub_ambiti: dict[str, frozenset[str]] = field(default_factory=dict)
    provider: Provider | None = None

    @property
    def secure(self) -> bool:
        """Whether people reach the site by https."""
        return self.url.startswith("https:")


@dataclass(frozen=True, slots=True)
class Site:
    """A running web app: the archive, its journal of reads, the book of names for type-ahead, and the options.

    What else is one of a kind in a running app (a registry of jobs, a list of leases) is had by :meth:`part`.
    """

    ports: Ports
    journal: Journal
    book: PersonBook
    options: SiteOptions
    _parts: dict[type, object] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, ports: Ports, options: SiteOptions) -> Site:
        """The site of an archive."""
        return cls(ports, Journal(ports.catalog), PersonBook(ports.catalog), options)

    def part(self, kind: type[T], make: Callable[[Site], T]) -> T:
        """The one of its kind that this site has, made when it is first asked for."""
        with self._guard:
            if kind not in self._parts:
                self._parts[kind] = make(self)
            found = self._parts[kind]
        assert isinstance(found, kind)
        return found

    def close(self) -> None:
        """Ends what is one of a kind and has an end."""
        for part in self._parts.values():
            if isinstance(part, _Closing):
                part.close()
