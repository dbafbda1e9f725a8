"""TLS and credentials: a door in front of the node shows a certificate and reads the header, as a cluster does."""

from __future__ import annotations

import base64
import datetime as dt
import http.client
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from faldone.domain.access import EVERYTHING
from faldone.domain.ids import DocumentId
from faldone.errors import ConfigError, IndexUnavailableError
from faldone.search.document import SearchDocument
from faldone.search.elasticsearch import ElasticsearchIndex
from faldone.search.query import parse

pytestmark = pytest.mark.elasticsearch

KEY = base64.b64encode(b"id:secret").decode()
WRONG: tuple[dict[str, object], ...] = (
    {},
    {"api_key": base64.b64encode(b"id:other").decode()},
    {"basic_auth": ("faldone", "x")},
)
ALLOWED = {f"ApiKey {KEY}", "Basic " + base64.b64encode(b"faldone:parola").decode()}


class Authority:
    """A certificate authority of a test's own, and what it signs, as PEM files."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, folder.name)])
        self.file = folder / "ca.pem"
        made = self._builder(self._name, self._key).add_extension(x509.BasicConstraints(True, None), critical=True)
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
        made = made.add_extension(
            x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True
        )
        self.file.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(hours=1))
        )

    def signed(self, *names: x509.GeneralName) -> Path:
        """Certificate and key of a server of these names, in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "node")])
        made = self._builder(subject, key).add_extension(x509.SubjectAlternativeName(names), critical=False)
        made = made.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
        )
        pem = made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path = self._folder / "server.pem"
        path.write_bytes(pem + private)
        return path


class Door:
    """Passes what bears a known ``Authorization`` on to the node, and answers 401 to the rest."""

    def __init__(self, node: str, certificate: Path) -> None:
        target = urlsplit(node)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Authorization") not in ALLOWED:
                    self.reply(401, "application/json", b'{"error": {"type": "security_exception"}, "status": 401}')
                    return
                assert target.hostname is not None
                way = http.client.HTTPConnection(target.hostname, target.port, timeout=30)
                kept = {name: value for name in ("Content-Type", "Accept") if (value := self.headers.get(name))}
                way.request(self.command, self.path, body, kept)
                got = way.getresponse()
                raw = got.read()
                way.close()
                self.reply(got.status, got.getheader("Content-Type") or "application/json", raw)

            def reply(self, status: int, kind: str, raw: bytes) -> None:
                self.send_response(status)
                self.send_header("X-Elastic-Product", "Elasticsearch")
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(raw)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # The handshake is the handler's business: a client that breaks it off must not stop the others.
        self.http.socket = context.wrap_socket(self.http.socket, server_side=True, do_handshake_on_connect=False)
        self.http.handle_error = lambda request, client_address: None  # type: ignore[method-assign]
        self.url = f"https://127.0.0.1:{self.http.server_port}"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def door(elasticsearch_url: str, authority: Authority) -> Iterator[str]:
    yield from opened(elasticsearch_url, authority.signed(x509.IPAddress(ipaddress.ip_address("127.0.0.1"))))


def opened(node: str, certificate: Path) -> Iterator[str]:
    made = Door(node, certificate)
    thread = threading.Thread(target=made.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made.url
    made.http.shutdown()
    made.http.server_close()
    thread.join()


@pytest.mark.parametrize("how", [{"api_key": KEY}, {"basic_auth": ("faldone", "parola")}])
def test_with_certificate_and_credentials_all_is_as_without(
    door: str, authority: Authority, how: dict[str, object]
) -> None:
    index = ElasticsearchIndex(door, alias="guarded", ca_file=authority.file, **how)  # type: ignore[arg-type]
    index.reset()
    document = SearchDocument(
        id=DocumentId("d"), version=1, file="f", first_page=0, last_page=0, pages=("relazione sociale",)
    )
    index.upsert([document])
    with index.rebuilding() as fresh:
        fresh.upsert([document])
    assert [hit.id for hit in index.search(parse("relazione"), EVERYTHING).hits] == ["d"]
    assert index.health().ready
    index.close()


@pytest.mark.parametrize("how", WRONG)
def test_without_the_right_credentials_the_settings_are_to_blame(
    door: str, authority: Authority, how: dict[str, object]
) -> None:
    index = ElasticsearchIndex(door, alias="guarded", ca_file=authority.file, **how)  # type: ignore[arg-type]
    with pytest.raises(ConfigError):
        index.search(parse("relazione"), EVERYTHING)
    assert not index.health().ready
    index.close()


def test_a_server_that_another_authority_signed_is_not_spoken_to(door: str, tmp_path: Path) -> None:
    for ca_file in (None, Authority(tmp_path / "other").file):
        index = ElasticsearchIndex(door, alias="guarded", ca_file=ca_file, api_key=KEY)
        with pytest.raises(IndexUnavailableError, match="TLS"):
            index.search(parse("relazione"), EVERYTHING)
        index.close()


def test_a_certificate_of_another_name_is_not_believed(elasticsearch_url: str, authority: Authority) -> None:
    for url in opened(elasticsearch_url, authority.signed(x509.DNSName("elsewhere.example"))):
        index = ElasticsearchIndex(url, alias="guarded", ca_file=authority.file, api_key=KEY)
        with pytest.raises(IndexUnavailableError, match="TLS"):
            index.search(parse("relazione"), EVERYTHING)
        index.close()


def test_a_certificate_that_is_not_there_is_a_matter_of_settings(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        ElasticsearchIndex("https://127.0.0.1:9", ca_file=tmp_path / "missing.pem")
