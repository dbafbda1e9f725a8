"""The process in which tesseract's library lives: pages in through a socket, words out. Started by `tesserocr_engine`.

Both sides speak in frames: eight bytes of length, little-endian, then so many bytes. The worker greets with one JSON
frame (its versions), and loads the language that will be asked for where its arguments name the folder of the trained
data and the language. A request is a JSON frame (:class:`Request`) and a frame of pixels, one byte each, row by row;
the answer is one JSON frame. Nothing else goes in or out: no file, no log, and what the library prints is thrown away
by whoever starts the process.

A crash of the library ends this process and no other. It ends as well when nobody holds the other end of its socket,
be it in the middle of a page: an archive that was killed leaves no engine behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import threading
from dataclasses import asdict, dataclass
from typing import Any

from faldone.ocr.installation import NICENESS

LENGTH = struct.Struct("<Q")
"""What stands in front of every frame."""

_DETECT = 0
"""Tesseract's page segmentation mode for «orientation only»."""

_VARIABLES = {"tessedit_do_invert": "0"}
"""As for the program: inverted text costs a second recognition of each poor line, and papers have none."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked about the page that follows.

    Attributes:
        folder: where the trained data lie.
        language: one of them, or several joined by ``+``.
        psm: tesseract's page segmentation mode; 0 asks for the orientation only.
        width: of the page, in pixels.
        height: of the page, in pixels.
        dpi: its resolution.
    """

    folder: str
    language: str
    psm: int
    width: int
    height: int
    dpi: int

    def encoded(self) -> bytes:
        """The request as it is sent."""
        return json.dumps(asdict(self)).encode()


class Reader:
    """Tesseract, its models loaded once."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def answer(self, request: Request, pixels: bytes) -> dict[str, Any]:
        """``{"tsv": …}``, or ``{"turn": …, "confidence": …}`` for an orientation, ``{"turn": None}`` without one."""
        tesseract = self.load(request.folder, request.language)
        tesseract.SetPageSegMode(request.psm)
        try:
            tesseract.SetImageBytes(pixels, request.width, request.height, 1, request.width)
            tesseract.SetSourceResolution(request.dpi)
            if request.psm == _DETECT:
                found = tesseract.DetectOrientationScript()
                if found is None:
                    return {"turn": None}
                return {"turn": -found["orient_deg"] % 360, "confidence": found["orient_conf"]}
            if not tesseract.Recognize():
                raise RuntimeError("Recognize")
            return {"tsv": tesseract.GetTSVText(0)}
        finally:
            tesseract.Clear()

    def load(self, folder: str, language: str) -> Any:
        """Tesseract with the models of a language, loaded if they are not yet."""
        import tesserocr

        if language not in self._loaded:
            self._loaded[language] = tesserocr.PyTessBaseAPI(path=f"{folder}/", lang=language, variables=_VARIABLES)
        return self._loaded[language]


def serve(reader: Reader) -> None:
    """Answers what comes on standard input, a socket, until its other end is closed."""
    import tesserocr

    os.nice(NICENESS)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # sent to all when the service stops: the page in hand is finished
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would be a copy of somebody's papers
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as channel, channel.makefile("rwb") as stream:
        threading.Thread(target=_end_with, args=(channel.fileno(),), daemon=True).start()
        tesseract = tesserocr.tesseract_version().split("\n", 1)[0].removeprefix("tesseract").strip()
        _send(stream, {"tesserocr": tesserocr.__version__, "tesseract": tesseract})
        if len(sys.argv) == 3:
            with contextlib.suppress(RuntimeError):  # who asks for a page in it is told
                reader.load(*sys.argv[1:])
        while asked := _frame(stream):
            request = Request(**json.loads(asked))
            _send(stream, reader.answer(request, _frame(stream)))


def _end_with(channel: int) -> None:
    """Ends this process when the other end of ``channel`` is closed, be it in the middle of a page.

    A thread can do that, because the library lets go of the interpreter while it reads.
    """
    hung_up = select.poll()
    hung_up.register(channel, select.POLLRDHUP)
    hung_up.poll()
    os._exit(0)


def _frame(stream: Any) -> bytes:
    """The next frame, or nothing at the end."""
    head = stream.read(LENGTH.size)
    return bytes(stream.read(LENGTH.unpack(head)[0])) if len(head) == LENGTH.size else b""


def _send(stream: Any, answer: dict[str, Any]) -> None:
    data = json.dumps(answer).encode()
    stream.write(LENGTH.pack(len(data)) + data)
    stream.flush()


if __name__ == "__main__":
    serve(Reader())
