# ruff: noqa: E501 - wordings stay whole
"""Plans, pacts and contracts."""

from __future__ import annotations

from tests.bench.otherhand import voice
from tests.bench.otherhand.case import Case
from tests.bench.otherhand.catalogue import paper
from tests.bench.otherhand.papers.bank import MEETINGS, SCHOOL


@paper(
    "progetto_individuale",
    "SAD SAD SIA REI RDC ADIN DDN VIN FNB2 FNB1 SADH SIL DPR DIP PSI ADM CAV PEN SSB",
    weight=3.0,
)
def individual_plan(case: Case) -> None:
    p = case.paper
    case.office()
    p.title(
        case.pick(
            "PROGETTO INDIVIDUALE",
            "PIANO ASSISTENZIALE INDIVIDUALIZZATO (P.A.I.)",
            "PROGETTO PERSONALIZZATO",
            "P.A.I.",
            "PROGETTO DI INTERVENTO INDIVIDUALIZZATO",
            "Piano di intervento",
        )
    )
    p.centre(case.rng.choice(case.served.names))
    if case.rng.random() < 0.5:
        p.centre(f"({case.law()})")
    case.boxes(
        ("Assistente sociale di riferimento", voice.name(case.staff("social_worker"), "given")),
        label=case.pick("Cognome e nome", "Beneficiario", "Utente", "Intestatario"),
    )
    p.para(f"Analisi della situazione: {case.say()}.")
    case.story(MEETINGS, case.rng.randint(2, 9))
    p.table(
        [
            ["OBIETTIVI", "AZIONI", "TEMPI"],
            ["Mantenere le autonomie", "accessi settimanali", "6 mesi"],
            ["Sollievo al familiare", "supporto domiciliare", "12 mesi"],
            ["Inclusione", "attività sul territorio", "annuale"],
        ],
        [30, 28, 12],
    )
    p.para(
        f"Ore settimanali: {case.rng.randint(2, 20)}. Periodo: dal {case.on(case.later(1, 20))} al {case.on(case.later(180, 370))}. Verifica prevista ogni sei mesi."
    )
    p.line(f"{case.pick('Letto e sottoscritto.', 'Condiviso con l utente.', '')} {case.dated()}".strip(), 1.6)
    helper = [x for x in case.family.members if x not in case.holders and x.age(case.date) > 18]
    signs = case.add("cited", case.rng.choice(helper)) if helper and case.rng.random() < 0.5 else None
    p.both(
        "L'Assistente Sociale",
        f"Il familiare {voice.name(signs, 'given')}" if signs else case.pick("L'interessato", "Il beneficiario"),
    )


@paper("progetto_quadro", "TUM FAM ADM COM", since=2001, weight=1.6)
def frame_plan(case: Case) -> None:
    p = case.paper
    case.office()
    p.title(case.pick("PROGETTO QUADRO", "PROGETTO QUADRO PER IL MINORE E LA SUA FAMIGLIA"))
    if case.rng.random() < 0.7:
        p.centre(case.rng.choice(case.served.names))
    case.boxes(label=case.pick("Minore", "Cognome e nome"))
    for parent in case.parents:
        p.line(f"{'Padre' if parent.sex == 'M' else 'Madre'}: {case.who(case.add('parent', parent))}", 1.2)
    p.para(f"Sintesi della situazione: {case.say()}.")
    case.story([*SCHOOL, *MEETINGS], case.rng.randint(4, 12))
    p.para(
        "Obiettivi per il minore: garantire continuità affettiva. Obiettivi per i genitori: sostegno alle competenze. Responsabile del caso: "
        + voice.name(case.staff("social_worker"), "given")
    )
    p.line(f"{case.pick('Sottoscritto in data', 'Data')} {case.on()}", 1.6)
    p.both("L'équipe", "I genitori")


