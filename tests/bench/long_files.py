"""Is memory flat over a PDF of ten thousand pages and a TIFF of two thousand?

The whole pipeline in this process, one page after another, but for the engine: a twin answers in its place, because
Tesseract is a process of its own (its memory is not ours) and ten thousand pages would take it hours. Pages are small
(A6 at 150 dpi) and each has other pixels, so nothing comes from the recognition cache.

    python -m tests.bench.long_files [--pdf 10000] [--tiff 2000]
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from faldone.domain.digest import Digest
from faldone.domain.ids import PageId
from faldone.domain.inbox import Inbox
from faldone.ocr.fake import FakeEngine
from faldone.ocr.prepare import stay_in_one_thread
from faldone.pipeline.filing.attribute import attribute
from faldone.pipeline.intake.look import look
from faldone.pipeline.intake.open_source import open_source
from faldone.pipeline.intake.take_in import take_in
from faldone.pipeline.recognition.recognise import recognise
from faldone.pipeline.search.index import index_pending
from tests.twins import Archive

SIZE = (620, 874)
FLAT_FROM = 100
ALLOWED = 1.05
_LOOK, _READ = 8, 4  # as the dispatcher groups them


def page(number: int) -> Image.Image:
    made = Image.new("L", SIZE, 255)
    draw, font = ImageDraw.Draw(made), ImageFont.load_default(22)
    for line in range(14):
        text = f"pagina {number} riga {line}: il servizio sociale ha visto la famiglia"
        draw.text((40, 60 + 50 * line), text, font=font, fill=0)
    return made


def write_pdf(path: Path, pages: int) -> None:
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=(298, 420))
    for number in range(pages):
        data = BytesIO()
        page(number).save(data, "JPEG", quality=50)
        canvas.drawImage(ImageReader(data), 0, 0, 298, 420)
        canvas.showPage()
    canvas.save()


def write_tiff(path: Path, pages: int) -> None:
    made = (page(number).convert("1") for number in range(pages))
    next(made).save(path, "TIFF", save_all=True, append_images=made, compression="group4", dpi=(150, 150))


class _Forgetful(dict[Digest, int]):
    """What the engine's twin would keep of every page that it read, for tests: here it would be counted."""

    def __setitem__(self, digest: Digest, times: int) -> None:
        pass


def resident_mib() -> float:
    told = Path("/proc/self/status").read_text()
    return int(told.split("VmRSS:")[1].split()[0]) / 1024


def groups(pages: Iterable[PageId], size: int) -> Iterator[list[PageId]]:
    left = iter(pages)
    while group := list(itertools.islice(left, size)):
        yield group


def run(file: Path) -> None:
    """Takes one file from the inbox to the index, and prints what the process holds along the way."""
    stay_in_one_thread()
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(Path(folder), FakeEngine(reads=_Forgetful()))
        take_in([file.rename(archive.inbox / file.name)], Inbox(archive.inbox), archive.ports)
        (source,) = archive.catalog.sources()
        began = time.monotonic()
        open_source(source.digest, archive.ports)
        total = archive.catalog.source(source.digest).pages or 0
        level, worst = 0.0, 0.0
        done = 0
        while due := archive.catalog.unfinished(archive.clock(), 128).look:
            ids = [PageId(unit.id) for unit in due]
            for group in groups(ids, _LOOK):
                look(group, archive.ports)
            for group in groups(ids, _READ):
                recognise(group, archive.ports)
                done += len(group)
                if done >= FLAT_FROM:
                    level = level or resident_mib()
                    worst = max(worst, resident_mib())
        attribute(Digest.parse(str(source.digest)), archive.ports)
        index_pending(archive.ports)
        read = f"{resident_mib():.0f}"
        seconds = time.monotonic() - began
        archive.close()
    ratio = worst / level
    print(
        f"{file.suffix[1:]} {total} pages: {level:.0f} MiB at page {FLAT_FROM}, at most {worst:.0f} after it "
        f"(ratio {ratio:.3f}, asked {ALLOWED}), {read} once attributed and indexed; {total / seconds:.0f} pages/s",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pdf", type=int, default=10_000)
    parser.add_argument("--tiff", type=int, default=2_000)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.file is not None:
        run(args.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        for name, write, pages in (("lungo.pdf", write_pdf, args.pdf), ("lungo.tiff", write_tiff, args.tiff)):
            if pages:
                write(Path(folder, name), pages)
                # Each in a process of its own: what writing the file took is not to be counted.
                subprocess.run(
                    [sys.executable, "-m", "tests.bench.long_files", "--file", str(Path(folder, name))], check=True
                )


if __name__ == "__main__":
    main()
