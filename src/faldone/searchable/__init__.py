"""The searchable PDF/A-2b of a document: pages as they were scanned, over the words already recognised."""
