# ruff: noqa: E501  # the sentences of papers stay whole
"""Letters, acts, invoices, lists and covers."""

from __future__ import annotations

from faldone.demo.elements import Block, Field, FormRow, Framed, Gap, Para, Rule, Span, Table, text
from faldone.demo.papers.case import MONTHS, Case, Paper, money
from faldone.demo.persons import NO_NAME, Individual
from faldone.demo.truth import TrueProtocol


def _initials(one: Individual) -> str:
    given = "" if one.name == NO_NAME else one.name[0]
    return f"{one.surname[0]}.{given}." if given else f"{one.surname[0]}."


def resolution(case: Case) -> Paper:
    """Determinazione: mostly with initials or a user's number only."""
    rng, one, body = case.rng, case.holder, case.office()
    officer = rng.choice(case.population.officers)
    case.tell("author", officer)
    case.shown = rng.choices(("initials", "number", "cf", "birth"), (50, 20, 18, 12))[0]
    case.protocols.clear()
    number = rng.randrange(12, 980)
    amount = money(rng.choice((300, 480, 650, 1200, 2400.5, 3600, 7300)))
    blocks: list[Block] = [*case.letterhead(body)]
    kind = case.pick(
        "Determinazione", "Determina dirigenziale", "Disposizione del direttore", "Determinazione del responsabile"
    )
    variant = rng.randrange(3)
    if variant == 0:
        blocks.append(case.heading(f"{kind} n. {number} del {case.day(case.date)}"))
    elif variant == 1:
        blocks += [
            Table(
                (), ((f"{kind}", f"N. {number}", f"Data {case.day(case.date)}"),), (2, 1, 1.4), ruled="grid", scale=1.0
            )
        ]
    else:
        blocks += [
            Para(text("", kind), "center", 1.15, after=1),
            Para(text(f"n. {number} del {case.day(case.date)}"), "center", after=8),
        ]
    if case.shown == "initials":
        who: tuple[Span, ...] = (
            Span(
                case.pick(
                    f"sig. {_initials(one)}", f"{_initials(one)}, residente a {one.town}", f"utente {_initials(one)}"
                )
            ),
        )
    elif case.shown == "number":
        who = (Span(f"utente n. {one.number}"),)
    else:
        who = case.identity(one)
    blocks.append(
        Para(
            (
                Span("OGGETTO: ", bold=True),
                Span(
                    f"{case.pick('impegno di spesa per', 'concessione di', 'attivazione di')} {case.service_name()} - "
                ),
                *who,
                *((Span(f" - CIG Z{rng.randrange(16**9):09X}"),) if rng.random() < 0.3 else ()),
            ),
            after=8,
        )
    )
    blocks.append(
        Para(
            text("", case.pick("IL RESPONSABILE DEL SERVIZIO", "IL DIRETTORE", "Il responsabile di settore")),
            "center",
            after=5,
        )
    )
    blocks += [Para(text(words + ";"), after=4) for words in case.each("det_visto", rng.randrange(4, 9))]
    blocks.append(
        Para(text("", case.pick("DETERMINA", "D E T E R M I N A", "DISPONE")), "center", before=3, after=5, keep=True)
    )
    orders = [
        f"di {case.pick('concedere', 'autorizzare', 'riconoscere')} per l'anno {case.date.year} {case.granted()}",
        f"di impegnare la somma di € {amount} al capitolo {rng.randrange(100, 9999)} del bilancio",
        f"di liquidare il contributo {case.pick('in unica soluzione', 'in rate mensili', 'su presentazione di fattura')}",
        "di dare atto che il nominativo è conservato agli atti a tutela della riservatezza",
        "di trasmettere il presente atto all'ufficio ragioneria per il visto di regolarità contabile",
        "di pubblicare il presente atto all'albo pretorio per quindici giorni",
    ]
    blocks += case.listed([words + ";" for words in orders[: rng.randrange(4, 7)]], marks=rng.choice(("1", "-", "a")))
    blocks += case.sign(
        (case.pick("Il responsabile", "Il direttore", "Il responsabile di settore"), case.name(officer))
    )
    blocks += [
        Rule(0.4, 5),
        Para(
            text(f"Visto di regolarità contabile attestante la copertura finanziaria, {case.day(case.after(6))}"),
            "left",
            0.9,
        ),
    ]
    return case.finish("determina", blocks)


