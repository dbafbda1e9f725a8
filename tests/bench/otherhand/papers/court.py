# ruff: noqa: E501 - wordings stay whole
"""Courts: decrees about children, guardianship, evictions; and what is written to courts."""

from __future__ import annotations

from tests.bench.otherhand import voice
from tests.bench.otherhand.case import Case
from tests.bench.otherhand.catalogue import paper
from tests.bench.otherhand.papers.bank import FAMILY, MEETINGS, SCHOOL


def _court(case: Case) -> None:
    case.paper.title(
        case.pick(
            "TRIBUNALE PER I MINORENNI DI BRESCIA",
            "TRIBUNALE PER I MINORENNI - BRESCIA",
            "IL TRIBUNALE PER I MINORENNI DI BRESCIA",
        )
    )


def _college(case: Case) -> None:
    judges = [case.add("judge", case.rng.choice(case.people.staff)) for _ in range(3)]
    case.paper.para("riunito in camera di consiglio nelle persone dei Signori:")
    for judge, office in zip(judges, ("Presidente", "Giudice relatore", "Giudice onorario"), strict=True):
        case.paper.both(f"dott. {voice.name(judge, 'given')}", office, 1.0)


def _numbers(case: Case, book: str) -> None:
    year = case.earlier(10, 500).year
    case.paper.both(
        f"N. {case.rng.randint(20, 2900)}/{year if case.rng.random() < 0.6 else str(year)[2:]} {book}",
        f"Cron. n. {case.rng.randint(100, 9000)}" if case.rng.random() < 0.5 else "",
    )


def _deposit(case: Case) -> None:
    """The day that counts is the deposit; the chamber's day stands before it."""
    chamber = case.earlier(2, 40)
    case.paper.para(f"Così deciso in Brescia, nella camera di consiglio del {case.on(chamber)}")
    case.paper.both("Il Giudice estensore", "Il Presidente")
    form = case.rng.randrange(3)
    if form == 0:
        case.paper.lines(f"Depositato in Cancelleria il {case.on()}", "Il Cancelliere")
    elif form == 1:
        case.paper.lines(
            "DEPOSITATO IN CANCELLERIA", f"Brescia, {case.on(style='stamp')}", "IL FUNZIONARIO GIUDIZIARIO"
        )
    else:
        case.paper.lines(f"Depositato oggi {case.on()}", "Il Direttore di Cancelleria")


def _with_siblings(case: Case) -> None:
    """Takes brothers and sisters in as holders: the paper is about each."""
    case.holders += [child for child in case.siblings if case.rng.random() < 0.7]


