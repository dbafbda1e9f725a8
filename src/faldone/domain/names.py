"""Names of files and folders, which may be hostile: on record, on a screen, and as somebody types them."""

from __future__ import annotations

import os


def shown(path: str) -> str:
    r"""A path as text that any database and any screen can hold: bytes that are not UTF-8 become ``\xNN``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def one_line(name: str) -> str:
    """A name as it can be printed: what would break the line, steer the terminal or turn its order is spelt out."""
    if name.isprintable():
        return name
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in name)


def goes_by(name: str, typed: str) -> bool:
    """Whether a name on record is the one that somebody typed: as it is, or copied from where it was printed."""
    return shown(typed) in (name, one_line(name))
