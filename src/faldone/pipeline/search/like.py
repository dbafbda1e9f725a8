"""Documents like another one: those that share the words by which it differs from the rest of the archive."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

from faldone.domain.access import Access
from faldone.domain.ids import DocumentId, PersonId
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.find import Answer, find
from faldone.pipeline.search.projection import permitted_document, project_all
from faldone.search import analysis
from faldone.search.document import Field, SearchDocument
from faldone.search.query import Query

_WORDS = 20
_LOOKED_UP = 200
"""Words of a document of which the index is asked how rare they are: the most frequent of a long one."""

_SHORTEST = 4
_FEWEST_DOCUMENTS = 2
"""A word that no other document has finds none; most are misread."""


def like(document: DocumentId, access: Access, ports: Ports, limit: int = 10, of: PersonId | None = None) -> Answer:
    """The documents that are most like this one, without it; names do not count: a dossier shows what else it holds.

    With ``of``, those of this person alone.

    Raises:
        DocumentNotFoundError: there is no such document, or it may not be seen.
        IndexUnavailableError: the index does not answer, or has to be rebuilt.
    """
    shown = permitted_document(document, access, ports)
    words = telling_words(project_all([shown], ports)[0], ports)
    if not words:
        return Answer(0, ())
    only = ((Field.PERSON, (of.lower(),)),) if of is not None else ()
    answer = find(Query(like=words, limit=limit + 1, only=only), access, ports)
    others = tuple(found for found in answer.found if found.document.id != document)
    own = len(answer.found) - len(others)
    return replace(answer, total=answer.total - own, found=others[:limit], after=None)


def telling_words(document: SearchDocument, ports: Ports) -> tuple[str, ...]:
    """The words by which a document is told from others, the most telling first (tf-idf)."""
    names = {token.term for person in document.persons for token in analysis.spell(person.name)}
    tokens = (token.term for page in document.pages for token in analysis.spell(page))
    counts = Counter(
        word
        for word in tokens
        if len(word) >= _SHORTEST and word.isalpha() and word not in names and analysis.stem(word) is not None
    )
    asked = [word for word, _ in counts.most_common(_LOOKED_UP)]
    having = ports.index.frequencies(asked)
    total = max(ports.index.count(), 1)

    def weight(word: str) -> float:
        return (1 + math.log(counts[word])) * math.log(1 + total / having[word])

    rare = [word for word in asked if having.get(word, 0) >= _FEWEST_DOCUMENTS]
    return tuple(sorted(rare, key=lambda word: (-weight(word), word))[:_WORDS])
