"""A file that is handed in by a browser: written beside what the scanners bring, and taken in like it."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from faldone.domain.digest import Digest
from faldone.domain.events import Event, EventType, Outcome, user_agent
from faldone.domain.inbox import Inbox
from faldone.domain.reasons import Reason
from faldone.errors import FaldoneError, ImageTooLargeError, InputError, UnavailableError
from faldone.ingest.inspect import inspect
from faldone.ingest.sidecar import is_sidecar
from faldone.pipeline.intake.take_in import has_room
from faldone.pipeline.ports import Ports

T = TypeVar("T")

_NAME_BYTES: Final = 120
_ENDING_BYTES: Final = 12
_PASSED_OVER: Final = (".tmp", ".part", ".crdownload")
"""Endings that watching passes over: a file that was handed in must not lie there for ever."""

_NOT_IN_NAMES: Final = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV, errno.EMLINK, errno.EACCES})
_MOST_ALIKE: Final = 1_000


class NoRoomError(UnavailableError):
    """The disk is full: nothing is taken in until there is more room."""

    reference = "no-room"

    def __init__(self) -> None:
        super().__init__(
            "Disco pieno: acquisizione ferma. I file restano dove sono, nulla è perso. Riparte da sola quando c'è "
            "spazio. / The disk is full: intake waits. Files stay where they are, nothing is lost. It goes on by "
            "itself when there is room."
        )


class InboxAwayError(UnavailableError):
    """The inbox cannot be written to."""

    reference = "inbox-away"

    def __init__(self) -> None:
        super().__init__(
            "La cartella di arrivo non risponde o non si può scrivere. Controlla la rete, poi riprova. / "
            "The inbox does not answer, or cannot be written to. Check the network, then try again."
        )


def safe_name(name: str) -> str:
    """A name for a file that somebody's browser calls ``name``: without folders, without anything that hides or harms.

    The ending stays, because people know files by it; nothing is believed of it.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    # Control and format characters, halves of pairs and private ones: they deceive the eye or break a line of a log.
    plain = "".join(char for char in last if unicodedata.category(char)[0] != "C").translate(_NOT_IN_NAMES)
    plain = plain.strip().lstrip(".~$ ").rstrip(". ")
    stem, dot, ending = plain.rpartition(".")
    if not dot or not stem or len(ending.encode()) > _ENDING_BYTES:
        stem, dot, ending = plain, "", ""
    made = _cut(stem, _NAME_BYTES - len(f"{dot}{ending}".encode())).rstrip(". ") or "senza nome"
    made += dot + ending
    return f"{made}.caricato" if made.lower().endswith(_PASSED_OVER) else made


def _cut(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode(errors="ignore")


class Upload:
    """One file on its way into an inbox, where nobody sees it before :meth:`finish`; :meth:`discard` ends it.

    Args:
        inbox: where it is to arrive.
        name: what the browser calls it.
        by: the account that hands it in.
        ports: the archive; ``options.limits`` says how large and of what kind it may be.

    Raises:
        NoRoomError: the disk is full.
        InboxAwayError: the inbox cannot be written to.
    """

    def __init__(self, inbox: Inbox, name: str, by: str, ports: Ports) -> None:
        self.name = safe_name(name)
        self.size = 0
        self._by, self._ports = by, ports
        self._digest = hashlib.sha256()
        self._folder = inbox.path
        # Watching passes over such names, by the dot and by the ending.
        self._unfinished = inbox.path / f".upload-{secrets.token_hex(8)}.part"
        if not has_room(ports):
            raise NoRoomError
        self._stream: BinaryIO = self._guarded(lambda: self._unfinished.open("xb"))

    def write(self, data: bytes) -> None:
        """Adds bytes. Raises ImageTooLargeError, NoRoomError and InboxAwayError."""
        self.size += len(data)
        limit = self._ports.options.limits.max_bytes
        if self.size > limit:
            raise ImageTooLargeError(
                f"File troppo grande: il limite è {limit // 1_000_000} MB. / Too large: the limit is "
                f"{limit // 1_000_000} MB."
            )
        self._digest.update(data)
        self._guarded(lambda: self._stream.write(data))

    def finish(self) -> str:
        """Lets the file arrive, all at once, and never in the place of another; the name that it has now.

        Who handed it in is on record before it arrives; the bytes that are sealed later are known by the same digest.

        Raises:
            CatalogUnavailableError: the ledger does not answer, and the file does not arrive.
            InputError: faldone does not open it; ``reason`` says why.
            NoRoomError: the disk is full.
            InboxAwayError: the inbox cannot be written to.
        """

        def write_out() -> None:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()

        self._guarded(write_out)
        if not is_sidecar(self.name):
            self._guarded(lambda: inspect(self._unfinished, self._ports.options.limits))
        self._record()
        try:
            return self._guarded(self._place)
        except FaldoneError as error:
            self._record(error)
            raise

    def discard(self) -> None:
        """Leaves nothing behind that did not arrive."""
        with suppress(OSError):
            self._stream.close()
        with suppress(OSError):
            self._unfinished.unlink(missing_ok=True)

    def _record(self, failed: FaldoneError | None = None) -> None:
        subject = str(Digest.parse(f"sha256:{self._digest.hexdigest()}"))
        now, agent = self._ports.clock(), user_agent(self._by)
        outcome = Outcome.SUCCESS if failed is None else Outcome.FAILURE
        reason = failed.reference if failed is not None else None
        detail = {"size": self.size, "reason": reason}
        with self._ports.catalog.begin() as work:
            work.record(Event(EventType.FILE_HANDED_IN, subject, now, agent, outcome, detail))

    def _place(self) -> str:
        stem, dot, ending = self.name.rpartition(".")
        if not dot:
            stem, ending = self.name, ""
        for number in range(1, _MOST_ALIKE):
            name = self.name if number == 1 else f"{stem} ({number}){dot}{ending}"
            with suppress(FileExistsError):
                _move(self._unfinished, self._folder / name)
                return name
        raise InboxAwayError

    def _guarded(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno in _FULL:
                raise NoRoomError from error
            raise InboxAwayError from error


def _move(unfinished: Path, target: Path) -> None:
    """Gives a file its name. Raises FileExistsError when there is one of this name."""
    try:
        os.link(unfinished, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A share without links: the name is taken first, so that nothing that lies there is lost.
        target.open("xb").close()
        unfinished.replace(target)
    else:
        unfinished.unlink()


def reason_of(error: FaldoneError) -> tuple[str, str]:
    """Why a file was refused, in Italian and in English: by its kind, else in the error's own words."""
    if isinstance(error, InputError):
        reason = Reason(error.reason)
        return reason.italian, reason.english
    italian, slash, english = error.message.partition(" / ")
    return italian, english if slash else italian
