"""How surely printed sheets are read back from bad scans, and how quietly ordinary pages pass.

python -m tests.bench.sheets [--sheets 5000] [--pages 5000] [--seed 1] [--workers 2] [--show] [--save DIRECTORY]
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import math
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pypdfium2
import zxingcpp

from faldone.demo import damage as damages
from faldone.demo.layout import paginate
from faldone.demo.papers.catalogue import compose, draw_case, draw_kind
from faldone.demo.persons import populate
from faldone.demo.render import draw_page
from faldone.domain.ids import PersonId
from faldone.domain.sheet import Sheet, SheetKind, make_sheets
from faldone.sheets.code import QR_MM, SMALL_QR_MM, Witness
from faldone.sheets.print import LINE_HEIGHT_MM, SheetLabel, print_sheets
from faldone.sheets.reader import PageCodes, read_codes

PATCHES = frozenset({"PATCH-T", "PATCHT"})
SERVICES = ("TUM", "SAD", "SAAP", "ADM")
LOT = 25
CODES_MM = ((116.0, 34.0, QR_MM, QR_MM), (22.0, 150.0, SMALL_QR_MM, SMALL_QR_MM), (31.0, 216.0, 148.0, LINE_HEIGHT_MM))
"""Where a sheet's codes stand: left, top, width, height."""
READ_AT_DPI = 220
"""Finer scans are reduced before the codes are read, as the archive does."""


@dataclass(frozen=True, slots=True)
class Scan:
    """Pixels as the reader gets them, and what was done to them."""

    pixels: np.ndarray
    dpi: int
    story: str


# --- sheets that went through an office --------------------------------------------------------------------------


def printed(rng: Random) -> Sheet:
    if rng.random() < 0.6:
        dossier = (PersonId(f"u-{rng.getrandbits(48):012x}"), rng.choice(SERVICES))
        return make_sheets(SheetKind.COVER, [dossier], draw=rng.randrange)[0]
    return make_sheets(SheetKind.SEPARATOR, [(None, None)], draw=rng.randrange)[0]


def rendered(sheet: Sheet, dpi: int) -> np.ndarray:
    out = io.BytesIO()
    label = SheetLabel("DE MARCHI ANNA MARIA", dt.date(1987, 3, 4), "Tutela minori", "Ufficio di piano")
    print_sheets([sheet], [label if sheet.kind is SheetKind.COVER else SheetLabel()], out)
    document = pypdfium2.PdfDocument(out.getvalue())
    page = document[0]
    pixels = np.array(page.render(scale=dpi / 72, grayscale=True).to_numpy())
    page.close()
    document.close()
    return pixels


def _over_a_code(rng: Random, dpi: int) -> tuple[float, float]:
    """A point on one of the three codes, in pixels."""
    left, top, width, height = CODES_MM[int(rng.random() * len(CODES_MM))]
    x, y = left + rng.uniform(0, width), top + rng.uniform(0, height)
    return x * dpi / 25.4, y * dpi / 25.4


def stamp(image: np.ndarray, rng: Random, dpi: int) -> None:
    """An office's round or square stamp, in strokes of dark ink."""
    x, y = (round(value) for value in _over_a_code(rng, dpi))
    unit, ink = dpi / 25.4, rng.randrange(30, 110)
    half, stroke = rng.uniform(10, 20) * unit, max(2, round(rng.uniform(0.4, 1.2) * unit))
    layer = np.full_like(image, 255)
    if rng.random() < 0.5:
        cv2.circle(layer, (x, y), round(half), ink, stroke, cv2.LINE_AA)
        cv2.circle(layer, (x, y), round(half * 0.7), ink, stroke, cv2.LINE_AA)
    else:
        box = cv2.boxPoints(((x, y), (2 * half, half), rng.uniform(-30, 30))).astype(np.int32)
        cv2.polylines(layer, [box], True, ink, stroke, cv2.LINE_AA)
    for word, drop in (("PERVENUTO", -0.1), ("12 MAR 1998", 0.25)):
        at = (round(x - half * 0.7), round(y + half * drop))
        cv2.putText(layer, word, at, cv2.FONT_HERSHEY_SIMPLEX, half / 110, ink, stroke, cv2.LINE_AA)
    np.minimum(image, layer, out=image)


