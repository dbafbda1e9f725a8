"""The ledger's entries in words, by subject; :mod:`faldone.pipeline.audit.sentences` has them all."""
