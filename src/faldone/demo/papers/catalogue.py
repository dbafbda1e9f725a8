# ruff: noqa: E501  # the sentences of papers stay whole
"""Which papers a service's dossier holds, who makes each, and when they can be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from faldone.demo.elements import Kind
from faldone.demo.lexis import table
from faldone.demo.papers import courts, forms, health, office, projects, reports
from faldone.demo.papers.case import LAST_DAY, Case, Paper
from faldone.demo.papers.styles import draw_style
from faldone.demo.persons import Household, Individual, Population

MAKERS: Mapping[str, tuple[Callable[[Case], Paper], tuple[Kind, ...]]] = {
    "domanda_accesso": (forms.application, ("form",)),
    "scheda_accesso": (forms.access_sheet, ("form",)),
    "isee": (forms.isee, ("table",)),
    "stato_famiglia": (forms.household_certificate, ("table", "typewriter")),
    "consenso_privacy": (forms.consent, ("form",)),
    "delega": (forms.delegation, ("letter", "typewriter")),
    "decreto_tm": (courts.juvenile_decree, ("prose", "prose", "typewriter")),
    "decreto_gt": (courts.guardianship_decree, ("prose",)),
    "rendiconto_ads": (courts.guardian_account, ("table",)),
    "relazione_tribunale": (courts.report_to_court, ("prose",)),
    "relazione_sociale": (reports.social_report, ("prose", "prose", "typewriter")),
    "relazione_struttura": (reports.provider_report, ("prose",)),
    "diario_sociale": (reports.diary, ("table", "typewriter")),
    "verbale_invalidita": (health.disability_minutes, ("form",)),
    "verbale_104": (health.handicap_minutes, ("form",)),
    "diagnosi_funzionale": (health.functional_diagnosis, ("form", "prose")),
    "certificato_medico": (health.medical_certificate, ("letter", "typewriter")),
    "progetto_individuale": (projects.individual_project, ("form", "table")),
    "pei": (projects.educational_project, ("prose",)),
    "progetto_affido": (projects.fostering_project, ("prose",)),
    "verbale_equipe": (projects.team_minutes, ("prose",)),
    "contratto_servizio": (projects.service_contract, ("form", "table")),
    "determina": (office.resolution, ("prose",)),
    "corrispondenza": (office.letter, ("letter",)),
    "segnalazione": (office.alert, ("letter",)),
    "fattura_retta": (office.invoice, ("table",)),
    "elenco": (office.user_list, ("list",)),
    "separatore": (office.cover, ("form",)),
}

_CARE = {
    "domanda_accesso": 4,
    "isee": 3,
    "progetto_individuale": 4,
    "contratto_servizio": 4,
    "relazione_sociale": 3,
    "corrispondenza": 4,
    "determina": 3,
    "consenso_privacy": 2,
    "diario_sociale": 1,
}
_POOR = {
    "domanda_accesso": 4,
    "isee": 4,
    "relazione_sociale": 4,
    "corrispondenza": 4,
    "determina": 4,
    "scheda_accesso": 3,
    "progetto_individuale": 2,
    "consenso_privacy": 1,
    "stato_famiglia": 1,
    "delega": 1,
    "diario_sociale": 1,
}
_DIARY = {
    "relazione_sociale": 4,
    "scheda_accesso": 5,
    "corrispondenza": 3,
    "segnalazione": 2,
    "diario_sociale": 3,
    "consenso_privacy": 3,
}
_HEALTH = {"verbale_invalidita": 3, "verbale_104": 3}

PAPERS_OF: Mapping[str, Mapping[str, int]] = {
    "SAD": {**_CARE, "fattura_retta": 2, "certificato_medico": 2, "verbale_invalidita": 2, "segnalazione": 1},
    "PAS": {"domanda_accesso": 4, "contratto_servizio": 3, "isee": 2, "corrispondenza": 3, "certificato_medico": 1},
    "CDI": {**_CARE, "fattura_retta": 3, "relazione_struttura": 3},
    "RSA": {**_CARE, "fattura_retta": 5, "relazione_struttura": 2, "verbale_invalidita": 2},
    "FNB2": {**_CARE, **_HEALTH},
    "ADIS": {"progetto_individuale": 4, "corrispondenza": 3, "certificato_medico": 2, "relazione_sociale": 2},
    "PRG": {
        "decreto_gt": 8,
        "rendiconto_ads": 6,
        "relazione_tribunale": 5,
        "corrispondenza": 3,
        "relazione_sociale": 2,
    },
    "CDD": {**_CARE, "pei": 4, "fattura_retta": 4, "relazione_struttura": 4, **_HEALTH},
    "CSE": {**_CARE, "pei": 4, "relazione_struttura": 4, "verbale_invalidita": 2},
    "SFA": {**_CARE, "pei": 4, "relazione_struttura": 3},
    "SADH": {**_CARE, **_HEALTH, "certificato_medico": 2},
    "DDN": {**_CARE, **_HEALTH},
    "VIN": {**_CARE, "verbale_104": 2},
    "TRS": {"domanda_accesso": 4, "contratto_servizio": 3, "certificato_medico": 4, "corrispondenza": 3},
    "RDI": {**_CARE, "fattura_retta": 4, "relazione_struttura": 3},
    "SAAP": {
        "domanda_accesso": 4,
        "diagnosi_funzionale": 7,
        "verbale_104": 3,
        "progetto_individuale": 3,
        "verbale_equipe": 3,
        "corrispondenza": 4,
        "relazione_struttura": 3,
        "determina": 2,
        "pei": 3,
    },
    "TUM": {
        "decreto_tm": 9,
        "relazione_tribunale": 7,
        "segnalazione": 7,
        "verbale_equipe": 6,
        "relazione_sociale": 4,
        "corrispondenza": 4,
        "diario_sociale": 2,
        "determina": 1,
    },
    "ADM": {
        "progetto_individuale": 4,
        "contratto_servizio": 5,
        "relazione_struttura": 5,
        "pei": 3,
        "verbale_equipe": 3,
        "corrispondenza": 3,
        "determina": 2,
    },
    "COM": {
        "relazione_struttura": 5,
        "fattura_retta": 4,
        "pei": 3,
        "contratto_servizio": 3,
        "determina": 3,
        "corrispondenza": 2,
    },
    "AFF": {"progetto_affido": 7, "determina": 3, "corrispondenza": 3, "relazione_sociale": 2},
    "CDM": {"pei": 4, "relazione_struttura": 4, "contratto_servizio": 3, "domanda_accesso": 2},
    "INP": {"relazione_struttura": 5, "relazione_tribunale": 3, "corrispondenza": 3},
    "FAM": {"scheda_accesso": 4, "verbale_equipe": 4, "corrispondenza": 2, "consenso_privacy": 2},
    "NID": {"domanda_accesso": 5, "isee": 4, "fattura_retta": 3, "corrispondenza": 2},
    "SEG": _DIARY,
    "SSB": _DIARY,
}

# how often a service's papers turn up; 1 where nothing is said
_WEIGHTS = {
    "TUM": 9,
    "SAAP": 6,
    "ADM": 4,
    "SAD": 6,
    "RSA": 3,
    "CDD": 4,
    "PRG": 4,
    "FNB2": 3,
    "COM": 3,
    "CEC": 3,
    "SIL": 2,
}

_AGES = {
    "infant": (0, 3), "minor": (2, 17), "school": (6, 17), "disabled": (18, 62), "elder": (66, 99), "adult": (20, 66),
    "worker": (18, 60), "mother": (18, 45), "migrant": (18, 60),
}  # fmt: skip
_KINDS = {
    "infant": ("family",), "minor": ("family",), "school": ("family",), "disabled": ("disabled",), "elder": ("elder",),
    "adult": ("adult", "family"), "worker": ("adult", "disabled"), "mother": ("family",), "migrant": ("adult", "family"),
}  # fmt: skip
_FIRST_DAY = dt.date(1988, 1, 1)


def papers_of(service: str) -> Mapping[str, int]:
    """The weights of the types of papers that a service's dossier holds."""
    return PAPERS_OF.get(service, _POOR)


