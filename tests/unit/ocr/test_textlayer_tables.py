"""Tables of a born-digital PDF: rows stay rows, and what wraps stays within its cell."""

from pathlib import Path

import pytest
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from faldone.domain.page import Box
from faldone.ocr.engine import ReadWord
from faldone.ocr.tables import in_cells, tables
from faldone.ocr.textlayer import read

HEAD = ("Obiettivo", "Intervento previsto", "Durata")
ROWS = [
    (
        "Rafforzare la rete di vicinato",
        "Attivazione di cure domiciliari a partire dal 13 marzo 2016 a cura della cooperativa",
        "un anno",
    ),
    ("Favorire l'autonomia", "Incontri di verifica ogni tre mesi con la famiglia e con la scuola media", "6 mesi"),
    ("Frequenza regolare della scuola dell'obbligo da parte dei due minori", "Educativa domiciliare", "9 mesi"),
]
STYLES = getSampleStyleSheet()
GRID = [("GRID", (0, 0), (-1, -1), 0.5, colors.black)]
RULES = [("LINEBELOW", (0, 0), (-1, -1), 0.5, colors.black), ("LINEABOVE", (0, 0), (-1, 0), 0.5, colors.black)]
SHADES = [("ROWBACKGROUNDS", (0, 0), (-1, -1), [colors.whitesmoke, colors.lightgrey]), *GRID]


@pytest.fixture
def document(tmp_path: Path):
    """Makes a PDF of these flowables."""

    def _document(*story) -> Path:
        path = tmp_path / "tabella.pdf"
        SimpleDocTemplate(str(path), pagesize=A4).build(list(story))
        return path

    return _document


def table(rows, style, widths=(130, 170, 60), valign="TOP") -> Table:
    cells = [[Paragraph(cell, STYLES["BodyText"]) for cell in row] for row in rows]
    return Table(cells, colWidths=widths, style=TableStyle([*style, ("VALIGN", (0, 0), (-1, -1), valign)]))


def lines(path: Path) -> list[str]:
    found = read(path, 0)
    assert found is not None
    return found.text.splitlines()


@pytest.mark.parametrize("valign", ["TOP", "MIDDLE", "BOTTOM"])
@pytest.mark.parametrize("style", [GRID, RULES, SHADES], ids=["grid", "rules", "shades"])
def test_a_row_is_one_line_and_its_cells_keep_their_words(document, style, valign):
    intro = Paragraph("Progetto individuale della signora Ferraris Annamaria", STYLES["BodyText"])
    after = Paragraph("Il presente progetto decorre dalla data di sottoscrizione.", STYLES["BodyText"])
    made = document(intro, Spacer(1, 12), table([HEAD, *ROWS], style, valign=valign), Spacer(1, 12), after)
    assert lines(made) == [
        "Progetto individuale della signora Ferraris Annamaria",
        *(" ".join(row) for row in (HEAD, *ROWS)),
        "Il presente progetto decorre dalla data di sottoscrizione.",
    ]


def test_an_empty_cell_does_not_shift_the_others(document):
    rows = [HEAD, (ROWS[0][0], "", "un anno"), ("", ROWS[1][1], "6 mesi")]
    assert lines(document(table(rows, GRID))) == [" ".join(filter(None, row)) for row in rows]


def test_two_tables_on_a_page_are_kept_apart(document):
    made = document(table([HEAD, ROWS[0]], GRID), Spacer(1, 30), table([HEAD, ROWS[1]], GRID))
    assert lines(made) == [" ".join(row) for row in (HEAD, ROWS[0], HEAD, ROWS[1])]


def test_a_long_table_keeps_each_of_its_rows(document):
    rows = [(f"Ferraris Annamaria {number}", f"via Mazzini {number}, Vercelli", "un anno") for number in range(1, 25)]
    assert lines(document(table([HEAD, *rows], GRID))) == [" ".join(row) for row in (HEAD, *rows)]


def test_a_cell_that_spans_columns_stays_a_cell(document):
    rows = [("Interventi a favore del nucleo familiare", "", ""), HEAD, *ROWS]
    found = lines(document(table(rows, [*GRID, ("SPAN", (0, 0), (-1, 0))])))
    assert found == ["Interventi a favore del nucleo familiare", *(" ".join(row) for row in (HEAD, *ROWS))]


def test_prose_in_a_frame_keeps_its_lines(document):
    prose = " ".join(["Il servizio sociale relaziona quanto segue sulla situazione del nucleo familiare."] * 6)
    found = lines(document(table([(prose, prose, ""), HEAD], GRID, widths=(200, 200, 60))))
    assert len(found) > 10
    assert found[0].startswith("Il servizio sociale relaziona quanto")
    assert len(found[0].split()) < 10


def test_rules_under_headings_are_no_table(document):
    rule = Table([[""]], colWidths=[400], style=TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.5, colors.black)]))
    body = Paragraph("Il Servizio sociale professionale relaziona quanto segue.", STYLES["BodyText"])
    found = lines(document(body, rule, body, rule, body, rule, body))
    assert found == ["Il Servizio sociale professionale relaziona quanto segue."] * 4


# --- pure


def word(text: str, x: int, y: int, line: int) -> ReadWord:
    return ReadWord(text, Box(x, y, 60, 20), 1.0, 0, line)


BOX = [(0, 0, 200, 0), (0, 60, 200, 60), (0, 120, 200, 120), (0, 0, 0, 120), (100, 0, 100, 120), (200, 0, 200, 120)]


def test_words_of_a_grid_are_put_in_cells():
    words = [word("uno", 10, 5, 0), word("tre", 110, 5, 0), word("due", 10, 30, 1), word("quattro", 10, 70, 2)]
    found = in_cells(words, tables(BOX, words))
    assert [(each.text, each.line) for each in found] == [("uno", 0), ("due", 0), ("tre", 0), ("quattro", 1)]


def test_a_frame_and_a_single_row_are_no_tables():
    words = [word("uno", 10, 5, 0), word("tre", 110, 5, 0)]
    assert tables([(0, 0, 200, 0), (0, 60, 200, 60), (0, 0, 0, 60), (200, 0, 200, 60)], words) == ()
    assert tables(BOX[:2] + [(x, 0, x, 60) for x in range(0, 201, 20)], words) == ()


def test_a_drawing_of_a_thousand_lines_is_not_searched():
    assert tables([(0, y, 200, y) for y in range(1000)], [word("uno", 10, 5, 0)]) == ()
