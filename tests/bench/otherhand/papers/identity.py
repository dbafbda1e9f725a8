# ruff: noqa: E501 - wordings stay whole
"""Papers that say who somebody is."""

from __future__ import annotations

from tests.bench.otherhand import voice
from tests.bench.otherhand.case import Case
from tests.bench.otherhand.catalogue import paper


@paper("documento_identita", weight=1.6, who="any")
def identity_card(case: Case) -> None:
    p, person = case.paper, case.holder
    case.told = False
    expiry = case.later(1826, 3652)
    case.style = case.pick("num", "num", "dots", "dash", "long" if case.date.year < 2000 else "num")
    form = case.rng.randrange(3)
    if form == 0:
        p.centre("REPUBBLICA ITALIANA", f"COMUNE DI {case.town.upper()}")
        p.title("CARTA D'IDENTITA'")
        p.centre(f"N. A{case.pick('A', 'K', 'R', 'V')} {case.rng.randint(1000000, 9999999)}")
        p.boxes(
            [
                ("Cognome", voice.apostrophes(person.surname.upper())),
                ("Nome", voice.apostrophes(person.name.upper())),
                ("nato il", case.on(person.born)),
                ("a", f"{person.place} ({person.province})"),
                ("Cittadinanza", "ITALIANA" if person.province != "EE" else "STRANIERA"),
                ("Residenza", person.town.upper()),
                ("Via", person.street.upper()),
                ("Stato civile", case.pick("", "CONIUGATO", "LIBERO")),
                ("Statura", f"1,{case.rng.randint(50, 90)}"),
                ("Capelli", "CASTANI"),
                ("Occhi", "MARRONI"),
                ("Segni particolari", "//"),
            ],
            case.pick("colon", "dots"),
        )
        p.lines(f"{case.town} lì {case.on()}", "Il Sindaco", f"Scade il {case.on(expiry)}")
    elif form == 1 and case.date.year > 2015:
        p.centre("REPUBBLICA ITALIANA", "MINISTERO DELL'INTERNO", "CARTA DI IDENTITA' / IDENTITY CARD")
        p.line(f"C{case.pick('A', 'B')}{case.rng.randint(10000, 99999)}{case.pick('AA', 'BD', 'KL')}")
        p.boxes(
            [
                ("COMUNE DI / MUNICIPALITY", person.town.upper()),
                ("COGNOME / SURNAME", voice.apostrophes(person.surname.upper())),
                ("NOME / NAME", voice.apostrophes(person.name.upper())),
                (
                    "LUOGO E DATA DI NASCITA",
                    f"{person.place.upper()} ({person.province}) {case.on(person.born, 'dots')}",
                ),
                ("SESSO / SEX", person.sex),
                ("STATURA", str(case.rng.randint(150, 190))),
                ("EMISSIONE / ISSUING", case.on(style="dots")),
                ("SCADENZA / EXPIRY", case.on(expiry, "dots")),
            ],
            case.pick("below", "colon"),
        )
        if case.rng.random() < 0.7:
            p.lines(
                "CODICE FISCALE / FISCAL CODE",
                case.cf(),
                f"INDIRIZZO DI RESIDENZA {person.street.upper()} {person.town.upper()} (CR)",
            )
    else:
        p.centre("REPUBBLICA ITALIANA", "PATENTE DI GUIDA")
        p.boxes(
            [
                ("1.", voice.apostrophes(person.surname.upper())),
                ("2.", voice.apostrophes(person.name.upper())),
                ("3.", f"{case.on(person.born)} {person.place.upper()} ({person.province})"),
                ("4a.", case.on()),
                ("4b.", case.on(expiry)),
                ("4c.", "MIT-UCO"),
                ("5.", f"CR{case.rng.randint(1000000, 9999999)}X"),
                ("9.", "B"),
            ],
            "columns",
        )
    case.shown = "cf" if person.cf in case.coded else "birth"


