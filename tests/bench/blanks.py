"""Blank backs that are found, and pages with something on them that are called blank.

Sheets are made in memory with the demo's printer and its damage, half of the pages fronts and half their blank backs;
a quarter of the fronts have so little on them, or such odd things, that they could be taken for blank. The back of
each printed sheet comes a second time with a short note by hand on it, between the lines that show through or on them,
unless the scan took it away. Every page is decided as by `recognise`, the other side of its sheet beside it, and by
the real engine where it has a say.

python -m tests.bench.blanks [--pages 2000] [--seed 5] [--workers 2] [--save NAME]
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from random import Random

import cv2
import numpy as np
from PIL import Image

from faldone.demo import damage as damages
from faldone.demo import fonts
from faldone.demo.layout import PAGE_HEIGHT, PAGE_WIDTH, Mark, PageMarks, Rubber, Run, Scrawl, Stroke, paginate
from faldone.demo.papers.catalogue import compose, draw_case, draw_kind
from faldone.demo.persons import Population, populate
from faldone.demo.render import Pixels, draw_page
from faldone.ocr import prepare
from faldone.ocr.engine import OcrEngine
from faldone.ocr.image import PageImage
from faldone.ocr.options import OcrOptions
from faldone.ocr.recognise import Look, recognise
from faldone.ocr.tesseract import TesseractEngine

LEVELS: tuple[damages.Level, ...] = ("light", "medium", "hard")
LEVEL_WEIGHTS = (55, 30, 15)  # those of the demo
NOTE_LEVEL_WEIGHTS = (20, 30, 50)  # harder, for there the other side shows through
AT_RISK_SHARE = 0.25


# --- pages with little on them


def _line(rng: Random, text: str, *, size: float, margin: bool = False, family: str = "") -> PageMarks:
    family = family or rng.choice(("sans", "serif", "typewriter", "courier", "narrow"))
    bold = rng.random() < 0.2
    wide = sum(fonts.width(word, family, size, bold=bold) + fonts.space(family, size) for word in text.split())
    if margin:  # in the outermost 3 % of the ends
        x, y = rng.uniform(20, max(21, PAGE_WIDTH - wide - 20)), rng.choice((20.0, PAGE_HEIGHT - 14))
    else:
        x, y = rng.uniform(40, max(41, PAGE_WIDTH - wide - 40)), rng.uniform(60, PAGE_HEIGHT - 40)
    return PageMarks((Run(x, y, text, family, size, bold),))


def continued(rng: Random) -> PageMarks:
    """One short line."""
    words = ("segue", "segue a tergo", "./.", "(continua)", "visto", "copia conforme", "p.c.c.", "omissis", "retro")
    return _line(rng, rng.choice(words), size=rng.choice((8, 10, 12)))


def page_number(rng: Random) -> PageMarks:
    """A number at the foot or the head."""
    number = rng.randrange(2, 99)
    text = rng.choice((f"- {number} -", f"{number}", f"pag. {number}", f"{number}/{number + 3}"))
    size, y = rng.choice((8, 10, 12)), rng.choice((30.0, PAGE_HEIGHT - 30, PAGE_HEIGHT - 15))
    return PageMarks((Run(rng.choice((45.0, PAGE_WIDTH / 2, PAGE_WIDTH - 60)), y, text, "serif", size),))


def margin_text(rng: Random) -> PageMarks:
    """A line in the part of the page that scanners often dirty."""
    return _line(
        rng, rng.choice(("Mod. 12/A - Comune", "pagina annullata", "all. 3", "cod. 4471")), size=8, margin=True
    )


def protocol_label(rng: Random) -> PageMarks:
    """A label of the registry in a corner."""
    x, y = rng.choice((24.0, PAGE_WIDTH - 150)), rng.choice((28.0, PAGE_HEIGHT - 50))
    number = rng.randrange(100, 30000)
    runs = (Run(x, y, f"Prot. n. {number}", "narrow", 9), Run(x, y + 11, "del 12/03/1998", "narrow", 9))
    return PageMarks(runs[: rng.choice((1, 2))])


def stamp(rng: Random) -> PageMarks:
    """A rubber stamp."""
    x, y = rng.uniform(60, 380), rng.uniform(60, 700)
    words = rng.choice(
        (("RICEVUTO", "12 MAR. 1998"), ("ANNULLATO",), ("COMUNE DI ROVETO", "Servizi sociali", "ARRIVO"))
    )
    runs = tuple(Run(x + 8, y + 16 + 14 * row, text, "sans", 11, True) for row, text in enumerate(words))
    ink = rng.choice(("black", "blue", "red", "violet"))
    frame = rng.choice(("box", "double", "none"))
    return PageMarks((Rubber(x, y, 120, 10 + 14 * len(words), runs, frame, rng.uniform(-12, 12), ink),))


def signature(rng: Random) -> PageMarks:
    """A signature."""
    wide = rng.uniform(60, 140)
    return PageMarks((Scrawl(rng.uniform(80, 380), rng.uniform(80, 720), wide, wide * 0.25, str(rng.random())),))


def handwriting(rng: Random) -> PageMarks:
    """A note by hand: words in a running hand."""
    marks: list[Mark] = []
    x, y = rng.uniform(60, 200), rng.uniform(80, 600)
    for row in range(rng.randrange(1, 8)):
        at = x
        while at < x + 200:
            wide = rng.uniform(14, 40)
            marks.append(Scrawl(at, y + 20 * row, wide, rng.uniform(5, 9), str(rng.random())))
            at += wide + 12
    return PageMarks(tuple(marks))


def large_letters(rng: Random) -> PageMarks:
    """A word so large that its letters are no letters to a look for print."""
    text, size = rng.choice(
        (("URGENTE", 72), ("URGENTE", 110), ("RISERVATO", 72), ("A", 400), ("1998", 160), ("N", 96))
    )
    family = rng.choice(("sans", "serif", "narrow"))
    wide = fonts.width(text, family, size)
    at = max(20.0, (PAGE_WIDTH - wide) / 2)
    return PageMarks((Run(at, rng.uniform(330, 700), text, family, size, rng.random() < 0.5),))


def drawing(rng: Random) -> PageMarks:
    """Straight lines: a plan, a family tree, a page crossed out."""
    marks: list[Mark] = []
    for _ in range(rng.randrange(1, 9)):
        x, y = rng.uniform(80, 300), rng.uniform(100, 500)
        dx, dy = rng.choice(((200, 0), (0, 200), (120, 150)))
        marks.append(Stroke(x, y, x + dx, y + dy, rng.choice((0.7, 1.2))))
    return PageMarks(tuple(marks))


PRINTED: dict[str, Callable[[Random], PageMarks]] = {
    made.__name__: made
    for made in (
        continued, page_number, margin_text, protocol_label, stamp, signature, handwriting, large_letters, drawing,
    )
}  # fmt: skip


def pencil(rng: Random, dpi: int, *, bilevel: bool = False) -> Pixels:
    """A pale but sharp line or two: a pencil, a worn ribbon; in black and white darker, or nothing were left of it."""
    page = rng.choice((continued, handwriting, signature, protocol_label))(rng)
    pixels = draw_page(page, dpi, ink=25)
    lightest = rng.randrange(90, 150) if bilevel else rng.randrange(140, 186)
    return np.asarray(255 - (255 - pixels.astype(np.uint16)) * (255 - lightest) // 230, dtype=np.uint8)


def photograph(rng: Random, dpi: int) -> Pixels:
    """A picture of soft greys on the page."""
    pixels = draw_page(PageMarks(), dpi).copy()
    height, width = round(rng.uniform(2, 5) * dpi), round(rng.uniform(2, 5) * dpi)
    coarse = np.array([[rng.uniform(20, 240) for _ in range(9)] for _ in range(9)], np.float32)
    picture = np.clip(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), 0, 255)
    top, left = rng.randrange(dpi // 2, pixels.shape[0] - height), rng.randrange(dpi // 2, pixels.shape[1] - width)
    pixels[top : top + height, left : left + width] = picture.astype(np.uint8)
    return pixels


def white_on_dark(rng: Random, dpi: int) -> Pixels:
    """Print in white on a dark sheet, or on a dark band."""
    text = _line(rng, "SERVIZIO SOCIALE PROFESSIONALE", size=rng.choice((11, 16, 24)))
    pixels = 255 - draw_page(text, dpi, ink=0)
    if rng.random() < 0.5:
        (run,) = text.marks
        assert isinstance(run, Run)
        band = np.full_like(pixels, 255)
        rows = slice(round((run.y - 2 * run.size) * dpi / 72), round((run.y + run.size) * dpi / 72))
        band[max(0, rows.start) : rows.stop] = pixels[max(0, rows.start) : rows.stop]
        pixels = band
    return np.asarray(np.maximum(pixels, 40), np.uint8)


def receipt(rng: Random, dpi: int) -> Pixels:
    """A slip with a few lines, alone in the picture."""
    page = PageMarks(
        tuple(Run(12, 24 + 14 * row, text, "mono", 8) for row, text in enumerate(("FARMACIA", "EURO 12,40", "GRAZIE")))
    )
    return np.ascontiguousarray(draw_page(page, dpi)[: round(dpi * rng.uniform(0.9, 2)), : round(1.6 * dpi)])


def coarse(rng: Random, _dpi: int) -> Pixels:
    """A line at the resolution of a fax."""
    return draw_page(continued(rng) if rng.random() < 0.5 else stamp(rng), rng.choice((72, 100)))


DRAWN: dict[str, Callable[[Random, int], Pixels]] = {
    made.__name__: made for made in (pencil, photograph, white_on_dark, receipt, coarse)
}
GREY_ONLY = ("coarse",)


# --- notes on the backs of printed pages

_SEEN_BILEVEL, _SEEN, _SEEN_IN_NOISE = 60.0, 40.0, 4.0
"""How many levels darker a note makes the scan for each pixel of its strokes, for a person to see that it is there: in
black and white, in greys, and in greys as a multiple of the noise."""

NOTES = (
    "visto",
    "evaso",
    "ok",
    "no!",
    "v. retro",
    "M.R.",
    "dott. B.",
    "12/3/98",
    "7.11",
    "0373 84512",
    "prot. 4471",
    "n. 8",
)
PLACES = ("on", "on", "between", "beside")


def note(rng: Random, behind: Pixels, dpi: int, *, bilevel: bool) -> tuple[str, Pixels]:
    """A back with a short note by hand, and how: on the lines of what shows through, between them, or elsewhere.

    Args:
        rng: what decides.
        behind: the other side of the sheet.
        dpi: resolution of both.
        bilevel: whether the scan will be black and white, which loses what is pale.
    """
    tool, place = rng.choice(("pencil", "pencil", "pen")), rng.choice(PLACES)
    word = _by_hand(rng, dpi)
    tall, wide = word.shape
    ink = cv2.flip(behind, 1) < 128
    full = ink.sum(axis=1) > 0.01 * ink.shape[1]
    rows = np.flatnonzero(full[:-1] & ~full[1:] if place == "on" else ~full[:-1] & full[1:])  # feet, or heads, of lines
    rows = rows[(rows > dpi) & (rows < len(full) - dpi)]
    if place == "beside" or not len(rows):
        y = rng.randrange(dpi // 2, len(full) - tall - dpi // 2)
        x = rng.randrange(dpi // 2, ink.shape[1] - wide - dpi // 2)
    else:
        row = int(rng.choice(rows.tolist()))
        y = row - round(0.75 * tall) if place == "on" else row - round(0.04 * dpi) - tall // 2
        columns = np.flatnonzero(ink[max(0, row - dpi // 10) : row + dpi // 10].any(axis=0))
        x = min(max(0, int(rng.choice(columns.tolist())) - wide // 2), ink.shape[1] - wide)
    tone = rng.randrange(20, 90) if tool == "pen" else rng.randrange(90, 150) if bilevel else rng.randrange(140, 186)
    page = np.full_like(behind, 255)
    page[y : y + tall, x : x + wide] = 255 - word.astype(np.uint16) * (255 - tone) // 255
    return f"{tool} {place}", page


def _by_hand(rng: Random, dpi: int) -> Pixels:
    """A word or initials, 255 where their strokes are: letters of 2 to 4 mm, in lines a twelfth as thick, aslant."""
    if rng.random() < 0.2:
        wide = rng.uniform(20, 50)
        canvas = 255 - draw_page(PageMarks((Scrawl(200, 300, wide, wide * 0.4, str(rng.random())),)), dpi, ink=0)
    else:
        size = round(rng.uniform(2, 4) / 25.4 * dpi / 0.78)
        canvas = np.zeros((6 * size, 12 * size), np.uint8)
        face = cv2.FontFace(rng.choice(("sans", "italic")))
        cv2.putText(canvas, rng.choice(NOTES), (2 * size, 3 * size), 255, face, size, 300)
        middle = (4 * size, 3 * size)
        turned = cv2.warpAffine(canvas, cv2.getRotationMatrix2D(middle, rng.gauss(0, 4), 1), canvas.shape[::-1])
        canvas = np.asarray(turned, np.uint8)
    x, y, wide, tall = cv2.boundingRect(canvas)
    return np.ascontiguousarray(canvas[y : y + tall, x : x + wide])


# --- sheets


@dataclass(frozen=True, slots=True)
class Page:
    """A made page; seed and ``name`` make it again."""

    name: str
    kind: str
    level: str
    bilevel: bool
    image: PageImage


@cache
def _population(seed: int) -> Population:
    return populate(60, seed)


def _paper(rng: Random, seed: int) -> PageMarks:
    case = draw_case(rng, _population(seed))
    paper = compose(case, draw_kind(rng, case.service, Counter()))
    return rng.choice(paginate(paper.blocks, paper.style, running=paper.running))


def sheet(seed: int, number: int) -> Iterator[Page]:
    """Front and back of a sheet, and the back of a printed one with a note on it; the number alone decides on all.

    Their names end in f, b and n; in x that of a front of which the scan left nothing to be seen.
    """
    rng = Random(f"blanks/{seed}/{number}")
    kind = rng.choice((*PRINTED, *DRAWN)) if rng.random() < AT_RISK_SHARE else "paper"
    bilevel = kind not in GREY_ONLY and rng.random() < 0.48
    dpi = rng.choices((300, 200, 150), (60, 25, 0 if bilevel else 15))[0]
    level = rng.choices(LEVELS, LEVEL_WEIGHTS)[0]
    turn = rng.choice((90, 270, 180)) if rng.random() < 0.1 else 0
    holes = rng.choice((0, 0, 2, 2, 4)) if kind != "receipt" else 0  # they would take its words away
    if kind == "pencil":
        front = pencil(rng, dpi, bilevel=bilevel)
    elif kind in DRAWN:
        front = DRAWN[kind](rng, dpi)
    else:
        marks = PRINTED[kind](rng) if kind in PRINTED else _paper(rng, seed)
        front = draw_page(marks, dpi, ink=rng.randrange(12, 60), typed=str(number) if rng.random() < 0.3 else "")
    fitted = damages.for_bilevel if bilevel else damages.for_grey
    for side in ("f", "b"):
        bleeding = rng.random() < 0.6
        plan = fitted(damages.plan(rng, level, turn=turn, holes=holes, bleed=bleeding))
        page = behind = front
        if side == "b":
            plan = replace(plan, bleed=plan.bleed if bleeding else 0.0)
            page = draw_page(PageMarks(), dpi) if kind == "coarse" else np.full_like(front, 255)
        elif kind in PRINTED or kind == "paper":
            behind = draw_page(_paper(rng, seed), dpi)
        if kind == "pencil":
            plan = replace(plan, faint=0.0)  # it is pale as it is
        if behind.shape != page.shape:
            behind = np.full_like(page, 255)
        page_dpi = dpi if kind != "coarse" or side == "b" else round(page.shape[1] * 72 / PAGE_WIDTH)
        scanned = damages.scan(page, plan, page_dpi, reverse=behind, bilevel=bilevel)
        if not bilevel:
            scanned = _saved(rng, scanned, level)
        shown = "back" if side == "b" else kind
        if shown == "pencil" and bilevel and not _is_left(page, plan, behind, scanned, page_dpi, bilevel=True):
            side = "x"  # of a pencil that black and white took away nobody can say that it was lost
        yield Page(f"{number}{side}", shown, level, bilevel, PageImage.of(scanned, page_dpi))
    if kind == "paper":
        rng = Random(f"notes/{seed}/{number}")
        shown, page = note(rng, front, dpi, bilevel=bilevel)
        level = rng.choices(LEVELS, NOTE_LEVEL_WEIGHTS)[0]
        plan = replace(fitted(damages.plan(rng, level, turn=turn, holes=holes, bleed=True)), faint=0.0)
        if bilevel:  # or next to nothing would show through
            plan = replace(plan, bleed=max(plan.bleed, rng.uniform(0.2, 0.42)))
        scanned = damages.scan(page, plan, dpi, reverse=front, bilevel=bilevel)
        if _is_left(page, plan, front, scanned, dpi, bilevel=bilevel):
            if not bilevel:
                scanned = _saved(rng, scanned, level)
            yield Page(f"{number}n", shown, level, bilevel, PageImage.of(scanned, dpi))


def _is_left(page: Pixels, plan: damages.Damage, behind: Pixels, scanned: Pixels, dpi: int, *, bilevel: bool) -> bool:
    """Whether the scan left enough of what is on the page for somebody to see it."""
    without = damages.scan(np.full_like(page, 255), plan, dpi, reverse=behind, bilevel=bilevel)
    strokes = float((255.0 - page).sum()) / (255.0 - float(page.min()))
    seen = float(cv2.subtract(without, scanned).sum()) / strokes
    return seen >= (_SEEN_BILEVEL if bilevel else max(_SEEN, _SEEN_IN_NOISE * plan.noise))


def _saved(rng: Random, pixels: Pixels, level: str) -> Pixels:
    """As a file of greys gives it back: JPEG, or sixteen greys."""
    how = rng.random()
    if how < 0.15:
        return np.asarray((pixels & 0xF0) | (pixels >> 4), dtype=np.uint8)
    quality = {"light": rng.randrange(72, 90), "medium": rng.randrange(48, 72)}.get(level, rng.randrange(28, 50))
    _, data = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


# --- decisions


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a page; ``at_look`` when no engine was asked, ``compared`` when its other side was."""

    name: str
    kind: str
    level: str
    how: str
    blank: bool
    at_look: bool
    compared: bool
    look_ms: float


