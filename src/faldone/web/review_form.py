"""What the forms of the review send: the answer just given, and what was answered before on the same document."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from faldone.domain.attribution import Protocol
from faldone.domain.decision import Settled
from faldone.domain.ids import DocumentId, PersonId
from faldone.errors import NotFoundError, UndecidableError
from faldone.pipeline.filing.persons import find_person, new_person
from faldone.pipeline.ports import Ports
from faldone.pipeline.review.bench import Bench, Doubt, Draft, chosen, protocol_text
from faldone.pipeline.review.sheets import MOST_SHEETS, Move, Turn
from faldone.pipeline.review.typed import typed_day, typed_protocol

_TURN: Final = re.compile(r"([0-9]{1,6}):(90|180|270):(-|0|90|180|270)", re.ASCII)
_PLACE: Final = re.compile(r"([0-9]{1,6}):([0-9]{1,6})", re.ASCII)


class Answered(BaseModel):
    """What was answered before (``g_…``, già), and the version of the proposal that was looked at.

    ``insieme`` says that it was told that a colleague has the document too.
    """

    version: int = Field(0, ge=0, le=1_000_000_000)
    insieme: bool = False
    g_persone: list[str] = Field(default_factory=list, max_length=20)
    g_nessuno: bool = False
    g_tipo: str = Field("", max_length=80)
    g_servizio: str = Field("", max_length=80)
    g_data: str = Field("", max_length=10)
    g_protocollo: str = Field("", max_length=60)
    g_giusti: list[Doubt] = Field(default_factory=list, max_length=10)


class Answer(Answered):
    """An answer: one of those proposed, or one that was typed.

    ``chi`` is the id of a person who was picked after ``persona``, what was typed, was found to be nobody's name.
    """

    option: str = Field("", max_length=120)
    chi: str = Field("", max_length=40)
    persona: str = Field("", max_length=200)
    cognome: str = Field("", max_length=120)
    nome: str = Field("", max_length=120)
    nascita: str = Field("", max_length=10)
    cf: str = Field("", max_length=16)
    tipo: str = Field("", max_length=80)
    servizio: str = Field("", max_length=80)
    data: str = Field("", max_length=10)
    protocollo: str = Field("", max_length=60)


class Recheck(BaseModel):
    """What is said blind of a document that was filed by itself, and of each value that differs who is right.

    ``chi`` is the id of a person who was picked by name: a name alone may be of several.
    """

    version: int = Field(0, ge=0, le=1_000_000_000)
    chi: str = Field("", max_length=40)
    persona: str = Field("", max_length=200)
    nessuno: bool = False
    tipo: str = Field("", max_length=80)
    servizio: str = Field("", max_length=80)
    giusto_intestatario: Literal["", "io", "archivio"] = ""
    giusto_tipo: Literal["", "io", "archivio"] = ""
    giusto_servizio: Literal["", "io", "archivio"] = ""

    @property
    def right(self) -> dict[Doubt, bool]:
        """Of the values on which there was a word: whether who was asked is right, and not the archive."""
        words = {
            Doubt.HOLDER: self.giusto_intestatario,
            Doubt.TYPE: self.giusto_tipo,
            Doubt.SERVICE: self.giusto_servizio,
        }
        return {doubt: word == "io" for doubt, word in words.items() if word}

    def said(self, ports: Ports) -> Settled:
        """What was said blind.

        Raises:
            UndecidableError: a value is none, or a name is of several persons.
            NotFoundError: the person is not on record.
        """
        holders: tuple[PersonId, ...] | None = () if self.nessuno else None
        named = self.chi or self.persona.strip()
        if named and not self.nessuno:
            holders = (find_person(named, ports).id,)
        return Settled(holders, known_type(self.tipo, ports), known_service(self.servizio, ports))


class Sheets(BaseModel):
    """What sheets mode sends: places of the file, from 0, where documents start, and the pages that are blank.

    ``versioni`` are «d-…:3», a document with the version that was looked at; ``girati`` «2:90:-» or «2:90:180», a page,
    how far it is turned more, and how far somebody had said before; ``letti`` «2:1», a page and the place at which it
    was read, each with the place at which it is read from now on in ``posti``, as people count: from 1.
    """

    inizi: list[int] = Field(default_factory=list, max_length=MOST_SHEETS)
    bianche: list[int] = Field(default_factory=list, max_length=MOST_SHEETS)
    girati: list[Annotated[str, Field(max_length=16)]] = Field(default_factory=list, max_length=MOST_SHEETS)
    letti: list[Annotated[str, Field(max_length=16)]] = Field(default_factory=list, max_length=MOST_SHEETS)
    posti: list[Annotated[int, Field(ge=1, le=1_000_000)]] = Field(default_factory=list, max_length=MOST_SHEETS)
    versioni: list[Annotated[str, Field(max_length=60)]] = Field(default_factory=list, max_length=3)

    @property
    def versions(self) -> dict[DocumentId, int]:
        """Versions by document."""
        return versions_of(self.versioni)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What is turned; each page once.

        Raises:
            UndecidableError: it is not of that form.
        """
        found: dict[int, Turn] = {}
        for text in self.girati:
            said = _TURN.fullmatch(text)
            if said is None:
                raise UndecidableError("Una pagina si gira di 90 gradi alla volta. / A page is turned by quarters.")
            found[int(said[1])] = Turn(int(said[1]), int(said[2]), None if said[3] == "-" else int(said[3]))
        return tuple(found.values())

    @property
    def moves(self) -> tuple[Move, ...]:
        """What is read elsewhere than it was; each page once.

        Raises:
            UndecidableError: it is not of that form.
        """
        found: dict[int, Move] = {}
        if len(self.letti) != len(self.posti):
            raise _no_place()
        for text, number in zip(self.letti, self.posti, strict=True):
            said = _PLACE.fullmatch(text)
            if said is None:
                raise _no_place()
            page, before = int(said[1]), int(said[2])
            if number - 1 != before:
                found[page] = Move(page, number - 1, before)
        return tuple(found.values())