def coffee(image: np.ndarray, rng: Random, dpi: int) -> None:
    x, y = (round(value) for value in _over_a_code(rng, dpi))
    unit = dpi / 25.4
    layer = np.full(image.shape, 255, np.uint8)
    axes = (round(rng.uniform(18, 40) * unit), round(rng.uniform(18, 40) * unit))
    stroke = -1 if rng.random() < 0.4 else round(rng.uniform(2, 6) * unit)
    cv2.ellipse(layer, (x, y), axes, rng.uniform(0, 180), 0, 360, rng.randrange(110, 210), stroke)
    layer = cv2.GaussianBlur(layer, (0, 0), 0.8 * unit)
    cv2.multiply(image, layer, dst=image, scale=1 / 255)


def torn(image: np.ndarray, rng: Random, dpi: int) -> None:
    """A note or a torn-out piece that hides most of one code."""
    x, y = _over_a_code(rng, dpi)
    size = rng.uniform(20, 70) * dpi / 25.4, rng.uniform(20, 50) * dpi / 25.4
    box = cv2.boxPoints(((x, y), size, rng.uniform(0, 90))).astype(np.int32)
    cv2.fillPoly(image, [box], rng.choice((255, 235, 60, 10)))


def folds(image: np.ndarray, rng: Random, dpi: int) -> None:
    height, width = image.shape
    unit = dpi / 25.4
    for _ in range(rng.randrange(1, 4)):
        share, tilt = rng.choice((0.5, 1 / 3, 2 / 3, rng.uniform(0.05, 0.95))), rng.uniform(-4, 4) * unit
        stroke = max(1, round(rng.uniform(0.2, 1.3) * unit))
        tone = rng.choice((255, 225, 120, 60))
        if rng.random() < 0.75:
            ends = (0, round(share * height - tilt)), (width, round(share * height + tilt))
        else:
            ends = (round(share * width - tilt), 0), (round(share * width + tilt), height)
        cv2.line(image, *ends, tone, stroke, cv2.LINE_AA)


def toner(image: np.ndarray, rng: Random, dpi: int) -> None:
    """Toner that runs out: pale in bands along the paper's way, or grainy."""
    height, width = image.shape
    weak = rng.uniform(0.25, 0.7)
    if rng.random() < 0.5:
        columns = np.full(width, 1 - weak * 0.6)
        for _ in range(rng.randrange(1, 4)):
            centre, reach = rng.uniform(0, width), rng.uniform(2, 8) * dpi / 25.4
            columns -= 0.25 * np.exp(-(((np.arange(width) - centre) / reach) ** 2))
        strength = np.clip(columns, 0.45, 1)[None, :]
    else:
        dice = np.random.Generator(np.random.PCG64(rng.getrandbits(32)))
        grain = cv2.GaussianBlur(dice.random((height, width), dtype=np.float32), (0, 0), 0.12 * dpi / 25.4)
        strength = np.where(grain > 0.5 + rng.uniform(0.05, 0.12), 0.25, 1 - weak * 0.5)
    image[:] = (255 - (255 - image) * strength).astype(np.uint8)


MISHAPS = (stamp, coffee, torn, folds, toner)


def shifted(image: np.ndarray, rng: Random, dpi: int) -> np.ndarray:
    """The sheet lay askew, up to 15 degrees, and up to 8 mm off its place: corners are cut off."""
    height, width = image.shape
    steep = math.copysign(rng.uniform(4, 15) if rng.random() < 0.4 else rng.uniform(0, 4), rng.random() - 0.5)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), steep, 1.0)
    matrix[:, 2] += [rng.uniform(-8, 8) * dpi / 25.4, rng.uniform(-8, 8) * dpi / 25.4]
    border = rng.choice((255, 245, 30))
    return cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=border)


def scanned(image: np.ndarray, rng: Random, dpi: int, *, straight: bool = False) -> tuple[np.ndarray, str]:
    """What the scanner makes of a page: the demo's damage, black and white or grey, JPEG or not."""
    level = rng.choices(("light", "medium", "hard"), (45, 30, 25))[0]
    bilevel = rng.random() < 0.35
    fitted = damages.for_bilevel if bilevel else damages.for_grey
    damage = fitted(damages.plan(rng, level, turn=rng.choice((0, 0, 90, 180, 270)), holes=rng.choice((0, 0, 2, 4))))
    damage = replace(damage, bleed=0.0, skew=0.0 if straight else damage.skew)
    pixels = damages.scan(image, damage, dpi, bilevel=bilevel)
    quality = 0 if bilevel else rng.choice((0, 30, 45, 75))
    if quality:
        pixels = cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 0)
    told = f"{dpi} dpi {level} turn {damage.turn} {'bilevel' if bilevel else 'grey'} q{quality} {damage.effects}"
    return pixels, told


