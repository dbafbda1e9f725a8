# ruff: noqa: E501 - wordings stay whole
"""Doctors and commissions."""

from __future__ import annotations

from tests.bench.otherhand import voice
from tests.bench.otherhand.case import Case
from tests.bench.otherhand.catalogue import paper
from tests.bench.otherhand.papers.bank import MEETINGS

_CARE = "SAD ADIS RSA CDI FNB2 CDD SADH RDI PSI SIL DPR PUA"


def _health_office(case: Case) -> str:
    year = case.date.year
    name = (
        case.pick("U.S.S.L. n. 53 - CREMA", "UNITA' SOCIO SANITARIA LOCALE N. 53")
        if year < 1997
        else case.pick("A.S.L. della Provincia di Cremona", "AZIENDA SANITARIA LOCALE - Distretto di Crema")
        if year < 2016
        else case.pick(
            "ASST di Crema", "ATS della Val Padana", "Sistema Socio Sanitario Regione Lombardia - ASST Crema"
        )
    )
    case.paper.centre(name)
    return name


def _ill(case: Case) -> str:
    return case.pick(
        "esiti di ictus ischemico con emiparesi sinistra",
        "demenza senile di grado moderato",
        "sindrome di Down",
        "ritardo mentale medio",
        "artrosi polidistrettuale, ipertensione arteriosa",
        "schizofrenia paranoide in compenso",
        "tetraparesi spastica",
        "disturbo dello spettro autistico",
        "morbo di Parkinson",
        "diabete mellito tipo II, cardiopatia ischemica",
    )


@paper("verbale_invalidita", _CARE, weight=1.8)
def invalidity(case: Case) -> None:
    p = case.paper
    case.told = False
    if case.date.year >= 2010 and case.rng.random() < 0.8:
        p.centre(
            "INPS",
            "Istituto Nazionale della Previdenza Sociale",
            "Commissione Medica per l'accertamento dell'invalidità civile, delle condizioni visive e della sordità",
        )
        p.title("VERBALE SANITARIO")
    else:
        _health_office(case)
        p.centre("COMMISSIONE MEDICA DI PRIMA ISTANZA per gli invalidi civili")
        p.title("VERBALE DI VISITA MEDICA COLLEGIALE")
    visit = case.earlier(15, 120)
    case.shows_code = case.rng.random() < 0.7 and case.date.year > 1990
    case.boxes(
        ("Domanda presentata il", case.on(visit.replace(day=1))),
        ("Data della visita", case.on(visit)),
        ("N. domanda", str(case.rng.randint(3_000_000_000_000, 3_999_999_999_999)) if case.date.year > 2010 else ""),
    )
    p.para(
        f"ANAMNESI ED ESAME OBIETTIVO: {_ill(case)}. Deambulazione {case.pick('autonoma', 'con ausilio', 'impossibile')}."
    )
    p.para(f"DIAGNOSI: {_ill(case)}")
    low = case.rng.choice([46, 67, 74, 75, 80, 100])
    p.para(
        f"GIUDIZIO: {case.pick('INVALIDO con riduzione permanente della capacità lavorativa dal 34% al 99%', 'INVALIDO ultrasessantacinquenne con difficoltà persistenti', 'INVALIDO con totale e permanente inabilità lavorativa e con necessità di assistenza continua')} - {low}% (art. 2 e 13 L. 30 marzo 1971 n. 118 e art. 9 D.L. 23 novembre 1988 n. 509)"
    )
    if case.rng.random() < 0.4:
        p.para(f"Revisione: {case.on(case.later(400, 1200), 'num')}")
    p.lines(
        f"{case.pick('Data definizione del verbale', 'Data di definizione', 'Verbale definito in data')}: {case.on()}",
        "Il Presidente della Commissione  dott. " + voice.name(case.staff("doctor"), "given"),
    )


@paper("verbale_104", "SAAP CDD SADH DDN VIN CSE", since=1993, weight=2.4)
def handicap(case: Case) -> None:
    p = case.paper
    case.told = False
    _health_office(case) if case.date.year < 2011 else p.centre("INPS - Centro Medico Legale di Cremona")
    p.title(
        case.pick(
            "ACCERTAMENTO DELL'HANDICAP",
            "VERBALE DI ACCERTAMENTO DELLO STATO DI HANDICAP",
            "COMMISSIONE MEDICA INTEGRATA LEGGE 104/92",
        )
    )
    p.centre("(Legge 5 febbraio 1992, n. 104)")
    case.boxes(("Visita del", case.on(case.earlier(10, 90))))
    p.para(f"Diagnosi: {_ill(case)}")
    p.para(
        f"La Commissione riconosce l'interessato {case.pick('PORTATORE DI HANDICAP IN SITUAZIONE DI GRAVITA (comma 3 art. 3)', 'persona handicappata (art. 3 comma 1)', 'portatore di handicap (art. 3 comma 3)')}."
    )
    p.both(f"{case.pick('Data definizione', 'Definito il', 'Verbale definito il')} {case.on()}", "Il Presidente")


