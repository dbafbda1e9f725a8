"""What was read on pages, and campaigns that read again, on the catalog's tables."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import sqlalchemy as sa

from faldone.catalog.codec import decode_text, encode_grade, encode_text, view_text
from faldone.catalog.records import Campaign, Page, PageState, Rereading
from faldone.catalog.sql import tables as t
from faldone.catalog.sql.base import SqlRead, SqlWrite, at_once
from faldone.catalog.sql.rows import time_text, to_page, to_rereading
from faldone.domain.campaign import CampaignId, RereadingId, RereadState, rereading_id
from faldone.domain.digest import Digest
from faldone.domain.ids import PageId, page_id
from faldone.domain.look import Separator
from faldone.domain.page import PageText
from faldone.domain.page_view import PageView
from faldone.errors import NotFoundError


class RecognitionWork(SqlWrite):
    """The part of one transaction that is about readings; see :class:`faldone.catalog.catalog.Work`."""

    def save_text(self, page: PageId, key: Digest, text: PageText) -> Digest:
        """See :meth:`Work.save_text`."""
        digest = self.save_reading(key, text)
        self._update_page(page, state=PageState.RECOGNISED, text=str(key), blank=text.blank, claimed_until=None)
        return digest

    def save_reading(self, key: Digest, text: PageText) -> Digest:
        """See :meth:`Work.save_reading`."""
        body = self._connection.scalar(sa.select(t.texts.c.body).where(t.texts.c.key == str(key)))
        if body is None:
            body = encode_text(text)
            self._connection.execute(sa.insert(t.texts).values(key=str(key), body=body))
        return Digest.of(body)

    def open_campaign(self, where: str, pages: Collection[PageId], at: dt.datetime) -> CampaignId:
        """See :meth:`Work.open_campaign`."""
        campaign = CampaignId(f"c-{uuid.uuid4().hex[:12]}")
        row = {"id": campaign, "where": where, "opened_at": time_text(at)}
        self._connection.execute(sa.insert(t.campaigns).values(**row))
        due = {"campaign": campaign, "state": RereadState.DUE}
        rows = [due | {"id": rereading_id(campaign, page), "page": page} for page in pages]
        if rows:
            self._connection.execute(sa.insert(t.rereadings), rows)
        return campaign

    def claim_rereading(self, rereading: RereadingId, now: dt.datetime, until: dt.datetime) -> Rereading | None:
        """See :meth:`Work.claim_rereading`."""
        r = t.rereadings.c
        if self._claim(t.rereadings, (r.id == rereading) & (r.state == RereadState.DUE), now, until):
            return to_rereading(self._connection.execute(sa.select(t.rereadings).where(r.id == rereading)).one())
        return None

    def free_rereading(self, rereading: RereadingId) -> None:
        """See :meth:`Work.free_rereading`."""
        self._update_rereading(rereading, claimed_until=None)

    def promote_text(self, page: PageId, old: Digest, new: Digest) -> bool:
        """See :meth:`Work.promote_text`."""
        p, d, s = t.pages.c, t.documents.c, t.sources.c
        in_force = sa.select(p.source, p.index, s.claimed_until).join(t.sources, s.digest == p.source)
        place = self._connection.execute(in_force.where(p.id == page, p.text == str(old)).with_for_update()).first()
        if place is None or place.claimed_until is not None:
            return False  # whoever attributes the file now may have read the old text already
        self._update_page(page, text=str(new), blank=False)
        first = (d.source == place.source) & ~d.retired & (d.first_page <= place[1])
        holder = sa.select(d.id).where(first).order_by(d.first_page.desc()).limit(1).scalar_subquery()
        # The same proposal again is no new version: without this the index would keep the old words.
        self._connection.execute(
            sa.update(t.documents)
            .where(d.id == holder)
            .values(indexed_version=0, index_error=None, copied_version=0, copy_attempts=0)
        )
        return True

    def end_rereading(self, rereading: Rereading) -> None:
        """See :meth:`Work.end_rereading`."""
        self._update_rereading(
            rereading.id,
            state=rereading.state,
            reason=rereading.reason,
            claimed_until=None,
            old=str(rereading.old) if rereading.old is not None else None,
            new=str(rereading.new) if rereading.new is not None else None,
            before=encode_grade(rereading.before),
            after=encode_grade(rereading.after),
        )
        p, r = t.pages.c, t.rereadings.c
        source = self._connection.scalar(sa.select(p.source).where(p.id == rereading.page))
        # On a server two that end at once must see each other, or nobody is the last.
        self._connection.execute(sa.select(t.sources.c.number).where(t.sources.c.digest == source).with_for_update())
        of_file = (p.source == source) & (r.campaign == rereading.campaign)
        states = sa.select(r.state).join(t.pages, p.id == r.page).where(of_file).distinct()
        found = set(self._connection.scalars(states))
        if RereadState.DUE not in found and RereadState.PROMOTED in found:
            self._attribute_again(t.sources.c.digest == source)

    def _update_rereading(self, rereading: RereadingId, **values: object) -> None:
        self._connection.execute(sa.update(t.rereadings).where(t.rereadings.c.id == rereading).values(**values))


class RecognitionRead(SqlRead):
    """What the catalog tells of readings; see :class:`faldone.catalog.catalog.Catalog`."""

    _decoded: Callable[[Digest], PageText]

    def recognition(self, key: Digest) -> PageText | None:
        """See :meth:`Catalog.recognition`."""
        with contextlib.suppress(KeyError):
            return self._decoded(key)
        return None

    def _decode(self, key: Digest) -> PageText:
        with self._engine.connect() as connection:
            body = connection.scalar(sa.select(t.texts.c.body).where(t.texts.c.key == str(key)))
        if body is None:
            raise KeyError(key)
        return decode_text(body)

    def page_texts(self, source: Digest, span: range | None = None) -> Mapping[int, PageText]:
        """See :meth:`Catalog.page_texts`."""
        query = (
            sa.select(t.pages.c.index, t.texts.c.body)
            .join(t.texts, t.pages.c.text == t.texts.c.key)
            .where(t.pages.c.source == str(source))
            .order_by(t.pages.c.index)
        )
        if span is not None:
            query = query.where(t.pages.c.index.between(span.start, span.stop - 1))
        with self._engine.connect() as connection:
            return {index: decode_text(body) for index, body in connection.execute(query)}

    def page_views(self, spans: Sequence[tuple[Digest, range]]) -> list[Mapping[int, PageView]]:
        """See :meth:`Catalog.page_views`."""
        p = t.pages.c
        query = sa.select(p.source, p.index, t.texts.c.body).join(t.texts, p.text == t.texts.c.key)
        wanted = [page_id(source, index) for source, span in spans for index in span]
        read: dict[tuple[str, int], PageView] = {}
        with self._engine.connect() as connection:
            for keys in at_once(wanted):
                # By ids, and not by spans: the statement is the same however many are asked for.
                some = query.where(p.id.in_(keys))
                for source, index, body in connection.execute(some):
                    read[source, index] = view_text(body)
        return [
            {index: read[str(source), index] for index in span if (str(source), index) in read}
            for source, span in spans
        ]

    def read_pages(self) -> Iterator[tuple[Page, PageText]]:
        """See :meth:`Catalog.read_pages`."""
        p = t.pages.c
        papers = p.separator.is_(None) | (p.separator == Separator.DOUBTFUL)
        query = sa.select(t.pages, t.texts.c.body).join(t.texts, p.text == t.texts.c.key)
        wanted = query.where(p.state == PageState.RECOGNISED, papers).order_by(p.number)
        for row in self._stream(wanted):
            yield to_page(row), decode_text(row.body)

    def reading_digests(self, keys: Collection[Digest]) -> Iterator[tuple[Digest, Digest]]:
        """See :meth:`Catalog.reading_digests`."""
        asked = [str(key) for key in keys]
        for some in at_once(asked):
            query = sa.select(t.texts).where(t.texts.c.key.in_(some))
            for key, body in self._stream(query):
                yield Digest.parse(key), Digest.of(body)

    def text_digests(self) -> Iterator[tuple[PageId, Digest]]:
        """See :meth:`Catalog.text_digests`."""
        query = (
            sa.select(t.pages.c.id, t.texts.c.body)
            .join(t.texts, t.pages.c.text == t.texts.c.key)
            .order_by(t.pages.c.number)
        )
        for page, body in self._stream(query):
            yield PageId(page), Digest.of(body)

    def campaigns(self) -> tuple[Campaign, ...]:
        """See :meth:`Catalog.campaigns`."""
        return self._campaigns(sa.true())

    def campaign(self, campaign: CampaignId) -> Campaign:
        """See :meth:`Catalog.campaign`."""
        found = self._campaigns(t.campaigns.c.id == campaign)
        if not found:
            raise NotFoundError(f"Nessuna campagna {campaign}. / No campaign {campaign}.", hint="faldone ocr campaigns")
        return found[0]

    def _campaigns(self, wanted: sa.ColumnElement[bool]) -> tuple[Campaign, ...]:
        c, r = t.campaigns.c, t.rereadings.c
        counts = sa.select(r.campaign, r.state, sa.func.count()).join(t.campaigns, c.id == r.campaign)
        with self._engine.connect() as connection:
            pages: dict[str, dict[RereadState, int]] = {}
            for campaign, state, number in connection.execute(counts.where(wanted).group_by(r.campaign, r.state)):
                pages.setdefault(campaign, {})[RereadState(state)] = number
            return tuple(
                Campaign(CampaignId(row.id), row.where, dt.datetime.fromisoformat(row.opened_at), pages.get(row.id, {}))
                for row in connection.execute(sa.select(t.campaigns).where(wanted).order_by(c.number))
            )

    def rereadings(self, campaign: CampaignId) -> Iterator[Rereading]:
        """See :meth:`Catalog.rereadings`."""
        query = sa.select(t.rereadings).where(t.rereadings.c.campaign == campaign).order_by(t.rereadings.c.number)
        yield from map(to_rereading, self._stream(query))

    def rereading_standings(self) -> Iterator[tuple[RereadingId, RereadState]]:
        """See :meth:`Catalog.rereading_standings`."""
        r = t.rereadings.c
        for rereading, state in self._stream(sa.select(r.id, r.state).where(r.state != RereadState.DUE)):
            yield RereadingId(rereading), RereadState(state)
