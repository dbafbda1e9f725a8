"""What of the papers that come in may be shown to whom, for pages and API alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import Request
from fastapi.responses import Response

from faldone.catalog.records import Batch, Page
from faldone.domain.access import NOTHING, Access
from faldone.domain.batch import BatchFacts, Despite, Exclusion
from faldone.domain.events import EventType, user_agent
from faldone.domain.ids import DocumentId, IntakeId, PageId
from faldone.errors import NotFoundError, PageNotFoundError
from faldone.pipeline.intake.batches import (
    BatchReport,
    Judgement,
    close_batch,
    describe_batch,
    exclude,
    judge_page,
    open_batch,
)
from faldone.pipeline.intake.inbox_doors import Away, InboxDoors
from faldone.pipeline.intake.rights import demand_own, seen_batch, sees
from faldone.pipeline.intake.suspects import Suspect, Suspicion
from faldone.pipeline.papers.page_images import THUMBNAIL_PX, View
from faldone.web.caller import NOT_FOUND, Caller
from faldone.web.intake_feed import Feed
from faldone.web.sending import pictures, send_picture, told
from faldone.web.site import Site
from faldone.web.uploading import inboxes_of

WHOLE: Final = View()
SMALL: Final = View(THUMBNAIL_PX)
DOOR_S: Final = 0.2
"""So long a whole page waits for inboxes to answer."""

_CLOSED: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="92" height="120" viewBox="0 0 92 120">'
    '<rect width="92" height="120" fill="#e6e9f2"/>'
    '<g fill="none" stroke="#455b71" stroke-width="4"><rect x="30" y="56" width="32" height="26"/>'
    '<path d="M36 56V46a10 10 0 0 1 20 0v10"/></g></svg>'
)
"""A leaf with a lock: why it is closed, by rights or for want of a reason, it does not tell."""


def access_of(caller: Caller) -> Access:
    """What somebody may see of what comes in; nothing while somebody sits at the counter."""
    return NOTHING if caller.pinned is not None else caller.access


def agent_of(caller: Caller) -> str:
    """Who does it, for the ledger."""
    return user_agent(caller.account.name)


def feed_of(site: Site) -> Feed:
    """The one board that all screens of a site share."""
    return site.part(Feed, Feed)


def away_of(caller: Caller, wait_s: float = 0.0) -> tuple[Away, ...]:
    """The inboxes of the caller's that do not answer; one that is asked now is waited for so long."""
    own = inboxes_of(caller.site.options.inboxes, access_of(caller))
    return tuple(one for one in caller.site.part(InboxDoors, _doors).away(wait_s) if one.inbox in own)


def suspects_of(caller: Caller) -> tuple[Suspect, ...]:
    """The files in the caller's inboxes that wait because they look damaged, as of when the inboxes were last asked."""
    own = inboxes_of(caller.site.options.inboxes, access_of(caller))
    return tuple(one for one in caller.site.part(InboxDoors, _doors).suspects() if one.inbox in own)


def _doors(site: Site) -> InboxDoors:
    suspicion = Suspicion(site.ports.options, site.options.ignore)
    return InboxDoors(site.options.inboxes, site.ports.clock, suspect=suspicion.look)


def open_own(code: str, inbox: int | None, facts: BatchFacts, caller: Caller) -> Batch:
    """Opens a batch by hand, for the inbox of this number or for any.

    Raises:
        UndecidableError: it is for a service or comune that the caller may not see.
        ConfigError: the code is taken, or another open batch takes the same files.
        NotFoundError: there is no such inbox.
    """
    demand_own(facts.service, facts.comune, access_of(caller))
    path = ""
    if inbox is not None:
        inboxes = inboxes_of(caller.site.options.inboxes, access_of(caller))
        if not 0 <= inbox < len(inboxes):
            raise NotFoundError("Nessuna cartella di arrivo con questo numero. / No inbox has this number.")
        path = str(inboxes[inbox].path)
    return open_batch(code.strip(), path, facts, caller.site.ports, agent_of(caller))


def describe_own(batch: Batch, facts: BatchFacts, caller: Caller, because: Despite | None = None) -> Batch:
    """Puts what is said of a batch in the place of what was said before. Raises as :func:`open_own`."""
    demand_own(facts.service, facts.comune, access_of(caller))
    return describe_batch(batch, facts, caller.site.ports, agent_of(caller), because)


