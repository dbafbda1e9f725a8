"""The one door to tesseract: one process for one or a few pages, started through pytesseract on a file of our own.

What pytesseract's conveniences would do to a page, and why they are not used: an image handed over in memory is
saved again in its own format (a page opened from JPEG is compressed a second time), and its output lies in the
system's temporary folder, readable by everybody for as long as tesseract runs. A path is used as it is, and
:func:`pytesseract.pytesseract.run_tesseract` takes the place of the output; both lie in a folder of mode 700.

On a time-out pytesseract sends SIGTERM, waits a second, and sends SIGKILL without waiting any more: a tesseract that
did not end on SIGTERM (stopped, waiting for a network disk) stays a zombie for as long as this process lives, and
what a wrapper script started goes on running. Both are seen to here.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import pytesseract.pytesseract as pytesseract

from faldone.domain.page import EngineStamp
from faldone.errors import DependencyError, OcrCrashedError, OcrError, OcrOutputError
from faldone.ocr import tsv
from faldone.ocr.ended import crashed, timed_out
from faldone.ocr.engine import ReadWord
from faldone.ocr.image import PreparedPage
from faldone.ocr.installation import MIN_ORIENTATION_CONFIDENCE, NICENESS, OSD, Installation, not_installed
from faldone.ocr.options import OcrOptions

_REAP_S = 5.0
_TIFF_NO_COMPRESSION, _TIFF_INCHES = 1, 2  # of TIFF 6.0

_VARIABLES = "-c tessedit_create_tsv=1 -c tessedit_do_invert=0"
"""Inverted text is not looked for: it costs a second recognition of each poor line, and papers have none."""


class TesseractEngine:
    """Tesseract as an :class:`~faldone.ocr.engine.OcrEngine`.

    Args:
        command: the program, by name or path.
        work_folder: where page images live while they are read; the system's temporary folder by default. Each page
            has a private folder in it that is gone when the page is done.
    """

    pages_a_start = 4
    """Starting the program and loading its models costs 0.15 s: four pages share that without waiting long."""

    def __init__(self, command: str = "tesseract", work_folder: Path | None = None) -> None:
        self._command = command
        self._work_folder = work_folder
        self._installation = Installation(command)

    def stamp(self, options: OcrOptions) -> EngineStamp:
        """See the port. The version names the digests of the trained data, because they do not follow tesseract's."""
        version, trained = self._installation.version(), self._installation.trained(options.language)
        return EngineStamp("tesseract", f"{version} {trained}", str(options.digest()))

    def read(self, pages: Sequence[PreparedPage], options: OcrOptions) -> tuple[tuple[ReadWord, ...], ...]:
        """See the port."""
        self.stamp(options)
        output = self._run(pages, options, options.language, f"--psm {options.psm} {_VARIABLES}", "tsv")
        return tsv.parse(output, len(pages))

    def orientation(self, page: PreparedPage, options: OcrOptions) -> int | None:
        """See the port."""
        self.stamp(options)
        try:
            output = self._run([page], options, OSD, "--psm 0", "osd")
        except OcrCrashedError as error:
            if error.__cause__ is not None and _ended_by_itself(error.__cause__):
                return None  # «Too few characters. Skipping this page» is an exit with an error
            raise
        return _parse_osd(output)

    def start(self, pages_at_a_time: int, options: OcrOptions) -> None:
        """See the port: nothing, for a program is started for its pages."""

    def close(self) -> None:
        """See the port; nothing lives on between two runs."""

    def _run(
        self, pages: Sequence[PreparedPage], options: OcrOptions, language: str, config: str, extension: str
    ) -> bytes:
        """Runs tesseract once on the pages and returns what it wrote. Each image says its own resolution."""
        os.environ["OMP_THREAD_LIMIT"] = "1"  # pytesseract hands on the environment; parallelism is the caller's
        pytesseract.tesseract_cmd = self._command
        if self._work_folder is not None:
            self._work_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="faldone-ocr-", dir=self._work_folder) as folder:
            images, output = [Path(folder, f"{number}.tif") for number in range(len(pages))], Path(folder, "page")
            for page, image in zip(pages, images, strict=True):
                _write(page, image)
            given = images[0]
            if len(images) > 1:
                given = Path(folder, "pages.txt")
                given.write_bytes(b"".join(os.fsencode(image) + b"\n" for image in images))
            others = _children()
            try:
                pytesseract.run_tesseract(
                    str(given), str(output), extension, language, config, NICENESS, options.timeout_s * len(pages)
                )
            except Exception as error:
                raise self._translated(error, folder, others, options) from error
            try:
                return output.with_suffix(f".{extension}").read_bytes()
            except FileNotFoundError as error:
                raise OcrOutputError(
                    "Tesseract è terminato senza scrivere nulla / Tesseract ended without writing anything"
                ) from error

    def _translated(
        self, error: Exception, folder: str, others: frozenset[int], options: OcrOptions
    ) -> OcrError | DependencyError | OSError:
        if isinstance(error, pytesseract.TesseractNotFoundError):
            return not_installed(self._command)
        if isinstance(error, pytesseract.TesseractError):
            return crashed(int(error.status))
        if isinstance(error, UnicodeDecodeError):  # its complaint was not even text
            return OcrCrashedError(
                "Tesseract si è interrotto sulla pagina senza un messaggio leggibile / "
                "Tesseract died on the page without a readable message"
            )
        if isinstance(error, OSError):
            return error
        # the bare RuntimeError is pytesseract's time-out
        _bury(folder, others)
        return timed_out(options.timeout_s)


def _write(page: PreparedPage, image: Path) -> None:
    """Uncompressed TIFF: nothing to pack or unpack. Not PGM: leptonica reads that a byte a call, 0.1 s a page."""
    options = (
        *(cv2.IMWRITE_TIFF_COMPRESSION, _TIFF_NO_COMPRESSION),
        *(cv2.IMWRITE_TIFF_RESUNIT, _TIFF_INCHES),
        *(cv2.IMWRITE_TIFF_XDPI, page.dpi),
        *(cv2.IMWRITE_TIFF_YDPI, page.dpi),
    )
    if not cv2.imwrite(str(image), page.pixels, options):
        raise OSError(errno.ENOSPC, "Non si può scrivere la pagina / The page cannot be written")


def _ended_by_itself(error: BaseException) -> bool:
    return isinstance(error, pytesseract.TesseractError) and int(error.status) > 0


def _parse_osd(output: bytes) -> int | None:
    fields = dict(line.split(": ", 1) for line in output.decode("utf-8", "replace").splitlines() if ": " in line)
    try:
        turn, confidence = int(fields["Rotate"]), float(fields["Orientation confidence"])
    except (KeyError, ValueError) as error:
        raise OcrOutputError(
            "L'uscita di tesseract sull'orientamento non si legge / Tesseract's orientation output cannot be read"
        ) from error
    return turn % 360 if confidence >= MIN_ORIENTATION_CONFIDENCE else None


def _children() -> frozenset[int]:
    """This thread's living and dead children (Linux; elsewhere nothing is known)."""
    try:
        listed = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text()
    except OSError:
        return frozenset()
    return frozenset(map(int, listed.split()))


def _bury(folder: str, others: frozenset[int]) -> None:
    """Kills what still works on ``folder`` and reaps the children that this thread started since ``others``.

    Only this thread's own are looked at: a page that another thread is reading is never touched.
    """
    mark = os.fsencode(folder)
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (process / "cmdline").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)
    deadline = time.monotonic() + _REAP_S
    while (ours := _children() - others) and time.monotonic() < deadline:
        for pid in ours:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.01)
