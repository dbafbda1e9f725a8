"""Pages read again: the better text counts, the other is kept, and nothing is lost on the way."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from faldone.catalog.records import Campaign, Rereading, SourceState
from faldone.domain.access import EVERYTHING
from faldone.domain.campaign import CampaignId, RereadingId, RereadState
from faldone.domain.events import EventType, Outcome
from faldone.domain.ids import PageId, page_id
from faldone.domain.look import Separator
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.domain.reasons import Reason
from faldone.errors import NotFoundError, OcrCrashedError, QuerySyntaxError
from faldone.ocr.fake import FakeEngine
from faldone.ocr.recognise import recognise as read_images
from faldone.pipeline.audit.audit import trail, verify
from faldone.pipeline.recognition import reading
from faldone.pipeline.recognition import reread as step
from faldone.pipeline.recognition.reread import better, choose, open_campaign, reread
from faldone.search.query import Query
from tests.papers import page as paper
from tests.papers import tiff
from tests.twins import Archive

POOR = "Rclazlone soclale sui minorl e sulla famiglla"
GOOD = "Relazione sociale sul minore affidato alla famiglia della nonna materna"
CODE = "RSSMRA85T10A562S"


def text(
    said: str,
    confidence: float = 0.9,
    *,
    blank: bool = False,
    steps: tuple[str, ...] = (),
    source: TextSource = TextSource.OCR,
) -> PageText:
    words = tuple(Word(word, Box(10 * i, 0, 9, 9), confidence, 0) for i, word in enumerate(said.split()))
    return PageText(words, 900, 900, 300, 0, source, EngineStamp("fake", "1", "s"), blank=blank, steps=steps)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine(default=POOR, confidence=0.7))
    yield made
    made.close()


def scan(*seeds: int) -> bytes:
    """Small pages, each unlike the others."""
    return tiff(*(paper(f"foglio numero {seed}", f"riga {seed}", size=(420, 260)) for seed in seeds))


def filled(archive: Archive, *seeds: int) -> list[PageId]:
    """One file with these pages, all read and attributed."""
    archive.take("lotto-1/a.tif", scan(*seeds))
    archive.work_off()
    (source,) = archive.catalog.sources()
    return [page_id(source.digest, index) for index in range(len(seeds))]


def opened(archive: Archive, where: str = "confidence < 0.95") -> CampaignId:
    return open_campaign(choose(where, archive.ports), archive.ports)


def improve(archive: Archive, said: str = GOOD, confidence: float = 0.9) -> None:
    archive.engine.default, archive.engine.confidence = said, confidence


def in_force(archive: Archive) -> list[str]:
    (source,) = archive.catalog.sources()
    return [found.text for found in archive.catalog.page_texts(source.digest).values()]


def counts(archive: Archive, campaign: CampaignId) -> dict[RereadState, int]:
    return dict(archive.catalog.campaign(campaign).pages)


def rereadings(archive: Archive) -> list[Rereading]:
    return [one for campaign in archive.catalog.campaigns() for one in archive.catalog.rereadings(campaign.id)]


def last_event(archive: Archive, page: PageId) -> dict[str, object]:
    found = [e.record for e in archive.catalog.events([page]) if e.record.type == EventType.PAGE_REREAD]
    return dict(json.loads(found[-1].detail))


# ---- which is better


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        (text(GOOD), text(POOR, 0.7), True),
        (text(POOR, 0.7), text(GOOD), False),
        (text(GOOD), text(GOOD), False),
        (text(GOOD, 0.91), text(GOOD, 0.9), False),  # less than two in a hundred may be chance
        (text(GOOD, 0.93), text(GOOD, 0.9), True),
        (text(f"{GOOD} xqz wrtk bdg zzq kkjh ptrx"), text(GOOD), False),  # more characters, but nonsense
        (text(GOOD), text("", blank=True), True),
        (text(GOOD), text("Prot", steps=("unread",)), True),
        (text("xqz wrtk bdg zzq", 0.6), text("", blank=True), False),
        (text(GOOD, steps=("unread",)), text(POOR, 0.3), False),
        (text("", blank=True), text(POOR, 0.1), False),
        (text(""), text(POOR, 0.1), False),
        (text(""), text("", blank=True), False),
    ],
)
def test_the_new_text_must_be_better_by_the_pages_own_measures(new: PageText, old: PageText, expected: bool) -> None:
    assert better(new, old) is expected


def test_a_valid_codice_fiscale_is_never_lost() -> None:
    old = text(f"C.F. {CODE} {POOR}", 0.5)
    assert not better(text(f"C.F. {CODE[:-1]}5 {GOOD}"), old)
    assert not better(text(GOOD), text(CODE, steps=("unread",)))
    assert better(text(f"C.F. {CODE} {GOOD}"), old)


def test_a_number_weighs_as_much_as_a_word() -> None:
    assert better(text("n. 1234 del 12/03/2014 euro 1500", 0.9), text("n. 1234 del 12/03/2014", 0.9))


# ---- the pages of a campaign


def test_pages_are_chosen_by_what_was_read_and_where_they_came_from(archive: Archive) -> None:
    filled(archive, 1, 2)
    archive.engine.confidence = 0.99
    archive.take("ROSSI MARIA/b.tif", scan(3))
    archive.work_off()
    for where, number in (
        ("confidence < 0.8", 2),
        ("confidence >= 0.8", 1),
        ("motore = fake", 3),
        ("engine < 1", 0),
        ("parole < 3", 0),
        ('lotto = "ROSSI MARIA"', 1),
        ("batch = lotto-1", 2),
    ):
        assert len(choose(where, archive.ports).pages) == number, where


def test_a_batch_that_there_is_not_and_a_condition_that_makes_no_sense_are_told(archive: Archive) -> None:
    with pytest.raises(NotFoundError):
        choose("batch = mai-visto", archive.ports)
    with pytest.raises(QuerySyntaxError):
        choose("confidence <", archive.ports)
    assert archive.catalog.campaigns() == ()


def test_a_separator_is_not_read_again(archive: Archive) -> None:
    page, _ = filled(archive, 1, 2)
    edit(archive, f"update pages set separator = 'patch' where id = '{page}'")
    assert len(choose("confidence < 1", archive.ports).pages) == 1


def test_a_batchs_name_does_not_reach_the_ledger(archive: Archive) -> None:
    archive.take("ROSSI MARIA/a.tif", scan(1))
    archive.work_off()
    opened(archive, 'lotto = "ROSSI MARIA"')
    assert "ROSSI" not in " ".join(str(entry.record) for entry in archive.catalog.ledger())
    (campaign,) = archive.catalog.campaigns()
    assert campaign.where == 'lotto = "ROSSI MARIA"'


# ---- what comes of them


def test_a_better_text_counts_and_everything_follows(archive: Archive) -> None:
    pages = filled(archive, 1, 2)
    improve(archive)
    campaign = opened(archive)
    archive.work_off()
    assert counts(archive, campaign) == {RereadState.PROMOTED: 2}
    assert in_force(archive) == [GOOD, GOOD]
    (document, *_) = archive.catalog.documents(next(archive.catalog.sources()).digest)
    assert archive.ports.index.search(Query(words=("nonna",)), EVERYTHING).hits
    types = [entry.record.type for entry in trail(document.id, archive.ports)]
    assert EventType.PAGE_REREAD in types
    said = last_event(archive, pages[0])
    assert (said["outcome"], said["campaign"]) == ("promoted", campaign)
    assert said["text"] == said["read"]
    assert float(str(said["right_after"])) > float(str(said["right_before"]))
    assert verify(archive.ports).findings == ()


def test_the_index_has_the_new_words_even_where_the_proposal_stays_as_it_is(archive: Archive) -> None:
    improve(archive, POOR + " bicicletta", 0.9)
    filled(archive, 1)
    before = archive.catalog.documents(next(archive.catalog.sources()).digest)
    improve(archive, POOR + " biciclettina nuova", 0.95)
    opened(archive)
    archive.work_off()
    after = archive.catalog.documents(next(archive.catalog.sources()).digest)
    assert [one.proposal for one in before] == [one.proposal for one in after]
    assert archive.ports.index.search(Query(words=("biciclettina",)), EVERYTHING).hits


def test_the_old_text_is_kept_beside_and_can_be_proved(archive: Archive) -> None:
    filled(archive, 1)
    (source,) = archive.catalog.sources()
    old = archive.catalog.pages(source.digest)[0].text
    assert old is not None
    improve(archive)
    opened(archive)
    archive.work_off()
    kept = archive.catalog.recognition(old)
    assert kept is not None
    assert kept.text == POOR
    edit(archive, f"update texts set body = x'00' where key = '{old}'")
    (finding,) = verify(archive.ports).findings
    assert finding.object == str(old)


def test_a_text_that_is_not_better_lies_beside_the_old_one(archive: Archive) -> None:
    (page,) = filled(archive, 1)
    improve(archive, "Altro", 0.3)
    campaign = opened(archive)
    archive.work_off()
    assert counts(archive, campaign) == {RereadState.KEPT: 1}
    assert in_force(archive) == [POOR]
    (one,) = rereadings(archive)
    assert one.new is not None
    beside = archive.catalog.recognition(one.new)
    assert beside is not None
    assert last_event(archive, page)["text"] is None
    assert verify(archive.ports).findings == ()
    edit(archive, f"update texts set body = x'00' where key = '{one.new}'")
    assert [finding.object for finding in verify(archive.ports).findings] == [str(one.new)]


def test_the_same_words_again_are_the_same(archive: Archive) -> None:
    filled(archive, 1)
    campaign = opened(archive)
    archive.work_off()
    assert counts(archive, campaign) == {RereadState.SAME: 1}


def test_a_page_is_not_read_twice_in_the_same_way(archive: Archive) -> None:
    filled(archive, 1)
    improve(archive)
    for reads in (2, 2):  # as it was read first, and in the other way: there is no third
        campaign = opened(archive)
        archive.work_off()
        assert sum(archive.engine.reads.values()) == reads
    assert counts(archive, campaign) == {RereadState.SAME: 1}
    assert in_force(archive) == [GOOD]


def test_with_another_engine_a_page_is_read_as_usual_first_and_in_the_other_way_by_the_next_campaign(
    archive: Archive,
) -> None:
    filled(archive, 1)
    old = archive.ports.options.ocr
    archive.ports = replace(archive.ports, options=replace(archive.ports.options, ocr=replace(old, min_characters=13)))
    for said in (POOR, GOOD):
        improve(archive, said, 0.7)
        opened(archive)
        archive.work_off()
    assert [one.state for one in rereadings(archive)] == [RereadState.SAME, RereadState.PROMOTED]
    (source,) = archive.catalog.sources()
    assert "psm 6" in archive.catalog.page_texts(source.digest)[0].steps


def test_an_honest_text_layer_is_not_read_again(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    (page,) = filled(archive, 1)
    (source,) = archive.catalog.sources()
    with archive.catalog.begin() as work:
        work.save_text(page, source.digest, text(POOR, source=TextSource.TEXT_LAYER))

    class Layered:
        def text(self, _: int) -> PageText:
            return text(GOOD, source=TextSource.TEXT_LAYER)

        def image(self, _: int) -> None:
            raise AssertionError("the pixels are not asked for")

    campaign = opened(archive, "words > 0")
    reads = dict(archive.engine.reads)
    with monkeypatch.context() as patch:
        patch.setattr(step, "opened", lambda *_: nullcontext(Layered()))
        archive.work_off()
    assert counts(archive, campaign) == {RereadState.SAME: 1}
    assert archive.engine.reads == reads
    assert in_force(archive) == [POOR]


# ---- what goes wrong


def test_a_page_that_always_fails_keeps_its_text_and_nothing_else_stops(archive: Archive) -> None:
    filled(archive, 1, 2)
    improve(archive)
    campaign = opened(archive)
    archive.engine.fail_next(OcrCrashedError, times=2)  # together, then the first one alone
    archive.work_off()
    assert counts(archive, campaign) == {RereadState.FAILED: 1, RereadState.PROMOTED: 1}
    failed = next(one for one in rereadings(archive) if one.state is RereadState.FAILED)
    assert failed.reason is Reason.OCR_CRASHED
    assert sorted(in_force(archive)) == sorted([POOR, GOOD])
    assert [e.record.outcome for e in archive.catalog.events([failed.page])][-2:].count(Outcome.FAILURE.value) == 1
    assert archive.catalog.progress().at_rest
    assert verify(archive.ports).findings == ()


class Killed(BaseException):
    """What ends a worker in the middle."""


def _die(*_: object, **_named: object) -> None:
    raise Killed


def test_an_interrupted_campaign_goes_on_by_itself(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(archive, 1, 2, 3)
    improve(archive)
    campaign = opened(archive)
    with monkeypatch.context() as patch:
        patch.setattr(reading, "read_images", _die)
        with pytest.raises(Killed):
            archive.work_off()
    with archive.catalog.begin() as work:
        work.reset_claims()  # as `faldone run` does when it starts
    assert in_force(archive) == [POOR] * 3
    archive.work_off()
    assert counts(archive, campaign) == {RereadState.PROMOTED: 3}
    assert verify(archive.ports).findings == ()


def test_a_page_that_kills_its_worker_is_given_up_and_keeps_its_text(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(archive, 1)
    improve(archive)
    campaign = opened(archive)
    with monkeypatch.context() as patch:
        patch.setattr(reading, "read_images", _die)
        for _ in range(2 * archive.attempts + 4):
            with pytest.raises(Killed):
                archive.work_off()
            archive.clock.pass_by(hours=1)  # the claim of the dead worker runs out
        archive.work_off()
    assert counts(archive, campaign) == {RereadState.FAILED: 1}
    assert [one.reason for one in rereadings(archive)] == [Reason.WORKER_DIED]
    assert in_force(archive) == [POOR]


def test_a_re_reading_that_another_one_overtook_starts_again_from_what_is_in_force(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(archive, 1)
    improve(archive)
    first, second = opened(archive), opened(archive)
    (one,) = (found.id for found in rereadings(archive) if found.campaign == first)
    (other,) = (found.id for found in rereadings(archive) if found.campaign == second)

    def overtaken(*arguments: Any, **named: Any) -> object:
        monkeypatch.setattr(reading, "read_images", read_images)
        reread([other], archive.ports)
        return read_images(*arguments, **named)

    monkeypatch.setattr(reading, "read_images", overtaken)
    reread([one], archive.ports)
    assert counts(archive, first) == {RereadState.DUE: 1}
    archive.work_off()
    assert counts(archive, second) == {RereadState.PROMOTED: 1}
    assert counts(archive, first) == {RereadState.SAME: 1}
    assert in_force(archive) == [GOOD]
    assert verify(archive.ports).findings == ()


def test_no_text_changes_under_an_attribution(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(archive, 1)
    improve(archive)
    campaign = opened(archive)
    (one,) = rereadings(archive)
    (source,) = archive.catalog.sources()
    with archive.catalog.begin() as work:
        work.reconsider()  # the file is attributed again
        work.claim_source(source.digest, archive.clock(), archive.clock())
    assert archive.catalog.unfinished(archive.clock(), 10).reread == ()
    reread([RereadingId(one.id)], archive.ports)
    assert counts(archive, campaign) == {RereadState.DUE: 1}
    assert in_force(archive) == [POOR]
    archive.clock.pass_by(minutes=1)
    archive.work_off()
    assert in_force(archive) == [GOOD]


def test_a_second_message_does_nothing(archive: Archive) -> None:
    filled(archive, 1)
    improve(archive)
    opened(archive)
    archive.work_off()
    (one,) = rereadings(archive)
    length = archive.catalog.ledger_tail().length
    reread([one.id], archive.ports)
    assert archive.catalog.ledger_tail().length == length


def test_a_file_is_attributed_once_when_its_last_page_is_done(archive: Archive) -> None:
    first, second = filled(archive, 1, 2)
    improve(archive)
    opened(archive)
    by_page = {one.page: one.id for one in rereadings(archive)}
    reread([by_page[first]], archive.ports)
    assert next(archive.catalog.sources()).state is SourceState.PROPOSED
    reread([by_page[second]], archive.ports)
    assert next(archive.catalog.sources()).state is SourceState.OPENED


def test_a_sheet_that_only_the_new_words_tell_is_known_for_one(archive: Archive) -> None:
    (page,) = filled(archive, 1)
    assert archive.catalog.page(page).mark is None
    improve(archive, f"COPERTINA DI FASCICOLO\ncover {GOOD}")
    opened(archive)
    archive.work_off()
    mark = archive.catalog.page(page).mark
    assert mark is not None
    assert mark.separator is Separator.DOUBTFUL
    assert last_event(archive, page)["separator"] == "doubtful"
    assert verify(archive.ports).findings == ()


# ---- what an auditor sees


def edit(archive: Archive, statement: str) -> None:
    with sqlite3.connect(archive.folder / "catalog.sqlite") as connection:
        assert connection.execute(statement).rowcount >= 1
    connection.close()


def test_a_text_put_in_force_behind_the_ledgers_back_is_found(archive: Archive) -> None:
    (page,) = filled(archive, 1)
    improve(archive, "Altro", 0.3)
    opened(archive)
    archive.work_off()
    (one,) = rereadings(archive)
    edit(archive, f"update pages set text = '{one.new}' where id = '{page}'")
    assert page in [finding.object for finding in verify(archive.ports).findings]


def test_an_outcome_changed_behind_the_ledgers_back_is_found(archive: Archive) -> None:
    filled(archive, 1)
    improve(archive)
    opened(archive)
    archive.work_off()
    (one,) = rereadings(archive)
    edit(archive, "update rereadings set state = 'kept'")
    assert [finding.object for finding in verify(archive.ports).findings] == [one.id]


def test_an_edited_entry_of_a_re_reading_is_named_and_does_not_break_the_audit(archive: Archive) -> None:
    filled(archive, 1)
    improve(archive)
    opened(archive)
    archive.work_off()
    (entry,) = (e for e in archive.catalog.ledger() if e.record.type == EventType.PAGE_REREAD)
    edit(archive, f"update ledger set detail = '{{}}' where sequence = {entry.sequence}")
    assert f"ledger:{entry.sequence}" in [finding.object for finding in verify(archive.ports).findings]


def test_nothing_that_was_read_reaches_the_ledger(archive: Archive) -> None:
    filled(archive, 1)
    improve(archive)
    opened(archive)
    archive.work_off()
    written = " ".join(str(entry.record) for entry in archive.catalog.ledger())
    assert "nonna" not in written


def test_a_campaign_counts_its_pages_by_what_came_of_them(archive: Archive) -> None:
    filled(archive, 1, 2)
    campaign = opened(archive)
    assert archive.catalog.campaign(campaign) == Campaign(
        campaign, "confidence < 0.95", archive.clock(), {RereadState.DUE: 2}
    )
    with pytest.raises(NotFoundError):
        archive.catalog.campaign(CampaignId("c-0"))
