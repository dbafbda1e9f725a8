"""Step 5: the texts of a file's pages become documents with person, service, type and dates, each with its proof."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import overload

from faldone.catalog.catalog import Catalog
from faldone.catalog.records import Intake, SavedProposal, Source, SourceState
from faldone.classify.propose import Context, PageView, propose
from faldone.classify.question import asked_of
from faldone.classify.register import PersonRegister
from faldone.classify.settle import fixed_starts, settle
from faldone.domain.attribution import Band, DocumentProposal
from faldone.domain.decision import Asked
from faldone.domain.digest import Digest
from faldone.domain.events import AGENT, Event, EventType, Outcome
from faldone.domain.ids import document_id
from faldone.domain.page import PageText
from faldone.domain.reasons import Reason
from faldone.ocr.quality import is_legible
from faldone.pipeline.filing.discover import discover
from faldone.pipeline.ports import Ports
from faldone.pipeline.recognition.recollect import recollect
from faldone.pipeline.unforeseen import next_try, tell

_FETCHED_PAGES = 20

_MOMENT_S, _LOOK_S = 2.0, 0.05
"""So long whoever decided waits for the one who has the file, and how often it is looked whether that is done."""


def attribute(digest: Digest, ports: Ports) -> None:
    """Proposes the documents of a file whose pages are all done, superseding what was proposed before.

    What somebody decided meanwhile may have come too late for it: then it is done again at once.
    """
    while _attributed(digest, ports) and is_under_way(digest, ports):
        pass


def attribute_at_once(digests: Collection[Digest], ports: Ports) -> None:
    """Proposes files anew for somebody who waits for it, also those that another has at this moment.

    For these it waits two seconds in all; one that takes longer stays due, and whoever has it does it again.
    """
    until_s = time.monotonic() + _MOMENT_S
    for digest in digests:
        attribute(digest, ports)
        while is_under_way(digest, ports) and not ports.catalog.waiting(digest) and time.monotonic() < until_s:
            time.sleep(_LOOK_S)
            attribute(digest, ports)


def is_under_way(digest: Digest, ports: Ports) -> bool:
    """Whether documents of a file are still to be proposed, or are so anew: those it has do not say the last word."""
    return ports.catalog.source(digest).state is SourceState.OPENED


def _attributed(digest: Digest, ports: Ports) -> bool:
    """Proposes the documents of a file once; whether it was there to be done."""
    now = ports.clock()
    with ports.catalog.begin() as work:
        source = work.claim_source(digest, now, now + ports.options.claim())
    if source is None or source.pages is None:
        return False
    if ports.catalog.waiting(digest):
        with ports.catalog.begin() as work:
            work.free_source(digest)
        return False
    if ports.options.gives_up(source.attempts):
        proposals: tuple[DocumentProposal, ...] = (_given_up(source.pages),)
    else:
        try:
            recollect(digest, ports)
            proposals = proposals_of(source, ports.register(), ports)
        except Exception as error:
            again = next_try(error, source.attempts, ports)
            if again is not None:
                with ports.catalog.begin() as work:
                    work.free_source(digest, again)
                raise
            tell("attribute", error)
            proposals = (_given_up(source.pages),)
    with ports.catalog.begin() as work:
        proposals, became_known = discover(proposals, work, ports.clock())
        for saved in work.save_proposals(digest, proposals, ports.clock(), _asked(proposals)):
            work.record(_event(digest, saved, ports))
        work.reconsider_named(became_known)
    return True


def proposals_of(source: Source, register: PersonRegister, ports: Ports) -> tuple[DocumentProposal, ...]:
    """What would be proposed for a file now, with this register and what people decided; nothing is saved."""
    views = _Views(source.digest, source.pages or 0, ports.catalog)
    context = _context(source, ports.catalog)
    decisions = ports.catalog.decisions(source.digest)
    context = replace(context, decided={**context.decided, **fixed_starts(decisions.values())})
    proposals = propose(views, register, ports.lexicon, context, ports.options.thresholds, ports.learned())
    said = ((proposal, decisions.get(document_id(source.digest, proposal.first_page))) for proposal in proposals)
    return tuple(
        settle(proposal, decision, register.by_id) if decision is not None else proposal for proposal, decision in said
    )


def _asked(proposals: Sequence[DocumentProposal]) -> dict[int, Asked]:
    asked = {proposal.first_page: asked_of(proposal) for proposal in proposals}
    return {page: question for page, question in asked.items() if question is not None}


def _context(source: Source, catalog: Catalog) -> Context:
    """What is known of the file besides its pages."""
    intake = catalog.intakes(source.digest)[0]
    marks = catalog.marks(source.digest)
    tokens = {mark.token for mark in marks.values() if mark.token is not None}
    printed = {token: found.sheet for token in tokens if (found := catalog.sheet(token)) is not None}
    carried = catalog.earlier_cover(source.digest)
    return Context(
        scanned_on=source.sealed_at.date(),
        file=intake.path,
        marks=marks,
        sheets=printed,
        carried=carried.sheet if carried is not None else None,
        declared=catalog.declared(intake),
        service=catalog.batch(intake.batch).facts.service,
        decided=catalog.boundaries(source.digest),
        bad=catalog.bad_pages(source.digest),
        broken_signature=_signature_is_broken(intake, catalog),
        codes=catalog.person_codes(source.digest),
    )


def _signature_is_broken(intake: Intake, catalog: Catalog) -> bool:
    while intake.container is not None:
        signature = catalog.source(intake.container).signature
        if signature is not None and signature.broken:
            return True
        intake = catalog.intakes(intake.container)[0]
    return False


class _Views(Sequence[PageView]):
    """The pages of a file, fetched from the catalog a few at a time, so that a long file does not fill the memory."""

    def __init__(self, source: Digest, pages: int, catalog: Catalog) -> None:
        self._source = source
        self._pages = pages
        self._catalog = catalog
        self._held = range(0)
        self._texts: Mapping[int, PageText] = {}

    def __len__(self) -> int:
        return self._pages

    @overload
    def __getitem__(self, index: int) -> PageView: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[PageView]: ...
    def __getitem__(self, index: int | slice) -> PageView | Sequence[PageView]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(self._pages))]
        place = range(self._pages)[index]
        if place not in self._held:
            self._held = range(place, min(place + _FETCHED_PAGES, self._pages))
            self._texts = self._catalog.page_texts(self._source, self._held)
        text = self._texts.get(place)
        return PageView(place, text, legible=text is not None and is_legible(text))


def _given_up(pages: int) -> DocumentProposal:
    """The whole file as one document that only a person can settle: attribution itself died on it repeatedly."""
    return DocumentProposal(0, pages - 1, None, None, (), None, None, Band.HOLD, (Reason.WORKER_DIED,))


def _event(source: Digest, saved: SavedProposal, ports: Ports) -> Event:
    proposal = saved.proposal
    return Event(
        type=EventType.DOCUMENT_RETIRED if saved.retired else EventType.DOCUMENT_PROPOSED,
        subject=saved.document,
        at=ports.clock(),
        agent=AGENT,
        outcome=Outcome.SUCCESS if proposal.band is Band.AUTO else Outcome.WARNING,
        detail={
            "source": str(source),
            "proposal": str(saved.digest),
            "first_page": proposal.first_page,
            "last_page": proposal.last_page,
            "type": proposal.type.value if proposal.type else None,
            "service": proposal.service.value if proposal.service else None,
            "holders": " ".join(holder.value.person or "?" for holder in proposal.holders),
            "band": proposal.band.value,
            "confirmed": proposal.confirmed,
            "reasons": " ".join(reason.value for reason in proposal.reasons),
            "lexicon": ports.lexicon.version,
            "model": learned.version if (learned := ports.learned()) is not None else None,
        },
    )
