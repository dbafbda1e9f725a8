"""How papers look: typefaces, sizes, margins, leaders, drawn at random for each paper."""

from __future__ import annotations

from random import Random
from typing import Any

from faldone.demo.elements import Leader, Style

_PRINTED = (
    ("serif", 11.5), ("sans", 10.5), ("serif", 12.0), ("verdana", 9.6), ("palatino", 11.0), ("school", 10.8),
    ("bookman", 10.6), ("narrow", 11.6), ("nimbus", 10.8), ("slab", 9.8), ("gothic", 10.6), ("sans", 11.2),
)  # fmt: skip
_DIGITAL = (("serif", 11.5), ("sans", 10.5), ("verdana", 9.6), ("narrow", 11.6), ("slab", 9.8), ("serif", 12.0))
_LEADERS: tuple[Leader, ...] = ("dots", "coarse", "typed", "under", "dash", "solid", "cells", "none")


def draw_style(rng: Random, name: Any, *, year: int, digital: bool) -> Style:
    """A style of the kind ``name`` (see :class:`Style`), fit for the year; ``digital`` asks for fonts a PDF carries."""
    typed = not digital and (name == "typewriter" or (year < 1996 and name in ("prose", "letter") and rng.random() < 0.7))
    margins = {
        "left": rng.uniform(56, 72), "right": rng.uniform(44, 66), "top": rng.uniform(40, 56),
        "bottom": rng.uniform(52, 66),
    }  # fmt: skip
    footer = rng.choice(("di", "di", "x/y", "number", "none"))
    if typed:
        face = rng.choice(("typewriter", "courier"))
        return Style("typewriter", face, face, 11.6, rng.choice((1.25, 1.5)), **margins, align="left", leader=rng.choice(("typed", "under")), footer="none" if year < 1998 else footer, jitter=True)  # type: ignore[arg-type]  # literals drawn at random
    face, size = rng.choice(_DIGITAL if digital else _PRINTED)
    fill = "sans" if digital else rng.choice(("typewriter", "courier", "sans", "serif", "mono"))
    leader = rng.choices(_LEADERS, (24, 12, 10, 14, 6, 12, 8, 14))[0]
    if digital and leader in ("typed", "under", "cells"):
        leader = "solid"
    return Style(
        name, face, fill, size + rng.choice((-0.4, 0.0, 0.0, 0.5)), rng.choice((1.15, 1.22, 1.3, 1.42)), **margins,
        align=rng.choice(("justify", "justify", "left")), leader=leader, footer=footer, digital=digital,
    )  # type: ignore[arg-type]  # fmt: skip  # literals drawn at random
