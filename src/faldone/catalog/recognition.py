"""Port: what was read on pages, and campaigns that read again; see :mod:`faldone.catalog.catalog`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from faldone.catalog.records import Campaign, Page, Rereading
from faldone.domain.campaign import CampaignId, RereadingId, RereadState
from faldone.domain.digest import Digest
from faldone.domain.ids import PageId
from faldone.domain.page import PageText
from faldone.domain.page_view import PageView


class RecognitionWork(Protocol):
    """What one transaction can do about readings."""

    def save_text(self, page: PageId, key: Digest, text: PageText) -> Digest:
        """Keeps a page's text under its recognition key; returns the digest of what was kept."""
        ...

    def save_reading(self, key: Digest, text: PageText) -> Digest:
        """Keeps a text under its recognition key, in force on no page; returns the digest of what was kept."""
        ...

    def open_campaign(self, where: str, pages: Collection[PageId], at: dt.datetime) -> CampaignId:
        """Registers pages to be read again."""
        ...

    def claim_rereading(self, rereading: RereadingId, now: dt.datetime, until: dt.datetime) -> Rereading | None:
        """Counts an attempt and keeps the re-reading to the caller until then; None when it is not to be had."""
        ...

    def free_rereading(self, rereading: RereadingId) -> None:
        """Gives a claimed re-reading back for another attempt."""
        ...

    def promote_text(self, page: PageId, old: Digest, new: Digest) -> bool:
        """Puts the text kept under ``new``, which is not blank, in the place of the one kept under ``old``.

        The document that holds the page is written to the index again. Returns whether it was done: not when another
        text is in force by now, nor while the file is being attributed.
        """
        ...

    def end_rereading(self, rereading: Rereading) -> None:
        """Notes what came of it. The file's last one sends it through attribution again if a text was promoted."""
        ...


class RecognitionRead(Protocol):
    """What the catalog tells of readings and campaigns."""

    def recognition(self, key: Digest) -> PageText | None:
        """What was read before under this recognition key."""
        ...

    def page_texts(self, source: Digest, span: range | None = None) -> Mapping[int, PageText]:
        """The texts of a file's recognised pages by 0-based index: all, or those of a stretch of it."""
        ...

    def page_views(self, spans: Sequence[tuple[Digest, range]]) -> list[Mapping[int, PageView]]:
        """The words of these stretches of files by columns, in their order: what an answer needs to show its hits."""
        ...

    def read_pages(self) -> Iterator[tuple[Page, PageText]]:
        """All recognised pages that are not surely separators, in the order of arrival, each with its text."""
        ...

    def reading_digests(self, keys: Collection[Digest]) -> Iterator[tuple[Digest, Digest]]:
        """For each of these recognition keys that has a text the digest of it as it is stored now."""
        ...

    def text_digests(self) -> Iterator[tuple[PageId, Digest]]:
        """For every recognised page the digest of its stored text as it is now, to be held against the ledger."""
        ...

    def campaigns(self) -> tuple[Campaign, ...]:
        """All campaigns of re-reading, oldest first."""
        ...

    def campaign(self, campaign: CampaignId) -> Campaign:
        """A campaign. Raises NotFoundError."""
        ...

    def rereadings(self, campaign: CampaignId) -> Iterator[Rereading]:
        """The pages of a campaign in order."""
        ...

    def rereading_standings(self) -> Iterator[tuple[RereadingId, RereadState]]:
        """What came of every re-reading that is done, to be held against the ledger."""
        ...
