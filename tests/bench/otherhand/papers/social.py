# ruff: noqa: E501 - wordings stay whole
"""Social workers and educators: reports, records, minutes, alarms."""

from __future__ import annotations

import datetime as dt

from tests.bench.otherhand import voice
from tests.bench.otherhand.case import Case
from tests.bench.otherhand.catalogue import paper
from tests.bench.otherhand.papers.bank import FAMILY, MEETINGS, SCHOOL


@paper("relazione_sociale", "SSB SSB SAD RSA CEC SAT SFD CAV TUM PIS FNB2 SAP", weight=3.0)
def social_report(case: Case) -> None:
    p = case.paper
    case.office()
    line = case.protocol_line(0.35)
    if line:
        p.line(line)
    first = case.rng.random() < 0.45
    p.title(
        case.pick(
            "RELAZIONE SOCIALE",
            "RELAZIONE SOCIALE",
            "INDAGINE SOCIALE",
            "Relazione di aggiornamento",
            "RELAZIONE DELL'ASSISTENTE SOCIALE",
        )
    )
    if first:
        p.line(case.dated(), 1.4)
    if case.rng.random() < 0.5:
        case.boxes()
    else:
        p.para(
            f"{case.pick('Oggetto:', 'Relazione su', 'OGGETTO: situazione di', 'Utente:')} {case.who()}{case.pick('', f', residente a {case.town} in {case.holder.street}')}"
        )
    if case.rng.random() < 0.6:
        others = [x for x in case.family.members if x not in case.holders and x.born < case.date]
        if others:
            p.para(case.pick("Nucleo familiare:", "Composizione del nucleo", "Rete familiare:"))
            for member in others:
                role = "parent" if member in case.parents else "cited"
                p.line(f"{'-' if case.rng.random() < 0.5 else ''} {case.who(case.add(role, member))}")
    p.para(f"{case.pick('Motivo della relazione:', 'Situazione attuale:', '')} {case.say()}.".strip())
    case.story(
        [*MEETINGS, *FAMILY[:8]] if case.holder.age(case.date) >= 18 else [*FAMILY, *SCHOOL], case.rng.randint(5, 22)
    )
    p.para(case.pick("VALUTAZIONE PROFESSIONALE E PROPOSTA", "Conclusioni"))
    p.para(f"Alla luce di quanto esposto si propone di proseguire l'intervento: {case.say()}.")
    if not first:
        p.line(case.dated(), 1.6)
    case.signed("L'Assistente Sociale", None, "social_worker")


@paper("relazione_struttura", "COM COM CDM ADM INP CDD CSE SIL RDI SFA DIP CDI", weight=2.4)
def provider_report(case: Case) -> None:
    p = case.paper
    case.stamp(0.3)
    p.lines(
        case.pick(
            "Cooperativa Sociale Filikà",
            "Coop. Soc. Altana",
            "Comunità La Sorgente - Soc. Coop. Sociale",
            "Cooperativa Krikos a r.l.",
        ),
        f"Sede: via delle Industrie - {case.pick('Crema', 'Castelleone', 'Offanengo')}",
        gap=1.0,
    )
    if case.rng.random() < 0.7:
        p.centre(case.rng.choice(case.served.names))
    if line := case.protocol_line(0.15):
        p.line(line)
    if case.rng.random() < 0.4:
        p.right(
            "Alla cortese attenzione",
            f"dell'Assistente Sociale {voice.name(case.staff('social_worker'), 'given')}",
            gap=1.4,
        )
    p.title(
        case.pick(
            "RELAZIONE EDUCATIVA",
            "RELAZIONE DI VERIFICA",
            "RELAZIONE SULL'ANDAMENTO DELL'INTERVENTO",
            "Relazione semestrale",
            "RELAZIONE TRIMESTRALE",
        )
    )
    start, end = case.earlier(150, 220), case.earlier(5, 30)
    p.line(
        f"{case.pick('Periodo', 'Periodo di riferimento', 'dal')}: {case.on(start)} - {case.on(end)}"
        if case.rng.random() < 0.6
        else f"Periodo {voice.MONTHS[start.month - 1]} - {voice.MONTHS[end.month - 1]} {end.year}",
        1.3,
    )
    p.para(
        f"{case.pick('Utente:', 'Minore:' if case.holder.age(case.date) < 18 else 'Ospite:', 'Nominativo:', 'Relazione relativa a')} {case.who()}"
    )
    p.para(f"{case.say().capitalize()}.")
    case.story([*SCHOOL, *MEETINGS], case.rng.randint(5, 20))
    p.line(case.dated("Crema"), 1.5)
    case.signed(case.pick("L'educatrice di riferimento", "Il coordinatore", "L'educatore"), None)
    case.corner()


