"""A document as one searchable PDF/A, from the words that were recognised: to read, to send, to print."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from faldone.catalog.records import Document
from faldone.domain.digest import Digest
from faldone.domain.events import AGENT, Event, EventType, Outcome
from faldone.domain.ids import DocumentId
from faldone.errors import InputError
from faldone.pipeline.papers.reading_order import reading_order
from faldone.pipeline.ports import Ports
from faldone.searchable.metadata import About
from faldone.searchable.pictures import Kept
from faldone.searchable.write import PageToWrite, WriteOptions, write_pdf_a


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that was written: ``drawn`` counts the pages that could not be taken as they are."""

    digest: Digest
    size: int
    pages: int
    drawn: int


def copy_document(document: Document, target: Path, ports: Ports) -> Copy:
    """Writes the searchable PDF/A-2b of a document in the place of ``target``, all or nothing, and puts it on record.

    Its pages come as they are read. The same document with the same words gives the same bytes.

    Raises:
        InputError: the sealed file does not open any more.
        OSError: the target cannot be written.
    """
    source = ports.catalog.source(document.source)
    texts = ports.catalog.page_texts(document.source, document.span)
    pages = [PageToWrite(index, texts.get(index)) for index in reading_order(document, ports)]
    about = About(document=document.id, source=document.source, made=source.sealed_at)
    limits = ports.options.limits
    options = WriteOptions(max_pixels=limits.max_pixels, pdf_passwords=limits.pdf_passwords)
    unfinished = target.with_name(f".{target.name}.part")
    try:
        with ports.store.path(document.source) as path, unfinished.open("w+b") as stream:
            written = write_pdf_a(path, source.media_type or "", pages, stream, about, options)
            stream.seek(0)
            digest = Digest(hashlib.file_digest(stream, "sha256").hexdigest())
            size = stream.tell()
            os.fsync(stream.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    drawn = sum(page.kept is Kept.DRAWN for page in written.pages)
    copy = Copy(digest, size, len(pages), drawn)
    with ports.catalog.begin() as work:
        work.record(_event(document, copy, ports))
    return copy


def keep_copy(document_id: DocumentId, ports: Ports) -> None:
    """Makes the copy of a document that the archive keeps beside it; removes that of a document that is no more."""
    assert ports.options.copies is not None
    with ports.catalog.begin() as work:
        work.begin_copy(document_id)
    document = ports.catalog.document(document_id)
    target = ports.options.copies / f"{document.id}.pdf"
    if document.retired:
        target.unlink(missing_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            copy_document(document, target, ports)
        except InputError as error:
            with ports.catalog.begin() as work:
                work.record(_failed(document, error, ports))
            return
    with ports.catalog.begin() as work:
        work.mark_copied(document.id, document.version)


def _failed(document: Document, error: InputError, ports: Ports) -> Event:
    return Event(
        type=EventType.DOCUMENT_COPIED,
        subject=document.id,
        at=ports.clock(),
        agent=AGENT,
        outcome=Outcome.FAILURE,
        detail={"version": document.version, "reason": error.reason},
    )


def _event(document: Document, copy: Copy, ports: Ports) -> Event:
    return Event(
        type=EventType.DOCUMENT_COPIED,
        subject=document.id,
        at=ports.clock(),
        agent=AGENT,
        outcome=Outcome.WARNING if copy.drawn else Outcome.SUCCESS,
        detail={
            "version": document.version,
            "copy": str(copy.digest),
            "size": copy.size,
            "pages": copy.pages,
            "drawn": copy.drawn,
        },
    )
