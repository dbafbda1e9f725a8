"""How page texts and proposals lie in the catalog: one form each, versioned by its shape alone."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from faldone.domain.attribution import DocumentProposal
from faldone.domain.batch import BatchFacts
from faldone.domain.campaign import Grade
from faldone.domain.declared import Declared
from faldone.domain.look import PageLook
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.domain.signature import SignatureFacts

_proposal = TypeAdapter(DocumentProposal)
_facts = TypeAdapter(BatchFacts)
_declared = TypeAdapter(Declared)
_look = TypeAdapter(PageLook)
_signature = TypeAdapter(SignatureFacts)
_grade = TypeAdapter(Grade)


def encode_proposal(proposal: DocumentProposal) -> str:
    """A proposal as JSON."""
    return _proposal.dump_json(proposal).decode()


def decode_proposal(body: str) -> DocumentProposal:
    """The proposal back from its JSON."""
    return _proposal.validate_json(body)


def encode_text(text: PageText) -> bytes:
    """A page's text as deflated JSON by columns: about 15 bytes a word, and the same bytes for the same text."""
    words = text.words
    body = {
        "size": [text.width, text.height, text.dpi],
        "rotation": text.rotation,
        "source": text.source.value,
        "engine": [text.engine.name, text.engine.version, text.engine.settings],
        "blank": text.blank,
        "steps": list(text.steps),
        "text": [word.text for word in words],
        "box": [[w.box.x, w.box.y, w.box.width, w.box.height] for w in words],
        "confidence": [round(word.confidence, 3) for word in words],
        "line": [word.line for word in words],
    }
    return zlib.compress(json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(), 6)


def decode_text(data: bytes) -> PageText:
    """The page's text back from :func:`encode_text`."""
    body = json.loads(zlib.decompress(data))
    width, height, dpi = body["size"]
    columns = zip(body["text"], body["box"], body["confidence"], body["line"], strict=True)
    return PageText(
        words=tuple(Word(text, Box(*box), confidence, line) for text, box, confidence, line in columns),
        width=width,
        height=height,
        dpi=dpi,
        rotation=body["rotation"],
        source=TextSource(body["source"]),
        engine=EngineStamp(*body["engine"]),
        blank=body["blank"],
        steps=tuple(body["steps"]),
    )


@dataclass(frozen=True, slots=True)
class EncodedPage:
    """A :class:`faldone.domain.page_view.PageView` of an encoded text; ``encoded_boxes`` is their column in JSON."""

    width: int
    height: int
    texts: Sequence[str]
    line_numbers: Sequence[int]
    encoded_boxes: str

    def boxes(self, positions: Iterable[int]) -> list[Box]:
        """See :meth:`faldone.domain.page_view.PageView.boxes`."""
        boxes = self.encoded_boxes[2:-2].split("],[")
        return [Box(*map(int, boxes[position].split(","))) for position in positions]


_json = json.JSONDecoder()


def view_text(data: bytes) -> EncodedPage:
    """The page's text back from :func:`encode_text` by columns, a sixth of the work of :func:`decode_text`."""
    # A quote within a JSON string has a backslash before it, so these marks stand between columns alone.
    head, _, columns = zlib.decompress(data).decode().partition(',"text":')
    texts, end = _json.raw_decode(columns)
    boxes, _, rest = columns[end + len(',"box":') :].partition(',"confidence":')
    width, height, _ = json.loads(head + "}")["size"]
    lines, _ = _json.raw_decode(rest[rest.rindex(":") + 1 :])
    return EncodedPage(width, height, texts, lines, boxes)


def encode_facts(facts: BatchFacts) -> str:
    """What is said of a batch, as JSON."""
    return _facts.dump_json(facts).decode()


def decode_facts(body: str) -> BatchFacts:
    """What is said of a batch, back from its JSON."""
    return _facts.validate_json(body)


def encode_declared(declared: Declared) -> str:
    """What a sidecar says of a file, as JSON."""
    return _declared.dump_json(declared).decode()


def decode_declared(body: str) -> Declared:
    """What a sidecar says of a file, back from its JSON."""
    return _declared.validate_json(body)


SAYS_PERSON_CODES = '"person_codes":["'
"""Stands in the JSON of a look at a page with codici fiscali in bar codes, and of no other."""


def encode_look(look: PageLook) -> str:
    """The first look at a page, as JSON."""
    return _look.dump_json(look).decode()


def decode_look(body: str) -> PageLook:
    """The first look at a page, back from its JSON."""
    return _look.validate_json(body)


def encode_signature(signature: SignatureFacts) -> str:
    """The facts of a signature, as JSON."""
    return _signature.dump_json(signature).decode()


def decode_signature(body: str) -> SignatureFacts:
    """The facts of a signature, back from its JSON."""
    return _signature.validate_json(body)


def encode_grade(grade: Grade | None) -> str | None:
    """How good a reading is, as JSON."""
    return _grade.dump_json(grade).decode() if grade is not None else None


def decode_grade(body: str | None) -> Grade | None:
    """How good a reading is, back from its JSON."""
    return _grade.validate_json(body) if body is not None else None