@paper("scheda_accesso", "SEG SEG SSB PUA FAM SFD CAV PIS", weight=1.8)
def intake(case: Case) -> None:
    p = case.paper
    case.office()
    p.title(
        case.pick(
            "SCHEDA DI ACCESSO",
            "SCHEDA PRIMO COLLOQUIO",
            "SCHEDA DI SEGRETARIATO SOCIALE" if case.service == "SEG" else "SCHEDA DI PRESA IN CARICO",
            "SCHEDA UTENTE",
            "Scheda di primo accesso",
        )
    )
    told = case.rng.random() < 0.8
    p.boxes(
        [
            (case.pick("Data colloquio", "Data", "Data del colloquio"), case.on()),
            ("Operatore", voice.name(case.staff("social_worker"), "given")),
        ],
        "two",
    )
    if told:
        p.line(f"Servizio: {case.rng.choice(case.served.names)}", 1.2)
    case.boxes(
        ("Telefono", f"0373 {case.rng.randint(200000, 299999)}"),
        ("Stato civile", case.pick("coniugato/a", "vedovo/a", "nubile/celibe", "separato/a")),
        ("Inviato da", case.pick("spontaneo", "medico di base", "parrocchia", "ospedale")),
        ("Medico di base", f"dott. {voice.name(case.staff('doctor'), 'given')}" if case.rng.random() < 0.4 else ""),
    )
    others = [x for x in case.family.members if x not in case.holders and x.born < case.date]
    if others:
        rows = [
            ["Cognome e nome", "Nato il", "Relazione"],
            *[
                [
                    voice.name(case.add("cited", x), "caps"),
                    voice.day(x.born, "num"),
                    case.pick("figlio/a", "coniuge", "madre", ""),
                ]
                for x in others
            ],
        ]
        p.para("COMPOSIZIONE DEL NUCLEO FAMILIARE")
        p.table(rows, [36, 14, 14])
    p.para(f"Motivo dell'accesso: {case.say()}.")
    case.story(MEETINGS, case.rng.randint(2, 5))
    case.signed("L'Assistente Sociale", case.staff("social_worker"))


@paper("diario_sociale", "SSB TUM ADM SAD SIL FAM", weight=1.4)
def diary(case: Case) -> None:
    p = case.paper
    case.undated = True
    p.title(
        case.pick("DIARIO", "DIARIO DEGLI INTERVENTI", "Diario sociale", "REGISTRO DEI CONTATTI", "Diario del caso")
    )
    p.para(f"{case.pick('Utente', 'Caso', 'Cognome e nome', 'Nucleo')}: {case.who()}")
    case.told = case.rng.random() < 0.6
    if case.told:
        p.line(f"Servizio: {case.rng.choice(case.served.names)}")
    when = case.date
    for _ in range(case.rng.randint(6, 24)):
        what = case.pick(
            "T.c. con la madre",
            "Visita domiciliare",
            "Colloquio in ufficio",
            "Incontro con gli insegnanti",
            "T.c. con il medico di base",
            "Telefonata al figlio",
            "V.D. con l'educatrice",
            "Colloquio tel. con coop.",
            f"Incontro con {case.pick('la', 'il')} dott. {voice.name(case.staff('doctor'), 'given')}",
        )
        p.para(f"{case.on(when)} {what}: {case.rng.choice(MEETINGS).replace('{n}', 'utente')}.", 1.1)
        when = when + dt.timedelta(case.rng.randint(4, 60))


