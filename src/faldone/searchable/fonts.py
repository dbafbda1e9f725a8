"""Whether a page's fonts keep what PDF/A-2 asks: embedded, with every glyph that is shown, as wide as the PDF says.

Only the plain cases are followed, which office programs, browsers and this project's own writers make. In any doubt a
font is not sound, and its page is drawn.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any, Final

import pikepdf
from fontTools.cffLib import CFFFontSet
from fontTools.encodings.StandardEncoding import StandardEncoding
from fontTools.pens.basePen import NullPen
from fontTools.ttLib import TTFont, TTLibError

_WIDTH_SLACK: Final = 1.0
"""Thousandths of the type size by which widths may differ (veraPDF allows as much)."""
_SYMBOLIC, _NONSYMBOLIC = 4, 32
_BASES = {"/WinAnsiEncoding": "cp1252", "/MacRomanEncoding": "mac_roman"}

_BROKEN = (
    TTLibError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    OSError,
    EOFError,
    pikepdf.PdfError,
)
"""What fontTools and pikepdf raise on fonts that are not what they say."""


class Glyphs:
    """A font program: which glyph a code shows, and how wide it is, in thousandths of the type size."""

    def __init__(self, glyph_of: Callable[[int], Any], width_of: Callable[[Any], float]) -> None:
        self.glyph_of, self.width_of = glyph_of, width_of


def is_sound(font: Any, shown: set[bytes]) -> bool:
    """Whether ``font`` may stay in a PDF/A-2b that shows the strings ``shown`` with it. Takes away CharSet and CIDSet.

    Args:
        font: the font's dictionary.
        shown: every string that is shown with it.
    """
    try:
        return _is_sound(font, shown)
    except _BROKEN:
        return False


def _is_sound(font: Any, shown: set[bytes]) -> bool:
    match str(font.get("/Subtype")):
        case "/Type0":
            return _composite(font, shown)
        case "/TrueType":
            return _simple(font, shown, _truetype_simple)
        case "/Type1":
            return _simple(font, shown, _type1)
        case _:
            return False


def _composite(font: Any, shown: set[bytes]) -> bool:
    if str(font.get("/Encoding")) != "/Identity-H" or any(len(text) % 2 for text in shown):
        return False
    (descendant,) = font.DescendantFonts
    if str(descendant.get("/CIDSystemInfo").Ordering) != "Identity" or "/BaseFont" not in descendant:
        return False
    descriptor = descendant.FontDescriptor
    _forget_lists(descriptor)
    if str(descendant.Subtype) == "/CIDFontType2":
        glyphs = _cid_truetype(descendant, descriptor)
    else:
        glyphs = _cid_cff(descriptor)
    if glyphs is None:
        return False
    default, widths = float(descendant.get("/DW", 1000)), dict(_cid_widths(descendant.get("/W", [])))
    codes = {int.from_bytes(text[at : at + 2], "big") for text in shown for at in range(0, len(text), 2)}
    return _agree(codes, glyphs, lambda code: widths.get(code, default))


def _cid_truetype(descendant: Any, descriptor: Any) -> Glyphs | None:
    program = _truetype(descriptor)
    mapping = descendant.get("/CIDToGIDMap")
    if program is None or mapping is None:
        return None
    table = None if str(mapping) == "/Identity" else mapping.read_bytes()

    def glyph_of(code: int) -> int:
        return code if table is None else int.from_bytes(table[2 * code : 2 * code + 2], "big")

    return Glyphs(glyph_of, _truetype_widths(program))


def _cid_cff(descriptor: Any) -> Glyphs | None:
    stream = descriptor.get("/FontFile3")
    if stream is None or str(stream.get("/Subtype")) != "/CIDFontType0C":
        return None
    top, width_of = _cff(stream)
    if not hasattr(top, "ROS"):
        return None
    names = set(top.charset)

    def glyph_of(code: int) -> str | None:
        name = f"cid{code:05d}"
        return name if code and name in names else None

    return Glyphs(glyph_of, width_of)


def _simple(font: Any, shown: set[bytes], reader: Callable[[Any, Any], Glyphs | None]) -> bool:
    if not {"/BaseFont", "/FirstChar", "/LastChar", "/Widths", "/FontDescriptor"} <= set(font.keys()):
        return False
    first, widths = int(font.FirstChar), [float(width) for width in font.Widths]
    if len(widths) != int(font.LastChar) - first + 1:
        return False
    _forget_lists(font.FontDescriptor)
    glyphs = reader(font, font.FontDescriptor)
    if glyphs is None:
        return False
    codes = set().union(*shown)
    return all(first <= code < first + len(widths) for code in codes) and _agree(
        codes, glyphs, lambda code: widths[code - first]
    )


def _truetype_simple(font: Any, descriptor: Any) -> Glyphs | None:
    program = _truetype(descriptor)
    if program is None or "cmap" not in program:
        return None
    flags, encoding = int(descriptor.get("/Flags", 0)), font.get("/Encoding")
    tables = {(table.platformID, table.platEncID): table.cmap for table in program["cmap"].tables}
    order = program.getReverseGlyphMap()
    if flags & _SYMBOLIC and not flags & _NONSYMBOLIC:
        if encoding is not None:
            return None
        if (3, 0) in tables:
            symbols = tables[3, 0]
            start = min(symbols, default=0) & 0xFF00
            return Glyphs(lambda code: order.get(symbols.get(start + code)), _truetype_widths(program))
        if len(tables) != 1 or (1, 0) not in tables:
            return None
        return Glyphs(lambda code: order.get(tables[1, 0].get(code)), _truetype_widths(program))
    if not flags & _NONSYMBOLIC or flags & _SYMBOLIC or str(encoding) not in _BASES or (3, 1) not in tables:
        return None
    unicode_of = _unicode_of(str(encoding))
    return Glyphs(lambda code: order.get(tables[3, 1].get(unicode_of(code))), _truetype_widths(program))


def _type1(font: Any, descriptor: Any) -> Glyphs | None:
    stream = descriptor.get("/FontFile3")
    if stream is None or str(stream.get("/Subtype")) != "/Type1C":
        return None
    top, width_of = _cff(stream)
    if hasattr(top, "ROS"):
        return None
    names, encoding = set(top.charset), font.get("/Encoding")
    own = StandardEncoding if top.Encoding == "StandardEncoding" else top.Encoding
    by_code = dict(enumerate(own)) if isinstance(own, list) else {}
    if isinstance(encoding, pikepdf.Dictionary) and "/BaseEncoding" not in encoding:
        code = 0
        for item in encoding.get("/Differences", []):
            if isinstance(item, pikepdf.Name):
                by_code[code] = str(item)[1:]
                code += 1
            else:
                code = int(item)
    elif encoding is not None:
        return None

    def glyph_of(code: int) -> str | None:
        name = by_code.get(code)
        return name if name in names and name != ".notdef" else None

    return Glyphs(glyph_of, width_of)


def _truetype(descriptor: Any) -> TTFont | None:
    stream = descriptor.get("/FontFile2")
    return None if stream is None else TTFont(io.BytesIO(stream.read_bytes()), lazy=True)


def _truetype_widths(program: TTFont) -> Callable[[int], float]:
    # from the bytes: taking the table apart, fontTools warns of dates that do not matter
    scale, count = 1000 / int.from_bytes(program.reader["head"][18:20], "big"), program["maxp"].numGlyphs
    metrics, order = program["hmtx"].metrics, program.getGlyphOrder()

    def width_of(glyph: int) -> float:
        if glyph >= count:
            raise LookupError(glyph)
        return float(metrics[order[glyph]][0] * scale)

    return width_of


def _cff(stream: Any) -> tuple[Any, Callable[[str], float]]:
    fonts = CFFFontSet()
    fonts.decompile(io.BytesIO(stream.read_bytes()), None)
    top = fonts[fonts.fontNames[0]]
    scale = 1000 * float(getattr(top, "FontMatrix", [0.001])[0])

    def width_of(name: str) -> float:
        program = top.CharStrings[name]
        program.draw(NullPen())
        return float(program.width * scale)

    return top, width_of


def _unicode_of(encoding: str) -> Callable[[int], int | None]:
    codec = _BASES[encoding]

    def unicode_of(code: int) -> int | None:
        try:
            return ord(bytes((code,)).decode(codec))
        except UnicodeDecodeError:
            return None

    return unicode_of


def _agree(codes: set[int], glyphs: Glyphs, said: Callable[[int], float]) -> bool:
    for code in codes:
        glyph = glyphs.glyph_of(code)
        if not glyph or abs(glyphs.width_of(glyph) - said(code)) > _WIDTH_SLACK:
            return False
    return True


def _cid_widths(table: Any) -> Iterator[tuple[int, float]]:
    items = iter(table)
    for item in items:
        first: int = int(item)
        second: Any = next(items)
        if isinstance(second, pikepdf.Array):
            yield from ((first + number, float(width)) for number, width in enumerate(second))
        else:
            width = float(next(items))
            yield from ((code, width) for code in range(first, int(second) + 1))


def _forget_lists(descriptor: Any) -> None:
    """CharSet and CIDSet need not be there, and must be complete when they are (ISO 19005-2, 6.2.11.4.2)."""
    for name in ("/CharSet", "/CIDSet"):
        if name in descriptor:
            del descriptor[name]
