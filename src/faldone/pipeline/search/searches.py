"""Searches that people keep: each account its own, by name. Whoever runs one sees what its own rights show."""

from __future__ import annotations

import secrets

from faldone.catalog.catalog import Work
from faldone.catalog.records import SavedSearch
from faldone.domain.events import Event, EventType, user_agent
from faldone.errors import NotFoundError
from faldone.pipeline.ports import Ports
from faldone.search.query import parse


def save_search(name: str, text: str, by: str, ports: Ports) -> SavedSearch:
    """Keeps a search as it is typed; one of the same name is replaced.

    Raises:
        QuerySyntaxError: the text is no query.
    """
    parse(text)
    given = SavedSearch(f"s-{secrets.token_hex(6)}", name, by, text, ports.clock())
    with ports.catalog.begin() as work:
        saved = work.save_search(given)
        _record(EventType.SEARCH_SAVED, saved, work, ports)
    return saved


def saved_search(name: str, by: str, ports: Ports) -> SavedSearch:
    """The search that an account keeps under a name.

    Raises:
        NotFoundError: it keeps none of that name.
    """
    for search in ports.catalog.saved_searches(by):
        if search.name == name:
            return search
    raise NotFoundError(f"Nessuna ricerca salvata «{name}». / No kept search “{name}”.", hint="faldone search --saved")


def delete_search(name: str, by: str, ports: Ports) -> None:
    """Keeps a search no longer.

    Raises:
        NotFoundError: the account keeps none of that name.
    """
    search = saved_search(name, by, ports)
    with ports.catalog.begin() as work:
        work.delete_search(search.id)
        _record(EventType.SEARCH_DELETED, search, work, ports)


def _record(type_: EventType, search: SavedSearch, work: Work, ports: Ports) -> None:
    work.record(Event(type_, search.id, ports.clock(), user_agent(search.by)))
