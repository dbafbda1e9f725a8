"""Files attached to a PDF: nobody sees them on its pages, and none of them is left behind."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from faldone.errors import EncryptedFileError, TooDeepError, TooExpandedError, UnreadableFileError
from faldone.ingest import pdf_attachments
from faldone.ingest.inspect import Limits
from faldone.ingest.media import PDF
from faldone.ingest.unpack import unpack

DECREE, LETTER = b"il decreto" * 400, b"la lettera" * 300
Attach = Callable[[pikepdf.Pdf], None]


def made(path: Path, *attach: Attach, packed: bool = False, password: str = "") -> Path:
    document = pikepdf.new()
    document.add_blank_page()
    for one in attach:
        one(document)
    document.save(
        path,
        object_stream_mode=pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable,
        encryption=pikepdf.Encryption(owner=password, user=password) if password else False,
    )
    return path


def to_the_whole(name: str, content: bytes) -> Attach:
    def attach(document: pikepdf.Pdf) -> None:
        document.attachments[name] = pikepdf.AttachedFileSpec(document, content, filename=name)

    return attach


def to_a_page(name: str, content: bytes) -> Attach:
    def attach(document: pikepdf.Pdf) -> None:
        told = pikepdf.AttachedFileSpec(document, content, filename=name).obj
        pin = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FileAttachment, Rect=[0, 0, 9, 9], FS=told
        )
        document.pages[0].obj.Annots = pikepdf.Array([document.make_indirect(pin)])

    return attach


def listed(path: Path, limits: Limits | None = None, depth: int = 1) -> dict[str, bytes]:
    with unpack(path, PDF, limits or Limits(), path.parent / "work", depth=depth) as unpacked:
        return {part.name: part.path.read_bytes() for part in unpacked.parts}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("attach", [to_the_whole, to_a_page])
def test_what_is_attached_comes_out_byte_by_byte(
    tmp_path: Path, attach: Callable[[str, bytes], Attach], packed: bool
) -> None:
    path = made(tmp_path / "a.pdf", attach("decreto è.pdf", DECREE), packed=packed)
    assert pdf_attachments.may_have(path)
    assert listed(path) == {"decreto è.pdf": DECREE}


def test_a_file_that_is_attached_to_the_whole_and_pinned_to_a_page_comes_out_once(tmp_path: Path) -> None:
    def pin(document: pikepdf.Pdf) -> None:
        told = document.attachments["decreto.pdf"].obj
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FileAttachment, Rect=[0, 0, 9, 9], FS=told
        )
        document.pages[0].obj.Annots = pikepdf.Array([note])

    path = made(tmp_path / "a.pdf", to_the_whole("decreto.pdf", DECREE), to_the_whole("b.eml", LETTER), pin)
    assert listed(path) == {"decreto.pdf": DECREE, "b.eml": LETTER}


def test_a_scan_is_not_looked_into_and_a_plain_document_holds_nothing(tmp_path: Path) -> None:
    assert not pdf_attachments.may_have(made(tmp_path / "scan.pdf"))
    packed = made(tmp_path / "packed.pdf", packed=True)
    assert pdf_attachments.may_have(packed)
    assert listed(packed) == {}


def test_a_name_of_a_file_elsewhere_is_no_attachment(tmp_path: Path) -> None:
    def elsewhere(document: pikepdf.Pdf) -> None:
        told = pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F=pikepdf.String("C:\\decreto.pdf"))
        names = pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String("a"), document.make_indirect(told)]))
        document.Root.Names = pikepdf.Dictionary(EmbeddedFiles=document.make_indirect(names))

    assert listed(made(tmp_path / "a.pdf", elsewhere)) == {}


def test_what_comes_out_is_counted_as_it_comes(tmp_path: Path) -> None:
    bomb = made(tmp_path / "a.pdf", to_the_whole("bomba.bin", bytes(64 * 1024**2)))
    assert bomb.stat().st_size < 1024**2
    with pytest.raises(TooExpandedError):
        listed(bomb)
    many = made(tmp_path / "b.pdf", *(to_the_whole(f"{number}.pdf", b"%d" % number) for number in range(4)))
    with pytest.raises(TooExpandedError):
        listed(many, Limits(max_parts=3))


def test_files_in_files_end_somewhere_and_a_document_without_any_may_lie_deep(tmp_path: Path) -> None:
    with pytest.raises(TooDeepError):
        listed(made(tmp_path / "a.pdf", to_the_whole("b.pdf", LETTER)), depth=6)
    assert listed(made(tmp_path / "b.pdf", packed=True), depth=6) == {}


def test_one_that_wants_a_password_is_opened_with_those_of_the_list(tmp_path: Path) -> None:
    path = made(tmp_path / "a.pdf", to_the_whole("b.pdf", LETTER), password="segreta")
    with pytest.raises(EncryptedFileError):
        listed(path)
    assert listed(path, Limits(pdf_passwords=("sbagliata", "segreta"))) == {"b.pdf": LETTER}


def test_damage_is_told_where_something_is_attached(tmp_path: Path) -> None:
    whole = io.BytesIO(made(tmp_path / "a.pdf", to_the_whole("b.pdf", bytes(range(256)) * 64)).read_bytes()).getvalue()
    with pikepdf.open(io.BytesIO(whole)) as document:
        packed = bytes(next(iter(document.attachments.values())).obj.EF.F.read_raw_bytes())
    damaged = tmp_path / "damaged.pdf"
    damaged.write_bytes(whole.replace(packed, packed[:20] + bytes(len(packed) - 20)))
    with pytest.raises(UnreadableFileError):
        listed(damaged)
