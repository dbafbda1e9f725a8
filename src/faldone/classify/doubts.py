"""What keeps a holder from being filed without a person's look: how the identity was proved, what speaks against.

A bare name proves little: most of the wrong filings of a first measurement, on papers of another hand, were namesakes
of a person of the register who were not in it themselves.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Final

from rapidfuzz.distance import Hamming

from faldone.classify import codice_fiscale as cf
from faldone.classify.dates import day_and_month
from faldone.classify.lexicon import given_names
from faldone.classify.normalise import fold, name_words, with_tilde
from faldone.classify.persons.candidates import Candidate
from faldone.classify.persons.damaged import is_like
from faldone.classify.persons.mention import CodeReading, Mention
from faldone.classify.persons.told import is_of_the_comune_in_charge, told_of
from faldone.classify.persons.words import PARTICLES
from faldone.classify.register import PersonRegister
from faldone.domain.person import Origin, Person
from faldone.domain.reasons import Reason

ADULT_YEARS: Final = 18
PROVED_ALONE: Final = frozenset({"code-name", "name-birth-alone", "cf", "name-birth"})
"""Proofs by two witnesses, of this paper or of this one and another: an identity where no register can be asked."""

_SURE_WORD: Final = 0.6
_SURE_WORD_AMONG_NAMESAKES: Final = 0.85
_SURE_WORD_ALONE: Final = 0.85
_SURE_WORD_ONCE: Final = 0.95
_MOST_NAMESAKES: Final = 0.02
"""With more namesakes to be expected outside the register, a bare name is not filed."""

_MOST_NAMESAKES_UNTOLD: Final = 0.005
"""The same where nothing is said beside the name: surnames and given names of one people go together, and so the
shares of both, taken as independent, say too little."""

_MOVED: Final = 0.005
"""How likely a namesake on record who lives elsewhere today lived there when the paper was written."""

_YEARS_OF_BIRTH: Final = 20
"""So many times fewer namesakes are left where the paper tells the year of birth, give or take one."""

_YOUNGEST_PARENT: Final = 14
_OLDEST_PARENT: Final = 65
_OLD_YEARS: Final = 3
"""A date behind a name and this much older than the paper is perhaps the birth date that «nato» was lost before."""

_YOUNG_UNTIL: Final = 21
_PUPIL_UNTIL: Final = 25
_PUPILS: Final = frozenset({"diagnosi_funzionale"})
_OF_MINORS: Final = frozenset({"decreto_tm", "progetto_affido"})
_BIRTH_PAPERS: Final = frozenset(
    {"documento_identita", "permesso_soggiorno", "tessera_sanitaria", "stato_famiglia", "isee"}
    | {"verbale_104", "verbale_invalidita"}
)
"""They always give the birth date: a name without it there is a date that was not read."""

_NAME_LETTERS: Final = 6
_PLACE: Final = slice(11, 15)
_BIRTH_REACH_CHARS: Final = 60
_FIELDS_REACH_CHARS: Final = 160
_STATED_BIRTH: Final = re.compile(r"\W{0,6}(?:nat[oa]\b|n\.)[^\n]*?\b((?:19|20)[0-9]{2})\b")
_STATED_DAY: Final = re.compile(r"\W{0,6}(?:nat[oa]\b|n\.)([^\n]*)")
_STATED_IN_A_FIELD: Final = re.compile(
    r"[^\n]{0,40}(?:\n(?![^\n]*\bnome\b)[^\n]*){0,2}?"
    r"\n\W*(?:(?:luogo e )?data di nascita|nat[oa])\b[^\n]*?\b((?:19|20)[0-9]{2})\b"
)

_KIN: Final = (
    r"(?:figli[oaie]|nipot[ei]|marito|mogli[e]?|coniuge|consorte|madre|mamma|padre|nascitur[oa]|sorella|fratello|"
    r"suocer[oa]|zi[oa]|nonn[oa]|convivente|compagn[oa])"
)
_KIN_OF: Final = re.compile(
    rf"\b{_KIN}(?: minor[ei]| nascitur[oa])? (?:d[il1]|de[il]|della|dello|del/la) (?:sig\S{{0,6}} )?$"
)
_KIN_CHARS: Final = 40
_OWN: Final = r"(?:(?:il|la|lo|l['’]|mi[oa]|su[oa]|propri[oa])\s+){0,2}"
_FOR_KIN: Final = re.compile(
    rf"\b(?:(?:per|[ai]n? favore (?:di|del|della)|assistit[oa]\W+)\s*{_OWN}"
    rf"|del(?:la)?\s+|di\s+(?:su|propri)[oa]\s+){_KIN}\b|\({_KIN}\)|\bvicin[oa] di casa (?:di|del|della)\b"
)
_OF_A_MINOR: Final = re.compile(r"\bminore\W+(?:cognome\W+)?(?:e nome\W+)?$")
_OF_A_PARENT: Final = re.compile(r"del(?:la)?\s+(?:madre|mamma|padre)")
_ASKED_FOR: Final = frozenset(
    {"domanda_accesso", "corrispondenza", "segnalazione", "scheda_accesso", "delega", "fattura_retta"}
    | {"contratto_servizio", "consenso_privacy"}
)
"""Papers that somebody writes or is heard for, perhaps for somebody else."""

_MINOR_CUE: Final = re.compile(r"\bminor[ei]\b|\bminorenn|\bbambin")
_PUPIL_CUE: Final = re.compile(r"\balunn|\bstudent")


def age(birth: dt.date, on: dt.date) -> int:
    """Full years on a day."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def doubts_of(
    candidate: Candidate,
    kind: str | None,
    register: PersonRegister,
    *,
    on: dt.date,
    parents: Sequence[Candidate] = (),
) -> list[Reason]:
    """What keeps one holder from being filed by itself.

    Args:
        candidate: the holder.
        kind: the document's type, if known.
        register: the persons known to the office.
        on: the day of the paper.
        parents: those whom the paper calls a parent.
    """
    doubts: list[Reason] = []
    stranger = candidate.person is None or candidate.person.origin is Origin.FOUND
    if stranger and register.imported and not _is_surely_a_stranger(candidate, register, on):
        doubts.append(Reason.HOLDER_NOT_IN_REGISTER)
    if _are_initials(candidate) and not candidate.vouched:
        doubts.append(Reason.INITIALS_ALONE)
    elif candidate.how == "ambiguous":
        doubts.append(
            Reason.CF_REPAIRED if candidate.cf_raw and not len(candidate.namesakes) > 1 else Reason.HOLDER_UNSURE
        )
    elif candidate.how == "conflict":
        doubts.append(Reason.HOLDER_UNSURE)
    elif candidate.person is None:
        if candidate.how not in PROVED_ALONE or not _read_surely(candidate, on):
            doubts.append(Reason.HOLDER_UNSURE)
    elif candidate.how == "name" and (
        not _is_read_apart(candidate, candidate.person, register)
        or _spoken_against(candidate, candidate.person, kind, on)
    ):
        doubts.append(Reason.HOLDER_UNSURE)
    elif candidate.person.origin is Origin.FOUND:
        # Who is only known from papers is as sure as this paper's own proofs: nobody ever said that he is the only one.
        if candidate.how == "name":
            if not candidate.vouched or candidate.namesakes:
                doubts.append(Reason.NAME_ALONE)
        elif not _is_that_one(candidate, candidate.person) and (
            candidate.how not in PROVED_ALONE or not _read_surely(candidate, on)
        ):
            doubts.append(Reason.HOLDER_UNSURE)
        if candidate.person.cf is None and _is_perhaps_misread(candidate.person, register):
            doubts.append(Reason.HOLDER_UNSURE)
    elif candidate.how in ("name-respelt", "birth-name"):
        doubts.append(Reason.HOLDER_UNSURE)
    elif candidate.how == "name":
        # Papers of namesakes are put into each other's folders: lying beside one says who is meant first, no more.
        vouched = candidate.vouched and not candidate.namesakes
        if not vouched and _is_namesake_likely(candidate, candidate.person, register, on, parents):
            doubts.append(Reason.NAME_ALONE)
    elif _contradicted(candidate, candidate.person, register) or _is_named_otherwise(candidate, candidate.person):
        doubts.append(Reason.HOLDER_UNSURE)
    if _is_of_kin(candidate) or (kind in _ASKED_FOR and _is_for_kin(candidate)):
        doubts.append(Reason.HOLDER_UNSURE)
    return list(dict.fromkeys(doubts))


