# ruff: noqa: E501  # the sentences of papers stay whole
"""Papers of courts, and those written to them by guardians."""

from __future__ import annotations

from faldone.demo.elements import Block, Columns, Emblem, Para, Rule, Span, Table, text
from faldone.demo.papers.case import Case, Paper, money
from faldone.demo.truth import TrueProtocol


def juvenile_decree(case: Case) -> Paper:
    """Decreto del Tribunale per i minorenni: the holders are the children, often siblings."""
    rng, home = case.rng, case.household
    children = [child for child in home.children if child.age(case.date) < 18 and child.birth_date < case.date]
    if len(children) > 1 and rng.random() < 0.45:
        children = [case.holder]
    case.shown = "birth" if case.shown == "name" or (len(children) > 1 and rng.random() < 0.5) else case.shown
    judge, president, clerk, lawyer = (
        *rng.sample(case.population.judges, 2),
        rng.choice(case.population.officers),
        rng.choice(case.population.lawyers),
    )
    session = case.before(30)
    year = case.date.year
    case.tell("judge", judge)
    case.tell("judge", president)
    case.tell("lawyer", lawyer)
    register = f"{rng.randrange(40, 2400)}/{case.before(400).year % 100:02} {case.pick('R.G.V.G.', 'V.G.', 'R.G.')}"
    final = case.pick("Decreto provvisorio", "Decreto definitivo", "Decreto")
    blocks: list[Block] = [*case.stamped(case.office(), late=25)]
    if rng.random() < 0.5 and case.style.name != "typewriter":
        blocks.append(Emblem("star", 38, "center"))
    top = rng.randrange(3)
    if top == 0:
        blocks += [
            Para(text("", "TRIBUNALE PER I MINORENNI DI BRESCIA"), "center", 1.2, after=2),
            Para(text(f"N. {register}   Cron. n. {rng.randrange(100, 9000)}"), "right", after=10),
        ]
    elif top == 1:
        blocks.append(
            Columns(
                (
                    Para(text(f"N. {register}"), "left", after=1),
                    Para(text(f"Cron. {rng.randrange(100, 9000)}/{year}"), "left", after=1),
                ),
                (
                    Para(text("REPUBBLICA ITALIANA"), "center", after=1),
                    Para(text("Tribunale per i minorenni di Brescia"), "center", after=1),
                ),
                0.4,
                after=12,
            )
        )
    else:
        blocks += [
            Para(text("IL TRIBUNALE PER I MINORENNI"), "center", 1.15, after=1),
            Para(text("DI BRESCIA"), "center", after=8),
            Para(text(f"Proc. n. {register}"), "left", after=8),
        ]
    blocks.append(Para(text(case.pick(
        f"Il Tribunale per i minorenni, riunito in camera di consiglio il {case.day(session)} e composto dai magistrati:",
        f"Il Tribunale, in camera di consiglio nelle persone dei signori (udienza del {case.day(session)}):",
    ))))  # fmt: skip
    honorary = rng.sample(case.population.educators, 2)
    bench = [
        (f"{case.titled(president)}", "Presidente"),
        (f"{case.titled(judge)}", "Giudice relatore"),
        (f"{case.titled(honorary[0])}", "Giudice onorario"),
        (f"{case.titled(honorary[1])}", "Giudice onorario"),
    ]
    case.tell("judge", honorary[0])
    case.tell("judge", honorary[1])
    blocks.append(Table((), tuple(bench), (2, 1.2), ruled="none", scale=1.0))
    blocks.append(
        Para(
            text(
                "",
                case.pick(
                    "ha pronunciato il seguente DECRETO", f"ha emesso il seguente {final.upper()}", "D E C R E T O"
                ),
            ),
            "center",
            after=6,
        )
    )
    intro = (
        case.pick("nel procedimento relativo al minore ", "nel procedimento a tutela di ", "nell'interesse del minore ")
        if len(children) == 1
        else case.pick("nel procedimento relativo ai minori ", "nell'interesse dei fratelli ")
    )
    spans: list[Span] = [Span(intro)]
    for index, child in enumerate(children):
        spans += [Span("; " if index else ""), *case.identity(child)]
    parents = [one for one in (home.mother, home.father) if one is not None]
    if parents:
        spans.append(
            Span(
                f", {'figli' if len(children) > 1 else 'figlia' if children[0].sex == 'F' else 'figlio'} {case.pick('di', 'dei signori')} "
            )
        )
        for index, one in enumerate(parents):
            case.tell("parent", one)
            spans += [Span(" e " if index else ""), Span(case.name(one))]
    spans.append(
        Span(
            f", {case.pick('difesi', 'rappresentati')} dall'avv. {lawyer.plain_name} del foro di {case.pick('Cremona', 'Crema', 'Brescia')};"
        )
    )
    blocks.append(Para(tuple(spans), after=7))
    for sibling in home.children:
        if sibling not in children and rng.random() < 0.3 and sibling.birth_date < case.date:
            case.tell("sibling", sibling)
            blocks.append(
                Para(
                    text(
                        f"dato atto che {'la sorella' if sibling.sex == 'F' else 'il fratello'} {case.given(sibling)} è oggetto di separato procedimento;"
                    )
                )
            )
    end = case.pick(";", ";", "")
    blocks += [
        Para(text(words + end), after=5) for words in case.each("tm_motivi", round(rng.randrange(4, 8) * case.length))
    ]
    blocks.append(
        Para(text("", case.pick("P.Q.M.", "P. Q. M.", "per questi motivi")), "center", before=4, after=5, keep=True)
    )
    orders = case.each("tm_dispone", round(rng.randrange(3, 6) * case.length))
    if rng.random() < 0.5:
        blocks += [
            Para(
                text(
                    case.pick(
                        "il Tribunale così provvede:", "visti gli artt. 330, 333 e 336 c.c., dispone quanto segue:"
                    )
                )
            ),
            *case.listed([words + ";" for words in orders], marks=rng.choice(("1", "a", "-"))),
        ]
    else:
        blocks += [Para(text(words + ";"), after=4) for words in orders]
    blocks.append(
        Para(
            text(
                case.pick(
                    "Manda alla cancelleria per le comunicazioni. Si comunichi al Pubblico Ministero e al servizio sociale.",
                    "Si comunichi alle parti, al servizio sociale di {comune} e al P.M. in sede.",
                    "Decreto immediatamente efficace. Si comunichi.",
                )
            )
        )
    )
    blocks.append(Para(text(f"Così deciso in Brescia il {case.day(session)}."), after=6))
    blocks += case.sign(
        ("Il Giudice relatore", f"{case.titled(judge)}"), ("Il Presidente", f"{case.titled(president)}")
    )
    case.tell("author", clerk)
    blocks += [
        Rule(0.4, 4),
        Para(
            text(
                case.pick("Depositato in cancelleria il ", "Depositato in Cancelleria oggi ", "DEPOSITATO il ")
                + case.day(case.date)
            ),
            "left",
            after=2,
        ),
        Para(text(f"{case.pick('Il Cancelliere', 'Il Funzionario giudiziario')} {clerk.plain_name}"), "left"),
    ]
    return case.finish("decreto_tm", blocks, holders=children)


