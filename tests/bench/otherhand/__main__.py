"""How well faldone files papers from another hand.

python -m tests.bench.otherhand [--documents 2000] [--seed 1] [--without-register] [--show N] [--field holder] [--auto]
"""

from __future__ import annotations

import argparse
import time

from faldone.classify import measure
from faldone.classify.lexicon import default_lexicon
from faldone.classify.register import MemoryPersonRegister
from tests.bench.otherhand.generate import archive
from tests.bench.otherhand.report import distribution, show, summary
from tests.bench.otherhand.said import said


def main() -> None:
    """Generates, proposes, scores and prints."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.otherhand", description=__doc__)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without-register", action="store_true", help="an office that has no list of its users")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N wrong documents")
    parser.add_argument("--field", choices=measure.FIELDS, help="of --show: only those wrong in this field")
    parser.add_argument("--auto", action="store_true", help="of --show: only those filed by themselves")
    asked = parser.parse_args()
    started = time.perf_counter()
    made = archive(asked.seed, asked.documents)
    register = MemoryPersonRegister(() if asked.without_register else made.people.register)
    tally = measure.Tally()
    lexicon = default_lexicon()
    for file in made.files:
        tally.add(said(file.truth["file"], file.pages, register, lexicon), file.truth)
    print(distribution(made))
    print(summary(tally))
    print(f"{time.perf_counter() - started:.0f} s; register of {len(register)} persons; lexicon {lexicon.version}")
    if asked.show:
        show(made, tally, asked.show, asked.field, auto=asked.auto)


if __name__ == "__main__":
    main()
