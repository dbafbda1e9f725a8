# ruff: noqa: E501  # the sentences of papers stay whole
"""Projects, minutes of teams, contracts."""

from __future__ import annotations

from faldone.demo.elements import Block, Field, FormRow, Para, Span, Table, text
from faldone.demo.papers.case import Case, Paper, money
from faldone.demo.papers.forms import personal_rows


def individual_project(case: Case) -> Paper:
    """Progetto individuale / PAI."""
    rng, one = case.rng, case.holder
    case.tell("social_worker", case.worker)
    body = case.office()
    blocks: list[Block] = [
        *case.letterhead(body),
        case.heading(
            case.pick(
                "Progetto individuale",
                "Piano assistenziale individualizzato",
                "Progetto personalizzato",
                "Piano di intervento (P.A.I.)",
                "Progetto di vita" if one.age(case.date) < 60 else "Progetto individuale",
            ),
            after=3,
        ),
    ]
    blocks.append(
        Para(text(case.pick("art. 14 della L. 8 novembre 2000 n. 328", "(L. 328/2000)", "")), "center", 0.9, after=8)
        if case.date.year > 2000
        else Para((), after=4)
    )
    if rng.random() < 0.5:
        blocks += personal_rows(case, one)
    else:
        blocks.append(Para((Span(case.pick("Beneficiario: ", "Utente: ")), *case.identity(one, home=True)), after=6))
    start, end = case.after(30), case.after(380)
    blocks.append(
        FormRow(
            (
                Field("Servizio", case.service_name(), 2, "none"),
                Field("Case manager", f"A.S. {case.worker.plain_name}", 1, "none"),
            )
        )
    )
    blocks.append(FormRow((Field("Periodo: dal", case.day(start), 1, "none"), Field("al", case.day(end), 1, "none"))))
    goals, acts = case.each("obiettivi", rng.randrange(3, 6)), case.each("azioni", rng.randrange(3, 6))
    if rng.random() < 0.5:
        rows = tuple(
            (goal, act, case.pick("3 mesi", "6 mesi", "un anno")) for goal, act in zip(goals, acts, strict=False)
        )
        blocks.append(Table(("Obiettivi", "Azioni e risorse", "Verifica"), rows, (2.2, 2.4, 0.9), ruled="grid"))
    else:
        blocks += [
            case.section("Obiettivi"),
            *case.listed(goals, marks=rng.choice(("-", "1"))),
            case.section("Azioni e risorse"),
            *case.listed(acts, marks=rng.choice(("-", "a"))),
        ]
    blocks.append(Para(text(case.pick("Intervento previsto: ", "Si attiva: "), "", case.granted() + "."), before=3))
    topic = {"elder": "e_rete", "disabled": "d_percorso", "adult": "a_famiglia"}.get(case.household.kind, "m_famiglia")
    if rng.random() < 0.6:
        blocks += [
            case.section(case.pick("Situazione di partenza", "Sintesi della valutazione")),
            *case.prose((topic, 3)),
        ]
    blocks.append(
        Para(
            text(
                case.pick(
                    "Il progetto è condiviso con l'utente e con i familiari, che lo sottoscrivono.",
                    "I sottoscrittori si impegnano a rispettare quanto concordato. Tempi di verifica: ogni sei mesi.",
                    "Letto, condiviso con l'utente e sottoscritto.",
                )
            )
        )
    )
    blocks += [
        case.place_and_day(),
        *case.sign(("L'utente o chi lo rappresenta", ""), ("L'assistente sociale", case.worker.plain_name)),
    ]
    return case.finish("progetto_individuale", blocks)


def educational_project(case: Case) -> Paper:
    """Progetto educativo individualizzato."""
    rng, one = case.rng, case.holder
    author = rng.choice(case.population.educators)
    case.tell("author", author)
    kind = (
        "day_centres"
        if case.service in ("CDD", "CSE", "SFA", "CDM")
        else "communities"
        if case.service == "COM"
        else "providers"
    )
    blocks: list[Block] = [
        *case.letterhead(case.provider(kind)),
        case.heading(
            case.pick(
                "Progetto educativo individualizzato",
                "P.E.I. - Progetto educativo individuale",
                "Progetto educativo individuale",
            ),
            after=6,
        ),
    ]
    blocks += personal_rows(case, one) if rng.random() < 0.4 else [Para((Span("Per: "), *case.identity(one)), after=6)]
    blocks.append(Para(text(f"Servizio: {case.service_name()} - anno {case.date.year}/{case.date.year + 1}"), after=6))
    for area in rng.sample(
        ("Area delle autonomie", "Area relazionale", "Area cognitiva", "Area dell'espressione", "Area motoria"), 3
    ):
        blocks += [
            case.section(area),
            Para(text(case.say("d_percorso" if one.age(case.date) > 17 else "m_minore", 2))),
            *case.listed(case.each("obiettivi", 2)),
        ]
    blocks += [case.place_and_day(), *case.sign(("L'educatore", author.plain_name), ("La famiglia", ""))]
    return case.finish("pei", blocks)