def guardianship_decree(case: Case) -> Paper:
    """Decreto del Giudice tutelare."""
    rng, one = case.rng, case.holder
    judge, guardian = rng.choice(case.population.judges), rng.choice(case.population.lawyers)
    case.tell("judge", judge)
    case.tell("guardian", guardian)
    court = "TRIBUNALE DI CREMA" if case.date.year < 2013 else "TRIBUNALE ORDINARIO DI CREMONA"
    register = f"{rng.randrange(40, 2400)}/{case.date.year} V.G."
    blocks: list[Block] = [
        *case.stamped(case.office(), late=30),
        Para(text("", court), "center", 1.2, after=1),
        Para(text(case.pick("Ufficio del Giudice tutelare", "Sezione volontaria giurisdizione")), "center", after=6),
        Para(text(f"R.G. n. {register}"), rng.choice(("left", "right")), after=8),
    ]
    kind = rng.choice(("nomina", "nomina", "autorizza"))
    blocks.append(
        case.heading(
            "Decreto di nomina di amministratore di sostegno" if kind == "nomina" else "Decreto di autorizzazione"
        )
    )
    blocks.append(
        Para(text(case.pick("Il Giudice tutelare, dott. ", "Il Giudice tutelare dott. "), judge.plain_name, ""))
    )
    blocks += [Para(text(words + ";"), after=4) for words in case.each("gt_motivi", rng.randrange(3, 7))]
    if kind == "nomina":
        blocks.append(Para(text("", case.pick("NOMINA", "nomina")), "center", after=4, keep=True))
        blocks.append(
            Para(
                (
                    Span(
                        f"amministratore di sostegno a tempo {case.pick('indeterminato', 'determinato di anni due')} "
                    ),
                    Span(case.pick("in favore di ", "del beneficiario ", "nell'interesse di ")),
                    *case.identity(one, home=rng.random() < 0.5),
                    Span(f", l'avv. {guardian.plain_name}, con studio in {case.pick('Crema', 'Cremona')}."),
                )
            )
        )
        blocks.append(
            Para(
                text(
                    case.pick(
                        "Atti che l'amministratore può compiere in nome e per conto del beneficiario:",
                        "L'amministratore di sostegno potrà compiere i seguenti atti:",
                    )
                ),
                after=3,
            )
        )
    else:
        blocks.append(
            Para(
                (
                    Span("vista l'istanza depositata dall'amministratore di sostegno avv. "),
                    Span(guardian.plain_name),
                    Span(", nell'interesse del beneficiario "),
                    *case.identity(one),
                    Span(";"),
                )
            )
        )
        blocks.append(Para(text("", "AUTORIZZA"), "center", after=4))
        blocks.append(
            Para(
                text(
                    f"l'amministratore di sostegno a prelevare la somma di € {money(rng.randrange(400, 9000) + 0.0)} per {case.pick('le cure dentarie', 'i lavori nel bagno', 'il pagamento della retta')} e inoltre a:"
                ),
                after=3,
            )
        )
    blocks += case.listed(
        [words + ";" for words in case.each("gt_dispone", rng.randrange(3, 7))], marks=rng.choice(("1", "a", "-"))
    )
    blocks.append(
        Para(
            text(
                case.pick(
                    f"Fissa per il giuramento l'udienza del {case.day(case.after(40))} alle ore 10.",
                    f"Il giuramento sarà prestato il {case.day(case.after(40))}.",
                    "Efficacia immediata ai sensi dell'art. 405 c.c.",
                )
            )
        )
    )
    blocks += [
        Para(text(f"{case.pick('Crema', 'Cremona')}, {case.day(case.before(12))}"), "left"),
        *case.sign(("Il Giudice tutelare", f"{case.titled(judge)}")),
    ]
    blocks.append(Para(text(f"Depositato in cancelleria il {case.day(case.date)}"), "left", before=4))
    return case.finish("decreto_gt", blocks)


