"""Sheets mode: where documents start among the sheets around one, changed at a stroke and taken back at a stroke.

The scan is never touched: people say on which sheets a document starts, which are blank, how they stand upright and in
which order they are read, and what the documents are is proposed anew. A document is a stretch of its file: a sheet is
read elsewhere within its own document, never in another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from faldone.catalog.records import Document, Page
from faldone.classify.page_signs import PageSigns
from faldone.classify.propose import Context, PageView, page_signs_of
from faldone.classify.stretches import is_certain
from faldone.domain.digest import Digest
from faldone.domain.ids import DocumentId
from faldone.errors import PageNotFoundError, StaleError, UndecidableError
from faldone.ocr.quality import is_legible
from faldone.pipeline.papers.page_images import stand
from faldone.pipeline.papers.reading_order import in_reading_order
from faldone.pipeline.ports import Ports
from faldone.pipeline.recognition.turn_page import turn_page
from faldone.pipeline.review.bench_words import Words
from faldone.pipeline.review.blank_page import say_blank
from faldone.pipeline.review.boundaries import merge, split
from faldone.pipeline.review.order_pages import put_in_order
from faldone.pipeline.review.stale import demand_current

MOST_SHEETS: Final = 200
"""A document with more sheets is cut at the command line, or bit by bit."""

_MOST_CUES: Final = 60
"""Cues take a look at the words of a page: for so many sheets they are there at once."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, where it is read. ``page`` is its 0-based index in the file, ``place`` that at which it is read.

    Whether a document ``starts`` is of the place, whichever sheet is read there; of a ``fixed`` one it cannot be said.
    Of a sheet that is ``closed`` it cannot be said whether it is blank. ``turned`` is how far somebody said that it is
    to be turned.
    """

    page: int
    place: int
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
    """The sheets of a document and of its neighbours in the file, as they are read.

    ``beyond`` are those that are too many to be shown; ``versions`` are those of the documents' proposals.
    """

    source: Digest
    document: DocumentId
    sheets: tuple[Sheet, ...]
    beyond: tuple[Sheet, ...]
    versions: Mapping[DocumentId, int]


@dataclass(frozen=True, slots=True)
class Turn:
    """That a sheet is turned clockwise by so many degrees more; ``before`` is what had been said of it until then."""

    page: int
    by: int
    before: int | None


@dataclass(frozen=True, slots=True)
class Move:
    """That a sheet is read at a place of the file (0-based); ``before`` is where it was read until then."""

    page: int
    to: int
    before: int


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of the sheets of a strip.

    Attributes:
        starts: the places where documents start.
        blanks: the pages that are blank.
        turns: of pages that are turned.
        moves: of pages that are read elsewhere than they were; others keep their place.
    """

    starts: Collection[int]
    blanks: Collection[int]
    turns: Collection[Turn] = ()
    moves: Collection[Move] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """What was changed, as it is taken back.

    Attributes:
        boundaries: how often it was corrected where documents start.
        turns: of pages (0-based) how they stood before, and how they do now.
        readings: of pages the keys of their readings, before and now.
        orders: of documents their pages (0-based) as they were read before, and are now.
        missed: what could not be done, because the file was worked on at that moment.
    """

    boundaries: int = 0
    turns: tuple[tuple[int, int, int], ...] = ()
    readings: tuple[tuple[int, Digest, Digest], ...] = ()
    orders: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = ()
    missed: int = 0

    @property
    def count(self) -> int:
        """How many changes these are."""
        return self.boundaries + len(self.turns) + len(self.readings) + len(self.orders)


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
    places = ports.catalog.page_places(document.source)
    extent = range(shown[0].span.start, shown[-1].span.stop)
    unread = {page.index for page in ports.catalog.pages(document.source, extent) if page.text is None}
    sheets: list[Sheet] = []
    for before, one in pairwise([None, *shown]):
        assert one is not None
        for place, page in zip(one.span, in_reading_order(one.span, places), strict=True):
            fixed, starts = one.id in closed or len(sheets) >= MOST_SHEETS, place == one.span.start
            if starts:
                parted = before is None or any(
                    between in range(before.span.stop, place) and is_certain(mark) for between, mark in marks.items()
                )
                fixed = fixed or parted or (before is not None and before.id in closed)
            cues = _cues(signs[page], ports) if page in signs else ()
            unsaid = one.id in closed or page in unread
            number = page - one.span.start + 1
            sheets.append(
                Sheet(page, place, one.id, number, starts, fixed, page in blank, unsaid, turns.get(page), cues)
            )
    seen, beyond = tuple(sheets[:MOST_SHEETS]), tuple(sheets[MOST_SHEETS:])
    return Strip(document.source, document.id, seen, beyond, {one.id: one.version for one in shown})