def decide(page: Page, other: Page, engine: OcrEngine) -> Decision:
    """What `recognise` makes of the page, the other side of its sheet being beside it in the file.

    Of a sparse page the look alone decides whether it is blank, and no page with marks is ever called so: the engine
    is asked only of dense pages without marks, which are blank where it reads nothing but noise.
    """
    asked: list[Page] = []

    def beside() -> list[tuple[str, PageImage]]:
        asked.append(other)
        return [("other side", other.image)]

    started = time.process_time()
    look = Look.at(page.image, beside)
    sparse = look.found.sparse
    blank = sparse and look.bare() is not None
    look_ms = 1000 * (time.process_time() - started)
    compared = bool(asked)
    if not sparse and look.bare() is not None:
        (text,) = recognise([page.image], engine, OcrOptions(), [look.beside])
        blank = text.blank
    how = f"{page.image.dpi} dpi {'bilevel' if page.bilevel else 'grey'}"
    return Decision(page.name, page.kind, page.level, how, blank, sparse, compared, look_ms)


def decisions(seed: int, number: int) -> list[Decision]:
    """Of the sides of a sheet."""
    front, *backs = sheet(seed, number)
    engine = TesseractEngine()
    return [decide(front, backs[0], engine), *(decide(back, front, engine) for back in backs)]


