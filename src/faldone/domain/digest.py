"""Digests of bytes, always written with their algorithm."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Self

_HEX_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """The SHA-256 of some bytes; ``str()`` is ``sha256:…`` so that a bare hex string is never passed around."""

    hex: str

    def __post_init__(self) -> None:
        if not _HEX_SHA256.fullmatch(self.hex):
            raise ValueError(f"not a sha256 in lower-case hex: {self.hex!r}")

    def __str__(self) -> str:
        return f"sha256:{self.hex}"

    @classmethod
    def of(cls, data: bytes) -> Self:
        """The digest of ``data``."""
        return cls(hashlib.sha256(data).hexdigest())

    @classmethod
    def parse(cls, text: str) -> Self:
        """The digest written as ``sha256:…``.

        Raises:
            ValueError: the text has another form.
        """
        algorithm, _, hexadecimal = text.partition(":")
        if algorithm != "sha256":
            raise ValueError(f"not a sha256 digest: {text!r}")
        return cls(hexadecimal)
