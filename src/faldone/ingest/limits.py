"""How much of a file faldone agrees to open: numbers, a deadline, and a purse for what comes out of a container."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from faldone.errors import OpenTimeoutError, TooDeepError, TooExpandedError

_EXPANSION_COUNTS_FROM = 10 * 1024**2
"""A blank page compresses a thousandfold: below so many bytes, how much was gained says nothing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What faldone agrees to open.

    Attributes:
        max_bytes: of a file.
        max_pages: of a file.
        max_pixels: of any one page.
        max_parts: that a container may hold.
        max_unpacked_bytes: of all parts of a container together.
        max_expansion: bytes unpacked for each byte of the container, looked at above 10 MB unpacked.
        max_depth: of containers inside each other. A zip of certified mails whose attachment two persons signed one
            after the other is five deep: zip, mail, ``postacert.eml``, envelope, envelope.
        open_timeout_s: for looking into one file, or taking one container apart.
        pdf_passwords: tried on PDFs that want one; never shown.
    """

    max_bytes: int = 4 * 1024**3
    max_pages: int = 20_000
    max_pixels: int = 200_000_000
    max_parts: int = 1000
    max_unpacked_bytes: int = 4 * 1024**3
    max_expansion: int = 200
    max_depth: int = 5
    open_timeout_s: float = 60.0
    pdf_passwords: tuple[str, ...] = field(default=(), repr=False)


class Deadline:
    """The moment, ``seconds`` from now, at which opening a file is given up."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left.

        Raises:
            OpenTimeoutError: none are.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise OpenTimeoutError(
                f"L'apertura del file ha superato {self._seconds:g} secondi / "
                f"Opening the file took longer than {self._seconds:g} seconds"
            )
        return left

    def check(self) -> None:
        """Returns while there is time.

        Raises:
            OpenTimeoutError: there is none left.
        """
        self.remaining()


class Budget:
    """What may still come out of one container. It counts what is really read: sizes that a file declares may lie."""

    def __init__(self, limits: Limits, packed: int) -> None:
        """The budget of a container of ``packed`` bytes; its time runs from now."""
        self.limits = limits
        self.deadline = Deadline(limits.open_timeout_s)
        self._packed = max(1, packed)
        self._unpacked = self._parts = 0

    def take(self, size: int) -> None:
        """Counts ``size`` bytes that came out.

        Raises:
            TooExpandedError: they are too many, or too many for so small a container.
            OpenTimeoutError: it takes too long.
        """
        self.deadline.check()
        self._unpacked += size
        if self._unpacked > self.limits.max_unpacked_bytes:
            raise TooExpandedError(
                f"Il contenuto supera {self.limits.max_unpacked_bytes} byte / "
                f"The contents are more than {self.limits.max_unpacked_bytes} bytes"
            )
        if self._unpacked > max(_EXPANSION_COUNTS_FROM, self._packed * self.limits.max_expansion):
            raise TooExpandedError(
                f"Il contenuto è più di {self.limits.max_expansion} volte il file / "
                f"The contents are more than {self.limits.max_expansion} times the file"
            )

    def add_part(self) -> None:
        """Counts one more part.

        Raises:
            TooExpandedError: there are too many.
        """
        self._parts += 1
        if self._parts > self.limits.max_parts:
            raise TooExpandedError(
                f"Il file contiene più di {self.limits.max_parts} parti / "
                f"The file holds more than {self.limits.max_parts} parts"
            )


def check_depth(depth: int, limits: Limits) -> None:
    """Refuses a container that lies too deep: 1 is one that arrived by itself.

    Raises:
        TooDeepError: it is deeper than ``limits.max_depth``.
    """
    if depth > limits.max_depth:
        raise TooDeepError(
            f"Contenitori uno dentro l'altro oltre {limits.max_depth} livelli / "
            f"Containers inside each other deeper than {limits.max_depth} levels"
        )
