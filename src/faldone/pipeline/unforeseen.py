"""What becomes of work on which something goes wrong that nobody foresaw: a few tries more, then it is put aside.

Without this its claim would have to run out before each try, and a batch would stand still for an hour over one page.
"""

from __future__ import annotations

import datetime as dt
import logging

from faldone.errors import FaldoneError
from faldone.pipeline.ports import Ports

log = logging.getLogger(__name__)

_FIRST, _TRIES = dt.timedelta(seconds=5), 3
"""How long the first pause is, and how many tries there are at least: memory may be short for a moment."""


def next_try(error: Exception, attempts: int, ports: Ports) -> dt.datetime | None:
    """When work that ended with ``error``, having been begun so often, is begun again; None, never.

    Later each time, and no later than its claim would have run out. A disk or a server that is away for a while comes
    back: that is tried until the claims give up.
    """
    if attempts >= max(_TRIES, ports.options.attempts) and not isinstance(error, OSError | FaldoneError):
        return None
    return ports.clock() + min(_FIRST * int(2 ** (attempts - 1)), ports.options.claim())


def tell(step: str, error: Exception) -> None:
    """Puts in the log what happened and where: the type, and not the message, which may quote a page."""
    if isinstance(error, FaldoneError):
        log.warning("%s: %s", step, error.reference)
        return
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame is not None else "?"
    log.error("%s: %s at %s", step, type(error).__name__, place)
