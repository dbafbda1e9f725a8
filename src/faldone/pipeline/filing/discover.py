"""Persons found on papers come on record with the documents that prove them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from faldone.catalog.catalog import Work
from faldone.classify.discover import found_of
from faldone.classify.question import person_keys
from faldone.domain.attribution import Attribution, DocumentProposal, PersonMention, Role
from faldone.domain.reasons import Reason


def discover(
    proposals: Sequence[DocumentProposal], work: Work, at: dt.datetime
) -> tuple[tuple[DocumentProposal, ...], frozenset[str]]:
    """The proposals with the ids of those whom they prove, and the keys of those who became known by it.

    Papers that wait and name one of these, the new one among them, are to be looked at again once it is saved.
    """
    keys: set[str] = set()
    found = tuple(
        replace(
            proposal,
            persons=tuple(
                _on_record(person, Reason.HOLDER_UNSURE not in proposal.reasons, work, at, keys)
                for person in proposal.persons
            ),
        )
        for proposal in proposals
    )
    return found, frozenset(keys)


def _on_record(
    person: Attribution[PersonMention], sure: bool, work: Work, at: dt.datetime, keys: set[str]
) -> Attribution[PersonMention]:
    found = found_of(person, sure=sure) if person.value.role is Role.HOLDER else None
    known = work.find_or_add(found, at) if found is not None else None
    if known is None:
        return person
    on_record, is_news = known
    if is_news:
        keys |= person_keys(person.value)
    return replace(person, value=replace(person.value, person=on_record.id))
