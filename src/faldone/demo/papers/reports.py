# ruff: noqa: E501  # the sentences of papers stay whole
"""Reports and diaries."""

from __future__ import annotations

import datetime as dt

from faldone.demo.elements import Block, Para, Span, Table, text
from faldone.demo.papers.case import Case, Paper


def _topics(case: Case) -> list[tuple[str, tuple[str, int]]]:
    age = case.holder.age(case.date)
    if age < 18:
        parts = [
            ("Storia familiare", ("m_famiglia", 4)),
            ("Osservazione del minore", ("m_minore", 4)),
            ("Situazione scolastica", ("m_scuola", 4)),
            ("Salute", ("m_salute", 2)),
            ("Situazione abitativa", ("casa", 3)),
            ("Situazione economica", ("denaro", 2)),
        ]
        return [part for part in parts if age >= 6 or part[0] != "Situazione scolastica"]
    if case.household.kind == "elder":
        return [
            ("Condizioni di salute", ("e_salute", 4)),
            ("Rete familiare", ("e_rete", 4)),
            ("Situazione abitativa", ("casa", 3)),
            ("Situazione economica", ("denaro", 3)),
        ]
    if case.household.kind == "disabled":
        return [
            ("Condizioni di salute e autonomia", ("d_salute", 4)),
            ("Percorso nei servizi", ("d_percorso", 4)),
            ("Situazione abitativa", ("casa", 2)),
            ("Situazione economica", ("denaro", 2)),
        ]
    return [
        ("Storia familiare", ("a_famiglia", 4)),
        ("Situazione lavorativa", ("a_lavoro", 4)),
        ("Situazione abitativa", ("casa", 3)),
        ("Situazione economica", ("denaro", 4)),
    ]


def social_report(case: Case) -> Paper:
    """Relazione sociale."""
    rng, one, body = case.rng, case.holder, case.office()
    case.tell("social_worker", case.worker)
    title = case.pick(
        "Relazione sociale",
        "Relazione di aggiornamento",
        "Indagine sociale",
        "Relazione psicosociale",
        "Relazione sociale di aggiornamento",
    )
    blocks: list[Block] = [*case.letterhead(body)]
    own = case.own_number(share=0.45)
    if own:
        blocks.append(Para(text(own), rng.choice(("left", "right")), after=4))
    variant = rng.randrange(3)
    if variant == 0:
        blocks += [
            case.heading(title),
            Para((Span(case.pick("Oggetto: ", "Riferita a: ", "Utente: ")), *case.identity(one, home=True)), after=8),
        ]
    elif variant == 1:
        rows = [
            ("Cognome e nome", case.name(one)),
            ("Residenza", f"{one.town}, {one.street}"),
            ("Servizio", case.service_name()),
        ]
        if case.shown != "name":
            rows.insert(1, ("Data e luogo di nascita", f"{case.day(one.birth_date)} {one.birth_place}"))
        if case.shown == "cf":
            rows.insert(2, ("Codice fiscale", one.cf))
        blocks += [case.heading(title), Table((), tuple(rows), (1, 2.2), ruled=rng.choice(("grid", "lines", "none")))]
    else:
        blocks += [Para((Span("OGGETTO: ", bold=True), Span(title.lower() + " su "), *case.identity(one)), after=10)]
    if variant != 1:
        opening = case.pick(
            "La situazione è in carico per", "Il caso è seguito nell'ambito di", "La presente riguarda l'intervento:"
        )
        blocks.append(Para(text(f"{opening} {case.service_name()}. {case.say('procedura', 1)}")))
    parts = _topics(case)
    titled = rng.random() < 0.6
    for title_, topic in [parts[i] for i in sorted(rng.sample(range(len(parts)), rng.randrange(2, len(parts) + 1)))]:
        if titled:
            blocks.append(case.section(title_))
        blocks += case.prose(topic)
    if rng.random() < 0.6:
        blocks += case.prose(("rete", 2))
    if case.length > 2.5:
        if titled:
            blocks.append(case.section(case.pick("Interventi svolti", "Incontri di équipe")))
        blocks += case.prose(("equipe", 3), ("procedura", 2), ("diario", 2))
    if titled:
        blocks.append(
            case.section(case.pick("Valutazione", "Osservazioni dell'assistente sociale", "Conclusioni e proposte"))
        )
    blocks += case.prose(("valutazione", rng.randrange(2, 4)))
    mother = case.household.mother
    if mother is not None and one.age(case.date) < 18 and any(mother.surname in _plain(block) for block in blocks):
        case.tell("parent", mother)
    blocks += [
        case.place_and_day(),
        *case.sign((case.pick("L'assistente sociale", "l'Assistente Sociale"), f"{case.titled(case.worker)}")),
    ]
    return case.finish("relazione_sociale", blocks)