@paper("tessera_sanitaria", since=2004, weight=1.2, who="any")
def health_card(case: Case) -> None:
    p, person = case.paper, case.holder
    case.told = False
    if case.rng.random() < 0.75:
        p.title(case.pick("TESSERA SANITARIA", "TESSERA SANITARIA  CARTA REGIONALE DEI SERVIZI"))
        # On the card «Codice fiscale» stands above; the date that counts is the expiry.
        p.boxes(
            [
                ("Codice Fiscale", case.cf()),
                ("Data di scadenza", case.on(style="num")),
                ("Cognome", voice.apostrophes(person.surname.upper())),
                ("Nome", voice.apostrophes(person.name.upper())),
                ("Luogo di nascita", person.place.upper()),
                ("Provincia", person.province),
                ("Data di nascita", case.on(person.born, "num")),
                ("Sesso", person.sex),
            ],
            case.pick("colon", "columns", "two", "below"),
        )
        if case.rng.random() < 0.4:
            p.lines(
                "TESSERA EUROPEA DI ASSICURAZIONE MALATTIA",
                f"80380{case.rng.randint(10**14, 10**15 - 1)}",
                case.on(style="num"),
            )
    else:
        p.lines(
            "REGIONE LOMBARDIA",
            "TESSERA SANITARIA",
            "CARTA NAZIONALE DEI SERVIZI",
            case.cf(),
            voice.name(person, "caps"),
            f"{person.sex}  {case.on(person.born, 'num')}  {person.place.upper()}",
            f"Scadenza {case.on(style='num')}",
        )
    case.shown = "cf"


@paper("stato_famiglia", weight=1.4, who="any")
def household(case: Case) -> None:
    p, person = case.paper, case.holder
    case.told = False
    p.centre(
        f"COMUNE DI {case.town.upper()}",
        "PROVINCIA DI CREMONA",
        case.pick("UFFICIO ANAGRAFE", "Servizi Demografici", "UFFICIO DELLO STATO CIVILE E ANAGRAFE"),
    )
    if case.rng.random() < 0.55:
        p.title(case.pick("CERTIFICATO DI STATO DI FAMIGLIA", "STATO DI FAMIGLIA"))
        p.para(
            f"{case.pick('L UFFICIALE D ANAGRAFE', 'L Ufficiale di Anagrafe')} certifica che {case.pick('nella scheda di famiglia intestata a', 'la famiglia anagrafica di', 'in base alle risultanze anagrafiche la famiglia di')} {case.named(style='caps')}, abitante in {person.street}, risulta così composta:"
        )
        for member in case.family.members:
            if member.born > case.date:
                continue
            if member not in case.holders:
                case.add("cited", member)
            p.both(case.named(member, "caps"), f"{voice.born(member, case.rng, 'num')}", 1.2)
        case.shown = "birth"
    else:
        p.title(
            case.pick(
                "CERTIFICATO DI RESIDENZA",
                "CERTIFICATO CONTESTUALE DI NASCITA, CITTADINANZA E RESIDENZA",
                "CERTIFICATO DI RESIDENZA E CITTADINANZA",
            )
        )
        p.para("L'Ufficiale d'Anagrafe, visti gli atti d'ufficio, certifica che")
        p.centre(case.named(style="caps"), gap=1.4)
        p.para(
            f"{voice.born(person, case.rng, case.style)}{', C.F. ' + case.cf() if case.shows_code else ''} risulta iscritto nell'anagrafe della popolazione residente di questo Comune in {person.street}."
        )
        case.shown = "cf" if case.shows_code else "birth"
    p.para(
        case.pick(
            "Si rilascia in carta libera per uso assistenza.",
            "Il presente certificato ha validità sei mesi dalla data di rilascio.",
            "Rilasciato ai sensi del D.P.R. 30 maggio 1989 n. 223, in esenzione dal bollo.",
        )
    )
    p.line(case.dated(), 1.6)
    case.signed("L'Ufficiale d'Anagrafe", None)


