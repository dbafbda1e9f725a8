"""A document laid open for somebody to read: what is said of it and by which proof, its pages, the words on them.

It is asked for a document that its reader may see; whether that is so is not asked again here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from faldone.catalog.records import Batch, Document, Intake, Page, PageState, Source
from faldone.domain.access import EVERYTHING
from faldone.domain.attribution import Attribution, Evidence, PersonMention, Protocol, Role
from faldone.domain.digest import Digest
from faldone.domain.page import Box, PageText, Word
from faldone.domain.signature import SignatureFacts
from faldone.errors import PageNotFoundError
from faldone.ocr.quality import legibility
from faldone.pipeline.papers.page_images import Run, Stand, picture_key, stand
from faldone.pipeline.papers.reading_order import reading_order
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.find import all_hits
from faldone.pipeline.search.projection import project_all
from faldone.search.document import SearchDocument
from faldone.search.query import Query

_FEW_WORDS = 3
"""A page on which no more was read than this, and which is not blank, is not readable by machine."""

_UNSURE = 0.6


class Field(StrEnum):
    """What is said of a document."""

    HOLDER = "holder"
    TYPE = "type"
    DATE = "date"
    PROTOCOL = "protocol"
    SERVICE = "service"
    NUMBER = "number"
    PERSON = "person"


class Said(StrEnum):
    """Who says a value that no words on the paper prove."""

    SIDECAR = "sidecar"
    INBOX = "inbox"
    SHEET = "sheet"
    NEIGHBOURS = "neighbours"


@dataclass(frozen=True, slots=True)
class Proof:
    """Words that prove a value; ``number`` is the 1-based page of the document, ``None`` on a cover before it.

    ``box`` is in the pixels of that page as it is shown.
    """

    kind: str
    number: int | None
    quote: str
    box: Box | None


@dataclass(frozen=True, slots=True)
class Value:
    """One thing that is said of a document, with its proof.

    ``text`` is what people read, ``code`` what is stored; ``who`` is set for persons. A value with neither a proof on
    paper, nor another source (``said``), nor a person who confirmed it is not ``proven`` and not to be shown as known.
    """

    field: Field
    text: str
    code: str
    confidence: float
    method: str
    confirmed_by: str | None
    proofs: tuple[Proof, ...]
    said: Said | None = None
    who: PersonMention | None = None

    @property
    def proven(self) -> bool:
        """Whether anything speaks for it."""
        return bool(self.proofs) or self.said is not None or self.confirmed_by is not None


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page in the list of pages: ``key`` of its pictures, how many marks are on it.

    ``number`` is its own in the scan of the document, from 1; ``position`` where it is read, from 1.
    """

    number: int
    position: int
    page: Page
    key: str
    hits: int


