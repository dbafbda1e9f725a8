"""Serves the web app: in a thread beside the workers, or alone."""

from __future__ import annotations

import socket
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
_WAITING = 2048


@contextmanager
def serving(app: FastAPI, host: str, port: int) -> Iterator[int]:
    """The app, answering on a port for as long as the block lasts; gives the port (0 asks for any that is free).

    Raises:
        ConfigError: the port is taken, or not to be had, or the app does not start.
    """
    with _listening(host, port) as door:
        yield from _answering(app, door)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket on which nobody else listens. Whoever asked is told in their words, not in those of a server's log."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        door = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _no_port(host, port) from error
    with door:
        try:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(address)
            door.listen(_WAITING)
        except OSError as error:
            raise _no_port(host, port) from error
        yield door


def _no_port(host: str, port: int) -> ConfigError:
    return ConfigError(
        f"La porta {port} su {host} non si apre: è già in uso? / Port {port} on {host} cannot be opened: is it taken?",
        hint="web.port",
    )


def _answering(app: FastAPI, door: socket.socket) -> Iterator[int]:
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,  # addresses hold ids of persons
        server_header=False,
        timeout_graceful_shutdown=_STOP_S,
        proxy_headers=True,  # a proxy on this machine, and nobody else, says whose request it passes on
        forwarded_allow_ips="127.0.0.1",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=_run, args=(server, door), name="web", daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + _START_S
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise ConfigError(
                    "La parte web non si avvia: il registro del programma dice perché. / "
                    "The web app does not start: the program's log says why."
                )
            time.sleep(0.02)
        yield int(door.getsockname()[1])
    finally:
        stopping(app.state.site).set()  # live pages end by themselves
        server.should_exit = True
        thread.join(timeout=_STOP_S + 5)


def _run(server: uvicorn.Server, door: socket.socket) -> None:
    try:
        server.run(sockets=[door])
    except SystemExit:  # uvicorn's way of saying that it did not start
        return
