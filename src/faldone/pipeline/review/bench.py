"""The review bench: one document, one doubt at a time, the answers to choose from and the proof of each.

Nothing is decided that was not shown. A document with three doubts asks three times, and what was answered is carried
along as a :class:`Draft` until nothing is left open; only then does a decision go on record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from faldone.catalog.records import Document
from faldone.classify.discover import as_found, split_name
from faldone.classify.lexicon import Lexicon
from faldone.classify.normalise import name_words
from faldone.classify.question import ABOUT_HOLDER
from faldone.classify.register import PersonRegister
from faldone.classify.settle import DECIDED, settle
from faldone.domain.attribution import (
    Attribution,
    Band,
    DocumentProposal,
    Evidence,
    PersonMention,
    Protocol,
    Role,
)
from faldone.domain.decision import Decision, Settled
from faldone.domain.events import user_agent
from faldone.domain.page import Box
from faldone.domain.person import Person
from faldone.domain.reasons import Reason
from faldone.errors import UndecidableError
from faldone.pipeline.ports import Ports
from faldone.pipeline.review import bench_words as words
from faldone.pipeline.review.bench_words import Words

MOST_OPTIONS: Final = 9
"""As many as there are digits."""

_NOTHING: Final = Settled()
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NEAR_MARGIN: Final = 0.1
_GUESSES: Final = frozenset({"person-neighbours", "person-likely", "person-birth-name"})
"""How a holder was found whom the paper itself does not tell in full."""
_SHEETS: Final = frozenset({Reason.BOUNDARY_UNSURE, Reason.SEPARATOR_UNSURE, Reason.PAGE_MISSING, Reason.BLANK_INSIDE})
"""Doubts about which sheets belong together: a page in the wrong dossier is worth a key of its own."""

_OF_A_VALUE: Final = ABOUT_HOLDER | {Reason.TYPE_UNSURE, Reason.SERVICE_UNSURE, Reason.DATE_IMPOSSIBLE}


class Doubt(StrEnum):
    """What is asked, in the order in which it is asked."""

    HOLDER = "intestatario"
    TYPE = "tipo"
    SERVICE = "servizio"
    DATE = "data"
    SHEETS = "fogli"


_ANSWERS: Final = {
    Doubt.HOLDER: ABOUT_HOLDER,
    Doubt.TYPE: frozenset({Reason.TYPE_UNSURE}),
    Doubt.SERVICE: frozenset({Reason.SERVICE_UNSURE}),
    Doubt.DATE: frozenset({Reason.DATE_IMPOSSIBLE}),
    Doubt.SHEETS: _SHEETS,
}
"""The reasons that an answer to a doubt does away with."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What was answered so far: values that were said, and doubts of which the proposal is right."""

    settled: Settled = _NOTHING
    right: frozenset[Doubt] = frozenset()


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on a page that proves something. ``page`` is the 0-based index in the file; ``kind`` how it is drawn."""

    letter: str
    page: int
    quote: str
    box: Box | None
    kind: str


@dataclass(frozen=True, slots=True)
class Option:
    """One answer.

    Attributes:
        key: names it in a request.
        title: the value as people read it.
        facts: what tells it from others: day and place of birth, code.
        why: what speaks for it, and what is missing.
        proofs: where that stands.
        draft: what choosing it says.
        mention: a person of the paper who is on no record yet, and comes on it when chosen.
        ready: whether it can be chosen; ``why`` tells what is lacking.
    """

    key: str
    title: Words
    facts: str
    why: Words
    proofs: tuple[Mark, ...]
    draft: Draft
    mention: PersonMention | None = None
    ready: bool = True


@dataclass(frozen=True, slots=True)
class Value:
    """A value that nobody doubts, or that was answered a moment ago, on one line."""

    name: Words
    value: Words
    proofs: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What a form for somebody new is filled in with: what the paper says."""

    surname: str = ""
    name: str = ""
    birth_date: dt.date | None = None
    cf: str = ""


@dataclass(frozen=True, slots=True)
class Bench:
    """What one item shows.

    ``doubts`` are those still open, the one that is asked first; ``selected`` is what Enter accepts, None when a digit
    must be typed, which ``stop`` explains. ``nothing`` tells what to do where no answer can be chosen. ``notes`` are
    what else is to be looked at.
    """

    document: Document
    proposal: DocumentProposal
    draft: Draft
    doubts: tuple[Doubt, ...]
    options: tuple[Option, ...]
    selected: int | None
    stop: Words | None
    nothing: Words | None
    notes: tuple[Words, ...]
    sure: tuple[Value, ...]
    marks: tuple[Mark, ...]
    new_person: NewPerson

    @property
    def why_not(self) -> Words | None:
        """Why Enter alone accepts nothing, and what to press; None when it accepts what is selected."""
        return self.nothing or self.stop

    @property
    def doubt(self) -> Doubt | None:
        """What is asked; None when there is nothing left to ask."""
        return self.doubts[0] if self.doubts else None


