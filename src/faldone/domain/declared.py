"""What is said of a file beside it: a row of the CSV or an object of the JSON that an office writes with its scans."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Declared:
    """What a sidecar says of a file, or of all files of a batch. Nothing of it is believed against the paper."""

    cf: str | None = None
    surname: str | None = None
    name: str | None = None
    birth_date: dt.date | None = None
    service: str | None = None
    type: str | None = None
    date: dt.date | None = None

    @property
    def person(self) -> bool:
        """Whether a person is named."""
        return self.cf is not None or (self.surname is not None and self.name is not None)


def names_of(path: str) -> Iterator[str]:
    """What a sidecar may call the file at ``path``: its name, with or without folders and ending."""
    name = path.rsplit("/", 1)[-1]
    yield name.rsplit(".", 1)[0]
    while True:
        yield path
        _, slash, path = path.partition("/")
        if not slash:
            return
