# ruff: noqa: E501 - wordings stay whole
"""ISEE and invoices."""

from __future__ import annotations

import string

from tests.bench.otherhand import voice
from tests.bench.otherhand.case import Case
from tests.bench.otherhand.catalogue import paper


@paper("isee", since=2015, weight=2.2, who="any")
def certificate(case: Case) -> None:
    p, rng = case.paper, case.rng
    # The sheet shows no service; the dossier is the declarant's, or the child's for whom it was asked.
    case.told = False
    year = case.date.year
    number = f"INPS-ISEE-{year}-{rng.randint(0, 99999999):08d}{rng.choice(string.ascii_uppercase)}-00"
    child = case.holder.age(case.date) < 18 and bool(case.parents)
    declarant = case.rng.choice(case.parents) if child else case.holder
    p.centre("INPS", "Istituto Nazionale Previdenza Sociale")
    p.title(
        case.pick(
            "ATTESTAZIONE ISEE",
            "ISEE - INDICATORE DELLA SITUAZIONE ECONOMICA EQUIVALENTE",
            "Attestazione ISEE ordinario",
        )
    )
    p.line(f"Numero Protocollo DSU: {number}" if rng.random() < 0.7 else number, 1.4)
    issue = case.later(2, 12)
    style = case.pick("colon", "columns", "below")
    case.shows_code = True
    p.boxes(
        [
            (
                case.pick("Dichiarante", "Cognome e nome del dichiarante", "DSU presentata da"),
                voice.name(declarant, "caps"),
            ),
            ("Codice fiscale", case.cf(declarant)),
            (
                case.pick("Data presentazione DSU", "DSU presentata il", "Data di presentazione della dichiarazione"),
                case.on(style="num"),
            ),
            (
                case.pick("Scadenza", "Validità fino al", "Data scadenza"),
                f"31/12/{year}" if year > 2019 else f"15/01/{year + 1}",
            ),
            ("Data di rilascio", case.on(issue, "num")),
        ],
        style,
    )
    if child:
        case.add("parent", declarant)
        p.para(
            f"{case.pick('Beneficiario della prestazione', 'Prestazione agevolata rivolta al minorenne', 'ISEE minorenni - beneficiario')}: {voice.name(case.holder, 'caps')} {case.cf()}"
        )
    p.para("COMPOSIZIONE DEL NUCLEO FAMILIARE")
    rows = [["Cognome e nome", "Codice fiscale", "Rel."]]
    for member in case.family.members:
        if member.born <= case.date:
            if member not in case.holders and member != declarant:
                case.add("cited", member)
            rows.append(
                [
                    voice.name(member, "caps"),
                    case.cf(member) if rng.random() < 0.9 or member in case.holders else "",
                    case.pick("C", "F", "M") if member != declarant else "D",
                ]
            )
    p.table(rows, [38, 22, 6])
    isee = rng.randint(0, 28000)
    p.boxes(
        [
            ("ISR", f"{isee * 2},00"),
            ("ISP", f"{rng.randint(0, 9000)},00"),
            ("Scala di equivalenza", f"{rng.choice(['1,57', '2,04', '2,46', '1,00'])}"),
            ("ISEE ordinario", f"euro {isee},{rng.randint(0, 99):02d}"),
        ],
        "columns",
    )
    p.para(
        "Il presente indicatore è calcolato ai sensi del D.P.C.M. 5 dicembre 2013 n. 159. Non sono state rilevate omissioni o difformità."
        if rng.random() < 0.7
        else "Attestazione resa ai sensi del D.P.C.M. 159/2013."
    )
    case.shown = "cf"


