# ruff: noqa: E501  # the sentences of papers stay whole
"""A case: whom a paper is about, for which service, on which day, and how this office writes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from random import Random
from typing import Any

from faldone.demo.elements import (
    Block,
    Columns,
    DeviceKind,
    Emblem,
    Para,
    Rule,
    Side,
    Signature,
    Span,
    Stamp,
    Style,
    text,
)
from faldone.demo.lexis import expand, sentences, table
from faldone.demo.persons import NO_NAME, Household, Individual, Population, Professional
from faldone.demo.truth import TruePerson, TrueProtocol

MONTHS = (
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
    "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
)  # fmt: skip
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_EUROS = re.compile(r"€ ([0-9.]+),([0-9]{2})")
_EURO_YEAR = 2002
_PRIVATE_DEVICES: tuple[DeviceKind, ...] = ("circles", "bars", "shield")
LAST_DAY = dt.date(2025, 6, 30)  # papers of the demo are not younger


@dataclass(frozen=True, slots=True)
class Body:
    """A body that writes or receives papers."""

    lines: tuple[str, ...]
    address: tuple[str, ...]
    device: DeviceKind = "shield"
    short: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A composed paper and what is true of it."""

    type: str
    service: str | None
    dossier_service: str | None
    blocks: tuple[Block, ...]
    style: Style
    persons: tuple[TruePerson, ...]
    date: dt.date | None
    protocols: tuple[TrueProtocol, ...]
    shown: str
    band: str
    collective: bool = False
    running: str = ""


def money(value: float) -> str:
    """An amount the Italian way: 1.234,50."""
    return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


def in_lire(value: Any) -> Any:
    """The same blocks with euros told in lire, for papers older than the euro."""
    if isinstance(value, str):
        return _EUROS.sub(lambda found: f"L. {int(found[1].replace('.', '')) * 2000:,}".replace(",", "."), value)
    if isinstance(value, tuple):
        return tuple(in_lire(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: in_lire(getattr(value, one.name)) for one in fields(value)})
    return value


