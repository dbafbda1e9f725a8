"""``faldone pdf``: a document as one searchable PDF/A, to read, to send, to print."""

from __future__ import annotations

import argparse
from pathlib import Path

from faldone.bootstrap import open_archive
from faldone.cli.console import add_home, emit, plain, say, settings_of
from faldone.domain.ids import DocumentId
from faldone.errors import ConfigError, NotFoundError
from faldone.pipeline.papers.copy_document import copy_document


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)
    parser.add_argument("document", metavar="DOCUMENTO")
    parser.add_argument("--out", type=Path, metavar="FILE", help="dove (se manca: DOCUMENTO.pdf qui) · where to")
    parser.add_argument("--json", action="store_true", help="un oggetto JSON · one JSON object")


def run(args: argparse.Namespace) -> int:
    """Writes the copy."""
    settings = settings_of(args)
    target: Path = args.out or Path(f"{args.document}.pdf")
    if not target.parent.is_dir():
        raise NotFoundError(f"La cartella di {target} non esiste. / The folder of {target} does not exist.")
    if target.exists():
        raise ConfigError(
            f"{target} c'è già. / {target} is there already.",
            hint="scegliere un altro nome con --out / choose another name with --out",
        )
    with open_archive(settings) as ports:
        copy = copy_document(ports.catalog.document(DocumentId(args.document)), target, ports)
    if args.json:
        emit({"document": args.document, "file": str(target), "sha256": copy.digest.hex, "size": copy.size,
              "pages": copy.pages, "drawn": copy.drawn})  # fmt: skip
        return 0
    say(f"{copy.pages} pagine in {plain(str(target))}, {copy.size / 1e6:.1f} MB", f"{copy.pages} pages, PDF/A-2b")
    if copy.drawn:
        say(
            f"[yellow]{copy.drawn} pagine ridisegnate: com'erano non erano ammesse in un PDF/A[/yellow]",
            "pages were drawn anew: as they were PDF/A does not allow them",
        )
    return 0
