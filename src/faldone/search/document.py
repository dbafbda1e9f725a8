"""What the index holds of a document: a projection of the catalog, made anew at will."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from faldone.domain.access import Sensitivity
from faldone.domain.attribution import Band, DocumentProposal, Role
from faldone.domain.ids import DocumentId
from faldone.search import analysis

_KEPT = 4096
"""Names and labels that are kept as they are written: many documents in a row have the same."""


class Field(StrEnum):
    """The fields that are searched; every engine has them under these names."""

    WORDS = "words"
    """Page texts, spelled."""
    TEXT = "text"
    """Page texts, stemmed."""
    HOLDERS = "holders"
    """Names and aliases of those whose dossier the document is in, spelled."""
    NAMES = "names"
    """Names and aliases of all persons, spelled."""
    CF = "cf"
    """Codici fiscali of all persons, lower case."""
    PROTOCOL = "protocol"
    """The document's own protocol: number, and number/year when the year is known."""
    CODES = "codes"
    """Codici fiscali and protocol numbers that stand in the pages (:func:`faldone.search.analysis.codes`)."""
    TITLE = "title"
    """Codes and names of type and service, and the file's name, spelled."""
    SERVICE = "service"
    """Code of the service, lower case."""
    SERVICE_LABEL = "service_label"
    """Code and name of the service, stemmed."""
    TYPE = "type"
    """Code of the type, lower case."""
    TYPE_LABEL = "type_label"
    """Code and name of the type, stemmed."""
    BAND = "band"
    """auto, review or hold."""
    BATCH = "batch"
    """Id of the batch."""
    PERSON = "person"
    """Who the dossier is of: id of the person on record, else codice fiscale or folded name, lower case."""
    YEAR = "year"
    """Year of the document's date."""
    COMUNE = "comune"
    """The comune that the document belongs to, folded."""
    BOX = "box"
    """The box that the paper lies in, folded."""
    SENSITIVITY = "sensitivity"
    """The numbers of each :class:`faldone.domain.access.Sensitivity` to which it is open: its own and the higher."""
    FILED = "filed"
    """Whether its service and its comune are known: see :func:`filed`."""


SPELLED = frozenset({Field.WORDS, Field.HOLDERS, Field.NAMES, Field.TITLE})
STEMMED = frozenset({Field.TEXT, Field.SERVICE_LABEL, Field.TYPE_LABEL})
KEYWORDS = frozenset(Field) - SPELLED - STEMMED


@dataclass(frozen=True, slots=True)
class SearchPerson:
    """A person of a document; ``name`` is surname first, ``aliases`` are further full names."""

    role: Role
    name: str
    cf: str | None = None
    aliases: tuple[str, ...] = ()
    id: str | None = None

    @property
    def key(self) -> str:
        """By what the person is counted: the id on record, else the code, else the folded name."""
        return (self.id or self.cf or " ".join(analysis.fold(self.name).split())).lower()


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """One document as the index knows it.

    ``version`` rises with each change of the document in the catalog: an index never replaces a newer one with an
    older one. ``first_page`` and ``last_page`` are 0-based indices in ``file``, both inclusive; ``pages`` are the
    texts of those pages in order. ``type`` and ``service`` are codes, ``type_name`` and ``service_name`` what people
    call them. ``comune`` and ``box`` are as people write them; ``confirmed`` says that a person confirmed the whole of
    it. ``protocol_number`` may carry its year (*1234/2014*); otherwise the year is that of ``protocol_date``.
    """

    id: DocumentId
    version: int
    file: str
    first_page: int
    last_page: int
    type: str | None = None
    type_name: str | None = None
    service: str | None = None
    service_name: str | None = None
    date: dt.date | None = None
    persons: tuple[SearchPerson, ...] = ()
    protocol_number: str | None = None
    protocol_date: dt.date | None = None
    band: Band | None = None
    batch: str | None = None
    pages: tuple[str, ...] = ()
    comune: str | None = None
    box: str | None = None
    sensitivity: Sensitivity = Sensitivity.RAFFORZATA
    confirmed: bool = False

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("a document needs an id")
        if self.version < 0:
            raise ValueError(f"a version cannot be negative: {self.version}")
        if not 0 <= self.first_page <= self.last_page:
            raise ValueError(f"not a range of pages: {self.first_page}…{self.last_page}")


