"""What a person decides stands, is obeyed by whatever is proposed later, and can be taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from faldone.catalog.records import Document, SourceState
from faldone.domain.attribution import Band
from faldone.domain.decision import Settled
from faldone.domain.events import EventType
from faldone.domain.person import Origin
from faldone.errors import UndecidableError
from faldone.ocr.fake import FakeEngine
from faldone.pipeline.audit.audit import verify
from faldone.pipeline.filing.evaluate import judge_decisions
from faldone.pipeline.filing.import_persons import import_persons
from faldone.pipeline.filing.persons import find_person, new_person
from faldone.pipeline.filing.rerun import differences
from faldone.pipeline.review.boundaries import merge, split
from faldone.pipeline.review.settle import accept, assign, undo
from faldone.pipeline.review.whereabouts import come_back, whereabouts
from tests.papers import noise, tiff
from tests.twins import Archive

REPORT = """COMUNE DI CREMA
Servizio Tutela Minori
RELAZIONE SOCIALE
Oggetto: relazione sociale sul minore BIANCHI LUCA nato a Crema il 3 maggio 2009
Crema, 12 marzo 2019
Il minore è seguito dal servizio tutela minori. Distinti saluti"""
REGISTER = (
    "codice_fiscale,cognome,nome,data_nascita,luogo_nascita,comune_residenza\n"
    "RSSMRA85T10A562S,ROSSI,MARIO,1985-12-10,San Giuliano Terme,Crema\n"
)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine(default=REPORT))
    import_persons(REGISTER.encode(), made.ports)
    for seed in (1, 2, 3):
        made.take(f"{seed}.tif", tiff(noise(seed)))
    made.work_off()
    yield made
    made.close()


def documents(archive: Archive) -> list[Document]:
    return [found for source in archive.catalog.sources() for found in archive.catalog.documents(source.digest)]


def bands(archive: Archive) -> list[Band]:
    return [document.proposal.band for document in documents(archive)]


def test_what_one_answer_settles_comes_first_and_is_counted(archive: Archive) -> None:
    waiting = archive.catalog.waiting_documents(10)
    assert [item.together for item in waiting] == [3, 3, 3]
    assert archive.catalog.count_waiting() == 3


def test_who_becomes_known_by_one_decision_is_known_on_every_waiting_paper(archive: Archive) -> None:
    first = documents(archive)[0]
    done = accept(first.id, "anna", archive.ports)
    archive.work_off()
    assert done.documents == (first.id,)
    assert bands(archive) == [Band.AUTO] * 3
    holders = {holder.value.person for document in documents(archive) for holder in document.proposal.holders}
    assert holders == {find_person("BIANCHI LUCA", archive.ports).id}
    confirmed = archive.catalog.document(first.id).proposal
    assert confirmed.holders[0].confirmed_by == "anna"
    assert verify(archive.ports).findings == ()


def test_a_confirmed_document_stays_as_it_is_whatever_the_register_says_later(archive: Archive) -> None:
    first = documents(archive)[0]
    mario = find_person("RSSMRA85T10A562S", archive.ports)
    assign(first.id, Settled(holders=(mario.id,), service="SAD"), "anna", archive.ports)
    before = archive.catalog.document(first.id).proposal
    assert (before.holders[0].value.cf, before.service and before.service.value) == ("RSSMRA85T10A562S", "SAD")
    known = REGISTER + "BNCLCU09E03D142O,BIANCHI,LUCA,2009-05-03,Crema,Crema\n"
    import_persons(known.encode(), archive.ports)
    assert not [found for found in differences(archive.ports) if found.document == first.id]
    archive.work_off()
    assert archive.catalog.document(first.id).proposal == before


def test_a_decision_that_falls_between_reading_and_saving_those_before_it_is_obeyed(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faldone.pipeline.filing.attribute._MOMENT_S", 0.0)
    first = documents(archive)[0]
    mario = find_person("RSSMRA85T10A562S", archive.ports)
    luca = find_person("BIANCHI LUCA", archive.ports)
    came: list[str] = []

    def bruno_decides() -> None:  # the model is asked for when the decisions were read, and before anything is saved
        if not came:
            came.append("bruno")
            assign(first.id, Settled(holders=(luca.id,)), "bruno", archive.ports)

    assign(first.id, Settled(holders=(mario.id,)), "anna", replace(archive.ports, learned=bruno_decides))
    assert archive.catalog.decisions(first.source)[first.id].by == "bruno"
    filed = archive.catalog.document(first.id).proposal
    assert [(holder.value.person, holder.confirmed_by) for holder in filed.holders] == [(luca.id, "bruno")]
    assert archive.catalog.source(first.source).state is SourceState.PROPOSED
    assert verify(archive.ports).findings == ()


def test_whoever_decides_waits_for_the_one_who_has_the_file(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    first = documents(archive)[0]
    mario = find_person("RSSMRA85T10A562S", archive.ports)
    now = archive.clock()
    with archive.catalog.begin() as work:
        work.attribute_again([first.id])
        work.claim_source(first.source, now, now + dt.timedelta(minutes=9))

    def saves_what_it_read(_: float) -> None:
        with archive.catalog.begin() as work:
            work.save_proposals(first.source, [first.proposal], now)

    monkeypatch.setattr("faldone.pipeline.filing.attribute.time.sleep", saves_what_it_read)
    assign(first.id, Settled(holders=(mario.id,)), "anna", archive.ports)
    assert archive.catalog.document(first.id).proposal.holders[0].value.person == mario.id


def test_a_decision_taken_back_leaves_what_was_proposed(archive: Archive) -> None:
    first = documents(archive)[0]
    mario = find_person("RSSMRA85T10A562S", archive.ports)
    assign(first.id, Settled(holders=(mario.id,)), "anna", archive.ports)
    undo(first.id, "anna", archive.ports)
    after = archive.catalog.document(first.id)
    assert after.proposal == first.proposal
    assert after.version == first.version + 2
    assert verify(archive.ports).findings == ()


def test_after_an_undo_it_is_said_what_waits_again_and_what_files_itself(archive: Archive) -> None:
    first, second, _ = documents(archive)
    mario = find_person("RSSMRA85T10A562S", archive.ports)
    assign(first.id, Settled(holders=(mario.id,)), "anna", archive.ports)
    done = undo(first.id, "anna", archive.ports)
    assert come_back(whereabouts(done.documents, archive.ports))[0] == "1 torna da rivedere"
    for one in (first, second):
        assign(one.id, Settled(holders=(mario.id,)), "anna", archive.ports)
    import_persons((REGISTER + "BNCLCU09E03D142O,BIANCHI,LUCA,2009-05-03,Crema,Crema\n").encode(), archive.ports)
    archive.work_off()
    luca = find_person("BIANCHI LUCA", archive.ports).id
    done = undo(first.id, "anna", archive.ports)
    where = whereabouts(done.documents, archive.ports)
    assert come_back(where)[0] == f"1 non torna: è archiviato, fascicolo {luca}"
    assert ([one.id for one in where.filed], where.waiting) == ([first.id], ())


def test_one_answer_settles_all_that_ask_the_same_and_is_taken_back_at_one_stroke(archive: Archive) -> None:
    first = documents(archive)[0]
    mario = find_person("RSSMRA85T10A562S", archive.ports)
    done = assign(first.id, Settled(holders=(mario.id,)), "anna", archive.ports, together=True)
    assert len(done.documents) == 3
    assert {holder.value.person for document in documents(archive) for holder in document.proposal.holders} == {
        mario.id
    }
    assert verify(archive.ports).findings == ()
    undo(first.id, "anna", archive.ports, together=True)
    assert [document.proposal for document in documents(archive)] == [first.proposal] * 3


def test_a_document_is_not_filed_while_something_of_it_is_unknown(tmp_path: Path) -> None:
    archive = Archive(tmp_path, FakeEngine(default="parole che non dicono di chi né di che cosa si tratta qui"))
    archive.take("1.tif", tiff(noise(1)))
    archive.work_off()
    (document,) = documents(archive)
    with pytest.raises(UndecidableError, match="intestatario"):
        accept(document.id, "anna", archive.ports)
    assert archive.catalog.document(document.id) == document
    archive.close()


def test_what_was_confirmed_is_neither_cut_nor_joined_until_the_decision_is_taken_back(archive: Archive) -> None:
    archive.take("lungo.tif", tiff(noise(21), noise(22)))
    archive.work_off()
    long = next(found for found in archive.catalog.sources() if found.pages == 2)
    first = archive.catalog.documents(long.digest)[0]
    for document in archive.catalog.documents(long.digest)[1:]:
        merge(document.id, "anna", archive.ports)
    accept(first.id, "anna", archive.ports)
    with pytest.raises(UndecidableError):
        split(first.id, 1, "anna", archive.ports)
    undo(first.id, "anna", archive.ports)
    split(first.id, 1, "anna", archive.ports)
    assert len(archive.catalog.documents(long.digest)) == 2


def test_a_decision_changed_behind_the_ledgers_back_is_found(archive: Archive) -> None:
    import sqlalchemy as sa

    accept(documents(archive)[0].id, "anna", archive.ports)
    with sa.create_engine(f"sqlite:///{archive.folder / 'catalog.sqlite'}").begin() as connection:
        connection.execute(sa.text("UPDATE decisions SET body = replace(body, 'anna', 'bruno')"))
    assert verify(archive.ports).findings


def test_the_ledger_says_who_decided_and_never_a_name(archive: Archive) -> None:
    first = documents(archive)[0]
    accept(first.id, "anna", archive.ports)
    (entry,) = (
        entry for entry in archive.catalog.events([first.id]) if entry.record.type == EventType.DOCUMENT_DECIDED.value
    )
    assert entry.record.agent == "user:anna"
    assert "BIANCHI" not in entry.record.detail


def test_what_people_confirmed_is_the_sample_that_the_machine_is_judged_by(archive: Archive) -> None:
    first, second, _ = documents(archive)
    accept(first.id, "anna", archive.ports)
    mario = find_person("RSSMRA85T10A562S", archive.ports)
    assign(second.id, Settled(holders=(mario.id,)), "anna", archive.ports)
    judged = judge_decisions(archive.ports).judged
    assert sorted(item.right["holder"] for item in judged) == [False, True]


def test_somebody_of_whom_only_the_name_is_known_is_put_on_record_once(archive: Archive) -> None:
    first = documents(archive)[0]
    anna = new_person("Verdi", "Anna", None, None, "anna", archive.ports)
    assign(first.id, Settled(holders=(anna.id,)), "anna", archive.ports)
    assert archive.catalog.document(first.id).proposal.holders[0].value.name == "VERDI ANNA"
    with pytest.raises(UndecidableError, match="già"):
        new_person("VERDI", "ANNA", None, None, "anna", archive.ports)


def test_who_was_confirmed_by_a_decision_alone_is_only_found_again_when_it_is_taken_back(archive: Archive) -> None:
    first, second, _ = documents(archive)
    accept(first.id, "anna", archive.ports)
    archive.work_off()
    accept(second.id, "anna", archive.ports)
    luca = find_person("BIANCHI LUCA", archive.ports)
    undo(first.id, "anna", archive.ports)
    assert archive.catalog.person(luca.id).origin is Origin.CONFIRMED  # the second decision stands on him
    undo(second.id, "anna", archive.ports)
    accept(first.id, "anna", archive.ports)
    undo(first.id, "anna", archive.ports)
    archive.work_off()
    assert verify(archive.ports).findings == ()


def test_a_single_decision_taken_back_leaves_nothing_of_it(archive: Archive) -> None:
    first = documents(archive)[0]
    accept(first.id, "anna", archive.ports)
    undo(first.id, "anna", archive.ports)
    archive.work_off()
    luca = find_person("BIANCHI LUCA", archive.ports)
    assert luca.origin is Origin.FOUND
    assert bands(archive) == [Band.REVIEW] * 3
    assert verify(archive.ports).findings == ()


def test_a_second_decision_does_not_hide_what_the_machine_had_proposed(archive: Archive) -> None:
    first = documents(archive)[0]
    mario = find_person("RSSMRA85T10A562S", archive.ports)
    for _ in range(2):
        assign(first.id, Settled(holders=(mario.id,)), "anna", archive.ports)
    assert [item.right["holder"] for item in judge_decisions(archive.ports).judged] == [False]


def test_a_new_persons_name_and_code_have_to_agree(archive: Archive) -> None:
    with pytest.raises(UndecidableError, match="non è di chi"):
        new_person("Verdi", "Anna", "RSSMRA85T10A562S", None, "anna", archive.ports)
