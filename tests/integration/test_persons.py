"""Persons on record: imported, found on papers, confirmed, merged and taken apart; and held against the ledger."""

from __future__ import annotations

import csv
import datetime as dt
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from faldone.cli.main import main
from faldone.domain.attribution import PersonMention, Role
from faldone.domain.events import EventType
from faldone.domain.person import Origin, Person
from faldone.errors import NotFoundError, UndecidableError
from faldone.ocr.fake import FakeEngine
from faldone.pipeline.audit.audit import verify
from faldone.pipeline.filing.evaluate import evaluate
from faldone.pipeline.filing.import_persons import Told, import_persons
from faldone.pipeline.filing.persons import compare, confirm, find_person, known_person, merge, new_person, unmerge
from tests.papers import noise, tiff
from tests.twins import Archive
from tests.unit.classify.pages import code

BORN = dt.date(1950, 4, 3)
CODE = code("Bianchi", "Luca", BORN)
OTHER = code("Bianchi", "Lucia", BORN, female=True)
PAPER = f"""COMUNE DI CREMA
RICHIESTA DI ASSISTENZA DOMICILIARE
Il sottoscritto BIANCHI LUCA nato a Crema il 03/04/1950
C.F. {CODE}
chiede il servizio di assistenza domiciliare SAD
Crema, 12 marzo 2014"""
HEADER = "codice_fiscale,cognome,nome,data_nascita\n"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine(default=PAPER))
    yield made
    made.close()


def add(archive: Archive, *lines: str, header: str = HEADER, dry_run: bool = False) -> list[Told]:
    told: list[Told] = []
    import_persons((header + "\n".join(lines) + "\n").encode(), archive.ports, dry_run=dry_run, tell=told.append)
    return told


def edit(archive: Archive, statement: str) -> None:
    with sqlite3.connect(archive.folder / "catalog.sqlite") as connection:
        assert connection.execute(statement).rowcount == 1
    connection.close()


def only(archive: Archive) -> Person:
    (person,) = archive.catalog.persons()
    return person


def events(archive: Archive, kind: EventType) -> list[Any]:
    return [entry.record for entry in archive.catalog.ledger() if entry.record.type == kind.value]


# ---- import


def test_an_import_tells_what_changed_line_by_line(archive: Archive) -> None:
    add(archive, f"{CODE},Bianchi,Luca,1950-04-03", ",Verdi,Ugo,1960-01-02")
    told = add(archive, f"{CODE},Bianchi,Luca Maria,03/04/1950", ",Verdi,Ugo,1960-01-02", "XX,Rossi,Eva,", ",Neri,Eva,")
    ids = {person.surname: person.id for person in archive.catalog.persons()}
    assert told == [
        Told(4, None, "rejected", after="il codice fiscale non è valido / the codice fiscale is not valid"),
        Told(2, ids["Bianchi"], "changed", "name", "Luca", "Luca Maria"),
        Told(3, ids["Verdi"], "unchanged"),
        Told(5, ids["Neri"], "added", "", "", "NERI EVA"),
    ]


def test_a_dry_run_tells_the_same_and_changes_nothing(archive: Archive) -> None:
    before = archive.catalog.ledger_tail()
    (told,) = add(archive, ",Verdi,Ugo,1960-01-02", dry_run=True)
    assert (told.what, told.after) == ("added", "VERDI UGO")
    assert list(archive.catalog.persons()) == []
    assert archive.catalog.ledger_tail() == before


def test_a_line_that_two_on_record_may_be_is_left_out(archive: Archive) -> None:
    other = code("Bianchi", "Luca", BORN, "A794")
    add(archive, f"{CODE},Bianchi,Luca,1950-04-03", f"{other},Bianchi,Luca,1950-04-03")
    (told,) = add(archive, ",Bianchi,Luca,1950-04-03")
    assert (told.line, told.what) == (2, "rejected")


def test_a_line_whose_code_denies_both_name_and_birth_makes_nobody_another(archive: Archive) -> None:
    add(archive, f"{CODE},Bianchi,Luca,1950-04-03")
    before = only(archive)
    (told,) = add(archive, f"{CODE},Neri,Paolo,1991-03-03")
    assert (told.line, told.what, only(archive)) == (2, "rejected", before)
    (told,) = add(archive, f"{CODE},Bianchi,Luca,1950-04-13")
    assert told.what == "changed", "a day that was corrected later"


def test_married_names_and_user_numbers_are_kept(archive: Archive) -> None:
    header = "cognome,nome,data_nascita,cognome_coniugale,numero_utente\n"
    add(archive, "Rossi,Maria,1950-01-02,Bianchi,77", header=header)
    person = only(archive)
    assert person.aliases == ("Bianchi Maria",)
    assert person.extra == (("numero_utente", "77"),)


