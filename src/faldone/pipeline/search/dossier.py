"""The person first: who answers to a name, and everything that somebody may see of one person, over all services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from faldone.catalog.records import Document
from faldone.domain.access import Access
from faldone.domain.ids import PersonId
from faldone.domain.person import Person
from faldone.errors import NotFoundError
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.find import seen
from faldone.search import analysis
from faldone.search.document import code_key
from faldone.search.index import Bucket, Facet
from faldone.search.query import Query, Sort

_CARDS = 8
_LOOKED_AT = 20
_SHORTEST_CODE = 6
_A_NAME = 2
"""So many words of a name tell that a query is about its bearer, where it has other words as well."""


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person who has documents that the asker may see; every count is of those alone.

    ``id`` is None for somebody who is not on record; ``services`` are codes, lower case, the most frequent first;
    ``years`` are the first and the last of the documents that have a date. ``namesakes`` says that another person on
    record, with a card in the same answer, has the same name.
    """

    id: PersonId | None
    name: str
    cf: str | None
    birth_date: dt.date | None
    comune: str | None
    documents: int
    services: tuple[Bucket, ...] = ()
    years: tuple[int, int] | None = None
    namesakes: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of a timeline and the file that it is in."""

    document: Document
    file: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The documents of one person that the asker may see, over all services, oldest first, undated ones last.

    ``after`` is the cursor behind the last entry, or None when there is nothing behind it.
    """

    card: PersonCard
    entries: tuple[Entry, ...]
    after: str | None

    def by_service(self) -> dict[str | None, tuple[Entry, ...]]:
        """The entries by code of the service; those without one under None."""
        ordered = sorted(self.entries, key=lambda entry: _service(entry) or "")
        return {code: tuple(of_it) for code, of_it in groupby(ordered, key=_service)}


@dataclass(frozen=True, slots=True)
class _Asked:
    """The folded words of a query by which somebody may be meant, and the beginnings of such words."""

    words: tuple[str, ...]
    beginnings: tuple[str, ...]

    def hits(self, bearer: _Bearer) -> tuple[str, ...]:
        """Those that are the bearer's."""
        words = tuple(word for word in self.words if word in bearer.words or bearer.has_code(word))
        begun = tuple(start for start in self.beginnings if any(word.startswith(start) for word in bearer.words))
        return (*words, *begun)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.words) + len(self.beginnings)


@dataclass(frozen=True, slots=True)
class _Bearer:
    """Somebody whom a document is of, and how many of the answer are."""

    key: str
    documents: int
    record: Person | None

    @property
    def name(self) -> str:
        return self.record.display_name if self.record is not None else self.key.upper()

    @property
    def words(self) -> frozenset[str]:
        names = (self.name, *(self.record.aliases if self.record is not None else ()))
        tokens = (token for name in names for token in (*analysis.spell(name), *analysis.compounds(name)))
        return frozenset(token.term for token in tokens)

    @property
    def surname(self) -> frozenset[str]:
        return frozenset(_terms(self.record.surname)) if self.record is not None else frozenset()

    def has_code(self, word: str) -> bool:
        """Whether the word is the person's code, or the beginning of it."""
        codes = (self.record.cf, *self.record.other_codes) if self.record is not None else (self.key,)
        return len(word) >= _SHORTEST_CODE and any(code_key(code).startswith(word) for code in codes if code)


def persons(query: Query, access: Access, ports: Ports, limit: int = _CARDS) -> tuple[PersonCard, ...]:
    """The persons whom a query may be about: by name in any order, by other names, by code or the beginning of one.

    Nobody is told of who has no document that the asker may see. Of a query that has more words than a name, those
    count who bear at least two of them or a whole surname. Whole names come first, then who has more documents.

    Raises:
        IndexUnavailableError: the index does not answer, or has to be rebuilt.
    """
    typed = (query.person,) if query.person is not None else (query.cf,) if query.cf is not None else query.words
    typed = tuple(text for text in typed if text not in query.begun)
    asked = _Asked(
        words=tuple(term for text in typed if text for term in _terms(text)),
        beginnings=tuple(map(analysis.fold, (*query.prefixes, *query.begun))) if query.person is None else (),
    )
    if not asked.count:
        return ()
    meant = _meant(query, asked, access, ports)
    whole = set(asked.words)
    meant.sort(key=lambda one: (not whole >= set(_terms(one.name)), -one.documents, one.name, one.key))
    cards = [_card(bearer, access, ports) for bearer in meant[:limit]]
    names = [analysis.fold(card.name) for card in cards if card.id is not None]
    return tuple(
        replace(card, namesakes=card.id is not None and names.count(analysis.fold(card.name)) > 1)
        for card in cards
        if card.documents
    )


