"""Whether a page of somebody's PDF may stand in a PDF/A-2b as it is; what is harmless and forbidden is taken away.

There is no validator at run time, so the rule is the other way round: what this module does not know is not let
through, and the page is drawn instead. Known is what scanners, office programs and browsers make. Clauses are those of
ISO 19005-2. Invisible text is taken away, because ours takes its place.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import pikepdf

from faldone.searchable import fonts, profile
from faldone.searchable.layer import Rectangle
from faldone.searchable.plain import SIDES_PT


class UnsoundError(ValueError):
    """The page cannot be made PDF/A as it is; the message says why, in a word for the record."""


@dataclass(frozen=True, slots=True)
class SoundPage:
    """What was found on a page that may stay.

    Attributes:
        shown: the part of the page that is shown, before it is turned.
        turned: the page's ``/Rotate``.
        has_text: whether there is text to be seen.
        had_hidden_text: whether invisible text was taken away.
        unclosed: how many saved graphics states the contents leave open.
    """

    shown: Rectangle
    turned: int
    has_text: bool
    had_hidden_text: bool
    unclosed: int


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PAGE_KEYS = frozenset({"/Type", "/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/Group", "/UserUnit"})
_OPERATORS = _names(
    "b B b* B* BDC BMC BT BX c cm CS cs d d0 d1 Do DP EMC ET EX f F f* G g gs h i ID j J l m M MP n q Q re RG rg ri s "
    "S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \""
)
_SHOWING = frozenset({"Tj", "TJ", "'", '"'})
_COLOR_SPACES = frozenset({"/DeviceGray", "/DeviceRGB", "/Pattern", "/G", "/RGB"})
_INTENTS = frozenset({"/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation"})
_BLENDS = _names(
    "/Normal /Compatible /Multiply /Screen /Overlay /Darken /Lighten /ColorDodge /ColorBurn /HardLight /SoftLight "
    "/Difference /Exclusion /Hue /Saturation /Color /Luminosity"
)
_FILTERS = _names(
    "/FlateDecode /DCTDecode /CCITTFaxDecode /RunLengthDecode /ASCIIHexDecode /ASCII85Decode /LZWDecode /JBIG2Decode "
    "/JPXDecode"
)
_DEEPEST_SAVES: Final = 26
"""28 by 6.1.13, of which ours around the page is one."""
_LONGEST_STRING, _LARGEST_INTEGER = 32767, 2**31 - 1
_HIDDEN: Final = 3
_STRAY_KEYS = _names(
    "/Metadata /OPI /PieceInfo /LastModified /StructParent /StructParents /Measure /PtData /AF /Name /ID"
)

_BROKEN = (
    pikepdf.PdfError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    RecursionError,
)
"""What pikepdf raises on objects that are not what they ought to be."""


def made_sound(page: pikepdf.Page, document: pikepdf.Pdf) -> SoundPage:
    """Takes from ``page`` what PDF/A-2b forbids and nobody sees.

    Raises:
        UnsoundError: what would be left is not PDF/A, or not known to be. The page may have been changed in memory.
    """
    try:
        return _Walk(document).page(page)
    except UnsoundError:
        raise
    except _BROKEN as error:
        raise UnsoundError("broken") from error


@dataclass(slots=True)
class _State:
    """The part of the graphics state that decides what text is."""

    mode: int = 0
    font: Any = None


@dataclass(slots=True)
class _Walk:
    document: pikepdf.Pdf
    fonts: dict[tuple[int, int], tuple[Any, set[bytes]]] = field(default_factory=dict)
    seen: set[tuple[int, int]] = field(default_factory=set)
    has_text: bool = False
    had_hidden_text: bool = False

    def page(self, page: pikepdf.Page) -> SoundPage:
        shown, turned = _geometry(page)
        if "/Resources" not in page.obj:
            page.obj.Resources = pikepdf.Dictionary()
        if any(str(note.get("/Subtype")) not in ("/Link", "/Popup") for note in page.obj.get("/Annots", [])):
            raise UnsoundError("annotations")
        for key in set(page.obj.keys()) - _PAGE_KEYS - {"/Parent"}:
            del page.obj[key]
        if "/Contents" not in page.obj:
            page.obj.Contents = self.document.make_stream(b"")
        _own_resources(page.obj)
        page.externalize_inline_images()
        if "/Group" in page.obj:
            self._group(page.obj.Group)
        content, unclosed = self._content(page.obj, page.obj.Resources, _State())
        if content is not None:
            page.obj.Contents = self.document.make_stream(content)
        else:
            page.contents_coalesce()
        for font, strings in self.fonts.values():
            if strings and not fonts.is_sound(font, strings):
                raise UnsoundError("fonts")
        self._forget_fonts(page.obj.Resources)
        return SoundPage(shown, turned, self.has_text, self.had_hidden_text, unclosed)

    # --- contents ------------------------------------------------------------------------------------------------

    def _content(self, stream: Any, resources: Any, state: _State) -> tuple[bytes | None, int]:
        """Follows a content stream: new bytes when invisible text was taken out, and how many saves are left open."""
        instructions = list(pikepdf.parse_content_stream(stream))
        saved: list[_State] = []
        kept: list[Any] = []
        changed = False
        block: set[bool] = set()
        used: set[tuple[str, str]] = set()

        def named(category: str, name: Any) -> Any:
            used.add((category, str(name)))
            return resources[category][str(name)]

        for instruction in instructions:
            operands, operator = instruction.operands, str(instruction.operator)
            if operator not in _OPERATORS:
                raise UnsoundError(f"operator {operator[:8]}" if operator.isascii() else "operator")
            _check_operands(operands)
            match operator:
                case "q":
                    saved.append(_State(state.mode, state.font))
                    if len(saved) > _DEEPEST_SAVES:
                        raise UnsoundError("nesting")
                case "Q":
                    if not saved:
                        raise UnsoundError("nesting")
                    state = saved.pop()
                case "BT":
                    block = set()
                case "Tr":
                    state.mode = int(operands[0])
                case "Tf":
                    state.font = named("/Font", operands[0])
                case "gs":
                    self._graphics_state(named("/ExtGState", operands[0]))
                case "Do":
                    self._xobject(named("/XObject", operands[0]), state)
                case "cs" | "CS":
                    name = str(operands[0])
                    self._colors(operands[0] if name in _COLOR_SPACES else named("/ColorSpace", name))
                case "sc" | "SC" | "scn" | "SCN":
                    if operands and isinstance(operands[-1], pikepdf.Name):
                        self._pattern(named("/Pattern", operands[-1]))
                case "sh":
                    self._shading(named("/Shading", operands[0]))
                case "ri":
                    _check_intent(operands[0])
                case "BDC" | "DP":
                    if str(operands[0]) == "/OC":
                        raise UnsoundError("layers")
                    if isinstance(operands[1], pikepdf.Name):
                        _check_properties(named("/Properties", operands[1]))
                case _ if operator in _SHOWING:
                    hidden = state.mode == _HIDDEN
                    block.add(hidden)
                    if len(block) > 1:
                        raise UnsoundError("hidden text among visible")
                    if hidden:
                        self.had_hidden_text = changed = True
                        if operator in ("'", '"'):
                            kept.append(([], pikepdf.Operator("T*")))
                        continue
                    self._show(operands, state)
            kept.append(instruction)
        self._keep_only(used, resources)
        return (pikepdf.unparse_content_stream(kept) if changed else None), len(saved)

    def _show(self, operands: Any, state: _State) -> None:
        self.has_text = True
        font = state.font
        if font is None or not font.is_indirect:
            raise UnsoundError("font")
        _, strings = self.fonts.setdefault(_key(font), (font, set()))
        parts = operands[-1] if isinstance(operands[-1], pikepdf.Array) else [operands[-1]]
        strings.update(bytes(part) for part in parts if isinstance(part, pikepdf.String) and len(bytes(part)))

    def _xobject(self, item: Any, state: _State) -> None:
        kind = str(item.get("/Subtype"))
        if "/OC" in item:
            raise UnsoundError("layers")
        if kind == "/Image":
            self._image(item)
        elif kind == "/Form":
            self._form(item, state)
        else:
            raise UnsoundError("xobject")

    def _form(self, form: Any, state: _State) -> None:
        if self._is_known(form):
            return
        if any(key in form for key in ("/Ref", "/PS", "/Subtype2")):
            raise UnsoundError("form")
        _check_stream(form)
        _strip(form)
        if "/Resources" not in form:
            form.Resources = pikepdf.Dictionary()  # what it names is then not found, and the page is drawn
        if "/Group" in form:
            self._group(form.Group)
        _own_resources(form)
        content, unclosed = self._content(form, form.Resources, _State(state.mode, state.font))
        if unclosed:
            raise UnsoundError("nesting")
        if content is not None:
            form.write(content)
        self._forget_fonts(form.Resources)

    def _group(self, group: Any) -> None:
        if "/CS" in group:
            self._colors(group.CS)

    def _forget_fonts(self, resources: Any) -> None:
        """Leaves out the fonts that only invisible text was written in: nobody embedded them."""
        if "/Font" in resources:
            for name, font in list(resources.Font.items()):
                if not self.fonts.get(_key(font), (None, None))[1]:
                    del resources.Font[name]

    def _keep_only(self, used: set[tuple[str, str]], resources: Any) -> None:
        """Leaves in ``resources`` what the contents name, and the colour spaces that stand for those of devices."""
        for category, entries in list(resources.items()):
            if not isinstance(entries, pikepdf.Dictionary):
                del resources[category]
                continue
            for name in list(entries.keys()):
                if category == "/ColorSpace" and name in ("/DefaultGray", "/DefaultRGB"):
                    self._colors(entries[name])
                elif (category, name) not in used:
                    del entries[name]

    # --- resources -----------------------------------------------------------------------------------------------

    def _graphics_state(self, state: Any) -> None:
        if self._is_known(state):
            return
        if any(key in state for key in ("/TR", "/HTP", "/HT", "/Font", "/BG", "/UCR", "/BG2", "/UCR2")):
            raise UnsoundError("graphics state")
        if str(state.get("/TR2", "/Default")) != "/Default":
            raise UnsoundError("graphics state")
        if "/RI" in state:
            _check_intent(state.RI)
        blends = state.get("/BM", pikepdf.Name.Normal)
        if not {str(name) for name in (blends if isinstance(blends, pikepdf.Array) else [blends])} <= _BLENDS:
            raise UnsoundError("blend mode")
        mask = state.get("/SMask")
        if isinstance(mask, pikepdf.Dictionary):
            if "/TR" in mask:
                raise UnsoundError("graphics state")
            self._form(mask.G, _State())

    def _colors(self, space: Any) -> None:
        if isinstance(space, pikepdf.Name):
            if str(space) not in _COLOR_SPACES:
                raise UnsoundError(f"colours {str(space)[:20]}")
            return
        match str(space[0]):
            case "/CalGray" | "/CalRGB" | "/Lab":
                return
            case "/DeviceGray" | "/DeviceRGB":
                return
            case "/ICCBased":
                stream = space[1]
                if not self._is_known(stream) and profile.channels(stream.read_bytes()) != int(stream.N):
                    raise UnsoundError("colour profile")
            case "/Indexed" | "/I":
                self._colors(space[1])
            case "/Pattern":
                if len(space) > 1:
                    self._colors(space[1])
            case other:
                raise UnsoundError(f"colours {other[:20]}")

    def _image(self, image: Any) -> None:
        if self._is_known(image):
            return
        names = _check_stream(image)
        if "/Alternates" in image:
            del image["/Alternates"]  # other looks of the same picture, for other devices (6.2.8)
        _strip(image)
        if image.get("/Interpolate", False):
            image.Interpolate = False
        if "/Intent" in image:
            _check_intent(image.Intent)
        if "/JPXDecode" in names:
            _check_jpx(image, names)
        elif image.get("/ImageMask", False):
            if int(image.get("/BitsPerComponent", 1)) != 1:
                raise UnsoundError("bits")
        elif int(image.BitsPerComponent) not in (1, 2, 4, 8, 16):
            raise UnsoundError("bits")
        if "/ColorSpace" in image and not image.get("/ImageMask", False):
            self._colors(image.ColorSpace)
        for key in ("/SMask", "/Mask"):
            if isinstance(image.get(key), pikepdf.Stream):
                self._image(image[key])

    def _pattern(self, pattern: Any) -> None:
        if self._is_known(pattern):
            return
        if int(pattern.PatternType) == 2:
            self._shading(pattern.Shading)
            if "/ExtGState" in pattern:
                self._graphics_state(pattern.ExtGState)
            return
        _check_stream(pattern)
        _strip(pattern)
        _own_resources(pattern)
        content, unclosed = self._content(pattern, pattern.Resources, _State())
        if unclosed or content is not None:
            raise UnsoundError("pattern")

    def _shading(self, shading: Any) -> None:
        self._colors(shading.ColorSpace)

    def _is_known(self, item: Any) -> bool:
        """Whether this object was looked at already; direct ones are looked at each time."""
        key = _key(item)
        if key == (0, 0):
            return False
        known = key in self.seen
        self.seen.add(key)
        return known


def _geometry(page: pikepdf.Page) -> tuple[Rectangle, int]:
    media, crop = _rectangle(page.mediabox), _rectangle(page.cropbox)
    shown = (max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3]))
    if shown[2] <= shown[0] or shown[3] <= shown[1]:
        shown = media
    low, high = SIDES_PT
    for box in (media, shown):
        if not (low <= box[2] - box[0] <= high and low <= box[3] - box[1] <= high):
            raise UnsoundError("page size")
    turned = int(page.obj.get("/Rotate", 0))
    if turned % 90:
        raise UnsoundError("rotation")
    page.obj.MediaBox, page.obj.CropBox = pikepdf.Array(media), pikepdf.Array(shown)
    return shown, turned % 360


def _rectangle(box: Any) -> Rectangle:
    x0, y0, x1, y1 = (float(value) for value in box)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _own_resources(owner: Any) -> None:
    """Gives ``owner`` its own dictionaries of resources, which may be changed: pages share theirs."""
    own = pikepdf.Dictionary()
    for key, value in owner.Resources.items():
        own[key] = pikepdf.Dictionary(dict(value.items())) if isinstance(value, pikepdf.Dictionary) else value
    owner.Resources = own


def _strip(stream: Any) -> None:
    for key in _STRAY_KEYS:
        if key in stream:
            del stream[key]


def _check_stream(stream: Any) -> list[str]:
    """The names of the stream's filters; refuses those that PDF/A forbids. LZW is let in: it is rewritten on saving."""
    if "/F" in stream:
        raise UnsoundError("external stream")
    filters = stream.get("/Filter", pikepdf.Array())
    names = [str(name) for name in (filters if isinstance(filters, pikepdf.Array) else [filters])]
    if not set(names) <= _FILTERS:
        raise UnsoundError("filter")
    return names


