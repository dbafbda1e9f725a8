"""Words that are not seen: where to write them on a page, and the font without shapes that they are written in.

A viewer that selects or copies reads characters and places, not shapes; so the font has one glyph without a surface,
half as wide as it is high, that every character uses, and a table that says which character each code is. Words are
stretched to the width of their boxes.

The layer is kept small, because it is what a scan grows by: a bilevel page has no more than 40 kB. All numbers are
whole pixels, a line of words shares its size, and places are said as steps from the word before.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final, TypeAlias

from faldone.domain.page import PageText, Word

Rectangle: TypeAlias = tuple[float, float, float, float]
"""Left, bottom, right, top in points, before the page is turned."""

FONT_NAME: Final = "Faldone-Senza-Forme"
FONT_KEY: Final = "FaldoneParole"

EM, ADVANCE = 1000, 500
_SPACE: Final = 0x20
_SKEWED = 1.6
"""A line this much higher than its highest word climbs or falls: its words are then placed one by one."""


class Alphabet:
    """The codes of the characters that were written: Unicode's own, and free ones where two bytes do not do."""

    def __init__(self) -> None:
        self._characters: dict[int, str] = {}
        self._astral: dict[str, int] = {}

    def coded(self, text: str) -> bytes:
        """The two-byte codes of ``text``; what is no character (controls, halves of pairs) is left out."""
        return b"".join(self._code(char).to_bytes(2, "big") for char in text if _is_character(char))

    def _code(self, char: str) -> int:
        code = ord(char)
        if code > 0xFFFF:
            # where Unicode keeps the halves of pairs, which never come alone
            code = self._astral.setdefault(char, 0xD800 + len(self._astral) % 0x800)
        self._characters[code] = char
        return code

    def to_unicode(self) -> bytes:
        """The CMap that says which character each code is."""
        pairs = [f"<{code:04X}> <{char.encode('utf-16-be').hex().upper()}>" for code, char in self._sorted()]
        blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]  # at most 100 in a block
        body = "".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in blocks)
        return _CMAP.format(body=body).encode("ascii")

    def glyphs(self) -> bytes:
        """The CIDToGIDMap: the one glyph for every code up to the last one."""
        last = max(self._characters, default=_SPACE)
        return (1).to_bytes(2, "big") * (last + 1)

    def _sorted(self) -> Iterable[tuple[int, str]]:
        return sorted(self._characters.items())


