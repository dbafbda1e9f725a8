"""``faldone web``: the web app alone, where watchers and workers run elsewhere."""

from __future__ import annotations

import argparse

from faldone.bootstrap import open_archive
from faldone.cli.console import add_home, say, settings_of
from faldone.cli.serving import web
from faldone.cli.working import until_signal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)


def run(args: argparse.Namespace) -> int:
    """Serves until Ctrl-C."""
    settings = settings_of(args)
    with open_archive(settings) as ports, web(settings, ports):
        until_signal()
        say("Si chiude…", "closing…")
    return 0
