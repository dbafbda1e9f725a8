# ruff: noqa: E501  # the sentences of papers stay whole
"""Papers of health bodies."""

from __future__ import annotations

import datetime as dt

from faldone.demo.elements import Block, Field, FormRow, Para, Rule, Span, Table, Ticks, text
from faldone.demo.lexis import sentences
from faldone.demo.papers.case import Case, Paper
from faldone.demo.papers.forms import personal_rows


def _committee(case: Case) -> list[Block]:
    body = case.health()
    if case.date.year >= 2010:
        return [
            Para(text("", "INPS"), "left", 1.4, after=0),
            Para(
                text("Istituto Nazionale Previdenza Sociale - Centro medico legale di Cremona"), "left", 0.85, after=8
            ),
        ]
    return case.letterhead(body)


def _dates(case: Case) -> tuple[dt.date, dt.date]:
    asked = case.date - dt.timedelta(days=case.rng.randrange(60, 240))
    return asked, case.date - dt.timedelta(days=case.rng.randrange(5, 50))


def disability_minutes(case: Case) -> Paper:
    """Verbale di accertamento dell'invalidità civile."""
    rng, one = case.rng, case.holder
    if case.shown == "name":
        case.shown = "birth"
    asked, seen = _dates(case)
    percent = rng.choice(("46", "67", "74", "80", "100", "100"))
    diagnosis = rng.choice(sentences()["patologie" if one.age(case.date) > 60 else "patologie_d"])
    doctor = rng.choice(case.population.doctors)
    case.tell("doctor", doctor)
    blocks: list[Block] = [*case.stamped(case.office(), late=60), *_committee(case)]
    blocks.append(
        Para(
            text(
                case.pick(
                    "Commissione medica per l'accertamento dell'invalidità civile, delle condizioni visive e della sordità",
                    "Commissione medica di prima istanza per l'accertamento dell'invalidità civile",
                )
            ),
            "center",
            after=4,
        )
    )
    blocks.append(
        case.heading(
            case.pick(
                "Verbale di accertamento dell'invalidità civile",
                "Verbale di visita collegiale - invalidità civile",
                "Verbale di accertamento",
            )
        )
    )
    if rng.random() < 0.6:
        blocks += personal_rows(case, one)
    else:
        blocks.append(Para((Span(case.pick("Il/La sig. ", "Interessato: ")), *case.identity(one, home=True)), after=6))
    blocks.append(
        FormRow(
            (
                Field(case.pick("Domanda presentata il", "Data domanda"), case.day(asked), 1, "none"),
                Field(case.pick("Data visita", "visitato il"), case.day(seen), 1, "none"),
            )
        )
    )
    blocks.append(
        Para(
            text("Visti la L. 30 marzo 1971 n. 118, la L. 11 febbraio 1980 n. 18 e la L. 21 novembre 1988 n. 508;"),
            scale=0.9,
        )
    )
    blocks += [
        case.section(case.pick("Diagnosi", "Anamnesi ed esame obiettivo")),
        Para(text(f"{diagnosis[0].upper()}{diagnosis[1:]}. " + case.say("clinica", 3))),
    ]
    blocks += [case.section(case.pick("Giudizio medico-legale", "GIUDIZIO MEDICO LEGALE"))]
    verdict = (
        f"INVALIDO con riduzione permanente della capacità lavorativa del {percent} %"
        if percent != "100"
        else rng.choice(
            (
                "INVALIDO con totale e permanente inabilità lavorativa: 100 % (invalidità) e necessità di assistenza continua - indennità di accompagnamento",
                "INVALIDO ultrasessantacinquenne con difficoltà persistenti a svolgere i compiti della propria età: invalidità 100 %"
                if one.age(case.date) > 65
                else "INVALIDO totale, invalidità 100 %",
            )
        )
    )
    if rng.random() < 0.4:
        blocks.append(
            Ticks(
                (
                    (verdict, True),
                    ("non invalido - assenza di patologia", False),
                    ("minore con difficoltà persistenti (L. 11 ottobre 1990 n. 289)", False),
                )
            )
        )
    else:
        blocks.append(Para(text("", verdict), after=6))
    blocks.append(
        Para(
            text(
                case.pick(
                    "Soggetto rivedibile: NO",
                    "Soggetto non rivedibile",
                    f"Soggetto rivedibile a {case.pick('marzo', 'ottobre')} {case.date.year + 2}",
                )
            )
        )
    )
    blocks.append(
        Para(
            text(
                f"{case.pick('Data di definizione', 'Verbale definito il', 'Data definizione del verbale:')} ",
                case.day(case.date),
                "",
            ),
            after=4,
        )
    )
    blocks += case.sign((case.pick("Il Presidente della commissione", "Il medico INPS"), f"{case.titled(doctor)}"))
    return case.finish("verbale_invalidita", blocks, service=False)


