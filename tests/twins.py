"""An archive made of twins, for tests of the pipeline that need no program and no server."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from faldone.catalog.sql.catalog import SqlCatalog
from faldone.classify.lexicon import default_lexicon
from faldone.classify.register import MemoryPersonRegister
from faldone.domain.campaign import RereadingId
from faldone.domain.digest import Digest
from faldone.domain.ids import PageId
from faldone.domain.inbox import Inbox, Originals
from faldone.ingest.inspect import Limits
from faldone.ocr.fake import FakeEngine
from faldone.ocr.options import OcrOptions
from faldone.pipeline.filing.attribute import attribute
from faldone.pipeline.intake.look import look
from faldone.pipeline.intake.open_source import open_source
from faldone.pipeline.intake.take_in import Arrival, take_in
from faldone.pipeline.ports import Options, Ports
from faldone.pipeline.recognition.recognise import recognise
from faldone.pipeline.recognition.reread import reread
from faldone.pipeline.search.index import index_pending
from faldone.search.memory import MemoryIndex
from faldone.storage.local import LocalStore


@dataclass
class Clock:
    """A clock that tests move by hand."""

    now: dt.datetime = field(default_factory=lambda: dt.datetime(2026, 3, 4, 5, 6, 7, tzinfo=dt.UTC))

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += dt.timedelta(**span)


@dataclass
class Archive:
    """A whole archive in a folder, its engine and index being twins."""

    folder: Path
    engine: FakeEngine = field(default_factory=FakeEngine)
    clock: Clock = field(default_factory=Clock)
    limits: Limits = field(default_factory=Limits)
    attempts: int = 1
    patience_s: float = 0.0
    originals: Originals = Originals.MOVE
    copies: bool = False

    def __post_init__(self) -> None:
        self.inbox = self.folder / "inbox"
        self.inbox.mkdir(parents=True, exist_ok=True)
        self.catalog = SqlCatalog(f"sqlite:///{self.folder / 'catalog.sqlite'}")
        self.catalog.migrate()
        self.ports = Ports(
            catalog=self.catalog,
            store=LocalStore(self.folder / "store"),
            engine=self.engine,
            index=MemoryIndex(),
            register=lambda: MemoryPersonRegister(self.catalog.persons()),
            lexicon=default_lexicon(),
            clock=self.clock,
            options=Options(
                limits=self.limits,
                ocr=OcrOptions(),
                done=self.folder / "done",
                work=self.folder / "work",
                attempts=self.attempts,
                patience_s=self.patience_s,
                factor_key=self.folder / "second-factors.key",
                originals=self.originals,
                patch_texts=frozenset({"PATCH-T"}),
                copies=self.folder / "pdf" if self.copies else None,
            ),
        )

    def drop(self, name: str, content: bytes) -> Path:
        """Puts a file into the inbox."""
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def take(self, name: str, content: bytes) -> Arrival:
        """Puts a file into the inbox and takes it in."""
        (arrival,) = take_in([self.drop(name, content)], Inbox(self.inbox), self.ports)
        return arrival

    def work_off(self, rounds: int = 50) -> None:
        """Does what the catalog says is due until nothing is, as the dispatcher and its workers would."""
        for _ in range(rounds):
            due = self.catalog.unfinished(self.clock(), 1000)
            if not (due.open or due.look or due.recognise or due.attribute or due.reread or due.index):
                return
            for unit in due.open:
                open_source(Digest.parse(unit.id), self.ports)
            if due.look:
                look([PageId(unit.id) for unit in due.look], self.ports)
            if due.recognise:
                recognise([PageId(unit.id) for unit in due.recognise], self.ports)
            for unit in due.attribute:
                attribute(Digest.parse(unit.id), self.ports)
            if due.reread:
                reread([RereadingId(unit.id) for unit in due.reread], self.ports)
            index_pending(self.ports)
        raise AssertionError("the work does not come to an end")

    def close(self) -> None:
        self.catalog.close()
