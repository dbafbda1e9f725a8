"""What leaves the archive: pictures of pages, originals, searchable copies. Each is on record before its first byte."""

from __future__ import annotations

import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from fastapi import Request
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from faldone.catalog.records import Document, Page
from faldone.domain.access import Sensitivity
from faldone.domain.events import EventType, Outcome
from faldone.errors import PageNotFoundError
from faldone.pipeline.audit.access_report import THUMBNAIL
from faldone.pipeline.papers.copy_document import copy_document
from faldone.pipeline.papers.page_images import THUMBNAIL_PX, PageImages, View, picture_key
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.projection import project_all
from faldone.web.caller import Caller, ForbiddenError
from faldone.web.site import Site
from faldone.web.told import Told

_ENDINGS: Final = {
    "application/pdf": "pdf",
    "image/tiff": "tif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/avif": "avif",
}
_copying = threading.BoundedSemaphore(1)


class SharedFileError(ForbiddenError):
    """The file holds papers beyond the document that may not be had with it."""


def pictures(site: Site) -> PageImages:
    """The pictures of pages of this site."""
    return site.part(PageImages, lambda one: PageImages(one.options.views, one.options.views_bytes))


def told(site: Site) -> Told:
    """What the journal of this site was told already."""
    return site.part(Told, lambda _: Told())


def is_reinforced(document: Document, ports: Ports) -> bool:
    """Whether a document is kept so closely that nothing of it is kept elsewhere."""
    return project_all([document], ports, texts=False)[0].sensitivity >= Sensitivity.RAFFORZATA


def page_of(document: Document, number: int, ports: Ports) -> Page:
    """The page of a document by its 1-based number.

    Raises:
        PageNotFoundError: the document has no such page.
    """
    if not 1 <= number <= len(document.span):
        raise PageNotFoundError(
            f"Il documento ha le pagine da 1 a {len(document.span)}. / "
            f"The document has the pages 1 to {len(document.span)}."
        )
    index = document.span[number - 1]
    return ports.catalog.pages(document.source, range(index, index + 1))[0]


def tell_opened(caller: Caller, *documents: Document) -> None:
    """Puts on record at one stroke that documents were opened; the small pictures of their pages come with them."""
    caller.site.journal.record(
        *(
            caller.event(
                EventType.DOCUMENT_VIEWED,
                document.id,
                version=document.version,
                pages=len(document.span),
                thumbnails=True,
            )
            for document in documents
        )
    )
    if caller.session is not None:
        for document in documents:
            told(caller.site).once((str(caller.session.key), document.id, "opened"), lambda: None)


def was_opened(caller: Caller, document: Document) -> bool:
    """Whether it was put on record in this session that the document was opened."""
    return caller.session is not None and told(caller.site).has((str(caller.session.key), document.id, "opened"))


def tell_delivered(caller: Caller, document: Document, page: Page, number: int, *, small: bool = False) -> None:
    """Puts on record that a page goes out: once a session, and each time to programs, which have none.

    A small picture is told of by itself only where the document was not opened, as in a list of results.
    """
    session = str(caller.session.key) if caller.session is not None else None
    size = THUMBNAIL if small else "page"

    def tell() -> None:
        caller.record(EventType.PAGE_DELIVERED, page.id, document=document.id, page=number, size=size)

    if session is None:
        tell()
    elif not small or not (was_opened(caller, document) or told(caller.site).has((session, page.id, "page"))):
        told(caller.site).once((session, page.id, size), tell)


def tell_seen(caller: Caller, document: Document, page: Page, number: int) -> None:
    """Puts on record that a page stood before somebody's eyes; once a session, and of a program once."""
    who = str(caller.session.key) if caller.session is not None else f"account:{caller.account.name}"
    told(caller.site).once(
        (who, page.id, "seen"),
        lambda: caller.record(EventType.PAGE_SEEN, page.id, document=document.id, page=number),
    )