@paper("decreto_tm", "TUM TUM TUM AFF", weight=3.2)
def measures_for_children(case: Case) -> None:
    p = case.paper
    case.stamp()
    _court(case)
    _numbers(case, case.pick("R.G.V.G.", "V.G.", "R.R.", "ADS"))
    if case.rng.random() < 0.5:
        _college(case)
    p.title(case.pick("DECRETO PROVVISORIO", "DECRETO", "DECRETO DEFINITIVO", "ha pronunciato il seguente DECRETO"))
    _with_siblings(case)
    opening, preposition = case.rng.choice(
        [
            ("nel procedimento che riguarda", ""),
            ("nella procedura relativa", "a"),
            ("nel procedimento relativo", "a"),
            ("nel procedimento ex artt. 330-333 c.c. a tutela", "di"),
            ("nell'interesse", "di"),
        ]
    )
    p.para(f"{opening} {case.minors(preposition)}")
    for parent in case.parents:
        case.add("parent", parent)
    if case.parents:
        p.para(
            ("figli" if len(case.holders) > 1 else "figlio" if case.holder.sex == "M" else "figlia")
            + f" di {' e di '.join(case.who(x) for x in case.parents)}"
            + case.pick("", f", entrambi residenti in {case.town}")
        )
        if case.rng.random() < 0.4:
            lawyer = case.staff("lawyer")
            p.para(
                f"{case.pick('assistiti', 'rappresentata la madre')} dall'avv. {voice.name(lawyer, 'given')} del foro di {case.pick('Crema', 'Cremona', 'Brescia')}"
            )
    if case.rng.random() < 0.4:
        p.para(
            f"curatore speciale avv. {voice.name(case.add('guardian', case.rng.choice(case.people.staff)), 'given')}"
        )
    p.para(
        f"{case.pick('Visto il ricorso', 'Letto il ricorso')} del Pubblico Ministero in data {case.on(case.earlier(60, 400))}; esaminata la relazione del Servizio Tutela Minori di {case.town} del {case.on(case.earlier(41, 200))};"
    )
    p.para(
        f"rilevato che {case.say()};"
        if case.rng.random() < 0.7
        else "rilevato che i genitori non appaiono allo stato in grado di garantire un'adeguata assistenza;"
    )
    case.story(FAMILY, case.rng.randint(3, 12))
    p.para("P.Q.M." if case.rng.random() < 0.8 else "PER QUESTI MOTIVI")
    p.para(
        f"visti gli artt. {case.pick('330, 333 e 336 c.c.', '333 c.c., 336 co. 3 c.c.', '10 e 336 c.c.')}, "
        + (case.law() if case.rng.random() < 0.5 else "738 c.p.c.")
    )
    power = "responsabilità" if case.date.year > 2013 else "potestà"
    fostered = "dispone idonea collocazione presso famiglia affidataria, incaricando il Servizio Affidi del progetto di affidamento familiare"
    # Where the child is put is the court's order; the paper stays with the service that follows the case for it.
    usual = case.pick(
        f"affida i minori al Comune di {case.town}, limitando la {power} dei genitori",
        f"affida i minori al Comune di {case.town}, limitando la {power} dei genitori",
        "dispone il collocamento in comunità educativa e conferma il divieto di prelievo",
        "dispone che gli incontri con il padre si svolgano in spazio neutro, alla presenza di un operatore",
    )
    p.para(f"{case.pick('DISPONE', 'dispone')} {fostered if case.service == 'AFF' else usual};")
    p.para(
        "Prescrive ai genitori di attenersi alle indicazioni dei Servizi. Incarica il Servizio Sociale di relazionare entro sei mesi. Si comunichi al P.M., ai genitori e al Servizio. Decreto immediatamente esecutivo."
    )
    _deposit(case)


@paper("decreto_tm", "ADO", weight=0.5, who="minor")
def preadoptive(case: Case) -> None:
    p = case.paper
    _court(case)
    _numbers(case, "AB")
    p.title("ORDINANZA DI AFFIDAMENTO PREADOTTIVO" if case.rng.random() < 0.5 else "DECRETO")
    p.para(
        f"Visti gli atti relativi al minore {case.who()}, dichiarato in stato di adottabilità con sentenza in data {case.on(case.earlier(100, 400))};"
    )
    p.para(
        f"sentito il Servizio; visti gli artt. 22 e segg. della legge 4 maggio 1983 n. 184; ritenuto che {case.say()};"
    )
    p.para(
        "DISPONE l'affidamento preadottivo alla coppia individuata con separato provvedimento, da custodire in busta chiusa. Incarica l'équipe adozioni della vigilanza per un anno."
    )
    _deposit(case)


@paper("decreto_tm", "PEN", since=1990, weight=0.6, who="teen")
def probation(case: Case) -> None:
    p = case.paper
    case.stamp()
    _court(case)
    p.line(
        f"N. {case.rng.randint(50, 900)}/{case.date.year - 1} R.G.N.R.   N. {case.rng.randint(50, 900)}/{case.date.year} R.G. G.U.P."
    )
    p.title("ORDINANZA DI SOSPENSIONE DEL PROCESSO E MESSA ALLA PROVA")
    p.para(
        f"Nel procedimento penale nei confronti di {case.who()}, imputato del reato di cui all'art. 624 c.p., difeso dall'avv. {voice.name(case.staff('lawyer'), 'given')}"
    )
    p.para(
        "visto l'art. 28 del D.P.R. 22 settembre 1988 n. 448, sentiti l'imputato e gli esercenti la potestà; letto il progetto elaborato dall'USSM con il Servizio dell'ente locale;"
    )
    p.para(
        "sospende il processo per mesi dieci e affida il minore ai Servizi Minorili per la messa alla prova. Rinvia per la verifica."
    )
    _deposit(case)


