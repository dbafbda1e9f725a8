"""What every engine does, the fake and both tesseracts alike; and what is done when one of them misbehaves."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from faldone.domain.digest import Digest
from faldone.errors import DependencyError, OcrCrashedError, OcrOutputError, OcrTimeoutError
from faldone.ocr.fake import FakeEngine
from faldone.ocr.image import PageImage, PreparedPage
from faldone.ocr.installation import NICENESS, Installation
from faldone.ocr.options import OcrOptions
from faldone.ocr.tesseract import TesseractEngine
from faldone.ocr.tesserocr_engine import TesserocrEngine
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


@pytest.fixture(params=["fake", "tesseract", "tesserocr"])
def engine(request, tmp_path):
    if request.param == "fake":
        yield FakeEngine(texts={PAGE.digest: TEXT})
        return
    demand("tesseract", "tesseract")
    if request.param == "tesseract":
        yield TesseractEngine(work_folder=tmp_path / "work")
        return
    with TesserocrEngine() as engine:
        yield engine


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
        f"echo $OMP_THREAD_LIMIT > {tmp_path}/threads; nice > {tmp_path}/nice; exit 1"
    )
    with pytest.raises(OcrCrashedError):
        impostor(body).read([prepared(PAGE)], OcrOptions())
    assert (tmp_path / "mode").read_text().strip() == "700"
    assert (tmp_path / "threads").read_text().strip() == "1"
    assert int((tmp_path / "nice").read_text()) == min(19, os.nice(0) + NICENESS)
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


# --- tesserocr, misbehaving: the real worker, which does something else with one page

SPOILT = PageImage.of(np.vstack([np.full((1, 1400), 13, np.uint8), PAGE.pixels]), 300)

ODD_WORKER = """
import json, os, resource, signal, subprocess, sys, time
from faldone.ocr import tesserocr_worker as worker


class Odd(worker.Reader):
    def answer(self, request, pixels):
        if pixels[0] == 13:
            {body}
        return super().answer(request, pixels)


def say(data, length=None):
    os.write(0, worker.LENGTH.pack(len(data) if length is None else length) + data)


worker.serve(Odd())
"""


@pytest.fixture
def odd(tmp_path):
    """Engines whose workers run ``body`` on the page SPOILT and read all others."""
    demand("tesseract", "tesseract")
    made = []

    def _odd(body: str) -> TesserocrEngine:
        script = tmp_path / "odd_worker.py"
        script.write_text(ODD_WORKER.format(body=body))
        made.append(TesserocrEngine(worker=(sys.executable, str(script))))
        return made[-1]

    yield _odd
    for engine in made:
        engine.close()
    assert processes(tmp_path) == set(), "nothing is left"


def processes(mark: Path) -> set[int]:
    """The processes whose command names ``mark``, zombies left out: they have no command."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(mark) in (process / "cmdline").read_bytes() and int(process.name) != os.getpid():
                found.add(int(process.name))
        except OSError:
            continue
    return found


