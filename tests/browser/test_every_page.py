"""Each page that there is, in a browser, for all readers: a new page has to come with an example to be looked at."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page

from faldone.domain.access import EVERYTHING
from faldone.domain.account import Ability, Account, AccountRole
from faldone.domain.ids import DocumentId
from faldone.pipeline.accounts.accounts import create_account, invite
from faldone.pipeline.review.queue import Order, ReviewQueue
from faldone.web.app import RuledRoute, routes
from faldone.web.rules import Anybody, Requires
from tests.browser.conftest import Open
from tests.browser.days import nameless, scan, served_archive, unreachable
from tests.browser.harness import OWN, Screen, Served, axe
from tests.dossiers import LUCA, fill
from tests.review_papers import report
from tests.twins import Archive

pytestmark = pytest.mark.slow

# What a browser does not show as a page: pictures, streams, files, parts of pages, the way to another site and back.
NO_PAGES = {
    "/acquisizione/pagine/{scan}/miniatura", "/acquisizione/pagine/{scan}/immagine", "/acquisizione/eventi",
    "/documenti/{document_id}/pagine/{number}/immagine", "/documenti/{document_id}/originale",
    "/documenti/{document_id}/pdf", "/documenti/{document_id}/ricevuta",
    "/fascicoli/{person}/esporta/{job}/file", "/verifica/accessi/rapporto",
    "/verifica/prove/{run}/rapporto", "/verifica/prove/{run}/stato", "/verifica/prove/{run}/eventi",
    "/verifica/documenti/{document_id}/rapporto", "/verifica/lotti/{code}/rapporto",
    "/verifica/persone/{person_id}/rapporto", "/verifica/utenti/{name}/rapporto", "/statistiche/tabella.{kind}",
    "/sblocca", "/accedi/oidc", "/accedi/oidc/ritorno",
}  # fmt: skip

ELSEWHERE = {"/": "/statistiche", "/accedi/codice": "/accedi", "/revisione": "/revisione/d-",
             "/revisione/{document}/foglio": "/revisione/d-", "/revisione/ricontrollo": "/ricontrollo"}  # fmt: skip
"""Addresses that lead to another page; whoever stands at the second step without a first one begins anew."""

WIDTHS = (320, 3840)

_CUT = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')].filter((one) => {
    if (!one.checkVisibility({ visibilityProperty: true }) || one.closest('.skiplinks')) return false
    const box = one.getBoundingClientRect()
    if (box.width < 2) return false
    for (let around = one.parentElement; around; around = around.parentElement) {
        const flow = getComputedStyle(around).overflowX
        if (flow === 'auto' || flow === 'scroll') return false
        const edge = around.getBoundingClientRect()
        if (flow !== 'visible' && (box.left < edge.left - 1 || box.right > edge.right + 1)) return true
    }
    return box.left < 0 || box.right > innerWidth + 1
}).map((one) => one.outerHTML.slice(0, 120))"""