@paper("diagnosi_funzionale", "SAAP", since=1993, weight=1.2)
def functional_diagnosis(case: Case) -> None:
    p = case.paper
    _health_office(case)
    p.centre("Unità Operativa di Neuropsichiatria Infantile")
    p.title(
        case.pick(
            "DIAGNOSI FUNZIONALE",
            "Diagnosi Funzionale (D.P.R. 24 febbraio 1994)",
            "PROFILO DI FUNZIONAMENTO" if case.date.year > 2018 else "DIAGNOSI FUNZIONALE",
            "VERBALE DI ACCERTAMENTO - Collegio per l'individuazione dell'alunno in situazione di handicap",
        )
    )
    case.boxes(
        (
            "Scuola frequentata",
            f"{case.pick('Scuola Primaria', 'Scuola dell infanzia', 'Scuola secondaria di I grado', 'Scuola Elementare')} di {case.town}",
        ),
        ("Classe", case.pick("1^A", "3^B", "5^", "II C")),
        label=case.pick("Alunno", "Cognome e nome"),
    )
    if case.parents:
        p.line(f"Genitori: {', '.join(case.named(case.add('parent', x)) for x in case.parents)}", 1.3)
    p.para(
        f"Diagnosi clinica: {case.pick('ritardo mentale lieve (ICD-10 F70)', 'disturbo generalizzato dello sviluppo (F84)', 'disturbo specifico del linguaggio F80.1', 'paralisi cerebrale infantile G80')}."
    )
    for area in (
        "Area cognitiva",
        "Area affettivo-relazionale",
        "Area linguistica",
        "Area motorio-prassica",
        "Autonomia",
    ):
        p.para(
            f"{area}: {case.pick('adeguata, con necessità di guida nelle richieste complesse', 'presenta un ritardo rispetto all età cronologica', 'parzialmente acquisita', 'necessita di mediazione costante dell adulto')}."
        )
    p.para(
        f"Si ritiene necessario: insegnante di sostegno; {case.pick('assistente ad personam per n. 10 ore', 'assistenza educativa scolastica', 'educatore per l autonomia personale')}."
        if case.rng.random() < 0.8
        else "Si ritiene necessario l'insegnante di sostegno."
    )
    p.line(case.dated("Crema"), 2)
    case.signed(case.pick("Il Neuropsichiatra Infantile", "Lo specialista"), None, "doctor")


@paper("certificato_medico", _CARE, weight=1.2)
def certificate(case: Case) -> None:
    p, doctor = case.paper, case.staff("doctor")
    case.told = False
    p.lines(
        f"Dott. {voice.name(doctor, 'mixed')}",
        "Medico Chirurgo" + case.pick("", " - Medico di Medicina Generale"),
        f"Ambulatorio: {case.town}",
        f"Cod. Reg. {case.rng.randint(10000, 39999)}",
        gap=1.0,
    )
    p.title(case.pick("CERTIFICATO MEDICO", "Certificato", "CERTIFICATO"))
    who, ill = case.who(), _ill(case)
    p.para(case.pick(f"Si certifica che {case.pick('il/la', 'il paziente', 'la persona')} {who} è affetto/a da {ill}.",
                     f"Certifico di aver visitato in data odierna {voice.sir(case.holder, case.rng)} {who}, affetto da {ill}.",
                     f"Il sottoscritto medico curante dichiara che {who} presenta {ill} e non può essere lasciato solo."))  # fmt: skip
    p.para(
        case.pick(
            "Si rilascia a richiesta dell'interessato per gli usi consentiti.",
            "In fede.",
            "Terapia in atto come da piano terapeutico. Si rilascia per uso assistenziale.",
        )
    )
    p.line(case.dated(), 1.6)
    case.signed(case.pick("Il medico", "Dr.", "In fede"), doctor)


