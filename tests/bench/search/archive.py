"""A made-up archive: document ``n`` is made from the seed and ``n`` alone, so a million of them need no room.

Some 25 documents a person, the holder's name and codice fiscale on the pages; services, types and comuni by share;
dates 1985-2025; 1 to 4 pages of some 250 words, 3 % of them misread. About 15 000 documents a second on one core.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np

from faldone.catalog.codec import encode_text
from faldone.classify.lexicon import default_lexicon
from faldone.demo.lexis import table
from faldone.domain.access import Access, Sensitivity
from faldone.domain.attribution import Band, Role
from faldone.domain.ids import DocumentId
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.search.document import SearchDocument, SearchPerson
from tests.bench.search.vocabulary import given_names, misread, surnames, vocabulary

_LINES = 60_000
_WORDS_A_LINE = 10
_LINES_A_PAGE = 22
_MISREAD = 0.03
_DOCUMENTS_A_PERSON = 25
_DOCUMENTS_A_BATCH = 2_000
_FIRST, _LAST = dt.date(1985, 1, 1).toordinal(), dt.date(2025, 12, 31).toordinal()
_PAGES = (1, 1, 1, 2, 2, 2, 3, 3, 4)
_BANDS = (*(Band.AUTO,) * 7, *(Band.REVIEW,) * 2, Band.HOLD)
_STAMP = EngineStamp("made-up", "1", "")
_CONSONANTS = "BCDFGLMNPRSTVZ"


@dataclass(frozen=True, slots=True)
class Holder:
    """A person with a dossier; ``kin`` is somebody else whom the papers name."""

    id: str
    surname: str
    name: str
    cf: str
    comune: str
    kin: str


class MadeUpArchive:
    """``documents`` made-up documents."""

    def __init__(self, documents: int, seed: int = 7) -> None:
        self.size = documents
        self._seed = seed
        rng = np.random.default_rng(seed)
        words = vocabulary()
        self.lines = _lines(words.words, words.weights, rng)
        self._wrong = [word for word in words.words if len(word) >= 4]
        lexicon = default_lexicon()
        self._services = [(service.code, service) for service in lexicon.services.values()]
        self._types = [(type_.code, type_) for type_ in lexicon.types.values()]
        self._service_of = _by_share(len(self._services), rng)
        self._type_of = _by_share(len(self._types), rng)
        self.comuni = [place["name"] for place in table("places")["home"]]
        self.holders = self._made_holders(max(documents // _DOCUMENTS_A_PERSON, 1), rng)

    def document(self, number: int) -> SearchDocument:
        """The document with this number, as the index takes it."""
        rng = Random(self._seed << 32 | number)
        draw = rng.random
        holder = self.holders[int(draw() * draw() ** 0.3 * len(self.holders))]
        service, service_entry = self._services[self._service_of[int(draw() * 1000)]]
        type_, type_entry = self._types[self._type_of[int(draw() * 1000)]]
        date = dt.date.fromordinal(int(_FIRST + draw() ** 0.6 * (_LAST - _FIRST)))
        protocol = int(draw() * 48_000) + 1
        pages = _PAGES[int(draw() * len(_PAGES))]
        head = [
            f"COMUNE DI {holder.comune.upper()} - Servizi alla persona",
            f"Prot. n. {protocol}/{date.year} del {date.day:02}/{date.month:02}/{date.year}",
            f"Oggetto: {type_entry.name} - {service_entry.name}",
            f"Sig. {holder.surname} {holder.name} C.F. {holder.cf} residente a {holder.comune}",
        ]
        texts = []
        for page in range(pages):
            lines = [self.lines[int(draw() * _LINES)] for _ in range(_LINES_A_PAGE)]
            for _ in range(int(_LINES_A_PAGE * _WORDS_A_LINE * _MISREAD)):
                at = int(draw() * _LINES_A_PAGE)
                lines[at] += " " + misread(self._wrong[int(draw() ** 4 * len(self._wrong))], rng)
            lines[int(draw() * _LINES_A_PAGE)] += f" {holder.name} {holder.surname}"
            lines[int(draw() * _LINES_A_PAGE)] += f" la signora {holder.kin}"
            texts.append("\n".join(lines if page else head + lines))
        return SearchDocument(
            id=DocumentId(f"d{number:08}"),
            version=1,
            file=f"scansioni/{number // _DOCUMENTS_A_BATCH:04}/{number:08}.pdf",
            first_page=0,
            last_page=pages - 1,
            type=type_,
            type_name=type_entry.name,
            service=service,
            service_name=service_entry.name,
            date=date,
            persons=(
                SearchPerson(Role.HOLDER, f"{holder.surname} {holder.name}", holder.cf, id=holder.id),
                SearchPerson(Role.PARENT, holder.kin),
            ),
            protocol_number=str(protocol),
            protocol_date=date,
            band=_BANDS[int(draw() * len(_BANDS))],
            batch=f"b{number // _DOCUMENTS_A_BATCH:05}",
            pages=tuple(texts),
            comune=holder.comune,
            box=f"scatola {number // 500}",
            sensitivity=Sensitivity.of(service_entry.sensitivity, type_entry.sensitivity),
        )

    def documents(self) -> Iterator[SearchDocument]:
        """All documents."""
        return map(self.document, range(self.size))

    def some(self, rng: Random) -> SearchDocument:
        """Any of the documents."""
        return self.document(rng.randrange(self.size))

    def clerk(self) -> Access:
        """What somebody of a few services and comuni may see: about a quarter of the archive."""
        services = frozenset(self._services[at][0] for at in dict.fromkeys(self._service_of[:700:9]))
        comuni = frozenset(comune.lower() for comune in self.comuni[:8])
        return Access(services, comuni, Sensitivity.GIUDIZIARI, intake=True)

    def _made_holders(self, count: int, rng: np.random.Generator) -> list[Holder]:
        families, first = surnames(), given_names()
        drawn = zip(
            rng.choice(len(families.words), count, p=families.weights).tolist(),
            rng.choice(len(families.words), count, p=families.weights).tolist(),
            rng.choice(len(first.words), (count, 2), p=first.weights).tolist(),
            strict=True,
        )
        own = Random(self._seed)
        holders = []
        for number, (family, kin, (name, other)) in enumerate(drawn):
            surname, given = families.words[family], first.words[name]
            holders.append(
                Holder(
                    id=f"p{number:06}",
                    surname=surname,
                    name=given,
                    cf=_code(surname, given, own),
                    comune=self.comuni[int(own.random() ** 2 * len(self.comuni))],
                    kin=f"{families.words[kin]} {first.words[other]}",
                )
            )
        return holders


def encoded_pages(document: SearchDocument) -> dict[int, bytes]:
    """The pages as they lie in the catalog: words with boxes, packed."""
    return {index: encode_text(with_boxes(text)) for index, text in enumerate(document.pages)}


def with_boxes(text: str) -> PageText:
    """A page with these lines, each word in a box of its own."""
    words = []
    for line, content in enumerate(text.split("\n")):
        x = 180
        for word in content.split():
            words.append(Word(word, Box(x, 200 + line * 110, 26 * len(word), 48 + x % 7), 0.5 + (x % 50) / 100, line))
            x += 26 * len(word) + 24
    return PageText(tuple(words), 2480, 3508, 300, 0, TextSource.OCR, _STAMP)


def _lines(words: tuple[str, ...], weights: np.ndarray, rng: np.random.Generator) -> list[str]:
    drawn = rng.choice(len(words), (_LINES, _WORDS_A_LINE), p=weights).tolist()
    return [" ".join([words[word] for word in line]) for line in drawn]


def _by_share(count: int, rng: np.random.Generator) -> list[int]:
    """A thousand draws by which a few of ``count`` are most of what there is."""
    shares = 1.0 / (np.arange(count) + 2.0)
    drawn: list[int] = rng.choice(rng.permutation(count), 1000, p=shares / shares.sum()).tolist()
    return drawn


def _code(surname: str, name: str, rng: Random) -> str:
    letters = [letter for letter in (surname + name).upper() if letter in _CONSONANTS] + list("XXXXXX")
    year, month, day = rng.randrange(100), rng.choice("ABCDEHLMPRST"), rng.randrange(1, 29)
    place, check = rng.randrange(1000), rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f"{''.join(letters[:6])}{year:02}{month}{day:02}{rng.choice('ABCDEFGHL')}{place:03}{check}"
