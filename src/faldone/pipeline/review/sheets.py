"""Sheets mode: where documents start among the sheets around one, changed at a stroke and taken back at a stroke.

The scan is never touched: people say on which sheets a document starts, which are blank and how they stand upright, and
what the documents are is proposed anew. Sheets stay in the order of the scan: a document is a stretch of its file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from faldone.catalog.catalog import Document, Page
from faldone.classify.page_signs import PageSigns
from faldone.classify.propose import Context, PageView, page_signs_of
from faldone.classify.stretches import is_certain
from faldone.domain.digest import Digest
from faldone.domain.ids import DocumentId
from faldone.errors import PageNotFoundError, StaleError
from faldone.ocr.quality import is_legible
from faldone.pipeline.papers.page_images import stand
from faldone.pipeline.ports import Ports
from faldone.pipeline.recognition.turn_page import turn_page
from faldone.pipeline.review.bench_words import Words
from faldone.pipeline.review.blank_page import say_blank
from faldone.pipeline.review.boundaries import merge, split
from faldone.pipeline.review.stale import demand_current

MOST_SHEETS: Final = 200
"""A document with more sheets is cut at the command line, or bit by bit."""

_MOST_CUES: Final = 60
"""Cues take a look at the words of a page: for so many sheets they are there at once."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. ``page`` is its 0-based index in the file; of a ``fixed`` one it cannot be said where it belongs.

    Of one that is ``closed`` it cannot be said whether it is blank. ``turned`` is how far somebody said that it is to
    be turned.
    """

    page: int
    document: DocumentId
    number: int
    starts: bool
    fixed: bool
    blank: bool
    closed: bool
    turned: int | None
    cues: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """The sheets of a document and of its neighbours in the file; ``versions`` are those of their proposals."""

    source: Digest
    document: DocumentId
    sheets: tuple[Sheet, ...]
    versions: Mapping[DocumentId, int]


@dataclass(frozen=True, slots=True)
class Turn:
    """That a sheet is turned clockwise by so many degrees more; ``before`` is what had been said of it until then."""

    page: int
    by: int
    before: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of the sheets of a strip: on which documents start, which are blank, which are turned."""

    starts: Collection[int]
    blanks: Collection[int]
    turns: Collection[Turn] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """What was changed, as it is taken back.

    Attributes:
        boundaries: how often it was corrected where documents start.
        turns: of pages (0-based) how they stood before, and how they do now.
        readings: of pages the keys of their readings, before and now.
        missed: what could not be done, because the file was worked on at that moment.
    """

    boundaries: int = 0
    turns: tuple[tuple[int, int, int], ...] = ()
    readings: tuple[tuple[int, Digest, Digest], ...] = ()
    missed: int = 0

    @property
    def count(self) -> int:
        """How many changes these are."""
        return self.boundaries + len(self.turns) + len(self.readings)


def strip_of(document: Document, may_be_seen: Callable[[list[Document]], list[Document]], ports: Ports) -> Strip:
    """The sheets around a document.

    Args:
        document: a document that the asker may see.
        may_be_seen: those of some documents that the asker may see: no sheet of another is shown.
        ports: the archive.
    """
    shown = _neighbours(document, may_be_seen, ports)
    marks = ports.catalog.marks(document.source)
    blank = ports.catalog.blank_pages(document.source)
    decided = ports.catalog.decisions(document.source)
    closed = {one for one, decision in decided.items() if decision.whole is not None}
    signs = _signs(shown, ports)
    turns = ports.catalog.page_turns(document.source)
    extent = range(shown[0].span.start, shown[-1].span.stop)
    unread = {page.index for page in ports.catalog.pages(document.source, extent) if page.text is None}
    sheets: list[Sheet] = []
    for before, one in pairwise([None, *shown]):
        assert one is not None
        for number, page in enumerate(one.span, 1):
            fixed = one.id in closed or len(sheets) >= MOST_SHEETS
            if number == 1:
                parted = before is None or any(
                    between in range(before.span.stop, page) and is_certain(mark) for between, mark in marks.items()
                )
                fixed = fixed or parted or (before is not None and before.id in closed)
            cues = _cues(signs[page], ports) if page in signs else ()
            unsaid = one.id in closed or page in unread
            sheets.append(Sheet(page, one.id, number, number == 1, fixed, page in blank, unsaid, turns.get(page), cues))
    return Strip(document.source, document.id, tuple(sheets[:MOST_SHEETS]), {one.id: one.version for one in shown})


