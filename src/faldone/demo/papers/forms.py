# ruff: noqa: E501  # the sentences of papers stay whole
"""Forms that people fill in and certificates about households."""

from __future__ import annotations

import datetime as dt

from faldone.demo.elements import Block, Field, FormRow, Framed, Leader, Para, Rule, Span, Table, Ticks, text
from faldone.demo.papers.case import Case, Paper, money
from faldone.demo.persons import NO_NAME, Individual


def personal_rows(case: Case, one: Individual, *, cf: bool = True) -> list[Block]:
    """The rows in which a form asks who somebody is; they show as much as the case does."""
    rng = case.rng
    given = "" if one.name == NO_NAME else case.caps(one.name)
    born = case.day(one.birth_date) if case.shown != "name" else ""
    rows: list[Block] = []
    if rng.random() < 0.5:
        rows.append(FormRow((Field("Cognome", case.caps(one.surname), 1), Field("Nome", given, 1))))
    elif rng.random() < 0.5:
        rows.append(FormRow((Field("Cognome e nome", f"{case.caps(one.surname)} {given}".strip(), 1),)))
    else:
        rows.extend((FormRow((Field("COGNOME", case.caps(one.surname)),)), FormRow((Field("NOME", given),))))
    rows.append(
        FormRow(
            (
                Field(case.pick("Luogo di nascita", "nato/a a", "Nato a"), one.birth_place, 3),
                Field(case.pick("il", "data di nascita"), born, 2),
            )
        )
    )
    rows.append(
        FormRow(
            (
                Field(case.pick("Residente a", "residente nel Comune di"), one.town, 2),
                Field(case.pick("in via", "indirizzo"), one.street, 3),
            )
        )
    )
    if cf and case.shown == "cf":
        leader: Leader | None = "cells" if rng.random() < 0.24 and not case.style.digital else None
        rows.append(
            FormRow((Field(case.pick("Codice fiscale", "C.F.", "COD. FISC.", "codice fiscale"), one.cf, 1, leader),))
        )
    if rng.random() < 0.6:
        rows.append(
            FormRow(
                (
                    Field(
                        "Telefono",
                        f"0373 {rng.randrange(10000, 99999)}"
                        if rng.random() < 0.6
                        else f"3{rng.randrange(20, 99)} 0000{rng.randrange(100, 999)}",
                        1,
                    ),
                    Field(
                        "Stato civile",
                        case.pick("coniug.", "nubile" if one.sex == "F" else "celibe") if rng.random() < 0.4 else "",
                        1,
                    ),
                )
            )
        )
    return rows


