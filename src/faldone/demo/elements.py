"""What a paper is made of: blocks with text, no fonts, no pixels, no positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Align: TypeAlias = Literal["left", "justify", "center", "right"]
Kind: TypeAlias = Literal["form", "table", "prose", "typewriter", "letter", "list"]
Footer: TypeAlias = Literal["x/y", "di", "number", "none"]
DeviceKind: TypeAlias = Literal["shield", "star", "circles", "cross", "bars"]
Side: TypeAlias = Literal["left", "center", "right"]
Leader: TypeAlias = Literal["dots", "coarse", "typed", "under", "dash", "solid", "cells", "none"]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text in one face."""

    text: str
    bold: bool = False
    italic: bool = False
    filled: bool = False  # written into a printed form, in the style's other typeface


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph. ``scale`` is relative to the style's size; distances are points."""

    spans: tuple[Span, ...]
    align: Align | None = None
    scale: float = 1.0
    before: float = 0.0
    after: float = 5.0
    left: float = 0.0
    right: float = 0.0
    first: float = 0.0
    keep: bool = False
    tight: bool = False
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled place of a form; ``share`` is its part of the row."""

    label: str
    value: str
    share: float = 1.0
    leader: Leader | None = None


@dataclass(frozen=True, slots=True)
class FormRow:
    """Fields side by side."""

    fields: tuple[Field, ...]
    after: float = 4.0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows and columns. ``ruled`` is grid, lines or none."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]
    aligns: str = ""
    ruled: Literal["grid", "lines", "none"] = "grid"
    scale: float = 0.9
    after: float = 8.0


@dataclass(frozen=True, slots=True)
class Ticks:
    """Boxes to tick, each with its words."""

    items: tuple[tuple[str, bool], ...]
    columns: int = 1
    after: float = 5.0


@dataclass(frozen=True, slots=True)
class Columns:
    """Two stacks of blocks side by side; ``share`` is the left one's part of the width."""

    left: tuple[Block, ...]
    right: tuple[Block, ...]
    share: float = 0.5
    after: float = 6.0


@dataclass(frozen=True, slots=True)
class Framed:
    """Blocks inside a ruled frame."""

    blocks: tuple[Block, ...]
    after: float = 8.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the page."""

    weight: float = 0.8
    after: float = 6.0


@dataclass(frozen=True, slots=True)
class Gap:
    """White space."""

    height: float


@dataclass(frozen=True, slots=True)
class Emblem:
    """A body's device, drawn, without letters."""

    kind: DeviceKind
    size: float = 34.0
    align: Literal["left", "center", "right"] = "left"


@dataclass(frozen=True, slots=True)
class Signature:
    """A place to sign: what stands above, the printed name, and a scrawl over it."""

    above: str
    name: str
    side: Side = "right"
    scrawl: bool = True
    line: bool = False


@dataclass(frozen=True, slots=True)
class Stamp:
    """A rubber stamp beside the flow: it takes a band of its own at ``side``."""

    lines: tuple[str, ...]
    side: Literal["left", "right", "center"] = "right"
    frame: Literal["box", "double", "none"] = "box"
    tilt: float = 0.0  # degrees, counter-clockwise
    ink: Literal["black", "blue", "red", "violet"] = "black"


@dataclass(frozen=True, slots=True)
class Break:
    """A new page."""


Block: TypeAlias = Para | FormRow | Table | Ticks | Columns | Framed | Rule | Gap | Emblem | Signature | Stamp | Break


@dataclass(frozen=True, slots=True)
class Style:
    """How one paper looks. Sizes and margins in points; ``face`` and ``fill`` name families of fonts."""

    name: Kind
    face: str
    fill: str
    size: float = 11.0
    leading: float = 1.25
    left: float = 62.0
    right: float = 56.0
    top: float = 48.0
    bottom: float = 56.0
    align: Literal["left", "justify"] = "justify"
    leader: Leader = "dots"
    footer: Footer = "di"
    jitter: bool = False
    digital: bool = False  # printed to PDF by a program: no combs, no typed dots


def text(*parts: str, bold: bool = False, italic: bool = False) -> tuple[Span, ...]:
    """Spans in which every second part is set in bold: ``text("di ", "ROSSI", " nato a")``."""
    return tuple(Span(part, bold=bold or index % 2 == 1, italic=italic) for index, part in enumerate(parts) if part)
