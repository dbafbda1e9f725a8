"""Who may see which batch, and take papers in for whom."""

from __future__ import annotations

from faldone.catalog.records import Batch
from faldone.domain.access import Access, Sensitivity
from faldone.domain.inbox import Inbox
from faldone.errors import NotFoundError, UndecidableError
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.projection import comune_key


def sees(batch: Batch, access: Access) -> bool:
    """Whether a batch may be seen: by those who take papers in, of their services and comuni alone."""
    comune = comune_key(batch.facts.comune) if batch.facts.comune else None
    return access.intake and access.permits(batch.facts.service, comune, Sensitivity.BASE)


def seen_batch(name: str, access: Access, ports: Ports) -> Batch:
    """The batch with this code or id.

    Raises:
        NotFoundError: there is none, or it may not be seen: which of the two is not told.
    """
    try:
        found = ports.catalog.batch(name)
    except NotFoundError:
        found = None
    if found is None or not sees(found, access):
        raise NotFoundError(
            "Non trovato, o non visibile con i tuoi permessi. / Not found, or not visible with your rights."
        )
    return found


def may_feed(inbox: Inbox, access: Access) -> bool:
    """Whether somebody may put files into an inbox."""
    comune = comune_key(inbox.comune) if inbox.comune else None
    return access.intake and access.permits(inbox.service, comune, Sensitivity.BASE)


def demand_own(service: str | None, comune: str | None, access: Access) -> None:
    """Nobody takes papers in for a service or a comune that they may not see.

    Raises:
        UndecidableError: they may not.
    """
    if not access.intake or not access.permits(service, comune_key(comune) if comune else None, Sensitivity.BASE):
        raise UndecidableError(
            "Il servizio o il comune non è tra quelli che puoi vedere. / "
            "The service or the comune is not among those that you may see."
        )
