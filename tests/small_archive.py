"""An archive of documents that are put on record as they are, with no scan behind them, for tests of searching."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from faldone.catalog.catalog import Work
from faldone.catalog.records import Intake, IntakeState
from faldone.domain.attribution import Attribution, Band, DocumentProposal, PersonMention, Protocol, Role
from faldone.domain.batch import BatchFacts
from faldone.domain.digest import Digest
from faldone.domain.ids import BatchId, DocumentId, IntakeId, document_id, page_id
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.domain.person import Person
from tests.twins import Archive

T = TypeVar("T")


@dataclass(frozen=True)
class Paper:
    """A document of one page or more: the words of each, and what is known of it."""

    words: str | Sequence[str]
    holders: Sequence[Person] = ()
    service: str | None = None
    type: str | None = None
    date: dt.date | None = None
    protocol: str | None = None
    comune: str | None = None
    box: str | None = None
    others: Sequence[PersonMention] = ()

    @property
    def pages(self) -> Sequence[str]:
        return [self.words] if isinstance(self.words, str) else self.words


def said(value: T) -> Attribution[T]:
    """A value that nobody doubts."""
    return Attribution(value, 1.0, "test", "1")


def proposal(paper: Paper, first_page: int = 0) -> DocumentProposal:
    """What is proposed for the paper."""
    holders = [PersonMention(Role.HOLDER, one.display_name, one.cf, person=one.id) for one in paper.holders]
    return DocumentProposal(
        first_page=first_page,
        last_page=first_page + len(paper.pages) - 1,
        type=said(paper.type) if paper.type else None,
        service=said(paper.service) if paper.service else None,
        persons=tuple(said(mention) for mention in (*holders, *paper.others)),
        date=said(paper.date) if paper.date else None,
        protocol=said(Protocol(paper.protocol)) if paper.protocol else None,
        band=Band.AUTO,
    )


def page_text(words: str) -> PageText:
    """A page with these words in lines of eight, each word in a box of its own."""
    made = tuple(
        Word(word, Box(50 + 100 * (place % 8), 50 + 40 * (place // 8), 90, 30), 0.9, place // 8)
        for place, word in enumerate(words.split())
    )
    return PageText(made, 900, 1200, 100, 0, TextSource.OCR, EngineStamp("fake", "1", "s"))


def put(archive: Archive, papers: Sequence[Paper], first: int = 0) -> list[DocumentId]:
    """Puts papers on record, a file each in the batch of its comune and box; they are not in the index yet."""
    made = []
    for number, paper in enumerate(papers, first):
        digest = Digest.of(f"paper {number}".encode())
        with archive.catalog.begin() as work:
            batch = _batch(paper, archive, work)
            work.add_sources([(digest, 1)], archive.clock())
            intake = IntakeId(f"i-{number}")
            name = f"carta-{number:04}.tif"
            work.add_intakes(
                [Intake(intake, batch, name, name.encode(), digest, 1, archive.clock(), IntakeState.TAKEN, None, True)]
            )
            work.open_source(digest, "image/tiff", len(paper.pages))
            for index, words in enumerate(paper.pages):
                key = Digest.of(f"{number} {index} {words}".encode())
                work.save_text(page_id(digest, index), key, page_text(words))
            work.save_proposals(digest, [proposal(paper)], archive.clock())
        made.append(document_id(digest, 0))
    return made


def _batch(paper: Paper, archive: Archive, work: Work) -> BatchId:
    code = f"{paper.comune or 'senza'} {paper.box or ''}".strip()
    for batch in archive.catalog.batches():
        if batch.code == code:
            return batch.id
    return work.open_batch(code, "", BatchFacts(comune=paper.comune, box=paper.box), archive.clock()).id