def _are_initials(candidate: Candidate) -> bool:
    """Whether the paper hides the person behind initials; a user's number is not one of those that others share."""
    return candidate.how in ("initials", "ambiguous") and all(
        mention.hidden and not mention.name.isdigit() for mention in candidate.mentions
    )


def _is_read_apart(candidate: Candidate, person: Person, register: PersonRegister) -> bool:
    """Whether the name is read well enough: Mario and Maria are one letter apart, and their letters must be sure."""
    named = [mention for mention in candidate.mentions if mention.words]
    surest = max((mention.sureness for mention in named), default=0.0)
    return surest >= (_SURE_WORD_AMONG_NAMESAKES if register.near_namesakes(person) else _SURE_WORD)


def _is_surely_a_stranger(candidate: Candidate, register: PersonRegister, on: dt.date) -> bool:
    """Whether the paper proves somebody whom the imported register does not have, and nobody in it is like that.

    Boxes of twenty years hold the papers of many who are in today's register no more. A code that is a misread one of
    the register's, a name that somebody there bears, or the day of birth of somebody with a word of the name, is for a
    person to tell apart; and a child is made known by its code or by a person. How surely name and birth were read is
    asked besides (:func:`_read_surely`).
    """
    named = [mention for mention in candidate.mentions if mention.words]
    alike = [person for mention in named for person in register.by_name(mention.words).persons]
    if candidate.how in ("name-birth-alone", "name-birth") and candidate.birth is not None:
        if age(candidate.birth, on) < ADULT_YEARS:
            return False
        alike += _like_born_then(candidate, candidate.birth, register)
        return all(person is candidate.person for person in alike)
    if candidate.how not in ("code-name", "cf") or candidate.cf is None:
        return False
    alike += [person for person, _ in register.near_cf(candidate.cf)]
    if candidate.birth is not None:
        alike += _like_born_then(candidate, candidate.birth, register)
    return all(person.origin is Origin.FOUND and person.cf == candidate.cf for person in alike)