def bench_of(document: Document, draft: Draft, ports: Ports) -> Bench:
    """What is shown of a document that the asker may see.

    Whoever settles papers is told of everybody on record who may be meant, by name, birth and code and nothing more:
    a namesake who is kept from them is how a paper gets into the wrong dossier.
    """
    register = ports.register()
    proposal = _with(document, draft, ports.clock(), register)
    doubts = doubts_of(document, proposal, draft, ports.lexicon)
    letters = _Letters()
    options: list[Option] = []
    stop: Words | None = None
    if doubts:
        options, stop = _Maker(proposal, draft, register, ports.lexicon, letters).options(doubts[0])
    if proposal.band is Band.HOLD and stop is None:
        stop = words.HELD
    first = next((number for number, option in enumerate(options[:1]) if option.ready), None)
    return Bench(
        document,
        proposal,
        draft,
        doubts,
        tuple(options[:MOST_OPTIONS]),
        first if stop is None else None,
        stop,
        words.NOTHING_PROPOSED[doubts[0]] if doubts and not any(option.ready for option in options) else None,
        _notes(proposal, draft, options),
        tuple(_sure(proposal, doubts, ports.lexicon, letters, register)),
        letters.marks(),
        _new_person(proposal),
    )


def chosen(bench: Bench, key: str, by: str, ports: Ports) -> Draft:
    """What choosing an answer says; a person of the paper who is on no record comes on it now, as found.

    Raises:
        UndecidableError: there is no such answer, or it cannot be chosen.
    """
    option = next((option for option in bench.options if option.key == key), None)
    if option is None or not option.ready:
        raise UndecidableError(
            "Questa risposta non si può scegliere. / This answer cannot be chosen.",
            hint="A altra persona, C nuova persona / A another person, C a new one",
        )
    if option.mention is None:
        return option.draft
    found = as_found(option.mention)
    if found is None:
        raise UndecidableError(" / ".join(words.UNPROVEN))
    with ports.catalog.begin() as work:
        known = work.find_or_add(found, ports.clock(), user_agent(by))
    if known is None:
        raise UndecidableError(
            "Due persone hanno questo nome e questa data di nascita. / Two persons have this name and day of birth."
        )
    return replace(option.draft, settled=replace(option.draft.settled, holders=(known[0].id,)))


def doubts_of(document: Document, now: DocumentProposal, draft: Draft, lexicon: Lexicon) -> tuple[Doubt, ...]:
    """What is still to be asked of a document, in order; ``now`` is its proposal as the draft leaves it."""
    reasons = set(now.reasons)
    kind = lexicon.types.get(now.type.value) if now.type is not None else None
    collective = kind is not None and kind.collective
    personal = kind is not None and kind.personal
    other = set(document.proposal.reasons)
    asked = {
        Doubt.HOLDER: bool(reasons & ABOUT_HOLDER) or not (now.holders or collective or draft.settled.holders == ()),
        Doubt.TYPE: Reason.TYPE_UNSURE in reasons or now.type is None,
        Doubt.SERVICE: Reason.SERVICE_UNSURE in reasons or not (now.service or personal),
        Doubt.DATE: Reason.DATE_IMPOSSIBLE in reasons and draft.settled.date is None,
        # A bad scan beside another doubt is looked at with it; where it is all there is, somebody says that it will do.
        Doubt.SHEETS: bool(reasons & _SHEETS) or (bool(other) and not other & _OF_A_VALUE),
    }
    return tuple(doubt for doubt in Doubt if asked[doubt] and doubt not in draft.right)


def _with(document: Document, draft: Draft, now: dt.datetime, register: PersonRegister) -> DocumentProposal:
    """The proposal as what was answered so far leaves it."""
    if draft.settled == _NOTHING:
        return document.proposal
    said = Decision(document.id, "", now, document.version, draft.settled)
    return settle(document.proposal, said, register.by_id)


