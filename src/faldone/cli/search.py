"""``faldone search``: documents that answer a query, each opened at the page."""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt

from rapidfuzz import process
from rich.markup import escape

from faldone.bootstrap import open_archive
from faldone.classify.lexicon import Lexicon
from faldone.cli.console import add_home, emit, out, say, settings_of
from faldone.cli.words import BANDS, type_name
from faldone.errors import IndexUnavailableError, QuerySyntaxError
from faldone.pipeline.find import Found, find
from faldone.pipeline.index import needs_rebuild
from faldone.pipeline.results import document_json
from faldone.search.query import Query, parse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)
    parser.add_argument("query", nargs="*", metavar="PAROLE", help='parole o «"frase esatta"» · words or a phrase')
    parser.add_argument("--person", metavar="NOME|CF", help="di questa persona · of this person")
    parser.add_argument("--service", metavar="CODICE", help="di questo servizio · of this service")
    parser.add_argument("--type", metavar="CODICE", help="di questo tipo · of this type")
    parser.add_argument("--from", dest="date_from", type=_date, metavar="DATA", help="dal giorno · from the day")
    parser.add_argument("--to", dest="date_to", type=_date, metavar="DATA", help="fino al giorno · to the day")
    parser.add_argument("--limit", type=int, default=10, metavar="N", help="quanti al massimo · how many at most")
    parser.add_argument(
        "--json", action="store_true", help="un oggetto JSON per documento · one JSON object a document"
    )


def run(args: argparse.Namespace) -> int:
    """Prints the documents found, best first; exit code 0 also when there is none."""
    settings = settings_of(args)
    query = _query(args)
    with open_archive(settings) as ports:
        _check(query, ports.lexicon)
        if needs_rebuild(ports):
            raise IndexUnavailableError(
                "L'indice di ricerca manca o è vuoto. / The search index is missing or empty.",
                hint=f"faldone index rebuild --home {settings.home}",
            )
        answer = find(query, ports)
        behind = ports.catalog.progress().behind_index
    if behind:
        say(f"Attenzione: {behind} documenti non sono ancora nell'indice", f"{behind} documents are not indexed yet")
    if args.json:
        for found in answer.found:
            emit(_json(found))
        return 0
    for place, found in enumerate(answer.found, 1):
        _print(place, found, ports.lexicon)
    if answer.found:
        say(f"{len(answer.found)} di {answer.total} documenti", f"{len(answer.found)} of {answer.total} documents")
    else:
        say("Nessun documento trovato", "no document found")
    return 0


def _query(args: argparse.Namespace) -> Query:
    options = {name: getattr(args, name) for name in ("person", "service", "type", "date_from", "date_to")}
    given = {name: value for name, value in options.items() if value is not None}
    if not given and not any(letter.isalnum() for word in args.query for letter in word):
        raise QuerySyntaxError("Non è detto che cosa cercare. / Nothing to search for is given.", column=1)
    typed = parse(" ".join(args.query)) if args.query else Query()
    if args.limit < 1:
        raise QuerySyntaxError("--limit va da 1 in su. / --limit is at least 1.", column=1)
    try:
        return dataclasses.replace(typed, limit=args.limit, **given)
    except ValueError as error:
        raise QuerySyntaxError(
            "Il periodo finisce prima di cominciare. / The period ends before it begins.",
            column=1,
        ) from error


def _check(query: Query, lexicon: Lexicon) -> None:
    """An unknown code would find nothing, and nothing found reads as «there is nothing»."""
    for value, known, command in (
        (query.service, lexicon.services, "faldone services list"),
        (query.type, lexicon.types, ""),
    ):
        if value is None or value.upper() in known or value.lower() in known:
            continue
        if not any(value.casefold() in item.name.casefold() for item in known.values()):
            near = ", ".join(process.extract(value, list(known), limit=3, processor=str.lower)[i][0] for i in range(3))
            raise QuerySyntaxError(
                f"Il codice {value} non esiste. / There is no code {value}.", column=1, hint=f"{near} … {command}"
            )


def _date(text: str) -> dt.date:
    """A date as gg/mm/aaaa or ISO."""
    if "/" in text:
        day, month, year = (int(part) for part in text.split("/"))
        return dt.date(year, month, day)
    return dt.date.fromisoformat(text)


def _print(place: int, found: Found, lexicon: Lexicon) -> None:
    proposal = found.document.proposal
    holders = ", ".join(holder.value.name for holder in proposal.holders) or "persona da stabilire · person unknown"
    service = proposal.service.value if proposal.service else "servizio da stabilire · service unknown"
    kind = type_name(lexicon, proposal.type.value) if proposal.type else "tipo da stabilire · type unknown"
    date = proposal.date.value.strftime("%d/%m/%Y") if proposal.date else "senza data · no date"
    out.print(f"[bold]{place}. {escape(holders)}[/bold] — {escape(kind)} — {escape(service)} — {date}")
    first, last = proposal.first_page + 1, proposal.last_page + 1
    pages = f"pagina {first}" if first == last else f"pagine {first}–{last}"
    out.print(f"   [dim]{found.document.id} · {escape(found.file)} · {pages} · {BANDS[proposal.band][0]}[/dim]")
    for page in found.pages[:2]:
        snippet = escape(page.snippet).replace("«", "[bold yellow]«").replace("»", "»[/bold yellow]")
        out.print(f"   p. {page.index + 1}: {snippet}")


def _json(found: Found) -> dict[str, object]:
    document = document_json(found.document.id, found.document.proposal)
    return {
        "document": found.document.id,
        "file": found.file,
        "first_page": document["first_page"],
        "last_page": document["last_page"],
        "score": round(found.score, 4),
        "type": document["type"],
        "service": document["service"],
        "date": document["date"],
        "band": document["band"],
        "persons": document["persons"],
        "protocol": document["protocol"],
        "pages": [
            {
                "index": page.index,
                "snippet": page.snippet,
                "boxes": [[box.x, box.y, box.width, box.height] for box in page.boxes],
                "size": found.sizes[page.index],
            }
            for page in found.pages
        ],
    }
