"""The web app as the commands start it, and the first door where nobody has an account yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from faldone.cli.console import err, say
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.projection import comune_key
from faldone.settings import Settings
from faldone.web.app import create_app
from faldone.web.serve import serving
from faldone.web.site import Provider, Site, SiteOptions


def site_of(settings: Settings, ports: Ports) -> Site:
    """The site of an archive, by its settings."""
    oidc, district = settings.oidc, settings.district
    provider = None
    if oidc.issuer is not None:
        provider = Provider(
            oidc.issuer, oidc.client_id, oidc.client_secret.get_secret_value() if oidc.client_secret else "", oidc.label
        )
    return Site.of(
        ports,
        SiteOptions(
            url=settings.url,
            office=district.name,
            views=settings.home / "views",
            home=settings.home,
            views_bytes=settings.web.views_mb * 1_000_000,
            threads=settings.web.threads,
            inboxes=settings.inboxes,
            ignore=settings.intake.ignore,
            sub_ambiti={
                name: frozenset(comune_key(comune) for comune in comuni) for name, comuni in district.sub_ambiti.items()
            },
            provider=provider,
        ),
    )


@contextmanager
def web(settings: Settings, ports: Ports) -> Iterator[None]:
    """The web app, for as long as the block lasts.

    Raises:
        ConfigError: its port is not to be had.
    """
    site = site_of(settings, ports)
    with serving(create_app(site), settings.web.host, settings.web.port):
        say(f"L'archivio è su [bold]{settings.url}[/bold]", "the archive is there")
        if not ports.catalog.accounts():
            from faldone.pipeline.accounts.accounts import invite_first_administrator

            link = f"{settings.url}/invito/{invite_first_administrator(ports)}"
            say("Nessuno ha ancora un accesso. Questo collegamento vale una volta, per 24 ore", "nobody can enter yet")
            err.print(f"  [bold]{link}[/bold]", soft_wrap=True)
        yield