def send_picture(
    request: Request, caller: Caller, document: Document, number: int, view: View, key: str | None
) -> Response:
    """The picture of a page; ``key`` is that of its address, by which a browser may keep it for a while.

    Raises:
        PageNotFoundError: the document has no such page.
        InputError: the sealed file or the page does not open.
    """
    ports = caller.site.ports
    page = page_of(document, number, ports)
    closely = is_reinforced(document, ports)
    made = pictures(caller.site)
    tell_delivered(caller, document, page, number, small=view.width == THUMBNAIL_PX and view.region is None)
    if closely:
        made.forget(page.id)
        picture = made.picture(page, view, ports, keep=False)
        return Response(picture.data, media_type=picture.media_type, headers={"Cache-Control": "no-store"})
    tag = f'"{made.tag(page, view, ports)}"'
    turn = ports.catalog.page_turns(page.source).get(page.index)
    lasting = key is not None and key == picture_key(page, turn)
    headers = {"ETag": tag, "Cache-Control": "private, max-age=600, immutable" if lasting else "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    picture = made.picture(page, view, ports, keep=view.region is None)
    return Response(picture.data, media_type=picture.media_type, headers=headers)


def send_original(caller: Caller, document: Document) -> Response:
    """The sealed file that a document is in, as it arrived.

    Raises:
        SharedFileError: it holds papers that the caller may not see, or that nobody has filed.
    """
    ports = caller.site.ports
    source = ports.catalog.source(document.source)
    others = list(ports.catalog.documents(document.source))
    filed = {index for one in others for index in one.span}
    unfiled = any(index not in filed for index in range(source.pages or 0))
    if len(caller.documents(others)) < len(others) or (unfiled and not caller.access.intake):
        caller.record(EventType.ACCESS_REFUSED, document.id, outcome=Outcome.FAILURE, rule="original")
        raise SharedFileError(
            "Nello stesso file ci sono altre carte che non puoi vedere: scarica il PDF ricercabile, che ha solo questo "
            "documento. / The same file holds papers that you may not see: download the searchable PDF, which has "
            "this document alone."
        )
    caller.record(
        EventType.DOCUMENT_DOWNLOADED, document.id, form="original", file=str(source.digest), size=source.size
    )
    ending = _ENDINGS.get(source.media_type or "", "bin")
    open_file = ExitStack()
    path = open_file.enter_context(ports.store.path(source.digest))
    # Whatever the file says that it is, a browser saves it and runs nothing in it.
    return FileResponse(
        path,
        media_type="application/octet-stream",
        headers=_attached(f"{document.id}-originale.{ending}"),
        background=BackgroundTask(open_file.close),
    )


def send_pdf(caller: Caller, document: Document) -> Response:
    """The document as a searchable PDF/A, made for this download alone.

    Raises:
        InputError: the sealed file does not open any more.
    """
    ports = caller.site.ports
    ports.options.work.mkdir(parents=True, exist_ok=True)
    folder = tempfile.TemporaryDirectory(prefix="pdf-", dir=ports.options.work)
    target = Path(folder.name) / "copy.pdf"
    try:
        with _copying:
            copy = copy_document(document, target, ports)
        caller.record(
            EventType.DOCUMENT_DOWNLOADED, document.id, form="pdf", version=document.version, copy=str(copy.digest)
        )
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        target,
        media_type="application/pdf",
        headers=_attached(f"{document.id}.pdf"),
        background=BackgroundTask(folder.cleanup),
    )


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}


def tell_names(caller: Caller, door: str, shown: int, words: int = 0) -> None:
    """Puts on record that names are shown, the first time in a minute: not each key that somebody presses.

    Words to go on with count too: on papers they are names as well.
    """
    if not shown + words:
        return
    counter = caller.pinned
    minute = f"{caller.site.ports.clock():%Y-%m-%d %H:%M}"
    key = ("names", caller.account.name, door, counter or "", minute)

    def tell() -> None:
        caller.record(EventType.REGISTER_READ, "register", door=door, shown=shown, words=words, counter=counter)

    told(caller.site).once(key, tell)
