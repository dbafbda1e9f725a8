"""What the catalog promises, on every database that it runs on."""

from __future__ import annotations

import datetime as dt
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from faldone.catalog.catalog import Work
from faldone.catalog.codec import decode_look, encode_look
from faldone.catalog.records import FileState, Intake, IntakeState, Link, PageState, SourceState, Unit
from faldone.catalog.sql.catalog import SqlCatalog
from faldone.domain.attribution import Attribution, Band, DocumentProposal, Evidence, PersonMention, Role
from faldone.domain.batch import BatchFacts
from faldone.domain.campaign import CampaignId, Grade, RereadingId, RereadState, rereading_id
from faldone.domain.decision import Decision, Settled
from faldone.domain.declared import Declared
from faldone.domain.digest import Digest
from faldone.domain.discovery import Found
from faldone.domain.events import Event, EventType
from faldone.domain.ids import IntakeId, PersonId, document_id, page_id
from faldone.domain.inbox import Inbox
from faldone.domain.look import Mark, PageLook, Separator
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.domain.person import Origin, Person
from faldone.domain.reasons import Reason
from faldone.domain.sheet import SheetKind, make_sheets
from faldone.domain.verdict import Flaw, PageMeasures, Verdict
from faldone.errors import ConfigError, DocumentNotFoundError, NotFoundError, PageNotFoundError
from faldone.provenance.chain import verify_chain

