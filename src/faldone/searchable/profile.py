"""The sRGB colour profile, made here, so that it is nobody's and the same bytes everywhere."""

from __future__ import annotations

import struct
from functools import cache
from typing import Final

_D50 = (0.9642, 1.0, 0.8249)
_PRIMARIES = {
    b"rXYZ": (0.43607, 0.22249, 0.01392),
    b"gXYZ": (0.38515, 0.71687, 0.09708),
    b"bXYZ": (0.14307, 0.06061, 0.71410),
}
"""The primaries of IEC 61966-2-1, adapted from D65 to D50 by Bradford's matrix, as ICC.1:2010 wants them."""
_ADAPTATION = (1.04788, 0.02292, -0.05022, 0.02959, 0.99048, -0.01707, -0.00925, 0.01508, 0.75168)
_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
"""Y = (aX + b)^g for X ≥ d, else cX (ICC.1:2010, 10.16, function type 3)."""

_HEADER_BYTES: Final = 128
_KNOWN = {b"GRAY": 1, b"RGB ": 3}
_CLASSES = frozenset({b"mntr", b"scnr", b"prtr", b"spac"})


@cache
def srgb() -> bytes:
    """An ICC 4.2 display profile of sRGB."""
    curve = b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + _fixed(*_CURVE)
    tags = {
        b"desc": _words("sRGB IEC61966-2-1"),
        b"cprt": _words("No copyright, use freely"),
        b"wtpt": b"XYZ \0\0\0\0" + _fixed(*_D50),
        b"chad": b"sf32\0\0\0\0" + _fixed(*_ADAPTATION),
        **{name: b"XYZ \0\0\0\0" + _fixed(*point) for name, point in _PRIMARIES.items()},
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, data = struct.pack(">I", len(tags)), b""
    start = _HEADER_BYTES + 4 + 12 * len(tags)
    where: dict[bytes, int] = {}
    for name, tag in tags.items():
        if tag not in where:
            where[tag] = start + len(data)
            data += tag + bytes(-len(tag) % 4)
        table += struct.pack(">4sII", name, where[tag], len(tag))
    header = struct.pack(
        ">I4sI4s4s4s6H4s4sI4s4sQI12s",
        *(start + len(data), bytes(4), 0x04200000, b"mntr", b"RGB ", b"XYZ "),
        *(2026, 1, 1, 0, 0, 0),
        *(b"acsp", bytes(4), 0, bytes(4), bytes(4), 0, 0, _fixed(*_D50)),
    )
    return header.ljust(_HEADER_BYTES, b"\0") + table + data


def channels(profile: bytes) -> int | None:
    """How many channels an ICC profile has that PDF/A-2 lets stand beside sRGB: 1 or 3; ``None`` for any other."""
    if len(profile) < _HEADER_BYTES + 4 or int.from_bytes(profile[:4], "big") != len(profile):
        return None
    version, kind, space, signature = profile[8], profile[12:16], profile[16:20], profile[36:40]
    if version not in (2, 4) or kind not in _CLASSES or signature != b"acsp":
        return None
    return _KNOWN.get(space)


def _fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def _words(text: str) -> bytes:
    coded = text.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(coded), 28) + coded
