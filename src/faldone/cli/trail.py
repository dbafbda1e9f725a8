"""``faldone trail``: what happened to a document, from the sealed file to the index."""

from __future__ import annotations

import argparse
import json
from typing import Final

from rich.padding import Padding

from faldone.bootstrap import open_archive
from faldone.cli.console import add_home, emit, out, plain, settings_of
from faldone.domain.ids import DocumentId
from faldone.pipeline.audit.audit import trail
from faldone.pipeline.audit.story import Line, story

_INDENT: Final = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)
    parser.add_argument("document", metavar="DOCUMENTO")
    parser.add_argument("--json", action="store_true", help="un oggetto JSON per evento · one JSON object an event")


def run(args: argparse.Namespace) -> int:
    """Prints the ledger entries about the document, oldest first."""
    settings = settings_of(args)
    with open_archive(settings) as ports:
        entries, lexicon = trail(DocumentId(args.document), ports), ports.lexicon
    if args.json:
        for entry in entries:
            record = entry.record
            emit(
                {
                    "sequence": entry.sequence,
                    "at": record.at,
                    "type": record.type,
                    "subject": record.subject,
                    "agent": record.agent,
                    "outcome": record.outcome,
                    "detail": json.loads(record.detail),
                    "hash": entry.hash,
                }
            )
        return 0
    for line in story(entries, lexicon):
        _print(line)
    return 0


def _print(line: Line) -> None:
    """The event's number, time, author and digest, and below, set in, its sentences: as narrow as the terminal is."""
    at = f"{line.at:%d/%m/%Y %H:%M:%S} UTC" if line.at is not None else "?"
    digest = f"{line.digest[:19]}…" if line.digest is not None else ""
    head = "  ".join(filter(None, (str(line.sequence), at, line.agent.italian, digest)))
    said = f"{plain(line.italian)}\n[dim]{plain(line.english)}[/dim]"
    out.print(f"[bold]{plain(head)}[/bold]")
    out.print(Padding.indent(said, _INDENT), soft_wrap=False)
