"""Whose dossier the document goes into, among the persons that it names.

Two plausible holders are for a person to decide (domain notes §6.11); siblings under one plural cue are all holders;
a list of many is nobody's. The best guess is kept for the reviewer, with the reasons that keep it from being filed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from faldone.classify import codice_fiscale as cf
from faldone.classify.doubts import ADULT_YEARS, PROVED_ALONE, age, doubts_of
from faldone.classify.lexicon import Service
from faldone.classify.normalise import fold, name_words
from faldone.classify.persons.candidates import Candidate
from faldone.classify.persons.fillers import only_fillers
from faldone.classify.persons.mention import Mention
from faldone.classify.persons.roles import subject_span
from faldone.classify.persons.told import NOTHING_BESIDE, Beside, tell_apart
from faldone.classify.reading import Reading
from faldone.classify.register import PersonRegister
from faldone.domain.attribution import Attribution, PersonMention, Role
from faldone.domain.reasons import Reason

# How sure an identity is by the way it was proved; a repaired code needs a witness to get here at all.
_IDENTITY: Final = {
    "cf": 0.999,
    "name-birth": 0.997,
    "cf-repaired": 0.99,
    "code-name": 0.99,
    "name": 0.98,
    "name-birth-alone": 0.97,
    "user-number": 0.9,
    "name-respelt": 0.85,
    "birth-name": 0.85,
    "initials": 0.6,
    "ambiguous": 0.45,
    "conflict": 0.6,
    "unknown": 0.75,
}
_BORNE_OUT: Final = 0.97
"""A user's number beside the initials, and either with a witness of its own."""

AUTO_HOLDER: Final = 0.88
_GUESS: Final = 0.5
_SUBJECT_FROM: Final = 0.9
_CUED_FROM: Final = 0.74
_NAMED_FROM: Final = 0.45
_NEAR_RIVAL: Final = 0.1
_ROWS_OF_A_LIST: Final = 5
_ABOUT_MINORS: Final = frozenset({"decreto_tm", "diagnosi_funzionale", "progetto_affido"})
_OFTEN_ABOUT_MINORS: Final = frozenset({"relazione_tribunale", "progetto_quadro", "pei", "segnalazione"})
"""Also written for grown persons (a disabled adult's PEI): about minors only where the paper says so."""

_MINOR_WORDS: Final = re.compile(r"\b(?:minor[ei]\b|minorenn|bambin[aoie]\b|alunn[aoie]\b|ragazz[aoie]\b)")
_PROVED: Final = frozenset({"cf", "name-birth", "cf-repaired"}) | PROVED_ALONE
_HOUSEHOLD: Final = frozenset({"isee", "stato_famiglia"})
_MANY_BY_NATURE: Final = _HOUSEHOLD | {
    "decreto_tm",
    "decreto_gt",
    "relazione_tribunale",
    "relazione_sociale",
    "scheda_accesso",
    "progetto_quadro",
}
_HOUSEHOLD_ROWS = re.compile(
    r"(?:^|\n)\W*(?:(?:composizione|componenti) (?:del|il) nucleo|nucleo famil[a-z]{3,5}\W*?\n)"
)
_ROW_RELATION: Final = re.compile(r"\W*(?:figli[oa]|nipote|fratello|sorella)\b")
_SEVERAL: Final = re.compile(
    r"risultano|iscritti\b|\bfigli[oae]?\b|\bconiuge|\bmoglie|\bmarito|\b(?:ma|pa)dre\b|\bconvivent|\n\W*2\W{1,3}[a-z]"
)
_DECLARANT: Final = re.compile(r"\bsottoscritt")
_ROW = re.compile(r"^\s*(?:[0-9]{1,4}\s*[.)°-]?\s+)?")
_SENTENCE_CHARS: Final = 700
_BORN: Final = re.compile(r"\bn(?:[a4o][tf][o0a4]\b|\. a\b)")
_CODE_LABEL: Final = re.compile(r"\bc\. ?f\b|\bcf\b|\bcod(?:ice|\.)\s*fisc")
_SENTENCE_END = re.compile(r"\bfigli[oae]?\s+d|\bgenitor|\bdifes|\brappresentat|\.\s*\n")
_PROFESSIONAL: Final = frozenset(
    {Role.AUTHOR, Role.SOCIAL_WORKER, Role.JUDGE, Role.LAWYER, Role.DOCTOR, Role.PROFESSIONAL}
)


