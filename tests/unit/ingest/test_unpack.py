"""Archives: what comes out, under which names, and every bomb that is defused."""

import io
import random
import struct
import zipfile
from pathlib import Path

import pytest

from faldone.domain.reasons import Reason
from faldone.errors import (
    EmptyContainerError,
    EncryptedFileError,
    ImageTooLargeError,
    InputError,
    OpenTimeoutError,
    TooDeepError,
    TooExpandedError,
    UnreadableFileError,
    UnsupportedFormatError,
)
from faldone.ingest.inspect import Limits, inspect
from faldone.ingest.media import DOCX, EML, P7M, ZIP
from faldone.ingest.parts import safe_name
from faldone.ingest.unpack import unpack

SCAN = b"%PDF-1.4 una scansione"


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in members:
            archive.writestr(name, data, compression)
    return out.getvalue()


def listed(path: Path, limits: Limits | None = None) -> tuple[dict[str, bytes], dict[str, Reason]]:
    with unpack(path, ZIP, limits or Limits(), path.parent / "work") as unpacked:
        assert all(part.size == part.path.stat().st_size for part in unpacked.parts)
        return (
            {part.name: part.path.read_bytes() for part in unpacked.parts},
            {ignored.name: ignored.reason for ignored in unpacked.ignored},
        )


@pytest.fixture
def write(tmp_path: Path):
    def _write(data: bytes) -> Path:
        path = tmp_path / "lotto.bin"
        path.write_bytes(data)
        return path

    return _write


def refused(path: Path, error: type[InputError], limits: Limits | None = None) -> InputError:
    with pytest.raises(error) as caught, unpack(path, ZIP, limits or Limits(), path.parent / "work"):
        pass
    assert Reason(caught.value.reason).italian
    assert " / " in caught.value.message, "Italian and English"
    assert not list((path.parent / "work").iterdir()), "nothing is left behind"
    return caught.value


def test_the_scans_of_an_archive_come_out_under_their_names(write):
    path = write(
        zipped(("lotto 1/", b""), ("lotto 1/relazione.pdf", SCAN), ("città.pdf", b"altro"), ("vuoto.pdf", b""))
    )
    found = inspect(path)
    assert (found.media_type, found.pages, found.is_container) == (ZIP, 0, True)
    parts, ignored = listed(path)
    assert parts == {"lotto 1/relazione.pdf": SCAN, "città.pdf": b"altro", "vuoto.pdf": b""}
    assert ignored == {}
    assert not list((path.parent / "work").iterdir())


def test_housekeeping_files_and_links_are_left_aside_and_told(write):
    link = zipfile.ZipInfo("collegamento.pdf")
    link.external_attr = 0o120777 << 16
    members = [
        ("a.pdf", SCAN),
        ("__MACOSX/._a.pdf", b"x"),
        (".DS_Store", b"x"),
        ("sotto/Thumbs.db", b"x"),
        (link, b"/etc/passwd"),
    ]
    parts, ignored = listed(write(zipped(*members)))
    assert list(parts) == ["a.pdf"]
    assert ignored == dict.fromkeys(
        ["__MACOSX/._a.pdf", ".DS_Store", "sotto/Thumbs.db", "collegamento.pdf"], Reason.SYSTEM_FILE
    )


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("relazione sociale (1).pdf", "relazione sociale (1).pdf"),
        ("/etc/passwd", "etc/passwd"),
        ("../../../home/a.pdf", "home/a.pdf"),
        ("a/../b.pdf", "a/b.pdf"),
        ("..\\..\\windows\\a.pdf", "windows/a.pdf"),
        ("C:\\Users\\maria\\a.pdf", "Users/maria/a.pdf"),
        ("c:a.pdf", "a.pdf"),
        ("a.pdf:flusso", "a.pdf_flusso"),
        ("a\0.pdf", "a_.pdf"),
        ("riga\nnuova\x1b[31m.pdf", "riga_nuova_[31m.pdf"),
        ("atto\u202efdp.exe", "atto_fdp.exe"),
        ("byte\udce8.pdf", "byte_.pdf"),
        ("perché 📎.pdf", "perché 📎.pdf"),
        ("", "senza-nome"),
        ("../..", "senza-nome"),
        ("a" * 300 + ".pdf", "a" * 195 + "….pdf"),
    ],
)
def test_a_name_leads_nowhere_and_stays_close_to_what_it_was(raw, safe):
    assert safe_name(raw) == safe
    assert safe_name(safe) == safe


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_parts_of_the_same_name_stay_apart(write):
    parts, _ = listed(write(zipped(("a.pdf", b"1"), ("a.pdf", b"2"), ("A.PDF", b"3"), ("../a.pdf", b"4"))))
    assert parts == {"a.pdf": b"1", "a (2).pdf": b"2", "A (3).PDF": b"3", "a (4).pdf": b"4"}


