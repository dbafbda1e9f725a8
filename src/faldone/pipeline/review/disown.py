"""A document that lies in the wrong dossier: out of it at once, before anybody knows where it belongs."""

from __future__ import annotations

from typing import TypeVar

from faldone.domain.attribution import Attribution
from faldone.domain.decision import Decision, Settled
from faldone.domain.events import Event, EventType, user_agent
from faldone.domain.ids import DocumentId, PersonId
from faldone.errors import UndecidableError
from faldone.pipeline.filing.attribute import attribute_at_once
from faldone.pipeline.ports import Ports
from faldone.pipeline.review.stale import demand_current

T = TypeVar("T")


def disown(document: DocumentId, person: PersonId, by: str, ports: Ports, *, version: int | None = None) -> None:
    """A document is not this person's: it leaves the dossier, and waits until somebody says whose it is.

    What people confirmed of the rest stays. It is taken back like any decision.

    Args:
        document: the document.
        person: whose it is not.
        by: the account of who says so.
        ports: the archive.
        version: that of the proposal that was looked at; None does not ask.

    Raises:
        UndecidableError: it is not in that person's dossier.
        StaleError: the proposal is not the one that was looked at.
    """
    found = ports.catalog.document(document)
    proposal = found.proposal
    if all(holder.value.person != person for holder in proposal.holders):
        raise UndecidableError(
            "Il documento non è nel fascicolo di questa persona. / The document is not in this person's dossier."
        )
    standing = ports.catalog.decisions(found.source).get(document)
    refused = standing.settled.not_of if standing is not None else ()
    others = [
        holder.value.person
        for holder in proposal.holders
        if holder.confirmed_by is not None and holder.value.person is not None and holder.value.person != person
    ]
    said = Settled(
        holders=tuple(others) or None,
        type=_confirmed(proposal.type),
        service=_confirmed(proposal.service),
        date=_confirmed(proposal.date),
        protocol=_confirmed(proposal.protocol),
        not_of=(*refused, person),
    )
    now = ports.clock()
    with ports.catalog.begin() as work:
        demand_current(ports.catalog.document(document), found.version if version is None else version, ports)
        digest = work.decide(Decision(document, by, now, found.version, said))
        detail: dict[str, str | int | bool] = {
            "source": str(found.source),
            "decision": str(digest),
            "judged": found.version,
            "whole": False,
            "not_of": " ".join(said.not_of),
            "undone": False,
        }
        work.record(Event(EventType.DOCUMENT_DECIDED, document, now, user_agent(by), detail=detail))
    attribute_at_once([found.source], ports)


def _confirmed(value: Attribution[T] | None) -> T | None:
    return value.value if value is not None and value.confirmed_by is not None else None
