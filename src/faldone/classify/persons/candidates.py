"""From the places where persons are named to the persons of the document, each with the best proof of who it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from rapidfuzz.distance import OSA, Hamming

from faldone.classify import codice_fiscale as cf
from faldone.classify.lexicon import given_names
from faldone.classify.normalise import name_words
from faldone.classify.persons.mention import Mention
from faldone.classify.persons.words import PARTICLES
from faldone.domain.attribution import Role
from faldone.domain.person import Person

_PROOF_ORDER: Final = (
    "cf",
    "name-birth",
    "cf-repaired",
    "code-name",
    "name-birth-alone",
    "name",
    "user-number",
    "name-respelt",
    "birth-name",
    "initials",
    "ambiguous",
    "conflict",
    "unknown",
)
_PLACEHOLDER: Final = frozenset({"xxx"})
_MISREAD_FROM: Final = 5
_CUED_FROM: Final = 0.74
_LIKE_CODE: Final = 3


@dataclass(slots=True)
class Candidate:
    """A person of the document, with every mention.

    ``how`` says by what the identity is known. With the register: ``cf``, ``name-birth``, ``cf-repaired``, ``name``,
    ``name-respelt``, ``birth-name`` (of a like name and born that day), ``user-number``, ``initials``. By two witnesses
    of the paper alone: ``code-name`` (a code whose letters are those of the name beside it) and ``name-birth-alone``.
    Not known: ``ambiguous`` (several persons fit), ``conflict`` (the paper says otherwise than the register) and
    ``unknown``. ``vouched`` says that what the paper lies with knows a person of this bare name.
    """

    how: str
    name: str
    person: Person | None
    cf: str | None = None
    cf_raw: str | None = None
    birth: dt.date | None = None
    mentions: list[Mention] = field(default_factory=list)
    namesakes: tuple[Person, ...] = ()
    score: float = 0.0
    role: Role = Role.CITED
    group: int | None = None
    vouched: bool = False

    @property
    def words(self) -> frozenset[str]:
        """The folded words of the name."""
        return frozenset(name_words(self.name))

    @property
    def agreeing(self) -> int:
        """How many places of the document read the name with the same words."""
        return sum(frozenset(mention.words) == self.words - _PLACEHOLDER for mention in self.mentions)


def gather(mentions: Sequence[Mention]) -> list[Candidate]:
    """The persons behind the mentions, in order of first mention."""
    keys: dict[str, Candidate] = {}
    pending: list[Mention] = []
    for mention in mentions:
        resolved = _resolve(mention)
        if resolved is None:
            pending.append(mention)
        else:
            _take(keys, resolved)
    candidates = _consolidated(list(keys.values()))
    keys = {_key(item): item for item in candidates}
    for mention in pending:
        owner = next((item for item in keys.values() if _same(item, mention)), None)
        if owner is not None:
            owner.mentions.append(mention)
            if owner.how == "birth-name" and _names_the_holder(mention, owner.person):
                owner.how = "name-birth"
        else:
            _take(keys, _by_name_only(mention))
    return sorted(keys.values(), key=lambda item: min((m.reading.page, m.start) for m in item.mentions))


def _names_the_holder(mention: Mention, person: Person | None) -> bool:
    """Whether a place bears the person's name whole, as of whom the paper is about."""
    whole = bool(mention.words) and mention.exact and not mention.trimmed and mention.persons == (person,)
    return whole and mention.role is Role.HOLDER and mention.score >= _CUED_FROM


def _take(keys: dict[str, Candidate], resolved: Candidate) -> None:
    key = _key(resolved)
    if key in keys:
        _merge(keys[key], resolved)
    else:
        keys[key] = resolved


def _key(candidate: Candidate) -> str:
    if candidate.person is not None:
        return f"person:{candidate.person.id}"
    if candidate.cf:
        return f"cf:{candidate.cf}"
    # Strangers of one name with two birth dates are two persons.
    apart = candidate.birth if candidate.how in ("conflict", "name-birth-alone") else ""
    return f"name:{' '.join(sorted(candidate.words))}:{apart}"


def _merge(held: Candidate, more: Candidate) -> None:
    held.mentions.extend(more.mentions)
    if _PROOF_ORDER.index(more.how) < _PROOF_ORDER.index(held.how):
        held.how = more.how
    held.cf, held.cf_raw = held.cf or more.cf, held.cf_raw or more.cf_raw
    held.birth = held.birth or more.birth
    held.name = held.name or more.name