@dataclass(frozen=True, slots=True)
class Holders:
    """The persons of a document with their roles, holders first, and what keeps the holders from being sure.

    ``likely`` is, where there is no holder, whom the reviewer is shown first: a guess, that is in ``persons`` as well.
    """

    persons: tuple[Attribution[PersonMention], ...]
    reasons: tuple[Reason, ...]
    births: tuple[dt.date, ...]
    confidence: float
    likely: Attribution[PersonMention] | None = None

    @property
    def with_likely(self) -> tuple[Attribution[PersonMention], ...]:
        """The persons with the likely one as the holder."""
        if self.likely is None:
            return self.persons
        holder = replace(
            self.likely,
            value=replace(self.likely.value, role=Role.HOLDER),
            confidence=_GUESS,
            method="person-likely",
            margin=1.0,
            runner_up=None,
        )
        return (holder, *(person for person in self.persons if person is not self.likely))


def is_list(pages: Sequence[Reading], mentions: Sequence[Mention], kind: str | None) -> bool:
    """Whether the pages are rows of persons: five lines or more that begin with one, numbered or dated."""
    if kind in _MANY_BY_NATURE:
        return False
    rows: set[tuple[int, int]] = set()
    codes: set[str] = set()
    for mention in mentions:
        reading = mention.reading
        line = reading.line_of(mention.start)
        start, end = reading.line_span(line)
        if mention.code is not None:
            codes.add(mention.code.code)
        lead = _ROW.sub("", reading.folded[start : mention.start])
        rest = reading.folded[mention.end : end]
        numbered = reading.folded[start : start + 1].isdigit()
        if len(lead) <= 3 and (numbered or re.search(r"[0-9]{2}", rest)):
            rows.add((reading.page, line))
    return len(rows) >= _ROWS_OF_A_LIST or (len(codes) >= _ROWS_OF_A_LIST and len({code[:3] for code in codes}) >= 4)


def choose_holders(
    candidates: Sequence[Candidate],
    kind: str | None,
    *,
    on: dt.date,
    register: PersonRegister,
    version: str,
    collective: bool,
    beside: Beside = NOTHING_BESIDE,
    service: Service | None = None,
) -> Holders:
    """The holders among the candidates.

    Args:
        candidates: the persons of the document.
        kind: the document's type, if known: papers about minors are not filed under their parents.
        on: the document's date, or the scan's: it tells minors from adults.
        register: asked for namesakes one letter away.
        version: the lexicon's version, for the attributions.
        collective: whether the paper is a list or of a collective type.
        beside: what the paper lies with.
        service: the paper's service, if known.
    """
    for candidate in candidates:
        tell_apart(candidate, beside, on, service, register)
        _weigh(candidate, on)
    about_minors = _is_about_minors(kind, candidates)
    if about_minors:
        _parents_step_back(candidates, on)
    reasons: list[Reason] = []
    chosen: list[Candidate] = []
    ranked = sorted(
        (item for item in candidates if item.score > 0),
        key=lambda item: (-item.score, -len(item.mentions), item.mentions[0].start),
    )
    if collective:
        reasons.append(Reason.COLLECTIVE_DOCUMENT)
    elif ranked:
        chosen = _pick(ranked, kind, on, reasons, about_minors=about_minors, imported=register.imported)
    if about_minors and chosen and _another_child(chosen, candidates, on):
        reasons.append(Reason.SEVERAL_HOLDERS)
    if not chosen and not collective:
        reasons.append(Reason.NO_HOLDER)
    for candidate in candidates:
        if candidate in chosen:
            candidate.role = Role.HOLDER
        elif candidate.role is Role.HOLDER:
            candidate.role = Role.CITED
    confidences = {id(item): _confidence(item, ranked, chosen) for item in candidates}
    parents = [item for item in candidates if item.role is Role.PARENT]
    for candidate in chosen:
        reasons.extend(doubts_of(candidate, kind, register, on=on, parents=parents))
        if _weakly_cued(candidate, candidates, on, about_minors=about_minors):
            reasons.append(Reason.HOLDER_UNSURE)
    if chosen and (_subject_is_another(chosen, candidates) or _child_without_a_role(chosen, candidates, on)):
        reasons.append(Reason.HOLDER_UNSURE)
    if any(confidences[id(item)] < AUTO_HOLDER for item in chosen) and not reasons:
        reasons.append(Reason.HOLDER_UNSURE)
    ordered = chosen + [item for item in candidates if item not in chosen]
    rival = next((item for item in ranked if item not in chosen), None)
    persons = tuple(_attribution(item, confidences[id(item)], rival, confidences, version) for item in ordered)
    births = tuple(item.birth for item in chosen if item.birth is not None)
    least = min((confidences[id(item)] for item in chosen), default=0.0)
    likely = None if chosen or collective else _likely(candidates)
    guess = persons[ordered.index(likely)] if likely is not None else None
    return Holders(persons, tuple(dict.fromkeys(reasons)), births, least, guess)


