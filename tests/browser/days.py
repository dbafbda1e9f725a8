"""What the days of all roles share: papers that went through the scanner, hands that count, eyes that time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from PIL import Image
from playwright.sync_api import Page

from faldone.catalog.records import Document
from faldone.domain.events import AGENT
from faldone.domain.inbox import Inbox
from faldone.ocr.source import page_image
from faldone.pipeline.accounts.accounts import account_event
from faldone.web.site import Site, SiteOptions
from tests.browser.harness import Served, on_air
from tests.papers import noise, tiff
from tests.twins import Archive

BRIEF_S = 1.5
"""What a person takes for at once, on a machine of tests that does other things too; the aim is 250 ms."""


@contextmanager
def served_archive(archive: Archive) -> Iterator[Served]:
    """The archive of some twins, served for as long as the block lasts."""
    options = SiteOptions(
        url="http://127.0.0.1",
        office="Ente di prova",
        views=archive.folder / "views",
        home=archive.folder,
        inboxes=(Inbox(archive.inbox),),
    )
    with on_air(Site.of(archive.ports, options)) as served:
        yield served


def scan(archive: Archive, name: str, *texts: str, seed: int) -> tuple[Document, ...]:
    """Feeds a file whose pages say these texts and works it off; the documents that were made of it."""
    known = {source.digest for source in archive.catalog.sources()}
    feed(archive, name, [noise(seed + number) for number in range(len(texts))], texts)
    archive.work_off()
    (source,) = (one.digest for one in archive.catalog.sources() if one.digest not in known)
    return tuple(archive.catalog.documents(source))


def feed(archive: Archive, name: str, pages: Sequence[Image.Image], texts: Sequence[str]) -> None:
    """Feeds a file and tells the engine what its pages say; nothing is read yet."""
    path = archive.drop(name, tiff(*pages))
    said = {page_image(path, "image/tiff", number).digest: text for number, text in enumerate(texts)}
    archive.engine.texts = {**archive.engine.texts, **said}
    archive.take(name, path.read_bytes())


def accounts_on_record(archive: Archive) -> None:
    """Puts on the ledger what it should say of accounts that the tests made: a verification misses it otherwise."""
    with archive.catalog.begin() as work:
        for account in archive.catalog.accounts():
            work.record(account_event(account, archive.clock(), AGENT))


_WATCH = """(() => {
    if (window.day) return
    window.day = { pointers: 0, body: 0, next: [] }
    let pressed = 0
    let watching = false
    const look = () => {
        const on = document.activeElement
        if (on && on !== document.body) watching = true
        else if (watching) window.day.body += 1
        requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
    for (const kind of ['pointerdown', 'mousedown', 'touchstart']) {
        addEventListener(kind, () => { window.day.pointers += 1 }, true)
    }
    addEventListener('keydown', () => { pressed = performance.now() }, true)
    addEventListener('htmx:afterSwap', (event) => {
        if (event.target.id !== 'contenuto') return
        const since = pressed
        const painted = () => requestAnimationFrame(() => setTimeout(() => {
            window.day.next.push(performance.now() - since)
        }))
        const image = document.querySelector('#foglio img')
        if (!image || image.complete) return painted()
        for (const end of ['load', 'error']) image.addEventListener(end, painted, { once: true })
    })
})()"""


@dataclass
class Hands:
    """Somebody at a keyboard: text that is typed counts as one group, as each key that is pressed does."""

    page: Page
    groups: int = field(default=0)

    def __post_init__(self) -> None:
        self.page.add_init_script(_WATCH)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.groups += 1
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.groups += 1
        self.page.keyboard.type(text)

    @property
    def clicks(self) -> int:
        """How often a mouse or a finger was used on this page."""
        return int(self.page.evaluate("window.day.pointers"))

    @property
    def frames_without_focus(self) -> int:
        """In how many pictures that the screen showed the focus was nowhere, since it was somewhere first."""
        return int(self.page.evaluate("window.day.body"))

    @property
    def waits_ms(self) -> list[float]:
        """From each key that brought the next item to its picture on the screen."""
        return [float(one) for one in self.page.evaluate("window.day.next")]


def told(what: str, waits_ms: list[float]) -> None:
    """Prints what somebody waited: the aim is in the design, the bound of the tests is loose."""
    ordered = sorted(waits_ms)
    print(f"{what}: median {median(ordered):.0f} ms, worst {ordered[-1]:.0f} ms of {len(ordered)}")


_NAMELESS = re.compile(
    r"- '?(button|link|textbox|searchbox|combobox|listbox|checkbox|radio|spinbutton|slider|switch|tab|menuitem|dialog)"
    r'\b(?! ")'
)


def nameless(page: Page) -> list[str]:
    """The controls on the page that a screen reader could call by no name."""
    lines = (line.strip() for line in page.locator("body").aria_snapshot().splitlines())
    return [line for line in lines if _NAMELESS.match(line)]


def unreachable(page: Page) -> list[str]:
    """Visible controls to which the tabulator does not come and no list leads."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
            .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.type !== 'hidden'
                && one.tabIndex < 0 && !one.closest('[role="listbox"], [role="tablist"]'))
            .map((one) => one.outerHTML.slice(0, 120))"""
    )
    return found


def kept_in(page: Page) -> str:
    """All that a browser keeps of a page beyond its picture: address, title, history, stores."""
    kept: str = page.evaluate(
        """JSON.stringify([location.href, document.title, document.referrer, history.state, {...localStorage},
            {...sessionStorage}, document.cookie])"""
    )
    return kept


def downloaded(page: Page, link: str, folder: Path) -> bytes:
    """What a link with these words gives, when it is followed by the keyboard."""
    with page.expect_download() as coming:
        page.get_by_role("link", name=link).press("Enter")
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path.read_bytes()
