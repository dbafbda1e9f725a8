"""Photographs: how large WEBP, HEIC and AVIF pictures are, read from their boxes; whether they are all there."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator

_FILMS = (b"isom", b"iso2", b"mp41", b"mp42", b"M4V ", b"qt  ", b"3gp4", b"3gp5", b"avc1")
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
_MAX_META_BYTES = 16 * 1024**2
_NEEDED = frozenset({b"ftyp", b"meta", b"mdat", b"idat", b"moov"})


def brands(head: bytes) -> frozenset[bytes]:
    """The brands of a file of boxes (ISO 14496-12, 4.3); empty when it is none."""
    if head[4:8] != b"ftyp":
        return frozenset()
    (size,) = struct.unpack_from(">I", head)
    listed = head[16 : min(size, len(head))]
    return frozenset({head[8:12], *(listed[at : at + 4] for at in range(0, len(listed) - 3, 4))})


def is_heic(found: frozenset[bytes]) -> bool:
    """Whether ``found`` are the brands of still pictures coded with HEVC, as telephones make them."""
    return not _HEIC.isdisjoint(found) and found.isdisjoint({b"avif", b"avis", *_FILMS})


def is_avif(found: frozenset[bytes]) -> bool:
    """Whether ``found`` are the brands of a still picture coded with AV1."""
    return b"avif" in found and found.isdisjoint({b"avis", *_FILMS})


def boxes_size(data: mmap.mmap) -> tuple[int, int] | None:
    """Width and height of the largest picture of a HEIC or AVIF file; ``None`` when it is cut short or damaged.

    Every box that the picture needs must end within the file; some telephones append a trailer that is no box.
    Large pictures are stored in tiles, with the whole size beside them.
    """
    largest = (0, 0)
    try:
        for kind, start, end in _boxes(data, 0, len(data)):
            if kind == b"meta":
                for size in _extents(data[start + 4 : min(end, start + _MAX_META_BYTES)]):
                    largest = max(largest, size, key=lambda sides: sides[0] * sides[1])
    except _BoxCutError as cut:
        if cut.kind in _NEEDED:
            return None
    except struct.error:
        pass  # fewer bytes than the head of a box: a trailer
    return largest if 0 not in largest else None


def _extents(meta: bytes) -> Iterator[tuple[int, int]]:
    """Every ``ispe`` property: the sizes of all pictures and tiles (ISO 23008-12, 6.5.3)."""
    for kind, start, end in _boxes(meta, 0, len(meta)):
        if kind == b"iprp":
            for inner, inner_start, inner_end in _boxes(meta, start, end):
                if inner == b"ipco":
                    for name, at, _end in _boxes(meta, inner_start, inner_end):
                        if name == b"ispe":
                            yield struct.unpack_from(">II", meta, at + 4)


class _BoxCutError(Exception):
    def __init__(self, kind: bytes) -> None:
        super().__init__(kind)
        self.kind = kind


def _boxes(data: mmap.mmap | bytes, position: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The boxes from ``position``: kind, first byte of the content, end. A box of size 0 goes to the end."""
    while position < end:
        size, kind = struct.unpack_from(">I4s", data, position)
        start = position + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, start)
            start += 8
        stop = position + size if size else end
        if not start <= stop <= end:
            raise _BoxCutError(kind)
        yield kind, start, stop
        position = stop


def webp_size(data: mmap.mmap) -> tuple[int, int] | None:
    """Width and height; ``None`` when a chunk ends behind the file or there is no picture (RFC 9649)."""
    try:
        (riff,) = struct.unpack_from("<I", data, 4)
        end = 8 + riff
        if end > len(data):
            return None
        size: tuple[int, int] | None = None
        pictured = False
        position = 12
        while position + 8 <= end:
            kind, length = struct.unpack_from("<4sI", data, position)
            start = position + 8
            if start + length > end:
                return None
            if kind == b"VP8X":
                wide, high = data[start + 4 : start + 7], data[start + 7 : start + 10]
                size = (1 + int.from_bytes(wide, "little"), 1 + int.from_bytes(high, "little"))
            elif kind == b"VP8 ":
                pictured = True
                width, height = struct.unpack_from("<HH", data, start + 6)
                size = size or (width & 0x3FFF, height & 0x3FFF)
            elif kind == b"VP8L":
                pictured = True
                (bits,) = struct.unpack_from("<I", data, start + 1)
                size = size or (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
            position = start + length + (length & 1)
    except struct.error:
        return None
    return size if pictured and size is not None and 0 not in size else None


def is_animated_webp(head: bytes) -> bool:
    """Whether a WEBP file that begins with ``head`` moves."""
    return head[12:16] == b"VP8X" and len(head) > 20 and bool(head[20] & 0x02)