def application(case: Case) -> Paper:
    """Domanda di accesso a un servizio."""
    rng, one, body = case.rng, case.holder, case.office()
    name = case.service_name()
    title = case.pick(
        "Domanda di accesso", "Domanda di ammissione", "Istanza", "Modulo di richiesta", "Richiesta di attivazione"
    )
    minor = one.age(case.date) < 18
    asker = (case.household.mother or case.household.father) if minor else one
    blocks: list[Block] = [*case.stamped(body)]
    variant = rng.randrange(3)
    if variant == 0:
        blocks += [
            case.to(
                (
                    f"Al {body.short}" if body.short.startswith("Comune") else f"Alla {body.short}",
                    "Ufficio Servizi Sociali",
                )
            ),
            case.heading(f"{title} - {name}"),
        ]
    elif variant == 1:
        blocks += [*case.letterhead(body), case.heading(title, after=2), Para(text("", name), "center", after=10)]
    else:
        blocks += [
            *case.letterhead(body),
            Para((Span("OGGETTO: ", bold=True), Span(f"{title.lower()} al servizio: {name}")), after=10),
        ]
    intro = case.pick("Il/La sottoscritto/a", "Il sottoscritto", "La/Il sottoscritta/o", "Io sottoscritto/a")
    if minor and asker is not None:
        case.tell("parent", asker)
        blocks.append(FormRow((Field(intro, case.name(asker)),)))
        blocks.append(
            FormRow(
                (
                    Field("in qualità di", "madre" if asker.sex == "F" else "padre", 1),
                    Field(case.pick("del minore", "del/della minore"), "", 1, "none"),
                )
            )
        )
        inner = personal_rows(case, one)
        blocks += [Framed(tuple(inner))] if rng.random() < 0.4 else inner
    else:
        blocks.append(Para(text(intro), after=3))
        inner = personal_rows(case, one)
        blocks += [Framed(tuple(inner))] if rng.random() < 0.4 else inner
    blocks.append(Para(text("", case.pick("CHIEDE", "chiede", "C H I E D E")), "center", before=4, after=5, keep=True))
    if rng.random() < 0.5:
        others = [
            case.service_name(code)
            for code in rng.sample(("SAD", "PAS", "TRS", "CEC", "SAP", "NID", "SAAP", "CDD"), 3)
            if code != case.service
        ]
        items = [(name, True), *((other, False) for other in others[:2])]
        rng.shuffle(items)
        blocks += [
            Para(text("di poter usufruire del seguente servizio (barrare la voce):"), after=3),
            Ticks(tuple(items)),
        ]
        blocks.append(Para(text(f"e precisamente {case.granted()}.")))
    else:
        blocks.append(
            Para(
                text(
                    case.pick(
                        "di essere ammesso/a al servizio ", "l'attivazione del servizio ", "di poter usufruire di: "
                    ),
                    name,
                    f" e precisamente {case.granted()}.",
                )
            )
        )
    blocks.append(Para(text(case.pick(
        "A tal fine, ai sensi degli artt. 46 e 47 del D.P.R. 28 dicembre 2000 n. 445 e consapevole delle sanzioni penali previste dall'art. 76, dichiara sotto la propria responsabilità:",
        "Consapevole delle responsabilità penali in caso di dichiarazioni mendaci (art. 76 D.P.R. 445/2000), dichiara:",
        "e dichiara sotto la propria responsabilità quanto segue.",
    ) if case.date.year > 2000 else "e dichiara sotto la propria responsabilità, ai sensi della L. 4 gennaio 1968 n. 15:")))  # fmt: skip
    facts = [
        f"che il proprio nucleo familiare è composto da n. {len(case.household.members)} persone",
        f"di avere un ISEE pari a € {money(rng.randrange(900, 19000) + 0.37)}"
        if case.date.year > 1999
        else f"che il reddito del nucleo ammonta a L. {rng.randrange(9, 32)}.{rng.randrange(100, 999)}.000",
        case.pick(
            "di non percepire altre prestazioni per lo stesso bisogno",
            "di percepire l'indennità di accompagnamento",
            "di non possedere immobili oltre l'abitazione",
        ),
        case.pick(
            "di impegnarsi a comunicare ogni variazione",
            "di accettare la quota a proprio carico stabilita dal regolamento",
            "di essere seguito dal medico curante",
        ),
    ]
    blocks += case.listed(rng.sample(facts, 3), marks=rng.choice(("-", "a", "1")))
    if rng.random() < 0.6:
        blocks.append(
            Para(text(case.pick("Motivo della richiesta: ", "Note: "), "", case.say(_need(case), 2)), after=6)
        )
    if rng.random() < 0.7:
        blocks.append(Para(text(case.pick("Allega alla presente:", "Si allegano:", "Allegati:")), after=2))
        blocks.append(
            Ticks(
                tuple(
                    (item, rng.random() < 0.5)
                    for item in (
                        "attestazione ISEE",
                        "copia del documento di identità",
                        "verbale di invalidità",
                        "certificato medico",
                    )
                ),
                columns=2,
            )
        )
    blocks.append(
        FormRow(
            (
                Field(case.pick("Data", "Luogo e data", "Lì"), case.day(case.date), 1),
                Field(case.pick("Firma", "Firma del richiedente"), "", 1),
            )
        )
    )
    if rng.random() < 0.5:
        blocks += [
            Rule(0.5),
            Para(text(case.pick("Spazio riservato all'ufficio", "Riservato all'ufficio")), "left", 0.85, after=3),
            FormRow((Field("Istruttoria conclusa il", "", 1, "dots"), Field("Esito", "", 1, "dots"))),
        ]
    return case.finish("domanda_accesso", blocks)


def _need(case: Case) -> str:
    kind = case.household.kind
    if case.holder.age(case.date) < 18:
        return "m_famiglia" if case.holder.age(case.date) < 6 else "m_scuola"
    return {"elder": "e_salute", "disabled": "d_salute"}.get(kind, "denaro")


