"""Tesseract's library in processes that live on from page to page: no start and no loading of models for each.

Every page that is being read has a worker process to itself (`tesserocr_worker`), taken from those that are idle or
started. So there are never more of them than callers at once. A worker that crashes, hangs or talks nonsense is killed
with its process group and never used again; the next page gets another. The pages of a call are sent one after the
other, so that each has its own time.

Pixels go through a socket: for an A4 page at 300 dpi 3 ms, no more than through shared memory, and nothing lies about
when a process dies.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, TypeVar

import numpy as np

from faldone.domain.page import EngineStamp
from faldone.errors import DependencyError, OcrCrashedError, OcrOutputError
from faldone.ocr import tsv
from faldone.ocr.ended import crashed, timed_out
from faldone.ocr.engine import ReadWord
from faldone.ocr.image import PreparedPage
from faldone.ocr.installation import MIN_ORIENTATION_CONFIDENCE, OSD, Installation
from faldone.ocr.options import OcrOptions
from faldone.ocr.tesserocr_worker import LENGTH, Request

_Answer = TypeVar("_Answer")

_WORKER = (sys.executable, "-P", "-m", "faldone.ocr.tesserocr_worker")
"""-P: what lies in the current folder, an inbox perhaps, is not imported."""

_ENVIRONMENT = {
    "OMP_THREAD_LIMIT": "1",
    "MALLOC_MMAP_THRESHOLD_": str(16 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(32 * 1024 * 1024),
}
"""One thread; and what the library takes and gives back for a page is kept for the next, 32 MiB at most: the system,
asked for it anew, took 10 ms of a core for the 5 600 pieces that a page needs."""

_START_S = 60.0
"""Time for an interpreter to start and to load the library, on a machine whose cores are all reading."""

_END_S = 5.0
_MAX_ANSWER_BYTES = 64 * 1024 * 1024
"""More than any page's words: a longer frame is nonsense, and must not be waited for."""


