"""From planned sheets to a file's bytes, in the formats that scanners and offices make."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from faldone.demo import fonts
from faldone.demo.damage import Damage, scan
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
from faldone.demo.render import Pixels, draw_page, scrawl_points

Format: TypeAlias = Literal[
    "tiff-g4", "tiff-lzw", "tiff-jpeg", "pdf-jpeg", "pdf-g4", "pdf-text", "pdf-mixed", "jpg", "png"
]
BILEVEL: tuple[Format, ...] = ("tiff-g4", "pdf-g4")
SUFFIX: dict[Format, str] = {
    "tiff-g4": ".tif", "tiff-lzw": ".tif", "tiff-jpeg": ".tiff", "pdf-jpeg": ".pdf", "pdf-g4": ".pdf",
    "pdf-text": ".pdf", "pdf-mixed": ".pdf", "jpg": ".jpg", "png": ".png",
}  # fmt: skip
_DASHES: dict[str, list[float]] = {"solid": [], "dots": [0.6, 1.6], "coarse": [1.0, 2.4], "dash": [3.0, 2.0]}
_EPOCH = time.gmtime(946684800)  # a PDF says when it was made: always 2000-01-01, so that bytes repeat


@dataclass(frozen=True, slots=True)
class Sheet:
    """One side of a sheet. ``reverse`` is the index, in its file, of the page on the other side."""

    page: PageMarks
    damage: Damage
    ink: int = 25
    typed: str = ""
    digital: bool = False
    reverse: int | None = None


@dataclass(frozen=True, slots=True)
class FilePlan:
    """All that is needed to make one file; ``path`` is relative to the inbox."""

    path: str
    format: Format
    dpi: int
    quality: int
    colour: bool
    sheets: tuple[Sheet, ...]


def write(plan: FilePlan, inbox: Path, staging: Path) -> str:
    """Makes the file and puts it in its place in one move.

    Returns:
        its SHA-256 in hex.
    """
    data = make(plan)
    target = inbox / plan.path
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = staging / f".{plan.path.replace('/', '_')}"
    temporary.write_bytes(data)
    os.replace(temporary, target)  # noqa: PTH105  # same file system: atomic
    return hashlib.sha256(data).hexdigest()


def make(plan: FilePlan) -> bytes:
    """The file's bytes."""
    if plan.format in ("pdf-text", "pdf-mixed"):
        return _composed_pdf(plan)
    images = [_image(plan, index) for index in range(len(plan.sheets))]
    out = io.BytesIO()
    first, rest = images[0], images[1:]
    match plan.format:
        case "jpg":
            first.save(out, "JPEG", quality=plan.quality, dpi=(plan.dpi, plan.dpi))
        case "png":
            first.save(out, "PNG", compress_level=3, dpi=(plan.dpi, plan.dpi))
        case "pdf-jpeg" | "pdf-g4":
            extra: dict[str, Any] = {"quality": plan.quality} if plan.format == "pdf-jpeg" else {}
            extra |= {"creationDate": _EPOCH, "modDate": _EPOCH, "producer": "faldone demo"}
            first.save(out, "PDF", save_all=True, append_images=rest, resolution=plan.dpi, **extra)
        case _:
            compression = {"tiff-g4": "group4", "tiff-lzw": "tiff_lzw", "tiff-jpeg": "jpeg"}[plan.format]
            options: dict[str, Any] = {"dpi": (plan.dpi, plan.dpi)}
            options |= {"quality": plan.quality} if compression == "jpeg" else {}
            first.save(out, "TIFF", save_all=True, append_images=rest, compression=compression, **options)
    return out.getvalue()


def _clean(plan: FilePlan, sheet: Sheet) -> Pixels:
    return draw_page(sheet.page, plan.dpi, ink=sheet.ink, colour=plan.colour, typed=sheet.typed)


