# ruff: noqa: E501 - wordings stay whole
"""One paper in the making: who it is about, when, from which office, and what of it was put on paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tests.bench.otherhand import voice
from tests.bench.otherhand.paper import Paper
from tests.bench.otherhand.persons import Family, Human, Population
from tests.bench.otherhand.services import SERVED, Served

_CODE, _BIRTH = 0.5, 0.58
_NAME_STYLES = ("caps", "caps", "given", "given", "family", "GIVEN", "mixed")


@dataclass(slots=True)
class Case:
    """What a template works with. It writes on ``paper`` and may change ``date``, ``holders``, ``told`` and the numbers."""

    rng: Random
    people: Population
    family: Family
    holders: list[Human]
    service: str
    date: dt.date
    paper: Paper
    shows_code: bool
    shows_birth: bool
    style: str
    naming: str
    told: bool = True
    undated: bool = False
    length: float = 1.0
    kind: str = ""
    shown: str = "name"
    others: list[tuple[str, Human]] = field(default_factory=list)
    coded: set[str] = field(default_factory=set)
    own: tuple[str, dt.date | None] | None = None
    stamped: tuple[str, dt.date | None] | None = None

    @classmethod
    def open(cls, rng: Random, people: Population, family: Family, holder: Human, service: str, date: dt.date) -> Case:
        """A case with this writer's habits drawn."""
        # The machines of the eighties had few fonts but the same habits; two-digit years die out with them.
        style = rng.choice(voice.DATE_STYLES)
        if style in ("short", "roman") and date.year > 2005:
            style = "num"
        return cls(
            rng, people, family, [holder], service, date, Paper(rng), rng.random() < _CODE * (1.0 if date.year > 1992 else 0.5),
            rng.random() < _BIRTH, style, rng.choice(_NAME_STYLES), length=rng.choice([0.7, 1.0, 1.5, 3.0, 5.0]),
        )  # fmt: skip

    @property
    def holder(self) -> Human:
        """The first whose dossier this is."""
        return self.holders[0]

    @property
    def served(self) -> Served:
        """The service's words."""
        return SERVED[self.service]

    @property
    def town(self) -> str:
        """The comune in charge."""
        return self.holder.town

    @property
    def parents(self) -> tuple[Human, ...]:
        """The holder's parents, when the holder is a child of the family."""
        return self.family.adults if self.holder in self.family.children else ()

    @property
    def siblings(self) -> tuple[Human, ...]:
        """Brothers and sisters under age on the day."""
        known = [
            child for child in self.family.children if child not in self.holders and 0 <= child.age(self.date) < 18
        ]
        return tuple(known) if self.holder in self.family.children else ()

    def pick(self, *texts: str) -> str:
        """One of several wordings."""
        return self.rng.choice(texts)

    def on(self, date: dt.date | None = None, style: str | None = None) -> str:
        """A day in this writer's style; the paper's own by default."""
        return voice.day(date or self.date, style or self.style)

    def earlier(self, low: int, high: int) -> dt.date:
        """A day between ``low`` and ``high`` days before the paper's."""
        return self.date - dt.timedelta(self.rng.randint(low, high))

    def later(self, low: int, high: int) -> dt.date:
        """A day after the paper's."""
        return self.date + dt.timedelta(self.rng.randint(low, high))

    def add(self, role: str, person: Human) -> Human:
        """Notes that the paper names somebody besides the holders."""
        if person not in self.holders and (role, person) not in self.others:
            self.others.append((role, person))
        return person

    def staff(self, role: str) -> Human:
        """Somebody who works in an office, noted in that role."""
        known = next((person for kind, person in self.others if kind == role and person in self.people.staff), None)
        return known or self.add(role, self.rng.choice(self.people.staff))

    def named(self, person: Human | None = None, style: str | None = None) -> str:
        """A name in this writer's style; now and then with the husband's."""
        person = person or self.holder
        text = voice.name(person, style or self.naming)
        if person.married and person.age(self.date) >= 20 and self.rng.random() < 0.2:
            husband = person.married.upper() if text.isupper() else person.married
            return f"{text} {self.pick('in', 'ved.', 'coniugata')} {husband}"
        return text

    def cf(self, person: Human | None = None) -> str:
        """A code, noted as printed."""
        person = person or self.holder
        self.coded.add(person.cf)
        self.shown = "cf" if person in self.holders else self.shown
        return person.cf

    def who(self, person: Human | None = None, style: str | None = None) -> str:
        """Name, and birth and code as far as this paper shows them."""
        holder = person is None or person in self.holders
        person = person or self.holder
        text = self.named(person, style)
        if self.shows_birth if holder else self.rng.random() < 0.4:
            text += f", {voice.born(person, self.rng, self.style)}"
            self.shown = "birth" if holder and self.shown == "name" else self.shown
        if self.shows_code if holder else self.rng.random() < 0.15:
            text += f"{self.pick(', C.F. ', ', C.F.: ', ' - c.f. ', ', codice fiscale ', ' (CF ')}{self.cf(person)}"
            text += ")" if "(CF" in text else ""
        return text

    def sir(self, person: Human | None = None) -> str:
        """«Sig.ra ROSSI MARIA»."""
        person = person or self.holder
        return f"{voice.sir(person, self.rng)} {self.named(person)}"

    def minors(self, preposition: str) -> str:
        """«al minore», «della minore», «sui minori», before the holders' names."""
        many, she = len(self.holders) > 1, self.holder.sex == "F"
        forms = {
            "a": ("ai", "alla", "al"),
            "di": ("dei", "della", "del"),
            "su": ("sui", "sulla", "sul"),
            "": ("i", "la", "il"),
        }[preposition]
        names = [self.who(child) for child in self.holders]
        listed = "; ".join(names[:-1]) + " e " + names[-1] if many else names[0]
        return f"{forms[0] if many else forms[1] if she else forms[2]} {'minori' if many else 'minore'} {listed}"

    def corner(self) -> None:
        """A clerk's note at the foot: the code alone, or a shelf mark."""
        if self.rng.random() < 0.12 and self.holder.cf not in self.coded and self.date.year > 1992:
            self.paper.space(2)
            self.paper.right(self.pick("", "rif. ", "CF ", "pratica ") + self.cf())

    def boxes(self, *extra: tuple[str, str], label: str = "Cognome e nome", style: str | None = None) -> None:
        """The holder's boxes on a form: name (in one box or two), birth, code, residence, then ``extra``."""
        person, rng = self.holder, self.rng
        pairs: list[tuple[str, str]] = []
        if label == "Cognome e nome" and person.name and rng.random() < 0.35:
            pairs += [
                ("Cognome", voice.apostrophes(person.surname.upper())),
                ("Nome", voice.apostrophes(person.name.upper())),
            ]
        else:
            pairs.append((label, voice.name(person, rng.choice(["caps", "family", "caps"]))))
        if self.shows_birth:
            self.shown = "birth" if self.shown == "name" else self.shown
            if rng.random() < 0.5:
                pairs += [
                    ("Luogo di nascita", f"{person.place} ({person.province})"),
                    ("Data di nascita", voice.day(person.born, self.style)),
                ]
            else:
                pairs.append(
                    (
                        self.pick("Nato/a a", "Luogo e data di nascita"),
                        f"{person.place} il {voice.day(person.born, self.style)}",
                    )
                )
        if self.shows_code:
            pairs.append((self.pick("Codice fiscale", "C.F.", "Cod. Fiscale"), self.cf()))
        if rng.random() < 0.7:
            pairs.append(("Residente a", f"{person.town}, {person.street}"))
        self.paper.boxes([*pairs, *extra], style)

    # ---- numbers

    def number(self) -> int:
        """A registration number."""
        return self.rng.randint(120, 68_000)

    def protocol_line(self, chance: float = 0.7) -> str | None:
        """The writer's own registration as a line, or nothing."""
        if self.rng.random() > chance:
            return None
        number = self.number()
        text, whole = voice.protocol(number, self.date, self.rng, self.style)
        self.own = (str(number), self.date if whole else None)
        return text

    def their_protocol(self) -> str:
        """The other party's number: never the document's."""
        date = self.earlier(5, 90)
        return self.pick(
            f"Vs. prot. n. {self.number()} del {self.on(date)}", f"Rif. Vs. nota prot. {self.number()}/{date.year}",
            f"in riscontro alla Vostra del {self.on(date)} prot. n. {self.number()}", f"Risposta a nota n. {self.number()} del {self.on(date)}",
        )  # fmt: skip

    def stamp(self, chance: float = 0.45) -> None:
        """The arrival stamp of the office that keeps the paper."""
        if self.rng.random() > chance:
            return
        number, date = self.number(), self.later(1, 12)
        when = self.on(date, self.rng.choice(["stamp", "num", "num"]))
        office = self.pick(
            f"COMUNE DI {self.town.upper()}", "COMUNITA' SOCIALE CREMASCA", f"COMUNE DI {self.town.upper()} (CR)"
        )
        shown: dt.date | None = date
        match self.rng.randrange(5):
            case 0:
                self.paper.right(office, "PROTOCOLLO GENERALE", f"N. {number:07d}", when, "Cat. VII Cl. 12 Fasc. 3")
            case 1:
                self.paper.right(office, f"Prot. N. {number}", f"ARRIVATO IL {when}")
            case 2:
                self.paper.right(office, f"Protocollo in arrivo n. {number} del {self.on(date, 'num')}")
            case 3:
                self.paper.right(f"c_d142|REG_01|{date.year}/{number:07d}|{self.on(date, 'num')}")
            case _:
                self.paper.right(office, f"PROT. {number}/{date.year}", "ARRIVO")
                shown = None
        self.stamped = (str(number), shown)

    # ---- blocks

    def law(self, count: int = 1) -> str:
        """Citations in a row."""
        return ", ".join(voice.laws(self.rng, self.date, self.served.area, count))

    def say(self) -> str:
        """A sentence that tells the service."""
        return self.rng.choice(self.served.says)

    def signed(self, who: str, person: Human | None, role: str = "author") -> None:
        """A signature block."""
        person = person or self.staff(role)
        title = self.pick("Dott.ssa " if person.sex == "F" else "Dott. ", "") if person in self.people.staff else ""
        self.paper.space(1)
        if self.rng.random() < 0.25:
            self.paper.right(f"F.to {who}", title + voice.name(person, "given"))
        else:
            self.paper.right(who, title + voice.name(person, self.rng.choice(["given", "mixed", "given"])))

    def dated(self, place: str | None = None) -> str:
        """«Crema, lì 12 marzo 2014»."""
        return f"{place or self.town}{self.pick(', ', ', ', ', lì ', ' li ', ', il ')}{self.on()}"

    def office(self) -> str:
        """Letterhead of the comune or the district's company; the name of its office is returned."""
        paper, rng = self.paper, self.rng
        if self.date.year >= 2007 and rng.random() < 0.35:
            paper.centre("COMUNITA' SOCIALE CREMASCA a.s.c.", "Azienda speciale consortile - Via Goldaniga 11 - 26013 Crema (CR)",
                         "C.F. e P.IVA 01397660190" if rng.random() < 0.5 else "tel. 0373 398400 - pec: comunitasocialecremasca@legalmail.it")  # fmt: skip
            place = "Comunità Sociale Cremasca"
        else:
            paper.centre(f"COMUNE DI {self.town.upper()}", "Provincia di Cremona")
            place = f"Comune di {self.town}"
            if rng.random() < 0.6:
                paper.centre(
                    self.pick(
                        "Settore Servizi alla Persona",
                        "Area Servizi Sociali",
                        "UFFICIO SERVIZI SOCIALI",
                        "Assessorato ai Servizi Sociali",
                        "Settore Affari Sociali",
                    )
                )
            if rng.random() < 0.4:
                paper.centre(
                    f"P.zza Municipio 1 - 26013 - Tel. 0373/{rng.randint(200000, 999999)} - C.F. 00{rng.randint(100000000, 999999999)}"
                )
        if rng.random() < 0.35 and self.told:
            paper.centre(self.rng.choice(self.served.names))
        return place

    def story(self, bank: Sequence[str], count: int) -> None:
        """Paragraphs from a bank of sentences, ``{n}`` standing for the holder."""
        chosen = self.rng.sample(list(bank), min(int(count * self.length), len(bank)))
        short = self.pick(self.holder.name or self.holder.surname, voice.name(self.holder, "given"))
        if self.holder.age(self.date) >= 18:
            short = self.pick(
                f"{'il' if self.holder.sex == 'M' else 'la'} {voice.sir(self.holder, self.rng)} {self.holder.surname}",
                "l'utente",
                "l'interessato" if self.holder.sex == "M" else "l'interessata",
            )
        while chosen:
            size = self.rng.randint(2, 4)
            told = [sentence.replace("{n}", short) for sentence in chosen[:size]]
            self.paper.para(
                " ".join(f"{sentence[0].upper()}{sentence[1:]}." for sentence in told), self.rng.choice([1.3, 1.3, 2.0])
            )
            chosen = chosen[size:]