def save_sheets(strip: Strip, said: Said, versions: Mapping[DocumentId, int], by: str, ports: Ports) -> Changed:
    """Makes the sheets of a strip what is said of them; what was changed by it.

    Args:
        strip: the sheets as they are now.
        said: by 0-based indices in the file; what is said of a fixed place or a closed sheet is left as it is.
        versions: of the proposals that were looked at.
        by: the account of who says so.
        ports: the archive.

    Raises:
        PageNotFoundError: a sheet is not of the strip.
        UndecidableError: it is no quarter turn, or a sheet would be read in another document than it is of.
        StaleError: the documents or their sheets are not what they were.
    """
    if set(versions) != set(strip.versions):
        raise _changed()
    for document, version in versions.items():
        demand_current(ports.catalog.document(document), version, ports)
    by_page = {sheet.page: sheet for sheet in strip.sheets}
    pages = {*said.blanks, *(turn.page for turn in said.turns), *(move.page for move in said.moves)}
    if not (pages <= set(by_page) and set(said.starts) <= {sheet.place for sheet in strip.sheets}):
        raise PageNotFoundError("Il foglio non è di questo documento. / The sheet is not of this document.")
    if any(by_page[turn.page].turned != turn.before for turn in said.turns) or any(
        by_page[move.page].place != move.before for move in said.moves
    ):
        raise _changed()
    starts = [sheet.place for sheet in strip.sheets if (sheet.place in said.starts) != sheet.starts and not sheet.fixed]
    places = _places(strip, said.moves, starts)
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
        if not (starts or turns or readings or said.moves):
            raise
    # Last, so that it is of the documents that came of the rest. What was done is told, and can be taken back.
    orders, missed = _put_in_order(strip.source, places, by, ports) if said.moves else ((), 0)
    return Changed(len(starts), turns, tuple(readings), orders, missed + len(blanks) - len(readings))


def page_at(source: Digest, index: int, ports: Ports) -> Page:
    """A page of a file by its 0-based index."""
    return ports.catalog.pages(source, range(index, index + 1))[0]


def _places(strip: Strip, moves: Collection[Move], changed: Collection[int]) -> dict[int, int]:
    """Of each page of the strip the place at which it is read, once documents start elsewhere than at some places.

    Raises:
        UndecidableError: two are read at one place, or one in another document than that which the scan has it in.
    """
    sheets = strip.sheets + strip.beyond
    places = {sheet.page: sheet.place for sheet in sheets} | {move.page: move.to for move in moves}
    stretches: list[list[int]] = []
    for sheet in sheets:
        if sheet.starts != (sheet.place in changed) or not stretches:
            stretches.append([])
        stretches[-1].append(sheet.place)
    at = {place: page for page, place in places.items()}
    for stretch in stretches:
        # A stretch of the file holds its own pages, in whichever order.
        if sorted(at.get(place, -1) for place in stretch) != stretch:
            raise UndecidableError(
                "Un foglio si sposta solo dentro il suo documento, e un posto è di un foglio solo: rimettilo a posto, "
                "o unisci prima i documenti. / "
                "A sheet is moved within its own document only, and a place is one sheet's: put it back, or join the "
                "documents first."
            )
    return places


def _put_in_order(
    source: Digest, places: Mapping[int, int], by: str, ports: Ports
) -> tuple[tuple[tuple[tuple[int, ...], tuple[int, ...]], ...], int]:
    """Puts on record how the pages of each document are read by these places.

    Returns how they were read and are now, and of how many documents that could not be said.
    """
    found, missed = [], 0
    before = ports.catalog.page_places(source)
    for one in ports.catalog.documents(source):
        was, now = in_reading_order(one.span, before), in_reading_order(one.span, {**before, **places})
        if was != now:
            try:
                put_in_order(one, now, by, ports)
            except StaleError:
                missed += 1
            else:
                found.append((was, now))
    return tuple(found), missed


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
