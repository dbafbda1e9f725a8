# ruff: noqa: E501 - wordings stay whole
"""A paper as its writer lays it out: lines on A4 pages, which become words with boxes as an engine would hand them over."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

WIDTH, HEIGHT, DPI = 1240, 1754, 150
_TOP, _BOTTOM, _FOOT = 110, 1600, 1690


@dataclass(frozen=True, slots=True)
class Line:
    """Texts at their left edges (pixels), on one base line; ``gap`` is the way down from the line above."""

    pieces: tuple[tuple[int, str], ...]
    gap: int
    letter: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A line on its page, ``y`` the upper edge of its letters."""

    pieces: tuple[tuple[int, str], ...]
    y: int
    letter: float


class Paper:
    """The builder. Every method adds below what is there; pages break by themselves."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._lines: list[Line | None] = []
        self._left = rng.choice([100, 120, 150])
        self._letter = rng.choice([10.5, 11.0, 11.5, 12.0])
        self._leading = rng.choice([30, 32, 34, 38, 46, 54])
        self._right = rng.choice([90, 110, 130])
        self.numbering = rng.choice(["", "", "pag. {} di {}", "Pagina {} di {}", "{}/{}", "- {} -", "Pag. {}"])
        self.running = ""

    @property
    def _room(self) -> int:
        return int((WIDTH - self._left - self._right) / self._letter)

    def _add(self, text: str, x: float, gap: float = 1.0, letter: float | None = None) -> None:
        self._lines.append(Line(((int(x), text),), int(self._leading * gap), letter or self._letter))

    def line(self, text: str, gap: float = 1.0) -> None:
        """One line from the left margin; too long ones wrap."""
        for number, part in enumerate(textwrap.wrap(text, self._room) or [""]):
            self._add(part, self._left, gap if number == 0 else 1.0)

    def lines(self, *texts: str, gap: float = 1.5) -> None:
        """A block of lines, with room above it."""
        for number, text in enumerate(texts):
            self.line(text, gap if number == 0 else 1.0)

    def title(self, text: str, gap: float = 2.0) -> None:
        """Centred, in larger letters."""
        letter = self._letter * 1.2
        for number, part in enumerate(textwrap.wrap(text, int(self._room / 1.2))):
            self._add(part, (WIDTH - len(part) * letter) / 2, gap if number == 0 else 1.2, letter)

    def centre(self, *texts: str, gap: float = 1.0) -> None:
        """Centred lines."""
        for text in texts:
            for part in textwrap.wrap(text, self._room):
                self._add(part, (WIDTH - len(part) * self._letter) / 2, gap)

    def right(self, *texts: str, gap: float = 1.0) -> None:
        """Lines that start in the right half: addressees, dates, signatures."""
        texts = tuple(part for text in texts for part in textwrap.wrap(text, self._room // 2) or [""])
        x = max(min(WIDTH - self._right - max(map(len, texts)) * self._letter, 720), self._left)
        for number, text in enumerate(texts):
            self._add(text, x, gap if number == 0 else 1.0)

    def para(self, text: str, gap: float = 1.3) -> None:
        """A paragraph, wrapped."""
        self.line(text, gap)

    def both(self, left: str, right: str, gap: float = 1.3) -> None:
        """Two texts on one line, at the left margin and in the right half."""
        x = max(680, int(self._left + (len(left) + 3) * self._letter))
        if x + len(right) * self._letter > WIDTH - 40:
            self.line(left, gap)
            self.right(right)
            return
        self._lines.append(Line(((self._left, left), (x, right)), int(self._leading * gap), self._letter))

    def boxes(self, pairs: Sequence[tuple[str, str]], style: str | None = None) -> None:
        """Label and value: ``colon``, in two ``columns``, the value ``below`` its label, or ``two`` pairs a line."""
        style = style or self._rng.choice(["colon", "colon", "columns", "below", "two", "dots"])
        shown = [pair for pair in pairs if pair[1]]
        for number, (label, value) in enumerate(shown):
            gap = 1.4 if number == 0 else 1.1
            if style == "columns":
                self._lines.append(
                    Line(((self._left, label), (self._left + 380, value)), int(self._leading * gap), self._letter)
                )
            elif style == "below":
                self._add(label, self._left, gap + 0.2, self._letter * 0.8)
                self._add(value, self._left, 1.0)
            elif style == "dots":
                self.line(f"{label} {value} ....", gap)
            elif style == "two" and number % 2 == 0 and number + 1 < len(shown):
                other = shown[number + 1]
                self.both(f"{label}: {value}", f"{other[0]}: {other[1]}", gap)
            elif style != "two" or number % 2 == 0:
                self.line(f"{label}: {value}", gap)

    def table(self, rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
        """Cells at fixed places; ``widths`` in letters."""
        for number, row in enumerate(rows):
            x, pieces = self._left, []
            for cell, width in zip(row, widths, strict=True):
                if cell:
                    pieces.append((x, cell))
                x += int(max(width, len(cell) + 1) * self._letter * 0.9)
            self._lines.append(
                Line(tuple(pieces), int(self._leading * (1.5 if number == 0 else 1.0)), self._letter * 0.85)
            )

    def space(self, lines: float) -> None:
        """Empty room."""
        self._lines.append(Line((), int(self._leading * lines), self._letter))

    def turn(self) -> None:
        """The next line starts a page."""
        self._lines.append(None)

    def pages(self) -> list[list[Placed]]:
        """The lines on their pages, with page numbers and the running head where the writer's program had them."""
        pages: list[list[Placed]] = [[]]
        y = _TOP
        for line in self._lines:
            if line is None or y + line.gap > _BOTTOM:
                if pages[-1]:
                    pages.append([])
                y = _TOP
                if line is None:
                    continue
            y += line.gap
            if line.pieces:
                pages[-1].append(Placed(line.pieces, y, line.letter))
        pages = [page for page in pages if page]
        for number, page in enumerate(pages, start=1):
            if self.running and number > 1:
                page.insert(0, Placed(((self._left, self.running),), 70, self._letter * 0.85))
            if self.numbering and len(pages) > 1:
                said = (
                    self.numbering.format(number, len(pages))
                    if self.numbering.count("{}") == 2
                    else self.numbering.format(number)
                )
                page.append(Placed(((560, said),), _FOOT, self._letter * 0.85))
        return pages
