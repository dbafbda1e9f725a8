"""``faldone show``: a document, what is said of it, and the proof of each claim."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from rich.markup import escape

from faldone.bootstrap import open_archive
from faldone.classify.lexicon import Lexicon
from faldone.cli.console import add_home, emit, out, settings_of, table
from faldone.cli.words import BANDS, ROLES, service_name, type_name
from faldone.domain.attribution import Attribution, DocumentProposal
from faldone.domain.ids import DocumentId
from faldone.pipeline.results import document_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)
    parser.add_argument("document", metavar="DOCUMENTO")
    parser.add_argument("--text", action="store_true", help="anche il testo letto · also the text that was read")
    parser.add_argument("--json", action="store_true", help="un oggetto JSON · one JSON object")


def run(args: argparse.Namespace) -> int:
    """Prints the document."""
    settings = settings_of(args)
    with open_archive(settings) as ports:
        document = ports.catalog.document(DocumentId(args.document))
        intake = ports.catalog.intakes(document.source)[0]
        texts = ports.catalog.page_texts(document.source, document.span)
    proposal = document.proposal
    span = document.span
    if args.json:
        pages = [{"index": i, "text": texts[i].text if i in texts else None} for i in span]
        emit({"file": intake.path, **document_json(document)} | ({"pages": pages} if args.text else {}))
        return 0
    out.print(f"[bold]{document.id}[/bold] — {escape(intake.path)}, pagine {span.start + 1}–{span.stop}")
    italian, english = BANDS[proposal.band]
    out.print(f"{italian} [dim]· {english}[/dim]")
    for reason in proposal.reasons:
        out.print(f"    {reason.italian} [dim]· {reason.english}[/dim]")
    rows = table("", "", "sicurezza", "prova · proof")
    for name, value, claim in _claims(proposal, ports.lexicon):
        proof = "; ".join(f"p. {e.page + 1} «{e.quote}»" for e in claim.evidence[:2])
        rows.add_row(name, escape(value), f"{claim.confidence:.0%}", escape(proof))
    out.print(rows)
    if args.text:
        for i in span:
            out.print(f"\n[dim]— pagina {i + 1} —[/dim]")
            out.print(escape(texts[i].text) if i in texts else "[dim]non letta · not read[/dim]")
    return 0


def _claims(proposal: DocumentProposal, lexicon: Lexicon) -> Iterator[tuple[str, str, Attribution[Any]]]:
    if proposal.type is not None:
        yield "tipo · type", type_name(lexicon, proposal.type.value), proposal.type
    if proposal.service is not None:
        code = proposal.service.value
        yield "servizio · service", f"{code} {service_name(lexicon, code)}", proposal.service
    for person in proposal.persons:
        mention = person.value
        yield " · ".join(ROLES[mention.role]), " ".join(filter(None, (mention.name, mention.cf))), person
    if proposal.date is not None:
        yield "data · date", proposal.date.value.strftime("%d/%m/%Y"), proposal.date
    if proposal.protocol is not None:
        protocol = proposal.protocol.value
        on = f" del {protocol.date:%d/%m/%Y}" if protocol.date else ""
        yield "protocollo", f"{protocol.number}{on}", proposal.protocol
