"""Signed envelopes made here: keys, certificates and CMS of nobody."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import NameOID

MARIA = "Maria Prova"
CF_MARIA = "PRVMRA80A41D142X"
SIGNED_AT = dt.datetime(2021, 3, 4, 10, 30, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Person:
    """A signer: a key and a certificate."""

    key: Any
    certificate: bytes


@functools.cache
def person(kind: str = "rsa", name: str = MARIA, serial: str = f"TINIT-{CF_MARIA}", number: int = 4711) -> Person:
    key: Any = {
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
        "ecdsa": lambda: ec.generate_private_key(ec.SECP256R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
    }[kind]()
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.SERIAL_NUMBER, serial)]
    )
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Autorità di Prova")])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2023, 1, 1, tzinfo=dt.UTC))
        .sign(key, None if kind == "ed25519" else hashes.SHA256())
    )
    return Person(key, made.public_bytes(serialization.Encoding.DER))


def signer_info(
    who: Person,
    content: bytes,
    *,
    digest: str = "sha256",
    attributes: bool = True,
    pss: bool = False,
    timestamp: bool = False,
    counter: Person | None = None,
) -> cms.SignerInfo:
    certificate = asn1_x509.Certificate.load(who.certificate)
    signed_attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["data"]},
            {"type": "message_digest", "values": [hashlib.new(digest, content).digest()]},
            {"type": "signing_time", "values": [cms.Time({"utc_time": core.UTCTime(SIGNED_AT)})]},
        ]
    )
    message = signed_attributes.dump() if attributes else content
    hashed = {"sha256": hashes.SHA256(), "sha1": hashes.SHA1(), "sha512": hashes.SHA512()}[digest]
    if isinstance(who.key, ed25519.Ed25519PrivateKey):
        signature, algorithm = who.key.sign(message), {"algorithm": "ed25519"}
    elif isinstance(who.key, rsa.RSAPrivateKey) and pss:
        signature = who.key.sign(message, padding.PSS(padding.MGF1(hashed), 32), hashed)
        parameters = algos.RSASSAPSSParams(
            {
                "hash_algorithm": {"algorithm": digest},
                "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": digest}},
                "salt_length": 32,
            }
        )
        algorithm = {"algorithm": "rsassa_pss", "parameters": parameters}
    elif isinstance(who.key, rsa.RSAPrivateKey):
        signature, algorithm = who.key.sign(message, padding.PKCS1v15(), hashed), {"algorithm": "rsassa_pkcs1v15"}
    else:
        signature, algorithm = who.key.sign(message, ec.ECDSA(hashed)), {"algorithm": f"{digest}_ecdsa"}
    unsigned = []
    if timestamp:
        token = cms.ContentInfo({"content_type": "data", "content": core.OctetString(b"una marca")})
        unsigned.append({"type": "signature_time_stamp_token", "values": [token]})
    if counter is not None:
        unsigned.append({"type": "counter_signature", "values": [signer_info(counter, signature)]})
    made = {
        "version": "v1",
        "sid": {
            "issuer_and_serial_number": {
                "issuer": certificate.issuer,
                "serial_number": certificate.serial_number,
            }
        },
        "digest_algorithm": {"algorithm": digest},
        "signature_algorithm": algorithm,
        "signature": signature,
    }
    if attributes:
        made["signed_attrs"] = signed_attributes
    if unsigned:
        made["unsigned_attrs"] = unsigned
    return cms.SignerInfo(made)


def envelope(
    content: bytes,
    people: Sequence[Person] = (),
    *,
    infos: Sequence[cms.SignerInfo] | None = None,
    detached: bool = False,
    certificates: bool = True,
    **options: Any,
) -> bytes:
    """A CAdES envelope, DER."""
    people = people or (person(),)
    infos = infos if infos is not None else [signer_info(who, content, **options) for who in people]
    held = [*people, *([options["counter"]] if options.get("counter") else [])]
    encapsulated: dict[str, Any] = {"content_type": "data"}
    if not detached:
        encapsulated["content"] = content
    signed = {
        "version": "v1",
        "digest_algorithms": [{"algorithm": "sha256"}],
        "encap_content_info": encapsulated,
        "signer_infos": list(infos),
    }
    if certificates:
        signed["certificates"] = [
            cms.CertificateChoices({"certificate": asn1_x509.Certificate.load(who.certificate)}) for who in held
        ]
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)}).dump()


def open_lengths(der: bytes, chunk: int = 1000) -> bytes:
    """The same envelope in BER as streaming software writes it: lengths left open, the content in chunks."""
    info = cms.ContentInfo.load(der)
    signed = info["content"]
    content = signed["encap_content_info"]["content"].native
    pieces = b"".join(core.OctetString(content[at : at + chunk]).dump() for at in range(0, len(content), chunk))
    end = b"\0\0"
    octets = b"\x24\x80" + pieces + end
    encapsulated = b"\x30\x80" + core.ObjectIdentifier("1.2.840.113549.1.7.1").dump() + b"\xa0\x80" + octets + end + end
    inner = b"\x30\x80" + signed["version"].dump() + signed["digest_algorithms"].dump() + encapsulated
    inner += signed["certificates"].dump() + signed["signer_infos"].dump() + end
    return b"\x30\x80" + core.ObjectIdentifier("1.2.840.113549.1.7.2").dump() + b"\xa0\x80" + inner + end + end
