"""A search as a caller asks it: what the page and the API do alike, and what of it goes on record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Form

from faldone.catalog.records import Document, SavedSearch
from faldone.domain.account import Ability
from faldone.domain.events import EventType
from faldone.pipeline.search.asking import Asker, Question, Reply, query_of, reply
from faldone.pipeline.search.find import Found, Seen
from faldone.pipeline.search.like import like
from faldone.search.index import Facet
from faldone.search.query import Sort
from faldone.web.caller import Caller
from faldone.web.rules import Requires

_FARTHEST = 1_000_000

Searcher = Annotated[Caller, Depends(Requires(Ability.SEARCH))]
Exporter = Annotated[Caller, Depends(Requires(Ability.EXPORT))]
Typed = Annotated[str, Form(max_length=1_000)]
"""What somebody typed into a box."""


def asker_of(caller: Caller) -> Asker:
    """As whom a caller asks: only about the person at the counter, while one is pinned."""
    opened = frozenset(reason.subject for reason in caller.reasons)
    if caller.pinned is None:
        return Asker.reserved(caller.access, opened=opened)
    access = caller.access_to(caller.pinned)
    if any(reason.subject == caller.pinned for reason in caller.reasons):
        return Asker(access, access, caller.pinned)
    return Asker.reserved(access, caller.pinned, opened)


def ask_as(caller: Caller, question: Question, facets: Sequence[Facet], subject: str, *, aside: bool = True) -> Reply:
    """The answer to a caller's question; that it was asked is on record, and how much it showed, but no word of it.

    Raises:
        QuerySyntaxError: it is none, or its cursor is not of this search.
        IndexUnavailableError: the index does not answer, or has to be rebuilt.
    """
    asker, ports = asker_of(caller), caller.site.ports
    query = query_of(question, asker, ports)
    made = reply(query, asker, ports, lambda: caller.site.book, facets, cards=aside, meant=aside)
    caller.record(
        EventType.SEARCH_RUN,
        subject,
        documents=made.answer.total,
        shown=len(made.answer.found),
        persons=len(made.cards),
        narrowed=",".join(sorted(facet.value for facet, values in question.narrowed.items() if values)),
        counter=caller.pinned,
    )
    return made


def beyond(caller: Caller, told: Reply) -> str | None:
    """The place behind the documents of an answer; None at the end.

    A cursor holds the name or the date of the last of them: where that is not to be told, or stands in an address, the
    place is counted.
    """
    asker, query = asker_of(caller), told.query
    if told.answer.after is None or (query.sort is not Sort.DOSSIER and asker.told == asker.access):
        return told.answer.after
    return str(query.offset + query.limit) if query.offset + query.limit <= _FARTHEST else None


def place(after: str) -> tuple[str | None, int]:
    """A place as it was told: the cursor, or how many documents are before it."""
    counted = after.isascii() and after.isdecimal()
    return (None, min(int(after), _FARTHEST)) if counted else (after or None, 0)


def like_as(caller: Caller, document: Document) -> tuple[Found, ...]:
    """The documents most like one that the caller has opened; on record as a search from that document.

    No closed one is among them: that it is like a paper tells what it says.

    Raises:
        IndexUnavailableError: the index does not answer, or has to be rebuilt.
    """
    answer = like(document.id, asker_of(caller).access, caller.site.ports, of=caller.pinned)
    found = tuple(one for one in answer.found if not is_closed(caller, one))
    caller.record(EventType.SEARCH_RUN, document.id, documents=answer.total, shown=len(found), like=True)
    return found


def kept_by(caller: Caller) -> tuple[SavedSearch, ...]:
    """The searches that the account keeps; none at the counter: their names may be of others."""
    return caller.site.ports.catalog.saved_searches(caller.account.name) if caller.pinned is None else ()


def is_closed(caller: Caller, found: Found | Seen) -> bool:
    """Whether nothing of a document may be told before a reason is given."""
    return caller.needs_reason(found.record)
