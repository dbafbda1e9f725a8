"""Files that leave the archive: never shown in the site's own pages, and named by ids alone."""

from __future__ import annotations

import re
from enum import StrEnum

from fastapi.responses import Response


class Kind(StrEnum):
    """The kinds of tables and reports that can be taken along."""

    CSV = "csv"
    ODS = "ods"
    PDF = "pdf"


_MEDIA = {
    Kind.CSV: "text/csv; charset=utf-8",
    Kind.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    Kind.PDF: "application/pdf",
}


def download(body: bytes, kind: Kind, name: str) -> Response:
    """The file; ``name`` is without its ending."""
    return Response(body, media_type=_MEDIA[kind], headers={"Content-Disposition": disposition(f"{name}.{kind.value}")})


def disposition(name: str) -> str:
    """The header by which a browser saves a file under this name."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", name)
    return f'attachment; filename="{plain}"'