class Named(Protocol):
    """Something with a name that people use."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def sensitivity(self) -> str:
        """How closely its papers are kept."""
        ...


class Labels(Protocol):
    """The names of the codes of services and types."""

    @property
    def services(self) -> Mapping[str, Named]:
        """Services by code."""
        ...

    @property
    def types(self) -> Mapping[str, Named]:
        """Types of document by code."""
        ...


def project(
    *,
    document_id: DocumentId,
    version: int,
    file: str,
    batch: str | None,
    proposal: DocumentProposal,
    texts: Sequence[str],
    lexicon: Labels,
    aliases: Mapping[str, tuple[str, ...]] | None = None,
    comune: str | None = None,
    box: str | None = None,
) -> SearchDocument:
    """What the index holds of a document as the catalog knows it.

    ``texts`` are those of the proposal's pages in order; ``aliases`` are further names of persons by id or, where a
    person has none, by codice fiscale. A code that the lexicon does not know is indexed without a name.
    """
    type_ = proposal.type.value if proposal.type else None
    service = proposal.service.value if proposal.service else None
    protocol = proposal.protocol.value if proposal.protocol else None
    number = protocol.number if protocol else None
    if protocol and protocol.year and protocol.date is None and "/" not in protocol.number:
        number = f"{protocol.number}/{protocol.year}"
    known = aliases or {}
    return SearchDocument(
        id=document_id,
        version=version,
        file=file,
        first_page=proposal.first_page,
        last_page=proposal.last_page,
        type=type_,
        type_name=_name_of(type_, lexicon.types),
        service=service,
        service_name=_name_of(service, lexicon.services),
        date=proposal.date.value if proposal.date else None,
        persons=tuple(
            SearchPerson(
                role=mention.value.role,
                name=mention.value.name,
                cf=mention.value.cf,
                aliases=known.get(mention.value.person or mention.value.cf or "", ()),
                id=mention.value.person,
            )
            for mention in proposal.persons
        ),
        protocol_number=number,
        protocol_date=protocol.date if protocol else None,
        band=proposal.band,
        batch=batch,
        pages=tuple(texts),
        comune=comune,
        box=box,
        sensitivity=Sensitivity.of(_sensitivity(service, lexicon.services), _sensitivity(type_, lexicon.types)),
        confirmed=bool(proposal.type and proposal.type.confirmed_by and not proposal.reasons),
    )


def fields(document: SearchDocument) -> dict[Field, tuple[str, ...]]:
    """The values of each searched field, prepared for any engine; every value is apart from the next for phrases."""
    pages = tuple(analysis.prepared(page) for page in document.pages)
    holders = tuple(person for person in document.persons if person.role is Role.HOLDER)
    service = _present(document.service, document.service_name)
    type_ = _present(document.type, document.type_name)
    return {
        Field.WORDS: pages,
        Field.TEXT: pages,
        Field.HOLDERS: _names(holders),
        Field.NAMES: _names(document.persons),
        Field.CF: _unique(code_key(person.cf) for person in document.persons if person.cf),
        Field.PROTOCOL: protocol_keys(document.protocol_number, document.protocol_date),
        Field.CODES: _unique(token.term for page in document.pages for token in analysis.codes(page)),
        Field.TITLE: (*service, *type_, *_present(document.file)),
        Field.SERVICE: _key(document.service),
        Field.SERVICE_LABEL: service,
        Field.TYPE: _key(document.type),
        Field.TYPE_LABEL: type_,
        Field.BAND: () if document.band is None else (document.band.value,),
        Field.BATCH: () if document.batch is None else (document.batch,),
        Field.PERSON: _unique(person.key for person in holders),
        Field.YEAR: () if document.date is None else (str(document.date.year),),
        Field.COMUNE: _folded(document.comune),
        Field.BOX: _folded(document.box),
        Field.SENSITIVITY: tuple(str(level.value) for level in Sensitivity if level >= document.sensitivity),
        Field.FILED: (
            filed(Field.SERVICE, known=bool(document.service)),
            filed(Field.COMUNE, known=bool(document.comune)),
        ),
    }


def filed(field: Field, *, known: bool) -> str:
    """The term of documents with a value in this field, or of those without: a rule of access asks for it each time."""
    return f"{field}:{'known' if known else 'unknown'}"


def fingerprint(document: SearchDocument) -> str:
    """The digest of everything that is written of a document but its version: the same when nothing changed."""
    said = {name: getattr(document, name) for name in _SAID}
    digest = hashlib.blake2b(json.dumps(said, default=_plain, ensure_ascii=False).encode(), digest_size=8)
    for page in document.pages:
        text = page.encode("utf-8", "surrogatepass")
        digest.update(len(text).to_bytes(8))
        digest.update(text)
    return digest.hexdigest()


_SAID = tuple(field.name for field in dataclass_fields(SearchDocument) if field.name not in ("version", "pages"))


def _plain(value: SearchPerson | dt.date) -> object:
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.role, value.name, value.cf, value.aliases, value.id


STANDING = 1 / 512
"""By which share at most a document's standing raises its score: less than the least distance of two tiers of
:mod:`faldone.search.plan`, 1.0, for sums up to 512, which is five words found as a holder's name."""


