"""What is known of a document before it is read: a cover sheet, the cover of the folder, a sidecar, the inbox.

None of it overrules the paper. A paper that names somebody else goes to a person; one that names nobody takes what a
printed sheet says as good, and everything else as a guess.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

from faldone.classify.holders import AUTO_HOLDER
from faldone.classify.lexicon import Lexicon, given_names
from faldone.classify.normalise import fold, name_words
from faldone.classify.persons.told import NOTHING_BESIDE, Beside
from faldone.classify.register import PersonRegister
from faldone.domain.attribution import Attribution, DocumentProposal, Evidence, PersonMention, Role
from faldone.domain.declared import Declared
from faldone.domain.person import Person
from faldone.domain.reasons import Reason
from faldone.domain.sheet import Sheet, in_groups

_SHEET_SURENESS: Final = 0.97
"""Both codes of a sheet are checked to the last letter; what is left is a sheet laid before the wrong stack."""

_DECLARED_SURENESS: Final = 0.9
PROVED_METHODS: Final = frozenset({"person-cf", "person-cf-repaired", "person-name-birth"})
VOUCHING_METHODS: Final = PROVED_METHODS | {"person-sheet", "person-sidecar"}
"""Who is known by more than a name: what lies in that folder and bears the same name is that person's."""

_SETTLED_BY_A_SHEET: Final = frozenset(
    {Reason.HOLDER_UNSURE, Reason.NAME_ALONE, Reason.INITIALS_ALONE, Reason.CF_REPAIRED}
)
_BY_NAME: Final = "person-name"
_PROVED_SURENESS: Final = 0.94
_GUESS: Final = 0.6
_SERVICE_GUESS: Final = 0.85
_FIRM_SERVICE: Final = 0.8


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known beforehand: holders and service with their proof, and a type and date that were declared.

    ``printed`` tells a sheet of ours in the same file from everything that is only a hint.
    """

    holders: tuple[Attribution[PersonMention], ...] = ()
    service: Attribution[str] | None = None
    type: str | None = None
    date: dt.date | None = None
    printed: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """The persons of a document with the prior taken in: which reasons it ``settled``, and which ``doubts`` it made."""

    persons: tuple[Attribution[PersonMention], ...]
    confidence: float
    settled: frozenset[Reason] = frozenset()
    doubts: tuple[Reason, ...] = ()


def sheet_prior(sheet: Sheet | None, page: int, register: PersonRegister, version: str) -> Prior | None:
    """The prior of a printed cover on the 0-based ``page``; None when the sheet is not known."""
    if sheet is None:
        return None
    proof = (Evidence("sheet", page, in_groups(sheet.token)),)
    person = register.by_id(sheet.person) if sheet.person is not None else None
    holders = () if person is None else (_holder(person, _SHEET_SURENESS, "person-sheet", version, proof),)
    service = (
        None if sheet.service is None else Attribution(sheet.service, _SHEET_SURENESS, "service-sheet", version, proof)
    )
    return Prior(holders, service, printed=True)


def outside_prior(
    carried: Sheet | None,
    declared: tuple[Declared, ...],
    service: str | None,
    register: PersonRegister,
    lexicon: Lexicon,
) -> Prior | None:
    """The prior from outside the file: what its sidecar says, the cover that came before it, its inbox; or None.

    A service that the lexicon does not know is none: a paper filed under it would be found by nobody.
    """
    version = lexicon.version
    persons = [person for said in declared if (person := _declared_person(said, register)) is not None]
    holders = tuple(_holder(person, _DECLARED_SURENESS, "person-sidecar", version, ()) for person in persons[:1])
    named_service = next((said.service for said in declared if said.service in lexicon.services), None)
    known = Attribution(named_service, _DECLARED_SURENESS, "service-sidecar", version) if named_service else None
    if carried is not None:
        sheet = sheet_prior(carried, 0, register, version)
        assert sheet is not None
        # The proof lies in another file, so no page of this one is shown.
        holders = holders or tuple(replace(item, evidence=()) for item in sheet.holders)
        known = known or (replace(sheet.service, evidence=()) if sheet.service is not None else None)
    if known is None and service is not None and service in lexicon.services:
        known = Attribution(service, _DECLARED_SURENESS, "service-inbox", version)
    kind = next((said.type for said in declared if said.type), None)
    date = next((said.date for said in declared if said.date), None)
    if not holders and known is None and kind is None and date is None:
        return None
    return Prior(holders, known, kind, date)


def paper_prior(cover: DocumentProposal, before: Prior | None) -> Prior:
    """The prior of a folder's own paper cover: a hint, since it was read and not checked; a printed sheet stays."""
    if before is not None and before.printed:
        return before
    return Prior(cover.holders, cover.service)


def with_prior_service(
    service: Attribution[str] | None, prior: Prior
) -> tuple[Attribution[str] | None, tuple[Reason, ...]]:
    """The service of a paper: its own where it surely names one, else that of the prior («used as prior for all»)."""
    known = prior.service
    if known is None or (service is not None and service.value == known.value):
        return service, ()
    if service is not None and service.confidence >= _FIRM_SERVICE:
        return service, ((Reason.SERVICE_UNSURE,) if prior.printed else ())
    if service is not None and not prior.printed:
        return service, ()
    factor = 1.0 if prior.printed else _SERVICE_GUESS
    guess = replace(known, confidence=round(known.confidence * factor, 3), margin=1.0, runner_up=None)
    return (guess if prior.printed else replace(guess, method="service-cover")), ()


