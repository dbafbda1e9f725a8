"""``faldone worker``: reads and files what the dispatcher sends over a shared broker."""

from __future__ import annotations

import argparse

from faldone.bootstrap import open_archive
from faldone.cli.console import add_home, say, settings_of
from faldone.cli.watch import demand_broker
from faldone.cli.working import make_service, until_signal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)


def run(args: argparse.Namespace) -> int:
    """Works until Ctrl-C; begun pages end before it does."""
    settings = settings_of(args)
    demand_broker(settings)
    with open_archive(settings) as ports:
        service = make_service(settings, ports, watch=False, work=True, dispatch=False)
        service.start()
        say("Al lavoro (Ctrl-C per finire)", "at work (Ctrl-C ends)")
        until_signal()
        service.stop()
    return 0
