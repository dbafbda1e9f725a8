"""A person's dossier as one searchable PDF: an index with links, then every paper, whole and in order.

The pages are those of the documents' own searchable copies, taken over as they are; neither memory nor open files grow
with the size of the dossier.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

import pikepdf
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from faldone.catalog.records import Document
from faldone.domain.digest import Digest
from faldone.domain.events import Event, EventType, Outcome, user_agent
from faldone.domain.person import Person
from faldone.errors import InputError, IntegrityError, NotFoundError
from faldone.pipeline.papers.copy_document import copy_document
from faldone.pipeline.papers.dossier_papers import MONTHS, Paper, date_words, pages_of, place_words
from faldone.pipeline.ports import Ports

Progress = Callable[[int, int], None]
"""Told how many papers are done, of how many."""

_LEFT, _RIGHT, _HEAD, _FOOT = 20 * mm, 190 * mm, 277 * mm, 24 * mm
_TEXT_WIDTH = 128 * mm
_PLAIN, _BOLD = "Vera", "VeraBd"
"""Free fonts that come with reportlab; embedded, so that names with accents are read and found everywhere."""
_SIZE, _SMALL, _LEADING = 9.0, 8.0, 12.0


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: ``missing`` papers could not be copied, and the index says so of each.

    ``left_out`` are those of which it is not sure whose they are; the index says how many.
    """

    digest: Digest
    size: int
    documents: int
    pages: int
    index_pages: int
    missing: int
    left_out: int = 0


class _Row(NamedTuple):
    """A paper on the index: its lines, and the page of the whole on which it begins (1-based; None: missing)."""

    paper: Paper
    lines: tuple[str, ...]
    begins: int | None

    @property
    def height(self) -> float:
        return _LEADING * len(self.lines) + 6


class _Link(NamedTuple):
    """Where on which page of the index (0-based) a paper is named, and on which page (0-based) it begins."""

    index_page: int
    box: tuple[float, float, float, float]
    target: int


def export_dossier(
    person: Person,
    papers: Sequence[Paper],
    target: Path,
    account: str,
    ports: Ports,
    *,
    service: str | None = None,
    purpose: str | None = None,
    progress: Progress = lambda done, total: None,
) -> Exported:
    """Writes the papers in the place of ``target``, all or nothing, and puts on record that the account took them out.

    Args:
        person: whose papers they are.
        papers: those that the account may see (:func:`faldone.pipeline.papers.dossier_papers.permitted_papers`); one
            of which it is not sure whose it is is left out: it may be somebody else's.
        target: the file to be written.
        account: who asked; stands in the footer of the index.
        ports: the archive.
        service: the service whose papers these are, when it is one alone.
        purpose: the code of the reason that was given, if one was.
        progress: told after each paper; what it raises ends the export.

    Raises:
        NotFoundError: there is no paper, or none of which it is sure whose it is.
        OSError: the target cannot be written.
    """
    sure = [paper for paper in papers if not paper.doubted]
    left_out, papers = len(papers) - len(sure), sure
    if not papers:
        raise NotFoundError(
            "Non c'è nessun documento da esportare che sia di questa persona per certo. / "
            "There is no document to export that is surely this person's."
        )
    unfinished = target.with_name(f".{target.name}.part")
    try:
        with tempfile.TemporaryDirectory(prefix="export-", dir=target.parent) as folder:
            copies = _copies(papers, Path(folder), ports, progress)
            written = _write(person, papers, copies, left_out, unfinished, account, ports)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    with ports.catalog.begin() as work:
        work.record(_event(person, written, account, service, purpose, ports))
    return written


# --- the papers --------------------------------------------------------------------------------------------------


def _copies(papers: Sequence[Paper], folder: Path, ports: Ports, progress: Progress) -> list[Path | None]:
    """A PDF of each paper; None in the place of one that could not be copied."""
    copies: list[Path | None] = []
    for place, paper in enumerate(papers):
        copies.append(_copy(paper.document, folder / f"{place}.pdf", ports))
        progress(place + 1, len(papers))
    return copies


