"""The archive's results, one value a source file, in the form that every measurement of quality reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from faldone.catalog.catalog import Catalog
from faldone.catalog.records import FileReport, FileState, Page, PageState
from faldone.domain.attribution import Attribution, DocumentProposal, PersonMention, Protocol
from faldone.domain.ids import DocumentId
from faldone.domain.look import Separator
from faldone.domain.page import PageText

Json = dict[str, Any]
"""A JSON object whose form is given in docs/reference/results.md."""


def results(catalog: Catalog) -> Iterator[Json]:
    """One object a file that arrived, oldest first. A duplicate has no pages of its own."""
    for report in catalog.files():
        yield _file(report, catalog)


def _file(report: FileReport, catalog: Catalog) -> Json:
    pages: list[Json] = []
    documents: list[Json] = []
    if report.source is not None and report.state is not FileState.DUPLICATE:
        texts = catalog.page_texts(report.source.digest)
        pages = [page_json(page, texts.get(page.index)) for page in catalog.pages(report.source.digest)]
        documents = [
            document_json(document.id, document.proposal) for document in catalog.documents(report.source.digest)
        ]
    return {
        "file": report.intake.path,
        "sha256": report.intake.source.hex if report.intake.source is not None else None,
        "state": report.state.value,
        "reason": report.reasons[0].value if report.reasons else None,
        "pages": pages,
        "documents": documents,
    }


def page_json(page: Page, text: PageText | None) -> Json:
    """One page in the results' form."""
    if text is None:
        return {
            "index": page.index,
            "text": None,
            "confidence": None,
            "rotation": None,
            "blank": None,
            "separator": _is_separator(page),
            "source": None,
            "state": page.state.value,
            "reason": page.reason.value if page.reason is not None else None,
        }
    return {
        "index": page.index,
        "text": text.text,
        "confidence": round(text.confidence, 3),
        "rotation": text.rotation,
        "blank": text.blank,
        "separator": _is_separator(page),
        "source": text.source.value,
        "state": PageState.RECOGNISED.value,
        "reason": None,
    }


def _is_separator(page: Page) -> bool:
    return page.mark is not None and page.mark.separator is not Separator.DOUBTFUL


def document_json(document: DocumentId | None, proposal: DocumentProposal) -> Json:
    """One document in the results' form; without an id when it is not saved."""
    return {
        "id": document,
        "first_page": proposal.first_page,
        "last_page": proposal.last_page,
        "type": _value(proposal.type),
        "service": _value(proposal.service),
        "persons": [person_json(person.value) for person in proposal.persons],
        "protocol": _protocol(proposal.protocol),
        "date": proposal.date.value.isoformat() if proposal.date is not None else None,
        "band": proposal.band.value,
        "reasons": [reason.value for reason in proposal.reasons],
        "confidence": {
            "type": _confidence(proposal.type),
            "service": _confidence(proposal.service),
            "holder": _confidence(next(iter(proposal.holders), None)),
            "date": _confidence(proposal.date),
            "boundary": proposal.boundary,
        },
    }


def person_json(mention: PersonMention) -> Json:
    """One person on a document in the results' form."""
    return {
        "role": mention.role.value,
        "cf": mention.cf,
        "name": mention.name,
        "birth_date": mention.birth_date.isoformat() if mention.birth_date is not None else None,
    }


def _protocol(protocol: Attribution[Protocol] | None) -> Json | None:
    if protocol is None:
        return None
    value = protocol.value
    return {"number": value.number, "date": value.date.isoformat() if value.date is not None else None}


def _value(attribution: Attribution[str] | None) -> str | None:
    return attribution.value if attribution is not None else None


def _confidence(attribution: Attribution[Any] | None) -> float | None:
    return round(attribution.confidence, 3) if attribution is not None else None
