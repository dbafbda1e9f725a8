"""A whole archive of made-up documents on disk: catalog, index, register, and real scans behind the first of them."""

from __future__ import annotations

import datetime as dt
import io
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from faldone.bootstrap import init_home, open_archive
from faldone.catalog.records import Intake, IntakeState
from faldone.domain.access import Sensitivity
from faldone.domain.account import Account, AccountRole, ApiToken, Rights
from faldone.domain.attribution import Attribution, Band, DocumentProposal, Evidence, PersonMention, Protocol, Role
from faldone.domain.batch import BatchFacts
from faldone.domain.decision import Asked
from faldone.domain.digest import Digest
from faldone.domain.ids import BatchId, IntakeId, PersonId, page_id
from faldone.domain.page import Box
from faldone.domain.reasons import Reason
from faldone.pipeline.filing.import_persons import import_persons
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.index import rebuild
from faldone.search.document import SearchDocument
from faldone.settings import load
from faldone.web.caller import key_of
from tests.bench.search.archive import MadeUpArchive, with_boxes

SCANS = 300
"""So many of the documents have a scan behind them; no viewer asks for the others."""

_AT_ONCE = 500
_FIRST_BIRTH = dt.date(1925, 1, 1)
_FONT = "/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf"


def make_home(home: Path, documents: int, tell: Callable[[str], None]) -> None:
    """Fills a home that is new; one that is full already stays as it is."""
    settings = load(home)
    if not init_home(settings):
        return
    made = MadeUpArchive(documents)
    with open_archive(settings) as ports:
        persons = _register(made, ports)
        tell(f"register: {len(persons)} persons")
        batches: dict[str, BatchId] = {}
        for start, numbers in _stretches(documents):
            _put(made, numbers, persons, batches, ports)
            if start % 10_000 == 0:
                tell(f"catalog: {start + len(numbers)} documents")
        tell(f"index: {rebuild(ports)} documents")


def token_of(role: AccountRole, home: Path, rights: Rights | None = None) -> str:
    """A program's token for an account of this role, made now."""
    secret = f"fal_bench_{secrets.token_hex(8)}"
    with open_archive(load(home)) as ports, ports.catalog.begin() as work:
        everything = Rights(None, None, Sensitivity.GIUDIZIARI, intake=True)
        work.put_account(Account(f"bench-{role.value}", "Banco di prova", role, rights or everything))
        now = ports.clock()
        work.put_token(ApiToken(key_of(secret), f"bench-{role.value}", "bench", now, now + dt.timedelta(days=2)))
    return secret


def _stretches(documents: int) -> Iterator[tuple[int, range]]:
    for start in range(0, documents, _AT_ONCE):
        yield start, range(start, min(start + _AT_ONCE, documents))


def _register(made: MadeUpArchive, ports: Ports) -> dict[str, PersonId]:
    # Their made-up codes have no true check letter, so that people are told apart by name and birth.
    births = {one.id: _FIRST_BIRTH + dt.timedelta(days=7 * number % 30_000) for number, one in enumerate(made.holders)}
    lines = ["cognome,nome,data_nascita,comune_residenza"]
    lines += [f"{one.surname},{one.name},{births[one.id]},{one.comune}" for one in made.holders]
    import_persons("\n".join(lines).encode(), ports)
    known = {(person.display_name, person.birth_date): person.id for person in ports.catalog.persons()}
    return {
        one.id: known[key]
        for one in made.holders
        if (key := (f"{one.surname} {one.name}".upper(), births[one.id])) in known
    }


def _put(
    made: MadeUpArchive, numbers: range, persons: dict[str, PersonId], batches: dict[str, BatchId], ports: Ports
) -> None:
    at = ports.clock()
    with ports.catalog.begin() as work:
        for number in numbers:
            document = made.document(number)
            digest = _sealed(number, document, ports)
            batch = batches.get(document.comune or "")
            if batch is None:
                facts = BatchFacts(comune=document.comune, box=document.box)
                batch = work.open_batch(f"lotto-{len(batches):03}", "", facts, at).id
                batches[document.comune or ""] = batch
            work.add_sources([(digest, 1)], at)
            intake = Intake(
                IntakeId(f"i-{number:08}"), batch, document.file, document.file.encode(), digest, 1, at,
                IntakeState.TAKEN, None, True,
            )  # fmt: skip
            work.add_intakes([intake])
            work.open_source(digest, "image/tiff", len(document.pages))
            for index, text in enumerate(document.pages):
                work.save_text(page_id(digest, index), Digest.of(f"{number} {index}".encode()), with_boxes(text))
            holder = persons.get(document.persons[0].id or "")
            asked = {0: Asked(f"holder:{holder}", frozenset())} if document.band is not Band.AUTO else None
            work.save_proposals(digest, [_proposal(document, holder)], at, asked)


def _proposal(document: SearchDocument, holder: PersonId | None) -> DocumentProposal:
    proof = (Evidence("label", 0, document.persons[0].name, Box(180, 530, 600, 60)),)
    mentions = (
        PersonMention(Role.HOLDER, document.persons[0].name, document.persons[0].cf, person=holder),
        PersonMention(Role.PARENT, document.persons[1].name),
    )
    sure = 1.0 if document.band is Band.AUTO else 0.6
    number = Protocol(document.protocol_number or "", document.protocol_date)
    return DocumentProposal(
        first_page=0,
        last_page=len(document.pages) - 1,
        type=Attribution(document.type or "", sure, "bench", "1", proof),
        service=Attribution(document.service or "", sure, "bench", "1", proof),
        persons=tuple(Attribution(one, sure, "bench", "1", proof) for one in mentions),
        date=Attribution(document.date, sure, "bench", "1", proof) if document.date else None,
        protocol=Attribution(number, sure, "bench", "1", proof),
        band=document.band,
        reasons=() if document.band is Band.AUTO else (Reason.NAME_ALONE,),
    )


def _sealed(number: int, document: SearchDocument, ports: Ports) -> Digest:
    """The file behind a document: a real scan for the first of them, a name for the others."""
    if number >= SCANS:
        return Digest.of(f"bench {number}".encode())
    pages = [_picture(text) for text in document.pages]
    made = io.BytesIO()
    pages[0].save(made, "TIFF", save_all=True, append_images=pages[1:], compression="jpeg", dpi=(300, 300))
    body = made.getvalue() + number.to_bytes(4, "big")
    return ports.store.put(io.BytesIO(body))[0]


def _picture(text: str) -> Image.Image:
    image = Image.new("L", (2480, 3508), 246)
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(_FONT, 50)
    for line, content in enumerate(text.split("\n")):
        draw.text((180, 200 + line * 110), content, 25, font)
    return image