def access_sheet(case: Case) -> Paper:
    """Scheda di accesso o di presa in carico."""
    rng, one = case.rng, case.holder
    title = case.pick(
        "Scheda di accesso",
        "Scheda di segretariato sociale",
        "Scheda di presa in carico",
        "Scheda primo colloquio",
        "Cartella sociale - scheda anagrafica",
    )
    case.tell("social_worker", case.worker)
    blocks: list[Block] = [*case.letterhead(case.office()), case.heading(title)]
    blocks.append(
        FormRow((Field("Data del colloquio", case.day(case.date), 1), Field("Operatore", case.name(case.worker), 1)))
    )
    if rng.random() < 0.5:
        blocks.append(Framed(tuple(personal_rows(case, one))))
    else:
        rows = [
            ("Cognome e nome", case.caps(one.surname) + " " + ("" if one.name == NO_NAME else one.name)),
            ("Residenza", f"{one.town}, {one.street}"),
        ]
        if case.shown in ("cf", "birth"):
            rows.insert(1, ("Luogo e data di nascita", f"{one.birth_place}, {case.day(one.birth_date)}"))
        if case.shown == "cf":
            rows.append(("Codice fiscale", one.cf))
        blocks.append(Table((), tuple(rows), (1, 2), ruled=rng.choice(("grid", "lines"))))
    blocks.append(
        FormRow(
            (
                Field("Inviato da", case.pick("medico curante", "spontaneo", "scuola", "parrocchia", "ospedale"), 1),
                Field(case.pick("Servizio richiesto", "Servizio"), case.service_name(), 2),
            )
        )
    )
    blocks.append(case.section(case.pick("Composizione del nucleo", "Nucleo familiare")))
    blocks.append(_members_table(case))
    blocks += [
        case.section(case.pick("Motivo dell'accesso", "Bisogno espresso")),
        *case.prose((_need(case), 3), ("casa", 1)),
    ]
    blocks += [
        case.section("Interventi proposti"),
        Ticks(
            tuple(
                (words, rng.random() < 0.4)
                for words in (
                    "colloquio di approfondimento",
                    "visita domiciliare",
                    "invio ad altro servizio",
                    "apertura del caso",
                )
            ),
            columns=2,
        ),
    ]
    blocks += case.sign((case.pick("L'operatore", "L'assistente sociale"), case.worker.plain_name))
    return case.finish("scheda_accesso", blocks)


def _members_table(case: Case) -> Table:
    rng = case.rng
    rows = []
    with_code = case.shown == "cf" and rng.random() < 0.5
    for member in case.household.members:
        role = _relation(case, member)
        if member is not case.holder:
            case.tell(role, member)
        word = {
            "parent": "madre" if member.sex == "F" else "padre",
            "sibling": "sorella" if member.sex == "F" else "fratello",
            "holder": "intestatario",
            "cited": "figlia" if member.sex == "F" else "figlio",
        }[role]
        given = "" if member.name == NO_NAME else f" {member.name}"
        row = [
            case.caps(member.surname) + given,
            word,
            case.day(member.birth_date) if case.shown != "name" else str(member.birth_date.year),
        ]
        rows.append((*row, member.cf) if with_code else tuple(row))
    header = (
        ("Cognome e nome", "Relazione", "Data di nascita")
        if case.shown != "name"
        else ("Cognome e nome", "Relazione", "Anno")
    )
    if with_code:
        return Table((*header, "Codice fiscale"), tuple(rows), (3, 1.5, 1.8, 2.8), ruled=rng.choice(("grid", "lines")))
    return Table(header, tuple(rows), (3, 1.5, 2), ruled=rng.choice(("grid", "lines", "none")))


def _relation(case: Case, member: Individual) -> str:
    """What a member of the household is to the holder."""
    if member is case.holder:
        return "holder"
    holder_is_child = case.holder in case.household.children
    if member in case.household.children:
        return "sibling" if holder_is_child else "cited"
    return "parent" if holder_is_child else "cited"