def _candidates(home: Household, who: str) -> list[Individual]:
    if home.kind not in _KINDS[who]:
        return []
    if who in ("infant", "minor", "school"):
        return list(home.children)
    if home.kind == "family":
        parents = [one for one in (home.mother, home.father) if one is not None]
        wanted = [one for one in parents if who != "mother" or one.sex == "F"]
        return [one for one in wanted if who != "migrant" or one.foreign]
    return [one for one in (home.main,) if who != "migrant" or one.foreign]


def _span(one: Individual, service: str) -> tuple[dt.date, dt.date] | None:
    """The days on which the person can have papers of the service."""
    row = table("services")[service]
    low, high = _AGES[row["who"]]
    born = one.birth_date
    first = max(
        _FIRST_DAY, dt.date.fromisoformat(f"{row['from']}-01"), born + dt.timedelta(days=int(365.25 * low) + 60)
    )
    last = min(LAST_DAY, born + dt.timedelta(days=int(365.25 * (high + 1)) - 30))
    if "to" in row:
        last = min(last, dt.date.fromisoformat(f"{row['to']}-28"))
    return (first, last) if (last - first).days > 60 else None


def draw_case(rng: Random, population: Population, *, service: str | None = None, since: int = 1988) -> Case:
    """A case that could be: a person of fitting age, a service in being, a working day.

    Args:
        rng: where chance comes from.
        population: whom to draw from.
        service: only this service.
        since: no day before this year.
    """
    services: Mapping[str, Any] = table("services")
    while True:
        home = rng.choice(population.households)
        codes = [service] if service else [code for code in services if home.kind in _KINDS[services[code]["who"]]]
        code = rng.choices(codes, [_WEIGHTS.get(one, 1) for one in codes])[0]
        fitting = _candidates(home, services[code]["who"])
        if not fitting:
            continue
        one = rng.choice(fitting)
        span = _span(one, code)
        if span is None or span[1].year < since:
            continue
        first = max(span[0], dt.date(since, 1, 1))
        days = (span[1] - first).days
        if days < 30:
            continue
        day = first + dt.timedelta(days=int(days * rng.random() ** 0.75))
        while day.weekday() > 4:
            day += dt.timedelta(days=1)
        return Case(rng, population, home, one, code, day)


def compose(case: Case, kind: str, *, digital: bool = False) -> Paper:
    """The paper of a kind for a case, in a style drawn for it."""
    maker, styles = MAKERS[kind]
    case.style = draw_style(case.rng, case.rng.choice(styles), year=case.date.year, digital=digital)
    return maker(case)


LONG = ("relazione_sociale", "relazione_tribunale", "relazione_struttura", "decreto_tm", "decreto_gt", "progetto_individuale",
        "progetto_affido", "pei", "verbale_equipe", "rendiconto_ads", "scheda_accesso", "determina", "diagnosi_funzionale")  # fmt: skip


def draw_kind(rng: Random, service: str, used: Mapping[str, int], *, long: bool = False) -> str:
    """A type of paper for a service's dossier; types that were ``used`` often come more rarely.

    With ``long``, one of those that fill several pages, if the dossier holds any.
    """
    weights = papers_of(service)
    if long:
        weights = {kind: weight for kind, weight in weights.items() if kind in LONG} or weights
    return rng.choices(list(weights), [weight / (1 + used.get(kind, 0)) ** 0.6 for kind, weight in weights.items()])[0]
