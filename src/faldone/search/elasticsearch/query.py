"""From a plan to what Elasticsearch is asked: pure, JSON out, JSON in."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from faldone.domain.ids import DocumentId
from faldone.search import cursor
from faldone.search.document import (
    KEYWORDS,
    STANDING,
    Field,
    SearchDocument,
    day,
    dossier,
    fields,
    fingerprint,
    standing,
)
from faldone.search.elasticsearch.client import Json
from faldone.search.index import FACET_VALUES, Bucket, Facet, Hit
from faldone.search.plan import (
    All,
    Best,
    Dates,
    Everything,
    Fixed,
    Fuzzy,
    Node,
    Phrase,
    Prefix,
    Some,
    Term,
)
from faldone.search.query import Sort

_OF_EACH_SHARD: Final = 5_000
"""Values of a facet that each shard tells, so that the counts of the few that are shown are whole."""

_LATEST: Final[Json] = {"date": {"order": "desc", "missing": "_last"}}
_EARLIEST: Final[Json] = {"date": {"order": "asc", "missing": "_last"}}
_ID: Final[Json] = {"id": "asc"}


@dataclass(frozen=True, slots=True)
class Cursor:
    """Behind which hit an answer goes on: the values by which that hit was sorted, the last of them its id.

    It holds no handle of the server's: it outlives clients, nodes and rebuilt indices.
    """

    sort: Sort
    relaxed: bool
    values: tuple[str | int | float | None, ...]

    def __str__(self) -> str:
        said = json.dumps([self.sort.value, self.relaxed, *self.values], separators=(",", ":"))
        return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, sort: Sort) -> Cursor:
        """The cursor of an earlier answer in this order.

        Raises:
            QuerySyntaxError: it is none, or one of another order.
        """
        try:
            order, relaxed, *values = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
            if (
                order == sort.value
                and isinstance(relaxed, bool)
                and values
                and all(value is None or isinstance(value, str | int | float) for value in values)
            ):
                return cls(sort, relaxed, tuple(values))
        except (binascii.Error, ValueError, TypeError):
            pass
        raise cursor.foreign()


def order_of(sort: Sort, *, by_date: bool) -> list[Json]:
    """The keys of an order; ``by_date`` says that there are no scores to go by."""
    match sort:
        case Sort.RELEVANCE if not by_date:
            return [{"_score": "desc"}, _LATEST, _ID]
        case Sort.RELEVANCE | Sort.NEWEST:
            return [_LATEST, _ID]
        case Sort.OLDEST:
            return [_EARLIEST, _ID]
        case Sort.DOSSIER:
            return [{"dossier": {"order": "asc", "missing": "_last"}}, _LATEST, _ID]


def hits_of(found: Sequence[Json]) -> tuple[Hit, ...]:
    """Hits as the port knows them: the id is the last of the keys by which they were sorted."""
    return tuple(Hit(DocumentId(str(one["sort"][-1])), float(one.get("_score") or 0.0)) for one in found)


def aggregations(facets: Iterable[Facet]) -> Json | None:
    """What is counted over the whole answer."""
    return {
        facet.value: {
            "terms": {
                "field": Field(facet.value).value,
                "size": FACET_VALUES,
                "shard_size": _OF_EACH_SHARD,
                "order": [{"_count": "desc"}, {"_key": "asc"}],
            }
        }
        for facet in facets
    } or None


def buckets_of(facets: Iterable[Facet], counted: Mapping[str, Json]) -> dict[Facet, tuple[Bucket, ...]]:
    """The counts by facet, the most frequent values first and equal counts by value."""
    return {
        facet: tuple(Bucket(str(one["key"]), int(one["doc_count"])) for one in counted[facet.value]["buckets"])
        for facet in facets
    }


def source_of(document: SearchDocument) -> Json:
    """What is sent of a document; the cluster indexes all of it and keeps little (``_source`` in the mapping)."""
    values: Json = {field.value: list(texts) for field, texts in fields(document).items() if field is not Field.TEXT}
    return {
        "id": document.id,
        "version": document.version,
        "digest": fingerprint(document),
        "date": None if document.date is None else day(document.date),
        "dossier": dossier(document),
        "standing": 1 + STANDING * standing(document),
        **values,
    }


def ranked(node: Node) -> Json:
    """A plan's root where scores count: each is multiplied by what the document's standing makes of it."""
    factor = {"field": "standing", "factor": 1, "missing": 1}
    return {"function_score": {"query": translate(node), "field_value_factor": factor, "boost_mode": "multiply"}}


def unscored(node: Node) -> Json:
    """A plan's root where nothing but matching counts."""
    return {"bool": {"filter": [translate(node, scored=False)]}}


def translate(node: Node, *, scored: bool = True) -> Json:
    """A node as a query; ``scored`` is false where nothing but matching counts."""
    match node:
        case Term(field, value):
            return {"term": {_path(field): {"value": value}}}
        case Phrase(field, terms):
            # The terms are ready: they are only taken apart again.
            return {"match_phrase": {_path(field): {"query": " ".join(terms), "analyzer": "whitespace"}}}
        case Fuzzy(field, value):
            options = {"value": value, "fuzziness": 1, "transpositions": True, "rewrite": "constant_score"}
            return {"fuzzy": {_path(field): options}}
        case Prefix(field, value):
            return {"prefix": {_path(field): {"value": value}}}
        case Dates(first, last):
            return {"range": {"date": {"gte": first, "lte": last}}}
        case Everything():
            return {"match_all": {}}
        case Fixed(of, score):
            return {"constant_score": {"filter": translate(of, scored=False), "boost": score}}
        case Best(()) | Some(()):
            return {"match_none": {}}  # of no clauses at all the engine makes «everything»
        case Best(of):
            return {"dis_max": {"queries": [translate(choice, scored=scored) for choice in of]}}
        case Some(of, minimum):
            if not scored and minimum == 1 and (one := _one_field(of)) is not None:
                return {"terms": one}
            choices = [translate(choice, scored=scored) for choice in of]
            return {"bool": {"should": choices, "minimum_should_match": minimum}}
        case All(must, filters, without, bonus):
            start = must if must or filters else (Everything(),)
            parts: dict[str, Any] = {
                "must": [translate(part, scored=scored) for part in start],
                "filter": [translate(part, scored=False) for part in filters],
                "must_not": [translate(part, scored=False) for part in without],
                "should": [translate(part) for part in bonus] if scored else [],
            }
            asked = {name: part for name, part in parts.items() if part}
            return {"bool": asked | ({"minimum_should_match": 0} if "should" in asked else {})}


def _one_field(of: tuple[Node, ...]) -> Json | None:
    """Values of one field as one set to look into, however many services somebody may see."""
    terms = [part for part in of if isinstance(part, Term)]
    if len(terms) < len(of) or {part.field for part in terms} - KEYWORDS or len({part.field for part in terms}) > 1:
        return None
    return {_path(terms[0].field): [part.value for part in terms]}


def _path(field: Field) -> str:
    return "words.stemmed" if field is Field.TEXT else field.value