def _likely(candidates: Sequence[Candidate]) -> Candidate | None:
    """The one person whom a paper proves that says of nobody that it is theirs, nor what else the person is."""
    proved = [
        item
        for item in candidates
        if item.how in _PROVED and not any(mention.cue and mention.role is not Role.HOLDER for mention in item.mentions)
    ]
    return proved[0] if len(proved) == 1 and proved[0].role is Role.CITED else None


def _weigh(candidate: Candidate, on: dt.date) -> None:
    """Sets the candidate's holder score and role from all its mentions."""
    if candidate.person is not None and candidate.person.birth_date is not None:
        candidate.birth = candidate.person.birth_date
    elif candidate.birth is None and candidate.cf and len(candidate.cf) == cf.LENGTH:
        candidate.birth = cf.choose_birth_date(candidate.cf, on=on)
    holding = [mention for mention in candidate.mentions if mention.role in (Role.HOLDER, None)]
    most = max((len(mention.words) for mention in holding), default=0)
    other = [
        mention
        for mention in candidate.mentions
        # A short form deep in the text, read behind another's role, does not undo the full name in the subject.
        if mention.role not in (Role.HOLDER, None) and not (len(mention.words) < most and _is_cued(holding))
    ]
    best = max(holding, key=lambda mention: mention.score, default=None)
    candidate.score = best.score if best else 0.0
    candidate.group = best.group if best else None
    candidate.role = Role.HOLDER if best and best.role is Role.HOLDER else Role.CITED
    if other and candidate.score < _SUBJECT_FROM:
        roles = [mention.role for mention in other if mention.cue]
        said = roles[0] if roles else Role.AUTHOR
        signed_only = not roles
        if signed_only and candidate.score >= _CUED_FROM:
            return  # who asks also signs
        candidate.role = said or Role.CITED
        candidate.score = 0.0
    elif candidate.score and candidate.how == "cf" and candidate.score >= 0.5:
        candidate.score = min(candidate.score + 0.02, 0.95)


def _is_cued(mentions: Sequence[Mention]) -> bool:
    return any(mention.score >= _CUED_FROM for mention in mentions)


def _is_about_minors(kind: str | None, candidates: Sequence[Candidate]) -> bool:
    """Whether the paper is about children, by its type or by its type and its words."""
    if kind in _ABOUT_MINORS:
        return True
    readings = {id(mention.reading): mention.reading for item in candidates for mention in item.mentions}
    return kind in _OFTEN_ABOUT_MINORS and any(_MINOR_WORDS.search(reading.folded) for reading in readings.values())


def _weakly_cued(holder: Candidate, candidates: Sequence[Candidate], on: dt.date, *, about_minors: bool) -> bool:
    """Whether a holder stands on too little: no cue beside somebody else, or a grown person on a child's paper.

    The child's own name may be the one that the scanner lost.
    """
    if holder.score < _SUBJECT_FROM and about_minors:
        return holder.birth is None or age(holder.birth, on) >= ADULT_YEARS
    if _of_the_household_alone(holder):
        return True
    if holder.score >= _CUED_FROM:
        return False
    return any(item is not holder and item.role not in _PROFESSIONAL for item in candidates)


def _subject_is_another(chosen: Sequence[Candidate], candidates: Sequence[Candidate]) -> bool:
    """Whether «Oggetto: …» names persons, and none of the holders among them."""
    places = [(item, mention) for item in candidates for mention in item.mentions if mention.words]
    spans = {id(reading): subject_span(reading) for reading in {id(m.reading): m.reading for _, m in places}.values()}
    named = [
        item for item, at in places if (span := spans[id(at.reading)]) is not None and span[0] <= at.start < span[1]
    ]
    return bool(named) and not any(item in chosen for item in named)


def _child_without_a_role(chosen: Sequence[Candidate], candidates: Sequence[Candidate], on: dt.date) -> bool:
    """Whether a child is named or proved and no word says what it is to the grown persons who hold the paper.

    Of «La sottoscritta ROSSI MARIA, in qualità di [madre di BIANCHI LUCA, nato a] / Crema il 18.1.2008» the scanner may
    have lost the very words that say whose paper it is.
    """
    if any(item.birth is None or age(item.birth, on) < ADULT_YEARS for item in chosen):
        return False
    return any(
        item not in chosen
        and _may_be_a_child(item, on)
        and not any(mention.cue for mention in item.mentions)
        and not (_of_the_household_alone(item) and all(_row_says_what(mention) for mention in item.mentions))
        for item in candidates
    )


