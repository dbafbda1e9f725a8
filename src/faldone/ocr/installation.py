"""What of tesseract this machine has: its version, its trained data and where they lie. Shared by both adapters."""

from __future__ import annotations

import hashlib
import re
import subprocess
import threading
from pathlib import Path

from faldone.domain.digest import Digest
from faldone.errors import DependencyError

OSD = "osd"
"""The trained data that tell which way up a page lies."""

MIN_ORIENTATION_CONFIDENCE = 1.0
"""Tesseract's own unit; right answers on whole pages of text lie above 2, guesses on a few letters below 1."""

NICENESS = 5
"""How much engines give way: whoever stands at the scanner waits for the verdict, nobody for a reading."""

_PROBE_TIMEOUT_S = 30.0

_LANGUAGES_HEADER = re.compile(r'List of available languages in "(?P<folder>[^"]+)"')


class Installation:
    """The tesseract that is installed, asked once.

    Args:
        command: the program, by name or path.
    """

    def __init__(self, command: str = "tesseract") -> None:
        self._command = command
        self._lock = threading.Lock()
        self._answered: tuple[str, Path, frozenset[str]] | None = None
        self._digests: dict[str, str] = {}

    def version(self) -> str:
        """The program's version, like ``5.3.0``.

        Raises:
            DependencyError: the program is missing or does not answer.
        """
        return self._ask_once()[0]

    def folder(self) -> Path:
        """Where the trained data lie.

        Raises:
            DependencyError: the program is missing or does not answer.
        """
        return self._ask_once()[1]

    def trained(self, language: str) -> str:
        """Name and digest of the trained data of a language, or of several joined by ``+``: ``ita:0123456789ab``.

        Raises:
            DependencyError: the program, the language or the data for orientation are missing.
        """
        _, folder, languages = self._ask_once()
        names = language.split("+")
        missing = [name for name in (*names, OSD) if name not in languages]
        if missing:
            packages = " ".join(f"tesseract-ocr-{name}" for name in missing)
            raise DependencyError(
                f"A tesseract mancano i dati: {', '.join(missing)} / Tesseract lacks data: {', '.join(missing)}",
                hint=f"apt install {packages}",
            )
        return " ".join(f"{name}:{self._digest(folder, name)[:12]}" for name in names)

    def _ask_once(self) -> tuple[str, Path, frozenset[str]]:
        """Version, folder of the trained data and languages."""
        with self._lock:
            if self._answered is None:
                version = self._ask("--version").split("\n", 1)[0].removeprefix("tesseract").strip()
                listed = self._ask("--list-langs")
                header = _LANGUAGES_HEADER.search(listed)
                if not version or header is None:
                    raise not_installed(self._command)
                languages = frozenset(line.strip() for line in listed[header.end() :].splitlines()[1:] if line.strip())
                self._answered = (version, Path(header["folder"]), languages)
            return self._answered

    def _ask(self, question: str) -> str:
        try:
            answer = subprocess.run(
                [self._command, question],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=_PROBE_TIMEOUT_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise not_installed(self._command) from error
        return answer.stdout.decode("utf-8", errors="replace")

    def _digest(self, folder: Path, language: str) -> str:
        with self._lock:
            if language not in self._digests:
                with (folder / f"{language}.traineddata").open("rb") as stream:
                    self._digests[language] = Digest(hashlib.file_digest(stream, "sha256").hexdigest()).hex
            return self._digests[language]


def not_installed(command: str) -> DependencyError:
    """The error that a program which is missing, or does not answer, is."""
    return DependencyError(
        f"Il programma di lettura non c'è o non risponde: {command} / "
        f"The reading program is missing or does not answer: {command}",
        hint="apt install tesseract-ocr tesseract-ocr-ita tesseract-ocr-osd",
    )
