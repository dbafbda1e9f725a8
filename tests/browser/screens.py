"""Pictures of every screen, on a copy of the demo's archive: ``python -m tests.browser.screens``.

The copy is thrown away: the demo's own ledger never hears of the accounts that look at the screens here.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree, ignore_patterns

from playwright.sync_api import Browser, sync_playwright

from faldone.bootstrap import open_archive
from faldone.cli.serving import site_of
from faldone.domain.account import AccountRole
from faldone.pipeline.ports import Ports
from faldone.settings import load
from tests.browser.harness import Screen, Served, axe, chromium, launch, on_air

SIZES = {"": (1280, 800), "-320": (320, 720)}


@dataclass(frozen=True)
class Shot:
    """A screen to be shown. ``path`` may name {document}, {person}, {batch}; ``ask`` goes into the search box."""

    name: str
    role: AccountRole | None
    path: str
    ask: str = ""


SHOTS = (
    Shot("accedi", None, "/accedi"),
    Shot("acquisizione", AccountRole.ARCHIVIST, "/acquisizione"),
    Shot("lotto", AccountRole.ARCHIVIST, "/acquisizione/lotti/{batch}"),
    Shot("quarantena", AccountRole.ARCHIVIST, "/acquisizione/quarantena"),
    Shot("da-rivedere", AccountRole.ARCHIVIST, "/revisione"),
    Shot("ricerca", AccountRole.OPERATOR, "/ricerca"),
    Shot("risultati", AccountRole.OPERATOR, "/ricerca", ask="decreto"),
    Shot("documento", AccountRole.OPERATOR, "/documenti/{document}"),
    Shot("fascicolo", AccountRole.OPERATOR, "/fascicoli/{person}"),
    Shot("verifica", AccountRole.AUDITOR, "/verifica"),
    Shot("storia-documento", AccountRole.AUDITOR, "/verifica/documenti/{document}"),
    Shot("statistiche", AccountRole.MANAGER, "/statistiche"),
    Shot("utenti", AccountRole.ADMINISTRATOR, "/amministrazione/utenti"),
    Shot("salute", AccountRole.ADMINISTRATOR, "/amministrazione"),
    Shot("tasti", AccountRole.OPERATOR, "/aiuto/tasti"),
    Shot("accessibilita", None, "/accessibilita"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the pictures; says what is wrong with a screen and ends with 1 when something is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("demo-home"), help="the demo's home; made by `make demo`")
    parser.add_argument("--out", type=Path, default=Path("docs/img/screens"))
    parser.add_argument("--only", help="the names of some screens, with commas")
    args = parser.parse_args(arguments)
    if not (args.home / "faldone.toml").exists() or chromium() is None:
        print("First: make demo, and Debian's chromium.", file=sys.stderr)
        return 69
    args.out.mkdir(parents=True, exist_ok=True)
    wanted = [shot for shot in SHOTS if args.only is None or shot.name in args.only.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        copytree(args.home, home, ignore=ignore_patterns("scatola", "*.lock"))
        settings = load(home)
        with open_archive(settings) as ports, on_air(site_of(settings, ports)) as served, sync_playwright() as started:
            browser = launch(started)
            faults = sum(_show(shot, served, browser, args.out) for shot in wanted)
            browser.close()
    return 1 if faults else 0


def _show(shot: Shot, served: Served, browser: Browser, out: Path) -> int:
    faults = 0
    for suffix, (width, height) in SIZES.items():
        screen = served.enter(browser, shot.role, width=width, height=height)
        answer = screen.page.goto(shot.path.format(**_ids(served.site.ports)))
        if shot.ask:
            screen.page.locator("#cerca").fill(shot.ask)
            screen.page.locator("#cerca").press("Enter")
        screen.page.wait_for_load_state("networkidle")
        screen.page.screenshot(path=out / f"{shot.name}{suffix}.png")
        wrong = _wrong(screen, answer.status if answer is not None else 0)
        faults += len(wrong)
        print(f"{shot.name}{suffix}: {'; '.join(wrong) or 'ok'}", flush=True)
        screen.close()
    return faults


def _wrong(screen: Screen, status: int) -> list[str]:
    wrong = [f"status {status}"] if status >= 400 else []
    wrong += ["scrolls sideways"] if screen.scrolls_sideways() else []
    return wrong + screen.complaints + axe(screen.page)


def _ids(ports: Ports) -> dict[str, str]:
    """A document, its holder and its batch, for addresses; of the first person who has papers."""
    catalog = ports.catalog
    for person in catalog.persons():
        for document in catalog.documents_of(person.id):
            return {"document": document.id, "person": person.id, "batch": catalog.batches()[0].id}
    return {"document": "none", "person": "none", "batch": "none"}


if __name__ == "__main__":
    raise SystemExit(main())
