"""A box of synthetic dossiers: scans in an inbox, the persons' register, and the truth about every page."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from faldone.demo import damage as damages
from faldone.demo.files import BILEVEL, SUFFIX, FilePlan, Format, Sheet, write
from faldone.demo.layout import PageMarks, paginate
from faldone.demo.papers.case import Case, Paper
from faldone.demo.papers.catalogue import compose, draw_case, draw_kind
from faldone.demo.persons import NO_NAME, Population, populate
from faldone.demo.truth import TrueDocument, TrueFile, TruePage, Truth

_FORMATS: tuple[Format, ...] = (
    "tiff-g4", "tiff-lzw", "tiff-jpeg", "pdf-jpeg", "pdf-g4", "pdf-text", "pdf-mixed", "jpg", "png",
)  # fmt: skip
_FORMAT_WEIGHTS = (22, 6, 9, 22, 12, 9, 6, 9, 5)
_LEVELS: tuple[damages.Level, ...] = ("light", "medium", "hard")
_LEVEL_WEIGHTS = (55, 30, 15)
_FEW_PAGES = 40  # up to here starting processes costs more than it saves
_PAGES_A_LOT = 150


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A page in the making: its marks, which paper it belongs to, and how it goes into the file."""

    page: PageMarks
    paper: Paper | None
    seed: str
    digital: bool = False


