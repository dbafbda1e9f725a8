"""A long PDF leaves nothing behind in memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PAGES = 8_000

_OPENS = """
import sys
from pathlib import Path
from faldone.ocr import pdf

def resident():
    return int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0])

def look(index):
    with pdf.opened(Path(sys.argv[1])) as document:
        with pdf.page_of(document, index):
            pass
        return resident(), [bytes(100) for _ in range(2_000)]

_, kept = look(0)
before = resident()
opened, kept_too = look(int(sys.argv[2]) - 1)
print(before, opened, resident())
"""


def _long_pdf(path: Path) -> None:
    """Pages with nothing on them, all in one list, as scanners' programs write them."""
    kids = " ".join(f"{number} 0 R" for number in range(3, PAGES + 3))
    bodies = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {PAGES}/Kids[{kids}]>>"]
    page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 298 420]/Rotate 0/Resources<</ProcSet[/PDF/ImageB]>>/Trans<<>>>>"
    bodies += [page] * PAGES
    written, offsets = "%PDF-1.4\n", []
    parts, position = [written], len(written)
    for number, body in enumerate(bodies, 1):
        offsets.append(position)
        parts.append(f"{number} 0 obj{body}endobj\n")
        position += len(parts[-1])
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    parts.append(f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}")
    parts.append(f"trailer<</Size {len(bodies) + 1}/Root 1 0 R>>\nstartxref\n{position}\n%%EOF\n")
    path.write_text("".join(parts), "ascii")


def test_what_a_long_pdf_took_while_it_was_open_goes_back_to_the_system(tmp_path: Path) -> None:
    file = tmp_path / "lungo.pdf"
    _long_pdf(file)
    told = subprocess.run(
        [sys.executable, "-c", _OPENS, str(file), str(PAGES)], check=True, capture_output=True, text=True
    )
    before, opened, after = (int(kib) for kib in told.stdout.split())
    taken = opened - before
    assert taken > 4_000  # 1 KiB a page or so: else nothing is tried here
    assert after - before < taken / 4