def test_a_line_without_code_and_birth_does_not_take_those_away(archive: Archive) -> None:
    add(archive, f"{CODE},Bianchi,Luca,1950-04-03")
    add(archive, f"{CODE},Bianchi,Luca,")
    assert only(archive).birth_date == BORN


def test_the_ledger_holds_no_name_and_no_code(archive: Archive) -> None:
    archive.take("1.tif", tiff(noise(1)))
    archive.work_off()
    add(archive, f"{CODE},Bianchi,Luca,1950-04-03")
    told = "".join(entry.record.detail + entry.record.subject for entry in archive.catalog.ledger()).casefold()
    assert not [word for word in ("bianchi", "luca", CODE.casefold()) if word in told]


# ---- found on papers


def test_without_a_register_papers_put_a_person_on_record_once(archive: Archive) -> None:
    for seed in (1, 2, 3):
        archive.take(f"{seed}.tif", tiff(noise(seed)))
    archive.work_off()
    person = only(archive)
    assert (person.surname, person.name, person.cf, person.origin) == ("BIANCHI", "LUCA", CODE, Origin.FOUND)
    for source in archive.catalog.sources():
        (document,) = archive.catalog.documents(source.digest)
        assert [holder.value.person for holder in document.proposal.holders] == [person.id]
    (event,) = events(archive, EventType.PERSON_FOUND)
    assert event.subject == person.id
    assert verify(archive.ports).findings == ()


def test_an_import_adopts_somebody_found_and_keeps_the_id(archive: Archive) -> None:
    archive.take("1.tif", tiff(noise(1)))
    archive.work_off()
    found = only(archive)
    (told,) = [one for one in add(archive, f"{CODE},Bianchi,Luca,1950-04-03") if one.field == "origin"]
    assert (told.before, told.after) == ("found", "register")
    assert only(archive).id == found.id
    assert only(archive).origin is Origin.REGISTER
    assert [event.subject for event in events(archive, EventType.PERSON_ADOPTED)] == [found.id]
    archive.work_off()
    assert verify(archive.ports).findings == ()


def test_somebody_found_without_a_code_is_adopted_by_name_and_birth(archive: Archive) -> None:
    found = new_person("Bianchi", "Luca", None, BORN, "anna", archive.ports)
    add(archive, f"{CODE},BIANCHI,Luca,1950-04-03", ",Bianchi,Luca,1951-04-03")
    persons = {person.birth_date: person for person in archive.catalog.persons()}
    assert persons[BORN].id == found.id
    assert persons[BORN].cf == CODE
    assert len(persons) == 2


@pytest.mark.parametrize("statement", ["surname = 'ROSSI'", "origin = 'register'", "cf = null"])
def test_somebody_found_and_altered_behind_our_back_is_named(archive: Archive, statement: str) -> None:
    archive.take("1.tif", tiff(noise(1)))
    archive.work_off()
    edit(archive, f"update persons set {statement}")
    assert [finding.object for finding in verify(archive.ports).findings] == [only(archive).id]


def test_a_merge_behind_our_back_is_named(archive: Archive) -> None:
    add(archive, f"{CODE},Bianchi,Luca,", ",Bianchi,Luca,1950-04-04")
    one, other = archive.catalog.persons()
    edit(archive, f"update persons set merged_into = '{one.id}' where id = '{other.id}'")
    assert [finding.object for finding in verify(archive.ports).findings] == [other.id]


def test_a_confirmed_person_is_no_longer_only_found(archive: Archive) -> None:
    archive.take("1.tif", tiff(noise(1)))
    archive.work_off()
    person, again = confirm(CODE, "anna", archive.ports)
    assert person.origin is Origin.CONFIRMED
    assert again == 1
    archive.work_off()
    assert verify(archive.ports).findings == ()
    with pytest.raises(UndecidableError):
        confirm(CODE, "anna", archive.ports)


def test_a_person_named_by_hand_twice_is_one(archive: Archive) -> None:
    first = new_person("Bianchi", "Luca", None, BORN, "anna", archive.ports)
    second = new_person("Bianchi", "Luca", CODE, None, "anna", archive.ports)
    assert first.id == second.id
    assert first.origin is Origin.CONFIRMED
    with pytest.raises(UndecidableError, match="valido"):
        new_person("Bianchi", "Luca", CODE[:-1] + "0", None, "anna", archive.ports)
    with pytest.raises(UndecidableError, match="già"):
        new_person("Bianchi", "Luca", None, None, "anna", archive.ports)


