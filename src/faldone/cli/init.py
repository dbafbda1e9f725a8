"""``faldone init``: a new archive."""

from __future__ import annotations

import argparse

from faldone.bootstrap import init_home
from faldone.cli.console import add_home, say, settings_of
from faldone.settings import FILE_NAME


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)


def run(args: argparse.Namespace) -> int:
    """Makes the home; done twice it changes nothing."""
    settings = settings_of(args)
    if init_home(settings):
        say(f"Archivio pronto in {settings.home}", f"archive ready in {settings.home}")
    else:
        say(f"In {settings.home} l'archivio c'era già", "the archive was there already")
    for inbox in (inbox.path for inbox in settings.inboxes):
        say(f"Cartella di arrivo: {inbox}", "inbox")
    say(f"Impostazioni: {settings.home / FILE_NAME}", "settings")
    return 0
