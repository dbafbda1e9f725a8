"""A real Chromium on a really served site, for tests and for pictures of the screens."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright

from faldone.domain.access import Sensitivity
from faldone.domain.account import Ability, Account, AccountRole, Rights, Session
from faldone.web.app import create_app
from faldone.web.caller import key_of
from faldone.web.render import STATIC
from faldone.web.rules import COOKIE
from faldone.web.serve import serving
from faldone.web.site import Site

ROOT = Path(__file__).parents[2]
AXE = ROOT / "assets" / "node_modules" / "axe-core" / "axe.min.js"
STYLE = STATIC / "faldone.css"
ALL = Rights(None, None, Sensitivity.GIUDIZIARI, intake=True)
OWN = {"sec-fetch-site": "same-origin"}
"""What a browser says of a request that a page of the site makes."""

_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


def chromium() -> str | None:
    """Debian's Chromium, if it is there."""
    return shutil.which("chromium")


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=chromium(), args=list(_QUIET))


@dataclass
class Served:
    """A site that answers on this machine, and the way into it past the login page."""

    site: Site
    url: str
    _entered: int = field(default=0)

    def enter(
        self,
        browser: Browser,
        role: AccountRole | str | None,
        *,
        width: int = 1280,
        height: int = 800,
        rights: Rights = ALL,
        also: frozenset[Ability] = frozenset(),
        **options: Any,
    ) -> Screen:
        """A browser window of its own; with an account of that role, or at the door when there is none."""
        context = browser.new_context(
            base_url=self.url, locale="it-IT", viewport={"width": width, "height": height}, **options
        )
        if role is not None:
            context.add_cookies([{"name": COOKIE, "value": self._secret(role, rights, also), "url": self.url}])
        return Screen(context, context.new_page())

    def _secret(self, role: AccountRole | str, rights: Rights, also: frozenset[Ability]) -> str:
        self._entered += 1
        role = AccountRole(role)
        account = Account(f"{role.value}{self._entered}", f"Prova {role.value}", role, rights, also)
        secret = f"secret-of-{account.name}"
        now = self.site.ports.clock()
        with self.site.ports.catalog.begin() as work:
            work.put_account(account)
            work.put_session(Session(key_of(secret), account.name, now, now, now + dt.timedelta(hours=8)))
        return secret


@contextmanager
def on_air(site: Site) -> Iterator[Served]:
    """The site, served for as long as the block lasts."""
    with serving(create_app(site, per_second=10_000, burst=10_000), "127.0.0.1", 0) as port:
        yield Served(site, f"http://127.0.0.1:{port}")


class Screen:
    """One window: its page, and all that went wrong in it (scripts, refused styles and scripts, lost files)."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context = context
        self.page = page
        self.complaints: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _said(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(f"{said.text} {said.location['url']}")

    def goto(self, path: str) -> Page:
        """Opens a page of the site and waits until it stands."""
        self.page.goto(path)
        self.page.wait_for_load_state("load")
        return self.page

    def scrolls_sideways(self) -> bool:
        """Whether one has to scroll to the side to read a line."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))

    def close(self) -> None:
        self.context.close()


def axe(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.1 A and AA: a line a violation, with the elements it is about."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(f"axe.run(document, {{runOnly: {json.dumps(_TAGS)}}}).then((all) => all.violations)")
    return [
        f"{one['id']}: {one['help']}: " + " | ".join(node["html"][:120] for node in one["nodes"][:3]) for one in found
    ]
