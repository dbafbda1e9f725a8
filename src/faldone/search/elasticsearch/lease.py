"""One rebuild at a time, over all machines: a lease that its holder renews and that ends by itself when it dies.

No clock is compared with another machine's: who wants the lease watches whether it is renewed while its own clock
runs, and takes it when nothing has moved for as long as it lasts.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from elasticsearch import BadRequestError, ConflictError, NotFoundError

from faldone.errors import FaldoneError, IndexUnavailableError
from faldone.search.elasticsearch.client import Cluster, Json, translated

LASTS_S: Final = 30.0
"""Without a renewal for so long its holder counts as dead: long enough for a node to be lost and replaced meanwhile."""

_RENEWED_EVERY_S: Final = 5.0
_LOOK_EVERY_S: Final = 0.5
_KEY: Final = "rebuild"
_DEFINITION: Final[Json] = {
    "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"},
    "mappings": {
        "dynamic": "strict",
        "properties": {"holder": {"type": "keyword", "index": False}, "renewals": {"type": "long", "index": False}},
    },
}


class Lease:
    """The right to rebuild, held: made by :func:`leased`."""

    def __init__(self, cluster: Cluster, index: str, holder: str, number: tuple[int, int]) -> None:
        self._cluster = cluster
        self._index = index
        self._holder = holder
        self._number = number
        self._renewals = 0
        self._lost: str | None = None
        self._over = threading.Event()
        self._mutex = threading.Lock()
        self._thread = threading.Thread(target=self._renewing, name="faldone-rebuild-lease", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Does nothing while the lease is held.

        Raises:
            IndexUnavailableError: somebody else took it, because it was not renewed in time.
        """
        if self._lost is not None:
            raise IndexUnavailableError(
                f"La ricostruzione è stata interrotta ({self._lost}). / The rebuild was cut off ({self._lost}).",
                hint="faldone index rebuild",
            )

    def renew(self) -> None:
        """Renews it now; see :meth:`check`."""
        with self._mutex:
            self._renew()
        self.check()

    def _renew(self) -> None:
        document = {"holder": self._holder, "renewals": self._renewals + 1}
        number, term = self._number
        try:
            told = self._cluster.ask(
                lambda client: client.index(
                    index=self._index, id=_KEY, document=document, if_seq_no=number, if_primary_term=term
                ),
                unreachable=True,
            )
        except ConflictError as error:
            if not self._is_ours():
                self._lost = str(error)
            return
        self._renewals += 1
        self._number = told["_seq_no"], told["_primary_term"]

    def _is_ours(self) -> bool:
        """Whether the last writer was this one: a request may be carried out and its answer lost."""
        try:
            found = self._cluster.ask(lambda client: client.get(index=self._index, id=_KEY), unreachable=True)
        except NotFoundError:
            return False
        if found["_source"]["holder"] != self._holder:
            return False
        self._number = found["_seq_no"], found["_primary_term"]
        return True

    def _renewing(self) -> None:
        while not self._over.wait(_RENEWED_EVERY_S):
            try:
                with translated(), self._mutex:
                    self._renew()
            except FaldoneError as error:
                self._lost = error.message
            if self._lost is not None:
                return

    def end(self) -> None:
        """Gives it back; what the cluster does not hear ends by itself."""
        self._over.set()
        self._thread.join()
        number, term = self._number
        try:
            with translated():
                self._cluster.ask(
                    lambda client: client.delete(index=self._index, id=_KEY, if_seq_no=number, if_primary_term=term)
                )
        except FaldoneError:
            return


@contextmanager
def leased(cluster: Cluster, index: str) -> Iterator[Lease]:
    """Holds the lease that is kept in this index.

    Raises:
        IndexUnavailableError: another process holds it, and lives.
    """
    holder = f"{socket.gethostname()} {os.getpid()} {time.time_ns()}"
    with translated():
        lease = Lease(cluster, index, holder, _take(cluster, index, holder))
    try:
        yield lease
    finally:
        lease.end()


def _take(cluster: Cluster, index: str, holder: str) -> tuple[int, int]:
    try:
        cluster.ask(lambda client: client.indices.create(index=index, **_DEFINITION))
    except BadRequestError as error:
        if error.error != "resource_already_exists_exception":
            raise
    condition = _condition(cluster, index)
    document = {"holder": holder, "renewals": 0}
    try:
        told = cluster.ask(lambda client: client.index(index=index, id=_KEY, document=document, **condition))
    except ConflictError as error:
        raise _busy(str(error.message)) from error
    return told["_seq_no"], told["_primary_term"]


def _condition(cluster: Cluster, index: str) -> Json:
    """On what condition the lease may be written: it was not there, or nothing moved while it could have ended."""
    seen: tuple[int, int] | None = None
    until = time.monotonic() + LASTS_S
    while True:
        try:
            found = cluster.ask(lambda client: client.get(index=index, id=_KEY))
        except NotFoundError:
            return {"op_type": "create"}
        number = found["_seq_no"], found["_primary_term"]
        if seen is not None and number != seen:
            raise _busy(str(found["_source"]["holder"]))
        seen = number
        if time.monotonic() >= until:
            return {"if_seq_no": number[0], "if_primary_term": number[1]}
        time.sleep(_LOOK_EVERY_S)


def _busy(who: str) -> IndexUnavailableError:
    return IndexUnavailableError(
        f"Un'altra ricostruzione dell'indice è in corso ({who}). / Another rebuild of the index is on ({who}).",
        hint="faldone status",
    )
