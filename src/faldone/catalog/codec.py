"""How page texts and proposals lie in the catalog: one form each, versioned by its shape alone."""

from __future__ import annotations

import json
import zlib

from pydantic import TypeAdapter

from faldone.domain.attribution import DocumentProposal
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word

_proposal = TypeAdapter(DocumentProposal)


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