def close_own(batch: Batch, despite: Despite | None, caller: Caller) -> BatchReport:
    """Closes a batch; one that is closed already stays as it is.

    Raises:
        BatchGapsError: something stands against it, and no reason was given.
        ConfigError: it is closed.
    """
    return close_batch(batch, despite, caller.site.ports, agent_of(caller))


def judge_own(page: PageId, judgement: Judgement | None, caller: Caller) -> Batch:
    """Puts on record what the caller says of a bad scan, or takes it back; the batch that it is of.

    Raises:
        NotFoundError: there is no such page, or its batch may not be seen: which of the two is not told.
        ConfigError: the batch is closed.
        UndecidableError: the scan is not bad.
    """
    batch_of_scan(page, caller)
    return judge_page(page, judgement, caller.site.ports, agent_of(caller))


def exclude_own(batch: Batch, what: str, because: Exclusion | None, caller: Caller) -> None:
    """Puts on record that a page or a file of a batch never comes in, or takes it back. Raises as :func:`exclude`."""
    id_ = PageId(what) if what.startswith("p-") else IntakeId(what)
    exclude(batch, id_, because, caller.site.ports, agent_of(caller))


def batch_of_scan(page: PageId, caller: Caller) -> Batch:
    """The batch that a page came in. Raises NotFoundError as :func:`judge_own`."""
    ports = caller.site.ports
    try:
        name = ports.catalog.batch_of(page).id
    except PageNotFoundError:
        raise NotFoundError(NOT_FOUND) from None
    return seen_batch(name, access_of(caller), ports)


def send_scan(request: Request, page: PageId, view: View, caller: Caller) -> Response:
    """The picture of a page that came in: by the rules of its document, or of its batch while it has none.

    Raises:
        PageNotFoundError: there is none, or it may not be seen: which of the two is not told.
        ReasonNeededError: a reason is owed first.
    """
    ports = caller.site.ports
    try:
        found = ports.catalog.page(page)
    except PageNotFoundError:
        raise PageNotFoundError(NOT_FOUND) from None
    holding = [one for one in ports.catalog.documents(found.source) if found.index in one.span]
    if holding:
        document = holding[0]
        if view is not SMALL:
            document = caller.document(document.id)
        elif not caller.documents([document]):
            return _send_closed(page, caller)  # a wall of pictures is no reason to ask for one
        return send_picture(request, caller, document, found.index - document.span[0] + 1, view, None)
    if not sees(ports.catalog.batch_of(page), access_of(caller)):
        raise PageNotFoundError(NOT_FOUND)
    return _send_unfiled(request, found, view, caller)


@dataclass(frozen=True, slots=True)
class Closed:
    """A page whose large picture is not shown; a reason for ``document`` would open it, when there is one.

    ``unknown`` says that it is for want of knowing what it is: neither its type nor its service is proposed.
    """

    document: DocumentId | None
    unknown: bool = False


def closed_to(page: PageId, caller: Caller) -> Closed | None:
    """How :func:`send_scan` would refuse the large picture of a page; None when it sends it. Nothing is recorded."""
    catalog = caller.site.ports.catalog
    found = catalog.page(page)
    holding = [one for one in catalog.documents(found.source) if found.index in one.span][:1]
    if caller.documents(holding) == holding:
        return None
    if not caller.owes_reason(holding[0]):
        return Closed(None)
    proposal = holding[0].proposal
    return Closed(holding[0].id, unknown=proposal.service is None and proposal.type is None)


def _send_closed(page: PageId, caller: Caller) -> Response:
    """A blank leaf in the place of a page that came in with others, and was filed since where it is not just shown."""
    if not sees(caller.site.ports.catalog.batch_of(page), access_of(caller)):
        raise PageNotFoundError(NOT_FOUND)
    return Response(_CLOSED, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


def _send_unfiled(request: Request, page: Page, view: View, caller: Caller) -> Response:
    ports, made = caller.site.ports, pictures(caller.site)
    size = "thumbnail" if view is SMALL else "page"

    def tell() -> None:
        caller.record(EventType.PAGE_DELIVERED, page.id, batch=ports.catalog.batch_of(page.id).id, size=size)

    if caller.session is None:
        tell()
    else:
        told(caller.site).once((str(caller.session.key), page.id, size), tell)
    tag = f'"{made.tag(page, view, ports)}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    picture = made.picture(page, view, ports)
    return Response(picture.data, media_type=picture.media_type, headers=headers)