def _may_be_a_child(candidate: Candidate, on: dt.date) -> bool:
    """Whether somebody was a minor on the day of the paper, or may have been: a code does not say the century."""
    if candidate.birth is not None:
        days: Sequence[dt.date] = (candidate.birth,)
    else:
        days = cf.birth_dates(candidate.cf) if candidate.cf and len(candidate.cf) == cf.LENGTH else ()
    return any(day <= on and age(day, on) < ADULT_YEARS for day in days)


def _row_says_what(mention: Mention) -> bool:
    """Whether the row of the household says behind a name what its bearer is: «RAMOS Kimberly  figlia  06/06/1997»."""
    _, end = mention.reading.line_span(mention.reading.line_of(mention.start))
    return _ROW_RELATION.match(mention.reading.folded, mention.end, end) is not None


def _of_the_household_alone(holder: Candidate) -> bool:
    """Whether a form names a person only in the rows of the household: whose form it is stands above, and was lost."""
    for mention in holder.mentions:
        heading = _HOUSEHOLD_ROWS.search(mention.reading.folded)
        if heading is None or mention.start < heading.end():
            return False
    return True


def _another_child(chosen: Sequence[Candidate], candidates: Sequence[Candidate], on: dt.date) -> bool:
    """Whether a second child is named beside the holder, not as a brother or sister nor as a parent of sixteen.

    Perhaps both are meant.
    """
    return any(
        item not in chosen and item.role not in (Role.SIBLING, Role.PARENT) and _may_be_a_child(item, on)
        for item in candidates
    )


def _parents_step_back(candidates: Sequence[Candidate], on: dt.date) -> None:
    """On papers about minors an adult gives way where a minor is named («parents are parties, not owners»)."""
    minors = [item for item in candidates if item.birth and 0 <= age(item.birth, on) < ADULT_YEARS and item.score > 0]
    if not minors:
        return
    for item in candidates:
        grown = item.birth is not None and age(item.birth, on) >= ADULT_YEARS + 3
        # Under «i minori …» a grown person can only be a parent that the sentence went on to.
        if grown and (0 < item.score < _SUBJECT_FROM or item.group is not None):
            item.role, item.score = Role.PARENT, 0.0


def _pick(
    ranked: Sequence[Candidate],
    kind: str | None,
    on: dt.date,
    reasons: list[Reason],
    *,
    about_minors: bool,
    imported: bool,
) -> list[Candidate]:
    best = ranked[0]
    if kind in _HOUSEHOLD:
        return _pick_of_household(ranked, reasons, imported=imported)
    rivals = [item for item in ranked[1:] if item.score >= best.score - _NEAR_RIVAL]
    if best.score < _CUED_FROM and rivals and best.score < 0.6:
        # Names without any word that says what they are: with two of them nothing is chosen.
        reasons.append(Reason.SEVERAL_HOLDERS)
        return []
    together = [best]
    apart: list[Candidate] = []
    for item in rivals:
        joined = best.group is not None and item.group is not None and item.score >= _SUBJECT_FROM
        siblings = (
            about_minors and item.score >= _SUBJECT_FROM and best.score >= _SUBJECT_FROM and _siblings(best, item, on)
        )
        (together if joined or siblings else apart).append(item)
    if apart:
        reasons.append(Reason.SEVERAL_HOLDERS)
    elif best.group is not None and (len(together) == 1 or _more_were_named(together)):
        # «i minori …» with one name read: the others were lost, so the paper is not only this child's.
        reasons.append(Reason.SEVERAL_HOLDERS)
    return together


def _more_were_named(together: Sequence[Candidate]) -> bool:
    """Whether the sentence with the plural cue speaks of more persons than were read: more births, or more parts."""
    first = min((item.mentions[0] for item in together), key=lambda mention: (mention.reading.page, mention.start))
    cue = first.reading.folded.rfind(fold(first.cue), 0, first.start)
    if cue >= 0 and not only_fillers(first.reading.folded[cue + len(first.cue) : first.start], 1):
        return True  # a name stands behind the cue that was not read
    sentence = first.reading.folded[first.start : first.start + _SENTENCE_CHARS]
    end = _SENTENCE_END.search(sentence)
    sentence = sentence[: end.start()] if end else sentence
    if first.points > len(together):
        return True
    # «nato a» or «n. a» each, a code each, a part of the sentence each: of whatever the scanner left, the most counts.
    births, codes = len(_BORN.findall(sentence)), len(_CODE_LABEL.findall(sentence))
    return max(births, codes, sentence.rstrip(" ;,\n").count(";") + 1) > len(together)


