"""What people are told of the data files beside the scans: what is wrong with one, and whom it names in vain."""

from __future__ import annotations

from dataclasses import dataclass

from faldone.catalog.records import Batch, IntakeState
from faldone.domain.declared import names_of
from faldone.domain.digest import Digest
from faldone.domain.reasons import Reason
from faldone.errors import InvalidSidecarError
from faldone.ingest.sidecar import read_sidecar
from faldone.pipeline.ports import Ports


def fault_in(path: str, source: Digest | None, reason: Reason | None, ports: Ports) -> str:
    """What is wrong with a file that was refused as a sidecar, and in which line, in both languages; else nothing.

    It is read from the sealed bytes again: what stands in them is personal data, which neither ledger nor log keep.
    """
    if source is None or reason is not Reason.SIDECAR_INVALID:
        return ""
    try:
        with ports.store.path(source) as file:
            read_sidecar(path, file.read_bytes(), ports.lexicon.services)
    except InvalidSidecarError as error:
        return error.message
    return ""  # a service that it names is known by now: it may be tried again


@dataclass(frozen=True, slots=True)
class SidecarNote:
    """Something to be told of the data file at ``path``, in both languages."""

    path: str
    message: str


def sidecar_notes(batch: Batch, ports: Ports) -> tuple[SidecarNote, ...]:
    """What is wrong with the data files of a batch, and which files they speak of that never came."""
    files = ports.catalog.batch_contents(batch.id)
    notes = [
        SidecarNote(file.path, fault)
        for file in files
        if (fault := fault_in(file.path, file.source, file.reason, ports))
    ]
    declared = ports.catalog.declared_files(batch.id)
    if not declared:
        return tuple(notes)
    # A data file put in again under its name takes the place of what it was.
    speaking = {file.path: file.source for file in files if file.arrival is not IntakeState.REFUSED}
    paths = {source: path for path, source in speaking.items()}
    came = {name for file in files for name in names_of(file.path)}
    for source, target in declared:
        if source in paths and target not in came:
            shown = target.replace(" / ", "/")  # " / " stands between the languages
            said = f"parla di «{shown}», che non è mai arrivato / it speaks of “{shown}”, which never came"
            notes.append(SidecarNote(paths[source], said))
    return tuple(notes)
