"""The embedded index: Tantivy in a folder, no server."""

from faldone.search.tantivy.adapter import TantivyIndex
from faldone.search.tantivy.schema import SCHEMA_VERSION, spelled_analyzer, stemmed_analyzer

__all__ = ["SCHEMA_VERSION", "TantivyIndex", "spelled_analyzer", "stemmed_analyzer"]