@paper("relazione_sanitaria", _CARE + " DIP PSI", weight=1.4)
def discharge(case: Case) -> None:
    p = case.paper
    p.centre(
        case.pick(
            "OSPEDALE MAGGIORE DI CREMA",
            "AZIENDA OSPEDALIERA OSPEDALE MAGGIORE DI CREMA",
            "Fondazione Teresa Camplani - Ancelle della Carità",
            "ISTITUTI OSPITALIERI DI CREMONA",
        )
    )
    ward = {
        "DIP": case.pick("Ser.T. di Crema", "Servizio Dipendenze"),
        "PSI": "Dipartimento di Salute Mentale - Centro Psico Sociale di Crema",
    }.get(case.service)
    case.told = ward is not None
    p.centre(
        ward
        or case.pick(
            "U.O. Medicina Generale",
            "Unità Operativa di Geriatria",
            "Riabilitazione specialistica",
            "Reparto di Neurologia",
        )
    )
    if ward:
        p.line(f"Crema, {case.on()}", 1.5)
        p.para(f"Oggetto: relazione clinica {case.pick('relativa a', 'sul/la paziente', 'su')} {case.who()}")
        p.para(
            f"{'Il paziente' if case.holder.sex == 'M' else 'La paziente'} {case.say().removeprefix('è ')} dal {case.date.year - case.rng.randint(1, 8)}. Diagnosi: {_ill(case)}."
        )
        case.story(MEETINGS, 4)
        case.signed("Il medico psichiatra" if case.service == "PSI" else "Il Responsabile", None, "doctor")
        return
    p.title(case.pick("LETTERA DI DIMISSIONE", "RELAZIONE CLINICA DI DIMISSIONE", "RELAZIONE SANITARIA"))
    p.line(case.pick("Egregio Collega,", "Al medico curante", "Gentile Collega,"), 1.5)
    p.para(
        f"{case.pick('si dimette in data odierna', 'viene dimesso/a in data ' + case.on())} {case.who()}, ricoverato/a dal {case.on(case.earlier(5, 40))} per {_ill(case)}."
    )
    p.para(f"Anamnesi patologica remota: {_ill(case)}. Decorso regolare. Esami ematochimici nella norma.")
    p.para(
        f"Diagnosi alla dimissione: {_ill(case)}. Terapia consigliata: ramipril 5 mg 1 cp, furosemide 25 mg 1 cp, omeprazolo 20 mg. Controllo il {case.on(case.later(15, 60))}."
    )
    p.line(f"Data di dimissione: {case.on()}" if case.rng.random() < 0.6 else f"Crema, {case.on()}", 1.6)
    case.signed("Il medico di reparto", None, "doctor")


@paper("scheda_valutazione", "PUA ADIS SAD RSA CDI FNB2 FNB1 CDD RDI DDN", since=1996, weight=1.4)
def scales(case: Case) -> None:
    p = case.paper
    case.told = case.rng.random() < 0.5
    if case.told:
        p.centre(case.rng.choice(case.served.names))
    scale = case.pick(
        "INDICE DI BARTHEL",
        "SCHEDA ADL - IADL",
        "S.VA.M.A. - Scheda valutazione sociale",
        "Scheda di valutazione dell'autonomia",
        "SCALA TINETTI - BARTHEL",
    )
    p.title(scale)
    case.boxes(
        ("Data valutazione", case.on()), label=case.pick("Cognome e nome", "Assistito", "Paziente", "Nome utente")
    )
    items = [
        "Alimentazione",
        "Fare il bagno",
        "Igiene personale",
        "Abbigliamento",
        "Continenza intestinale",
        "Continenza urinaria",
        "Uso del gabinetto",
        "Trasferimenti",
        "Deambulazione",
        "Salire le scale",
    ]
    points = [case.rng.choice([0, 5, 10]) for _ in items]
    p.table(
        [
            ["Attività", "Punti"],
            *[[item, str(point)] for item, point in zip(items, points, strict=True)],
            ["PUNTEGGIO TOTALE", f"{sum(points)}/100"],
        ],
        [40, 10],
    )
    p.para(
        f"Note: {case.pick('necessita di aiuto per la maggior parte delle attività', 'collaborante', 'assistito dalla badante')}."
    )
    case.signed(case.pick("Il valutatore", "L'Assistente Sociale", "L'infermiere"), None, "author")


@paper("verbale_uvm", "PUA PUA FNB1 ADIS", since=2000, weight=0.9)
def multidimensional(case: Case) -> None:
    p = case.paper
    _health_office(case)
    p.title(
        case.pick(
            "VERBALE UVM",
            "UNITA' DI VALUTAZIONE MULTIDIMENSIONALE",
            "VERBALE EQUIPE DI VALUTAZIONE MULTIDIMENSIONALE",
            "VERBALE U.V.G.",
        )
    )
    if case.service != "PUA":
        p.centre(case.rng.choice(case.served.names))
    p.line(f"Seduta del {case.on()}", 1.4)
    case.boxes(label=case.pick("Cognome e nome", "Utente", "Assistito"))
    p.para(
        f"Presenti: dott. {voice.name(case.staff('doctor'), 'given')} (geriatra), {voice.name(case.staff('social_worker'), 'given')} (assistente sociale), l'infermiere di distretto"
        + (
            f", il familiare {case.named(case.add('cited', case.family.adults[0]))}"
            if case.family.adults and case.family.adults[0] not in case.holders and case.rng.random() < 0.5
            else ""
        )
        + "."
    )
    p.para(
        f"Valutazione: Barthel {case.rng.randint(0, 90)}/100, CDR {case.rng.randint(0, 4)}. Esito: {case.pick('idoneo', 'si propone', 'bisogno complesso,')} {case.say()}."
    )
    case.story(MEETINGS, 2)
    p.lines("Firma dei componenti", "__________   __________")
