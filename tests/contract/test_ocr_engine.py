"""What every engine does, the fake and tesseract alike; and how tesseract behaves when it misbehaves."""

import os
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from faldone.domain.digest import Digest
from faldone.errors import DependencyError, OcrCrashedError, OcrOutputError, OcrTimeoutError
from faldone.ocr.fake import FakeEngine
from faldone.ocr.image import PageImage, PreparedPage
from faldone.ocr.options import OcrOptions
from faldone.ocr.tesseract import TesseractEngine
from tests.conftest import demand

TEXT = "relazione sociale\nsulla famiglia"


def drawn(text: str = TEXT) -> PageImage:
    pixels = np.full((700, 1400), 250, np.uint8)
    for number, line in enumerate(text.splitlines()):
        cv2.putText(pixels, line, (80, 200 + 150 * number), cv2.FONT_HERSHEY_DUPLEX, 2.4, 20, 4, cv2.LINE_AA)
    return PageImage.of(pixels, 300)


def prepared(image: PageImage) -> PreparedPage:
    return PreparedPage(image.pixels, image.dpi, image.digest)


PAGE, EMPTY = drawn(), drawn("")


@pytest.fixture(params=["fake", "tesseract"])
def engine(request, tmp_path):
    if request.param == "fake":
        return FakeEngine(texts={PAGE.digest: TEXT})
    demand("tesseract", "tesseract")
    return TesseractEngine(work_folder=tmp_path / "work")


class TestEveryEngine:
    def test_reads_words_in_lines_with_boxes_and_confidence(self, engine):
        (words,) = engine.read([prepared(PAGE)], OcrOptions())
        assert [word.text.lower() for word in words] == TEXT.split()
        assert [word.line for word in words] == [0, 0, 1, 1]
        assert all(0.5 < word.confidence <= 1 for word in words)
        assert all(0 <= word.box.x < word.box.right <= 1400 and word.box.bottom <= 700 for word in words)
        assert words[0].box.right <= words[1].box.x
        assert words[1].box.y < words[2].box.y

    def test_reads_several_pages_each_as_it_does_alone(self, engine):
        pages = [prepared(PAGE), prepared(EMPTY), prepared(PAGE)]
        assert engine.read(pages, OcrOptions()) == tuple(engine.read([page], OcrOptions())[0] for page in pages)

    def test_sees_no_word_on_an_empty_page(self, engine):
        assert engine.read([prepared(EMPTY)], OcrOptions()) == ((),)

    def test_cannot_tell_which_way_up_an_empty_page_lies(self, engine):
        assert engine.orientation(prepared(EMPTY), OcrOptions()) is None

    def test_stamps_what_steered_it(self, engine):
        stamp = engine.stamp(OcrOptions())
        assert stamp == engine.stamp(OcrOptions())
        assert stamp.name
        assert stamp.version
        assert str(Digest.parse(stamp.settings)) == stamp.settings
        assert engine.stamp(OcrOptions(psm=6)) != stamp

    def test_reads_several_pages_at_once_from_threads(self, engine):
        found = {}
        threads = [
            threading.Thread(target=lambda n=n: found.update({n: engine.read([prepared(PAGE)], OcrOptions())}))
            for n in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 3
        assert found[0] == found[1] == found[2]

    def test_leaves_the_page_as_it_was(self, engine):
        before = PAGE.pixels.copy()
        engine.read([prepared(PAGE)], OcrOptions())
        assert (PAGE.pixels == before).all()


@pytest.mark.parametrize("kind", [OcrCrashedError, OcrTimeoutError, OcrOutputError])
def test_the_fake_fails_when_told_and_then_goes_on(kind):
    engine = FakeEngine(texts={PAGE.digest: TEXT})
    engine.fail_next(kind, times=2)
    for _ in range(2):
        with pytest.raises(kind):
            engine.read([prepared(PAGE)], OcrOptions())
    assert engine.read([prepared(PAGE)], OcrOptions())
    assert engine.reads[PAGE.digest] == 3


# --- tesseract, misbehaving: a program of the same name that fails in one way

LANGUAGES = 'List of available languages in "{folder}" (2):\nita\nosd\n'


@pytest.fixture
def impostor(tmp_path):
    """An engine on a shell script that answers the probes and then does ``body`` with the page."""

    def _impostor(body: str, languages: str = LANGUAGES) -> TesseractEngine:
        for name in ("ita", "osd"):
            (tmp_path / f"{name}.traineddata").write_bytes(name.encode())
        script = tmp_path / "tesseract"
        script.write_text(
            "#!/bin/sh\n"
            'case "$1" in\n'
            "--version) echo 'tesseract 5.3.0'; exit 0;;\n"
            f"--list-langs) cat <<'END'\n{languages.format(folder=tmp_path)}END\nexit 0;;\n"
            f"esac\n{body}\n"
        )
        script.chmod(0o755)
        return TesseractEngine(str(script), tmp_path / "work")

    return _impostor


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split())


