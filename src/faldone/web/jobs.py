"""Work that takes longer than an answer may: done beside it, with its progress, for the account that asked alone.

A job lives in this process and nowhere else: what it makes lies in a private folder for an hour, and is gone when the
server stops or starts. What must last is in the ledger, which the work itself writes.
"""

from __future__ import annotations

import datetime as dt
import logging
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from faldone.errors import FaldoneError, NotFoundError, UnavailableError

log = logging.getLogger(__name__)

KEPT: Final = dt.timedelta(hours=1)
"""How long what a job made is there to be fetched."""

_AT_ONCE: Final = 2
_OF_ONE_ACCOUNT: Final = 3
"""Jobs of one account that wait or run."""
_WAITING: Final = 20
"""Jobs of all accounts that wait or run."""


class JobState(StrEnum):
    """How far a job is. STOPPED is one that somebody, or the end of the server, broke off."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Made:
    """What a job made: a file under the job's folder, or a value to be shown, or both.

    ``file_name`` and ``media_type`` are what the file is delivered as; the name says nothing about a person.
    """

    file: Path | None = None
    file_name: str = ""
    media_type: str = ""
    value: object = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands. ``kind`` says what it does, ``subject`` about what: a word and an id.

    ``done`` of ``total`` pieces are behind it (``total`` 0: not known yet); ``error`` is what a FAILED one says.
    """

    id: str
    account: str
    kind: str
    subject: str
    asked_at: dt.datetime
    state: JobState = JobState.WAITING
    done: int = 0
    total: int = 0
    made: Made | None = None
    error: FaldoneError | None = None
    ended_at: dt.datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in (JobState.DONE, JobState.FAILED, JobState.STOPPED)


class JobStoppedError(Exception):
    """The work is not wanted any more; raised out of :meth:`Desk.progress`, and to be let through."""


@dataclass(slots=True)
class Desk:
    """What the work of a job is given: a ``folder`` of its own, and a way to say how far it is."""

    folder: Path
    _tell: Callable[[int, int], None]

    def progress(self, done: int, total: int) -> None:
        """Says that ``done`` of ``total`` pieces are behind. Raises JobStoppedError when nobody waits any more."""
        self._tell(done, total)


class BusyError(UnavailableError):
    """Too many jobs wait already."""

    reference = "jobs-busy"


@dataclass(slots=True)
class _Running:
    """A job underway, its folder, and whether it is to stop."""

    job: Job
    folder: Path
    stop: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)


