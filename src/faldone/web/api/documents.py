"""Documents for programs: what is said of them with its proof, their pages, their story, corrections."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from faldone.catalog.records import Document
from faldone.domain.account import Ability
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId, PersonId
from faldone.domain.page import Box
from faldone.pipeline.audit.at_counter import of_one
from faldone.pipeline.audit.receipt import receipt
from faldone.pipeline.audit.reports import Tongue
from faldone.pipeline.audit.story import Line, document_story
from faldone.pipeline.papers import open_document as reading
from faldone.pipeline.papers.open_document import OpenDocument, open_document, open_page
from faldone.pipeline.recognition.turn_page import turn_page
from faldone.pipeline.review.disown import disown
from faldone.pipeline.review.settle import undo
from faldone.pipeline.review.transcribe import MOST_CHARACTERS
from faldone.pipeline.search.asking import initials
from faldone.web.auditing import delivered
from faldone.web.caller import Caller
from faldone.web.lanes import at_length
from faldone.web.mending import READING, not_at_the_counter, put_right, put_transcription
from faldone.web.pages.documents import view_of
from faldone.web.rules import Requires
from faldone.web.sending import page_of, send_original, send_pdf, send_picture, tell_delivered, tell_opened

router = APIRouter(prefix="/documents", tags=["documents"])

Id = Annotated[str, Path(pattern=r"^d-[0-9a-f]{12}$", description="Id of the document.")]
Number = Annotated[int, Path(ge=1, le=100_000, description="Page of the document, from 1.")]
Reader = Annotated[Caller, Depends(Requires(Ability.SEARCH))]
Reviewer = Annotated[Caller, Depends(Requires(Ability.REVIEW))]
Taker = Annotated[Caller, Depends(Requires(Ability.EXPORT))]


class BoxOut(BaseModel):
    """A rectangle on a page as it is shown, in the pixels of its width and height; origin top left."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def of(cls, box: Box) -> BoxOut:
        """The box for programs."""
        return cls(x=box.x, y=box.y, width=box.width, height=box.height)


class ProofOut(BaseModel):
    """Words that prove a value."""

    kind: str = Field(description="What kind of proof it is.")
    page: int | None = Field(description="Page of the document, from 1; null on a cover before it.")
    quote: str = Field(description="The words as read.")
    box: BoxOut | None = Field(description="Where they stand on the page as it is shown.")


class ValueOut(BaseModel):
    """One thing that is said of the document; ``proven`` is false where nothing speaks for it."""

    field: Literal["holder", "type", "date", "protocol", "service", "number", "person"]
    text: str = Field(description="As people read it.")
    code: str = Field(description="As it is stored: a code, an ISO date, a person's id.")
    role: str | None = Field(description="Of persons: what they are to the document.")
    confidence: float = Field(ge=0, le=1)
    method: str = Field(description="The rule that found it; «decided» by a person.")
    confirmed_by: str | None = Field(description="Account of who confirmed it.")
    proven: bool
    proofs: list[ProofOut]


class PageOut(BaseModel):
    """A page in the list of pages, which come as they are read."""

    number: int = Field(description="Its own in the scan of the document, from 1: what addresses and proofs call it.")
    position: int = Field(description="Where it is read in the document, from 1.")
    state: str
    key: str = Field(description="Changes when the picture does: give it as k with the picture's address.")


class DocumentOut(BaseModel):
    """A document and what is said of it."""

    id: str
    version: int = Field(description="To be given with a correction.")
    band: Literal["auto", "review", "hold"]
    reasons: list[str] = Field(description="Codes of why it is not filed by itself.")
    file: str = Field(description="Name of the file that it came in.")
    source: str = Field(description="Digest of the sealed file.")
    first_page: int = Field(description="Its first page in the file, from 1.")
    batch: str = Field(description="Code of the batch.")
    arrived_at: dt.datetime
    box: str | None = Field(description="The box that the paper lies in.")
    folder: str | None
    values: list[ValueOut]
    pages: list[PageOut]


class WordOut(BaseModel):
    """A word as read, where it stands on the page as it is shown."""

    text: str
    box: BoxOut
    unsure: bool


class PageTextOut(BaseModel):
    """A page with its words; none where nothing was read yet."""

    document: str
    number: int
    state: str
    width: int
    height: int
    turn: int = Field(description="How far the page in the file is turned clockwise to be shown: 0, 90, 180 or 270.")
    text: str
    legibility: float | None = Field(description="How far the text can be relied on, 0 to 1.")
    unreadable: bool = Field(description="There is something on it that no machine reads, and nobody typed.")
    transcribed: bool = Field(description="A person typed the words: their boxes tell their order, not their place.")
    reading: str | None = Field(description="Key of the reading in force, to be given with a transcription.")
    lines: list[list[WordOut]]


class LineOut(BaseModel):
    """An event of the ledger as a sentence."""

    sequence: int
    at: dt.datetime | None
    type: str
    subject: str
    agent: str
    outcome: str
    italian: str
    english: str
    hash: str

    @classmethod
    def of(cls, line: Line) -> LineOut:
        """The event for programs."""
        return cls(
            sequence=line.sequence,
            at=line.at,
            type=line.type,
            subject=line.subject,
            agent=line.agent.english,
            outcome=line.outcome,
            italian=line.italian,
            english=line.english,
            hash=line.hash,
        )