def _copy(document: Document, target: Path, ports: Ports) -> Path | None:
    """A searchable PDF of a document: the one that is kept, if it is what the ledger says of it; else a new one."""
    kept = _kept(document, ports)
    if kept is not None:
        return kept
    try:
        copy_document(document, target, ports)
    except InputError:
        return None
    return target


def _kept(document: Document, ports: Ports) -> Path | None:
    if ports.options.copies is None:
        return None
    path = ports.options.copies / f"{document.id}.pdf"
    if not path.is_file():
        return None
    made = [
        json.loads(entry.record.detail)
        for entry in ports.catalog.events_of({EventType.DOCUMENT_COPIED}, subjects={document.id})
        if entry.record.outcome != Outcome.FAILURE.value
    ]
    if not made or made[-1].get("version") != document.version:
        return None
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return path if str(Digest(digest)) == made[-1].get("copy") else None


def _join(files: Sequence[Path], target: Path) -> None:
    """Puts files together page by page.

    By a job of qpdf, which copies streams from file to file: pages that are appended to an open document are held in
    memory until it is saved, which for a large dossier is gigabytes.
    """
    pages = [word for file in files for word in (str(file), "1-z")]
    pikepdf.Job(["pikepdf", "--empty", "--pages", *pages, "--", str(target)]).run()


# --- the whole ---------------------------------------------------------------------------------------------------


def _write(
    person: Person,
    papers: Sequence[Paper],
    copies: Sequence[Path | None],
    left_out: int,
    target: Path,
    account: str,
    ports: Ports,
) -> Exported:
    missing = {place for place, copy in enumerate(copies) if copy is None}
    with tempfile.TemporaryDirectory(prefix="export-", dir=target.parent) as folder:
        index, joined = Path(folder) / "index.pdf", Path(folder) / "joined.pdf"
        links, index_pages, total = _draw_index(index, person, papers, missing, left_out, account, ports)
        _join([index, *(copy for copy in copies if copy is not None)], joined)
        # read when written on: mapped into memory, the file would be there as a whole
        with pikepdf.open(joined, access_mode=pikepdf.AccessMode.stream) as made, target.open("w+b") as stream:
            if len(made.pages) != total:
                raise IntegrityError(
                    "Le pagine della copia non sono quelle dei documenti. / "
                    "The pages of the copy are not the documents'."
                )
            _add_links(made, links)
            _add_outline(made, papers, [link.target for link in links], missing)
            _describe(made, person, ports.clock())
            made.save(stream, object_stream_mode=pikepdf.ObjectStreamMode.generate)
            stream.flush()
            os.fsync(stream.fileno())
            size = stream.tell()
            stream.seek(0)
            digest = Digest(hashlib.file_digest(stream, "sha256").hexdigest())
    return Exported(digest, size, len(papers) - len(missing), total, index_pages, len(missing), left_out)


def _add_links(made: pikepdf.Pdf, links: Sequence[_Link]) -> None:
    for number, of_page in groupby(links, key=lambda link: link.index_page):
        annotations = [
            made.make_indirect(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot,
                    Subtype=pikepdf.Name.Link,
                    Rect=list(link.box),
                    Border=[0, 0, 0],
                    F=4,  # printed with the page, as PDF/A wants it
                    Dest=pikepdf.Array([made.pages[link.target].obj, pikepdf.Name.Fit]),
                )
            )
            for link in of_page
        ]
        made.pages[number].obj.Annots = made.make_indirect(pikepdf.Array(annotations))


def _add_outline(made: pikepdf.Pdf, papers: Sequence[Paper], targets: Sequence[int], missing: set[int]) -> None:
    """Bookmarks: the index, then the papers by year."""
    there = [paper for place, paper in enumerate(papers) if place not in missing]
    with made.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("Indice / Index", 0, "Fit"))
        for year, of_year in groupby(zip(there, targets, strict=True), key=lambda pair: pair[0].year):
            children = [pikepdf.OutlineItem(_title(paper), target, "Fit") for paper, target in of_year]
            first = children[0].destination
            head = pikepdf.OutlineItem(str(year) if year is not None else "Senza data / no date", first, "Fit")
            head.children.extend(children)
            outline.root.append(head)


