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
    texts: int
    findings: tuple[Finding, ...]


def verify(ports: Ports, *, data: bool, on_file: Callable[[int, int], None] | None = None) -> AuditReport:
    """Replays the ledger's chain and hashes every sealed file again.

    Args:
        ports: the archive.
        data: also hold every stored text against the digest that the ledger has of it.
        on_file: told (files done, files in all).
    """
    catalog = ports.catalog
    chain = verify_chain(catalog.ledger(), expected=catalog.ledger_length())
    findings = [Finding(f"ledger:{fault.sequence}", fault.italian, fault.english) for fault in chain.faults]
    sources = [source.digest for source in catalog.sources()]
    for done, digest in enumerate(sources):
        findings += _check_file(digest, ports)
        if on_file is not None:
            on_file(done + 1, len(sources))
    sealed = {entry.record.subject for entry in catalog.ledger() if entry.record.type == EventType.FILE_SEALED.value}
    findings += _compare_sealed(sealed, {str(digest) for digest in sources})
    texts = 0
    if data:
        for finding in _check_texts(catalog):
            texts += 1
            if finding is not None:
                findings.append(finding)
    return AuditReport(chain.entries, chain.head, len(sources), texts, tuple(findings))


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


def _check_texts(catalog: Catalog) -> Iterator[Finding | None]:
    said: dict[str, str] = {}
    for entry in catalog.ledger():
        if entry.record.type == EventType.PAGE_RECOGNISED.value:
            try:
                said[entry.record.subject] = json.loads(entry.record.detail).get("text", "")
            except ValueError:  # an edited row: the chain names it
                continue
    for page, digest in catalog.text_digests():
        yield (
            None
            if said.get(page) == str(digest)
            else Finding(
                page,
                "il testo conservato non è quello che il registro dice sia stato letto",
                "the stored text is not the one that the ledger says was read",
            )
        )
