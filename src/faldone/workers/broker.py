"""The broker that messages travel on: within the process, or Redis. The catalog, not the queue, knows what is due."""

from __future__ import annotations

import dramatiq
from dramatiq.brokers.stub import StubBroker

from faldone.errors import ConfigError, DependencyError


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
        # Its client is imported where it is used: without it a command starts a tenth of a second sooner.
        from dramatiq.brokers.redis import RedisBroker

        broker: dramatiq.Broker = RedisBroker(url=url, middleware=[], namespace="faldone")  # type: ignore[no-untyped-call]
        return broker
    raise ConfigError(
        "L'indirizzo della coda non è redis://… / The address of the broker is not redis://…",
        hint="FALDONE_BROKER__URL=redis://127.0.0.1:6379/0",
    )


def demand_answer(url: str | None) -> None:
    """Asks the broker for a sign of life.

    Raises:
        DependencyError: it gives none.
    """
    if url is None:
        return
    import redis
    from dramatiq.brokers.redis import RedisBroker

    broker = make_broker(url)
    try:
        if isinstance(broker, RedisBroker):
            broker.client.ping()
    except redis.RedisError as error:
        raise DependencyError(
            "La coda non risponde. / The broker does not answer.", hint="systemctl status redis-server"
        ) from error
    finally:
        broker.close()
