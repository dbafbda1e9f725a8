"""``faldone show``: a document, what is said of it, and the proof of each claim."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from faldone.bootstrap import open_archive
from faldone.catalog.records import Document, Intake
from faldone.classify.lexicon import Lexicon
from faldone.cli.console import add_home, emit, out, plain, settings_of, table
from faldone.cli.words import BANDS, ROLES, service_name, type_name
from faldone.domain.attribution import Attribution, DocumentProposal
from faldone.domain.ids import DocumentId
from faldone.domain.signature import SignatureFacts
from faldone.pipeline.filing.results import document_json
from faldone.pipeline.papers.reading_order import reading_order
from faldone.pipeline.ports import Ports


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)
    parser.add_argument("document", metavar="DOCUMENTO")
    parser.add_argument("--text", action="store_true", help="anche il testo letto · also the text that was read")
    parser.add_argument("--json", action="store_true", help="un oggetto JSON · one JSON object")


def run(args: argparse.Namespace) -> int:
    """Prints the document."""
    settings = settings_of(args)
    with open_archive(settings) as ports:
        document = ports.catalog.document(DocumentId(args.document))
        intake = ports.catalog.intakes(document.source)[0]
        texts = ports.catalog.page_texts(document.source, document.span)
        order = reading_order(document, ports)
        twins = list(_twins(document, ports))
        arrivals = ports.catalog.intakes(document.source)
        signature = next((facts for arrival in arrivals if (facts := _signature(arrival, ports))), None)
    proposal = document.proposal
    span = document.span
    if args.json:
        pages = [{"index": i, "text": texts[i].text if i in texts else None} for i in order]
        more = {"same_sheet": [twin.as_json() for twin in twins], "signature": signature and signature_json(signature)}
        said = {"file": intake.path, **document_json(document.id, document.proposal)}
        emit(said | more | ({"pages": pages} if args.text else {}))
        return 0
    out.print(f"[bold]{document.id}[/bold] — {plain(intake.path)}, pagine {span.start + 1}–{span.stop}")
    italian, english = BANDS[proposal.band]
    out.print(f"{italian} [dim]· {english}[/dim]")
    for reason in proposal.reasons:
        out.print(f"    {reason.italian} [dim]· {reason.english}[/dim]")
    rows = table("", "", "sicurezza", "prova · proof")
    for name, value, claim in _claims(proposal, ports.lexicon):
        proof = "; ".join(f"p. {e.page + 1} «{e.quote}»" for e in claim.evidence[:2])
        rows.add_row(name, plain(value), f"{claim.confidence:.0%}", plain(proof))
    out.print(rows)
    for twin in twins:
        out.print(
            f"La pagina {twin.page + 1} è forse lo stesso foglio di {plain(twin.file)}, pagina {twin.other + 1} "
            f"({twin.score:.0%}) [dim]· possibly the same sheet[/dim]"
        )
    if signature is not None:
        _print_signature(signature)
    if args.text:
        for i in order:
            out.print(f"\n[dim]— pagina {i + 1} —[/dim]")
            lines = map(plain, texts[i].text.split("\n")) if i in texts else ("[dim]non letta · not read[/dim]",)
            out.print("\n".join(lines))
    return 0


@dataclass(frozen=True, slots=True)
class _Twin:
    """A page of the document, by 0-based index, that is also the page ``other`` of ``file``."""

    page: int
    file: str
    other: int
    kind: str
    score: float

    def as_json(self) -> dict[str, Any]:
        """As printed by ``--json``."""
        return asdict(self)


def _twins(document: Document, ports: Ports) -> Iterator[_Twin]:
    own = {page.id: page for page in ports.catalog.pages(document.source, document.span)}
    for link in ports.catalog.links(list(own)):
        mine, theirs = (link.page, link.earlier) if link.page in own else (link.earlier, link.page)
        other = ports.catalog.page(theirs)
        yield _Twin(own[mine].index, ports.catalog.intakes(other.source)[0].path, other.index, link.kind, link.score)


def _signature(intake: Intake, ports: Ports) -> SignatureFacts | None:
    """What the envelope that the file came in says of its signatures; the nearest one, when there are several."""
    while intake.container is not None:
        envelope = ports.catalog.source(intake.container)
        if envelope.signature is not None:
            return envelope.signature
        intake = ports.catalog.intakes(intake.container)[0]
    return None


def signature_json(facts: SignatureFacts) -> dict[str, Any]:
    """The facts of a signature in a form that JSON holds."""
    signers = [
        {name: value.isoformat() if isinstance(value, dt.datetime) else value for name, value in asdict(one).items()}
        for one in facts.signers
    ]
    return {"intact": facts.intact, "signers": signers}


def _print_signature(facts: SignatureFacts) -> None:
    """Facts, and no word of trust: that is for a qualified validation service."""
    for signer in facts.signers:
        when = signer.claimed_at.astimezone().strftime("%d/%m/%Y %H:%M") if signer.claimed_at else "?"
        holds = signer.digest_holds and signer.signature_holds
        said = "integra · intact" if holds else "NON integra o non calcolabile · NOT intact or not computable"
        out.print(f"Firma di {plain(signer.common_name)} ({when}, dichiarato): {said} [dim]· signature[/dim]")
    if facts.signers:
        out.print("[dim]La validità del certificato non è verificata · trust in the certificate is not checked[/dim]")


def _claims(proposal: DocumentProposal, lexicon: Lexicon) -> Iterator[tuple[str, str, Attribution[Any]]]:
    if proposal.type is not None:
        yield "tipo · type", type_name(lexicon, proposal.type.value), proposal.type
    if proposal.service is not None:
        code = proposal.service.value
        yield "servizio · service", f"{code} {service_name(lexicon, code)}", proposal.service
    for person in proposal.persons:
        mention = person.value
        yield " · ".join(ROLES[mention.role]), " ".join(filter(None, (mention.name, mention.cf))), person
    if proposal.date is not None:
        yield "data · date", proposal.date.value.strftime("%d/%m/%Y"), proposal.date
    if proposal.protocol is not None:
        protocol = proposal.protocol.value
        on = f" del {protocol.date:%d/%m/%Y}" if protocol.date else ""
        yield "protocollo", f"{protocol.number}{on}", proposal.protocol
