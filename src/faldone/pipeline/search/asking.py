"""One question and all that is told in return: what the page, the API and the command line answer with alike."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz.distance import OSA

from faldone.domain.access import Access, Sensitivity
from faldone.domain.account import AskedSearch
from faldone.domain.ids import PersonId
from faldone.errors import NotFoundError, QuerySyntaxError
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.at_counter import names_another
from faldone.pipeline.search.begun import unheard
from faldone.pipeline.search.closed import behind, closed_papers
from faldone.pipeline.search.dossier import PersonCard, card_of, names_begun, persons
from faldone.pipeline.search.find import Answer, Found, ask, find, suggestions
from faldone.search import analysis
from faldone.search.document import Field, code_key
from faldone.search.index import Bucket, Facet
from faldone.search.query import FILTERS, Query, Sort, check, parse, write
from faldone.search.understand import Names, Suggestion, sound

KEPT = dt.timedelta(hours=8)
"""So long a search that was asked is known by its id."""

LONGEST = 1_000
"""Characters of a question."""

_MOST_VALUES = 20
_NOBODY = "-"
_NEAR = 1
_SHORTEST_READ = 4


@dataclass(frozen=True, slots=True)
class Asker:
    """As whom something is asked.

    ``access`` is what may be seen; ``told`` what may be told by name without being opened: persons' cards, counts by
    service, words to complete. ``pinned`` is the one person that may appear at all, while somebody sits at the counter.
    ``opened`` are the ids of documents and persons for which a reason was given.
    """

    access: Access
    told: Access
    pinned: PersonId | None = None
    opened: frozenset[str] = frozenset()

    @classmethod
    def of(cls, access: Access) -> Asker:
        """Somebody to whom everything is told that may be seen."""
        return cls(access, access)

    @classmethod
    def reserved(cls, access: Access, pinned: PersonId | None = None, opened: frozenset[str] = frozenset()) -> Asker:
        """Somebody who is told nothing of reinforced papers before they are opened with a reason."""
        told = replace(access, sensitivity=min(access.sensitivity, Sensitivity.GIUDIZIARI))
        return cls(access, told, pinned, opened)


@dataclass(frozen=True, slots=True)
class Question:
    """What was typed, and how its answer is narrowed and put in order since.

    ``narrowed`` are values of facets: a document has one of those of each facet. ``sort`` is None where the text says.
    ``after``, ``offset`` and ``limit`` are those of :class:`faldone.search.query.Query`.
    """

    text: str
    narrowed: Mapping[Facet, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort | None = None
    after: str | None = None
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True, slots=True)
class ReadAs:
    """A word that was not found as it was typed, and the words that stood for it."""

    typed: str
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with the persons it may be about and, where it is thin, what may have been meant.

    ``facets`` counts each facet as if nothing of that very facet was chosen, and only what may be told; ``closed`` says
    how many of the documents are not counted there. ``read_as`` are the words that were found in another form; those
    for which words that begin so were found are in the ``query``.
    """

    query: Query
    answer: Answer
    cards: tuple[PersonCard, ...] = ()
    facets: Mapping[Facet, tuple[Bucket, ...]] = field(default_factory=dict)
    closed: int = 0
    meant: tuple[Suggestion, ...] = ()
    read_as: tuple[ReadAs, ...] = ()


def keep_asked(text: str, account: str, asker: Asker, ports: Ports) -> str:
    """Keeps a search as it was typed for the account that asks it; returns the id by which alone it is spoken of.

    One that is asked at the counter has a mark of the person in its id, so that no earlier one is shown there.
    """
    asked = AskedSearch(f"q-{secrets.token_hex(8)}{_counter_mark(asker)}", account, text, ports.clock())
    with ports.catalog.begin() as work:
        work.keep_asked(asked, asked.at - KEPT)
    return asked.id


def asked_text(search: str, account: str, asker: Asker, ports: Ports) -> str:
    """What was typed in a search of this account.

    Raises:
        NotFoundError: it asked none with this id, or too long ago, or about others than the person at the counter.
    """
    asked = ports.catalog.asked_search(search, account)
    if asked is None or asked.at < ports.clock() - KEPT or not search.endswith(_counter_mark(asker)):
        raise NotFoundError("Ricerca scaduta: scrivila di nuovo. / The search has run out: type it again.")
    return asked.text


