"""What Tantivy raises, in the words of faldone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from faldone.errors import IndexUnavailableError


class BusyError(IndexUnavailableError):
    """Another process holds the lock."""


@contextmanager
def translated() -> Iterator[None]:
    """Turns all that Tantivy raises into the port's error."""
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:
        raise unavailable(error) from error


def unavailable(error: Exception) -> IndexUnavailableError:
    """The index is damaged or cannot be reached."""
    return IndexUnavailableError(
        f"L'indice di ricerca non si può usare: {error} / The search index cannot be used: {error}",
        hint="faldone index rebuild",
    )


def busy() -> BusyError:
    """Another process writes, or rebuilds."""
    return BusyError(
        "L'indice è occupato da un altro processo che scrive. / Another process is writing the index.",
        hint="Riprovare fra poco / try again in a moment",
    )


def stale() -> IndexUnavailableError:
    """The folder holds an index of another schema, analysis or layout."""
    return IndexUnavailableError(
        "L'indice è di un'altra versione e va ricostruito. / The index is of another version and has to be rebuilt.",
        hint="faldone index rebuild",
    )