def letter(case: Case) -> Paper:
    """Lettera protocollata, in or out."""
    rng, one, office = case.rng, case.holder, case.office()
    incoming = rng.random() < 0.5
    if incoming:
        sender = (
            rng.choice((case.health, case.school, case.provider))()
            if one.age(case.date) < 18
            else rng.choice((case.health, case.provider))()
        )
        writer = rng.choice(
            case.population.doctors if sender.short.startswith(("AS", "ATS", "U.S")) else case.population.officers
        )
    else:
        sender, writer = office, rng.choice(case.population.officers)
    case.tell("author", writer)
    blocks: list[Block] = [*case.letterhead(sender)]
    own = case.own_number(share=0.75)
    meta = [Para(text(own), "left", after=1)] if own else []
    if rng.random() < 0.35:
        other = str(rng.randrange(100, 20000))
        case.protocols.append(TrueProtocol("other", other, None))
        meta.append(
            Para(
                text(
                    f"{case.pick('Vs. prot. n.', 'Rif. Vs. nota prot.', 'Risposta a nota prot.')} {other} del {case.day(case.before(60))}"
                ),
                "left",
                after=1,
            )
        )
    blocks += meta
    if incoming:
        blocks += case.stamped(office)
        lines = (
            case.pick("Spett.le", "Alla cortese attenzione"),
            office.short,
            "Ufficio Servizi Sociali",
            office.address[1],
        )
    else:
        lines = (
            case.pick("Egregio signore", "Gentile signora", "Gent.mo/a")
            if one.age(case.date) >= 18
            else "Ai genitori di",
            case.called(one),
            one.street,
            one.town,
        )
    top = rng.random() < 0.5
    if top:
        blocks.append(case.place_and_day("Crema" if rng.random() < 0.5 else one.town, "right"))
    blocks.append(case.to(lines))
    spans = (
        Span(case.pick("Oggetto: ", "OGGETTO: "), bold=True),
        Span(
            f"{case.pick('comunicazione relativa a', 'richiesta di', 'trasmissione documenti -', 'aggiornamento')} {case.service_name()} - "
        ),
        *case.identity(one),
    )
    blocks.append(Para(spans, after=9))
    blocks += [
        Para(text(words), after=6, first=rng.choice((0.0, 14.0))) for words in case.each("lettera", rng.randrange(2, 5))
    ]
    if rng.random() < 0.4:
        topic = (
            "e_rete" if case.household.kind == "elder" else "m_scuola" if 6 <= one.age(case.date) < 18 else "procedura"
        )
        blocks += case.prose((topic, 2))
    blocks.append(Para(text(case.say("chiusura", 1)), after=6))
    if not top:
        blocks.append(case.place_and_day("Crema" if rng.random() < 0.5 else one.town))
    blocks += case.sign((case.pick("Il responsabile", "Il dirigente", "Il referente"), f"{case.titled(writer)}"))
    if rng.random() < 0.3:
        blocks.append(Para(text(f"Allegati: n. {rng.randrange(1, 4)}"), "left", 0.9))
    return case.finish("corrispondenza", blocks)