def _describe(made: pikepdf.Pdf, person: Person, now: dt.datetime) -> None:
    """What the file says of itself: no name, which would stand in the window's title and in lists of files."""
    made.Root.Lang = pikepdf.String("it-IT")
    made.Root.PageMode = pikepdf.Name.UseOutlines
    made.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    with made.open_metadata(set_pikepdf_as_editor=False) as data:
        data["dc:title"] = f"Fascicolo {person.id}"
        data["dc:language"] = {"it-IT"}
        data["pdf:Producer"] = "faldone"
        data["xmp:CreateDate"] = now.astimezone(dt.UTC).isoformat(timespec="seconds")


# --- the index ---------------------------------------------------------------------------------------------------


def _draw_index(
    target: Path,
    person: Person,
    papers: Sequence[Paper],
    missing: set[int],
    left_out: int,
    account: str,
    ports: Ports,
) -> tuple[list[_Link], int, int]:
    """Draws the index; says where it names what, how many pages it has, and how many the whole will have."""
    pdfmetrics.registerFont(TTFont(_PLAIN, "Vera.ttf"))
    pdfmetrics.registerFont(TTFont(_BOLD, "VeraBd.ttf"))
    rows = [_Row(paper, _lines(paper, number in missing), None) for number, paper in enumerate(papers)]
    sheets = list(_paginated(rows))
    there = [paper for number, paper in enumerate(papers) if number not in missing]
    total = len(sheets) + pages_of(there)
    begins = _begins(papers, missing, len(sheets))
    canvas = Canvas(str(target), pagesize=A4, pageCompression=1, lang="it-IT")
    canvas.setTitle(f"Fascicolo {person.id}")
    canvas.setProducer("faldone")
    links: list[_Link] = []
    place = 0
    for number, sheet in enumerate(sheets):
        at = _HEAD
        if number == 0:
            at = _draw_head(canvas, person, len(there), pages_of(there), len(missing), left_out)
        for row in sheet:
            _draw_row(canvas, row._replace(begins=begins[place]), place + 1, at)
            first = begins[place]
            if first is not None:
                links.append(_Link(number, (_LEFT, at - row.height, _RIGHT, at), first - 1))
            at -= row.height
            place += 1
        made = f"{ports.clock().astimezone():%d/%m/%Y %H:%M}"
        _text(canvas, _LEFT, 14 * mm, f"prodotto da / made by {account} il / on {made}", _PLAIN, _SMALL)
        _text_right(canvas, 14 * mm, f"pagina / page {number + 1} di / of {total}", _SMALL)
        canvas.showPage()
    canvas.save()
    return links, len(sheets), total


def _draw_head(canvas: Canvas, person: Person, documents: int, pages: int, missing: int, left_out: int) -> float:
    """The head of the first page of the index; the height at which its rows begin."""
    _text(canvas, _LEFT, _HEAD - 14, "Fascicolo / Dossier", _PLAIN, 11)
    name = _fitting(person.display_name)
    size = min(18.0, 18.0 * (_RIGHT - _LEFT) / max(1.0, pdfmetrics.stringWidth(name, _BOLD, 18)))
    _text(canvas, _LEFT, _HEAD - 36, name, _BOLD, size)
    born = f"nascita / born {_day_words(person.birth_date)}" if person.birth_date is not None else ""
    about = " · ".join(part for part in (born, person.birth_place or "", person.cf or "") if part)
    _text(canvas, _LEFT, _HEAD - 52, about, _PLAIN, _SIZE)
    counts = f"{documents} documenti / documents · {pages} pagine / pages"
    if missing:
        counts += f" · {missing} mancano / missing"
    if left_out:
        counts += f" · {left_out} da rivedere, non compresi / to review, left out"
    _text(canvas, _LEFT, _HEAD - 66, counts, _PLAIN, _SIZE)
    _text_right(canvas, _HEAD - 66, "a pagina / on page", _SMALL)
    canvas.line(_LEFT, _HEAD - 72, _RIGHT, _HEAD - 72)
    return _HEAD - _HEAD_HEIGHT


