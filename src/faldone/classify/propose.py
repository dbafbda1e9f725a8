"""From the pages of one file to its documents: the one entry that the pipeline calls.

    stretches, boundaries.split ─► per document: document_type ─► gather persons ─► document_date ─► service ─► holders
    ─► prior ─► decide; then per file: beside ─► guesses

Pure and deterministic: the same pages, register, lexicon and context give the same proposals.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean

from faldone.classify.barcodes import with_bar_codes, with_card_holder
from faldone.classify.dates import Dating, FoundDate, document_date, find_dates
from faldone.classify.decide import DEFAULT_THRESHOLDS, Thresholds, decide
from faldone.classify.document_type import document_type
from faldone.classify.guesses import with_guesses
from faldone.classify.holders import choose_holders, is_list
from faldone.classify.laws import LawCitation, find_laws
from faldone.classify.learned import LearnedModel
from faldone.classify.lexicon import Lexicon
from faldone.classify.neighbours import beside, is_known_by_little, on_folder, with_agreed_service, with_namesakes_told
from faldone.classify.numbers import own_numbers
from faldone.classify.page_signs import PageSigns, page_signs
from faldone.classify.persons.candidates import Candidate, gather
from faldone.classify.persons.find import find_mentions
from faldone.classify.persons.mention import Mention
from faldone.classify.persons.told import Beside
from faldone.classify.phrases import Hit
from faldone.classify.prior import (
    Prior,
    outside_prior,
    paper_prior,
    sheet_prior,
    with_declared,
    with_prior_holder,
    with_prior_service,
)
from faldone.classify.protocol import FoundProtocol, dated_by_letter, find_protocols, own_protocol
from faldone.classify.reading import Reading, read
from faldone.classify.register import PersonRegister
from faldone.classify.service import service as find_service
from faldone.classify.stretches import DocumentSpan, blank_inside, is_certain, spans_of, stretches
from faldone.domain.attribution import Attribution, Band, Direction, DocumentProposal, PersonMention, Protocol, Role
from faldone.domain.declared import Declared
from faldone.domain.look import Mark, Separator
from faldone.domain.page import PageText
from faldone.domain.reasons import Reason
from faldone.domain.sheet import Sheet

_HOLDER_SIGN = 0.74
_FEW_WORDS = 4
_KEPT_PAGES = 60
"""What was found on the pages of a file of no more pages than this is kept until its documents are proposed."""

_FIRST_PAGES, _LAST_PAGES = 40, 10


@dataclass(frozen=True, slots=True)
class PageView:
    """One page of a file as the classifier sees it.

    ``index`` is 0-based; ``text`` is ``None`` when the page could not be read (a visible gap); ``legible`` is false
    when its text was graded too poor to trust.
    """

    index: int
    text: PageText | None
    legible: bool


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a file besides its pages.

    Attributes:
        scanned_on: the day of the scan.
        file: its name and folder, a weak hint only.
        marks: by 0-based index the pages that are separators, or may be.
        sheets: the printed sheets among them, by token.
        carried: the last cover that came before this file in its batch.
        declared: what sidecars say of the file, the nearest first.
        service: the service that everything of its inbox or batch belongs to.
        decided: what people said of its pages: by index whether a document starts there.
        bad: the pages whose scan is red.
        broken_signature: it came in an envelope whose signature does not hold.
        codes: by 0-based index the codici fiscali printed on the page as bar codes.
    """

    scanned_on: dt.date
    file: str
    marks: Mapping[int, Mark] = field(default_factory=dict)
    sheets: Mapping[str, Sheet] = field(default_factory=dict)
    carried: Sheet | None = None
    declared: tuple[Declared, ...] = ()
    service: str | None = None
    decided: Mapping[int, bool] = field(default_factory=dict)
    bad: frozenset[int] = frozenset()
    broken_signature: bool = False
    codes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Page:
    """A page with everything that was found on it."""

    view: PageView
    reading: Reading
    hits: tuple[Hit, ...]
    laws: tuple[LawCitation, ...]
    dates: tuple[FoundDate, ...]
    protocols: tuple[FoundProtocol, ...]
    mentions: tuple[Mention, ...]


