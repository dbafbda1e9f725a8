"""Verifications that take hours, kept in files: one that was left, or broke off with its server, is found again.

A file holds how far a run came and what it found. It is no proof by itself: what came of a run that ended stands on the
ledger.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from faldone.errors import NotFoundError, UnavailableError, UndecidableError
from faldone.pipeline.audit.audit import AuditReport, Finding, Proved
from faldone.pipeline.audit.verification import Progress, Verification

KEPT: Final = 20
"""Runs of one account that are kept, the newest."""

_ID: Final = frozenset("0123456789abcdef")
_EVERY: Final = dt.timedelta(seconds=1)
"""A run under way is written no oftener than this: it may have a hundred thousand steps."""


@dataclass(frozen=True, slots=True)
class Run:
    """A verification as it was last written. ``result`` is what it found when it ended, ``begun_at`` its beginning."""

    id: str
    account: str
    begun_at: dt.datetime
    proved: Proved = field(default_factory=Proved)
    done: int = 0
    total: int = 0
    result: Verification | None = None


class Runs:
    """The runs under a folder, a file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, account: str, now: dt.datetime) -> Run:
        """A run of an account that is about to start; the oldest of its others are forgotten.

        Raises:
            UnavailableError: it cannot be written.
        """
        run = Run(f"{now:%Y%m%d%H%M%S}{secrets.token_hex(6)}", account, now)
        self.keep(run)
        for old in self.of(account)[KEPT:]:
            self.forget(old)
        return run

    def keep(self, run: Run) -> None:
        """Writes a run, all of it or nothing. Raises UnavailableError."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self._path(run.id)
            unfinished = path.with_suffix(f".{secrets.token_hex(4)}.part")
            unfinished.touch(mode=0o600)
            unfinished.write_text(json.dumps(_as_json(run)), encoding="utf-8")
            unfinished.replace(path)
        except OSError as error:
            raise UnavailableError(
                "Lo stato della verifica non si può scrivere. / The state of the verification cannot be written."
            ) from error

    def forget(self, run: Run) -> None:
        """Removes a run."""
        with suppress(OSError):
            self._path(run.id).unlink(missing_ok=True)

    def get(self, id_: str, account: str) -> Run:
        """A run of an account.

        Raises:
            NotFoundError: it has none with this id.
        """
        run = self._read(self._path(id_)) if _ID.issuperset(id_) else None
        if run is None or run.account != account:
            raise NotFoundError("Questa verifica non c'è, o non c'è più. / There is no such verification, or no more.")
        return run

    def of(self, account: str) -> tuple[Run, ...]:
        """The runs of an account, the newest first."""
        paths = sorted(self._folder.glob("*.json"), reverse=True) if self._folder.is_dir() else []
        return tuple(run for run in map(self._read, paths) if run is not None and run.account == account)

    def _path(self, id_: str) -> Path:
        return self._folder / f"{id_}.json"

    def _read(self, path: Path) -> Run | None:
        try:
            return _from_json(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None  # gone, or of another version: there is nothing to go on from


class Record:
    """Writes one run as it goes: now and then while it is under way, and how it ended at once."""

    def __init__(self, run: Run, runs: Runs) -> None:
        self.run = run
        self._runs = runs
        self._written: dt.datetime | None = None

    def step(self, progress: Progress, now: dt.datetime) -> None:
        """How far it is now."""
        self.run = replace(self.run, proved=progress.proved, done=progress.done, total=progress.total)
        if self._written is None or now - self._written >= _EVERY:
            self.write()
            self._written = now

    def end(self, result: Verification) -> None:
        """What it found."""
        self.run = replace(self.run, result=result, done=self.run.total)
        self.write()

    def write(self) -> None:
        """Writes it as it is now."""
        self._runs.keep(self.run)


def demand_unfinished(run: Run) -> None:
    """Raises UndecidableError when a run has ended and there is nothing to go on with."""
    if run.result is not None:
        raise UndecidableError("La verifica è già finita. / The verification has ended already.")


def _as_json(run: Run) -> dict[str, Any]:
    result = run.result
    return {
        "id": run.id,
        "account": run.account,
        "begun_at": run.begun_at.isoformat(),
        "done": run.done,
        "total": run.total,
        "proved": {
            "entries": run.proved.entries,
            "head": run.proved.head,
            "files": run.proved.files,
            "findings": _findings_json(run.proved.findings),
        },
        "result": None
        if result is None
        else {
            "entries": result.report.entries,
            "head": result.report.head,
            "files": result.report.files,
            "findings": _findings_json(result.report.findings),
            "by": result.by,
            "begun_at": result.begun_at.isoformat(),
            "ended_at": result.ended_at.isoformat(),
            "recorded": result.recorded,
        },
    }


def _findings_json(findings: tuple[Finding, ...]) -> list[list[str]]:
    return [[one.object, one.italian, one.english] for one in findings]


def _from_json(said: Mapping[str, Any]) -> Run:
    proved, result = said["proved"], said["result"]
    return Run(
        id=said["id"],
        account=said["account"],
        begun_at=dt.datetime.fromisoformat(said["begun_at"]),
        proved=Proved(proved["entries"], proved["head"], proved["files"], _findings(proved["findings"])),
        done=said["done"],
        total=said["total"],
        result=None
        if result is None
        else Verification(
            AuditReport(result["entries"], result["head"], result["files"], _findings(result["findings"])),
            result["by"],
            dt.datetime.fromisoformat(result["begun_at"]),
            dt.datetime.fromisoformat(result["ended_at"]),
            result["recorded"],
        ),
    )


def _findings(said: list[list[str]]) -> tuple[Finding, ...]:
    return tuple(Finding(*one) for one in said)
