"""What may stay on a page of somebody's PDF, what is taken away, and for what the page is drawn."""

from __future__ import annotations

from collections.abc import Callable

import pikepdf
import pytest

from faldone.searchable import sound
from faldone.searchable.sound import UnsoundError

HIDDEN = b"BT 3 Tr /F 12 Tf 10 10 Td (letto) Tj ET"


def document_of(content: bytes) -> pikepdf.Pdf:
    """One page with these contents, a font that is not embedded and a grey picture."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(300, 400))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    picture = document.make_stream(
        b"\x00" * 4,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=2,
        Height=2,
        BitsPerComponent=8,
        ColorSpace=pikepdf.Name.DeviceGray,
        Interpolate=True,
    )
    page.obj.Resources = pikepdf.Dictionary(
        Font=pikepdf.Dictionary(F=document.make_indirect(font)), XObject=pikepdf.Dictionary(I=picture)
    )
    page.obj.Contents = document.make_stream(content)
    return document


def checked(document: pikepdf.Pdf) -> sound.SoundPage:
    return sound.made_sound(document.pages[0], document)


def test_a_picture_alone_may_stay_and_is_not_smoothed() -> None:
    document = document_of(b"q 300 0 0 400 0 0 cm /I Do Q")
    found = checked(document)
    assert found == sound.SoundPage((0, 0, 300, 400), 0, has_text=False, had_hidden_text=False, unclosed=0)
    assert not document.pages[0].obj.Resources.XObject.I.Interpolate


def test_hidden_text_is_taken_out_with_its_font() -> None:
    document = document_of(b"q 300 0 0 400 0 0 cm /I Do Q " + HIDDEN)
    assert checked(document).had_hidden_text
    page = document.pages[0].obj
    assert b"letto" not in page.Contents.read_bytes()
    assert b"/I Do" in page.Contents.read_bytes()
    assert len(page.Resources.Font) == 0


def test_pages_that_share_their_resources_do_not_lose_each_others_fonts() -> None:
    document = document_of(HIDDEN)
    shared = document.make_indirect(document.pages[0].obj.Resources)
    document.pages[0].obj.Resources = shared
    document.add_blank_page(page_size=(300, 400))
    document.pages[1].obj.Resources = shared
    checked(document)
    assert "/F" in document.pages[1].obj.Resources.Font


def test_saves_that_are_left_open_are_counted() -> None:
    assert checked(document_of(b"q q Q q")).unclosed == 2


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"BT /F 12 Tf 10 10 Td (visto) Tj ET", "fonts"),
        (b"BT /F 12 Tf (visto) Tj 3 Tr (letto) Tj ET", "hidden text among visible"),
        (b"0 0 0 1 k 0 0 10 10 re f", "operator k"),
        (b"/OC /MC0 BDC 0 0 10 10 re f EMC", "layers"),
        (b"BX boh EX", "operator boh"),
        (b"q " * 30, "nesting"),
        (b"Q", "nesting"),
        (b"/Manca Do", "broken"),
        (b"/Strano ri", "rendering intent"),
    ],
)
def test_what_is_forbidden_or_not_known_is_not_let_through(content: bytes, why: str) -> None:
    with pytest.raises(UnsoundError, match=why):
        checked(document_of(content))


def make_cmyk(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.Resources.XObject.I.ColorSpace = pikepdf.Name.DeviceCMYK


def make_external(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.Resources.XObject.I.F = "altrove.jpg"


def make_optional(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.Resources.XObject.I.OC = pikepdf.Dictionary(Type=pikepdf.Name.OCG)


def make_huge(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.MediaBox = pikepdf.Array([0, 0, 20000, 400])


@pytest.mark.parametrize(
    ("change", "why"),
    [(make_cmyk, "colours"), (make_external, "external"), (make_optional, "layers"), (make_huge, "page size")],
)
def test_resources_that_are_forbidden_are_not_let_through(change: Callable[[pikepdf.Pdf], None], why: str) -> None:
    document = document_of(b"/I Do")
    change(document)
    with pytest.raises(UnsoundError, match=why):
        checked(document)


def test_what_is_not_used_is_not_asked_and_left_out() -> None:
    document = document_of(b"0 0 10 10 re f")
    make_cmyk(document)
    checked(document)
    assert len(document.pages[0].obj.Resources.XObject) == 0