def propose(
    pages: Sequence[PageView],
    register: PersonRegister,
    lexicon: Lexicon,
    context: Context,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
    learned: LearnedModel | None = None,
) -> tuple[DocumentProposal, ...]:
    """The documents of one file. Every page belongs to exactly one, but for separators and the blank backs of them.

    Blank pages go with the document before them (leading ones with the first); a file of blank pages is one held
    proposal. A page that could not be read stays with its neighbours and keeps them from being filed.

    Args:
        pages: every page of the file, in order, indices without holes. Asked for one at a time, a page of a long
            file twice, so a sequence that fetches them keeps memory flat.
        register: the persons known to the office.
        lexicon: services, types and cue words.
        context: the day of the scan and the file's name.
        thresholds: the least confidences for filing.
        learned: what was learnt from confirmed decisions; without it the lexicon decides type and service alone.
    """
    if not pages:
        return ()
    # One page at a time, and of a long file only the signs are kept: its pages are looked at again by document.
    written: list[int] = []
    signs: dict[int, PageSigns | None] = {}
    kept: dict[int, _Page | PageView] = {}
    for position, page in enumerate(pages):
        mark = context.marks.get(page.index)
        if is_certain(mark) or (page.text is not None and page.text.blank and mark is None):
            continue
        found = _find(page, register, lexicon, context)
        written.append(position)
        signs[position] = _signs(found, lexicon)
        if len(pages) <= _KEPT_PAGES:
            kept[position] = found
    if not written and not any(is_certain(mark) for mark in context.marks.values()):
        return (_held(pages[0].index, pages[-1].index, Reason.ALL_BLANK),)
    proposals: list[DocumentProposal] = []
    parts: list[tuple[Sequence[int], DocumentSpan, Prior | None]] = []

    def document(
        places: Sequence[int], span: DocumentSpan, prior: Prior | None, lies_with: Beside
    ) -> tuple[DocumentProposal, bool]:
        found = [kept.get(place) or _find(pages[place], register, lexicon, context) for place in places]
        return _document(found, span, prior, register, lexicon, context, thresholds, learned, lies_with)

    prior = outside_prior(context.carried, context.declared, context.service, register, lexicon)
    for stretch in stretches(len(pages), written, context.marks):
        for page_index, mark in stretch.opened_by.items():
            if mark.separator is Separator.COVER:
                # A cover that is not known says nothing, and what the one before it said no longer holds.
                sheet = context.sheets.get(mark.token or "")
                prior = sheet_prior(sheet, page_index, register, lexicon.version)
        for span in spans_of(stretch, signs, context.decided):
            evidence, whole = _evidence(span.places)
            parts.append((evidence, span if whole else replace(span, sure=False), prior))
            proposal, is_cover = document(*parts[-1], on_folder(context.file))
            if is_cover:
                prior = paper_prior(proposal, prior)
            proposals.append(proposal)
    # A bare name, and a paper that its cover contradicts, are looked at once more, with those whom the other documents
    # of the file prove.
    for index, proposal in enumerate(proposals):
        lies_with = beside(proposals, index, context.file)
        behind_another = parts[index][2] is not None and Reason.HOLDER_UNSURE in proposal.reasons
        if lies_with.named and (is_known_by_little(proposal) or behind_another):
            proposals[index], _ = document(*parts[index], lies_with)
    return with_guesses(with_agreed_service(with_namesakes_told(proposals), thresholds.service))


def _evidence(places: Sequence[int]) -> tuple[Sequence[int], bool]:
    """The pages of a document that are asked what it is, and whether these are all of it.

    A document of hundreds of pages says on its first ones and its last ones whom it is about. It is also too long to
    be sure that it is one document.
    """
    if len(places) <= _FIRST_PAGES + _LAST_PAGES:
        return places, True
    return [*places[:_FIRST_PAGES], *places[-_LAST_PAGES:]], False


def _held(first: int, last: int, reason: Reason) -> DocumentProposal:
    return DocumentProposal(first, last, None, None, (), None, None, Band.HOLD, (reason,))