_CMAP: Final = """\
/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{body}endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def content(text: PageText, page: Rectangle, turned: int, alphabet: Alphabet) -> bytes:
    """The operators that write the words of ``text`` on a page, invisibly, in their order; empty without words.

    Args:
        text: words in pixels of the upright image.
        page: the part of the page that is shown.
        turned: how far a viewer turns the page clockwise to show it upright (its ``/Rotate``).
        alphabet: learns the characters that are used.
    """
    lines = [line for line in (_written(words, alphabet) for words in text.lines()) if line]
    if not lines:
        return b""
    parts = [b"q", b"%s cm" % _numbers(placed(page, turned, text.width, text.height)), b"BT 3 Tr"]
    at = (0, 0)
    size = 0
    for line in lines:
        tops, bottoms = [word.box.y for word, _ in line], [word.box.bottom for word, _ in line]
        highest = max(1, *(word.box.height for word, _ in line))
        skewed = max(bottoms) - min(tops) > _SKEWED * highest
        if highest != size:
            size = highest
            parts.append(b"/%s %d Tf" % (FONT_KEY.encode(), size))
        foot = round(median(bottoms))
        for word, codes in line:
            to = (word.box.x, text.height - (word.box.bottom if skewed else foot))
            stretch = 100 * max(1, word.box.width) / (size * ADVANCE / EM * (len(codes) // 2))
            codes += _SPACE.to_bytes(2, "big")
            parts.append(b"%d %d Td %s Tz(%s)Tj" % (to[0] - at[0], to[1] - at[1], _number(stretch), _escaped(codes)))
            at = to
    alphabet.coded(" ")
    return b"\n".join([*parts, b"ET", b"Q"])


def _written(words: Sequence[Word], alphabet: Alphabet) -> list[tuple[Word, bytes]]:
    return [(word, codes) for word in words if (codes := alphabet.coded(word.text.strip()))]


def placed(page: Rectangle, turned: int, width: int, height: int) -> tuple[float, ...]:
    """The matrix from pixels of the upright image, origin at its lower left, to points of the unturned page.

    Args:
        page: the part of the page that is shown.
        turned: how far a viewer turns it clockwise.
        width: of the upright image.
        height: of the upright image.
    """
    left, bottom, right, top = page
    across, up = (right - left, top - bottom) if turned % 180 == 0 else (top - bottom, right - left)
    x, y = across / width, up / height
    match turned % 360:
        case 0:
            return (x, 0, 0, y, left, bottom)
        case 90:
            return (0, x, -y, 0, right, bottom)
        case 180:
            return (-x, 0, 0, -y, right, top)
        case _:
            return (0, -x, y, 0, left, top)


def font_program() -> bytes:
    """A TrueType font of two glyphs: the obligatory one, and ours.

    Ours is a line from corner to corner, which has no surface, so that nothing is to be seen should a program show it.
    It is not empty, because pdfium leaves out text whose boxes are (upright text has the width of its advance, text
    that stands on its side has none). Only the tables that ISO 32000-1 (9.9) wants in a CIDFontType2.
    """
    box = (0, 0, ADVANCE, EM)
    line = struct.pack(">h4hHH2B4h", 1, *box, 1, 0, 1, 1, 0, ADVANCE, 0, EM)
    tables = {
        b"glyf": line,
        b"head": struct.pack(
            ">IIIIHHQQhhhhHHhhh", *(0x10000, 0x10000, 0, 0x5F0F3CF5, 0, EM, 0, 0, *box, 0, 8, 2, 0, 0)
        ),
        b"hhea": struct.pack(
            ">IhhhHhhhhhh4hhH", *(0x10000, EM, 0, 0, ADVANCE, 0, 0, ADVANCE, 1, 0, 0, 0, 0, 0, 0, 0, 2)
        ),
        b"hmtx": struct.pack(">HhHh", ADVANCE, 0, ADVANCE, 0),
        b"loca": struct.pack(">HHH", 0, 0, len(line) // 2),
        b"maxp": struct.pack(">IH13H", 0x10000, 2, 2, 1, 0, 0, 1, *([0] * 8)),
    }
    head = struct.pack(">IHHHH", 0x10000, len(tables), 64, 2, 16 * len(tables) - 64)
    offset, body = 12 + 16 * len(tables), b""
    for name, table in tables.items():
        head += struct.pack(">4sIII", name, _checksum(table), offset + len(body), len(table))
        body += table + bytes(-len(table) % 4)
    whole = head + body
    adjustment = (0xB1B0AFBA - _checksum(whole)) & 0xFFFFFFFF
    at = offset + len(line) + 8  # the field in the second table
    return whole[:at] + struct.pack(">I", adjustment) + whole[at + 4 :]


def _checksum(data: bytes) -> int:
    padded = data + bytes(-len(data) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & 0xFFFFFFFF


def _is_character(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cs", "Cn") and char != "\ufeff"


def _escaped(data: bytes) -> bytes:
    for char in (b"\\", b"(", b")"):
        data = data.replace(char, b"\\" + char)
    return data.replace(b"\r", b"\\r")


def _numbers(values: Iterable[float]) -> bytes:
    return b" ".join(f"{value:.6f}".rstrip("0").rstrip(".").encode() for value in values)


def _number(value: float) -> bytes:
    """Whole where that is exact to a percent, so that the layer stays small."""
    return b"%d" % round(value) if value >= 50 else _numbers((round(value, 2),))