def guardian_account(case: Case) -> Paper:
    """Rendiconto annuale dell'amministratore di sostegno."""
    rng, one = case.rng, case.holder
    guardian = rng.choice(case.population.lawyers)
    case.tell("guardian", guardian)
    year = case.date.year - 1
    case.protocols.clear()
    blocks: list[Block] = [
        case.to(("Al Giudice tutelare", "del Tribunale di " + ("Crema" if case.date.year < 2013 else "Cremona"))),
        case.heading(
            case.pick("Relazione e rendiconto annuale", "Rendiconto annuale", f"Rendiconto annuale - anno {year}"),
            after=4,
        ),
    ]
    blocks.append(
        Para(
            text(
                f"R.G. n. {rng.randrange(40, 2400)}/{rng.randrange(min(year, max(2004, year - 6)), year + 1)} V.G. - periodo dal 01/01/{year} al 31/12/{year}"
            ),
            "center",
        )
    )
    blocks.append(Para((Span(case.pick("Beneficiario: ", "Amministrazione di sostegno di ")), *case.identity(one))))
    blocks.append(Para(text(f"Amministratore di sostegno: avv. {guardian.plain_name}")))
    pension, allowance = rng.randrange(7000, 14000) + 0.24, rng.choice((0.0, 6260.04))
    fee, other = rng.randrange(6000, 15000) + 0.0, rng.randrange(500, 3000) + 0.6
    start = rng.randrange(500, 12000) + 0.0
    rows = [
        ("Saldo iniziale", money(start), ""),
        ("Pensione INPS", money(pension), ""),
        ("Indennità di accompagnamento", money(allowance), ""),
        ("Retta o assistente familiare", "", money(fee)),
        ("Spese personali e farmaci", "", money(other)),
        ("Saldo al 31/12/" + str(year), money(start + pension + allowance - fee - other), ""),
    ]
    blocks.append(
        Table(("Voce", "Entrate", "Uscite"), tuple(rows), (3, 1.2, 1.2), "lrr", rng.choice(("grid", "lines")))
    )
    blocks += [
        case.section("Condizioni del beneficiario"),
        *case.prose(("e_salute" if one.age(case.date) > 60 else "d_salute", 3), ("denaro", 2)),
    ]
    blocks += [
        Para(text(case.pick("Si chiede l'approvazione del rendiconto.", "Si allegano estratti conto e ricevute."))),
        case.place_and_day(),
        *case.sign(("L'amministratore di sostegno", f"avv. {guardian.plain_name}")),
    ]
    return case.finish("rendiconto_ads", blocks)


