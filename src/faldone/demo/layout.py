"""From blocks to pages of placed marks: pure geometry in points, origin top left, A4.

A page's true text follows from the placed words: rows from the top, in each row from left to right. Leaders,
rules, boxes and scrawls are marks without text.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from faldone.demo import fonts
from faldone.demo.elements import (
    Align,
    Block,
    Break,
    Columns,
    Emblem,
    Field,
    FormRow,
    Framed,
    Gap,
    Leader,
    Para,
    Rule,
    Signature,
    Span,
    Stamp,
    Style,
    Table,
    Ticks,
)

PAGE_WIDTH, PAGE_HEIGHT = 595.28, 841.89
_SAME_ROW = 0.45  # baselines closer than this part of the letters' size are one row


@dataclass(frozen=True, slots=True)
class Run:
    """Words on one baseline ``y``. ``gap`` is added to each space; with ``pitch`` each letter has a cell that wide.

    A silent run (typed dots) is drawn but is no text.
    """

    x: float
    y: float
    text: str
    family: str
    size: float
    bold: bool = False
    italic: bool = False
    gap: float = 0.0
    pitch: float = 0.0
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight line; ``dots`` and ``coarse`` are rows of dots."""

    x0: float
    y0: float
    x1: float
    y1: float
    weight: float = 0.7
    kind: Literal["solid", "dots", "coarse", "dash"] = "solid"


@dataclass(frozen=True, slots=True)
class Cells:
    """A comb of boxes, one a letter."""

    x: float
    y: float
    pitch: float
    height: float
    count: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A box to tick."""

    x: float
    y: float
    size: float
    ticked: bool


@dataclass(frozen=True, slots=True)
class Scrawl:
    """A signature that nobody can read."""

    x: float
    y: float
    width: float
    height: float
    seed: str


@dataclass(frozen=True, slots=True)
class Device:
    """An emblem's drawing."""

    kind: str
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Rubber:
    """A stamp's print: its runs are placed as if it stood straight, then turned about its centre."""

    x: float
    y: float
    width: float
    height: float
    runs: tuple[Run, ...]
    frame: str
    tilt: float
    ink: str


Mark: TypeAlias = Run | Stroke | Cells | Tick | Scrawl | Device | Rubber


@dataclass(frozen=True, slots=True)
class PageMarks:
    """Everything printed on one side of a sheet."""

    marks: tuple[Mark, ...] = ()

    @property
    def runs(self) -> Iterator[Run]:
        """The runs that are text, stamps included."""
        for mark in self.marks:
            if isinstance(mark, Run):
                if not mark.silent:
                    yield mark
            elif isinstance(mark, Rubber):
                yield from mark.runs

    @property
    def text(self) -> str:
        """The true text, a row a line."""
        rows: list[list[Run]] = []
        for run in sorted(self.runs, key=lambda run: run.y):
            if rows and run.y - rows[-1][0].y <= _SAME_ROW * min(run.size, rows[-1][0].size):
                rows[-1].append(run)
            else:
                rows.append([run])
        return "\n".join(_row_text(sorted(row, key=lambda run: run.x)) for row in rows)


def _row_text(row: Sequence[Run]) -> str:
    """The words of a row; a run that begins where the last one ended is the same word."""
    text, end = "", 0.0
    for run in row:
        text += (" " if text and run.x - end > 0.08 * run.size else "") + run.text
        end = run.x + (run.pitch * len(run.text) if run.pitch else _run_width(run))
    return text