def _like_born_then(candidate: Candidate, birth: dt.date, register: PersonRegister) -> list[Person]:
    """Those born that day with a word of the name: a married name has the given name of the one on record."""
    return [
        person for person in register.by_birth(birth) if not candidate.words.isdisjoint(name_words(person.display_name))
    ]


def _is_perhaps_misread(person: Person, register: PersonRegister) -> bool:
    """Whether somebody else on record was born that day and has a name like that of one who was found by a name alone.

    A letter that was misread («Cedefio» for Cedeño) makes another person of the same one.
    """
    if person.birth_date is None:
        return False
    words = name_words(person.display_name)
    return any(
        is_like(words, name_words(other.display_name))
        for other in register.by_birth(person.birth_date)
        if other.id != person.id
    )


def _is_that_one(candidate: Candidate, person: Person) -> bool:
    """Whether another paper has proved the person by a valid code, and this one gives two things that fit it."""
    return person.cf is not None and candidate.how in ("name-birth", "cf-repaired")


def _read_surely(candidate: Candidate, on: dt.date) -> bool:
    """Whether the paper's own two witnesses are read well enough to make a person of them.

    A code checks itself and the consonants of the name; a name and a birth date are only as good as their letters.
    """
    if candidate.how in ("code-name", "cf"):
        return _is_code_sure(candidate, on)
    if len(candidate.words - PARTICLES) < 2 or candidate.words <= given_names():
        return False
    if candidate.words.isdisjoint(given_names()):
        return False  # of «LODI RIZZINI» the given name was perhaps lost
    if any(with_tilde(word) for word in candidate.words - given_names()):
        return False  # «CEDEFIO», «CEDENIO» is perhaps «CEDEÑO»
    named = [mention for mention in candidate.mentions if frozenset(mention.words) == candidate.words]
    surest = max((mention.sureness for mention in named), default=0.0)
    born = max((mention.birth_sureness for mention in candidate.mentions), default=0.0)
    needed = _SURE_WORD_ALONE if candidate.agreeing > 1 else _SURE_WORD_ONCE
    return min(surest, born) >= needed


