"""Pages per second of the whole of faldone against bare tesseract, on the same pages in the same run.

Bare tesseract: one process a core, OMP_THREAD_LIMIT=1, TSV output, one call a page image. The library alone: the same
images through tesseract's library, in one process a core. faldone: `faldone ingest --wait` from the files to searchable
documents, start-up included. They run in turn, so that a slow minute of the machine meets all. Born-digital pages are
left out of the box: they need no recognition.

    python -m tests.bench.throughput [--pages 100] [--rounds 3] [--seed 7]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from faldone.demo.generate import generate
from faldone.domain.digest import Digest
from faldone.ingest.inspect import Limits, inspect
from faldone.ocr.image import PreparedPage
from faldone.ocr.options import OcrOptions
from faldone.ocr.source import open_source
from faldone.ocr.tesserocr_engine import TesserocrEngine

CORES = len(os.sched_getaffinity(0))
FALDONE = [sys.executable, "-m", "faldone.cli.main"]


def scanned_pages(inbox: Path, images: Path) -> int:
    """Writes every scanned page of the box as an image; takes files with text pages out of the box."""
    images.mkdir()
    number = 0
    for file in sorted(path for path in inbox.rglob("*") if path.is_file()):
        inspection = inspect(file, Limits())
        with open_source(file, inspection.media_type) as source:
            if any(source.text(index) is not None for index in range(inspection.pages)):
                file.unlink()
                continue
            for index in range(inspection.pages):
                page = source.image(index)
                path = images / f"{number:05d}.png"
                cv2.imwrite(str(path), page.pixels)
                number += 1
    return number


class Cost:
    """What was spent between two moments: seconds by the clock, and of cores by all that was started and has ended."""

    def __init__(self) -> None:
        self._clock, self._cores = time.perf_counter(), self._spent()

    @staticmethod
    def _spent() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def until_now(self) -> tuple[float, float]:
        return time.perf_counter() - self._clock, self._spent() - self._cores


def bare(images: Path, out: Path) -> tuple[float, float]:
    out.mkdir(exist_ok=True)
    command = [
        "xargs",
        "-0",
        "-P",
        str(CORES),
        "-I{}",
        "tesseract",
        f"{images}/{{}}",
        f"{out}/{{}}",
        "-l",
        "ita",
        "tsv",
    ]
    names = "\0".join(sorted(path.name for path in images.iterdir()))
    cost = Cost()
    subprocess.run(
        command, input=names.encode(), check=True, stderr=subprocess.DEVNULL, env=os.environ | {"OMP_THREAD_LIMIT": "1"}
    )
    return cost.until_now()


def floor(images: Path) -> tuple[float, float]:
    """The library alone, in one process a core: images in memory, nothing prepared, nothing kept."""
    pages = [
        PreparedPage(np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8), 300, Digest.of(b""))
        for path in sorted(images.iterdir())
    ]
    cost = Cost()
    with TesserocrEngine() as engine, ThreadPoolExecutor(CORES) as pool:
        list(pool.map(lambda page: engine.read([page], OcrOptions()), pages))
    return cost.until_now()


def whole(inbox: Path, home: Path) -> tuple[float, float]:
    shutil.rmtree(home, ignore_errors=True)
    subprocess.run([*FALDONE, "init", "--home", home], check=True, stderr=subprocess.DEVNULL)
    cost = Cost()
    subprocess.run([*FALDONE, "ingest", "--home", home, "--wait", inbox], check=True, stderr=subprocess.DEVNULL)
    return cost.until_now()


def _busy(seconds: float, cores: float) -> str:
    """How much of all cores was used by what was measured; on a machine that does nothing else the rest was idle."""
    return f"{cores / (seconds * CORES):.0%}"


def check(home: Path, pages: int) -> None:
    """A fast run that did not do the work is no measurement."""
    told = subprocess.run([*FALDONE, "status", "--home", home, "--json"], check=True, capture_output=True)
    status = json.loads(told.stdout)
    assert status["pages_done"] == status["pages"] == pages, status
    assert status["not_indexed"] == 0, status


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        box = Path(folder, "box")
        generate(box, pages=args.pages, seed=args.seed)
        images = Path(folder, "images")
        pages = scanned_pages(box / "inbox", images)
        ratios, floors = [], []
        for turn in range(args.rounds):
            seconds_bare, cores_bare = bare(images, Path(folder, "tsv"))
            seconds_floor, cores_floor = floor(images)
            seconds_whole, cores_whole = whole(box / "inbox", Path(folder, "home"))
            check(Path(folder, "home"), pages)
            ratios.append(seconds_bare / seconds_whole)
            floors.append(seconds_floor / seconds_whole)
            print(
                f"round {turn + 1}: {pages} scanned pages, {CORES} cores · bare tesseract {pages / seconds_bare:.2f} "
                f"pages/s · the library alone {pages / seconds_floor:.2f} · faldone {pages / seconds_whole:.2f} · "
                f"core seconds a page {cores_bare / pages:.2f}, {cores_floor / pages:.2f}, {cores_whole / pages:.2f} · "
                f"cores busy {_busy(seconds_bare, cores_bare)}, {_busy(seconds_floor, cores_floor)}, "
                f"{_busy(seconds_whole, cores_whole)}",
                flush=True,
            )
        print(f"median ratio to bare tesseract {statistics.median(ratios):.2f} (asked: at least 1.11)")
        print(f"median ratio to the library alone {statistics.median(floors):.2f} (asked: at least 0.92)")


if __name__ == "__main__":
    main()
