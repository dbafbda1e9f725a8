"""The weights by which a page is said to start a document, fitted on labelled files.

    python -m tests.bench.boundaries --home HOME --truth HOME/scatola/verita.jsonl [--documents 600] [--seeds 1 2]

HOME is an archive whose papers have been recognised (``faldone demo --truth``); to it come papers from the other hand.
A logistic regression whose ridge pulls towards a judged weight instead of zero: both sets write some signs rarely (a
folder's cover, one registration on two pages), and these keep what they were judged to say. Prints, by cross-validation
over whole files, how right and how reliable it is, then the table for ``faldone/classify/boundaries.py``.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from faldone.bootstrap import open_archive
from faldone.classify.boundaries import START, SoFar, evidence
from faldone.classify.lexicon import default_lexicon
from faldone.classify.propose import Context, PageView, page_signs_of
from faldone.classify.register import MemoryPersonRegister, PersonRegister
from faldone.classify.stretches import stretches, with_blanks
from faldone.domain.look import Mark
from faldone.pipeline.filing.evaluate import read_truth
from faldone.settings import load
from tests.bench.otherhand.generate import SCANNED, archive

_JUDGED = {
    "bias": -1.5,
    "title": 1.5,
    "title_again": 0.3,
    "letterhead": 1.0,
    "letterhead_again": 0.0,
    "subject": 1.0,
    "addressed": 0.7,
    "introduces": 1.0,
    "protocol": 1.0,
    "protocol_again": -2.0,
    "first_number": 3.0,
    "next_number": -3.0,
    "inner_number": -1.5,
    "after_last_number": 1.5,
    "after_inner_number": -1.5,
    "after_end": 0.5,
    "after_short_page": 1.0,
    "after_open_sentence": -0.7,
    "starts_small": -1.2,
    "capitals": 0.5,
    "goes_on": -1.5,
    "other_holder": 1.2,
    "same_holder": 0.0,
    "cover": 2.0,
    "after_cover": 2.0,
    "other_letter": 0.4,
    "other_margin": 0.3,
    "blank_before": 0.3,
    "bare": -1.0,
}
_NAMES = tuple(_JUDGED)
_RIDGE, _STEPS, _RATE, _FOLDS = 3.0, 3000, 0.03, 5
_BINS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 1.0001)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Turn:
    """A page after another: what speaks for a start, and whether one is there."""

    file: str
    signs: dict[str, float]
    starts: bool


def main() -> None:
    """Fits, checks and prints."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.boundaries", description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--documents", type=int, default=600, help="of the other hand, for each seed")
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2])
    asked = parser.parse_args()
    turns = [turn for seed in asked.seeds for turn in _other_hand(seed, asked.documents)]
    if asked.home is not None:
        turns += _labelled(asked.home, asked.truth)
    table = np.array([[turn.signs.get(name, 0.0) for name in _NAMES] for turn in turns])
    starts = np.array([float(turn.starts) for turn in turns])
    print(f"{len(turns)} pages after another, {int(starts.sum())} of them start a document")
    _check(table, starts, np.array([zlib.crc32(turn.file.encode()) % _FOLDS for turn in turns]))
    for name, weight in zip(_NAMES, fit(table, starts), strict=True):
        print(f'    "{name}": {weight:.2f},')


def _other_hand(seed: int, documents: int) -> Iterator[Turn]:
    made = archive(seed, documents)
    register = MemoryPersonRegister(made.people.register)
    for file in made.files:
        views = [PageView(index, page, legible=True) for index, page in enumerate(file.pages)]
        yield from _turns(f"{seed}/{file.truth['file']}", views, Context(SCANNED, ""), register, file.truth)


def _labelled(home: Path, truth: Path) -> Iterator[Turn]:
    labels = read_truth(truth)
    with open_archive(load(home)) as ports:
        register = ports.register()
        for report in ports.catalog.files():
            source = report.source
            if source is None or report.intake.path not in labels:
                continue
            texts = ports.catalog.page_texts(source.digest)
            views = [PageView(index, texts.get(index), legible=True) for index in range(source.pages or 0)]
            marks = ports.catalog.marks(source.digest)
            context = Context(source.sealed_at.date(), report.intake.path, marks=marks)
            yield from _turns(report.intake.path, views, context, register, labels[report.intake.path])


def _turns(
    file: str, views: Sequence[PageView], context: Context, register: PersonRegister, truth: Any
) -> Iterator[Turn]:
    lexicon = default_lexicon()
    starts = {document["first_page"] for document in truth["documents"]}
    starts |= {page["index"] for page in truth.get("pages", ()) if page.get("separator")}
    marks: dict[int, Mark] = dict(context.marks)
    signs = {
        view.index: page_signs_of(view, register, lexicon, context)
        for view in views
        if view.index not in marks and not (view.text is not None and view.text.blank)
    }
    for stretch in stretches(len(views), sorted(signs), marks):
        told = with_blanks(stretch.written, signs)
        before: SoFar | None = None
        for place in stretch.written:
            page = told[place]
            if page is None:
                continue
            if before is not None:
                yield Turn(file, evidence(page, before), place in starts)
            before = SoFar.opened(page) if before is None or place in starts else before.with_page(page)


def fit(table: Floats, starts: Floats) -> Floats:
    """The weights: maximum likelihood with a ridge around the judged ones, by Adam's steps."""
    judged = np.array([_JUDGED[name] for name in _NAMES])
    pull = np.array([0.0 if name == "bias" else _RIDGE for name in _NAMES]) / len(starts)
    weights, mean, square = judged.copy(), np.zeros(len(_NAMES)), np.zeros(len(_NAMES))
    for step in range(1, _STEPS + 1):
        slope = table.T @ (_likely(table, weights) - starts) / len(starts) + pull * (weights - judged)
        mean = 0.9 * mean + 0.1 * slope
        square = 0.999 * square + 0.001 * slope * slope
        weights = weights - _RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights


def _likely(table: Floats, weights: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-table @ weights)), dtype=np.float64)


def _check(table: Floats, starts: Floats, folds: npt.NDArray[np.int64]) -> None:
    likely = np.zeros(len(starts))
    for fold in range(_FOLDS):
        inside = folds == fold
        if inside.any():
            likely[inside] = _likely(table[inside], fit(table[~inside], starts[~inside]))
    said, true = likely >= START, starts > 0.5
    print(
        f"F1 {2 * (said & true).sum() / max(said.sum() + true.sum(), 1):.4f}, "
        f"merged {(true & ~said).sum()}, split {(said & ~true).sum()}"
    )
    for low, high in pairwise(_BINS):
        inside = (likely >= low) & (likely < high)
        if inside.any():
            print(
                f"{low:.2f} to {min(high, 1):.2f}: says {likely[inside].mean():.3f}, "
                f"is {starts[inside].mean():.3f} of {inside.sum()}"
            )


if __name__ == "__main__":
    main()
