"""What faldone's classifier says of a file, in the results' form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from faldone.classify.lexicon import Lexicon
from faldone.classify.propose import Context, PageView, propose
from faldone.classify.register import PersonRegister
from faldone.domain.digest import Digest
from faldone.domain.ids import document_id
from faldone.domain.page import PageText
from faldone.ocr.quality import is_legible
from faldone.pipeline.filing.results import document_json
from tests.bench.otherhand.generate import SCANNED

Json = dict[str, Any]
_SOURCE = Digest("0" * 64)


def said(file: str, pages: Sequence[PageText], register: PersonRegister, lexicon: Lexicon) -> Json:
    """The proposals for one file as ``faldone export results`` would tell them."""
    views = [PageView(index, page, legible=is_legible(page)) for index, page in enumerate(pages)]
    proposals = propose(views, register, lexicon, Context(SCANNED, file))
    return {
        "file": file,
        "documents": [document_json(document_id(_SOURCE, item.first_page), item) for item in proposals],
    }
