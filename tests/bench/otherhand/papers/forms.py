# ruff: noqa: E501 - wordings stay whole
"""Applications."""

from __future__ import annotations

from tests.bench.otherhand import voice
from tests.bench.otherhand.case import Case
from tests.bench.otherhand.catalogue import paper

_ASKED = "SAD SAD NID CRD SAAP SADH CDD CSE SFA DDN VIN TRS PAS CDI RSA FNB1 FNB2 CEC CEC SIA REI UTE ANF SAP SAT AFT"


def _applicant(case: Case) -> str:
    """Who signs: the person, a parent for a child, a relative for the old."""
    relatives = [x for x in case.family.members if x not in case.holders and x.age(case.date) > 20]
    if case.holder.age(case.date) < 18 and case.parents:
        parent = case.add("parent", case.rng.choice(case.parents))
        return f"{case.who(parent, 'caps')}, in qualità di {case.pick('genitore', 'padre' if parent.sex == 'M' else 'madre')} {case.pick('del/della minore', 'di', 'dell alunno' if case.service == 'SAAP' else 'del bambino/a')} {case.who()}"
    if relatives and case.rng.random() < 0.35:
        other = case.add("cited", case.rng.choice(relatives))
        return f"{case.who(other, 'caps')}, in qualità di {case.pick('familiare', 'caregiver', 'persona di riferimento')} {case.pick('di', 'del/la sig./sig.ra', 'a favore di')} {case.who()}"
    return case.who()


@paper("domanda_accesso", _ASKED, weight=3.0)
def application(case: Case) -> None:
    p = case.paper
    case.stamp()
    p.right(
        case.pick(
            "Al Sindaco",
            "Al Responsabile dei Servizi Sociali",
            "All'Ufficio Servizi Sociali",
            "Spett.le Comunità Sociale Cremasca",
        ),
        f"del Comune di {case.town}",
    )
    what = case.rng.choice(case.served.names)
    p.title(
        case.pick(
            f"DOMANDA DI ACCESSO AL SERVIZIO - {what}",
            f"DOMANDA DI AMMISSIONE: {what}",
            f"RICHIESTA {what}".upper(),
            f"OGGETTO: istanza per {what}",
            f"Modulo di richiesta {what}",
        )
    )
    p.para(
        f"{case.pick('Il/La sottoscritto/a', 'Io sottoscritto/a')} {_applicant(case)}, residente a {case.town} in {case.holder.street}, tel. 0373/{case.rng.randint(200000, 289999)}"
    )
    p.para(case.pick("CHIEDE", "chiede", "FA DOMANDA"))
    p.para(
        f"di poter usufruire di quanto in oggetto: {case.say()}."
        if case.rng.random() < 0.6
        else f"l'ammissione al servizio {what}."
    )
    if case.date.year > 2000:
        p.para(
            f"A tal fine, ai sensi degli artt. 46 e 47 del D.P.R. 28 dicembre 2000 n. 445, {case.pick('dichiara', 'consapevole delle sanzioni penali, DICHIARA')}: di essere in possesso di attestazione ISEE; di aver preso visione del regolamento; di non percepire analoghi contributi."
        )
    else:
        p.para(
            "A tal fine dichiara, ai sensi della L. 4 gennaio 1968 n. 15, che il reddito annuo familiare è di L. 18.500.000."
        )
    if case.rng.random() < 0.25 and case.date.year > 2000:
        p.space(3)
        for number, item in enumerate(
            (
                "di essere residente nel Comune",
                "di vivere solo/a o con il nucleo indicato nello stato di famiglia",
                "che non vi sono familiari tenuti agli alimenti in grado di provvedere",
                "di impegnarsi a comunicare ogni variazione entro quindici giorni",
                "di essere a conoscenza che l'ufficio effettuerà controlli a campione",
                "di accettare la quota di compartecipazione determinata in base alla situazione economica",
                "di autorizzare il trattamento dei dati ai fini dell'istruttoria",
            ),
            start=1,
        ):
            p.para(f"{number}. {item};", 3.0)
    p.para(f"Allega: {case.pick('copia documento di identità', 'certificato medico', 'verbale di invalidità, ISEE')}.")
    p.both(case.dated(), case.pick("Firma", "In fede", "IL RICHIEDENTE"), 1.8)


@paper("domanda_accesso", _ASKED, since=1998, weight=2.0)
def boxed_application(case: Case) -> None:
    p = case.paper
    case.office()
    case.stamp(0.4)
    p.title(
        case.pick(
            "MODULO DI DOMANDA",
            "DOMANDA",
            "SCHEDA DI ISCRIZIONE" if case.service in ("CRD", "NID") else "ISTANZA",
            "RICHIESTA DI ATTIVAZIONE",
        )
    )
    p.centre(case.rng.choice(case.served.names))
    relatives = [x for x in case.family.members if x not in case.holders and x.age(case.date) > 20]
    if relatives and (case.holder.age(case.date) < 18 or case.rng.random() < 0.3):
        other = case.add("parent" if relatives[0] in case.parents else "cited", case.rng.choice(relatives))
        p.para(case.pick("DATI DEL RICHIEDENTE", "Quadro A - Richiedente", "GENITORE"))
        boxes = [
            ("Cognome e nome", voice.name(other, "caps")),
            ("Nato/a a", f"{other.place} il {voice.day(other.born, case.style)}"),
        ]
        if case.shows_code and case.rng.random() < 0.6:
            boxes.append(("Codice fiscale", case.cf(other)))
        p.boxes(boxes)
        p.para(
            case.pick(
                "DATI DEL BENEFICIARIO",
                "Quadro B - Persona per cui si chiede il servizio",
                "DATI DEL MINORE" if case.holder.age(case.date) < 18 else "DATI DELL'UTENTE",
            )
        )
        case.boxes()
    else:
        p.para(case.pick("DATI DEL RICHIEDENTE", "DATI ANAGRAFICI"))
        case.boxes(("Telefono", f"3{case.rng.randint(200000000, 499999999)}"))
    p.para(f"[X] {case.say()}")
    p.para(
        f"[ ] altro. Il sottoscritto dichiara quanto sopra ai sensi del {case.pick('D.P.R. 445/2000', 'DPR 28/12/2000 n. 445')}."
    )
    p.both(
        f"{case.pick('Data', 'Luogo e data')} {case.dated() if case.rng.random() < 0.4 else case.on()}", "Firma", 1.8
    )
