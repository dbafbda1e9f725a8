"""A PDF of nothing but pictures, written page by page to a file, so that one page at a time is in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import BinaryIO, Final

from faldone.searchable.pictures import Picture

_CATALOG, _PAGES = 1, 2
SIDES_PT: Final = (3.0, 14400.0)
"""The sides that a page may have (ISO 19005-2, 6.1.13), in points."""


class PicturePdf:
    """Writes pages to ``target``; :meth:`finish` makes a PDF of them."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._offsets: dict[int, int] = {}
        self._pages: list[int] = []
        self._profiles: dict[str, int] = {}
        self._next = _PAGES + 1
        target.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def add(self, picture: Picture, size_pt: tuple[float, float]) -> None:
        """Adds a page of ``size_pt`` with the picture on it, as it was meant to stand."""
        width, height = size_pt
        image = self._stream(
            picture.data,
            "/Type /XObject",
            "/Subtype /Image",
            f"/Width {picture.width}",
            f"/Height {picture.height}",
            f"/BitsPerComponent {picture.bits}",
            f"/ColorSpace {self._colors(picture)}",
            f"/Filter {picture.filter}",
            f"/DecodeParms {picture.parameters}" if picture.parameters else "",
        )
        matrix = " ".join(f"{value:.4f}" for value in _matrix(picture.orientation, width, height))
        content = self._stream(f"q {matrix} cm /I Do Q\n".encode())
        self._pages.append(
            self._object(
                f"<< /Type /Page /Parent {_PAGES} 0 R /MediaBox [0 0 {width:.4f} {height:.4f}] "
                f"/Resources << /XObject << /I {image} 0 R >> >> /Contents {content} 0 R >>".encode()
            )
        )

    def finish(self) -> None:
        """Writes what makes a PDF of the pages."""
        kids = " ".join(f"{page} 0 R" for page in self._pages)
        self._object(f"<< /Type /Pages /Kids [{kids}] /Count {len(self._pages)} >>".encode(), _PAGES)
        self._object(f"<< /Type /Catalog /Pages {_PAGES} 0 R >>".encode(), _CATALOG)
        start = self._target.tell()
        self._target.write(f"xref\n0 {self._next}\n0000000000 65535 f \n".encode())
        for number in range(1, self._next):
            self._target.write(f"{self._offsets[number]:010d} 00000 n \n".encode())
        self._target.write(
            f"trailer\n<< /Size {self._next} /Root {_CATALOG} 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
        )
        self._target.flush()

    def _colors(self, picture: Picture) -> str:
        if picture.icc is None:
            return picture.colors
        key = hashlib.sha256(picture.icc).hexdigest()
        if key not in self._profiles:
            components = 1 if picture.colors == "/DeviceGray" else 3
            self._profiles[key] = self._stream(picture.icc, f"/N {components}")
        return f"[/ICCBased {self._profiles[key]} 0 R]"

    def _stream(self, data: bytes, *entries: str) -> int:
        head = " ".join(filter(None, (*entries, f"/Length {len(data)}")))
        return self._object(f"<< {head} >>\nstream\n".encode(), parts=(data, b"\nendstream"))

    def _object(self, head: bytes, number: int | None = None, parts: Iterable[bytes] = ()) -> int:
        if number is None:
            number, self._next = self._next, self._next + 1
        self._offsets[number] = self._target.tell()
        self._target.write(f"{number} 0 obj\n".encode())
        self._target.write(head)
        for part in parts:
            self._target.write(part)
        self._target.write(b"\nendobj\n")
        return number


def _matrix(orientation: int, width: float, height: float) -> tuple[float, ...]:
    """From the unit square that a PDF draws a picture in to the page, by Exif's orientation."""
    return {
        1: (width, 0, 0, height, 0, 0),
        2: (-width, 0, 0, height, width, 0),
        3: (-width, 0, 0, -height, width, height),
        4: (width, 0, 0, -height, 0, height),
        5: (0, -height, -width, 0, width, height),
        6: (0, -height, width, 0, 0, height),
        7: (0, height, width, 0, 0, 0),
        8: (0, height, -width, 0, width, 0),
    }[orientation]