def alert(case: Case) -> Paper:
    """Segnalazione by a school, a hospital, the police."""
    rng, one = case.rng, case.holder
    minor = one.age(case.date) < 18
    case.shown = "birth" if case.shown == "cf" and rng.random() < 0.6 else case.shown
    sender = case.school() if minor and rng.random() < 0.7 else case.health()
    writer = rng.choice(case.population.officers)
    case.tell("author", writer)
    office = case.office()
    blocks: list[Block] = [*case.letterhead(sender)]
    own = case.own_number()
    if own:
        blocks.append(Para(text(own), "left", after=2))
    blocks += case.stamped(office)
    lines = [
        "Al Servizio Tutela Minori" if minor and case.service == "TUM" else "Al Servizio Sociale",
        f"presso {office.short}",
    ]
    if minor and rng.random() < 0.3:
        lines += ["e p.c. Procura della Repubblica", "presso il Tribunale per i minorenni"]
    blocks.append(case.to(lines))
    blocks.append(
        Para(
            (
                Span("OGGETTO: ", bold=True),
                Span(
                    case.pick("segnalazione di pregiudizio relativa a ", "segnalazione relativa al minore ")
                    if minor
                    else case.pick("segnalazione di persona fragile: ", f"segnalazione per {case.service_name()}: ")
                ),
                *case.identity(one, home=rng.random() < 0.5),
            ),
            after=8,
        )
    )
    blocks.append(
        Para(
            text(
                case.pick(
                    "Con la presente si segnala la situazione in oggetto.",
                    "Si segnala la situazione di cui all'oggetto per quanto di competenza.",
                    "Ai sensi dell'art. 9 della L. 4 maggio 1983 n. 184 si segnala quanto segue."
                    if minor
                    else "Si ritiene doveroso segnalare quanto segue.",
                )
            )
        )
    )
    blocks += [
        Para(text(words), after=5) for words in case.each("segnala" if minor else "segnala_a", rng.randrange(3, 6))
    ]
    for parent in (case.household.mother, case.household.father):
        if minor and parent is not None and rng.random() < 0.6:
            case.tell("parent", parent)
            blocks.append(
                Para(
                    text(
                        f"{'Madre' if parent.sex == 'F' else 'Padre'}: {case.name(parent)}, recapito telefonico agli atti."
                    ),
                    after=3,
                )
            )
    blocks.append(
        Para(
            text(
                case.pick(
                    "Si rimette per quanto di competenza.",
                    "Si rimette per le valutazioni di competenza e si resta a disposizione.",
                    "In attesa di riscontro si porgono distinti saluti.",
                )
            )
        )
    )
    title = "Il dirigente scolastico" if sender.device == "star" else "Il responsabile"
    blocks += [
        case.place_and_day(),
        *case.sign((title, f"prof. {writer.plain_name}" if sender.device == "star" else f"{case.titled(writer)}")),
    ]
    named = case.service == "TUM" if minor else False
    return case.finish("segnalazione", blocks, service=named)


def invoice(case: Case) -> Paper:
    """Fattura o prospetto retta."""
    rng, one = case.rng, case.holder
    kind = {"RSA": "homes", "COM": "communities", "CDD": "day_centres", "CDI": "day_centres"}.get(
        case.service, "providers"
    )
    sender, office = case.provider(kind), case.office()
    month = MONTHS[(case.date.month - 2) % 12]
    blocks: list[Block] = [*case.letterhead(sender), *case.stamped(office)]
    blocks.append(case.to(("Spett.le", office.short, *office.address[:2])))
    number = f"{rng.randrange(3, 900)}/{case.date.year % 100:02}"
    blocks.append(
        case.heading(
            case.pick(
                f"Fattura n. {number} del {case.day(case.date)}",
                f"Nota di debito n. {number} - {case.day(case.date)}",
                f"Prospetto rette n. {number} del {case.day(case.date)}",
                f"Avviso di pagamento n. {number} del {case.day(case.date)}",
            )
        )
    )
    blocks.append(
        Para((Span(case.pick("Utente: ", "Ospite: ", "Prestazioni rese a favore di ")), *case.identity(one)), after=4)
    )
    blocks.append(Para(text(f"{case.service_name()} - retta mese di {month} {case.date.year}"), after=6))
    days, price = rng.randrange(8, 31), rng.choice((18.5, 24.0, 38.2, 52.4, 78.0))
    net = days * price
    vat = round(net * 0.05, 2)
    rows = (
        (f"Giorni di presenza {month}", str(days), money(price), money(net)),
        (case.pick("Trasporto", "Materiale", "Telesoccorso"), "1", money(0), money(0)),
    )
    blocks.append(
        Table(
            ("Descrizione", "Quantità", "Prezzo", "Importo"),
            rows,
            (3, 1, 1.1, 1.3),
            "lrrr",
            rng.choice(("grid", "lines")),
        )
    )
    totals = (("Imponibile", money(net)), ("IVA 5 %", money(vat)), ("Totale documento euro", money(net + vat)))
    blocks.append(Table((), totals, (3, 1.3), "rr", "lines"))
    blocks.append(
        Para(
            text(
                case.pick("Pagamento a 30 giorni data fattura. ", "Pagamento con bonifico bancario. "),
                "",
                "IVA ai sensi del D.P.R. 26 ottobre 1972, n. 633.",
            )
        )
    )
    return case.finish("fattura_retta", blocks)