class TrailOut(BaseModel):
    """What happened to a document; ``readings`` is who looked at it, for those who may know."""

    events: list[LineOut]
    readings: list[LineOut]


class CorrectionIn(BaseModel):
    """A value that is put right. It confirms the document's other values as well."""

    field: Literal["holder", "type", "date", "protocol", "service"]
    value: str = Field(
        min_length=1, max_length=400, description="A code, an ISO date, number/year, a person's id or codice fiscale."
    )
    version: int = Field(ge=1, le=2**31, description="The version of the document that was looked at.")
    direction: Literal["", "entrata", "uscita", "interno"] = Field("", description="Of a protocol.")
    instead_of: str | None = Field(
        None, pattern=r"^u-[0-9a-f]{12}$", description="Of a holder: whose place is taken; the others stay."
    )


class DisownIn(BaseModel):
    """Whose paper the document is not."""

    person: str = Field(pattern=r"^u-[0-9a-f]{12}$")
    version: int = Field(ge=1, le=2**31)


class VersionIn(BaseModel):
    """The version of the document that was looked at."""

    version: int = Field(ge=1, le=2**31)


class TurnIn(BaseModel):
    """How far the page in the file is turned clockwise to stand upright."""

    turn: Literal[0, 90, 180, 270]


class ReadingIn(BaseModel):
    """The reading of a page that was looked at."""

    reading: str = Field(pattern=READING)


class TranscriptionIn(ReadingIn):
    """What stands on a page that no machine reads."""

    text: str = Field(max_length=2 * MOST_CHARACTERS, description="Line by line; at most 10 000 characters, 300 lines.")


class DoneOut(BaseModel):
    """The document after a change; ``version`` is null when it may not be seen any more or was divided anew."""

    id: str
    version: int | None


@router.get("/{document_id}")
def show(caller: Reader, document_id: Id) -> DocumentOut:
    """A document, what is said of it, and the proof of each value."""
    document = caller.document(DocumentId(document_id))
    tell_opened(caller, document)
    return _document_out(open_document(document, caller.site.ports), caller)


@router.get("/{document_id}/pages/{number}")
def show_page(caller: Reader, document_id: Id, number: Number) -> PageTextOut:
    """The words of a page, each with its box."""
    ports = caller.site.ports
    document = caller.document(DocumentId(document_id))
    shown = open_page(open_document(document, ports), number, ports)
    tell_delivered(caller, document, shown.leaf.page, number)
    transcribed = shown.text is not None and shown.text.transcribed
    return PageTextOut(
        document=document.id,
        number=number,
        state=shown.leaf.page.state.value,
        width=shown.stand.width,
        height=shown.stand.height,
        turn=shown.stand.turn,
        text=shown.text.text if shown.text is not None else "",
        legibility=shown.legibility,
        unreadable=shown.unreadable and not transcribed,
        transcribed=transcribed,
        reading=str(shown.leaf.page.text) if shown.leaf.page.text is not None else None,
        lines=[
            [WordOut(text=word.text, box=BoxOut.of(word.box), unsure=word.unsure) for word in line]
            for line in shown.lines
        ],
    )


@router.get(
    "/{document_id}/pages/{number}/image",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}, "image/webp": {}}, "description": "The picture."}},
)
def show_image(
    request: Request,
    caller: Reader,
    document_id: Id,
    number: Number,
    w: Annotated[Literal["200", "1240", "2480", "full"], Query(description="Width in pixels, about.")] = "1240",
    region: Annotated[
        str | None,
        Query(pattern=r"^\d{1,6}(,\d{1,6}){3}$", description="x,y,width,height in the page's pixels as it is shown."),
    ] = None,
    k: Annotated[str | None, Query(pattern=r"^[0-9a-f]{12}$", description="The page's key.")] = None,
) -> Response:
    """The picture of a page: WebP for 200, JPEG for the others."""
    return send_picture(request, caller, caller.document(DocumentId(document_id)), number, view_of(w, region), k)


@router.get("/{document_id}/trail")
def show_trail(caller: Reader, document_id: Id) -> TrailOut:
    """What happened to the document, as the ledger tells it."""
    document = caller.document(DocumentId(document_id))
    caller.record(EventType.LEDGER_READ, document.id)
    story = document_story(document.id, caller.site.ports)
    tells = caller.may(Ability.AUDIT) or caller.may(Ability.REVIEW)
    lines, readings = of_one(story.lines, caller.pinned), of_one(story.readings, caller.pinned)
    return TrailOut(events=list(map(LineOut.of, lines)), readings=list(map(LineOut.of, readings)) if tells else [])


_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "The file."}
}


@router.get("/{document_id}/original", response_class=Response, responses=_FILE)
def take_original(caller: Taker, document_id: Id) -> Response:
    """The sealed file as it arrived; refused when it holds other papers that the caller may not see."""
    return send_original(caller, caller.document(DocumentId(document_id)))