def isee(case: Case) -> Paper:
    """Attestazione ISEE, with the household's table."""
    rng, one = case.rng, case.holder
    year = case.date.year
    case.shown = "cf"
    new = year >= 2015
    value = rng.randrange(0, 24000) + rng.randrange(100) / 100
    scale = rng.choice((1.0, 1.57, 2.04, 2.46, 2.85))
    kind = case.pick("ordinario", "ordinario", "sociosanitario", "corrente") if new else "ordinario"
    presented = case.date
    issued = presented + dt.timedelta(days=rng.randrange(3, 15))
    number = (
        f"INPS-ISEE-{year}-{rng.randrange(10**7, 10**8):08}{rng.choice('ABCDEFGHJKLMNPQRSTUVZ')}-00"
        if new
        else f"CAF{rng.randrange(100, 999)}/{rng.randrange(10000, 99999)}"
    )
    blocks: list[Block] = []
    if new:
        blocks += [
            Para(text("", "INPS"), "left", 1.5, after=0),
            Para(text("Istituto Nazionale Previdenza Sociale"), "left", 0.85, after=10),
        ]
    else:
        blocks += [
            Para(
                text("", case.pick("C.A.F. CENTRO SERVIZI CREMONA s.r.l.", "CAF dei lavoratori - sede di Crema")),
                "left",
                after=1,
            ),
            Para(text(f"C.F. e P.IVA {case.vat()}"), "left", 0.85, after=10),
        ]
    blocks.append(
        case.heading(
            case.pick(
                "Attestazione ISEE",
                "Indicatore della situazione economica equivalente (ISEE)",
                f"Attestazione ISEE {kind}",
            ),
            after=4,
        )
    )
    law = "ai sensi del D.P.C.M. 5 dicembre 2013, n. 159" if new else "ai sensi del D.Lgs. 31 marzo 1998, n. 109"
    blocks.append(Para(text(f"{case.pick('rilasciata', 'emessa')} {law}"), "center", 0.9, after=8))
    rows = [
        ("Numero di protocollo DSU", number),
        ("Data di presentazione della DSU", case.day(presented)),
        ("Data di rilascio", case.day(issued)),
        (
            "Valida fino al",
            case.day(
                dt.date(year + (1 if not new else 0), 12, 31) if not new or year >= 2020 else dt.date(year + 1, 1, 15)
            ),
        ),
    ]
    if rng.random() < 0.5:
        blocks.append(Table((), tuple(rows), (1.2, 1.6), ruled=rng.choice(("grid", "lines"))))
    else:
        blocks += [FormRow((Field(f"{label}:", value_, 1, "none"),)) for label, value_ in rows]
    blocks.append(
        Para(
            text(
                case.pick("Dichiarante: ", "DICHIARANTE "),
                f"{case.caps(one.surname)} {'' if one.name == NO_NAME else case.caps(one.name)}".strip(),
                f" - codice fiscale {one.cf}",
            ),
            before=4,
            after=6,
        )
    )
    asked = rng.random() < 0.5
    if asked:
        blocks.append(
            Para(
                text(
                    case.pick("Prestazione per cui è richiesta: ", "Per la richiesta di: ", "Uso: "),
                    "",
                    case.service_name(),
                ),
                after=6,
            )
        )
    blocks.append(
        case.section(case.pick("Nucleo familiare", "Componenti del nucleo familiare", "Quadro A - nucleo familiare"))
    )
    members = []
    for member in case.household.members:
        if member is not one:
            case.tell(_relation(case, member), member)
        members.append(
            (
                case.caps(member.surname),
                "" if member.name == NO_NAME else case.caps(member.name),
                member.cf,
                case.day(member.birth_date),
            )
        )
    blocks.append(
        Table(
            ("Cognome", "Nome", "Codice fiscale", "Data nascita"),
            tuple(members),
            (2, 1.8, 2.6, 1.6),
            ruled=rng.choice(("grid", "grid", "lines", "none")),
        )
    )
    blocks.append(case.section(case.pick("Valori", "Calcolo dell'indicatore", "Indicatori")))
    estate = rng.randrange(0, 40000) + 0.0
    figures = [
        ("Somma dei redditi dei componenti", money(value * scale * 0.9)), ("Patrimonio mobiliare", money(rng.randrange(0, 9000) + 0.5)),
        ("Patrimonio immobiliare", money(estate)), ("Detrazioni e franchigie", money(rng.randrange(0, 6000) + 0.0)),
        ("Indicatore della situazione economica (ISE)", money(value * scale)), ("Scala di equivalenza", f"{scale:.2f}".replace(".", ",")),
        ("ISEE", money(value)),
    ]  # fmt: skip
    blocks.append(
        Table(
            ("Voce", "Importo (euro)") if rng.random() < 0.6 else (),
            tuple(figures),
            (3, 1.2),
            "lr",
            rng.choice(("grid", "lines")),
        )
    )
    blocks.append(
        Para(
            text(
                case.pick("Omissioni o difformità: ", "Annotazioni: "),
                "",
                case.pick("nessuna", "non risultano omissioni o difformità", "nessuna omissione rilevata"),
            ),
            after=6,
        )
    )
    blocks.append(
        Para(
            text(
                case.pick(
                    "La presente attestazione è rilasciata sulla base della dichiarazione sostitutiva unica presentata dal dichiarante.",
                    "I dati sono quelli dichiarati nella DSU e quelli rilevati dagli archivi dell'Istituto e dell'Agenzia delle Entrate.",
                )
            ),
            scale=0.85,
        )
    )
    return case.finish("isee", blocks, service=asked, date=presented)