def _is_code_sure(candidate: Candidate, on: dt.date) -> bool:
    """Whether the code of somebody who is in no register is likely to be the one on the paper.

    One with letters for digits in places where none is issued with them is a misread one that passes by chance. One
    whose first letters were changed until they fitted the name says nothing of the name's own letters, and one whose
    check character was changed, too, is checked by nothing. A changed place needs the paper's word: where «MARCO» and
    «MRC» were misread alike, another comune is all that makes the check come out.
    """
    readings = [mention.code for mention in candidate.mentions if mention.code and mention.code.code == candidate.cf]
    born = told_of(candidate.mentions, on).born
    return any(
        cf.is_as_issued(reading.code) and (not reading.changes or _is_repair_sure(reading, born))
        for reading in readings
    )


def _is_repair_sure(reading: CodeReading, born: Sequence[str]) -> bool:
    raw, code = _letters(reading.raw), reading.code
    if (raw[:_NAME_LETTERS], raw[-1:]) != (code[:_NAME_LETTERS], code[-1:]):
        return False
    names = cf.birthplaces(code)
    return raw[_PLACE] == code[_PLACE] or any(place.startswith(name) for place in born for name in names)


def _letters(raw: str) -> str:
    return "".join(char for char in raw.upper() if char.isalnum())


def _contradicted(candidate: Candidate, person: Person, register: PersonRegister) -> bool:
    """Whether a birth date beside the name is not the register's (a code as read outweighs it, but a person looks).

    Where the code is as read, and the name is the person's, another digit in the date is a misread one, unless somebody
    of the name was born on that day.
    """
    known = person.birth_date
    stated = {mention.birth for mention in candidate.mentions if mention.birth is not None}
    if known is None or not stated or known in stated:
        return False
    named = any(person in mention.persons and mention.exact and not mention.trimmed for mention in candidate.mentions)
    if candidate.how != "cf" or not named:
        return True
    return any(
        Hamming.distance(day.isoformat(), known.isoformat()) > 1 or _like_born_then(candidate, day, register)
        for day in stated
    )


def _is_named_otherwise(candidate: Candidate, person: Person) -> bool:
    """Whether the names that stand with the person's code are all another's: a twin's, or of who typed the wrong code.

    A name badly read may be the person's; a given name that the person has not is none that was badly read.
    """
    named = [mention.words for mention in candidate.mentions if mention.code is not None and mention.words]
    names = (person.display_name, *person.aliases)
    known = [words for name in names for words in (fold(name).split(), name_words(name))]
    return bool(named) and not any(
        set(words) <= set(one) or set(one) <= set(words) or is_like(words, one, loosely=True)
        for words in named
        for one in known
    )


def _is_of_kin(candidate: Candidate) -> bool:
    """Whether the paper names the person to say whose relative it is about: «il nipote di MORETTI Ivo, nato il …»."""
    best = max(candidate.mentions, key=lambda mention: mention.score)
    before = best.reading.folded[max(best.start - _KIN_CHARS, 0) : best.start]
    return _KIN_OF.search(" ".join(before.split()) + " ") is not None


def _is_for_kin(candidate: Candidate) -> bool:
    """Whether a paper that somebody asks something by says that it is for a relative: «chiede il SAD per la madre».

    What a parent asks «in qualità di madre del minore ROSSI Luca» is the child's, and speaks «della madre».
    """
    best = max(candidate.mentions, key=lambda mention: mention.score)
    before = best.reading.folded[max(best.start - _KIN_CHARS, 0) : best.start]
    of_a_child = _OF_A_MINOR.search(before) is not None
    readings = {id(mention.reading): mention.reading for mention in candidate.mentions}
    return any(
        not of_a_child or _OF_A_PARENT.fullmatch(found.group()) is None
        for reading in readings.values()
        for found in _FOR_KIN.finditer(reading.folded)
    )


