"""From a plan to Tantivy's queries, and from what they find to an answer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from itertools import takewhile
from typing import Any, Final

import tantivy
from tantivy import Occur, Order

from faldone.domain.ids import DocumentId
from faldone.search import cursor
from faldone.search.document import Field
from faldone.search.index import FACET_VALUES, Bucket, Facet, Held, Hit, Hits
from faldone.search.plan import (
    AS_TYPED,
    HOLDER,
    All,
    Best,
    Dates,
    Everything,
    Fixed,
    Fuzzy,
    Node,
    Phrase,
    Plan,
    Prefix,
    Some,
    Term,
)
from faldone.search.query import Query, Sort
from faldone.search.shortcuts import NOTHING, Ahead, ahead, breadths, living, matching, spread
from faldone.search.tantivy import schema
from faldone.search.tantivy.generation import Snapshot, Told
from faldone.search.tantivy.sight import Sight

_ORDERS: Final = {
    Sort.NEWEST: (schema.NEWEST, Order.Desc),
    Sort.OLDEST: (schema.OLDEST, Order.Asc),
    Sort.DOSSIER: (schema.DOSSIER, Order.Asc),
}
_TOLD: Final = 256
"""How many questions' counts are kept for one commit: whoever turns pages asks the same again."""

_BUCKETS: Final = 500
"""Values of a facet that each segment tells."""

_FEW: Final = 10_000
"""Documents of which telling all values takes less time than finding the documents twice."""

_WALK: Final = 10_000

_LOOKED_AT: Final = (300, 2_000)
"""Hits that are looked at, at least and at most, before a rule is asked for: fewer are all that there are."""

_LONG: Final = 100
"""Documents of each word of a phrase, for which one that has it is looked at rather than the phrase found once more.

Where the words stand is read for each of those documents, which takes longer than looking a few of them up again.
"""

_LONGEST: Final = 10_000
"""Documents with a phrase that are looked at, at most."""

_COMMON: Final = 2_000
"""Documents of each word of a question, from which on those with the words as they were typed are looked at first."""

_SPARE: Final = 1.5
"""How many times as many are looked at as by the share of what is open would do."""


_Hit = tuple[Any, tantivy.DocAddress]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Addresses of open documents with their scores or keys.

    ``more`` says that something follows. ``total`` is how many open documents answer, if that was found out by the way,
    and ``every`` are all of them, where they are few; ``about`` is how many there may be.
    """

    hits: list[_Hit]
    more: bool
    total: int | None = None
    every: list[tantivy.DocAddress] | None = None
    about: float | None = None


def answer(snapshot: Snapshot, plan: Plan, query: Query, sight: Sight, facets: Sequence[Facet]) -> Hits:
    """What a plan, which knows of no rule of access, finds among what is open."""
    sort = Sort.NEWEST if plan.by_date and query.sort is Sort.RELEVANCE else query.sort
    found = _ask(snapshot, plan.strict, query, sort, sight, facets)
    if found.total == 0 and plan.relaxed is not None:
        found = _ask(snapshot, plan.relaxed, query, sort, sight, facets)
        return Hits(found.total, found.hits, found.total > 0, found.facets, found.after)
    return found


def held(snapshot: Snapshot) -> Iterator[Held]:
    """Every document in the order of the ids' bytes, a stretch at a time."""
    searcher, last = snapshot.searcher, ""
    while True:
        query = _beyond(snapshot, schema.PLACE, last, inclusive=False) if last else tantivy.Query.all_query()
        hits = searcher.search(query, limit=_WALK, count=False, order_by_field=schema.PLACE, order=Order.Asc).hits
        addresses = [address for _, address in hits]
        versions = searcher.fast_field_values(schema.VERSION, addresses)
        digests = searcher.fast_field_values(schema.DIGEST, addresses)
        for (key, _), version, digest in zip(hits, versions, digests, strict=True):
            yield Held(schema.placed(str(key)), int(version or 0), f"{int(digest or 0):016x}")
        if len(hits) < _WALK:
            return
        last = str(hits[-1][0])


def frequencies(snapshot: Snapshot, words: Sequence[str]) -> dict[str, int]:
    """In how many documents each word stands; one that was taken out counts until its segment is merged."""
    return {word: snapshot.stands(Field.WORDS, word) for word in words}


