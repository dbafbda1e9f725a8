"""A decision that a paper is not somebody's, laid over what the rules propose."""

from __future__ import annotations

import datetime as dt

from faldone.classify.settle import settle
from faldone.domain.attribution import Band
from faldone.domain.decision import Decision, Settled
from faldone.domain.ids import DocumentId, PersonId
from faldone.domain.person import Person
from faldone.domain.reasons import Reason
from tests.small_archive import Paper, proposal

ROSSI = Person(PersonId("u-000000000001"), "Rossi", "Maria")
BIANCHI = Person(PersonId("u-000000000002"), "Bianchi", "Luca")
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def decided(*not_of: Person) -> Decision:
    said = Settled(not_of=tuple(person.id for person in not_of))
    return Decision(DocumentId("d-000000000001"), "mara", NOW, 1, said)


def test_a_paper_that_is_not_its_only_holders_waits_for_a_person() -> None:
    paper = proposal(Paper("x", [ROSSI], service="ADM", type="isee"))

    left = settle(paper, decided(ROSSI), lambda _: None)

    assert (left.holders, left.band, left.reasons) == ((), Band.REVIEW, (Reason.NO_HOLDER,))


def test_the_other_holder_stays() -> None:
    paper = proposal(Paper("x", [ROSSI, BIANCHI], service="ADM", type="isee"))

    left = settle(paper, decided(ROSSI), lambda _: None)

    assert [holder.value.person for holder in left.holders] == [BIANCHI.id]
    assert left.band is Band.AUTO


def test_who_stands_for_a_merged_person_is_meant_as_well() -> None:
    paper = proposal(Paper("x", [BIANCHI], service="ADM", type="isee"))

    assert settle(paper, decided(ROSSI), lambda _: BIANCHI).holders == ()
