"""Marks on a canvas: a page as the printer put it on paper, upright and clean."""

from __future__ import annotations

import math
from random import Random
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageFont

from faldone.demo import fonts
from faldone.demo.layout import (
    PAGE_HEIGHT,
    PAGE_WIDTH,
    Cells,
    Device,
    PageMarks,
    Rubber,
    Run,
    Scrawl,
    Stroke,
    Tick,
)

Pixels: TypeAlias = npt.NDArray[np.uint8]
Ink: TypeAlias = int | tuple[int, int, int]

_STAMP_INKS = {"black": (40, 40, 45), "blue": (40, 50, 150), "red": (175, 35, 45), "violet": (90, 40, 130)}
_PEN = (25, 35, 105)
_TYPED = ("typewriter", "courier", "mono")


def _tone(rgb: tuple[int, int, int], colour: bool) -> Ink:
    return rgb if colour else int(0.3 * rgb[0] + 0.59 * rgb[1] + 0.11 * rgb[2])


def scrawl_points(mark: Scrawl) -> list[tuple[float, float]]:
    """A running hand in points: loops along a line, then a flourish."""
    rng = Random(f"scrawl/{mark.seed}")
    points: list[tuple[float, float]] = []
    loops, phase, lean = rng.uniform(5, 9), rng.uniform(0, 6), rng.uniform(1.4, 2.2)
    for index in range(140):
        t = index / 139
        swing = math.sin(loops * 2 * math.pi * t + phase) * (0.25 + 0.25 * math.sin(3.1 * t + phase) ** 2)
        x = mark.x + mark.width * t + math.cos(loops * lean * math.pi * t) * mark.height * 0.22
        points.append((x, mark.y + mark.height * (0.5 - 0.12 * t) + swing * mark.height * (1.2 - t)))
    points.append((points[-1][0] - mark.width * 0.5, points[-1][1] + mark.height * 0.35))
    return points


