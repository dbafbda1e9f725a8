"""How well pages are read: letters, codici fiscali, order and confidence, held against what the generator printed.

Sheets are made in memory with the demo's printer and its damage, in groups: the demo's mix over all kinds of papers;
forms with a codice fiscale filled in over a line of dots or dashes; dense prose that shines through; blank backs;
sheets scanned askew, any way up, or photographed. With ``--real`` also the pages of a folder of real scans with a
``groundtruth.json``; they are read where they are.

CER is the number of edits per true character, white space folded; «letters» is the same with the words of both sides
sorted, so that the order of reading does not count. A codice fiscale is right when filing finds it (repaired or not)
without a register, exact when it stands so on the page, false when filing finds one that is not on the paper.

python -m tests.bench.reading [--pages 84] [--seed 11] [--workers 2] [--groups demo,forms] [--real FOLDER] [--worst 8]
                              [--engine tesserocr|pytesseract]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import statistics
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Literal

import cv2
import numpy as np
from rapidfuzz.distance import Levenshtein

from faldone.classify.codice_fiscale import find_codes
from faldone.classify.reading import read
from faldone.demo import damage as damages
from faldone.demo.layout import PageMarks, paginate
from faldone.demo.papers.catalogue import MAKERS, compose, draw_case
from faldone.demo.persons import Population, populate
from faldone.demo.render import Pixels, draw_page
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.ocr import prepare
from faldone.ocr.confidence import KNOTS
from faldone.ocr.image import PageImage
from faldone.ocr.options import OcrOptions
from faldone.ocr.recognise import recognise
from faldone.ocr.tesseract import TesseractEngine
from faldone.ocr.tesserocr_engine import TesserocrEngine

BATCH = 6
LONG = ("relazione_sociale", "relazione_tribunale")
FORMS = ("domanda_accesso", "consenso_privacy", "scheda_accesso")
DOTTED = ("dots", "coarse", "typed", "under", "dash")
LEVELS: tuple[damages.Level, ...] = ("light", "medium", "hard")
LEVEL_WEIGHTS = (55, 30, 15)  # those of the demo


@dataclass(frozen=True, slots=True)
class Sheet:
    """A made page; ``rotation`` is how far (degrees clockwise) it must be turned to stand upright."""

    name: str
    group: str
    kind: str
    effects: tuple[str, ...]
    text: str
    rotation: int
    image: PageImage


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a sheet. ``codes``: of those printed, how many there are, are right and stand exactly so."""

    name: str
    group: str
    kind: str
    effects: tuple[str, ...]
    characters: int
    cer: float
    letters: float
    wer: float
    upright: bool
    blank: bool
    codes: tuple[int, int, int] = (0, 0, 0)
    false: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    words: tuple[tuple[float, bool], ...] = ()
    confidence: float = 0.0
    text: str = ""
    true: str = ""
    steps: tuple[str, ...] = field(default=())


# --- sheets


@cache
def _population(seed: int) -> Population:
    return populate(60, seed)


def _paper(rng: Random, seed: int, kind: str, fits: Callable[[PageMarks, str], bool]) -> PageMarks:
    """A page of a paper of that kind on which ``fits`` says yes of its marks and its leader."""
    while True:
        case = draw_case(rng, _population(seed))
        if kind in LONG:
            case.length = rng.choice((1.0, 2.0, 4.0))
        paper = compose(case, kind)
        page = rng.choice(paginate(paper.blocks, paper.style, running=paper.running))
        if fits(page, paper.style.leader):
            return page


def _saved(rng: Random, pixels: Pixels, level: str) -> Pixels:
    """As a grey scanner's file gives it back."""
    quality = {"light": rng.randrange(72, 90), "medium": rng.randrange(48, 72)}.get(level, rng.randrange(28, 50))
    _, data = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def photographed(pixels: Pixels, rng: Random, dpi: int) -> Pixels:
    """The sheet on a dark table, seen by a telephone held a little askew; light falls off to one side."""
    height, width = pixels.shape
    border = round(0.5 * dpi)
    size = (width + 2 * border, height + 2 * border)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    moved = np.array([[rng.uniform(0, 0.055) * width, rng.uniform(0, 0.055) * height] for _ in range(4)], np.float32)
    inwards = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)], np.float32)
    seen = corners + border + inwards * moved
    matrix = cv2.getPerspectiveTransform(corners, seen)
    table = rng.randrange(40, 110)
    made = cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_AREA, borderValue=table).astype(np.float32)
    across, down = np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1])[:, None]
    made *= 0.86 + 0.12 * (rng.uniform(-1, 1) * across + rng.uniform(-1, 1) * down) / 2
    made = cv2.GaussianBlur(made, (0, 0), 0.9 * dpi / 300)
    made += np.random.default_rng(rng.getrandbits(32)).normal(0, 4, made.shape)
    return _saved(rng, np.clip(made, 0, 255).astype(np.uint8), "light")


