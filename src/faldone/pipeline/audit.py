"""The auditor's questions: what happened to a document, and is everything still what it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from faldone.catalog.catalog import Catalog
from faldone.domain.digest import Digest
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId, page_id
from faldone.errors import DigestMismatchError, NotFoundError
from faldone.pipeline.ports import Ports
from faldone.provenance.chain import LedgerEntry, verify_chain


def trail(document: DocumentId, ports: Ports) -> tuple[LedgerEntry, ...]:
    """Every ledger entry about a document: its file, that file's arrivals, its pages and itself, in order.

    Raises:
        DocumentNotFoundError: there is no such document.
    """
    found = ports.catalog.document(document)
    subjects = [str(found.source), document, *(page_id(found.source, index) for index in found.span)]
    return ports.catalog.events(subjects)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was: which object, and what is wrong with it."""

    object: str
    italian: str
    english: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What a verification looked at and what it found; nothing found means everything looked at holds."""

    entries: int
    head: str
    files: int
    findings: tuple[Finding, ...]


def verify(ports: Ports, *, data: bool, on_file: Callable[[int, int], None] | None = None) -> AuditReport:
    """Replays the ledger's chain and hashes every sealed file again.

    Args:
        ports: the archive.
        data: also hold every text, every document and the register against the digests that the ledger has of them.
        on_file: told (files done, files in all).
    """
    catalog = ports.catalog
    tail = catalog.ledger_tail()
    chain = verify_chain(catalog.ledger(), length=tail.length, head=tail.hash)
    findings = [Finding(f"ledger:{fault.sequence}", fault.italian, fault.english) for fault in chain.faults]
    sources = [source.digest for source in catalog.sources()]
    for done, digest in enumerate(sources):
        findings += _check_file(digest, ports)
        if on_file is not None:
            on_file(done + 1, len(sources))
    sealed = {entry.record.subject for entry in catalog.ledger() if entry.record.type == EventType.FILE_SEALED.value}
    findings += _compare_sealed(sealed, {str(digest) for digest in sources})
    if data:
        findings += _check_rows(catalog)
    return AuditReport(chain.entries, chain.head, len(sources), tuple(findings))


def _check_file(digest: Digest, ports: Ports) -> list[Finding]:
    names = ", ".join(f"«{intake.path}»" for intake in ports.catalog.intakes(digest))
    try:
        ports.store.verify(digest)
    except DigestMismatchError:
        return [
            Finding(
                str(digest),
                f"il file {names} non è più quello sigillato: i suoi byte sono cambiati",
                f"the file {names} is no longer the one that was sealed: its bytes have changed",
            )
        ]
    except NotFoundError:
        return [Finding(str(digest), f"il file {names} manca", f"the file {names} is missing")]
    return []


def _compare_sealed(in_ledger: set[str], in_catalog: set[str]) -> Iterator[Finding]:
    for digest in sorted(in_ledger - in_catalog):
        yield Finding(
            digest,
            "il registro dice che è stato sigillato, ma non è nel catalogo",
            "the ledger says it was sealed, but the catalog does not have it",
        )
    for digest in sorted(in_catalog - in_ledger):
        yield Finding(
            digest,
            "è nel catalogo, ma nel registro non risulta sigillato",
            "the catalog has it, but the ledger does not say that it was sealed",
        )


def _check_rows(catalog: Catalog) -> Iterator[Finding]:
    """Holds what the catalog says now against what the ledger says was last written."""
    said = _said(catalog)
    texts = {str(page): str(digest) for page, digest in catalog.text_digests()}
    documents = {str(document): str(digest) for document, digest in catalog.proposal_digests()}
    register = {"register": str(catalog.register_digest())}
    for now, key, italian, english in (
        (texts, "text", "il testo conservato non è quello letto", "the stored text is not the one that was read"),
        (documents, "proposal", "i dati del documento sono cambiati", "the document's data have changed"),
        (register, "register", "l'anagrafe è cambiata", "the register has changed"),
    ):
        last = {subject: detail[key] for subject, detail in said.items() if key in detail}
        for subject in sorted(last.keys() | now.keys()):
            if now.get(subject) != last.get(subject) and not (key == "register" and not last):
                yield Finding(
                    subject,
                    f"{italian}: il registro ne ha un'altra impronta",
                    f"{english}: the ledger has another digest of it",
                )


def _said(catalog: Catalog) -> dict[str, dict[str, str]]:
    """The digests that the ledger has of each subject, the last one of each kind."""
    said: dict[str, dict[str, str]] = {}
    for entry in catalog.ledger():
        try:
            detail = json.loads(entry.record.detail)
        except ValueError:  # an edited row: the chain names it
            continue
        for key in ("text", "proposal", "register"):
            if key in detail:
                said.setdefault(entry.record.subject, {})[key] = detail[key]
    return said
