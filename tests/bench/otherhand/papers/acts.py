# ruff: noqa: E501 - wordings stay whole
"""Determinations and deliberations, where users hide behind initials and numbers."""

from __future__ import annotations

from tests.bench.otherhand import voice
from tests.bench.otherhand.case import Case
from tests.bench.otherhand.catalogue import paper


def _user(case: Case) -> str:
    """How the act speaks of the user: mostly veiled."""
    if case.date.year >= 1998 and case.rng.random() < 0.5:
        case.shown = case.pick("initials", "initials", "number")
        return (
            f"{case.pick('utente', 'minore' if case.holder.age(case.date) < 18 else 'sig.', 'nucleo')} {voice.initials(case.holder)}"
            if case.shown == "initials"
            else f"utente n. {case.rng.randint(100, 4000)}"
        )
    case.shows_code = case.shows_code and case.rng.random() < 0.4
    return case.who()


@paper("determina", "CEC CEC RSA SAP SAT AFT AFF COM SAD FNB2 DDN RDI UTE", weight=2.0)
def determination(case: Case) -> None:
    p = case.paper
    p.centre(f"COMUNE DI {case.town.upper()}", "Provincia di Cremona", "Area Servizi alla Persona")
    number = case.rng.randint(3, 980)
    heading = case.rng.randrange(3)
    if heading == 0:
        p.title(f"DETERMINAZIONE N. {number} DEL {case.on().upper()}")
    elif heading == 1:
        p.title(f"DETERMINAZIONE DEL RESPONSABILE DEL SERVIZIO n. {number} del {case.on()}")
    else:
        p.title(f"DETERMINA n. {number}/{case.date.year}")
        p.line(f"Data {case.on()}")
    p.para(
        f"OGGETTO: {case.pick('impegno di spesa per', 'liquidazione', 'concessione')} {case.rng.choice(case.served.names)} - {_user(case)}."
    )
    p.para("IL RESPONSABILE DEL SERVIZIO")
    p.para(
        f"{'Visto il D.Lgs. 18 agosto 2000 n. 267' if case.date.year > 2000 else 'Vista la L. 8 giugno 1990 n. 142'}; richiamata la deliberazione di G.C. n. {case.rng.randint(2, 200)} del {case.on(case.earlier(20, 300))}; vista la relazione dell'assistente sociale {voice.name(case.staff('social_worker'), 'given')} del {case.on(case.earlier(5, 19))};"
    )
    p.para(f"Considerato che {case.say()}; visto il regolamento comunale; {case.law()};")
    p.title("DETERMINA", 1.3)
    amount = case.rng.randint(200, 9000)
    p.para(
        f"1. di {case.pick('assumere l impegno di spesa di', 'liquidare la somma di', 'concedere un contributo di')} {'L.' if case.date.year < 2002 else 'euro'} {amount},00 per l'intervento in oggetto; 2. di imputare la spesa al cap. {case.rng.randint(1000, 9000)} del bilancio; 3. di dare atto che i dati identificativi sono depositati agli atti."
    )
    if case.date.year > 2011 and case.rng.random() < 0.4:
        p.line(f"CIG Z{case.rng.randint(100000000, 999999999)}")
    case.signed("Il Responsabile", None)
    if case.rng.random() < 0.5:
        p.para(
            f"Visto di regolarità contabile - {case.on(case.later(1, 9))}. Pubblicata all'Albo Pretorio dal {case.on(case.later(10, 20))} per 15 giorni."
        )


@paper("determina", "CEC RSA COM SAP AFF", weight=0.8)
def deliberation(case: Case) -> None:
    p = case.paper
    p.centre(f"COMUNE DI {case.town.upper()}", "Provincia di Cremona")
    p.title(
        "VERBALE DI DELIBERAZIONE DELLA GIUNTA COMUNALE"
        if case.date.year > 1990
        else "DELIBERAZIONE DELLA GIUNTA MUNICIPALE"
    )
    p.line(f"N. {case.rng.randint(4, 400)} del {case.on()}", 1.3)
    p.para(
        f"OGGETTO: {case.pick('Assunzione onere', 'Concessione contributo', 'Integrazione retta', 'Provvedimenti')} - {case.rng.choice(case.served.names)} a favore di {_user(case)}"
    )
    p.para(
        f"L'anno millenovecento, addì e mese di cui sopra, nella sala delle adunanze, previa l'osservanza delle formalità di legge. Presiede il Sindaco {voice.name(case.staff('author'), 'given')}."
        if case.date.year < 2000
        else f"Presiede il Sindaco {voice.name(case.staff('author'), 'given')}; assiste il Segretario Comunale dott. {voice.name(case.add('author', case.rng.choice(case.people.staff)), 'given')}."
    )
    p.para(
        f"LA GIUNTA, premesso che {case.say()}; visti i pareri favorevoli; con voti unanimi DELIBERA di accogliere la richiesta e di imputare la spesa al bilancio."
    )
    p.both("Il Sindaco", "Il Segretario")