_PARTS = """() => {
    const wrong = []
    const count = (what, least, most) => {
        const found = document.querySelectorAll(what).length
        if (found < least || found > most) wrong.push(`${found} of ${what}`)
    }
    count('h1', 1, 1)
    count('main', 1, 1)
    count('html[lang="it"]', 1, 1)
    if (document.body.hasAttribute('data-entered')) count('nav', 1, 99)
    const place = document.title.replace(/ · faldone$/, '').trim()
    if (place === document.title || !place) wrong.push(`the title «${document.title}»`)
    if (!document.querySelector('h1')?.innerText.trim()) wrong.push('an empty h1')
    const ids = [...document.querySelectorAll('[id]')].map((one) => one.id)
    wrong.push(...ids.filter((id, at) => ids.indexOf(id) < at).map((id) => `twice the id ${id}`))
    for (const one of document.querySelectorAll('img:not([alt])')) wrong.push(one.outerHTML.slice(0, 120))
    for (const one of document.querySelectorAll('[aria-describedby], [aria-labelledby], [aria-controls]')) {
        for (const kind of ['aria-describedby', 'aria-labelledby', 'aria-controls']) {
            const lost = (one.getAttribute(kind) || '').split(/\\s+/).filter((id) => id && !ids.includes(id))
            if (lost.length) wrong.push(`${kind} of nothing: ${lost}`)
        }
    }
    return wrong
}"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    made = Archive(tmp_path_factory.mktemp("pages"))
    made.ports = replace(made.ports, options=replace(made.ports.options, recheck_one_in=1))
    yield made
    made.close()


@pytest.fixture(scope="module")
def papers(archive: Archive) -> list[DocumentId]:
    """A dossier of some papers, three that wait for one and the same answer, and a file in quarantine."""
    made = fill(archive)
    alike = [scan(archive, f"B-12/{name}.tif", report("VERDI CARLO"), seed=ord(name))[0].id for name in "abc"]
    archive.take("B-12/rotto.tif", b"niente")
    archive.work_off()
    return [*made, *alike]


@pytest.fixture(scope="module")
def served(archive: Archive, papers: list[DocumentId]) -> Iterator[Served]:
    with served_archive(archive) as served:
        yield served


def test_a_fault_of_a_page_is_found(open_screen: Open) -> None:
    page = open_screen(AccountRole.OPERATOR).goto("/aiuto/tasti")
    assert _faults_of(page) == []
    page.evaluate(
        """() => document.querySelector('main').insertAdjacentHTML('beforeend',
            `<h1></h1><img src="/static/favicon.svg"><p id="menu"></p>
            <button></button><button tabindex="-1">Lontano</button><input aria-describedby="lost">`)"""
    )
    found = " ".join(_faults_of(page))
    for fault in ("- button", "- textbox", "Lontano", "2 of h1", "twice the id menu", "aria-describedby of nothing"):
        assert fault in found
    assert "<img src=" in found
    assert _cut_off(page) == []
    page.evaluate(
        """() => document.querySelector('main').insertAdjacentHTML('beforeend',
            '<p class="text-truncate"><svg width="4000" height="9"></svg><button>Fuori</button></p>')"""
    )
    assert _cut_off(page) == ["<button>Fuori</button>"]


def test_every_page_that_there_is_is_for_all_readers(
    open_screen: Open, archive: Archive, papers: list[DocumentId]
) -> None:
    screens: dict[AccountRole | None, Screen] = {
        role: open_screen(role) for role in (AccountRole.MANAGER, AccountRole.ADMINISTRATOR, None)
    }
    examples = _examples(screens[AccountRole.MANAGER], archive, papers)
    wrong: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for route in routes():
        if route.method != "GET" or route.path.startswith("/api/") or route.path in NO_PAGES:
            continue
        screen = screens[_reader(route)]
        found = _look(route, screen, examples)
        if found:
            wrong[route.path] = found
        if route.path not in ELSEWHERE:
            titles[route.path] = screen.page.title()
    assert len(titles) > 45
    assert not wrong, json.dumps(wrong, indent=1)
    twice = {title: [path for path in titles if titles[path] == title] for title in titles.values()}
    assert {title: paths for title, paths in twice.items() if len(paths) > 1} == {}


def _reader(route: RuledRoute) -> AccountRole | None:
    """Who looks at a page: who may do nearly everything, but hand out rights."""
    if isinstance(route.rule, Anybody):
        return None
    closed = isinstance(route.rule, Requires) and route.rule.ability is Ability.ACCOUNTS
    return AccountRole.ADMINISTRATOR if closed else AccountRole.MANAGER


def _look(route: RuledRoute, screen: Screen, examples: dict[str, str]) -> list[str]:
    """What is wrong with a page: its status and its kind, its parts, its width."""
    names = re.findall(r"{(\w+)(?::\w+)?}", route.path)
    if lacking := [name for name in names if name not in examples]:
        return [f"no example for {', '.join(lacking)}"]
    path = examples.get(route.path) or re.sub(r"{(\w+)(?::\w+)?}", lambda name: examples[name[1]], route.path)
    screen.complaints.clear()
    answer = screen.page.goto(path)
    assert answer is not None
    kind = answer.headers.get("content-type", "")
    if answer.status != 200 or not kind.startswith("text/html"):
        return [f"{path}: {answer.status} {kind}"]
    if ELSEWHERE.get(route.path, path) not in screen.page.url:
        return [f"{path} leads to {screen.page.url}"]
    screen.page.wait_for_load_state("load")
    found = [*_faults_of(screen.page), *screen.complaints]
    for width in WIDTHS:
        screen.page.set_viewport_size({"width": width, "height": 800})
        found += [f"scrolls sideways at {width} px"] if screen.scrolls_sideways() else []
        found += [f"out of reach at {width} px: {one}" for one in _cut_off(screen.page)]
    screen.page.set_viewport_size({"width": 1280, "height": 800})
    return found


def _cut_off(page: Page) -> list[str]:
    """Controls that stand beyond the edges of the page, or of a frame around them that does not scroll."""
    found: list[str] = page.evaluate(_CUT)
    return found


def _faults_of(page: Page) -> list[str]:
    parts: list[str] = page.evaluate(_PARTS)
    return [*axe(page), *nameless(page), *unreachable(page), *parts]


def _examples(screen: Screen, archive: Archive, papers: list[DocumentId]) -> dict[str, str]:
    """What stands in addresses, by the names that routes have for it; or under a route's path its whole address."""
    catalog = archive.catalog

    def told(path: str, **form: Any) -> str:
        answer = screen.page.request.post(path, form=form, headers=OWN)
        assert answer.ok, f"{path}: {answer.status}"
        return answer.url.rpartition("/")[2]

    by = next(one.name for one in catalog.accounts() if one.role is AccountRole.ADMINISTRATOR)
    account = create_account(Account("bruna", "Bruna Prova", AccountRole.OPERATOR), by, archive.ports)
    batch = catalog.batch("B-12")
    pages = [page.id for file in catalog.batch_contents(batch.id) for page in file.pages]
    again = ReviewQueue().waiting(EVERYTHING, Order.USEFUL, archive.ports).rechecks[0].document
    return {
        "account_name": account.name, "name": account.name, "secret": invite(account.name, by, archive.ports),
        "batch": batch.id, "code": batch.code, "scan": str(pages[0]),
        "document": papers[-1], "document_id": papers[0], "number": "1",
        "person": LUCA.id, "person_id": LUCA.id, "service": "TUM",
        "search_id": told("/ricerca", q="bianchi"), "run": told("/verifica/prove"),
        "job": told(f"/fascicoli/{LUCA.id}/esporta"),
        "/acquisizione/lotti/{name}": f"/acquisizione/lotti/{batch.id}",
        "/revisione/{document}/ricontrollo": f"/revisione/{again}/ricontrollo",
    }  # fmt: skip