def query_of(question: Question, asker: Asker, ports: Ports) -> Query:
    """The question as the index is asked.

    Raises:
        QuerySyntaxError: it is none, or there is nothing to search for; ``column`` says where.
    """
    text = question.text.strip()
    if not text:
        raise QuerySyntaxError("Scrivi che cosa cercare. / Say what to search for.", column=1)
    if len(text) > LONGEST:
        raise QuerySyntaxError(f"Più di {LONGEST} caratteri / more than {LONGEST} characters", column=LONGEST + 1)
    query = parse(question.text, limit=question.limit, offset=question.offset)
    check(query, ports.lexicon)
    query = replace(ask(query, ports), after=question.after, only=_only(question.narrowed, asker))
    query = _of_no_other(query, asker, ports)
    return query if question.sort is None else replace(query, sort=question.sort)


def reply(
    query: Query,
    asker: Asker,
    ports: Ports,
    names: Callable[[], Names],
    facets: Sequence[Facet] = (),
    *,
    cards: bool = True,
    meant: bool = True,
) -> Reply:
    """The answer to a question. ``names`` are asked for only where a name may have been misspelt.

    ``cards`` and ``meant`` say whether the persons are looked for, and what else may have been meant.

    Raises:
        IndexUnavailableError: the index does not answer, or has to be rebuilt.
        QuerySyntaxError: the cursor is not of this question.
    """
    closed = closed_papers(query, asker.access, asker.told, asker.opened, ports)
    answer = find(query, asker.told, ports)
    settled = query if closed.count else settle(query, answer.total, answer.relaxed, asker, ports, names)
    if settled != query:
        query = settled
        answer = find(query, asker.told, ports)
    whole = behind(answer, closed, query)
    read = read_as(query, answer.found)
    return Reply(
        query,
        whole,
        cards=_cards(query, read, asker, ports) if cards else (),
        facets=_counted(query, asker, ports, facets) if whole.total > closed.count else {},
        closed=closed.count,
        meant=_meant(query, answer, asker, ports) if meant else (),
        read_as=read,
    )


def settle(query: Query, total: int, relaxed: bool, asker: Asker, ports: Ports, names: Callable[[], Names]) -> Query:
    """The question as it is answered, by how many documents it finds as it stands and whether these have all its words.

    Where it finds too little, misspelt names are taken for those they sound like, and words that stand nowhere for the
    beginnings of others; a word that begins somebody's name is so in any case.

    Raises:
        IndexUnavailableError: the index does not answer, or has to be rebuilt.
    """

    def found(asked: Query) -> tuple[int, bool]:
        hits = ports.index.search(replace(asked, limit=0, after=None, offset=0), asker.told)
        return hits.total, hits.relaxed

    if query.words and (not total or relaxed):
        understood = ask(query, ports, names())
        if understood.readings != query.readings:
            query = _of_no_other(understood, asker, ports)
            total, relaxed = found(query)
    whole = total > 0 and not relaxed
    begun = unheard(query, asker.told, _pin(asker), ports, found=whole)
    if whole:
        # At the counter the names on a person's papers are those of others as well.
        named = () if asker.pinned is not None else begun
        return replace(query, begun=tuple(word for word in named if names_begun(word, asker.told, ports)))
    if not begun:
        return query
    widened = _of_no_other(replace(query, begun=begun), asker, ports)
    more, fewer = found(widened)
    return widened if more and not fewer else query


