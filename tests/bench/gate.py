"""What the quality gate says of ordinary pages, and how much it finds of damage done on purpose.

The ordinary pages are a box of made-up dossiers as `faldone demo` makes it (their damage is readable: red is wrong).
Each worse damage is done to some of the light and medium ones.

    python -m tests.bench.gate [--pages 300] [--seed 3] [--show]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from faldone.demo.generate import generate
from faldone.domain.verdict import Flaw, PageMeasures, Verdict, findings, judge
from faldone.ingest.inspect import Limits, inspect
from faldone.ocr.gate import is_bilevel, measure, reduced
from faldone.ocr.image import Gray
from faldone.ocr.prepare import statistics as look_at
from faldone.ocr.source import open_source

EACH = 60
Draw = np.random.Generator


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """A scanned page of the box."""

    name: str
    level: str
    blank: bool
    pixels: Gray
    dpi: int


def scans(box: Path) -> list[Scan]:
    """Every scanned page of the box."""
    found = []
    for line in (box / "verita.jsonl").read_text().splitlines():
        file = json.loads(line)
        path = box / "inbox" / file["file"]
        if not file["pages"]:
            continue
        with open_source(path, inspect(path, Limits()).media_type) as source:
            for page in file["pages"]:
                if page["source"] == "ocr":
                    image = source.image(page["index"])
                    name = f"{file['file']} p. {page['index'] + 1}"
                    found.append(Scan(name, page["damage"]["level"], page["blank"], image.pixels, image.dpi))
    return found


# --- damage done on purpose --------------------------------------------------------------------------------------


def blurred(page: Gray, dpi: int, draw: Draw) -> Gray:
    return np.asarray(cv2.GaussianBlur(page, (0, 0), draw.uniform(2, 5) * dpi / 300), np.uint8)


def moved(page: Gray, dpi: int, draw: Draw) -> Gray:
    """The sheet moved along the feed while it was scanned."""
    length = round(draw.uniform(8, 16) * dpi / 300)
    return np.asarray(cv2.blur(page, (1, length)), np.uint8)


def skewed(page: Gray, dpi: int, draw: Draw) -> Gray:
    height, width = page.shape
    angle = draw.choice((-1, 1)) * draw.uniform(8, 20)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 0.85)
    border = int(draw.choice((15, 250)))
    return np.asarray(cv2.warpAffine(page, matrix, (width, height), borderValue=border), np.uint8)


def toned(page: Gray, gain: float, lift: float, draw: Draw) -> Gray:
    noise = draw.normal(0, 2.5, page.shape).astype(np.float32)
    return np.clip(page * np.float32(gain) + np.float32(lift) + noise, 0, 255).astype(np.uint8)


def dark(page: Gray, dpi: int, draw: Draw) -> Gray:
    return toned(page, draw.uniform(0.12, 0.35), 0, draw)


def faint(page: Gray, dpi: int, draw: Draw) -> Gray:
    gain = draw.uniform(0.1, 0.25)
    return toned(page, gain, 245 - 255 * gain, draw)


def coarse(page: Gray, dpi: int, draw: Draw) -> tuple[Gray, int]:
    to = int(draw.integers(72, 101))
    height, width = page.shape
    size = (round(width * to / dpi), round(height * to / dpi))
    return np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), np.uint8), to


def cut(page: Gray, dpi: int, draw: Draw) -> Gray:
    """One edge is cut in so far that a twelfth to a third of the text is lost: through letters, not between lines."""
    margin = round(0.25 * dpi)
    ink = page[margin:-margin, margin:-margin] < 100
    side, share = int(draw.integers(4)), draw.uniform(1 / 12, 1 / 3)
    strokes = np.count_nonzero(np.diff(ink, axis=1 if side < 2 else 0), axis=1 if side < 2 else 0) / 2
    inked = np.flatnonzero(strokes >= min(15, 0.5 * strokes.max())) + margin
    if side % 2:
        inked = inked[::-1]
    at = int(inked[round(share * (len(inked) - 1))])
    return np.ascontiguousarray((page[at:], page[:at], page[:, at:], page[:, :at])[side])


def two_sheets(page: Gray, dpi: int, draw: Draw) -> Gray:
    """The sheet lies over another that it does not cover; the scanner stops after the length of one."""
    seam, slope = round(draw.uniform(0.3, 0.85) * len(page)), draw.uniform(-0.01, 0.01)
    both = np.vstack([page[len(page) - seam :], page[seam:]])
    shadow, depth = np.uint8(draw.uniform(25, 90)), max(2, round(draw.uniform(2, 5) * dpi / 300))
    for column in range(both.shape[1]):
        y = round(seam + slope * (column - both.shape[1] / 2))
        edge = both[y : y + depth, column]
        edge -= np.minimum(edge, shadow)
    return both


def overlong(page: Gray, dpi: int, draw: Draw) -> Gray:
    return np.vstack([page, page[: round(draw.uniform(0.3, 0.9) * len(page))]])


DAMAGES: dict[str, tuple[Flaw, Callable[[Gray, int, Draw], Gray | tuple[Gray, int]]]] = {
    "blurred": (Flaw.BLURRED, blurred),
    "moved": (Flaw.BLURRED, moved),
    "skewed": (Flaw.SKEWED, skewed),
    "dark": (Flaw.DARK, dark),
    "faint": (Flaw.FAINT, faint),
    "coarse": (Flaw.LOW_RESOLUTION, coarse),
    "cut": (Flaw.CUT_EDGE, cut),
    "two sheets": (Flaw.DOUBLE_FEED, two_sheets),
    "over-long": (Flaw.DOUBLE_FEED, overlong),
}


# --- measuring ---------------------------------------------------------------------------------------------------


def looked_at(pixels: Gray, dpi: int) -> tuple[PageMeasures, float]:
    """The measures and the seconds of a core they took; reducing belongs to reading the file and is not counted."""
    small, small_dpi = reduced(pixels, dpi)
    bilevel = is_bilevel(pixels)
    started = time.process_time()
    page = measure(small, small_dpi, look_at(small, small_dpi), scan_dpi=dpi, declared=True, bilevel=bilevel)
    return page, time.process_time() - started


def share(count: int, of: int) -> str:
    return f"{count:4d} {count / max(1, of):6.1%}"


def ordinary(pages: list[Scan], *, show: bool) -> Counter[Flaw]:
    """Prints the verdicts on the box as it is; gives the flaws that turned a page amber or red."""
    verdicts: Counter[tuple[str, Verdict]] = Counter()
    false: Counter[Flaw] = Counter()
    seconds = []
    for scan in pages:
        page, took = looked_at(scan.pixels, scan.dpi)
        seconds.append(took)
        verdict, _ = judge(page)
        verdicts["blank" if scan.blank else scan.level, verdict] += 1
        wrong = [found.flaw for found in findings(page) if found.severity]
        false.update(wrong)
        if show and wrong:
            print(f"{scan.name} ({'blank' if scan.blank else scan.level}) {verdict}: {', '.join(wrong)}; {page}")
    print(f"{'level':8s} {'pages':>5s} {'green':>11s} {'amber':>11s} {'red':>11s}")
    for level in ("light", "medium", "hard", "blank"):
        counts = [verdicts[level, verdict] for verdict in Verdict]
        print(f"{level:8s} {sum(counts):5d} {' '.join(share(count, sum(counts)) for count in counts)}")
    late = statistics.quantiles(seconds, n=20)[-1]
    print(f"ms of a core a page: median {statistics.median(seconds) * 1000:.0f}, 95 % within {late * 1000:.0f}\n")
    return false


def damaged(pages: list[Scan], false: Counter[Flaw], total: int, seed: int, *, show: bool) -> None:
    """Prints what is found of each damage on :data:`EACH` printed pages."""
    printed = [scan for scan in pages if not scan.blank and scan.level in ("light", "medium")]
    step = max(1, len(printed) // EACH)
    print(f"{'damage':10s} {'flaw':14s} {'found':>11s} {'made':>4s} {'red':>11s} {'false on ordinary':>18s}")
    for number, (name, (flaw, spoil)) in enumerate(DAMAGES.items()):
        draw = np.random.default_rng((seed, number))
        found = red = made = 0
        for scan in printed[::step][:EACH]:
            spoilt = spoil(scan.pixels, scan.dpi, draw)
            pixels, dpi = spoilt if isinstance(spoilt, tuple) else (spoilt, scan.dpi)
            page, _ = looked_at(pixels, dpi)
            verdict, flaws = judge(page)
            made, found, red = made + 1, found + (flaw in flaws), red + (verdict is Verdict.BAD)
            if show and flaw not in flaws:
                print(f"{scan.name} {name} missed: {page}")
        print(
            f"{name:10s} {flaw:14s} {share(found, made)} {made:4d} {share(red, made)} {share(false[flaw], total):>18s}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--show", action="store_true", help="print the measures of every page judged wrongly")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder), pages=args.pages, seed=args.seed, workers=1)
        pages = scans(Path(folder))
    false = ordinary(pages, show=args.show)
    damaged(pages, false, len(pages), args.seed, show=args.show)


if __name__ == "__main__":
    main()
