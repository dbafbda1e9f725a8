"""The way to a cluster: its hosts, the certificate, the key; what is asked again; foreign errors made ours."""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from elasticsearch import ApiError, AuthenticationException, AuthorizationException, Elasticsearch, TransportError

from faldone.errors import ConfigError, IndexUnavailableError, SearchError

Json = dict[str, Any]
T = TypeVar("T")

BUSY: Final = frozenset({408, 429, 502, 503, 504})
"""What a server says that is busy, that lost a node or that elects a master: it is worth asking again."""

MOVED: Final = BUSY | {404, 500}
"""What a search can also meet while a node dies under it or a rebuilt index takes the place of the one it reads."""

_CONNECTIONS: Final = 64
"""To each node: as many as ``web.threads`` may be. A request beyond them would wait until another is answered."""

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long to wait between tries: twice as long each time, and each time by chance between half and whole.

    Many clients that were refused at once would else come back at once.
    """

    until: float

    @classmethod
    def lasting(cls, seconds: float) -> Pauses:
        """Pauses that end so many seconds from now."""
        return cls(time.monotonic() + seconds)

    def after(self, attempt: int) -> bool:
        """Waits after the try of this number, counted from 0; ``False``, at once, when the time is over."""
        longest = min(_FIRST_PAUSE_S * 2**attempt, _LONGEST_PAUSE_S)
        pause = random.uniform(longest / 2, longest)
        if time.monotonic() + pause > self.until:
            return False
        time.sleep(pause)
        return True


class Cluster:
    """Elasticsearch as the index uses it. Nothing is asked of it before the first call.

    A request that meets a dead node goes to the next at once; one that meets a busy cluster waits and is made again.

    Args:
        hosts: addresses of nodes, http(s).
        api_key: in the encoded form that Kibana shows.
        basic_auth: user and password.
        ca_file: the certificate authority that signed the servers' certificates, PEM.
        timeout_s: for one request, in seconds.
        patience_s: how long a busy cluster is asked again, in seconds.

    Raises:
        ConfigError: the addresses or the certificate make no sense.
    """

    def __init__(
        self,
        hosts: Sequence[str],
        *,
        api_key: str | None,
        basic_auth: tuple[str, str] | None,
        ca_file: Path | None,
        timeout_s: float,
        patience_s: float,
    ) -> None:
        options: dict[str, Any] = {}
        try:
            if ca_file is not None:
                ssl.create_default_context(cafile=str(ca_file))  # the client itself looks at it with the first request
                options["ca_certs"] = str(ca_file)
            self.client = Elasticsearch(
                list(hosts),
                api_key=api_key,
                basic_auth=basic_auth,
                request_timeout=timeout_s,
                max_retries=max(3, len(hosts)),
                retry_on_timeout=True,
                retry_on_status=(),  # they need a pause, which the client does not make
                max_dead_node_backoff=5,
                connections_per_node=_CONNECTIONS,
                **options,
            )
        except (ValueError, OSError) as error:
            raise ConfigError(
                f"Indirizzo o certificato di Elasticsearch non validi: {error} / Elasticsearch settings: {error}",
                hint="faldone config check",
            ) from error
        self.patience_s = patience_s

    def ask(
        self, request: Callable[[Elasticsearch], T], *, again: frozenset[int] = BUSY, unreachable: bool = False
    ) -> T:
        """Asks, and asks again while the answer is one of ``again``; ``unreachable``: also while nobody answers."""
        pauses = Pauses.lasting(self.patience_s)
        attempt = 0
        while True:
            try:
                return request(self.client)
            except ApiError as error:
                if error.status_code not in again or not pauses.after(attempt):
                    raise
            except TransportError:
                if not unreachable or not pauses.after(attempt):
                    raise
            attempt += 1

    def close(self) -> None:
        """Lets go of the connections."""
        self.client.close()


@contextmanager
def translated() -> Iterator[None]:
    """Foreign errors become ours: away, forbidden, or refused."""
    try:
        yield
    except (AuthenticationException, AuthorizationException) as error:
        raise ConfigError(
            f"Elasticsearch nega l'accesso: {error} / Elasticsearch denies access: {error}",
            hint="faldone config show",
        ) from error
    except TransportError as error:
        raise away(str(error)) from error
    except ApiError as error:
        if error.status_code in MOVED or error.status_code == 409:
            raise away(str(error)) from error
        raise SearchError(f"Elasticsearch rifiuta la richiesta: {error} / refused: {error}") from error


def away(detail: str) -> IndexUnavailableError:
    """The error for a cluster that cannot be used now."""
    return IndexUnavailableError(
        f"Elasticsearch non risponde ({detail}). / Elasticsearch does not answer ({detail}).",
        hint="faldone doctor",
    )