@paper("permesso_soggiorno", since=1990, weight=4.0, who="foreign")
def permit(case: Case) -> None:
    p, person = case.paper, case.holder
    case.told = False
    p.centre("REPUBBLICA ITALIANA", "QUESTURA DI CREMONA")
    p.title(
        case.pick(
            "PERMESSO DI SOGGIORNO", "PERMESSO DI SOGGIORNO / RESIDENCE PERMIT", "PERMESSO DI SOGGIORNO PER STRANIERI"
        )
    )
    expiry = case.later(300, 1800)
    case.paper.boxes(
        [
            ("N.", f"I{case.rng.randint(1000000, 9999999)}"),
            ("Cognome", voice.apostrophes(person.surname.upper())),
            ("Nome", voice.apostrophes(person.name.upper()) or "XXX"),
            ("Nato il", case.on(person.born, "num")),
            ("Luogo", person.place.upper()),
            ("Cittadinanza", person.place.upper()),
            (
                "Motivo del soggiorno",
                case.pick("FAMIGLIA", "LAVORO SUBORDINATO", "PROTEZIONE SUSSIDIARIA", "MINORE ETA'"),
            ),
            ("Rilasciato il", case.on(style="num")),
            ("Valido fino al", case.on(expiry, "num")),
            ("Codice fiscale", case.cf() if case.shows_code else ""),
        ],
        case.pick("colon", "columns", "below"),
    )
    if person.cf not in case.coded:
        case.shown = "birth"


@paper("consenso_privacy", since=1998, weight=1.4, who="any")
def privacy(case: Case) -> None:
    p = case.paper
    case.told = case.rng.random() < 0.3
    case.office()
    if case.told:
        case.paper.centre(case.rng.choice(case.served.names))
    new = case.date.year >= 2018
    p.title(
        case.pick(
            "INFORMATIVA E CONSENSO AL TRATTAMENTO DEI DATI PERSONALI",
            "CONSENSO AL TRATTAMENTO DEI DATI",
            "INFORMATIVA PRIVACY",
        )
        + (
            " (Regolamento UE 2016/679)"
            if new
            else " (D.Lgs. 30 giugno 2003 n. 196)"
            if case.date.year > 2003
            else " (L. 31 dicembre 1996 n. 675)"
        )
    )
    p.para(
        f"Titolare del trattamento è il Comune di {case.town}. I dati saranno trattati per finalità istituzionali, in forma cartacea e informatica, dal personale incaricato, e potranno essere comunicati ad altri enti coinvolti. L'interessato può esercitare i diritti di accesso, rettifica e cancellazione."
    )
    if case.rng.random() < 0.5 and new:
        p.para(
            "Responsabile della protezione dei dati: rpd@studiolegale.example. Base giuridica: art. 9 par. 2 lett. g) e art. 2-sexies D.Lgs. 196/2003."
        )
    minor = case.holder.age(case.date) < 18
    if minor and case.parents:
        parent = case.add("parent", case.rng.choice(case.parents))
        p.para(
            f"{case.pick('Il/La sottoscritto/a', 'La sottoscritta' if parent.sex == 'F' else 'Il sottoscritto')} {case.who(parent)}, in qualità di genitore {case.pick('del/la minore', 'di', 'esercente la responsabilità genitoriale sul minore')} {case.who()}, letta l'informativa, presta il consenso al trattamento."
        )
    else:
        p.para(
            f"Il/La sottoscritto/a {case.who()} dichiara di aver ricevuto l'informativa e {case.pick('PRESTA IL CONSENSO', 'esprime il proprio consenso', 'acconsente')} al trattamento dei propri dati."
        )
    p.both(case.dated(), case.pick("Firma ____________", "Firma leggibile"), 2)


@paper("delega", weight=1.0, who="adult")
def proxy(case: Case) -> None:
    p = case.paper
    case.told = False
    p.title(case.pick("DELEGA", "ATTO DI DELEGA", "DELEGA AL RITIRO"))
    other = case.rng.choice(
        [x for x in case.family.members if x not in case.holders and x.age(case.date) > 18] or list(case.people.staff)
    )
    case.add("cited", other)
    p.para(
        f"Il/La sottoscritto/a {case.who()}, residente a {case.town} in {case.holder.street}, {case.pick('DELEGA', 'delega', 'con la presente delega')} {case.sir(other)}{', ' + voice.born(other, case.rng, case.style) if case.rng.random() < 0.6 else ''} {case.pick('a ritirare per mio conto la documentazione', 'a rappresentarlo/a presso gli uffici comunali', 'alla presentazione della domanda e alla riscossione del contributo')}."
    )
    p.para(
        f"Si allega copia del documento di identità n. A{case.pick('H', 'J', 'M')} {case.rng.randint(1000000, 9999999)} rilasciato il {case.on(case.earlier(100, 3000))}."
    )
    p.both(case.dated(), "Il delegante", 2)