def user_list(case: Case) -> Paper:
    """Elenco or graduatoria: many persons, nobody's dossier."""
    rng = case.rng
    grown = [
        one
        for one in case.population.individuals
        if one.birth_date.year < case.date.year - (70 if case.service in ("SAD", "PAS", "FNB2") else 20)
    ]
    people = rng.sample(grown, min(len(grown), rng.randrange(8, 22)))
    people.sort(key=lambda one: one.register_name)
    ranked = rng.random() < 0.5
    with_code = rng.random() < 0.35
    case.shown = "cf" if with_code else "birth"
    blocks: list[Block] = [
        *case.letterhead(case.office()),
        case.heading(
            f"{case.pick('Graduatoria', 'Graduatoria provvisoria') if ranked else case.pick('Elenco', 'Elenco utenti', 'Riepilogo utenti')} - {case.service_name()}",
            after=3,
        ),
        Para(text(f"{case.pick('aggiornato al', 'data')} {case.day(case.date)}"), "center", after=8),
    ]
    rows = []
    points = sorted((rng.randrange(12, 98) for _ in people), reverse=True)
    if ranked:
        rng.shuffle(people)
    for index, one in enumerate(people):
        case.tell("cited", one)
        row = [
            str(index + 1),
            case.caps(one.surname),
            "" if one.name == NO_NAME else case.caps(one.name),
            f"{one.birth_date:%d/%m/%Y}",
        ]
        if with_code:
            row.append(one.cf)
        row.append(str(points[index]) if ranked else one.town)
        rows.append(tuple(row))
    header = (
        "N.",
        "Cognome",
        "Nome",
        "Data di nascita",
        *(("Codice fiscale",) if with_code else ()),
        "Punteggio" if ranked else "Comune",
    )
    shares = (0.5, 2, 1.8, 1.6, *((2.7,) if with_code else ()), 1.3 if ranked else 1.9)
    blocks.append(Table(header, tuple(rows), shares, ruled=rng.choice(("grid", "lines", "none"))))
    blocks.append(Para(text(f"Totale utenti: {len(people)}"), "left"))
    return case.finish("elenco", blocks, holders=(), collective=True, running=False)


def cover(case: Case) -> Paper:
    """Copertina di fascicolo: a separator before the dossier's papers."""
    rng, one = case.rng, case.holder
    rows: list[Block] = [
        FormRow((Field("Cognome e nome", f"{case.caps(one.surname)} {'' if one.name == NO_NAME else case.caps(one.name)}".strip(), 1, rng.choice(("none", "dots", "solid"))),), after=10),
        FormRow((Field("nato/a il", case.day(one.birth_date), 1), Field("a", one.birth_place, 2)), after=10),
        FormRow((Field("Codice fiscale", one.cf, 1),), after=10),
        FormRow((Field("Servizio", case.service_name(), 1),), after=10),
        FormRow((Field("Anno", str(case.date.year), 1), Field("Scatola", str(rng.randrange(1, 90)), 1), Field("Faldone", str(rng.randrange(1, 40)), 1)), after=10),
    ]  # fmt: skip
    title = case.pick("Fascicolo", "Cartella sociale", "Fascicolo personale")
    blocks: list[Block] = [
        Gap(rng.uniform(80, 160)),
        Para(
            text("", f"COMUNE DI {case.caps(one.town)}" if case.date.year < 2008 else "COMUNITÀ SOCIALE CREMASCA"),
            "center",
            1.5,
            after=24,
        ),
        Para(text("", f"{title.upper()} N. {rng.randrange(100, 4000)}"), "center", 1.9, after=30),
    ]
    blocks += [Framed(tuple(rows))] if rng.random() < 0.5 else rows
    case.shown = "cf"
    return case.finish("separatore", blocks, running=False)
