"""The door to pdfium: documents that are closed, and what kinds of things stand on a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium_c

from faldone.errors import EncryptedFileError, UnreadableFileError
from faldone.pdfium import LOCK

POINTS_PER_INCH = 72

_HARMLESS_ANNOTATIONS = frozenset({pdfium_c.FPDF_ANNOT_LINK, pdfium_c.FPDF_ANNOT_POPUP})
_INVISIBLE = pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE


@contextmanager
def opened(path: Path, passwords: Sequence[str] = ()) -> Iterator[Any]:
    """The document at ``path``, with its form fields, so that what was typed into a form is drawn.

    Args:
        path: a PDF.
        passwords: tried in turn when it wants one.

    Raises:
        EncryptedFileError: it wants a password, and none of these.
        UnreadableFileError: pdfium cannot open it.
    """
    with LOCK:
        document = _document(path, passwords)
        # XFA forms are left out: this pdfium has no XFA, and warns about it
        if document.get_formtype() == pdfium_c.FORMTYPE_ACRO_FORM:
            document.init_forms()
    try:
        yield document
    finally:
        with LOCK:
            document.close()


def _document(path: Path, passwords: Sequence[str]) -> Any:
    wanted: pypdfium2.PdfiumError | None = None
    for password in (None, *passwords):
        try:
            return pypdfium2.PdfDocument(path, password=password)
        except pypdfium2.PdfiumError as error:
            if error.err_code not in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY):
                raise UnreadableFileError("Il PDF non si apre / The PDF does not open") from error
            wanted = error
    raise EncryptedFileError("Il PDF è protetto da password / The PDF wants a password") from wanted


@contextmanager
def page_of(document: Any, index: int) -> Iterator[Any]:
    """The page at the 0-based ``index``. The caller holds the lock for as long as it holds the page.

    Raises:
        UnreadableFileError: there is no such page, or it cannot be loaded.
    """
    try:
        page = document[index]
    except pypdfium2.PdfiumError as error:
        raise UnreadableFileError(
            f"La pagina {index + 1} del PDF non si apre / Page {index + 1} of the PDF does not open"
        ) from error
    try:
        yield page
    finally:
        page.close()


@dataclass(frozen=True, slots=True)
class Contents:
    """What stands on a PDF page.

    ``visible_texts`` and ``hidden_texts`` count text objects; ``image_cover`` is the share of the page under images
    (added up, at most 1.0); ``drawings`` counts paths, shadings and forms; ``marks`` counts annotations that show
    something: stamps, free text, filled form fields.
    """

    visible_texts: int
    hidden_texts: int
    images: int
    image_cover: float
    drawings: int
    marks: int


def contents(page: Any) -> Contents:
    """Looks through the objects of ``page``, inside its form XObjects too. The caller holds the lock."""
    visible = hidden = images = drawings = 0
    covered = 0.0
    left, bottom, right, top = page.get_bbox()
    for item in page.get_objects():
        if item.type == pdfium_c.FPDF_PAGEOBJ_TEXT:
            if pdfium_c.FPDFTextObj_GetTextRenderMode(item) == _INVISIBLE:
                hidden += 1
            else:
                visible += 1
        elif item.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            images += 1
            if item.level:  # bounds are those of the form, not of the page: take it as it comes
                covered += _form_cover(item, (left, bottom, right, top))
            else:
                x0, y0, x1, y1 = item.get_bounds()
                covered += max(0.0, min(x1, right) - max(x0, left)) * max(0.0, min(y1, top) - max(y0, bottom))
        else:
            drawings += 1
    area = max(1.0, (right - left) * (top - bottom))
    return Contents(visible, hidden, images, min(1.0, covered / area), drawings, _marks(page))


def _form_cover(item: Any, bbox: tuple[float, float, float, float]) -> float:
    """The area of an image nested in form XObjects: that of the outermost form, which holds it."""
    outer = item
    while outer.container is not None:
        outer = outer.container
    left, bottom, right, top = bbox
    x0, y0, x1, y1 = outer.get_bounds()
    return float(max(0.0, min(x1, right) - max(x0, left)) * max(0.0, min(y1, top) - max(y0, bottom)))


def _marks(page: Any) -> int:
    marks = 0
    for index in range(pdfium_c.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, index)
        if annotation:
            marks += pdfium_c.FPDFAnnot_GetSubtype(annotation) not in _HARMLESS_ANNOTATIONS
            pdfium_c.FPDFPage_CloseAnnot(annotation)
    return marks
