"""What a cover sheet, a sidecar or the inbox says beforehand, and what it must never do."""

from __future__ import annotations

import datetime as dt
from typing import Any

from faldone.classify.lexicon import default_lexicon
from faldone.classify.propose import Context, propose
from faldone.classify.register import MemoryPersonRegister
from faldone.domain.attribution import Band, DocumentProposal
from faldone.domain.declared import Declared
from faldone.domain.look import Mark, Separator
from faldone.domain.person import Person
from faldone.domain.reasons import Reason
from faldone.domain.sheet import Sheet, SheetKind, make_sheets
from tests.unit.classify.pages import SCANNED, holder_names, person, views

ROSSI = person("ROSSI", "LUCA", "1948-05-12")
VERDI = person("VERDI", "GIUSEPPE", "1940-03-03")
REGISTER = (ROSSI, VERDI)

NAMELESS = """
COMUNE DI CREMA
Servizi Sociali
RELAZIONE SOCIALE
Crema, 12 marzo 2012
Si relaziona sulla situazione dell'utente in carico al servizio di assistenza domiciliare (SAD).
L'anziano vive solo e le sue condizioni sono stazionarie. Si propone di proseguire l'intervento in atto.
L'assistente sociale
"""
APPLICATION = f"""
COMUNE DI CREMA
Servizi Sociali
DOMANDA DI ACCESSO AL SERVIZIO DI ASSISTENZA DOMICILIARE (SAD)
Prot. n. 0012345 del 15/03/2012
Il sottoscritto VERDI GIUSEPPE nato a Crema il 03/03/1940
C.F. {VERDI.cf} residente a Crema
chiede
l'attivazione del servizio di assistenza domiciliare
Crema, 12 marzo 2012
Firma
Verdi Giuseppe
"""


def cover(of: Person, service: str | None = "SAD") -> Sheet:
    (sheet,) = make_sheets(SheetKind.COVER, [(of.id, service)])
    return sheet


def behind(sheet: Sheet, *texts: str, **more: Any) -> DocumentProposal:
    marks = {0: Mark(Separator.COVER, sheet.token)}
    context = Context(SCANNED, "lotto-1/1.pdf", marks=marks, sheets={sheet.token: sheet}, **more)
    (found,) = propose(views("copertina", *texts), MemoryPersonRegister(REGISTER), default_lexicon(), context)
    return found


def alone(text: str, **more: Any) -> DocumentProposal:
    context = Context(SCANNED, "lotto-1/2.pdf", **more)
    (found,) = propose(views(text), MemoryPersonRegister(REGISTER), default_lexicon(), context)
    return found


def test_a_paper_that_names_nobody_is_filed_under_its_printed_cover_with_the_sheet_as_proof() -> None:
    found = behind(cover(ROSSI), NAMELESS)
    assert holder_names(found) == ["ROSSI LUCA"]
    assert Reason.NO_HOLDER not in found.reasons
    assert found.holders[0].evidence[0].kind == "sheet"
    assert (found.first_page, found.last_page) == (1, 1)
    assert found.service is not None
    assert found.service.value == "SAD"
    assert found.band is Band.AUTO, found.reasons


def test_a_paper_that_names_somebody_else_goes_to_a_person_whatever_the_cover_says() -> None:
    found = behind(cover(ROSSI), APPLICATION)
    assert holder_names(found) == ["VERDI GIUSEPPE"]
    assert found.band is Band.REVIEW
    assert Reason.HOLDER_UNSURE in found.reasons


def test_a_cover_that_agrees_makes_surer() -> None:
    before, after = alone(APPLICATION), behind(cover(VERDI), APPLICATION)
    assert holder_names(after) == ["VERDI GIUSEPPE"]
    assert after.holders[0].confidence >= before.holders[0].confidence
    assert after.band is Band.AUTO, after.reasons


def test_a_cover_of_an_earlier_file_is_a_hint_that_a_person_confirms() -> None:
    found = alone(NAMELESS, carried=cover(ROSSI))
    assert holder_names(found) == ["ROSSI LUCA"]
    assert found.band is Band.REVIEW
    assert Reason.HOLDER_UNSURE in found.reasons


def test_a_sidecar_is_a_hint_that_a_person_confirms() -> None:
    found = alone(NAMELESS, declared=(Declared(cf=ROSSI.cf, service="SAD", date=dt.date(2012, 3, 1)),))
    assert holder_names(found) == ["ROSSI LUCA"]
    assert found.band is Band.REVIEW
    assert found.date is not None
    assert found.date.value == dt.date(2012, 3, 12), "the paper's own date is stronger"


