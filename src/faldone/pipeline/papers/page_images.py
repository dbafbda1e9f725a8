"""Pictures of pages for the screen, made when they are asked for and kept for a while.

Everybody who shows a page comes here: the viewer, the bench of review, the thumbnails of intake. A picture stands
upright: turned as recognition read it or, before and above that, as a person said. Masters are never touched.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from faldone.catalog.records import Page
from faldone.domain.digest import Digest
from faldone.domain.ids import PageId
from faldone.domain.page import Box
from faldone.ocr.source import RasterOptions
from faldone.ocr.view import WHOLE, Shares, Shown, show
from faldone.pipeline.ports import Ports

log = logging.getLogger(__name__)

THUMBNAIL_PX: Final = 200
WIDTHS: Final = (THUMBNAIL_PX, 1240, 2480)
"""The widths that there are: a closed list, so that nobody fills the disk with a picture for every number."""

DEFAULT_SPACE: Final = 5_000_000_000
_DECODES_AT_ONCE = 2
_AFTER_PRUNING = 0.9
_WAY_OF_MAKING = "1"
"""Counted up when pictures are made in another way, so that none that was kept is shown for a new one."""

_UNKNOWN_SIZE = (1240, 1754)
_NAME = re.compile(r"[\w.-]{1,120}")
_UNFINISHED = ".part"
_LEFT_BEHIND_S = 3600.0


@dataclass(frozen=True, slots=True)
class View:
    """How a page is wanted: one of :data:`WIDTHS`, or ``None`` for as fine as the scan.

    ``region`` is the part that is wanted, in the pixels of the page as it is shown.
    """

    width: int | None = 1240
    region: Box | None = None

    def __post_init__(self) -> None:
        if self.width is not None and self.width not in WIDTHS:
            raise ValueError(f"no such width: {self.width}")
        if self.region is not None and not (self.region.width and self.region.height):
            raise ValueError("an empty region")


@dataclass(frozen=True, slots=True)
class Run:
    """How a word runs over the page as it is shown: from the point above its first letter on, so far and so high.

    Which way it runs is the page's :attr:`Stand.lean`.
    """

    x: int
    y: int
    length: int
    height: int


@dataclass(frozen=True, slots=True)
class Stand:
    """How a page stands when it is shown.

    Attributes:
        width, height: of the page as it is shown, in the pixels that boxes are in; a sheet of A4 when not known yet.
        turn: how far the page in the file is turned clockwise to be shown (0, 90, 180 or 270).
        words: how far it was turned when it was read: boxes are relative to that.
        known: whether width and height are known.
    """

    width: int
    height: int
    turn: int
    words: int
    known: bool = True

    def place(self, box: Box) -> Box:
        """Where a box of the page's words lies on the page as it is shown."""
        match self.lean:
            case 90:
                return Box(self.width - box.bottom, box.x, box.height, box.width)
            case 180:
                return Box(self.width - box.right, self.height - box.bottom, box.width, box.height)
            case 270:
                return Box(box.y, self.height - box.right, box.height, box.width)
            case _:
                return box

    @property
    def lean(self) -> int:
        """How far the words lean clockwise on the page as it is shown: it stands otherwise than it was read."""
        return (self.turn - self.words) % 360

    def run(self, box: Box) -> Run:
        """How the word in a box of the page's words runs over the page as it is shown."""
        placed = self.place(box)
        match self.lean:
            case 90:
                return Run(placed.right, placed.y, placed.height, placed.width)
            case 180:
                return Run(placed.right, placed.bottom, placed.width, placed.height)
            case 270:
                return Run(placed.x, placed.bottom, placed.height, placed.width)
            case _:
                return Run(placed.x, placed.y, placed.width, placed.height)

    def shares(self, region: Box) -> Shares:
        """A part of the page as it is shown, as shares of the page as it lies in the file."""
        left, right = (min(1.0, max(0.0, x / self.width)) for x in (region.x, region.right))
        top, bottom = (min(1.0, max(0.0, y / self.height)) for y in (region.y, region.bottom))
        match self.turn:
            case 90:
                return top, 1 - right, bottom, 1 - left
            case 180:
                return 1 - right, 1 - bottom, 1 - left, 1 - top
            case 270:
                return 1 - bottom, left, 1 - top, right
            case _:
                return left, top, right, bottom

    @property
    def frame(self) -> tuple[int, int] | None:
        """Width and height of the page as it lies in the file."""
        if not self.known:
            return None
        return (self.height, self.width) if self.turn in (90, 270) else (self.width, self.height)


def stand(page: Page, ports: Ports, turns: Mapping[int, int] | None = None) -> Stand:
    """How a page stands: by the word of a person, else by its reading, else by the first look.

    ``turns`` are those of the file when they are at hand.
    """
    said = (ports.catalog.page_turns(page.source) if turns is None else turns).get(page.index)
    text = ports.catalog.recognition(page.text) if page.text is not None else None
    if text is not None:
        size, words = (text.width, text.height), text.rotation
    else:
        look = ports.catalog.look(page.id)
        words = (look.measures.rotation or 0) if look is not None else 0
        lying = (look.measures.width_px, look.measures.height_px) if look is not None else None
        if lying is None:
            turn = said or 0
            width, height = _UNKNOWN_SIZE[::-1] if turn in (90, 270) else _UNKNOWN_SIZE
            return Stand(width, height, turn, turn, known=False)
        size = lying[::-1] if words in (90, 270) else lying
    turn = words if said is None else said
    if (turn - words) % 180:
        size = size[::-1]
    return Stand(size[0], size[1], turn, words)


