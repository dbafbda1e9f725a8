"""The broker that messages travel on: within the process, or Redis. The catalog, not the queue, knows what is due."""

from __future__ import annotations

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker

from faldone.errors import ConfigError


def make_broker(url: str | None) -> dramatiq.Broker:
    """A broker without dramatiq's own retries and time limits: both are the pipeline's (docs/adr/0002).

    Args:
        url: ``redis://…`` for workers in other processes; None keeps messages in this one.

    Raises:
        ConfigError: no broker speaks this address.
    """
    if url is None:
        return StubBroker(middleware=[])
    if url.startswith(("redis://", "rediss://", "unix://")):
        return RedisBroker(url=url, middleware=[], namespace="faldone")
    raise ConfigError(
        "L'indirizzo della coda non è redis://… / The address of the broker is not redis://…",
        hint="FALDONE_BROKER__URL=redis://127.0.0.1:6379/0",
    )
