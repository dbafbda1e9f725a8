"""A mail message as a paper: its headers, its text, the names of what is attached. The same message, the same bytes."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator, Sequence

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from faldone.errors import ImageTooLargeError
from faldone.ingest.limits import Budget

_FONT, _BOLD, _SIZE, _LEADING = "Helvetica", "Helvetica-Bold", 10, 13
_MARGIN = 57.0
"""Points: 2 cm."""
_WIDTH = A4[0] - 2 * _MARGIN
_NARROW = 47
"""So many of the widest letter fit into a line."""

_STROKED = str.maketrans("łŁđĐħĦıŧŦøØ‐‑−", "lLdDhHitToO---")
"""Letters of neighbouring languages that the standard fonts lack and that do not fall into a base and an accent."""


def rendered(headers: Sequence[tuple[str, str]], attachments: Sequence[str], text: str, budget: Budget) -> bytes:
    """A PDF of the message: ``headers`` as (label, value), then ``text``, then the names of the ``attachments``.

    The standard fonts know the letters of western Europe. Others lose their accents (ș → s), and what then still
    cannot be shown is a ``?``; a line at the end says how many, for the message itself keeps them.

    Raises:
        ImageTooLargeError: it has more pages than the limits allow.
        OpenTimeoutError: it takes too long.
    """
    lost = 0

    def shown(words: str) -> str:
        nonlocal lost
        words, missing = representable(words)
        lost += missing
        return words

    lines = [(_BOLD, line) for label, value in headers for line in _wrapped(f"{label}: {shown(value)}", _BOLD)]
    lines.append((_FONT, ""))
    lines += [(_FONT, line) for paragraph in text.split("\n") for line in _wrapped(shown(paragraph), _FONT)]
    if attachments:
        lines += [(_FONT, ""), (_BOLD, "Allegati:")]
        lines += [(_FONT, line) for name in attachments for line in _wrapped(f"- {shown(name)}", _FONT)]
    if lost:
        lines += [(_FONT, ""), (_FONT, f"[{lost} caratteri non riprodotti: vedere il messaggio originale]")]
    per_page = int((A4[1] - 2 * _MARGIN) / _LEADING)
    if len(lines) > per_page * budget.limits.max_pages:
        raise ImageTooLargeError("Il messaggio ha troppe pagine / The message has too many pages")
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=1)
    for start in range(0, len(lines), per_page):
        budget.deadline.check()
        for number, (font, line) in enumerate(lines[start : start + per_page]):
            canvas.setFont(font, _SIZE)
            canvas.drawString(_MARGIN, A4[1] - _MARGIN - _LEADING * (number + 1), line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def representable(text: str) -> tuple[str, int]:
    """``text`` in letters that the standard fonts have, and how many are not shown as themselves. Pure."""
    text = "".join(character for character in unicodedata.normalize("NFC", text) if _is_seen(character))
    text = text.replace("\t", "    ").translate(_STROKED)
    said: list[str] = []
    lost = 0
    for character in text:
        try:
            character.encode("cp1252")
            said.append(character)
        except UnicodeEncodeError:
            plain = unicodedata.normalize("NFKD", character).encode("cp1252", "ignore").decode("cp1252")
            lost += not plain
            said.append(plain or "?")
    return "".join(said), lost


def _is_seen(character: str) -> bool:
    return character == "\t" or unicodedata.category(character) not in ("Cc", "Cf")


def _wrapped(paragraph: str, font: str) -> Iterator[str]:
    line = ""
    for word in paragraph.split(" "):
        longer = f"{line} {word}" if line else word
        if stringWidth(longer, font, _SIZE) <= _WIDTH:
            line = longer
            continue
        if line:
            yield line
        if stringWidth(word, font, _SIZE) <= _WIDTH:
            line = word
        else:
            *whole, line = (word[at : at + _NARROW] for at in range(0, len(word), _NARROW))
            yield from whole
    yield line
