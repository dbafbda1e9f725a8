"""``faldone trail``: what happened to a document, from the sealed file to the index."""

from __future__ import annotations

import argparse
import json

from rich.markup import escape

from faldone.bootstrap import open_archive
from faldone.cli.console import add_home, emit, out, settings_of, table
from faldone.cli.words import EVENTS
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId
from faldone.pipeline.audit import trail

_QUIET = {"source", "intake", "batch"}


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
    rows = table("n.", "quando (UTC)", "che cosa · what", "su · on", "chi · by", "dettagli · details")
    for entry in entries:
        record = entry.record
        italian, english = EVENTS.get(EventType(record.type), (record.type, record.type))
        rows.add_row(
            str(entry.sequence),
            record.at[:19].replace("T", " "),
            f"{italian} [dim]· {english}[/dim]",
            escape(_short(record.subject)),
            escape(record.agent),
            escape(_details(record.detail)),
        )
    out.print(rows)
    return 0


def _short(subject: str) -> str:
    return f"{subject[:19]}…" if subject.startswith("sha256:") else subject


def _details(detail: str) -> str:
    said = []
    for name, value in json.loads(detail).items():
        if name not in _QUIET and value not in (None, "", False):
            said.append(f"{name}={_short(value) if isinstance(value, str) else value}")
    return " ".join(said)
