"""``faldone review``: where documents start and end is corrected by a person, and can be taken back."""

from __future__ import annotations

import argparse

from faldone.bootstrap import open_archive
from faldone.cli.console import add_home, say, settings_of
from faldone.domain.ids import DocumentId
from faldone.pipeline.boundaries import merge, split, undo


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verbs of the command and their options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="AZIONE")
    cut = verbs.add_parser("split", help="un altro documento comincia a questa pagina · another document starts here")
    cut.add_argument("--at", type=int, required=True, metavar="PAGINA", help="pagina del file, da 1 · page of the file")
    join = verbs.add_parser("merge", help="unisce il documento a quello prima · joins it to the one before")
    back = verbs.add_parser("undo", help="annulla l'ultima correzione sul file · takes the last correction back")
    for verb in (cut, join, back):
        verb.add_argument("document", metavar="DOCUMENTO")
        add_home(verb)


def run(args: argparse.Namespace) -> int:
    """Puts one correction on record; the file is attributed again by ``faldone run``."""
    settings = settings_of(args)
    with open_archive(settings) as ports:
        document = DocumentId(args.document)
        if args.verb == "split":
            split(document, args.at - 1, ports)
            say(f"Alla pagina {args.at} comincia un altro documento", "another document starts there")
        elif args.verb == "merge":
            merge(document, ports)
            say("Le pagine vanno con il documento prima", "the pages go with the document before")
        else:
            undo(document, ports)
            say("L'ultima correzione è annullata", "the last correction is taken back")
    return 0
