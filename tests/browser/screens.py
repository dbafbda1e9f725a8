"""Pictures of every screen, on a copy of the demo's archive: ``python -m tests.browser.screens``.

The copy is thrown away: the demo's own ledger never hears of the accounts that look at the screens here.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from shutil import copytree, ignore_patterns

from PIL import Image
from playwright.sync_api import sync_playwright

from faldone.bootstrap import open_archive
from faldone.cli.serving import site_of
from faldone.domain.account import AccountRole
from faldone.pipeline.ports import Ports
from faldone.settings import load
from tests.browser.harness import Screen, axe, chromium, launch, on_air

SIZES = {"": (1280, 800), "-320": (320, 720)}
MOST_BYTES = 120_000
"""Of a picture: they are kept beside the code."""

_COLOURS = (96, 64, 48, 32, 24, 16)


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
            screens = {role: served.enter(browser, role) for role in dict.fromkeys(shot.role for shot in wanted)}
            faults = sum(_show(shot, screens[shot.role], _ids(ports), args.out) for shot in wanted)
            browser.close()
    return 1 if faults else 0


def _show(shot: Shot, screen: Screen, ids: Mapping[str, str], out: Path) -> int:
    """Takes the pictures of a screen, in the one window of its role: the ledger on them names few accounts."""
    faults = 0
    for suffix, (width, height) in SIZES.items():
        screen.complaints.clear()
        screen.page.set_viewport_size({"width": width, "height": height})
        answer = screen.page.goto(shot.path.format(**ids))
        if shot.ask:
            screen.page.locator("#cerca").fill(shot.ask)
            screen.page.locator("#cerca").press("Enter")
        screen.page.wait_for_load_state("networkidle")
        (out / f"{shot.name}{suffix}.png").write_bytes(_small(screen.page.screenshot()))
        wrong = _wrong(screen, answer.status if answer is not None else 0)
        faults += len(wrong)
        print(f"{shot.name}{suffix}: {'; '.join(wrong) or 'ok'}", flush=True)
    return faults


def _small(png: bytes) -> bytes:
    """The picture with as many colours as it may have: coverage keeps the rare ones, which tell a state."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    for colours in _COLOURS:
        made = BytesIO()
        few = picture.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(made, "PNG", optimize=True)
        if made.tell() <= MOST_BYTES:
            break
    return made.getvalue()


def _wrong(screen: Screen, status: int) -> list[str]:
    wrong = [f"status {status}"] if status >= 400 else []
    wrong += ["scrolls sideways"] if screen.scrolls_sideways() else []
    return wrong + screen.complaints + axe(screen.page)


def _ids(ports: Ports) -> dict[str, str]:
    """Of the person with most papers: the longest one, its holder and its batch, for addresses."""
    catalog = ports.catalog
    person = max(catalog.persons(), key=lambda one: len(list(catalog.documents_of(one.id))), default=None)
    papers = list(catalog.documents_of(person.id)) if person is not None else []
    if person is None or not papers:
        return {"document": "none", "person": "none", "batch": "none"}
    longest = max(papers, key=lambda one: len(one.span))
    return {"document": longest.id, "person": person.id, "batch": catalog.batches()[0].id}


if __name__ == "__main__":
    raise SystemExit(main())