def with_prior_holder(
    prior: Prior,
    persons: tuple[Attribution[PersonMention], ...],
    confidence: float,
    *,
    collective: bool,
    beside: Beside = NOTHING_BESIDE,
) -> Taken:
    """The persons of a paper behind a cover: one who agrees is surer, one who does not goes to a person.

    A list of many persons takes nothing from the cover: it does not become one person's paper by where it lay.

    Args:
        prior: what is known beforehand.
        persons: the paper's own, holders first.
        confidence: the least among the holders.
        collective: whether the paper is a list.
        beside: what the paper lies with.
    """
    if not prior.holders or collective:
        return Taken(persons, confidence)
    holders = [person for person in persons if person.value.role is Role.HOLDER]
    if not holders:
        if prior.printed:
            sure = min(item.confidence for item in prior.holders)
            return Taken(prior.holders + persons, sure, frozenset({Reason.NO_HOLDER}))
        guessed = tuple(
            replace(item, confidence=round(item.confidence * _GUESS, 3), method="person-cover")
            for item in prior.holders
        )
        return Taken(guessed + persons, confidence, doubts=(Reason.HOLDER_UNSURE,))
    if not any(_is_same(item.value, one.value) for item in holders for one in prior.holders):
        if not prior.printed and all(_stands_apart(item, prior, persons, beside) for item in holders):
            return Taken(persons, confidence)
        return Taken(persons, confidence, doubts=(Reason.HOLDER_UNSURE,))
    if prior.printed and len(holders) == 1:
        surer = max(confidence, min(item.confidence for item in prior.holders))
        raised = tuple(
            replace(item, confidence=surer, evidence=item.evidence + prior.holders[0].evidence)
            if item.value.role is Role.HOLDER
            else item
            for item in persons
        )
        return Taken(raised, surer, _SETTLED_BY_A_SHEET)
    if len(holders) == 1 and all(is_sure(item) and item.method in VOUCHING_METHODS for item in prior.holders):
        return Taken(persons, confidence, frozenset({Reason.NAME_ALONE}))
    return Taken(persons, confidence)


def _is_same(one: PersonMention, other: PersonMention) -> bool:
    """Whether two papers mean one person, also where a code was misread on one: by the name and the day of birth."""
    if person_key(one) == person_key(other):
        return True
    born_then = one.birth_date is not None and one.birth_date == other.birth_date
    return born_then and sorted(name_words(one.name)) == sorted(name_words(other.name))


def _stands_apart(
    holder: Attribution[PersonMention],
    prior: Prior,
    persons: tuple[Attribution[PersonMention], ...],
    beside: Beside,
) -> bool:
    """Whether a paper's own holder is proved and nothing sure in what came before says otherwise.

    A cover that was read badly proves nothing against a code. One of a person known for sure does, unless the paper
    explains why it lay there: brothers and sisters share a folder, whose owner the paper names or who has the surname.
    A paper put into another's folder lies there alone: where two in the file are of one person, whom one of them
    proves, it is the cover that lies wrong, or one that is missing.
    """
    if holder.confidence < _PROVED_SURENESS:
        return False
    if holder.method == _BY_NAME and holder.value.person in beside.persons:
        return True
    if holder.method not in PROVED_METHODS:
        return False
    if holder.value.person in beside.named:
        return True
    known = {person_key(item.value) for item in persons}
    surname = set(name_words(holder.value.name)) - given_names()
    return all(
        not is_sure(item)
        or person_key(item.value) in known
        or surname & (set(name_words(item.value.name)) - given_names())
        for item in prior.holders
    )


def is_sure(holder: Attribution[PersonMention]) -> bool:
    """Whether the prior's person is somebody on record, known well enough to be filed."""
    return holder.value.person is not None and holder.confidence >= AUTO_HOLDER


def with_declared(
    prior: Prior, kind: Attribution[str] | None, date: Attribution[dt.date] | None, lexicon: Lexicon
) -> tuple[Attribution[str] | None, Attribution[dt.date] | None]:
    """Type and date as the paper gives them, or as a sidecar declares them where the paper gives none."""
    if kind is None and prior.type is not None and prior.type in lexicon.types:
        kind = Attribution(prior.type, _GUESS, "type-sidecar", lexicon.version)
    if date is None and prior.date is not None:
        date = Attribution(prior.date, _GUESS, "date-sidecar", lexicon.version)
    return kind, date


def _holder(
    person: Person, confidence: float, method: str, version: str, proof: tuple[Evidence, ...]
) -> Attribution[PersonMention]:
    name = f"{person.surname} {person.name}".strip()
    mention = PersonMention(Role.HOLDER, name, person.cf, None, person.birth_date, person.id)
    return Attribution(mention, confidence, method, version, proof)


def _declared_person(said: Declared, register: PersonRegister) -> Person | None:
    """The one person of the register who is declared; nobody when it could be two."""
    if said.cf is not None:
        found = register.by_cf(said.cf.strip().upper())
    elif said.surname is not None and said.name is not None:
        found = register.by_name(name_words(f"{said.surname} {said.name}")).persons
    else:
        return None
    if said.birth_date is not None:
        found = tuple(person for person in found if person.birth_date == said.birth_date)
    return found[0] if len(found) == 1 else None


def person_key(mention: PersonMention) -> str:
    """By what two mentions are the same person: the id on record, else the code, else the folded name."""
    return str(mention.person) if mention.person else mention.cf or " ".join(sorted(fold(mention.name).split()))