def _is_namesake_likely(
    candidate: Candidate, person: Person, register: PersonRegister, on: dt.date, parents: Sequence[Candidate]
) -> bool:
    """Whether somebody else may well be meant by the name, as far as nothing else on the paper tells them apart."""
    named = [mention for mention in candidate.mentions if mention.words]
    if all(len(mention.words) < 2 for mention in named):
        return True
    if not any(mention.exact and not mention.trimmed for mention in named):
        return True
    told = told_of(candidate.mentions, on)
    lives, born, then = told.witnesses(person)
    family: Sequence[Person] = ()
    in_charge = False
    if lives is None:
        family = _parents_at_home(person, parents)
        in_charge = is_of_the_comune_in_charge(candidate, person)
        lives = bool(family)
    if not lives and not _lives_there(candidate, person):
        return True
    if (candidate.namesakes or not lives) and not (born or then) and _is_a_minor(person, on):
        return True  # the comune in charge is too little: a namesake from elsewhere may be in its care
    expected = register.namesakes_expected(
        person,
        residence=lives or in_charge,
        birth_place=bool(born),
        family=1 + sum(name_words(one.surname) == name_words(person.surname) for one in family),
    )
    expected += _MOVED * len(candidate.namesakes)
    most = _MOST_NAMESAKES if lives or born or then else _MOST_NAMESAKES_UNTOLD
    return expected / (_YEARS_OF_BIRTH if then else 1) > most


def _is_a_minor(person: Person, on: dt.date) -> bool:
    return person.birth_date is None or age(person.birth_date, on) < ADULT_YEARS


def _parents_at_home(person: Person, parents: Sequence[Candidate]) -> list[Person]:
    """The parents on the paper whom the register has in the comune of the child, and of an age to be its parents."""
    grown = [
        one
        for parent in parents
        if any(mention.exact and not mention.trimmed for mention in parent.mentions)
        for one in ((parent.person,) if parent.person is not None else parent.namesakes)
    ]
    return [
        one
        for one in grown
        if one.residence
        and one.residence == person.residence
        and one.birth_date is not None
        and person.birth_date is not None
        and _YOUNGEST_PARENT <= age(one.birth_date, person.birth_date) <= _OLDEST_PARENT
    ]


def _lives_there(candidate: Candidate, person: Person) -> bool:
    """Whether the pages that name the person name the comune that the register has for them, too, if it has one."""
    if not person.residence:
        return True
    place = re.compile(rf"\b{re.escape(fold(person.residence))}\b")
    return any(place.search(mention.reading.folded) for mention in candidate.mentions)


def _stated_year(mention: Mention) -> int | None:
    """The year in «ROSSI MARIA, nata il 05.0.2003» and in a form's field, where the whole date was not read as one."""
    folded, end = mention.reading.folded, mention.end
    found = _STATED_BIRTH.match(folded, end, end + _BIRTH_REACH_CHARS) or _STATED_IN_A_FIELD.match(
        folded, end, end + _FIELDS_REACH_CHARS
    )
    return int(found[1]) if found is not None else None


def _stated_day(mention: Mention) -> tuple[int, int] | None:
    """The day and the month in «ROSSI MARIA, nata a Crema il 3 giugno 198», where the year was not read."""
    found = _STATED_DAY.match(mention.reading.folded, mention.end, mention.end + _BIRTH_REACH_CHARS)
    return day_and_month(found[1]) if found is not None else None


def _spoken_against(candidate: Candidate, person: Person, kind: str | None, on: dt.date) -> bool:
    """Whether the paper says something that does not fit the person whose bare name it gives."""
    birth = person.birth_date
    if kind in _BIRTH_PAPERS:
        return True
    if birth is None:
        return False
    if birth > on:
        return True
    years = age(birth, on)
    cues = " ".join(fold(mention.cue) for mention in candidate.mentions)
    if any(year != birth.year for mention in candidate.mentions if (year := _stated_year(mention)) is not None):
        return True
    if any(day != (birth.day, birth.month) for mention in candidate.mentions if (day := _stated_day(mention))):
        return True
    if years >= _YOUNG_UNTIL and (kind in _OF_MINORS or _MINOR_CUE.search(cues)):
        return True
    if years >= _PUPIL_UNTIL and (kind in _PUPILS or _PUPIL_CUE.search(cues)):
        return True
    return any(
        found != birth and age(found, on) >= _OLD_YEARS for mention in candidate.mentions for found in mention.dates
    )
