"""Compound files, the shell of Office 97–2003 ([MS-CFB]): what lies in the root, and whether the file is all there."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_FREE, _LAST_REGULAR = 0xFFFFFFFF, 0xFFFFFFFA
_NO_STREAM = 0xFFFFFFFF
_ENTRY = struct.Struct("<64sHBBIII16sIQQIQ")
_ENCRYPTED_WORD = 0x0100
"""``fEncrypted`` of the file information block ([MS-DOC] 2.5.2)."""


def root_streams(data: mmap.mmap) -> dict[str, int] | None:
    """The names in the root storage, with the first sector of each; ``None`` when the file is damaged or cut short."""
    try:
        table, size = _allocation(data)
        if any(sector != _FREE and (index + 1) * size >= len(data) for index, sector in enumerate(table)):
            return None  # data were stored behind what is now the end
        (first,) = struct.unpack_from("<I", data, 48)
        directory = b"".join(data[(sector + 1) * size : (sector + 2) * size] for sector in _chain(table, first))
        entries = list(_ENTRY.iter_unpack(directory[: len(directory) // _ENTRY.size * _ENTRY.size]))
        found: dict[str, int] = {}
        waiting, seen = [entries[0][6]], set[int]()
        while waiting:
            index = waiting.pop()
            if index == _NO_STREAM or index in seen:
                continue
            seen.add(index)
            name, length, _kind, _colour, left, right, *_, start, _size = entries[index]
            found[name[: max(0, length - 2)].decode("utf-16-le", "replace")] = start
            waiting += [left, right]
    except (struct.error, IndexError, ValueError):
        return None
    return found


def is_encrypted_word(data: mmap.mmap, first_sector: int) -> bool:
    """Whether the ``WordDocument`` stream that begins in ``first_sector`` says that it wants a password."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    flags = data[(first_sector + 1) * size + 10 : (first_sector + 1) * size + 12]
    return len(flags) == 2 and bool(int.from_bytes(flags, "little") & _ENCRYPTED_WORD)


def _allocation(data: mmap.mmap) -> tuple[list[int], int]:
    """The table that says of each sector which one follows, and the size of a sector."""
    (shift,) = struct.unpack_from("<H", data, 30)
    if shift not in (9, 12):
        raise ValueError(shift)
    size, per_sector = 1 << shift, (1 << shift) // 4
    (tables,) = struct.unpack_from("<I", data, 44)
    (extension,) = struct.unpack_from("<I", data, 68)
    if tables * size > len(data):
        raise ValueError(tables)
    places = list(struct.unpack_from("<109I", data, 76))
    while extension <= _LAST_REGULAR and len(places) < tables:
        *more, extension = struct.unpack_from(f"<{per_sector}I", data, (extension + 1) * size)
        places += more
    table: list[int] = []
    for place in places[:tables]:
        table += struct.unpack_from(f"<{per_sector}I", data, (place + 1) * size)
    return table, size


def _chain(table: list[int], sector: int) -> Iterator[int]:
    for _ in range(len(table)):
        if sector > _LAST_REGULAR:
            return
        yield sector
        sector = table[sector]
    raise ValueError("the chain bites its tail")
