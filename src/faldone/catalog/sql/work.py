"""One transaction on the catalog's tables."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict

import sqlalchemy as sa

from faldone.catalog.codec import (
    decode_proposal,
    encode_declared,
    encode_facts,
    encode_look,
    encode_proposal,
    encode_signature,
)
from faldone.catalog.records import (
    Batch,
    Boundary,
    Intake,
    IntakeState,
    Link,
    Page,
    PageState,
    PrintedSheet,
    SavedProposal,
    Source,
    SourceState,
)
from faldone.catalog.sql import tables as t
from faldone.catalog.sql.accounts import AccountsWork
from faldone.catalog.sql.board import BoardWork
from faldone.catalog.sql.recognition import RecognitionWork
from faldone.catalog.sql.register import RegisterWork
from faldone.catalog.sql.review import ReviewWork
from faldone.catalog.sql.rows import (
    Row,
    from_entry,
    from_intake,
    in_force,
    sheets_digest,
    source_row,
    time_text,
    to_batch,
    to_intake,
    to_page,
    to_sheet,
)
from faldone.catalog.sql.search import SearchWork
from faldone.domain.attribution import Band, DocumentProposal
from faldone.domain.batch import BatchFacts
from faldone.domain.decision import Asked
from faldone.domain.declared import Declared
from faldone.domain.digest import Digest
from faldone.domain.events import AGENT, Event, EventType
from faldone.domain.ids import BatchId, DocumentId, IntakeId, PageId, document_id, page_id
from faldone.domain.inbox import Inbox
from faldone.domain.look import Mark, PageLook, Separator
from faldone.domain.reasons import Reason
from faldone.domain.sheet import Sheet
from faldone.domain.signature import SignatureFacts
from faldone.errors import ConfigError
from faldone.provenance.canonical import Record
from faldone.provenance.chain import link

_SALT_BYTES = 16
"""Of each event's salt: more than anybody can try."""


