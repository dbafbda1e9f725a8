"""Papers that may be seen, but of which nothing may be told before a reason is given: that there are some, by name.

Whoever may open them with a reason learns that somebody has such papers, and nothing of what they say: they answer to
names, codes and protocols alone. A question with anything else, a word of the text or a value to narrow by, finds none
of them, or it could be asked word by word what they say. Once the reason is given, they are searched as all others.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace

from faldone.domain.access import Access
from faldone.domain.attribution import Role
from faldone.domain.ids import DocumentId, PersonId
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.find import Answer, Found, find, seen
from faldone.search.document import Field
from faldone.search.query import Query

_MOST_LISTED = 20
_LOOKED_THROUGH = 200


@dataclass(frozen=True, slots=True)
class Closed:
    """How many there are, and the latest of them, of which a list has the ids."""

    count: int = 0
    found: tuple[Found, ...] = ()


def closed_papers(query: Query, access: Access, told: Access, opened: Set[str], ports: Ports) -> Closed:
    """The papers of a question that ``access`` opens and ``told`` does not.

    Those for which a reason was given answer to the whole question: ``opened`` are ids of documents and of holders.

    Raises:
        IndexUnavailableError: the index does not answer, or has to be rebuilt.
    """
    if told == access:
        return Closed()
    first = _opened(query, access, told, opened, ports) if opened else ()
    named = _named(query)
    if named is None:
        return Closed(len(first), first)
    hits = ports.index.search(replace(named, limit=_LOOKED_THROUGH), access)
    count = hits.total - ports.index.search(replace(named, limit=0), told).total
    shown = [one for one in seen(hits, access, ports) if one.record.sensitivity > told.sensitivity]
    ids = {one.document.id for one in shown}
    count = max(0, count) + sum(one.document.id not in ids for one in first)
    known = {one.document.id for one in first}
    rest = (Found(one.document, one.record, one.score, (), {}) for one in shown if one.document.id not in known)
    return Closed(count, (*first, *rest)[:_MOST_LISTED])


def behind(answer: Answer, closed: Closed, query: Query) -> Answer:
    """An answer of what may be told, with the closed papers behind it.

    Where nothing that may be told has all the words, but something closed does, what has most of them is left out.
    """
    if not closed.count:
        return answer
    if answer.relaxed:
        answer = replace(answer, total=0, found=(), relaxed=False, after=None)
    total = answer.total + closed.count
    if query.after is not None:  # its place is not counted: what may be told alone is gone through
        return replace(answer, total=total)
    end = query.offset + query.limit
    more = closed.found[max(0, query.offset - answer.total) : max(0, end - answer.total)]
    after = answer.after or (str(end) if end < answer.total + len(closed.found) else None)
    return replace(answer, total=total, found=(*answer.found, *more), after=after)


def _opened(query: Query, access: Access, told: Access, opened: Set[str], ports: Ports) -> tuple[Found, ...]:
    documents = ports.catalog.documents_with([DocumentId(one) for one in opened])
    holders = {one.value.person for document in documents.values() for one in document.proposal.holders}
    persons = ports.catalog.persons_with([*map(PersonId, opened), *(one for one in holders if one is not None)])
    if not persons:
        return ()
    of = (Field.PERSON, tuple(sorted({one.id.lower() for one in persons.values()})))
    narrowed = replace(query, only=(*query.only, of), limit=_MOST_LISTED, offset=0, after=None)
    answer = find(narrowed, access, ports)
    if answer.relaxed:
        return ()
    return tuple(
        one
        for one in answer.found
        if one.record.sensitivity > told.sensitivity
        and opened & {one.document.id, *(p.id for p in one.record.persons if p.role is Role.HOLDER and p.id)}
    )


def _named(query: Query) -> Query | None:
    """The question as one for names, codes and protocols; None where it asks for anything besides."""
    listed = (query.phrases, query.excluded, query.prefixes, query.like)
    filed = (query.service, query.type, query.batch, query.comune, query.box, query.band)
    dated = (query.date_from, query.date_to)
    if any((*listed, *filed, *dated)) or any(field is not Field.PERSON for field, _ in query.only):
        return None
    cf, protocol, taken = query.cf, query.protocol, set[int]()
    for reading in query.readings:
        if reading.days is not None or (reading.code and cf) or (reading.protocol and protocol):
            return None
        cf, protocol = reading.code or cf, reading.protocol or protocol
        if reading.code or reading.protocol:
            taken |= set(range(reading.first, reading.last))
    names = [query.person or "", *(word for at, word in enumerate(query.words) if at not in taken)]
    person = " ".join(filter(None, names)) or None
    if not (person or cf or protocol or query.only):
        return None
    return Query(person=person, cf=cf, protocol=protocol, only=query.only)