def test_a_sidecar_that_names_two_possible_persons_names_nobody() -> None:
    twin = person("ROSSI", "LUCA", "1990-01-01")
    context = Context(SCANNED, "a.pdf", declared=(Declared(surname="Rossi", name="Luca"),))
    (found,) = propose(views(NAMELESS), MemoryPersonRegister((*REGISTER, twin)), default_lexicon(), context)
    assert found.holders == ()


def test_a_cover_of_somebody_who_is_not_in_the_register_says_nothing_of_persons() -> None:
    stranger = person("NESSUNO", "UGO", "1950-01-01")
    found = behind(cover(stranger), NAMELESS)
    assert found.holders == ()
    assert found.band is not Band.AUTO


def test_an_unreadable_sheet_among_pages_keeps_them_from_being_filed_by_themselves() -> None:
    context = Context(SCANNED, "a.pdf", marks={1: Mark(Separator.DOUBTFUL)})
    found = propose(
        views(APPLICATION, "macchie illeggibili", NAMELESS), MemoryPersonRegister(REGISTER), default_lexicon(), context
    )
    assert all(Reason.SEPARATOR_UNSURE in document.reasons and document.band is not Band.AUTO for document in found)
    assert {page for document in found for page in range(document.first_page, document.last_page + 1)} == {0, 1, 2}


def test_a_doubtful_sheet_without_a_word_on_it_is_no_blank_back() -> None:
    context = Context(SCANNED, "a.pdf", marks={1: Mark(Separator.DOUBTFUL)})
    found = propose(views(APPLICATION, ""), MemoryPersonRegister(REGISTER), default_lexicon(), context)
    assert found[-1].last_page == 1
    assert found[-1].band is not Band.AUTO


def test_a_file_of_separators_alone_makes_no_document() -> None:
    sheet = cover(ROSSI)
    context = Context(SCANNED, "a.pdf", marks={0: Mark(Separator.COVER, sheet.token)}, sheets={sheet.token: sheet})
    assert propose(views("copertina", ""), MemoryPersonRegister(REGISTER), default_lexicon(), context) == ()


def test_the_service_of_an_inbox_is_that_of_papers_that_name_none() -> None:
    text = NAMELESS.replace("di assistenza domiciliare (SAD)", "").replace("RELAZIONE SOCIALE", "RELAZIONE SOCIALE")
    found = alone(text, service="SAD")
    assert found.service is not None
    assert found.service.value == "SAD"


def test_a_second_cover_counts_although_a_separator_or_a_blank_back_lies_behind_it() -> None:
    first, second = cover(ROSSI), cover(VERDI)
    for between in (["separatore"], ["", "separatore"]):
        texts = ["copertina", NAMELESS, "copertina", *between, NAMELESS]
        marks = {
            0: Mark(Separator.COVER, first.token),
            2: Mark(Separator.COVER, second.token),
            2 + len(between): Mark(Separator.DOCUMENT, "T"),
        }
        known = {first.token: first, second.token: second}
        context = Context(SCANNED, "a.tif", marks=marks, sheets=known)
        found = propose(views(*texts), MemoryPersonRegister(REGISTER), default_lexicon(), context)
        assert [holder_names(document) for document in found] == [["ROSSI LUCA"], ["VERDI GIUSEPPE"]]


def test_a_red_scan_a_broken_signature_and_a_blank_page_inside_keep_a_paper_from_being_filed_by_itself() -> None:
    sheet = cover(ROSSI)
    assert behind(sheet, NAMELESS).band is Band.AUTO
    assert behind(sheet, NAMELESS, bad=frozenset({1})).reasons == (Reason.SCAN_BAD,)
    assert behind(sheet, NAMELESS, broken_signature=True).reasons == (Reason.SIGNATURE_BROKEN,)
    more = "Segue la relazione: l'anziano prosegue l'intervento domiciliare con soddisfazione. Fine del testo."
    assert Reason.BLANK_INSIDE in behind(sheet, NAMELESS, "", "", more).reasons


def test_a_service_that_nobody_knows_is_not_taken_from_a_sidecar_or_an_inbox() -> None:
    text = NAMELESS.replace("di assistenza domiciliare (SAD)", "")
    for found in (alone(text, service="IGNOTO"), alone(text, declared=(Declared(service="Assistenza a casa"),))):
        assert found.service is None or found.service.value in default_lexicon().services