def test_a_name_in_utf8_that_does_not_say_so_is_read_as_one(write):
    data = zipped(("citta__.pdf", SCAN)).replace(b"citta__.pdf", "città_.pdf".encode())
    assert list(listed(write(data))[0]) == ["città_.pdf"]


def test_an_empty_archive_holds_nothing(write):
    path = write(zipped())
    assert inspect(path).media_type == ZIP
    refused(path, EmptyContainerError)


def test_an_archive_of_housekeeping_files_holds_nothing(write):
    refused(write(zipped((".DS_Store", b"x"), ("cartella/", b""))), EmptyContainerError)


def test_more_parts_than_allowed_are_refused(write):
    path = write(zipped(*((f"{number}.pdf", SCAN) for number in range(5))))
    assert len(listed(path, Limits(max_parts=5))[0]) == 5
    refused(path, TooExpandedError, Limits(max_parts=4))


def test_more_bytes_than_allowed_are_refused(write):
    path = write(zipped(("a.tif", bytes(60_000)), ("b.tif", bytes(60_000))))
    refused(path, TooExpandedError, Limits(max_unpacked_bytes=100_000))


def test_a_bomb_is_refused_while_it_is_read(write):
    path = write(zipped(("bomba.tif", bytes(30_000_000))))
    assert path.stat().st_size < 60_000
    refused(path, TooExpandedError)


def test_blank_pages_that_compress_well_are_no_bomb(write):
    assert len(listed(write(zipped(("bianca.tif", bytes(9_000_000)))))[0]) == 1


def test_sizes_that_lie_are_found_out(write):
    data = bytearray(zipped(("bomba.tif", bytes(3_000_000))))
    directory = data.rindex(b"PK\x01\x02")
    for at in (22, directory + 24):
        struct.pack_into("<I", data, at, 100)
    refused(write(bytes(data)), UnreadableFileError)


def test_members_that_share_their_data_are_refused(write):
    """The bomb of overlapping entries: one stretch of data, many names."""
    data = zipped(("a.pdf", SCAN), ("b.pdf", SCAN))
    first, second = (data.index(b"PK\x01\x02"), data.rindex(b"PK\x01\x02"))
    wrong = bytearray(data)
    wrong[second + 42 : second + 46] = wrong[first + 42 : first + 46]
    refused(write(bytes(wrong)), UnreadableFileError)


def test_a_member_before_the_beginning_is_refused(write):
    data = bytearray(zipped(("a.pdf", SCAN)))
    struct.pack_into("<I", data, data.rindex(b"PK\x05\x06") + 16, 0x7FFFFFFF)
    with pytest.raises(UnreadableFileError):
        inspect(write(bytes(data)))


def test_a_directory_that_has_lost_members_is_refused(write):
    data = bytearray(zipped(("a.pdf", SCAN), ("b.pdf", SCAN)))
    end, last = data.rindex(b"PK\x05\x06"), data.rindex(b"PK\x01\x02")
    first = data.index(b"PK\x01\x02")
    struct.pack_into("<II", data, end + 12, last - first, first)
    del data[last:end]
    with pytest.raises(UnreadableFileError):
        inspect(write(bytes(data)))


