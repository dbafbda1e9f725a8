"""The engines against each other, on the same prepared pages in the same run: speed, core time, memory, errors.

As many pages as cores at a time, one thread a page: bare tesseract, one call a page; pytesseract with one page and
with four a start, as the dispatcher groups them; tesserocr, worker processes that live on, their start included. They
run in turn, so that a slow minute of the machine meets all.

    python -m tests.bench.engines [--pages 30] [--rounds 2] [--seed 7]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import cv2

from faldone.demo.generate import generate
from faldone.ingest.inspect import Limits, inspect
from faldone.ocr import tsv
from faldone.ocr.engine import OcrEngine, ReadWord
from faldone.ocr.image import PreparedPage
from faldone.ocr.installation import NICENESS
from faldone.ocr.options import OcrOptions
from faldone.ocr.prepare import prepare, stay_in_one_thread
from faldone.ocr.prepare import statistics as look
from faldone.ocr.rows import in_rows
from faldone.ocr.source import open_source
from faldone.ocr.tesseract import TesseractEngine
from faldone.ocr.tesserocr_engine import TesserocrEngine
from tests.bench.quality import character_error_rate

CORES = len(os.sched_getaffinity(0))
Words = tuple[ReadWord, ...]
Run = Callable[[Sequence[int]], list[Words]]


@dataclass
class Figures:
    """What one engine did, a value a round."""

    pages_per_s: list[float] = field(default_factory=list)
    core_s_per_page: list[float] = field(default_factory=list)
    peak_mib: float = 0.0
    words: list[Words] = field(default_factory=list)


def prepared_pages(box: Path) -> Iterator[tuple[PreparedPage, str]]:
    """The scanned, printed pages of a box as they are handed to an engine, each with its true text."""
    for true in map(json.loads, (box / "verita.jsonl").read_text().splitlines()):
        file = box / "inbox" / true["file"]
        inspection = inspect(file, Limits())
        with open_source(file, inspection.media_type) as source:
            for index, page in enumerate(true["pages"]):
                if page["blank"] or source.text(index) is not None:
                    continue
                image = source.image(index)
                found = look(image.pixels, image.dpi)
                if found.likely_rotation == 0:
                    yield prepare(image, 0, found=found), page["text"]


class Peak:
    """The largest resident memory of any child of this process while the block runs, asked ten times a second."""

    mib = 0.0

    def __enter__(self) -> Peak:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            for listed in Path("/proc/self/task").glob("*/children"):
                try:
                    self.mib = max(self.mib, *(_peak_mib(pid) for pid in listed.read_text().split()), 0.0)
                except OSError:  # it has just ended
                    continue


def _peak_mib(pid: str) -> float:
    process = Path("/proc", pid)
    if (process / "cmdline").read_bytes() == Path("/proc/self/cmdline").read_bytes():
        return 0.0  # about to become another program, and until then in our own memory
    told = re.search(r"VmHWM:\s+(\d+) kB", (process / "status").read_text())
    return int(told[1]) / 1024 if told else 0.0


def core_seconds() -> float:
    """Of this process and of all its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def at_once(read: Run, pages: int, together: int) -> list[Words]:
    """All pages, as many groups at a time as cores."""
    groups = [range(start, min(start + together, pages)) for start in range(0, pages, together)]
    with ThreadPoolExecutor(CORES) as pool:
        return [words for group in pool.map(read, groups) for words in group]


def with_engine(engine: OcrEngine, pages: Sequence[PreparedPage]) -> Run:
    return lambda group: list(engine.read([pages[number] for number in group], OcrOptions()))


def bare(folder: Path) -> Run:
    """The program by itself on files that lie there already, giving way as engines do: other work slows all alike."""

    def read(group: Sequence[int]) -> list[Words]:
        (number,) = group
        out = folder / str(number)
        subprocess.run(
            ["nice", "-n", str(NICENESS), "tesseract", f"{out}.tif", out, "-l", "ita", "tsv"],
            check=True,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},
        )
        return list(tsv.parse(out.with_suffix(".tsv").read_bytes(), 1))

    return read


def measure(figures: Figures, pages: int, work: Callable[[], list[Words]]) -> None:
    """One round; a run that did not read every page stops the bench."""
    used, started = core_seconds(), time.perf_counter()
    with Peak() as peak:
        words = work()
    seconds, used = time.perf_counter() - started, core_seconds() - used
    assert len(words) == pages
    assert not figures.words or words == figures.words, "the same pages read otherwise than in the round before"
    figures.pages_per_s.append(pages / seconds)
    figures.core_s_per_page.append(used / pages)
    figures.peak_mib = max(figures.peak_mib, peak.mib)
    figures.words = words


def resident(pages: Sequence[PreparedPage]) -> list[Words]:
    with TesserocrEngine() as engine:
        return at_once(with_engine(engine, pages), len(pages), 1)


def text(words: Words) -> str:
    return " ".join(word.text for word in in_rows(words))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    stay_in_one_thread()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder / "box", pages=args.pages, seed=args.seed)
        pages, truths = zip(*prepared_pages(folder / "box"), strict=True)
        for number, page in enumerate(pages):
            form = (cv2.IMWRITE_TIFF_COMPRESSION, 1, cv2.IMWRITE_TIFF_RESUNIT, 2)
            dpi = (cv2.IMWRITE_TIFF_XDPI, page.dpi, cv2.IMWRITE_TIFF_YDPI, page.dpi)
            cv2.imwrite(str(folder / f"{number}.tif"), page.pixels, (*form, *dpi))
        program = with_engine(TesseractEngine(work_folder=folder / "work"), pages)
        ways: dict[str, Callable[[], list[Words]]] = {
            "bare tesseract": lambda: at_once(bare(folder), len(pages), 1),
            "pytesseract, 1 a start": lambda: at_once(program, len(pages), 1),
            "pytesseract, 4 a start": lambda: at_once(program, len(pages), 4),
            "tesserocr": lambda: resident(pages),
        }
        results = {way: Figures() for way in ways}
        for turn in range(args.rounds):
            for way, work in ways.items():
                measure(results[way], len(pages), work)
                one = results[way]
                print(
                    f"round {turn + 1}: {way:22s} {one.pages_per_s[-1]:.2f} pages/s, "
                    f"{one.core_s_per_page[-1]:.2f} core seconds a page",
                    flush=True,
                )
    print(f"{len(pages)} pages, {CORES} at a time; medians, each way against bare tesseract of the same round")
    for way, one in results.items():
        ratio = statistics.median(
            mine / theirs for mine, theirs in zip(one.pages_per_s, results["bare tesseract"].pages_per_s, strict=True)
        )
        rates = [character_error_rate(text(words), true) for words, true in zip(one.words, truths, strict=True)]
        print(
            f"{way:22s} {statistics.median(one.pages_per_s):.2f} pages/s (× {ratio:.2f}) · "
            f"{statistics.median(one.core_s_per_page):.2f} core s a page · largest process {one.peak_mib:.0f} MiB · "
            f"CER {statistics.mean(rates):.2%}"
        )
    engines = (results["pytesseract, 1 a start"].words, results["tesserocr"].words)
    same = sum(
        [word.text for word in one] == [word.text for word in other] for one, other in zip(*engines, strict=True)
    )
    print(f"pages on which both engines read the same words: {same} of {len(pages)}")


if __name__ == "__main__":
    main()