def as_read(pixels: np.ndarray, dpi: int) -> tuple[np.ndarray, int]:
    if dpi <= READ_AT_DPI:
        return pixels, dpi
    size = (pixels.shape[1] * 150 // dpi, pixels.shape[0] * 150 // dpi)
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), 150


def sheet_scan(number: int, seed: int) -> tuple[Sheet, Scan]:
    rng = Random(f"sheet/{seed}/{number}")
    sheet, dpi = printed(rng), rng.choice((300, 200, 150))
    image = rendered(sheet, dpi)
    done = [mishap for mishap in MISHAPS if mishap in rng.sample(MISHAPS, rng.choice((0, 1, 1, 1, 2)))]
    for mishap in done:
        mishap(image, rng, dpi)
    image = shifted(image, rng, dpi)
    pixels, told = scanned(image, rng, dpi, straight=True)
    pixels, dpi = as_read(pixels, dpi)
    return sheet, Scan(pixels, dpi, f"{number}: {[mishap.__name__ for mishap in done]} {told}")


# --- ordinary pages ----------------------------------------------------------------------------------------------


def foreign(rng: Random, dpi: int) -> np.ndarray:
    """A code as offices, post and banks print them, at 15 to 40 mm."""
    digits = "".join(str(rng.randrange(10)) for _ in range(18))
    formats = zxingcpp.BarcodeFormat
    text, form = rng.choice(
        (
            (f"RSSMRA{digits[:2]}A{digits[2:4]}H{digits[4:7]}X", formats.Code39),
            (f"RA{digits[:9]}IT", formats.Code128),
            (digits, formats.Code128),
            (f"PAGOPA|002|{digits}|00111110190|{digits[:5]}", formats.QRCode),
            (f"https://www.servizi.example/{digits}/attestazione?codice={digits[::-1]}" * 2, formats.QRCode),
            (f"INPS.{digits}.ISEE", formats.DataMatrix),
            (f"F24|{digits}|{digits[::-1]}", formats.PDF417),
            (digits[:12], formats.ITF),
        )
    )
    code = np.array(zxingcpp.create_barcode(text, form).to_image(scale=1, add_quiet_zones=True))
    square = code.shape[0] > code.shape[1] / 2
    width = rng.uniform(18, 45) if square else rng.uniform(45, 80)
    scale = width * dpi / 25.4 / code.shape[1]
    high = code.shape[0] * scale if square else rng.uniform(8, 16) * dpi / 25.4
    return cv2.resize(code, (round(code.shape[1] * scale), round(high)), interpolation=cv2.INTER_NEAREST)


def ordinary_scans(lot: int, count: int, seed: int) -> Iterator[Scan]:
    rng = Random(f"ordinary/{seed}/{lot}")
    population, used, made = populate(40, seed * 1000 + lot), Counter[str](), 0
    while made < count:
        case = draw_case(rng, population)
        kind = "separatore" if rng.random() < 0.03 else draw_kind(rng, case.service, used, long=rng.random() < 0.3)
        written = compose(case, kind)
        used[kind] += 1
        for page in paginate(written.blocks, written.style, running=written.running)[: count - made]:
            made += 1
            dpi = rng.choice((300, 200, 150))
            image = np.array(draw_page(page, dpi, ink=rng.randrange(12, 60)))
            bearing = rng.random() < 0.15
            if bearing:
                code = foreign(rng, dpi)
                y, x = (rng.randrange(room - edge) for room, edge in zip(image.shape, code.shape, strict=True))
                image[y : y + code.shape[0], x : x + code.shape[1]] = code
            if rng.random() < 0.05:
                photograph(image, rng, dpi)
            pixels, told = scanned(image, rng, dpi)
            pixels, dpi = as_read(pixels, dpi)
            yield Scan(pixels, dpi, f"{lot}/{made}: {kind}{' with a code' if bearing else ''} {told}")


def photograph(image: np.ndarray, rng: Random, dpi: int) -> None:
    """A photograph, a map or an identity card: dense and dark, and no code."""
    width, height = (round(rng.uniform(35, 90) * dpi / 25.4) for _ in range(2))
    dice = np.random.Generator(np.random.PCG64(rng.getrandbits(32)))
    coarse = rng.uniform(0.3, 6) * dpi / 25.4
    small = dice.integers(0, 256, (max(3, round(height / coarse)), max(3, round(width / coarse))), dtype=np.uint8)
    y, x = rng.randrange(image.shape[0] - height), rng.randrange(image.shape[1] - width)
    image[y : y + height, x : x + width] = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


# --- counting ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tally:
    """What a lot gave; times are milliseconds."""

    count: Counter[str]
    sheet_ms: list[float]
    page_ms: list[float]
    notes: list[str]


