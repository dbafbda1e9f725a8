# ruff: noqa: E501 - wordings stay whole
"""Letters in and out."""

from __future__ import annotations

from tests.bench.otherhand import voice
from tests.bench.otherhand.case import Case
from tests.bench.otherhand.catalogue import paper

_ABOUT = "SAP RDC ADIN ECA UTE STR PRG SAAP SAD RSA TUM CEC NID SAT AFT CDD FNB2 SSB"


def _about(case: Case) -> str:
    return case.rng.choice(case.served.names)


@paper("corrispondenza", _ABOUT, weight=2.4)
def outgoing(case: Case) -> None:
    p = case.paper
    case.office()
    line = case.protocol_line(0.8)
    if line and case.rng.random() < 0.5:
        p.both(line, case.dated(), 1.5)
    else:
        if line:
            p.line(line, 1.4)
        p.line(case.dated(), 1.2)
    if case.rng.random() < 0.3:
        p.line(case.their_protocol())
    minor = case.holder.age(case.date) < 18 and bool(case.parents)
    if case.rng.random() < 0.55:
        to = case.add("parent", case.rng.choice(case.parents)) if minor else case.holder
        p.right(
            case.pick("Gent.mo/a", "Egr.", "Al/Alla") + f" {case.sir(to)}", to.street, f"26013 {to.town} (CR)", gap=1.4
        )
        about = (
            f" - {case.pick('minore', 'alunno', '')} {case.who()}".replace("  ", " ")
            if minor
            else (f" {case.who()}" if case.rng.random() < 0.3 else "")
        )
        p.para(
            f"Oggetto: {_about(case)}: {case.pick('comunicazione', 'convocazione', 'esito della domanda', 'richiesta di integrazione documenti', 'sollecito')}{about}"
        )
        if case.shows_code and not minor and case.holder.cf not in case.coded and case.rng.random() < 0.6:
            p.line(f"Cod. fisc. {case.cf()}")
        p.para(
            f"{case.pick('Con la presente si comunica che', 'Si informa che', 'In riferimento alla Sua richiesta, si comunica che')} {case.pick('la domanda è stata accolta con decorrenza', 'la S.V. è convocata presso questo ufficio il giorno', 'la documentazione dovrà essere consegnata entro il')} {case.on(case.later(8, 40))}."
        )
    else:
        p.right(
            "Spett.le",
            case.pick(
                "ASST di Crema",
                "A.L.E.R. di Cremona",
                "Cooperativa Sociale Filikà",
                "INPS sede di Crema",
                "Istituto Comprensivo Crema Due",
                "Amministrazione Provinciale",
            ),
            gap=1.4,
        )
        p.para(
            f"OGGETTO: {_about(case)} - {case.pick('sig.', 'utente', 'nominativo', '')} {case.who()}".replace("  ", " ")
        )
        p.para(
            f"Con riferimento a quanto in oggetto, {case.pick('si trasmette la documentazione richiesta', 'si chiede di voler comunicare lo stato della pratica', 'si conferma che ' + case.say())}. {case.law()}."
        )
    p.para(case.pick("Distinti saluti.", "Cordiali saluti.", "Si porgono distinti saluti."))
    case.signed(case.pick("Il Responsabile del Servizio", "L'Assistente Sociale", "Il Direttore"), None)
    case.corner()


@paper("corrispondenza", _ABOUT, weight=1.8)
def incoming(case: Case) -> None:
    p = case.paper
    case.stamp(0.6)
    lawyer = case.rng.choice(case.people.staff)
    p.lines(
        case.pick(
            "A.L.E.R. CREMONA",
            "PREFETTURA DI CREMONA",
            "ASST CREMA - Direzione Socio Sanitaria",
            "Fondazione Benefattori Cremaschi",
            "Istituto Comprensivo di " + case.town,
            "Studio legale avv. " + voice.name(lawyer, "given"),
            "INPS - Agenzia di Crema",
        ),
        f"via {case.pick('Dante', 'Verdi', 'Manzoni')} {case.rng.randint(1, 60)}",
        gap=1.0,
    )
    if line := case.protocol_line(0.6):
        p.line(line, 1.3)
    p.line(case.dated(case.pick("Cremona", "Crema")), 1.3)
    if case.rng.random() < 0.45:
        p.line(case.their_protocol(), 1.1)
    p.right(
        "Al Comune di " + case.town,
        case.pick(
            "Servizi Sociali", "c.a. Assistente Sociale " + voice.name(case.rng.choice(case.people.staff), "given")
        ),
        gap=1.4,
    )
    p.para(
        f"Oggetto: {case.pick('comunicazione relativa a', 'Vostro assistito', 'pratica', 'sig./sig.ra', 'richiesta informazioni su')} {case.who()} - {_about(case)}"
    )
    p.para(
        f"{case.pick('In riferimento alla Vostra richiesta', 'Facendo seguito ai colloqui intercorsi', 'Con la presente')}, si comunica che {case.say()}. {case.pick('Si resta in attesa di un cortese riscontro.', 'Si allega copia della documentazione.', f'Termine: {case.on(case.later(10, 60))}.')}"
    )
    p.para(f"Ai sensi della {case.law()}." if case.rng.random() < 0.4 else "Cordialmente.")
    case.signed(case.pick("Il Dirigente", "Il Presidente", "La Segreteria", "Il funzionario"), None)


@paper("corrispondenza", "SSB SAP CEC SAT RSA TUM AFT", weight=0.7, who="adult")
def from_the_citizen(case: Case) -> None:
    p = case.paper
    case.stamp(0.6)
    if case.rng.random() < 0.6:
        p.lines(voice.name(case.holder, "given"), case.holder.street, f"26013 {case.town}", gap=1.0)
    p.right(
        "Egregio Sindaco" if case.rng.random() < 0.5 else "Gentile Assistente Sociale",
        f"Comune di {case.town}",
        gap=1.4,
    )
    p.line(case.dated(), 1.3)
    p.para(
        f"{case.pick('Il sottoscritto', 'Io sottoscritta', 'Sono')} {case.who()}, e Le scrivo per farLe presente che {case.pick('da mesi aspetto una risposta alla mia domanda', 'la mia situazione è peggiorata', 'non riesco più a pagare')}: {case.say()}."
    )
    p.para("La ringrazio se vorrà aiutarmi. In attesa di risposta porgo cordiali saluti.")
    p.right(voice.name(case.holder, "given"), gap=2)
