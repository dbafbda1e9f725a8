"""What a large register costs: seconds and memory of the matcher's start, milliseconds of classification a page.

python -m tests.bench.register [--persons 200000] [--documents 300]
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import resource
import time

from faldone.classify.codice_fiscale import check_character, name_code, surname_code
from faldone.classify.lexicon import default_lexicon
from faldone.classify.propose import Context, PageView, propose
from faldone.classify.register import MemoryPersonRegister
from faldone.demo.lexis import table
from faldone.domain.ids import PersonId
from faldone.domain.person import Person
from tests.bench.otherhand.generate import archive

_PLACES = ("D142", "D150", "I849", "C153", "I827", "G306", "H357", "G004", "F205", "B157")


def persons(count: int, seed: int) -> list[Person]:
    """So many persons with names from the demo's lists; surnames are doubled to make enough different ones."""
    chance = random.Random(seed)
    surnames, women, men = _lists()
    made = []
    for index in range(count):
        female = chance.random() < 0.5
        surname = chance.choice(surnames)
        if chance.random() < 0.7:
            surname = f"{surname} {chance.choice(surnames)}"
        given = chance.choice(women if female else men)
        birth = dt.date(1920, 1, 1) + dt.timedelta(days=chance.randrange(38_000))
        base = surname_code(surname) + name_code(given) + f"{birth.year % 100:02d}" + "ABCDEHLMPRST"[birth.month - 1]
        base += f"{birth.day + (40 if female else 0):02d}{chance.choice(_PLACES)}"
        made.append(Person(PersonId(f"u-{index}"), surname, given, base + check_character(base), birth))
    return made


def _lists() -> tuple[list[str], list[str], list[str]]:
    """Surnames, women's and men's names, of every origin."""
    loaded = table("names")
    origins = [loaded["italian"], *loaded["origins"].values()]
    return tuple(  # type: ignore[return-value]
        [name for origin in origins for name in origin.get(kind, ())] for kind in ("surnames", "women", "men")
    )


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=200_000)
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    people = persons(args.persons, args.seed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started = time.process_time()
    register = MemoryPersonRegister(people)
    took = time.process_time() - started
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{args.persons} persons: start {took:.2f} s, matcher {after - before:.0f} MiB, process {after:.0f} MiB")
    lexicon = default_lexicon()
    pages, spent = 0, 0.0
    for file in archive(args.seed, args.documents).files:
        views = [PageView(index, text, legible=True) for index, text in enumerate(file.pages)]
        started = time.process_time()
        propose(views, register, lexicon, Context(dt.date(2026, 1, 1), file.truth["file"]))
        spent += time.process_time() - started
        pages += len(views)
    print(f"{pages} pages: {1000 * spent / max(pages, 1):.1f} ms of core a page")


if __name__ == "__main__":
    main()