def until(true: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


def goes_on(engine: TesserocrEngine) -> bool:
    (words,) = engine.read([prepared(PAGE)], OcrOptions())
    return [word.text.lower() for word in words] == TEXT.split()


@pytest.mark.parametrize("name", ["KILL", "SEGV", "ABRT"])
def test_a_worker_that_dies_on_a_signal_is_a_crash_and_another_takes_its_place(odd, name):
    engine = odd(f"os.kill(os.getpid(), signal.SIG{name})")
    with pytest.raises(OcrCrashedError, match=f"SIG{name}"):
        engine.read([prepared(SPOILT)], OcrOptions())
    assert goes_on(engine)


@pytest.mark.parametrize("body", ["os._exit(3)", "say(b'{', 9); os._exit(3)"], ids=["silent", "in mid-sentence"])
def test_a_worker_that_ends_with_an_error_is_a_crash(odd, body):
    engine = odd(body)
    with pytest.raises(OcrCrashedError, match="codice 3"):
        engine.read([prepared(SPOILT)], OcrOptions())
    assert goes_on(engine)


def test_a_page_that_the_library_refuses_is_a_crash(odd):
    engine = odd("raise RuntimeError('Recognize')")
    with pytest.raises(OcrCrashedError, match="codice 1"):
        engine.read([prepared(SPOILT)], OcrOptions())
    assert goes_on(engine)


NONSENSE = {
    "not JSON": "say(b'boh')",
    "not UTF-8": r"say(b'\xff\xfe')",
    "a list": "say(b'[]')",
    "no words": "say(b'{}')",
    "no page": """say(b'{"tsv": ""}')""",
    "half a row": """say(b'{"tsv": "1\\\\t1"}')""",
    "half a letter": r"""say(b'{"tsv": "\\ud800\\n"}')""",
    "too long": "say(b'', 1 << 40)",
}


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE.keys())
def test_a_worker_that_talks_nonsense_is_not_believed_again(odd, body):
    engine = odd(body + "; time.sleep(60)")
    with pytest.raises(OcrOutputError):
        engine.read([prepared(SPOILT)], OcrOptions())
    assert goes_on(engine)


@pytest.mark.parametrize("answer", [b"{}", b'{"turn": "boh", "confidence": 9}', b'{"turn": 90, "confidence": "boh"}'])
def test_an_orientation_that_is_nonsense_is_not_believed(odd, answer):
    engine = odd(f"say({answer!r}); time.sleep(60)")
    with pytest.raises(OcrOutputError):
        engine.orientation(prepared(SPOILT), OcrOptions())
    assert goes_on(engine)


FOR_EVER = "['sh', '-c', 'while :; do sleep 0.05; done', sys.argv[0]]"

HANGING = {
    "slow": "time.sleep(60)",
    "stopped": "os.kill(os.getpid(), signal.SIGSTOP)",
    "with a child": f"subprocess.run({FOR_EVER})",
    "a word at a time": "[(os.write(0, bytes(1)), time.sleep(0.1)) for _ in range(99)]",
}


@pytest.mark.parametrize("body", HANGING.values(), ids=HANGING.keys())
def test_a_time_out_kills_the_worker_and_what_it_started(odd, tmp_path, body):
    engine = odd(body)
    assert goes_on(engine)
    start = time.monotonic()
    with pytest.raises(OcrTimeoutError, match=r"0\.3"):
        engine.read([prepared(SPOILT)], OcrOptions(timeout_s=0.3))
    assert time.monotonic() - start < 5
    assert until(lambda: processes(tmp_path) == set())
    assert goes_on(engine)


def test_what_a_worker_started_ends_with_it_when_it_dies_by_itself(odd, tmp_path):
    engine = odd(f"subprocess.Popen({FOR_EVER}, stdin=subprocess.DEVNULL); os._exit(3)")
    assert goes_on(engine)
    with pytest.raises(OcrCrashedError):
        engine.read([prepared(SPOILT)], OcrOptions(timeout_s=10))
    assert until(lambda: processes(tmp_path) == set())


def test_a_worker_that_takes_no_page_in_is_timed_out_too(odd):
    engine = odd("pass")
    assert goes_on(engine)
    (worker,) = processes(Path("odd_worker.py"))
    os.kill(worker, signal.SIGSTOP)
    with pytest.raises(OcrTimeoutError):
        engine.read([prepared(PAGE)], OcrOptions(timeout_s=0.3))
    assert goes_on(engine)


def test_a_page_that_hangs_costs_the_pages_beside_it_nothing(odd):
    engine = odd("time.sleep(60)")
    with ThreadPoolExecutor(2) as pool:
        hanging = pool.submit(engine.read, [prepared(SPOILT)], OcrOptions(timeout_s=3))
        while not hanging.done():
            assert goes_on(engine)
    with pytest.raises(OcrTimeoutError):
        hanging.result()


