"""How often the lexicon's choices of type and service are right, by their raw value: the table of ``classify.ranking``.

python -m tests.bench.calibration [--home ARCHIVE --truth FILE] [--seeds 2 3] [--documents 700]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from unittest import mock

from faldone.bootstrap import open_archive
from faldone.classify import learned, propose
from faldone.classify.lexicon import default_lexicon
from faldone.classify.ranking import choose, raw_confidence
from faldone.classify.register import MemoryPersonRegister
from faldone.domain.attribution import Attribution
from faldone.pipeline.filing.attribute import proposals_of
from faldone.pipeline.filing.evaluate import read_truth
from faldone.settings import load
from tests.bench.otherhand.generate import SCANNED, archive

Json = dict[str, Any]
Pair = tuple[float, bool]
_EDGES: Final = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0001)
# Half a right and half a wrong one are added to every bin, so that none claims certainty.
_DOUBT: Final = 0.5


def main() -> None:
    """Prints the points (raw, true) of both taxonomies."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.calibration", description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--seeds", type=int, nargs="*", default=[2, 3])
    parser.add_argument("--documents", type=int, default=700)
    asked = parser.parse_args()
    pairs: dict[str, list[Pair]] = {"type": [], "service": []}
    for documents, seen in _files(asked):
        for document in documents:
            for name, (code, raw) in seen.get(document["first_page"], {}).items():
                if name == "type" or not default_lexicon().types[document["type"]].personal:
                    pairs[name].append((raw, code == document[name]))
    for name, found in pairs.items():
        print(name, len(found), ", ".join(f"({raw:.2f}, {true:.3f})" for raw, true in curve(found)))


def curve(pairs: list[Pair]) -> list[tuple[float, float]]:
    """The points of a rising curve: bins of raw values, neighbours that fall pooled together."""
    pools: list[tuple[float, float, float]] = []  # sum of raw values, right ones, how many
    for low, high in pairwise(_EDGES):
        inside = [pair for pair in pairs if low <= pair[0] < high]
        if not inside:
            continue
        pools.append((sum(raw for raw, _ in inside), sum(right for _, right in inside), len(inside)))
        while len(pools) > 1 and _true(pools[-2]) >= _true(pools[-1]):
            last, before = pools.pop(), pools.pop()
            pools.append((last[0] + before[0], last[1] + before[1], last[2] + before[2]))
    return [(pool[0] / pool[2], _true(pool)) for pool in pools]


def _true(pool: tuple[float, float, float]) -> float:
    return (pool[1] + _DOUBT) / (pool[2] + 2 * _DOUBT)


def _files(asked: argparse.Namespace) -> Iterator[tuple[list[Json], Mapping[int, Mapping[str, tuple[str, float]]]]]:
    """The true documents of each file, and by first page the best code of each taxonomy with its raw value."""
    if asked.home is not None:
        truth = read_truth(asked.truth)
        with open_archive(load(asked.home)) as ports:
            register = ports.register()
            for report in ports.catalog.files():
                source = report.source
                if source is not None and report.intake.path in truth:
                    seen = _watch(lambda source=source: proposals_of(source, register, ports))  # type: ignore[misc]
                    yield truth[report.intake.path]["documents"], seen
    for seed in asked.seeds:
        made = archive(seed, asked.documents)
        known = MemoryPersonRegister(made.people.register)
        for file in made.files:
            views = [propose.PageView(index, page, legible=True) for index, page in enumerate(file.pages)]
            context = propose.Context(SCANNED, file.truth["file"])
            seen = _watch(lambda: propose.propose(views, known, default_lexicon(), context))  # noqa: B023
            yield file.truth["documents"], seen


def _watch(act: Callable[[], object]) -> dict[int, dict[str, tuple[str, float]]]:
    """What ``choose`` was asked for each document while ``act`` ran: also what it did not choose."""
    seen: dict[int, dict[str, tuple[str, float]]] = {}
    last: dict[str, tuple[str, float]] = {}
    document = propose._document

    def watched_choose(scores: Mapping[str, Any], *, method: str, **rest: Any) -> Attribution[str] | None:
        ranked = sorted(((score, code) for code, (score, _) in scores.items() if score > 0), reverse=True)
        if ranked:
            rival = ranked[1][0] if len(ranked) > 1 else 0.0
            last[method.partition("-")[0]] = ranked[0][1], raw_confidence(ranked[0][0], rival)
        return choose(scores, method=method, **rest)

    def watched_document(found: Any, span: Any, *rest: Any, **named: Any) -> Any:
        last.clear()
        made = document(found, span, *rest, **named)
        seen[span.first] = dict(last)
        return made

    with (
        mock.patch.object(learned, "choose", watched_choose),
        mock.patch.object(propose, "_document", watched_document),
    ):
        act()
    return seen


if __name__ == "__main__":
    main()
