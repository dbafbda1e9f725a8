"""``faldone watch``: watchers and dispatcher alone; the work is done by ``faldone worker`` elsewhere."""

from __future__ import annotations

import argparse

from faldone.bootstrap import open_archive, sole_runner
from faldone.cli.console import add_home, settings_of
from faldone.cli.working import announce, make_service, until_signal
from faldone.errors import ConfigError
from faldone.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)


def run(args: argparse.Namespace) -> int:
    """Watches and dispatches until Ctrl-C."""
    settings = settings_of(args)
    demand_broker(settings)
    with open_archive(settings) as ports, sole_runner(settings):
        service = make_service(settings, ports, watch=True, work=False)
        service.start()
        announce(settings)
        until_signal()
        service.stop()
    return 0


def demand_broker(settings: Settings) -> None:
    """Refuses to run half of the service where its other half could never hear of it.

    Raises:
        ConfigError: messages stay within the process.
    """
    if settings.broker.url is None:
        raise ConfigError(
            "Senza una coda condivisa le parti non si sentono. / "
            "Without a shared broker the parts do not hear each other.",
            hint="«faldone run», oppure / or FALDONE_BROKER__URL=redis://127.0.0.1:6379/0",
        )