def read_as(query: Query, found: Sequence[Found]) -> tuple[ReadAs, ...]:
    """Which free words none of these documents shows as typed, and what their names and pages show instead."""
    shown: Counter[str] = Counter()
    for one in found:
        words = {token.term for person in one.record.persons for token in analysis.spell(person.name)}
        for page in one.pages:
            marked = (part.partition("»")[0] for part in page.snippet.split("«")[1:])
            words |= {token.term for part in marked for token in analysis.spell(part)}
        shown.update(words)
    stems = {analysis.stem(word) for word in shown}
    made = []
    for at, text in enumerate(query.words):
        tokens = analysis.spell(text)
        if len(tokens) != 1 or len(tokens[0].term) < _SHORTEST_READ or not tokens[0].term.isalpha():
            continue
        if text in query.begun:
            continue
        word = tokens[0].term
        stem = analysis.stem(word)
        if word in shown or (stem in stems and stem != word):
            continue  # another form of a whole word is no other word; what breaks off at its stem is no whole one
        alike = {name for reading in query.readings if reading.first == at for name in reading.alike}
        instead = [
            (-count, other)
            for other, count in shown.items()
            if other in alike
            or (stem == word and analysis.stem(other) == stem)
            or (other.isalpha() and OSA.distance(word, other, score_cutoff=_NEAR) <= _NEAR)
            or (len(other) >= _SHORTEST_READ and sound(other) == sound(word))
        ]
        if instead:
            made.append(ReadAs(text, tuple(other for _, other in sorted(instead)[:3])))
    return tuple(made)


def as_answered(query: Query, asker: Asker, ports: Ports, names: Callable[[], Names]) -> Query:
    """The question as :func:`reply` answers it, where its list alone is wanted, or the place of a document in that.

    Raises:
        IndexUnavailableError: the index does not answer, or has to be rebuilt.
    """
    if closed_papers(query, asker.access, asker.told, asker.opened, ports).count:
        return query
    told = ports.index.search(replace(query, limit=0, after=None, offset=0), asker.told)
    return settle(query, told.total, told.relaxed, asker, ports, names)


def access_to_list(query: Query, asker: Asker, ports: Ports) -> Access:
    """As what the whole list of a question is asked, so that no gap in it tells what a closed paper says.

    Where nothing that may be told has all the words, those with most of them are listed whatever a closed one has.
    """
    told = ports.index.search(replace(query, limit=0, after=None, offset=0), asker.told)
    return asker.access if told.total and not told.relaxed else asker.told


def why(query: Query, found: Found) -> tuple[str, ...]:
    """By what a document answers: codes of «name», «code», «protocol», «type», «service», «date», «text»."""
    record = found.record
    own = {token.term for text in (*query.words, query.person or "") for token in analysis.spell(text)}
    own |= {other for reading in query.readings for other in reading.alike}
    keys = {code_key(text) for text in (*query.words, query.cf or "", query.person or "")}
    keys |= {reading.code for reading in query.readings if reading.code}
    stems = {analysis.stem(word) for word in own} - {None}

    def labelled(*labels: str | None) -> bool:
        return any(analysis.stem(token.term) in stems for label in labels if label for token in analysis.spell(label))

    begun = tuple(analysis.fold(start) for start in (*query.prefixes, *query.begun))
    names = (name for person in record.persons for name in (person.name, *person.aliases))
    called = {token.term for name in names for token in analysis.spell(name)}
    named = any(_is_near(word, own) or word.startswith(begun) for word in called)
    date = record.date
    spans = [reading.days for reading in query.readings if reading.days]
    number = (record.protocol_number or "").partition("/")[0].lstrip("0")
    asked = {reading.protocol.partition("/")[0] for reading in query.readings if reading.protocol} | {
        word.lstrip("0") for word in own if word.isdigit()
    }
    reasons = {
        "name": named,
        "code": any(person.cf and person.cf.lower() in keys for person in record.persons),
        "protocol": bool(number) and (number in asked or query.protocol is not None),
        "type": labelled(record.type_name) or query.type is not None,
        "service": labelled(record.service_name) or query.service is not None,
        "date": date is not None and any(first <= date <= last for first, last in spans),
        "text": any(page.boxes for page in found.pages),
    }
    return tuple(name for name, holds in reasons.items() if holds)


def kept_text(question: Question, query: Query) -> str:
    """The question to be typed again, with what it was narrowed to where one value was chosen and none was typed."""
    typed = {
        Facet.PERSON: query.person,
        Facet.SERVICE: query.service,
        Facet.TYPE: query.type,
        Facet.YEAR: query.date_from or query.date_to,
        Facet.COMUNE: query.comune,
        Facet.BATCH: query.batch,
        Facet.BAND: query.band,
    }
    added = [
        f'{FILTERS[facet.value][0]}:"{values[0]}"'
        for facet, values in question.narrowed.items()
        if len(values) == 1 and typed[facet] is None
    ]
    return " ".join([question.text.strip(), *added])