@paper("isee", since=1999, until=2014, weight=0.8, who="adult")
def old_declaration(case: Case) -> None:
    p = case.paper
    case.told = False
    p.centre(case.pick("CAF CISL S.r.l.", "CAAF CGIL Lombardia", "CAF ACLI - Crema"))
    p.title(
        case.pick(
            "DICHIARAZIONE SOSTITUTIVA UNICA",
            "ATTESTAZIONE ISE/ISEE",
            "Dichiarazione sostitutiva unica valevole per la richiesta di prestazioni sociali agevolate",
        )
    )
    p.centre("(D.Lgs. 31 marzo 1998 n. 109, D.P.C.M. 18 maggio 2001)")
    case.shows_code = case.rng.random() < 0.8
    p.para(
        f"Il/La sottoscritto/a {case.who()}, residente in {case.town}, {case.holder.street}, dichiara che il proprio nucleo familiare è così composto:"
    )
    for member in case.family.members:
        if member not in case.holders and member.born <= case.date:
            case.add("cited", member)
            p.line(
                f"{case.named(member, 'caps')} {case.cf(member) if case.rng.random() < 0.6 else ''} {case.on(member.born)}"
            )
    p.boxes(
        [
            ("Reddito complessivo", f"{case.rng.randint(4000, 30000)},00"),
            ("Patrimonio mobiliare", f"{case.rng.randint(0, 20000)},00"),
            ("ISEE", f"{case.rng.randint(0, 14000)},{case.rng.randint(0, 99):02d}"),
        ]
    )
    p.both(f"Data di presentazione {case.on()}", "Firma del dichiarante", 1.6)
    p.para(f"Validità dal {case.on()} al {case.on(case.later(364, 365))}")


@paper("fattura_retta", "COM CDD CDI RSA RDI NID SAD CSE PAS PSI", weight=2.0)
def invoice(case: Case) -> None:
    p, rng = case.paper, case.rng
    case.stamp(0.3)
    p.lines(
        case.pick(
            "Cooperativa Sociale L'Albero ONLUS",
            "Fondazione Benefattori Cremaschi ONLUS",
            "IL SOLCO Soc. Coop. Sociale",
            "Fondazione Casa di Riposo O.N.L.U.S.",
        ),
        "P.IVA " + str(rng.randint(10**10, 10**11 - 1)),
        gap=1.0,
    )
    p.right("Spett.le", case.pick(f"COMUNE DI {case.town.upper()}", "COMUNITA' SOCIALE CREMASCA"))
    number = rng.randint(1, 980)
    p.title(case.pick("FATTURA", "FATTURA", "PROSPETTO RETTE", "NOTA DI DEBITO"))
    p.both(
        f"{case.pick('Fattura n.', 'N.', 'Documento n.')} {number}{case.pick('', '/PA', f'/{case.date.year}')}",
        f"{case.pick('del', 'Data', 'Data fattura')} {case.on()}",
    )
    month = voice.MONTHS[case.earlier(20, 40).month - 1]
    amount = rng.randint(200, 3200)
    what = rng.choice(case.served.names)
    p.para(
        f"{case.pick('Retta', 'Prestazioni', 'Quota')} {what} - {case.pick('utente', 'ospite', 'in favore di', 'Sig./Sig.ra')} {case.who()}"
    )
    p.table(
        [
            ["Descrizione", "gg/ore", "Importo"],
            [
                f"{case.pick('Retta mese di', 'Presenze', 'Periodo')} {month} {case.date.year}",
                str(rng.randint(8, 31)),
                f"{amount},00",
            ],
            ["IVA 5%" if case.date.year > 2015 else "IVA 4%", "", f"{amount // 20},00"],
            ["Totale documento", "", f"{amount + amount // 20},00"],
        ],
        [44, 10, 12],
    )
    p.para(
        f"Pagamento: bonifico 30 gg. IBAN IT60X0542811101000000{rng.randint(100000, 999999)}. Esente bollo D.P.R. 26 ottobre 1972 n. 633."
    )


@paper("fattura_retta", "NID CDD SAD PAS CRD CDM", since=1995, weight=0.7)
def payment_notice(case: Case) -> None:
    p = case.paper
    case.office()
    if line := case.protocol_line(0.4):
        p.line(line)
    payer = case.rng.choice(case.parents) if case.parents and case.holder.age(case.date) < 18 else case.holder
    if payer not in case.holders:
        case.add("parent", payer)
    p.right(f"Gent. {case.sir(payer)}", payer.street, f"26013 {payer.town} (CR)", gap=1.4)
    p.title(case.pick("AVVISO DI PAGAMENTO", "Avviso di pagamento rette"))
    p.line(case.dated(), 1.3)
    p.para(
        f"Si invia il conteggio relativo al servizio {case.rng.choice(case.served.names)}{' per ' + case.who() if payer not in case.holders or case.rng.random() < 0.4 else ''}: importo da versare euro {case.rng.randint(40, 700)},00 entro il {case.on(case.later(15, 40))}."
    )
    p.para("Il mancato pagamento comporterà l'avvio della procedura di riscossione coattiva.")
    case.signed("Il Responsabile del Servizio", None)
