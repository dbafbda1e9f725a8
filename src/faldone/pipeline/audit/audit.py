"""The auditor's questions: what happened to a document, and is everything still what it was."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

from faldone.catalog.catalog import Catalog
from faldone.catalog.records import LedgerTail
from faldone.domain.campaign import rereading_id
from faldone.domain.digest import Digest
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId, PageId, page_id
from faldone.errors import DigestMismatchError, NotFoundError
from faldone.pipeline.accounts.accounts import proof_digest
from faldone.pipeline.papers.reading_order import places_after
from faldone.pipeline.ports import Ports
from faldone.provenance.canonical import Record
from faldone.provenance.chain import GENESIS, LedgerEntry, verify_chain

_AT_ONCE = 1_000
"""So many entries of the ledger are replayed before somebody is told."""


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


@dataclass(frozen=True, slots=True)
class Proved:
    """How far a verification came: the entries replayed, the hash of the last, the files read again, the findings."""

    entries: int = 0
    head: str = GENESIS
    files: int = 0
    findings: tuple[Finding, ...] = ()


def verify(
    ports: Ports,
    *,
    quick: bool = False,
    since: Proved = Proved(),
    on_step: Callable[[Proved], None] = lambda _: None,
) -> AuditReport:
    """Replays the ledger's chain and hashes every sealed file again.

    Args:
        ports: the archive.
        quick: leave out what is then held against the ledger: every arrival, text and document, every state, and the
            register.
        since: how far an earlier verification came, which this one goes on from.
        on_step: told how far it is, now and then; what it raises ends the verification.
    """
    catalog = ports.catalog
    proved = since
    for proved in _replay(since, catalog):
        on_step(proved)
    sources = [source.digest for source in catalog.sources()]  # in the order they came: those after `since` are new
    for digest in sources[since.files :]:
        found = (*proved.findings, *_check_file(digest, ports))
        proved = replace(proved, files=proved.files + 1, findings=found)
        on_step(proved)
    findings = list(proved.findings)
    sealed = {entry.record.subject for entry in catalog.ledger() if entry.record.type == EventType.FILE_SEALED.value}
    findings += _compare_sealed(sealed, {str(digest) for digest in sources})
    findings += _strangers(sources, ports)
    if not quick:
        # Work goes on meanwhile: what only one of two looks sees was being written.
        seen = list(_check_rows(catalog))
        again = set(_check_rows(catalog)) if seen else set()
        findings += [finding for finding in seen if finding in again]
    return AuditReport(proved.entries, proved.head, len(sources), tuple(findings))


def _replay(since: Proved, catalog: Catalog) -> Iterator[Proved]:
    """Replays the chain behind ``since``, up to where the ledger ends now: work goes on meanwhile, and adds to it."""
    tail, proved = catalog.ledger_tail(), since
    yield proved
    entries = (entry for entry in catalog.ledger() if entry.sequence > since.entries)
    beyond: LedgerEntry | None = None
    while some := list(islice(entries, _AT_ONCE)):
        beyond = next((entry for entry in some if entry.sequence > tail.length), None)
        proved = _chained(proved, [entry for entry in some if entry.sequence <= tail.length])
        yield proved
        if beyond is not None:
            break
    if beyond is not None and catalog.ledger_tail().length < beyond.sequence:
        proved = _chained(proved, [beyond])  # it was put there behind the catalog's back
    yield _chained(proved, [], tail)


def _chained(proved: Proved, entries: Sequence[LedgerEntry], tail: LedgerTail | None = None) -> Proved:
    """How far it is with these entries; at the end the ledger has to be where ``tail`` says."""
    length, head = (tail.length, tail.hash) if tail is not None else (None, None)
    chain = verify_chain(entries, start=(proved.entries, proved.head), length=length, head=head)
    found = tuple(Finding(f"ledger:{fault.sequence}", fault.italian, fault.english) for fault in chain.faults)
    return replace(proved, entries=chain.entries, head=chain.head, findings=(*proved.findings, *found))


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


def _strangers(sources: Sequence[Digest], ports: Ports) -> Iterator[Finding]:
    """Bytes in the store that no file of the catalog has, and that were not put there just now."""
    known = set(sources)
    for digest in ports.store.digests():
        if digest not in known and not _is_known_now(digest, ports):
            yield Finding(
                str(digest),
                "è nella cartella dei file sigillati, ma non nel catalogo",
                "it lies among the sealed files, but the catalog does not have it",
            )


def _is_known_now(digest: Digest, ports: Ports) -> bool:
    try:
        ports.catalog.source(digest)
    except NotFoundError:
        return False
    return True


def _check_rows(catalog: Catalog) -> Iterator[Finding]:
    """Holds what the catalog says now against what the ledger says was last written."""
    said = _said(catalog)
    now: dict[str, dict[str, str]] = {
        "text": {page: str(digest) for page, digest in catalog.text_digests()},
        "proposal": {document: str(digest) for document, digest in catalog.proposal_digests()},
        "register": {"register": str(catalog.register_digest())} if "register" in said["register"] else {},
        "look": {page: str(digest) for page, digest in catalog.look_digests()},
        "scan": dict(catalog.scan_standings()),
        "decision": {document: str(digest) for document, digest in catalog.decision_digests()},
        "person": {person: str(digest) for person, digest in catalog.person_digests()},
        "merge": dict(catalog.merge_standings()),
        "boundary": {page: str(starts) for page, starts in catalog.boundary_standings()},
        "turn": {page: str(turn) for page, turn in catalog.turn_standings()},
        "place": {page: str(place) for page, place in catalog.place_standings()},
        "sheets": {run: str(digest) for run, digest in catalog.sheet_digests()},
        "standing": dict(catalog.standings()),
        "reading": {str(key): str(digest) for key, digest in catalog.reading_digests(_keys(said["reading"]))},
        "rereading": {rereading: state.value for rereading, state in catalog.rereading_standings()},
        "account": {name: str(digest) for name, digest in catalog.account_digests()},
        "proof": dict(_proofs(catalog)),
    }
    for kind, italian, english in (
        ("text", "il testo conservato non è quello letto", "the stored text is not the one that was read"),
        ("proposal", "i dati del documento sono cambiati", "the document's data have changed"),
        ("register", "l'anagrafe è cambiata", "the register has changed"),
        ("look", "l'esito del controllo della scansione è cambiato", "the verdict on the scan has changed"),
        ("scan", "l'esito del controllo o il separatore è cambiato", "the verdict or the separator has changed"),
        ("decision", "una decisione è cambiata", "a decision has changed"),
        ("person", "i dati della persona sono cambiati", "the person's data have changed"),
        ("merge", "una persona è unita a un'altra", "a person is merged into another"),
        ("boundary", "una correzione dei confini è cambiata", "a correction of boundaries has changed"),
        ("turn", "la rotazione della pagina è cambiata", "the turn of the page has changed"),
        ("place", "l'ordine delle pagine è cambiato", "the order of the pages has changed"),
        ("sheets", "i fogli stampati sono cambiati", "the printed sheets have changed"),
        ("standing", "lo stato o l'arrivo è cambiato", "its state or arrival has changed"),
        ("reading", "una lettura messa da parte è cambiata", "a reading that was set aside has changed"),
        ("rereading", "l'esito di una rilettura è cambiato", "what came of a re-reading has changed"),
        ("account", "i permessi dell'operatore sono cambiati", "the account's rights have changed"),
        ("proof", "la password o il secondo fattore è cambiato", "the password or the second factor has changed"),
    ):
        for subject in sorted(said[kind].keys() | now[kind].keys()):
            expected, found = said[kind].get(subject), now[kind].get(subject)
            if found != expected and not (expected is None and found == "pending"):
                yield Finding(
                    subject,
                    f"{italian}: il registro non lo dice",
                    f"{english}: the ledger does not say so",
                )


def _proofs(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """By account the digest of how it proves itself, where it does."""
    for name, _ in catalog.account_digests():
        digest = proof_digest(catalog.credentials(name))
        if digest is not None:
            yield name, str(digest)


def _keys(said: Iterable[str]) -> list[Digest]:
    """The recognition keys among what an altered ledger may say; the chain names the rest."""
    keys = []
    for key in said:
        with suppress(ValueError):
            keys.append(Digest.parse(key))
    return keys


def _said(catalog: Catalog) -> dict[str, dict[str, str]]:
    """What the ledger last said of each subject, by kind; the counterpart of :meth:`Catalog.standings`."""
    said: defaultdict[str, dict[str, str]] = defaultdict(dict)
    verdicts: dict[str, str] = {}
    corrections: dict[str, list[tuple[str, bool]]] = {}
    decisions: dict[str, list[str]] = {}
    places: dict[Digest, dict[int, int]] = {}
    for entry in catalog.ledger():
        record = entry.record
        try:
            detail = json.loads(record.detail)
        except ValueError:  # an edited row: the chain names it
            continue
        if record.type == EventType.PAGE_REREAD.value and detail.keys() >= {
            "campaign",
            "outcome",
            "old",
            "new",
            "read",
        }:
            said["rereading"][rereading_id(detail["campaign"], PageId(record.subject))] = detail["outcome"]
            said["reading"][detail["old"]] = said["text"].get(record.subject, "")  # the text in force until then
            if detail["read"] is not None:
                said["reading"][detail["new"]] = detail["read"]
        for kind in ("text", "proposal", "register", "look", "sheets"):
            if detail.get(kind) is not None:
                said[kind][record.subject] = detail[kind]
        if "verdict" in detail:
            verdicts[record.subject] = detail["verdict"]
        if "separator" in detail and record.subject in verdicts:
            found = f"{verdicts[record.subject]} {detail['separator']} {detail['sheet']}"
            said["scan"][record.subject] = found
        if record.type == EventType.PAGE_TURNED.value:
            said["turn"][record.subject] = str(detail.get("turn"))
        if record.type == EventType.PAGES_REORDERED.value:
            with suppress(KeyError, ValueError):  # of an edited row
                source, after = Digest.parse(str(detail["source"])), str(detail["after"]).split()
                of_places = places.setdefault(source, {})
                of_places |= places_after([int(number) - 1 for number in after], of_places)
        if record.type == EventType.BOUNDARY_DECIDED.value:
            of_file = corrections.setdefault(detail["source"], [])
            if detail["undone"]:
                of_file.pop()
            else:
                of_file.append((record.subject, detail["starts"]))
        if record.type == EventType.DOCUMENT_DECIDED.value:
            of_document = decisions.setdefault(record.subject, [])
            if detail["undone"]:
                of_document.pop()
            else:
                of_document.append(detail["decision"])
        if record.type == EventType.ACCOUNT_CHANGED.value:
            said["account"][record.subject] = detail.get("account", "")
        if record.type == EventType.CREDENTIALS_CHANGED.value and "proof" in detail:
            said["proof"].pop(record.subject, None)
            if detail["proof"] is not None:
                said["proof"][record.subject] = detail["proof"]
        if record.type in _OF_PERSON:
            _note_person(record, detail, said)
        if "arrival" in detail:
            said["standing"][detail.get("intake", record.subject)] = detail["arrival"]
        elif "standing" in detail:
            said["standing"][record.subject] = detail["standing"]
        elif record.type == EventType.DOCUMENT_PROPOSED.value:
            said["standing"][record.subject] = detail["band"]
        if record.type in _STANDINGS and not record.subject.startswith("i-"):
            said["standing"][record.subject] = _STANDINGS[record.type]
    said["decision"] = {document: standing[-1] for document, standing in decisions.items() if standing}
    for source, of_places in places.items():
        said["place"] |= {page_id(source, page): str(place) for page, place in of_places.items()}
    for of_file in corrections.values():
        said["boundary"] |= {page: str(starts) for page, starts in of_file}
    return said


_OF_PERSON = frozenset(
    kind.value
    for kind in (
        EventType.PERSON_FOUND,
        EventType.PERSON_CONFIRMED,
        EventType.PERSON_DOUBTED,
        EventType.PERSON_ADOPTED,
        EventType.PERSON_MERGED,
        EventType.PERSON_UNMERGED,
    )
)


def _note_person(record: Record, detail: Mapping[str, str], said: dict[str, dict[str, str]]) -> None:
    """What an event says of a person; whom an import adopted is told by the digest of the whole register."""
    match record.type:
        case EventType.PERSON_ADOPTED.value:
            said["person"].pop(record.subject, None)
        case EventType.PERSON_MERGED.value:
            said["merge"][record.subject] = detail.get("into", "")
        case EventType.PERSON_UNMERGED.value:
            said["merge"].pop(record.subject, None)
        case _:
            said["person"][record.subject] = detail.get("record", "")


_STANDINGS = {
    EventType.FILE_SEALED.value: "sealed",
    EventType.FILE_OPENED.value: "opened",
    EventType.FILE_UNPACKED.value: "unpacked",
    EventType.FILE_NOTED.value: "noted",
    EventType.FILE_QUARANTINED.value: "quarantined",
    EventType.FILE_RETRIED.value: "sealed",
    EventType.PAGE_CHECKED.value: "checked",
    EventType.PAGE_RETRIED.value: "pending",
    EventType.PAGE_RECOGNISED.value: "recognised",
    EventType.PAGE_QUARANTINED.value: "quarantined",
    EventType.DOCUMENT_RETIRED.value: "retired",
}
"""What an event makes of its subject."""
