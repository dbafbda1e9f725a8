"""Who may not be asked about while somebody sits at the counter: the others whose papers are that person's too.

A decree of two siblings is found by either's name. Whoever sits at the counter sees the screen: that a sister's name
finds one of his papers would tell him what her papers are, and her that he was asked about.
"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import OSA

from faldone.domain.access import Access
from faldone.domain.ids import PersonId
from faldone.pipeline.ports import Ports
from faldone.search import analysis
from faldone.search.document import Field, code_key
from faldone.search.index import Facet
from faldone.search.query import Query

_SHORTEST_MISSPELT = 4
_SHORTEST_CODE = 6


def names_another(query: Query, pinned: PersonId, access: Access, ports: Ports) -> bool:
    """Whether a question names somebody else whose papers are also those of the person at the counter.

    Names, codes and beginnings of them count, misspelt ones and such that are to be left out too: a paper that is
    missing tells as much as one that is found. What both are called is nobody else's.
    """
    shared = ports.index.search(Query(only=((Field.PERSON, (pinned.lower(),)),), limit=0), access, (Facet.PERSON,))
    keys = {bucket.value for bucket in shared.facets.get(Facet.PERSON, ())} - {pinned.lower()}
    if not keys:
        return False
    found = ports.catalog.persons_with([pinned, *(PersonId(key) for key in keys)])
    own, known = found.get(pinned), {id_: person for id_, person in found.items() if id_ != pinned}
    theirs = {*keys, *(text for person in known.values() for text in (person.display_name, *person.aliases))}
    codes = {code_key(cf) for person in known.values() for cf in (person.cf, *person.other_codes) if cf}
    ours = _words((own.display_name, *own.aliases)) if own is not None else set()
    return _asks_for(query, _words(theirs) - ours, codes | {key for key in keys if key.isalnum()})


def _asks_for(query: Query, names: set[str], codes: set[str]) -> bool:
    asked = _words([*query.words, *query.phrases, *query.excluded, query.person or ""])
    asked |= {name for reading in query.readings for name in reading.alike}
    if any(_is_near(word, names) for word in asked):
        return True
    if any(name.startswith(analysis.fold(start)) for start in query.prefixes for name in names):
        return True
    typed = [code_key(text) for text in (*query.words, query.cf or "", query.person or "") if text]
    return any(len(text) >= _SHORTEST_CODE and code.startswith(text) for text in typed for code in codes)


def _words(texts: Iterable[str]) -> set[str]:
    return {token.term for text in texts for token in analysis.spell(text)}


def _is_near(word: str, names: set[str]) -> bool:
    return word in names or (
        len(word) >= _SHORTEST_MISSPELT and any(OSA.distance(word, name, score_cutoff=1) <= 1 for name in names)
    )