def shown_name(mention: PersonMention, register: PersonRegister) -> str:
    """A person's name in one form, whatever the paper's: the register's, or as read in the register's capitals."""
    record = register.by_id(mention.person) if mention.person is not None else None
    return record.display_name if record is not None else mention.name.upper()


def _notes(proposal: DocumentProposal, draft: Draft, options: Sequence[Option]) -> tuple[Words, ...]:
    """What is to be looked at besides the answers; what was answered a moment ago is no more."""
    answered = frozenset[Reason]().union(*(_ANSWERS[doubt] for doubt in draft.right))
    if draft.settled.date is not None:
        answered |= _ANSWERS[Doubt.DATE]
    notes = []
    for reason in proposal.reasons:
        if reason in answered:
            continue
        if reason is Reason.CF_REPAIRED:
            notes.append(words.REPAIRED)
        elif reason is Reason.SEVERAL_HOLDERS:
            notes.append(_one_or_all(options))
        else:
            notes.append((reason.italian, reason.english))
    return tuple(notes)


def _one_or_all(options: Sequence[Option]) -> Words:
    """Of a paper of several persons: that a number is one dossier, and which number is all of them."""
    chosen_by = enumerate(options[:MOST_OPTIONS], 1)
    every = next((digit for digit, one in chosen_by if one.ready and one.why == words.ALL_DOSSIERS), None)
    if every is None:
        return words.ONE_DOSSIER
    return words.ONE_DOSSIER[0] + words.OR_ALL[0].format(every), words.ONE_DOSSIER[1] + words.OR_ALL[1].format(every)


def _new_person(proposal: DocumentProposal) -> NewPerson:
    holder = next((one.value for one in proposal.holders if one.value.person is None), None)
    if holder is None:
        return NewPerson()
    surname, name = split_name(holder.name, holder.cf)
    return NewPerson(surname, name, holder.birth_date, holder.cf or "")