def save_sheets(strip: Strip, said: Said, versions: Mapping[DocumentId, int], by: str, ports: Ports) -> Changed:
    """Makes the sheets of a strip what is said of them; what was changed by it.

    Args:
        strip: the sheets as they are now.
        said: by 0-based indices in the file; what is said of a fixed or closed sheet is left as it is.
        versions: of the proposals that were looked at.
        by: the account of who says so.
        ports: the archive.

    Raises:
        PageNotFoundError: a sheet is not of the strip.
        UndecidableError: it is no quarter turn.
        StaleError: the documents or their sheets are not what they were.
    """
    if set(versions) != set(strip.versions):
        raise _changed()
    for document, version in versions.items():
        demand_current(ports.catalog.document(document), version, ports)
    by_page = {sheet.page: sheet for sheet in strip.sheets}
    if not {*said.starts, *said.blanks, *(turn.page for turn in said.turns)} <= set(by_page):
        raise PageNotFoundError("Il foglio non è di questo documento. / The sheet is not of this document.")
    if any(by_page[turn.page].turned != turn.before for turn in said.turns):
        raise _changed()
    starts = [sheet.page for sheet in strip.sheets if (sheet.page in said.starts) != sheet.starts and not sheet.fixed]
    blanks = [sheet.page for sheet in strip.sheets if (sheet.page in said.blanks) != sheet.blank and not sheet.closed]
    # Where documents start first: a blank page is none's first, and no cut or join is found by it any more.
    for page in starts:
        holder = _holder(strip.source, page, ports)
        if page in said.starts:
            split(holder, page, by, ports)
        else:
            merge(holder, by, ports)
    turns = tuple(_turned(strip.source, turn, by, ports) for turn in said.turns)
    readings: list[tuple[int, Digest, Digest]] = []
    try:
        for page in blanks:
            before = say_blank(
                page_at(strip.source, page, ports), page in said.blanks, _holder(strip.source, page, ports), by, ports
            )
            now = page_at(strip.source, page, ports).text
            if before is not None and now is not None:
                readings.append((page, before, now))
    except StaleError:
        if not (starts or turns or readings):
            raise
        # What was done is told, and can be taken back.
        return Changed(len(starts), turns, tuple(readings), missed=len(blanks) - len(readings))
    return Changed(len(starts), turns, tuple(readings))


def page_at(source: Digest, index: int, ports: Ports) -> Page:
    """A page of a file by its 0-based index."""
    return ports.catalog.pages(source, range(index, index + 1))[0]


def _turned(source: Digest, turn: Turn, by: str, ports: Ports) -> tuple[int, int, int]:
    page = page_at(source, turn.page, ports)
    before = stand(page, ports).turn
    turn_page(page, (before + turn.by) % 360, by, ports)
    return turn.page, before, (before + turn.by) % 360


def _holder(source: Digest, page: int, ports: Ports) -> DocumentId:
    return next(one.id for one in ports.catalog.documents(source) if page in one.span)


def _changed() -> StaleError:
    return StaleError(
        "I documenti di questo file sono cambiati: riguarda i fogli. Nulla è stato applicato. / "
        "The documents of this file have changed: look at the sheets again. Nothing was applied."
    )


def _neighbours(
    document: Document, may_be_seen: Callable[[list[Document]], list[Document]], ports: Ports
) -> Sequence[Document]:
    """The document with the one before and the one behind it, where these may be seen."""
    there = list(ports.catalog.documents(document.source))
    place = next((number for number, one in enumerate(there) if one.id == document.id), None)
    if place is None:
        return [document]
    around = may_be_seen(there[max(place - 1, 0) : place] + there[place + 1 : place + 2])
    return sorted([document, *around], key=lambda one: one.span.start)


def _signs(documents: Sequence[Document], ports: Ports) -> dict[int, PageSigns]:
    """What the first sheets of the strip say about their place."""
    pages = [page for one in documents for page in one.span][:_MOST_CUES]
    if not pages:
        return {}
    source = documents[0].source
    texts = ports.catalog.page_texts(source, range(pages[0], pages[-1] + 1))
    context = Context(ports.catalog.source(source).sealed_at.date(), "")
    register = ports.register()
    found = {}
    for page in pages:
        text = texts.get(page)
        if text is None:
            continue
        signs = page_signs_of(PageView(page, text, legible=is_legible(text)), register, ports.lexicon, context)
        if signs is not None:
            found[page] = signs
    return found


def _cues(signs: PageSigns, ports: Ports) -> tuple[Words, ...]:
    """What a sheet says of itself, strongest first."""
    cues: list[Words] = []
    if signs.number is not None:
        of = f" di {signs.of}" if signs.of is not None else ""
        cues.append((f"pag. {signs.number}{of}", f"page {signs.number}{of.replace(' di ', ' of ')}"))
    if signs.title and signs.title in ports.lexicon.types:
        name = ports.lexicon.types[signs.title].name
        cues.append((f"titolo: {name}", f"title: {name}"))
    if signs.letterhead:
        cues.append(("nuova intestazione", "a letterhead"))
    if signs.subject:
        cues.append(("oggetto", "a subject line"))
    if signs.protocols:
        cues.append(("protocollo", "a registration"))
    if signs.closes:
        cues.append(("saluti o firma in fondo", "ends with a signature"))
    return tuple(cues[:3])
