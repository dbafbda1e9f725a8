"""Who saw what, and why: rows against the ledger, and the files made of them."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pytest

from faldone.domain.account import Purpose
from faldone.domain.events import Event, EventType, Outcome, user_agent
from faldone.domain.ids import DocumentId, PageId, PersonId, page_id
from faldone.domain.person import Person
from faldone.errors import NotFoundError, UndecidableError
from faldone.pipeline.accounts.access_reasons import give
from faldone.pipeline.audit.access_report import AccessQuestion, AccessRow, access_page, access_rows
from faldone.pipeline.audit.audit import AuditReport, Finding, Proved, verify
from faldone.pipeline.audit.report_files import Column, Report, Seal, report_csv, report_pdf
from faldone.pipeline.audit.reports import Tongue, access_report, batch_report, verification_report
from faldone.pipeline.audit.shown import Shown
from faldone.pipeline.audit.verification import Progress, Verification, verify_archive
from faldone.pipeline.audit.verification_runs import Record, Runs
from faldone.pipeline.intake.batches import count_batch
from tests.small_archive import Paper, put
from tests.twins import Archive

ROSSI = Person(PersonId("u-00000000000a"), "Rossi", "Mario", "RSSMRA50A01D142X")
VERDI = Person(PersonId("u-00000000000b"), "Verdi", "Anna", "VRDNNA70A41D142X")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    with made.catalog.begin() as work:
        work.save_persons([ROSSI, VERDI])
    yield made
    made.close()


@pytest.fixture
def papers(archive: Archive) -> list[DocumentId]:
    """Two documents of Rossi, the first of two pages, and one of Verdi."""
    return put(archive, [Paper(["uno", "due"], [ROSSI]), Paper("tre", [ROSSI]), Paper("quattro", [VERDI])])


def look(archive: Archive, kind: EventType, subject: str, by: str = "anna", **detail: str | int | None) -> None:
    with archive.catalog.begin() as work:
        work.record(Event(kind, subject, archive.clock(), user_agent(by), Outcome.SUCCESS, detail))
    archive.clock.pass_by(seconds=1)


def page(archive: Archive, document: DocumentId, index: int = 0) -> PageId:
    return page_id(archive.catalog.document(document).source, index)


def rows(archive: Archive, **question: object) -> list[AccessRow]:
    return list(access_rows(AccessQuestion(**question), archive.ports))  # type: ignore[arg-type]


def text_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [document[number].get_textpage().get_text_range() for number in range(len(document))]


def test_a_row_for_every_look_and_for_nothing_else(archive: Archive, papers: list[DocumentId]) -> None:
    look(archive, EventType.DOCUMENT_VIEWED, papers[0])
    look(archive, EventType.DOCUMENT_DECIDED, papers[0])
    look(archive, EventType.SEARCH_RUN, "search")
    look(archive, EventType.LEDGER_READ, papers[0], by="vera")
    found = rows(archive)
    assert [(row.account, row.type, row.document) for row in found] == [
        ("anna", EventType.DOCUMENT_VIEWED, papers[0]),
        ("anna", EventType.SEARCH_RUN, None),
    ]


def test_a_person_has_the_looks_at_their_papers_at_any_page_and_at_the_dossier(
    archive: Archive, papers: list[DocumentId]
) -> None:
    look(archive, EventType.DOSSIER_VIEWED, ROSSI.id)
    look(archive, EventType.DOCUMENT_VIEWED, papers[1])
    look(archive, EventType.PAGE_DELIVERED, page(archive, papers[0], 1))
    look(archive, EventType.PAGE_DELIVERED, page(archive, papers[2]))
    look(archive, EventType.DOSSIER_VIEWED, VERDI.id)
    found = rows(archive, person=ROSSI.id)
    assert [row.subject for row in found] == [ROSSI.id, papers[1], page(archive, papers[0], 1)]
    assert (found[2].document, found[2].page) == (papers[0], 2)


def test_a_document_and_a_person_together_ask_for_both(archive: Archive, papers: list[DocumentId]) -> None:
    look(archive, EventType.DOSSIER_VIEWED, ROSSI.id)
    look(archive, EventType.DOCUMENT_VIEWED, papers[0])
    look(archive, EventType.DOCUMENT_VIEWED, papers[2])
    assert [row.subject for row in rows(archive, person=ROSSI.id, document=papers[0])] == [papers[0]]
    assert rows(archive, person=ROSSI.id, document=papers[2]) == []
    assert [row.subject for row in rows(archive, document=papers[2])] == [papers[2]]


def test_a_page_that_was_sent_ahead_and_not_shown_is_told_apart(archive: Archive, papers: list[DocumentId]) -> None:
    first, second = page(archive, papers[0], 0), page(archive, papers[0], 1)
    look(archive, EventType.PAGE_SEEN, second)  # on another day: what came before was not what is sent now
    archive.clock.pass_by(hours=9)
    look(archive, EventType.PAGE_DELIVERED, first)
    look(archive, EventType.PAGE_DELIVERED, second)
    look(archive, EventType.PAGE_SEEN, first)
    look(archive, EventType.PAGE_SEEN, second, by="bruno")
    found = [(row.subject, row.type, row.shown) for row in rows(archive, account="anna")]
    assert found == [
        (second, EventType.PAGE_SEEN, Shown.SEEN),
        (first, EventType.PAGE_DELIVERED, Shown.SEEN),
        (second, EventType.PAGE_DELIVERED, Shown.DELIVERED),
        (first, EventType.PAGE_SEEN, Shown.SEEN),
    ]


def test_a_page_that_is_sent_again_after_it_was_seen_was_seen(archive: Archive, papers: list[DocumentId]) -> None:
    first = page(archive, papers[0])
    look(archive, EventType.PAGE_DELIVERED, first, size="small")
    look(archive, EventType.PAGE_SEEN, first)
    look(archive, EventType.PAGE_DELIVERED, first, size="large")  # seen is told once
    assert [row.shown for row in rows(archive)] == [Shown.SEEN] * 3


def test_a_page_seen_after_the_asked_time_was_seen_all_the_same(archive: Archive, papers: list[DocumentId]) -> None:
    look(archive, EventType.PAGE_DELIVERED, page(archive, papers[0]))
    midnight = archive.clock()
    look(archive, EventType.PAGE_SEEN, page(archive, papers[0]))
    assert [row.shown for row in rows(archive, until=midnight)] == [Shown.SEEN]


def test_a_look_has_the_reason_that_was_in_force_and_no_other(archive: Archive, papers: list[DocumentId]) -> None:
    look(archive, EventType.DOCUMENT_VIEWED, papers[0])
    give("anna", ROSSI.id, Purpose.INTERVIEW, "parla Mario Rossi", archive.ports)
    archive.clock.pass_by(minutes=1)
    look(archive, EventType.DOCUMENT_VIEWED, papers[0])
    look(archive, EventType.DOCUMENT_VIEWED, papers[2])
    look(archive, EventType.DOCUMENT_VIEWED, papers[0], by="bruno")
    give("anna", papers[0], Purpose.AUTHORITY, "", archive.ports)
    archive.clock.pass_by(minutes=1)
    look(archive, EventType.PAGE_SEEN, page(archive, papers[0]))
    archive.clock.pass_by(hours=9)
    look(archive, EventType.DOCUMENT_VIEWED, papers[0])
    assert [row.purpose for row in rows(archive)] == [
        None,
        "colloquio",  # the reason itself
        "colloquio",
        None,
        None,
        "autorita",
        "autorita",
        None,
    ]
    assert len(rows(archive, purpose=Purpose.INTERVIEW)) == 2


def test_pages_of_rows_join_without_a_gap(archive: Archive, papers: list[DocumentId]) -> None:
    for _ in range(7):
        look(archive, EventType.DOCUMENT_VIEWED, papers[0])
        look(archive, EventType.DOCUMENT_VIEWED, papers[2])
    question = AccessQuestion(document=papers[0])
    found, after = [], 0
    while True:
        some = access_page(question, archive.ports, after=after, limit=3)
        assert len(some.rows) <= 3
        found += some.rows
        if some.after is None:
            break
        after = some.after
    assert found == list(access_rows(question, archive.ports))
    assert len(found) == 7


def test_csv_and_pdf_have_the_same_rows_and_the_pdf_names_the_digest_of_the_csv(
    archive: Archive, papers: list[DocumentId]
) -> None:
    for _ in range(120):
        look(archive, EventType.DOCUMENT_VIEWED, papers[0])
    report = access_report(AccessQuestion(person=ROSSI.id), archive.ports, Tongue())
    made = report_csv(report)
    read = list(csv.reader(io.StringIO(made.decode("utf-8-sig")), delimiter=";"))
    tail = archive.catalog.ledger_tail()
    pages = text_of(report_pdf(report, Seal("vera", archive.clock(), tail)))
    assert len(read) == 1 + 120
    assert len(pages) > 1
    together = "\n".join(pages)
    for cells in read[1:]:
        assert cells[1] in together
        assert f"{cells[0]} " in together or f"{cells[0]}\r\n" in together
    for text in pages:
        assert hashlib.sha256(made).hexdigest() in text
        assert tail.hash in text
        assert "vera" in text


def test_a_report_of_too_many_rows_asks_for_a_shorter_time(
    archive: Archive, papers: list[DocumentId], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faldone.pipeline.audit.reports.MOST_ROWS", 2)
    for _ in range(3):
        look(archive, EventType.DOCUMENT_VIEWED, papers[0])
    with pytest.raises(UndecidableError, match="restringi"):
        access_report(AccessQuestion(), archive.ports, Tongue())


def test_no_cell_of_a_csv_is_a_formula_and_the_pdf_takes_any_letters(archive: Archive) -> None:
    hostile = ("=1+1", "@a", "-x", "日本 \x00 \u202e ș", "x" * 4000)
    report = Report("prova", "Prova", (), tuple(Column(f"c{place}") for place in range(5)), (hostile,))
    (cells,) = list(csv.reader(io.StringIO(report_csv(report).decode("utf-8-sig")), delimiter=";"))[1:]
    assert [cell[:2] for cell in cells[:3]] == ["'=", "'@", "'-"]
    pages = text_of(report_pdf(report, Seal("vera", archive.clock(), archive.catalog.ledger_tail())))
    assert sum(text.count("x") for text in pages) >= 4000


def test_the_same_report_gives_the_same_bytes(archive: Archive, papers: list[DocumentId]) -> None:
    look(archive, EventType.DOCUMENT_VIEWED, papers[0])
    report = access_report(AccessQuestion(), archive.ports, Tongue(english=True))
    seal = Seal("vera", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), archive.catalog.ledger_tail())
    assert report_pdf(report, seal) == report_pdf(report, seal)
    assert report.columns[0].name == "event"


def test_thumbnails_are_left_out_and_counted_where_they_are_not_asked_for(
    archive: Archive, papers: list[DocumentId]
) -> None:
    first = page(archive, papers[0])
    for size in ("thumbnail", "thumbnail", "page", "thumbnail"):
        look(archive, EventType.PAGE_DELIVERED, first, size=size)
    look(archive, EventType.PAGE_SEEN, first)
    look(archive, EventType.PAGE_DELIVERED, first, size="thumbnail")
    look(archive, EventType.DOCUMENT_VIEWED, papers[0])
    assert [row.thumbnail for row in rows(archive)] == [True, True, False, True, False, True, False]
    few = AccessQuestion(thumbnails=False)
    assert [row.sequence for row in access_rows(few, archive.ports)] == [
        row.sequence for row in rows(archive) if not row.thumbnail
    ]
    found, after, left_out = [], 0, []
    for _ in range(3):  # a page of a row at a time leaves none out twice
        part = access_page(few, archive.ports, after=after, limit=1)
        found += [row.type for row in part.rows]
        left_out.append(part.left_out)
        after = part.after or 0
    assert found == [EventType.PAGE_DELIVERED, EventType.PAGE_SEEN, EventType.DOCUMENT_VIEWED]
    assert (left_out, after) == ([2, 1, 1], 0)
    assert access_page(AccessQuestion(), archive.ports).left_out == 0


def test_a_report_says_whether_it_holds_thumbnails(archive: Archive, papers: list[DocumentId]) -> None:
    look(archive, EventType.PAGE_DELIVERED, page(archive, papers[0]), size="thumbnail")
    whole = access_report(AccessQuestion(), archive.ports, Tongue())
    few = access_report(AccessQuestion(thumbnails=False), archive.ports, Tongue())
    assert (whole.name, whole.asked, len(whole.rows)) == ("accessi", ("anche le miniature mandate",), 1)
    assert (few.name, few.asked, len(few.rows)) == ("accessi-senza-miniature", ("senza le miniature mandate",), 0)
    assert whole.rows[0][3] == "pagina consegnata (miniatura)"


def test_a_batch_is_told_without_names_of_files_to_whom_they_are_not_shown(archive: Archive) -> None:
    archive.take("rossi-mario.pdf", b"%PDF-1.4 broken")
    archive.work_off()
    (batch,) = archive.catalog.batches()
    counted = count_batch(batch, archive.ports)
    assert counted.shortfalls
    assert "rossi-mario.pdf" in str(batch_report(counted, Tongue(), places=True).rows)
    assert "rossi-mario.pdf" not in str(batch_report(counted, Tongue(), places=False).rows)


def test_a_verification_is_on_record_and_says_how_far_it_is(archive: Archive) -> None:
    archive.take("uno.txt", b"niente")
    told: list[tuple[int, int]] = []
    made = verify_archive(user_agent("vera"), archive.ports, lambda far: told.append((far.done, far.total)))
    assert made.holds
    assert made.sentence.italian.startswith("Verifica riuscita: ")
    (entry,) = archive.catalog.last_events(EventType.ARCHIVE_VERIFIED, 9)
    assert entry.record.agent == user_agent("vera")
    assert entry.record.outcome == Outcome.SUCCESS.value
    assert told[0][0] == 0
    assert told[-1][0] == told[-1][1] > 0
    assert made.recorded


def test_a_catalog_that_cannot_be_written_is_verified_all_the_same(archive: Archive) -> None:
    archive.take("uno.txt", b"niente")
    with archive.catalog._engine.connect() as connection:  # type: ignore[attr-defined]
        connection.exec_driver_sql("PRAGMA query_only = ON")
    made = verify_archive(user_agent("vera"), archive.ports)
    assert made.holds
    assert not made.recorded
    assert not archive.catalog.last_events(EventType.ARCHIVE_VERIFIED, 9)


class StopError(Exception):
    """Somebody broke it off."""


def test_a_verification_goes_on_from_where_it_broke_off(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faldone.pipeline.audit.audit._AT_ONCE", 2)
    for number in range(4):
        archive.take(f"{number}.txt", b"niente %d" % number)
    told: list[Proved] = []

    def until(entries: int, files: int) -> Callable[[Progress], None]:
        def tell(far: Progress) -> None:
            told.append(far.proved)
            if far.proved.entries >= entries and far.proved.files >= files:
                raise StopError

        return tell

    with pytest.raises(StopError):
        verify_archive("a", archive.ports, until(4, 0))
    assert archive.catalog.last_events(EventType.ARCHIVE_VERIFIED, 1) == ()
    first = told[-1]
    assert (first.entries, first.files) == (4, 0)
    look(archive, EventType.SEARCH_RUN, "search")  # work goes on
    with pytest.raises(StopError):
        verify_archive("a", archive.ports, until(0, 2), since=first)
    assert told[len(told) - 1].files == 2
    replayed = [one for one in told if one.files == 0][-1]
    assert replayed.entries == archive.catalog.ledger_tail().length
    monkeypatch.setattr("faldone.pipeline.audit.audit._check_file", checked := Checked())
    made = verify_archive("a", archive.ports, since=told[-1])
    assert made.holds
    assert (made.report.files, len(checked.digests)) == (4, 2)
    (entry,) = archive.catalog.last_events(EventType.ARCHIVE_VERIFIED, 9)
    assert '"resumed":true' in entry.record.detail.replace(" ", "")


class Checked:
    """Stands for the reading of a sealed file, and keeps which were read."""

    def __init__(self) -> None:
        self.digests: list[object] = []

    def __call__(self, digest: object, ports: object) -> list[Finding]:
        self.digests.append(digest)
        return []


def test_what_was_found_before_a_break_is_found_after_it(archive: Archive) -> None:
    archive.take("uno.txt", b"niente")
    before = Proved(findings=(Finding("sha256:x", "è cambiato", "has changed"),))
    made = verify_archive("a", archive.ports, since=before)
    assert [one.object for one in made.report.findings] == ["sha256:x"]


def test_an_entry_that_was_exchanged_where_a_verification_broke_off_is_named(archive: Archive) -> None:
    archive.take("uno.txt", b"niente")
    look(archive, EventType.SEARCH_RUN, "search")
    made = verify_archive("a", archive.ports, since=Proved(entries=1, head="f" * 64))
    assert "ledger:2" in [one.object for one in made.report.findings]


def test_work_that_goes_on_meanwhile_is_no_difference(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.take("uno.txt", b"niente")
    read = type(archive.catalog).ledger

    def busy(catalog: object) -> Iterator[object]:
        look(archive, EventType.SEARCH_RUN, "search")  # between the tail and the first entry
        yield from read(catalog)  # type: ignore[arg-type]

    monkeypatch.setattr(type(archive.catalog), "ledger", busy)
    assert verify(archive.ports).findings == ()


def test_a_run_is_written_and_read_again(tmp_path: Path) -> None:
    runs, now = Runs(tmp_path / "runs"), dt.datetime(2026, 5, 4, tzinfo=dt.UTC)
    run = runs.begin("vera", now)
    record = Record(run, runs)
    proved = Proved(7, "a" * 64, 3, (Finding("x", "è", "is"),))
    record.step(Progress(proved, 10, 20), now)
    assert runs.get(run.id, "vera") == record.run
    record.end(Verification(AuditReport(7, "a" * 64, 3, proved.findings), "user:vera", now, now))
    assert runs.get(run.id, "vera") == record.run
    for id_, account in ((run.id, "altro"), ("../x", "vera"), ("0", "vera")):
        with pytest.raises(NotFoundError):
            runs.get(id_, account)
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "runs").iterdir()} == {0}
    (tmp_path / "runs" / f"{run.id}.json").write_text("{")
    assert runs.of("vera") == ()


def test_old_runs_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faldone.pipeline.audit.verification_runs.KEPT", 2)
    runs, now = Runs(tmp_path), dt.datetime(2026, 5, 4, tzinfo=dt.UTC)
    other = runs.begin("altro", now)
    made = [runs.begin("vera", now + dt.timedelta(seconds=second)) for second in range(4)]
    assert runs.of("vera") == (made[3], made[2])
    assert runs.of("altro") == (other,)


def test_a_changed_byte_is_never_told_softly(archive: Archive) -> None:
    arrival = archive.take("uno.txt", b"niente")
    assert arrival is not None
    source = next(archive.catalog.sources())
    (sealed,) = [path for path in (archive.folder / "store").rglob("*") if path.name.startswith(source.digest.hex[:8])]
    sealed.chmod(0o600)
    sealed.write_bytes(b"altro!")
    made = verify_archive(user_agent("vera"), archive.ports)
    assert not made.holds
    assert made.sentence.italian == "Verifica NON riuscita: 1 differenza. Non modificare nulla: avvisa il responsabile."
    report = verification_report(made, Tongue())
    assert report.rows[0][0] == str(source.digest)
    (entry,) = archive.catalog.last_events(EventType.ARCHIVE_VERIFIED, 1)
    assert entry.record.outcome == Outcome.FAILURE.value
