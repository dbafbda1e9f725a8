"""Papers with real scans behind them, of known persons, for tests of dossiers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

from faldone.catalog.records import Intake, IntakeState
from faldone.domain.attribution import Band
from faldone.domain.batch import BatchFacts
from faldone.domain.digest import Digest
from faldone.domain.ids import DocumentId, IntakeId, PersonId, document_id, page_id
from faldone.domain.person import Person
from faldone.domain.reasons import Reason
from faldone.pipeline.search.index import index_pending
from tests.papers import page, tiff
from tests.small_archive import Paper, page_text, proposal
from tests.twins import Archive

LUCA = Person(
    PersonId("u-0000000000a1"), "Bianchi", "Luca", "BNCLCU03E01D142B", dt.date(2003, 5, 1), residence="Crema",
    birth_place="Crema", aliases=("BIANCHI LUCHINO",),
)  # fmt: skip
NAMESAKE = Person(PersonId("u-0000000000a2"), "Bianchi", "Luca", None, dt.date(2003, 5, 11), residence="Lodi")
BROTHER = Person(PersonId("u-0000000000a3"), "Bianchi", "Șerban", None, dt.date(2006, 2, 3), residence="Crema")
CLOSE = Person(PersonId("u-0000000000a4"), "Neri", "Ada", None, dt.date(2010, 7, 8), residence="Crema")

PERSONS = (LUCA, NAMESAKE, BROTHER, CLOSE)
PAPERS = (
    Paper(["decreto uno", "decreto due"], [LUCA], "TUM", "decreto_tm", dt.date(2014, 3, 12), "12345/2014", "Crema",
          "B-12"),
    Paper(["relazione prima", "relazione seconda", "relazione terza"], [LUCA, BROTHER], "TUM", "relazione_sociale",
          dt.date(2016, 1, 1), comune="Crema", box="B-12"),
    Paper("contributo affitto", [LUCA], "ECA", None, dt.date(2012, 10, 2), comune="Crema", box="B-7"),
    Paper("appunto senza giorno", [LUCA], "TUM", comune="Crema", box="B-12"),
    Paper("lettera di un altro", [NAMESAKE], "TUM", "corrispondenza", dt.date(2015, 1, 1), comune="Crema", box="B-9"),
    Paper("progetto di affido", [CLOSE], "TUM", "progetto_affido", dt.date(2019, 4, 5), comune="Crema", box="B-1"),
)  # fmt: skip


def scan(archive: Archive, papers: Sequence[Paper] = PAPERS, first: int = 0) -> list[DocumentId]:
    """Puts papers on record as if they had been scanned and read, a file and a batch each, and indexes them."""
    made = []
    with archive.catalog.begin() as work:
        for number, paper in enumerate(papers, first):
            content = tiff(*(page(words, f"scansione {number}") for words in paper.pages))
            digest, size = archive.ports.store.put(BytesIO(content))
            facts = BatchFacts(comune=paper.comune, box=paper.box, folder=str(number))
            batch = work.open_batch(f"lotto {number}", "", facts, archive.clock()).id
            work.add_sources([(digest, size)], archive.clock())
            name = f"carta-{number:04}.tif"
            arrival = Intake(
                IntakeId(f"i-{number}"), batch, name, name.encode(), digest, size, archive.clock(), IntakeState.TAKEN,
                None, True,
            )  # fmt: skip
            work.add_intakes([arrival])
            work.open_source(digest, "image/tiff", len(paper.pages))
            for index, words in enumerate(paper.pages):
                text = replace(page_text(words), width=875, height=1240, dpi=150)
                work.save_text(page_id(digest, index), Digest.of(f"{number} {index} {words}".encode()), text)
            work.save_proposals(digest, [proposal(paper)], archive.clock())
            made.append(document_id(digest, 0))
    index_pending(archive.ports)
    return made


def fill(archive: Archive) -> list[DocumentId]:
    """An archive with all persons and papers of this module."""
    with archive.catalog.begin() as work:
        work.save_persons(list(PERSONS))
    return scan(archive)


def doubt(archive: Archive, document: DocumentId, reason: Reason) -> None:
    """Sends a paper back to review for a reason."""
    found = archive.catalog.document(document)
    proposals = [
        replace(one.proposal, band=Band.REVIEW, reasons=(reason,)) if one.id == document else one.proposal
        for one in archive.catalog.documents(found.source)
    ]
    with archive.catalog.begin() as work:
        work.save_proposals(found.source, proposals, archive.clock())