def _find(view: PageView, register: PersonRegister, lexicon: Lexicon, context: Context) -> _Page | PageView:
    """Everything on a page, or the view itself when there is no text to read."""
    if view.text is None or not view.text.words:
        return view
    reading = read(view.index, view.text)
    hits = lexicon.book.find(reading)
    dates = find_dates(reading.folded, latest=context.scanned_on)
    mentions = find_mentions(reading, hits, dates, register, lexicon)
    return _Page(
        view,
        reading,
        hits,
        find_laws(reading.folded),
        dates,
        find_protocols(reading, dates, latest=context.scanned_on),
        with_bar_codes(mentions, reading, context.codes.get(view.index, ()), register),
    )


def page_signs_of(view: PageView, register: PersonRegister, lexicon: Lexicon, context: Context) -> PageSigns | None:
    """What one page says about its place in the file; ``None`` when it has no text."""
    return _signs(_find(view, register, lexicon, context), lexicon)


def _signs(page: _Page | PageView, lexicon: Lexicon) -> PageSigns | None:
    if isinstance(page, PageView):
        return None
    holders = frozenset(
        candidate.person.id if candidate.person else candidate.cf or " ".join(sorted(candidate.words))
        for candidate in gather(page.mentions)
        if candidate.how != "ambiguous"
        and any(mention.role is Role.HOLDER and mention.score >= _HOLDER_SIGN for mention in candidate.mentions)
    )
    return page_signs(page.reading, page.hits, page.protocols, holders, lexicon)