def _run_width(run: Run) -> float:
    words = run.text.split()
    gaps = (fonts.space(run.family, run.size, bold=run.bold) + run.gap) * max(0, len(words) - 1)
    return gaps + sum(fonts.width(word, run.family, run.size, bold=run.bold, italic=run.italic) for word in words)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A band of a page that is not cut: marks relative to its own top."""

    height: float
    marks: tuple[Mark, ...] = ()
    keep: bool = False
    new_page: bool = False


def _moved(mark: Mark, dx: float, dy: float) -> Mark:
    if isinstance(mark, Stroke):
        return replace(mark, x0=mark.x0 + dx, x1=mark.x1 + dx, y0=mark.y0 + dy, y1=mark.y1 + dy)
    if isinstance(mark, Rubber):
        runs = tuple(replace(run, x=run.x + dx, y=run.y + dy) for run in mark.runs)
        return replace(mark, x=mark.x + dx, y=mark.y + dy, runs=runs)
    return replace(mark, x=mark.x + dx, y=mark.y + dy)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    bold: bool
    italic: bool
    family: str
    spaced: bool


def _words(spans: Iterable[Span], style: Style) -> list[_Word]:
    found: list[_Word] = []
    spaced = False
    for span in spans:
        if not span.text:
            continue
        parts = span.text.split()
        family = style.fill if span.filled else style.face
        for index, part in enumerate(parts):
            gap = spaced or index > 0 or span.text[:1].isspace()
            found.append(_Word(part, span.bold, span.italic, family, gap))
            spaced = False
        spaced = span.text[-1:].isspace()
    return found


def _lines(words: Sequence[_Word], size: float, width: float, first: float) -> Iterator[tuple[list[_Word], float]]:
    """The words in lines, each with its natural width."""
    line: list[_Word] = []
    total = 0.0
    room = width - first
    for index, word in enumerate(words):
        own = fonts.width(word.text, word.family, size, bold=word.bold, italic=word.italic)
        gap = fonts.space(word.family, size, bold=word.bold) if line and word.spaced else 0.0
        glued = index + 1 < len(words) and not words[index + 1].spaced
        ahead = fonts.width(words[index + 1].text, words[index + 1].family, size) if glued else 0.0
        if line and word.spaced and total + gap + own + ahead > room:
            yield line, total
            line, total, gap, room = [], 0.0, 0.0, width
        line.append(word)
        total += gap + own
    if line:
        yield line, total


def _line_marks(line: Sequence[_Word], x: float, y: float, size: float, extra: float) -> tuple[Run, ...]:
    runs: list[Run] = []
    at, pending = x, ""
    start, current = x, None
    for index, word in enumerate(line):
        key = (word.bold, word.italic, word.family)
        gap = (fonts.space(word.family, size, bold=word.bold) + extra) if index and word.spaced else 0.0
        if current is not None and key == current:
            pending += (" " if word.spaced else "") + word.text
        else:
            if current is not None:
                runs.append(Run(start, y, pending, current[2], size, current[0], current[1], extra))
            start, current, pending = at + gap, key, word.text
        at += gap + fonts.width(word.text, word.family, size, bold=word.bold, italic=word.italic)
    if current is not None:
        runs.append(Run(start, y, pending, current[2], size, current[0], current[1], extra))
    return tuple(runs)


def _para(block: Para, style: Style, width: float) -> list[_Piece]:
    size = style.size * block.scale
    height = size * (1.12 if block.tight else style.leading)
    room = width - block.left - block.right
    align: Align = block.align or style.align
    pieces: list[_Piece] = [_Piece(block.before)] if block.before else []
    lines = list(_lines(_words(block.spans, style), size, room, block.first))
    for index, (line, natural) in enumerate(lines):
        last = index == len(lines) - 1
        shift = block.first if index == 0 else 0.0
        slack = room - shift - natural
        gaps = sum(1 for word in line[1:] if word.spaced)
        extra = slack / gaps if align == "justify" and not last and gaps and slack > 0 else 0.0
        x = block.left + shift
        if align == "center":
            x += slack / 2
        elif align == "right":
            x += slack
        marks: tuple[Mark, ...] = _line_marks(line, x, size, size, extra)
        if index == 0 and block.marker:
            hang = fonts.width(block.marker, style.face, size) + fonts.space(style.face, size)
            marks = (Run(x - hang - 2, size, block.marker, style.face, size), *marks)
        # no widow lines: the first two and the last two lines stay together
        pieces.append(_Piece(height, marks, keep=block.keep or (index == 0 and not last) or index == len(lines) - 2))
    if block.after:
        pieces.append(_Piece(block.after, keep=block.keep))
    return pieces


def _text_width(value: str, family: str, size: float, bold: bool = False) -> float:
    words = value.split()
    gaps = fonts.space(family, size, bold=bold) * max(0, len(words) - 1)
    return gaps + sum(fonts.width(word, family, size, bold=bold) for word in words)


def _leader(kind: Leader, x0: float, x1: float, y: float, style: Style) -> tuple[Mark, ...]:
    if kind in ("typed", "under"):
        char = "." if kind == "typed" else "_"
        count = int((x1 - x0) / fonts.width(char, style.face, style.size))
        return (Run(x0, y, char * count, style.face, style.size, silent=True),) if count > 0 else ()
    if kind == "dots":
        return (Stroke(x0, y + 0.6, x1, y + 0.6, 0.55, "dots"),)
    if kind == "coarse":
        return (Stroke(x0, y + 0.8, x1, y + 0.8, 1.0, "coarse"),)
    if kind == "dash":
        return (Stroke(x0, y + 1.2, x1, y + 1.2, 0.6, "dash"),)
    if kind == "solid":
        return (Stroke(x0, y + 1.8, x1, y + 1.8, 0.6),)
    return ()


def _field(field: Field, style: Style, x: float, width: float, y: float) -> tuple[list[Mark], float]:
    """The marks of one field and how far down they reach."""
    marks: list[Mark] = []
    kind = field.leader or style.leader
    size = style.size
    at = x
    if field.label:
        marks.append(Run(x, y, field.label, style.face, size))
        at += _text_width(field.label, style.face, size) + 4
    fill = style.fill if kind != "none" else style.face
    compact = field.value.replace(" ", "")
    if kind == "cells":
        pitch, tall = 14.2, size * 1.45
        needed = max(len(compact), 11) * pitch
        if at + needed > x + width:
            pitch = max(9.0, (x + width - at) / max(len(compact), 11))
        count = max(len(compact), int((x + width - at) / pitch))
        marks.append(Cells(at, y - tall * 0.78, pitch, tall, count))
        if compact:
            marks.append(Run(at, y, compact.upper(), fill, size, pitch=pitch))
        return marks, y + tall * 0.3
    marks.extend(_leader(kind, at, x + width - 3, y, style))
    if field.value:
        bold = kind == "none"
        shift = 4.0 if kind not in ("none",) and at + _text_width(field.value, fill, size) + 8 < x + width else 0.0
        lift = 1.2 if kind in ("dots", "coarse", "typed", "under", "dash") else 0.0
        marks.append(Run(at + shift, y - lift, field.value, fill, size, bold))
    return marks, y + 3.0


def _natural(field: Field, style: Style) -> float:
    fill = style.fill if (field.leader or style.leader) != "none" else style.face
    label = _text_width(field.label, style.face, style.size) + 4 if field.label else 0.0
    return label + _text_width(field.value, fill, style.size, bold=True) + 14


def _form_row(block: FormRow, style: Style, width: float) -> list[_Piece]:
    """One row, or more where the fields are too wide to stand side by side."""
    pieces: list[_Piece] = []
    pending = list(block.fields)
    while pending:
        taken: list[Field] = []
        while pending and (not taken or sum(_natural(field, style) for field in (*taken, pending[0])) <= width):
            taken.append(pending.pop(0))
        naturals = [_natural(field, style) for field in taken]
        spare = max(0.0, width - sum(naturals))
        shares = sum(field.share for field in taken)
        x, bottom, y = 0.0, 0.0, style.size * 1.25
        marks: list[Mark] = []
        for field, natural in zip(taken, naturals, strict=True):
            room = natural + spare * field.share / shares
            placed, low = _field(field, style, x, room - 4, y)
            marks.extend(placed)
            bottom = max(bottom, low)
            x += room
        pieces.append(_Piece(bottom + block.after, tuple(marks)))
    return pieces


def _table(block: Table, style: Style, width: float) -> list[_Piece]:
    size = style.size * block.scale
    step, pad = size * 1.18, 3.0
    total = sum(block.shares)
    edges = [0.0]
    for share in block.shares:
        edges.append(edges[-1] + width * share / total)
    pieces: list[_Piece] = []
    rows = ([block.header] if block.header else []) + list(block.rows)
    for number, row in enumerate(rows):
        head = bool(block.header) and number == 0
        marks: list[Mark] = []
        deepest = 1
        for column, cell in enumerate(row):
            room = edges[column + 1] - edges[column] - 2 * pad
            words = [_Word(word, head, False, style.face, True) for word in cell.split()]
            align = block.aligns[column] if column < len(block.aligns) else "l"
            for index, (line, natural) in enumerate(_lines(words, size, room, 0.0)):
                shift = {"l": 0.0, "r": room - natural, "c": (room - natural) / 2}[align]
                y = pad + size * 0.9 + index * step
                marks.extend(_line_marks(line, edges[column] + pad + max(0.0, shift), y, size, 0.0))
                deepest = max(deepest, index + 1)
        height = 2 * pad + size * 0.9 + (deepest - 1) * step + size * 0.25
        if block.ruled == "grid":
            marks.extend(Stroke(edge, 0, edge, height) for edge in edges)
        if block.ruled == "grid" or (block.ruled == "lines" and head):
            marks.append(Stroke(0, 0, width, 0))
        if block.ruled != "none":
            marks.append(Stroke(0, height, width, height))
        pieces.append(_Piece(height, tuple(marks), keep=number <= 1 and len(rows) > 2))
    pieces.append(_Piece(block.after))
    return pieces


def _ticks(block: Ticks, style: Style, width: float) -> list[_Piece]:
    room = width / block.columns
    size = style.size
    pieces = []
    for start in range(0, len(block.items), block.columns):
        marks: list[Mark] = []
        deepest = 1
        for column, (words, ticked) in enumerate(block.items[start : start + block.columns]):
            x = room * column
            marks.append(Tick(x, size * 0.25, size * 0.85, ticked))
            parts = [_Word(word, False, False, style.face, True) for word in words.split()]
            for index, (line, _natural) in enumerate(_lines(parts, size, room - size * 1.6 - 6, 0.0)):
                marks.extend(_line_marks(line, x + size * 1.5, size + index * size * style.leading, size, 0.0))
                deepest = max(deepest, index + 1)
        pieces.append(_Piece(size * style.leading * deepest + 1.5, tuple(marks)))
    pieces.append(_Piece(block.after))
    return pieces


def _stacked(pieces: Sequence[_Piece], x: float = 0.0, y: float = 0.0) -> tuple[list[Mark], float]:
    """The marks of pieces put one under the other, and the depth reached."""
    marks: list[Mark] = []
    for piece in pieces:
        marks.extend(_moved(mark, x, y) for mark in piece.marks)
        y += piece.height
    return marks, y


def _signature(block: Signature, style: Style, width: float) -> list[_Piece]:
    size = style.size
    half = width * 0.46
    x = {"left": 0.0, "center": (width - half) / 2, "right": width - half}[block.side]
    marks: list[Mark] = []
    y = size
    for words in (block.above, block.name):
        if words:
            own = _text_width(words, style.face, size)
            marks.append(Run(x + max(0.0, (half - own) / 2), y, words, style.face, size))
            y += size * style.leading
    if block.line:
        marks.append(Stroke(x + 8, y + 12, x + half - 8, y + 12, 0.6))
    if block.scrawl:
        marks.append(Scrawl(x + half * 0.18, y - size * 0.5, half * 0.62, 22.0, f"{block.above}{block.name}"))
    return [_Piece(y + 24, tuple(marks))]


def _stamp(block: Stamp, style: Style, width: float) -> list[_Piece]:
    size = 9.5
    face = "sans" if style.face != "typewriter" else "mono"
    widths = [_text_width(line, face, size, bold=True) for line in block.lines]
    inner = max(widths)
    pad, step = 7.0, size * 1.35
    wide, tall = inner + 2 * pad, len(block.lines) * step + 2 * pad - 2
    x = {"left": 6.0, "center": (width - wide) / 2, "right": width - wide - 6}[block.side]
    runs = tuple(
        Run(x + pad + (inner - own) / 2, 6 + pad + size * 0.85 + index * step, line, face, size, True)
        for index, (line, own) in enumerate(zip(block.lines, widths, strict=True))
    )
    rubber = Rubber(x, 6, wide, tall, runs, block.frame, block.tilt, block.ink)
    return [_Piece(tall + 16, (rubber,))]


def _pieces(blocks: Iterable[Block], style: Style, width: float) -> list[_Piece]:
    pieces: list[_Piece] = []
    for block in blocks:
        match block:
            case Para():
                pieces.extend(_para(block, style, width))
            case FormRow():
                pieces.extend(_form_row(block, style, width))
            case Table():
                pieces.extend(_table(block, style, width))
            case Ticks():
                pieces.extend(_ticks(block, style, width))
            case Columns():
                gutter = 14.0
                left_width = (width - gutter) * block.share
                left, low = _stacked(_pieces(block.left, style, left_width))
                right, deep = _stacked(_pieces(block.right, style, width - gutter - left_width), left_width + gutter)
                pieces.append(_Piece(max(low, deep) + block.after, (*left, *right)))
            case Framed():
                marks, low = _stacked(_pieces(block.blocks, style, width - 14), 7.0, 6.0)
                low += 3
                corners = ((0.0, 0.0), (width, 0.0), (width, low), (0.0, low), (0.0, 0.0))
                sides = [Stroke(*one, *two) for one, two in itertools.pairwise(corners)]
                pieces.append(_Piece(low + block.after, (*marks, *sides)))
            case Rule():
                pieces.append(_Piece(block.after + 2, (Stroke(0, 1, width, 1, block.weight),)))
            case Gap():
                pieces.append(_Piece(block.height))
            case Emblem():
                x = {"left": 0.0, "center": (width - block.size) / 2, "right": width - block.size}[block.align]
                pieces.append(_Piece(block.size + 4, (Device(block.kind, x, 0, block.size),)))
            case Signature():
                pieces.extend(_signature(block, style, width))
            case Stamp():
                pieces.extend(_stamp(block, style, width))
            case Break():
                pieces.append(_Piece(0.0, new_page=True))
    return pieces


def _bands(pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    """Pieces grouped so that what is to be kept with the next is."""
    band: list[_Piece] = []
    for piece in pieces:
        band.append(piece)
        if not piece.keep:
            yield band
            band = []
    if band:
        yield band


def paginate(blocks: Sequence[Block], style: Style, *, running: str = "") -> tuple[PageMarks, ...]:
    """The pages of a paper. ``running`` heads the second and later ones."""
    width = PAGE_WIDTH - style.left - style.right
    floor = PAGE_HEIGHT - style.bottom
    pages: list[list[Mark]] = [[]]
    y = style.top
    for band in _bands(_pieces(blocks, style, width)):
        height = sum(piece.height for piece in band)
        if band[0].new_page or (y + height > floor and pages[-1] and any(piece.marks for piece in band)):
            if pages[-1]:
                pages.append([])
            y = style.top
            if running:
                pages[-1].append(Run(style.left, y + style.size, running, style.face, style.size * 0.85, italic=True))
                y += style.size * 2.4
        for piece in band:
            pages[-1].extend(_moved(mark, style.left, y) for mark in piece.marks)
            y += piece.height
    filled = [page for page in pages if page] or [[]]
    return tuple(PageMarks((*page, *_footer(style, n, len(filled)))) for n, page in enumerate(filled, start=1))


def _footer(style: Style, number: int, count: int) -> tuple[Run, ...]:
    if style.footer == "none" or (count == 1 and style.footer != "di"):
        return ()
    words = {"x/y": f"{number}/{count}", "di": f"pag. {number} di {count}", "number": f"- {number} -"}[style.footer]
    size = style.size * 0.8
    own = _text_width(words, style.face, size)
    x = (PAGE_WIDTH - own) / 2 if style.footer != "di" else PAGE_WIDTH - style.right - own
    return (Run(x, PAGE_HEIGHT - style.bottom + 24, words, style.face, size),)