class SqlWork(RecognitionWork, ReviewWork, RegisterWork, SearchWork, AccountsWork, BoardWork):
    """One transaction on the catalog; see :class:`faldone.catalog.catalog.Work`."""

    def seal(self) -> None:
        """Chains the recorded events to the tail. Done last, so that on a server the tail is locked but briefly."""
        if not self._events:
            return
        tail = self._connection.execute(sa.select(t.state).with_for_update()).one()
        sequence, head = tail.ledger_length, tail.ledger_hash
        rows = []
        for event in self._events:
            entry = link(sequence + 1, head, Record.of(event, secrets.token_hex(_SALT_BYTES)))
            sequence, head = entry.sequence, entry.hash
            rows.append(from_entry(entry))
        self._connection.execute(sa.insert(t.ledger), rows)
        self._connection.execute(sa.update(t.state).values(ledger_length=sequence, ledger_hash=head))

    # ---- batches

    def arrival_batch(self, inbox: Inbox, folder: str | None, at: dt.datetime) -> BatchId:
        """See :meth:`Work.arrival_batch`."""
        b = t.batches.c
        wanted: sa.ColumnElement[bool] = (b.inbox == str(inbox.path)) & (b.name == (folder or at.date().isoformat()))
        if folder is None:
            by_hand = b.by_hand & b.inbox.in_([str(inbox.path), ""])
            found = self._newest_open(by_hand) or self._newest_open(wanted)
        else:
            opened_for_it = b.by_hand & (b.name == folder) & b.inbox.in_([str(inbox.path), ""])
            found = self._newest_open(opened_for_it) or self._newest_open(wanted)
        if found is not None:
            return BatchId(found)
        facts = BatchFacts(service=inbox.service, comune=inbox.comune, box=inbox.box)
        opened = self._add_batch(folder or at.date().isoformat(), str(inbox.path), facts, at, by_hand=False)
        detail = {"standing": str(self._batch(opened).digest)}
        self.record(Event(EventType.BATCH_OPENED, opened, at, AGENT, detail=detail))
        return opened

    def _newest_open(self, wanted: sa.ColumnElement[bool]) -> str | None:
        b = t.batches.c
        query = sa.select(b.id).where(wanted, b.closed_at.is_(None)).order_by(b.opened_at.desc()).limit(1)
        return self._connection.scalar(query)

    def _add_batch(self, name: str, inbox: str, facts: BatchFacts, at: dt.datetime, *, by_hand: bool) -> BatchId:
        batch = BatchId(f"b-{uuid.uuid4().hex[:12]}")
        row = {"id": batch, "code": self._free_code(name), "name": name, "inbox": inbox, "by_hand": by_hand}
        row |= {"opened_at": time_text(at), "facts": encode_facts(facts)}
        self._connection.execute(sa.insert(t.batches).values(**row))
        return batch

    def _free_code(self, name: str) -> str:
        """The name, or the name with a number when another batch, closed or of another inbox, is called so."""
        taken = sa.select(t.batches.c.code)
        code, number = name, 1
        while self._connection.scalar(taken.where(t.batches.c.code == code)) is not None:
            number += 1
            code = f"{name}.{number}"
        return code

    def open_batch(self, code: str, inbox: str, facts: BatchFacts, at: dt.datetime) -> Batch:
        """See :meth:`Work.open_batch`."""
        if self._connection.scalar(sa.select(t.batches.c.id).where(t.batches.c.code == code)) is not None:
            raise ConfigError(
                f"Un lotto «{code}» c'è già. / There is a batch “{code}” already.",
                hint=f"faldone batch show {code}",
            )
        return self._batch(self._add_batch(code, inbox, facts, at, by_hand=True))

    def describe_batch(self, batch: BatchId, facts: BatchFacts) -> Batch:
        """See :meth:`Work.describe_batch`."""
        self.index_batch_again(batch)
        return self._update_batch(batch, facts=encode_facts(facts))

    def close_batch(self, batch: BatchId, at: dt.datetime | None) -> Batch:
        """See :meth:`Work.close_batch`."""
        return self._update_batch(batch, closed_at=time_text(at) if at is not None else None)

    def _update_batch(self, batch: BatchId, **values: object) -> Batch:
        self._connection.execute(sa.update(t.batches).where(t.batches.c.id == batch).values(**values))
        return self._batch(batch)

    def _batch(self, batch: BatchId) -> Batch:
        return to_batch(self._connection.execute(sa.select(t.batches).where(t.batches.c.id == batch)).one())

    # ---- arrivals

    def known_sources(self, digests: Collection[Digest]) -> frozenset[Digest]:
        """See :meth:`Work.known_sources`."""
        query = sa.select(t.sources.c.digest).where(t.sources.c.digest.in_([str(digest) for digest in digests]))
        return frozenset(Digest.parse(found) for found in self._connection.scalars(query))

    def unreleased_intakes(self, raw_paths: Collection[bytes]) -> tuple[Intake, ...]:
        """See :meth:`Work.unreleased_intakes`."""
        return self._intakes(raw_paths, t.intakes.c.source.is_not(None), ~t.intakes.c.released)

    def refused_intakes(self, raw_paths: Collection[bytes]) -> tuple[Intake, ...]:
        """See :meth:`Work.refused_intakes`."""
        return self._intakes(raw_paths, t.intakes.c.state == IntakeState.REFUSED, ~t.intakes.c.released)

    def _intakes(self, raw_paths: Collection[bytes], *where: sa.ColumnElement[bool]) -> tuple[Intake, ...]:
        query = sa.select(t.intakes).where(t.intakes.c.raw_path.in_(list(raw_paths)), *where)
        return tuple(map(to_intake, self._connection.execute(query)))

    def stayed(self, raw_path: bytes, stamp: str) -> bool:
        """See :meth:`Work.stayed`."""
        same = (t.intakes.c.raw_path == raw_path) & (t.intakes.c.stamp == stamp) & t.intakes.c.released
        return self._connection.scalar(sa.select(t.intakes.c.number).where(same).limit(1)) is not None

    def add_sources(self, sources: Collection[tuple[Digest, int]], sealed_at: dt.datetime) -> None:
        """See :meth:`Work.add_sources`."""
        common = {"state": SourceState.SEALED, "sealed_at": time_text(sealed_at)}
        rows = [{"digest": str(digest), "size": size} | common for digest, size in sources]
        if rows:
            self._connection.execute(sa.insert(t.sources), rows)

    def add_intakes(self, intakes: Collection[Intake]) -> None:
        """See :meth:`Work.add_intakes`."""
        if intakes:
            self._connection.execute(sa.insert(t.intakes), [from_intake(intake) for intake in intakes])

    def release_intakes(self, intakes: Collection[IntakeId]) -> None:
        """See :meth:`Work.release_intakes`."""
        statement = sa.update(t.intakes).where(t.intakes.c.id.in_(list(intakes))).values(released=True)
        self._connection.execute(statement)

    # ---- the way of files and pages

    def claim_source(self, digest: Digest, now: dt.datetime, until: dt.datetime) -> Source | None:
        """See :meth:`Work.claim_source`."""
        waiting = t.sources.c.state.in_([SourceState.SEALED, SourceState.OPENED])
        if self._claim(t.sources, (t.sources.c.digest == str(digest)) & waiting, now, until):
            return source_row(self._connection, digest)
        return None

    def claim_page(self, page: PageId, now: dt.datetime, until: dt.datetime) -> Page | None:
        """See :meth:`Work.claim_page`."""
        wanted = (t.pages.c.id == page) & t.pages.c.state.in_([PageState.PENDING, PageState.CHECKED])
        if self._claim(t.pages, wanted, now, until):
            return to_page(self._connection.execute(sa.select(t.pages).where(t.pages.c.id == page)).one())
        return None

    def free_source(self, digest: Digest, until: dt.datetime | None = None) -> None:
        """See :meth:`Work.free_source`."""
        self._update_source(digest, claimed_until=time_text(until) if until is not None else None)

    def free_page(self, page: PageId, until: dt.datetime | None = None) -> None:
        """See :meth:`Work.free_page`."""
        self._update_page(page, claimed_until=time_text(until) if until is not None else None)

    def open_source(self, digest: Digest, media_type: str, pages: int) -> None:
        """See :meth:`Work.open_source`."""
        self._update_source(
            digest, media_type=media_type, pages=pages, state=SourceState.OPENED, attempts=0, claimed_until=None
        )
        self._connection.execute(
            sa.insert(t.pages),
            [
                {"id": page_id(digest, index), "source": str(digest), "index": index, "state": PageState.PENDING}
                for index in range(pages)
            ],
        )

    def unpack_source(self, digest: Digest, media_type: str, signature: SignatureFacts | None) -> None:
        """See :meth:`Work.unpack_source`."""
        said = encode_signature(signature) if signature is not None else None
        done = {"state": SourceState.UNPACKED, "attempts": 0, "claimed_until": None}
        self._update_source(digest, media_type=media_type, pages=0, signature=said, **done)

    def note_source(self, digest: Digest, media_type: str, said: Mapping[str, Declared]) -> None:
        """See :meth:`Work.note_source`."""
        self._update_source(digest, media_type=media_type, pages=0, state=SourceState.NOTED, claimed_until=None)
        of_it = sa.select(t.intakes.c.batch).where(t.intakes.c.source == str(digest)).distinct()
        for batch in self._connection.scalars(of_it).all():
            rows = [
                {"source": str(digest), "batch": batch, "target": target, "body": encode_declared(declared)}
                for target, declared in said.items()
            ]
            self._connection.execute(sa.insert(t.sidecars), rows)
            in_it = sa.select(t.intakes.c.source).where(t.intakes.c.batch == batch)
            self._attribute_again(t.sources.c.digest.in_(in_it))

    def quarantine_source(self, digest: Digest, reason: Reason) -> None:
        """See :meth:`Work.quarantine_source`."""
        self._update_source(digest, state=SourceState.QUARANTINED, reason=reason, claimed_until=None)

    def quarantine_page(self, page: PageId, reason: Reason) -> None:
        """See :meth:`Work.quarantine_page`."""
        self._update_page(page, state=PageState.QUARANTINED, reason=reason, claimed_until=None)

    def retry_sources(self, reason: Reason | None, without: Collection[str] = ()) -> tuple[Digest, ...]:
        """See :meth:`Work.retry_sources`."""
        s, i = t.sources.c, t.intakes.c
        wanted = (s.state == SourceState.QUARANTINED) & (s.reason == reason if reason is not None else sa.true())
        if without:
            wanted &= s.digest.not_in(sa.select(i.source).where(i.id.in_(list(without)), i.source.is_not(None)))
        found = tuple(Digest.parse(digest) for digest in self._connection.scalars(sa.select(s.digest).where(wanted)))
        self._connection.execute(
            sa.update(t.sources)
            .where(wanted)
            .values(state=SourceState.SEALED, reason=None, attempts=0, claimed_until=None, pages=None)
        )
        return found

    def retry_pages(self, reason: Reason | None, without: Collection[str] = ()) -> tuple[PageId, ...]:
        """See :meth:`Work.retry_pages`."""
        p = t.pages.c
        wanted = (p.state == PageState.QUARANTINED) & (p.reason == reason if reason is not None else sa.true())
        if without:
            wanted &= p.id.not_in(list(without))
        found = tuple(PageId(page) for page in self._connection.scalars(sa.select(p.id).where(wanted)))
        self._attribute_again(t.sources.c.digest.in_(sa.select(p.source).where(wanted)))
        values = {"state": PageState.PENDING, "reason": None, "attempts": 0, "claimed_until": None}
        self._connection.execute(sa.update(t.pages).where(wanted).values(**values))
        return found

    def save_look(self, page: PageId, look: PageLook) -> Digest:
        """See :meth:`Work.save_look`."""
        body = encode_look(look)
        self._connection.execute(sa.delete(t.looks).where(t.looks.c.page == page))
        self._connection.execute(sa.insert(t.looks).values(page=page, body=body))
        done = {"state": PageState.CHECKED, "attempts": 0, "claimed_until": None}
        self._update_page(page, verdict=look.verdict, **_mark_columns(look.mark), **done)
        self._attribute_behind(page, look.mark)
        return Digest.of(body.encode())

    def mark_page(self, page: PageId, mark: Mark) -> None:
        """See :meth:`Work.mark_page`."""
        self._update_page(page, **_mark_columns(mark))
        self._attribute_behind(page, mark)

    def _attribute_behind(self, page: PageId, mark: Mark | None) -> None:
        """Files behind a cover in its batch that were attributed before it was seen are attributed again."""
        if mark is None or mark.separator is not Separator.COVER:
            return
        cover, behind = t.intakes.alias(), t.intakes.alias()
        later = (
            sa.select(behind.c.source)
            .join(cover, sa.and_(cover.c.batch == behind.c.batch, cover.c.number < behind.c.number))
            .join(t.pages, t.pages.c.source == cover.c.source)
            .where(t.pages.c.id == page)
        )
        self._attribute_again(t.sources.c.digest.in_(later))

    def save_keys(self, page: PageId, keys: Collection[str]) -> None:
        """See :meth:`Work.save_keys`."""
        self._connection.execute(sa.delete(t.keys).where(t.keys.c.page == page))
        if keys:
            self._connection.execute(sa.insert(t.keys), [{"key": key, "page": page} for key in dict.fromkeys(keys)])

    def add_links(self, links: Collection[Link]) -> tuple[Link, ...]:
        """See :meth:`Work.add_links`."""
        c = t.links.c
        new = [
            one
            for one in links
            if self._connection.scalar(sa.select(c.page).where(c.page == one.page, c.earlier == one.earlier)) is None
        ]
        if new:
            rows = [{"page": o.page, "earlier": o.earlier, "kind": o.kind, "score": o.score} for o in new]
            self._connection.execute(sa.insert(t.links), rows)
        return tuple(new)

    # ---- sheets and boundaries

    def add_sheets(self, sheets: Collection[Sheet], batch: BatchId | None, at: dt.datetime) -> Digest:
        """See :meth:`Work.add_sheets`."""
        rows = [asdict(sheet) | {"batch": batch, "printed_at": time_text(at)} for sheet in sheets]
        self._connection.execute(sa.insert(t.sheets), rows)
        return sheets_digest(sheets)

    def see_sheet(self, token: str, page: PageId) -> PrintedSheet | None:
        """See :meth:`Work.see_sheet`."""
        c = t.sheets.c
        unseen = (c.token == token) & c.page.is_(None)
        if not self._connection.execute(sa.update(t.sheets).where(unseen).values(page=page)).rowcount:
            return None
        return to_sheet(self._connection.execute(sa.select(t.sheets).where(c.token == token)).one())

    def decide_boundary(self, source: Digest, page: int, starts: bool, at: dt.datetime) -> None:
        """See :meth:`Work.decide_boundary`."""
        row = {"source": str(source), "page": page, "starts": starts, "at": time_text(at)}
        self._connection.execute(sa.insert(t.boundaries).values(**row))
        self._attribute_again(t.sources.c.digest == str(source))

    def turn_page(self, page: PageId, turn: int, by: str, at: dt.datetime) -> None:
        """See :meth:`Work.turn_page`."""
        self._connection.execute(sa.delete(t.page_turns).where(t.page_turns.c.page == page))
        self._connection.execute(sa.insert(t.page_turns).values(page=page, turn=turn, by=by, at=time_text(at)))

    def place_pages(self, document: DocumentId, places: Mapping[int, int], by: str, at: dt.datetime) -> None:
        """See :meth:`Work.place_pages`."""
        query = sa.select(t.documents, t.proposals.c.body).join(t.proposals, in_force())
        found = self._connection.execute(query.where(t.documents.c.id == document)).one()
        source, said = Digest.parse(found.source), {"by": by, "at": time_text(at)}
        rows = [{"page": page_id(source, index), "place": place, **said} for index, place in places.items()]
        before = sa.delete(t.page_places).where(t.page_places.c.page == sa.bindparam("which"))
        self._connection.execute(before, [{"which": row["page"]} for row in rows])
        self._connection.execute(sa.insert(t.page_places), rows)
        # What was made of the document before, copies above all, is behind from now on.
        self._save_version(document, found.version + 1, found.body, at)
        self._update_document(document, version=found.version + 1, index_error=None, copy_attempts=0)

    def undo_boundary(self, source: Digest) -> Boundary | None:
        """See :meth:`Work.undo_boundary`."""
        b = t.boundaries.c
        in_force = sa.select(t.boundaries).where(b.source == str(source), ~b.undone).order_by(b.number.desc()).limit(1)
        last = self._connection.execute(in_force).first()
        if last is None:
            return None
        self._connection.execute(sa.update(t.boundaries).where(b.number == last.number).values(undone=True))
        self._attribute_again(t.sources.c.digest == str(source))
        return Boundary(last.number, last.page, last.starts)

    # ---- documents

    def save_proposals(
        self,
        source: Digest,
        proposals: Sequence[DocumentProposal],
        at: dt.datetime,
        asked: Mapping[int, Asked] | None = None,
    ) -> tuple[SavedProposal, ...]:
        """See :meth:`Work.save_proposals`."""
        query = sa.select(t.documents, t.proposals.c.body).join(t.proposals, in_force())
        rows = self._connection.execute(query.where(t.documents.c.source == str(source)))
        known = {row.id: row for row in rows}
        saved = []
        for proposal in proposals:
            document, body = document_id(source, proposal.first_page), encode_proposal(proposal)
            before = known.pop(document, None)
            if before is None or before.retired or before.body != body:
                self._save_proposal(source, document, proposal, body, before, at)
                self.ask(document, (asked or {}).get(proposal.first_page))
                saved.append(SavedProposal(document, proposal, Digest.of(body.encode()), retired=False))
        for document, before in known.items():
            if not before.retired:
                self._save_version(document, before.version + 1, before.body, at)
                self._update_document(document, version=before.version + 1, retired=True)
                self.ask(document, None)
                proposal, digest = decode_proposal(before.body), Digest.of(before.body.encode())
                saved.append(SavedProposal(document, proposal, digest, retired=True))
        s = t.sources.c
        asked_since = sa.and_(s.claimed_until.is_not(None), s.attempts == 0)
        state = sa.case((asked_since, SourceState.OPENED), else_=SourceState.PROPOSED)
        self._update_source(source, state=state, claimed_until=None)
        return tuple(saved)

    def _save_proposal(
        self,
        source: Digest,
        document: DocumentId,
        proposal: DocumentProposal,
        body: str,
        before: Row | None,
        at: dt.datetime,
    ) -> None:
        version = 1 if before is None else before.version + 1
        if before is None:
            first = {"source": str(source), "first_page": proposal.first_page}
            values = {"id": document, "version": version, "band": proposal.band}
            self._connection.execute(sa.insert(t.documents).values(first | values))
        else:
            self._update_document(
                document, version=version, retired=False, band=proposal.band, index_error=None, copy_attempts=0
            )
        self._save_version(document, version, body, at)

    def _save_version(self, document: DocumentId, version: int, body: str, at: dt.datetime) -> None:
        self._connection.execute(
            sa.insert(t.proposals).values(document=document, version=version, at=time_text(at), body=body)
        )

    def begin_copy(self, document: DocumentId) -> None:
        """See :meth:`Work.begin_copy`."""
        self._update_document(document, copy_attempts=t.documents.c.copy_attempts + 1)

    def mark_copied(self, document: DocumentId, version: int) -> None:
        """See :meth:`Work.mark_copied`."""
        self._update_document(document, copied_version=version, copy_attempts=0)

    def mark_indexed(self, written: Mapping[DocumentId, int], failed: Mapping[DocumentId, str]) -> None:
        """See :meth:`Work.mark_indexed`."""
        for document, version in written.items():
            self._update_document(document, indexed_version=version, index_error=None)
        for document, error in failed.items():
            self._update_document(document, index_error=error)

    def reconsider(self) -> int:
        """See :meth:`Work.reconsider`."""
        unsure = sa.select(t.documents.c.source).where(~t.documents.c.retired, t.documents.c.band != Band.AUTO)
        return self._attribute_again(t.sources.c.digest.in_(unsure))

    def reset_claims(self) -> None:
        """See :meth:`Work.reset_claims`."""
        for table in (t.sources, t.pages, t.rereadings):
            self._connection.execute(
                sa.update(table).where(table.c.claimed_until.is_not(None)).values(claimed_until=None)
            )


def _mark_columns(mark: Mark | None) -> dict[str, object]:
    if mark is None:
        return {"separator": None, "token": None}
    return {"separator": mark.separator, "token": mark.token}
