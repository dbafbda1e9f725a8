"""``faldone run``: the whole archive in one process."""

from __future__ import annotations

import argparse

from faldone.bootstrap import demand_inboxes, open_archive
from faldone.cli.console import add_home, say, settings_of
from faldone.cli.working import running, until_signal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)


def run(args: argparse.Namespace) -> int:
    """Watches and works until Ctrl-C; begun pages end before it does."""
    settings = settings_of(args)
    with open_archive(settings) as ports:
        demand_inboxes(settings)
        with running(settings, ports, watch=True):
            for inbox in settings.inboxes:
                say(f"In attesa di scansioni in {inbox} (Ctrl-C per finire)", "waiting for scans (Ctrl-C ends)")
            until_signal(ports)
            say("Si finiscono le pagine cominciate…", "finishing the pages that were begun…")
    return 0