def _pick_of_household(ranked: Sequence[Candidate], reasons: list[Reason], *, imported: bool) -> list[Candidate]:
    """A household's paper: the dossier's owner need not be the declarant (note on ISEE in the types).

    The declarant is the likeliest; of a household of which the register knows others, or where nobody can be asked who
    of them is a user, a person decides.
    """
    named = [item for item in ranked if item.score >= _SUBJECT_FROM]
    if len(named) == 1:
        return named
    best = ranked[0]
    if len(ranked) == 1 and best.how in _PROVED and not _of_several(best) and not _declarant_was_lost(best):
        best.score = max(best.score, _SUBJECT_FROM)
        return [best]
    known = [item for item in ranked if item.person is not None]
    if any(item is not best for item in known):
        reasons.append(Reason.SEVERAL_HOLDERS)
    if not imported or best.score < _CUED_FROM:
        reasons.append(Reason.HOLDER_UNSURE)
    return [best]


def _declarant_was_lost(candidate: Candidate) -> bool:
    """Whether a paper of somebody who declares names one person alone, and not as that one.

    Of «La sottoscritta [BIANCHI ANNA] … dichiara che il nucleo è così composto: ROSSI MARIO» a name was not read.
    """
    return candidate.score < _CUED_FROM and any(
        _DECLARANT.search(mention.reading.folded) for mention in candidate.mentions
    )


def _of_several(candidate: Candidate) -> bool:
    """Whether the pages of a household's paper speak of more than the one who was read."""
    return any(_SEVERAL.search(mention.reading.folded) for mention in candidate.mentions)


def _siblings(one: Candidate, other: Candidate, on: dt.date) -> bool:
    """Two minors with one surname."""
    young = all(item.birth is not None and age(item.birth, on) < ADULT_YEARS for item in (one, other))
    surnames = {
        "".join(name_words(item.person.surname)) if item.person is not None else "".join(name_words(item.name)[:1])
        for item in (one, other)
    }
    return young and len(surnames) == 1


def _confidence(candidate: Candidate, ranked: Sequence[Candidate], chosen: Sequence[Candidate]) -> float:
    """How sure the identity is, times how sure the role is."""
    identity = _IDENTITY[candidate.how]
    with_initials = candidate.how == "user-number" and len({mention.name for mention in candidate.mentions}) > 1
    if with_initials or (candidate.vouched and candidate.how in ("user-number", "initials")):
        identity = _BORNE_OUT
    score = candidate.score
    alone = not any(
        item is not candidate and item not in chosen and item.score >= score - _NEAR_RIVAL for item in ranked
    )
    if score >= _SUBJECT_FROM:
        role = 0.998
    elif score >= _CUED_FROM:
        role = 0.99
    elif score >= 0.6:
        role = 0.97
    elif score >= _NAMED_FROM:
        role = 0.95 if alone and (candidate.how in _PROVED or candidate.vouched) else 0.8
    else:
        role = 0.7
    return round(identity * role * (1.0 if alone else 0.75), 3)


def _attribution(
    candidate: Candidate, confidence: float, rival: Candidate | None, confidences: dict[int, float], version: str
) -> Attribution[PersonMention]:
    person = candidate.person
    value = PersonMention(
        candidate.role,
        candidate.name or (person.display_name if person else ""),
        cf=(person.cf if person else None) or candidate.cf,
        cf_raw=candidate.cf_raw,
        birth_date=candidate.birth,
        person=person.id if person else None,
    )
    mentions = sorted(candidate.mentions, key=lambda mention: (-mention.score, mention.reading.page, mention.start))
    proofs = []
    for mention in mentions[:3]:
        proofs.append(mention.evidence)
        if mention.code is not None and mention.words:
            proofs.append(
                mention.reading.evidence(
                    "cf", mention.code.start, mention.code.end, 1.0 if not mention.code.changes else 0.7
                )
            )
    if candidate.role is Role.HOLDER:
        namesake = candidate.namesakes[0].display_name if candidate.namesakes else None
        other = rival if rival is not candidate else None
        margin = 1.0 if other is None else round(max(confidence - confidences[id(other)], 0.0), 3)
        return Attribution(
            value,
            confidence,
            f"person-{candidate.how}",
            version,
            tuple(proofs),
            margin,
            other.name if other else namesake,
        )
    return Attribution(value, round(_IDENTITY[candidate.how], 3), f"person-{candidate.how}", version, tuple(proofs))
