from __future__ import annotations

from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.search.marking import SNIPPET_CHARACTERS, PageHit, mark
from faldone.search.query import parse

HEIGHT, STEP = 20, 100


def page(*lines: str) -> PageText:
    """A page whose n-th word of a line stands at x = n · 100, its m-th line at y = m · 20; words are 90 px wide."""
    words = tuple(
        Word(text, Box(column * STEP, line * HEIGHT, 90, HEIGHT), 0.9, line)
        for line, content in enumerate(lines)
        for column, text in enumerate(content.split())
    )
    return PageText(words, 2000, 3000, 300, 0, TextSource.OCR, EngineStamp("test", "1", "x"))


def box(column: int, line: int, words: int = 1) -> Box:
    return Box(column * STEP, line * HEIGHT, (words - 1) * STEP + 90, HEIGHT)


def test_word_in_another_form_is_marked() -> None:
    hits = mark(parse("relazioni"), {0: page("La relazione sociale")})
    assert hits == [PageHit(0, "La «relazione» sociale", (box(1, 0),))]


def test_elision_leaves_the_article_unmarked_but_the_box_is_the_words() -> None:
    hits = mark(parse("interventi"), {0: page("costo dell’intervento, totale")})
    assert hits == [PageHit(0, "costo dell’«intervento», totale", (box(1, 0),))]


def test_phrase_is_marked_as_one_with_a_box_a_line() -> None:
    hits = mark(parse('"assegno di cura"'), {0: page("un assegno di", "cura per cura")})
    assert hits == [PageHit(0, "un «assegno di cura» per cura", (box(1, 0, 2), box(0, 1)))]


def test_broken_word_has_both_boxes() -> None:
    hits = mark(parse("affidamento"), {0: page("decreto di affida-", "mento etero")})
    assert hits[0].boxes == (box(2, 0), box(0, 1))
    assert hits[0].snippet == "decreto di «affida- mento» etero"


def test_best_page_first() -> None:
    pages = {4: page("rossi"), 5: page("rossi affidamenti"), 6: page("nulla"), 7: page("rossi affidamento")}
    assert [hit.index for hit in mark(parse("rossi affidamento"), pages)] == [7, 5, 4]


def test_misspelling_is_marked_only_without_the_word_itself() -> None:
    assert mark(parse("bianchi"), {0: page("Bianchl e Bianchi")})[0].snippet == "Bianchl e «Bianchi»"
    assert mark(parse("bianchi"), {0: page("Bianchl Anna")})[0].snippet == "«Bianchl» Anna"
    assert [hit.index for hit in mark(parse("bianchi"), {0: page("Bianchl"), 1: page("Bianchi")})] == [1]


def test_variants_that_the_stemmer_parts_are_marked() -> None:
    assert mark(parse("anziani"), {0: page("una persona anziana")})[0].snippet == "una persona «anziana»"


def test_codes_in_every_form() -> None:
    assert mark(parse("1234/2014"), {0: page("prot. n. 001234/14 del")})[0].snippet == "prot. n. «001234/14» del"
    assert mark(parse("prot:01234/2014"), {0: page("n. 1234/2014")})[0].boxes == (box(1, 0),)
    spaced = mark(parse("cf:RSSMRA80A01F205X"), {0: page("C.F. RSS MRA 80A01 F205X nato")})
    assert spaced == [PageHit(0, "C.F. «RSS MRA 80A01 F205X» nato", (box(1, 0, 4),))]


def test_names_with_an_apostrophe_either_way() -> None:
    for typed in ("dell'orto", "dellorto", "Dell’Orto"):
        for printed in ("Dell'Orto", "Dellorto", "DELL`ORTO"):
            assert mark(parse(typed), {0: page(f"sig. {printed} Luca")})[0].boxes == (box(1, 0),), (typed, printed)


def test_person_of_a_filter_is_marked() -> None:
    assert mark(parse("utente:rossi servizio:TUM"), {0: page("Maria ROSSI")})[0].snippet == "Maria «ROSSI»"


def test_hit_in_metadata_alone_gives_the_first_page_unmarked() -> None:
    assert mark(parse("tutela"), {3: page("prima pagina"), 4: page("seconda")}) == [PageHit(3, "prima pagina")]
    assert mark(parse(""), {3: page("prima pagina")}) == [PageHit(3, "prima pagina")]
    assert mark(parse("tutela"), {}) == []


def test_blank_page() -> None:
    assert mark(parse("tutela"), {0: page()}) == [PageHit(0, "")]


def test_stop_words_are_not_marked_unless_nothing_else_is_asked() -> None:
    assert mark(parse("la relazione"), {0: page("la relazione")})[0].snippet == "la «relazione»"
    assert mark(parse("lo"), {0: page("sig. Lo Mei")})[0].snippet == "sig. «Lo» Mei"


def test_snippet_is_cut_at_words_around_the_densest_place() -> None:
    filler = " ".join(f"parola{number}" for number in range(60))
    hit = mark(
        parse("affidamento rossi"), {0: page(f"affidamento {filler}", f"{filler} rossi in affidamento {filler}")}
    )[0]
    assert "«rossi» in «affidamento»" in hit.snippet
    assert hit.snippet.startswith("… parola")
    assert hit.snippet.endswith(" …")
    assert abs(len(hit.snippet) - SNIPPET_CHARACTERS) < 40
    assert len(hit.boxes) == 3


def test_guillemets_of_the_page_are_not_taken_for_marks() -> None:
    assert mark(parse("casa"), {0: page("progetto «casa mia»")})[0].snippet == "progetto “«casa» mia”"


def test_long_pages_stay_quick() -> None:
    lines = [" ".join(["relazione", "sociale", "del", "minore", "Rossi"] * 4) for _ in range(60)]
    assert mark(parse("relazione rossi minori"), {0: page(*lines)})[0].index == 0