@router.get(
    "/{document_id}/pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "The document."}},
)
@at_length
def take_pdf(caller: Taker, document_id: Id) -> Response:
    """The document as a searchable PDF/A."""
    return send_pdf(caller, caller.document(DocumentId(document_id)))


@router.get(
    "/{document_id}/receipt",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}, "text/csv": {}}, "description": "The receipt."}},
)
@at_length
def show_receipt(
    caller: Taker,
    document_id: Id,
    form: Annotated[Literal["pdf", "csv"], Query(description="The PDF names the digest of the CSV.")] = "pdf",
) -> Response:
    """What the ledger vouches for of the document: arrival, seal, each event with its number and digest."""
    document = caller.document(DocumentId(document_id))
    return delivered(
        receipt(document, caller.site.ports, Tongue(english=True), caller.pinned), form, document.id, caller
    )


@router.post("/{document_id}/corrections")
def put_value_right(caller: Reviewer, document_id: Id, said: CorrectionIn) -> DoneOut:
    """Puts a value right."""
    document = caller.document(DocumentId(document_id))
    put_right(
        caller,
        document,
        reading.Field(said.field),
        said.value.strip(),
        version=said.version,
        direction=said.direction,
        instead_of=PersonId(said.instead_of) if said.instead_of is not None else None,
    )
    return _done(caller, document)


@router.post("/{document_id}/disown")
def take_out_of_dossier(caller: Reviewer, document_id: Id, said: DisownIn) -> DoneOut:
    """Takes the document out of a person's dossier at once; it waits for review."""
    document = caller.document(DocumentId(document_id))
    not_at_the_counter(caller)
    disown(document.id, PersonId(said.person), caller.account.name, caller.site.ports, version=said.version)
    return _done(caller, document)


@router.post("/{document_id}/undo")
def take_back(caller: Reviewer, document_id: Id, said: VersionIn) -> DoneOut:
    """Takes the last word on the document back."""
    document = caller.document(DocumentId(document_id))
    undo(document.id, caller.account.name, caller.site.ports, version=said.version)
    return _done(caller, document)


@router.post("/{document_id}/pages/{number}/turn", status_code=204, response_class=Response)
def save_turn(caller: Reviewer, document_id: Id, number: Number, said: TurnIn) -> Response:
    """Keeps how a page stands upright."""
    document = caller.document(DocumentId(document_id))
    turn_page(page_of(document, number, caller.site.ports), said.turn, caller.account.name, caller.site.ports)
    return Response(status_code=204)


@router.post("/{document_id}/pages/{number}/transcription")
def save_transcription(caller: Reviewer, document_id: Id, number: Number, said: TranscriptionIn) -> DoneOut:
    """Puts typed words in the place of what no machine reads; the document is proposed anew."""
    document = caller.document(DocumentId(document_id))
    put_transcription(caller, document, number, said.text, said.reading)
    return _done(caller, document)


@router.post("/{document_id}/pages/{number}/transcription/undo")
def drop_transcription(caller: Reviewer, document_id: Id, number: Number, said: ReadingIn) -> DoneOut:
    """Brings back the reading that a transcription took the place of."""
    document = caller.document(DocumentId(document_id))
    put_transcription(caller, document, number, None, said.reading)
    return _done(caller, document)


def _done(caller: Caller, document: Document) -> DoneOut:
    known = caller.site.ports.catalog.documents_with([document.id]).get(document.id)
    seen = caller.documents([known]) if known is not None and not known.retired else []
    return DoneOut(id=document.id, version=seen[0].version if seen else None)


def _document_out(opened: OpenDocument, caller: Caller) -> DocumentOut:
    document, facts = opened.document, opened.batch.facts
    return DocumentOut(
        id=document.id,
        version=document.version,
        band=document.proposal.band.value,
        reasons=[reason.value for reason in document.proposal.reasons],
        file=opened.intake.path,
        source=str(opened.source.digest),
        first_page=document.span.start + 1,
        batch=opened.batch.code,
        arrived_at=opened.intake.arrived_at,
        box=facts.box,
        folder=facts.folder,
        values=[_value_out(value, caller) for value in opened.values],
        pages=[
            PageOut(number=leaf.number, position=leaf.position, state=leaf.page.state.value, key=leaf.key)
            for leaf in opened.leaves
        ],
    )


def _value_out(value: reading.Value, caller: Caller) -> ValueOut:
    hidden = caller.pinned is not None and value.who is not None and value.who.person != caller.pinned
    return ValueOut(
        field=value.field.value,
        text=initials(value.text) if hidden else value.text,
        code="" if hidden else value.code,
        role=value.who.role.value if value.who is not None else None,
        confidence=min(1.0, max(0.0, value.confidence)),
        method=value.method,
        confirmed_by=value.confirmed_by,
        proven=value.proven,
        proofs=[]
        if hidden
        else [
            ProofOut(
                kind=proof.kind,
                page=proof.number,
                quote=proof.quote,
                box=BoxOut.of(proof.box) if proof.box is not None else None,
            )
            for proof in value.proofs
        ],
    )
