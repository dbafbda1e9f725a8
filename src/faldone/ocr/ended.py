"""How an engine's process ended on a page, as the error that it is. Pure."""

from __future__ import annotations

import signal

from faldone.errors import OcrCrashedError, OcrTimeoutError


def crashed(status: int) -> OcrCrashedError:
    """The error of an engine that ended by itself: ``status`` as in ``Popen.returncode``, below 0 for a signal."""
    if status < 0:
        name = signal.Signals(-status).name if -status in signal.valid_signals() else str(-status)
        how = f"segnale {name} / it was killed by {name}"
    else:
        how = f"codice {status} / it ended with code {status}"
    return OcrCrashedError(f"Tesseract si è interrotto sulla pagina: {how}")


def timed_out(timeout_s: float) -> OcrTimeoutError:
    """The error of an engine that was killed because a page took longer than ``timeout_s`` seconds."""
    return OcrTimeoutError(
        f"La lettura della pagina ha superato {timeout_s:g} secondi ed è stata fermata / "
        f"Reading the page took more than {timeout_s:g} seconds and was stopped"
    )