class _Pencil:
    """Draws marks given in points at a resolution in dots per inch."""

    def __init__(self, canvas: Image.Image, dpi: int, ink: Ink, jitter: Random | None) -> None:
        self.canvas = canvas
        self.draw = ImageDraw.Draw(canvas)
        self.scale = dpi / 72
        self.ink = ink
        self.jitter = jitter

    @property
    def colour(self) -> bool:
        return self.canvas.mode == "RGB"

    def run(self, run: Run, ink: Ink | None = None, *, dx: float = 0.0, dy: float = 0.0) -> None:
        scale = self.scale
        font = fonts.face(run.family, max(6, round(run.size * scale)), run.bold, run.italic)
        shade = self.ink if ink is None else ink
        x, y = (run.x - dx) * scale, (run.y - dy) * scale
        if run.pitch:
            for index, char in enumerate(run.text):
                self.draw.text((x + (index + 0.5) * run.pitch * scale, y), char, shade, font, anchor="ms")
            return
        gap = (fonts.space(run.family, run.size, bold=run.bold) + run.gap) * scale
        for word in run.text.split(" "):
            if self.jitter is not None and run.family in _TYPED:
                self._typed(word, x, y, font, fonts.width("n", run.family, run.size) * scale)
            else:
                self.draw.text((x, y), word, shade, font, anchor="ls")
            x += fonts.width(word, run.family, run.size, bold=run.bold, italic=run.italic) * scale + gap

    def _typed(self, word: str, x: float, y: float, font: ImageFont.FreeTypeFont, pitch: float) -> None:
        """Typewriter letters: each a little off the line, some weak, some doubled."""
        jitter = self.jitter
        assert jitter is not None
        for index, char in enumerate(word):
            lift = jitter.gauss(0.0, 0.16) * self.scale
            weak = jitter.random()
            grey = 25 if weak < 0.7 else 70 if weak < 0.95 else 110
            self.draw.text(
                (x + index * pitch, y + lift), char, _tone((grey, grey, grey), self.colour), font, anchor="ls"
            )

    def stroke(self, mark: Stroke, ink: Ink | None = None) -> None:
        s, shade = self.scale, self.ink if ink is None else ink
        x0, y0, x1, y1 = mark.x0 * s, mark.y0 * s, mark.x1 * s, mark.y1 * s
        weight = max(1, round(mark.weight * s))
        if mark.kind == "solid":
            self.draw.line((x0, y0, x1, y1), shade, weight)
            return
        step = {"dots": 2.0, "coarse": 3.4, "dash": 5.0}[mark.kind] * s
        on = {"dots": 0.5, "coarse": 0.95, "dash": 3.0}[mark.kind] * s
        at = x0
        while at < x1 - on:  # (weight - 1) first: adding and taking 1 may fall below y0
            self.draw.rectangle((at, y0, at + on, y0 + (weight - 1)), shade)
            at += step

    def cells(self, mark: Cells) -> None:
        s = self.scale
        top, low = mark.y * s, (mark.y + mark.height) * s
        right = (mark.x + mark.pitch * mark.count) * s
        weight = max(1, round(0.5 * s))
        self.draw.line((mark.x * s, top, right, top), self.ink, weight)
        self.draw.line((mark.x * s, low, right, low), self.ink, weight)
        for index in range(mark.count + 1):
            x = (mark.x + index * mark.pitch) * s
            self.draw.line((x, top, x, low), self.ink, weight)

    def tick(self, mark: Tick) -> None:
        s = self.scale
        x, y, size = mark.x * s, mark.y * s, mark.size * s
        weight = max(1, round(0.7 * s))
        self.draw.rectangle((x, y, x + size, y + size), None, self.ink, weight)
        if mark.ticked:
            pen = _tone(_PEN, self.colour)
            self.draw.line((x + size * 0.1, y + size * 0.1, x + size * 0.95, y + size * 0.9), pen, weight * 2)
            self.draw.line((x + size * 0.95, y + size * 0.05, x + size * 0.1, y + size * 0.95), pen, weight * 2)

    def scrawl(self, mark: Scrawl) -> None:
        s = self.scale
        points = [(x * s, y * s) for x, y in scrawl_points(mark)]
        self.draw.line(points, _tone(_PEN, self.colour), max(2, round(0.9 * s)), joint="curve")

    def device(self, mark: Device) -> None:
        s = self.scale
        x, y, z = mark.x * s, mark.y * s, mark.size * s
        w = max(2, round(1.0 * s))
        ink, draw = _tone((45, 75, 115), self.colour), self.draw
        if mark.kind == "shield":
            edge = [(x + z * 0.12, y), (x + z * 0.88, y), (x + z * 0.88, y + z * 0.55), (x + z * 0.5, y + z)]
            edge += [(x + z * 0.12, y + z * 0.55), (x + z * 0.12, y)]
            draw.line(edge, ink, w, joint="curve")
            draw.line((x + z * 0.5, y, x + z * 0.5, y + z * 0.98), ink, w)
            draw.rectangle((x + z * 0.16, y + z * 0.08, x + z * 0.46, y + z * 0.46), ink)
        elif mark.kind == "star":
            draw.ellipse((x, y, x + z, y + z), None, ink, w)
            tips = []
            for index in range(10):
                radius = z * (0.36 if index % 2 == 0 else 0.15)
                angle = -math.pi / 2 + index * math.pi / 5
                tips.append((x + z / 2 + radius * math.cos(angle), y + z / 2 + radius * math.sin(angle)))
            draw.polygon(tips, ink)
        elif mark.kind == "circles":
            for dx, dy in ((0.0, 0.3), (0.3, 0.0), (0.42, 0.42)):
                draw.ellipse((x + z * dx, y + z * dy, x + z * (dx + 0.5), y + z * (dy + 0.5)), None, ink, w * 2)
        elif mark.kind == "cross":
            draw.rectangle((x + z * 0.35, y, x + z * 0.65, y + z), ink)
            draw.rectangle((x, y + z * 0.35, x + z, y + z * 0.65), ink)
        else:
            for index in range(4):
                left = x + z * 0.27 * index
                draw.rectangle((left, y + z * 0.2 * (3 - index), left + z * 0.17, y + z), ink)

    def rubber(self, mark: Rubber) -> None:
        s, pad = self.scale, 10.0
        size = (round((mark.width + 2 * pad) * s), round((mark.height + 2 * pad) * s))
        tile = Image.new(self.canvas.mode, size, "white")
        ink = _tone(_STAMP_INKS[mark.ink], self.colour)
        own = _Pencil(tile, round(s * 72), ink, None)
        for run in mark.runs:
            own.run(run, dx=mark.x - pad, dy=mark.y - pad)
        box = (pad * s, pad * s, (pad + mark.width) * s, (pad + mark.height) * s)
        weight = max(2, round(1.0 * s))
        if mark.frame in ("box", "double"):
            own.draw.rectangle(box, None, ink, weight)
        if mark.frame == "double":
            inset = 2.6 * s
            own.draw.rectangle((box[0] + inset, box[1] + inset, box[2] - inset, box[3] - inset), None, ink, weight // 2)
        if mark.tilt:
            tile = tile.rotate(mark.tilt, Image.Resampling.BILINEAR, expand=True, fillcolor="white")
        left = round((mark.x + mark.width / 2) * s - tile.width / 2)
        top = round((mark.y + mark.height / 2) * s - tile.height / 2)
        area = (left, top, left + tile.width, top + tile.height)
        self.canvas.paste(ImageChops.darker(self.canvas.crop(area), tile), area)


def canvas_size(dpi: int) -> tuple[int, int]:
    """Width and height of an A4 page in pixels."""
    return round(PAGE_WIDTH * dpi / 72), round(PAGE_HEIGHT * dpi / 72)


def draw_page(page: PageMarks, dpi: int, *, ink: int = 25, colour: bool = False, typed: str = "") -> Pixels:
    """The page as pixels, gray or RGB. ``typed`` seeds the unevenness of a typewriter; empty means printed."""
    canvas = Image.new("RGB" if colour else "L", canvas_size(dpi), "white")
    pencil = _Pencil(canvas, dpi, _tone((ink, ink, ink), colour), Random(f"typed/{typed}") if typed else None)
    for mark in page.marks:
        match mark:
            case Run():
                pencil.run(mark)
            case Stroke():
                pencil.stroke(mark)
            case Cells():
                pencil.cells(mark)
            case Tick():
                pencil.tick(mark)
            case Scrawl():
                pencil.scrawl(mark)
            case Device():
                pencil.device(mark)
            case Rubber():
                pencil.rubber(mark)
    return np.asarray(canvas)