def _document(
    found: Sequence[_Page | PageView],
    span: DocumentSpan,
    prior: Prior | None,
    register: PersonRegister,
    lexicon: Lexicon,
    context: Context,
    thresholds: Thresholds,
    learned: LearnedModel | None,
    beside: Beside,
) -> tuple[DocumentProposal, bool]:
    """The proposal for one span, and whether it is the cover of a folder."""
    pages = [page for page in found if isinstance(page, _Page)]
    gaps = [page for page in found if isinstance(page, PageView)]
    reasons: list[Reason] = []
    if any(gap.text is None for gap in gaps):
        reasons.append(Reason.PAGE_UNREADABLE)
    if any(gap.text is not None for gap in gaps) or (
        pages and all(len(page.reading.words) < _FEW_WORDS for page in pages)
    ):
        reasons.append(Reason.NO_TEXT)
    if span.separator_unsure:
        reasons.append(Reason.SEPARATOR_UNSURE)
    if span.lacks_pages:
        reasons.append(Reason.PAGE_MISSING)
    if blank_inside(span.places):
        reasons.append(Reason.BLANK_INSIDE)
    if any(span.first <= index <= span.last for index in context.bad):
        reasons.append(Reason.SCAN_BAD)
    if context.broken_signature:
        reasons.append(Reason.SIGNATURE_BROKEN)
    if not pages:
        band, ordered = decide(reasons, holder=0.0, type_confidence=None, service_confidence=None, nothing_read=True)
        return _proposal(span, None, None, (), None, None, band, ordered), False
    if (
        len(pages) > len(gaps)
        and Reason.NO_TEXT in reasons
        and any(len(page.reading.words) >= _FEW_WORDS for page in pages)
    ):
        # One page of several has no words (a photograph, a handwritten sheet): the rest can still be proposed.
        reasons.remove(Reason.NO_TEXT)
        reasons.append(Reason.LOW_LEGIBILITY)
    if not span.sure:
        reasons.append(Reason.BOUNDARY_UNSURE)
    readings = [page.reading for page in pages]
    hits = [page.hits for page in pages]
    laws = [page.laws for page in pages]
    dates = [page.dates for page in pages]
    kind = document_type(readings, hits, laws, lexicon, learned)
    kind_value = lexicon.types[kind.value] if kind else None
    mentions = with_card_holder(
        [mention for page in pages for mention in page.mentions], kind.value if kind else None, context.codes
    )
    candidates = gather(mentions)
    protocol = own_protocol(readings, [page.protocols for page in pages], lexicon.version)
    protocol_dates = frozenset(
        item.value.date for page in pages for item in page.protocols if item.value.date is not None
    )

    arrivals = frozenset(
        item.value.date
        for page in pages
        for item in page.protocols
        if item.value.date is not None and item.value.direction is Direction.INCOMING
    )

    def dated(born: tuple[dt.date, ...]) -> Dating:
        return document_date(
            readings,
            dates,
            hits,
            kind_value,
            scanned_on=context.scanned_on,
            born=born,
            protocol_dates=protocol_dates,
            arrival_dates=arrivals,
            version=lexicon.version,
        )

    def served(date: Attribution[dt.date] | None) -> Attribution[str] | None:
        return find_service(
            readings,
            hits,
            laws,
            lexicon,
            kind=kind.value if kind else None,
            date=date.value if date else None,
            scanned_on=context.scanned_on,
            learned=learned,
        )

    dating = dated(())
    date = dating.date
    service = served(date)
    collective = (kind_value is not None and kind_value.collective) or is_list(
        readings, mentions, kind.value if kind else None
    )
    holders = choose_holders(
        candidates,
        kind.value if kind else None,
        on=date.value if date else context.scanned_on,
        register=register,
        version=lexicon.version,
        collective=collective,
        beside=beside,
        service=lexicon.services[service.value] if service else None,
    )
    if date is not None and any(date.value <= birth for birth in holders.births):
        dating = dated(holders.births)
        date = dating.date
        service = served(date)
    protocol = dated_by_letter(protocol, date)
    numbers = own_numbers(readings, latest=context.scanned_on, version=lexicon.version)
    if dating.impossible:
        reasons.append(Reason.DATE_IMPOSSIBLE)
    personal = kind_value is not None and kind_value.personal
    if personal and service is not None and service.confidence < thresholds.service:
        service = None  # a faint hint on a card is no service
    is_cover = kind_value is not None and kind_value.cover
    reasons.extend(holders.reasons)
    if _other_person_alone(candidates, pages):
        reasons.append(Reason.BOUNDARY_UNSURE)
    persons, sureness = holders.persons, holders.confidence
    if prior is not None and not is_cover:
        service, doubts = with_prior_service(service, prior)
        reasons.extend(doubts)
        taken = with_prior_holder(prior, persons, sureness, collective=collective, beside=beside)
        persons, sureness = taken.persons, taken.confidence
        reasons = [reason for reason in reasons if reason not in taken.settled] + list(taken.doubts)
        kind, date = with_declared(prior, kind, date, lexicon)
    if not any(person.value.role is Role.HOLDER for person in persons):
        persons = holders.with_likely
    if (
        any(not page.view.legible for page in pages)
        or fmean(_page_confidence(page) for page in pages) < thresholds.words
    ):
        reasons.append(Reason.LOW_LEGIBILITY)
    band, ordered = decide(
        reasons,
        holder=sureness,
        type_confidence=kind.confidence if kind else None,
        service_confidence=service.confidence if service else None,
        nothing_read=False,
        service_needed=not personal,
        thresholds=thresholds,
    )
    return replace(_proposal(span, kind, service, persons, date, protocol, band, ordered), numbers=numbers), is_cover


def _proposal(
    span: DocumentSpan,
    kind: Attribution[str] | None,
    service: Attribution[str] | None,
    persons: tuple[Attribution[PersonMention], ...],
    date: Attribution[dt.date] | None,
    protocol: Attribution[Protocol] | None,
    band: Band,
    reasons: tuple[Reason, ...],
) -> DocumentProposal:
    return DocumentProposal(
        span.first, span.last, kind, service, persons, date, protocol, band, reasons, span.confidence
    )


def _other_person_alone(candidates: Sequence[Candidate], pages: Sequence[_Page]) -> bool:
    """Whether a page after the first proves somebody else and names no holder: perhaps another person's paper."""
    for page in pages[1:]:
        here = [
            item for item in candidates if any(mention.reading.page == page.reading.page for mention in item.mentions)
        ]
        proved = any(item.how in ("cf", "name-birth") or item.cf for item in here if item.role is not Role.HOLDER)
        if proved and not any(item.role is Role.HOLDER for item in here):
            return True
    return False


def _page_confidence(page: _Page) -> float:
    return page.view.text.confidence if page.view.text is not None else 0.0