def report_to_court(case: Case) -> Paper:
    """Relazione all'autorità giudiziaria."""
    rng, one, home = case.rng, case.holder, case.household
    minor = one.age(case.date) < 18
    body = case.office()
    case.tell("social_worker", case.worker)
    other = rng.choice(case.population.educators)
    case.tell("author", other)
    blocks: list[Block] = [*case.letterhead(body)]
    own = case.own_number(share=0.8)
    if own:
        blocks.append(Para(text(own), "left", after=4))
    if minor:
        judge = rng.choice(case.population.judges)
        lines: tuple[str, ...] = rng.choice(
            (
                ("Al Tribunale per i minorenni", "di Brescia", f"c.a. {case.titled(judge)}"),
                ("Alla Procura della Repubblica", "presso il Tribunale per i minorenni", "25124 Brescia"),
            )
        )
    else:
        lines = ("Al Giudice tutelare", "presso il Tribunale di " + ("Crema" if case.date.year < 2013 else "Cremona"))
    if minor and lines[-1].startswith("c.a."):
        case.tell("judge", judge)
    blocks.append(case.to(lines))
    proceeding = f"{rng.randrange(40, 2400)}/{case.before(500).year} {'R.G.V.G.' if minor else 'V.G.'}"
    blocks.append(
        Para(
            (
                Span("OGGETTO: ", bold=True),
                Span(
                    case.pick("relazione di aggiornamento su ", "relazione sul nucleo di ", f"proc. n. {proceeding} - ")
                ),
                *case.identity(one),
            ),
            after=8,
        )
    )
    other_number = str(rng.randrange(100, 9000))
    case.protocols.append(TrueProtocol("other", other_number, None))
    blocks.append(Para(text(case.pick(
        f"In riferimento al decreto del {case.day(case.before(200))}, proc. n. {proceeding}, si relaziona quanto segue.",
        f"In ottemperanza a quanto disposto in data {case.day(case.before(200))} (Vs. prot. n. {other_number}), si trasmette la presente relazione.",
        f"Facendo seguito alla richiesta Vs. prot. {other_number} del {case.day(case.before(90))}, si relaziona quanto segue.",
    ))))  # fmt: skip
    if minor:
        for parent in (home.mother, home.father):
            if parent is not None:
                case.tell("parent", parent)
        known = [
            f"{'madre' if parent.sex == 'F' else 'padre'}: {case.name(parent)}, {case.born(parent)}"
            for parent in (home.mother, home.father)
            if parent is not None
        ]
        blocks += [case.section(case.pick("Composizione del nucleo", "Dati anagrafici")), *case.listed(known)]
        parts = [
            ("Storia familiare", ("m_famiglia", 4)),
            ("Il minore", ("m_minore", 4)),
            ("Scuola", ("m_scuola", 3)),
            ("Salute", ("m_salute", 2)),
            ("Situazione abitativa ed economica", ("casa", 2)),
            ("Interventi attivati", ("rete", 3)),
        ]
        if one.age(case.date) < 6:
            parts = [part for part in parts if part[0] != "Scuola"]
    else:
        topic = "e_salute" if case.household.kind == "elder" else "d_salute"
        parts = [
            ("Condizioni di salute", (topic, 4)),
            ("Rete familiare", ("e_rete", 3)),
            ("Situazione economica", ("denaro", 3)),
            ("Abitazione", ("casa", 2)),
        ]
    chosen = sorted(rng.sample(range(len(parts)), rng.randrange(3, len(parts) + 1)))
    titled = rng.random() < 0.65
    for index in chosen:
        title, topic_count = parts[index]
        if titled:
            blocks.append(case.section(title))
        blocks += case.prose(topic_count)
    blocks += [*([case.section("Conclusioni")] if titled else []), *case.prose(("valutazione", 3), ("procedura", 1))]
    blocks.append(
        Para(
            text(
                case.pick(
                    "Si resta a disposizione per ogni chiarimento.",
                    "Si resta a disposizione di codesta Autorità Giudiziaria.",
                    "Si resta in attesa delle determinazioni del caso.",
                )
            )
        )
    )
    blocks += [
        case.place_and_day(),
        *case.sign(
            (case.pick("L'assistente sociale", "Assistente sociale"), f"{case.titled(case.worker)}"),
            (case.pick("Lo psicologo", "L'educatore"), f"{case.titled(other)}"),
        ),
    ]
    return case.finish("relazione_tribunale", blocks)
