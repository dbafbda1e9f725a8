"""Port: the persons on record; see :mod:`faldone.catalog.catalog`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Protocol

from faldone.catalog.records import Document, ImportReport, PersonChange
from faldone.domain.digest import Digest
from faldone.domain.discovery import Found
from faldone.domain.events import AGENT
from faldone.domain.ids import PersonId
from faldone.domain.person import Person


class RegisterWork(Protocol):
    """What one transaction can do about persons."""

    def save_persons(
        self, persons: Iterable[Person], on_change: Callable[[PersonChange], None] = lambda _: None
    ) -> ImportReport:
        """Adds or updates persons of the register. Nobody is ever removed by an import.

        A person is the one on record with the same codice fiscale or, where one of the two has none, the same
        surname, name and date of birth; that one keeps its id, code and date of birth, and is of the register from
        now on. Anybody else is added under the id given.

        Args:
            persons: read a thousand at a time, so that a long list does not fill the memory.
            on_change: told what became of each, in the order given.
        """
        ...

    def find_or_add(self, found: Found, at: dt.datetime, agent: str = AGENT) -> tuple[Person, bool] | None:
        """The person on record whom a paper names, added now if there is none; and whether that is news.

        News are one who was added and one whom the paper completed, each with its event. Nobody is ever added twice,
        also when two papers name somebody at once. ``None`` when two on record are alike.
        The rule is :func:`faldone.domain.discovery.on_record`.
        """
        ...

    def confirm_person(self, person: PersonId, at: dt.datetime, agent: str) -> Person:
        """Notes that somebody found on papers is who the papers say, with its event.

        Raises NotFoundError, and UndecidableError when there is nothing to confirm.
        """
        ...

    def doubt_person(self, person: PersonId, at: dt.datetime, agent: str) -> None:
        """Takes the confirmation of a person back, with its event: found on papers again. Nothing for one imported."""
        ...

    def merge_persons(self, keep: PersonId, gone: PersonId, because: str, at: dt.datetime, agent: str) -> None:
        """Puts one person in the place of two, with its event. Both records stay as they are.

        Raises NotFoundError, and UndecidableError when one of them is merged into somebody already.
        """
        ...

    def unmerge_person(self, gone: PersonId, at: dt.datetime, agent: str) -> PersonId:
        """Takes a merge back, with its event; who stood for the person. Raises NotFoundError and UndecidableError."""
        ...

    def reconsider_persons(self, persons: Collection[PersonId]) -> int:
        """Sends the files of documents that name one of these ids through attribution again; counts them."""
        ...


class RegisterRead(Protocol):
    """What the catalog tells of persons."""

    def persons(self, since: int | None = None) -> Iterator[Person]:
        """Everybody on record, or those whom the register's versions after ``since`` touched, in the order of ids.

        Of merged persons the one who stands for all is told, with the names, codes and ids of the others.
        """
        ...

    def person(self, name: str) -> Person:
        """The person with this id or codice fiscale; of a merged one who stands for it. Raises NotFoundError."""
        ...

    def own_record(self, person: PersonId) -> Person:
        """The record with this id by itself, whatever was merged. Raises NotFoundError."""
        ...

    def documents_of(self, person: PersonId) -> Iterator[Document]:
        """The documents in force whose holder has this id."""
        ...

    def persons_with(self, persons: Collection[PersonId]) -> Mapping[PersonId, Person]:
        """Those of these ids that are on record, by id; a merged one leads to who stands for it."""
        ...

    def register_version(self) -> int:
        """A number that grows with every change of the register."""
        ...

    def register_digest(self) -> Digest:
        """The digest of the whole register as it is now."""
        ...

    def person_digests(self) -> Iterator[tuple[PersonId, Digest]]:
        """For everybody who is on record from papers the digest of the record, to be held against the ledger."""
        ...

    def merge_standings(self) -> Iterator[tuple[PersonId, PersonId]]:
        """For everybody who was merged into another that other one, to be held against the ledger."""
        ...
