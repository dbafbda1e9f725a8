"""Files of papers with their truth: which template, for whom, when; one to five documents in a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from faldone.domain.page import PageText
from tests.bench.otherhand.case import Case
from tests.bench.otherhand.catalogue import Template, templates
from tests.bench.otherhand.noise import Level, blank_page, draw_level, recognised
from tests.bench.otherhand.persons import Family, Human, Population, population
from tests.bench.otherhand.services import SERVED

Json = dict[str, Any]
SCANNED = dt.date(2026, 2, 2)
_FIRST, _LAST = dt.date(1985, 3, 1), dt.date(2025, 11, 30)
_AGES = {
    "minor": (0.6, 17.8), "teen": (14.2, 17.9), "pupil": (3.5, 17.5), "adult": (19.0, 64.0), "woman": (19.0, 60.0),
    "foreign": (0.5, 60.0), "disabled": (18.5, 60.0), "frail": (18.5, 95.0), "elder": (66.0, 97.0), "any": (0.5, 95.0),
}  # fmt: skip
_BLANK_BACK, _MOST_PAGES = 0.07, 6


@dataclass(frozen=True, slots=True)
class Written:
    """A file: its pages as an engine read them, its truth in the results' form, and how bad its scans are."""

    pages: tuple[PageText, ...]
    truth: Json
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Archive:
    """The people and the files."""

    people: Population
    files: tuple[Written, ...]


def archive(seed: int, documents: int) -> Archive:
    """``documents`` papers about a district of matching size. The same seed gives the same archive."""
    rng = Random(f"otherhand {seed}")
    people = population(rng, max(documents, 300))
    return Archive(people, tuple(_files(rng, people, documents)))


def _files(rng: Random, people: Population, documents: int) -> Iterator[Written]:
    left, number = documents, 0
    while left > 0:
        count = min(rng.choices([1, 2, 3, 4, 5], [55, 18, 13, 8, 6])[0], left)
        left -= count
        number += 1
        yield _file(rng, people, count, f"lotto-{number // 60 + 1}/{number:04d}.pdf")


def _file(rng: Random, people: Population, count: int, name: str) -> Written:
    pages: list[PageText] = []
    documents: list[Json] = []
    levels: list[Level] = []
    subject: tuple[Family, Human] | None = None
    while len(documents) < count:
        # Half of what is scanned in one go is from one dossier.
        case = compose(rng, people, subject if rng.random() < 0.5 else None)
        sheets = case.paper.pages()
        if not 1 <= len(sheets) <= _MOST_PAGES:
            continue
        level = draw_level(rng)
        levels.append(level)
        first = len(pages)
        for sheet in sheets:
            pages.append(recognised(sheet, rng, level))
        documents.append(_truth(case, first, len(pages) - 1))
        if rng.random() < _BLANK_BACK:
            documents[-1]["last_page"] = len(pages)
            pages.append(blank_page())
        subject = (case.family, case.holder) if case.holders else subject
    truth = {
        "file": name,
        "state": "filed",
        "reason": None,
        "pages": [
            {"index": index, "text": page.text, "blank": page.blank, "separator": False}
            for index, page in enumerate(pages)
        ],
        "documents": documents,
    }
    return Written(tuple(pages), truth, tuple(levels))


def compose(rng: Random, people: Population, subject: tuple[Family, Human] | None = None) -> Case:
    """One paper, about ``subject`` where that fits."""
    while True:
        template = rng.choices(templates(), [item.weight for item in templates()])[0]
        service = rng.choice(template.services)
        if subject is not None:
            family, holder = subject
        else:
            family = rng.choice(people.families)
            holder = rng.choice(family.members)
        date = _day(rng, template, service, holder)
        if date is None:
            continue
        case = Case.open(rng, people, family, holder, service, date)
        template.write(case)
        case.others = [(role, person) for role, person in case.others if person not in case.holders]
        case.kind = template.kind
        return case


def _day(rng: Random, template: Template, service: str, holder: Human) -> dt.date | None:
    """A day on which this person can be what the paper says, in the years of the service and of the form."""
    served = SERVED[service]
    who = template.who or served.who
    if (who == "woman" and holder.sex != "F") or (who == "foreign" and holder.province != "EE"):
        return None
    youngest, oldest = _AGES[who]
    if template.who == "any" or not template.services:
        years = (template.since, template.until)
    else:
        years = max(template.since, served.since), min(template.until, served.until)
    low = max(_FIRST, dt.date(max(years[0], 1985), 3, 1), holder.born + dt.timedelta(int(youngest * 365.25)))
    high = min(_LAST, dt.date(years[1], 11, 30), holder.born + dt.timedelta(int(oldest * 365.25)))
    if low >= high:
        return None
    # Dossiers that are opened today hold more of the last twenty years.
    span = (high - low).days
    return low + dt.timedelta(int(span * rng.random() ** 0.7))


def _truth(case: Case, first: int, last: int) -> Json:
    """The truth of one document.

    ``protocol`` is what faldone takes for a paper's own (docs of ``classify/protocol.py``): the keeper's arrival stamp,
    else the writer's number; never the other party's. ``sender`` keeps the writer's number beside a stamp. ``service``
    is null where nothing on the paper tells one. Persons without code on the paper carry it here all the same.
    """
    persons = [("holder", person) for person in case.holders] + case.others
    own = case.stamped or case.own
    return {
        "first_page": first,
        "last_page": last,
        "type": case.kind,
        "service": case.service if case.told else None,
        "dossier_service": case.service,
        "persons": [_person(role, person) for role, person in dict.fromkeys(persons)],
        "protocol": _protocol(own),
        "sender": _protocol(case.own) if case.stamped else None,
        "date": None if case.undated else case.date.isoformat(),
        "cf_printed": any(person.cf in case.coded for person in case.holders),
        "shown": case.shown,
    }


def _person(role: str, person: Human) -> Json:
    return {"role": role, "cf": person.cf, "name": person.full, "birth_date": person.born.isoformat()}


def _protocol(numbered: tuple[str, dt.date | None] | None) -> Json | None:
    if numbered is None:
        return None
    number, date = numbered
    return {"number": number, "date": date.isoformat() if date else None}
