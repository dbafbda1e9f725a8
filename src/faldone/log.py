"""The log: one handler, two forms. It holds ids, counts and durations; never names, text or paths with names."""

from __future__ import annotations

import json
import logging
import sys


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            # The type alone: the text of a foreign exception may quote a page or a path.
            line["exception"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False)


def configure(level: str, form: str) -> None:
    """Sends the log to stderr; called once, by an entry point."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("dramatiq.broker").setLevel(logging.ERROR)  # warns of a second Worker, which is meant
    logging.getLogger("watchdog").setLevel(logging.CRITICAL)  # complains at every stop
    for chatty in ("alembic", "dramatiq", "elastic_transport", "pdfminer", "PIL"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
