"""Signed envelopes (CAdES, the ``.p7m`` of Italian offices): the document inside, and facts about its signatures.

The envelope's own structure is walked here, byte by byte on a mapped file, because a document of a gigabyte may lie in
it and because much signing software writes BER (lengths left open, the content in chunks), which DER parsers refuse.
Only signatures and certificates, which are small, go to parsers. RFC 5652 (CMS), RFC 5126 (CAdES), X.690 (BER).

Nothing here is logged: signatures name persons.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import mmap
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from faldone.domain.signature import SignatureFacts, Signer
from faldone.errors import DetachedSignatureError, EncryptedFileError, UnreadableFileError
from faldone.ingest.limits import Budget

_OID_CMS = bytes.fromhex("06092a864886f70d0107")
"""1.2.840.113549.1.7: what follows says which kind of CMS message it is."""
_SIGNED, _ENVELOPED = 2, 3

_BLOCK = 1024**2
_MAX_SMALL_BYTES = 32 * 1024**2
"""Of certificates and signatures together, which are held in memory."""
_MAX_NESTED = 32
_MAX_SIGNERS = 100

_PEM_HEAD = re.compile(rb"\s*-----BEGIN (?:PKCS ?#?7(?: SIGNED DATA)?|CMS)-----\s*")
_BASE64_HEAD = re.compile(rb"\s*M[A-Za-z0-9+/\s]{60,}")
_TAX_CODE = re.compile(r"(?:TINIT-|IT:|\b)([A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z])\b")

_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}

_PARSER_ERRORS = (
    ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError, UnsupportedAlgorithm,
)  # fmt: skip
"""What asn1crypto and cryptography raise on structures that are not what they should be."""


def is_envelope(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is a signed or an encrypted CMS message, binary or base64."""
    return _content_type(head) is not None


def check(path: Path) -> None:
    """Looks whether the envelope at ``path`` is all there and has its document inside, at the price of a look.

    Raises:
        EncryptedFileError: it is encrypted for somebody.
        DetachedSignatureError: the document is not inside.
        UnreadableFileError: it is damaged or cut short.
    """
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        _refuse_encrypted(data[:1024])
        if data[:1] == b"\x30":
            _walk(data)
        elif not _armour_is_whole(data):
            raise _unreadable()


@dataclass(frozen=True, slots=True)
class Opened:
    """An open envelope: what was found out about its signatures, and the document in blocks."""

    facts: SignatureFacts
    _data: mmap.mmap
    _content: _Element

    def blocks(self) -> Iterator[bytes]:
        """The document inside."""
        return _blocks(self._data, self._content)


