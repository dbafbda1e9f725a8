"""``faldone run``: the whole archive in one process: watchers, workers and the web app."""

from __future__ import annotations

import argparse

from faldone.bootstrap import open_archive
from faldone.cli.console import add_home, say, settings_of
from faldone.cli.serving import web
from faldone.cli.working import announce, running, until_signal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)


def run(args: argparse.Namespace) -> int:
    """Watches and works until Ctrl-C; begun pages end before it does."""
    settings = settings_of(args)
    with open_archive(settings) as ports, running(settings, ports, watch=True), web(settings, ports):
        announce(settings)
        until_signal(ports)
        say("Si finiscono le pagine cominciate…", "finishing the pages that were begun…")
    return 0
