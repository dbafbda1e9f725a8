"""Signing in at the office's OpenID provider: authorization code with PKCE, state and nonce."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from faldone.errors import FaldoneError
from faldone.web.site import Provider

_TIMEOUT_S = 10.0
_LEEWAY_S = 60
_KEPT_S = 300.0
_ALGORITHMS: Final = ["RS256", "PS256", "ES256", "Ed25519", "EdDSA"]
"""With the provider's own key; never «none», never with the secret that we share."""

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class ProviderError(FaldoneError):
    """The provider does not answer, or its answer is not to be trusted."""

    reference = "provider"

    def __init__(self) -> None:
        super().__init__(
            "L'accesso dell'ente non è riuscito. Riprova; se continua, entra con nome e password. / "
            "Signing in at the provider has failed. Try again; if it goes on, enter with name and password."
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What was sent along with somebody, and has to come back with them or serves to check what comes back.

    ``since`` is after when they have to have shown the provider who they are; None: when they did does not matter.
    """

    state: str
    nonce: str
    verifier: str
    since: dt.datetime | None = None


class Metadata:
    """What the provider says of itself, kept for some minutes: strangers at the door do not have it asked each time."""

    def __init__(self) -> None:
        self._kept: tuple[str, float, Mapping[str, Any]] | None = None

    def of(self, provider: Provider) -> Mapping[str, Any]:
        """Its addresses, and its name for itself."""
        kept = self._kept
        if kept is not None and kept[0] == provider.issuer and time.monotonic() - kept[1] < _KEPT_S:
            return kept[2]
        said = _metadata(provider)
        self._kept = provider.issuer, time.monotonic(), said
        return said


def ask(provider: Provider, metadata: Metadata, back: str, *, anew: dt.datetime | None = None) -> tuple[str, Asked]:
    """Where to send somebody, and what to keep in their browser meanwhile.

    ``anew`` is the present moment where somebody is to show who they are even though the provider knows them.

    Raises:
        ProviderError: it does not answer.
    """
    state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    asked = Asked(state, nonce, verifier, anew)
    more = {"prompt": "login", "max_age": "0"} if anew is not None else {}
    try:
        endpoint = _address(metadata.of(provider), "authorization_endpoint")
        with _client(provider, back) as client:
            url, _ = client.create_authorization_url(
                endpoint, state=asked.state, nonce=asked.nonce, code_verifier=asked.verifier, **more
            )
    except _FAILURES as error:
        raise ProviderError from error
    return str(url), asked


def answered(provider: Provider, metadata: Metadata, back: str, asked: Asked, query: str) -> str:
    """The provider's id of whoever has come back with this query.

    Raises:
        ProviderError: they are not who was sent, the provider refused them, or its word does not hold.
    """
    said = {name: values[0] for name, values in parse_qs(query).items() if len(values) == 1}
    try:
        if not hmac.compare_digest(said["state"].encode(), asked.state.encode()):
            raise ProviderError
        its = metadata.of(provider)
        if said.get("iss", its["issuer"]) != its["issuer"]:  # RFC 9207: another provider's code
            raise ProviderError
        with _client(provider, back) as client:
            given = client.fetch_token(
                _address(its, "token_endpoint"),
                grant_type="authorization_code",
                code=said["code"],
                code_verifier=asked.verifier,
            )
        return _subject(provider, its, asked.nonce, given["id_token"], asked.since)
    except _FAILURES as error:
        raise ProviderError from error


_FAILURES = (httpx2.HTTPError, AuthlibBaseError, JoseError, ValueError, LookupError, TypeError)


def _client(provider: Provider, back: str) -> Any:
    return OAuth2Client(
        provider.client_id,
        provider.client_secret or None,
        token_endpoint_auth_method="client_secret_basic" if provider.client_secret else "none",
        scope="openid",
        redirect_uri=back,
        code_challenge_method="S256",
        timeout=_TIMEOUT_S,
    )


def _metadata(provider: Provider) -> Mapping[str, Any]:
    said = _fetch(provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if str(said["issuer"]).rstrip("/") != provider.issuer.rstrip("/"):
        raise ProviderError
    return said


def _fetch(address: str) -> dict[str, Any]:
    answer = httpx2.get(_safe(address), timeout=_TIMEOUT_S)
    answer.raise_for_status()
    said = answer.json()
    if not isinstance(said, dict):
        raise ProviderError
    return said


def _address(metadata: Mapping[str, Any], name: str) -> str:
    return _safe(str(metadata[name]))


def _safe(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise ProviderError
    return address


def _subject(
    provider: Provider, metadata: Mapping[str, Any], nonce: str, id_token: str, since: dt.datetime | None = None
) -> str:
    keys = KeySet.import_key_set(_fetch(_address(metadata, "jwks_uri")))  # type: ignore[arg-type]  # what JSON gives
    claims = jwt.decode(id_token, keys, algorithms=_ALGORITHMS).claims
    rules = jwt.JWTClaimsRegistry(
        leeway=_LEEWAY_S,
        iss={"essential": True, "value": metadata["issuer"]},
        aud={"essential": True, "value": provider.client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    rules.validate(claims)
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise ProviderError
    # What was asked of the provider went through the browser: its word alone says that it was done.
    if since is not None and int(claims["auth_time"]) < since.timestamp() - _LEEWAY_S:
        raise ProviderError
    return str(claims["sub"])