@paper("verbale_equipe", "TUM TUM SSB FAM COM SAAP PSI AFF", weight=1.5)
def team_minutes(case: Case) -> None:
    p = case.paper
    case.office()
    p.title(
        case.pick("VERBALE INCONTRO DI RETE", "VERBALE DI EQUIPE", "VERBALE D'INCONTRO", "VERBALE RIUNIONE D'EQUIPE")
    )
    p.line(
        f"{case.pick('Data', 'Riunione del', 'Incontro del giorno', 'Seduta del')} {case.on()}{case.pick('', ' ore 14.30', ', dalle ore 9.00 alle 11.00')}",
        1.4,
    )
    case.told = case.rng.random() < 0.7
    if case.told:
        p.line(f"Servizio: {case.rng.choice(case.served.names)}")
    present = [voice.name(case.add("author", case.rng.choice(case.people.staff)), "given") for _ in range(3)]
    p.para(
        f"Presenti: {present[0]} (assistente sociale), {present[1]} ({case.pick('psicologa', 'educatrice')}), {present[2]} ({case.pick('coordinatrice', 'insegnante', 'NPI')}). Assenti giustificati: nessuno."
    )
    if case.rng.random() < 0.3:
        # A paper about several users: one document, a dossier for each.
        pool = [
            f
            for f in case.people.families
            if f.children and f is not case.family and any(0 < x.age(case.date) < 18 for x in f.children)
        ]
        for family in case.rng.sample(pool, min(case.rng.randint(1, 3), len(pool))):
            case.holders.append(next(x for x in family.children if 0 < x.age(case.date) < 18))
        p.para("Ordine del giorno: aggiornamento situazioni in carico")
        for number, child in enumerate(case.holders, start=1):
            p.para(
                f"{number}) {case.pick('Situazione', 'Caso', 'Minore')} {case.who(child)}: {case.rng.choice(MEETINGS).replace('{n}', 'il minore')}."
            )
    else:
        p.para(
            f"{case.pick('Oggetto: situazione', 'Ordine del giorno: caso', 'O.d.g.: verifica del progetto di', 'Caso:')} {case.who()}"
        )
        case.told = True
        p.para(f"{case.say().capitalize()}.")
        case.story([*MEETINGS, *SCHOOL], case.rng.randint(3, 10))
    p.para(f"Si concorda di aggiornarsi il {case.on(case.later(20, 90))}.")
    case.signed("Il verbalizzante", None)


@paper("segnalazione", "TUM TUM TUM SSB DPR PIS CAV", weight=2.0)
def alarm(case: Case) -> None:
    p = case.paper
    case.stamp()
    minor = case.holder.age(case.date) < 18
    if case.service == "DPR":
        p.centre("OSPEDALE MAGGIORE DI CREMA", case.pick("U.O. Medicina", "U.O. Ortopedia e Traumatologia"))
    elif minor:
        p.centre(
            case.pick(
                f"ISTITUTO COMPRENSIVO DI {case.town.upper()}",
                "DIREZIONE DIDATTICA STATALE",
                "LEGIONE CARABINIERI LOMBARDIA - Stazione di Crema",
                "PRONTO SOCCORSO PEDIATRICO",
            )
        )
    else:
        p.centre(
            case.pick(
                "LEGIONE CARABINIERI LOMBARDIA - Stazione di Crema",
                "PARROCCHIA DI SAN GIACOMO",
                "COMANDO POLIZIA LOCALE",
            )
        )
    if line := case.protocol_line(0.55):
        p.line(line, 1.3)
    p.line(case.dated(case.pick("Crema", case.town)), 1.3)
    p.right(
        case.pick(
            "Al Servizio Tutela Minori",
            "Alla Procura della Repubblica presso il Tribunale per i Minorenni",
            "Ai Servizi Sociali",
        )
        if minor
        else "Al Servizio Sociale",
        f"del Comune di {case.town}",
        gap=1.4,
    )
    p.para(
        f"OGGETTO: {case.pick('Segnalazione', 'segnalazione situazione di pregiudizio' if minor else 'segnalazione di persona in difficoltà', 'Segnalazione caso')} {case.pick('-', 'relativa a', '')} {case.who()}"
    )
    if case.parents and case.rng.random() < 0.5:
        p.para(f"Genitori: {', '.join(case.who(case.add('parent', x)) for x in case.parents)}")
    p.para(
        f"Con la presente si segnala la situazione {'del minore' if minor else 'della persona'} in oggetto. {case.say().capitalize()}."
    )
    case.story([*FAMILY, *SCHOOL] if minor else MEETINGS, case.rng.randint(3, 9))
    p.para(
        case.pick(
            "Si rimette per quanto di competenza.",
            "Si resta in attesa di riscontro e si porgono distinti saluti.",
            "Tanto si comunica ai sensi dell'art. 331 c.p.p.",
        )
    )
    case.signed(
        case.pick("Il Dirigente Scolastico", "Il Comandante", "L'insegnante")
        if case.service != "DPR"
        else "L'Assistente Sociale ospedaliera",
        None,
    )