def test_a_holder_that_somebody_accepts_is_on_record_and_confirmed(archive: Archive) -> None:
    mention = PersonMention(Role.HOLDER, "Luca Bianchi", birth_date=BORN)
    for is_new in (True, False):
        with archive.catalog.begin() as work:
            person, news = known_person(mention, work, archive.ports)
        assert (person.surname, person.origin, news) == ("BIANCHI", Origin.CONFIRMED, is_new)


def test_evaluation_without_a_register_finds_persons_on_the_papers(archive: Archive) -> None:
    archive.take("1.tif", tiff(noise(1)))
    archive.work_off()
    truth: dict[str, Any] = {
        "1.tif": {
            "file": "1.tif",
            "pages": [],
            "documents": [
                {
                    "first_page": 0,
                    "last_page": 0,
                    "persons": [{"role": "holder", "cf": CODE, "name": "BIANCHI LUCA", "birth_date": "1950-04-03"}],
                    "type": None,
                    "service": "SAD",
                    "date": "2014-03-12",
                    "protocol": None,
                }
            ],
        }
    }
    steps: list[int] = []
    tally = evaluate(truth, archive.ports, with_register=False, progress=steps.append)
    assert tally.judged[0].right["holder"]
    assert tally.judged[0].said is not None
    assert "holder-not-in-register" not in tally.judged[0].said["reasons"]
    assert steps == [1, 1]


# ---- merge


def dump(archive: Archive) -> list[Any]:
    """Every row of the register but for the version that touched it."""
    columns = "id, surname, name, cf, birth_date, birth_place, residence, aliases, extra, origin, merged_into"
    with sqlite3.connect(archive.folder / "catalog.sqlite") as connection:
        rows = connection.execute(f"select {columns} from persons order by id").fetchall()
    connection.close()
    return rows


def test_a_merge_lets_one_person_answer_for_two_and_comes_apart_again_to_the_byte(archive: Archive) -> None:
    archive.take("1.tif", tiff(noise(1)))
    archive.work_off()
    found = only(archive)
    add(archive, ",Bianchi,Luca Piero,1950-04-03")
    (kept,) = (person for person in archive.catalog.persons() if person.id != found.id)
    before, digest = dump(archive), archive.catalog.register_digest()
    persons = list(archive.catalog.persons())
    assert compare(kept.id, CODE, archive.ports).documents_of_gone == 1
    assert dump(archive) == before
    merge(kept.id, found.id, "la figlia lo ha detto", "anna", archive.ports)
    merged = only(archive)
    assert (merged.id, merged.cf, merged.absorbed) == (kept.id, CODE, (found.id,))
    assert "BIANCHI LUCA" in merged.aliases
    assert archive.catalog.persons_with([found.id])[found.id].aliases == merged.aliases
    assert archive.ports.register().by_id(found.id) == merged
    archive.work_off()
    (document,) = archive.catalog.documents(next(archive.catalog.sources()).digest)
    assert [holder.value.person for holder in document.proposal.holders] == [kept.id]
    assert verify(archive.ports).findings == ()
    assert "figlia" not in "".join(entry.record.detail for entry in archive.catalog.ledger())
    unmerge(found.id, "anna", archive.ports)
    assert dump(archive) == before
    assert archive.catalog.register_digest() == digest
    assert list(archive.catalog.persons()) == persons
    archive.work_off()
    (document,) = archive.catalog.documents(next(archive.catalog.sources()).digest)
    assert [holder.value.person for holder in document.proposal.holders] == [found.id]
    assert verify(archive.ports).findings == ()


def test_merges_that_make_no_sense_are_refused(archive: Archive) -> None:
    add(
        archive,
        f"{CODE},Bianchi,Luca,",
        f"{OTHER},Bianchi,Lucia,1950-04-03",
        ",Bianchi,Luca,1950-04-04",
        f"{code('Bianchi', 'Luca', dt.date(1951, 4, 3))},Bianchi,Luca,",
    )
    luca, lucia = find_person(CODE, archive.ports), find_person(OTHER, archive.ports)
    younger = find_person(code("Bianchi", "Luca", dt.date(1951, 4, 3)), archive.ports)
    (dated,) = (person for person in archive.catalog.persons() if person.birth_date == dt.date(1950, 4, 4))
    before = dump(archive)
    for keep, gone in ((luca, dated), (dated, luca), (luca, younger), (lucia, dated)):
        with pytest.raises(UndecidableError, match="giorni diversi"):
            merge(keep.id, gone.id, "x", "anna", archive.ports)
    with pytest.raises(UndecidableError, match="stessa persona"):
        merge(luca.id, CODE, "x", "anna", archive.ports)
    with pytest.raises(NotFoundError):
        merge(luca.id, "u-nobody", "x", "anna", archive.ports)
    with pytest.raises(UndecidableError, match="a nessuno"):
        unmerge(luca.id, "anna", archive.ports)
    assert dump(archive) == before
    merge(luca.id, lucia.id, "x", "anna", archive.ports)
    for keep, gone in ((lucia.id, luca.id), (younger.id, lucia.id)):
        with pytest.raises(UndecidableError, match="già unita"):
            merge(keep, gone, "x", "anna", archive.ports)
    with archive.catalog.begin() as work, pytest.raises(UndecidableError, match="già unita"):
        work.merge_persons(lucia.id, luca.id, "x", archive.clock(), "anna")