def _no_place() -> UndecidableError:
    return UndecidableError("Di ogni foglio si dice a che posto si legge. / Of each sheet it is said where it is read.")


def versions_of(sent: Iterable[str]) -> dict[DocumentId, int]:
    """Versions by document, from «d-…:3»; what is not of that form is left out, and missed later."""
    found = {}
    for text in sent:
        document, _, version = text.partition(":")
        if version.isascii() and version.isdecimal() and len(version) < 10:
            found[DocumentId(document)] = int(version)
    return found


def draft_of(form: Answered, ports: Ports) -> Draft:
    """What was answered before.

    Raises:
        UndecidableError: a value is none.
        NotFoundError: a person is not on record.
    """
    persons = tuple(PersonId(person) for person in form.g_persone if person)
    if len(ports.catalog.persons_with(persons)) < len(set(persons)):
        raise NotFoundError("La persona non è in archivio. / The person is not on record.")
    settled = Settled(
        holders=() if form.g_nessuno else persons or None,
        type=known_type(form.g_tipo, ports),
        service=known_service(form.g_servizio, ports),
        date=day(form.g_data, ports),
        protocol=protocol(form.g_protocollo),
    )
    return Draft(settled, frozenset(form.g_giusti))


def fields_of(draft: Draft) -> list[tuple[str, str]]:
    """The same as hidden fields of a form."""
    said = draft.settled
    fields = [("g_persone", str(person)) for person in said.holders or ()]
    if said.holders == ():
        fields.append(("g_nessuno", "true"))
    for name, value in (("g_tipo", said.type), ("g_servizio", said.service)):
        if value is not None:
            fields.append((name, value))
    if said.date is not None:
        fields.append(("g_data", said.date.isoformat()))
    if said.protocol is not None:
        fields.append(("g_protocollo", protocol_text(said.protocol)))
    return fields + [("g_giusti", doubt.value) for doubt in sorted(draft.right)]


def answered(form: Answer, bench: Bench, by: str, ports: Ports) -> Draft:
    """What is answered with this answer.

    Args:
        form: what was sent.
        bench: what the answer was chosen on.
        by: the asker's account.
        ports: the archive.

    Raises:
        UndecidableError: nothing was answered, or with what cannot be.
        NotFoundError: a person is not on record.
    """
    draft = bench.draft
    said = draft.settled
    if form.option:
        return chosen(bench, form.option, by, ports)
    if form.chi or form.persona:
        said = _with_holder(said, find_person(form.chi or form.persona, ports).id)
    elif form.cognome:
        born = day(form.nascita, ports)
        person = new_person(form.cognome.strip(), form.nome.strip(), form.cf.strip() or None, born, by, ports)
        said = _with_holder(said, person.id)
    values = Settled(
        said.holders,
        known_type(form.tipo, ports) or said.type,
        known_service(form.servizio, ports) or said.service,
        day(form.data, ports) or said.date,
        protocol(form.protocollo) or said.protocol,
    )
    if values == draft.settled:
        raise UndecidableError(
            "Nessuna risposta scelta. / No answer was chosen.",
            hint="Scegli con il numero, o A altra persona. / Choose by number, or A another person.",
        )
    return Draft(values, draft.right)


def day(text: str, ports: Ports) -> dt.date | None:
    """A day in the past; None when nothing was typed. Raises as :func:`typed_day`."""
    return typed_day(text, ports.clock().astimezone().date()) if text.strip() else None


def protocol(text: str) -> Protocol | None:
    """A registration; None when nothing was typed. Raises as :func:`typed_protocol`."""
    return typed_protocol(text) if text.strip() else None


def _with_holder(said: Settled, person: PersonId) -> Settled:
    return Settled((person,), said.type, said.service, said.date, said.protocol)


def known_type(code: str, ports: Ports) -> str | None:
    """The code of a type of the lexicon; None when nothing was said. Raises UndecidableError."""
    if code and code not in ports.lexicon.types:
        raise UndecidableError("Il tipo non è conosciuto. / The type is not known.")
    return code or None


def known_service(code: str, ports: Ports) -> str | None:
    """The code of a service of the lexicon; None when nothing was said. Raises UndecidableError."""
    if code and code not in ports.lexicon.services:
        raise UndecidableError("Il servizio non è conosciuto. / The service is not known.")
    return code or None
