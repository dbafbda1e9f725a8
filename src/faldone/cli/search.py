"""``faldone search``: the persons and documents that answer a query, each opened at the page."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from faldone.bootstrap import open_archive
from faldone.cli.answers import (
    found_json,
    print_cards,
    print_documents,
    print_facets,
    print_hits,
    summary_json,
)
from faldone.cli.asking import access_of, add_query, query_of, text_of
from faldone.cli.console import add_home, emit, err, out, plain, say, settings_of
from faldone.domain.access import Access
from faldone.domain.ids import DocumentId
from faldone.errors import IndexUnavailableError, QuerySyntaxError
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.asking import Asker, as_answered, reply
from faldone.pipeline.search.dossier import PersonCard
from faldone.pipeline.search.find import Answer, all_hits
from faldone.pipeline.search.index import needs_rebuild
from faldone.pipeline.search.like import like
from faldone.pipeline.search.result_list import note_export, result_list, write_csv
from faldone.pipeline.search.searches import delete_search, save_search
from faldone.search.index import Facet
from faldone.search.query import Query, write
from faldone.search.understand import NameBook


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)
    add_query(parser)
    parser.add_argument("--limit", type=int, default=10, metavar="N", help="quanti al massimo · how many at most")
    parser.add_argument("--page", type=int, default=1, metavar="N", help="la pagina dell'elenco · page of the list")
    parser.add_argument("--next", metavar="CURSORE", help="da dove si era rimasti · from where one stopped")
    parser.add_argument("--facets", action="store_true", help="anche quanti per servizio, anno … · counts as well")
    parser.add_argument("--all", metavar="DOCUMENTO", help="ogni punto di questo documento · all of one document")
    parser.add_argument("--like", metavar="DOCUMENTO", help="documenti simili a questo · documents like this one")
    parser.add_argument(
        "--csv", type=Path, metavar="FILE", help="tutto l'elenco in un CSV, «-» a video · the whole list"
    )
    parser.add_argument("--save", metavar="NOME", help="tiene questa ricerca · keeps this search")
    parser.add_argument(
        "--saved", nargs="?", const="", metavar="NOME", help="le ricerche tenute, o una di esse · kept searches, or one"
    )
    parser.add_argument("--forget", metavar="NOME", help="cancella una ricerca tenuta · deletes a kept search")
    parser.add_argument(
        "--json", action="store_true", help="un oggetto JSON per documento · one JSON object a document"
    )


def run(args: argparse.Namespace) -> int:
    """Prints what was found, best first; exit code 0 also when there is nothing."""
    settings = settings_of(args)
    if args.limit < 1 or args.page < 1:
        raise QuerySyntaxError("--limit e --page vanno da 1 in su. / --limit and --page are at least 1.", column=1)
    with open_archive(settings) as ports:
        if args.forget is not None:
            delete_search(args.forget, args.by, ports)
            say(f"Ricerca «{plain(args.forget)}» cancellata", "kept search deleted")
            return 0
        if args.saved == "":
            _list_saved(args, ports)
            return 0
        access = access_of(args)
        query = None if args.like is not None else query_of(args, ports, args.saved)
        if needs_rebuild(ports):
            raise IndexUnavailableError(
                "L'indice di ricerca manca o è vuoto. / The search index is missing or empty.",
                hint=f"faldone index rebuild --home {settings.home}",
            )
        if args.save is not None:
            save_search(args.save, text_of(args), args.by, ports)
            say(f"Ricerca tenuta: faldone search --saved «{plain(args.save)}»", "search kept")
        behind = ports.catalog.progress().behind_index
        if behind:
            say(f"Attenzione: {behind} documenti non sono ancora nell'indice", f"{behind} documents are not indexed")
        if query is None:
            _show(like(DocumentId(args.like), access, ports, args.limit), (), args, ports)
        elif args.all is not None:
            _show_all(query, access, args, ports)
        elif args.csv is not None:
            _export(query, access, args, ports)
        else:
            _search(query, access, args, ports)
    return 0


def _search(query: Query, access: Access, args: argparse.Namespace, ports: Ports) -> None:
    facets = tuple(Facet) if args.facets else ()
    page = replace(query, limit=args.limit, offset=(args.page - 1) * args.limit, after=args.next)
    first = args.page == 1 and args.next is None
    told = reply(
        page,
        Asker.of(access),
        ports,
        lambda: _names(ports),
        facets,
        cards=first and (args.facets or not args.json),
        meant=not args.json,
    )
    _show(replace(told.answer, facets=told.facets), told.cards, args, ports)
    if args.json:
        return
    for word in told.query.begun:
        say(f"Nessuna parola «{plain(word)}»: mostro quelle che iniziano così", "showing the words that begin so")
    for read in told.read_as:
        say(f"«{plain(read.typed)}» cercato come «{plain(read.found[0])}»", "read as")
    for one in told.meant:
        say(f"Forse cercavi: [bold]{plain(write(one.query))}[/bold]", "did you mean")
    if told.answer.after is not None:
        say(f"Altri: --next {told.answer.after}", "for more of them")


def _names(ports: Ports) -> NameBook:
    return NameBook(name for one in ports.catalog.persons() for name in (one.display_name, *one.aliases))


def _show(answer: Answer, cards: tuple[PersonCard, ...], args: argparse.Namespace, ports: Ports) -> None:
    if args.json:
        for found in answer.found:
            emit(found_json(found))
        if args.facets:
            emit(summary_json(answer, cards, ports))
        return
    print_cards(cards)
    print_documents(answer.found, ports.lexicon, (args.page - 1) * args.limit + 1)
    print_facets(answer.facets, ports)
    if not answer.found:
        say("Nessun documento trovato", "no document found")
        return
    if answer.relaxed:
        say("Nessun documento ha tutte le parole: questi ne hanno la maggior parte", "these have most of the words")
    say(f"{len(answer.found)} di {answer.total} documenti", f"{len(answer.found)} of {answer.total} documents")


def _show_all(query: Query, access: Access, args: argparse.Namespace, ports: Ports) -> None:
    found = all_hits(DocumentId(args.all), query, access, ports)
    if args.json:
        emit(found_json(found))
        return
    print_hits(found.pages)
    say(f"{len(found.pages)} pagine con queste parole", f"{len(found.pages)} pages with these words")


def _export(query: Query, access: Access, args: argparse.Namespace, ports: Ports) -> None:
    with err.status("Elenco · list"):
        rows = result_list(as_answered(query, Asker.of(access), ports, lambda: _names(ports)), access, ports)
        if str(args.csv) == "-":
            written = write_csv(rows, sys.stdout)
        else:
            with args.csv.open("w", encoding="utf-8", newline="") as target:
                written = write_csv(rows, target)
        note_export(written, "csv", args.by, ports)
    say(f"{written} documenti in elenco", f"{written} documents in the list")


def _list_saved(args: argparse.Namespace, ports: Ports) -> None:
    kept = ports.catalog.saved_searches(args.by)
    for search in kept:
        if args.json:
            emit({"name": search.name, "query": search.text, "by": search.by, "at": search.at.isoformat()})
        else:
            out.print(f"[bold]{plain(search.name)}[/bold]  {plain(search.text)}")
    if not kept:
        say("Nessuna ricerca tenuta", "no kept search")
