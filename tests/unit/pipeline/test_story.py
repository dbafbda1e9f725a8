"""The ledger in sentences."""

from __future__ import annotations

import ast
import datetime as dt
import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from faldone.domain.events import AGENT, Event, EventType, user_agent
from faldone.domain.ids import DocumentId, PersonId, page_id
from faldone.domain.person import Person
from faldone.pipeline.audit import event_names
from faldone.pipeline.audit.event_names import EVENT_NAMES, event_name
from faldone.pipeline.audit.sentences import sentence
from faldone.pipeline.audit.story import (
    READING,
    account_story,
    batch_story,
    detail_of,
    document_story,
    last_verification,
    person_story,
    story,
    to_line,
)
from faldone.pipeline.audit.telling import accounts, arrivals, documents, looks, pages, persons
from faldone.pipeline.audit.telling.words import agent_words, number
from faldone.provenance.canonical import Record
from faldone.provenance.chain import GENESIS, LedgerEntry, link
from tests.small_archive import Paper, put
from tests.twins import Archive

ROSSI = Person(PersonId("u-00000000000a"), "Rossi", "Mario", "RSSMRA50A01D142X")
VERDI = Person(PersonId("u-00000000000b"), "Verdi", "Anna", "VRDNNA70A41D142X")
AT = dt.datetime(2026, 5, 4, 8, 0, tzinfo=dt.UTC)
TOLD = (accounts, arrivals, documents, looks, pages, persons)


def entry(kind: EventType, subject: str, agent: str = AGENT, **detail: str | int | float | bool | None) -> LedgerEntry:
    return link(1, GENESIS, Record.of(Event(kind, subject, AT, agent, detail=detail)))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    with made.catalog.begin() as work:
        work.save_persons([ROSSI, VERDI])
    yield made
    made.close()


def record(archive: Archive, kind: EventType, subject: str, by: str = "anna", **detail: str | int | None) -> None:
    with archive.catalog.begin() as work:
        work.record(Event(kind, subject, archive.clock(), user_agent(by), detail=detail))


@pytest.mark.parametrize("kind", EventType)
def test_every_type_of_event_has_its_sentence_in_both_languages(kind: EventType) -> None:
    line = to_line(entry(kind, "sha256:" + "a" * 64))
    assert "non conosce" not in line.italian
    assert line.italian.endswith(".")
    assert line.english.endswith(".")
    assert line.italian != line.english
    assert "{" not in line.italian + line.english


@pytest.mark.parametrize("module", [event_names, *TOLD])
def test_no_type_of_event_is_told_twice(module: ModuleType) -> None:
    """A key that stands twice hides the first one, and no tool says so of attributes."""
    tree = ast.parse(inspect.getsource(module))
    for table in (node for node in ast.walk(tree) if isinstance(node, ast.Dict)):
        keys = [ast.unparse(key) for key in table.keys if key is not None]
        assert sorted(set(keys)) == sorted(keys)
    assert sum(len(one.SENTENCES) for one in TOLD) == len(EventType)


@pytest.mark.parametrize(
    ("detail", "italian", "english"),
    [
        ({"settings": "", "blank": True}, "Segnata bianca la pagina 3 del file.", "Marked blank: page 3 of the file."),
        (
            {"settings": "", "blank": False},
            "Segnata non bianca la pagina 3 del file.",
            "Marked not blank: page 3 of the file.",
        ),
        (
            {"settings": "transcription", "words": 2},
            "Trascritta la pagina 3 del file, 2 parole.",
            "Transcribed: page 3 of the file, 2 words.",
        ),
        (
            {"settings": "sha256:" + "a" * 64, "words": 7},
            "La pagina 3 del file: vale di nuovo una lettura di prima, 7 parole.",
            "Page 3 of the file: an earlier reading is in force again, 7 words.",
        ),
    ],
)
def test_what_a_person_says_of_a_page_is_no_reading_by_a_machine(
    detail: dict[str, str | int | bool], italian: str, english: str
) -> None:
    line = to_line(entry(EventType.PAGE_RECOGNISED, "p-0-2", user_agent("anna"), key="sha256:1", **detail))
    assert (line.italian, line.english) == (italian, english)
    machine = entry(EventType.PAGE_RECOGNISED, "p-0-2", "fake/1", key="sha256:1", blank=True, attempt=1)
    assert to_line(machine).italian == "Letto: la pagina 3 del file è bianca."


@pytest.mark.parametrize(
    ("kind", "detail", "words"),
    [
        (EventType.CREDENTIALS_CHANGED, {"what": "tokens-ended", "tokens": 2}, "2 token ritirati."),
        (EventType.CREDENTIALS_CHANGED, {"what": "second-factor-sealed"}, "messo sotto chiave."),
        (EventType.SESSION_REFUSED, {"reason": "no-key"}, "manca la chiave dei secondi fattori."),
        (EventType.SESSION_REFUSED, {"reason": "x-new"}, ": x-new."),
    ],
)
def test_codes_of_accounts_are_told_in_words(kind: EventType, detail: dict[str, str | int], words: str) -> None:
    assert to_line(entry(kind, "anna", **detail)).italian.endswith(words)


