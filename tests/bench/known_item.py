"""How surely somebody who knows which document he wants has it among the first three, by the kind of question.

The archive is a labelled home as it stands: texts as they were recognised, persons, types, dates and protocols as they
were proposed, right or wrong. The questions come from the truth, as people type them. A question is asked only when
one to three true documents are what it asks for; it counts as answered when one of these is among the first three,
and the reciprocal rank is of the first of them. Beside it, the same questions to the same engine as it comes: one
field with the page texts, its standard analysis, any of the words.

Names and codici fiscali are asked for of documents that show them: whether a paper with initials is put in the right
dossier is filing, and measured there. A document is its first page, so one that was cut apart wrongly counts when the
hit has that page.

    python -m tests.bench.known_item --home HOME --truth HOME/scatola/verita.jsonl [--engine tantivy]
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import elasticsearch
import tantivy

from faldone.bootstrap import open_archive
from faldone.classify.lexicon import Lexicon
from faldone.domain.access import EVERYTHING
from faldone.errors import QuerySyntaxError
from faldone.search import analysis
from faldone.search.document import SearchDocument, project
from faldone.search.elasticsearch import ElasticsearchIndex
from faldone.search.index import SearchIndex
from faldone.search.memory import MemoryIndex
from faldone.search.query import MONTHS, parse
from faldone.search.tantivy import TantivyIndex
from faldone.search.understand import NameBook, understand
from faldone.settings import Settings
from tests.elasticsearch_node.node import Node

_FIRST = 3
_LOOKED_AT = 10
_MOST_MEANT = 3
_BULK = 200
_TYPED = {
    "decreto_tm": "decreto tribunale minorenni",
    "decreto_gt": "decreto giudice tutelare",
    "isee": "isee",
    "corrispondenza": "lettera",
    "relazione_tribunale": "relazione autorità giudiziaria",
    "relazione_struttura": "relazione struttura",
    "progetto_individuale": "progetto individuale",
    "verbale_invalidita": "verbale invalidità",
    "verbale_104": "verbale 104",
    "domanda_accesso": "domanda",
    "determina": "determina",
    "consenso_privacy": "privacy",
    "verbale_equipe": "verbale équipe",
    "stato_famiglia": "stato famiglia",
    "fattura_retta": "fattura retta",
}
"""What people call a type whose name they do not type in full."""


@dataclass(frozen=True, slots=True)
class Case:
    """A true document."""

    place: tuple[str, int]
    holders: tuple[str, ...]
    codes: tuple[str, ...]
    type: str
    service: str | None
    date: str | None
    protocol: tuple[str, str | None] | None
    words: frozenset[str]
    printed: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is typed and the true documents that it asks for."""

    kind: str
    text: str
    meant: frozenset[tuple[str, int]]


@dataclass(slots=True)
class Tally:
    """The answers to the questions of one kind."""

    ranks: list[int | None] = field(default_factory=list)

    @property
    def found(self) -> float:
        """Share with a meant document among the first three."""
        return sum(rank is not None and rank <= _FIRST for rank in self.ranks) / len(self.ranks)

    @property
    def mrr(self) -> float:
        """Mean reciprocal rank; a document beyond the tenth counts nothing."""
        return sum(1 / rank for rank in self.ranks if rank) / len(self.ranks)


def cases(truth: Path) -> Iterator[Case]:
    """The documents of a truth in the results' form that are about one to three persons."""
    for line in truth.read_text(encoding="utf-8").splitlines():
        file = json.loads(line)
        for one in file["documents"]:
            holders = [person for person in one["persons"] if person["role"] == "holder" and person["name"]]
            printed = [page.get("text") or "" for page in file["pages"][one["first_page"] : one["last_page"] + 1]]
            protocol = one["protocol"]
            if 1 <= len(holders) <= 3:
                yield Case(
                    place=(file["file"], one["first_page"]),
                    holders=tuple(person["name"] for person in holders),
                    codes=tuple(person["cf"] for person in holders if person["cf"]),
                    type=one["type"],
                    service=one["service"],
                    date=one["date"],
                    protocol=(protocol["number"], (protocol["date"] or one["date"])) if protocol else None,
                    words=frozenset(token.term for token in analysis.spell(" ".join(printed))),
                    printed="".join("".join(printed).upper().split()),
                )


