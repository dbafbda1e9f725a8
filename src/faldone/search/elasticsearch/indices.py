"""The indices behind the two aliases: made, told from stale ones, filled beside the old one and put in its place."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from elasticsearch import BadRequestError, NotFoundError

from faldone.errors import IndexUnavailableError
from faldone.search import analysis
from faldone.search.elasticsearch.client import Cluster, Json, translated
from faldone.search.elasticsearch.lease import Lease, leased

SCHEMA_VERSION: Final = 3
"""Rises with every change of ``mappings/documents.json`` or of what is written into it."""

_LOOKED_AT_EVERY_S: Final = 60.0
"""How long an index that was found to be of this version is believed to be: another process may rebuild it."""

_REPLICAS_WITHIN: Final = "5m"
_WHILE_FILLING: Final[Json] = {"refresh_interval": -1, "number_of_replicas": 0, "auto_expand_replicas": False}


class StaleIndexError(IndexUnavailableError):
    """The index was written with another schema or analysis."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """An index that is being filled: its name, and the alias to write through, which goes away with it."""

    name: str
    alias: str
    lease: Lease


class Indices:
    """The indices of one alias.

    Args:
        cluster: where they are.
        alias: through which is read; ``<alias>-write`` is for writing.
        shards: of each index.
        replicas: copies of each shard; ``None`` is one as soon as there is a second node to hold it.
    """

    def __init__(self, cluster: Cluster, alias: str, *, shards: int, replicas: int | None) -> None:
        self.read = alias
        self.write = f"{alias}-write"
        self._cluster = cluster
        self._shards = shards
        self._copies: Json = (
            {"auto_expand_replicas": "0-1"}
            if replicas is None
            else {"auto_expand_replicas": False, "number_of_replicas": replicas}
        )
        self._ours = re.compile(rf"{re.escape(alias)}-v\d+-(\d+)")
        self._good_until = 0.0
        self._mutex = threading.Lock()

    def ensure(self) -> None:
        """Sees to it that both aliases lead to one index of this schema and analysis; makes it where there is none.

        Raises:
            IndexUnavailableError: the index has to be rebuilt.
        """
        with self._mutex:
            if time.monotonic() < self._good_until:
                return
            if not self._behind(self.read) and not self._behind(self.write):
                self._make_first()
            mapping = self._cluster.ask(lambda client: client.indices.get_mapping(index=self.read))
            written = [index["mappings"].get("_meta", {}) for index in mapping.body.values()]
            if written != [_meta()] or self._behind(self.write) != list(mapping.body):
                raise StaleIndexError(
                    "L'indice è di un'altra versione e va ricostruito. / "
                    "The index is of another version and has to be rebuilt.",
                    hint="faldone index rebuild",
                )
            self._good_until = time.monotonic() + _LOOKED_AT_EVERY_S

    def forget(self) -> None:
        """The next :meth:`ensure` looks again."""
        self._good_until = 0.0

    def reset(self) -> None:
        """Leaves one empty index behind both aliases."""
        name = self._name_of_next()
        self._cluster.ask(lambda client: client.indices.create(index=name, **self._definition(self._copies)))
        self._put_in_place(name)

    @contextmanager
    def refilled(self) -> Iterator[Fresh]:
        """An index to be filled, which at the end of the block takes the place of the one behind the aliases.

        While it is filled it is not searched and has no copies. A block that ends with an exception takes it away; what
        a killed process left is taken away by the next. One that a killed node left without its only shard fails.

        Raises:
            IndexUnavailableError: another rebuild is on, or the cluster does not answer.
        """
        with leased(self._cluster, f"{self.read}-lock") as lease:
            with translated():
                name = self._name_of_next()  # higher than what is taken away: whoever filled that may live yet
                for left in self._not_in_use():
                    self._drop(left)
                fresh = Fresh(name, f"{name}-fill", lease)
                settings = self._definition(_WHILE_FILLING)
                self._cluster.ask(
                    lambda client: client.indices.create(index=name, aliases={fresh.alias: {}}, **settings)
                )
            try:
                yield fresh
                with translated():
                    self._finish(fresh)
            except BaseException:
                with translated():
                    self._drop(name)
                raise

    def _finish(self, fresh: Fresh) -> None:
        settings = {"refresh_interval": self._refresh_interval(), **self._copies}
        asked = self._cluster.ask
        asked(lambda client: client.indices.put_settings(index=fresh.name, settings=settings), unreachable=True)
        asked(lambda client: client.indices.refresh(index=fresh.name), unreachable=True)
        # Before it counts alone it is to have its copies, as far as there are nodes for them.
        asked(
            lambda client: client.options(request_timeout=330).cluster.health(
                index=fresh.name,
                wait_for_status="yellow",
                wait_for_no_initializing_shards=True,
                timeout=_REPLICAS_WITHIN,
            ),
            unreachable=True,
        )
        fresh.lease.renew()
        self._put_in_place(fresh.name, fresh.alias)

    def _put_in_place(self, name: str, *aliases: str) -> None:
        old = {index for alias in (self.read, self.write) for index in self._behind(alias)} - {name}
        actions: list[Mapping[str, Any]] = [
            {"add": {"index": name, "alias": self.read}},
            {"add": {"index": name, "alias": self.write, "is_write_index": True}},
            *({"remove": {"index": name, "alias": alias}} for alias in aliases),
            *({"remove_index": {"index": index}} for index in sorted(old)),
        ]
        self._cluster.ask(lambda client: client.indices.update_aliases(actions=actions))
        self.forget()

    def _drop(self, name: str) -> None:
        self._cluster.ask(lambda client: client.indices.delete(index=name, ignore_unavailable=True))

    def _make_first(self) -> None:
        name = self._name_of_next()
        aliases: dict[str, Json] = {self.read: {}, self.write: {"is_write_index": True}}
        try:
            self._cluster.ask(
                lambda client: client.indices.create(index=name, aliases=aliases, **self._definition(self._copies))
            )
        except BadRequestError as error:
            if error.error != "resource_already_exists_exception":  # another process was faster
                raise

    def _behind(self, alias: str) -> list[str]:
        try:
            return sorted(self._cluster.ask(lambda client: client.indices.get_alias(name=alias)).body)
        except NotFoundError:
            return []

    def _all(self) -> dict[str, set[str]]:
        """The aliases of every index that is or was made here, by its name."""
        pattern = f"{self.read}-v*"
        found = self._cluster.ask(lambda client: client.indices.get_alias(index=pattern, allow_no_indices=True)).body
        return {name: set(one["aliases"]) for name, one in found.items() if self._ours.fullmatch(name)}

    def _not_in_use(self) -> list[str]:
        return [name for name, aliases in self._all().items() if not aliases & {self.read, self.write}]

    def _name_of_next(self) -> str:
        numbers = [int(found[1]) for name in self._all() if (found := self._ours.fullmatch(name))]
        return f"{self.read}-v{SCHEMA_VERSION}-{max(numbers, default=0) + 1}"

    def _definition(self, settings: Json) -> Json:
        definition: Json = json.loads(_mapping_file())
        definition["settings"] |= {"number_of_shards": self._shards, **settings}
        definition["settings"]["analysis"]["filter"]["faldone_stop"]["stopwords"] = sorted(analysis.stop_words())
        definition["mappings"]["_meta"] = _meta()
        return definition

    @staticmethod
    def _refresh_interval() -> str:
        return str(json.loads(_mapping_file())["settings"]["refresh_interval"])


def _meta() -> Json:
    return {"faldone": {"schema": SCHEMA_VERSION, "analysis": analysis.ANALYSIS_VERSION}}


@cache
def _mapping_file() -> str:
    return (resources.files("faldone.search") / "mappings" / "documents.json").read_text(encoding="utf-8")