def fostering_project(case: Case) -> Paper:
    """Progetto di affido."""
    rng, one = case.rng, case.holder
    case.tell("social_worker", case.worker)
    couple = rng.choice(case.population.officers)
    case.tell("guardian", couple)
    blocks: list[Block] = [
        *case.letterhead(case.office()),
        case.heading(case.pick("Progetto di affido", "Patto di affido", "Impegno di affido")),
    ]
    blocks.append(Para((Span("relativo al minore "), *case.identity(one)), after=6))
    blocks.append(
        Para(
            text(
                f"Famiglia affidataria: coniugi {couple.surname}. Affido {case.pick('consensuale', 'giudiziale')} ai sensi della L. 4 maggio 1983 n. 184. Durata dell'affido: {case.pick('dodici mesi', 'due anni', 'fino al termine della scuola')}, dal {case.day(case.after(30))}."
            )
        )
    )
    blocks += case.prose(("m_famiglia", 3), ("m_minore", 3))
    blocks += [
        case.section("Impegni"),
        *case.listed(
            [
                "gli affidatari assicurano mantenimento, educazione e istruzione",
                "i genitori mantengono i contatti secondo il calendario",
                f"il servizio eroga un contributo mensile di € {money(rng.choice((350.0, 420.5, 500.0)))}",
                "il rientro in famiglia è preparato con tutti gli operatori",
            ],
            marks="-",
        ),
    ]
    for parent in (case.household.mother, case.household.father):
        if parent is not None:
            case.tell("parent", parent)
            blocks.append(
                Para(text(f"{'La madre' if parent.sex == 'F' else 'Il padre'}: {case.name(parent)}"), after=2)
            )
    blocks += [
        case.place_and_day(),
        *case.sign(("Gli affidatari", ""), ("L'assistente sociale", case.worker.plain_name)),
    ]
    return case.finish("progetto_affido", blocks)


def team_minutes(case: Case) -> Paper:
    """Verbale di équipe: one case, or several in one paper."""
    rng = case.rng
    people = rng.sample(case.population.social_workers, 2) + rng.sample(case.population.educators, 2)
    for person in people[:2]:
        case.tell("social_worker", person)
    for person in people[2:]:
        case.tell("author", person)
    blocks: list[Block] = [
        *case.letterhead(case.office()),
        case.heading(case.pick("Verbale équipe", "Verbale di équipe", "Verbale incontro di rete", "Verbale incontro")),
        FormRow(
            (
                Field("Data", case.day(case.date), 1, "none"),
                Field("Luogo", case.pick("sala riunioni", "sede di Crema", "municipio"), 1, "none"),
                Field("Ora", case.pick("9.30", "14.00", "15.15"), 0.6, "none"),
            )
        ),
    ]
    names = [
        f"{person.plain_name} ({role})"
        for person, role in zip(
            people, ("assistente sociale", "assistente sociale", "educatore", "psicologo"), strict=True
        )
    ]
    blocks.append(Para(text("Presenti: ", "", ", ".join(names) + "."), after=3))
    if rng.random() < 0.4:
        blocks.append(
            Para(text("Assenti: ", "", f"{rng.choice(case.population.officers).plain_name} (giustificato)."), after=3)
        )
    children = [child for child in case.household.children if 0 < child.age(case.date) < 18 and child.registered]
    holders = children if case.holder in children and len(children) > 1 and rng.random() < 0.35 else [case.holder]
    if len(holders) > 1:
        case.shown = "birth"
        spans: list[Span] = [Span(case.pick("Ordine del giorno: situazione dei minori ", "Si discute dei minori "))]
        for index, child in enumerate(holders):
            spans += [Span("; " if index else ""), *case.identity(child)]
    else:
        spans = [
            Span(case.pick("Ordine del giorno: situazione di ", "Oggetto: aggiornamento su ", "Caso: ")),
            *case.identity(case.holder),
        ]
    blocks.append(Para((*spans, Span(f" - {case.service_name()}")), after=8))
    items = case.each("equipe", rng.randrange(4, 8))
    blocks += case.listed(items, marks="1") if rng.random() < 0.4 else [Para(text(words), after=5) for words in items]
    topic = (
        "m_famiglia"
        if case.holder.age(case.date) < 18
        else "a_famiglia"
        if case.household.kind == "adult"
        else "e_rete"
    )
    blocks += case.prose((topic, 3))
    blocks.append(Para(text("", case.pick("Si concorda:", "Decisioni:")), after=3, keep=True))
    blocks += case.listed(case.each("azioni", 3))
    blocks.append(
        Para(text(f"{case.pick('Prossimo incontro', 'Aggiornamento fissato al giorno')}: {case.day(case.after(90))}."))
    )
    blocks += case.sign((case.pick("Il verbalizzante", "Il coordinatore"), people[0].plain_name))
    return case.finish("verbale_equipe", blocks, holders=holders)


