# ruff: noqa: E501 - lines of papers stay whole
import pytest

from faldone.classify.lexicon import default_lexicon, load_lexicon
from faldone.classify.normalise import fold
from faldone.errors import ConfigError
from tests.unit.classify.pages import noisy, person, proposal, reading

VERDI = person("VERDI", "GIUSEPPE", "1940-03-03")
TYPES = [
    ("ATTESTAZIONE ISEE\nnucleo familiare\nscala di equivalenza\npatrimonio mobiliare\npatrimonio immobiliare", "isee"),
    (
        "STATO DI FAMIGLIA\nl'ufficiale d'anagrafe certifica che risulta iscritto\ncomponenti della famiglia",
        "stato_famiglia",
    ),
    (
        "RELAZIONE SOCIALE\nstoria familiare\nsituazione abitativa\nrete familiare\nl'assistente sociale",
        "relazione_sociale",
    ),
    (
        "Al Tribunale per i minorenni di Brescia\nOggetto: relazione di aggiornamento\nin ottemperanza al decreto\nsi relaziona quanto segue",
        "relazione_tribunale",
    ),
    ("TRIBUNALE PER LE PERSONE, PER I MINORENNI E PER LE FAMIGLIE\nDECRETO PROVVISORIO\np.q.m.\ndispone", "decreto_tm"),
    (
        "TRIBUNALE ORDINARIO DI CREMONA\nIl Giudice Tutelare\nnomina amministratore di sostegno\ngiuramento",
        "decreto_gt",
    ),
    (
        "PIANO ASSISTENZIALE INDIVIDUALIZZATO\nobiettivi azioni risorse\ntempi di verifica\ncase manager",
        "progetto_individuale",
    ),
    (
        "DETERMINAZIONE N. 45 DEL 12/03/2014\nvisto richiamato ritenuto\nimpegno di spesa\nvisto di regolarità contabile",
        "determina",
    ),
    ("FATTURA N. 12\nimponibile iva\ntotale documento\nretta mese di marzo", "fattura_retta"),
    ("VERBALE DI EQUIPE\npresenti assenti\nordine del giorno\nsi concorda\nprossimo incontro", "verbale_equipe"),
    (
        "INFORMATIVA\nconsenso al trattamento dei dati personali\ntitolare del trattamento\npresta il consenso\nd.lgs. 30 giugno 2003 n. 196",
        "consenso_privacy",
    ),
    ("DELEGA\nIl sottoscritto delega il sig. Neri Carlo\na rappresentarlo", "delega"),
    (
        "Spett.le Comune di Crema\nOggetto: Vostra richiesta\ncon la presente si comunica\nallegati\ndistinti saluti",
        "corrispondenza",
    ),
    (
        "Spett.le Servizio\nOggetto: riscontro alla vostra segnalazione\ncon la presente si comunica\nin riferimento alla vostra\ndistinti saluti",
        "corrispondenza",
    ),
]


@pytest.mark.parametrize(("text", "expected"), TYPES)
def test_types(text, expected):
    kind = proposal([VERDI], text).type
    assert kind is not None
    assert kind.value == expected


def test_types_on_bad_scans_are_right_or_unknown():
    right = 0
    for seed in range(4):
        for text, expected in TYPES[:12]:
            kind = proposal([VERDI], noisy(text, 0.04, seed)).type
            right += kind is not None and kind.value == expected
    assert right >= 40


def test_a_paper_of_no_known_type_has_none():
    assert proposal([VERDI], "Cara zia\nti scrivo dal mare\nun abbraccio\nGiuseppe").type is None


def test_the_lexicon_is_read_whole_and_versioned():
    lexicon = default_lexicon()
    assert len(lexicon.services) == 50
    assert len(lexicon.types) == 36
    assert lexicon.version.startswith("3.3.")
    assert lexicon is default_lexicon()
    assert not any(fold(code) in lexicon.not_names for code in lexicon.types if " " in code)


def test_a_broken_lexicon_is_refused_by_name():
    with pytest.raises(ConfigError, match="lessico"):
        load_lexicon({"services.yaml": "version: x", "document_types.yaml": "types: []", "role_cues.yaml": ""})


def test_phrases_survive_misreading_but_given_names_are_not_respelt():
    book = default_lexicon().book
    assert book.canonical("relazicne") == "relazione"
    assert book.canonical("decrct0") == "decreto"
    assert book.canonical("mario") == "mario"
    hits = [hit.entry.code for hit in book.find(reading("Tri bunale per i mino renni")) if hit.entry.family == "type"]
    assert "decreto_tm" in hits


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Alla Procura della Repubblica\npresso il Tribunale per i minorenni\nOGGETTO: relazione sul nucleo di VERDI Giuseppe\nIn ottemperanza a quanto disposto si trasmette la presente",
            "relazione_tribunale",
        ),
        (
            "Al Sig. Giudice Tutelare\npresso il Tribunale di Cremona\nRELAZIONE PERIODICA E RENDICONTO\nsaldo iniziale\ntotale entrate\ntotale uscite",
            "rendiconto_ads",
        ),
        (
            "VERBALE DI ACCERTAMENTO DELLO STATO DI HANDICAP\nLegge 5 febbraio 1992, n. 104\nportatore di handicap",
            "verbale_104",
        ),
        ("DOMANDA\nDATI DEL RICHIEDENTE\nil sottoscritto chiede di poter usufruire", "domanda_accesso"),
        ("GRADUATORIA DEFINITIVA\ncognome nome punteggio\nposizione in graduatoria\nescluso", "elenco"),
        ("FASCICOLO N. 45\nCognome e nome VERDI GIUSEPPE\nservizio anno scatola", "separatore"),
        (
            "Gent.ma Sig.ra\nOggetto: comunicazione\nSi chiede cortesemente di inviare l'attestazione ISEE aggiornata\nDistinti saluti",
            "corrispondenza",
        ),
    ],
)
def test_a_paper_is_what_its_title_and_address_say_and_not_what_it_speaks_of(text, expected):
    kind = proposal([VERDI], text).type
    assert kind is not None
    assert kind.value == expected


def test_a_sentence_that_wraps_onto_a_title_word_has_no_title():
    text = (
        "RELAZIONE SOCIALE\n"
        + "Il precedente fascicolo del signor Verdi Giuseppe, seguito dal servizio da anni, fu riaperto a seguito di\nnuova segnalazione\nstoria familiare\nsituazione abitativa"
    )
    kind = proposal([VERDI], text).type
    assert kind is not None
    assert kind.value == "relazione_sociale"


def test_another_word_is_not_respelt_and_a_glued_pair_is_two_words():
    book = default_lexicon().book
    assert book.canonical("riabilitazione") == "riabilitazione"
    assert book.canonical("lndagine") == "indagine"
    found = [
        hit.entry.code for hit in book.find(reading("Assistenzaeducativa scolastica")) if hit.entry.family == "service"
    ]
    assert "SAAP" in found