def household_certificate(case: Case) -> Paper:
    """Stato di famiglia."""
    rng, one = case.rng, case.holder
    case.shown = "birth" if case.shown == "name" else case.shown
    officer = rng.choice(case.population.officers)
    case.tell("author", officer)
    town = case.caps(one.town)
    blocks: list[Block] = [
        Para(text("", f"COMUNE DI {town}"), "center", 1.3, after=1),
        Para(text(case.pick("Provincia di Cremona - Ufficio Anagrafe", "Servizi demografici")), "center", after=12),
    ]
    blocks.append(
        case.heading(
            case.pick(
                "Stato di famiglia",
                "Certificato di stato di famiglia",
                "Certificato contestuale di residenza e stato di famiglia",
            )
        )
    )
    blocks.append(
        Para(text(case.pick("L'ufficiale d'anagrafe", "IL SINDACO, quale ufficiale d'anagrafe,")), "center", after=4)
    )
    blocks.append(
        Para(
            text(
                case.pick(
                    "visti gli atti d'ufficio e il D.P.R. 30 maggio 1989, n. 223",
                    "in base alle risultanze anagrafiche (D.P.R. 223/1989)",
                )
            ),
            "center",
            after=4,
        )
    )
    blocks.append(Para(text("", case.pick("CERTIFICA", "certifica")), "center", after=6))
    blocks.append(
        Para(
            (
                Span("che nella famiglia di "),
                *case.identity(one),
                Span(
                    f", abitante in questo Comune in {one.street}, risulta{'no' if len(case.household.members) > 1 else ''} iscritt{'i' if len(case.household.members) > 1 else 'o'}:"
                ),
            ),
            after=8,
        )
    )
    rows = []
    for number, member in enumerate(case.household.members, start=1):
        if member is not one:
            case.tell(_relation(case, member), member)
        row = [
            str(number),
            case.caps(member.surname),
            "" if member.name == NO_NAME else case.caps(member.name),
            member.birth_place,
            case.day(member.birth_date),
        ]
        rows.append(tuple(row))
    blocks.append(
        Table(
            ("N.", "Cognome", "Nome", "Luogo di nascita", "Data di nascita"),
            tuple(rows),
            (0.5, 2, 1.8, 2.2, 1.8),
            ruled=rng.choice(("grid", "lines", "none")),
        )
    )
    blocks.append(
        Para(
            text(
                case.pick(
                    "Si rilascia in carta libera per gli usi consentiti dalla legge.",
                    "Rilasciato in esenzione dal bollo per uso assistenza.",
                    "Il presente certificato non può essere prodotto agli organi della pubblica amministrazione (art. 40 D.P.R. 28 dicembre 2000, n. 445)."
                    if case.date.year > 2011
                    else "Esente da bollo per uso assistenza.",
                )
            )
        )
    )
    blocks += [case.place_and_day(one.town), *case.sign(("L'ufficiale d'anagrafe", case.name(officer)))]
    return case.finish("stato_famiglia", blocks, service=False)