@dataclass(frozen=True, slots=True)
class SameSheet:
    """That a page of the document is the same sheet of paper as page ``other_number`` of ``other``."""

    number: int
    other: Document
    other_number: int
    kind: str
    score: float


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document with everything about it but the words of its pages.

    ``leaves`` come as they are read. ``marks`` are where the words that were searched stand, by 0-based page of the
    file, in the pixels of the reading.
    """

    document: Document
    record: SearchDocument
    source: Source
    intake: Intake
    batch: Batch
    values: tuple[Value, ...]
    leaves: tuple[Leaf, ...]
    marks: Mapping[int, tuple[Box, ...]]
    signature: SignatureFacts | None

    @property
    def hits(self) -> int:
        """How many marks there are in all."""
        return sum(leaf.hits for leaf in self.leaves)

    def of(self, field: Field) -> tuple[Value, ...]:
        """The values of one field."""
        return tuple(value for value in self.values if value.field is field)

    def leaf(self, number: int) -> Leaf:
        """A page by its 1-based number.

        Raises:
            PageNotFoundError: the document has no such page.
        """
        for leaf in self.leaves:
            if leaf.number == number:
                return leaf
        raise PageNotFoundError(
            f"Il documento ha le pagine da 1 a {len(self.leaves)}. / "
            f"The document has the pages 1 to {len(self.leaves)}."
        )

    def beside(self, leaf: Leaf, by: int) -> Leaf | None:
        """The page that is read so many pages behind another, or before it; None where there is none."""
        place = leaf.position - 1 + by
        return self.leaves[place] if 0 <= place < len(self.leaves) else None

    def page_of_hit(self, hit: int) -> int:
        """The 1-based page that the 1-based ``hit`` is on; the first page when there is no such hit."""
        for leaf in self.leaves:
            if 1 <= hit <= leaf.hits:
                return leaf.number
            hit -= leaf.hits
        return self.leaves[0].number

    def first_hit_of(self, leaf: Leaf) -> int:
        """The number of the first hit on a page or behind it; 0 when there is none any more."""
        before = self.hits_before(leaf)
        return before + 1 if before < self.hits else 0

    def hits_before(self, leaf: Leaf) -> int:
        """How many hits are on the pages that are read before this one."""
        return sum(other.hits for other in self.leaves[: leaf.position - 1])


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word of the page, where it stands on the page as it is shown and how it runs; ``unsure`` was read badly."""

    text: str
    box: Box
    run: Run
    unsure: bool
    marked: bool


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A page as it is shown: how it stands, its words by line, the marks on it and the proofs that it holds.

    ``unreadable`` says that there is something on it that no machine reads. ``first_hit`` is the number of its first
    mark among those of the document.
    """

    leaf: Leaf
    stand: Stand
    lines: tuple[tuple[PlacedWord, ...], ...]
    marks: tuple[Box, ...]
    first_hit: int
    text: PageText | None
    legibility: float | None
    unreadable: bool

    @property
    def quarantined(self) -> bool:
        """Whether reading it failed so often that it was put aside."""
        return self.leaf.page.state is PageState.QUARANTINED


def open_document(document: Document, ports: Ports, query: Query | None = None) -> OpenDocument:
    """A document laid open; with a ``query`` its words are marked."""
    catalog = ports.catalog
    marks: dict[int, tuple[Box, ...]] = {}
    if query is not None:
        # Whether the document may be seen was asked before, by rules that know more than the index does.
        marks = {hit.index: hit.boxes for hit in all_hits(document.id, query, EVERYTHING, ports).pages}
    pages = {page.index: page for page in catalog.pages(document.source, document.span)}
    turns = catalog.page_turns(document.source)
    leaves = tuple(
        Leaf(
            index - document.span.start + 1,
            position,
            pages[index],
            picture_key(pages[index], turns.get(index)),
            len(marks.get(index, ())),
        )
        for position, index in enumerate(reading_order(document, ports), 1)
    )
    intake = catalog.intakes(document.source)[0]
    return OpenDocument(
        document=document,
        record=project_all([document], ports, texts=False)[0],
        source=catalog.source(document.source),
        intake=intake,
        batch=catalog.batch(intake.batch),
        values=tuple(_values(document, pages, turns, ports)),
        leaves=leaves,
        marks=marks,
        signature=_signature(intake, ports),
    )


def open_page(opened: OpenDocument, number: int, ports: Ports) -> OpenPage:
    """A page of a document, by its 1-based number.

    Raises:
        PageNotFoundError: the document has no such page.
    """
    leaf = opened.leaf(number)
    text = ports.catalog.recognition(leaf.page.text) if leaf.page.text is not None else None
    stands = stand(leaf.page, ports)
    marks = opened.marks.get(leaf.page.index, ())
    words = text.words if text is not None else ()
    return OpenPage(
        leaf=leaf,
        stand=stands,
        lines=tuple(_lines(text, marks, stands)) if text is not None else (),
        marks=tuple(map(stands.place, marks)),
        first_hit=1 + opened.hits_before(leaf),
        text=text,
        legibility=legibility(text) if text is not None and words else None,
        unreadable=text is not None and not text.blank and len(words) <= _FEW_WORDS,
    )


def same_sheets(opened: OpenDocument, ports: Ports) -> tuple[SameSheet, ...]:
    """Pages of other documents, or of this one, that are the same sheets; whoever shows them asks who may see them."""
    document = opened.document
    pages = {leaf.page.id: leaf.page for leaf in opened.leaves}
    found: list[SameSheet] = []
    documents: dict[Digest, tuple[Document, ...]] = {}
    for link in ports.catalog.links(tuple(pages)):
        own, other = (link.page, link.earlier) if link.page in pages else (link.earlier, link.page)
        page = ports.catalog.page(other)
        if page.source not in documents:
            documents[page.source] = ports.catalog.documents(page.source)
        for holding in documents[page.source]:
            if page.index in holding.span:
                number = pages[own].index - document.span.start + 1
                there = page.index - holding.span.start + 1
                found.append(SameSheet(number, holding, there, link.kind, link.score))
    return tuple(found)


def _values(document: Document, pages: Mapping[int, Page], turns: Mapping[int, int], ports: Ports) -> Iterator[Value]:
    proposal, lexicon = document.proposal, ports.lexicon
    stands: dict[int, Stand] = {}

    def proof(evidence: Evidence) -> Proof:
        index, box = evidence.page, evidence.box
        if index not in pages:
            return Proof(evidence.kind, None, evidence.quote, None)
        if box is not None:
            if index not in stands:
                stands[index] = stand(pages[index], ports, turns)
            box = stands[index].place(box)
        return Proof(evidence.kind, index - document.span.start + 1, evidence.quote, box)

    def value(field: Field, item: Attribution[Any], text: str, code: str, who: PersonMention | None = None) -> Value:
        said = next((source for source in Said if item.method.endswith(f"-{source}")), None)
        proofs = tuple(map(proof, item.evidence))
        return Value(
            field, text, code, item.confidence, item.method, item.confirmed_by, proofs, None if proofs else said, who
        )

    for person in proposal.persons:
        field = Field.HOLDER if person.value.role is Role.HOLDER else Field.PERSON
        yield value(field, person, person.value.name, person.value.person or person.value.cf or "", person.value)
    if proposal.type is not None:
        code = proposal.type.value
        yield value(Field.TYPE, proposal.type, lexicon.types[code].name if code in lexicon.types else code, code)
    if proposal.date is not None:
        day = proposal.date.value
        yield value(Field.DATE, proposal.date, f"{day:%d/%m/%Y}", day.isoformat())
    if proposal.protocol is not None:
        number = proposal.protocol.value.number
        yield value(Field.PROTOCOL, proposal.protocol, protocol_words(proposal.protocol.value), number)
    if proposal.service is not None:
        code = proposal.service.value
        known = lexicon.services.get(code)
        yield value(Field.SERVICE, proposal.service, known.name if known is not None else code, code)
    for found in proposal.numbers:
        item = found.value
        text = f"{item.register or item.kind.value} {item.number}" + (f"/{item.year}" if item.year else "")
        yield value(Field.NUMBER, found, text, item.number)


def protocol_words(protocol: Protocol) -> str:
    """A registration number as people write it: «12345/2014 entrata»."""
    year = protocol.year or (protocol.date.year if protocol.date is not None else None)
    number = f"{protocol.number}/{year}" if year else protocol.number
    return f"{number} {protocol.direction.value}" if protocol.direction is not None else number


def _lines(text: PageText, marks: Sequence[Box], stands: Stand) -> Iterator[tuple[PlacedWord, ...]]:
    for line in text.lines():
        yield tuple(
            PlacedWord(
                word.text,
                stands.place(word.box),
                stands.run(word.box),
                unsure=word.confidence < _UNSURE,
                marked=_is_marked(word, marks),
            )
            for word in line
        )


def _is_marked(word: Word, marks: Sequence[Box]) -> bool:
    """Whether the middle of the word is in a mark."""
    x, y = word.box.x + word.box.width / 2, word.box.y + word.box.height / 2
    return any(mark.x <= x <= mark.right and mark.y <= y <= mark.bottom for mark in marks)


def _signature(intake: Intake, ports: Ports) -> SignatureFacts | None:
    """What is known of the signed envelope that the file came in, if it came in one."""
    while intake.container is not None:
        found = ports.catalog.source(intake.container).signature
        if found is not None:
            return found
        intake = ports.catalog.intakes(intake.container)[0]
    return None