class Jobs:
    """The jobs of this process. Whatever lies in ``folder`` from an earlier one is removed."""

    def __init__(self, folder: Path, clock: Callable[[], dt.datetime]) -> None:
        self._folder, self._clock = folder, clock
        self._jobs: dict[str, _Running] = {}
        self._guard = threading.Lock()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="faldone-job")
        self._sweeper: threading.Timer | None = None
        self._closed = False
        shutil.rmtree(folder, ignore_errors=True)

    def start(self, account: str, kind: str, subject: str, work: Callable[[Desk], Made], key: str | None = None) -> Job:
        """Puts work in the queue. The same kind on the same subject, not ended yet, is not begun a second time.

        ``key`` is the id of the job where it has one already; one that ended under this id is forgotten.

        Raises:
            BusyError: too many wait, of this account or of all.
        """
        self._sweep()
        with self._guard:
            underway = [one.job for one in self._jobs.values() if not one.job.ended]
            own = [job for job in underway if job.account == account]
            for job in own:
                if (job.kind, job.subject) == (kind, subject):
                    return job
            if self._closed or len(own) >= _OF_ONE_ACCOUNT or len(underway) >= _WAITING:
                raise BusyError(
                    "Ci sono già altri lavori in corso: riprova quando sono finiti. / "
                    "Other jobs are under way: try again when they are done."
                )
            key = key or secrets.token_urlsafe(16)
            job = Job(key, account, kind, subject, self._clock())
            running = _Running(job, self._folder / key)
            self._jobs[key] = running
        self._pool.submit(self._run, running, work)
        return job

    def get(self, id_: str, account: str, kind: str | None = None) -> Job:
        """A job of an account.

        Raises:
            NotFoundError: there is none with this id (and kind), it is another account's, or its hour is over.
        """
        self._sweep()
        return self._own(id_, account, kind).job

    def of(self, account: str, kind: str | None = None) -> tuple[Job, ...]:
        """The jobs of an account (of a kind), the newest first."""
        self._sweep()
        with self._guard:
            own = [one.job for one in self._jobs.values() if one.job.account == account]
        return tuple(job for job in reversed(own) if kind is None or job.kind == kind)

    def wait(self, job: Job, timeout_s: float) -> Job:
        """The job when it is further than it was in ``job``, or after this long; for streams of events and tests."""
        running = self._own(job.id, job.account, job.kind)
        with running.changed:
            running.changed.wait_for(lambda: running.job != job or running.job.ended, timeout_s)
            return running.job

    def stop(self, id_: str, account: str) -> Job:
        """Breaks off a job of an account; one that has ended stays as it is. Raises NotFoundError as :meth:`get`."""
        running = self._own(id_, account, None)
        running.stop.set()
        with running.changed:
            if running.job.state is JobState.WAITING:
                self._become(running, state=JobState.STOPPED, ended_at=self._clock())
            return running.job

    def close(self) -> None:
        """Breaks off all jobs and removes what they made."""
        with self._guard:
            self._closed = True
            jobs = list(self._jobs.values())
            if self._sweeper is not None:
                self._sweeper.cancel()
        for running in jobs:
            running.stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        with self._guard:
            self._jobs.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _own(self, id_: str, account: str, kind: str | None) -> _Running:
        with self._guard:
            found = self._jobs.get(id_)
        if found is None or found.job.account != account or kind not in (None, found.job.kind):
            raise NotFoundError(
                "Questo lavoro non c'è, o non c'è più. / There is no such job, or no more.",
                hint="I risultati restano un'ora. / Results are kept for an hour.",
            )
        return found

    def _run(self, running: _Running, work: Callable[[Desk], Made]) -> None:
        def tell(done: int, total: int) -> None:
            if running.stop.is_set():
                raise JobStoppedError
            with running.changed:
                self._become(running, done=done, total=total)

        with running.changed:
            if running.stop.is_set() or running.job.ended:
                self._become(running, state=JobState.STOPPED, ended_at=self._clock())
                return
            self._become(running, state=JobState.RUNNING)
        with self._ending(running) as ended:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            running.folder.mkdir(mode=0o700)
            made = work(Desk(running.folder, tell))
            ended(made)

    @contextmanager
    def _ending(self, running: _Running) -> Iterator[Callable[[Made], None]]:
        """Notes how the block ends; nothing of a job that made nothing stays on the disk."""
        result: list[Made] = []
        state, error = JobState.FAILED, None
        try:
            yield result.append
            state = JobState.DONE
        except JobStoppedError:
            state = JobState.STOPPED
        except FaldoneError as failure:
            error = failure
            log.warning("job %s (%s) failed: %s", running.job.id, running.job.kind, failure.reference)
        except Exception as failure:  # noqa: BLE001  the outermost edge of a thread: nobody above would be told
            error = UnavailableError(
                "Il lavoro si è interrotto per un guasto. / The job broke off by a fault.",
                hint="Riprova; se succede ancora, avvisa chi amministra. / Try again, then tell the administrator.",
            )
            # by its type alone: what it says may quote a path or a name
            log.error("job %s (%s) broke off: %s", running.job.id, running.job.kind, type(failure).__name__)
        if state is not JobState.DONE:
            shutil.rmtree(running.folder, ignore_errors=True)
        with running.changed:
            made = result[0] if result and state is JobState.DONE else None
            self._become(running, state=state, made=made, error=error, ended_at=self._clock())
        self._sweep_later()

    def _become(self, running: _Running, **what: Any) -> None:
        """Puts the job as it is now in the place of what it was; its ``changed`` is held."""
        running.job = replace(running.job, **what)
        running.changed.notify_all()

    def _sweep(self) -> None:
        """Forgets the jobs whose hour is over, and removes what they made."""
        now = self._clock()
        with self._guard:
            over = [
                key
                for key, one in self._jobs.items()
                if one.job.ended_at is not None and now - one.job.ended_at >= KEPT
            ]
            gone = [self._jobs.pop(key) for key in over]
        for running in gone:
            shutil.rmtree(running.folder, ignore_errors=True)

    def _sweep_later(self) -> None:
        """Sees to it that the hour ends also when nobody comes again."""
        with self._guard:
            if self._closed or self._sweeper is not None:
                return
            self._sweeper = threading.Timer(KEPT.total_seconds() + 1, self._swept)
            self._sweeper.daemon = True
            self._sweeper.start()

    def _swept(self) -> None:
        with self._guard:
            self._sweeper = None
        self._sweep()
        with self._guard:
            left = any(one.job.ended for one in self._jobs.values())
        if left:
            self._sweep_later()