def only_as_typed(query: Query, word: str) -> str:
    """The query with one of its words in just this spelling, to be typed again."""
    words = tuple(one for one in query.words if one != word)
    return write(replace(query, words=words, phrases=(*query.phrases, word)))


def initials(name: str) -> str:
    """Somebody's name where it may not be told: «B. L.»."""
    return " ".join(f"{word[0].upper()}." for word in name.split() if word)


def facet_labels(facet: Facet, values: Sequence[str], ports: Ports) -> dict[str, str]:
    """What people call the values of a facet; those that have no other name than themselves are left out."""
    if facet is Facet.PERSON:
        known = ports.catalog.persons_with([PersonId(value) for value in values])
        return {person: record.display_name for person, record in known.items()}
    if facet is Facet.BATCH:
        return {batch.id: batch.code for batch in ports.catalog.batches() if batch.id in values}
    if facet is Facet.TYPE:
        return {code.lower(): known.name for code, known in ports.lexicon.types.items()}
    if facet is Facet.SERVICE:
        return {code.lower(): known.name for code, known in ports.lexicon.services.items()}
    return {}


def _counter_mark(asker: Asker) -> str:
    return f"-{hashlib.blake2b(asker.pinned.encode(), digest_size=4).hexdigest()}" if asker.pinned is not None else ""


def _only(narrowed: Mapping[Facet, tuple[str, ...]], asker: Asker) -> tuple[tuple[Field, tuple[str, ...]], ...]:
    given = {Field(facet.value): values[:_MOST_VALUES] for facet, values in narrowed.items() if values}
    if asker.pinned is not None and asker.pinned.lower() not in given.get(Field.PERSON, (asker.pinned.lower(),)):
        # Of whom else her papers are is not to be found out by asking for each.
        given[Field.PERSON] = (_NOBODY,)
    return (*given.items(), *_pin(asker))


def _pin(asker: Asker) -> tuple[tuple[Field, tuple[str, ...]], ...]:
    return ((Field.PERSON, (asker.pinned.lower(),)),) if asker.pinned is not None else ()


def _of_no_other(query: Query, asker: Asker, ports: Ports) -> Query:
    """The query; one for nobody's papers where it may name another than the person at the counter."""
    if asker.pinned is None or not names_another(query, asker.pinned, asker.access, ports):
        return query
    return replace(query, only=((Field.PERSON, (_NOBODY,)), *query.only))


def _counted(query: Query, asker: Asker, ports: Ports, facets: Sequence[Facet]) -> dict[Facet, tuple[Bucket, ...]]:
    plain = replace(query, limit=0, after=None, offset=0)
    pin = _pin(asker)
    chosen = {one[0] for one in query.only if one not in pin}
    free = [facet for facet in facets if Field(facet.value) not in chosen]
    counted = dict(ports.index.search(plain, asker.told, free).facets) if free else {}
    for facet in facets:
        if Field(facet.value) in chosen:
            others = tuple(one for one in query.only if one in pin or one[0] != Field(facet.value))
            counted[facet] = ports.index.search(replace(plain, only=others), asker.told, (facet,)).facets[facet]
    if asker.pinned is not None:
        counted.pop(Facet.PERSON, None)
    return {facet: counted[facet] for facet in facets if counted.get(facet)}


def _cards(query: Query, read: Sequence[ReadAs], asker: Asker, ports: Ports) -> tuple[PersonCard, ...]:
    if asker.pinned is not None:
        card = card_of(asker.pinned, asker.told, ports)
        return (card,) if card is not None else ()
    found = persons(query, asker.told, ports)
    if found or not read:
        return found
    instead = {one.typed: one.found[0] for one in read}
    return persons(replace(query, words=tuple(instead.get(word, word) for word in query.words)), asker.told, ports)


def _meant(query: Query, answer: Answer, asker: Asker, ports: Ports) -> tuple[Suggestion, ...]:
    if asker.pinned is not None:
        return ()  # words of her papers are names of others as well
    return suggestions(query, answer, asker.told, ports)


def _is_near(word: str, asked: set[str]) -> bool:
    return word in asked or (
        len(word) >= _SHORTEST_READ and any(OSA.distance(word, one, score_cutoff=_NEAR) <= _NEAR for one in asked)
    )
