"""The rules of matching and ranking, as a tree that every engine carries out alike.

A :class:`Plan` is made of few kinds of node with the plain meaning of boolean retrieval; an adapter translates each
kind once and knows nothing of names, words or stems. A rule of access is one more node in ``All.filter``: the count,
the hits and the pages all come from the one tree, so nothing can leak past it. The embedded index, to which such a node
costs as much as the question, asks the tree of everything and holds each part of the answer against the rule itself:
:mod:`faldone.search.tantivy.sight`.

Scores are set so that the order of the tiers cannot be upset by how rare a word is: a word in running text gives its
tier's floor and what BM25 adds, at most 2.2 · ln(1 + N), 31 for a million documents, which stays under the tier of
names.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from faldone.domain.access import Access, Sensitivity
from faldone.search import analysis
from faldone.search.document import Field, code_key, day, filed, protocol_keys
from faldone.search.query import MONTHS, Query, Reading
from faldone.search.understand import sound

MOST_WORDS = 0.6
"""Share of the free words that a document must have when none has all of them."""

MOST_LIKE = 0.3
"""Share of the words of another document that one must have to be like it."""

FUZZY_FROM = 5
"""Letters. Shorter words are not searched with an error: too many others are one letter away."""

FREQUENT = 300
"""Documents with a word, from which on it is searched as it is: with errors it would bring in its neighbours too, and
what stands on so many pages is found without."""

SELDOM = 5
"""Documents with a word, up to which it may be the misspelling of a name that sounds the same: recognition, too, takes
*Severgnini* for *Severnini* now and then."""

LONGEST_PHRASE = 200
"""Words of a phrase that are looked for: more is a page, and two readings of a page are never alike so far."""

HOLDER, AS_TYPED = 100.0, 10.0
"""What a word gives as a holder's name or code, and what it gives at least in running text as it was typed."""

_PERSON, _PROTOCOL, _CODE = 60.0, 80.0, 45.0
_CODE_WRONG, _CODE_BEGINS, _DAY, _MONTH, _YEAR = 90.0, 70.0, 80.0, 60.0, 50.0
_HOLDER_ALIKE, _PERSON_ALIKE = 55.0, 43.0
_TITLE, _STEM, _LABEL, _FUZZY_NAME, _FUZZY_WORD = 12.0, 5.0, 7.0, 2.0, 1.0
_PIECES, _STOP_WORD, _TOGETHER = 1.0, 1.0, 25.0
_SHORTEST_PIECE, _SHORTEST_OF_NAME, _SHORTEST_JOINED = 3, 2, 5
_TELLING_DIGITS = 3
_WHOLE_CODES = (11, 16)

_KEPT = 256
"""Words of queries that are kept as they are looked for: answering one asks several times."""


@dataclass(frozen=True, slots=True)
class Term:
    """Documents with this term in the field; scored by BM25."""

    field: Field
    value: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Documents with these terms (two or more) one after the other in one value of the field; scored by BM25."""

    field: Field
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Documents with a term that is the value or one edit away from it. Any score.

    An edit is a letter changed, added or left out, or two neighbours swapped (optimal string alignment distance).
    """

    field: Field
    value: str


