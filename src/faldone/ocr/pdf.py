"""The door to pdfium: documents that are closed, and what kinds of things stand on a page.

Objects are asked for through the raw interface: a page of a form has a thousand of them, and an object of Python's for
each was a third of the time that a born-digital page took.
"""

from __future__ import annotations

import ctypes
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium_c

from faldone.errors import EncryptedFileError, UnreadableFileError
from faldone.pdfium import LOCK, close

POINTS_PER_INCH = 72

_HARMLESS_ANNOTATIONS = frozenset({pdfium_c.FPDF_ANNOT_LINK, pdfium_c.FPDF_ANNOT_POPUP})
_INVISIBLE = pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE

_MAX_DEPTH = 15
"""Form XObjects nested deeper are taken for drawings."""

_MAX_RULINGS = 4000
_MAX_SEGMENTS = 20_000
"""Paths of more segments in all are a drawing, not ruled lines."""

_THIN_POINTS = 3.0
"""A filled box thinner than this is a line."""

_STRAIGHT_POINTS = 0.5
"""A segment that strays less than this is horizontal or vertical."""

_RULE_POINTS = 12.0
"""A shorter segment is a piece of a curve, or the stroke of a letter that was drawn."""

Bounds = tuple[float, float, float, float]
"""Left, bottom, right and top in points, origin bottom left, as PDF has it."""


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
        close(document)


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

    Attributes:
        visible_texts: text objects that are painted.
        hidden_texts: text objects of render mode 3, which paints nothing.
        images: pictures.
        image_cover: the share of the page under pictures (added up, at most 1.0).
        drawings: paths, shadings, and forms with what else is in them.
        marks: annotations that show something: stamps, free text, filled form fields.
        respoken: text objects that come with another text to be read in their place (``/ActualText``).
        pictures: where the pictures lie.
    """

    visible_texts: int
    hidden_texts: int
    images: int
    image_cover: float
    drawings: int
    marks: int
    respoken: int = 0
    pictures: tuple[Bounds, ...] = ()


def contents(page: Any) -> Contents:
    """Looks through the objects of ``page``, inside its form XObjects too. The caller holds the lock."""
    visible = hidden = drawings = respoken = 0
    pictures: list[Bounds] = []
    for item, kind, forms in _objects(page):
        if kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
            if pdfium_c.FPDFTextObj_GetTextRenderMode(item) == _INVISIBLE:
                hidden += 1
            else:
                visible += 1
            respoken += any(_is_respoken(each) for each in (item, *forms))
        elif kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            # inside a form the bounds are those of the form, not of the page: the outermost form holds the picture
            pictures.append(_bounds(forms[0] if forms else item))
        else:
            drawings += 1
    left, bottom, right, top = page.get_bbox()
    covered = sum(
        max(0.0, min(x1, right) - max(x0, left)) * max(0.0, min(y1, top) - max(y0, bottom))
        for x0, y0, x1, y1 in pictures
    )
    area = max(1.0, (right - left) * (top - bottom))
    return Contents(
        visible,
        hidden,
        len(pictures),
        min(1.0, covered / area),
        drawings,
        _marks(page),
        respoken,
        tuple(pictures),
    )


def rulings(page: Any) -> tuple[Bounds, ...]:
    """The horizontal and vertical lines drawn on ``page``, edges of boxes too. The caller holds the lock.

    Returns:
        ``(left, bottom, right, top)`` of each, with left = right or bottom = top; nothing when there are so many that
        they are a drawing.
    """
    found: list[Bounds] = []
    budget = _MAX_SEGMENTS
    for item, kind, forms in _objects(page):
        if kind != pdfium_c.FPDF_PAGEOBJ_PATH:
            continue
        bounds = _bounds(item)
        across, up = bounds[2] - bounds[0], bounds[3] - bounds[1]
        if not forms and min(across, up) <= _THIN_POINTS:
            if max(across, up) >= _RULE_POINTS:
                found.append(_middle(bounds))
        else:
            segments = pdfium_c.FPDFPath_CountSegments(item)
            budget -= segments
            if budget < 0:
                return ()
            found += _straight(_points(item, segments, forms))
        if len(found) > _MAX_RULINGS:
            return ()
    return tuple(found)


def single_page(document: Any, index: int) -> bytes:
    """A PDF of the one page at ``index``, without its password. The caller holds the lock.

    Raises:
        UnreadableFileError: pdfium cannot copy the page.
    """
    alone = pypdfium2.PdfDocument.new()
    try:
        alone.import_pages(document, [index])
        data = io.BytesIO()
        alone.save(data)
        return data.getvalue()
    except pypdfium2.PdfiumError as error:
        raise UnreadableFileError(
            f"La pagina {index + 1} del PDF non si apre / Page {index + 1} of the PDF does not open"
        ) from error
    finally:
        alone.close()


def _objects(page: Any) -> Iterator[tuple[Any, int, tuple[Any, ...]]]:
    """Each object with its kind and the forms that it lies in, outermost first. Forms that hold some are not told."""
    stack: list[tuple[Any, tuple[Any, ...]]] = [
        (pdfium_c.FPDFPage_GetObject(page.raw, number), ())
        for number in reversed(range(pdfium_c.FPDFPage_CountObjects(page.raw)))
    ]
    while stack:
        item, forms = stack.pop()
        kind = pdfium_c.FPDFPageObj_GetType(item)
        if kind == pdfium_c.FPDF_PAGEOBJ_FORM:
            within = (*forms, item)
            if len(within) < _MAX_DEPTH:
                count = pdfium_c.FPDFFormObj_CountObjects(item)
                stack += [(pdfium_c.FPDFFormObj_GetObject(item, number), within) for number in reversed(range(count))]
        yield item, kind, forms


def _bounds(item: Any) -> Bounds:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium_c.FPDFPageObj_GetBounds(item, left, bottom, right, top)
    return left.value, bottom.value, right.value, top.value


def _is_respoken(item: Any) -> bool:
    for number in range(pdfium_c.FPDFPageObj_CountMarks(item)):
        mark = pdfium_c.FPDFPageObj_GetMark(item, number)
        if pdfium_c.FPDFPageObjMark_GetParamValueType(mark, b"ActualText") == pdfium_c.FPDF_OBJECT_STRING:
            return True
    return False


def _points(path: Any, segments: int, forms: Sequence[Any]) -> list[tuple[int, float, float]]:
    """The path's segments as (kind, x, y), carried over to the page; a segment that closes is followed by its start."""
    matrices = []
    for item in (path, *reversed(forms)):
        matrix = pdfium_c.FS_MATRIX()
        pdfium_c.FPDFPageObj_GetMatrix(item, matrix)
        matrices.append((matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f))
    px, py = ctypes.c_float(), ctypes.c_float()
    points: list[tuple[int, float, float]] = []
    start = (0.0, 0.0)
    for number in range(segments):
        segment = pdfium_c.FPDFPath_GetPathSegment(path, number)
        pdfium_c.FPDFPathSegment_GetPoint(segment, px, py)
        x, y = px.value, py.value
        for a, b, c, d, e, f in matrices:
            x, y = a * x + c * y + e, b * x + d * y + f
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        if kind == pdfium_c.FPDF_SEGMENT_MOVETO:
            start = (x, y)
        points.append((kind, x, y))
        if pdfium_c.FPDFPathSegment_GetClose(segment):
            points.append((pdfium_c.FPDF_SEGMENT_LINETO, *start))
    return points


def _straight(points: Sequence[tuple[int, float, float]]) -> Iterator[Bounds]:
    for (_, x0, y0), (kind, x1, y1) in pairwise(points):
        if kind != pdfium_c.FPDF_SEGMENT_LINETO:
            continue
        across, up = abs(x1 - x0), abs(y1 - y0)
        if min(across, up) <= _STRAIGHT_POINTS and max(across, up) >= _RULE_POINTS:
            yield _middle((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))


def _middle(bounds: Bounds) -> Bounds:
    """A thin box as the line in its middle."""
    left, bottom, right, top = bounds
    if right - left >= top - bottom:
        y = (bottom + top) / 2
        return left, y, right, y
    x = (left + right) / 2
    return x, bottom, x, top


def _marks(page: Any) -> int:
    marks = 0
    for index in range(pdfium_c.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, index)
        if annotation:
            marks += pdfium_c.FPDFAnnot_GetSubtype(annotation) not in _HARMLESS_ANNOTATIONS
            pdfium_c.FPDFPage_CloseAnnot(annotation)
    return marks
