"""The bench asks one doubt at a time, proves every answer, and never makes a guess between two persons easy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from faldone.domain.access import EVERYTHING, NOTHING, Access, Sensitivity
from faldone.domain.attribution import Band, DocumentProposal
from faldone.domain.decision import Settled
from faldone.domain.ids import DocumentId
from faldone.domain.person import Origin
from faldone.domain.reasons import Reason
from faldone.errors import CatalogUnavailableError, PageNotFoundError, StaleError, UndecidableError
from faldone.ocr.fake import FakeEngine
from faldone.pipeline.filing.persons import find_person
from faldone.pipeline.ports import Ports
from faldone.pipeline.review.bench import Doubt, Draft, bench_of, chosen
from faldone.pipeline.review.desk import Aside, Deed, ReviewDesk, Stroke
from faldone.pipeline.review.group import group_of, may_group
from faldone.pipeline.review.queue import Order, ReviewQueue, next_item
from faldone.pipeline.review.settle import accept, assign, undo
from faldone.pipeline.review.sheets import Said, Strip, save_sheets, strip_of
from faldone.pipeline.review.undo import stroke_of, take_back
from tests.review_papers import import_register, report, take_papers
from tests.twins import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine())
    import_register(made)
    yield made
    made.close()


def doubted(archive: Archive, document: DocumentId, *reasons: Reason, **changes: object) -> None:
    """Puts further reasons on what is proposed for a document."""
    found = archive.catalog.document(document)
    proposal = replace(found.proposal, reasons=(*found.proposal.reasons, *reasons), **changes)  # type: ignore[arg-type]
    with archive.catalog.begin() as work:
        work.save_proposals(found.source, [proposal], archive.clock())


def test_one_person_told_by_name_alone_is_selected_with_what_is_missing(archive: Archive) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    bench = bench_of(paper, Draft(), archive.ports)
    assert bench.doubts == (Doubt.HOLDER,)
    assert bench.selected == 0
    assert bench.stop is None
    first = bench.options[0]
    assert (first.title[0], first.facts) == ("FERRARI ANNA", "02/01/2010 · Crema")
    assert "mancano" in first.why[0]
    (proof,) = first.proofs
    assert (proof.letter, proof.page, proof.quote, proof.kind) == ("A", 0, "FERRARI ANNA", "holder")
    assert proof.box is not None


def test_between_two_of_one_name_nothing_is_selected_and_both_have_a_digit(archive: Archive) -> None:
    (paper,) = take_papers(archive, report("BIANCHI LUCA"))
    bench = bench_of(paper, Draft(), archive.ports)
    assert bench.selected is None
    assert bench.stop is not None
    assert "Invio da solo non conferma" in bench.stop[0]
    assert {option.facts for option in bench.options[:2]} == {"03/05/2009 · Crema", "11/05/2009 · Lodi"}
    assert all(option.ready for option in bench.options[:2])
    assert not bench.options[2].ready


@pytest.mark.parametrize("method", ["person-neighbours", "person-likely", "person-birth-name"])
def test_a_guess_is_never_confirmed_by_enter_alone(archive: Archive, method: str) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    proposal = archive.catalog.document(paper.id).proposal
    doubted(archive, paper.id, persons=tuple(replace(one, method=method) for one in proposal.persons))
    bench = bench_of(archive.catalog.document(paper.id), Draft(), archive.ports)
    assert bench.selected is None
    assert bench.stop is not None
    assert "solo un'ipotesi" in bench.stop[0]
    assert bench.options[0].ready


def test_what_was_held_is_never_selected_beforehand(archive: Archive) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    doubted(archive, paper.id, Reason.NO_TEXT, band=Band.HOLD)
    bench = bench_of(archive.catalog.document(paper.id), Draft(), archive.ports)
    assert bench.selected is None
    assert bench.stop is not None


def test_a_repaired_code_is_to_be_compared_with_the_image(archive: Archive) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    doubted(archive, paper.id, Reason.CF_REPAIRED)
    notes = [note[0] for note in bench_of(archive.catalog.document(paper.id), Draft(), archive.ports).notes]
    assert "Codice fiscale letto con una correzione. Confrontalo con l'immagine prima di confermare." in notes


def test_two_doubts_are_asked_one_after_the_other_and_nothing_is_decided_between(archive: Archive) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    doubted(archive, paper.id, Reason.TYPE_UNSURE, Reason.BOUNDARY_UNSURE)
    paper = archive.catalog.document(paper.id)
    first = bench_of(paper, Draft(), archive.ports)
    assert first.doubts == (Doubt.HOLDER, Doubt.TYPE, Doubt.SHEETS)
    assert (Reason.NAME_ALONE.italian, Reason.NAME_ALONE.english) in first.notes
    second = bench_of(paper, chosen(first, "as-proposed", "anna", archive.ports), archive.ports)
    assert second.doubts == (Doubt.TYPE, Doubt.SHEETS)
    told = {reason: (reason.italian, reason.english) for reason in Reason}
    assert second.notes == (told[Reason.TYPE_UNSURE], told[Reason.BOUNDARY_UNSURE])  # what was answered is told no more
    assert ("Intestatario", "FERRARI ANNA") in [(value.name[0], value.value[0]) for value in second.sure]
    third = bench_of(paper, chosen(second, "as-proposed", "anna", archive.ports), archive.ports)
    assert third.doubts == (Doubt.SHEETS,)
    done = bench_of(paper, chosen(third, "as-proposed", "anna", archive.ports), archive.ports)
    assert done.doubts == ()
    assert archive.catalog.document(paper.id) == paper


@pytest.mark.parametrize(
    ("doubt", "text", "key"),
    [
        (Doubt.HOLDER, report("MORONI PIA"), "A per un'altra persona, C per una nuova"),
        (Doubt.TYPE, "Crema, 12 marzo 2019\nappunti sparsi", "T per dire il tipo"),
        (Doubt.SERVICE, "Crema, 12 marzo 2019\nappunti sparsi", "V per dire il servizio"),
    ],
)
def test_where_nothing_can_be_accepted_the_bench_says_which_keys_to_press(
    archive: Archive, doubt: Doubt, text: str, key: str
) -> None:
    (paper,) = take_papers(archive, text)
    paper = replace(paper, proposal=replace(paper.proposal, type=None, service=None))
    before = {Doubt.TYPE: (Doubt.HOLDER,), Doubt.SERVICE: (Doubt.HOLDER, Doubt.TYPE)}.get(doubt, ())
    bench = bench_of(paper, Draft(right=frozenset(before)), archive.ports)
    assert (bench.doubt, bench.selected) == (doubt, None)
    assert bench.why_not is not None
    assert "Nessuna proposta da accettare: premi" in bench.why_not[0]
    assert key in bench.why_not[0]


def test_of_a_paper_of_several_persons_a_number_is_said_to_be_one_dossier_and_which_is_all(archive: Archive) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    doubted(archive, paper.id, Reason.SEVERAL_HOLDERS)
    (note,) = [one for one in _notes_of(archive, paper.id) if "più persone" in one]
    assert note.endswith("nel fascicolo di quella sola.")
    proposal = archive.catalog.document(paper.id).proposal
    (anna,) = proposal.holders
    rossi = find_person("ROSSI MARIO", archive.ports)
    mario = replace(anna, value=replace(anna.value, name="ROSSI MARIO", person=rossi.id))
    with archive.catalog.begin() as work:
        work.save_proposals(paper.source, [replace(proposal, persons=(*proposal.persons, mario))], archive.clock())
    (note,) = [one for one in _notes_of(archive, paper.id) if "più persone" in one]
    assert note.endswith("Con 1 va in tutti i loro fascicoli.")


def _notes_of(archive: Archive, document: DocumentId) -> list[str]:
    bench = bench_of(archive.catalog.document(document), Draft(), archive.ports)
    return [italian for italian, _ in bench.notes]


def test_a_person_on_record_has_one_name_on_the_bench_however_the_paper_spells_it(archive: Archive) -> None:
    (paper,) = take_papers(archive, report("Anna Ferrari"))
    bench = bench_of(paper, Draft(), archive.ports)
    assert bench.options[0].title[0] == "FERRARI ANNA"
    sure = bench_of(paper, Draft(right=frozenset({Doubt.HOLDER})), archive.ports).sure
    assert ("Intestatario", "FERRARI ANNA") in [(value.name[0], value.value[0]) for value in sure]


def test_a_value_that_was_typed_is_asked_no_more(archive: Archive) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    doubted(archive, paper.id, Reason.TYPE_UNSURE)
    draft = Draft(Settled(type="lettera"))
    bench = bench_of(archive.catalog.document(paper.id), draft, archive.ports)
    assert Doubt.TYPE not in bench.doubts
    assert Doubt.HOLDER in bench.doubts


def test_an_answer_that_was_not_shown_cannot_be_given(archive: Archive) -> None:
    (paper,) = take_papers(archive, report("BIANCHI LUCA"))
    bench = bench_of(paper, Draft(), archive.ports)
    for key in ("person:u-000000000000", "as-proposed"):
        with pytest.raises(UndecidableError):
            chosen(bench, key, "anna", archive.ports)


def test_only_what_may_be_seen_is_in_the_queue_and_counted(archive: Archive) -> None:
    tum, adm, other = take_papers(
        archive, report("FERRARI ANNA"), report("FERRARI ANNA", service="ADM"), report("BIANCHI LUCA")
    )
    queue = ReviewQueue()
    assert len(queue.waiting(EVERYTHING, Order.USEFUL, archive.ports).items) == 3
    some = Access(frozenset({"TUM"}), None, Sensitivity.RAFFORZATA)
    items = queue.waiting(some, Order.USEFUL, archive.ports).items
    assert {item.document for item in items} == {tum.id, other.id}
    assert next(item.together for item in items if item.document == tum.id) == 1
    whole = queue.waiting(EVERYTHING, Order.USEFUL, archive.ports).items
    assert next(item.together for item in whole if item.document == adm.id) == 2
    assert queue.waiting(NOTHING, Order.USEFUL, archive.ports).items == ()
    lodi = Access(None, frozenset({"lodi"}), Sensitivity.RAFFORZATA)
    assert queue.waiting(lodi, Order.USEFUL, archive.ports).items == ()
    soncino = Access(None, frozenset({"soncino"}), Sensitivity.RAFFORZATA)
    assert {item.document for item in queue.waiting(soncino, Order.USEFUL, archive.ports).items} == {tum.id, adm.id}


def test_the_queue_follows_what_is_proposed_anew(archive: Archive) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    queue = ReviewQueue()
    (item,) = queue.waiting(EVERYTHING, Order.USEFUL, archive.ports).items
    assign(paper.id, Settled(service="ADM"), "anna", archive.ports)
    assert not queue.still_waits(item, archive.ports)
    assert queue.waiting(EVERYTHING, Order.USEFUL, archive.ports).items == ()
    doubted(archive, paper.id, Reason.TYPE_UNSURE, band=Band.REVIEW)
    queue.forget()
    (again,) = queue.waiting(
        Access(frozenset({"ADM"}), None, Sensitivity.RAFFORZATA), Order.USEFUL, archive.ports
    ).items
    assert again.version > item.version


def test_what_was_decided_is_out_of_the_queue_at_once_and_what_others_did_after_seconds(archive: Archive) -> None:
    first, second, third = take_papers(archive, *[report("FERRARI ANNA")] * 3)
    queue = ReviewQueue()
    assert [item.together for item in queue.waiting(EVERYTHING, Order.USEFUL, archive.ports).items] == [3, 3, 3]
    queue.settled([first.id])
    left = queue.waiting(EVERYTHING, Order.USEFUL, archive.ports).items
    assert [(item.document, item.together) for item in left] == [(second.id, 2), (third.id, 2)]
    accept(second.id, "maria", archive.ports)
    archive.clock.pass_by(seconds=15)
    # What is some seconds old answers at once, and is looked through again beside.
    assert second.id in {item.document for item in queue.waiting(EVERYTHING, Order.USEFUL, archive.ports).items}
    queue.close()
    left = queue.waiting(EVERYTHING, Order.USEFUL, archive.ports).items
    assert {item.document for item in left} == {first.id, third.id}


def test_a_catalog_that_is_away_ends_no_look_beside_with_a_cry(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_papers(archive, report("FERRARI ANNA"))
    queue = ReviewQueue()
    before = queue.waiting(EVERYTHING, Order.USEFUL, archive.ports)
    archive.clock.pass_by(seconds=15)

    def away(*_: object) -> None:
        raise CatalogUnavailableError("away")

    monkeypatch.setattr(queue, "_made", away)
    assert queue.waiting(EVERYTHING, Order.USEFUL, archive.ports) == before
    queue.close()
    archive.clock.pass_by(seconds=120)
    with pytest.raises(CatalogUnavailableError):
        queue.waiting(EVERYTHING, Order.USEFUL, archive.ports)


def test_those_who_ask_the_same_are_neighbours_and_come_before_one_alone(archive: Archive) -> None:
    alone, *same = take_papers(archive, report("BIANCHI LUCA"), *[report("FERRARI ANNA")] * 3)
    items = ReviewQueue().waiting(EVERYTHING, Order.USEFUL, archive.ports).items
    assert [item.document for item in items] == [*(paper.id for paper in same), alone.id]
    boxes = ReviewQueue().waiting(EVERYTHING, Order.BOX, archive.ports).items
    assert [item.document for item in boxes] == [alone.id, *(paper.id for paper in same)]


def test_the_next_item_stays_with_the_question_that_was_just_answered(archive: Archive) -> None:
    take_papers(archive, *[report("FERRARI ANNA")] * 3, *[report("VERDI CARLO")] * 3)
    items = ReviewQueue().waiting(EVERYTHING, Order.USEFUL, archive.ports).items
    last = items[-1]
    following = next_item(items, after=last.question)
    assert following is not None
    assert following.question == last.question
    assert next_item(items, after="holder:nobody-else") == items[0]
    assert next_item(items, without=[item.document for item in items]) is None


def test_a_stale_version_decides_nothing_and_says_who_was_first(archive: Archive) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    accept(paper.id, "maria", archive.ports, version=paper.version)
    standing = archive.catalog.document(paper.id)
    with pytest.raises(StaleError, match="maria ha già deciso"):
        accept(paper.id, "anna", archive.ports, version=paper.version)
    assert archive.catalog.document(paper.id) == standing


def test_one_answer_goes_to_those_that_were_named_and_to_no_other(archive: Archive) -> None:
    first, second, third = take_papers(archive, *[report("FERRARI ANNA")] * 3)
    done = accept(first.id, "anna", archive.ports, together=True, among={second.id: second.version})
    assert set(done.documents) == {first.id, second.id}
    assert archive.catalog.document(third.id).proposal.band is Band.REVIEW


def test_a_group_shows_the_odd_one_first_and_unticked(archive: Archive) -> None:
    papers = take_papers(archive, *[report("FERRARI ANNA")] * 3, report("FERRARI ANNA", service="ADM"))
    items = ReviewQueue().waiting(EVERYTHING, Order.USEFUL, archive.ports).items
    item = next(item for item in items if item.document == papers[0].id)
    bench = bench_of(papers[0], Draft(), archive.ports)
    members = group_of(bench, item, items, archive.ports)
    assert [member.document.id for member in members] == [papers[3].id, papers[1].id, papers[2].id]
    assert [member.ticked for member in members] == [False, True, True]
    assert all(member.quotes for member in members)


def test_there_is_no_group_across_namesakes_nor_of_what_was_held(archive: Archive) -> None:
    papers = take_papers(archive, *[report("BIANCHI LUCA")] * 2)
    items = ReviewQueue().waiting(EVERYTHING, Order.USEFUL, archive.ports).items
    assert not any(may_group(bench_of(paper, Draft(), archive.ports), items[0]) for paper in papers)
    (one, two) = take_papers(archive, *[report("FERRARI ANNA")] * 2, first=5)
    items = ReviewQueue().waiting(EVERYTHING, Order.USEFUL, archive.ports).items
    item = next(item for item in items if item.document == one.id)
    assert may_group(bench_of(one, Draft(), archive.ports), item)
    assert not may_group(bench_of(one, Draft(), archive.ports), replace(item, held=True))
    assert not may_group(bench_of(two, Draft(), archive.ports), None)


# ---- desks


def test_an_item_is_lent_to_one_and_free_again_after_five_minutes() -> None:
    desk, now = ReviewDesk(), dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
    one, other = DocumentId("d-1"), DocumentId("d-2")
    assert desk.lend(one, "anna", now)
    assert not desk.lend(one, "maria", now)
    assert desk.lent_to_others("maria", now) == {one}
    assert desk.lend(one, "maria", now + dt.timedelta(minutes=5))
    assert desk.lend(other, "maria", now + dt.timedelta(minutes=6))
    assert desk.lend(one, "anna", now + dt.timedelta(minutes=6)), "whoever goes on gives back what they had"


def test_what_was_put_aside_is_out_of_the_way_until_it_is_brought_back() -> None:
    desk, now = ReviewDesk(), dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
    later, suspended = DocumentId("d-1"), DocumentId("d-2")
    desk.put_aside(later, "anna", Aside(later=True), now)
    desk.put_aside(suspended, "anna", Aside(later=False, note="manca il CF"), now)
    assert desk.aside("anna") == {later: Aside(later=True), suspended: Aside(later=False, note="manca il CF")}
    assert desk.aside("maria") == {}
    desk.bring_back("anna")
    assert set(desk.aside("anna")) == {suspended}
    last = desk.last("anna")
    assert last is not None
    assert (last.deed, last.document) == (Deed.SUSPENDED, suspended)
    desk.taken_back(last, "anna")
    assert desk.aside("anna") == {}


def test_the_pace_is_told_when_there_is_one() -> None:
    desk, now = ReviewDesk(), dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
    for number in range(31):
        at = now + dt.timedelta(seconds=20 * number)
        desk.done(Stroke(Deed.DECIDED, DocumentId(f"d-{number}"), at), "anna", at)
    pace = desk.pace("anna", now + dt.timedelta(seconds=600))
    assert (pace.done, pace.an_hour) == (31, 186)
    assert desk.pace("maria", now).an_hour is None


# ---- undo and sheets


def test_a_stroke_is_taken_back_while_it_is_the_last_word_and_never_after_another(archive: Archive) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    accept(paper.id, "anna", archive.ports)
    stroke = stroke_of(archive.catalog.document(paper.id), 0, archive.ports)
    archive.clock.pass_by(minutes=1)
    rossi = find_person("ROSSI MARIO", archive.ports)
    assign(paper.id, Settled(holders=(rossi.id,)), "maria", archive.ports)
    with pytest.raises(StaleError, match="maria"):
        take_back(stroke, "anna", archive.ports)
    theirs = stroke_of(archive.catalog.document(paper.id), 0, archive.ports)
    assert take_back(theirs, "maria", archive.ports) == (paper.id,)
    assert take_back(stroke, "anna", archive.ports) == (paper.id,)
    assert archive.catalog.document(paper.id).proposal == paper.proposal


def set_starts(strip: Strip, starts: set[int], versions: Mapping[DocumentId, int], by: str, ports: Ports) -> int:
    """Nothing else is said of the sheets."""
    blanks = {sheet.page for sheet in strip.sheets if sheet.blank}
    return save_sheets(strip, Said(starts, blanks), versions, by, ports).boundaries


def test_three_documents_of_seven_sheets_are_cut_one_is_joined_back_and_all_is_undone(archive: Archive) -> None:
    papers = take_papers(archive, report("FERRARI ANNA"), pages=7)
    source = papers[0].source
    while len(there := archive.catalog.documents(source)) > 1:
        strip = strip_of(there[0], list, archive.ports)
        set_starts(strip, {0}, strip.versions, "anna", archive.ports)
    (whole,) = there
    strip = strip_of(whole, list, archive.ports)
    assert [sheet.page for sheet in strip.sheets] == list(range(7))
    assert set_starts(strip, {0, 2, 5}, strip.versions, "anna", archive.ports) == 2
    spans = [tuple(one.span) for one in archive.catalog.documents(source)]
    assert spans == [(0, 1), (2, 3, 4), (5, 6)]
    middle = archive.catalog.documents(source)[1]
    strip = strip_of(middle, list, archive.ports)
    assert set_starts(strip, {0, 2}, strip.versions, "anna", archive.ports) == 1
    assert [len(one.span) for one in archive.catalog.documents(source)] == [2, 5]
    stroke = Stroke(Deed.BOUNDARIES, middle.id, archive.clock(), source=source, times=1)
    take_back(stroke, "anna", archive.ports)
    assert [tuple(one.span) for one in archive.catalog.documents(source)] == spans


def test_sheets_of_a_document_that_may_not_be_seen_are_not_in_the_strip(archive: Archive) -> None:
    papers = take_papers(archive, report("FERRARI ANNA"), pages=3)
    source = papers[0].source
    strip = strip_of(archive.catalog.documents(source)[0], list, archive.ports)
    set_starts(strip, {0, 1, 2} & {sheet.page for sheet in strip.sheets}, strip.versions, "anna", archive.ports)
    one = archive.catalog.documents(source)[0]
    assert {sheet.document for sheet in strip_of(one, lambda _: [], archive.ports).sheets} == {one.id}
    with pytest.raises(PageNotFoundError):
        strip = strip_of(one, lambda _: [], archive.ports)
        set_starts(strip, {0, 2}, strip.versions, "anna", archive.ports)


def test_sheets_that_changed_under_the_hand_are_not_cut(archive: Archive) -> None:
    papers = take_papers(archive, report("FERRARI ANNA"), pages=3)
    strip = strip_of(papers[0], list, archive.ports)
    old = dict.fromkeys(strip.versions, 0)
    with pytest.raises(StaleError):
        set_starts(strip, {0}, old, "anna", archive.ports)


def test_a_confirmed_document_is_closed_in_the_strip(archive: Archive) -> None:
    papers = take_papers(archive, report("FERRARI ANNA"), pages=2)
    source = papers[0].source
    strip = strip_of(archive.catalog.documents(source)[0], list, archive.ports)
    set_starts(strip, {0}, strip.versions, "anna", archive.ports)
    (whole,) = archive.catalog.documents(source)
    accept(whole.id, "anna", archive.ports)
    sheets = strip_of(archive.catalog.document(whole.id), list, archive.ports).sheets
    assert all(sheet.fixed for sheet in sheets)


def test_the_proposal_of_a_draft_is_never_stored(archive: Archive) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    rossi = find_person("ROSSI MARIO", archive.ports)
    bench = bench_of(paper, Draft(Settled(holders=(rossi.id,))), archive.ports)
    assert bench.proposal.holders[0].value.person == rossi.id
    stored: DocumentProposal = archive.catalog.document(paper.id).proposal
    assert stored == paper.proposal


def test_who_was_made_known_at_a_stroke_is_doubted_again_from_whichever_paper_it_is_undone(archive: Archive) -> None:
    papers = take_papers(archive, *[report("VERDI CARLO", "nato a Crema il 3 maggio 2009")] * 3)
    accept(papers[0].id, "anna", archive.ports, together=True, among={papers[1].id: papers[1].version})
    person = archive.catalog.document(papers[0].id).proposal.holders[0].value.person
    assert person is not None
    assert archive.catalog.own_record(person).origin is Origin.CONFIRMED
    undo(papers[1].id, "anna", archive.ports, together=True)
    assert archive.catalog.own_record(person).origin is Origin.FOUND
    among = {papers[1].id: archive.catalog.document(papers[1].id).version}
    accept(papers[0].id, "anna", archive.ports, together=True, among=among)
    assign(papers[2].id, Settled(holders=(person,)), "maria", archive.ports)
    undo(papers[1].id, "anna", archive.ports, together=True)
    assert archive.catalog.own_record(person).origin is Origin.CONFIRMED, "another decision relies on it"
