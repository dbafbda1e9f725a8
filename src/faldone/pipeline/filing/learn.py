"""What the office confirmed becomes a model of types and services; it stays here, and counts only where it helps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path

from faldone.catalog.records import Document, FileState
from faldone.classify.learned import LearnedModel, load_model, save_model
from faldone.classify.train import Sample, TrainingReport, train
from faldone.domain.attribution import DocumentProposal, PersonMention
from faldone.domain.events import Event, EventType, user_agent
from faldone.domain.page import PageText
from faldone.errors import NotFoundError
from faldone.pipeline.filing.results import Json
from faldone.pipeline.ports import Ports


def learn(
    path: Path, by: str, ports: Ports, truth: dict[str, Json] | None = None
) -> tuple[LearnedModel, TrainingReport]:
    """Trains on what people confirmed, writes the model to ``path`` and puts it on record.

    Args:
        path: where the model is kept.
        by: the account of who asks for it.
        ports: the archive.
        truth: labelled files by name, in the results' form, to learn from besides.

    Raises:
        NotFoundError: nobody confirmed anything yet.
    """
    samples = [*_confirmed(ports), *(_labelled(truth, ports) if truth else ())]
    if not samples:
        raise NotFoundError(
            "Nessun documento è stato confermato: non c'è da chi imparare. / "
            "No document was confirmed: there is nothing to learn from.",
            hint="faldone review list",
        )
    now = ports.clock()
    model, report = train(samples, ports.lexicon, ports.register(), now=now)
    save_model(model, path)
    saved = load_model(path)
    with ports.catalog.begin() as work:
        work.record(
            Event(
                EventType.MODEL_TRAINED,
                "model",
                now,
                user_agent(by),
                detail={
                    "model": saved.version,
                    "lexicon": saved.lexicon_version,
                    "documents": report.documents,
                    "type_weight": report.types.weight if report.types.promoted else 0.0,
                    "service_weight": report.services.weight if report.services.promoted else 0.0,
                },
            )
        )
    return saved, report


def _confirmed(ports: Ports) -> Iterator[Sample]:
    """The documents on which a person settled type or service."""
    for decision, _ in ports.catalog.decided():
        said = decision.settled
        kind, service = said.type, said.service
        if decision.whole is not None:
            kind = kind or (decision.whole.type.value if decision.whole.type is not None else None)
            service = service or (decision.whole.service.value if decision.whole.service is not None else None)
        document = ports.catalog.document(decision.document)
        if (kind is not None or service is not None) and not document.retired:
            yield _sample(document, kind, service, ports)


def _sample(document: Document, kind: str | None, service: str | None, ports: Ports) -> Sample:
    proposal = document.proposal
    return Sample(
        _pages(ports.catalog.page_texts(document.source, document.span).values()),
        kind,
        service,
        _group(proposal, document.id),
        proposal.date.value if proposal.date is not None else None,
        ports.catalog.source(document.source).sealed_at.date(),
    )


def _labelled(truth: dict[str, Json], ports: Ports) -> Iterator[Sample]:
    for report in ports.catalog.files():
        true = truth.get(report.intake.path)
        if true is None or report.source is None or report.state is FileState.DUPLICATE:
            continue
        texts = ports.catalog.page_texts(report.source.digest)
        for document in true["documents"]:
            span = range(document["first_page"], document["last_page"] + 1)
            holders = sorted(p.get("cf") or p["name"] for p in document["persons"] if p["role"] == "holder")
            yield Sample(
                _pages(texts[index] for index in span if index in texts),
                document["type"],
                document["service"],
                holders[0] if holders else report.intake.path,
                dt.date.fromisoformat(document["date"]) if document["date"] else None,
                report.source.sealed_at.date(),
            )


def _pages(texts: Iterable[PageText]) -> tuple[PageText, ...]:
    return tuple(text for text in texts if text.words)


def _group(proposal: DocumentProposal, otherwise: str) -> str:
    """Any key of the holder: the papers of one person are never learnt from and judged on at once."""
    holder: PersonMention | None = next((item.value for item in proposal.holders), None)
    return (holder.person or holder.cf or holder.name) if holder is not None else otherwise
