"""A person's decision laid over what the rules propose: settled fields stay settled, whatever the rules say later."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final, TypeVar

from faldone.classify.question import ABOUT_HOLDER
from faldone.domain.attribution import Attribution, Band, DocumentProposal, PersonMention, Role
from faldone.domain.decision import Decision
from faldone.domain.ids import PersonId
from faldone.domain.person import Person
from faldone.domain.reasons import Reason

DECIDED: Final = "decided"
"""The method of a value that a person gave; ``confirmed_by`` says who."""

_HELD: Final = frozenset({Reason.NO_TEXT, Reason.ALL_BLANK, Reason.WORKER_DIED})

T = TypeVar("T")


def fixed_starts(decisions: Iterable[Decision]) -> dict[int, bool]:
    """Where documents start by what was confirmed as a whole: by 0-based page, as ``decided`` boundaries."""
    starts: dict[int, bool] = {}
    for decision in decisions:
        if decision.whole is not None:
            span = decision.whole.span
            starts |= {page: page == span.start for page in span}
            starts.setdefault(span.stop, True)
    return starts


def settle(
    proposal: DocumentProposal, decision: Decision, by_id: Callable[[PersonId], Person | None]
) -> DocumentProposal:
    """The proposal as the decision leaves it.

    Args:
        proposal: what the rules say now.
        decision: what a person said of the document.
        by_id: the person of an id; one that was merged is found as the person it was merged into.
    """
    if decision.whole is not None:
        return replace(decision.whole, persons=tuple(_as_known(person, by_id) for person in decision.whole.persons))
    said = decision.settled
    reasons = set(proposal.reasons)
    persons = proposal.persons
    if said.holders is not None:
        holders = tuple(
            confirmed(mention_of(person), proposal, decision.by)
            for person in map(by_id, said.holders)
            if person is not None
        )
        named = {holder.value.person for holder in holders}
        others = (person for person in persons if person.value.role is not Role.HOLDER)
        persons = holders + tuple(person for person in others if person.value.person not in named)
        reasons -= ABOUT_HOLDER
    if said.not_of:
        gone = {known.id for person in said.not_of if (known := by_id(person)) is not None} | set(said.not_of)
        persons = tuple(
            person for person in persons if person.value.role is not Role.HOLDER or person.value.person not in gone
        )
    kind, service, date, protocol = proposal.type, proposal.service, proposal.date, proposal.protocol
    if said.type is not None:
        kind = confirmed(said.type, proposal, decision.by)
        reasons.discard(Reason.TYPE_UNSURE)
    if said.service is not None:
        service = confirmed(said.service, proposal, decision.by)
        reasons.discard(Reason.SERVICE_UNSURE)
    if said.date is not None:
        date = confirmed(said.date, proposal, decision.by)
    if said.protocol is not None:
        protocol = confirmed(said.protocol, proposal, decision.by)
    left = tuple(reason for reason in proposal.reasons if reason in reasons)
    if said.not_of and not any(person.value.role is Role.HOLDER for person in persons):
        left = (Reason.NO_HOLDER, *(reason for reason in left if reason is not Reason.NO_HOLDER))
    band = Band.AUTO if not left else Band.HOLD if reasons & _HELD else Band.REVIEW
    return replace(
        proposal, persons=persons, type=kind, service=service, date=date, protocol=protocol, reasons=left, band=band
    )


def confirm_whole(proposal: DocumentProposal, by: str) -> DocumentProposal:
    """The proposal with everything in it confirmed: nothing in it is in doubt any more."""

    def sure(value: Attribution[T] | None) -> Attribution[T] | None:
        return replace(value, confidence=1.0, margin=1.0, confirmed_by=value.confirmed_by or by) if value else None

    holders = tuple(
        replace(person, confidence=1.0, margin=1.0, confirmed_by=person.confirmed_by or by)
        for person in proposal.holders
    )
    others = tuple(person for person in proposal.persons if person.value.role is not Role.HOLDER)
    return replace(
        proposal,
        persons=holders + others,
        type=sure(proposal.type),
        service=sure(proposal.service),
        date=sure(proposal.date),
        protocol=sure(proposal.protocol),
        band=Band.AUTO,
        reasons=(),
        boundary=1.0,
    )


def confirmed(value: T, proposal: DocumentProposal, by: str) -> Attribution[T]:
    """A value that a person gave, with the proofs that the rules had for the same one."""
    known: tuple[Attribution[Any] | None, ...] = (
        proposal.type,
        proposal.service,
        proposal.date,
        proposal.protocol,
        *proposal.persons,
    )
    proofs = next((item.evidence for item in known if item is not None and _same(item.value, value)), ())
    return Attribution(value, 1.0, DECIDED, "", proofs, confirmed_by=by)


def mention_of(person: Person) -> PersonMention:
    """A person on record as the holder of a document."""
    return PersonMention(
        Role.HOLDER, f"{person.surname} {person.name}".strip(), person.cf, None, person.birth_date, person.id
    )


def _same(one: object, other: object) -> bool:
    if isinstance(one, PersonMention) and isinstance(other, PersonMention):
        return one.person is not None and one.person == other.person
    return one == other


def _as_known(
    person: Attribution[PersonMention], by_id: Callable[[PersonId], Person | None]
) -> Attribution[PersonMention]:
    """A confirmed person as the record has it now: merged with another, or completed by a code."""
    if person.value.person is None:
        return person
    known = by_id(person.value.person)
    if known is None or person.value.role is not Role.HOLDER:
        return person
    return replace(person, value=replace(mention_of(known), cf_raw=person.value.cf_raw))