def card_of(person: PersonId, access: Access, ports: Ports) -> PersonCard | None:
    """The card of a person on record; None where there is nothing of theirs that the asker may see.

    Raises:
        IndexUnavailableError: the index does not answer, or has to be rebuilt.
    """
    record = ports.catalog.persons_with([person]).get(person)
    card = _card(_Bearer(record.id, 0, record), access, ports) if record is not None else None
    return card if card is not None and card.documents else None


def timeline(person: PersonId, access: Access, ports: Ports, limit: int = 200, after: str | None = None) -> Timeline:
    """What somebody may see of a person, over all services.

    Raises:
        NotFoundError: there is nobody with this id of whom the asker may see a document: which of the two is not told.
        IndexUnavailableError: the index does not answer, or has to be rebuilt.
    """
    record = ports.catalog.persons_with([person]).get(person)
    hits = ports.index.search(
        Query(person=record.id if record is not None else person, sort=Sort.OLDEST, limit=limit, after=after), access
    )
    shown = seen(hits, access, ports)
    if record is None or not (shown or after):
        raise NotFoundError(f"Nessuna persona {person}. / No person {person}.", hint="faldone persons list")
    card = _card(_Bearer(record.id, hits.total, record), access, ports)
    return Timeline(card, tuple(Entry(one.document, one.file) for one in shown), hits.after)


def names_begun(start: str, access: Access, ports: Ports) -> bool:
    """Whether a word of a name begins so, of a person who has documents that somebody may see.

    Raises:
        IndexUnavailableError: the index does not answer, or has to be rebuilt.
    """
    begun = analysis.fold(start)
    named = _holders(Query(prefixes=(start,), limit=0), access, ports)
    return any(word.startswith(begun) for one in named for word in one.words)


def has_papers(person: PersonId, access: Access, ports: Ports) -> bool:
    """Whether somebody may see any document of a person on record.

    Raises:
        IndexUnavailableError: the index does not answer, or has to be rebuilt.
    """
    some = ports.index.search(Query(person=person, limit=_LOOKED_AT), access)  # more than one: it may be behind
    return bool(seen(some, access, ports))


def _meant(query: Query, asked: _Asked, access: Access, ports: Ports) -> list[_Bearer]:
    """Who answers to all the words; failing that, to a code that begins so; failing that, to a name among the words."""
    begun = (*query.prefixes, *query.begun)
    named = Query(person=" ".join(asked.words) or None, prefixes=begun, limit=0, only=query.only)
    found = [one for one in _holders(named, access, ports) if len(asked.hits(one)) == asked.count]
    if not found and len(asked.words) == 1 and len(asked.words[0]) >= _SHORTEST_CODE:
        coded = Query(cf=asked.words[0], limit=0, only=query.only)
        found = [one for one in _holders(coded, access, ports) if one.has_code(asked.words[0])]
    if not found and len(query.words) > 1:
        among = replace(query, limit=0, offset=0, after=None)
        found = [one for one in _holders(among, access, ports) if _is_named(one, asked)]
    return found


def _is_named(bearer: _Bearer, asked: _Asked) -> bool:
    hits = set(asked.hits(bearer))
    return len(hits) >= _A_NAME or bool(bearer.surname and bearer.surname <= hits)


def _holders(query: Query, access: Access, ports: Ports) -> Iterator[_Bearer]:
    """Whom the documents of an answer are of, those with the most first."""
    buckets = ports.index.search(query, access, (Facet.PERSON,)).facets.get(Facet.PERSON, ())
    on_record = ports.catalog.persons_with([PersonId(bucket.value) for bucket in buckets])
    for bucket in buckets:
        yield _Bearer(bucket.value, bucket.count, on_record.get(PersonId(bucket.value)))


def _card(bearer: _Bearer, access: Access, ports: Ports) -> PersonCard:
    record = bearer.record
    if record is None:
        return PersonCard(None, bearer.name, None, None, None, bearer.documents)
    whole = ports.index.search(Query(person=record.id, limit=0), access, (Facet.SERVICE, Facet.YEAR))
    years = [int(bucket.value) for bucket in whole.facets.get(Facet.YEAR, ())]
    return PersonCard(
        id=record.id,
        name=record.display_name,
        cf=record.cf,
        birth_date=record.birth_date,
        comune=record.residence,
        documents=whole.total,
        services=whole.facets.get(Facet.SERVICE, ()),
        years=(min(years), max(years)) if years else None,
    )


def _terms(text: str) -> tuple[str, ...]:
    return tuple(token.term for token in analysis.spell(text))


def _service(entry: Entry) -> str | None:
    service = entry.document.proposal.service
    return service.value if service is not None else None
