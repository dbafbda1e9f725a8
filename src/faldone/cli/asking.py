"""What is asked on a command line, and as whom: the options that all commands with a query share."""

from __future__ import annotations

import argparse
import datetime as dt
from dataclasses import replace
from typing import Any

from faldone.cli.console import add_by
from faldone.domain.access import EVERYTHING, Access, Sensitivity
from faldone.errors import QuerySyntaxError
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.find import ask
from faldone.pipeline.search.projection import comune_key
from faldone.pipeline.search.searches import saved_search
from faldone.search.query import FILTERS, Query, Sort, check, parse

_OPTIONS = ("person", "service", "type", "date_from", "date_to")


def add_query(parser: argparse.ArgumentParser) -> None:
    """The words and filters of a query, and the rights with which it is asked."""
    parser.add_argument("query", nargs="*", metavar="PAROLE", help='parole o «"frase esatta"» · words or a phrase')
    parser.add_argument("--person", metavar="NOME|CF", help="di questa persona · of this person")
    parser.add_argument("--service", metavar="CODICE", help="di questo servizio · of this service")
    parser.add_argument("--type", metavar="CODICE", help="di questo tipo · of this type")
    parser.add_argument("--from", dest="date_from", type=_date, metavar="DATA", help="dal giorno · from the day")
    parser.add_argument("--to", dest="date_to", type=_date, metavar="DATA", help="fino al giorno · to the day")
    parser.add_argument("--sort", choices=[sort.value for sort in Sort], help="in quale ordine · in which order")
    add_by(parser, "chi chiede · who asks")
    rights = parser.add_argument_group("con meno diritti, per prova · with fewer rights, to try them out")
    rights.add_argument("--services", metavar="A,B", help="solo questi servizi · these services only")
    rights.add_argument("--comuni", metavar="X,Y", help="solo questi comuni · these comuni only")
    levels = [level.name.lower() for level in Sensitivity]
    rights.add_argument("--sensitivity", choices=levels, help="fino a questo livello · up to this level")


def access_of(args: argparse.Namespace) -> Access:
    """The rights that the options name; without any, those of who runs the command and reads the files anyway."""
    if args.services is None and args.comuni is None and args.sensitivity is None:
        return EVERYTHING
    services = frozenset(args.services.upper().split(",")) if args.services is not None else None
    comuni = frozenset(map(comune_key, args.comuni.split(","))) if args.comuni is not None else None
    level = Sensitivity[args.sensitivity.upper()] if args.sensitivity is not None else max(Sensitivity)
    return Access(services, comuni, level)


def query_of(args: argparse.Namespace, ports: Ports, kept: str | None = None) -> Query:
    """The query that the words and options make; with ``kept`` it starts from the kept search of that name.

    Raises:
        QuerySyntaxError: it is none.
        NotFoundError: there is no such kept search.
    """
    given = {name: value for name in _OPTIONS if (value := getattr(args, name)) is not None}
    typed = " ".join(args.query)
    if kept:
        typed = f"{saved_search(kept, args.by, ports).text} {typed}"
    if not given and not any(letter.isalnum() for letter in typed):
        raise QuerySyntaxError("Non è detto che cosa cercare. / Nothing to search for is given.", column=1)
    query = parse(typed) if typed.strip() else Query()
    try:
        query = replace(query, **given)
    except ValueError as error:
        raise QuerySyntaxError(
            "Il periodo finisce prima di cominciare. / The period ends before it begins.",
            column=1,
        ) from error
    if args.sort is not None:
        query = replace(query, sort=Sort(args.sort))
    check(query, ports.lexicon)
    return ask(query, ports)


def text_of(args: argparse.Namespace) -> str:
    """The words and options as one query that can be typed again."""
    parts = [*args.query]
    for name in _OPTIONS:
        value: Any = getattr(args, name)
        if value is not None:
            parts.append(f'{FILTERS[name][0]}:"{value}"')
    if args.sort is not None:
        parts.append(f"{FILTERS['sort'][0]}:{args.sort}")
    return " ".join(parts)


def _date(text: str) -> dt.date:
    """A date as gg/mm/aaaa or ISO."""
    if "/" in text:
        day, month, year = (int(part) for part in text.split("/"))
        return dt.date(year, month, day)
    return dt.date.fromisoformat(text)
