"""Persons whom a paper proves by itself and who are not on record: an office without a register starts with them."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from faldone.classify.codice_fiscale import birth_dates, is_valid, name_code, surname_code
from faldone.classify.lexicon import given_names
from faldone.classify.normalise import name_words
from faldone.domain.attribution import Attribution, DocumentProposal, PersonMention
from faldone.domain.discovery import Found, SeveralAlikeError, completed, on_record
from faldone.domain.ids import PersonId
from faldone.domain.person import Origin, Person
from faldone.domain.reasons import Reason

CODE_AND_NAME: Final = "person-code-name"
"""The method of a mention with a code, valid as read, that fits the name beside it."""

NAME_AND_BIRTH: Final = "person-name-birth-alone"
"""The method of a mention with name and day of birth, both surely read, and no code."""

_MONTHS: Final = "ABCDEHLMPRST"
_FEMALE_DAYS: Final = 40
_TOKEN = re.compile(r"[^\s\-,;:./()]+")
# What a surname may begin with; «D'» and «LO» stand before more surnames than given names.
_PARTICLES: Final = frozenset(
    ["de", "di", "del", "della", "dello", "dei", "degli", "da", "dal", "dalla", "dall", "la", "lo", "li", "le"]
) | frozenset(["el", "al", "ben", "bin", "van", "von", "der", "den", "mc"])


def discoveries(proposals: Iterable[DocumentProposal]) -> tuple[Found, ...]:
    """The persons that these documents prove and nobody has on record, each once."""
    found = (
        found_of(holder, sure=Reason.HOLDER_UNSURE not in proposal.reasons)
        for proposal in proposals
        for holder in proposal.holders
    )
    return tuple(dict.fromkeys(one for one in found if one is not None))


def found_of(holder: Attribution[PersonMention], *, sure: bool = True) -> Found | None:
    """Whom the holder of a document was found to be; ``None`` for one on record, and for one who is not proven.

    Proven is a code that is valid as read and fits the name beside it, or what was surely read (``sure``): a name and a
    day of birth, or a code that had to be repaired. A code made whole by the name beside it proves nothing by itself,
    nor does one that another day of birth stands beside.
    """
    said = holder.value
    if said.person is not None or not _is_proven(holder, sure=sure):
        return None
    return as_found(said)


def as_found(said: PersonMention) -> Found | None:
    """A mention as somebody to be put on record, whatever proves it; ``None`` when it contradicts itself or lacks all.

    A code without a day of birth allows two centuries; the day is set only where the rules leave one.
    """
    days = birth_dates(said.cf) if said.cf is not None else ()
    if said.birth_date is not None:
        if days and said.birth_date not in days:
            return None
        days = (said.birth_date,)
    if not days or not name_words(said.name):
        return None
    surname, name = split_name(said.name, said.cf)
    code_days = tuple(part for day in days for part in _in_code(day)) if said.cf is None else ()
    return Found(surname, name, said.cf, days[0] if len(days) == 1 else None, days, code_days)


def _is_proven(holder: Attribution[PersonMention], *, sure: bool) -> bool:
    said = holder.value
    if holder.method == NAME_AND_BIRTH:
        return sure and said.cf is None and said.birth_date is not None and len(name_words(said.name)) > 1
    if holder.method != CODE_AND_NAME or said.cf is None or not is_valid(said.cf):
        return False
    as_read = "".join(char for char in (said.cf_raw or said.cf).upper() if char.isalnum()) == said.cf
    return as_read or sure


def _in_code(day: dt.date) -> tuple[str, str]:
    """How the code of a man and that of a woman born on the day write it."""
    month = f"{day.year % 100:02}{_MONTHS[day.month - 1]}"
    return f"{month}{day.day:02}", f"{month}{day.day + _FEMALE_DAYS:02}"


def split_name(name: str, cf: str | None = None) -> tuple[str, str]:
    """Surname and given name, in capitals, of a name as it stands on a paper, in whichever order.

    The code's letters settle it when there is a code that they fit; else the given names that everybody knows; and
    else the surname comes first, as on forms.
    """
    words = [token for token in _TOKEN.findall(name.upper()) if name_words(token)]
    cut = (_by_code(words, cf) if cf is not None else None) or _by_given_names(words)
    return " ".join(words[index] for index in cut), " ".join(
        words[index] for index in range(len(words)) if index not in cut
    )


def _by_code(words: list[str], cf: str) -> range | None:
    """The places of the surname's words by the code's six letters."""
    for cut in range(1, len(words)):
        for surname in (range(cut), range(cut, len(words))):
            family = "".join(words[index] for index in surname)
            given = "".join(words[index] for index in range(len(words)) if index not in surname)
            if surname_code(family) == cf[:3] and name_code(given) == cf[3:6]:
                return surname
    return None


def _by_given_names(words: list[str]) -> range:
    """The places of the surname's words by the given names among them."""
    count = len(words)
    folded = ["".join(name_words(word)) for word in words]
    given = [word in given_names() for word in folded]
    particles = [index for index, word in enumerate(folded) if word in _PARTICLES]
    if count < 2:
        return range(count)
    if particles and particles[0] > 0 and all(given[: particles[0]]):
        return range(particles[0], count)
    if given[0] and not given[-1] and 0 not in particles:
        first = next(index for index, known in enumerate(given) if not known)
        return range(first, count)
    # A particle belongs to the word behind it.
    least = 1
    while least - 1 in particles and least < count - 1:
        least += 1
    first = next((index for index in range(least, count) if given[index]), least)
    return range(first)


class FoundPersons:
    """What a catalog with no register holds after papers were read: the same rule, in memory."""

    def __init__(self) -> None:
        self._persons: dict[PersonId, Person] = {}
        self._by_cf: dict[str, PersonId] = {}
        self._by_day: dict[dt.date, dict[PersonId, None]] = defaultdict(dict)

    def find_or_add(self, found: Found) -> Person | None:
        """The person, added now if there is none; ``None`` when two are alike and no code tells."""
        of_code = [self._persons[self._by_cf[found.cf]]] if found.cf in self._by_cf else []
        of_day = {person: None for day in found.days for person in self._by_day.get(day, ())}
        try:
            known = on_record(found, of_code, [self._persons[person] for person in of_day])
        except SeveralAlikeError:
            return None
        if known is None:
            number = PersonId(f"u-{len(self._persons) + 1:012x}")
            known = Person(number, found.surname, found.name, found.cf, found.birth_date, origin=Origin.FOUND)
        known = completed(known, found)
        self._persons[known.id] = known
        if known.cf is not None:
            self._by_cf[known.cf] = known.id
        for day in (known.birth_date,) if known.birth_date is not None else found.days:
            self._by_day[day][known.id] = None
        return known

    def all(self) -> tuple[Person, ...]:
        """Everybody found so far, in the order of the finding."""
        return tuple(self._persons.values())