@pytest.mark.parametrize(("confirmed", "words"), [(True, "archiviato come deciso"), (False, "archiviato da solo")])
def test_what_a_person_decided_was_not_filed_by_itself(confirmed: bool, words: str) -> None:
    detail = {"first_page": 0, "last_page": 0, "band": "auto", "holders": "", "reasons": "", "confirmed": confirmed}
    assert words in to_line(entry(EventType.DOCUMENT_PROPOSED, "d-1", "faldone", **detail)).italian


def test_a_turned_page_tells_how_far() -> None:
    assert to_line(entry(EventType.PAGE_TURNED, "p-0-2", turn=90)).italian == "Girata di 90° la pagina 3 del file."


def test_pages_put_in_order_tell_both_orders() -> None:
    line = to_line(entry(EventType.PAGES_REORDERED, "p-0-2", source="sha256:00", before="3 4 5", after="3 5 4"))
    assert line.italian == "Le pagine 3, 4, 5 del file si leggono in quest'ordine: 3, 5, 4."
    assert line.english == "Pages 3, 4, 5 of the file are read in this order: 3, 5, 4."


@pytest.mark.parametrize("kind", EventType)
@pytest.mark.parametrize("value", [None, True, 3, 0.5, "x" * 5000, "{0}{subject.__class__}", "sha256:zz"])
def test_no_detail_however_altered_stops_a_story(kind: EventType, value: str | float | bool | None) -> None:
    names = ("page", "document", "pages", "size", "holders", "reasons", "band", "first_page", "last_page", "findings")
    more = ("entries", "purpose", "words", "confidence", "copy", "undone", "reason", "signers", "flaws", "rule", "type")
    line = to_line(entry(kind, "p-\u0661-\u0662", **dict.fromkeys(names + more, value)))
    assert line.italian
    assert len(line.italian) < 3000


@pytest.mark.parametrize("detail", ["", "nothing", "[1]", "null", '{"a": {"b": 1}}'])
def test_an_entry_whose_details_were_altered_is_told_all_the_same(detail: str) -> None:
    whole = entry(EventType.FILE_OPENED, "sha256:" + "a" * 64)
    line = to_line(replace(whole, record=replace(whole.record, detail=detail, at="yesterday", type="a:b:c")))
    assert line.at is None
    assert "a:b:c" in line.italian


def test_who_did_it_is_told_in_words() -> None:
    assert agent_words(AGENT).italian == "faldone"
    assert agent_words(user_agent("anna")) == ("operatore anna", "operator anna")
    assert agent_words("tesseract/5.3.0").italian == "tesseract 5.3.0"


def test_thousands_are_apart_as_each_language_writes_them() -> None:
    assert number(182340) == ("182.340", "182,340")


def test_a_line_has_the_number_the_account_and_the_digest() -> None:
    digest = "sha256:" + "b" * 64
    line = to_line(entry(EventType.DOCUMENT_DECIDED, "d-1", user_agent("anna"), decision=digest, type="relazione"))
    assert (line.sequence, line.account, line.digest) == (1, "anna", digest)
    assert line.italian == "Deciso sul documento d-1: tipo «relazione»."
    assert line.proof == digest


def test_types_services_reasons_and_shares_are_told_as_people_call_them(archive: Archive) -> None:
    detail = {"first_page": 0, "last_page": 0, "type": "isee", "service": "TUM", "holders": ROSSI.id, "band": "review"}
    proposed = entry(EventType.DOCUMENT_PROPOSED, "d-1", reasons="type-unsure new-one", **detail)
    line = to_line(proposed, archive.ports.lexicon)
    assert "tipo «Attestazione ISEE / DSU», servizio «Tutela minori»: da rivedere (il tipo" in line.italian
    assert "type “Attestazione ISEE / DSU”, service “Tutela minori”" in line.english
    assert line.italian.endswith("; new-one).")
    unknown = entry(EventType.DOCUMENT_DECIDED, "d-1", type="alieno", service=7)
    assert to_line(unknown, archive.ports.lexicon).italian.endswith("tipo «alieno», servizio «7».")
    read = entry(EventType.PAGE_RECOGNISED, "p-0-2", words=2, confidence=0.954)
    assert to_line(read).italian == "Letto: la pagina 3 del file, 2 parole, fiducia 95 %."
    printed = sentence(EventType.SHEETS_PRINTED, "r-1", {"count": 3, "kind": "separator"})
    assert printed.italian == "Stampati 3 fogli (separatori)."


