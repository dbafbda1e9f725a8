"""``faldone trail``: what happened to a document, from the sealed file to the index."""

from __future__ import annotations

import argparse
import json

from rich.markup import escape

from faldone.bootstrap import open_archive
from faldone.cli.console import add_home, emit, out, settings_of, table
from faldone.domain.ids import DocumentId
from faldone.pipeline.audit.audit import trail
from faldone.pipeline.audit.story import story


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)
    parser.add_argument("document", metavar="DOCUMENTO")
    parser.add_argument("--json", action="store_true", help="un oggetto JSON per evento · one JSON object an event")


def run(args: argparse.Namespace) -> int:
    """Prints the ledger entries about the document, oldest first."""
    settings = settings_of(args)
    with open_archive(settings) as ports:
        entries = trail(DocumentId(args.document), ports)
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
    rows = table("n.", "quando (UTC)", "che cosa", "what", "chi · by", "impronta · digest")
    for line in story(entries):
        rows.add_row(
            str(line.sequence),
            f"{line.at:%Y-%m-%d %H:%M:%S}" if line.at is not None else "?",
            escape(line.italian),
            f"[dim]{escape(line.english)}[/dim]",
            escape(line.agent.italian),
            escape(_short(line.digest)),
        )
    out.print(rows)
    return 0


def _short(digest: str | None) -> str:
    return f"{digest[:19]}…" if digest is not None else ""