def sheet(seed: int, group: str, number: int) -> Sheet:
    """The sheet of that number in its group; nothing else decides on it."""
    rng = Random(f"reading/{seed}/{group}/{number}")
    kinds = [kind for kind in MAKERS if kind != "separatore"]
    kind = kinds[number % len(kinds)]
    bilevel = rng.random() < 0.45
    dpi = rng.choices((300, 200, 150), (84, 14, 0 if bilevel else 6))[0]
    level = rng.choices(LEVELS, LEVEL_WEIGHTS)[0]
    turn = rng.choice((90, 270, 180)) if group == "turned" or (group == "demo" and rng.random() < 0.1) else 0
    bleed = group == "bleed"
    fits: Callable[[PageMarks, str], bool] = lambda page, leader: len(page.text) > 300  # noqa: E731
    if group == "forms":
        kind = FORMS[number % len(FORMS)]
        fits = lambda page, leader: leader in DOTTED and bool(codes_of(page.text))  # noqa: E731
    elif group == "bleed":
        kind, bilevel, level = rng.choice(LONG), False, "hard"
        fits = lambda page, leader: len(page.text) > 1800  # noqa: E731
    elif group in ("askew", "photo"):
        bilevel, dpi, level = False, 300, "light"
    page = _paper(rng, seed, kind, fits)
    plan = damages.plan(rng, level, turn=turn, holes=rng.choice((0, 0, 2, 4)), bleed=bleed)
    if group == "askew":
        plan = replace(plan, skew=rng.choice((-1, 1)) * rng.uniform(5, 15), edges=1)
    elif group == "blank":
        plan = replace(plan, bleed=plan.bleed or rng.uniform(0.05, 0.3))
    plan = (damages.for_bilevel if bilevel else damages.for_grey)(plan)
    front = draw_page(page, dpi, ink=rng.randrange(12, 60), typed=f"{number}" if rng.random() < 0.3 else "")
    behind = np.ascontiguousarray(front[::-1])
    text = page.text
    if group == "blank":
        front, text = np.full_like(front, 255), ""
    if group == "bleed":
        other = _paper(rng, seed, kind, fits)
        behind = draw_page(other, dpi, ink=30)
    if group == "askew":  # on a sheet large enough, or its corners would be cut off
        border = round(0.9 * dpi)
        front = np.pad(front, border, constant_values=255)
        behind = np.pad(behind, border, constant_values=255)
    pixels = damages.scan(front, plan, dpi, reverse=behind, bilevel=bilevel)
    if group == "photo":
        pixels = photographed(pixels, rng, dpi)
    elif not bilevel:
        pixels = _saved(rng, pixels, level)
    how = (level, f"{dpi} dpi", "bilevel" if bilevel else "grey")
    return Sheet(
        f"{group}/{number}",
        group,
        kind,
        (*how, *plan.effects),
        text,
        (360 - plan.turn) % 360,
        PageImage.of(pixels, dpi),
    )


def real(folder: Path) -> Iterator[Sheet]:
    """The real pages: ``groundtruth.json`` names files and their true text."""
    for entry in json.loads((folder / "groundtruth.json").read_text())["files"]:
        pixels = cv2.imread(str(folder / entry["file"]), cv2.IMREAD_GRAYSCALE)
        assert pixels is not None, entry["file"]
        # the transcription has some of its accents as marks of their own: the same text for Unicode, and for a reader
        text = unicodedata.normalize("NFC", "\n".join(page["text"] for page in entry["pages"]))
        grey = np.asarray(pixels, np.uint8)
        yield Sheet(entry["file"], entry["group"], "real", (), text, 0, PageImage.of(grey, entry["dpi"]))


# --- measures


def as_page(text: str) -> PageText:
    """The text as a page, a line a line, for what reads pages."""
    words = [
        Word(word, Box(0, 0, 1, 1), 1.0, number)
        for number, line in enumerate(text.splitlines())
        for word in line.split()
    ]
    return PageText(tuple(words), 1, 1, 300, 0, TextSource.OCR, EngineStamp("truth", "1", ""))


def codes_of(text: str) -> list[str]:
    """The codici fiscali that are printed in a true text."""
    return [found.code for found in find_codes(read(0, as_page(text))) if found.exact]


def _rate(edits: int, true: Sequence[object]) -> float:
    return edits / max(1, len(true))


def character_error_rate(said: str, true: str) -> float:
    """Edits per true character, white space folded."""
    said, true = " ".join(said.split()), " ".join(true.split())
    return _rate(Levenshtein.distance(said, true), true)


