"""Decisions and the queue of what waits for one, on the catalog's tables."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import sqlalchemy as sa
from pydantic import TypeAdapter

from faldone.catalog.codec import decode_proposal
from faldone.catalog.records import Placed, Waiting, WaitingKey
from faldone.catalog.sql import tables as t
from faldone.catalog.sql.base import SqlRead, SqlWrite, at_once
from faldone.catalog.sql.rows import in_force, time_text, to_document
from faldone.domain.attribution import Band, DocumentProposal
from faldone.domain.decision import ALONE, RECHECK, Asked, Decision
from faldone.domain.digest import Digest
from faldone.domain.ids import BatchId, DocumentId, document_id_below

_decision = TypeAdapter(Decision)


class ReviewWork(SqlWrite):
    """The part of one transaction that is about decisions; see :class:`faldone.catalog.catalog.Work`."""

    def decide(self, decision: Decision) -> Digest:
        """See :meth:`Work.decide`."""
        body = _decision.dump_json(decision).decode()
        row = {"document": decision.document, "at": time_text(decision.at), "body": body, "undone": False}
        self._connection.execute(sa.insert(t.decisions).values(**row))
        self.attribute_again([decision.document])
        return Digest.of(body.encode())

    def undo_decision(self, document: DocumentId) -> Decision | None:
        """See :meth:`Work.undo_decision`."""
        d = t.decisions.c
        standing = sa.select(d.number, d.body).where(d.document == document, ~d.undone).order_by(d.number.desc())
        last = self._connection.execute(standing.limit(1)).first()
        if last is None:
            return None
        self._connection.execute(sa.update(t.decisions).where(d.number == last.number).values(undone=True))
        self.attribute_again([document])
        return _decision.validate_json(last.body)

    def ask(self, document: DocumentId, asked: Asked | None) -> None:
        """Puts on record what a document asks, and who is named on it."""
        self._connection.execute(
            sa.update(t.documents)
            .where(t.documents.c.id == document)
            .values(question=asked.question if asked is not None else None)
        )
        self._connection.execute(sa.delete(t.named).where(t.named.c.document == document))
        if asked is not None and asked.keys:
            rows = [{"document": document, "key": key} for key in sorted(asked.keys)]
            self._connection.execute(sa.insert(t.named), rows)

    def reconsider_named(self, keys: Collection[str]) -> int:
        """See :meth:`Work.reconsider_named`."""
        found: set[str] = set()
        for some in at_once(sorted(keys)):
            found.update(self._connection.scalars(sa.select(t.named.c.document).where(t.named.c.key.in_(some))))
        return self.attribute_again([DocumentId(document) for document in sorted(found)])


class ReviewRead(SqlRead):
    """What the catalog tells of decisions; see :class:`faldone.catalog.catalog.Catalog`."""

    def waiting_documents(
        self, limit: int, offset: int = 0, question: str | None = None, document: DocumentId | None = None
    ) -> tuple[Waiting, ...]:
        """See :meth:`Catalog.waiting_documents`."""
        d = t.documents.c
        waits = (~d.retired, d.band != Band.AUTO)
        alone = sa.or_(d.question.is_(None), d.question.like(f"%:{ALONE}"))
        count = sa.select(d.question, sa.func.count().label("together")).where(*waits, ~alone).group_by(d.question)
        if document is not None:  # of one document its own question is counted, not all of them
            count = count.where(d.question == sa.select(d.question).where(d.id == document).scalar_subquery())
        counted = count.subquery()
        together = sa.func.coalesce(counted.c.together, 1)
        query = (
            sa.select(t.documents, t.proposals.c.body, together.label("together"))
            .join(t.proposals, in_force())
            .outerjoin(counted, counted.c.question == d.question)
            .where(*waits)
            # What nothing was read on comes last: there is little to decide on it.
            .order_by(together.desc(), d.band == Band.HOLD, d.question, d.number)
            .limit(limit)
            .offset(offset)
        )
        if question is not None:
            query = query.where(d.question == question)
        if document is not None:
            query = query.where(d.id == document)
        with self._engine.connect() as connection:
            return tuple(
                Waiting(to_document(row), row.question or "", row.together) for row in connection.execute(query)
            )

    def waiting_keys(self) -> tuple[WaitingKey, ...]:
        """See :meth:`Catalog.waiting_keys`."""
        d = t.documents.c
        # The bands by name: «not auto» would look at every document, and the index on bands at none that is filed.
        query = sa.select(d.id, d.number, d.version, d.band, d.question).where(
            ~d.retired, d.band.in_([Band.REVIEW, Band.HOLD])
        )
        with self._engine.connect() as connection:
            return tuple(
                WaitingKey(DocumentId(id_), number, version, band == Band.HOLD, question or "")
                for id_, number, version, band, question in connection.execute(query)
            )

    def recheck_keys(self, one_in: int) -> tuple[WaitingKey, ...]:
        """See :meth:`Catalog.recheck_keys`."""
        d, said = t.documents.c, t.decisions.c
        # Ids are digests, as even as a draw by lot: those below a bound are the sample, and a range of the key.
        drawn = d.id < document_id_below(one_in)
        settled = sa.exists().where(said.document == d.id, ~said.undone)
        query = sa.select(d.id, d.number, d.version).where(drawn, ~d.retired, d.band == Band.AUTO, ~settled)
        with self._engine.connect() as connection:
            return tuple(
                WaitingKey(DocumentId(id_), number, version, held=False, question=RECHECK)
                for id_, number, version in connection.execute(query)
            )

    def placed(self, documents: Collection[DocumentId]) -> Mapping[DocumentId, Placed]:
        """See :meth:`Catalog.placed`."""
        i = t.intakes.c
        earlier = t.intakes.alias()
        first = sa.select(sa.func.min(earlier.c.number)).where(earlier.c.source == t.documents.c.source)
        query = (
            sa.select(t.documents, t.proposals.c.body, i.batch, i.number.label("file"))
            .join(t.proposals, in_force())
            .join(t.intakes, i.number == first.scalar_subquery())
        )
        found: dict[DocumentId, Placed] = {}
        with self._engine.connect() as connection:
            for keys in at_once(documents):
                some = query.where(t.documents.c.id.in_(keys))
                for row in connection.execute(some):
                    found[DocumentId(row.id)] = Placed(to_document(row), BatchId(row.batch), row.file)
        return found

    def count_waiting(self) -> int:
        """See :meth:`Catalog.count_waiting`."""
        d = t.documents.c
        with self._engine.connect() as connection:
            return (
                connection.scalar(
                    sa.select(sa.func.count()).select_from(t.documents).where(~d.retired, d.band != Band.AUTO)
                )
                or 0
            )

    def decisions(self, source: Digest) -> Mapping[DocumentId, Decision]:
        """See :meth:`Catalog.decisions`."""
        query = (
            sa.select(t.decisions.c.document, t.decisions.c.body)
            .join(t.documents, t.documents.c.id == t.decisions.c.document)
            .where(t.documents.c.source == str(source), ~t.decisions.c.undone)
            .order_by(t.decisions.c.number)
        )
        with self._engine.connect() as connection:
            return {DocumentId(row.document): _decision.validate_json(row.body) for row in connection.execute(query)}

    def standing_decisions(self, together: str | None = None) -> Iterator[Decision]:
        """See :meth:`Catalog.standing_decisions`."""
        last = (
            sa.select(sa.func.max(t.decisions.c.number))
            .where(~t.decisions.c.undone)
            .group_by(t.decisions.c.document)
            .scalar_subquery()
        )
        query = sa.select(t.decisions.c.body).where(t.decisions.c.number.in_(last)).order_by(t.decisions.c.number)
        if together is not None:
            # Only those that name the stroke are read; whether it is this one is seen then.
            query = query.where(t.decisions.c.body.contains(together, autoescape=True))
        for row in self._stream(query):
            decision = _decision.validate_json(row.body)
            if together is None or decision.together == together:
                yield decision

    def decided(self) -> Iterator[tuple[Decision, DocumentProposal]]:
        """See :meth:`Catalog.decided`."""
        for decision in self.standing_decisions():
            p = t.proposals.c
            with self._engine.connect() as connection:
                earlier = sa.select(p.body).where(p.document == decision.document, p.version <= decision.judged)
                bodies = connection.scalars(earlier.order_by(p.version.desc())).all()
            # What an earlier decision made of it is not what the machine proposed.
            judged = next((said for said in map(decode_proposal, bodies) if not said.confirmed), None)
            if judged is not None:
                yield decision, judged

    def decision_digests(self) -> Iterator[tuple[DocumentId, Digest]]:
        """See :meth:`Catalog.decision_digests`."""
        query = (
            sa.select(t.decisions.c.document, t.decisions.c.body)
            .where(~t.decisions.c.undone)
            .order_by(t.decisions.c.number)
        )
        standing = {row.document: row.body for row in self._stream(query)}
        for document, body in standing.items():
            yield DocumentId(document), Digest.of(body.encode())