@paper("pei", "SAAP SAAP CDD CSE SFA COM CDM ADM", since=1992, weight=1.6)
def educational_plan(case: Case) -> None:
    p = case.paper
    if case.service == "SAAP":
        p.centre(
            f"ISTITUTO COMPRENSIVO DI {case.town.upper()}", f"Anno scolastico {case.date.year}/{case.date.year + 1}"
        )
    else:
        p.centre(
            case.pick("Cooperativa Sociale Iride", "Consorzio Arcobaleno", "Coop. Soc. La Bottega"),
            case.rng.choice(case.served.names),
        )
    p.title(
        case.pick(
            "PIANO EDUCATIVO INDIVIDUALIZZATO",
            "PROGETTO EDUCATIVO INDIVIDUALIZZATO",
            "P.E.I.",
            "Progetto Educativo Individuale",
        )
    )
    case.boxes(label=case.pick("Cognome e nome", "Alunno/a" if case.service == "SAAP" else "Utente"))
    for area in ("Area delle autonomie", "Area cognitiva", "Area relazionale", "Area della comunicazione"):
        p.para(area)
        case.story(SCHOOL, case.rng.randint(1, 4))
    if case.service == "SAAP" or case.rng.random() < 0.5:
        p.para(f"Risorse: {case.say()}.")
    p.line(case.dated("Crema"), 1.6)
    p.both(
        case.pick("L'educatore", "Il coordinatore", "I docenti"),
        "I genitori" if case.holder.age(case.date) < 18 else "Il familiare",
    )


@paper("progetto_affido", "AFF", weight=1.0)
def fostering(case: Case) -> None:
    p = case.paper
    case.office()
    p.title(
        case.pick(
            "PROGETTO DI AFFIDO", "PATTO DI AFFIDO FAMILIARE", "IMPEGNO DI AFFIDO", "PROGETTO DI AFFIDAMENTO FAMILIARE"
        )
    )
    fosters = [case.staff("guardian")]
    p.para(f"{case.pick('Minore:', 'A favore del minore', 'Il presente progetto riguarda')} {case.who()}")
    for parent in case.parents:
        p.line(f"Genitore: {case.who(case.add('parent', parent))}")
    p.para(
        f"{case.pick('Affidatari:', 'Famiglia affidataria:')} coniugi {voice.name(fosters[0], 'given')} e consorte. Durata dell'affido: {case.rng.choice([6, 12, 24])} mesi, con decorrenza dal {case.on(case.later(3, 30))}. Contributo mensile {'L. 500.000' if case.date.year < 2002 else 'euro 450,00'}."
    )
    p.para(f"Ai sensi della L. 4 maggio 1983 n. 184. {case.say().capitalize()}.")
    case.story(SCHOOL, 3)
    p.line(case.dated(), 1.6)
    p.both("Gli affidatari", "L'Assistente Sociale")


@paper("contratto_servizio", "SAD SAD COM ADM CDD CSE SFA RSA SADH TRS PAS AFF SIL RDI CDM", since=1992, weight=2.0)
def service_contract(case: Case) -> None:
    p = case.paper
    case.office()
    p.title(
        case.pick(
            "CONTRATTO DI SERVIZIO",
            "IMPEGNATIVA",
            "ATTIVAZIONE VOUCHER",
            "CONTRATTO D'INGRESSO",
            "BUONO DI SERVIZIO",
            "Lettera di incarico per la fornitura del servizio",
        )
    )
    p.centre(case.rng.choice(case.served.names))
    if line := case.protocol_line(0.3):
        p.line(line)
    provider = case.pick("Cooperativa Sociale Il Nido", "Coop. Altana", "Fondazione Bruno Pari", "Coop. Filikà")
    if case.rng.random() < 0.5:
        case.boxes(
            ("Ente accreditato", provider),
            ("Decorrenza", case.on(case.later(3, 25))),
            ("Ore settimanali", str(case.rng.randint(2, 24))),
            ("Costo orario", f"euro {case.rng.randint(16, 26)},50"),
            ("Quota a carico utente", f"{case.rng.choice([0, 10, 25, 50])}%"),
            label=case.pick("Utente", "Cognome e nome", "Beneficiario", "Intestatario"),
        )
    else:
        p.para(
            f"Tra il Comune di {case.town}, rappresentato da {voice.name(case.staff('author'), 'given')}, e {provider}, si conviene quanto segue in favore di {case.who()}."
        )
        p.para(
            f"Art. 1 - Oggetto: {case.say()}. Art. 2 - Decorrenza: {case.on(case.later(3, 25))}. Art. 3 - Il costo giornaliero è di euro {case.rng.randint(20, 140)},00. Art. 4 - L'utente compartecipa secondo il regolamento approvato con deliberazione di C.C. n. {case.rng.randint(2, 60)} del {case.on(case.earlier(300, 2000))}."
        )
    p.para(
        case.pick(
            "Il fornitore si impegna a comunicare le assenze.",
            "La presente ha validità fino a revoca.",
            "Recesso con preavviso di giorni quindici.",
        )
    )
    p.line(f"{case.pick('Letto, confermato e sottoscritto', 'Per accettazione')}, {case.dated()}", 1.6)
    p.both("Il Responsabile", "Il fornitore")
