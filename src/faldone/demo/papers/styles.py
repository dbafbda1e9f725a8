"""How papers look: typefaces, sizes, margins, leaders, drawn at random for each paper."""

from __future__ import annotations

from random import Random

from faldone.demo.elements import Footer, Kind, Leader, Style

_PRINTED = (
    ("serif", 11.5), ("sans", 10.5), ("serif", 12.0), ("verdana", 9.6), ("palatino", 11.0), ("school", 10.8),
    ("bookman", 10.6), ("narrow", 11.6), ("nimbus", 10.8), ("slab", 9.8), ("gothic", 10.6), ("sans", 11.2),
)  # fmt: skip
_DIGITAL = (("serif", 11.5), ("sans", 10.5), ("verdana", 9.6), ("narrow", 11.6), ("slab", 9.8), ("serif", 12.0))
_FOOTERS: tuple[Footer, ...] = ("di", "di", "x/y", "number", "none")
_TYPED_LEADERS: tuple[Leader, ...] = ("typed", "under")
_LEADERS: tuple[Leader, ...] = ("dots", "coarse", "typed", "under", "dash", "solid", "cells", "none")


def draw_style(rng: Random, name: Kind, *, year: int, digital: bool) -> Style:
    """A style of the kind ``name``, fit for the year; ``digital`` asks for fonts that a PDF carries."""
    old = year < 1996 and name in ("prose", "letter") and rng.random() < 0.7
    typed = not digital and (name == "typewriter" or old)
    left, right = rng.uniform(56, 72), rng.uniform(44, 66)
    top, bottom = rng.uniform(40, 56), rng.uniform(52, 66)
    footer: Footer = rng.choice(_FOOTERS)
    if typed:
        face = rng.choice(("typewriter", "courier"))
        typed_leader: Leader = rng.choice(_TYPED_LEADERS)
        leading = rng.choice((1.25, 1.5))
        return Style(
            "typewriter", face, face, 11.6, leading, left, right, top, bottom, "left", typed_leader,
            "none" if year < 1998 else footer, jitter=True,
        )  # fmt: skip
    face, size = rng.choice(_DIGITAL if digital else _PRINTED)
    fill = "sans" if digital else rng.choice(("typewriter", "courier", "sans", "serif", "mono"))
    leader = rng.choices(_LEADERS, (26, 14, 11, 15, 7, 13, 0, 14))[0]
    if digital and leader in ("typed", "under", "cells"):
        leader = "solid"
    size += rng.choice((-0.4, 0.0, 0.0, 0.5))
    leading = rng.choice((1.15, 1.22, 1.3, 1.42))
    return Style(
        name, face, fill, size, leading, left, right, top, bottom,
        "justify" if rng.random() < 0.67 else "left", leader, footer, digital=digital,
    )  # fmt: skip
