"""Pictures of pages: upright, as wide as asked for, where the boxes of the words say, and kept for a while."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from faldone.catalog.records import Page
from faldone.domain.digest import Digest
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.errors import UndecidableError, UnreadableFileError
from faldone.ocr.source import RasterOptions
from faldone.ocr.view import Shown, show
from faldone.pipeline.audit.audit import verify
from faldone.pipeline.papers import page_images
from faldone.pipeline.papers.page_images import WIDTHS, PageImages, Run, Stand, View, picture_key, stand
from faldone.pipeline.recognition.turn_page import turn_page
from tests.papers import tiff
from tests.twins import Archive

SIZE = (600, 840)
SPOT = Box(400, 60, 120, 80)
"""A black block near the upper right corner, and nothing else on the page."""


def sheet(turn: int = 0, *, colour: bool = False) -> Image.Image:
    """The page, lying in its file so that it has to be turned clockwise by ``turn`` to stand upright."""
    made = Image.new("RGB" if colour else "L", SIZE, "white")
    ImageDraw.Draw(made).rectangle((SPOT.x, SPOT.y, SPOT.right, SPOT.bottom), fill=(200, 0, 0) if colour else 0)
    made = made.rotate(turn, expand=True)  # Pillow turns the other way round
    made.info["dpi"] = (150, 150)
    return made


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    yield made
    made.close()


def taken(archive: Archive, *sheets: Image.Image) -> Page:
    archive.take("foglio.tif", tiff(*sheets))
    archive.work_off()
    (source,) = archive.catalog.sources()
    return archive.catalog.pages(source.digest)[0]


def read_with(archive: Archive, page: Page, rotation: int) -> Page:
    """The page as if recognition had turned it so far, with one word on the block."""
    text = PageText(
        (Word("blocco", SPOT, 0.9, 0),), *SIZE, 150, rotation, TextSource.OCR, EngineStamp("fake", "1", "s")
    )
    with archive.catalog.begin() as work:
        work.save_text(page.id, Digest.of(f"{page.id} {rotation}".encode()), text)
    return archive.catalog.page(page.id)


def is_dark(picture: Image.Image, box: Box, size: tuple[int, int]) -> bool:
    """Whether the part of the picture under a box, given in pixels of a page of that size, is the block."""
    across, down = picture.width / size[0], picture.height / size[1]
    part = picture.convert("L").crop(
        (
            round((box.x + 8) * across),
            round((box.y + 8) * down),
            round((box.right - 8) * across),
            round((box.bottom - 8) * down),
        )
    )
    return float(np.asarray(part).mean()) < 100


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("lying", [0, 90, 180, 270])
def test_the_boxes_of_the_words_fit_on_the_picture_however_it_is_turned(archive: Archive, lying: int) -> None:
    page = read_with(archive, taken(archive, sheet(lying)), lying)

    for said in (None, 0, 90, 180, 270):
        if said is not None:
            turn_page(page, said, "mara", archive.ports)
        stands = stand(page, archive.ports)
        picture = opened(PageImages(None).picture(page, View(1240), archive.ports).data)
        assert (picture.width > picture.height) == (stands.width > stands.height)
        assert is_dark(picture, stands.place(SPOT), (stands.width, stands.height))


def test_a_turn_is_on_record_and_one_that_was_altered_is_found(archive: Archive) -> None:
    page = taken(archive, sheet())
    turn_page(page, 90, "mara", archive.ports)
    assert verify(archive.ports).findings == ()

    with archive.catalog.begin() as work:
        work.turn_page(page.id, 180, "nobody", archive.clock())

    assert [finding.object for finding in verify(archive.ports).findings] == [page.id]
    with pytest.raises(UndecidableError):
        turn_page(page, 45, "mara", archive.ports)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_region_is_cut_out_of_the_page_as_it_is_shown(archive: Archive, turn: int) -> None:
    page = read_with(archive, taken(archive, sheet(turn)), turn)

    part = opened(PageImages(None).picture(page, View(None, SPOT), archive.ports).data)

    assert part.size == pytest.approx((SPOT.width, SPOT.height), abs=2)
    assert float(np.asarray(part).mean()) < 20


def test_pictures_are_as_wide_as_asked_for_and_never_larger_than_the_scan(archive: Archive, tmp_path: Path) -> None:
    page = taken(archive, sheet().resize((3000, 4200)))
    made = PageImages(None)

    for width in WIDTHS:
        assert width <= opened(made.picture(page, View(width), archive.ports).data).width <= 1.15 * width
    assert opened(made.picture(page, View(None), archive.ports).data).size == (3000, 4200)
    sheet().save(tmp_path / "small.png")
    assert opened(show(tmp_path / "small.png", "image/png", 0, Shown(2480), RasterOptions())).size == SIZE


def test_other_widths_do_not_exist() -> None:
    for width in (0, 1, 199, 1241, 100_000):
        with pytest.raises(ValueError, match="width"):
            View(width)


def test_a_page_is_grey_when_it_is_grey_and_coloured_when_it_has_colours(tmp_path: Path) -> None:
    for name, made, mode in (
        ("grey.jpg", sheet().convert("RGB"), "L"),
        ("stamp.jpg", sheet(colour=True), "RGB"),
    ):
        made.save(tmp_path / name, "JPEG", quality=80)
        assert opened(show(tmp_path / name, "image/jpeg", 0, Shown(None), RasterOptions())).mode == mode


def test_the_page_of_a_pdf_is_drawn_as_finely_as_asked_for(tmp_path: Path) -> None:
    sheet().save(tmp_path / "a.pdf", resolution=150)

    whole = opened(show(tmp_path / "a.pdf", "application/pdf", 0, Shown(300), RasterOptions()))
    part = opened(
        show(
            tmp_path / "a.pdf",
            "application/pdf",
            0,
            Shown(None, part=(400 / 600, 60 / 840, 520 / 600, 140 / 840), frame=SIZE),
            RasterOptions(),
        )
    )

    assert whole.size == pytest.approx((300, 420), abs=2)
    assert is_dark(whole, SPOT, SIZE)
    assert float(np.asarray(part).mean()) < 30


def test_a_fax_with_coarse_lines_is_as_high_as_it_was_read(tmp_path: Path) -> None:
    sheet().resize((600, 420)).save(tmp_path / "fax.tif", "TIFF", dpi=(204, 98))

    shown = Shown(None, frame=SIZE)

    assert opened(show(tmp_path / "fax.tif", "image/tiff", 0, shown, RasterOptions())).size == SIZE


def test_a_damaged_page_is_named_and_not_shown_as_empty(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing of the kind")

    with pytest.raises(UnreadableFileError):
        show(tmp_path / "a.jpg", "image/jpeg", 0, Shown(None), RasterOptions())


# ---- what is kept


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*"))


def test_a_picture_is_made_once_and_kept_without_a_name_of_anybody(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = taken(archive, sheet())
    made = PageImages(tmp_path / "views")
    first = made.picture(page, View(200), archive.ports)

    monkeypatch.setattr(page_images, "show", lambda *_: pytest.fail("made again"))
    again = made.picture(page, View(200), archive.ports)

    assert again == first
    assert again.tag == made.tag(page, View(200), archive.ports)
    assert [path.name for path in kept(tmp_path / "views")] == [first.tag]
    assert first.tag.startswith(page.id)


def test_a_picture_that_may_not_be_kept_is_not(archive: Archive, tmp_path: Path) -> None:
    page = taken(archive, sheet())
    made = PageImages(tmp_path / "views")
    made.picture(page, View(200), archive.ports)

    made.forget(page.id)
    made.picture(page, View(1240), archive.ports, keep=False)

    assert not kept(tmp_path / "views")


def test_what_a_power_cut_left_empty_is_made_again(archive: Archive, tmp_path: Path) -> None:
    page = taken(archive, sheet())
    made = PageImages(tmp_path / "views")
    whole = made.picture(page, View(200), archive.ports).data
    kept(tmp_path / "views")[0].write_bytes(b"")

    assert made.picture(page, View(200), archive.ports).data == whole


def test_what_was_asked_for_longest_ago_goes_first(archive: Archive, tmp_path: Path) -> None:
    page = taken(archive, sheet(), sheet(180), sheet(90))
    pages = archive.catalog.pages(page.source)
    size = len(PageImages(None).picture(page, View(1240), archive.ports).data)
    made = PageImages(tmp_path / "views", space=int(size * 2.5))
    for age, one in zip((300, 200), pages, strict=False):
        tag = made.picture(one, View(1240), archive.ports).tag
        (path,) = (tmp_path / "views").glob(f"*/{tag}")
        os.utime(path, (time.time() - age,) * 2)
    made.picture(pages[0], View(1240), archive.ports)  # asked for again: now the second is the oldest

    made.picture(pages[2], View(1240), archive.ports)

    left = {path.name.partition(".")[0] for path in kept(tmp_path / "views")}
    assert left == {pages[0].id, pages[2].id}


def test_a_full_disk_is_no_reason_to_show_nothing(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = taken(archive, sheet())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)

    assert PageImages(tmp_path / "views").picture(page, View(200), archive.ports).data
    assert not kept(tmp_path / "views")


def test_no_more_than_two_pages_are_decoded_at_a_time(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = taken(archive, *(sheet() for _ in range(4)))
    guard, now, most = threading.Lock(), [0], [0]
    both = threading.Barrier(2)

    def slow(*_: object) -> bytes:
        with guard:
            now[0] += 1
            most[0] = max(most[0], now[0])
        both.wait(10)  # two at a time meet here; a third would be counted before
        with guard:
            now[0] -= 1
        return b"x"

    monkeypatch.setattr(page_images, "show", slow)
    made = PageImages(None)
    threads = [
        threading.Thread(target=made.picture, args=(one, View(200), archive.ports))
        for one in archive.catalog.pages(page.source)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert most == [2]


def test_the_key_of_a_picture_changes_with_what_is_to_be_seen(archive: Archive) -> None:
    page = taken(archive, sheet())

    keys = {picture_key(page, None), picture_key(page, 90), picture_key(replace(page, text=Digest.of(b"other")), None)}

    assert len(keys) == 3


def test_a_page_that_nobody_looked_at_stands_as_it_lies(archive: Archive) -> None:
    archive.take("foglio.tif", tiff(sheet()))
    (unit,) = archive.catalog.unfinished(archive.clock(), 10).open
    with archive.catalog.begin() as work:
        work.open_source(Digest.parse(unit.id), "image/tiff", 1)
    page = archive.catalog.pages(Digest.parse(unit.id))[0]

    assert stand(page, archive.ports) == Stand(1240, 1754, 0, 0, known=False)
    assert opened(PageImages(None).thumbnail(page, archive.ports).data).format == "WEBP"


WORD = Box(100, 50, 300, 20)
"""A word of a page that was read 1000 pixels wide and 1400 high."""


@pytest.mark.parametrize(
    ("said", "read", "run"),
    [
        (0, 0, Run(100, 50, 300, 20)),
        (90, 0, Run(1350, 100, 300, 20)),
        (180, 0, Run(900, 1350, 300, 20)),
        (270, 0, Run(50, 900, 300, 20)),
        (0, 90, Run(50, 900, 300, 20)),
        (90, 90, Run(100, 50, 300, 20)),
        (90, 270, Run(900, 1350, 300, 20)),
    ],
)
def test_words_run_over_a_page_that_stands_otherwise_than_it_was_read(said: int, read: int, run: Run) -> None:
    size = (1400, 1000) if (said - read) % 180 else (1000, 1400)
    stands = Stand(*size, said, read)

    assert stands.run(WORD) == run
    # Turned by the lean about its first point, the word lies in its box.
    along, down = {0: ((1, 0), (0, 1)), 90: ((0, 1), (-1, 0)), 180: ((-1, 0), (0, -1)), 270: ((0, -1), (1, 0))}[
        stands.lean
    ]
    end = (
        run.x + run.length * along[0] + run.height * down[0],
        run.y + run.length * along[1] + run.height * down[1],
    )
    box = stands.place(WORD)
    assert (min(run.x, end[0]), min(run.y, end[1])) == (box.x, box.y)
    assert (max(run.x, end[0]), max(run.y, end[1])) == (box.right, box.bottom)