class _Letters:
    """Gives every place on a page one letter, however many answers it speaks for."""

    def __init__(self) -> None:
        self._marks: dict[tuple[int, Box | None, str], Mark] = {}

    def of(self, evidence: Sequence[Evidence], kind: str, most: int = 3) -> tuple[Mark, ...]:
        """The marks of these proofs."""
        found = []
        for proof in evidence[:most]:
            place = (proof.page, proof.box, proof.quote)
            if place not in self._marks:
                letter = _LETTERS[len(self._marks)] if len(self._marks) < len(_LETTERS) else ""
                self._marks[place] = Mark(letter, proof.page, proof.quote, proof.box, kind)
            found.append(self._marks[place])
        return tuple(dict.fromkeys(found))

    def marks(self) -> tuple[Mark, ...]:
        """All that have a letter."""
        return tuple(mark for mark in self._marks.values() if mark.letter)


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the answers to one doubt."""

    proposal: DocumentProposal
    draft: Draft
    register: PersonRegister
    lexicon: Lexicon
    letters: _Letters

    def options(self, doubt: Doubt) -> tuple[list[Option], Words | None]:
        """The answers, best first, and why none of them is the default, if so."""
        if doubt is Doubt.HOLDER:
            return self._holders()
        if doubt is Doubt.TYPE:
            return self._codes(doubt, self.proposal.type), None
        if doubt is Doubt.SERVICE:
            return self._codes(doubt, self.proposal.service), None
        if doubt is Doubt.DATE:
            return [self._date()], None
        right = words.PAGES_RIGHT if set(self.proposal.reasons) & _SHEETS else words.RIGHT_AS_IT_IS
        return [Option("as-proposed", right, "", ("", ""), (), self._right(doubt))], None

    def _right(self, doubt: Doubt) -> Draft:
        return replace(self.draft, right=self.draft.right | {doubt})

    def _said(self, **fields: Any) -> Draft:
        return replace(self.draft, settled=replace(self.draft.settled, **fields))

    def _codes(self, doubt: Doubt, value: Attribution[str] | None) -> list[Option]:
        if value is None:
            return []
        known = self.lexicon.types if doubt is Doubt.TYPE else self.lexicon.services
        field = "type" if doubt is Doubt.TYPE else "service"
        proofs = self.letters.of(value.evidence, "value")
        title = _name(value.value, known)
        options = [Option("as-proposed", (title, title), value.value, words.PROPOSED, proofs, self._right(doubt))]
        if value.runner_up is not None and value.runner_up in known and value.runner_up != value.value:
            other = _name(value.runner_up, known)
            draft = self._said(**{field: value.runner_up})
            options.append(
                Option(f"{field}:{value.runner_up}", (other, other), value.runner_up, words.SECOND_BEST, (), draft)
            )
        return options

    def _date(self) -> Option:
        date = self.proposal.date
        title = f"{date.value:%d/%m/%Y}" if date is not None else ""
        proofs = self.letters.of(date.evidence, "date") if date is not None else ()
        return Option(
            "as-proposed",
            (title, title) if title else words.NO_DATE,
            "",
            words.PROPOSED if title else ("", ""),
            proofs,
            self._right(Doubt.DATE),
        )

    def _holders(self) -> tuple[list[Option], Words | None]:
        holders = self.proposal.holders
        options: list[Option] = []
        if holders:
            options.append(self._as_proposed(holders))
        if len(holders) > 1:
            options += [self._mentioned(holder) for holder in holders]
        elif Reason.SEVERAL_HOLDERS in self.proposal.reasons:
            options += self._with_siblings()
        held = {holder.value.person for holder in holders}
        for other in self.proposal.persons:
            if other.value.role in words.ROLES and other not in holders and (other.value.person or "") not in held:
                options.append(self._mentioned(other))
        if self._is_collective():
            options.append(Option("nobody", words.NOBODYS, "", ("", ""), (), self._said(holders=())))
        alike = {person: (why, proofs) for person, why, proofs in self._alike()}
        options += [
            Option(
                f"person:{one.id}",
                (one.display_name, one.display_name),
                _facts(one.birth_date, one.birth_place, one.cf),
                *alike[one],
                self._said(holders=(one.id,)),
            )
            for one in alike
        ]
        # What cannot be chosen stands last and takes no digit from what can.
        return sorted(_each_once(options), key=lambda option: not option.ready), self._stop(tuple(alike))

    def _with_siblings(self) -> list[Option]:
        """The holder together with the other children of the paper who are on record."""
        both = [one for one in self.proposal.persons if one.value.role in (Role.HOLDER, Role.SIBLING)]
        persons = [one.value.person for one in both if one.value.person is not None]
        if len(persons) < 2 or len(persons) < len(both):
            return []
        names = " + ".join(shown_name(one.value, self.register) for one in both)
        proofs = tuple(mark for one in both for mark in self.letters.of(one.evidence, "holder", 1))
        return [Option("together", (names, names), "", words.ALL_DOSSIERS, proofs, self._said(holders=tuple(persons)))]

    def _stop(self, alike: Sequence[Person]) -> Words | None:
        """Why Enter alone accepts nothing: a second person is as plausible, or this one is a guess."""
        holders = self.proposal.holders
        bearers = {frozenset(name_words(one.value.name)) for one in holders}
        if any(frozenset(name_words(one.display_name)) in bearers for one in alike):
            return words.TWO_PERSONS
        unsure = any(one.method in ("person-ambiguous", "person-conflict") for one in holders)
        near = any(one.runner_up is not None and one.margin < _NEAR_MARGIN for one in holders)
        if unsure or near or alike or Reason.SEVERAL_HOLDERS in self.proposal.reasons:
            return words.SEVERAL
        return words.GUESSED if any(one.method in _GUESSES for one in holders) else None

    def _as_proposed(self, holders: Sequence[Attribution[PersonMention]]) -> Option:
        draft = self._right(Doubt.HOLDER)
        if len(holders) == 1:
            made = self._mentioned(holders[0])
            return replace(made, key="as-proposed", draft=draft, mention=None)
        both = " + ".join(shown_name(holder.value, self.register) for holder in holders)
        proofs = tuple(mark for holder in holders for mark in self.letters.of(holder.evidence, "holder", 2))
        ready = all(_can_be_known(holder.value) for holder in holders)
        why = words.ALL_DOSSIERS if ready else words.UNPROVEN
        return Option("as-proposed", (both, both), "", why, proofs, draft, ready=ready)

    def _mentioned(self, one: Attribution[PersonMention]) -> Option:
        """Somebody whom the paper names."""
        said = one.value
        record = self.register.by_id(said.person) if said.person is not None else None
        kind = "holder" if said.role is Role.HOLDER else "other"
        ready = _can_be_known(said)
        how = (
            words.SAID_ALREADY if one.method == DECIDED else words.HOW.get(one.method.removeprefix("person-"), ("", ""))
        )
        role = words.ROLES.get(said.role, ("", ""))
        why = how if said.role is Role.HOLDER else (f"{role[0]}: {how[0]}", f"{role[1]}: {how[1]}")
        place = record.birth_place if record is not None else None
        place_on_paper = self.proposal.persons.index(one)
        name = shown_name(said, self.register)
        return Option(
            f"person:{said.person}" if said.person is not None else f"mention:{place_on_paper}",
            (name, name),
            _facts(said.birth_date, place, said.cf),
            why if ready else (f"{why[0]}. {words.UNPROVEN[0]}", f"{why[1]}. {words.UNPROVEN[1]}"),
            self.letters.of(one.evidence, kind),
            self._said(holders=(said.person,) if said.person is not None else None),
            mention=said if said.person is None else None,
            ready=ready,
        )

    def _alike(self) -> Iterator[tuple[Person, Words, tuple[Mark, ...]]]:
        """Those of the register who may be meant and are not on the paper's own list: why, and by which words."""
        told = {one.value.person for one in self.proposal.persons}
        for holder in self.proposal.holders:
            proofs = self.letters.of(holder.evidence, "holder")
            near: list[tuple[Person, Words]] = []
            for raw in (holder.value.cf_raw, holder.value.cf):
                near += [(person, words.LIKE_CODE) for person, _ in self.register.near_cf(raw.upper())] if raw else []
            for name in filter(None, (holder.value.name, holder.runner_up)):
                same = self.register.by_name(name_words(name)).persons[:MOST_OPTIONS]
                near += [(person, _same_name(person, holder.value)) for person in same]
            for person, why in near:
                if person.id not in told:
                    told.add(person.id)
                    yield person, why, proofs

    def _is_collective(self) -> bool:
        kind = self.lexicon.types.get(self.proposal.type.value) if self.proposal.type is not None else None
        return kind is not None and kind.collective