@dataclass(frozen=True, slots=True)
class Dates:
    """Documents with a date in ``first``…``last``, inclusive, as YYYYMMDD. Any score."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Prefix:
    """Documents with a term in the field that begins with the value. Any score."""

    field: Field
    value: str


@dataclass(frozen=True, slots=True)
class Everything:
    """All documents. Any score."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """What ``of`` finds, each with this score."""

    of: Node
    score: float


@dataclass(frozen=True, slots=True)
class Best:
    """What any of these finds, with the highest of their scores."""

    of: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """What at least ``minimum`` of these find, with the sum of their scores."""

    of: tuple[Node, ...]
    minimum: int = 1


@dataclass(frozen=True, slots=True)
class All:
    """What all of ``must`` and of ``filter`` find and none of ``without``.

    The score is the sum over ``must`` and over those of ``bonus`` that find the document. With neither must nor filter
    it starts from all documents.
    """

    must: tuple[Node, ...] = ()
    filter: tuple[Node, ...] = ()
    without: tuple[Node, ...] = ()
    bonus: tuple[Node, ...] = ()


Node = Term | Phrase | Fuzzy | Prefix | Dates | Everything | Fixed | Best | Some | All


@dataclass(frozen=True, slots=True)
class Plan:
    """How to answer a query.

    ``relaxed`` is asked when ``strict`` finds nothing, if it is there: most of the words or, where a code or a protocol
    is among them, that alone, the others only raising the score. ``by_date`` says that nothing gives a score
    and that the latest date comes first.
    """

    strict: Node
    relaxed: Node | None = None
    by_date: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """A word of a query in the forms in which it is looked for.

    ``stem`` is ``None`` for stop words; ``variants`` are spelled forms that count as the stem
    (:func:`faldone.search.analysis.variants`); ``fuzzy`` says whether one wrong letter is forgiven.
    """

    word: str
    stem: str | None
    fuzzy: bool
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """One free word as typed: its units, the whole written as one word when it has an apostrophe, and its code.

    A word of several parts with a digit in it (a DSU number, *lotto-3*) is looked for as it stands: ``whole``.
    """

    units: tuple[Unit, ...]
    joined: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    whole: bool = False


_BEFORE_A_NUMBER = frozenset({"n", "nr", "num", "numero", "prot", "protocollo", "cf"})


def unit(word: str) -> Unit:
    """The forms of a spelled word."""
    stem = analysis.stem(word)
    fuzzy = stem is not None and len(word) >= FUZZY_FROM and word.isalpha()
    return Unit(word, stem, fuzzy, analysis.variants(word))


def wanted(words: Iterable[str]) -> list[Wanted]:
    """The free words of a query as they are looked for; *prot. n.* before a number says nothing and is left out."""
    return list(_looked_for(tuple(words)))


@lru_cache(_KEPT)
def _looked_for(words: tuple[str, ...]) -> tuple[Wanted, ...]:
    found: list[Wanted] = []
    for text in words:
        units = tuple(unit(token.term) for token in analysis.spell(text))
        if not units:
            continue
        codes = tuple(token.term for token in analysis.codes(text))
        whole = len(units) > 1 and any(character.isdigit() for character in text)
        joined = () if whole else tuple(token.term for token in analysis.compounds(text))
        if codes or (len(units) == 1 and units[0].word.isdigit()):
            while len(found) > 0 and [part.word for part in found[-1].units] in [[word] for word in _BEFORE_A_NUMBER]:
                found.pop()
        found.append(Wanted(units, joined, codes, whole))
    return tuple(found)


def permitted(access: Access) -> tuple[Node, ...]:
    """The rule of access as filters: a document passes all of them or does not exist.

    They are asked with every question, so they are terms alone, and each says what is open: nothing is open by default.
    """
    rules: list[Node] = []
    if access.sensitivity < max(Sensitivity):
        rules.append(Term(Field.SENSITIVITY, str(access.sensitivity.value)))
    for allowed, field in ((access.services, Field.SERVICE), (access.comuni, Field.COMUNE)):
        if allowed is None and (access.intake or field is Field.COMUNE):
            continue
        if allowed is None:
            rules.append(Term(Field.FILED, filed(field, known=True)))
            continue
        choices = [_of(field, value) for value in sorted(allowed)]
        if access.intake:
            choices.append(Term(Field.FILED, filed(field, known=False)))
        rules.append(Some(tuple(choices)))
    return tuple(rules)


def _of(field: Field, value: str) -> Term:
    return Term(field, code_key(value) if field is Field.SERVICE else value)


def doubted(query: Query) -> tuple[str, ...]:
    """The words of which :func:`plan` wants to know in how many documents they stand: those that may be misspelt."""
    words = wanted(query.words)
    units = [part for word in words for part in word.units]
    units += [unit(joined) for word in words for joined in word.joined]
    alike = [token.term for reading in query.readings if reading.alike for token in _tokens(query, reading)]
    return tuple(dict.fromkeys([*(part.word for part in units if part.fuzzy), *alike]))


def plan(query: Query, access: Access, frequencies: Mapping[str, int] | None = None) -> Plan:
    """How to answer ``query`` about what ``access`` permits.

    ``frequencies`` says in how many documents each of the words of :func:`doubted` stands; a word that is left out
    stands in none. Without it every word is searched with errors.
    """
    words = wanted(query.words)
    required, firm, asides = _required(query, frequencies)
    bonus: list[Node] = [Fixed(Term(Field.NAMES, word), _STOP_WORD) for word in asides]
    bonus += _side_by_side(words)
    always = (
        *(_phrase(phrase) for phrase in query.phrases),
        *(_beginning(prefix) for prefix in query.prefixes),
        *_identifiers(query),
        *_like(query.like),
    )
    filters = (*_filters(query), *permitted(access))
    without = tuple(_excluded(text) for text in query.excluded)

    def tree(words: tuple[Node, ...], besides: tuple[Node, ...] = ()) -> Node:
        return All(must=(*words, *always), filter=filters, without=without, bonus=(*bonus, *besides))

    minimum = math.ceil(MOST_WORDS * len(required))
    relaxed = None
    if firm and len(firm) < len(required):
        relaxed = tree(tuple(firm), tuple(node for node in required if node not in firm))
    elif minimum < len(required):
        relaxed = tree((Some(tuple(required), minimum),))
    return Plan(strict=tree(tuple(required)), relaxed=relaxed, by_date=not required and not always)


@dataclass(frozen=True, slots=True)
class _Doubts:
    """What may be wrong with the words of a query: how often they stand in the archive, and what they sound like.

    ``begun`` are those that count where a word begins so, too.
    """

    frequencies: Mapping[str, int] | None
    alike: Mapping[str, tuple[str, ...]]
    begun: frozenset[str]

    def frequent(self, word: str) -> bool:
        return self.frequencies is not None and self.frequencies.get(word, 0) >= FREQUENT

    def seldom(self, word: str) -> bool:
        return self.frequencies is not None and self.frequencies.get(word, 0) <= SELDOM

    def unseen(self, word: str) -> bool:
        return self.frequencies is not None and not self.frequencies.get(word)


def _required(query: Query, frequencies: Mapping[str, int] | None) -> tuple[list[Node], list[Node], list[str]]:
    """What must be found, a node for each reading of words and for each other word.

    Beside it those of them that tell a document by themselves, codes and protocols, and the stop words.
    """
    alike = {token.term: read.alike for read in query.readings if read.alike for token in _tokens(query, read)}
    begun = frozenset(token.term for word in query.begun for token in analysis.spell(word))
    doubts = _Doubts(frequencies, alike, begun)
    pieces: list[tuple[list[Reading], list[Wanted]]] = []
    at = 0
    for first, last in _spans(query.readings):
        pieces.append(([], wanted(query.words[at:first])))
        same = [read for read in query.readings if (read.first, read.last) == (first, last) and not read.alike]
        pieces.append((same, []))
        at = last
    pieces.append(([], wanted(query.words[at:])))
    words = [word for _, run in pieces for word in run]
    meaningful = [word for word in words if word.whole or word.codes or any(part.stem for part in word.units)]
    kept = meaningful if meaningful or any(same for same, _ in pieces) else words
    required: list[Node] = []
    firm: list[Node] = []
    for same, run in pieces:
        if same:
            required.append(_read(same, query, doubts))
            firm += required[-1:] if all(_tells(reading) for reading in same) else []
        required += _run([word for word in run if word in kept], doubts)
    asides = [part.word for word in words if word not in kept for part in word.units]
    return required, firm, asides


def _spans(readings: tuple[Reading, ...]) -> list[tuple[int, int]]:
    """Words that are read together, in their order; of two that overlap the longer."""
    chosen: list[tuple[int, int]] = []
    spans = {(reading.first, reading.last) for reading in readings if not reading.alike}
    for first, last in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        if all(last <= begin or end <= first for begin, end in chosen):
            chosen.append((first, last))
    return sorted(chosen)


def _tokens(query: Query, reading: Reading) -> list[analysis.Token]:
    return analysis.spell(" ".join(query.words[reading.first : reading.last]))


def _tells(reading: Reading) -> bool:
    return reading.protocol is not None or (reading.code is not None and not reading.begins)


def _read(same: list[Reading], query: Query, doubts: _Doubts) -> Node:
    """Words that are read as something: all that they are read as, and their text behind."""
    tiers: list[Node] = []
    for reading in same:
        if reading.code is not None:
            tiers += _code_read(reading.code, reading.begins)
        if reading.protocol is not None:
            tiers += _protocol_read(reading.protocol)
        if reading.days is not None:
            tiers += _days_read(reading.days)
    typed = query.words[same[0].first : same[0].last]
    if any(reading.days for reading in same):
        terms = tuple(token.term for token in analysis.spell(" ".join(typed)))
        tiers += [_scored(_spelled(Field.WORDS, terms), AS_TYPED), Fixed(_spelled(Field.TITLE, terms), _TITLE)]
    else:
        run = _run(wanted(typed), doubts)
        tiers.append(run[0] if len(run) == 1 else All(must=tuple(run)))
    return Best(tuple(tiers))


def _code_read(code: str, begins: bool) -> list[Node]:
    if begins:
        return [Fixed(Prefix(Field.CF, code), _CODE_BEGINS), Fixed(Prefix(Field.CODES, code), _CODE - 1)]
    return [
        Fixed(Term(Field.CF, code), HOLDER),
        # The last character of a code proves the others: another person's is never one letter away.
        Fixed(Fuzzy(Field.CF, code), _CODE_WRONG),
        Fixed(Term(Field.CODES, code), _CODE),
        Fixed(Fuzzy(Field.CODES, code), _CODE - 1),
    ]


def _protocol_read(key: str) -> list[Node]:
    number, _, year = key.partition("/")
    if not year:
        return [Fixed(Term(Field.PROTOCOL, number), _PROTOCOL), Fixed(Prefix(Field.CODES, f"{number}/"), _CODE)]
    undated = All(must=(Term(Field.PROTOCOL, number), Term(Field.YEAR, year)))
    tiers: list[Node] = [
        Fixed(Term(Field.PROTOCOL, key), _PROTOCOL),
        Fixed(undated, _PROTOCOL - 1),
        Fixed(Term(Field.CODES, key), _CODE),
    ]
    if len(number) >= _TELLING_DIGITS:
        # «Prot. 51267» of a paper on which no year was found, or another than its stamp's.
        tiers += [Fixed(Term(Field.PROTOCOL, number), _CODE - 1), _scored(Term(Field.WORDS, number), AS_TYPED)]
    return tiers


def _days_read(days: tuple[dt.date, dt.date]) -> list[Node]:
    first, last = days
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        year = str(first.year)
        return [Fixed(Term(Field.YEAR, year), _YEAR), Fixed(Term(Field.PROTOCOL, year), _CODE)]
    tiers: list[Node] = [Fixed(Dates(day(first), day(last)), _DAY if first == last else _MONTH)]
    month = MONTHS[first.month - 1]
    ways: list[tuple[str, ...]] = [(month, str(first.year))]
    if first == last:
        ways = [(str(first.day), *ways[0]), (f"{first.day:02}", f"{first.month:02}", str(first.year))]
    return [*tiers, *(_scored(Phrase(Field.WORDS, way), AS_TYPED) for way in ways)]


def _run(words: list[Wanted], doubts: _Doubts) -> list[Node]:
    """Words that stand beside each other, each of which may be found written together with its neighbour."""
    joined: list[list[str]] = [[] for _ in words]
    for at, (left, right) in enumerate(pairwise(words)):
        whole = _single(left) + _single(right) if _single(left) and _single(right) else ""
        if len(whole) >= _SHORTEST_JOINED and whole.isalpha():
            joined[at].append(whole)
            joined[at + 1].append(whole)
    return [_wanted(word, doubts, together) for word, together in zip(words, joined, strict=True)]


def _single(word: Wanted) -> str:
    return word.units[0].word if len(word.units) == 1 else ""


def _wanted(word: Wanted, doubts: _Doubts, together: list[str]) -> Node:
    """A free word: every part of it, or all of it as one."""
    choices: list[Node] = [_code(code) for code in word.codes]
    if word.whole:
        terms = tuple(part.word for part in word.units)
        choices += [_scored(Phrase(Field.WORDS, terms), AS_TYPED), Fixed(Phrase(Field.TITLE, terms), _TITLE)]
        return Best(tuple(choices))
    parts = [_unit(part, doubts) for part in word.units if part.stem is not None]
    parts = parts or [_unit(part, doubts) for part in word.units]
    choices.append(parts[0] if len(parts) == 1 else All(must=tuple(parts)))
    choices += [_unit(unit(joined), doubts) for joined in word.joined]
    own = choices[0] if len(choices) == 1 else Some(tuple(choices))
    if not together:
        return own
    pieces = [Fixed(Term(field, whole), score) for whole in together for field, score in _WRITTEN_TOGETHER]
    return Best((own, *pieces))


def _unit(part: Unit, doubts: _Doubts) -> Node:
    word = part.word
    tiers: list[Node] = [
        Fixed(Term(Field.HOLDERS, word), HOLDER),
        Fixed(Term(Field.NAMES, word), _PERSON),
        Fixed(Term(Field.TITLE, word), _TITLE),
        _scored(Term(Field.WORDS, word), AS_TYPED),
    ]
    if any(character.isdigit() for character in word):
        tiers.append(Fixed(Term(Field.CF, word), HOLDER))
        tiers.append(Fixed(Term(Field.CODES, word), _CODE))
    if word.isdigit():
        tiers.append(Fixed(Term(Field.PROTOCOL, word.lstrip("0") or word), _PROTOCOL))
    if part.stem is not None:
        tiers.append(_scored(Term(Field.TEXT, part.stem), _STEM))
        tiers.append(Fixed(Term(Field.TYPE_LABEL, part.stem), _LABEL))
        tiers.append(Fixed(Term(Field.SERVICE_LABEL, part.stem), _LABEL))
    for variant in part.variants:
        tiers.append(_scored(Term(Field.WORDS, variant), _STEM))
        tiers.append(Fixed(Term(Field.TITLE, variant), _LABEL))
    return Best((*tiers, *_misspelt(part, doubts)))


def _misspelt(part: Unit, doubts: _Doubts) -> Iterable[Node]:
    """What a word may be meant for. One that no page has is likelier a name that was typed wrong than anything else.

    A word on a few pages counts so only for names that sound the same: the others come behind those pages.
    """
    word, unseen = part.word, doubts.unseen(part.word)
    if word in doubts.begun:
        yield _beginning(word)
    holder, person = (_HOLDER_ALIKE, _PERSON_ALIKE) if unseen else (_FUZZY_NAME, _FUZZY_NAME)
    for name in doubts.alike.get(word, ()):
        likely = unseen or (doubts.seldom(word) and sound(name) == sound(word))
        yield Fixed(Term(Field.HOLDERS, name), _HOLDER_ALIKE if likely else _FUZZY_NAME)
        yield Fixed(Term(Field.NAMES, name), _PERSON_ALIKE if likely else _FUZZY_NAME)
    if not part.fuzzy or doubts.frequent(word):
        return
    if unseen:
        yield Fixed(Fuzzy(Field.HOLDERS, word), holder)
        yield from _cut(Field.HOLDERS, word, _SHORTEST_OF_NAME, holder)
    yield Fixed(Fuzzy(Field.NAMES, word), person)
    yield from _cut(Field.NAMES, word, _SHORTEST_OF_NAME, person)
    yield Fixed(Fuzzy(Field.WORDS, word), _FUZZY_WORD)
    yield from _cut(Field.WORDS, word, _SHORTEST_PIECE, _PIECES)


def _cut(field: Field, word: str, shortest: int, score: float) -> Iterable[Node]:
    """The word as two that stand side by side: *affida mento*, *di maggio*."""
    cuts = range(shortest, len(word) - _SHORTEST_PIECE + 1)
    if cuts:
        yield Fixed(Best(tuple(Phrase(field, (word[:cut], word[cut:])) for cut in cuts)), score)


_WRITTEN_TOGETHER = ((Field.NAMES, _PERSON_ALIKE), (Field.WORDS, _PIECES))


def _beginning(prefix: str) -> Node:
    term = analysis.spell(prefix)[0].term
    return Best(
        (
            Fixed(Prefix(Field.HOLDERS, term), _HOLDER_ALIKE),
            Fixed(Prefix(Field.NAMES, term), _PERSON_ALIKE),
            Fixed(Prefix(Field.TITLE, term), _TITLE),
            Fixed(Prefix(Field.WORDS, term), AS_TYPED),
        )
    )


def _like(words: tuple[str, ...]) -> Iterable[Node]:
    stems = dict.fromkeys(token.term for word in words for token in analysis.analyse(word))
    if stems:
        yield Some(tuple(Term(Field.TEXT, stem) for stem in stems), math.ceil(MOST_LIKE * len(stems)))


def _code(code: str) -> Node:
    return Best(
        (
            Fixed(Term(Field.CF, code), HOLDER),
            Fixed(Term(Field.PROTOCOL, code), _PROTOCOL),
            Fixed(Term(Field.CODES, code), _CODE),
        )
    )


def _scored(node: Node, floor: float) -> Node:
    return All(must=(Fixed(Everything(), floor), node))  # a sum: nothing is looked for twice


def _spelled(field: Field, terms: tuple[str, ...]) -> Node:
    return Term(field, terms[0]) if len(terms) == 1 else Phrase(field, terms)


def _phrase(text: str) -> Node:
    terms = tuple(token.term for token in analysis.spell(text))[:LONGEST_PHRASE]
    return Best(
        (
            Fixed(_spelled(Field.HOLDERS, terms), HOLDER),
            Fixed(_spelled(Field.NAMES, terms), _PERSON),
            Fixed(_spelled(Field.TITLE, terms), _TITLE),
            _scored(_spelled(Field.WORDS, terms), AS_TYPED),
            *(_code(token.term) for token in analysis.codes(text)),
        )
    )


def _side_by_side(words: list[Wanted]) -> list[Node]:
    """A bonus for two words of the query that are neighbours in one name, in either order: *rossi mario*."""
    singles = [word.units[0].word if len(word.units) == 1 else None for word in words]
    pairs = [(a, b) for a, b in pairwise(singles) if a and b]
    return [
        Fixed(Some((Phrase(Field.NAMES, (a, b)), Phrase(Field.NAMES, (b, a)))), _TOGETHER)
        for a, b in pairs
        if a.isalpha() and b.isalpha()
    ]


def _excluded(text: str) -> Node:
    terms = tuple(token.term for token in analysis.spell(text))[:LONGEST_PHRASE]
    choices = [_spelled(field, terms) for field in (Field.WORDS, Field.NAMES, Field.TITLE)]
    choices += [Term(field, token.term) for token in analysis.codes(text) for field in _CODE_FIELDS]
    if len(terms) == 1:
        choices += [Term(field, terms[0]) for field in _CODE_FIELDS]
        stem = analysis.stem(terms[0])
        if stem is not None:
            choices += [Term(field, stem) for field in (Field.TEXT, Field.TYPE_LABEL, Field.SERVICE_LABEL)]
        for variant in analysis.variants(terms[0]):
            choices += [Term(Field.WORDS, variant), Term(Field.TITLE, variant)]
    return Some(tuple(choices))


_CODE_FIELDS = (Field.CF, Field.PROTOCOL, Field.CODES)


def _identifiers(query: Query) -> Iterable[Node]:
    """Codes named as such: the document that bears one comes before those that cite it."""
    if query.cf is not None:
        code = code_key(query.cf)
        if len(code) in _WHOLE_CODES:
            yield Best((Fixed(Term(Field.CF, code), HOLDER), Fixed(Term(Field.CODES, code), _CODE)))
        else:
            yield Best(tuple(_code_read(code, begins=True)))
    if query.protocol is not None:
        key = protocol_keys(query.protocol)[-1]
        yield Best((Fixed(Term(Field.PROTOCOL, key), _PROTOCOL), Fixed(Term(Field.CODES, key), _CODE)))


def _filters(query: Query) -> Iterable[Node]:
    yield from (Some(tuple(Term(field, value) for value in values)) for field, values in query.only)
    if query.person is not None:
        for text in query.person.split():
            terms = tuple(token.term for token in analysis.spell(text))
            choices: list[Node] = [Term(Field.CF, code_key(text)), Term(Field.PERSON, text.lower())]
            if terms:
                choices.append(All(must=tuple(Term(Field.NAMES, term) for term in terms)))
            choices += [Term(Field.NAMES, token.term) for token in analysis.compounds(text)]
            yield Some(tuple(choices))
    if query.service is not None:
        yield _coded(query.service, Field.SERVICE, Field.SERVICE_LABEL)
    if query.type is not None:
        yield _coded(query.type, Field.TYPE, Field.TYPE_LABEL)
    for value, field in ((query.comune, Field.COMUNE), (query.box, Field.BOX)):
        if value is not None:
            yield Term(field, " ".join(analysis.fold(value).split()))
    for value, field in ((query.batch, Field.BATCH), (query.band, Field.BAND)):
        if value is not None:
            yield Term(field, value)
    if query.date_from is not None or query.date_to is not None:
        yield Dates(
            day(query.date_from) if query.date_from else 1_01_01,
            day(query.date_to) if query.date_to else 9999_12_31,
        )


def _coded(text: str, code: Field, label: Field) -> Node:
    choices: list[Node] = [Term(code, code_key(text))]
    words = []
    for token in analysis.spell(text):
        stems = (analysis.stem(form) for form in (token.term, *analysis.variants(token.term)))
        forms = tuple(Term(label, stem) for stem in stems if stem is not None)
        if forms:
            words.append(Some(forms))
    if words:
        choices.append(All(must=tuple(words)))
    return Some(tuple(choices))
