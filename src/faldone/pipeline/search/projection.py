"""What the catalog says of documents in the form that the index holds, and who may see them by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from faldone.catalog.records import Batch, Document, Intake
from faldone.domain.access import Access
from faldone.domain.ids import DocumentId, PersonId
from faldone.domain.person import Person
from faldone.errors import DocumentNotFoundError
from faldone.pipeline.ports import Ports
from faldone.search import analysis
from faldone.search.document import SearchDocument, project


def comune_key(comune: str) -> str:
    """The name of a comune as rules of access have it."""
    return " ".join(analysis.fold(comune).split())


def project_all(documents: Sequence[Document], ports: Ports, *, texts: bool = True) -> list[SearchDocument]:
    """What the index holds of these documents, in their order; without ``texts`` all of it but the words of the pages.

    A document belongs to the comune that is said of its batch or, failing that, to the one where its main holder lives
    by the record. Of merged persons the one who stands for all is named.
    """
    named = {mention.value.person for document in documents for mention in document.proposal.persons}
    persons = ports.catalog.persons_with([person for person in named if person is not None])
    arrivals = ports.catalog.first_arrivals({document.source for document in documents})
    return [_project(document, *arrivals[document.source], persons, ports, texts=texts) for document in documents]


def _project(
    document: Document,
    intake: Intake,
    batch: Batch,
    persons: Mapping[PersonId, Person],
    ports: Ports,
    *,
    texts: bool,
) -> SearchDocument:
    proposal = document.proposal
    said = ports.catalog.page_texts(document.source, document.span) if texts else {}
    main = next((holder.value.person for holder in proposal.holders), None)
    holder = persons.get(main) if main is not None else None
    made = project(
        document_id=document.id,
        version=document.version,
        file=intake.path,
        batch=intake.batch,
        proposal=proposal,
        texts=[said[i].text if i in said else "" for i in document.span],
        lexicon=ports.lexicon,
        aliases={person: record.aliases for person, record in persons.items()},
        comune=batch.facts.comune or (holder.residence if holder is not None else None),
        box=batch.facts.box,
    )
    standing = {str(person): str(record.id) for person, record in persons.items()}
    of = tuple(replace(person, id=standing.get(person.id or "", person.id)) for person in made.persons)
    return replace(made, persons=of)


def permitted(documents: Sequence[Document], access: Access, ports: Ports) -> list[tuple[Document, SearchDocument]]:
    """Those of the documents in force that somebody may see by what the catalog says now, each with its projection.

    The index was asked under the same rule; this holds where it is a moment behind the catalog.
    """
    in_force = [document for document in documents if not document.retired]
    projected = project_all(in_force, ports, texts=False)
    return [pair for pair in zip(in_force, projected, strict=True) if may_see(access, pair[1])]


def permitted_document(document: DocumentId, access: Access, ports: Ports) -> Document:
    """The document, if it may be seen.

    Raises:
        DocumentNotFoundError: there is none, or it may not be seen: which of the two is not told.
    """
    found = ports.catalog.documents_with([document])
    for seen, _ in permitted(list(found.values()), access, ports):
        return seen
    raise DocumentNotFoundError(
        f"Nessun documento {document}. / No document {document}.",
        hint="Gli identificativi si trovano con «faldone search». / «faldone search» shows the ids.",
    )


def may_see(access: Access, document: SearchDocument) -> bool:
    """Whether the rights open a document."""
    comune = comune_key(document.comune) if document.comune else None
    return access.permits(document.service, comune, document.sensitivity)
