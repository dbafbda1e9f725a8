"""``faldone ocr``: pages are read again, and the new text counts only where it is better."""

from __future__ import annotations

import argparse
import time
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from faldone.bootstrap import open_archive
from faldone.catalog.records import Campaign, Rereading
from faldone.cli.console import add_home, emit, err, out, plain, say, settings_of, table
from faldone.cli.working import running, until_at_rest
from faldone.domain.campaign import CampaignId, RereadState
from faldone.errors import HomeBusyError
from faldone.pipeline.ports import Ports
from faldone.pipeline.recognition.reread import choose, open_campaign
from faldone.settings import Settings
from faldone.workers.service import Service

_STATES: dict[RereadState, tuple[str, str]] = {
    RereadState.DUE: ("da rileggere", "to be read again"),
    RereadState.PROMOTED: ("migliori: vale il testo nuovo", "better: the new text counts"),
    RereadState.KEPT: ("non migliori: resta il testo di prima", "not better: the old text stays"),
    RereadState.SAME: ("uguali a prima", "the same as before"),
    RereadState.FAILED: ("non riuscite: resta il testo di prima", "failed: the old text stays"),
}
_LOOK_S = 0.3
_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verbs of the command and their options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="AZIONE")
    opened = verbs.add_parser("campaign", help="rilegge le pagine di una condizione · reads the pages of a condition")
    opened.add_argument(
        "--where",
        required=True,
        metavar="CONDIZIONE",
        help="per esempio · for example: 'motore < 5.3 o confidenza < 0.6'",
    )
    opened.add_argument("--dry-run", action="store_true", help="dice solo quante sono · only says how many they are")
    opened.add_argument(
        "--wait", action="store_true", help="aspetta che siano rilette · wait until they are read again"
    )
    listed = verbs.add_parser("campaigns", help="tutte le riletture · all campaigns of re-reading")
    shown = verbs.add_parser("show", help="che ne è stato di ogni pagina · what came of each page")
    shown.add_argument("campaign", metavar="CAMPAGNA")
    shown.add_argument("--all", action="store_true", help="tutte le pagine · all pages")
    listed.add_argument("--json", action="store_true", help="un oggetto JSON a riga · one JSON object a line")
    shown.add_argument("--json", action="store_true", help="un oggetto JSON · one JSON object")
    for verb in (opened, listed, shown):
        add_home(verb)


def run(args: argparse.Namespace) -> int:
    """Carries out one verb."""
    settings = settings_of(args)
    with open_archive(settings) as ports:
        if args.verb == "campaign":
            _open(args, settings, ports)
        elif args.verb == "campaigns":
            _list(ports, as_json=args.json)
        else:
            _show(ports.catalog.campaign(CampaignId(args.campaign)), ports, as_json=args.json, everything=args.all)
    return 0


def _open(args: argparse.Namespace, settings: Settings, ports: Ports) -> None:
    chosen = choose(args.where, ports)
    say(f"{len(chosen.pages)} pagine da rileggere", "pages to be read again")
    if args.dry_run or not chosen.pages:
        return
    campaign = open_campaign(chosen, ports)
    out.print(campaign)
    if not args.wait:
        say(f"Le rilegge «faldone run»; a che punto è: faldone ocr show {campaign}", "“faldone run” reads them")
        return
    try:
        with running(settings, ports, watch=False) as service:
            _until_done(campaign, ports, service)
    except HomeBusyError:
        _until_done(campaign, ports, None)  # the process that runs this home does the work
    _print_counts(ports.catalog.campaign(campaign))


def _until_done(campaign: CampaignId, ports: Ports, service: Service | None) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=not err.is_terminal) as bar:
        pages = bar.add_task("Pagine rilette · pages read again", total=None)
        while True:
            now = ports.catalog.campaign(campaign)
            total = sum(now.pages.values())
            bar.update(pages, total=total, completed=total - now.due)
            if not now.due:
                break
            time.sleep(_LOOK_S)
    until_at_rest(ports, service)  # documents and index follow


def _list(ports: Ports, *, as_json: bool) -> None:
    rows = table("campagna · campaign", "aperta · opened", "pagine · pages", "fatte · done", "condizione · condition")
    for campaign in ports.catalog.campaigns():
        if as_json:
            emit(_campaign_json(campaign))
            continue
        day, total = campaign.opened_at.astimezone().strftime("%d/%m/%Y"), sum(campaign.pages.values())
        rows.add_row(campaign.id, day, str(total), str(total - campaign.due), plain(campaign.where))
    if not as_json:
        out.print(rows)


def _show(campaign: Campaign, ports: Ports, *, as_json: bool, everything: bool) -> None:
    if as_json:
        pages = [_rereading_json(one, ports) for one in ports.catalog.rereadings(campaign.id)]
        emit(_campaign_json(campaign) | {"each": pages})
        return
    out.print(f"[bold]{campaign.id}[/bold] — {plain(campaign.where)}")
    _print_counts(campaign)
    left = 0
    for number, one in enumerate(ports.catalog.rereadings(campaign.id)):
        if number >= _SHOWN and not everything:
            left += 1
            continue
        page = ports.catalog.page(one.page)
        file = plain(ports.catalog.intakes(page.source)[0].path)
        said = one.reason.italian if one.reason is not None else _STATES[one.state][0] + _measures(one)
        out.print(f"[bold]{file}[/bold] p. {page.index + 1} — {said}")
    if left:
        out.print(f"… e altre {left} pagine: faldone ocr show {campaign.id} --all [dim]· and more pages[/dim]")


def _measures(one: Rereading) -> str:
    before, after = one.before, one.after
    if before is None or after is None:
        return ""
    return (
        f" [dim]· caratteri giusti {before.characters:.0f} → {after.characters:.0f}, "
        f"leggibilità {before.legibility:.2f} → {after.legibility:.2f}[/dim]"
    )


def _print_counts(campaign: Campaign) -> None:
    for state, (italian, english) in _STATES.items():
        if campaign.pages.get(state):
            out.print(f"  {campaign.pages[state]} {italian} [dim]· {english}[/dim]")


def _campaign_json(campaign: Campaign) -> dict[str, Any]:
    return {
        "campaign": campaign.id,
        "where": campaign.where,
        "opened_at": campaign.opened_at.isoformat(),
        "pages": {state.value: campaign.pages.get(state, 0) for state in RereadState},
    }


def _rereading_json(one: Rereading, ports: Ports) -> dict[str, Any]:
    page, before, after = ports.catalog.page(one.page), one.before, one.after
    return {
        "page": one.page,
        "file": ports.catalog.intakes(page.source)[0].path,
        "index": page.index,
        "state": one.state.value,
        "reason": one.reason.value if one.reason is not None else None,
        "right_before": round(before.characters, 1) if before is not None else None,
        "right_after": round(after.characters, 1) if after is not None else None,
        "legible_before": round(before.legibility, 3) if before is not None else None,
        "legible_after": round(after.legibility, 3) if after is not None else None,
    }
