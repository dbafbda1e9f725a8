"""``faldone page``: what was measured, chosen and read on a page, and a picture of it before and after."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image

from faldone.bootstrap import open_archive
from faldone.cli.console import add_home, emit, out, plain, say, settings_of, table
from faldone.errors import NotFoundError
from faldone.ocr.source import LAYER_REFUSED
from faldone.ocr.textlayer import SENTENCES, LayerDoubt
from faldone.pipeline.recognition.explain import Explanation, explain, find_page, picture


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)
    parser.add_argument(
        "page", metavar="PAGINA", help="un codice di pagina, o DOCUMENTO/numero · a page's id, or DOCUMENT/number"
    )
    parser.add_argument(
        "--explain", action="store_true", help="anche un'immagine PNG, prima e dopo · also a PNG, before and after"
    )
    parser.add_argument(
        "--out",
        "--output",
        type=Path,
        metavar="FILE",
        help="dove va l'immagine (se manca: PAGINA.png nella cartella in cui sei) · where the picture goes",
    )
    parser.add_argument("--json", action="store_true", help="un oggetto JSON · one JSON object")


def run(args: argparse.Namespace) -> int:
    """Prints what is known, and writes the picture when it is asked for."""
    settings = settings_of(args)
    with open_archive(settings) as ports:
        found = explain(find_page(args.page, ports), ports)
        target: Path | None = None
        if args.explain:
            target = args.out or Path(f"{found.page.id}.png")
            if not target.parent.is_dir():
                raise NotFoundError(f"La cartella di {target} non esiste. / The folder of {target} does not exist.")
            Image.fromarray(picture(found, ports)).save(target, "PNG")
    if args.json:
        emit(_as_json(found) | {"picture": str(target) if target is not None else None})
        return 0
    name = plain(found.intake.path)
    out.print(f"[bold]{found.page.id}[/bold] — {name}, pagina {found.page.index + 1}")
    rows = table("", "")
    for what, value in _rows(found):
        rows.add_row(what, plain(value))
    out.print(rows)
    if target is not None:
        say(f"Prima e dopo in {plain(str(target.resolve()))}", "before and after")
    return 0


def _rows(found: Explanation) -> Iterator[tuple[str, str]]:
    yield "stato · state", found.page.state.value
    if found.page.reason is not None:
        yield "motivo · reason", f"{found.page.reason.italian} / {found.page.reason.english}"
    look, text = found.look, found.text
    if look is not None:
        yield "scansione · scan", f"{look.verdict.italian} / {look.verdict.english}"
        for flaw in look.flaws:
            yield "", f"{flaw.italian} / {flaw.english}"
        for measure, value in asdict(look.measures).items():
            yield f"  {measure}", str(value)
    if text is None:
        return
    yield "letta da · read by", f"{text.engine.name} {text.engine.version} ({text.source.value})"
    for number, step in enumerate(text.steps):
        yield "passi · steps" if number == 0 else "", _told(step)
    if text.blank:
        yield "testo · text", "bianca / blank"
        return
    yield "parole · words", str(len(text.words))
    yield "sicurezza · confidence", f"{text.confidence:.0%}"
    yield "leggibilità · legibility", f"{found.legibility or 0:.0%}"


def _told(step: str) -> str:
    """A step, and what it means where it says only the code of a reason."""
    _, refused, doubt = step.partition(LAYER_REFUSED)
    if not refused:
        return step
    italian, english = SENTENCES[LayerDoubt(doubt)]
    return f"{step}: {italian} / {english}"


def _as_json(found: Explanation) -> dict[str, Any]:
    look, text = found.look, found.text
    return {
        "page": found.page.id,
        "file": found.intake.path,
        "index": found.page.index,
        "state": found.page.state.value,
        "reason": found.page.reason.value if found.page.reason is not None else None,
        "verdict": look.verdict.value if look is not None else None,
        "flaws": [flaw.value for flaw in look.flaws] if look is not None else [],
        "measures": asdict(look.measures) if look is not None else None,
        "engine": asdict(text.engine) if text is not None else None,
        "source": text.source.value if text is not None else None,
        "steps": list(text.steps) if text is not None else [],
        "blank": text.blank if text is not None else None,
        "rotation": text.rotation if text is not None else None,
        "words": len(text.words) if text is not None else None,
        "confidence": round(text.confidence, 3) if text is not None else None,
        "legibility": round(found.legibility, 3) if found.legibility is not None else None,
    }
