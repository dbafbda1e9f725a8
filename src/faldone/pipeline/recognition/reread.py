"""Campaigns of re-reading: pages are read anew, and the new text takes the old one's place only where it is better.

Both texts are kept, each under its own key, and the ledger says which came in force when, and why. A page that cannot
be read again keeps the text that it has.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from faldone.catalog.records import Page, Rereading
from faldone.classify.codice_fiscale import code_tokens, is_valid
from faldone.classify.reading import read as reading_of
from faldone.domain.campaign import (
    CampaignId,
    Condition,
    Grade,
    ReadPage,
    RereadingId,
    RereadState,
    batches_in,
    holds,
    is_unread,
    parse,
    with_batches,
)
from faldone.domain.digest import Digest
from faldone.domain.events import AGENT, Event, EventType, Outcome
from faldone.domain.ids import PageId
from faldone.domain.likeness import keys
from faldone.domain.look import Mark
from faldone.domain.page import BY_PERSON, PageText, TextSource, Word
from faldone.domain.reasons import Reason
from faldone.errors import InputError, OcrError, PageNotFoundError
from faldone.ocr.options import OcrOptions
from faldone.ocr.quality import is_legible, legibility, plausible_word
from faldone.pipeline.intake.look import note_sheet
from faldone.pipeline.intake.opened import opened
from faldone.pipeline.ports import Ports
from faldone.pipeline.recognition.reading import (
    Read,
    ToRead,
    beside,
    known_or_to_read,
    layer_of,
    mark_by_words,
    read_all,
)
from faldone.pipeline.recognition.recollect import seen_page

_GAIN = 1.02
"""How many times the right characters of the old text the new one must have: less may be chance."""

_LEGIBILITY_LOSS = 0.02
"""How much legibility the new text may lose: more words at the price of nonsense are no gain."""

_ODD_LETTER = 0.5
"""The weight of a character outside words of Italian shape, where an engine is more often sure of nonsense."""

_LETTERS = re.compile(r"[^\W\d_]+")


# ---- which of two texts is better


def better(new: PageText, old: PageText) -> bool:
    """Whether the ``new`` text of a page is to take the ``old`` one's place.

    It must have two in a hundred more characters that are expected to be right, be about as legible, and have every
    valid codice fiscale that the old text has. A page that was blank or unread need only read well now; a text that is
    blank or unread takes nobody's place. What a person said of a page is never replaced.
    """
    if old.engine.name == BY_PERSON or new.blank or is_unread(new) or _codes(old) - _codes(new):
        return False
    if old.blank or is_unread(old):
        return is_legible(new)
    after, before = grade(new), grade(old)
    more = after.characters >= _GAIN * before.characters
    return more and after.legibility >= before.legibility - _LEGIBILITY_LOSS


def grade(text: PageText) -> Grade:
    """How good a text is by its own measures.

    The characters expected to be right are each word's times its confidence; those outside words of Italian shape, and
    that are no digits, count half.
    """
    return Grade(sum(word.confidence * _weight(word) for word in text.words), legibility(text))


def _weight(word: Word) -> float:
    letters = sum(len(token) for token in _LETTERS.findall(word.text) if plausible_word(token))
    full = letters + sum(char.isdigit() for char in word.text)
    return full + _ODD_LETTER * (len(word.text) - full)


def _codes(text: PageText) -> frozenset[str]:
    """The valid codici fiscali as they were read, without repairs."""
    return frozenset(token.text for token in code_tokens(reading_of(0, text)) if is_valid(token.text))


# ---- opening a campaign


@dataclass(frozen=True, slots=True)
class Chosen:
    """The pages that a condition names. ``condition`` has ids for the batches that ``where`` calls by their codes."""

    where: str
    condition: Condition
    pages: tuple[PageId, ...]


def choose(where: str, ports: Ports) -> Chosen:
    """Goes through all recognised pages, a few at a time, for those that ``where`` means. Separators are left out.

    Raises:
        QuerySyntaxError: the condition cannot be understood.
        NotFoundError: it names a batch that there is not.
    """
    parsed = parse(where)
    names = {name: ports.catalog.batch(name).id for name in batches_in(parsed)}
    condition = with_batches(parsed, names)

    @lru_cache(maxsize=1)  # the pages of a file come one after another
    def batches(source: Digest) -> frozenset[str]:
        return frozenset(intake.batch for intake in ports.catalog.intakes(source))

    of_file: Callable[[Digest], frozenset[str]] = batches if names else lambda _: frozenset()
    pages = tuple(
        page.id for page, text in ports.catalog.read_pages() if holds(condition, ReadPage(text, of_file(page.source)))
    )
    return Chosen(where, condition, pages)


def open_campaign(chosen: Chosen, ports: Ports) -> CampaignId:
    """Puts the pages on record as due; whoever works on the archive reads them when nothing else waits."""
    now = ports.clock()
    with ports.catalog.begin() as work:
        campaign = work.open_campaign(chosen.where, chosen.pages, now)
        work.record(
            Event(
                type=EventType.CAMPAIGN_OPENED,
                subject=campaign,
                at=now,
                agent=AGENT,
                detail={"where": str(chosen.condition), "pages": len(chosen.pages)},
            )
        )
    return campaign


# ---- reading again


@dataclass(frozen=True, slots=True)
class _Case:
    """A page of a campaign with the text that is in force on it."""

    rereading: Rereading
    page: Page
    old: Read


_Outcome = Read | Reason | None
"""What came of a page: a text (the one in force where nothing is to be read anew), why none, or nothing yet."""


def reread(units: Sequence[RereadingId], ports: Ports) -> None:
    """Reads pages of campaigns again with the engine and options of today, and puts on record what came of each.

    Where the page was read so before, and the text in force is as good, it is read in the other way that there is. A
    text layer that is honest today is not read again.
    """
    now = ports.clock()
    with ports.catalog.begin() as work:
        claims = [work.claim_rereading(unit, now, now + ports.options.claim(len(units))) for unit in units]
    cases = [_case(claim, ports) for claim in claims if claim is not None]
    outcomes: dict[RereadingId, _Outcome] = {}
    waiting: defaultdict[OcrOptions, dict[RereadingId, ToRead]] = defaultdict(dict)
    for case in cases:
        options, found = _look(case, ports)
        if isinstance(found, ToRead):
            waiting[options][case.rereading.id] = found
        else:
            outcomes[case.rereading.id] = found
    attempts = {case.rereading.id: case.rereading.attempts for case in cases}
    for options, together in waiting.items():
        for unit, read in read_all(together, options, ports).items():
            outcomes[unit] = read if isinstance(read, Read) else _failed(read, attempts[unit], ports)
    for case in cases:
        _settle(case, outcomes[case.rereading.id], ports)


def _case(rereading: Rereading, ports: Ports) -> _Case:
    page = ports.catalog.page(rereading.page)
    text = ports.catalog.recognition(page.text) if page.text is not None else None
    if page.text is None or text is None:
        raise PageNotFoundError(f"La pagina {page.id} non ha un testo. / The page {page.id} has no text.")
    return _Case(rereading, page, Read(page.text, text))


def _look(case: _Case, ports: Ports) -> tuple[OcrOptions, Read | ToRead | Reason]:
    """What is known without the engine, or the pixels, and with which options they are to be read."""
    page, options = case.page, ports.options.ocr
    if ports.options.gives_up(case.rereading.attempts):
        return options, Reason.WORKER_DIED
    try:
        with opened(page.source, ports) as source:
            layer = layer_of(page, source)
            if layer is not None:
                return options, case.old if case.old.text.source is TextSource.TEXT_LAYER else layer
            image = source.image(page.index)
    except InputError:
        return options, Reason.PAGE_UNREADABLE
    found = known_or_to_read(image, options, ports, beside(page, ports))
    if isinstance(found, Read) and not better(found.text, case.old.text):
        options = options.otherwise()
        found = known_or_to_read(image, options, ports, beside(page, ports))
    return options, found


def _failed(error: OcrError, attempts: int, ports: Ports) -> Reason | None:
    return Reason(error.reason) if attempts >= ports.options.attempts else None


def _settle(case: _Case, outcome: _Outcome, ports: Ports) -> None:
    """One page, one transaction: a text comes in force with the event that tells of it, or not at all."""
    page, rereading = case.page, case.rereading
    look = ports.catalog.look(page.id)
    with ports.catalog.begin() as work:
        if outcome is None:
            work.free_rereading(rereading.id)
            return
        ended = _judged(case, outcome)
        digest, mark = None, None
        if isinstance(outcome, Read) and outcome.key != case.old.key:
            digest = work.save_reading(outcome.key, outcome.text)
            if ended.state is RereadState.PROMOTED:
                if not work.promote_text(page.id, case.old.key, outcome.key):
                    work.free_rereading(rereading.id)
                    return
                mark = mark_by_words(page, outcome.text, ports)
                if mark is not None:
                    work.mark_page(page.id, mark)
                    note_sheet(mark, page.id, work, ports)
                elif page.mark is None:
                    work.save_keys(page.id, keys(seen_page(outcome.text, look)))
        work.end_rereading(ended)
        work.record(_reread(case, ended, outcome, digest, mark or page.mark, ports))


def _judged(case: _Case, outcome: Read | Reason) -> Rereading:
    """The re-reading with what came of it."""
    old = case.old
    before = replace(case.rereading, old=old.key, before=grade(old.text))
    if isinstance(outcome, Reason):
        return replace(before, state=RereadState.FAILED, reason=outcome)
    if _says_the_same(outcome.text, old.text):
        state = RereadState.SAME
    else:
        state = RereadState.PROMOTED if better(outcome.text, old.text) else RereadState.KEPT
    return replace(before, state=state, new=outcome.key, after=grade(outcome.text))


def _says_the_same(new: PageText, old: PageText) -> bool:
    return [word.text for word in new.words] == [word.text for word in old.words]


def _reread(
    case: _Case, ended: Rereading, outcome: Read | Reason, digest: Digest | None, mark: Mark | None, ports: Ports
) -> Event:
    text = outcome.text if isinstance(outcome, Read) else None
    before, after = ended.before, ended.after
    return Event(
        type=EventType.PAGE_REREAD,
        subject=case.page.id,
        at=ports.clock(),
        agent=f"{text.engine.name}/{text.engine.version}" if text is not None else AGENT,
        outcome=Outcome.FAILURE if ended.state is RereadState.FAILED else Outcome.SUCCESS,
        detail={
            "campaign": ended.campaign,
            "outcome": ended.state.value,
            "reason": ended.reason.value if ended.reason is not None else None,
            "old": str(ended.old),
            "new": str(ended.new) if ended.new is not None else None,
            "read": str(digest) if digest is not None else None,
            "text": str(digest) if ended.state is RereadState.PROMOTED else None,
            "settings": text.engine.settings if text is not None else None,
            "right_before": round(before.characters, 1) if before is not None else None,
            "right_after": round(after.characters, 1) if after is not None else None,
            "legible_before": round(before.legibility, 3) if before is not None else None,
            "legible_after": round(after.legibility, 3) if after is not None else None,
            "separator": mark.separator.value if mark is not None else None,
            "sheet": mark.token if mark is not None else None,
            "attempt": ended.attempts,
        },
    )
