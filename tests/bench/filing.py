"""How right filing is, with the office's register and without, held against what is asked of it; and what it costs.

    python -m tests.bench.filing [--pages 3000] [--seed 2202]     a box of made-up, damaged dossiers, read first
    python -m tests.bench.filing --home HOME --truth FILE         any labelled archive

Boundaries are those inside files without sheets. The cost is the processor time of one page's share of attribution,
against that of its recognition (``tests.bench.throughput`` prints it).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from faldone.bootstrap import open_archive
from faldone.catalog.records import SourceState
from faldone.pipeline.filing.attribute import proposals_of
from faldone.settings import load

FALDONE = [sys.executable, "-m", "faldone.cli.main"]
ASKED = {
    "auto: holder right": ("≥ 99.95 %", "≥ 99.5 %"),
    "auto: minors misfiled": ("0", "0"),
    "auto: wrong codes": ("0", "0"),
    "auto: share of documents": ("≥ 85 %", "≥ 65 %"),
    "holder": ("≥ 98 %", "≥ 95 %"),
    "type": ("≥ 97 %", "≥ 97 %"),
    "service": ("≥ 96 %", "≥ 96 %"),
    "starts, F1": ("≥ 0.98", "≥ 0.98"),
    "cf": ("≥ 99 %", "≥ 97 %"),
    "date": ("≥ 97 %", "≥ 97 %"),
    "protocol": ("≥ 97 %", "≥ 97 %"),
}
_FILES_TIMED = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=2202)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = args.home or Path(folder, "home")
        if args.home is None:
            demo = ["demo", "--home", str(home), "--pages", str(args.pages), "--seed", str(args.seed)]
            subprocess.run([*FALDONE, *demo], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        truth = args.truth or home / "scatola" / "verita.jsonl"
        columns = [figures(home, truth, *mode) for mode in ((), ("--without-register",))]
        print(f"{'':26s} {'with register':>24s} {'asked':>10s} {'without':>24s} {'asked':>10s}")
        for name, (with_register, without) in ASKED.items():
            print(f"{name:26s} {columns[0][name]:>24s} {with_register:>10s} {columns[1][name]:>24s} {without:>10s}")
        print(f"attribution: {cost(home) * 1000:.1f} ms of processor a page")


def figures(home: Path, truth: Path, *mode: str) -> dict[str, str]:
    """What ``faldone classify evaluate`` measures, by the names of :data:`ASKED`."""
    command = [*FALDONE, "classify", "evaluate", "--home", str(home), "--truth", str(truth), "--json", *mode]
    said: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    auto = said["bands"]["auto"]
    return {
        "auto: holder right": share(auto["holder_right"]),
        "auto: minors misfiled": str(said["wrong_minors"]),
        "auto: wrong codes": str(said["wrong_codes"]),
        "auto: share of documents": share(auto["coverage"]),
        "starts, F1": f"{said['starts_f1']:.4f}",
        **{name: share(value) for name, value in said["fields"].items()},
    }


def share(value: dict[str, Any]) -> str:
    """So many of so many."""
    return f"{value['hits']}/{value['of']} = {value['value']:.2%}"


def cost(home: Path) -> float:
    """Seconds of processor time that attribution takes a page, over some of the archive's files."""
    with open_archive(load(home)) as ports:
        sources = [
            source for source in ports.catalog.sources() if source.state is SourceState.PROPOSED and source.pages
        ]
        register = ports.register()
        start = time.process_time()
        for source in sources[:_FILES_TIMED]:
            proposals_of(source, register, ports)
        spent = time.process_time() - start
    return spent / max(sum(source.pages or 0 for source in sources[:_FILES_TIMED]), 1)


if __name__ == "__main__":
    main()
