"""Whom a paper probably means that does not say it clearly: a guess for the reviewer, and never more than that.

Nothing is filed by a guess: the reasons that keep the paper in review stay with it, and its method and confidence say
that nobody was proved. A wrong guess costs a look, an empty field costs a search.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from rapidfuzz.distance import Hamming

from faldone.classify.normalise import name_words
from faldone.classify.persons.damaged import is_like
from faldone.classify.persons.words import PARTICLES
from faldone.classify.prior import PROVED_METHODS, is_sure, person_key
from faldone.domain.attribution import Attribution, Band, DocumentProposal, PersonMention, Role
from faldone.domain.reasons import Reason

NEIGHBOURS: Final = "person-neighbours"
"""The method of a holder whom the other documents of the file prove, by a paper that fits that person."""

_GUESS: Final = 0.5
_IN_THE_FILE: Final = PROVED_METHODS | {"person-code-name"}
_NAMED_HERE: Final = _IN_THE_FILE | {"person-name"}
_UNKNOWN: Final = frozenset(
    {"person-unknown", "person-ambiguous", "person-initials", "person-conflict", "person-name-birth-alone"}
)


def with_guesses(proposals: Sequence[DocumentProposal]) -> tuple[DocumentProposal, ...]:
    """The documents of a file, with somebody proposed where a paper in review names no known holder."""
    return tuple(_with_guess(proposals, index) for index in range(len(proposals)))


def _with_guess(proposals: Sequence[DocumentProposal], index: int) -> DocumentProposal:
    paper = proposals[index]
    if paper.band is not Band.REVIEW or Reason.COLLECTIVE_DOCUMENT in paper.reasons or len(paper.holders) > 1:
        return paper
    if not paper.holders:
        return _guessed(paper, _from_beside(proposals, index))
    read = paper.holders[0]
    if read.method not in _UNKNOWN or read.value.person is not None:
        return paper
    here = [
        person for person in paper.persons if person.method in _NAMED_HERE and _is_short_for(read.value, person.value)
    ]
    beside = (_proved(other) for place, other in enumerate(proposals) if place != index)
    fitting = _distinct((*here, *(one for one in beside if one is not None and _may_mean(read.value, one.value))))
    if len(fitting) != 1:
        return paper
    return _guessed(paper, replace(fitting[0], method=NEIGHBOURS, evidence=read.evidence))


def _guessed(paper: DocumentProposal, guess: Attribution[PersonMention] | None) -> DocumentProposal:
    if guess is None:
        return paper
    holder = replace(guess, value=replace(guess.value, role=Role.HOLDER), confidence=_GUESS, margin=1.0, runner_up=None)
    key = person_key(guess.value)
    others = [person for person in paper.persons if person.value.role is not Role.HOLDER]
    others = [person for person in others if person_key(person.value) != key]
    reasons = paper.reasons
    if holder.value.person is not None:
        # Who is guessed is on record.
        unsure = (Reason.HOLDER_UNSURE if it is Reason.HOLDER_NOT_IN_REGISTER else it for it in reasons)
        reasons = tuple(dict.fromkeys(unsure))
    return replace(paper, persons=(holder, *others), reasons=reasons)


def _from_beside(proposals: Sequence[DocumentProposal], index: int) -> Attribution[PersonMention] | None:
    """The person of the papers that touch one that names nobody: of both, or of one that is of the same service.

    A paper that tells nothing at all (the last page of another, a letterhead) goes with the one that it touches.
    Pages left out between two documents are a separator, and what lies behind one is not of the person before it.
    """
    paper = proposals[index]
    touching = [
        other
        for other in (*proposals[max(index - 1, 0) : index], *proposals[index + 1 : index + 2])
        if other.last_page + 1 == paper.first_page or paper.last_page + 1 == other.first_page
    ]
    proved = [(other, holder) for other in touching if (holder := _proved(other)) is not None]
    persons = _distinct(holder for _, holder in proved)
    if len(persons) != 1:
        return None
    agreed = paper.type is None or any(_same_service(paper, other) for other, _ in proved)
    return replace(persons[0], method=NEIGHBOURS, evidence=()) if len(proved) == 2 or agreed else None


def _same_service(one: DocumentProposal, other: DocumentProposal) -> bool:
    return one.service is not None and other.service is not None and one.service.value == other.service.value


def _proved(other: DocumentProposal) -> Attribution[PersonMention] | None:
    """The one holder whom another document of the file proves, or that was filed under nobody else."""
    if len(other.holders) != 1:
        return None
    holder = other.holders[0]
    known = is_sure(holder) or holder.value.cf is not None
    return holder if (other.band is Band.AUTO or holder.method in _IN_THE_FILE) and known else None


def _distinct(holders: Iterable[Attribution[PersonMention]]) -> list[Attribution[PersonMention]]:
    return list({person_key(holder.value): holder for holder in holders}.values())


def _is_short_for(read: PersonMention, known: PersonMention) -> bool:
    """Whether two names of one paper are one: who else it names may be of the same family, and have its surname."""
    words = name_words(read.name)
    return (
        len([word for word in words if word not in PARTICLES]) > 1
        and _births_agree(read.birth_date, known.birth_date)
        and is_like(words, name_words(known.name))
    )


def _may_mean(read: PersonMention, known: PersonMention) -> bool:
    """Whether what was read of a name, with its day of birth, may be of the person whom the file knows."""
    if not _births_agree(read.birth_date, known.birth_date):
        return False
    letters = [char for char in read.name if char.isalpha()]
    if read.name.count(".") >= len(letters) > 0:
        initials = [word[0] for word in name_words(known.name)]
        return len(letters) > 1 and all(initials.count(char.lower()) >= letters.count(char) for char in letters)
    told_apart = read.birth_date is not None and known.birth_date is not None
    return is_like(name_words(read.name), name_words(known.name), loosely=not told_apart)


def _births_agree(one: dt.date | None, other: dt.date | None) -> bool:
    return one is None or other is None or Hamming.distance(one.isoformat(), other.isoformat()) <= 1