def handicap_minutes(case: Case) -> Paper:
    """Verbale di accertamento dell'handicap, L. 104/1992."""
    rng, one = case.rng, case.holder
    if case.shown == "name":
        case.shown = "birth"
    asked, seen = _dates(case)
    doctor = rng.choice(case.population.doctors)
    case.tell("doctor", doctor)
    severe = rng.random() < 0.6
    diagnosis = rng.choice(sentences()["patologie" if one.age(case.date) > 60 else "patologie_d"])
    blocks: list[Block] = [*case.stamped(case.office(), late=60), *_committee(case)]
    blocks.append(
        case.heading(
            case.pick(
                "Accertamento dell'handicap - verbale della commissione medica legge 104",
                "Verbale di accertamento dell'handicap",
                "Commissione medica legge 104 - Accertamento dell'handicap",
            ),
            after=3,
        )
    )
    blocks.append(Para(text("ai sensi dell'art. 4 della L. 5 febbraio 1992, n. 104"), "center", after=8))
    if rng.random() < 0.5:
        blocks += personal_rows(case, one)
    else:
        blocks.append(Para((Span("Interessato/a: "), *case.identity(one, home=rng.random() < 0.5)), after=6))
    blocks.append(Para(text(f"Domanda del {case.day(asked)} - visita del {case.day(seen)}")))
    blocks.append(Para(text(case.pick("Diagnosi: ", "Accertamenti: "), "", f"{diagnosis}. " + case.say("clinica", 2))))
    judgement = case.pick("la commissione riconosce l'interessato", "LA COMMISSIONE RICONOSCE che l'interessato è")
    outcome = (
        "portatore di handicap in situazione di gravità ai sensi dell'art. 3 comma 3"
        if severe
        else "persona handicappata ai sensi dell'art. 3 comma 1"
    )
    if rng.random() < 0.5:
        blocks.append(
            Ticks(
                (
                    ("persona handicappata (art. 3 comma 1)", not severe),
                    ("portatore di handicap in situazione di gravità (art. 3 comma 3)", severe),
                    ("persona non handicappata", False),
                )
            )
        )
    else:
        blocks.append(Para(text(f"{judgement} ", outcome, " della L. 104/1992.")))
    blocks.append(
        Para(
            text(
                case.pick(
                    "Non sono previste revisioni.",
                    f"Riveda la condizione nel {case.date.year + 2}.",
                    "Stato: permanente.",
                )
            )
        )
    )
    blocks.append(
        Para(
            text(
                f"{case.pick('Definito il', 'Data di definizione del verbale:', 'Verbale chiuso in data')} {case.day(case.date)}"
            ),
            after=4,
        )
    )
    blocks += case.sign(("Il Presidente", f"{case.titled(doctor)}"))
    return case.finish("verbale_104", blocks, service=False)