def _ask(snapshot: Snapshot, node: Node, query: Query, sort: Sort, sight: Sight, facets: Sequence[Facet]) -> Hits:
    told = snapshot.told.setdefault((node, sight.access), Told())
    if len(snapshot.told) > _TOLD:
        snapshot.told.pop(next(iter(snapshot.told)), None)
    lives = living(node, snapshot.stands)
    order = _by_score if sort is Sort.RELEVANCE else _by_column
    if _is_counted_beside(snapshot, lives, query, facets, told):
        with ThreadPoolExecutor(1) as beside:
            counting = beside.submit(_count, snapshot, lives, sight, facets, told, None)
            stretch, after = order(snapshot, lives, query, sort, sight, count=False)
            total = counting.result()
    else:
        stretch, after = order(snapshot, lives, query, sort, sight, count=told.total is None)
        if stretch.total is not None:
            told.total, told.every = stretch.total, stretch.every or told.every
        total = _count(snapshot, lives, sight, facets, told, stretch.about)
    if len(told.facets) == len(Facet):
        told.every = None  # nothing is left to be told of them
    return Hits(
        total,
        tuple(Hit(_id(snapshot, at), score if sort is Sort.RELEVANCE else 0.0) for score, at in stretch.hits),
        facets={facet: told.facets[facet] for facet in facets},
        after=after,
    )


def _is_counted_beside(snapshot: Snapshot, node: Node, query: Query, facets: Sequence[Facet], told: Told) -> bool:
    """Whether a second thread tells the values of facets meanwhile.

    Of many documents that takes as long as finding the first of them, and Tantivy works without Python's lock. Not so
    where it is not known how many they are: of few it is told faster once they are found.
    """
    if told.every is not None or not query.limit or all(facet in told.facets for facet in facets):
        return False
    if not isinstance(node, All) or query.phrases:
        return False
    known = len(breadths(node, snapshot.stands)) == len(node.must) + len(node.filter)
    return (known or bool(query.prefixes)) and _about(snapshot, node) > _FEW


