"""The bytes of JPEG frames: one frame out of a file, and the strips of a TIFF joined into one without decoding.

A TIFF may keep a page as strips, each a JPEG of its own with common tables. The strips' coded data are joined with
restart markers between them, after which a decoder starts afresh as each strip did: the same pixels in one frame.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from faldone.errors import UnreadableFileError

_SOI, _EOI, _SOS, _DRI = 0xD8, 0xD9, 0xDA, 0xDD
_TABLES = (0xDB, 0xC4)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PLAIN_FRAMES = (0xC0, 0xC1, 0xC2)
"""Baseline, extended, progressive, all in Huffman codes: what PDF's DCTDecode reads."""
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})


class NotPlainError(ValueError):
    """The JPEG is of a kind that PDF does not read, or its strips do not join."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One JPEG: its bytes from SOI to EOI, its size in pixels and how many components it has."""

    data: bytes
    width: int
    height: int
    components: int


def frame(data: bytes, start: int = 0) -> Frame:
    """The frame that begins at ``start``; what follows it (other pictures of a phone's file) is left out.

    Raises:
        NotPlainError: PDF does not read its kind.
        UnreadableFileError: it is no JPEG or ends too soon.
    """
    size: tuple[int, int, int] | None = None
    for marker, at, body in _segments(data, start):
        if marker in _FRAMES:
            precision, height, width, components = struct.unpack(">BHHB", body[:6])
            if marker not in _PLAIN_FRAMES or precision != 8 or not height:
                raise NotPlainError
            size = (width, height, components)
        if marker == _EOI:
            if size is None:
                break
            return Frame(data[start : at + 2], *size)
    raise UnreadableFileError("L'immagine JPEG è troncata / The JPEG ends too soon")


def joined(tables: bytes, strips: Sequence[bytes], width: int, height: int) -> Frame:
    """The strips of a page as one frame.

    Args:
        tables: the TIFF's JPEGTables, empty when each strip has its own.
        strips: from top to bottom.
        width: of the page in pixels.
        height: of the page in pixels.

    Raises:
        NotPlainError: the strips cannot be joined: they differ in more than their height, or have restarts already.
        UnreadableFileError: a strip is no JPEG or ends too soon.
    """
    parts = [_strip(strip) for strip in strips]
    first = parts[0]
    common = b"".join(data for marker, data in _whole(tables) if marker in _TABLES) if tables else b""
    if any(part.marker != first.marker or part.likeness != first.likeness for part in parts):
        raise NotPlainError
    _, _, stripe_width, components = struct.unpack(">BHHB", first.header[4:10])
    across, down = _unit(first.header, components)
    rows = struct.unpack(">H", first.header[5:7])[0]
    restart = -(-stripe_width // across) * -(-rows // down)
    if stripe_width != width or (len(parts) > 1 and (rows % down or restart > 0xFFFF or first.marker == 0xC2)):
        raise NotPlainError
    header = first.header[:5] + struct.pack(">H", height) + first.header[7:]
    interval = struct.pack(">BBHH", 0xFF, _DRI, 4, restart) if len(parts) > 1 else b""
    coded = bytearray(first.scan)
    for number, part in enumerate(parts):
        if number:
            coded += bytes((0xFF, 0xD0 + (number - 1) % 8))
        coded += part.coded
    data = b"\xff\xd8" + common + first.tables + interval + header + bytes(coded) + b"\xff\xd9"
    return Frame(data, width, height, components)


@dataclass(frozen=True, slots=True)
class _Strip:
    """A strip taken apart: its frame header, tables, scan header and coded data."""

    marker: int
    header: bytes
    tables: bytes
    scan: bytes
    coded: bytes

    @property
    def likeness(self) -> tuple[bytes, bytes, bytes]:
        """What all strips of a page must share: everything but the height."""
        return self.header[:5] + self.header[7:], self.tables, self.scan


def _strip(data: bytes) -> _Strip:
    header = tables = scan = b""
    kind = coded_from = 0
    for marker, at, body in _segments(data, 0):
        whole = data[at : at + 4 + len(body)]
        if marker in _FRAMES:
            if marker not in _PLAIN_FRAMES or body[0] != 8:
                raise NotPlainError
            kind, header = marker, whole
        elif marker in _TABLES:
            if scan:
                raise NotPlainError  # tables between scans
            tables += whole
        elif marker == _DRI and any(body):
            raise NotPlainError
        elif marker == _SOS:
            if scan:
                raise NotPlainError
            scan, coded_from = whole, at + len(whole)
        elif marker == _EOI and header and scan:
            return _Strip(kind, header, tables, scan, data[coded_from:at])
    raise UnreadableFileError("Una striscia JPEG è troncata / A JPEG strip ends too soon")


def _whole(data: bytes) -> Iterator[tuple[int, bytes]]:
    for marker, at, body in _segments(data, 0):
        yield marker, data[at : at + 4 + len(body)]


def _unit(header: bytes, components: int) -> tuple[int, int]:
    """The pixels that one coded unit covers, across and down."""
    if components == 1:  # a scan of one component is coded block by block, whatever its factors say
        return 8, 8
    factors = [header[11 + 3 * number] for number in range(components)]
    return 8 * max(factor >> 4 for factor in factors), 8 * max(factor & 15 for factor in factors)


def _segments(data: bytes, start: int) -> Iterator[tuple[int, int, bytes]]:
    """The markers from SOI to EOI with where they stand and their bodies, coded data passed over."""
    if data[start : start + 2] != b"\xff\xd8":
        raise UnreadableFileError("Non è un'immagine JPEG / This is not a JPEG")
    at = start + 2
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return
        marker = data[at + 1]
        if marker in (0x00, 0xFF) or marker in _STANDALONE:  # a stuffed byte, filling, or a restart in coded data
            at += 1 if marker == 0xFF else 2
            continue
        if marker == _EOI:
            yield marker, at, b""
            return
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        body = data[at + 4 : at + 2 + length]
        if length < 2 or len(body) != length - 2:
            return
        yield marker, at, body
        at += 2 + length
