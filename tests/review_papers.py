"""Papers that wait for a person, each for its own reason, read and proposed as real ones are."""

from __future__ import annotations

from faldone.catalog.records import Document, Intake, IntakeState
from faldone.domain.batch import BatchFacts
from faldone.domain.digest import Digest
from faldone.domain.ids import IntakeId, page_id
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.pipeline.filing.attribute import attribute
from faldone.pipeline.filing.import_persons import import_persons
from tests.twins import Archive

HEADER = "codice_fiscale,cognome,nome,data_nascita,luogo_nascita,comune_residenza\n"

REGISTER = HEADER + (
    "RSSMRA85T10A562S,ROSSI,MARIO,1985-12-10,San Giuliano Terme,Crema\n"
    ",BIANCHI,LUCA,2009-05-03,Crema,Crema\n"
    ",BIANCHI,LUCA,2009-05-11,Lodi,Lodi\n"
    ",FERRARI,ANNA,2010-01-02,Crema,Soncino\n"
)

SERVICES = {
    "TUM": "Servizio Tutela Minori\nRELAZIONE SOCIALE\nOggetto: relazione sociale sul minore {name}{born}",
    "ADM": "Servizio Assistenza Domiciliare Minori\nRELAZIONE ADM\n"
    "Oggetto: relazione educativa ADM sul minore {name}{born}",
}

REPORT = "COMUNE DI CREMA\n{head}\nCrema, 12 marzo 2019\nIl minore è seguito dal servizio. Distinti saluti"


def report(name: str, born: str = "", service: str = "TUM") -> str:
    """A report on a child; ``born`` as «nato a Crema il 3 maggio 2009»."""
    head = SERVICES[service].format(name=name, born=f" {born}" if born else "")
    return REPORT.format(head=head)


def import_register(archive: Archive, text: str = REGISTER) -> None:
    import_persons(text.encode(), archive.ports)


def page_text(text: str) -> PageText:
    """A page with these lines, each word in a box of its own."""
    words = tuple(
        Word(word, Box(50 + 60 * place, 50 + 60 * line, 50, 30), 0.96, line)
        for line, said in enumerate(text.splitlines())
        for place, word in enumerate(said.split())
    )
    return PageText(words, 900, 1200, 100, 0, TextSource.OCR, EngineStamp("fake", "1", "s"))


def take_papers(archive: Archive, *texts: str, first: int = 1, pages: int = 1, batch: str = "B-12") -> list[Document]:
    """Puts a file with each text on record as if it had been read, and proposes it; the documents, in that order."""
    made = []
    for number, text in enumerate(texts, first):
        digest = Digest.of(f"{batch} {number}".encode())
        name = f"{batch}-{number}.tif"
        with archive.catalog.begin() as work:
            there = next((one.id for one in archive.catalog.batches() if one.code == batch), None)
            its = there or work.open_batch(batch, "", BatchFacts(), archive.clock()).id
            work.add_sources([(digest, 1)], archive.clock())
            arrival = IntakeId(f"i-{batch}-{number}")
            taken = IntakeState.TAKEN
            work.add_intakes([Intake(arrival, its, name, name.encode(), digest, 1, archive.clock(), taken, None, True)])
            work.open_source(digest, "image/tiff", pages)
            for page in range(pages):
                key = Digest.of(f"{batch} {number} {page}".encode())
                work.save_text(page_id(digest, page), key, page_text(text))
        attribute(digest, archive.ports)
        made += archive.catalog.documents(digest)
    return made
