"""How surely a sheet scanned twice is told from other papers, the same form for another person above all.

Pages of made-up papers: most are read with made-up mistakes in 3-6 % of their characters, a few by tesseract. A twin
is the same paper, word for word where its wording allows, for another person or another day. About 4 minutes.

    python -m tests.bench.likeness [--pages 10000] [--twins 2000] [--read 20]
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import string
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from math import cos, radians, sin
from random import Random

import cv2

from faldone.demo import damage as damages
from faldone.demo import fonts
from faldone.demo.layout import PAGE_HEIGHT, PAGE_WIDTH, PageMarks, Rubber, Run, paginate
from faldone.demo.papers.case import Case
from faldone.demo.papers.catalogue import compose, draw_case, draw_kind
from faldone.demo.persons import Population, populate
from faldone.demo.render import draw_page
from faldone.domain.likeness import LikenessKind, Placing, SeenPage, compare, keys
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.ocr import fingerprint
from faldone.ocr.image import Gray, PageImage
from faldone.ocr.options import OcrOptions
from faldone.ocr.prepare import PageStatistics, stay_in_one_thread, turn
from faldone.ocr.prepare import statistics as look_at
from faldone.ocr.recognise import recognise
from faldone.ocr.tesseract import TesseractEngine

_DPI = 300
_PX = _DPI / 72
_KEY_TELLS = 30  # a key that more pages have is passed over, as the catalog does
_TWINS = ("another person, another day", "another person, the same day", "the same person, another day")
_MAKE_BELIEVE = EngineStamp("made-up", "1", "")
_TAKEN_FOR = {
    "o": "0c", "0": "oO8", "l": "1i", "1": "l7I", "i": "l1", "s": "5", "5": "s6", "b": "h6", "8": "3B", "3": "8",
    "e": "co", "c": "eo", "u": "n", "n": "ru", "m": "n", "t": "f", "f": "t", "6": "8b", "9": "g4",
    "4": "9A", "7": "1", "2": "7z", "a": "eo",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paper:
    """One page as it was printed, and what made it."""

    kind: str
    page: PageMarks
    typed: str


def drawn(rng: Random, population: Population, kind: str = "") -> tuple[Case, str, str]:
    """Whom and what a paper is about, its kind, and the seed of its wording."""
    case = draw_case(rng, population)
    return case, kind or draw_kind(rng, case.service, {}), f"wording/{rng.getrandbits(64)}"


def printed(case: Case, kind: str, wording: str) -> list[Paper]:
    """The pages of the paper that this wording gives for a case."""
    fresh = Case(Random(wording), case.population, case.household, case.holder, case.service, case.date)
    paper = compose(fresh, kind)
    laid = paginate(paper.blocks, paper.style, running=paper.running)
    return [Paper(kind, page, wording if paper.style.jitter else "") for page in laid]


def twin(rng: Random, case: Case, how: str) -> Case:
    """The same paper for somebody else, on the same or another day, or for the same person on another day."""
    if how == "the same person, another day":
        day = case.date + dt.timedelta(days=rng.randrange(3, 400))
        return Case(rng, case.population, case.household, case.holder, case.service, day)
    while True:
        other = draw_case(rng, case.population, service=case.service)
        alike = other.household.kind == case.household.kind and len(other.household.children) == len(
            case.household.children
        )
        if other.holder != case.holder and alike:
            day = case.date if how == "another person, the same day" else other.date
            return Case(rng, case.population, other.household, other.holder, case.service, day)


def words_of(page: PageMarks) -> list[tuple[str, float, float, float, float]]:
    """The true words with x, y, width and height of their boxes, in points."""
    found = []
    runs: list[Run] = []
    for mark in page.marks:
        if isinstance(mark, Run) and not mark.silent:
            runs.append(mark)
        elif isinstance(mark, Rubber):
            runs += mark.runs
    for run in runs:
        if run.pitch:
            found.append((run.text.strip(), run.x, run.y - 0.7 * run.size, run.pitch * len(run.text), 0.8 * run.size))
            continue
        x, gap = run.x, fonts.space(run.family, run.size, bold=run.bold) + run.gap
        for word in run.text.split(" "):
            wide = fonts.width(word, run.family, run.size, bold=run.bold, italic=run.italic)
            if word:
                found.append((word, x, run.y - 0.7 * run.size, wide, 0.8 * run.size))
            x += wide + gap
    found.sort(key=lambda word: (round(word[2] + word[4]), word[1]))
    return found


def misread(word: str, rate: float, rng: Random) -> str:
    """The word with mistakes in ``rate`` of its characters: look-alikes mostly, lost and invented ones."""
    out = []
    for char in word:
        if rng.random() >= rate:
            out.append(char)
            continue
        die = rng.random()
        if die < 0.6:
            out.append(rng.choice(_TAKEN_FOR.get(char.lower(), string.ascii_lowercase)))
        elif die < 0.8:
            continue
        elif die < 0.9:
            out.append(char + rng.choice(".,il1"))
        else:
            out.append(rng.choice(string.ascii_letters))
    return "".join(out)


def read_badly(page: PageMarks, rng: Random, rate: float | None = None) -> PageText:
    """The page as scanned askew and read with 3–6 % of its characters wrong and some words and lines lost.

    The confidences are those of tesseract on 80 scans: of the right words 99.5 % are sure, of the wrong ones 37 %.
    """
    rate = rng.uniform(0.03, 0.06) if rate is None else rate
    lost, lost_line = rng.uniform(0.01, 0.08), rng.choice((0.0, 0.0, 0.02, 0.05))
    angle, dx, dy = radians(rng.gauss(0, 0.9)), rng.gauss(0, 8), rng.gauss(0, 8)
    words, line, foot, gone = [], 0, 0.0, False
    for text, x, y, width, height in words_of(page):
        if abs(y + height - foot) > 2:
            line, foot, gone = line + 1, y + height, rng.random() < lost_line
        if gone or rng.random() < lost:
            continue
        read = misread(text, rate, rng)
        if not read:
            continue
        confidence = 0.93 if rng.random() < (0.995 if read == text else 0.37) else 0.4
        cx, cy = x + width / 2 - PAGE_WIDTH / 2, y + height / 2 - PAGE_HEIGHT / 2
        left = cx * cos(angle) - cy * sin(angle) + PAGE_WIDTH / 2 + dx - width / 2 + rng.gauss(0, 0.3)
        top = cx * sin(angle) + cy * cos(angle) + PAGE_HEIGHT / 2 + dy - height / 2 + rng.gauss(0, 0.5)
        box = Box(max(0, round(left * _PX)), max(0, round(top * _PX)), round(width * _PX), round(height * _PX))
        words.append(Word(read, box, confidence, line))
    return PageText(tuple(words), 2480, 3508, _DPI, 0, TextSource.OCR, _MAKE_BELIEVE, blank=not words)


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """A page as a scanner gave it, what a look at it told, and how its words went from paper (mm) to image (mm)."""

    image: PageImage
    found: PageStatistics
    a: complex
    b: complex


def scanned(paper: Paper, rng: Random, *, turned: bool = False) -> Scan:
    """A scan of the paper: any damage, 150-300 dpi, grey from a JPEG or bilevel."""
    bilevel = rng.random() < 0.4
    dpi = rng.choice((300, 200) if bilevel else (300, 300, 200, 150))
    level: damages.Level = rng.choices(("light", "medium", "hard"), (55, 30, 15))[0]
    way = rng.choices((0, 180, 90), (80, 15, 5))[0] if turned else 0
    damage = damages.plan(rng, level, turn=way, holes=rng.choice((0, 2)))
    damage = damages.for_bilevel(damage) if bilevel else damages.for_grey(damage)
    clean = draw_page(paper.page, dpi, ink=30, typed=paper.typed)
    pixels = damages.scan(clean, damage, dpi, bilevel=bilevel)
    if not bilevel:
        pixels = saved_again(pixels, rng.randrange(50, 90))
    angle = radians(damage.skew) if abs(damage.skew) >= 0.05 else 0.0
    a, middle = complex(cos(angle), -sin(angle)), complex(PAGE_WIDTH, PAGE_HEIGHT) * 25.4 / 72 / 2
    return Scan(PageImage.of(pixels, dpi), look_at(pixels, dpi), a, middle - a * middle)


def saved_again(pixels: Gray, quality: int) -> Gray:
    """The pixels as they come out of a JPEG."""
    again: Gray = cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 0)
    return again


def same_ink(one: Scan, other: Scan, placing: Placing, rotations: tuple[int, int] = (0, 0)) -> bool:
    """Whether two scans, each turned upright, have the same ink."""
    looks = [turn(scan.found.look, way) for scan, way in zip((one, other), rotations, strict=True)]
    dpis = [scan.image.dpi * scan.found.scale for scan in (one, other)]
    return fingerprint.same_ink(looks[0], dpis[0], looks[1], dpis[1], placing)


def drawn_ink(one: Paper, other: Paper, rng: Random) -> bool:
    """What the ink of two papers would have said, had their pages been scanned."""
    first, second = scanned(one, rng), scanned(other, rng)
    a = second.a / first.a
    b = second.b - a * first.b
    return same_ink(first, second, (a.real, a.imag, b.real, b.imag))


def archive(population: Population, name: str) -> Iterator[Paper]:
    """Pages without end."""
    number = 0
    while True:
        number += 1
        case, kind, wording = drawn(Random(f"{name}/{number}"), population)
        yield from printed(case, kind, wording)


def twins(population: Population, how: str) -> Iterator[tuple[Paper, Paper]]:
    """Pages of one wording for two persons or days, at least one word of them different."""
    number = 0
    while True:
        number += 1
        rng = Random(f"twin/{how}/{number}")
        case, kind, wording = drawn(rng, population)
        try:
            pairs = list(zip(printed(case, kind, wording), printed(twin(rng, case, how), kind, wording), strict=False))
        except IndexError:
            continue  # a household that this wording does not fit
        for one, other in pairs:
            if [word[0] for word in words_of(one.page)] != [word[0] for word in words_of(other.page)]:
                yield one, other


def among_others(population: Population, count: int, probes: int) -> None:
    """Scans a part of an archive a second time: are its pages found, and what else is?"""
    papers = list(islice(archive(population, "archive"), count))
    known = [SeenPage(read_badly(paper.page, Random(f"first/{number}"))) for number, paper in enumerate(papers)]
    by_key: dict[str, list[int]] = defaultdict(list)
    for number, page in enumerate(known):
        for key in keys(page):
            by_key[key].append(number)
    found, linked, links, spent = 0, 0, 0, 0.0
    others: list[int] = []
    for number in Random("probes").sample(range(count), probes):
        page = SeenPage(read_badly(papers[number].page, Random(f"again/{number}")))
        candidates = {one for key in keys(page) if len(by_key[key]) <= _KEY_TELLS for one in by_key[key]}
        found += number in candidates
        others.append(len(candidates - {number}))
        linked += compare(known[number], page) is not None
        started = time.perf_counter()
        links += sum(compare(known[one], page) is not None for one in candidates - {number})
        spent += time.perf_counter() - started
    others.sort()
    print(f"{count} pages, {probes} of them scanned again and read with 3-6 % of their characters wrong:")
    print(
        f"  keys find {found / probes:.1%}; others proposed {statistics.mean(others):.0f} a page, at most {others[-1]}"
    )
    print(f"  the same sheet linked by its text alone {linked / probes:.1%}")
    print(
        f"  other papers linked {links} of {probes * (count - 1)} pairs; "
        f"{1000 * spent / sum(others):.1f} ms a candidate"
    )


def same_sheets(population: Population, count: int) -> None:
    """How often a sheet scanned again is linked when its ink may be asked."""
    linked, agreed = 0, 0
    for number, paper in enumerate(islice(archive(population, "sheets"), count)):
        rng = Random(f"sheet/{number}")
        agree = drawn_ink(paper, paper, rng)
        agreed += agree
        one, other = SeenPage(read_badly(paper.page, rng)), SeenPage(read_badly(paper.page, rng))
        linked += compare(one, other, lambda _, agree=agree: agree) is not None
    print(
        f"{count} sheets drawn and scanned twice: ink agrees {agreed / count:.1%}, "
        f"text and ink link {linked / count:.1%}"
    )


def same_templates(population: Population, count: int) -> None:
    """How often the same paper for another person or day is taken for the same sheet."""
    for how in _TWINS:
        for rate, said in ((None, "3-6 %"), (0.005, "0.5 %")):
            by_text, by_both = 0, 0
            for number, (one, other) in enumerate(islice(twins(population, how), count // 6)):
                rng = Random(f"{how}/{number}")
                pair = SeenPage(read_badly(one.page, rng, rate)), SeenPage(read_badly(other.page, rng, rate))
                by_text += compare(*pair) is not None
                by_both += compare(*pair, lambda _, pair=(one, other, rng): drawn_ink(*pair)) is not None
            print(f"{count // 6} pairs for {how}, read with {said} wrong: text links {by_text}, text and ink {by_both}")


def truly_read(population: Population, count: int) -> None:
    """The same with tesseract: papers scanned twice, once more by JPEG, and each against its twin."""
    engine, options, said = TesseractEngine(), OcrOptions(), Counter[str]()
    for number in range(count):
        one, other = next(islice(twins(population, _TWINS[number % 3]), number, None))
        rng = Random(f"read/{number}")
        scans = [scanned(one, rng, turned=True), scanned(one, rng, turned=True), scanned(other, rng, turned=True)]
        texts = recognise([scan.image for scan in scans], engine, options)
        pages = [
            SeenPage(text, fingerprint.fingerprint(scan.found.look), fingerprint.look(scan.found))
            for scan, text in zip(scans, texts, strict=True)
        ]
        for name, mate in (("same sheet", 1), ("twin", 2)):
            said[f"{name} by text"] += compare(pages[0], pages[mate]) is not None

            def ink(placing: Placing, mate: int = mate) -> bool:
                return same_ink(scans[0], scans[mate], placing, (texts[0].rotation, texts[mate].rotation))  # noqa: B023

            said[f"{name} by text and ink"] += compare(pages[0], pages[mate], ink) is not None
        again = saved_again(scans[0].image.pixels, 40)
        resaved = SeenPage(texts[0], None, fingerprint.look(look_at(again, scans[0].image.dpi)))
        likeness = compare(pages[0], resaved)
        said["same scan by JPEG"] += likeness is not None and likeness.kind is LikenessKind.SAME_SCAN
    print(f"{count} papers read by tesseract, linked: " + ", ".join(f"{name} {many}" for name, many in said.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--twins", type=int, default=2_000)
    parser.add_argument("--read", type=int, default=20)
    args = parser.parse_args()
    stay_in_one_thread()
    population = populate(1500, 3)
    among_others(population, args.pages, args.pages // 20)
    same_sheets(population, args.pages // 80)
    same_templates(population, args.twins)
    truly_read(population, args.read)


if __name__ == "__main__":
    main()