def picture_key(page: Page, turn: int | None) -> str:
    """What a page's pictures depend on, as a short word for addresses: the same word, the same pixels.

    ``turn`` is what a person said of it, if one did.
    """
    said = (page.id, page.state, str(page.text), str(turn), _WAY_OF_MAKING)
    return Digest.of("\0".join(said).encode()).hex[:12]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is sent; ``tag`` is the same for the same bytes."""

    data: bytes
    media_type: str
    tag: str


class PageImages:
    """Makes pictures of pages, at most two at a time, and keeps them in a folder of limited size.

    Args:
        folder: where they are kept; it may be emptied at any time. ``None`` keeps none.
        space: how many bytes may lie there; those that were asked for longest ago go first.
    """

    def __init__(self, folder: Path | None, space: int = DEFAULT_SPACE) -> None:
        self._folder = folder
        self._space = space
        self._decoding = threading.BoundedSemaphore(_DECODES_AT_ONCE)
        self._counting = threading.Lock()
        self._held: int | None = None

    def picture(self, page: Page, view: View, ports: Ports, *, keep: bool = True) -> Picture:
        """A page as it is wanted.

        Args:
            page: the page.
            view: how it is wanted.
            ports: the archive.
            keep: whether the picture may be kept; those of papers under reinforced protection may not.

        Raises:
            InputError: the sealed file or the page does not open.
        """
        turns = ports.catalog.page_turns(page.source)
        name = _name(page, view, turns.get(page.index))
        media_type = "image/webp" if _is_thumbnail(view) else "image/jpeg"
        data = self._kept(name) if keep else None
        if data is None:
            with self._decoding:
                data = self._kept(name) if keep else None  # who waited may find that it was made meanwhile
                if data is None:
                    data = _made(page, view, stand(page, ports, turns), ports)
                    if keep:
                        self._keep(name, data)
        return Picture(data, media_type, name)

    def tag(self, page: Page, view: View, ports: Ports) -> str:
        """The tag that the picture has, without making it."""
        return _name(page, view, ports.catalog.page_turns(page.source).get(page.index))

    def thumbnail(self, page: Page, ports: Ports) -> Picture:
        """The small picture of a page, for lists. Raises as :meth:`picture`."""
        return self.picture(page, View(THUMBNAIL_PX), ports)

    def forget(self, page: PageId) -> None:
        """Keeps no picture of a page any longer."""
        if self._folder is not None:
            for path in self._shelf(page).glob(f"{page}.*"):
                path.unlink(missing_ok=True)

    def _shelf(self, name: str) -> Path:
        assert self._folder is not None
        return self._folder / name.removeprefix("p-")[:2]

    def _kept(self, name: str) -> bytes | None:
        if self._folder is None:
            return None
        path = self._shelf(name) / name
        try:
            data = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        return data or None  # an empty file is what a power cut leaves

    def _keep(self, name: str, data: bytes) -> None:
        if self._folder is None:
            return
        target = self._shelf(name) / name
        unfinished = target.with_name(f".{threading.get_ident()}-{os.getpid()}{_UNFINISHED}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            unfinished.write_bytes(data)
            unfinished.replace(target)
            self._count(len(data))
        except OSError as error:  # a full disk is no reason to show nothing
            log.warning("a picture could not be kept: %s", type(error).__name__)
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)

    def _count(self, size: int) -> None:
        with self._counting:
            self._held = self._measured() if self._held is None else self._held + size
            if self._held > self._space:
                self._prune()

    def _measured(self) -> int:
        return sum(entry[1] for entry in self._entries())

    def _entries(self) -> list[tuple[float, int, Path]]:
        assert self._folder is not None
        found = []
        for path in self._folder.glob("*/*"):
            with contextlib.suppress(OSError):  # another process may have taken it away
                state = path.stat()
                found.append((state.st_mtime, state.st_size, path))
        return found

    def _prune(self) -> None:
        """Takes away those that were asked for longest ago, until a tenth is free, and what a crash left behind."""
        entries = sorted(self._entries())
        held = sum(size for _, size, _ in entries)
        now = time.time()
        for asked, size, path in entries:
            unfinished = path.name.endswith(_UNFINISHED)
            if held > _AFTER_PRUNING * self._space if not unfinished else now - asked > _LEFT_BEHIND_S:
                with contextlib.suppress(OSError):
                    path.unlink()
                held -= size
        self._held = held


def _is_thumbnail(view: View) -> bool:
    return view.width == THUMBNAIL_PX and view.region is None


def _name(page: Page, view: View, turn: int | None) -> str:
    part = ""
    if view.region is not None:
        box = view.region
        part = f".{box.x}-{box.y}-{box.width}-{box.height}"
    ending = "webp" if _is_thumbnail(view) else "jpg"
    name = f"{page.id}.{picture_key(page, turn)}.{view.width or 'full'}{part}.{ending}"
    if not _NAME.fullmatch(name):
        raise ValueError(f"no name of a file: {name!r}")
    return name


def _made(page: Page, view: View, stands: Stand, ports: Ports) -> bytes:
    media_type = ports.catalog.source(page.source).media_type
    if media_type is None:
        raise ValueError(f"{page.source} was never opened")
    limits = ports.options.limits
    raster = RasterOptions(max_pixels=limits.max_pixels, pdf_passwords=limits.pdf_passwords)
    shown = Shown(
        width=view.width,
        part=stands.shares(view.region) if view.region is not None else WHOLE,
        turn=stands.turn,
        frame=stands.frame,
        webp=_is_thumbnail(view),
    )
    with ports.store.path(page.source) as path:
        return show(path, media_type, page.index, shown, raster)
