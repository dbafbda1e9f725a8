"""What Tantivy is told of a document: the fields, the analysis, the columns by which hits are ordered and counted."""

from __future__ import annotations

import hashlib
import math
from typing import Final

import tantivy
from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from faldone.domain.ids import DocumentId
from faldone.search import analysis
from faldone.search.document import (
    KEYWORDS,
    SPELLED,
    STANDING,
    STEMMED,
    Field,
    SearchDocument,
    day,
    dossier,
    fields,
    fingerprint,
    standing,
)
from faldone.search.tantivy import sight

SCHEMA_VERSION: Final = 6
"""Rises with every change of the fields."""

ID, VERSION, DIGEST, DATE, WEIGHT = "id", "version", "digest", "date", "weight"

KEY = "key"
"""The number of an id: 64 bits of its digest, by which documents that were found are asked for again."""

PLACE, NEWEST, OLDEST, DOSSIER = "place", "newest", "oldest", "dossier"
"""Columns by which documents are put in order: of the ids, by date either way, by holder."""

COLUMNS: Final = frozenset({Field.PERSON, Field.SERVICE, Field.TYPE, Field.YEAR, Field.COMUNE, Field.BATCH, Field.BAND})
"""Fields that are counted: kept a second time, by document."""

_PAGES: Final = frozenset({Field.WORDS, Field.TEXT})
_AS_TOLD: Final = frozenset(Field) - _PAGES - {Field.SENSITIVITY, Field.FILED}
"""Fields that are written as they are told; what the last two say is in :mod:`faldone.search.tantivy.sight`."""

_CUT, _CUT_STEMMED = "cut", "cut-stemmed"
_TIE_BITS = 40
_UNDATED_LAST = (1 << 23) - 1


def spelled_analyzer() -> TextAnalyzer:
    """The native chain of :func:`faldone.search.analysis.spell`."""
    return _words().build()


def stemmed_analyzer() -> TextAnalyzer:
    """The native chain of :func:`faldone.search.analysis.analyse`."""
    return _stems(_words())


def analyzers() -> dict[str, TextAnalyzer]:
    """The chains of the fields by name. Those of pages get words that are cut and folded already."""
    cut = Tokenizer.whitespace()
    return {
        "spelled": spelled_analyzer(),
        "stemmed": stemmed_analyzer(),
        _CUT: TextAnalyzerBuilder(cut).build(),
        _CUT_STEMMED: _stems(TextAnalyzerBuilder(cut)),
    }


def _words() -> TextAnalyzerBuilder:
    words = TextAnalyzerBuilder(Tokenizer.simple())
    return words.filter(Filter.ascii_fold()).filter(Filter.lowercase())


def _stems(words: TextAnalyzerBuilder) -> TextAnalyzer:
    return words.filter(Filter.custom_stopword(sorted(analysis.stop_words()))).filter(Filter.stemmer("italian")).build()


def schema() -> tantivy.Schema:
    """The fields of :class:`faldone.search.document.Field` and the columns of this module."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(ID, stored=True, tokenizer_name="raw", index_option="basic")
    for name in (PLACE, DOSSIER):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in (VERSION, DATE, NEWEST, OLDEST):
        builder.add_integer_field(name, fast=True)
    for name in (DIGEST, *sight.NUMBERS.values()):
        builder.add_unsigned_field(name, fast=True)
    builder.add_unsigned_field(KEY, indexed=True, fast=True)
    builder.add_text_field(sight.SIGHT, tokenizer_name="raw", index_option="basic")
    builder.add_float_field(WEIGHT, fast=True)
    for field in sorted(SPELLED):
        builder.add_text_field(field, tokenizer_name=_CUT if field in _PAGES else "spelled", index_option="position")
    for field in sorted(STEMMED):
        builder.add_text_field(
            field, tokenizer_name=_CUT_STEMMED if field in _PAGES else "stemmed", index_option="freq"
        )
    for field in sorted(KEYWORDS & _AS_TOLD):
        builder.add_text_field(field, fast=field in COLUMNS, tokenizer_name="raw", index_option="basic")
    return builder.build()


def native(document: SearchDocument) -> tantivy.Document:
    """A document as it is written."""
    made = tantivy.Document()
    made.add_text(ID, document.id)
    made.add_text(PLACE, place(document.id))
    made.add_unsigned(KEY, int.from_bytes(hashlib.blake2b(document.id.encode(), digest_size=8).digest()))
    made.add_integer(VERSION, document.version)
    made.add_unsigned(DIGEST, int(fingerprint(document), 16))
    made.add_float(WEIGHT, _weight(document))
    tie = int.from_bytes(hashlib.blake2b(document.id.encode(), digest_size=_TIE_BITS // 8).digest())
    days = 0 if document.date is None else document.date.toordinal()
    made.add_integer(DATE, 0 if document.date is None else day(document.date))
    made.add_integer(NEWEST, days << _TIE_BITS | tie)
    made.add_integer(OLDEST, (days or _UNDATED_LAST) << _TIE_BITS | tie)
    made.add_text(DOSSIER, f"{_holder(document)}{_UNDATED_LAST - days:07}{tie:010x}")
    said = fields(document)
    for page in said[Field.WORDS]:
        words = analysis.spelled(page)
        made.add_text(Field.WORDS, words)
        made.add_text(Field.TEXT, words)
    for field in _AS_TOLD:
        for value in said[field]:
            made.add_text(field, value)
    for kind, term in sight.terms(document.sensitivity, said[Field.SERVICE], said[Field.COMUNE]).items():
        made.add_text(sight.SIGHT, term)
        made.add_unsigned(sight.NUMBERS[kind], sight.number(term))
    return made


def place(document_id: str) -> str:
    """An id in letters and digits that sort as its bytes do: what a range of the query language can be made of."""
    return document_id.encode().hex()


def placed(key: str) -> DocumentId:
    """The id that was put at this place."""
    return DocumentId(bytes.fromhex(key).decode())


def _weight(document: SearchDocument) -> float:
    """The value of which Tantivy makes the wanted factor: it multiplies a score by log2(2 + value)."""
    return math.exp2(1 + STANDING * standing(document)) - 2


def _holder(document: SearchDocument) -> str:
    """The holder's name in letters and digits, a space before all of them; documents without a holder come last."""
    name = dossier(document)
    if name is None:
        return "b"
    letters = "".join(c if c.isascii() and c.isalnum() else " " if c.isascii() else f"z{ord(c):06x}" for c in name)
    return "a" + "0".join(letters.split()) + "00"
