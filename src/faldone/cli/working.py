"""Runs the service of an archive, shows how far it is, and waits for its end or for a signal."""

from __future__ import annotations

import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from faldone.bootstrap import sole_runner
from faldone.cli.console import err, plain, say
from faldone.ingest.watch import WatchOptions
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.index import needs_rebuild, rebuild
from faldone.settings import Settings
from faldone.workers.broker import make_broker
from faldone.workers.service import Service

_LOOK_S = 0.3
_STATUS_S = 1.0
_STANDSTILL_S = 5.0
"""Files that stay in an inbox so long with nothing else to do are those that cannot be taken."""


def make_service(settings: Settings, ports: Ports, *, watch: bool, work: bool, dispatch: bool = True) -> Service:
    """The parts that a command wants of the service."""
    intake = settings.intake
    return Service(
        make_broker(settings.broker.url),
        ports,
        threads=settings.worker.thread_count if work else 0,
        queue_length=settings.worker.queue_length,
        dispatch=dispatch,
        inboxes=settings.inboxes,
        watch=WatchOptions(intake.quiet_s, intake.sweep_s, intake.ignore, intake.share_quiet_s, intake.patience_s)
        if watch
        else None,
    )


@contextmanager
def running(settings: Settings, ports: Ports, *, watch: bool) -> Iterator[Service]:
    """The whole service in this process, the only one on this home, for as long as the block lasts.

    Raises:
        HomeBusyError: another process runs this home.
    """
    with sole_runner(settings):
        if settings.broker.url is None:
            # What a killed run left of pages that it was reading: it holds personal data, and nobody needs it.
            shutil.rmtree(settings.home / "work", ignore_errors=True)
            with ports.catalog.begin() as work:
                work.reset_claims()  # whoever held them is dead: this process alone works here
        if needs_rebuild(ports):
            say("L'indice manca o è di un'altra versione: si rifà dal catalogo", "the index is made anew")
            rebuild(ports)
        service = make_service(settings, ports, watch=watch, work=True)
        service.start()
        try:
            yield service
        finally:
            service.stop()


def announce(settings: Settings) -> None:
    """Says which folders are watched, and which of them are not there at the moment."""
    for inbox in settings.inboxes:
        if inbox.path.is_dir():
            say(
                f"In attesa di scansioni in {plain(str(inbox.path))} (Ctrl-C per finire)",
                "waiting for scans (Ctrl-C ends)",
            )
        else:
            say(
                f"[bold red]La cartella {plain(str(inbox.path))} non si raggiunge[/bold red]: si aspetta che torni",
                "the folder cannot be reached: it is waited for",
            )


def until_signal(ports: Ports | None = None) -> None:
    """Waits for Ctrl-C or SIGTERM; on a terminal a line says how far the archive is."""
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    if ports is None or not err.is_terminal:
        stop.wait()
        return
    with err.status("") as line:
        while not stop.wait(_STATUS_S):
            now = ports.catalog.progress()
            line.update(
                f"{now.files} file · {now.pages_done}/{now.pages} pagine lette · {now.documents} documenti "
                "[dim]· files, pages read, documents[/dim]"
            )


def until_at_rest(ports: Ports, service: Service | None) -> None:
    """Waits, with a progress bar, until everything that arrived is done but for what waits for a person."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=not err.is_terminal) as bar:
        pages = bar.add_task("Pagine lette · pages read", total=None)
        arriving, since = -1, time.monotonic()
        while True:
            now = ports.catalog.progress()
            bar.update(pages, total=now.pages or None, completed=now.pages_done)
            waiting = service.arriving if service is not None else 0
            if waiting != arriving or not now.at_rest:
                arriving, since = waiting, time.monotonic()
            looked = service is None or service.looked
            if looked and now.at_rest and (waiting == 0 or time.monotonic() - since > _STANDSTILL_S):
                break
            if service is not None:
                service.wait(_LOOK_S)
            else:
                time.sleep(_LOOK_S)
