"""The one lock around pdfium, which is not thread-safe while our workers are threads; and how a document is closed.

Its own module, because opening a file (``ingest``) and reading a page (``ocr``) may not know each other and must share
it. Hold it for every call, and for no decoding of our own.
"""

from __future__ import annotations

import ctypes
import threading
from typing import Any

import pypdfium2.raw as pdfium_c

LOCK = threading.RLock()
"""Re-entrant, because closing a document closes its pages."""


def forget_error() -> None:
    """Makes the next failure to open speak for itself. The caller holds the lock.

    pdfium keeps its last error, and says nothing new of a document without pages: after a protected one it would be
    taken for protected too. What is no document at all leaves an error that nobody takes for a password.
    """
    pdfium_c.FPDF_LoadMemDocument(b"", 0, None)


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