def test_merges_of_merges_answer_for_all_and_come_apart_one_by_one(archive: Archive) -> None:
    add(archive, ",Rossi,Ada,1950-04-03", ",Rossi,Adda,1950-04-03", ",Rosi,Ada,1950-04-03")
    one, two, three = (person.id for person in archive.catalog.persons())
    merge(one, two, "x", "anna", archive.ports)
    merge(three, one, "x", "anna", archive.ports)
    assert only(archive).absorbed == tuple(sorted((one, two)))
    unmerge(one, "anna", archive.ports)
    assert {person.id: person.absorbed for person in archive.catalog.persons()} == {one: (two,), three: ()}


def test_what_was_merged_is_told_as_a_change_of_who_stays(archive: Archive) -> None:
    add(archive, ",Rossi,Ada,1950-04-03", ",Rossi,Adda,1950-04-03", ",Verdi,Ugo,1950-04-03")
    keep, gone = (person for person in archive.catalog.persons() if person.surname == "Rossi")
    version = archive.catalog.register_version()
    assert list(archive.catalog.persons(version)) == []
    merge(keep.id, gone.id, "x", "anna", archive.ports)
    assert [(person.id, person.absorbed) for person in archive.catalog.persons(version)] == [(keep.id, (gone.id,))]


# ---- the command


def test_the_command_imports_lists_shows_merges_and_proposes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*words: str) -> str:
        assert main(["persons", *words, "--home", str(home)]) == 0
        return capsys.readouterr().out

    def objects(*words: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in run(*words, "--json").splitlines()]

    main(["init", "--home", str(home)])
    file, report = home / "persone.csv", home / "cambi.csv"
    file.write_text(HEADER + f"{CODE},Bianchi,Luca,\n,Bianchi,Lucca,1950-04-03\n,,,\n,,,x\n")
    assert "BIANCHI LUCA" in run("import", str(file), "--dry-run")
    assert objects("list") == []
    told = objects("import", str(file), "--report", str(report))
    assert [(one["line"], one["what"]) for one in told] == [(5, "rejected"), (2, "added"), (3, "added")]
    with report.open(encoding="utf-8") as lines:
        assert [row["after"] for row in csv.DictReader(lines)] == [one["after"] for one in told]
    keep, gone = (one["id"] for one in sorted(objects("list"), key=lambda one: one["name"]))
    assert objects("list", "--found") == objects("proposals") == []
    assert CODE in run("list")
    assert "documenti" in run("merge", keep, gone, "--show")
    assert main(["persons", "merge", keep, gone, "--home", str(home)]) == UndecidableError.exit_code
    run("merge", keep, gone, "--because", "errore di battitura")
    (shown,) = objects("show", gone)
    assert (shown["id"], shown["absorbed"], shown["documents"]) == (keep, [gone], {})
    assert gone in run("show", CODE)
    run("unmerge", gone)
    assert len(objects("list")) == 2
    assert main(["verify", "--home", str(home)]) == 0


def test_what_the_index_says_of_a_person_follows_the_register(archive: Archive) -> None:
    register = "codice_fiscale,cognome,nome,data_nascita,luogo_nascita,comune_residenza\n"
    import_persons((register + f"{CODE},BIANCHI,LUCA,{BORN},Crema,Crema\n").encode(), archive.ports)
    archive.take("1.tif", tiff(noise(1)))
    archive.work_off()
    assert not archive.catalog.behind_index(10)
    import_persons((register + f"{CODE},BIANCHI,LUCA,{BORN},Crema,Offanengo\n").encode(), archive.ports)
    named = {document.id for document in archive.catalog.behind_index(10)}
    person = archive.catalog.person(CODE)
    assert named == {document.id for document in archive.catalog.documents_of(person.id)} != set()
