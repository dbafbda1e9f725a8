"""How well a box of made-up dossiers is read and filed, held against its truth, field by field.

python -m tests.bench.quality [--pages 120] [--seed 11] [--show]
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


def holders(document: Json) -> list[str]:
    return sorted(person["cf"] or person["name"] for person in document["persons"] if person["role"] == "holder")


def protocol(document: Json) -> tuple[str, str | None] | None:
    found = document["protocol"]
    return (found["number"], found["date"]) if found else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=120)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--show", action="store_true", help="name every file with an error")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        demo = ["demo", "--home", home, "--pages", str(args.pages), "--seed", str(args.seed)]
        subprocess.run([*FALDONE, *demo], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        told = subprocess.run(
            [*FALDONE, "export", "results", "--home", home], check=True, capture_output=True, text=True
        )
        truth = {line["file"]: line for line in lines((home / "scatola" / "verita.jsonl").read_text())}
        measure(lines(told.stdout), truth, show=args.show)


def measure(results: list[Json], truth: dict[str, Json], *, show: bool) -> None:
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
        proposed = {document["first_page"]: document for document in file["documents"]}
        real = {document["first_page"]: document for document in true["documents"]}
        count["starts proposed"] += len(proposed)
        count["starts true"] += len(real)
        for first in proposed.keys() & real.keys():
            compare(file["file"], proposed[first], real[first], count, show=show)
    print(f"pages: {count['printed']} printed, {count['blank']} blank")
    print(f"CER mean {statistics.mean(rates):.2%}, median {statistics.median(rates):.2%}, upright {count['upright']}")
    print(
        f"blank found {count['blank found']}/{count['blank']}, characters invented on them "
        f"{count['invented characters']}, printed pages called blank {count['called blank']}"
    )
    same = count["same start"]
    recall, precision = same / count["starts true"], same / count["starts proposed"]
    print(f"document starts: F1 {2 * recall * precision / (recall + precision):.3f} ({same} of {count['starts true']})")
    for name in ("last_page", "type", "service", "date", "protocol", "holder"):
        print(f"{name:9s} right {count[name]}/{same} = {count[name] / same:.1%}")
    auto = count["auto"]
    print(f"auto band {auto}/{same} = {auto / same:.1%}, of these with the wrong holder: {auto - count['auto right']}")


def compare(file: str, said: Json, true: Json, count: Counter[str], *, show: bool) -> None:
    count["same start"] += 1
    right = {
        **{name: said[name] == true[name] for name in ("last_page", "type", "service", "date")},
        "protocol": protocol(said) == protocol(true),
        "holder": holders(said) == holders(true),
    }
    count.update({name: int(well) for name, well in right.items()})
    if said["band"] == "auto":
        count["auto"] += 1
        count["auto right"] += right["holder"]
    if show and not all(right.values()):
        wrong = [name for name, well in right.items() if not well]
        print(f"{file} p. {said['first_page'] + 1} {said['band']}: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