NOW = dt.datetime(2026, 3, 4, 5, 6, 7, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(minutes=5)
FILE = Digest.of(b"un file")
INBOX = Inbox(Path("/arrivo"))


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[SqlCatalog]:
    made = SqlCatalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    made.migrate()
    yield made
    made.close()


def add_file(catalog: SqlCatalog, digest: Digest = FILE, *, pages: int = 0, name: str = "lotto-1/a.pdf") -> Intake:
    with catalog.begin() as work:
        work.add_sources([(digest, 7)], NOW)
        intake = Intake(
            IntakeId(f"i-{digest.hex[:4]}"),
            work.arrival_batch(INBOX, "lotto-1", NOW),
            name,
            os.fsencode(name),
            digest,
            7,
            NOW,
            IntakeState.TAKEN,
            None,
            False,
        )
        work.add_intakes([intake])
        if pages:
            work.open_source(digest, "application/pdf", pages)
    return intake


def text(*words: str) -> PageText:
    return PageText(
        tuple(Word(word, Box(10 * i, 5, 9, 8), 0.875, 0) for i, word in enumerate(words)),
        100,
        200,
        300,
        90,
        TextSource.OCR,
        EngineStamp("fake", "1", "s"),
        steps=("deskew 1.2",),
    )


def look(verdict: Verdict = Verdict.GOOD, mark: Mark | None = None) -> PageLook:
    measures = PageMeasures(
        2480, 3508, 300, True, False, 900, False, 0, 0.0, 0, 0.1, 14.0, 1.2, 250.0, 0.8, 0.5, 0.05, 0, 0, 10.0, 0.1
    )
    flaws = (Flaw.BLURRED,) if verdict is not Verdict.GOOD else ()
    return PageLook(verdict, flaws, measures, str(Digest.of(b"pixels")), "0" * 64, mark)


def proposal(first: int = 0, last: int = 0, band: Band = Band.AUTO, holder: str = "ROSSI MARIA") -> DocumentProposal:
    evidence = (Evidence("cf", first, "RSSMRA85T50A562S", Box(1, 2, 3, 4), 0.9),)
    mention = PersonMention(Role.HOLDER, holder, cf="RSSMRA85T50A562S", birth_date=dt.date(1985, 12, 10))
    return DocumentProposal(
        first,
        last,
        Attribution("isee", 0.9, "lexicon", "1", evidence),
        None,
        (Attribution(mention, 0.99, "cf", "1", evidence, 0.5, "BIANCHI ANNA"),),
        Attribution(dt.date(2014, 3, 12), 0.8, "date", "1"),
        None,
        band,
        (Reason.SERVICE_UNSURE,),
    )


def test_migrating_twice_changes_nothing(catalog: SqlCatalog) -> None:
    catalog.migrate()
    assert catalog.ledger_tail().length == 0


def test_the_migrations_make_the_tables_that_the_code_knows(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from faldone.catalog.sql.tables import metadata

    catalog = SqlCatalog(f"sqlite:///{tmp_path / 'c.sqlite'}")
    catalog.migrate()
    with sa.create_engine(f"sqlite:///{tmp_path / 'c.sqlite'}").connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    catalog.close()


def test_the_newest_migration_is_the_one_that_the_tables_name() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from faldone.catalog.sql.tables import REVISION

    config = Config()
    config.set_main_option("script_location", "faldone.catalog.sql:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION


def test_row_and_event_are_one_transaction(catalog: SqlCatalog) -> None:
    with pytest.raises(RuntimeError), catalog.begin() as work:
        work.add_sources([(FILE, 7)], NOW)
        work.record(Event(EventType.FILE_SEALED, str(FILE), NOW, "test"))
        raise RuntimeError("killed here")
    assert list(catalog.ledger()) == []
    with pytest.raises(NotFoundError):
        catalog.source(FILE)


def test_events_are_chained_in_order(catalog: SqlCatalog) -> None:
    for number in range(3):
        with catalog.begin() as work:
            for part in range(2):
                work.record(Event(EventType.FILE_SEALED, f"{number}.{part}", NOW, "test", detail={"n": number}))
    entries = list(catalog.ledger())
    assert [entry.record.subject for entry in entries] == ["0.0", "0.1", "1.0", "1.1", "2.0", "2.1"]
    assert not verify_chain(entries, length=catalog.ledger_tail().length).faults


def test_events_are_found_by_what_they_are_about(catalog: SqlCatalog) -> None:
    with catalog.begin() as work:
        for subject in ("a", "b", "a", "c"):
            work.record(Event(EventType.FILE_SEALED, subject, NOW, "test"))
    assert [entry.sequence for entry in catalog.events(["a", "c"])] == [1, 3, 4]
    assert catalog.events([]) == ()


def test_a_file_is_work_to_open_then_pages_to_read_then_a_file_to_attribute(catalog: SqlCatalog) -> None:
    add_file(catalog)
    assert catalog.unfinished(NOW, 10).open == (Unit(str(FILE), 0),)
    with catalog.begin() as work:
        work.open_source(FILE, "application/pdf", 2)
    first, second = page_id(FILE, 0), page_id(FILE, 1)
    due = catalog.unfinished(NOW, 10)
    assert (due.open, due.look, due.recognise) == ((), (Unit(second, 0), Unit(first, 0)), ())  # the newest first
    with catalog.begin() as work:
        work.save_look(first, look())
        work.save_look(second, look())
    due = catalog.unfinished(NOW, 10)
    assert (due.look, due.recognise, due.attribute) == ((), (Unit(first, 0), Unit(second, 0)), ())
    with catalog.begin() as work:
        work.save_text(first, Digest.of(b"k"), text("uno"))
        work.quarantine_page(second, Reason.OCR_CRASHED)
    assert catalog.unfinished(NOW, 10).attribute == (Unit(str(FILE), 0),)
    with catalog.begin() as work:
        work.save_proposals(FILE, [proposal(0, 1)], NOW)
    due = catalog.unfinished(NOW, 10)
    assert (due.open, due.recognise, due.attribute, due.index) == ((), (), (), 1)


def test_a_claim_counts_the_attempt_and_keeps_others_away_until_it_ends(catalog: SqlCatalog) -> None:
    add_file(catalog, pages=1)
    page = page_id(FILE, 0)
    with catalog.begin() as work:
        claimed = work.claim_page(page, NOW, LATER)
        assert claimed is not None
        assert claimed.attempts == 1
        assert work.claim_page(page, NOW, LATER) is None
    assert catalog.unfinished(NOW, 10).look == ()
    assert catalog.unfinished(LATER + dt.timedelta(seconds=1), 10).look == (Unit(page, 1),)
    with catalog.begin() as work:
        work.free_page(page)
    assert catalog.unfinished(NOW, 10).look == (Unit(page, 1),)


def test_claims_of_a_dead_process_can_be_freed_and_its_attempts_stay_counted(catalog: SqlCatalog) -> None:
    add_file(catalog, pages=1)
    with catalog.begin() as work:
        work.claim_page(page_id(FILE, 0), NOW, LATER)
    with catalog.begin() as work:
        work.reset_claims()
    assert catalog.unfinished(NOW, 10).look == (Unit(page_id(FILE, 0), 1),)


def test_a_done_page_cannot_be_claimed(catalog: SqlCatalog) -> None:
    add_file(catalog, pages=1)
    with catalog.begin() as work:
        work.save_text(page_id(FILE, 0), Digest.of(b"k"), text("uno"))
        assert work.claim_page(page_id(FILE, 0), NOW, LATER) is None


def test_a_text_comes_back_as_it_was_and_is_kept_once(catalog: SqlCatalog) -> None:
    add_file(catalog, pages=2)
    key, read = Digest.of(b"k"), text("perché", "«no»", "𝄞")
    with catalog.begin() as work:
        first = work.save_text(page_id(FILE, 0), key, read)
        again = work.save_text(page_id(FILE, 1), key, text("altro"))
    assert first == again
    assert catalog.recognition(key) == read
    assert catalog.page_texts(FILE) == {0: read, 1: read}
    assert dict(catalog.text_digests()) == {page_id(FILE, 0): first, page_id(FILE, 1): first}
    assert catalog.recognition(Digest.of(b"other")) is None


def test_a_proposal_comes_back_as_it_was(catalog: SqlCatalog) -> None:
    add_file(catalog, pages=1)
    with catalog.begin() as work:
        (saved,) = work.save_proposals(FILE, [proposal()], NOW)
    assert catalog.document(saved.document).proposal == proposal()
    assert list(catalog.proposal_digests()) == [(saved.document, saved.digest)]


@pytest.mark.parametrize("ask", ["decide", "undo", "boundary", "again"])
def test_what_is_asked_while_a_file_is_attributed_leaves_it_due_when_that_is_saved(
    catalog: SqlCatalog, ask: str
) -> None:
    add_file(catalog, pages=1)
    document = document_id(FILE, 0)
    with catalog.begin() as work:
        work.save_text(page_id(FILE, 0), Digest.of(b"k"), text("uno"))
        work.save_proposals(FILE, [proposal()], NOW)
        work.decide(Decision(document, "anna", NOW, 1, Settled(type="decreto_tm")))
        assert work.claim_source(FILE, NOW, LATER) is not None
    with catalog.begin() as work:
        if ask == "decide":
            work.decide(Decision(document, "bruno", LATER, 1, Settled(type="relazione_sociale")))
        elif ask == "undo":
            work.undo_decision(document)
        elif ask == "boundary":
            work.decide_boundary(FILE, 0, True, NOW)
        else:
            assert work.attribute_again([document]) == 0  # it is not at rest
        assert work.claim_source(FILE, NOW, LATER) is None  # and is still the one's who has it
    with catalog.begin() as work:
        work.save_proposals(FILE, [proposal()], NOW)
    assert catalog.unfinished(NOW, 10).attribute == (Unit(str(FILE), 0),)
    with catalog.begin() as work:
        assert work.claim_source(FILE, NOW, LATER) is not None
        work.save_proposals(FILE, [proposal()], NOW)
    assert catalog.source(FILE).state is SourceState.PROPOSED


def test_the_same_proposal_again_changes_nothing(catalog: SqlCatalog) -> None:
    add_file(catalog, pages=1)
    for expected in (1, 0):
        with catalog.begin() as work:
            assert len(work.save_proposals(FILE, [proposal()], NOW)) == expected
    assert catalog.document(document_id(FILE, 0)).version == 1


def test_another_proposal_supersedes_and_the_old_one_is_kept(catalog: SqlCatalog, tmp_path: Path) -> None:
    add_file(catalog, pages=2)
    with catalog.begin() as work:
        work.save_proposals(FILE, [proposal(0, 0), proposal(1, 1)], NOW)
    with catalog.begin() as work:
        work.save_proposals(FILE, [proposal(0, 1, holder="VERDI ANNA")], LATER)
    (document,) = catalog.documents(FILE)
    assert (document.version, document.proposal.last_page) == (2, 1)
    assert catalog.document(document_id(FILE, 1)).retired
    assert {(d.id, d.retired) for d in catalog.behind_index(10)} == {
        (document_id(FILE, 0), False),
        (document_id(FILE, 1), True),
    }
    with sa.create_engine(f"sqlite:///{tmp_path / 'catalog.sqlite'}").connect() as connection:
        assert connection.scalar(sa.text("select count(*) from proposals")) == 4


def test_the_index_catches_up_by_versions(catalog: SqlCatalog) -> None:
    add_file(catalog, pages=1)
    with catalog.begin() as work:
        work.save_proposals(FILE, [proposal()], NOW)
    (behind,) = catalog.behind_index(10)
    with catalog.begin() as work:
        work.mark_indexed({behind.id: behind.version}, {})
    assert catalog.behind_index(10) == ()
    with catalog.begin() as work:
        work.index_again([behind.id])
    assert len(catalog.behind_index(10)) == 1


def test_a_document_that_the_index_refuses_does_not_hold_up_the_others(catalog: SqlCatalog) -> None:
    add_file(catalog, pages=1)
    with catalog.begin() as work:
        work.save_proposals(FILE, [proposal()], NOW)
        work.mark_indexed({}, {document_id(FILE, 0): "mapping"})
    assert catalog.unfinished(NOW, 10).index == 0


@pytest.mark.parametrize(
    ("bands", "state"),
    [
        ((Band.AUTO, Band.AUTO), FileState.FILED),
        ((Band.AUTO, Band.REVIEW), FileState.REVIEW),
        ((Band.HOLD, Band.REVIEW), FileState.HELD),
    ],
)
def test_the_most_doubtful_document_decides_what_is_told_of_a_file(
    catalog: SqlCatalog, bands: tuple[Band, Band], state: FileState
) -> None:
    add_file(catalog, pages=2)
    with catalog.begin() as work:
        work.save_proposals(FILE, [proposal(i, i, band) for i, band in enumerate(bands)], NOW)
    (report,) = catalog.files()
    assert report.state is state
    assert bool(report.reasons) == (state is not FileState.FILED)


def test_a_quarantined_file_says_why(catalog: SqlCatalog) -> None:
    add_file(catalog)
    with catalog.begin() as work:
        work.quarantine_source(FILE, Reason.ENCRYPTED)
    (report,) = catalog.files()
    assert (report.state, report.reasons) == (FileState.QUARANTINED, (Reason.ENCRYPTED,))
    assert catalog.source(FILE).state is SourceState.QUARANTINED
    assert catalog.progress().at_rest


def test_a_damaged_page_is_told_with_its_file(catalog: SqlCatalog) -> None:
    add_file(catalog, pages=1)
    with catalog.begin() as work:
        work.quarantine_page(page_id(FILE, 0), Reason.PAGE_UNREADABLE)
        work.save_proposals(FILE, [proposal(band=Band.HOLD)], NOW)
    (report,) = catalog.files()
    assert Reason.PAGE_UNREADABLE in report.reasons
    assert catalog.page(page_id(FILE, 0)).state is PageState.QUARANTINED


def test_a_refusal_that_no_longer_stands_is_not_told(catalog: SqlCatalog) -> None:
    with catalog.begin() as work:
        refused = Intake(
            IntakeId("i-1"),
            work.arrival_batch(INBOX, None, NOW),
            "via.pdf",
            b"/in/via.pdf",
            None,
            0,
            NOW,
            IntakeState.REFUSED,
            Reason.UNSAFE_PATH,
            False,
        )
        work.add_intakes([refused])
    (report,) = catalog.files()
    assert (report.state, report.reasons) == (FileState.QUARANTINED, (Reason.UNSAFE_PATH,))
    assert catalog.refused_intakes() == (refused,)
    with catalog.begin() as work:
        assert work.refused_intakes([b"/in/via.pdf"]) == (refused,)
        work.release_intakes([IntakeId("i-1")])
        assert work.refused_intakes([b"/in/via.pdf"]) == ()
    assert catalog.refused_intakes() == ()
    assert list(catalog.files()) == []


def test_persons_are_added_changed_and_never_removed(catalog: SqlCatalog) -> None:
    rossi = Person(PersonId("u-1"), "Rossi", "Maria", aliases=("Bianchi Maria",), extra=(("telefono", "1"),))
    verdi = Person(PersonId("u-2"), "Verdi", "Ugo", cf="X", birth_date=dt.date(1950, 1, 2))
    with catalog.begin() as work:
        assert work.save_persons([rossi, verdi]).added == 2
    version = catalog.register_version()
    married = Person(PersonId("u-1"), "Rossi", "Maria", aliases=("Neri Maria",))
    with catalog.begin() as work:
        report = work.save_persons([replace(married, id=PersonId("u-new"))])
    assert (report.added, report.changed, report.unchanged) == (0, 1, 0)
    assert {person.id: person for person in catalog.persons()} == {married.id: married, verdi.id: verdi}
    assert catalog.register_version() == version + 1
    assert catalog.persons_with([married.id])[married.id].aliases == ("Neri Maria",)


def test_the_same_name_without_a_code_is_the_same_person_and_two_codes_are_two(catalog: SqlCatalog) -> None:
    born = dt.date(1950, 1, 2)
    plain = Person(PersonId("u-1"), "Rossi", "Maria", birth_date=born)
    coded = Person(PersonId("u-2"), "ROSSI", "MARIA", cf="A", birth_date=born)
    other = Person(PersonId("u-3"), "Rossi", "Maria", cf="B", birth_date=born)
    younger = Person(PersonId("u-4"), "Rossi", "Maria", birth_date=dt.date(1990, 1, 2))
    for person, added in ((plain, 1), (coded, 0), (other, 1), (younger, 1)):
        with catalog.begin() as work:
            assert work.save_persons([person]).added == added
    assert {person.id: person.cf for person in catalog.persons()} == {"u-1": "A", "u-3": "B", "u-4": None}


BORN = dt.date(1950, 1, 2)
FOUND = Found("ROSSI", "MARIA", None, BORN, (BORN,), ("50A02", "50A42"))


def test_somebody_found_by_many_at_once_is_added_once(catalog: SqlCatalog) -> None:
    together = threading.Barrier(4)

    def find(cf: str | None) -> PersonId:
        together.wait()
        with catalog.begin() as work:
            found = work.find_or_add(replace(FOUND, cf=cf), NOW)
        assert found is not None
        return found[0].id

    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(find, [None, "A", None, "A"]))
    (person,) = catalog.persons()
    assert ids == {person.id}
    assert (person.cf, person.origin, person.birth_date) == ("A", Origin.FOUND, BORN)


def test_two_processes_that_find_somebody_add_one(catalog: SqlCatalog, tmp_path: Path) -> None:
    other = SqlCatalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    together = threading.Barrier(2)

    def find(one: SqlCatalog) -> None:
        together.wait()
        for day in range(1, 20):
            born = BORN.replace(day=day)
            with one.begin() as work:
                work.find_or_add(replace(FOUND, birth_date=born, days=(born,), code_days=()), NOW)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(find, [catalog, other]))
    other.close()
    assert len(list(catalog.persons())) == 19


def test_namesakes_of_other_days_or_codes_are_others_and_the_same_again_is_no_news(catalog: SqlCatalog) -> None:
    later = BORN.replace(day=3)
    with catalog.begin() as work:
        for found, news in (
            (replace(FOUND, cf="A"), True),
            (replace(FOUND, cf="B"), True),
            (replace(FOUND, birth_date=later, days=(later,)), True),
            (replace(FOUND, cf="A"), False),
            (replace(FOUND, surname="MARIA", name="ROSSI", birth_date=later, days=(later,)), False),
        ):
            known = work.find_or_add(found, NOW)
            assert known is not None
            assert known[1] is news
        assert work.find_or_add(FOUND, NOW) is None  # it may be either of the first two
    assert len(list(catalog.persons())) == 3
    assert len([entry for entry in catalog.ledger() if entry.record.type == EventType.PERSON_FOUND]) == 3


def test_the_day_in_a_code_tells_that_a_name_and_day_are_on_record(catalog: SqlCatalog) -> None:
    cf = "RSSMRA50A42D142X"
    with catalog.begin() as work:
        work.save_persons([Person(PersonId("u-1"), "Rossi", "Maria", cf=cf)])
    version = catalog.register_version()
    with catalog.begin() as work:
        known = work.find_or_add(FOUND, NOW)
    assert known == (Person(PersonId("u-1"), "Rossi", "Maria", cf=cf), False)
    assert catalog.register_version() == version


def test_somebody_of_the_register_is_found_and_left_as_the_office_put_it(catalog: SqlCatalog) -> None:
    person = Person(PersonId("u-1"), "Rossi", "Maria", birth_date=BORN)
    with catalog.begin() as work:
        work.save_persons([person])
        assert work.find_or_add(replace(FOUND, cf="A"), NOW) == (person, False)
    assert list(catalog.persons()) == [person]


def test_whoever_was_merged_is_found_as_who_stands_for_both(catalog: SqlCatalog) -> None:
    with catalog.begin() as work:
        for number, cf in (("u-1", "A"), ("u-2", "B")):
            work.save_persons([Person(PersonId(number), "Rossi", "Maria", cf=cf, birth_date=BORN)])
        work.merge_persons(PersonId("u-1"), PersonId("u-2"), "due codici", NOW, "user:anna")
        for found in (replace(FOUND, cf="B"), FOUND):
            known = work.find_or_add(found, NOW)
            assert known is not None
            assert known[0].id == "u-1"
    assert catalog.person("b").id == catalog.person("u-2").id == "u-1"
    assert catalog.own_record(PersonId("u-2")).cf == "B"


def test_one_transaction_is_one_version_of_the_register(catalog: SqlCatalog) -> None:
    with catalog.begin() as work:
        for day in (3, 4):
            born = BORN.replace(day=day)
            work.find_or_add(replace(FOUND, birth_date=born, days=(born,)), NOW)
    assert catalog.register_version() == 1
    assert len(list(catalog.persons(0))) == 2
    assert list(catalog.persons(1)) == []


def test_unsure_files_can_be_reconsidered_and_sure_ones_stay(catalog: SqlCatalog) -> None:
    other = Digest.of(b"altro")
    add_file(catalog, pages=1)
    add_file(catalog, other, pages=1, name="b.pdf")
    with catalog.begin() as work:
        for digest, band in ((FILE, Band.AUTO), (other, Band.REVIEW)):
            work.save_text(page_id(digest, 0), Digest.of(digest.hex.encode()), text("x"))
            work.save_proposals(digest, [proposal(band=band)], NOW)
        assert work.reconsider() == 1
    assert catalog.unfinished(NOW, 10).attribute == (Unit(str(other), 0),)


def test_what_is_not_there_is_not_found(catalog: SqlCatalog) -> None:
    with pytest.raises(DocumentNotFoundError):
        catalog.document(document_id(FILE, 0))
    with pytest.raises(PageNotFoundError):
        catalog.page(page_id(FILE, 0))


def test_odd_file_names_come_back_to_the_byte(catalog: SqlCatalog) -> None:
    raw = b"-riga\nnuova \"'\xff\xf0\x9f\x98\x80.pdf"
    with catalog.begin() as work:
        work.add_sources([(FILE, 1)], NOW)
        batch = work.arrival_batch(INBOX, None, NOW)
        work.add_intakes([Intake(IntakeId("i"), batch, "odd", raw, FILE, 1, NOW, IntakeState.TAKEN, None, False)])
    assert catalog.intakes(FILE)[0].raw_path == raw
    with catalog.begin() as work:
        assert [intake.source for intake in work.unreleased_intakes([raw])] == [FILE]


def test_a_look_comes_back_as_it_was_and_its_file_tells_of_red_pages(catalog: SqlCatalog) -> None:
    add_file(catalog, pages=2)
    red = look(Verdict.BAD, Mark(Separator.DOUBTFUL, None))
    with catalog.begin() as work:
        digest = work.save_look(page_id(FILE, 0), red)
        work.save_look(page_id(FILE, 1), look(Verdict.DOUBTFUL))
    assert catalog.look(page_id(FILE, 0)) == red
    assert dict(catalog.look_digests())[page_id(FILE, 0)] == digest
    assert catalog.marks(FILE) == {0: Mark(Separator.DOUBTFUL)}
    (report,) = catalog.files()
    assert (report.bad, report.doubtful) == (1, 1)


def test_a_file_tells_which_of_its_pages_bear_codici_fiscali_in_bar_codes(catalog: SqlCatalog) -> None:
    add_file(catalog, pages=3)
    codes = ("RSSMRA85T10A562S", "FRNMRA60M64I827I")
    with catalog.begin() as work:
        work.save_look(page_id(FILE, 0), look())
        work.save_look(page_id(FILE, 2), replace(look(), person_codes=codes))
    assert catalog.look(page_id(FILE, 2)) == replace(look(), person_codes=codes)
    assert catalog.person_codes(FILE) == {2: codes}
    assert catalog.person_codes(Digest.of(b"another file")) == {}


def test_a_look_saved_before_bar_codes_told_of_persons_is_read_and_has_none() -> None:
    body = encode_look(look())
    assert decode_look(body.replace(',"person_codes":[]', "")) == look()
    assert '"person_codes":[]' in body


def test_a_folder_is_a_batch_and_what_comes_after_it_was_closed_is_another(catalog: SqlCatalog) -> None:
    with catalog.begin() as work:
        first = work.arrival_batch(INBOX, "lotto-1", NOW)
        assert work.arrival_batch(INBOX, "lotto-1", LATER) == first
        work.close_batch(first, LATER)
        second = work.arrival_batch(INBOX, "lotto-1", LATER)
        elsewhere = work.arrival_batch(Inbox(Path("/altrove")), "lotto-1", LATER)
    assert [batch.code for batch in catalog.batches()] == ["lotto-1", "lotto-1.2", "lotto-1.3"]
    assert len({first, second, elsewhere}) == 3
    assert catalog.batch("lotto-1").closed_at == LATER
    assert catalog.batch(second).code == "lotto-1.2"


def test_loose_files_go_to_the_batch_that_somebody_opened_and_to_the_day_otherwise(catalog: SqlCatalog) -> None:
    with catalog.begin() as work:
        day = work.arrival_batch(INBOX, None, NOW)
        by_hand = work.open_batch("B12", "", BatchFacts(box="12", sheets=40), NOW)
        assert work.arrival_batch(INBOX, None, NOW) == by_hand.id
        work.close_batch(by_hand.id, LATER)
        assert work.arrival_batch(INBOX, None, NOW) == day
        with pytest.raises(ConfigError):
            work.open_batch("B12", "", BatchFacts(), NOW)
    assert catalog.batch("B12").facts == BatchFacts(box="12", sheets=40)


def test_a_batch_opened_by_hand_takes_the_folder_of_its_name(catalog: SqlCatalog) -> None:
    with catalog.begin() as work:
        opened = work.open_batch("lotto-7", "", BatchFacts(), NOW)
        assert work.arrival_batch(INBOX, "lotto-7", LATER) == opened.id
        assert work.arrival_batch(INBOX, "lotto-8", LATER) != opened.id


def test_what_is_known_of_an_inbox_is_known_of_its_batches(catalog: SqlCatalog) -> None:
    inbox = Inbox(Path("/sad"), service="SAD", comune="Nuoro", box="3")
    with catalog.begin() as work:
        batch = work.arrival_batch(inbox, "lotto-1", NOW)
    assert catalog.batch(batch).facts == BatchFacts(service="SAD", comune="Nuoro", box="3")


def test_quarantine_has_a_way_back(catalog: SqlCatalog) -> None:
    add_file(catalog, pages=2)
    other = Digest.of(b"altro")
    add_file(catalog, other, name="lotto-1/b.pdf")
    with catalog.begin() as work:
        work.quarantine_source(other, Reason.ENCRYPTED)
        work.save_text(page_id(FILE, 0), Digest.of(b"k"), text("uno"))
        work.quarantine_page(page_id(FILE, 1), Reason.OCR_TIMEOUT)
        work.save_proposals(FILE, [proposal(0, 1)], NOW)
    with catalog.begin() as work:
        assert work.retry_sources(Reason.UNREADABLE) == ()
        assert work.retry_sources(Reason.ENCRYPTED) == (other,)
        assert work.retry_pages(None) == (page_id(FILE, 1),)
    due = catalog.unfinished(NOW, 10)
    assert due.open == (Unit(str(other), 0),)
    assert due.look == (Unit(page_id(FILE, 1), 0),)
    assert catalog.source(FILE).state is SourceState.OPENED


def test_printed_sheets_are_known_again_once(catalog: SqlCatalog) -> None:
    add_file(catalog, pages=1)
    sheets = make_sheets(SheetKind.SEPARATOR, [(None, None)] * 3)
    with catalog.begin() as work:
        digest = work.add_sheets(sheets, None, NOW)
        work.save_look(page_id(FILE, 0), look(mark=Mark(Separator.DOCUMENT, sheets[1].token)))
        seen = work.see_sheet(sheets[1].token, page_id(FILE, 0))
        assert seen is not None
        assert work.see_sheet(sheets[1].token, page_id(FILE, 0)) is None
        assert work.see_sheet("0" * 16, page_id(FILE, 0)) is None
    assert dict(catalog.sheet_digests()) == {sheets[0].run: digest}
    assert [one.page for one in catalog.sheets()] == [None, page_id(FILE, 0), None]
    assert len(catalog.batch_sheets(catalog.intakes(FILE)[0].batch)) == 3


def test_the_last_cover_before_a_file_is_that_of_its_own_batch(catalog: SqlCatalog) -> None:
    cover, later = Digest.of(b"copertina"), Digest.of(b"dopo")
    add_file(catalog, cover, pages=1, name="lotto-1/0.pdf")
    add_file(catalog, later, pages=1, name="lotto-1/1.pdf")
    (sheet,) = make_sheets(SheetKind.COVER, [(PersonId("u-1"), "SAD")])
    with catalog.begin() as work:
        work.add_sheets([sheet], None, NOW)
        work.save_look(page_id(cover, 0), look(mark=Mark(Separator.COVER, sheet.token)))
    found = catalog.earlier_cover(later)
    assert found is not None
    assert found.sheet == sheet
    assert catalog.earlier_cover(cover) is None


def test_a_cover_that_is_seen_late_has_what_lies_behind_it_attributed_again(catalog: SqlCatalog) -> None:
    before, cover, behind = Digest.of(b"0"), Digest.of(b"1"), Digest.of(b"2")
    for number, digest in enumerate((before, cover, behind)):
        add_file(catalog, digest, pages=1, name=f"lotto-1/{number}.pdf")
    with catalog.begin() as work:
        for digest in (before, behind):
            work.save_text(page_id(digest, 0), Digest.of(b"k"), text("uno"))
            work.save_proposals(digest, [proposal()], NOW)
    with catalog.begin() as work:
        work.save_look(page_id(cover, 0), look(mark=Mark(Separator.COVER, "T")))
    assert catalog.unfinished(NOW, 10).attribute == (Unit(str(behind), 0),)


def test_pages_that_share_a_rare_key_are_alike_and_links_are_made_once(catalog: SqlCatalog) -> None:
    add_file(catalog, pages=30)
    with catalog.begin() as work:
        for index in range(30):
            work.save_keys(page_id(FILE, index), ["comune", "raro" if index in (22, 27) else f"k{index}"])
    assert catalog.alike(page_id(FILE, 27)) == (page_id(FILE, 22),)
    assert catalog.alike(page_id(FILE, 29)) == ()
    link = Link(page_id(FILE, 27), page_id(FILE, 22), "same-sheet", 0.9)
    with catalog.begin() as work:
        assert work.add_links([link]) == (link,)
        assert work.add_links([link]) == ()
    assert catalog.links([page_id(FILE, 22)]) == (link,) == catalog.links([page_id(FILE, 27)])


def test_a_sidecar_speaks_of_its_file_and_of_its_batch(catalog: SqlCatalog) -> None:
    intake = add_file(catalog, pages=1, name="lotto-1/0007.tif")
    sidecar = Digest.of(b"{}")
    add_file(catalog, sidecar, name="lotto-1/0007.json")
    with catalog.begin() as work:
        work.save_text(page_id(FILE, 0), Digest.of(b"k"), text("uno"))
        work.save_proposals(FILE, [proposal()], NOW)
    with catalog.begin() as work:
        work.note_source(sidecar, "application/json", {"0007": Declared(cf="X"), "": Declared(service="SAD")})
    assert catalog.declared(intake) == (Declared(cf="X"), Declared(service="SAD"))
    assert catalog.declared_files(intake.batch) == ((sidecar, "0007"),)
    assert catalog.declared(replace(intake, path="lotto-1/00070.tif")) == (Declared(service="SAD"),)
    assert catalog.source(FILE).state is SourceState.OPENED
    assert [report.state for report in catalog.files()] == [FileState.PROCESSING, FileState.FILED]


def test_a_persons_word_on_a_boundary_counts_until_it_is_taken_back(catalog: SqlCatalog) -> None:
    add_file(catalog, pages=3)
    with catalog.begin() as work:
        work.decide_boundary(FILE, 1, True, NOW)
        work.decide_boundary(FILE, 1, False, LATER)
        work.decide_boundary(FILE, 2, True, LATER)
    assert catalog.boundaries(FILE) == {1: False, 2: True}
    with catalog.begin() as work:
        work.undo_boundary(FILE)
        work.undo_boundary(FILE)
    assert catalog.boundaries(FILE) == {1: True}
    with catalog.begin() as work:
        work.undo_boundary(FILE)
        assert work.undo_boundary(FILE) is None


def test_a_persons_word_on_the_order_of_pages_replaces_the_one_before_and_is_a_new_version(catalog: SqlCatalog) -> None:
    add_file(catalog, pages=4)
    with catalog.begin() as work:
        (_, saved) = work.save_proposals(FILE, [proposal(0, 0), proposal(1, 3)], NOW)
        work.mark_indexed({saved.document: 1}, {})
        work.mark_copied(saved.document, 1)
    assert catalog.page_places(FILE) == {}
    before = dict(catalog.proposal_digests())
    with catalog.begin() as work:
        work.place_pages(saved.document, {3: 1, 1: 2, 2: 3}, "anna", NOW)
    assert catalog.page_places(FILE) == {3: 1, 1: 2, 2: 3}
    assert catalog.page_places(Digest.of(b"?")) == {}
    with catalog.begin() as work:
        work.place_pages(saved.document, {1: 1, 3: 2, 2: 3}, "maria", LATER)
    assert catalog.page_places(FILE) == {1: 1, 3: 2, 2: 3}
    assert dict(catalog.place_standings()) == {page_id(FILE, 1): 1, page_id(FILE, 3): 2, page_id(FILE, 2): 3}
    found = catalog.document(saved.document)
    assert (found.version, found.span, dict(catalog.proposal_digests())) == (3, range(1, 4), before)
    assert saved.document in {one.id for one in catalog.behind_index(10)}
    assert saved.document in {unit.id for unit in catalog.behind_copies(10, 3)}


# ---- campaigns of re-reading

OLD, NEW = Digest.of(b"old"), Digest.of(b"new")


def read_file(catalog: SqlCatalog, pages: int = 1) -> None:
    """A file whose pages all have the text ``uno`` and that is attributed and indexed."""
    add_file(catalog, pages=pages)
    with catalog.begin() as work:
        for index in range(pages):
            work.save_text(page_id(FILE, index), OLD, text("uno"))
        saved = work.save_proposals(FILE, [proposal(i, i) for i in range(pages)], NOW)
        work.mark_indexed({one.document: 1 for one in saved}, {})


def opened_campaign(catalog: SqlCatalog, *pages: int) -> CampaignId:
    with catalog.begin() as work:
        return work.open_campaign("words < 5", [page_id(FILE, index) for index in pages], NOW)


def test_a_campaign_is_work_until_each_of_its_pages_has_an_end(catalog: SqlCatalog) -> None:
    read_file(catalog, 2)
    campaign = opened_campaign(catalog, 0, 1)
    first, second = (rereading_id(campaign, page_id(FILE, index)) for index in (0, 1))
    assert catalog.unfinished(NOW, 10).reread == (Unit(first, 0), Unit(second, 0))
    with catalog.begin() as work:
        claimed = work.claim_rereading(first, NOW, LATER)
        assert claimed is not None
        assert (claimed.page, claimed.attempts) == (page_id(FILE, 0), 1)
        assert work.claim_rereading(first, NOW, LATER) is None
    assert catalog.unfinished(NOW, 10).reread == (Unit(second, 0),)
    with catalog.begin() as work:
        work.reset_claims()
    assert catalog.unfinished(NOW, 10).reread == (Unit(first, 1), Unit(second, 0))
    ended = replace(claimed, state=RereadState.FAILED, reason=Reason.OCR_TIMEOUT, old=OLD, before=Grade(3.5, 0.25))
    with catalog.begin() as work:
        work.end_rereading(ended)
        assert work.claim_rereading(first, NOW, LATER) is None
    assert catalog.campaign(campaign).pages == {RereadState.DUE: 1, RereadState.FAILED: 1}
    assert next(catalog.rereadings(campaign)) == ended
    assert list(catalog.rereading_standings()) == [(first, RereadState.FAILED)]
    assert catalog.source(FILE).state is SourceState.PROPOSED  # no text has changed


def test_re_readings_wait_while_their_file_is_to_be_attributed(catalog: SqlCatalog) -> None:
    read_file(catalog)
    opened_campaign(catalog, 0)
    with catalog.begin() as work:
        work.decide_boundary(FILE, 0, True, NOW)
    assert catalog.unfinished(NOW, 10).reread == ()


def test_a_text_lies_beside_another_until_it_takes_its_place(catalog: SqlCatalog) -> None:
    read_file(catalog, 2)
    page, other = page_id(FILE, 0), page_id(FILE, 1)
    with catalog.begin() as work:
        digest = work.save_reading(NEW, text("due"))
    assert dict(catalog.reading_digests([NEW, Digest.of(b"?")])) == {NEW: digest}
    assert catalog.page_texts(FILE)[0].text == "uno"
    with catalog.begin() as work:
        assert work.promote_text(page, OLD, NEW)
        assert not work.promote_text(page, OLD, NEW)
    assert [found.text for found in catalog.page_texts(FILE).values()] == ["due", "uno"]
    assert dict(catalog.text_digests())[page] == digest
    assert [document.id for document in catalog.behind_index(10)] == [document_id(FILE, 0)]
    with catalog.begin() as work:
        work.decide_boundary(FILE, 0, True, NOW)
        work.claim_source(FILE, NOW, LATER)
        assert not work.promote_text(other, OLD, NEW)


def test_recognised_pages_are_streamed_with_their_texts_and_without_separators(catalog: SqlCatalog) -> None:
    read_file(catalog, 3)
    with catalog.begin() as work:
        work.mark_page(page_id(FILE, 0), Mark(Separator.PATCH))
        work.mark_page(page_id(FILE, 1), Mark(Separator.DOUBTFUL))
        work.open_source(add_other(work), "application/pdf", 1)
    assert [(page.index, found.text) for page, found in catalog.read_pages()] == [(1, "uno"), (2, "uno")]


def add_other(work: Work) -> Digest:
    other = Digest.of(b"un altro file")
    work.add_sources([(other, 7)], NOW)
    return other


def test_a_campaign_or_page_that_there_is_not(catalog: SqlCatalog) -> None:
    with pytest.raises(NotFoundError):
        catalog.campaign(CampaignId("c-0"))
    with catalog.begin() as work:
        assert work.claim_rereading(RereadingId("c-0/p-0"), NOW, LATER) is None


def test_a_home_of_the_first_form_is_brought_up_to_date_with_what_is_in_it(tmp_path: Path) -> None:
    from alembic import command
    from alembic.config import Config

    url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    with sa.create_engine(url).begin() as connection:
        config = Config()
        config.set_main_option("script_location", "faldone.catalog.sql:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(sa.text("INSERT INTO batches VALUES ('b-1', 'lotto-1', '2026-01-01T00:00:00+00:00')"))
        connection.execute(
            sa.text(
                "INSERT INTO sources VALUES (1, :digest, 7, NULL, NULL, 'sealed', NULL, 0, NULL, "
                "'2026-01-01T00:00:00+00:00')"
            ),
            {"digest": str(FILE)},
        )
    catalog = SqlCatalog(url)
    catalog.migrate()
    assert [batch.code for batch in catalog.batches()] == ["lotto-1"]
    assert catalog.source(FILE).signature is None
    catalog.close()