def test_an_archive_with_a_wide_directory_opens(write, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    data = zipped(("a.pdf", SCAN), ("b.pdf", SCAN))
    assert b"PK\x06\x06" in data, "ZIP64"
    assert list(listed(write(data))[0]) == ["a.pdf", "b.pdf"]


def test_a_directory_of_millions_is_refused_before_it_is_read(write):
    data = bytearray(zipped(("a.pdf", SCAN)))
    struct.pack_into("<I", data, data.rindex(b"PK\x05\x06") + 12, 17 * 1024**2)
    with pytest.raises(TooExpandedError):
        inspect(write(bytes(data)))


def test_a_damaged_member_refuses_the_whole_archive(write):
    noise = random.Random(4).randbytes(5000)
    data = bytearray(zipped(("a.pdf", SCAN), ("b.pdf", noise), compression=zipfile.ZIP_STORED))
    data[data.index(noise) + 2500] ^= 0xFF
    refused(write(bytes(data)), UnreadableFileError)


@pytest.mark.parametrize("share", [0.1, 0.6, 0.98])
def test_an_archive_cut_short_is_refused_at_a_look(write, share):
    data = zipped(*((f"{number}.pdf", random.Random(number).randbytes(2000)) for number in range(5)))
    with pytest.raises(UnreadableFileError):
        inspect(write(data[: int(len(data) * share)]))


def test_an_archive_with_a_password_is_refused_as_one(write):
    data = bytearray(zipped(("a.pdf", SCAN)))
    for at in (6, data.index(b"PK\x01\x02") + 8):
        data[at] |= 1
    with pytest.raises(EncryptedFileError):
        inspect(write(bytes(data)))


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressions_that_unpack_in_one_piece_are_refused(write, compression):
    with pytest.raises(UnsupportedFormatError):
        inspect(write(zipped(("a.pdf", SCAN), compression=compression)))


def test_opening_ends_at_the_deadline(write):
    path = write(zipped(("a.pdf", SCAN)))
    refused(path, OpenTimeoutError, Limits(open_timeout_s=0))


def test_a_container_too_deep_in_others_is_refused_and_a_document_is_not(write, monkeypatch):
    path = write(zipped(("a.pdf", SCAN)))
    for media_type in (ZIP, P7M, EML):
        with pytest.raises(TooDeepError), unpack(path, media_type, Limits(max_depth=2), path.parent / "w", depth=3):
            pass
    with unpack(path, ZIP, Limits(max_depth=2), path.parent / "w", depth=2) as unpacked:
        assert len(unpacked.parts) == 1
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError) as caught, unpack(path, DOCX, Limits(max_depth=2), path.parent / "w", depth=3):
        pass
    assert caught.value.reason == Reason.CONVERTER_MISSING


def test_a_failure_of_whoever_takes_the_parts_is_not_blamed_on_the_archive(write):
    path = write(zipped(("a.pdf", SCAN)))
    with pytest.raises(ValueError, match="altrove"), unpack(path, ZIP, Limits(), path.parent / "work"):
        raise ValueError("altrove")
    assert not list((path.parent / "work").iterdir())


def test_a_file_larger_than_allowed_is_refused_whatever_it_is(write):
    with pytest.raises(ImageTooLargeError):
        inspect(write(zipped(("a.pdf", SCAN))), Limits(max_bytes=50))


def test_what_is_no_container_cannot_be_unpacked(write):
    path = write(b"x")
    with pytest.raises(ValueError, match="image/png"), unpack(path, "image/png", Limits(), path.parent / "w"):
        pass


def test_passwords_are_not_shown():
    assert "segreta" not in repr(Limits(pdf_passwords=("segreta",)))