def _timed(scan: Scan) -> tuple[PageCodes, float]:
    start = time.perf_counter()
    codes = read_codes(scan.pixels, scan.dpi, patch_texts=PATCHES)
    return codes, 1000 * (time.perf_counter() - start)


def measure(lot: int, sheets: range, pages: int, seed: int, save: Path | None = None) -> Tally:
    """Reads the sheets of these numbers and a lot of ordinary pages; ``save`` is where what went wrong is kept."""
    cv2.setNumThreads(1)
    tally = Tally(Counter(), [], [], [])
    for number in sheets:
        sheet, scan = sheet_scan(number, seed)
        codes, spent = _timed(scan)
        tally.sheet_ms.append(spent)
        right = [found for found in codes.sheets if found.token == sheet.token and found.kind == sheet.kind]
        tally.count["sheets"] += 1
        tally.count["read"] += bool(right)
        tally.count["all three"] += bool(right) and right[0].witnesses == frozenset(Witness)
        tally.count["wrong"] += len(codes.sheets) - len(right)
        tally.count["read but doubtful"] += bool(right) and codes.doubtful
        tally.count["unread but doubtful"] += not right and codes.doubtful
        if not right or codes.doubtful or len(codes.sheets) > 1:
            said = f"{'read' if right else 'UNREAD'}, doubts {sorted(codes.doubts)}"
            tally.notes.append(f"sheet {scan.story}: {said}")
            if save is not None:
                cv2.imwrite(str(save / f"sheet-{seed}-{number}.png"), scan.pixels)
    for number, scan in enumerate(ordinary_scans(lot, pages, seed), start=1):
        codes, spent = _timed(scan)
        tally.page_ms.append(spent)
        tally.count["pages"] += 1
        tally.count["false"] += bool(codes.sheets) or codes.patch
        tally.count["doubtful pages"] += codes.doubtful
        if codes.sheets or codes.patch or codes.doubtful:
            tally.notes.append(f"page {scan.story}: sheets {len(codes.sheets)}, doubts {sorted(codes.doubts)}")
            if save is not None:
                cv2.imwrite(str(save / f"page-{seed}-{lot}-{number}.png"), scan.pixels)
        elif spent > 60:
            tally.notes.append(f"page {scan.story}: {spent:.0f} ms")
    return tally


def run(sheets: int, pages: int, *, seed: int, workers: int = 1, save: Path | None = None) -> Tally:
    """All lots; more than one worker are processes."""
    lots = [
        (lot, range(start, min(sheets, start + LOT)), max(0, min(LOT, pages - start)), seed, save)
        for lot, start in enumerate(range(0, max(sheets, pages), LOT))
    ]
    total = Tally(Counter(), [], [], [])
    if workers == 1:
        done = [measure(*lot) for lot in lots]
    else:
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            done = list(pool.map(measure, *zip(*lots, strict=True)))
    for tally in done:
        total.count.update(tally.count)
        total.sheet_ms.extend(tally.sheet_ms)
        total.page_ms.extend(tally.page_ms)
        total.notes.extend(tally.notes)
    return total


def _spread(times: list[float]) -> str:
    return f"median {np.median(times):.1f} ms, 95% {np.percentile(times, 95):.1f} ms" if times else "none"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheets", type=int, default=5000)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--show", action="store_true", help="name every sheet that was not read and every slow page")
    parser.add_argument("--save", type=Path, help="an existing directory for the images of what went wrong")
    args = parser.parse_args()
    total = run(args.sheets, args.pages, seed=args.seed, workers=args.workers, save=args.save)
    count = total.count
    if args.show:
        print("\n".join(total.notes))
    of = max(1, count["sheets"])
    print(f"sheets: {count['read']}/{count['sheets']} read = {count['read'] / of:.2%} (asked: at least 99.9 %)")
    print(f"by all three codes: {count['all three'] / of:.1%}; wrong tokens: {count['wrong']} (asked: 0)")
    silent = count["sheets"] - count["read"] - count["unread but doubtful"]
    print(
        f"read but doubtful: {count['read but doubtful']}; unread but doubtful: {count['unread but doubtful']}; "
        f"unread in silence: {silent} (asked: 0)"
    )
    print(
        f"ordinary pages: {count['pages']}, false separators {count['false']} (asked: 0), "
        f"doubtful {count['doubtful pages']}"
    )
    print(f"time of a sheet: {_spread(total.sheet_ms)}")
    print(f"time of an ordinary page: {_spread(total.page_ms)} (asked: at most 25 ms)")


if __name__ == "__main__":
    main()