class TesserocrEngine:
    """Tesseract in worker processes, as an :class:`~faldone.ocr.engine.OcrEngine`.

    Idle workers end with :meth:`close`, busy ones when their page is done, and all of them with this process.

    Args:
        installation: where the trained data are.
        worker: the command that starts a worker.
    """

    pages_a_start = 1

    def __init__(self, installation: Installation | None = None, worker: Sequence[str] = _WORKER) -> None:
        self._installation = installation or Installation()
        self._command = tuple(worker)
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._closed = False
        self._version: str | None = None

    def __enter__(self) -> TesserocrEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, pages_at_a_time: int, options: OcrOptions) -> None:
        """See the port: so many workers, which load the language while the first page is still looked at."""
        with contextlib.suppress(DependencyError, OSError):
            known = (str(self._installation.folder()), options.language)
            for _ in range(pages_at_a_time):
                self._give_back(_Worker((*self._command, *known)))

    def close(self) -> None:
        """Ends the workers. A page that is being read is read to its end, and its worker ends then."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.end()

    def stamp(self, options: OcrOptions) -> EngineStamp:
        """See the port. The version is that of the library which the wheel brings, not of the installed program."""
        trained = self._installation.trained(options.language)
        if self._version is None:
            worker = self._borrow()
            self._version = worker.version
            self._give_back(worker)
        return EngineStamp("tesserocr", f"{self._version} {trained}", str(options.digest()))

    def read(self, pages: Sequence[PreparedPage], options: OcrOptions) -> tuple[tuple[ReadWord, ...], ...]:
        """See the port."""
        self._installation.trained(options.language)
        return tuple(self._words(page, options) for page in pages)

    def orientation(self, page: PreparedPage, options: OcrOptions) -> int | None:
        """See the port."""
        self._installation.trained(options.language)
        return self._ask(page, OSD, 0, options.timeout_s, _turn)

    def _words(self, page: PreparedPage, options: OcrOptions) -> tuple[ReadWord, ...]:
        return self._ask(page, options.language, options.psm, options.timeout_s, _parsed)

    def _ask(
        self,
        page: PreparedPage,
        language: str,
        psm: int,
        timeout_s: float,
        understood: Callable[[dict[str, Any]], _Answer],
    ) -> _Answer:
        """What a worker says about a page. One that fails, or is not ``understood``, is not asked again."""
        height, width = page.pixels.shape
        request = Request(str(self._installation.folder()), language, psm, width, height, page.dpi)
        pixels = np.ascontiguousarray(page.pixels).data.cast("B")

        def asked(worker: _Worker) -> _Answer:
            try:
                answer = understood(worker.ask(request, pixels, timeout_s))
            except BaseException:
                worker.kill()
                raise
            self._give_back(worker)
            return answer

        worker = self._borrow()
        try:
            return asked(worker)
        except OcrCrashedError:
            if worker.took_page:
                raise
        return asked(self._new())  # the other was killed while idle, which is no fault of the page

    def _borrow(self) -> _Worker:
        """An idle worker that is alive, or a new one."""
        while True:
            with self._lock:
                worker = self._idle.pop() if self._idle else None
            if worker is None:
                return self._new()
            if worker.alive():
                with contextlib.suppress(OcrCrashedError):  # it never had a page
                    worker.greeted()
                    return worker
            worker.kill()

    def _new(self) -> _Worker:
        """A worker that is ready to read."""
        worker = _Worker(self._command)
        worker.greeted()
        return worker

    def _give_back(self, worker: _Worker) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(worker)
                return
        worker.end()


class _Worker:
    """One process, and the socket to it. Used by one thread at a time.

    Attributes:
        took_page: whether it had the whole of the last page before it answered or died.
        version: of the library, once the worker has :meth:`greeted`.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self.took_page = False
        self.version: str | None = None
        self._killed = False
        self._socket, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = subprocess.Popen(
                    command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=os.environ | _ENVIRONMENT,
                    process_group=0,  # not a session: the scheduler may give each its own share, niceness or not
                )
        except OSError:
            self._socket.close()
            raise

    def greeted(self) -> None:
        """Waits until the process has said who it is, if it has not yet.

        Raises:
            DependencyError: the library does not start.
            OcrCrashedError: the process was killed meanwhile.
        """
        if self.version is not None:
            return
        try:
            greeting = self._answer(time.monotonic() + _START_S, _START_S)
            self.version = f"{greeting['tesserocr']} tesseract:{greeting['tesseract']}"
        except BaseException as error:
            self.kill()
            if isinstance(error, KeyError | OcrOutputError) or (self._process.returncode or 0) > 0:
                raise DependencyError(
                    "La libreria di lettura tesserocr non parte / The reading library tesserocr does not start",
                    hint="pip install tesserocr",
                ) from error
            raise

    def alive(self) -> bool:
        """Whether the process has not ended since its last page."""
        return self._process.poll() is None

    def ask(self, request: Request, pixels: memoryview, timeout_s: float) -> dict[str, Any]:
        """What the worker says about a page.

        Raises:
            OcrTimeoutError: nothing within ``timeout_s`` seconds.
            OcrCrashedError: it died of the page.
            OcrOutputError: it talks nonsense.
        """
        deadline = time.monotonic() + timeout_s
        self.took_page = True
        try:
            for part in (request.encoded(), pixels):
                self._wait_until(deadline, timeout_s)
                self._socket.sendall(LENGTH.pack(len(part)))
                self._wait_until(deadline, timeout_s)
                self._socket.sendall(part)
        except TimeoutError as error:
            raise timed_out(timeout_s) from error
        except OSError as error:
            self.took_page = False
            raise self._died() from error
        return self._answer(deadline, timeout_s)

    def end(self) -> None:
        """Lets the worker end, or ends it."""
        self._socket.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_S)
        self.kill()

    def kill(self) -> None:
        """Ends the worker and whatever it started, at once."""
        if self._killed:
            return
        self._killed = True
        # Whether it lives or not, and before its socket is closed, with which it ends: what it started would live on.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._socket.close()
        with contextlib.suppress(subprocess.TimeoutExpired):  # not even SIGKILL ends a wait for a lost disk
            self._process.wait(_END_S)

    def _answer(self, deadline: float, timeout_s: float) -> dict[str, Any]:
        try:
            length = LENGTH.unpack(self._receive(LENGTH.size, deadline, timeout_s))[0]
            if length > _MAX_ANSWER_BYTES:
                raise _unreadable()
            answer = json.loads(self._receive(length, deadline, timeout_s))
        except TimeoutError as error:
            raise timed_out(timeout_s) from error
        except (OSError, EOFError) as error:
            self.took_page = isinstance(error, EOFError)  # a reset says that what was sent lies there unread
            raise self._died() from error
        except ValueError as error:
            raise _unreadable() from error
        if not isinstance(answer, dict):
            raise _unreadable()
        return answer

    def _receive(self, length: int, deadline: float, timeout_s: float) -> bytes:
        received = bytearray()
        while len(received) < length:
            self._wait_until(deadline, timeout_s)
            part = self._socket.recv(length - len(received))
            if not part:
                raise EOFError
            received += part
        return bytes(received)

    def _wait_until(self, deadline: float, timeout_s: float) -> None:
        """Sets how long the next step of the socket may take."""
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise timed_out(timeout_s)
        self._socket.settimeout(remaining)

    def _died(self) -> OcrCrashedError:
        try:
            return crashed(self._process.wait(_END_S))
        except subprocess.TimeoutExpired:  # it closed the socket and lives on
            return crashed(-signal.SIGKILL)
        finally:
            self.kill()


def _parsed(answer: dict[str, Any]) -> tuple[ReadWord, ...]:
    rows = answer.get("tsv")
    if not isinstance(rows, str):
        raise _unreadable()
    (words,) = tsv.parse(f"{tsv.HEADER}\n{rows}".encode("utf-8", "surrogatepass"), 1)
    return words


def _turn(answer: dict[str, Any]) -> int | None:
    try:
        turn, confidence = answer["turn"], float(answer.get("confidence", 0.0))
        return int(turn) % 360 if turn is not None and confidence >= MIN_ORIENTATION_CONFIDENCE else None
    except (LookupError, TypeError, ValueError) as error:
        raise _unreadable() from error


def _unreadable() -> OcrOutputError:
    return OcrOutputError("La risposta di tesserocr non si legge / The answer of tesserocr cannot be read")
