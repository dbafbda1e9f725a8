"""The one lock around pdfium, which is not thread-safe while our workers are threads; and how a document is closed.

Its own module, because opening a file (``ingest``) and reading a page (``ocr``) may not know each other and must share
it. Hold it for every call, and for no decoding of our own.
"""

from __future__ import annotations

import ctypes
import threading
from typing import Any

LOCK = threading.RLock()
"""Re-entrant, because closing a document closes its pages."""

_LONG = 500
"""A document of so many pages or more is long: the dictionaries of its pages take 1 MiB."""

_malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
"""glibc's; other libraries of C have none, and need none."""


def close(document: Any) -> None:
    """Closes the document; what a long one took goes back to the system.

    To come to page n pdfium reads the dictionaries of all pages before it, 2 KiB each. Freed, they leave a heap full
    of holes that glibc keeps, and a file of ten thousand pages is opened thousands of times. Giving the holes back
    takes 2.5 ms, opening such a file at its end thirty times as long.
    """
    with LOCK:
        pages = len(document)
        document.close()
    if pages >= _LONG and _malloc_trim is not None:
        _malloc_trim(0)