def test_what_is_withheld_has_no_digest_that_could_be_guessed_and_the_hash_of_its_own() -> None:
    digest = "sha256:" + "b" * 64
    for kind, key in (
        (EventType.DOCUMENT_PROPOSED, "proposal"),
        (EventType.DOCUMENT_RETIRED, "proposal"),
        (EventType.DOCUMENT_DECIDED, "decision"),
    ):
        made = entry(kind, "d-1", holders=ROSSI.id, type="isee", **{key: digest})
        line = to_line(made, withheld=True)
        assert (line.digest, line.proof) == (None, f"sha256:{made.hash}")
        assert to_line(made).proof == digest


def test_no_sentence_tells_the_salt_of_an_entry(archive: Archive) -> None:
    record(archive, EventType.DOCUMENT_DECIDED, "d-1", type="isee")
    record(archive, EventType.DOCUMENT_DECIDED, "d-1", type="isee")
    made = archive.catalog.events(["d-1"])
    salts = [json.loads(one.record.detail)["salt"] for one in made]
    assert len(set(salts)) == 2
    assert all(len(salt) == 32 for salt in salts)
    assert not any(salt in str(to_line(one)) for salt, one in zip(salts, made, strict=True))
    assert "salt" not in detail_of(made[0])


def test_a_verification_that_found_something_is_never_told_softly() -> None:
    bad = sentence(EventType.ARCHIVE_VERIFIED, "archive", {"entries": 182340, "findings": 1})
    good = sentence(EventType.ARCHIVE_VERIFIED, "archive", {"entries": 182340, "findings": 0})
    unknown = sentence(EventType.ARCHIVE_VERIFIED, "archive", {"entries": 182340})
    assert bad.italian == "Verifica NON riuscita: 182.340 eventi, 1 differenza."
    assert good.italian == "Verifica riuscita: 182.340 eventi, nessuna differenza."
    assert "NON" in unknown.italian


def test_a_document_tells_what_happened_to_it_and_who_looked(archive: Archive) -> None:
    (document,) = put(archive, [Paper(["uno", "due"], [ROSSI])])
    source = archive.catalog.document(document).source
    record(archive, EventType.DOCUMENT_VIEWED, document)
    record(archive, EventType.PAGE_DELIVERED, page_id(source, 1), document=document)
    record(archive, EventType.DOCUMENT_DECIDED, document, holders=ROSSI.id, undone=False)
    record(archive, EventType.LEDGER_READ, document, by="vera")
    told = document_story(document, archive.ports)
    assert [line.type for line in told.lines] == [EventType.DOCUMENT_DECIDED]
    assert [line.italian for line in told.readings] == [
        f"Aperto il documento {document}.",
        f"Consegnata la pagina 2 del file (documento {document}).",
    ]


def test_a_person_tells_what_was_filed_and_who_opened_the_dossier(archive: Archive) -> None:
    mine, other = put(archive, [Paper("uno", [ROSSI]), Paper("due", [VERDI])])
    record(archive, EventType.DOCUMENT_DECIDED, mine, holders=ROSSI.id)
    record(archive, EventType.DOCUMENT_DECIDED, mine, holders=VERDI.id)
    record(archive, EventType.DOCUMENT_DECIDED, other, holders=VERDI.id)
    record(archive, EventType.DOSSIER_VIEWED, ROSSI.id, by="vera", purpose="colloquio")
    told = person_story(PersonId(ROSSI.id), archive.ports)
    assert [line.subject for line in told.lines] == [mine]
    assert told.readings[0].italian == f"Aperto il fascicolo: la persona {ROSSI.id}, motivo «colloquio»."


