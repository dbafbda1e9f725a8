"""What is offered while somebody types: persons who may be meant and words to go on with, of permitted papers alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from faldone.errors import QuerySyntaxError
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.asking import Asker, Question, query_of
from faldone.pipeline.search.dossier import PersonCard, card_of, persons
from faldone.pipeline.search.find import find
from faldone.search import analysis
from faldone.search.query import SHORTEST_BEGINNING, Query

_CARDS = 5
_COMPLETIONS = 5
_LOOKED_THROUGH = 5
"""Documents whose words may go on what is typed."""


@dataclass(frozen=True, slots=True)
class TypeAhead:
    """Who may be meant, and whole texts of queries in the place of the one that is begun."""

    cards: tuple[PersonCard, ...] = ()
    texts: tuple[str, ...] = ()


def type_ahead(text: str, asker: Asker, ports: Ports) -> TypeAhead:
    """What may be meant by a query that is being typed; nothing before the last word has three letters.

    Raises:
        IndexUnavailableError: the index does not answer, or has to be rebuilt.
    """
    before, _, last = text.rpartition(" ")
    begun = analysis.spell(last)
    if text.endswith(" ") or len(begun) != 1 or not _is_plain(last) or len(begun[0].term) < SHORTEST_BEGINNING:
        return TypeAhead()
    try:
        query = _begun(before, last, asker, ports)
    except QuerySyntaxError:
        return TypeAhead()  # not yet whole: a quote that is still open
    return TypeAhead(
        cards=_cards(query, asker, ports),
        texts=tuple(f"{before} {word}".strip() for word in _words(query, begun[0].term, asker, ports)),
    )


def _begun(before: str, last: str, asker: Asker, ports: Ports) -> Query:
    if before.strip():
        query = query_of(Question(before), asker, ports)
        return replace(query, prefixes=(*query.prefixes, last))
    return query_of(Question(f"{last}*"), asker, ports)


def _cards(query: Query, asker: Asker, ports: Ports) -> tuple[PersonCard, ...]:
    if asker.pinned is None:
        return persons(query, asker.told, ports, _CARDS)
    card = card_of(asker.pinned, asker.told, ports)
    return (card,) if card is not None and _fits(query, card) else ()


def _fits(query: Query, card: PersonCard) -> bool:
    own = [token.term for token in analysis.spell(card.name)]
    return all(any(word.startswith(analysis.fold(start)) for word in own) for start in (*query.words, *query.prefixes))


def _words(query: Query, start: str, asker: Asker, ports: Ports) -> tuple[str, ...]:
    """Words that begin so: of the names of types and services, and of the pages that have what was typed before."""
    counts: Counter[str] = Counter()
    for known in (ports.lexicon.types, ports.lexicon.services):
        counts.update(_begin(start, (item.name for item in known.values())))
    if asker.pinned is None:  # the words of a person's papers are names of others as well
        answer = find(replace(query, limit=_LOOKED_THROUGH), asker.told, ports)
        if not answer.relaxed:
            counts.update(_begin(start, (page.snippet for found in answer.found for page in found.pages)))
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return tuple(word for word in ordered if word != start)[:_COMPLETIONS]


def _begin(start: str, texts: Iterable[str]) -> Iterable[str]:
    likely = (text for text in texts if start in analysis.fold(text))
    return (token.term for text in likely for token in analysis.spell(text) if token.term.startswith(start))


def _is_plain(word: str) -> bool:
    return word.replace("'", "").replace("’", "").isalnum()
