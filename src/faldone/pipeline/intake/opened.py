"""A sealed file, open for its pages: the one way from a digest to pixels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from faldone.domain.digest import Digest
from faldone.ocr.source import RasterOptions, Source, open_source
from faldone.pipeline.ports import Ports


@contextmanager
def opened(digest: Digest, ports: Ports, *, drawn_at_dpi: int = 300) -> Iterator[Source]:
    """The pages of a sealed file that was looked into. Pages that are no scans are drawn at this resolution.

    Raises:
        InputError: the file does not open.
        ValueError: nobody looked into it yet.
    """
    media_type = ports.catalog.source(digest).media_type
    if media_type is None:
        raise ValueError(f"{digest} was never opened")
    limits = ports.options.limits
    raster = RasterOptions(dpi=drawn_at_dpi, max_pixels=limits.max_pixels, pdf_passwords=limits.pdf_passwords)
    with ports.store.path(digest) as path, open_source(path, media_type, raster) as source:
        yield source