def test_a_batch_tells_of_its_files_and_counts_them_when_they_are_many(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(archive, [Paper("uno", [ROSSI], comune="crema")])
    (batch,) = archive.catalog.batches()
    source = next(archive.catalog.sources())
    for _ in range(3):
        record(archive, EventType.FILE_RETRIED, str(source.digest))
    record(archive, EventType.BATCH_CLOSED, batch.id, filed=1, gaps=0)
    assert len(batch_story(batch, archive.ports).lines) == 4
    monkeypatch.setattr("faldone.pipeline.audit.story.MOST_LINES", 2)
    told = batch_story(batch, archive.ports)
    assert [line.type for line in told.lines] == [EventType.BATCH_CLOSED]
    assert [(one.type, one.count) for one in told.counted] == [(EventType.FILE_RETRIED, 3)]


def test_a_batch_tells_what_people_said_of_its_own_scans(archive: Archive) -> None:
    put(archive, [Paper("uno", [ROSSI], comune="crema")])
    (batch,) = archive.catalog.batches()
    record(archive, EventType.PAGE_JUDGED, "p-1111111111111111-0", by="anna", batch=batch.id, judged="accepted")
    record(archive, EventType.PAGE_JUDGED, "p-2222222222222222-0", by="anna", batch="b-other", judged="accepted")
    told = [line.subject for line in batch_story(batch, archive.ports).lines if line.type == EventType.PAGE_JUDGED]
    assert told == ["p-1111111111111111-0"]


def test_an_account_tells_what_it_did_within_a_time_page_by_page(archive: Archive) -> None:
    start = archive.clock()
    for day in range(4):
        record(archive, EventType.SEARCH_RUN, f"search-{day}", by="anna", hits=day)
        record(archive, EventType.SEARCH_RUN, f"search-{day}", by="annabella", hits=day)
        archive.clock.pass_by(days=1)
    all_of_it = account_story("anna", archive.ports)
    assert [line.subject for line in all_of_it.lines] == [f"search-{day}" for day in range(4)]
    middle = account_story(
        "anna", archive.ports, since=start + dt.timedelta(days=1), until=start + dt.timedelta(days=3)
    )
    assert [line.subject for line in middle.lines] == ["search-1", "search-2"]
    first = account_story("anna", archive.ports, limit=1)
    second = account_story("anna", archive.ports, limit=1, after=first.lines[0].sequence)
    assert [first.lines[0].subject, second.lines[0].subject] == ["search-0", "search-1"]


def test_the_last_verification_is_the_newest(archive: Archive) -> None:
    assert last_verification(archive.catalog) is None
    record(archive, EventType.ARCHIVE_VERIFIED, "archive", entries=1, findings=0)
    record(archive, EventType.ARCHIVE_VERIFIED, "archive", entries=2, findings=5)
    last = last_verification(archive.catalog)
    assert last is not None
    assert "5 differenze" in last.italian


def test_the_ledger_is_asked_by_type_agent_and_subject(archive: Archive) -> None:
    for number_ in range(1200):
        if number_ % 400 == 0:
            record(archive, EventType.PAGE_SEEN, f"p-x-{number_}")
    subjects = {f"p-x-{number_}" for number_ in range(1200)}
    found = archive.catalog.events_of({EventType.PAGE_SEEN}, subjects=subjects, agent=user_agent("anna"))
    assert [one.record.subject for one in found] == ["p-x-0", "p-x-400", "p-x-800"]
    assert archive.catalog.events_of({EventType.PAGE_SEEN}, subjects=set()) == ()
    assert archive.catalog.events_of({EventType.PAGE_DELIVERED}, subjects=subjects) == ()
    assert len(archive.catalog.events_of({EventType.PAGE_SEEN}, subjects=subjects, limit=2)) == 2


def test_no_sentence_holds_a_name(archive: Archive) -> None:
    person: Person = ROSSI
    (document,) = put(archive, [Paper("uno", [person])])
    record(archive, EventType.DOCUMENT_DECIDED, document, holders=person.id)
    told = document_story(DocumentId(document), archive.ports)
    assert not any(re.search(person.surname, line.italian, re.IGNORECASE) for line in told.lines)


def test_reading_events_are_those_that_show_something() -> None:
    assert EventType.PAGE_DELIVERED in READING
    assert EventType.DOCUMENT_DECIDED not in READING
    assert [line.sequence for line in story([entry(EventType.PAGE_SEEN, "p-1-1")])] == [1]
    assert json.loads(entry(EventType.PAGE_SEEN, "p-1-1").record.detail) == {}


def test_every_type_of_event_has_its_name() -> None:
    assert set(EVENT_NAMES) == set(EventType)
    assert event_name("a:b:c") == ("a:b:c", "a:b:c")


@pytest.mark.parametrize(
    ("detail", "told", "withheld"),
    [
        ({"whole": True, "holders": None}, "confermato per intero", "tutto confermato"),
        (
            {"whole": True, "holders": "u-1"},
            "cambiato a mano: intestatario u-1, il resto confermato",
            "cambiato a mano: intestatario, il resto confermato",
        ),
        (
            {"whole": True, "holders": ""},
            "cambiato a mano: intestatario nessuno, il resto confermato",
            "cambiato a mano: intestatario, il resto confermato",
        ),
        (
            {"whole": True, "blind": True, "holders": "u-1"},
            "ricontrollato alla cieca, intestatario u-1",
            "ricontrollato alla cieca, intestatario",
        ),
        ({"whole": False, "holders": "u-1"}, "intestatario u-1", "intestatario"),
    ],
)
def test_a_decision_that_changed_something_is_not_told_as_all_confirmed(
    detail: dict[str, str | bool | None], told: str, withheld: str
) -> None:
    for said, is_withheld in ((told, False), (withheld, True)):
        words = sentence(EventType.DOCUMENT_DECIDED, "d-1", detail, withheld=is_withheld)
        assert words.italian == f"Deciso sul documento d-1: {said}."