@dataclass(slots=True)
class Case:
    """The state of one paper in the making."""

    rng: Random
    population: Population
    household: Household
    holder: Individual
    service: str
    date: dt.date
    style: Style = field(default_factory=lambda: Style("prose", "serif", "typewriter"))
    shown: str = "cf"
    persons: list[TruePerson] = field(default_factory=list)
    protocols: list[TrueProtocol] = field(default_factory=list)
    date_form: str = "num"
    name_form: str = "surname"
    used: set[str] = field(default_factory=set)
    length: float = 1.0  # how wordy the writer is
    worker: Professional = field(init=False)
    slots: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rng = self.rng
        self.worker = rng.choice(self.population.social_workers)
        self.date_form = rng.choice(
            ("num", "num", "month", "month", "dots", "dash", "roman" if self.date.year < 1996 else "num")
        )
        self.name_form = rng.choice(("surname", "surname", "caps", "first", "first_caps"))
        self.shown = rng.choices(("cf", "birth", "name"), (50, 36, 14))[0]
        self.length = rng.choice((0.8, 1.0, 1.0, 1.5, 2.2, 3.0))

    # ---- words

    def pick(self, *options: str) -> str:
        """One of some wordings, its own choices made."""
        chosen = self.rng.choice(options)
        words = expand(chosen, self.rng, self.slots_now())
        return (" " if chosen[:1] == " " else "") + words + (" " if chosen[-1:] == " " and words else "")

    def say(self, topic: str, count: int = 1) -> str:
        """``count`` sentences of a topic, none of them used before on this paper."""
        return " ".join(self.each(topic, count))

    def each(self, topic: str, count: int) -> list[str]:
        """The same, one by one; fewer when the bank runs dry."""
        bank = [pattern for pattern in sentences()[topic] if pattern not in self.used and self.could_say(pattern)]
        chosen = self.rng.sample(bank, min(count, len(bank)))
        self.used.update(chosen)
        found = []
        for pattern in chosen:
            words = expand(pattern, self.rng, self.slots_now())
            found.append(words[:1].upper() + words[1:] if words[:1].islower() and words[-1:] in ".!?" else words)
        return found

    def could_say(self, words: str) -> bool:
        """Whether the laws that the words cite had been passed."""
        return all(int(year) <= self.date.year for year in _YEAR.findall(words))

    def slots_now(self) -> dict[str, str]:
        """Fresh values for the slots of sentences."""
        rng, one = self.rng, self.holder
        woman = one.sex == "F"
        age = one.age(self.date)
        if age < 18:
            short = rng.choice((("la minore" if woman else "il minore"), self.given(one), self.given(one)))
        else:
            short = rng.choice(
                ((f"la signora {one.surname}" if woman else f"il signor {one.surname}"), "l'utente", self.given(one))
            )
        of, to = short, short
        for article, joined, toward in (("la ", "della ", "alla "), ("il ", "del ", "al "), ("l'", "dell'", "all'")):
            if short.startswith(article):
                of, to = joined + short[len(article) :], toward + short[len(article) :]
                break
        else:
            of, to = f"di {short}", f"a {short}"
        mother = "la madre"
        if self.household.mother is not None:
            mother = rng.choice(("la madre", f"la signora {self.household.mother.surname}"))
        places = table("places")
        body = rng.choice((*places["providers"], "il consultorio familiare", "la scuola"))
        school = rng.choice(places["schools"])
        year = self.date.year
        return {
            "sog": short, "Sog": short[0].upper() + short[1:], "del": of, "al": to, "o": "a" if woman else "o",
            "e": "a" if woman else "e", "madre": mother, "Madre": mother[0].upper() + mother[1:],
            "padre": "il padre", "Padre": "Il padre", "as": f"{self.title(self.worker)} {self.worker.surname}",
            "As": f"{'La' if self.worker.sex == 'F' else 'Il'} {self.title(self.worker)} {self.worker.surname}", "ente": body, "Ente": body[0].upper() + body[1:],
            "avv": rng.choice(self.population.lawyers).plain_name, "comune": one.town,
            "via": one.street.rsplit(",", 1)[0], "scuola": f"l'{school['name']}" if school["name"].startswith("Istit") else f"la {school['name']}",
            "servizio": self.service_name(), "ore": str(rng.choice((2, 3, 4, 6, 8, 10, 12, 15))),
            "anno": str(max(one.birth_date.year + 1, year - rng.randrange(1, 6))), "anno2": str(year + rng.randrange(1, 4)),
            "mese": f"{rng.choice(MONTHS)} {year}", "data": self.day(self.before(240)), "data2": self.day(self.after(200)),
            "n": str(rng.randrange(11, 480)), "importo": money(rng.choice((150, 180, 250, 300, 320.5, 400, 450, 517.4, 600, 650))),
            "importo2": money(rng.randrange(80, 1900) + rng.choice((0, 0.5, 0.86))), "isee": money(rng.randrange(1200, 14000) + rng.randrange(100) / 100),
            "eta": str(age), "classe": rng.choice(("prima", "seconda", "terza")) + rng.choice((" A", " B", " C", "")),
            "annoscol": f"{year - 1}/{year}", "patologia": rng.choice(sentences()["patologie" if age > 60 else "patologie_d"]),
            "punti": str(rng.randrange(20, 91, 5)), "perc": rng.choice(("67", "74", "80", "100", "100")),
        }  # fmt: skip

    def service_name(self, code: str | None = None) -> str:
        """One of the ways papers name a service."""
        names: list[str] = table("services")[code or self.service]["names"]
        return self.rng.choice(names)

    def granted(self) -> str:
        """What the service gives, in words."""
        patterns: list[str] = table("services")[self.service]["grant"]
        values = {
            "ore": str(self.rng.randrange(2, 13)),
            "importo": money(self.rng.choice((90, 120, 250, 400, 600, 800))),
        }
        return expand(self.rng.choice(patterns), self.rng, values)

    # ---- days

    def before(self, days: int, of: dt.date | None = None) -> dt.date:
        """A day up to ``days`` before the paper's."""
        return (of or self.date) - dt.timedelta(days=self.rng.randrange(2, days))

    def after(self, days: int) -> dt.date:
        """A day up to ``days`` after the paper's."""
        return self.date + dt.timedelta(days=self.rng.randrange(2, days))

    def day(self, day: dt.date) -> str:
        """A date as this office writes it."""
        match self.date_form:
            case "month":
                first = "1°" if day.day == 1 else str(day.day)
                return f"{first} {MONTHS[day.month - 1]} {day.year}"
            case "dots":
                return f"{day.day:02}.{day.month:02}.{day.year}"
            case "dash":
                return f"{day.day}-{day.month}-{day.year}"
            case "roman":
                return f"{day.day}-{_ROMAN[day.month - 1]}-{day.year}"
            case _:
                return f"{day.day:02}/{day.month:02}/{day.year}"

    # ---- persons

    def given(self, one: Individual) -> str:
        """First name, or the only one."""
        return one.surname if one.name == NO_NAME else one.name

    def caps(self, words: str) -> str:
        """Capitals; on a typewriter accents are apostrophes."""
        words = words.upper()
        if self.style.name == "typewriter" or self.style.face in ("courier", "typewriter"):
            for accented, plain in (("Ò", "O'"), ("Ù", "U'"), ("À", "A'"), ("È", "E'"), ("Ì", "I'"), ("Ñ", "N")):
                words = words.replace(accented, plain)
        return words

    def name(self, one: Individual | Professional) -> str:
        """A person's name as this office writes it."""
        given = "" if one.name == NO_NAME else f" {one.name}"
        match self.name_form:
            case "caps":
                return self.caps(one.surname + given)
            case "first":
                return one.plain_name
            case "first_caps":
                return (given.strip() + " " + self.caps(one.surname)).strip()
            case _:
                return self.caps(one.surname) + given

    @staticmethod
    def title(one: Professional) -> str:
        """The degree's title."""
        return "dott.ssa" if one.sex == "F" else "dott."

    def titled(self, one: Professional) -> str:
        """Title and name."""
        return f"{self.title(one)} {one.plain_name}"

    def called(self, one: Individual) -> str:
        """The name with the married one, where there is one."""
        if one.married_surname and one.age(self.date) > 25:
            link = "ved." if one.birth_date.year < 1945 and self.rng.random() < 0.6 else "in"
            return f"{self.name(one)} {link} {one.married_surname}"
        return self.name(one)

    def tell(self, role: str, one: Individual | Professional) -> None:
        """Notes that the paper names somebody."""
        if isinstance(one, Individual):
            person = TruePerson(role, one.register_name, one.cf, one.birth_date, one.registered)
        else:
            person = TruePerson(role, one.register_name)
        if all((known.role, known.name, known.cf) != (role, person.name, person.cf) for known in self.persons):
            self.persons.append(person)

    def born(self, one: Individual, *, place: bool = True) -> str:
        """«nato a Crema (CR) il …»."""
        where = f" a {one.birth_place}" if place and not one.foreign else f" in {one.birth_place}" if place else ""
        return f"nat{'a' if one.sex == 'F' else 'o'}{where} il {self.day(one.birth_date)}"

    def code(self, one: Individual) -> str:
        """The codice fiscale with its label."""
        return self.pick("C.F. ", "codice fiscale ", "cod. fisc. ", "C.F.: ").rstrip() + " " + one.cf

    def identity(self, one: Individual, *, shown: str | None = None, home: bool = False) -> tuple[Span, ...]:
        """Name, and as much more as the paper shows."""
        how = shown or self.shown
        parts = [Span(self.called(one), bold=self.rng.random() < 0.6)]
        if how in ("cf", "birth"):
            parts.append(Span(", " + self.born(one, place=self.rng.random() < 0.85)))
        if home:
            parts.append(Span(f", residente a {one.town} in {one.street}"))
        if how == "cf":
            parts.append(Span(", " + self.code(one)))
        return tuple(parts)

    @property
    def sir(self) -> str:
        """«il sig.» or «la sig.ra», or the child."""
        if self.holder.age(self.date) < 18:
            return "la minore" if self.holder.sex == "F" else "il minore"
        return "la sig.ra" if self.holder.sex == "F" else "il sig."

    # ---- bodies

    def office(self) -> Body:
        """The office whose dossiers these are: the Comune, later the consortium."""
        town = self.holder.town
        if self.date.year < 2008 or self.rng.random() < 0.35:
            desk = self.pick("Settore Servizi Sociali", "Area Servizi alla Persona", "Ufficio Servizi Sociali")
            return Body(
                (f"COMUNE DI {self.caps(town)}", "Provincia di Cremona", desk),
                ("piazza della Libertà, 1", f"26010 {town} (CR)", "tel. 0373 000100"),
                "shield",
                f"Comune di {town}",
            )
        return Body(
            ("COMUNITÀ SOCIALE CREMASCA a.s.c.", "Azienda speciale consortile", "Servizi alla persona del distretto"),
            ("via Goldaniga, 11", "26013 Crema (CR)", "tel. 0373 000200"), "circles", "Comunità Sociale Cremasca",
        )  # fmt: skip

    def health(self) -> Body:
        """The health body of the time."""
        year = self.date.year
        if year < 1998:
            return Body(
                ("REGIONE LOMBARDIA", "U.S.S.L. n. 24 - CREMA", "Servizio di medicina legale"),
                ("via Gramsci, 13", "26013 Crema"),
                "cross",
                "U.S.S.L. 24",
            )
        if year < 2016:
            return Body(
                (
                    "A.S.L. DELLA PROVINCIA DI CREMONA",
                    "Distretto di Crema",
                    self.pick("Dipartimento A.S.S.I.", "Servizio disabilità", "Medicina legale"),
                ),
                ("via Meneghezzi, 14", "26013 Crema (CR)"),
                "cross",
                "ASL di Cremona",
            )
        if self.rng.random() < 0.5:
            return Body(
                ("ATS VAL PADANA", "Agenzia di Tutela della Salute", "sede territoriale di Cremona"),
                ("via San Sebastiano, 14", "26100 Cremona"),
                "bars",
                "ATS Val Padana",
            )
        return Body(
            (
                "ASST CREMA",
                "Azienda Socio Sanitaria Territoriale",
                self.pick("Ospedale Maggiore di Crema", "Neuropsichiatria Infantile"),
            ),
            ("largo Ugo Dossena, 2", "26013 Crema (CR)"),
            "cross",
            "ASST Crema",
        )

    def court(self) -> Body:
        """The juvenile court."""
        return Body(
            ("TRIBUNALE PER I MINORENNI DI BRESCIA",),
            ("via Malta, 12", "25124 Brescia"),
            "star",
            "Tribunale per i minorenni",
        )

    def school(self) -> Body:
        """A school."""
        row = self.rng.choice(table("places")["schools"])
        return Body(
            (self.caps(row["name"]), "Ministero dell'Istruzione"),
            (f"via della Scuola, {self.rng.randrange(1, 30)}", f"{row['town']} (CR)"),
            "star",
            row["name"],
        )

    def provider(self, kind: str = "providers") -> Body:
        """A cooperative, a community, a home or a centre."""
        name = self.rng.choice(table("places")[kind])
        return Body(
            (name, self.pick("Società cooperativa sociale a r.l.", "Ente accreditato", "Servizi socio educativi")),
            (f"via dell'Artigianato, {self.rng.randrange(1, 40)}", "26013 Crema (CR)", f"P.IVA {self.vat()}"),
            self.rng.choice(_PRIVATE_DEVICES),
            name,
        )

    def vat(self) -> str:
        """A VAT number with a valid check digit, of nobody."""
        digits = [self.rng.randrange(10) for _ in range(7)] + [0, 1, 9]
        total = sum(d if i % 2 == 0 else (2 * d if d < 5 else 2 * d - 9) for i, d in enumerate(digits))
        return "".join(map(str, digits)) + str((10 - total % 10) % 10)

    # ---- common blocks

    def letterhead(self, body: Body) -> list[Block]:
        """The head of a body's paper, in one of several forms."""
        kind = self.rng.randrange(5)
        lines = [
            Para(text("", line) if i == 0 else text(line), "center", 1.15 if i == 0 else 0.9, after=1, tight=True)
            for i, line in enumerate(body.lines)
        ]
        where = " - ".join(body.address)
        if self.style.name == "typewriter":
            return [
                *(Para(text(line), "left", after=0) for line in (*body.lines, body.address[-1])),
                Para((), after=12),
            ]
        if kind == 0:
            return [
                Emblem(body.device, 36, "center"),
                *lines,
                Para(text(where), "center", 0.75, after=4),
                Rule(after=10),
            ]
        if kind == 1:
            left = (Emblem(body.device, 40, "left"),)
            right = (*lines, Para(text(where), "center", 0.75, after=2))
            return [Columns(left, right, 0.14), Rule(1.2, after=10)]
        if kind == 2:
            left_lines = tuple(
                Para(text("", line) if i == 0 else text(line), "left", 1.05 if i == 0 else 0.85, after=1, tight=True)
                for i, line in enumerate(body.lines)
            )
            right_lines = tuple(
                Para(text(line), "right", 1.05 if i == 0 else 0.85, after=1, tight=True)
                for i, line in enumerate(body.address)
            )
            return [Columns(left_lines, right_lines, 0.64, after=10)]
        if kind == 3:
            return [*lines, Para(text(where), "center", 0.75, after=12)]
        return [
            *(
                Para(text("", line) if i == 0 else text(line), "left", 1.1 if i == 0 else 0.9, after=1, tight=True)
                for i, line in enumerate(body.lines)
            ),
            Para(text(where, italic=True), "left", 0.8, after=3),
            Rule(0.6, after=12),
        ]

    def number(self) -> str:
        """A protocol number."""
        return str(self.rng.randrange(120, 68000))

    def stamped(self, body: Body, *, late: int = 12) -> list[Block]:
        """The receiver's arrival stamp, most of the time; noted as a protocol."""
        if self.rng.random() < 0.3:
            return []
        day = self.date + dt.timedelta(days=self.rng.randrange(0, late))
        number = self.number()
        self.protocols.append(TrueProtocol("stamp", number, day))
        short = (
            f"{day.day:02} {MONTHS[day.month - 1][:3].upper()}. {day.year}"
            if self.rng.random() < 0.4
            else f"{day.day:02}/{day.month:02}/{day.year}"
        )
        name = self.caps(body.short or body.lines[0])
        lines = self.rng.choice(
            (
                (name, f"Prot. n. {number}", f"del {short}"),
                (name, "PROTOCOLLO GENERALE", f"N. {number}", short),
                (name, f"ARRIVO {short}", f"PROT. {number}/{day.year}"),
                (f"{name} - UFFICIO PROTOCOLLO", f"{short}  Prot. {number}  Cat. VII Cl. {self.rng.randrange(1, 15)}"),
            )
        )
        tilt = self.rng.choice((0.0, self.rng.uniform(-3.0, 3.0), self.rng.uniform(-1.5, 1.5)))
        return [
            Stamp(
                tuple(lines),
                self.rng.choice(("right", "right", "left", "center")),
                self.rng.choice(("box", "double", "none", "box")),
                tilt,
                self.rng.choice(("black", "blue", "violet", "red")),
            )
        ]

    def own_number(self, *, share: float = 0.7) -> str:
        """The writer's own number in words, or nothing; noted as a protocol."""
        if self.rng.random() > share:
            return ""
        number = self.number()
        self.protocols.append(TrueProtocol("own", number, self.date))
        return self.rng.choice(
            (
                f"Prot. n. {number}/{self.date.year}",
                f"Prot. n. {number}",
                f"Protocollo n. {number} del {self.day(self.date)}",
                f"Prot. {number}",
            )
        )

    def place_and_day(self, place: str = "", align: Any = "left") -> Para:
        """«Crema, lì …»."""
        where = place or self.rng.choice(("Crema", self.holder.town))
        link = self.rng.choice((", ", ", lì ", ", il "))
        return Para(text(f"{where}{link}{self.day(self.date)}"), align, before=6, after=8)

    def sign(self, *pairs: tuple[str, str]) -> list[Block]:
        """Places to sign, side by side when there are two."""
        blocks: list[Block] = []
        for start in range(0, len(pairs), 2):
            pair = pairs[start : start + 2]
            if len(pair) == 2:
                left, right = (
                    Signature(above, name, "center", self.rng.random() < 0.8, self.rng.random() < 0.4)
                    for above, name in pair
                )
                blocks.append(Columns((left,), (right,), 0.5, after=2))
            else:
                sides: tuple[Side, ...] = ("right", "right", "center")
                side = self.rng.choice(sides)
                blocks.append(
                    Signature(pair[0][0], pair[0][1], side, self.rng.random() < 0.85, self.rng.random() < 0.3)
                )
        return blocks

    def heading(self, words: str, *, scale: float = 1.2, after: float = 8.0) -> Para:
        """The title of a paper."""
        if self.rng.random() < 0.5:
            words = words.upper() if self.style.name != "typewriter" else self.caps(words)
        return Para(
            text("", words), self.rng.choice(("center", "center", "left")), scale, before=4, after=after, keep=True
        )

    def section(self, words: str) -> Para:
        """The title of a part."""
        if self.rng.random() < 0.3:
            words = self.caps(words)
        return Para(text("", words), "left", before=5, after=3, keep=True)

    def prose(self, *topics: tuple[str, int]) -> list[Block]:
        """A paragraph for each topic."""
        first = self.rng.choice((0.0, 0.0, 16.0))
        blocks: list[Block] = []
        for topic, count in topics:
            words = self.each(topic, round(count * self.length))
            if words:
                blocks.append(Para(text(" ".join(words)), first=first, after=6))
        return blocks

    def listed(self, items: Sequence[str], *, marks: str = "-") -> list[Block]:
        """Items with dashes, numbers or letters."""
        blocks: list[Block] = []
        for index, item in enumerate(items):
            mark = {"1": f"{index + 1}.", "a": f"{'abcdefghijklm'[index]})"}.get(marks, marks)
            blocks.append(Para(text(item), left=20, marker=mark, after=3))
        return blocks

    def to(self, lines: Iterable[str], *, opening: str = "") -> Para | Columns:
        """The addressee, on the right."""
        paras = tuple(Para(text(line), "left", after=0) for line in ((opening,) if opening else ()) + tuple(lines))
        return Columns((), paras, 0.52, after=12)

    # ---- the end

    def finish(
        self,
        kind: str,
        blocks: Sequence[Block],
        *,
        service: bool | str = True,
        date: dt.date | None = None,
        holders: Sequence[Individual] | None = None,
        collective: bool = False,
        running: bool = True,
    ) -> Paper:
        """The paper. ``service`` says whether the paper itself names its service."""
        who = [self.holder] if holders is None else list(holders)
        roles = [TruePerson("holder", one.register_name, one.cf, one.birth_date, one.registered) for one in who]
        held = {one.cf for one in roles}
        persons = (*roles, *(one for one in self.persons if one.cf is None or one.cf not in held))
        doubtful = self.shown == "name" and any(one.register_name in self.population.namesakes for one in who)
        sure = (
            bool(who)
            and not collective
            and all(one.registered for one in who)
            and self.shown in ("cf", "birth", "name")
        )
        head = self.rng.choice(
            ("", "", f"segue: {self.name(who[0])}" if len(who) == 1 and self.shown != "initials" else "")
        )
        content = in_lire(tuple(blocks)) if self.date.year < _EURO_YEAR else tuple(blocks)
        return Paper(
            kind, self.service if service else None, self.service, content, self.style, persons,
            date or self.date, tuple(self.protocols), self.shown if who else "none",
            "auto" if sure and not doubtful else "review", collective, head if running else "",
        )  # fmt: skip
