"""The one lock around pdfium, which is not thread-safe while our workers are threads.

Its own module, because opening a file (``ingest``) and reading a page (``ocr``) may not know each other and must share
it. Hold it for every call, and for no decoding of our own.
"""

from __future__ import annotations

import threading

LOCK = threading.RLock()
"""Re-entrant, because closing a document closes its pages."""