_HEAD_HEIGHT: Final = 78.0


def _draw_row(canvas: Canvas, row: _Row, number: int, top: float) -> None:
    _text(canvas, _LEFT, top - _LEADING, f"{number}.", _PLAIN, _SIZE)
    for line, words in enumerate(row.lines):
        font, size = (_BOLD, _SIZE) if line == 0 else (_PLAIN, _SMALL)
        _text(canvas, _LEFT + 12 * mm, top - _LEADING * (line + 1), words, font, size)
    pages = row.paper.pages
    counted = f"{pages} pag." if row.begins is None else f"{pages} pag. · p. {row.begins}"
    _text_right(canvas, top - _LEADING, counted, _SIZE)


def _lines(paper: Paper, missing: bool) -> tuple[str, ...]:
    """What the index says of a paper, in lines that fit; the first is when and what."""
    shown = paper.shown
    protocol = f"prot. {shown.protocol_number}" if shown.protocol_number else ""
    service = shown.service_name or shown.service or "servizio non noto / service unknown"
    place = place_words(paper.place)[0]
    lines = simpleSplit(_fitting(_title(paper)), _BOLD, _SIZE, _TEXT_WIDTH)
    about = " · ".join(part for part in (service, protocol, f"carta / paper: {place}" if place else "") if part)
    lines += simpleSplit(_fitting(about), _PLAIN, _SMALL, _TEXT_WIDTH)
    if missing:
        lines.append("NON COPIATO: il file non si apre / NOT COPIED: the file does not open")
    return tuple(lines)


def _title(paper: Paper) -> str:
    kind = paper.shown.type_name or paper.shown.type or "documento di tipo non noto"
    return f"{date_words(paper)[0]} · {kind}"


def _paginated(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    sheet: list[_Row] = []
    left = _HEAD - _FOOT - _HEAD_HEIGHT
    for row in rows:
        if row.height > left and sheet:
            yield sheet
            sheet, left = [], _HEAD - _FOOT
        sheet.append(row)
        left -= row.height
    yield sheet


def _begins(papers: Sequence[Paper], missing: set[int], before: int) -> list[int | None]:
    """On which page of the whole (1-based) each paper begins, behind so many pages of the index."""
    begins: list[int | None] = []
    at = before + 1
    for place, paper in enumerate(papers):
        begins.append(None if place in missing else at)
        at += 0 if place in missing else paper.pages
    return begins


def _day_words(day: dt.date) -> str:
    return f"{day.day} {MONTHS[day.month - 1][0]} {day.year}"


def _text(canvas: Canvas, x: float, y: float, text: str, font: str, size: float) -> None:
    canvas.setFont(font, size)
    canvas.drawString(x, y, _fitting(text))


def _text_right(canvas: Canvas, y: float, text: str, size: float) -> None:
    canvas.setFont(_PLAIN, size)
    canvas.drawRightString(_RIGHT, y, _fitting(text))


def _fitting(text: str) -> str:
    """The text in letters that the font has: others lose their accents, or become ``?``."""
    glyphs = _glyphs()
    made = []
    for char in unicodedata.normalize("NFC", text):
        bare = (part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))
        made.append(char if ord(char) in glyphs else "".join(part if ord(part) in glyphs else "?" for part in bare))
    return "".join(made)


@cache
def _glyphs() -> frozenset[int]:
    """The characters that the fonts have."""
    return frozenset(TTFont(_PLAIN, "Vera.ttf").face.charToGlyph)


def _event(
    person: Person, written: Exported, account: str, service: str | None, purpose: str | None, ports: Ports
) -> Event:
    return Event(
        type=EventType.DOSSIER_EXPORTED,
        subject=person.id,
        at=ports.clock(),
        agent=user_agent(account),
        outcome=Outcome.WARNING if written.missing else Outcome.SUCCESS,
        detail={
            "service": service,
            "purpose": purpose,
            "documents": written.documents,
            "missing": written.missing,
            "pages": written.pages - written.index_pages,
            "copy": str(written.digest),
            "size": written.size,
        },
    )
