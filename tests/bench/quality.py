"""How well a box of made-up dossiers is read, held against its truth: characters, turns and blank pages.

What becomes of the documents is measured by ``tests.bench.filing``.

python -m tests.bench.quality [--pages 120] [--seed 11]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

FALDONE = [sys.executable, "-m", "faldone.cli.main"]
Json = dict[str, Any]


def lines(text: str) -> list[Json]:
    return [json.loads(line) for line in text.splitlines()]


def character_error_rate(read: str, true: str) -> float:
    """Edits per true character, white space folded."""
    read, true = " ".join(read.split()), " ".join(true.split())
    return Levenshtein.distance(read, true) / max(1, len(true))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=120)
    parser.add_argument("--seed", type=int, default=11)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        demo = ["demo", "--home", home, "--pages", str(args.pages), "--seed", str(args.seed)]
        subprocess.run([*FALDONE, *demo], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        told = subprocess.run(
            [*FALDONE, "export", "results", "--home", home], check=True, capture_output=True, text=True
        )
        truth = {line["file"]: line for line in lines((home / "scatola" / "verita.jsonl").read_text())}
        measure(lines(told.stdout), truth)


def measure(results: list[Json], truth: dict[str, Json]) -> None:
    count: Counter[str] = Counter()
    rates: list[float] = []
    for file in results:
        true = truth[file["file"]]
        for page, paper in zip(file["pages"], true["pages"], strict=True):
            if paper["blank"]:
                count["blank"] += 1
                count["blank found"] += page["blank"]
                count["invented characters"] += len(page["text"] or "")
                continue
            count["printed"] += 1
            count["called blank"] += bool(page["blank"])
            count["upright"] += page["rotation"] == paper["rotation"]
            rates.append(character_error_rate(page["text"] or "", paper["text"]))
    print(f"pages: {count['printed']} printed, {count['blank']} blank")
    print(f"CER mean {statistics.mean(rates):.2%}, median {statistics.median(rates):.2%}, upright {count['upright']}")
    print(
        f"blank found {count['blank found']}/{count['blank']}, characters invented on them "
        f"{count['invented characters']}, printed pages called blank {count['called blank']}"
    )


if __name__ == "__main__":
    main()