def _consolidated(candidates: list[Candidate]) -> list[Candidate]:
    """A code that stands apart from its name (a form's boxes) and the name that it fits are one person."""
    kept: list[Candidate] = []
    coded = [item for item in candidates if item.cf is not None or item.person is not None]
    named = [item for item in candidates if item.cf is None and item.person is None]
    for item in named:
        owners = [
            owner
            for owner in coded
            if _births_agree(item, owner)
            and (
                _names_agree(item, owner, births=item.birth is not None and item.birth == owner.birth)
                if owner.name
                else owner.cf is not None and cf.fits_name(owner.cf, name_words(item.name))
            )
        ]
        if len(owners) == 1 and item.how != "conflict":
            if not owners[0].name and owners[0].how == "unknown":
                owners[0].how = "code-name"
            _merge(owners[0], item)
        else:
            kept.append(item)
    return coded + kept


def _births_agree(one: Candidate, other: Candidate) -> bool:
    if one.birth is not None and other.cf and len(other.cf) == cf.LENGTH and not other.birth:
        return one.birth in cf.birth_dates(other.cf)
    return one.birth is None or other.birth is None or one.birth == other.birth


def _names_agree(item: Candidate, owner: Candidate, *, births: bool) -> bool:
    """Whether one name is the other or the shorter form of it; a surname alone is only with the same ``births``."""
    least = 1 if births else 2
    one, other = item.words - _PLACEHOLDER, owner.words - _PLACEHOLDER
    if one == other:
        return bool(one)
    shorter, longer = (one, owner) if one < other else (other, item)
    return (
        shorter < longer.words
        and len(shorter - PARTICLES) >= least
        and (births or _is_short_form(shorter, longer.name))
    )


def _is_short_form(words: Collection[str], name: str) -> bool:
    """Whether the words may stand for the whole name: a first given name is never what a short form leaves out.

    «INZOLI CARLO» is not «INZOLI NICOLO' CARLO», who is perhaps his father.
    """
    given = [word for word in name_words(name) if word in given_names()]
    return not given or given[0] in words


def fits_birth(person: Person, birth: dt.date) -> bool | None:
    """Whether the register's person was born on that day; ``None`` when the register cannot tell."""
    if person.birth_date is not None:
        return person.birth_date == birth
    if person.cf and len(person.cf) == cf.LENGTH:
        return birth in cf.birth_dates(person.cf.upper())
    return None


def _resolve(mention: Mention) -> Candidate | None:
    """The person of a mention that has a code or a birth date of its own; ``None`` when there is only a name."""
    if mention.code is not None:
        found = _by_code(mention)
        if mention.code.changes and found.person is None and mention.birth is not None:
            # A code that was misread beyond repair does not undo a name and a birth date that the register has.
            by_birth = _by_birth(mention)
            if by_birth.how == "name-birth" and _like_code(by_birth.person, mention):
                by_birth.cf_raw = mention.code.raw
                return by_birth
        return found
    if mention.birth is not None and mention.words:
        return _by_birth(mention)
    return None


def _by_code(mention: Mention) -> Candidate:
    code = mention.code
    assert code is not None
    persons = code.persons

    def unsure(namesakes: tuple[Person, ...], name: str = "") -> Candidate:
        return Candidate("ambiguous", mention.name or name, None, None, code.raw, mention.birth, [mention], namesakes)

    if len(persons) == 1 and not code.alternatives:
        person = persons[0]
        if code.changes and not _witnessed(person, mention):
            return unsure(persons, person.display_name)
        how = "cf-repaired" if code.changes else "cf"
        birth = mention.birth or person.birth_date
        return Candidate(how, person.display_name, person, person.cf, code.raw, birth, [mention])
    if len(persons) > 1:
        return unsure(persons, persons[0].display_name)
    if code.changes and (code.alternatives or not mention.words):
        return unsure(())
    birth = mention.birth or _single(cf.birth_dates(code.code))
    # A valid code that the register does not have is somebody else, even where the name is in the register.
    born_then = mention.birth is not None and mention.birth in cf.birth_dates(code.code)
    proved = cf.fits_name(code.code, mention.words) and (code.changes == 0 or born_then)
    how = "code-name" if proved else "unknown"
    return Candidate(how, mention.name, None, code.code, code.raw, birth, [mention], mention.persons)