def _can_be_known(said: PersonMention) -> bool:
    """Whether a decision can put somebody of a paper on record, or finds them there."""
    return said.person is not None or as_found(said) is not None


def _each_once(options: Sequence[Option]) -> list[Option]:
    """Every answer where it stands first."""
    found: dict[str, Option] = {}
    for option in options:
        found.setdefault(option.key, option)
    return list(found.values())


def _same_name(person: Person, said: PersonMention) -> Words:
    if person.birth_date is not None and said.birth_date is not None and person.birth_date != said.birth_date:
        return words.OTHER_BIRTH
    return words.SAME_NAME


def _facts(birth: dt.date | None, place: str | None, cf: str | None) -> str:
    return " · ".join(filter(None, (f"{birth:%d/%m/%Y}" if birth is not None else "", place, cf)))


def _name(code: str, known: Any) -> str:
    return known[code].name if code in known else code


def _sure(
    proposal: DocumentProposal, doubts: Sequence[Doubt], lexicon: Lexicon, letters: _Letters, register: PersonRegister
) -> Iterator[Value]:
    """The values that are not asked about now, in the order in which people name a paper."""
    if Doubt.TYPE not in doubts and proposal.type is not None:
        name = _name(proposal.type.value, lexicon.types)
        yield Value(("Tipo", "Type"), (name, name), letters.of(proposal.type.evidence, "value", 1))
    if Doubt.SERVICE not in doubts and proposal.service is not None:
        name = _name(proposal.service.value, lexicon.services)
        yield Value(("Servizio", "Service"), (name, name), letters.of(proposal.service.evidence, "value", 1))
    if Doubt.HOLDER not in doubts:
        names = ", ".join(shown_name(holder.value, register) for holder in proposal.holders)
        proofs = tuple(mark for holder in proposal.holders for mark in letters.of(holder.evidence, "holder", 1))
        yield Value(("Intestatario", "Holder"), (names, names) if names else words.NOBODYS, proofs)
    if Doubt.DATE not in doubts and proposal.date is not None:
        day = f"{proposal.date.value:%d/%m/%Y}"
        yield Value(("Data", "Date"), (day, day), letters.of(proposal.date.evidence, "date", 1))
    if proposal.protocol is not None:
        number = protocol_text(proposal.protocol.value)
        yield Value(
            ("Protocollo", "Registration"), (number, number), letters.of(proposal.protocol.evidence, "value", 1)
        )


def protocol_text(protocol: Protocol) -> str:
    """A registration as it is typed: *1234*, *1234/2014* or *1234/2014-03-12*."""
    if protocol.date is not None:
        return f"{protocol.number}/{protocol.date.isoformat()}"
    return f"{protocol.number}/{protocol.year}" if protocol.year is not None else protocol.number
