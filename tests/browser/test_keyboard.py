"""All by the tabulator: where each role lands, and on the benches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from faldone.domain.account import AccountRole
from faldone.domain.ids import DocumentId
from tests.browser.conftest import Open
from tests.browser.days import nameless, scan, served_archive, unreachable
from tests.browser.harness import Served, axe
from tests.dossiers import fill
from tests.review_papers import report
from tests.twins import Archive

pytestmark = pytest.mark.slow

LANDINGS = {
    AccountRole.ARCHIVIST: "/acquisizione",
    AccountRole.OPERATOR: "/ricerca",
    AccountRole.AUDITOR: "/verifica",
    AccountRole.MANAGER: "/statistiche",
    AccountRole.ADMINISTRATOR: "/amministrazione",
}
MOST = 200
"""No page has more stops than this for the tabulator."""

_STOPS = """() => {
    window.stops = [...document.querySelectorAll(
        'a[href], button, input, select, textarea, summary, [tabindex]')].filter((one) =>
        one.tabIndex >= 0 && !one.disabled && one.type !== 'hidden' && one.checkVisibility({ visibilityProperty: true })
        && !(one.type === 'radio' && !one.checked))
    window.met = new Set()
    // The tabulator goes on from where the focus was last: this puts it before all there is.
    document.body.insertAdjacentHTML('afterbegin', '<span tabindex="-1"></span>')
    document.body.firstElementChild.focus()
}"""

_HERE = """async () => {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame)
    const on = document.activeElement
    if (on === document.body) return { name: 'body', shown: false, ring: false, covered: false, again: false }
    const again = window.met.has(on)
    window.met.add(on)
    const seen = [...on.getClientRects()].filter((box) => box.width > 0 && box.height > 0
        && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth)
    const middle = (low, high, most) => (Math.max(low, 0) + Math.min(high, most)) / 2
    const free = seen.some((box) => {
        const [x, y] = [middle(box.left, box.right, innerWidth), middle(box.top, box.bottom, innerHeight)]
        const top = document.elementFromPoint(x, y)
        return top && (on.contains(top) || top.contains(on))
    })
    const look = getComputedStyle(on)
    return {
        name: on.outerHTML.slice(0, 120),
        shown: seen.length > 0,
        ring: (look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2) || look.boxShadow !== 'none',
        covered: !free,
        again,
    }
}"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    made = Archive(tmp_path_factory.mktemp("keyboard"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def papers(archive: Archive) -> list[DocumentId]:
    """A dossier, and papers that wait: one for each bench, since whoever opens one keeps it for minutes."""
    made = fill(archive)
    for place, name in enumerate(("VERDI CARLO", "FERRARI ANNA", "NERI ADA", "ROSSI MARIO")):
        scan(archive, f"B-12/{place}.tif", report(name), seed=place)
    return made


@pytest.fixture(scope="module")
def served(archive: Archive, papers: list[DocumentId]) -> Iterator[Served]:
    with served_archive(archive) as served:
        yield served


def _walk(page: Page) -> list[str]:
    """What is wrong on the way of the tabulator from the first stop to the last."""
    page.evaluate(_STOPS)
    wrong: list[str] = []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        here: dict[str, Any] = page.evaluate(_HERE)
        if here["again"] or here["name"] == "body":
            break
        for fault in ("shown", "ring"):
            wrong += [] if here[fault] else [f"not {fault}: {here['name']}"]
        wrong += [f"covered: {here['name']}"] if here["covered"] else []
    missed: list[str] = page.evaluate(
        "() => window.stops.filter((one) => !window.met.has(one)).map((one) => one.outerHTML.slice(0, 120))"
    )
    return wrong + [f"never met: {one}" for one in missed]


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("role", AccountRole)
def test_where_a_role_lands_the_tabulator_comes_to_everything(open_screen: Open, role: AccountRole, width: int) -> None:
    screen = open_screen(role, width=width, height=640, reduced_motion="reduce")
    page = screen.goto("/")
    expect(page).to_have_url(LANDINGS[role])
    assert "\n".join(_walk(page)) == ""
    page.locator("details.menu-box summary").press("Enter")
    assert not screen.scrolls_sideways()
    assert nameless(page) == []
    assert unreachable(page) == []
    assert axe(page) == []
    assert screen.complaints == []


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("place", ["/documenti/{document}", "/revisione", "/acquisizione/carica"])
def test_at_a_bench_the_tabulator_comes_to_everything(
    open_screen: Open, papers: list[DocumentId], place: str, width: int
) -> None:
    screen = open_screen(AccountRole.MANAGER, width=width, height=640, reduced_motion="reduce")
    page = screen.goto(place.format(document=papers[0]))
    page.wait_for_load_state("networkidle")
    assert "\n".join(_walk(page)) == ""


def test_what_is_covered_or_shows_no_focus_is_found(open_screen: Open) -> None:
    page = open_screen(AccountRole.OPERATOR).goto("/aiuto/tasti")
    page.evaluate(
        """() => {
            document.querySelector('main').insertAdjacentHTML('afterbegin', '<button tabindex="5">Prima</button>')
            document.querySelector('.brand').addEventListener('focus', (event) => event.target.blur())
            document.querySelector('#menu a').insertAdjacentHTML('afterend', '<dialog open>Sopra</dialog>')
            const cover = document.querySelector('dialog')
            cover.style.cssText = 'position: fixed; inset: 0; width: 100%; height: 100%'
        }"""
    )
    found = " ".join(_walk(page))
    assert "covered: " in found
    assert "never met: " in found


@pytest.mark.parametrize("place", ["/documenti/{document}", "/revisione"])
def test_panes_stand_side_by_side_from_992_px_on_and_one_below_the_other_before(
    open_screen: Open, papers: list[DocumentId], place: str
) -> None:
    page = open_screen(AccountRole.MANAGER, width=992).goto(place.format(document=papers[0]))
    panes = page.locator(".bench > .pane")

    def boxes() -> list[dict[str, float]]:
        found: list[dict[str, float]] = panes.evaluate_all(
            "(all) => all.map((one) => (({ x, y, height }) => ({ x, y, height }))(one.getBoundingClientRect()))"
        )
        return found

    wide = boxes()
    assert len(wide) >= 2
    assert len({box["y"] for box in wide}) == 1
    assert sorted({box["x"] for box in wide}) == [box["x"] for box in wide]
    page.set_viewport_size({"width": 991, "height": 800})
    narrow = boxes()
    assert {box["x"] for box in narrow} == {0}
    assert all(above["y"] + above["height"] <= below["y"] + 1 for above, below in pairwise(narrow))
