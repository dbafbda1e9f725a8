"""Peak resident memory of `faldone ingest --wait` on a long scanned PDF against a short one.

Every page is different, so nothing comes from the recognition cache.

    python -m tests.bench.memory [--short 20] [--long 500]
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 1654, 2339  # A4 at 200 dpi


def scanned_pdf(path: Path, pages: int) -> None:
    """A PDF of page images with some lines of text each."""
    font = ImageFont.load_default(34)
    canvas = Canvas(str(path), pagesize=(595, 842))
    for number in range(pages):
        page = Image.new("L", (WIDTH, HEIGHT), 255)
        draw = ImageDraw.Draw(page)
        for line in range(12):
            words = (
                f"Pagina {number + 1}, riga {line + 1}: il servizio sociale ha incontrato la famiglia presso la sede"
            )
            draw.text((150, 200 + 60 * line), words, font=font, fill=0)
        data = BytesIO()
        page.save(data, "JPEG", quality=60)
        canvas.drawImage(ImageReader(data), 0, 0, 595, 842)
        canvas.showPage()
    canvas.save()


def peak_mib(pages: int, folder: Path) -> float:
    """Peak resident memory in MiB of the process that takes a PDF of so many pages from file to searchable.

    Asked of the system while it runs: what wait4 tells includes the memory of whoever started the process.
    """
    inbox = folder / f"in-{pages}"
    inbox.mkdir()
    scanned_pdf(inbox / "lungo.pdf", pages)
    command = [
        sys.executable,
        "-m",
        "faldone.cli.main",
        "ingest",
        "--wait",
        "--home",
        f"{folder}/h-{pages}",
        str(inbox),
    ]
    subprocess.run([*command[:3], "init", "--home", f"{folder}/h-{pages}"], check=True, stderr=subprocess.DEVNULL)
    peak_kib = 0
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            told = Path(f"/proc/{process.pid}/status").read_text()
            found = re.search(r"VmHWM:\s+(\d+) kB", told)
            peak_kib = int(found[1]) if found else peak_kib  # a process that has just ended tells nothing
            time.sleep(0.1)
    assert process.returncode == 0
    return peak_kib / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", type=int, default=20)
    parser.add_argument("--long", type=int, default=500)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        short = peak_mib(args.short, Path(folder))
        print(f"{args.short} pages: {short:.0f} MiB", flush=True)
        long = peak_mib(args.long, Path(folder))
        print(f"{args.long} pages: {long:.0f} MiB · ratio {long / short:.2f} (asked: at most 1.30)")


if __name__ == "__main__":
    main()