def _by_birth(mention: Mention) -> Candidate:
    birth = mention.birth
    assert birth is not None
    if not mention.persons:
        return Candidate("name-birth-alone", mention.name, None, None, None, birth, [mention])
    fitting = [person for person in mention.persons if fits_birth(person, birth)]
    untold = [person for person in mention.persons if fits_birth(person, birth) is None]
    if len(fitting) == 1:
        person = fitting[0]
        how = "birth-name" if mention.by_birth else "name-birth"
        return Candidate(how, person.display_name, person, person.cf, None, birth, [mention])
    if len(fitting) > 1 or untold:
        namesakes = tuple(fitting or untold)
        return Candidate("ambiguous", mention.name, None, None, None, birth, [mention], namesakes)
    # One digit of the date misread is likelier than a namesake; a person decides, with the right one before them.
    near = [person for person in mention.persons if _one_digit_apart(person.birth_date, birth)]
    if len(near) == 1 and not mention.trimmed:
        person = near[0]
        return Candidate("conflict", person.display_name, person, person.cf, None, birth, [mention], mention.persons)
    return Candidate("conflict", mention.name, None, None, None, birth, [mention], mention.persons)


def _one_digit_apart(known: dt.date | None, read: dt.date) -> bool:
    return known is not None and Hamming.distance(known.isoformat(), read.isoformat()) == 1


def _like_code(person: Person | None, mention: Mention) -> bool:
    """Whether the code on the page may be a misreading of the person's."""
    if person is None or not person.cf or mention.code is None:
        return True
    read = "".join(char for char in mention.code.raw.upper() if char.isalnum())
    return OSA.distance(read, person.cf.upper()) <= _LIKE_CODE


def _witnessed(person: Person, mention: Mention) -> bool:
    """Whether the name or the birth date on the page bears out a repaired code."""
    if mention.birth is not None and fits_birth(person, mention.birth):
        return True
    return bool(mention.words) and (
        person in mention.persons or bool(set(mention.words) & set(name_words(person.surname)))
    )


def _single(dates: Sequence[dt.date]) -> dt.date | None:
    return dates[0] if len(dates) == 1 else None


def _same(candidate: Candidate, mention: Mention) -> bool:
    """Whether a bare name is the person found elsewhere in the document with a better proof."""
    if mention.birth is not None and candidate.birth is not None and mention.birth != candidate.birth:
        return False
    if candidate.person is not None and any(person.id == candidate.person.id for person in mention.persons):
        return bool(mention.words) or mention.hidden
    if not mention.words:
        return False
    words = set(mention.words)
    known = set(candidate.words).union(*(other.words for other in candidate.mentions)) - _PLACEHOLDER
    if words <= known and (len(words - PARTICLES) >= 2 or words == known) and _is_short_form(words, candidate.name):
        return True
    proved = candidate.how in ("cf", "name-birth", "code-name")
    return proved and not mention.persons and _misread(mention.words, candidate.words)


def _misread(words: Sequence[str], known: Iterable[str]) -> bool:
    """Whether the words are the known name with one letter misread (not Mario for Maria: both are names)."""
    left = set(known) - _PLACEHOLDER
    odd = [word for word in words if word not in left]
    rest = left - set(words)
    if len(odd) != 1 or len(rest) != 1 or len(words) < 2:
        return False
    word, other = odd[0], next(iter(rest))
    if min(len(word), len(other)) < _MISREAD_FROM or (word in given_names() and other in given_names()):
        return False
    return bool(OSA.distance(word, other, score_cutoff=1) <= 1)


def _by_name_only(mention: Mention) -> Candidate:
    persons = mention.persons
    if len(persons) == 1 and not mention.trimmed:
        person = persons[0]
        if mention.hidden:
            how = "user-number" if mention.name.isdigit() else "initials"
        else:
            how = "name" if mention.exact else "name-respelt"
        return Candidate(how, person.display_name, person, person.cf, None, person.birth_date, [mention], ())
    if persons:
        return Candidate("ambiguous", mention.name, None, None, None, mention.birth, [mention], persons)
    return Candidate("unknown", mention.name, None, None, None, mention.birth, [mention])
