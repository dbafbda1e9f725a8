"""Identifiers. They follow from content where they can, so that a step run twice names the same thing."""

from __future__ import annotations

import hashlib
import secrets
from typing import NewType

from faldone.domain.digest import Digest

BatchId = NewType("BatchId", str)
IntakeId = NewType("IntakeId", str)
PageId = NewType("PageId", str)
DocumentId = NewType("DocumentId", str)
PersonId = NewType("PersonId", str)


def page_id(source: Digest, index: int) -> PageId:
    """The page at the 0-based ``index`` of a sealed file: ``p-<16 hex of the file's digest>-<index>``."""
    return PageId(f"p-{source.hex[:16]}-{index}")


def document_id(source: Digest, first_page: int) -> DocumentId:
    """The document that starts on the 0-based page ``first_page`` of a sealed file: ``d-<12 hex>``."""
    return DocumentId("d-" + hashlib.sha256(f"{source.hex}:{first_page}".encode()).hexdigest()[:12])


def document_id_below(one_in: int) -> DocumentId:
    """The bound that one in so many ids of documents is below: ids are digests, as even as a draw by lot."""
    return DocumentId(f"d-{-(-(16**12) // one_in):012x}" if one_in > 1 else "d-g")


def new_person_id() -> PersonId:
    """An id for a person met for the first time: ``u-<12 hex>``.

    Drawn by lot, not made from the codice fiscale: it stands in the ledger for ever, and must say nothing there.
    """
    return PersonId("u-" + secrets.token_hex(6))
