"""What no machine reads is typed by a person: found by its words from then on, proven, and taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from faldone.catalog.records import Document, Page
from faldone.domain.access import EVERYTHING
from faldone.domain.campaign import is_unread
from faldone.domain.digest import Digest
from faldone.domain.page import BY_PERSON, PageText
from faldone.errors import StaleError, UndecidableError
from faldone.pipeline.audit.audit import verify
from faldone.pipeline.papers.open_document import open_document, open_page
from faldone.pipeline.recognition.reread import better
from faldone.pipeline.review.blank_page import say_blank
from faldone.pipeline.review.settle import accept
from faldone.pipeline.review.sheets import page_at
from faldone.pipeline.review.transcribe import (
    MOST_CHARACTERS,
    MOST_LINES,
    is_transcribable,
    take_back_transcription,
    transcribe,
    transcription_of,
    typed_lines,
)
from faldone.pipeline.search.find import find
from faldone.search.query import parse
from tests.papers import noise, tiff
from tests.review_papers import import_register, report, take_papers
from tests.twins import Archive

TYPED = "Oggi la bambina racconta\n\n  del melograno   in giardino\nfirma: Cesarina"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    archive = Archive(tmp_path)
    import_register(archive)
    yield archive
    archive.close()


@pytest.fixture
def source(archive: Archive) -> Digest:
    """A file of two pages written by hand."""
    archive.take("lotto-1/a.tif", tiff(noise(1), noise(2)))
    archive.work_off()
    (source,) = (one.digest for one in archive.catalog.sources())
    return source


def leaf(archive: Archive, source: Digest, index: int = 0) -> Page:
    return page_at(source, index, archive.ports)


def text_of(archive: Archive, page: Page) -> PageText:
    assert page.text is not None
    text = archive.catalog.recognition(page.text)
    assert text is not None
    return text


def holder(archive: Archive, source: Digest, index: int = 0) -> Document:
    return next(one for one in archive.catalog.documents(source) if index in one.span)


def put(archive: Archive, source: Digest, typed: str = TYPED, index: int = 0, seen: Digest | None = None) -> Page:
    page = leaf(archive, source, index)
    assert page.text is not None
    transcribe(page, typed, seen or page.text, holder(archive, source, index).id, "anna", archive.ports)
    archive.work_off()
    return leaf(archive, source, index)


def take_back(archive: Archive, source: Digest) -> Page:
    page = leaf(archive, source)
    assert page.text is not None
    take_back_transcription(page, page.text, holder(archive, source).id, "maria", archive.ports)
    archive.work_off()
    return leaf(archive, source)


def found(archive: Archive, words: str) -> int:
    return find(parse(words), EVERYTHING, archive.ports).total


def test_a_page_is_found_by_what_was_typed_and_no_more_once_that_is_taken_back(
    archive: Archive, source: Digest
) -> None:
    before = leaf(archive, source)
    assert found(archive, "melograno") == 0
    put(archive, source)
    assert found(archive, "melograno") == 1
    assert take_back(archive, source) == before
    assert found(archive, "melograno") == 0


def test_what_was_typed_proves_by_its_words_and_by_no_place_on_the_page(archive: Archive, source: Digest) -> None:
    put(archive, source, report("FERRARI ANNA"))
    (person, *_) = holder(archive, source).proposal.holders
    assert [proof.quote for proof in person.evidence] == ["FERRARI ANNA"]
    assert [proof.box for proof in person.evidence] == [None]


def test_what_was_typed_keeps_its_lines_and_a_person_answers_for_it(archive: Archive, source: Digest) -> None:
    page = put(archive, source)
    text = text_of(archive, page)
    assert text.text == "Oggi la bambina racconta\ndel melograno in giardino\nfirma: Cesarina"
    assert text.transcribed
    assert text.engine.name == BY_PERSON
    said = transcription_of(page, archive.ports)
    assert said is not None
    assert (said.by, said.at) == ("anna", archive.clock())


def test_typed_words_lie_in_even_strips_in_their_order_within_the_page(archive: Archive, source: Digest) -> None:
    text = text_of(archive, put(archive, source))
    tops = [line[0].box.y for line in text.lines()]
    assert tops == [text.height * place // 3 for place in range(3)]
    for line in text.lines():
        boxes = [word.box for word in line]
        assert boxes == sorted(boxes, key=lambda box: box.x)
        assert boxes[-1].right == text.width
        assert {box.y for box in boxes} == {boxes[0].y}
        assert all(box.width > 0 and box.bottom <= text.height for box in boxes)
    assert [word.box for word in text.words][-1].bottom == text.height


def test_a_page_that_was_typed_is_unread_no_more_and_no_machine_overrules_it(archive: Archive, source: Digest) -> None:
    assert is_unread(text_of(archive, leaf(archive, source)))
    said = text_of(archive, put(archive, source))
    assert not is_unread(said)
    archive.engine.default = report("FERRARI ANNA")
    archive.take("lotto-1/b.tif", tiff(noise(5)))
    archive.work_off()
    other = next(one.digest for one in archive.catalog.sources() if one.digest != source)
    machine = text_of(archive, leaf(archive, other))
    assert machine.words
    assert not better(machine, said)


def test_the_archive_stays_provable_while_pages_are_typed_typed_anew_and_taken_back(
    archive: Archive, source: Digest
) -> None:
    for typed in (TYPED, "Tutt'altro", TYPED, None, TYPED):
        take_back(archive, source) if typed is None else put(archive, source, typed)
        assert verify(archive.ports).findings == ()


def test_the_ledger_holds_no_word_of_what_was_typed(archive: Archive, source: Digest) -> None:
    put(archive, source, "melograno")
    told = " ".join(f"{one.record.subject} {one.record.detail}" for one in archive.catalog.ledger())
    assert "melograno" not in told
    assert '"words":1' in told.replace(" ", "")


def test_taking_back_after_typing_twice_brings_the_reading_of_the_machine(archive: Archive, source: Digest) -> None:
    before = leaf(archive, source)
    put(archive, source)
    put(archive, source, "Tutt'altro")
    assert take_back(archive, source).text == before.text
    assert transcription_of(leaf(archive, source), archive.ports) is None
    with pytest.raises(UndecidableError):
        take_back(archive, source)


def test_that_somebody_said_a_page_is_not_blank_outlives_a_transcription(archive: Archive) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1), noise(2)))
    archive.work_off()
    (source,) = (one.digest for one in archive.catalog.sources())
    for blank in (True, False):
        say_blank(leaf(archive, source), blank, holder(archive, source).id, "anna", archive.ports)
    before = leaf(archive, source)
    put(archive, source)
    assert take_back(archive, source) == before
    assert archive.catalog.blank_pages(source) == frozenset()


def test_what_was_looked_at_is_what_is_typed_over(archive: Archive, source: Digest) -> None:
    seen = leaf(archive, source).text
    put(archive, source)
    with pytest.raises(StaleError):
        put(archive, source, "Tutt'altro", seen=seen)
    assert text_of(archive, leaf(archive, source)).text.startswith("Oggi")


def test_the_same_again_is_no_event(archive: Archive, source: Digest) -> None:
    put(archive, source)
    before = len(list(archive.catalog.ledger()))
    put(archive, source)
    assert len(list(archive.catalog.ledger())) == before


def test_what_a_machine_reads_and_what_is_blank_is_not_typed(archive: Archive) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    with pytest.raises(UndecidableError):
        put(archive, paper.source)
    say_blank(leaf(archive, paper.source), True, paper.id, "anna", archive.ports)
    with pytest.raises(UndecidableError):
        put(archive, paper.source)


@pytest.mark.parametrize("text", ["", "Allegato 3", "Relazione sul minore"])
def test_what_the_viewer_calls_unreadable_may_be_typed(archive: Archive, text: str) -> None:
    (paper,) = take_papers(archive, text)
    shown = open_page(open_document(paper, archive.ports), 1, archive.ports)
    assert shown.unreadable
    assert shown.text is not None
    assert is_transcribable(shown.text)


def test_a_confirmed_document_stays_what_it_was_confirmed_as(archive: Archive, source: Digest) -> None:
    put(archive, source, report("FERRARI ANNA"))
    accept(holder(archive, source).id, "anna", archive.ports)
    confirmed = holder(archive, source)
    assert len(confirmed.span) == 2
    put(archive, source, f"{report('BIANCHI LUCA', service='ADM')} melograno", index=1)
    now = holder(archive, source, 1)
    assert (now.id, now.span, now.proposal) == (confirmed.id, confirmed.span, confirmed.proposal)
    assert found(archive, "melograno") == 1


def test_a_page_that_was_typed_is_proposed_by_its_words(archive: Archive, source: Digest) -> None:
    put(archive, source, report("FERRARI ANNA"))
    service = holder(archive, source).proposal.service
    assert service is not None
    assert service.value == "TUM"


@pytest.mark.parametrize(
    "typed",
    ["", " \n\t ", "\u202e\x00", "parola " * MOST_CHARACTERS, "a\n" * (MOST_LINES + 1)],
    ids=["nothing", "blanks", "unseen", "too long", "too many lines"],
)
def test_nothing_and_too_much_are_refused_with_what_is_there_left(archive: Archive, source: Digest, typed: str) -> None:
    before = leaf(archive, source)
    with pytest.raises(UndecidableError):
        put(archive, source, typed)
    assert leaf(archive, source) == before


def test_what_is_not_seen_is_no_part_of_the_words() -> None:
    assert typed_lines("pe\u0300ra\u202e \x00bu\u00adona\ud800\r\n\ufefffine") == [["pèra", "buona"], ["fine"]]


def test_the_event_of_a_transcription_says_what_it_is(archive: Archive, source: Digest) -> None:
    page = put(archive, source)
    last = [one.record for one in archive.catalog.events([page.id])][-1]
    detail = json.loads(last.detail)
    assert (last.agent, detail["settings"], detail["key"]) == ("user:anna", "transcription", str(page.text))