def service_contract(case: Case) -> Paper:
    """Contratto di servizio, voucher, impegnativa."""
    rng, one = case.rng, case.holder
    kind = {
        "RSA": "homes",
        "COM": "communities",
        "CDD": "day_centres",
        "CSE": "day_centres",
        "CDI": "day_centres",
        "CDM": "day_centres",
    }.get(case.service, "providers")
    provider = case.provider(kind)
    officer = rng.choice(case.population.officers)
    case.tell("author", officer)
    body = case.office()
    start = case.after(40)
    blocks: list[Block] = [*case.letterhead(body)]
    own = case.own_number(share=0.5)
    if own:
        blocks.append(Para(text(own), "left", after=3))
    blocks.append(
        case.heading(
            case.pick(
                "Contratto di servizio",
                "Attivazione voucher",
                "Buono di servizio",
                "Contratto di ingresso",
                "Impegnativa",
            )
        )
    )
    blocks.append(
        Para(
            (
                Span(
                    case.pick(
                        f"Tra {body.short}, l'ente accreditato {provider.short} (il fornitore) e l'utente ",
                        f"{body.short}, rappresentato dal responsabile {officer.plain_name}, affida a {provider.short} l'intervento in favore di ",
                    )
                ),
                *case.identity(one, home=True),
                Span(case.pick(" si conviene quanto segue.", ", alle condizioni che seguono.")),
            ),
            after=7,
        )
    )
    cost = rng.choice((17.5, 19.8, 21.35, 23.0))
    share = rng.choice((2.5, 4.0, 6.1))
    facts = [
        ("Servizio", case.service_name()),
        ("Intervento", case.granted()),
        ("Decorrenza", case.day(start)),
        ("Scadenza", case.day(start.replace(month=12, day=31))),
        (
            "Costo orario" if kind == "providers" else "Retta giornaliera",
            f"€ {money(cost if kind == 'providers' else cost * 3)}",
        ),
        ("Quota a carico dell'utente", f"€ {money(share)}"),
    ]
    if rng.random() < 0.6:
        blocks.append(Table((), tuple(facts), (1.2, 2), ruled=rng.choice(("grid", "lines"))))
    else:
        blocks += [FormRow((Field(f"{label}:", value, 1, rng.choice(("none", None))),)) for label, value in facts]
    clauses = [
        "Il fornitore assicura personale qualificato e la sostituzione entro ventiquattro ore.",
        "La compartecipazione è versata entro il giorno 15 del mese successivo.",
        "Le assenze vanno comunicate con un giorno di anticipo; in caso contrario la prestazione è addebitata.",
        "Il recesso è ammesso con preavviso di quindici giorni.",
        "Il trattamento dei dati avviene secondo il D.Lgs. 30 giugno 2003, n. 196.",
        "Per ogni controversia è competente il foro di Cremona.",
        "Le prestazioni sono registrate su apposito foglio firmato dall'utente.",
    ]
    blocks += [
        Para(text("", f"Art. {n}", f" - {words}"), after=4)
        for n, words in enumerate(
            rng.sample([words for words in clauses if case.could_say(words)], rng.randrange(3, 7)), start=1
        )
    ]
    blocks += [
        case.place_and_day(),
        *case.sign(("Il responsabile", officer.plain_name), ("Il fornitore", "")),
        *case.sign((case.pick("L'utente", "L'utente o il familiare"), "")),
    ]
    return case.finish("contratto_servizio", blocks)
