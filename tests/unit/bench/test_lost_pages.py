"""Made pages that were once called blank although somebody wrote on them, and blank backs that were once called marked:
by their seeds, as the bench makes them."""

from __future__ import annotations

import pytest

from faldone.ocr.recognise import Look
from tests.bench.blanks import sheet

LOST = {
    "a signature in pencil that black and white cut to dust": (4401, "99n"),
    "a date in pencil on the print that shows through": (4401, "605n"),
    "a word in pencil of 5 mm under noise, across a line that shows through": (4601, "54n"),
    "a number in pencil of 5 mm, on the letters that show through": (4601, "218n"),
}

MISSED = {
    "two rings that are black only where they cross": (4501, "125b"),
    "the edge of a sheet in shade": (4501, "128b"),
    "shade in which noise is stronger": (4601, "99b"),
    "the ring of a cup in greys": (4601, "192b"),
    "few greys, which noise begins to tell": (4601, "225b"),
}


def why_bare(seed: int, name: str) -> str | None:
    pages = {page.name: page for page in sheet(seed, int(name[:-1]))}
    front = pages[f"{name[:-1]}f"]
    return Look.at(pages[name].image, lambda: [("other side", front.image)]).bare()


@pytest.mark.slow
@pytest.mark.parametrize("what", LOST)
def test_what_was_written_on_a_back_is_seen(what: str) -> None:
    assert why_bare(*LOST[what]) is None


@pytest.mark.slow
@pytest.mark.parametrize("what", MISSED)
def test_what_is_only_dirt_on_a_back_is_explained(what: str) -> None:
    assert why_bare(*MISSED[what]) is not None