@paper("decreto_gt", "PRG", since=2004, weight=2.0, who="frail")
def administrator(case: Case) -> None:
    p, ads = case.paper, None
    case.stamp()
    p.title(
        case.pick(
            "TRIBUNALE ORDINARIO DI CREMONA",
            "TRIBUNALE DI CREMA",
            "TRIBUNALE DI CREMONA - Ufficio del Giudice Tutelare",
        )
    )
    p.line(f"{case.pick('R.G.V.G. n.', 'V.G. n.', 'Proc. n.')} {case.rng.randint(50, 3000)}/{case.date.year}")
    judge = case.staff("judge")
    appointed = case.rng.random() < 0.6
    p.title(
        "DECRETO DI NOMINA DI AMMINISTRATORE DI SOSTEGNO" if appointed else case.pick("DECRETO", "Il Giudice Tutelare")
    )
    p.para(f"Il Giudice Tutelare, dott. {voice.name(judge, 'given')},")
    relative = case.rng.choice(
        [x for x in case.family.members if x not in case.holders and x.age(case.date) > 20] or [case.staff("lawyer")]
    )
    ads = case.add("guardian", relative)
    if appointed:
        p.para(
            f"letto il ricorso depositato da {case.who(ads)} per la nomina di un amministratore di sostegno a favore di {case.who()}, residente in {case.town};"
        )
        p.para(
            f"visto l'esito dell'esame svolto in data {case.on(case.earlier(3, 60))}; ritenuto che la persona si trova nell'impossibilità di provvedere ai propri interessi; visti gli artt. 404 e segg. c.c. come introdotti dalla L. 9 gennaio 2004 n. 6"
        )
        p.para("NOMINA")
        p.para(
            f"{case.pick('amministratore di sostegno', 'quale amministratore di sostegno')} {case.pick('il ', 'la ', '')}{case.named(ads)}, con i seguenti poteri: riscossione della pensione, pagamento delle spese ordinarie, rapporti con la pubblica amministrazione. Durata: a tempo indeterminato. Relazione annuale sulle condizioni di vita del beneficiario."
        )
    else:
        p.para(
            f"vista l'istanza presentata da {case.named(ads)}, {case.pick('amministratore di sostegno', 'in qualità di A.d.S.')} di {case.who()}, volta ad ottenere l'autorizzazione a {case.pick('riscuotere i buoni fruttiferi', 'stipulare il contratto di ingresso in struttura', 'vendere la quota di immobile')};"
        )
        p.para("AUTORIZZA quanto richiesto, con obbligo di rendiconto.")
    chamber = case.on(case.earlier(1, 12))
    p.lines(f"Cremona, {chamber}", "Il Giudice Tutelare")
    p.lines(
        case.pick(f"Depositato in Cancelleria il {case.on()}", f"Pervenuto in Cancelleria e depositato il {case.on()}"),
        "Il Cancelliere",
    )


@paper("decreto_gt", "PRG", until=2003, weight=0.4, who="frail")
def guardian_of_old(case: Case) -> None:
    case.service = "PRG"
    p = case.paper
    p.centre("PRETURA DI CREMA" if case.date.year < 1999 else "TRIBUNALE DI CREMA", "Ufficio del Giudice Tutelare")
    p.title("VERBALE DI GIURAMENTO DEL TUTORE" if case.rng.random() < 0.3 else "Decreto")
    tutor = case.add(
        "guardian",
        case.rng.choice(
            [x for x in case.family.members if x not in case.holders and x.age(case.date) > 20]
            or list(case.people.staff)
        ),
    )
    p.para(
        f"Il Giudice Tutelare, vista la sentenza con la quale è stata pronunciata l'interdizione di {case.who()}; nomina tutore {case.who(tutor)} e protutore il Sindaco pro tempore del Comune di {case.town}."
    )
    p.lines(f"Crema, {case.on()}", "Il Giudice Tutelare", voice.name(case.staff("judge"), "given"))