def _image(plan: FilePlan, index: int) -> Image.Image:
    sheet = plan.sheets[index]
    bilevel = plan.format in BILEVEL
    reverse = None
    if sheet.damage.bleed:
        behind = sheet if sheet.reverse is None else plan.sheets[sheet.reverse]
        reverse = _clean(plan, behind)
        if sheet.reverse is None:
            reverse = np.ascontiguousarray(reverse[::-1])  # the unknown other side: its own words, upside down
    pixels = scan(_clean(plan, sheet), sheet.damage, plan.dpi, reverse=reverse, bilevel=bilevel)
    if plan.format in ("tiff-lzw", "png"):
        pixels = np.asarray((pixels & 0xF0) | (pixels >> 4), dtype=np.uint8)  # sixteen greys, as such scanners save
    image = Image.fromarray(pixels)
    return image.convert("1", dither=Image.Dither.NONE) if bilevel else image


# ---- PDF made by programs


@cache
def _pdf_font(family: str, bold: bool, italic: bool) -> str:
    name = f"{family}-{'b' if bold else 'i' if italic else 'r'}"
    pdfmetrics.registerFont(TTFont(name, str(fonts.file_of(family, bold=bold, italic=italic))))
    return name


def _composed_pdf(plan: FilePlan) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1, pageCompression=1)
    canvas.setProducer("faldone demo")
    for index, sheet in enumerate(plan.sheets):
        if sheet.digital:
            _print_page(canvas, sheet.page)
        else:
            image = _image(plan, index)
            data = io.BytesIO()
            image.save(data, "JPEG", quality=plan.quality, dpi=(plan.dpi, plan.dpi))
            data.seek(0)
            width, height = (edge * 72 / plan.dpi for edge in image.size)
            canvas.setPageSize((width, height))
            canvas.drawImage(ImageReader(data), 0, 0, width, height)
        canvas.showPage()
        canvas.setPageSize((PAGE_WIDTH, PAGE_HEIGHT))
    canvas.save()
    return out.getvalue()


def _print_page(canvas: Canvas, page: PageMarks) -> None:
    for mark in page.marks:
        match mark:
            case Run():
                _print_run(canvas, mark)
            case Stroke():
                canvas.setLineWidth(mark.weight)
                dashes = _DASHES[mark.kind]
                canvas.setDash(dashes)
                canvas.line(mark.x0, PAGE_HEIGHT - mark.y0, mark.x1, PAGE_HEIGHT - mark.y1)
                canvas.setDash([])
            case Tick():
                low = PAGE_HEIGHT - mark.y - mark.size
                canvas.rect(mark.x, low, mark.size, mark.size)
                if mark.ticked:
                    canvas.line(mark.x, low, mark.x + mark.size, low + mark.size)
                    canvas.line(mark.x, low + mark.size, mark.x + mark.size, low)
            case Scrawl():
                points = [(x, PAGE_HEIGHT - y) for x, y in scrawl_points(mark)]
                canvas.setLineWidth(0.8)
                canvas.lines([(*one, *two) for one, two in itertools.pairwise(points)])
            case Device():
                half = mark.size / 2
                canvas.circle(mark.x + half, PAGE_HEIGHT - mark.y - half, half * 0.95)
                canvas.circle(mark.x + half, PAGE_HEIGHT - mark.y - half, half * 0.4, fill=1)
            case Rubber():
                if mark.frame != "none":
                    canvas.rect(mark.x, PAGE_HEIGHT - mark.y - mark.height, mark.width, mark.height)
                for run in mark.runs:
                    _print_run(canvas, run)
            case Cells():
                for index in range(mark.count):
                    canvas.rect(
                        mark.x + index * mark.pitch, PAGE_HEIGHT - mark.y - mark.height, mark.pitch, mark.height
                    )


def _print_run(canvas: Canvas, run: Run) -> None:
    """Each word with its space after it, so that a reader of the text layer sees where words end."""
    canvas.setFont(_pdf_font(run.family, run.bold, run.italic), run.size)
    x = run.x
    words = run.text.split(" ")
    for index, word in enumerate(words):
        canvas.drawString(x, PAGE_HEIGHT - run.y, word + (" " if index < len(words) - 1 else ""))
        x += fonts.width(word, run.family, run.size, bold=run.bold, italic=run.italic)
        x += fonts.space(run.family, run.size, bold=run.bold) + run.gap