def functional_diagnosis(case: Case) -> Paper:
    """Diagnosi funzionale dell'alunno."""
    rng, one = case.rng, case.holder
    if case.shown == "cf" and rng.random() < 0.5:
        case.shown = "birth"
    doctor = rng.choice(case.population.doctors)
    case.tell("doctor", doctor)
    blocks: list[Block] = [*case.letterhead(case.health()), *case.stamped(case.office())]
    later = case.date.year >= 2019
    blocks.append(
        case.heading(
            case.pick("Profilo di funzionamento", "Diagnosi funzionale")
            if later
            else case.pick("Diagnosi funzionale", "Alunno in situazione di handicap - diagnosi funzionale"),
            after=3,
        )
    )
    law = (
        "D.Lgs. 13 aprile 2017, n. 66"
        if later
        else "D.P.C.M. 23 febbraio 2006, n. 185"
        if case.date.year >= 2006
        else "D.P.R. 24 febbraio 1994"
    )
    blocks.append(Para(text(f"({law})"), "center", 0.9, after=8))
    if rng.random() < 0.5:
        blocks += personal_rows(case, one)[:3] if case.shown != "cf" else personal_rows(case, one)
    else:
        blocks.append(Para((Span(case.pick("Alunno: ", "Alunno con disabilità: ")), *case.identity(one)), after=6))
    if one in case.household.children and case.household.mother is not None and rng.random() < 0.5:
        case.tell("parent", case.household.mother)
        blocks.append(Para(text(f"Madre: {case.name(case.household.mother)}")))
    diagnosis = rng.choice(sentences()["patologie_d"])
    blocks.append(
        Para(
            text(
                "Diagnosi clinica: ",
                f"{diagnosis}",
                f" - codice ICD-10: F{rng.randrange(70, 99)}.{rng.randrange(0, 9)}",
            )
        )
    )
    areas = [
        "Area cognitiva",
        "Area affettivo-relazionale",
        "Area comunicazione e linguaggio",
        "Area motoria",
        "Area dell'autonomia",
    ]
    lines = case.each("clinica", len(areas))
    if rng.random() < 0.5:
        blocks.append(Table(("Area", "Osservazioni"), tuple(zip(areas, lines, strict=False)), (1.4, 3.2), ruled="grid"))
    else:
        for area, words in zip(areas, lines, strict=False):
            blocks += [case.section(area), Para(text(words + " " + case.say("m_minore", 1)))]
    hours = rng.randrange(6, 20)
    asked = rng.random() < 0.75
    if asked:
        blocks.append(
            Para(
                text(
                    f"{case.pick('Si richiede', 'Si propone', 'Fabbisogno:')} ",
                    case.service_name("SAAP"),
                    f" per n. {hours} ore settimanali e insegnante di sostegno.",
                )
            )
        )
    blocks += [
        Para(
            text(
                case.pick(
                    "Validità: fino al termine del ciclo scolastico.", f"Da aggiornare entro {case.date.year + 2}."
                )
            )
        ),
        case.place_and_day("Crema"),
        *case.sign(
            (
                case.pick("Il neuropsichiatra infantile", "Il medico specialista in neuropsichiatria infantile"),
                f"{case.titled(doctor)}",
            )
        ),
    ]
    return case.finish("diagnosi_funzionale", blocks, service=asked)


def medical_certificate(case: Case) -> Paper:
    """Certificato medico: short, often without any code."""
    rng, one = case.rng, case.holder
    case.shown = rng.choices(("cf", "birth", "name"), (25, 50, 25))[0]
    doctor = rng.choice(case.population.doctors)
    case.tell("doctor", doctor)
    blocks: list[Block] = [*case.stamped(case.office())]
    blocks += [
        Para(
            text("", case.titled(doctor)[:1].upper() + case.titled(doctor)[1:]),
            rng.choice(("left", "center")),
            1.15,
            after=1,
        ),
        Para(
            text(
                case.pick("Medico chirurgo - medico di medicina generale", "Specialista in geriatria", "Medico curante")
            ),
            "left",
            after=1,
        ),
        Para(
            text(
                f"cod. regionale {rng.randrange(10000, 99999)} - ambulatorio in {case.pick('via Kennedy', 'piazza Garibaldi', 'via Roma')}, {one.town}"
            ),
            "left",
            0.9,
            after=4,
        ),
        Rule(0.5, 14),
    ]
    blocks.append(case.heading(case.pick("Certificato medico", "Certificato", "Si certifica che"), after=12))
    diagnosis = rng.choice(sentences()["patologie" if one.age(case.date) > 60 else "patologie_d"])
    blocks.append(
        Para(
            (
                Span(case.pick("Si certifica che ", "Certifico che ", "Si attesta che ")),
                Span(case.sir + " "),
                *case.identity(one),
                Span(f", {case.pick('è affett', 'risulta affett')}{'a' if one.sex == 'F' else 'o'} da {diagnosis}."),
            )
        )
    )
    blocks += case.prose(("clinica", rng.randrange(1, 4)))
    blocks.append(
        Para(
            text(
                case.pick(
                    "Si rilascia su richiesta dell'interessato per gli usi consentiti.",
                    "Terapia in atto: vedi scheda. In fede.",
                    "In fede.",
                )
            )
        )
    )
    blocks += [
        case.place_and_day(one.town),
        *case.sign((case.pick("Il medico curante", "Il medico"), f"{case.titled(doctor)}")),
    ]
    return case.finish("certificato_medico", blocks, service=False)
