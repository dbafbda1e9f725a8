# ruff: noqa: E501 - wordings stay whole
"""How offices write days, names, births, laws and numbers."""

from __future__ import annotations

import datetime as dt
from random import Random

from tests.bench.otherhand.persons import Human

MONTHS = [
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
]
_ROMAN = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]
DATE_STYLES = ("num", "num", "num", "dots", "long", "long", "long", "dash", "short", "roman")


def day(date: dt.date, style: str) -> str:
    """A day as this writer writes days."""
    match style:
        case "long":
            return f"{'1°' if date.day == 1 else date.day} {MONTHS[date.month - 1]} {date.year}"
        case "dots":
            return f"{date.day:02d}.{date.month:02d}.{date.year}"
        case "dash":
            return f"{date.day:02d}-{date.month:02d}-{date.year}"
        case "short":
            return f"{date.day}/{date.month}/{date.year % 100:02d}"
        case "roman":
            return f"{date.day} {_ROMAN[date.month - 1]} {date.year}"
        case "stamp":
            return f"{date.day:02d} {MONTHS[date.month - 1][:3].upper()}. {date.year}"
    return f"{date.day:02d}/{date.month:02d}/{date.year}"


def name(person: Human, style: str) -> str:
    """``caps`` ROSSI MARIA, ``given`` Maria Rossi, ``family`` Rossi Maria, ``GIVEN`` MARIA ROSSI, ``mixed`` Maria ROSSI."""
    surname, given = person.surname, person.name
    match style:
        case "caps":
            return apostrophes(f"{surname} {given}".strip().upper())
        case "family":
            return f"{surname} {given}".strip()
        case "GIVEN":
            return apostrophes(f"{given} {surname}".strip().upper())
        case "mixed":
            return f"{given} {surname.upper()}".strip()
    return f"{given} {surname}".strip()


def apostrophes(text: str) -> str:
    """Capitals of old machines have no accents: NICOLO'."""
    for accented, plain in zip("ÀÈÉÌÒÙ", "AEEIOU", strict=True):
        text = text.replace(accented, plain + "'")
    return text


def sir(person: Human, rng: Random) -> str:
    """The polite word before an adult's name."""
    return (
        rng.choice(["Sig.", "sig.", "Sig"])
        if person.sex == "M"
        else rng.choice(["Sig.ra", "sig.ra", "Sig.ra", "signora"])
    )


def born(person: Human, rng: Random, style: str) -> str:
    """«nata a Crema (CR) il 12/03/1950», in one of its wordings."""
    end = "o" if person.sex == "M" else "a"
    date = day(person.born, style)
    place = f"{person.place} ({person.province})"
    return rng.choice([
        f"nat{end} a {place} il {date}", f"nat{end} a {place} il {date}", f"nat{end} a {person.place} il {date}",
        f"nat{end} il {date} a {person.place}", f"nat{end} il {date}", f"n. a {person.place} il {date}", f"n. {date}",
        f"nat{end} a {place}, il {date}",
    ])  # fmt: skip


def initials(person: Human) -> str:
    """«R.M.»: privacy rule of published acts."""
    return f"{person.surname[0]}.{(person.name or 'X')[0]}."


def laws(rng: Random, date: dt.date, area: str, count: int = 1) -> list[str]:
    """Citations that existed on that day, the kind that look like dates and numbers."""
    known: list[tuple[int, str, str]] = [
        (1990, "", "Legge 7 agosto 1990 n. 241"), (2000, "", "L. 8 novembre 2000, n. 328"), (2000, "", "D.Lgs. 18 agosto 2000 n. 267"),
        (2000, "", "D.P.R. 28 dicembre 2000, n. 445"), (2003, "", "D.Lgs. 30/06/2003 n. 196"), (1986, "", "L.R. 7 gennaio 1986 n. 1"),
        (2008, "", "L.R. 12 marzo 2008, n. 3"), (1977, "", "D.P.R. 24.7.1977 n. 616"), (2018, "", "Reg. UE 2016/679"),
        (1992, "DIS", "L. 5 febbraio 1992 n. 104"), (1980, "DIS", "legge 11 febbraio 1980 n. 18"), (1999, "DIS", "L. 12 marzo 1999 n. 68"),
        (1983, "MIN", "L. 4 maggio 1983 n. 184"), (2001, "MIN", "legge 28 marzo 2001, n. 149"), (2004, "GIU", "L. 9 gennaio 2004 n. 6"),
        (2013, "POV", "D.P.C.M. 5 dicembre 2013 n. 159"), (2016, "ABI", "L.R. 8 luglio 2016, n. 16"), (1978, "FRA", "L. 13 maggio 1978 n. 180"),
    ]  # fmt: skip
    fit = [text for since, about, text in known if since <= date.year - 1 and about in ("", area)]
    return rng.sample(fit, min(count, len(fit)))


def protocol(number: int, date: dt.date, rng: Random, style: str) -> tuple[str, bool]:
    """A registration as one line, and whether its whole date stands in it."""
    when = day(date, style)
    return rng.choice([
        (f"Prot. n. {number}", False), (f"Prot. N. {number}/{date.year}", False), (f"Prot. n. {number} del {when}", True),
        (f"Prot. {number:07d}/{date.year}", False), (f"Protocollo n. {number:06d} del {when}", True), (f"N. {number} di prot.", False),
        (f"Prot. gen. n. {number}/{date.year % 100:02d}", False), (f"Prot. N° {number}  Data {when}", True), (f"P.G. {number}/{date.year}", False),
    ])  # fmt: skip