@paper("rendiconto_ads", "PRG", since=2005, weight=0.8, who="frail")
def accounts(case: Case) -> None:
    p = case.paper
    p.right("Al Sig. Giudice Tutelare", "presso il Tribunale di Cremona")
    p.title(
        case.pick(
            "RENDICONTO ANNUALE",
            "RENDICONTO ANNUALE E RELAZIONE DELL'AMMINISTRATORE DI SOSTEGNO",
            "Relazione periodica e rendiconto",
        )
    )
    ads = case.add(
        "guardian",
        case.rng.choice(
            [*[x for x in case.family.members if x not in case.holders and x.age(case.date) > 20], case.staff("lawyer")]
        ),
    )
    p.boxes(
        [
            ("Procedura n.", f"{case.rng.randint(50, 3000)}/{case.date.year - 3} V.G."),
            (case.pick("Beneficiario", "Amministrato", "Beneficiario/a"), case.who()),
            ("Amministratore di sostegno", case.named(ads)),
            ("Periodo", f"dal 01/01/{case.date.year - 1} al 31/12/{case.date.year - 1}"),
        ]
    )
    start = case.rng.randint(2, 30) * 500
    p.table(
        [
            ["ENTRATE", "euro"],
            ["Pensione", f"{case.rng.randint(6000, 15000)},00"],
            ["Indennità accompagnamento", "6.216,00"],
            ["USCITE", ""],
            ["Retta struttura", f"{case.rng.randint(9000, 19000)},00"],
            ["Spese personali", f"{case.rng.randint(300, 2500)},50"],
            [f"Saldo al 31/12/{case.date.year - 1}", f"{start},00"],
        ],
        [40, 14],
    )
    case.story(MEETINGS, 3)
    p.line(case.dated("Crema"), 2)
    case.signed("L'amministratore di sostegno", ads)


@paper("relazione_tribunale", "TUM TUM TUM INP AFF ADO", weight=2.2, who="minor")
def report_to_court(case: Case) -> None:
    p = case.paper
    case.office()
    line = case.protocol_line(0.75)
    if line:
        p.line(line, 1.4)
    p.line(case.dated(), 1.2)
    p.right(
        case.pick(
            "Al Tribunale per i Minorenni",
            "Spett.le Tribunale per i Minorenni",
            "Alla Procura della Repubblica presso il Tribunale per i Minorenni",
        ),
        "Via Lattanzio Gambara, 40",
        "25122 BRESCIA",
        gap=1.5,
    )
    if case.rng.random() < 0.6:
        p.line(
            f"Rif. Proc. n. {case.rng.randint(100, 2900)}/{case.date.year - 1} {case.pick('V.G.', 'R.G.V.G.')}   G.R. dott. {voice.name(case.staff('judge'), 'given')}",
            1.4,
        )
    _with_siblings(case)
    opening, preposition = case.rng.choice(
        [
            ("relazione di aggiornamento relativa", "a"),
            ("relazione sociale", "su"),
            ("aggiornamento della situazione", "di"),
            ("relazione riguardante", ""),
        ]
    )
    p.para(f"OGGETTO: {opening} {case.minors(preposition)}.")
    if case.rng.random() < 0.5 and case.parents:
        p.para("Composizione del nucleo:")
        for parent in case.parents:
            p.line(f"- {'padre' if parent.sex == 'M' else 'madre'}: {case.who(case.add('parent', parent))}")
        for child in [*case.holders, *case.siblings]:
            role = "sibling" if child not in case.holders else "holder"
            if role == "sibling":
                case.add("sibling", child)
            p.line(
                f"- figli{'o' if child.sex == 'M' else 'a'}: {case.named(child)}, {voice.born(child, case.rng, case.style)}"
            )
            if role == "holder":
                case.shown = "birth" if case.shown == "name" else case.shown
    p.para(
        f"In {case.pick('riferimento', 'ottemperanza')} al decreto del {case.on(case.earlier(60, 400))} di codesto Tribunale, si trasmette quanto segue. {case.say().capitalize()}."
    )
    case.story([*FAMILY, *MEETINGS, *SCHOOL], case.rng.randint(8, 30))
    p.para(
        case.pick(
            "Si rimane a disposizione per ogni chiarimento.",
            "Tanto si doveva in adempimento dell'incarico. Distinti saluti.",
            "Si chiede di voler valutare la proroga del mandato.",
        )
    )
    case.signed("L'Assistente Sociale", None, "social_worker")
    if case.rng.random() < 0.4:
        case.signed("La Psicologa", None)


