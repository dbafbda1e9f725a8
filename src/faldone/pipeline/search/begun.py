"""Words that stand nowhere as they were typed, taken for the beginnings of others: «bianc» for «Bianchi»."""

from __future__ import annotations

from dataclasses import replace

from faldone.domain.access import Access
from faldone.pipeline.ports import Ports
from faldone.search import analysis
from faldone.search.document import Field
from faldone.search.plan import FREQUENT
from faldone.search.query import SHORTEST_BEGINNING, Query

_MOST = 8
"""Words of a question, of more of which none is looked at alone: that is a passage, not names."""

Only = tuple[tuple[Field, tuple[str, ...]], ...]


def unheard(query: Query, access: Access, only: Only, ports: Ports, *, found: bool) -> tuple[str, ...]:
    """The free words that no document has as spelled, and with which others begin; of what may be seen alone.

    Codes, protocols, dates and words that tell nothing are left out, and beginnings that are too short to be asked for.
    Where documents were ``found`` that have all the words, those that many have are taken to be among them: such are
    searched without errors.

    Raises:
        IndexUnavailableError: the index does not answer, or has to be rebuilt.
    """

    def count(asked: Query) -> int:
        return ports.index.search(replace(asked, limit=0, only=only), access).total

    words = _plain(query) if len(query.words) <= _MOST else {}
    often = ports.index.frequencies(list(words.values())) if found and words else {}
    return tuple(
        word
        for word, term in words.items()
        if often.get(term, 0) < FREQUENT and not count(Query(phrases=(word,))) and count(Query(prefixes=(word,)))
    )


def _plain(query: Query) -> dict[str, str]:
    """The words that may begin others, each with its spelling in the index."""
    taken = {at for one in query.readings if not one.alike for at in range(one.first, one.last)}
    plain: dict[str, str] = {}
    for at, word in enumerate(query.words):
        tokens = analysis.spell(word) if at not in taken else []
        if len(tokens) != 1 or tokens[0].end - tokens[0].start != len(word):
            continue
        term = tokens[0].term
        if term.isalpha() and len(term) >= SHORTEST_BEGINNING and analysis.stem(term) is not None:
            plain[word] = term
    return plain