class Asker:
    """Makes questions from true documents."""

    def __init__(self, every: Sequence[Case], lexicon: Lexicon, rng: Random) -> None:
        self._every = every
        self._lexicon = lexicon
        self._rng = rng
        self._by_name: defaultdict[str, list[Case]] = defaultdict(list)
        self._by_word: defaultdict[str, list[Case]] = defaultdict(list)
        for case in every:
            for name in case.holders:
                self._by_name[name].append(case)
            for word in case.words:
                self._by_word[word].append(case)
        self.kinds: dict[str, Callable[[Case], Question | None]] = {
            "name, type, year": lambda case: self._typed(case, "n, t, y"),
            "given name first, type, year": lambda case: self._typed(case, "N, t, y"),
            "name misspelt, type, year": lambda case: self._typed(case, "m, t, y"),
            "name, service, type": lambda case: self._typed(case, "n, s, t"),
            "name, type": lambda case: self._typed(case, "n, t"),
            "name, year": lambda case: self._typed(case, "n, y"),
            "surname, type, month": lambda case: self._typed(case, "S, t, M"),
            "date, name": lambda case: self._typed(case, "d, n"),
            "name, date in words": lambda case: self._typed(case, "N, D"),
            "apostrophe or two words, type, year": lambda case: self._typed(case, "a, t, y"),
            "codice fiscale, type": lambda case: self._typed(case, "c, t"),
            "codice fiscale in part or misread, type, year": lambda case: self._typed(case, "C, t, y"),
            "protocol with its year": lambda case: self._typed(case, "p"),
            "protocol with zeros": lambda case: self._typed(case, "P"),
            "protocol number, name": lambda case: self._typed(case, "q, n"),
            "filters": lambda case: self._typed(case, "u, f, A"),
            "words of the text": lambda case: self._topic(case, ""),
            "name, words of the text": lambda case: self._topic(case, "N"),
        }

    def questions(self, wanted: int) -> list[Question]:
        """About so many, as many of each kind where the documents give them."""
        found = []
        for kind in self.kinds:
            pool = list(self._every)
            self._rng.shuffle(pool)
            made = (self.kinds[kind](case) for case in pool)
            kept = [one for one in made if one is not None][: wanted // len(self.kinds)]
            found += [Question(kind, one.text, one.meant) for one in kept]
        return found

    def _typed(self, case: Case, parts: str) -> Question | None:
        """A question of the parts named by a letter each, the meant documents being those that agree in all of them."""
        name = self._rng.choice(case.holders)
        said: list[str] = []
        meant = list(self._by_name[name])
        for part in parts.split(", "):
            text = self._part(case, name, part)
            if text is None:
                return None
            said.append(text)
            meant = [other for other in meant if _agrees(case, other, part)]
        if parts in ("p", "P"):
            meant = [other for other in self._every if _agrees(case, other, "p")]
        return self._question(case, " ".join(said), meant)

    def _topic(self, case: Case, name: str) -> Question | None:
        """Words of the text that few documents have; with a name, words that many have."""
        low, high = (20, 200) if name else (4, 40)
        pool = [
            word
            for word in sorted(case.words)
            if word.isalpha() and len(word) > 5 and low <= len(self._by_word[word]) <= high and analysis.stem(word)
        ]
        if len(pool) < 3:
            return None
        words = self._rng.sample(pool, 2 if name else 3)
        holder = self._rng.choice(case.holders)
        meant = [other for other in self._every if other.words >= set(words)]
        if name:
            meant = [other for other in meant if holder in other.holders]
            said = self._part(case, holder, name)
            if said is None:
                return None
            words.insert(0, said)
        return self._question(case, " ".join(words), meant)

    def _question(self, case: Case, text: str, meant: Sequence[Case]) -> Question | None:
        places = frozenset(other.place for other in meant)
        return Question("", text, places) if case.place in places and len(places) <= _MOST_MEANT else None

    def _part(self, case: Case, name: str, part: str) -> str | None:
        """What is typed of one part, ``None`` when the document has nothing of it."""
        words = name.lower().split()
        if part in "nNSmau" and not case.words.issuperset(token.term for token in analysis.spell(name)):
            return None
        year, month, day = (case.date or "--").split("-")
        match part:
            case "n":
                return " ".join(words).title()
            case "N":
                return " ".join([words[-1], *words[:-1]])
            case "S":
                return " ".join(words[:-1])
            case "m":
                wrong = _misspelt(words[0], self._rng)
                return wrong and " ".join([wrong, *words[1:]])
            case "a":
                return _other_writing(" ".join(words), self._rng)
            case "u":
                return f'utente:"{name}"'
            case "t":
                return _TYPED.get(case.type) or re.split(r"[/(]| o ", self._lexicon.types[case.type].name)[0].lower()
            case "f":
                return f"tipo:{case.type}"
            case "s":
                return re.split(r"[/(-]", self._lexicon.services[case.service].name)[0] if case.service else None
            case "y":
                return year or None
            case "A":
                return f"anno:{year}" if year else None
            case "M":
                return f"{MONTHS[int(month) - 1]} {year}" if year else None
            case "d":
                return self._rng.choice([f"{day}/{month}/{year}", f"{int(day)}.{int(month)}.{year}"]) if year else None
            case "D":
                return f"{int(day)} {MONTHS[int(month) - 1]} {year}" if year else None
            case "c":
                code = _code(case, name)
                return code and self._rng.choice([code.lower(), f"{code[:6]} {code[6:11]} {code[11:]}"])
            case "C":
                code = _code(case, name)
                return code and self._rng.choice([code[:8], code[:11].lower(), _misread(code, self._rng)])
            case _:
                return self._protocol(case, part)

    def _protocol(self, case: Case, part: str) -> str | None:
        number, date = case.protocol or (None, None)
        if not number or not number.split("/")[0].isdigit() or not date:
            return None
        bare, year = number.split("/")[0].lstrip("0"), date[:4]
        if part == "p":
            return self._rng.choice([f"{bare}/{year}", f"prot. {bare}/{year}", f"{bare}/{year[2:]}"])
        if part == "P":
            return self._rng.choice([f"{bare:>07}/{year}", f"prot. n. {bare:>07}/{year}"])
        return f"prot. {bare}"


def _agrees(case: Case, other: Case, part: str) -> bool:
    """Whether another document of the same person is as asked in this part."""
    if part in "tf":
        return case.type == other.type
    if part == "s":
        return case.service == other.service
    if part in "yA":
        return (case.date or "")[:4] == (other.date or "")[:4]
    if part == "M":
        return (case.date or "")[:7] == (other.date or "")[:7]
    if part in "dD":
        return case.date == other.date
    if part in "pPq":
        return _numbered(case) == _numbered(other) and (part == "q" or _year(case) == _year(other))
    return True


def _code(case: Case, name: str) -> str | None:
    """The person's code, when it is printed."""
    code = case.codes[case.holders.index(name)] if len(case.codes) == len(case.holders) else None
    return code if code and code in case.printed else None


def _numbered(case: Case) -> str | None:
    return case.protocol[0].split("/")[0].lstrip("0") if case.protocol else None


def _year(case: Case) -> str | None:
    return (case.protocol[1] or "")[:4] if case.protocol else None


def _misspelt(surname: str, rng: Random) -> str | None:
    """A surname as somebody writes it who heard it: one thing wrong."""
    if len(surname) < 5 or not surname.isalpha():
        return None
    rules = [
        (r"([bcdfglmnprstvz])\1", r"\1"), (r"(?<=[aeiou])([lmnrt])(?=[aeiou])", r"\1\1"), (r"ch", "k"), (r"gn", "n"),
        (r"gl(?=i)", "l"), (r"(?<=[gc])h", ""), (r"i(?=[aeou])", "j"), (r"i$", "y"), (r"k|c(?=[aou])", "ch"),
    ]  # fmt: skip
    ways = [(pattern, letters) for pattern, letters in rules if re.search(pattern, surname)]
    if not ways or rng.random() < 0.25:
        at = rng.randrange(1, len(surname) - 2)
        return surname[:at] + surname[at + 1] + surname[at] + surname[at + 2 :]
    pattern, letters = rng.choice(ways)
    wrong = re.sub(pattern, letters, surname, count=1)
    return wrong if wrong != surname else None


def _other_writing(name: str, rng: Random) -> str | None:
    """A name with an apostrophe or of three words as others write it."""
    if "'" in name:
        return rng.choice([name.replace("'", "’"), name.replace("'", "' "), name.replace("'", ""), name.title()])
    words = name.split()
    return "".join(words[:2]) + " " + " ".join(words[2:]) if len(words) == 3 and len(words[0]) <= 5 else None


def _misread(code: str, rng: Random) -> str:
    """The code with one look-alike, or without its last characters when it has none."""
    alike = {"0": "O", "1": "I", "5": "S", "8": "B", "O": "0", "I": "1", "S": "5", "B": "8", "2": "Z"}
    places = [at for at, character in enumerate(code) if character in alike]
    if not places:
        return code[:13]
    at = rng.choice(places)
    return code[:at] + alike[code[at]] + code[at + 1 :]


Answerer = Callable[[str], list[SearchDocument]]


def faldone(index: SearchIndex, documents: Sequence[SearchDocument], lexicon: Lexicon) -> Answerer:
    """The product: what is typed is parsed, understood by the names on the documents, and asked."""
    held = {document.id: document for document in documents}
    for at in range(0, len(documents), _BULK):
        index.upsert(documents[at : at + _BULK])
    book = NameBook(person.name for document in documents for person in document.persons)

    def answer(text: str) -> list[SearchDocument]:
        try:
            query = understand(parse(text, lexicon=lexicon, limit=_LOOKED_AT), book)
        except QuerySyntaxError:
            return []
        return [held[hit.id] for hit in index.search(query, EVERYTHING).hits]

    return answer


def plain_tantivy(documents: Sequence[SearchDocument]) -> Answerer:
    """Tantivy as it comes: one field, its default words, any of them."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text")
    builder.add_integer_field("place", stored=True)
    schema = builder.build()
    index = tantivy.Index(schema)
    writer = index.writer(heap_size=32_000_000, num_threads=1)
    for at, document in enumerate(documents):
        native = tantivy.Document()
        native.add_text("text", "\n".join(document.pages))
        native.add_integer("place", at)
        writer.add_document(native)
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def answer(text: str) -> list[SearchDocument]:
        words = re.findall(r"\w+", text.lower())
        any_of = [(tantivy.Occur.Should, tantivy.Query.term_query(schema, "text", word)) for word in words]
        found = searcher.search(tantivy.Query.boolean_query(any_of), limit=_LOOKED_AT)
        return [documents[int(searcher.doc(address).get_first("place") or 0)] for _, address in found.hits]

    return answer


def plain_elasticsearch(url: str, documents: Sequence[SearchDocument]) -> Answerer:
    """Elasticsearch as it comes: one text field, a match query."""
    client = elasticsearch.Elasticsearch(url)
    client.options(ignore_status=404).indices.delete(index="plain")
    client.indices.create(index="plain", mappings={"properties": {"text": {"type": "text"}}})
    for at in range(0, len(documents), _BULK):
        operations: list[dict[str, object]] = []
        for place, document in enumerate(documents[at : at + _BULK], at):
            operations += [{"index": {"_index": "plain", "_id": str(place)}}, {"text": "\n".join(document.pages)}]
        client.bulk(operations=operations)
    client.indices.refresh(index="plain")

    def answer(text: str) -> list[SearchDocument]:
        found = client.search(index="plain", query={"match": {"text": text}}, size=_LOOKED_AT, source=False)
        return [documents[int(hit["_id"])] for hit in found["hits"]["hits"]]

    return answer


def pages(document: SearchDocument) -> frozenset[tuple[str, int]]:
    """The pages of a document."""
    return frozenset((document.file, page) for page in range(document.first_page, document.last_page + 1))


def held_documents(home: Path, files: frozenset[str]) -> tuple[list[SearchDocument], Lexicon]:
    """The documents of these files as the home's catalog has them."""
    with open_archive(Settings(home=home)) as ports:
        found = []
        for document in ports.catalog.documents_by_id():
            intake = ports.catalog.intakes(document.source)[0]
            if document.retired or intake.path not in files:
                continue
            texts = ports.catalog.page_texts(document.source, document.span)
            found.append(
                project(
                    document_id=document.id,
                    version=document.version,
                    file=intake.path,
                    batch=intake.batch,
                    proposal=document.proposal,
                    texts=[texts[page].text if page in texts else "" for page in document.span],
                    lexicon=ports.lexicon,
                )
            )
        return found, ports.lexicon


def main(argv: Sequence[str] | None = None) -> None:
    """Prints a line a kind: questions, then found in the first three and MRR of faldone and of the plain engine."""
    parser = argparse.ArgumentParser(prog="known_item")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--engine", choices=["memory", "tantivy", "elasticsearch"], default="tantivy")
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="prints the questions that were not answered")
    args = parser.parse_args(argv)
    every = list(cases(args.truth))
    files = frozenset(json.loads(line)["file"] for line in args.truth.read_text(encoding="utf-8").splitlines())
    documents, lexicon = held_documents(args.home, files)
    asker = Asker(every, lexicon, Random(args.seed))
    questions = asker.questions(args.queries)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        index: SearchIndex
        if args.engine == "elasticsearch":
            node = stack.enter_context(Node(folder, heap="512m"))
            index, plain = ElasticsearchIndex(node.url, alias="known-item"), plain_elasticsearch(node.url, documents)
        else:
            index = MemoryIndex() if args.engine == "memory" else TantivyIndex(folder / "index")
            plain = plain_tantivy(documents)
        index.reset()
        asked = faldone(index, documents, lexicon)
        tallies: defaultdict[str, tuple[Tally, Tally]] = defaultdict(lambda: (Tally(), Tally()))
        for question in questions:
            for side, answer in enumerate((asked, plain)):
                found = answer(question.text)
                rank = next((at for at, document in enumerate(found, 1) if pages(document) & question.meant), None)
                for kind in (question.kind, "all"):
                    tallies[kind][side].ranks.append(rank)
                if args.show and side == 0 and (rank is None or rank > _FIRST):
                    print(f"- {question.kind}: {question.text}  rank {rank}  {sorted(question.meant)}")
        index.close()
    held = set().union(*(pages(document) for document in documents))
    missing = sum(case.place not in held for case in every)
    print(f"{len(documents)} documents held, {len(every)} true ones of one to three persons, {missing} not held")
    print(f"{'':47} {'asked':>6} {'first 3':>8} {'MRR':>6}   {'plain':>6} {'MRR':>6}")
    for kind in (*asker.kinds, "all"):
        ours, theirs = tallies[kind]
        if not ours.ranks:
            continue  # no document of the home gives such a question
        row = f"{len(ours.ranks):6} {ours.found:8.1%} {ours.mrr:6.3f}   {theirs.found:6.1%} {theirs.mrr:6.3f}"
        print(f"{kind:47} {row}")


if __name__ == "__main__":
    main()
