"""Made pages that were once called blank although somebody wrote on them: by their seeds, as the bench makes them."""

from __future__ import annotations

import pytest

from faldone.ocr.recognise import Look
from tests.bench.blanks import sheet

LOST = {
    "a signature in pencil that black and white cut to dust": (4401, "99n"),
    "a date in pencil on the print that shows through": (4401, "605n"),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", LOST)
def test_what_was_written_on_a_back_is_seen(what: str) -> None:
    seed, name = LOST[what]
    pages = {page.name: page for page in sheet(seed, int(name[:-1]))}
    front = pages[f"{name[:-1]}f"]
    look = Look.at(pages[name].image, lambda: [("other side", front.image)])
    assert look.bare() is None