@dataclass(slots=True)
class _Planner:
    """Draws files one after the other until the pages are used up."""

    population: Population
    seed: int
    pages: int
    used: Counter[str] = field(default_factory=Counter)
    made: int = 0
    number: int = 0

    def plans(self) -> Iterator[tuple[FilePlan, TrueFile]]:
        """The files in order; the digest is not known yet."""
        while self.made < self.pages:
            self.number += 1
            plan, truth = self._file(Random(f"faldone/file/{self.seed}/{self.number}"), self.pages - self.made)
            self.made += len(plan.sheets)
            yield plan, truth

    def _paper(
        self, rng: Random, room: int, *, least: int = 1, digital: bool = False, like: Case | None = None, kind: str = ""
    ) -> tuple[Paper, tuple[PageMarks, ...], Case]:
        """A paper that takes between ``least`` and ``room`` pages."""
        for attempt in range(400):
            floor = least if attempt < 60 else min(least, 2) if attempt < 120 else 1
            since = 2012 if digital else 1988
            if like is not None and attempt < 12:
                case = Case(rng, like.population, like.household, like.holder, like.service, like.date)
            else:
                case = draw_case(
                    rng, self.population, since=since, service="TUM" if floor > 1 and rng.random() < 0.5 else None
                )
            chosen = kind or draw_kind(rng, case.service, self.used, long=floor > 1)
            if floor > 1:
                case.length = rng.choice((2.4, 3.5, 5.0))
            if room == 1:
                case.length = 0.8
            paper = compose(case, chosen, digital=digital)
            laid = paginate(paper.blocks, paper.style, running=paper.running)
            if floor <= len(laid) <= room and paper.style.digital == digital:
                self.used[chosen] += 1
                return paper, laid, case
        raise RuntimeError(f"no paper of at most {room} pages was found")

    def _file(self, rng: Random, room: int) -> tuple[FilePlan, TrueFile]:
        first_ones: dict[int, Format] = {1: "tiff-g4", 2: "pdf-jpeg", 3: "pdf-text", 4: "pdf-mixed", 5: "jpg"}
        kind: Format = rng.choices(_FORMATS, _FORMAT_WEIGHTS)[0]
        kind = first_ones.get(self.number, kind)
        if room == 1 and kind == "pdf-mixed":
            kind = "pdf-jpeg"
        single = kind in ("jpg", "png")
        most = 1 if single else room
        duplex = (
            not single
            and kind not in ("pdf-text", "pdf-mixed")
            and room >= 2
            and (self.number == 2 or rng.random() < 0.09)
        )
        count = 1
        if not single and kind != "pdf-mixed" and room > 3 and rng.random() < 0.2:
            count = rng.choice((2, 2, 3, 4))
        if kind == "pdf-mixed":
            count = 2
        if self.number <= 2:
            count = 1
        leaves: list[_Leaf] = []
        cover = kind not in ("pdf-text", "pdf-mixed") and count > 1 and room > 4 and rng.random() < 0.3
        case: Case | None = None
        if cover:
            paper, laid, case = self._paper(rng, 1, kind="separatore")
            leaves += [_Leaf(laid[0], paper, f"{self.number}/cover")]
            most -= 1
        same = cover or rng.random() < 0.5
        for index in range(count):
            left = most - len(leaves) + (1 if cover else 0)
            if duplex:
                left //= 2
            if left < 1:
                break
            ahead = count - index - 1
            digital = kind == "pdf-text" or (kind == "pdf-mixed" and index == 0)
            least = (
                2 if (self.number == 1 and left >= 8) or (self.number > 5 and left > 2 and rng.random() < 0.36) else 1
            )
            if least == 2 and left > 6 and rng.random() < 0.3:
                least = 3
            listed = "elenco" if self.number > 8 and not single and not same and rng.random() < 0.03 else ""
            paper, laid, case = self._paper(
                rng,
                max(1, min(5, left - ahead)),
                least=least,
                digital=digital,
                like=case if same else None,
                kind=listed,
            )
            for number, page in enumerate(laid):
                leaves.append(_Leaf(page, paper, f"{self.number}/{index}/{number}", digital))
        return self._sheets(rng, kind, leaves, duplex=duplex, room=room)

    def _sheets(
        self, rng: Random, kind: Format, leaves: Sequence[_Leaf], *, duplex: bool, room: int
    ) -> tuple[FilePlan, TrueFile]:
        dpi = (
            rng.choices((300, 200, 150), (84, 13, 3))[0]
            if kind not in BILEVEL
            else rng.choices((300, 200), (90, 10))[0]
        )
        colour = False
        if kind in ("png", "tiff-lzw"):
            dpi = 200
        elif kind in ("jpg", "pdf-jpeg") and rng.random() < 0.16:
            colour, dpi = True, rng.choice((200, 150, 200))
        level = rng.choices(_LEVELS, _LEVEL_WEIGHTS)[0]
        quality = {"light": rng.randrange(72, 90), "medium": rng.randrange(48, 72), "hard": rng.randrange(28, 50)}.get(
            level, 80
        )
        turn = rng.choice((90, 270, 180, 90)) if rng.random() < 0.1 else 0
        if self.number == 5:
            turn = 90
        holes = rng.choice((0, 0, 2, 2, 4)) if rng.random() < 0.5 else 0
        ink = rng.randrange(12, 60)
        fitted = damages.for_bilevel if kind in BILEVEL else damages.for_grey
        sheets: list[Sheet] = []
        pages: list[TruePage] = []
        owners: list[Paper | None] = []
        trailing = (
            not duplex
            and len(leaves) > 1
            and kind not in ("pdf-text", "pdf-mixed")
            and len(leaves) < room
            and rng.random() < 0.06
        )
        for place, leaf in enumerate(leaves):
            assert leaf.paper is not None
            front = len(sheets)
            typed = f"{self.seed}/{leaf.seed}" if leaf.paper.style.jitter else ""
            if leaf.digital:
                plan = damages.Damage()
            else:
                own_turn = (turn + 180) % 360 if len(leaves) > 1 and rng.random() < 0.03 else turn
                plan = fitted(damages.plan(rng, level, turn=own_turn, holes=holes))
            sheets.append(Sheet(leaf.page, plan, ink, typed, leaf.digital, None))
            owners.append(leaf.paper)
            pages.append(self._page(front, leaf, plan, dpi))
            if (duplex or (trailing and place == len(leaves) - 1)) and len(sheets) < room:
                bleeding = rng.random() < 0.6
                back = damages.plan(rng, level, turn=turn, holes=holes, bleed=bleeding)
                back = replace(back, bleed=back.bleed if bleeding else 0.0)
                back = fitted(back)
                sheets.append(Sheet(PageMarks(), back, ink, "", False, front))
                owners.append(None)
                pages.append(self._blank(front + 1, back, dpi))
        sheets = [
            replace(sheet, reverse=index - 1 if index % 2 else index + 1)
            if sheet.reverse is None
            and sheet.page.marks
            and not duplex
            and 0 <= (index - 1 if index % 2 else index + 1) < len(sheets)
            else sheet
            for index, sheet in enumerate(sheets)
        ]
        lot = 1 + self.made // _PAGES_A_LOT
        path = f"lotto-{lot}/{self._name(rng, lot)}{SUFFIX[kind]}"
        spans: list[TrueDocument] = []
        for paper in dict.fromkeys(id(owner) for owner in owners if owner is not None):
            where = [index for index, owner in enumerate(owners) if owner is not None and id(owner) == paper]
            found = owners[where[0]]
            assert found is not None
            if found.type != "separatore":
                spans.append(_document(found, where[0], where[-1]))
        return FilePlan(path, kind, dpi, quality, colour, tuple(sheets)), TrueFile(
            path, kind, "", tuple(pages), tuple(spans)
        )

    def _name(self, rng: Random, lot: int) -> str:
        """What this lot's scanner calls its files."""
        form = Random(f"faldone/lot/{self.seed}/{lot}").randrange(3)
        if form == 0:
            return f"{self.number:04}"
        return f"SCAN{self.number:05}" if form == 1 else f"doc_{self.number:06}"

    def _page(self, index: int, leaf: _Leaf, plan: damages.Damage, dpi: int) -> TruePage:
        paper = leaf.paper
        assert paper is not None
        source = "text-layer" if leaf.digital else "ocr"
        separator = paper.type == "separatore"
        return TruePage(
            index,
            leaf.page.text,
            (360 - plan.turn) % 360,
            False,
            separator,
            source,
            _damage(plan, dpi),
            paper.style.name,
        )

    def _blank(self, index: int, plan: damages.Damage, dpi: int) -> TruePage:
        return TruePage(index, "", 0, True, False, "ocr", _damage(plan, dpi), "blank")


