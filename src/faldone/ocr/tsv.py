"""The TSV that tesseract writes, as words. Pure."""

from __future__ import annotations

from faldone.domain.page import Box
from faldone.errors import OcrOutputError
from faldone.ocr.engine import ReadWord

_COLUMNS = (
    "level",
    "page_num",
    "block_num",
    "par_num",
    "line_num",
    "word_num",
    "left",
    "top",
    "width",
    "height",
    "conf",
)
HEADER = "\t".join((*_COLUMNS, "text"))
"""The first line of the file; tesseract's library, asked for the rows of a page, leaves it to its caller."""

_LEVEL_PAGE, _LEVEL_WORD = "1", "5"


def parse(data: bytes, pages: int) -> tuple[tuple[ReadWord, ...], ...]:
    """The words of each page of a TSV (tesseract 4.1 and later), in its order.

    Boxes that hold only blanks (ruled lines, pictures) are left out.

    Raises:
        OcrOutputError: not UTF-8, no header, no page row, or a row cut short. An output without its page row is
            that of a run that ended early, and must not pass for an empty page; so there must be ``pages`` of them.
    """
    try:
        rows = data.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise _unreadable("non è UTF-8", "it is not UTF-8") from error
    if rows[0].rstrip("\r") != HEADER:
        raise _unreadable("manca l'intestazione", "its header is missing")
    if rows[-1]:  # every row ends with a line feed
        raise _unreadable("è troncato", "it is cut short")
    found: list[list[ReadWord]] = []
    blocks: dict[str, int] = {}
    lines: dict[tuple[str, str, str], int] = {}
    for row in rows[1:-1]:
        fields = row.split("\t", len(_COLUMNS))
        if fields[0] == _LEVEL_PAGE:
            found.append([])
            blocks, lines = {}, {}
        if fields[0] != _LEVEL_WORD:
            continue
        if not found:
            raise _unreadable("ha parole fuori pagina", "it has words on no page")
        try:
            _, _, block, paragraph, line, _, left, top, width, height, confidence, text = fields
            box = Box(int(left), int(top), int(width), int(height))
            share = min(max(float(confidence) / 100.0, 0.0), 1.0)
        except ValueError as error:
            raise _unreadable("ha una riga malformata", "it has a malformed row") from error
        if text := text.strip():
            found[-1].append(
                ReadWord(
                    text,
                    box,
                    share,
                    blocks.setdefault(block, len(blocks)),
                    lines.setdefault((block, paragraph, line), len(lines)),
                )
            )
    if len(found) != pages:
        raise _unreadable(f"ha {len(found)} pagine invece di {pages}", f"it has {len(found)} pages instead of {pages}")
    return tuple(map(tuple, found))


def _unreadable(italian: str, english: str) -> OcrOutputError:
    return OcrOutputError(f"L'uscita di tesseract non si legge: {italian} / Tesseract's output: {english}")