def test_a_worker_that_was_killed_while_idle_costs_no_page(odd, tmp_path):
    engine = odd("pass")
    assert goes_on(engine)
    (worker,) = processes(tmp_path)
    os.kill(worker, signal.SIGKILL)
    assert until(lambda: processes(tmp_path) == set())
    assert goes_on(engine)


def test_a_worker_that_dies_before_it_has_the_page_costs_no_page(odd, tmp_path):
    engine = odd("pass")
    assert goes_on(engine)
    (worker,) = processes(tmp_path)
    os.kill(worker, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(goes_on, engine)
        assert until(lambda: read.running())
        os.kill(worker, signal.SIGKILL)
        assert read.result()


def test_one_worker_serves_one_caller_for_as_long_as_it_behaves(odd, tmp_path):
    engine = odd("pass")
    workers = set()
    for _ in range(3):
        assert goes_on(engine)
        engine.orientation(prepared(EMPTY), OcrOptions())
        workers |= processes(tmp_path)
    assert len(workers) == 1


def test_workers_are_started_before_the_first_page_and_read_it(odd, tmp_path):
    engine = odd("pass")
    engine.start(2, OcrOptions())
    assert until(lambda: len(processes(tmp_path)) == 2)
    started = processes(tmp_path)
    assert goes_on(engine)
    assert processes(tmp_path) == started


def test_a_worker_that_dies_before_its_first_page_costs_no_page(odd, tmp_path):
    engine = odd("pass")
    engine.start(1, OcrOptions())
    assert until(lambda: len(processes(tmp_path)) == 1)
    (worker,) = processes(tmp_path)
    os.kill(worker, signal.SIGKILL)
    assert goes_on(engine)


def test_a_worker_loads_the_language_that_it_is_started_for(tmp_path):
    demand("tesseract", "tesseract")
    script, loaded = tmp_path / "telling_worker.py", tmp_path / "loaded"
    script.write_text(
        f"""
from pathlib import Path
from faldone.ocr import tesserocr_worker as worker


class Telling(worker.Reader):
    def load(self, folder, language):
        Path({str(loaded)!r}).write_text(language)


worker.serve(Telling())
"""
    )
    with TesserocrEngine(worker=(sys.executable, str(script))) as engine:
        engine.start(1, OcrOptions())
        assert until(lambda: loaded.exists() and loaded.read_text() == "ita")


def test_what_stands_against_a_start_is_told_by_the_first_page():
    demand("tesseract", "tesseract")
    engine = TesserocrEngine(worker=(sys.executable, "-c", "raise ImportError"))
    engine.start(1, OcrOptions())
    with pytest.raises(DependencyError):
        engine.stamp(OcrOptions())


def test_a_page_in_hand_is_read_to_its_end_when_the_engine_is_closed(odd, tmp_path):
    reading, released = tmp_path / "reading", tmp_path / "released"
    engine = odd(f"open({str(reading)!r}, 'w').close()\n            while not os.path.exists({str(released)!r}): pass")
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(engine.read, [prepared(SPOILT)], OcrOptions())
        assert until(reading.exists)
        engine.close()
        released.touch()
        assert read.result()[0]
    assert processes(tmp_path) == set()


def test_a_page_in_hand_survives_the_signal_that_ends_the_service(odd):
    engine = odd("os.kill(os.getpid(), signal.SIGTERM)")
    (words,) = engine.read([prepared(SPOILT)], OcrOptions())
    assert words


def test_a_worker_gives_way_uses_one_thread_and_leaves_no_core_dump(odd, tmp_path):
    told = "os.nice(0), os.environ['OMP_THREAD_LIMIT'], resource.getrlimit(resource.RLIMIT_CORE)"
    engine = odd(f"json.dump([{told}, os.getpgrp(), os.getsid(0)], open({str(tmp_path / 'told')!r}, 'w'))")
    engine.read([prepared(SPOILT)], OcrOptions())
    nice, threads, core, group, session = json.loads((tmp_path / "told").read_text())
    assert nice == min(19, os.nice(0) + NICENESS)
    assert (threads, core) == ("1", [0, 0])
    assert group != os.getpgrp()
    assert session == os.getsid(0), "niceness counts within a session"


def test_a_worker_does_not_ask_the_system_for_the_same_memory_at_every_page(odd, tmp_path):
    faults = "resource.getrusage(resource.RUSAGE_SELF).ru_minflt"
    engine = odd(f"print({faults}, file=open({str(tmp_path / 'faults')!r}, 'a'))")
    sheet = PageImage.of(np.vstack([SPOILT.pixels, np.full((1200, SPOILT.pixels.shape[1]), 255, np.uint8)]), 300)
    for _ in range(4):
        engine.read([prepared(sheet)], OcrOptions())
    *_, before, after = map(int, (tmp_path / "faults").read_text().split())
    assert after - before < 50, (before, after)


ARCHIVE = """
import sys, numpy as np
from faldone.domain.digest import Digest
from faldone.ocr.image import PreparedPage
from faldone.ocr.options import OcrOptions
from faldone.ocr.tesserocr_engine import TesserocrEngine
noise = np.random.default_rng(1).integers(0, 256, (3508, 2480), dtype=np.uint8)
engine = TesserocrEngine(worker=(sys.executable, sys.argv[1]))
engine.stamp(OcrOptions())
print("reading", flush=True)
engine.read([PreparedPage(noise, 300, Digest.of(b""))], OcrOptions())
"""


@pytest.mark.slow
@pytest.mark.parametrize("wait_s", [0.0, 1.0], ids=["sending", "reading"])
def test_a_worker_ends_in_mid_page_with_the_archive_that_was_killed(odd, tmp_path, wait_s):
    odd("pass")
    archive = subprocess.Popen(
        [sys.executable, "-c", ARCHIVE, str(tmp_path / "odd_worker.py")], stdout=subprocess.PIPE, text=True
    )
    with archive:
        assert archive.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            archive.wait(wait_s)
        archive.kill()
    assert until(lambda: processes(tmp_path) == set(), 2)


def test_a_worker_that_does_not_start_is_a_missing_dependency():
    demand("tesseract", "tesseract")
    engine = TesserocrEngine(worker=(sys.executable, "-c", "raise ImportError"))
    with pytest.raises(DependencyError) as caught:
        engine.stamp(OcrOptions())
    assert "tesserocr" in caught.value.hint


def test_a_worker_that_is_killed_at_its_start_is_a_crash():
    demand("tesseract", "tesseract")
    engine = TesserocrEngine(worker=("sh", "-c", "kill -KILL $$"))
    with pytest.raises(OcrCrashedError, match="SIGKILL"):
        engine.stamp(OcrOptions())


def test_both_engines_miss_the_same_language():
    demand("tesseract", "tesseract")
    missing = OcrOptions(language="xyz")
    for engine in (TesseractEngine(), TesserocrEngine()):
        with pytest.raises(DependencyError, match="xyz"):
            engine.read([prepared(PAGE)], missing)
    with pytest.raises(DependencyError):
        TesserocrEngine(Installation("tesseract-che-non-esiste")).stamp(OcrOptions())


@pytest.mark.parametrize("turned", [0, 1, 2, 3])
def test_both_engines_tell_the_same_way_up(turned):
    demand("tesseract", "tesseract")
    lines = "\n".join(["la famiglia vive in affitto", "servizio sociale di zona"] * 4)
    upright = np.vstack([drawn(lines).pixels[:700]] * 2)
    page = prepared(PageImage.of(np.rot90(upright, turned), 300))
    with TesserocrEngine() as engine:
        told = engine.orientation(page, OcrOptions())
    assert told == TesseractEngine().orientation(page, OcrOptions()) == 90 * turned