def _right_words(said: PageText, true: str) -> tuple[tuple[float, bool], ...]:
    """Of each word its confidence, and whether it belongs to the longest run of words that is also true."""
    read_words, true_words = [word.text for word in said.words], true.split()
    right = [False] * len(read_words)
    for block in Levenshtein.opcodes(read_words, true_words).as_list():
        if block[0] == "equal":
            right[block[1] : block[2]] = [True] * (block[2] - block[1])
    left = [word for word in true_words]
    for place, word in enumerate(read_words):
        if right[place] and word in left:
            left.remove(word)
    for place, word in enumerate(read_words):  # in another order: still the right letters
        if not right[place] and word in left:
            left.remove(word)
            right[place] = True
    return tuple((word.confidence, well) for word, well in zip(said.words, right, strict=True))


def judged(made: Sheet, said: PageText) -> Outcome:
    """Holds a reading against the truth."""
    printed = codes_of(made.text)
    found = [code for code in find_codes(read(0, said)) if not code.alternatives]
    right = [code for code in printed if any(one.code == code for one in found)]
    exact = [code for code in printed if code in "".join(said.text.split())]
    return Outcome(
        name=made.name,
        group=made.group,
        kind=made.kind,
        effects=made.effects,
        characters=len(said.text),
        cer=character_error_rate(said.text, made.text),
        letters=character_error_rate(" ".join(sorted(said.text.split())), " ".join(sorted(made.text.split()))),
        wer=_rate(Levenshtein.distance(said.text.split(), made.text.split()), made.text.split()),
        upright=said.rotation == made.rotation,
        blank=said.blank,
        codes=(len(printed), len(right), len(exact)),
        false=tuple(one.code for one in found if one.code not in printed) if made.kind != "real" else (),
        missed=tuple(code for code in printed if code not in right),
        words=_right_words(said, made.text),
        confidence=said.confidence,
        text=said.text,
        true=made.text,
        steps=said.steps,
    )


ENGINES: dict[str, type[TesserocrEngine | TesseractEngine]] = {
    "tesserocr": TesserocrEngine,
    "pytesseract": TesseractEngine,
}


def _read(engine: str, sheets: Sequence[Sheet]) -> tuple[list[Outcome], float]:
    """What became of the sheets, and the processor seconds: the end of the engine is waited for, or they are lost."""
    started = time.process_time() + sum(_child_times())
    with contextlib.closing(ENGINES[engine]()) as reader:
        texts = recognise([one.image for one in sheets], reader, OcrOptions())
    seconds = time.process_time() + sum(_child_times()) - started
    return [judged(made, said) for made, said in zip(sheets, texts, strict=True)], seconds


def _child_times() -> tuple[float, float]:
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime, used.ru_stime


def _batch(engine: str, seed: int, batch: tuple[str, Sequence[int]]) -> tuple[list[Outcome], float]:
    group, numbers = batch
    return _read(engine, [sheet(seed, group, number) for number in numbers])


def measure(
    engine: str, batches: Sequence[tuple[str, Sequence[int]]], seed: int, workers: int
) -> tuple[list[Outcome], float]:
    """Makes and reads the sheets; also the processor seconds that reading took."""
    if workers <= 1:
        prepare.stay_in_one_thread()
        done = [_batch(engine, seed, batch) for batch in batches]
    else:
        spawned = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=spawned, initializer=prepare.stay_in_one_thread) as pool:
            done = list(pool.map(partial(_batch, engine, seed), batches))
    return [one for outcomes, _ in done for one in outcomes], sum(seconds for _, seconds in done)


# --- the table


def _line(title: str, some: Sequence[Outcome]) -> str:
    rates = [one.cer for one in some]
    printed, right, exact = (sum(one.codes[place] for one in some) for place in range(3))
    codes = f"{right:3d}/{printed:<3d} ({exact} exact)" if printed else ""
    return (
        f"{title:28s} {len(some):4d}  {statistics.mean(rates):7.2%} {statistics.median(rates):7.2%} "
        f"{statistics.mean(one.letters for one in some):7.2%} {statistics.mean(one.wer for one in some):7.2%}  {codes}"
    )


def _pooled(some: Sequence[Outcome], rate: Literal["cer", "wer"]) -> float:
    """The rate over all pages taken together: a title page of eighty letters counts as its letters do."""
    sizes = [len(" ".join(one.true.split())) if rate == "cer" else len(one.true.split()) for one in some]
    return sum(getattr(one, rate) * size for one, size in zip(some, sizes, strict=True)) / sum(sizes)