@paper("relazione_tribunale", "PRG", since=2004, weight=0.5, who="frail")
def report_to_judge(case: Case) -> None:
    p = case.paper
    case.office()
    p.right("Al Giudice Tutelare", "Tribunale di Cremona")
    if line := case.protocol_line():
        p.line(line)
    p.para(
        f"Oggetto: {case.pick('segnalazione ex art. 406 c.c. per la nomina di amministratore di sostegno a favore di', 'relazione sociale su', 'informazioni richieste su')} {case.who()}"
    )
    p.para(f"In riferimento alla richiesta di codesto Ufficio ({case.their_protocol()}), si relaziona quanto segue.")
    case.story([*MEETINGS], case.rng.randint(4, 9))
    p.line(case.dated(), 1.5)
    case.signed("L'Assistente Sociale", None, "social_worker")


@paper("atto_sfratto", "SAT SAP AFT", weight=1.0, who="adult")
def eviction(case: Case) -> None:
    p = case.paper
    case.stamp(0.3)
    owner = case.staff("cited")
    if case.rng.random() < 0.5:
        case.told = False
        p.title(
            case.pick(
                "ATTO DI INTIMAZIONE DI SFRATTO PER MOROSITA' E CITAZIONE PER LA CONVALIDA",
                "PREAVVISO DI RILASCIO DI IMMOBILE",
            )
        )
        p.para(
            f"Il sig. {voice.name(owner, 'given')}, rappresentato e difeso dall'avv. {voice.name(case.staff('lawyer'), 'given')}, premesso di aver concesso in locazione con contratto del {case.on(case.earlier(500, 1800))} l'unità immobiliare sita in {case.town}, {case.holder.street}, {case.pick('a', 'al conduttore', 'al/alla sig./sig.ra')} {case.who()};"
        )
        p.para(
            f"che il conduttore non ha corrisposto i canoni per complessivi Euro {case.rng.randint(1200, 9000)},00; INTIMA sfratto per morosità e cita il medesimo a comparire avanti al Tribunale di Cremona all'udienza del {case.on(case.later(25, 60))}. Avverte ai sensi degli artt. 657-660 c.p.c."
        )
        p.lines(case.dated(case.pick("Crema", "Cremona")), "avv. " + voice.name(case.staff("lawyer"), "given"))
    else:
        case.told = False
        p.title("CONTRATTO DI LOCAZIONE AD USO ABITATIVO")
        p.centre(
            "ai sensi dell'art. 2, comma 1, L. 9 dicembre 1998, n. 431"
            if case.date.year > 1998
            else "ai sensi della L. 27 luglio 1978 n. 392"
        )
        p.para(
            f"Il sig. {case.named(owner, 'caps')}, di seguito denominato locatore, concede in locazione {case.pick('al/alla Sig./Sig.ra', 'a')} {case.who()}, di seguito denominato/a conduttore, che accetta, l'immobile posto in {case.town}, {case.holder.street}."
        )
        p.para(
            f"1. Il contratto è stipulato per la durata di anni quattro, dal {case.on(case.later(2, 30))}. 2. Il canone annuo è convenuto in {'L.' if case.date.year < 2002 else 'euro'} {case.rng.randint(3, 6)}.{case.rng.randint(100, 900)},00. 3. Il conduttore non può sublocare. 4. Il deposito cauzionale è pari a tre mensilità."
        )
        p.line(f"Letto, approvato e sottoscritto. {case.dated()}", 1.6)
        p.both("Il locatore", "Il conduttore")
