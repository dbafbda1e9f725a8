"""A browser for the tests of this folder, and for each of them a site of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from faldone.domain.inbox import Inbox
from faldone.web.site import Site, SiteOptions
from tests.browser.harness import AXE, STYLE, Screen, Served, chromium, launch, on_air
from tests.twins import Archive

Open = Callable[..., Screen]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium.

    It ends with this folder: Playwright keeps an event loop running in the main thread for as long as it is
    open, and no later test could then start one of its own.
    """
    missing = [] if chromium() else ["chromium"]
    missing += ["tools/assets"] if not (STYLE.exists() and AXE.exists()) else []
    if missing and os.environ.get("CI"):
        pytest.fail(f"missing in CI: {', '.join(missing)}")
    if missing:
        pytest.skip(f"no browser without {', '.join(missing)}")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    archive = Archive(tmp_path)
    yield archive
    archive.close()


@pytest.fixture
def served(archive: Archive, tmp_path: Path) -> Iterator[Served]:
    """A site on an archive of twins, served on this machine; the test puts into the archive what it needs."""
    options = SiteOptions(
        url="http://127.0.0.1",
        office="Ente di prova",
        views=tmp_path / "views",
        home=tmp_path,
        inboxes=(Inbox(archive.inbox),),
    )
    with on_air(Site.of(archive.ports, options)) as served:
        yield served


@pytest.fixture
def open_screen(browser: Browser, served: Served) -> Iterator[Open]:
    """Opens windows: ``open_screen("operatore", width=320)``, or ``open_screen(None)`` at the door."""
    screens: list[Screen] = []

    def make(role: str | None, **options: object) -> Screen:
        screens.append(served.enter(browser, role, **options))  # type: ignore[arg-type]
        return screens[-1]

    yield make
    for screen in screens:
        screen.close()
