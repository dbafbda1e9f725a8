"""How fast and how truly the text of born-digital PDFs is read, against pdfplumber and against the truth.

The pages are papers of `faldone demo` as PDF made by a program, and reportlab's own: ruled tables, two columns,
filled forms, letters with a pasted stamp. Both readers give words; the words of both are compared on every page that
the fast one takes. A table's rows are read as rows, so the truth of a demo page with wrapped cells is compared by
its words whatever their order («words»), and as text («CER»).

    python -m tests.bench.born_digital [--pages 200] [--seed 5] [--long 0]

With ``--long N`` a PDF of N pages is made too, and a page near its end is read: time and memory must not grow with it.
"""

from __future__ import annotations

import argparse
import io
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib import colors
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from faldone.demo.damage import Damage
from faldone.demo.files import FilePlan, Sheet, make
from faldone.demo.layout import paginate
from faldone.demo.papers.case import Case
from faldone.demo.papers.catalogue import compose, draw_case, draw_kind
from faldone.demo.persons import populate
from faldone.ocr import pdf, textlayer
from faldone.ocr.prepare import stay_in_one_thread
from faldone.ocr.source import PDF, open_source

PROSE = (
    "Il Servizio sociale professionale, in riferimento alla richiesta pervenuta, relaziona quanto segue sulla "
    "situazione del nucleo familiare. Il minore frequenta con regolarità la scuola primaria e si mostra sereno."
)


@dataclass(frozen=True, slots=True)
class Made:
    """A PDF with the text of each page."""

    kind: str
    path: Path
    texts: tuple[str, ...]


@dataclass(slots=True)
class Score:
    """What came of the pages of one kind."""

    pages: int = 0
    readers: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    cpu: float = 0.0
    plumber_pages: int = 0
    plumber_cpu: float = 0.0
    letters: int = 0
    fast_errors: int = 0
    plumber_errors: int = 0
    plumber_letters: int = 0
    words: int = 0
    lost: int = 0
    differing: int = 0


