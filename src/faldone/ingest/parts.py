"""The parts of a container, laid out in a folder of our own: never under a name that came from outside."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from faldone.domain.reasons import Reason
from faldone.domain.signature import SignatureFacts
from faldone.ingest.limits import Budget

_DRIVE = re.compile(r"[A-Za-z]:")
_MAX_NAME = 200
"""Characters of one step of a name: its end is kept, because it tells the format to a person."""

_SYSTEM_NAMES = frozenset({".ds_store", "thumbs.db", "desktop.ini", "ehthumbs.db"})
_SYSTEM_FOLDERS = frozenset({"__macosx", "@eadir", ".trashes", ".spotlight-v100", "$recycle.bin"})


@dataclass(frozen=True, slots=True)
class Part:
    """What came out of a container: ``name`` is to be shown, unique in it; the ``size`` bytes lie at ``path``."""

    name: str
    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Ignored:
    """What lies in a container and is no part of it, and why."""

    name: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A container taken apart; ``signature`` is there when it was an envelope."""

    parts: tuple[Part, ...]
    ignored: tuple[Ignored, ...]
    signature: SignatureFacts | None = None


def safe_name(raw: str, default: str = "senza-nome") -> str:
    r"""A relative name close to ``raw`` that leads nowhere and shows what it is. Pure.

    ``\`` counts as ``/``; roots, drive letters, ``.`` and ``..`` are dropped; control and formatting characters (those
    that turn ``gpj.exe`` around among them) and what no text file can hold become ``_``.
    """
    steps = []
    for step in raw.replace("\\", "/").split("/"):
        plain = "".join("_" if unicodedata.category(character)[0] == "C" else character for character in step)
        plain = _DRIVE.sub("", plain, count=1) if _DRIVE.match(plain) else plain
        plain = plain.replace(":", "_").strip()
        if plain.strip(". "):
            steps.append(_shortened(plain))
    return "/".join(steps[-8:]) or default


def _shortened(name: str) -> str:
    if len(name) <= _MAX_NAME:
        return name
    stem, dot, suffix = name.rpartition(".")
    end = f"{dot}{suffix}" if stem and len(suffix) <= 10 else ""
    return f"{name[: _MAX_NAME - len(end) - 1]}…{end}"


def is_system_file(name: str) -> bool:
    """Whether computers leave such files lying about; ``name`` is a safe one. Pure."""
    *folders, last = name.casefold().split("/")
    return last in _SYSTEM_NAMES or last.startswith("._") or not _SYSTEM_FOLDERS.isdisjoint(folders)


class Tray:
    """Where the parts of one container are laid out, within its budget."""

    def __init__(self, folder: Path, budget: Budget) -> None:
        self.folder, self.budget = folder, budget
        self._parts: list[Part] = []
        self._ignored: list[Ignored] = []
        self._names: set[str] = set()

    def add(self, raw_name: str, blocks: Iterable[bytes]) -> Part:
        """Writes a part down as it comes.

        Raises:
            TooExpandedError: it is one too many, or too big.
            OpenTimeoutError: it takes too long.
        """
        self.budget.add_part()
        path = self.folder / f"part-{len(self._parts) + 1:06}"
        size = self.write(path, blocks)
        part = Part(self._unique(safe_name(raw_name)), path, size)
        self._parts.append(part)
        return part

    def write(self, path: Path, blocks: Iterable[bytes]) -> int:
        """Writes ``blocks`` to ``path`` within the budget; the number of bytes."""
        size = 0
        with path.open("xb") as stream:
            for block in blocks:
                self.budget.take(len(block))
                size += stream.write(block)
        return size

    def ignore(self, raw_name: str, reason: Reason) -> None:
        """Puts on the list what is no part."""
        self._ignored.append(Ignored(safe_name(raw_name), reason))

    def unpacked(self, signature: SignatureFacts | None = None) -> Unpacked:
        """All that was laid out."""
        return Unpacked(tuple(self._parts), tuple(self._ignored), signature)

    def _unique(self, name: str) -> str:
        stem, dot, suffix = name.rpartition(".")
        if not stem or "/" in suffix:
            stem, dot, suffix = name, "", ""
        number, unique = 1, name
        while unique.casefold() in self._names:
            number += 1
            unique = f"{stem} ({number}){dot}{suffix}"
        self._names.add(unique.casefold())
        return unique