@contextmanager
def opened(path: Path, scratch: Path, budget: Budget) -> Iterator[Opened]:
    """Opens the envelope at ``path``; a base64 one is decoded into the file ``scratch`` first.

    An envelope whose signatures do not hold is open like any other: that is a fact about it.

    Raises:
        EncryptedFileError: it is encrypted for somebody.
        DetachedSignatureError: the document is not inside.
        UnreadableFileError: it is damaged or cut short.
        OpenTimeoutError: it takes too long.
    """
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        _refuse_encrypted(data[:1024])
        binary = data[:1] == b"\x30"
        if not binary:
            with scratch.open("xb") as target:
                for block in _decoded(data):
                    budget.deadline.check()
                    target.write(block)
    with (
        (path if binary else scratch).open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        envelope = _walk(data)
        yield Opened(_facts(data, envelope, budget), data, envelope.content)


# --- armour ------------------------------------------------------------------------------------------------------


def _content_type(head: bytes) -> int | None:
    """The last arc of the CMS content type, when it is signed or enveloped data."""
    if head[:1] != b"\x30":
        armour = _PEM_HEAD.match(head)
        text = head[armour.end() :] if armour else head
        if not armour and not _BASE64_HEAD.match(text):
            return None
        letters = text.translate(None, b" \t\r\n")[:64]
        try:
            head = base64.b64decode(letters, validate=True)
        except binascii.Error:
            return None
    at = head.find(_OID_CMS, 0, 32)
    if head[:1] != b"\x30" or at < 0 or at + len(_OID_CMS) >= len(head):
        return None
    found = head[at + len(_OID_CMS)]
    return found if found in (_SIGNED, _ENVELOPED) else None


def _refuse_encrypted(head: bytes) -> None:
    if _content_type(head) == _ENVELOPED:
        raise EncryptedFileError(
            "La busta è cifrata per un destinatario / The envelope is encrypted for a recipient",
            hint="chiedere il documento in chiaro / ask for the document unencrypted",
        )


def _armour_is_whole(data: mmap.mmap) -> bool:
    if _PEM_HEAD.match(data[:1024]):
        return data.rfind(b"-----END ", max(0, len(data) - 1024)) >= 0
    return True


def _decoded(data: mmap.mmap) -> Iterator[bytes]:
    """The bytes behind base64, with or without its ``BEGIN`` and ``END`` lines (RFC 7468)."""
    if not _armour_is_whole(data):
        raise _unreadable()
    armour = _PEM_HEAD.match(data[:1024])
    start = armour.end() if armour else 0
    end = data.rfind(b"-----END ", max(0, len(data) - 1024)) if armour else len(data)
    rest = b""
    for at in range(start, end, _BLOCK):
        letters = rest + data[at : min(end, at + _BLOCK)].translate(None, b" \t\r\n")
        whole = len(letters) // 4 * 4
        rest = letters[whole:]
        try:
            yield base64.b64decode(letters[:whole], validate=True)
        except binascii.Error as error:
            raise _unreadable() from error
    if rest:
        raise _unreadable()


def _unreadable() -> UnreadableFileError:
    return UnreadableFileError(
        "La busta firmata è danneggiata o incompleta / The signed envelope is damaged or cut short",
        hint="farsela mandare di nuovo / have it sent again",
    )


# --- structure ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Element:
    """One element: its first byte as ``tag``, where it starts, and where its content starts and ends."""

    tag: int
    start: int
    content: int
    content_end: int
    end: int


@dataclass(frozen=True, slots=True)
class _Envelope:
    content: _Element
    certificates: tuple[bytes, ...]
    signers: tuple[bytes, ...]


def _element(data: mmap.mmap, at: int, limit: int, depth: int = 0) -> _Element:
    """The BER element at ``at``, which must end before ``limit``."""
    if depth > _MAX_NESTED or at + 2 > limit:
        raise _unreadable()
    tag, length, content = data[at], data[at + 1], at + 2
    if tag & 0x1F == 0x1F:  # tags of several bytes do not occur in CMS
        raise _unreadable()
    if length == 0x80:
        if not tag & 0x20:
            raise _unreadable()
        position = content
        while data[position : min(limit, position + 2)] != b"\0\0":
            position = _element(data, position, limit, depth + 1).end
        return _Element(tag, at, content, position, position + 2)
    if length & 0x80:
        size = length & 0x7F
        length = int.from_bytes(data[content : content + size])
        content += size
    if content + length > limit:
        raise _unreadable()
    return _Element(tag, at, content, content + length, content + length)


def _children(data: mmap.mmap, parent: _Element, depth: int = 0) -> Iterator[_Element]:
    position = parent.content
    while position < parent.content_end:
        child = _element(data, position, parent.content_end, depth)
        yield child
        position = child.end


def _walk(data: mmap.mmap) -> _Envelope:
    """ContentInfo › [0] › SignedData (RFC 5652, 3 and 5.1)."""
    try:
        _oid, wrapped = _children(data, _element(data, 0, len(data)))
        (signed,) = _children(data, wrapped)
        _version, _digests, encapsulated, *rest = _children(data, signed)
        _content_type, *explicit = _children(data, encapsulated)
    except ValueError as error:
        raise _unreadable() from error
    content = next(_children(data, explicit[0]), None) if explicit else None
    if content is None or next(_octets(data, content), None) is None:
        raise DetachedSignatureError(
            "La firma è staccata: il documento firmato non è dentro / "
            "The signature is detached: the signed document is not inside",
            hint="consegnare il documento firmato, o la busta che lo contiene / deliver the document or its envelope",
        )
    signers = [element for element in rest if element.tag == 0x31]
    if len(signers) != 1:
        raise _unreadable()
    certificates = [element for element in rest if element.tag == 0xA0]
    return _Envelope(content, tuple(_small(data, certificates)), tuple(_small(data, signers))[:_MAX_SIGNERS])


def _octets(data: mmap.mmap, element: _Element, depth: int = 0) -> Iterator[tuple[int, int]]:
    """The stretches of a string that may lie in chunks, from first to last byte."""
    if depth > _MAX_NESTED:
        raise _unreadable()
    if element.tag == 0x04:
        yield element.content, element.content_end
    elif element.tag == 0x24:
        for child in _children(data, element):
            yield from _octets(data, child, depth + 1)
    else:  # content that is no string (PKCS #7 v1.5): it is taken as it is
        yield element.start, element.end


def _small(data: mmap.mmap, sets: list[_Element]) -> Iterator[bytes]:
    if sum(element.end - element.start for element in sets) > _MAX_SMALL_BYTES:
        raise _unreadable()
    for element in sets:
        for child in _children(data, element):
            yield data[child.start : child.end]


def _blocks(data: mmap.mmap, content: _Element) -> Iterator[bytes]:
    for start, end in _octets(data, content):
        for at in range(start, end, _BLOCK):
            yield data[at : min(end, at + _BLOCK)]


# --- facts -------------------------------------------------------------------------------------------------------

_UNKNOWN = Signer("", None, "", "", None, None, None, False, None, None)


def _facts(data: mmap.mmap, envelope: _Envelope, budget: Budget) -> SignatureFacts:
    certificates = [found for found in map(_certificate, envelope.certificates) if found is not None]
    infos = [_signer_info(raw) for raw in envelope.signers]
    wanted = {name for info in infos if info is not None and (name := _digest_name(info)) is not None}
    hashers = {name: hashlib.new(name, usedforsecurity=False) for name in wanted}
    for block in _blocks(data, envelope.content):
        budget.deadline.check()
        for hasher in hashers.values():
            hasher.update(block)
    digests = {name: hasher.digest() for name, hasher in hashers.items()}
    signers: list[Signer] = []
    for info in infos:
        signers += [_UNKNOWN] if info is None else _signers(info, certificates, digests)
    return SignatureFacts(tuple(signers))


def _certificate(raw: bytes) -> asn1_x509.Certificate | None:
    try:
        certificate = asn1_x509.Certificate.load(raw, strict=True)
        _ = certificate.serial_number, certificate.issuer.hashable  # parsed lazily: this is the parsing
    except _PARSER_ERRORS:  # an attribute certificate, or one that nobody can read: its signer stays nameless
        return None
    return certificate


def _signer_info(raw: bytes) -> cms.SignerInfo | None:
    try:
        info = cms.SignerInfo.load(raw)
        _ = info.native  # parsed lazily: this is the parsing
    except _PARSER_ERRORS:
        return None
    return info


def _digest_name(info: cms.SignerInfo) -> str | None:
    name = str(info["digest_algorithm"]["algorithm"].native)
    return name if name in _HASHES else None


def _signers(
    info: cms.SignerInfo,
    certificates: list[asn1_x509.Certificate],
    digests: Mapping[str, bytes],
    *,
    countersigns: bool = False,
) -> list[Signer]:
    """The signer of ``info``, and those who signed that signature."""
    certificate = next((one for one in certificates if _is_of(info, one)), None)
    name = _digest_name(info)
    content_digest = digests.get(name) if name is not None else None
    attributes = info["signed_attrs"].native and info["signed_attrs"]
    signature_holds = _signature_holds(info, certificate, content_digest)
    if attributes:
        claimed = _attribute(attributes, "message_digest")
        digest_holds = None if content_digest is None or claimed is None else claimed.native == content_digest
    else:
        digest_holds = signature_holds  # there is only one sum, and it is the signature's
    time = _attribute(attributes, "signing_time") if attributes else None
    unsigned = info["unsigned_attrs"]
    signer = replace(
        _named(certificate),
        claimed_at=time.native if time is not None and isinstance(time.native, dt.datetime) else None,
        timestamped=_attribute(unsigned, "signature_time_stamp_token") is not None,
        digest_holds=digest_holds,
        signature_holds=signature_holds,
        countersigns=countersigns,
    )
    found = [signer]
    if not countersigns:
        for other in _values(unsigned, "counter_signature"):
            other_name = _digest_name(other)
            signed = hashlib.new(other_name, info["signature"].native).digest() if other_name else b""
            found += _signers(other, certificates, {other_name: signed} if other_name else {}, countersigns=True)
    return found


def _is_of(info: cms.SignerInfo, certificate: asn1_x509.Certificate) -> bool:
    sid = info["sid"].chosen
    try:
        if isinstance(sid, cms.IssuerAndSerialNumber):
            return bool(
                certificate.serial_number == sid["serial_number"].native
                and certificate.issuer.hashable == sid["issuer"].hashable
            )
        return bool(certificate.key_identifier == sid.native)
    except _PARSER_ERRORS:
        return False


def _named(certificate: asn1_x509.Certificate | None) -> Signer:
    if certificate is None:
        return _UNKNOWN
    try:
        validity = certificate["tbs_certificate"]["validity"]
        subject, issuer = certificate.subject.native, certificate.issuer.native
        return replace(
            _UNKNOWN,
            common_name=_text(subject, "common_name"),
            tax_code=_tax_code(subject),
            issuer=_text(issuer, "common_name") or _text(issuer, "organization_name"),
            certificate_serial=f"{certificate.serial_number:x}",
            not_before=validity["not_before"].native,
            not_after=validity["not_after"].native,
        )
    except _PARSER_ERRORS:
        return _UNKNOWN


def _text(name: Mapping[str, Any], key: str) -> str:
    value = name.get(key, "")
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def _tax_code(subject: Mapping[str, Any]) -> str | None:
    for key in ("serial_number", "dn_qualifier"):
        found = _TAX_CODE.search(_text(subject, key).upper())
        if found:
            return found[1]
    return None


def _values(attributes: Any, kind: str) -> list[Any]:
    return [
        value for attribute in attributes or () if attribute["type"].native == kind for value in attribute["values"]
    ]


def _attribute(attributes: Any, kind: str) -> Any:
    """The first value of the attribute of this kind; ``None`` when there is none."""
    return next(iter(_values(attributes, kind)), None)


def _signature_holds(
    info: cms.SignerInfo, certificate: asn1_x509.Certificate | None, content_digest: bytes | None
) -> bool | None:
    if certificate is None:
        return None
    try:
        key = serialization.load_der_public_key(certificate.public_key.dump())
        if not info["signed_attrs"].native:
            return None if content_digest is None else _verified(info, key, None, content_digest)
        attributes = info["signed_attrs"]
        # what was signed is the SET itself, not the [0] that it lies under (RFC 5652, 5.4): sorted, as DER has it,
        # or as some software leaves it
        stored = b"\x31" + attributes.dump()[1:]
        in_order = b"".join(sorted(attribute.dump() for attribute in attributes))
        forms = {stored, stored[: len(stored) - len(in_order)] + in_order}
        held = [_verified(info, key, form, b"") for form in forms]
    except _PARSER_ERRORS:
        return None
    return None if None in held else any(held)


def _verified(info: cms.SignerInfo, key: Any, message: bytes | None, digest: bytes) -> bool | None:
    """Whether ``key`` signed ``message``, or the content of this ``digest``; ``None`` when the algorithm is unknown."""
    algorithm, signature = info["signature_algorithm"], info["signature"].native
    name = str(info["digest_algorithm"]["algorithm"].native)
    kind = algorithm.signature_algo
    try:
        if kind == "ed25519" and isinstance(key, ed25519.Ed25519PublicKey):
            if message is None:
                return None
            key.verify(signature, message)
            return True
        if kind in ("rsassa_pkcs1v15", "rsassa_pss", "ecdsa") and algorithm["algorithm"].native not in (
            "rsassa_pkcs1v15",
            "ecdsa",
        ):
            name = str(algorithm.hash_algo)
        hashed = _HASHES.get(name)
        if hashed is None:
            return None
        summed = digest if message is None else hashlib.new(name, message, usedforsecurity=False).digest()
        if kind == "rsassa_pkcs1v15" and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, summed, padding.PKCS1v15(), utils.Prehashed(hashed))
        elif kind == "rsassa_pss" and isinstance(key, rsa.RSAPublicKey):
            salt = algorithm["parameters"]["salt_length"].native
            scheme = padding.PSS(mgf=padding.MGF1(hashed), salt_length=salt)
            key.verify(signature, summed, scheme, utils.Prehashed(hashed))
        elif kind == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, summed, ec.ECDSA(utils.Prehashed(hashed)))
        else:
            return None
    except InvalidSignature:
        return False
    return True
