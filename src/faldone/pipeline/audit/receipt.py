"""The receipt of a document: what the ledger vouches for, to be held against it later; ids and digests alone."""

from __future__ import annotations

from dataclasses import replace

from faldone.catalog.records import Document
from faldone.domain.ids import PersonId
from faldone.pipeline.audit.at_counter import of_one
from faldone.pipeline.audit.report_files import Report
from faldone.pipeline.audit.reports import Tongue, story_report, utc
from faldone.pipeline.audit.story import document_story
from faldone.pipeline.ports import Ports


def receipt(document: Document, ports: Ports, say: Tongue, of: PersonId | None = None) -> Report:
    """When the document's file arrived and was sealed, under which digest, and each event since, but for who looked.

    Neither the file's name nor anything that is said of the document is on it: they may name persons. With ``of``,
    no other person's id is.
    """
    source = ports.catalog.source(document.source)
    intake = ports.catalog.intakes(document.source)[0]
    span = f"{document.span.start + 1}-{document.span.stop}"
    facts = (
        (("File", "File"), f"{source.digest}, {source.size} byte"),
        (("Pagine del file", "Pages of the file"), f"{span} / {source.pages or '?'}"),
        (("Arrivato (UTC)", "Arrived (UTC)"), f"{utc(intake.arrived_at)}, {intake.id}, {intake.batch}"),
        (("Sigillato (UTC)", "Sealed (UTC)"), utc(source.sealed_at)),
    )
    title = f"faldone - {say(('ricevuta del documento', 'receipt of document'))} {document.id}"
    lines = of_one(document_story(document.id, ports).lines, of)
    told = story_report(f"ricevuta-{document.id}", title, lines, say)
    return replace(told, asked=tuple(f"{say(name)}: {value}" for name, value in facts))
