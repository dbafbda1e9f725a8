"""A decision holds for what was looked at: never for what took its place in the meantime."""

from __future__ import annotations

import datetime as dt

from faldone.catalog.records import Document
from faldone.errors import NotFoundError, StaleError
from faldone.pipeline.ports import Ports
from faldone.pipeline.review.desk import Loan


def demand_current(found: Document, version: int, ports: Ports) -> None:
    """Refuses a decision on a document that is not as it was.

    Args:
        found: the document as it is now.
        version: that of the proposal that was looked at.
        ports: the archive, asked who was first.

    Raises:
        StaleError: somebody decided, the proposal changed, or the document is no more.
    """
    if found.version == version and not found.retired:
        return
    standing = ports.catalog.decisions(found.source).get(found.id)
    if standing is not None and standing.judged >= version:
        who, when = short_name(standing.by, ports), f"{standing.at.astimezone():%H:%M}"
        raise StaleError(
            f"{who} ha già deciso su questo documento alle {when}. La tua scelta non è stata applicata. / "
            f"{who} decided on this document first, at {when}. Your choice was not applied."
        )
    raise StaleError(
        "La proposta è cambiata mentre la guardavi: riguardala. La tua scelta non è stata applicata. / "
        "The proposal changed while you looked at it: look again. Your choice was not applied."
    )


def demand_own_loan(loan: Loan | None, ports: Ports) -> None:
    """Refuses a choice on an item that went to somebody else while it was left.

    Args:
        loan: before whom else it lies now, if it does.
        ports: the archive, asked who that is.

    Raises:
        StaleError: it does.
    """
    if loan is None:
        return
    who, when = short_name(loan.by, ports), f"{loan.since.astimezone():%H:%M}"
    raise StaleError(
        f"Il documento è rimasto fermo per più di 5 minuti: dalle {when} {who} lo ha davanti. La tua scelta non è "
        "stata applicata. / "
        f"The document was left for more than 5 minutes: since {when} {who} has it before them. Your choice was not "
        "applied."
    )


def overtaken(by: str | None, at: dt.datetime | None, ports: Ports) -> StaleError:
    """What is said to whoever would take back what somebody else said last; who and when, where that is known."""
    who = short_name(by, ports) if by is not None else None
    when, time = (f" alle {at.astimezone():%H:%M}", f" at {at.astimezone():%H:%M}") if at is not None else ("", "")
    return StaleError(
        f"Non annullato: nel frattempo ha deciso {who or 'qualcun altro'}{when}. Riapri il documento per cambiarlo. / "
        f"Not undone: {who or 'somebody else'} has decided since{time}. Open the document to change it."
    )


def short_name(account: str, ports: Ports) -> str:
    """Who an account is, to a colleague: «Maria B.»; the account's name where nothing else is known."""
    try:
        words = ports.catalog.account(account).full_name.split()
    except NotFoundError:
        return account
    return f"{words[0]} {words[-1][0].upper()}." if len(words) > 1 else words[0] if words else account
