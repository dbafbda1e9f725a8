# ruff: noqa: E501 - tables stay whole
"""What the services are called on paper, whom they are for, and what is written about them: the bench's own words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Served:
    """A service as papers speak of it. ``who``: minor, adult, elder, disabled. Years bound the measure's life."""

    area: str
    who: str
    names: tuple[str, ...]
    says: tuple[str, ...]
    since: int = 1985
    until: int = 2025


SERVED = {
    "SEG": Served(
        "ACC",
        "adult",
        ("Segretariato Sociale", "Sportello di segretariato sociale professionale", "Servizio di Segretariato Sociale"),
        (
            "si presenta spontaneamente allo sportello per avere informazioni sui servizi del territorio",
            "primo accesso al servizio; richiede orientamento",
        ),
        1998,
    ),
    "SSB": Served(
        "ACC",
        "adult",
        ("Servizio Sociale di Base", "Servizio Sociale Professionale", "Servizio Sociale Territoriale"),
        (
            "è in carico a questo servizio sociale di base da alcuni anni",
            "il Servizio Sociale Professionale ha effettuato colloqui periodici e visite domiciliari",
        ),
    ),
    "PUA": Served(
        "ACC",
        "elder",
        ("Punto Unico di Accesso", "P.U.A. - Punto Unico di Accesso", "Equipe di Valutazione Multidimensionale"),
        (
            "il caso è stato esaminato in sede di valutazione multidimensionale",
            "accesso tramite il PUA della Casa di Comunità",
        ),
        2010,
    ),
    "DPR": Served(
        "ACC",
        "elder",
        ("Dimissioni Protette", "Servizio Dimissioni Protette"),
        (
            "si chiede l'attivazione della dimissione protetta dal reparto",
            "dimissibile a breve, non può rientrare al domicilio senza supporto",
        ),
        2000,
    ),
    "PIS": Served(
        "ACC",
        "adult",
        ("Pronto Intervento Sociale", "Servizio di Pronto Intervento Sociale"),
        ("intervento in reperibilità notturna del Pronto Intervento Sociale", "collocazione in emergenza per la notte"),
        2002,
    ),
    "ECA": Served(
        "ACC",
        "elder",
        ("Emergenza Caldo", "Piano Emergenza Caldo"),
        (
            "monitoraggio telefonico delle persone anziane sole durante l'ondata di calore",
            "Emergenza Caldo: verifica dei nominativi",
        ),
        2004,
    ),
    "TUM": Served(
        "MIN",
        "minor",
        ("Servizio Tutela Minori", "Tutela Minori", "Area Minori e Famiglia - Servizio Tutela Minori"),
        (
            "la situazione del nucleo è seguita dal Servizio Tutela Minori su mandato dell'Autorità Giudiziaria",
            "si conferma la situazione di pregiudizio in cui versa il minore",
            "il Tribunale per i Minorenni ha prescritto ai genitori di collaborare con i Servizi",
        ),
    ),
    "PEN": Served(
        "MIN",
        "minor",
        ("Servizio Minori - Area Penale", "Penale minorile", "Ufficio Servizio Sociale per i Minorenni (USSM)"),
        (
            "il progetto di messa alla prova prevede attività di volontariato",
            "procedimento penale a carico del minore, sospensione del processo ex art. 28 DPR 448/88",
        ),
        1990,
    ),
    "AFF": Served(
        "MIN",
        "minor",
        ("Servizio Affidi", "Servizio Affido Familiare", "Ufficio Affidi"),
        (
            "l'affidamento familiare prosegue positivamente e il minore è ben inserito presso gli affidatari",
            "gli affidatari riferiscono di un progressivo adattamento",
        ),
    ),
    "ADO": Served(
        "MIN",
        "minor",
        ("Equipe Adozioni", "Centro Adozioni", "Servizio Adozioni"),
        (
            "il minore, dichiarato adottabile, è collocato presso la coppia in affidamento preadottivo",
            "vigilanza sull'affidamento preadottivo",
        ),
    ),
    "COM": Served(
        "MIN",
        "minor",
        ("Comunità educativa", "Comunità per minori", "Servizio residenziale minori"),
        (
            "il minore è ospite della comunità educativa",
            "l'inserimento in comunità è avvenuto senza particolari difficoltà",
        ),
    ),
    "CDM": Served(
        "MIN",
        "minor",
        ("Centro Diurno Minori", "Centro diurno per minori", "Centro educativo diurno"),
        (
            "frequenta il centro diurno minori nei pomeriggi dal lunedì al venerdì",
            "al centro diurno svolge i compiti e le attività di gruppo",
        ),
        1995,
    ),
    "ADM": Served(
        "MIN",
        "minor",
        ("Assistenza Domiciliare Minori", "A.D.M.", "Servizio Educativo Domiciliare (ADM)"),
        (
            "l'educatrice domiciliare si reca presso l'abitazione due volte la settimana",
            "l'intervento di ADM ha l'obiettivo di sostenere le competenze genitoriali",
        ),
        1992,
    ),
    "INP": Served(
        "MIN",
        "minor",
        ("Spazio Neutro", "Servizio Incontri Protetti", "Servizio Spazio Neutro - Incontri protetti"),
        (
            "gli incontri protetti tra il padre e il minore si svolgono con cadenza quindicinale presso lo Spazio Neutro",
            "si osserva durante la visita una relazione affettuosa",
        ),
        1998,
    ),
    "FAM": Served(
        "MIN",
        "minor",
        ("Centro per le Famiglie", "Centro Famiglie", "Programma P.I.P.P.I."),
        (
            "il nucleo partecipa al gruppo genitori del Centro Famiglie",
            "si propone un percorso di mediazione familiare",
        ),
        2000,
    ),
    "NID": Served(
        "MIN",
        "minor",
        ("Asilo Nido Comunale", "Asilo nido", "Servizio Nidi"),
        ("ammissione all'asilo nido per l'anno educativo", "retta di frequenza all'asilo nido"),
    ),
    "CRD": Served(
        "MIN",
        "minor",
        ("Centro Estivo", "Centro Ricreativo Diurno", "C.R.E.D. - Centro estivo"),
        ("iscrizione al centro estivo per i turni settimanali di luglio", "frequenza al centro ricreativo diurno"),
        1990,
    ),
    "SAAP": Served(
        "DIS",
        "pupil",
        (
            "Servizio di assistenza scolastica ad personam",
            "Assistenza ad personam",
            "SAAP",
            "Assistenza educativa scolastica",
        ),
        (
            "si richiede l'assegnazione di un assistente ad personam per l'anno scolastico",
            "l'alunno necessita di assistenza per l'autonomia e la comunicazione a scuola",
            "ore settimanali di assistenza educativa scolastica",
        ),
        1993,
    ),
    "SADH": Served(
        "DIS",
        "disabled",
        ("Assistenza Domiciliare Disabili", "SADH", "Servizio Assistenza Domiciliare Handicap (ADH)"),
        ("gli interventi di assistenza domiciliare disabili riguardano la cura della persona e la socializzazione",),
        1990,
    ),
    "CDD": Served(
        "DIS",
        "disabled",
        ("Centro Diurno Disabili", "C.D.D.", "CDD"),
        ("frequenta il CDD a tempo pieno", "la frequenza al Centro Diurno Disabili è regolare"),
        2004,
    ),
    "CSE": Served(
        "DIS",
        "disabled",
        ("Centro Socio Educativo", "C.S.E.", "CSE"),
        (
            "è inserito al Centro Socio Educativo e partecipa ai laboratori",
            "frequenza al CSE per cinque giorni la settimana",
        ),
        1988,
    ),
    "SFA": Served(
        "DIS",
        "disabled",
        ("Servizio di Formazione all'Autonomia", "S.F.A.", "SFA"),
        ("il percorso presso il Servizio di Formazione all'Autonomia prevede un modulo di consolidamento",),
        1996,
    ),
    "RDI": Served(
        "DIS",
        "disabled",
        ("Comunità Socio Sanitaria", "RSD", "Comunità alloggio per disabili"),
        (
            "è ospite della Comunità Socio Sanitaria",
            "inserimento residenziale in R.S.D. (residenza sanitaria per disabili)",
        ),
        1992,
    ),
    "DDN": Served(
        "DIS",
        "disabled",
        ("Dopo di Noi", "Programma Dopo di Noi - L. 112/2016"),
        (
            "il progetto Dopo di Noi prevede periodi di palestra di autonomia in appartamento",
            "gruppo appartamento finanziato con il Dopo di Noi",
        ),
        2017,
    ),
    "VIN": Served(
        "DIS",
        "disabled",
        ("Vita Indipendente", "Progetto PRO.VI - Vita Indipendente"),
        ("il progetto di Vita Indipendente prevede l'assunzione di un assistente personale",),
        2013,
    ),
    "TRS": Served(
        "DIS",
        "disabled",
        ("Trasporto Sociale", "Servizio trasporto disabili"),
        ("necessita di trasporto sociale con mezzo attrezzato per raggiungere il luogo di terapia",),
        1990,
    ),
    "SAD": Served(
        "ANZ",
        "elder",
        ("Servizio di Assistenza Domiciliare", "SAD", "Assistenza Domiciliare Anziani"),
        (
            "l'ausiliaria si reca al domicilio per igiene personale e governo della casa",
            "il Servizio di Assistenza Domiciliare è attivo per tre accessi settimanali",
        ),
    ),
    "ADIS": Served(
        "ANZ",
        "elder",
        ("Assistenza Domiciliare Integrata", "A.D.I. - Assistenza Domiciliare Integrata", "Cure domiciliari"),
        ("prestazioni infermieristiche e fisioterapiche a domicilio in assistenza domiciliare integrata",),
        1996,
    ),
    "PAS": Served(
        "ANZ",
        "elder",
        ("Pasti a domicilio", "Servizio Pasti caldi a domicilio", "Telesoccorso"),
        ("consegna del pasto caldo a domicilio", "installazione dell'apparecchio di telesoccorso"),
        1988,
    ),
    "CDI": Served(
        "ANZ",
        "elder",
        ("Centro Diurno Integrato", "C.D.I."),
        ("frequenta il Centro Diurno Integrato dal lunedì al venerdì",),
        1998,
    ),
    "RSA": Served(
        "ANZ",
        "elder",
        ("R.S.A.", "Casa di Riposo", "Residenza Sanitario Assistenziale", "Integrazione retta RSA"),
        ("è ricoverata presso la Casa di Riposo", "integrazione della retta di ricovero in RSA a carico del Comune"),
    ),
    "FNB1": Served(
        "ANZ",
        "disabled",
        ("Misura B1", "FNA - Misura B1"),
        ("persona in condizione di disabilità gravissima, beneficiaria della misura B1",),
        2014,
    ),
    "FNB2": Served(
        "ANZ",
        "elder",
        ("Misura B2", "Buono sociale - Misura B2", "Fondo Non Autosufficienza - Misura B2"),
        ("buono sociale mensile a favore del caregiver familiare (misura B2)",),
        2014,
    ),
    "CEC": Served(
        "POV",
        "adult",
        ("Contributi economici", "Assistenza economica", "Ufficio Assistenza"),
        (
            "si propone un contributo economico straordinario per il pagamento delle utenze",
            "contributo una tantum a integrazione del minimo vitale",
        ),
    ),
    "SIA": Served(
        "POV",
        "adult",
        ("SIA - Sostegno per l'Inclusione Attiva",),
        ("beneficio economico SIA (Sostegno per l'inclusione attiva) erogato da INPS",),
        2016,
        2017,
    ),
    "REI": Served(
        "POV",
        "adult",
        ("Reddito di Inclusione", "REI - Reddito di inclusione"),
        ("il nucleo è beneficiario del Reddito di Inclusione (ReI)",),
        2018,
        2019,
    ),
    "RDC": Served(
        "POV",
        "adult",
        ("Reddito di Cittadinanza", "RdC - Patto per l'Inclusione Sociale"),
        ("il nucleo percepisce il Reddito di Cittadinanza ed è convocato per il Patto per l'Inclusione Sociale",),
        2019,
        2023,
    ),
    "ADIN": Served(
        "POV",
        "adult",
        ("Assegno di Inclusione", "ADI - Assegno di Inclusione"),
        ("il nucleo è beneficiario dell'Assegno di Inclusione e sottoscrive il patto di attivazione",),
        2024,
    ),
    "SIL": Served(
        "POV",
        "adult",
        ("Servizio Inserimenti Lavorativi", "S.I.L.", "Servizio Integrazione Lavorativa"),
        ("si attiva una borsa lavoro presso l'azienda ospitante", "tirocinio di inclusione sociale seguito dal SIL"),
        1995,
    ),
    "UTE": Served(
        "POV",
        "adult",
        ("Banca dell'Acqua", "Doniamo Energia", "Fare Legami"),
        (
            "pagamento delle bollette tramite il progetto Doniamo Energia",
            "restituzione con ore di volontariato, Banca dell'Acqua",
        ),
        2013,
    ),
    "ANF": Served(
        "POV",
        "adult",
        ("Assegno di maternità", "Assegno al nucleo familiare con tre figli minori"),
        ("domanda di assegno di maternità concesso dal Comune ed erogato dall'INPS",),
        1999,
        2021,
    ),
    "SAP": Served(
        "ABI",
        "adult",
        ("Edilizia Residenziale Pubblica", "Servizi Abitativi Pubblici", "Ufficio Casa - alloggi ERP"),
        (
            "assegnazione di un alloggio di edilizia residenziale pubblica",
            "domanda per alloggi ALER, servizi abitativi pubblici",
        ),
    ),
    "SAT": Served(
        "ABI",
        "adult",
        ("Emergenza abitativa", "Servizi Abitativi Transitori", "Casa Vuoi?"),
        (
            "collocazione temporanea in alloggio per emergenza abitativa",
            "alloggio transitorio (SAT) per la durata di dodici mesi",
        ),
        2005,
    ),
    "AFT": Served(
        "ABI",
        "adult",
        ("Fondo Sostegno Affitto", "Contributo morosità incolpevole", "Misura Unica per l'affitto"),
        (
            "contributo per il sostegno al canone di locazione",
            "il contributo per morosità incolpevole viene versato al proprietario",
        ),
        2001,
    ),
    "CAV": Served(
        "FRA",
        "woman",
        ("Centro Antiviolenza", "Rete antiviolenza"),
        ("la donna si è rivolta al Centro Antiviolenza riferendo maltrattamenti da parte del coniuge",),
        2005,
    ),
    "DIP": Served(
        "FRA",
        "adult",
        ("Ser.D.", "Ser.T.", "Servizio Dipendenze", "N.O.A."),
        ("in carico al Ser.T. per abuso di alcol", "programma terapeutico presso il Servizio Dipendenze"),
        1990,
    ),
    "PSI": Served(
        "FRA",
        "adult",
        ("Centro Psico Sociale", "C.P.S.", "Dipartimento di Salute Mentale"),
        ("in carico al Centro Psico Sociale, assume regolarmente la terapia",),
    ),
    "STR": Served(
        "FRA",
        "foreign",
        ("Servizio Stranieri", "Progetto SPRAR", "Ufficio Stranieri"),
        (
            "richiedente protezione internazionale accolto nel progetto SPRAR",
            "minore straniero non accompagnato rintracciato sul territorio",
        ),
        2002,
    ),
    "SFD": Served(
        "FRA",
        "adult",
        ("Servizio senza dimora", "Residenza anagrafica fittizia", "Accoglienza notturna"),
        (
            "persona senza fissa dimora che chiede la residenza presso la via fittizia comunale",
            "pernotta presso il dormitorio",
        ),
        2000,
    ),
    "PRG": Served(
        "GIU",
        "frail",
        ("Ufficio Protezione Giuridica", "Amministrazione di sostegno"),
        ("è nominato amministratore di sostegno", "il Giudice Tutelare ha autorizzato la spesa"),
        2004,
    ),
}