def _plain(block: Block) -> str:
    return " ".join(span.text for span in block.spans) if isinstance(block, Para) else ""


def provider_report(case: Case) -> Paper:
    """Relazione di struttura o di servizio accreditato."""
    rng, one = case.rng, case.holder
    kind = {
        "COM": "communities",
        "RSA": "homes",
        "CDD": "day_centres",
        "CSE": "day_centres",
        "SFA": "day_centres",
        "CDI": "day_centres",
        "CDM": "day_centres",
    }.get(case.service, "providers")
    body = case.provider(kind)
    author = rng.choice(case.population.educators)
    case.tell("author", author)
    start = case.date - dt.timedelta(days=rng.choice((95, 185, 370)))
    blocks: list[Block] = [*case.letterhead(body), *case.stamped(case.office())]
    blocks += [
        case.heading(
            case.pick(
                "Relazione educativa",
                "Relazione di verifica",
                "Relazione trimestrale",
                "Relazione sull'andamento dell'inserimento",
            )
        ),
        Para((Span(case.pick("Utente: ", "Ospite: ", "Riferita a ")), *case.identity(one)), after=4),
    ]
    blocks.append(
        Para(
            text(
                f"Servizio: {case.service_name()} - {case.pick('periodo', 'periodo di riferimento')}: dal {case.day(start)} al {case.day(case.before(20))}"
            ),
            after=8,
        )
    )
    blocks += case.prose(("struttura", rng.randrange(3, 6)))
    area = _topics(case)[0][1][0]
    blocks += [
        case.section(case.pick("Osservazioni", "Andamento", "Area relazionale")),
        *case.prose((area, 3), ("rete", 1)),
    ]
    if rng.random() < 0.5:
        rows = tuple(
            (words, case.pick("raggiunto", "in parte", "da proseguire")) for words in case.each("obiettivi", 4)
        )
        blocks.append(Table(("Obiettivo", "Esito"), rows, (4, 1.1), ruled=rng.choice(("grid", "lines"))))
    blocks += [
        *case.prose(("valutazione", 2)),
        case.place_and_day(),
        *case.sign(
            (case.pick("L'educatore di riferimento", "L'educatore"), author.plain_name),
            ("Il coordinatore", rng.choice(case.population.educators).plain_name),
        ),
    ]
    return case.finish("relazione_struttura", blocks)


def diary(case: Case) -> Paper:
    """Diario sociale, typed."""
    rng, one = case.rng, case.holder
    case.tell("social_worker", case.worker)
    count = rng.randrange(6, 10)
    day = case.date - dt.timedelta(days=40 * count)
    days = []
    for _ in range(count - 1):
        day += dt.timedelta(days=rng.randrange(4, 38))
        days.append(day)
    days.append(case.date)
    lines = case.each("diario", count)
    rows = tuple((case.day(day), words) for day, words in zip(days, lines, strict=False))
    blocks: list[Block] = [
        case.heading(case.pick("Diario sociale", "Diario del caso", "Registro dei contatti"), after=4),
        Para((Span(case.pick("Utente: ", "Cartella di ")), *case.identity(one)), after=3),
        Para(text(f"Servizio: {case.service_name()} - operatore: {case.worker.plain_name}"), after=8),
    ]
    if case.style.name == "table":
        blocks.append(Table(("Data", "Annotazione"), rows, (1.3, 4), ruled=rng.choice(("grid", "lines"))))
    else:
        blocks += [Para((Span(f"{when}  ", bold=True), Span(words)), after=6) for when, words in rows]
    return case.finish("diario_sociale", blocks, date=days[len(rows) - 1])
