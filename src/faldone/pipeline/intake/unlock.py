"""A PDF that wants a password, opened once by somebody who has it.

The file stays sealed as it came. What it holds comes out of it as out of an envelope: a PDF without a password, which
is a file of its own, so that nobody has to be asked again and the password is kept nowhere.
"""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath

import pikepdf

from faldone.catalog.records import SourceState
from faldone.domain.access import Access
from faldone.domain.digest import Digest
from faldone.domain.events import Event, EventType
from faldone.domain.reasons import Reason
from faldone.errors import NotFoundError, UndecidableError, UnreadableFileError
from faldone.ingest.inspect import inspect
from faldone.ingest.media import PDF
from faldone.ingest.parts import Part, Unpacked, safe_name
from faldone.pipeline.intake.open_source import take_parts
from faldone.pipeline.intake.rights import sees
from faldone.pipeline.ports import Ports


class WrongPasswordError(UndecidableError):
    """A password does not open the PDF that it was given for."""

    reference = "wrong-password"

    def __init__(self) -> None:
        super().__init__("La password non apre il file. / The password does not open the file.")


def unlock(digest: Digest, password: str, access: Access, ports: Ports, agent: str) -> None:
    """Opens a quarantined PDF with its password, and takes in what it holds.

    Raises:
        NotFoundError: no such file is in quarantine for its password, or it may not be seen: which is not told.
        WrongPasswordError: the password does not open it.
        UndecidableError: it is no PDF, or a worker took it up again at this moment.
        InputError: what it holds is damaged, or larger than faldone opens.
    """
    if not _waits(digest, access, ports):
        raise NotFoundError(
            "Non trovato, o non visibile con i tuoi permessi. / Not found, or not visible with your rights."
        )
    intake = ports.catalog.intakes(digest)[0]
    name = PurePosixPath(safe_name(intake.path, default="documento")).name
    ports.options.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="unlock-", dir=ports.options.work) as folder:
        opened = Path(folder) / "part-000001"
        with ports.store.path(digest) as path:
            _without_password(path, password, opened)
        inspect(opened, ports.options.limits)
        _claim(digest, ports, agent)
        part = Part(name, opened, opened.stat().st_size)
        take_parts(digest, PDF, intake, Unpacked((part,), ()), ports)


def _waits(digest: Digest, access: Access, ports: Ports) -> bool:
    """Whether a file is in quarantine because it wants a password, in a batch that may be seen."""
    try:
        source = ports.catalog.source(digest)
    except NotFoundError:
        return False
    if source.state is not SourceState.QUARANTINED or source.reason is not Reason.ENCRYPTED:
        return False
    return any(sees(ports.catalog.batch(intake.batch), access) for intake in ports.catalog.intakes(digest))


def _without_password(path: Path, password: str, target: Path) -> None:
    with path.open("rb") as stream:
        if b"%PDF-" not in stream.read(1024):
            raise UndecidableError(
                "Non è un PDF: chiedi una copia senza password. / It is no PDF: ask for a copy without a password."
            )
    try:
        with pikepdf.open(path, password=password) as document:
            # The same bytes whenever it is done, so that a file that came twice is known for the same.
            document.save(target, encryption=False, deterministic_id=True)
    except pikepdf.PasswordError:
        raise WrongPasswordError from None
    except pikepdf.PdfError as error:
        raise UnreadableFileError("Il PDF è danneggiato / The PDF is damaged") from error


def _claim(digest: Digest, ports: Ports, agent: str) -> None:
    """Takes the file out of quarantine and to itself in one step, so that no worker opens it without the password."""
    now = ports.clock()
    with ports.catalog.begin() as work:
        claimed = work.claim_source(digest, now, now + ports.options.claim()) if work.retry_source(digest) else None
        if claimed is None:
            raise UndecidableError("Il file è già di nuovo in lavorazione. / The file is on its way again already.")
        work.record(Event(EventType.FILE_RETRIED, str(digest), now, agent, detail={"reason": None}))
