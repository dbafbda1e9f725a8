"""The two images of recognition: the page as it is kept, and the page as it is handed to the engine."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from faldone.domain.digest import Digest

Gray: TypeAlias = npt.NDArray[np.uint8]
"""A gray page, shape (height, width), 0 black to 255 white."""

Affine: TypeAlias = tuple[float, float, float, float, float, float]
"""(a, b, c, d, e, f): x' = a·x + b·y + c, y' = d·x + e·y + f."""

IDENTITY: Affine = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@dataclass(frozen=True, eq=False)
class PageImage:
    """The master image of one page: every box of the page is in its pixels (turned by the page's rotation).

    ``steps`` says how the pixels were come by; ``scan_dpi`` is the resolution that they were
    scanned at, before they were reduced, and ``declared`` whether the file said so or it was estimated.
    """

    pixels: Gray
    dpi: int
    steps: tuple[str, ...] = ()
    scan_dpi: int = 0
    declared: bool = True

    @classmethod
    def of(
        cls, pixels: Gray, dpi: int, steps: tuple[str, ...] = (), *, scan_dpi: int | None = None, declared: bool = True
    ) -> PageImage:
        """The image of ``pixels``, contiguous; scanned as it is unless ``scan_dpi`` is given."""
        return cls(np.ascontiguousarray(pixels), dpi, steps, dpi if scan_dpi is None else scan_dpi, declared)

    @cached_property
    def digest(self) -> Digest:
        """Over shape and decoded pixels: the same picture in another container is the same page.

        It keys the recognition cache. 5 ms for an A4 page at 300 dpi, and not everybody asks.
        """
        height, width = self.pixels.shape
        hashed = hashlib.sha256(f"gray8 {width}x{height}\n".encode())
        hashed.update(self.pixels.data)
        return Digest(hashed.hexdigest())


@dataclass(frozen=True, slots=True, eq=False)
class PreparedPage:
    """A page ready for the engine.

    ``master`` is the digest of the image it was made from; ``rotation`` is how far that image was turned clockwise
    first; ``to_master`` maps points of ``pixels`` onto the turned master image.
    """

    pixels: Gray
    dpi: int
    master: Digest
    rotation: int = 0
    to_master: Affine = IDENTITY
    steps: tuple[str, ...] = ()