def consent(case: Case) -> Paper:
    """Informativa e consenso privacy."""
    rng, one, body = case.rng, case.holder, case.office()
    recent = case.date.year >= 2018
    law = (
        "del Regolamento UE 2016/679"
        if recent
        else "dell'art. 13 del D.Lgs. 30 giugno 2003, n. 196"
        if case.date.year > 2003
        else "della L. 31 dicembre 1996 n. 675"
    )
    minor = one.age(case.date) < 18
    blocks: list[Block] = [
        *case.letterhead(body),
        case.heading(
            case.pick(
                "Informativa e consenso al trattamento dei dati personali",
                "Consenso al trattamento dei dati personali",
                "Informativa privacy",
            )
        ),
    ]
    blocks.append(
        Para(
            text(
                f"Ai sensi {law} si informa che i dati forniti per {case.service_name()} sono trattati, su carta e con strumenti informatici, soltanto per le finalità istituzionali del servizio."
            )
        )
    )
    points = [
        f"titolare del trattamento è {body.short}", "il responsabile della protezione dei dati può essere contattato presso la sede" if recent else "il responsabile del trattamento è il dirigente del settore",
        "i dati possono essere comunicati ad altri enti pubblici nei casi previsti dalla legge", "il conferimento è necessario per l'avvio dell'intervento",
        "i diritti dell'interessato si esercitano con domanda scritta", "i dati sono conservati per il tempo richiesto dal procedimento",
    ]  # fmt: skip
    blocks += case.listed(rng.sample(points, rng.choice((4, 5))), marks=rng.choice(("-", "a", "1")))
    blocks.append(Para(text(case.pick("Il/La sottoscritto/a", "Io sottoscritto/a")), before=6, after=3))
    parent = case.household.mother or case.household.father
    if minor and parent is not None:
        case.tell("parent", parent)
        blocks.append(FormRow((Field("", case.name(parent)),)))
        blocks.append(
            Para(
                text(
                    case.pick(
                        "in qualità di genitore del minore",
                        "esercente la responsabilità genitoriale sul minore"
                        if case.date.year > 2013
                        else "esercente la potestà sul minore",
                    )
                ),
                after=3,
            )
        )
    blocks += personal_rows(case, one, cf=False)[:3]
    if case.shown == "cf":
        blocks.append(FormRow((Field("Codice fiscale", one.cf),)))
    blocks += [Ticks((("presta il consenso", rng.random() < 0.9), ("non presta il consenso", False)), columns=2)]
    blocks.append(
        Para(
            text(
                case.pick(
                    "al trattamento dei dati, anche sensibili, per le finalità sopra indicate.",
                    "al trattamento e alla comunicazione dei propri dati nei limiti dell'informativa.",
                )
            )
        )
    )
    blocks.append(
        FormRow(
            (Field(case.pick("Luogo e data", "Data"), f"{one.town} {case.day(case.date)}", 1), Field("Firma", "", 1))
        )
    )
    return case.finish("consenso_privacy", blocks)


def delegation(case: Case) -> Paper:
    """Delega."""
    rng, one = case.rng, case.holder
    helper = rng.choice(case.population.officers)
    case.tell("cited", helper)
    blocks: list[Block] = [
        *case.stamped(case.office()),
        case.heading(case.pick("Delega", "Atto di delega", "Delega al ritiro di documenti"), after=14),
    ]
    blocks.append(
        Para((Span(case.pick("Il/La sottoscritto/a ", "Io sottoscritto/a ")), *case.identity(one, home=True)))
    )
    blocks.append(Para(text("", case.pick("DELEGA", "delega")), "center", after=6))
    blocks.append(
        Para(
            text(
                f"{case.pick('il sig.', 'il/la sig.')} ",
                case.name(helper),
                f", {case.pick('nipote', 'conoscente', 'vicino di casa', 'volontario')}, documento n. A{rng.choice('KNSTV')} {rng.randrange(1000000, 9999999)}, {case.pick('a rappresentarlo presso gli uffici', 'a presentare la domanda', 'autorizza al ritiro della documentazione')} relativ{'i' if rng.random() < 0.3 else 'a'} a {case.service_name()}.",
            )
        )
    )
    blocks.append(
        Para(
            text(
                case.pick(
                    "La presente delega vale fino a revoca.",
                    "La delega è valida per sei mesi dalla data.",
                    "Si allega copia del documento di identità del delegante.",
                )
            )
        )
    )
    blocks += [case.place_and_day(one.town), *case.sign(("Il delegante", ""), ("Per accettazione", ""))]
    return case.finish("delega", blocks)