def measure(pages: int, seed: int, workers: int) -> list[Decision]:
    """Makes and decides so many pages."""
    numbers = range(pages // 2)
    if workers <= 1:
        return [one for number in numbers for one in decisions(seed, number)]
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawned, initializer=prepare.stay_in_one_thread) as pool:
        return [one for both in pool.map(partial(decisions, seed), numbers, chunksize=10) for one in both]


def report(made: Sequence[Decision]) -> None:
    """Prints what was found, and by name what went wrong."""
    backs = [one for one in made if one.kind == "back"]
    notes = [one for one in made if one.name.endswith("n")]
    fronts = [one for one in made if one.name.endswith("f")]
    found = [one for one in backs if one.blank]
    print(f"blank backs found {len(found)}/{len(backs)} ({len(found) / len(backs):.2%}; asked: at least 99.5%)")
    for level in LEVELS:
        some = [one for one in backs if one.level == level]
        print(f"  {level:6s} {sum(one.blank for one in some)}/{len(some)}")
    looked = sum(one.at_look for one in found)
    print(f"  at the look {looked}, after the engine {len(found) - looked}")
    lost = [one for one in notes + fronts if one.blank]
    unseen = sum(one in notes for one in lost)
    print(f"notes on backs of print called blank {unseen}/{len(notes)} (asked: 0)")
    print("  " + ", ".join(f"{kind} {count}" for kind, count in sorted(Counter(one.kind for one in notes).items())))
    kinds = Counter(one.kind for one in fronts)
    at_risk = len(fronts) - kinds["paper"]
    print(f"fronts called blank {len(lost) - unseen}/{len(fronts)} (asked: 0); {at_risk} of these at risk")
    print("  " + ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())))
    for what, compared in (("alone", False), ("compared with the other side", True)):
        times = sorted(one.look_ms for one in made if one.compared is compared)
        if times:
            print(
                f"look {what}, CPU: mean {statistics.mean(times):.0f} ms, median {statistics.median(times):.0f} ms,"
                f" 95 % {times[len(times) * 95 // 100]:.0f} ms a page, {len(times)} pages"
            )
    for one in lost + [one for one in backs if not one.blank]:
        print(f"  {one.name} {one.kind} {one.level} {one.how}: called {'blank' if one.blank else 'marked'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--save", metavar="NAME", help="write this one page as a PNG, such as 28b, and stop")
    args = parser.parse_args()
    if args.save:
        for page in sheet(args.seed, int(args.save[:-1])):
            if page.name == args.save:
                Image.fromarray(page.image.pixels).save(f"{args.save}.png", dpi=(page.image.dpi, page.image.dpi))
        return
    report(measure(args.pages, args.seed, args.workers))


if __name__ == "__main__":
    main()