def _check_operands(operands: Iterable[Any]) -> None:
    for operand in operands:
        if isinstance(operand, pikepdf.String):
            if len(bytes(operand)) > _LONGEST_STRING:
                raise UnsoundError("string")
        elif isinstance(operand, int) and abs(operand) > _LARGEST_INTEGER:
            raise UnsoundError("number")


def _check_intent(intent: Any) -> None:
    if str(intent) not in _INTENTS:
        raise UnsoundError("rendering intent")


def _check_properties(properties: Any) -> None:
    if str(properties.get("/Type")) in ("/OCG", "/OCMD"):
        raise UnsoundError("layers")


def _check_jpx(image: Any, names: list[str]) -> None:
    """JPEG 2000 with one plain colour space (6.2.8.3), as scanners write it."""
    data = image.read_raw_bytes()
    if names != ["/JPXDecode"] or image.get("/SMaskInData", 0) or data[4:8] != b"jP  ":
        raise UnsoundError("JPEG 2000")
    boxes = dict(_boxes(data))
    inner = list(_boxes(boxes[b"jp2h"]))
    _, _, components, bits = struct.unpack(">IIHB", dict(inner)[b"ihdr"][:11])
    colors = [body for name, body in inner if name == b"colr"]
    plain = len(colors) == 1 and colors[0][0] == 1 and int.from_bytes(colors[0][3:7], "big") in (16, 17)
    if components not in (1, 3) or bits != 7 or not plain or {b"pclr", b"cdef", b"bpcc"} & {name for name, _ in inner}:
        raise UnsoundError("JPEG 2000")


def _boxes(data: bytes) -> Iterable[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        size = size or len(data) - at
        if size < 8:
            raise UnsoundError("JPEG 2000")
        yield name, data[at + 8 : at + size]
        at += size


def _key(item: Any) -> tuple[int, int]:
    number, generation = item.objgen
    return int(number), int(generation)