@pytest.mark.parametrize("signal", ["KILL", "SEGV", "ABRT"])
def test_a_tesseract_that_dies_on_a_signal_is_a_crash(impostor, signal):
    with pytest.raises(OcrCrashedError, match=f"SIG{signal}"):
        impostor(f"kill -{signal} $$").read([prepared(PAGE)], OcrOptions())


def test_a_tesseract_that_ends_with_an_error_is_a_crash(impostor):
    with pytest.raises(OcrCrashedError, match="codice 3"):
        impostor("echo 'Error in pixRead' >&2; exit 3").read([prepared(PAGE)], OcrOptions())


def test_an_error_message_that_is_not_text_is_still_a_crash(impostor):
    with pytest.raises(OcrCrashedError):
        impostor(r"printf '\377\376' >&2; exit 1").read([prepared(PAGE)], OcrOptions())


def test_a_tesseract_that_writes_nothing_is_no_empty_page(impostor):
    with pytest.raises(OcrOutputError):
        impostor("exit 0").read([prepared(PAGE)], OcrOptions())


def test_a_tesseract_that_writes_half_a_file_is_no_empty_page(impostor):
    with pytest.raises(OcrOutputError):
        impostor('printf "level\\tpage_num" > "$2.tsv"').read([prepared(PAGE)], OcrOptions())


def test_output_that_is_not_utf8_is_named(impostor):
    with pytest.raises(OcrOutputError):
        impostor(r'printf "\377\376" > "$2.tsv"').read([prepared(PAGE)], OcrOptions())


STUBBORN = {
    "slow": "exec sleep 60",
    "ignores SIGTERM": "trap '' TERM; while :; do sleep 0.05; done",
    "stopped": "kill -STOP $$",
    "a wrapper's child": "sh -c 'while :; do sleep 0.05; done' $1 & wait",
}


@pytest.mark.parametrize("body", STUBBORN.values(), ids=STUBBORN.keys())
def test_a_time_out_kills_reaps_and_leaves_nothing(impostor, tmp_path, body):
    before, start = children(), time.monotonic()
    with pytest.raises(OcrTimeoutError, match=r"0\.2"):
        impostor(body).read([prepared(PAGE)], OcrOptions(timeout_s=0.2))
    assert time.monotonic() - start < 5
    assert children() <= before, "no zombie"
    assert list((tmp_path / "work").iterdir()) == []
    mark = str(tmp_path / "work").encode()
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert mark not in process.read_bytes(), "nothing works on the page any more"
        except OSError:
            continue


def test_the_page_lies_in_a_private_folder_without_loss_and_one_thread_is_used(impostor, tmp_path):
    body = (
        f'stat -c %a "$(dirname "$1")" > {tmp_path}/mode; cp "$1" {tmp_path}/seen.tif; '
        f"echo $OMP_THREAD_LIMIT > {tmp_path}/threads; exit 1"
    )
    with pytest.raises(OcrCrashedError):
        impostor(body).read([prepared(PAGE)], OcrOptions())
    assert (tmp_path / "mode").read_text().strip() == "700"
    assert (tmp_path / "threads").read_text().strip() == "1"
    assert (cv2.imread(str(tmp_path / "seen.tif"), cv2.IMREAD_GRAYSCALE) == PAGE.pixels).all()
    assert list((tmp_path / "work").iterdir()) == []


def test_a_missing_program_is_a_missing_dependency(tmp_path):
    with pytest.raises(DependencyError) as caught:
        TesseractEngine("tesseract-che-non-esiste", tmp_path).read([prepared(PAGE)], OcrOptions())
    assert "apt install" in caught.value.hint


@pytest.mark.parametrize("languages", ['List of available languages in "{folder}" (1):\nosd\n', "boh\n"])
def test_a_missing_language_is_a_missing_dependency(impostor, languages):
    with pytest.raises(DependencyError):
        impostor("exit 0", languages).stamp(OcrOptions())


def test_other_trained_data_give_another_stamp(impostor, tmp_path):
    one = impostor("exit 0").stamp(OcrOptions())
    engine = impostor("exit 0")
    (tmp_path / "ita.traineddata").write_bytes(b"un altro modello")
    assert engine.stamp(OcrOptions()).version != one.version


def test_the_orientation_of_a_page_is_read(impostor):
    body = 'printf "Page number: 0\\nRotate: 270\\nOrientation confidence: {}\\n" > "$2.osd"'
    assert impostor(body.format("7.5")).orientation(prepared(PAGE), OcrOptions()) == 270
    assert impostor(body.format("0.3")).orientation(prepared(PAGE), OcrOptions()) is None
    with pytest.raises(OcrOutputError):
        impostor('echo boh > "$2.osd"').orientation(prepared(PAGE), OcrOptions())
    with pytest.raises(OcrCrashedError):
        impostor("kill -KILL $$").orientation(prepared(PAGE), OcrOptions())


def test_the_environment_is_the_programs_own(monkeypatch):
    monkeypatch.setenv("OMP_THREAD_LIMIT", "8")
    demand("tesseract", "tesseract")
    TesseractEngine().read([prepared(PAGE)], OcrOptions())
    assert os.environ["OMP_THREAD_LIMIT"] == "1"