def papers(folder: Path, pages: int, seed: int) -> Iterator[Made]:
    population = populate(max(40, pages // 6), seed)
    used: Counter[str] = Counter()
    draw, number = Random(seed), 0
    while number < pages:
        case: Case = draw_case(draw, population, since=2012)
        paper = compose(case, draw_kind(draw, case.service, used), digital=True)
        if not paper.style.digital:
            continue
        laid = paginate(paper.blocks, paper.style, running=paper.running)
        sheets = tuple(Sheet(page, Damage(), digital=True) for page in laid)
        path = folder / f"demo-{number:05d}.pdf"
        path.write_bytes(make(FilePlan(path.name, "pdf-text", 300, 80, False, sheets)))
        number += len(laid)
        yield Made("demo", path, tuple(page.text for page in laid))


def others(folder: Path, count: int, seed: int) -> Iterator[Made]:
    draw = Random(seed)
    makers = {"table": table, "columns": columns, "form": form, "stamp": stamp}
    for number in range(count):
        for kind, maker in makers.items():
            data, text = maker(draw)
            path = folder / f"{kind}-{number:05d}.pdf"
            path.write_bytes(data)
            yield Made(kind, path, (text,))


def table(draw: Random) -> tuple[bytes, str]:
    words = PROSE.rstrip(".").split()
    rows = [["Obiettivo", "Intervento", "Durata"]]
    rows += [
        [" ".join(draw.sample(words, draw.randint(2, 6))), " ".join(draw.sample(words, draw.randint(5, 14))), "6 mesi"]
        for _ in range(draw.randint(4, 9))
    ]
    style = getSampleStyleSheet()["BodyText"]
    ruled = draw.choice([("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("LINEBELOW", (0, 0), (-1, -1), 0.5, "black")])
    above = ("LINEABOVE", (0, 0), (-1, 0), 0.5, colors.black)
    cells = [[Paragraph(cell, style) for cell in row] for row in rows]
    out = io.BytesIO()
    SimpleDocTemplate(out).build([Table(cells, colWidths=(130, 190, 60), style=TableStyle([ruled, above]))])
    return out.getvalue(), "\n".join(" ".join(row) for row in rows)


def columns(draw: Random) -> tuple[bytes, str]:
    words = PROSE.split()
    out = io.BytesIO()
    canvas = Canvas(out)
    lines: list[str] = []
    for x in (60, 320):
        for row in range(30):
            lines.append(" ".join(draw.sample(words, 5))[:42].strip())
            canvas.drawString(x, 740 - 15 * row, lines[-1])
    canvas.save()
    return out.getvalue(), "\n".join(lines)


def form(draw: Random) -> tuple[bytes, str]:
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(60, 780, PROSE[:80])
    for number, label in enumerate(("Cognome", "Nome", "Luogo di nascita")):
        canvas.drawString(60, 740 - 30 * number, label)
        value = draw.choice(("FERRARIS", "ANNAMARIA", "VERCELLI"))
        canvas.acroForm.textfield(name=label, value=value, x=200, y=732 - 30 * number, width=200, height=20)
    canvas.save()
    return out.getvalue(), ""


def stamp(draw: Random) -> tuple[bytes, str]:
    image = Image.new("L", (300, 60), 245)
    text = f"PERVENUTO {draw.randint(1, 28)} MAR 2014"
    ImageDraw.Draw(image).text((8, 15), text, fill=20, font=ImageFont.load_default(24))
    out = io.BytesIO()
    canvas = Canvas(out)
    for row in range(10):
        canvas.drawString(60, 740 - 15 * row, PROSE[:85])
    canvas.drawImage(ImageReader(image), 300, 400, 150, 30)
    canvas.save()
    return out.getvalue(), ""


def errors(found: str, truth: str) -> int:
    """Levenshtein's distance of two texts, white space made alike."""
    one, other = " ".join(found.split()), " ".join(truth.split())
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        above, row = row, [number]
        for column, expected in enumerate(other, 1):
            row.append(min(above[column] + 1, row[-1] + 1, above[column - 1] + (letter != expected)))
    return row[-1]


def weigh(made: Made, score: Score, *, compare: bool) -> None:
    with open_source(made.path, PDF) as source, pdf.opened(made.path) as document:
        for index, truth in enumerate(made.texts):
            begun, cpu = time.perf_counter(), time.thread_time()
            found = source.text(index)
            score.cpu += time.thread_time() - cpu
            score.seconds += time.perf_counter() - begun
            score.pages += 1
            if found is None:
                score.readers[str(textlayer.layer(document, index).doubt)] += 1
                continue
            score.readers[found.engine.name] += 1
            score.letters += len(truth)
            score.words += len(truth.split())
            score.lost += (Counter(truth.split()) - Counter(found.text.split())).total()
            if found.text.split() != truth.split():
                score.fast_errors += errors(found.text, truth)
            if compare:
                cpu = time.thread_time()
                other = textlayer.second_reading(document, index)
                score.plumber_cpu += time.thread_time() - cpu
                score.plumber_pages += 1
                score.plumber_letters += len(truth)
                if other is None or other.text != found.text:
                    score.differing += 1
                if other is None or other.text.split() != truth.split():
                    score.plumber_errors += errors(other.text if other else "", truth)


def report(kind: str, score: Score) -> None:
    readers = ", ".join(f"{name} {count / score.pages:.0%}" for name, count in score.readers.most_common())
    print(f"{kind}: {score.pages} pages; {readers}")
    print(
        f"  text(): {score.pages / score.seconds:.0f} pages/s by the clock, {score.pages / score.cpu:.0f} pages per "
        f"second of processor"
    )
    if score.letters:
        print(f"  CER {score.fast_errors / score.letters:.3%}; words lost {score.lost} of {score.words}")
    if score.plumber_pages:
        print(
            f"  pdfplumber: {score.plumber_pages / score.plumber_cpu:.1f} pages per second of processor, CER "
            f"{score.plumber_errors / score.plumber_letters:.3%}; pages on which the two readers "
            f"differ: {score.differing} of {score.plumber_pages}"
        )


def long_file(folder: Path, pages: int) -> None:
    path = folder / "lungo.pdf"
    canvas = Canvas(str(path))
    for number in range(pages):
        for row in range(40):
            canvas.drawString(60, 780 - 15 * row, f"{PROSE[:70]} {number}")
        canvas.showPage()
    canvas.save()
    print(f"a PDF of {pages} pages, {path.stat().st_size / 1e6:.1f} MB")
    with open_source(path, PDF) as source:
        for start in (0, pages // 2, pages - 100):
            begun = time.thread_time()
            for index in range(start, start + 100):
                text = source.text(index)
                assert text is not None
                assert text.text.split()[-1] == str(index)
            spent = time.thread_time() - begun
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"  pages {start + 1}-{start + 100}: {10 * spent:.1f} ms a page, peak {peak:.0f} MB")
    for index in (0, pages - 1):
        begun = time.thread_time()
        with pdf.opened(path) as document:
            textlayer.layer(document, index)
            fast = time.thread_time() - begun
            textlayer.second_reading(document, index)
        both = time.thread_time() - begun
        print(f"  page {index + 1} alone: {1000 * fast:.0f} ms with opening; pdfplumber {1000 * (both - fast):.0f} ms")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pages", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=5)
    arguments.add_argument("--compare", type=int, default=60, help="files on which pdfplumber is asked too")
    arguments.add_argument("--long", type=int, default=0, help="pages of a long PDF")
    chosen = arguments.parse_args()
    stay_in_one_thread()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        scores: dict[str, Score] = {}
        made = [*papers(folder, chosen.pages, chosen.seed), *others(folder, max(1, chosen.pages // 20), chosen.seed)]
        for number, each in enumerate(made):
            weigh(
                each, scores.setdefault(each.kind, Score()), compare=number % max(1, len(made) // chosen.compare) == 0
            )
        for kind, score in scores.items():
            report(kind, score)
        if chosen.long:
            long_file(folder, chosen.long)


if __name__ == "__main__":
    main()
