"""What people ask an archive, drawn from what is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from faldone.search.query import Query
from tests.bench.search.archive import MadeUpArchive
from tests.bench.search.vocabulary import misread, vocabulary

SHOWN = 10


def questions(archive: MadeUpArchive, count: int, seed: int = 11) -> Iterator[tuple[str, Query]]:
    """``count`` questions, each with its kind."""
    rng = Random(seed)
    kinds, shares = zip(*((kind, share) for kind, (share, _) in _KINDS.items()), strict=True)
    for kind in rng.choices(kinds, shares, k=count):
        yield kind, _KINDS[kind][1](archive, rng)


def _words(archive: MadeUpArchive, rng: Random) -> Query:
    words = vocabulary().words
    frequent = [words[int(40 + rng.random() ** 2 * 4000)] for _ in range(rng.choice((1, 2, 2, 3)))]
    return Query(words=tuple(frequent), limit=SHOWN)


def _name(archive: MadeUpArchive, rng: Random) -> Query:
    holder = rng.choice(archive.holders)
    return Query(words=(*holder.surname.split(), *holder.name.split()), limit=SHOWN)


def _misspelt(archive: MadeUpArchive, rng: Random) -> Query:
    holder = rng.choice(archive.holders)
    return Query(words=(misread(holder.surname.split()[-1], rng), *holder.name.split()), limit=SHOWN)


def _phrase(archive: MadeUpArchive, rng: Random) -> Query:
    words = rng.choice(archive.lines).split()
    at = rng.randrange(len(words) - 3)
    return Query(phrases=(" ".join(words[at : at + 3]),), limit=SHOWN)


def _code(archive: MadeUpArchive, rng: Random) -> Query:
    return Query(words=(rng.choice(archive.holders).cf,), limit=SHOWN)


def _protocol(archive: MadeUpArchive, rng: Random) -> Query:
    document = archive.some(rng)
    assert document.date is not None
    return Query(words=("prot.", f"{document.protocol_number}/{document.date.year}"), limit=SHOWN)


def _dossier(archive: MadeUpArchive, rng: Random) -> Query:
    document = archive.some(rng)
    assert document.date is not None
    year = document.date.replace(month=1, day=1)
    return Query(
        words=tuple(document.persons[0].name.split()),
        service=document.service,
        date_from=year,
        date_to=year.replace(month=12, day=31),
        limit=SHOWN,
    )


def _beginning(archive: MadeUpArchive, rng: Random) -> Query:
    word = rng.choice([word for word in vocabulary().words[100:5000] if len(word) >= 7 and word.isalpha()])
    return Query(prefixes=(word[:5],), limit=SHOWN)


_KINDS: dict[str, tuple[int, Callable[[MadeUpArchive, Random], Query]]] = {
    "words": (25, _words),
    "name": (20, _name),
    "name misspelt": (10, _misspelt),
    "phrase": (10, _phrase),
    "code": (10, _code),
    "protocol": (10, _protocol),
    "name, service, year": (10, _dossier),
    "beginning": (5, _beginning),
}