def _damage(plan: damages.Damage, dpi: int) -> dict[str, object]:
    return {
        "level": plan.level,
        "dpi": dpi if plan.level != "none" else None,
        "skew": round(plan.skew, 2),
        "turn": plan.turn,
        "bleed": round(plan.bleed, 3),
        "effects": list(plan.effects),
    }


def _document(paper: Paper, first: int, last: int) -> TrueDocument:
    return TrueDocument(
        first, last, paper.type, paper.service, paper.dossier_service, paper.persons, paper.date, paper.protocols,
        paper.style.name, paper.shown, paper.band, paper.collective,
    )  # fmt: skip


def _replace_file(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(data)
    temporary.replace(path)


def _register(population: Population) -> bytes:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    born = ("data_nascita", "luogo_nascita")
    rows.writerow(("codice_fiscale", "cognome", "nome", *born, "comune_residenza", "numero_utente"))
    for one in sorted(population.registered, key=lambda one: (one.surname, one.name, one.birth_date)):
        rows.writerow(
            (
                one.cf,
                one.surname,
                one.name or NO_NAME,
                one.birth_date.isoformat(),
                one.birth_place.split(" (")[0],
                one.town,
                one.number,
            )
        )
    return out.getvalue().encode()


def _quiet() -> None:
    """One thread a process: the processes themselves use the cores."""
    import cv2

    cv2.setNumThreads(1)


def generate(
    target: Path,
    *,
    pages: int,
    seed: int = 1,
    on_page: Callable[[int], None] | None = None,
    workers: int | None = None,
) -> Truth:
    """Writes exactly ``pages`` pages of synthetic dossiers under ``target``.

    There come to be ``inbox/lotto-<n>/…`` (the scans), ``persone.csv`` (the register) and ``verita.jsonl`` (the
    truth, a line a file). The same pages and seed give the same bytes, whatever the number of workers.

    Args:
        target: the folder to fill; made if missing.
        pages: how many pages in all, blank backs included.
        seed: another seed, other persons and papers.
        on_page: called for each page in turn with the number of pages written so far.
        workers: processes to use; by default as many as there are cores, one for a small box.

    Raises:
        ValueError: ``pages`` is not positive.
        DependencyError: a font is missing.
    """
    if pages < 1:
        raise ValueError(f"at least one page, not {pages}")
    population = populate(max(40, pages // 6), seed)
    inbox, staging = target / "inbox", target / ".staging"
    inbox.mkdir(parents=True, exist_ok=True)
    staging.mkdir(exist_ok=True)
    _replace_file(target / "persone.csv", _register(population))
    planner = _Planner(population, seed, pages)
    count = workers if workers is not None else (os.cpu_count() or 1)
    done: list[TrueFile] = []
    seen = 0
    for plan, truth, digest in _written(
        planner.plans(), inbox, staging, 1 if pages <= _FEW_PAGES and workers is None else count
    ):
        done.append(replace(truth, sha256=digest))
        for _ in plan.sheets:
            seen += 1
            if on_page is not None:
                on_page(seen)
    lines = "".join(json.dumps(file.as_json(), ensure_ascii=False) + "\n" for file in done)
    _replace_file(target / "verita.jsonl", lines.encode())
    staging.rmdir()
    return Truth(target, tuple(done), len(population.registered), seed)


def _written(
    plans: Iterator[tuple[FilePlan, TrueFile]], inbox: Path, staging: Path, workers: int
) -> Iterator[tuple[FilePlan, TrueFile, str]]:
    """The plans carried out, in order; with several workers a few are under way at a time."""
    if workers <= 1:
        for plan, truth in plans:
            yield plan, truth, write(plan, inbox, staging)
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_quiet) as pool:
        pending: deque[tuple[FilePlan, TrueFile, Future[str]]] = deque()
        for plan, truth in plans:
            pending.append((plan, truth, pool.submit(write, plan, inbox, staging)))
            if len(pending) > 4 * workers:
                done = pending.popleft()
                yield done[0], done[1], done[2].result()
        while pending:
            done = pending.popleft()
            yield done[0], done[1], done[2].result()