def _by_score(
    snapshot: Snapshot, node: Node, query: Query, sort: Sort, sight: Sight, *, count: bool
) -> tuple[_Stretch, str | None]:
    """The hits in the order of their scores, and the cursor behind them."""
    skip = query.offset if query.after is None else cursor.decode(query.after, sort)[1]
    asked = breadths(node, snapshot.stands)
    broad = query.limit > 0 and not skip and sum(asked) >= _FEW
    tiers = (HOLDER, AS_TYPED) if broad and min(asked, default=0) >= _COMMON else (HOLDER,) if broad else ()
    firsts = (ahead(node, tier, snapshot.most) for tier in tiers)
    tried = (_ahead(snapshot, first, query, sight) for first in firsts if first is not None)
    stretch = next((found for found in tried if found is not None), None)
    if stretch is None:
        least = _LOOKED_AT[0]
        if query.phrases:
            least = max(least, min(min(asked, default=0) // _LONG, _LONGEST))
        native = _translate(node, snapshot.schema)
        stretch = _stretch(snapshot, native, sight, query, skip, count=count, least=least)
    return stretch, cursor.encode(sort, "", skip + len(stretch.hits)) if stretch.more else None


def _by_column(
    snapshot: Snapshot, node: Node, query: Query, sort: Sort, sight: Sight, *, count: bool
) -> tuple[_Stretch, str | None]:
    """The hits in the order of a column, and the cursor behind them."""
    column, order = _ORDERS[sort]
    start, key, skip = _translate(matching(node), snapshot.schema), None, query.offset
    if query.after is not None:
        key, skip = cursor.decode(query.after, sort)
        if isinstance(key, str) is not (sort is Sort.DOSSIER):
            raise cursor.foreign()
        following = _beyond(snapshot, column, key, descending=order is Order.Desc)
        start = tantivy.Query.boolean_query([(Occur.Must, start), (Occur.Must, following)])
    count, least = count and query.after is None, _LOOKED_AT[0]
    stretch = _stretch(snapshot, start, sight, query, skip, count=count, least=least, column=column, order=order)
    if not stretch.more or not stretch.hits:
        return stretch, None
    last = stretch.hits[-1][0]
    same = sum(1 for _ in takewhile(lambda hit: hit[0] == last, reversed(stretch.hits)))
    return stretch, cursor.encode(sort, last, same + (skip if last == key else 0))


def _stretch(
    snapshot: Snapshot,
    native: tantivy.Query,
    sight: Sight,
    query: Query,
    skip: int,
    *,
    count: bool,
    least: int,
    column: str | None = None,
    order: Order = Order.Desc,
) -> _Stretch:
    """A stretch of what ``native`` finds of the open documents.

    More hits than are wanted are looked at first, of all documents: often those are all there are, and then neither the
    rule has to be looked up, which takes longer than most answers, nor anything be found a second time to be counted.
    """
    searcher = snapshot.searcher
    limit = min(query.limit, searcher.num_docs)
    if not limit:
        return _Stretch([], more=False)

    def search(query: tantivy.Query, limit: int) -> tuple[list[_Hit], int | None]:
        found = searcher.search(
            query,
            limit=limit,
            count=count,
            order_by_field=column,
            offset=min(skip, searcher.num_docs),  # Tantivy sets memory aside for all that is passed over
            order=order,
            weight_by_field=schema.WEIGHT if column is None else None,
        )
        return found.hits, found.count if count else None  # type: ignore[attr-defined]  # the stub leaves it out

    enough = _enough(limit, sight)
    if not skip and query.after is None and enough is not None:
        found, total = search(native, max(enough, least))
        seen = sight.among(found, searcher)
        if len(found) < max(enough, least):
            return _Stretch(seen[:limit], len(seen) > limit, len(seen), [address for _, address in seen])
        if len(seen) > limit:
            about = None if total is None else total * sight.share
            return _Stretch(seen[:limit], True, total if sight.whole else None, about=about)
    hits, total = search(sight.of(native), limit + 1)
    return _Stretch(hits[:limit], len(hits) > limit, total)


def _ahead(snapshot: Snapshot, first: Ahead, query: Query, sight: Sight) -> _Stretch | None:
    """The first documents by score, where they can be told without scoring all.

    Where too few of those that were looked at are open, as papers of one service score alike, the rule is asked for.
    """
    enough = _enough(query.limit, sight)
    if enough is None:
        return None
    native = _translate(spread(first.node, snapshot.stands), snapshot.schema)
    for asked, limit in ((native, enough), (sight.of(native), query.limit + 1)):
        found = snapshot.searcher.search(asked, limit=limit, count=False, weight_by_field=schema.WEIGHT).hits
        before = [hit for hit in found if hit[0] > first.beyond]
        seen = sight.among(before, snapshot.searcher)
        if len(seen) > query.limit:
            return _Stretch(seen[: query.limit], True)
        if sight.whole or len(before) < limit:
            return None
    return None


def _enough(limit: int, sight: Sight) -> int | None:
    """How many hits have to be looked at to have one more that is open than are wanted; None where that is too many."""
    if sight.whole:
        enough = limit + 1
    elif not sight.share:
        return None
    else:
        enough = math.ceil(_SPARE * (limit + 1) / sight.share)
    return enough if enough <= _LOOKED_AT[1] else None


def _count(
    snapshot: Snapshot, node: Node, sight: Sight, facets: Sequence[Facet], told: Told, about: float | None
) -> int:
    """How many documents are found; the values of facets over all of them are told as well.

    Of those that are as frequent, the first in the alphabet. Of few documents all values are told. Of many the most
    frequent values of each segment are found first; where a segment had to leave some out, those that came through are
    counted once more, among the documents that have one of them: 3 ms, when counting all persons of 100 000 documents
    takes 70.
    """
    total, missing = told.total, [facet for facet in facets if facet not in told.facets]
    if total == 0 or node == NOTHING:
        told.total, told.facets = 0, dict.fromkeys(Facet, ())
        return 0
    if total is not None and not missing:
        return total
    searcher = snapshot.searcher
    if told.every is not None:
        keys = searcher.fast_field_values(schema.KEY, told.every)
        terms = [tantivy.Query.term_query(snapshot.schema, schema.KEY, key, "basic") for key in keys]
        native = tantivy.Query.boolean_query([(Occur.Should, term) for term in terms])
    else:
        native = sight.of(_translate(matching(node), snapshot.schema))
    if about is None:
        about = _about(snapshot, node) * sight.share if total is None else total
    most = _FEW if about <= _FEW else _BUCKETS
    asked: dict[str, Any] = {facet.value: _terms(facet, most) for facet in missing}
    if total is None:
        asked["total"] = {"value_count": {"field": schema.VERSION}}
    counted = searcher.aggregate(native, asked)
    total = int(counted["total"]["value"]) if total is None else total
    for facet in missing if searcher.num_segments > 1 else ():
        if counted[facet.value]["doc_count_error_upper_bound"]:
            again, through = native, {}
            if total > _FEW:
                through = {"include": [one["key"] for one in counted[facet.value]["buckets"]]}
                having = tantivy.Query.term_set_query(snapshot.schema, facet.value, through["include"])
                again = tantivy.Query.boolean_query([(Occur.Must, native), (Occur.Must, having)])
            counted |= searcher.aggregate(again, {facet.value: _terms(facet, _FEW, **through)})
    for facet in missing:
        ordered = sorted((-int(one["doc_count"]), str(one["key"])) for one in counted[facet.value]["buckets"])
        told.facets[facet] = tuple(Bucket(value, -less) for less, value in ordered[:FACET_VALUES])
    told.total = total
    return total


def _about(snapshot: Snapshot, node: Node) -> float:
    """How many documents may be found, open or not, if words keep no company."""
    of = max(snapshot.searcher.num_docs, 1)
    return of * math.prod(min(at_most / of, 1.0) for at_most in breadths(node, snapshot.stands))


def _id(snapshot: Snapshot, address: tantivy.DocAddress) -> DocumentId:
    return DocumentId(str(snapshot.searcher.doc(address).get_first(schema.ID)))


def _terms(facet: Facet, most: int, **include: list[str]) -> dict[str, Any]:
    return {"terms": {"field": facet.value, "size": 2 * FACET_VALUES, "segment_size": most, **include}}


def _beyond(
    snapshot: Snapshot, column: str, key: str | int, *, descending: bool = False, inclusive: bool = True
) -> tantivy.Query:
    """Documents from this key on in the order of a column."""
    if column != schema.PLACE and column != schema.DOSSIER:
        key = int(key)
        bounds = (None, key) if descending else (key, None)
        return tantivy.Query.range_query(snapshot.schema, column, tantivy.FieldType.Integer, *bounds)
    # Ranges of texts can be had through the query language alone; these keys are of letters and digits only.
    return snapshot.index.parse_query(f"{column}:{'[' if inclusive else '{'}{key} TO *}}", [column])


def _translate(node: Node, fields: tantivy.Schema) -> tantivy.Query:
    match node:
        case Term(field, value):
            return tantivy.Query.term_query(fields, field, value, "freq")
        case Phrase(field, terms):
            return tantivy.Query.phrase_query(fields, field, list(terms))
        case Fuzzy(field, value):
            return tantivy.Query.fuzzy_term_query(fields, field, value, distance=1, transposition_cost_one=True)
        case Prefix(field, value):
            return tantivy.Query.fuzzy_term_query(fields, field, value, distance=0, prefix=True)
        case Dates(first, last):
            return tantivy.Query.range_query(fields, schema.DATE, tantivy.FieldType.Integer, first, last)
        case Everything():
            return tantivy.Query.all_query()
        case Fixed(of, score):
            return tantivy.Query.const_score_query(_translate(of, fields), score)
        case Best(of):
            return tantivy.Query.disjunction_max_query([_translate(choice, fields) for choice in of])
        case Some(of, minimum):
            choices = [(Occur.Should, _translate(choice, fields)) for choice in of]
            return tantivy.Query.boolean_query(choices, minimum_number_should_match=minimum)
        case All(must, filters, without, bonus):
            parts = [_translate(part, fields) for part in must]
            parts += [tantivy.Query.const_score_query(_translate(part, fields), 0.0) for part in filters]
            clauses = [(Occur.Must, _all(parts))]
            clauses += [(Occur.MustNot, _translate(part, fields)) for part in without]
            clauses += [(Occur.Should, _translate(part, fields)) for part in bonus]
            return tantivy.Query.boolean_query(clauses)


def _all(parts: Sequence[tantivy.Query]) -> tantivy.Query:
    """What all of these find, two by two: so the scores are summed in one order, whichever of them is the rarest.

    A score that is the same to the last bit in every tree is what lets the pages of an answer come from several.
    """
    if not parts:
        return tantivy.Query.all_query()
    return reduce(lambda one, other: tantivy.Query.boolean_query([(Occur.Must, one), (Occur.Must, other)]), parts)
