"""Serves the web app: in a thread beside the workers, or alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from faldone.errors import ConfigError
from faldone.web.stopping import stopping

_START_S = 20.0
_STOP_S = 3


@contextmanager
def serving(app: FastAPI, host: str, port: int) -> Iterator[int]:
    """The app, answering on a port for as long as the block lasts; gives the port (0 asks for any that is free).

    Raises:
        ConfigError: the port is taken, or not to be had.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        log_level="warning",
        access_log=False,  # addresses hold ids of persons
        server_header=False,
        timeout_graceful_shutdown=_STOP_S,
        proxy_headers=True,  # a proxy on this machine, and nobody else, says whose request it passes on
        forwarded_allow_ips="127.0.0.1",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=_run, args=(server,), name="web", daemon=True)
    thread.start()
    deadline = time.monotonic() + _START_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise ConfigError(
                f"La porta {port} su {host} non si apre: è già in uso? / Port {port} on {host} cannot be opened.",
                hint="web.port",
            )
        time.sleep(0.02)
    try:
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        stopping(app.state.site).set()  # live pages end by themselves
        server.should_exit = True
        thread.join(timeout=_STOP_S + 5)


def _run(server: uvicorn.Server) -> None:
    try:
        server.run()
    except SystemExit:  # uvicorn's way of saying that the port is taken
        return