def standing(document: SearchDocument) -> float:
    """How far a document comes before others of the same score, 0 to 1: the more recent, and what people confirmed.

    Being confirmed counts as much as 14 years. The score is multiplied by ``1 + STANDING * standing(document)``.
    """
    first, last = dt.date(1950, 1, 1).toordinal(), dt.date(2080, 1, 1).toordinal()
    at = document.date.toordinal() if document.date is not None else first
    recent = (min(max(at, first), last) - first) / (last - first)
    return 0.9 * recent + (0.1 if document.confirmed else 0.0)


def dossier(document: SearchDocument) -> str | None:
    """The folded name by which documents are put in the order of dossiers: of the first holder, if there is one."""
    names = (person.name for person in document.persons if person.role is Role.HOLDER)
    name = next(names, None)
    return " ".join(analysis.fold(name).split()) if name else None


def day(date: dt.date) -> int:
    """A date as the number YYYYMMDD, which sorts as dates do."""
    return date.year * 10000 + date.month * 100 + date.day


def code_key(code: str) -> str:
    """A code as it is compared: lower case, accents folded, no spaces."""
    return "".join(analysis.fold(code).split())


def protocol_keys(number: str | None, date: dt.date | None = None) -> tuple[str, ...]:
    """The forms by which a protocol is found: *1234* and, with a year, *1234/2014*. Leading zeros do not count."""
    if not number:
        return ()
    bare, _, year = code_key(number).partition("/")
    bare = bare.lstrip("0") or bare
    if year.isdigit() and len(year) in (2, 4):
        year = analysis.full_year(year)
    elif year:
        bare = f"{bare}/{year}"  # a suffix that is no year belongs to the number: 1234/A
        year = ""
    if not year and date is not None:
        year = str(date.year)
    return (bare, f"{bare}/{year}") if year else (bare,)


def _name_of(code: str | None, names: Mapping[str, Named]) -> str | None:
    return names[code].name if code is not None and code in names else None


def _sensitivity(code: str | None, names: Mapping[str, Named]) -> str | None:
    return names[code].sensitivity if code is not None and code in names else None


def _names(persons: tuple[SearchPerson, ...]) -> tuple[str, ...]:
    return tuple(_name(name) for person in persons for name in (person.name, *person.aliases) if name)


@lru_cache(_KEPT)
def _name(name: str) -> str:
    joined = [token.term for token in analysis.compounds(name)]
    return " ".join([analysis.prepared(name), *joined])


def _present(*values: str | None) -> tuple[str, ...]:
    return tuple(_prepared(value) for value in values if value)


@lru_cache(_KEPT)
def _prepared(value: str) -> str:
    return analysis.prepared(value)


def _key(value: str | None) -> tuple[str, ...]:
    return (code_key(value),) if value else ()


def _folded(value: str | None) -> tuple[str, ...]:
    return (" ".join(analysis.fold(value).split()),) if value else ()


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
