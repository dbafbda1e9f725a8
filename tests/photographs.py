"""HEIC photographs, as telephones make them: coded by ``heif-enc``, turned by a property of the file."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

from PIL import Image

from tests.conftest import demand


def photograph(folder: Path, image: Image.Image, *more: Image.Image) -> bytes:
    """A HEIC of ``image``, and of ``more`` pictures beside it."""
    demand("heif-enc", "heif-enc")
    sources = [folder / f"photo-{number}.png" for number in range(1 + len(more))]
    for path, picture in zip(sources, (image, *more), strict=True):
        picture.convert("RGB").save(path)
    made = folder / "photo.heic"
    subprocess.run(["heif-enc", "-q", "90", *map(str, sources), "-o", str(made)], check=True, capture_output=True)
    return made.read_bytes()


def turned(heic: bytes, quarters: int) -> bytes:
    """The same photograph with a rotation by so many quarter turns, anticlockwise (ISO 23008-12, 6.5.10).

    The property is put behind the others and tied to the one picture; everything behind moves.
    """
    data = bytearray(heic)
    rotation = struct.pack(">I4sB", 9, b"irot", quarters)
    meta, iprp, ipco, ipma, iloc = (data.index(name) - 4 for name in (b"meta", b"iprp", b"ipco", b"ipma", b"iloc"))

    def length(box: int) -> int:
        return int(struct.unpack_from(">I", data, box)[0])

    def grow(box: int, by: int) -> None:
        struct.pack_into(">I", data, box, length(box) + by)

    properties, at = 0, ipco + 8
    while at < ipco + length(ipco):
        properties += 1
        at += length(at)
    assert struct.unpack_from(">I", data, ipma + 12)[0] == 1, "one picture"
    data[ipma + 18] += 1
    ipma_end = ipma + length(ipma)
    moved = len(rotation) + 1
    # the offsets of the picture's bytes: version 0, 4-byte offsets and lengths, one extent
    assert data[iloc + 8] == 0
    assert data[iloc + 12] == 0x44
    base = data[iloc + 13] >> 4
    extent = iloc + 16 + 2 + 2 + base + 2
    struct.pack_into(">I", data, extent, struct.unpack_from(">I", data, extent)[0] + moved)
    for box, by in ((meta, moved), (iprp, moved), (ipco, len(rotation)), (ipma, 1)):
        grow(box, by)
    data[ipma_end:ipma_end] = bytes([0x80 | (properties + 1)])
    end_of_properties = ipco + length(ipco) - len(rotation)
    data[end_of_properties:end_of_properties] = rotation
    return bytes(data)
