"""How long and in how much memory the classifier learns from many confirmed papers, and how long one paper takes.

Papers of made-up words: phrases of the lexicon for their type and service among common words drawn by Zipf's law, a
name, dates, and a misread letter in every tenth word. What is measured is time and memory; how well it learns is asked
of real layouts (`faldone demo` and `faldone classify train`). About 5 minutes for 50 000 papers on one core.

    python -m tests.bench.train [--papers 50000] [--persons 8000]
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import tempfile
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from random import Random

import yaml

from faldone.classify.document_type import document_type
from faldone.classify.learned import TYPE, LearnedModel, load_model, save_model
from faldone.classify.lexicon import Lexicon, default_lexicon, given_names
from faldone.classify.reading import Reading, read
from faldone.classify.register import MemoryPersonRegister
from faldone.classify.train import Sample, TaxonomyReport, train
from faldone.domain.ids import PersonId
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.domain.person import Person

_WORDS = 250
_VOCABULARY = 6_000
_STAMP = EngineStamp("made-up", "1", "")
_SYLLABLES = [
    first + vowel
    for first in ["b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "gr", "st", "tr", "pr", "ch"]
    for vowel in "aeiou"
]
_NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class Office:
    """Makes papers: the same number always makes the same one."""

    def __init__(self, persons: int) -> None:
        chance = Random(7)
        self.words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 5))) for _ in range(_VOCABULARY)]
        self.frequency = [1 / (rank + 2) for rank in range(_VOCABULARY)]
        names = sorted(given_names())
        self.persons = [
            Person(PersonId(str(number)), "".join(chance.choices(_SYLLABLES, k=3)), chance.choice(names))
            for number in range(persons)
        ]
        lexicon = default_lexicon()
        self.phrases: dict[str, list[str]] = {}
        for code, phrase in _phrases():
            self.phrases.setdefault(code, []).append(phrase)
        self.types = sorted(code for code in lexicon.types if code in self.phrases)
        self.services = sorted(code for code in lexicon.services if code in self.phrases)

    def paper(self, number: int) -> Sample:
        """The paper with this number."""
        chance = Random(number)
        person = chance.choice(self.persons)
        kind, service = chance.choice(self.types), chance.choice(self.services)
        words = chance.choices(self.words, self.frequency, k=_WORDS)
        words[40:40] = [person.surname, person.name, "nato", "il", "12/03/1988"]
        # A third of the papers has no title that the lexicon knows: there is something to learn.
        for code, often in ((kind, 3 if number % 3 else 0), (service, 2)):
            for _ in range(often):
                place = chance.randrange(len(words))
                words[place:place] = chance.choice(self.phrases[code]).split()
        words[5:5] = [self.words[_habit(kind, step)] for step in range(6)]
        words = [_misread(word, chance) if chance.random() < 0.1 else word for word in words]
        return Sample((_page(words),), kind, service, str(person.id), dt.date(2019, 5, 1), dt.date(2024, 1, 1))


def _habit(code: str, step: int) -> int:
    """A place in the vocabulary that belongs to the code: the habits of the office that the lexicon does not know."""
    return sum(ord(char) * (step + 3) ** (place % 3) for place, char in enumerate(code)) % _VOCABULARY


def _phrases() -> Iterator[tuple[str, str]]:
    folder = resources.files("faldone.classify") / "lexicon"
    for name, kinds in (("types", ("headers", "phrases")), ("services", ("aliases", "strong"))):
        file = "document_types.yaml" if name == "types" else "services.yaml"
        for row in yaml.safe_load((folder / file).read_text(encoding="utf-8"))[name]:
            for kind in kinds:
                for phrase in row.get(kind) or ():
                    yield row["code"], str(phrase)


def _misread(word: str, chance: Random) -> str:
    place = chance.randrange(len(word))
    return word[:place] + chance.choice("aeiounmrlt") + word[place + 1 :]


def _page(words: list[str]) -> PageText:
    made = [
        Word(word, Box(200 + 200 * (place % 10), 200 + 60 * (place // 10), 180, 40), 0.95, place // 10)
        for place, word in enumerate(words)
    ]
    return PageText(tuple(made), 2480, 3508, 300, 0, TextSource.OCR, _STAMP)


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _print(report: TaxonomyReport) -> None:
    for name in ("lexicon", "model", "blend"):
        part = getattr(report, name)
        print(
            f"  {report.name:8} {name:8} right {part.right}/{part.papers}  of those filed {part.auto_right}/{part.auto}"
        )
    print(f"  {report.name:8} weight {report.weight}  {report.why[1]}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--papers", type=int, default=50_000)
    parser.add_argument("--persons", type=int, default=8_000)
    args = parser.parse_args()
    lexicon, office = default_lexicon(), Office(args.persons)
    start = time.process_time()
    for number in range(500):
        office.paper(number)
    making = (time.process_time() - start) / 500 * args.papers
    before, start = _peak_mib(), time.process_time()
    model, report = train(
        (office.paper(number) for number in range(args.papers)), lexicon, MemoryPersonRegister(office.persons), now=_NOW
    )
    spent = time.process_time() - start
    print(f"{args.papers} papers: {spent:.0f} s of one core, {making:.0f} s of them to make the papers up")
    print(f"peak memory {_peak_mib():.0f} MiB ({before:.0f} before), {report.features} features")
    _print(report.types)
    _print(report.services)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        save_model(model, path)
        size = path.stat().st_size / 2**20
        start = time.perf_counter()
        loaded = load_model(path)
        print(f"file {size:.1f} MiB, loaded in {(time.perf_counter() - start) * 1e3:.0f} ms, version {loaded.version}")
    readings = [[read(0, office.paper(number).pages[0])] for number in range(200)]
    alone, both = _one(readings, lexicon, None), _one(readings, lexicon, loaded)
    print(f"one paper, {TYPE}: {alone:.2f} ms by the lexicon alone, {both:.2f} ms with the model")


def _one(readings: list[list[Reading]], lexicon: Lexicon, learned: LearnedModel | None) -> float:
    """Milliseconds for the type of one paper, without the search for phrases."""
    hits = [[lexicon.book.find(page) for page in pages] for pages in readings]
    start = time.perf_counter()
    for pages, found in zip(readings, hits, strict=True):
        document_type(pages, found, [()], lexicon, learned)
    return (time.perf_counter() - start) / len(readings) * 1e3


if __name__ == "__main__":
    main()
