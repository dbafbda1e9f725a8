"""The truth about the demo's files: the same form as `faldone export results --json`, and a little more."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class TruePerson:
    """A person whom a document names. ``cf`` is the person's code, whether the paper shows it or not."""

    role: str
    name: str
    cf: str | None = None
    birth_date: dt.date | None = None
    registered: bool = False

    def as_json(self) -> dict[str, Any]:
        """The person in the form of the results export."""
        return {
            "role": self.role,
            "cf": self.cf,
            "name": self.name,
            "birth_date": self.birth_date.isoformat() if self.birth_date else None,
            "in_register": self.registered,
        }


@dataclass(frozen=True, slots=True)
class TrueProtocol:
    """A registration number on a paper.

    ``kind``: stamp (the receiving office's), own (the writer's), other («Vs. prot.»).
    """

    kind: str
    number: str
    date: dt.date | None = None

    def as_json(self) -> dict[str, Any]:
        """Number and date in the form of the results export, and the kind."""
        return {"number": self.number, "date": self.date.isoformat() if self.date else None, "kind": self.kind}


@dataclass(frozen=True, slots=True)
class TrueDocument:
    """What is true of one document. Page indices are 0-based and inclusive.

    ``service`` is what the paper itself tells (None: nothing on it does); ``dossier_service`` is where the
    office would put it. ``shown`` says how the holder appears: cf, birth, name, initials, number or none.
    """

    first_page: int
    last_page: int
    type: str
    service: str | None
    dossier_service: str | None
    persons: tuple[TruePerson, ...]
    date: dt.date | None
    protocols: tuple[TrueProtocol, ...]
    style: str
    shown: str
    band: str
    collective: bool = False

    @property
    def cf_on_page(self) -> bool:
        """Whether the main holder's codice fiscale is printed on the document."""
        return self.shown == "cf"

    @property
    def protocol(self) -> TrueProtocol | None:
        """The number that counts: the receiver's stamp, else the writer's own; never the other party's."""
        own = [one for kind in ("stamp", "own") for one in self.protocols if one.kind == kind]
        return own[0] if own else None

    def as_json(self) -> dict[str, Any]:
        """The document in the form of the results export."""
        protocol = self.protocol.as_json() if self.protocol else None
        return {
            "id": None,
            "first_page": self.first_page,
            "last_page": self.last_page,
            "type": self.type,
            "service": self.service,
            "persons": [person.as_json() for person in self.persons],
            "protocol": {key: protocol[key] for key in ("number", "date")} if protocol else None,
            "date": self.date.isoformat() if self.date else None,
            "band": self.band,
            "confidence": {"type": 1.0, "service": 1.0, "holder": 1.0, "date": 1.0},
            "dossier_service": self.dossier_service,
            "protocols": [one.as_json() for one in self.protocols],
            "style": self.style,
            "holder_shown": self.shown,
            "cf_on_page": self.cf_on_page,
            "collective": self.collective,
        }


@dataclass(frozen=True, slots=True)
class TruePage:
    """What is true of one page. ``rotation``: degrees clockwise that the scan must be turned to stand upright."""

    index: int
    text: str
    rotation: int
    blank: bool
    separator: bool
    source: str
    damage: dict[str, Any]
    style: str

    def as_json(self) -> dict[str, Any]:
        """The page in the form of the results export."""
        return {
            "index": self.index,
            "text": self.text,
            "confidence": 1.0,
            "rotation": self.rotation,
            "blank": self.blank,
            "separator": self.separator,
            "source": self.source,
            "damage": self.damage,
            "style": self.style,
        }


@dataclass(frozen=True, slots=True)
class TrueFile:
    """What is true of one source file; ``file`` is relative to the inbox."""

    file: str
    format: str
    sha256: str
    pages: tuple[TruePage, ...]
    documents: tuple[TrueDocument, ...]

    @property
    def state(self) -> str:
        """The state that a perfect and prudent machine would give the file."""
        return "filed" if all(document.band == "auto" for document in self.documents) else "review"

    def as_json(self) -> dict[str, Any]:
        """One line of ``verita.jsonl``."""
        return {
            "file": self.file,
            "sha256": self.sha256,
            "state": self.state,
            "reason": None,
            "pages": [page.as_json() for page in self.pages],
            "documents": [document.as_json() for document in self.documents],
            "format": self.format,
        }


@dataclass(frozen=True, slots=True)
class Truth:
    """All that was generated under ``target``."""

    target: Path
    files: tuple[TrueFile, ...]
    persons: int
    seed: int
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def inbox(self) -> Path:
        """The folder of the scans."""
        return self.target / "inbox"

    @property
    def register(self) -> Path:
        """The register's CSV file."""
        return self.target / "persone.csv"

    @property
    def lines(self) -> Path:
        """The truth as JSON lines."""
        return self.target / "verita.jsonl"

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return sum(len(file.pages) for file in self.files)