def report(made: Sequence[Outcome], worst: int) -> None:
    """Prints the tables."""
    print(f"{'':28s} pages  CER mean  median letters     WER  codici fiscali right")
    groups = list(dict.fromkeys(one.group for one in made))
    for group in groups:
        some = [one for one in made if one.group == group]
        if group == "blank":
            print(f"{group:28s} {len(some):4d}  blank {sum(one.blank for one in some)}, ", end="")
            print(f"characters invented {sum(one.characters for one in some)}")
            continue
        print(_line(group, some), f" upright {sum(one.upright for one in some)}/{len(some)}")
        if group.startswith("real"):
            print(f"{'':28s} over all letters {_pooled(some, 'cer'):.2%}, over all words {_pooled(some, 'wer'):.2%}")
    demo = [one for one in made if one.group == "demo"]
    if demo:
        print("\nthe demo's mix by effect and by kind")
        for effect in sorted({effect for one in demo for effect in one.effects}):
            print(_line(f"  {effect}", [one for one in demo if effect in one.effects]))
        for kind in sorted({one.kind for one in demo}):
            print(_line(f"  {kind}", [one for one in demo if one.kind == kind]))
    printed = [one for one in made if one.group != "blank"]
    for one in printed:
        if one.missed or one.false:
            print(f"{one.name} {one.kind} {' '.join(one.effects)}: missed {one.missed}, false {one.false}")
    print("\nworst pages")
    for one in sorted(printed, key=lambda one: -one.cer)[:worst]:
        print(f"  {one.name} {one.kind} {' '.join(one.effects)}: CER {one.cer:.2%} letters {one.letters:.2%}")
    reliability([word for one in printed for word in one.words], "words")
    pages = [(one.confidence, 1 - one.letters) for one in printed]
    print(
        f"pages: confidence {statistics.mean(c for c, _ in pages):.3f}, true {statistics.mean(t for _, t in pages):.3f}"
    )


def fit(words: Sequence[tuple[float, bool]]) -> None:
    """Prints what the engine said against the share that is right, as material for ``confidence.KNOTS``."""
    edges = (0.0, 0.1, 0.4, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.96, 1.01)
    print("\nwhat the engine said: mean, share right, how many")
    known, engine = ([knot[place] for knot in KNOTS] for place in (1, 0))
    said = [(float(np.interp(one, known, engine)), right) for one, right in words]
    for low, high in pairwise(edges):
        some = [(one, right) for one, right in said if low <= one < high]
        if some:
            print(
                f"  {statistics.mean(one for one, _ in some):.3f} {sum(r for _, r in some) / len(some):.3f} {len(some)}"
            )


def reliability(words: Sequence[tuple[float, bool]], title: str) -> None:
    """Confidence in steps of a tenth against the share that is right, and the expected calibration error."""
    print(f"\nconfidence of {title}: said, true, how many")
    error = 0.0
    for step in range(10):
        some = [(said, right) for said, right in words if min(9, int(said * 10)) == step]
        if some:
            said, right = statistics.mean(one for one, _ in some), statistics.mean(float(well) for _, well in some)
            error += abs(said - right) * len(some) / len(words)
            print(f"  {said:5.2f} {right:5.2f} {len(some):6d}")
    print(f"  expected calibration error {error:.3f}")


GROUPS = {"demo": 1.0, "forms": 0.35, "bleed": 0.1, "blank": 0.12, "turned": 0.12, "askew": 0.1, "photo": 0.1}
"""How many pages each group has for a page of the demo's mix."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=84, help="pages of the demo's mix; other groups are in proportion")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--engine", choices=ENGINES, default="tesserocr")
    parser.add_argument("--groups", default=",".join(GROUPS))
    parser.add_argument("--real", type=Path, help="a folder of real scans")
    parser.add_argument("--worst", type=int, default=8)
    parser.add_argument("--fit", action="store_true", help="print what confidence.KNOTS are made of")
    parser.add_argument("--save", type=Path, help="write texts and truths there as JSON lines")
    args = parser.parse_args()
    batches = [
        (group, range(start, min(start + BATCH, count)))
        for group in filter(None, args.groups.split(","))
        for count in [max(6, round(args.pages * GROUPS[group]))]
        for start in range(0, count, BATCH)
    ]
    made, seconds = measure(args.engine, batches, args.seed, args.workers)
    if args.real:
        read_real, more = _read(args.engine, list(real(args.real)))
        made, seconds = made + read_real, seconds + more
    report(made, args.worst)
    if args.fit:
        fit([word for one in made if one.kind != "real" for word in one.words])
    print(f"processor seconds a page: {seconds / len(made):.2f}")
    if args.save:
        rows = [json.dumps({name: getattr(one, name) for name in Outcome.__slots__}) for one in made]
        args.save.write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
