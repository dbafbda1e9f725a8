"""The auditor's one box: what was typed is a document, a batch, a person, an account, or several of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from faldone.classify.codice_fiscale import is_valid
from faldone.domain.events import user_agent
from faldone.domain.ids import DocumentId, PageId, PersonId
from faldone.errors import NotFoundError
from faldone.pipeline.audit.telling.words import page_number
from faldone.pipeline.ports import Ports

LONGEST: Final = 100


class DoorKind(StrEnum):
    """Whose story it is."""

    DOCUMENT = "document"
    BATCH = "batch"
    PERSON = "person"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Door:
    """A story that can be asked for; ``id`` is what it is asked by, ``label`` how people call it."""

    kind: DoorKind
    id: str
    label: str


def doors(text: str, ports: Ports) -> tuple[Door, ...]:
    """All that the words may mean, by id, by a batch's code, by an account's name, or by a whole codice fiscale.

    No names of persons are looked for: whoever may ask for those searches as everybody does.
    """
    words = text.strip()
    return tuple(_doors(words, ports)) if 0 < len(words) <= LONGEST else ()


def _doors(words: str, ports: Ports) -> Iterator[Door]:
    catalog = ports.catalog
    if DocumentId(words) in catalog.documents_with([DocumentId(words)]):
        yield Door(DoorKind.DOCUMENT, words, words)
    yield from _of_page(words, ports)
    try:
        batch = catalog.batch(words)
        yield Door(DoorKind.BATCH, batch.id, batch.code)
    except NotFoundError:
        pass
    persons = set(catalog.persons_with([PersonId(words)]))
    code = "".join(words.split()).upper()
    if is_valid(code):
        persons |= {person.id for person in ports.register().by_cf(code)}
    for person in sorted(persons):
        yield Door(DoorKind.PERSON, person, person)
    try:
        yield Door(DoorKind.ACCOUNT, catalog.account(words).name, words)
    except NotFoundError:  # an account that is no more has its story all the same
        if catalog.events_by(user_agent(words), limit=1):
            yield Door(DoorKind.ACCOUNT, words, words)


def _of_page(words: str, ports: Ports) -> Iterator[Door]:
    """The document that a page stands in."""
    if page_number(words) is None:
        return
    try:
        page = ports.catalog.page(PageId(words))
    except NotFoundError:
        return
    for document in ports.catalog.documents(page.source):
        if page.index in document.span:
            yield Door(DoorKind.DOCUMENT, document.id, document.id)
