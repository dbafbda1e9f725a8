"""Mail messages (RFC 5322 with MIME, RFC 2045–2047): the message as a paper of its own, and what is attached to it.

A message is walked on a mapped file and its attachments are decoded as they are written, so a message of any size
takes little memory. A message that is attached to another (the ``postacert.eml`` of certified mail) is a part like any
other and is taken apart in its turn. What is a signature or the certified mail's own data is put on the list of what
was left aside.
"""

from __future__ import annotations

import binascii
import contextlib
import mmap
import re
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import HeaderParser
from email.policy import compat32
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path

from faldone.domain.reasons import Reason
from faldone.domain.signature import SignatureFacts
from faldone.errors import ImageTooLargeError, TooExpandedError, UnreadableFileError
from faldone.ingest import signature
from faldone.ingest.parts import Tray, safe_name

MESSAGE = "messaggio.pdf"
"""The name of the part that shows the message itself."""

_BLOCK = 1024**2
_MAX_HEADER_BYTES = 1024**2
_MAX_TEXT_BYTES = 8 * 1024**2
_MAX_NESTED = 20

_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_MORE_PROOF = frozenset({b"date", b"message-id", b"received", b"mime-version"})

_MAX_LOOK_BYTES = 64 * 1024
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_JPEG_FRAME = re.compile(rb"\xff[\xc0-\xc2]\0")

_ORNAMENT_PX = 300
"""Pictures that stand in the text and whose long side is shorter are no sheets: an A4 page would have 26 dpi."""

_TEXTS = frozenset({"message/delivery-status", "message/disposition-notification", "text/rfc822-headers"})
_SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"})
_ENVELOPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SUFFIXES = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "image/gif": ".gif",
    "message/rfc822": ".eml",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/calendar": ".ics",
}


def is_message(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is a mail message: nothing but header fields, and those of a mail."""
    end = _BLANK_LINE.search(head)
    names: set[bytes] = set()
    lines = head[: end.start() if end else head.rfind(b"\n") + 1].removeprefix(b"\xef\xbb\xbf").splitlines()
    for line in lines:
        if line[:1] in (b" ", b"\t") and names:
            continue
        found = _FIELD.match(line)
        if found is None:
            return False
        names.add(found[0][:-1].strip().lower())
    return b"from" in names and not _MORE_PROOF.isdisjoint(names)


def check(path: Path) -> None:
    """Looks whether the message at ``path`` is all there, at the price of a look.

    Raises:
        UnreadableFileError: its last part has no end.
    """
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        message = _entity(data, 0, len(data))
        if message.fields.get_content_maintype() == "multipart":
            for _part in _parts(message, whole=True):
                pass


def unpack(path: Path, tray: Tray) -> SignatureFacts | None:
    """Lays the message at ``path`` and its attachments on the tray; what its signature says, when it lies in one.

    Raises:
        UnreadableFileError: it is damaged or cut short.
        ImageTooLargeError: its text is longer than anybody writes.
        EncryptedFileError: it is encrypted for its recipient.
        TooExpandedError: it has too many parts or bytes.
        OpenTimeoutError: it takes too long.
    """
    with ExitStack() as stack:
        message = body = _mapped(path, stack)
        facts: SignatureFacts | None = None
        while (opened := _out_of_envelope(body, tray, stack)) is not None:
            body, inner = opened
            facts = inner if facts is None else SignatureFacts(facts.signers + inner.signers)
        texts: list[_Leaf] = []
        attachments: list[tuple[str, _Entity]] = []
        for leaf in _leaves(body, tray):
            name = _file_name(leaf.entity)
            aside = _left_aside(leaf, name)
            if aside is not None:
                tray.ignore(name, aside)
            elif _is_text(leaf.entity):
                texts.append(leaf)
            else:
                attachments.append((name, leaf.entity))
        text = _chosen_text(texts, tray)
        names = [safe_name(name) for name, _entity in attachments]
        from faldone.ingest import letter  # what draws it is imported for mail alone: every command imports this module

        tray.add(MESSAGE, [letter.rendered(_headers(message.fields), names, text, tray.budget)])
        for name, entity in attachments:
            tray.add(name, _decoded(entity))
    return facts


# --- structure ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Entity:
    """Header fields and, from ``body`` to ``end``, what they describe (RFC 2045, 2.4)."""

    data: mmap.mmap
    fields: Message
    body: int
    end: int


@dataclass(frozen=True, slots=True)
class _Leaf:
    """An entity that holds no others; those of one ``choice`` are forms of the same text."""

    entity: _Entity
    choice: int | None
    in_text: bool
    """Whether it belongs to a text that shows it, as logos do."""


def _mapped(path: Path, stack: ExitStack) -> _Entity:
    stream = stack.enter_context(path.open("rb"))
    data = stack.enter_context(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    return _entity(data, 0, len(data))


def _entity(data: mmap.mmap, start: int, end: int) -> _Entity:
    if data[start : start + 3] == b"\xef\xbb\xbf":
        start += 3
    if data[start : start + 1] in (b"\n", b"\r"):  # no fields at all: plain text (RFC 2046, 5.1)
        return _Entity(data, Message(compat32), start, end)
    blank = _BLANK_LINE.search(data, start, min(end, start + _MAX_HEADER_BYTES))
    if blank is None and end - start > _MAX_HEADER_BYTES:
        raise _unreadable()
    stop, body = blank.span() if blank else (end, end)
    raw = data[start:stop]
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    return _Entity(data, HeaderParser(policy=compat32).parsestr(text), body, end)


def _unreadable() -> UnreadableFileError:
    return UnreadableFileError(
        "Il messaggio di posta è danneggiato o incompleto / The mail message is damaged or cut short",
        hint="salvarlo di nuovo dalla posta / save it from the mailbox again",
    )


def _parts(entity: _Entity, *, whole: bool) -> Iterator[_Entity]:
    """The parts between the delimiter lines (RFC 2046, 5.1.1).

    A ``whole`` message without its closing delimiter was cut short; inside, some programs leave it out.
    """
    boundary = entity.fields.get_boundary()
    if not boundary:
        raise _unreadable()
    delimiter, data = b"--" + boundary.encode("utf-8", "replace"), entity.data
    started: int | None = None
    at = data.find(delimiter, entity.body, entity.end)
    while at >= 0:
        after = at + len(delimiter)
        line_end = data.find(b"\n", after, entity.end)
        line_end = entity.end if line_end < 0 else line_end
        rest = data[after : min(line_end, after + 100)].rstrip()
        if rest in (b"", b"--") and (at == entity.body or data[at - 1] == 0x0A):
            if started is not None:
                stop = max(started, at - (2 if data[at - 2 : at] == b"\r\n" else 1))
                yield _entity(data, started, stop)
            started = line_end + 1
            if rest:
                return
        at = data.find(delimiter, after, entity.end)
    if whole or started is None:
        raise _unreadable()
    yield _entity(data, min(started, entity.end), entity.end)


def _leaves(root: _Entity, tray: Tray) -> list[_Leaf]:
    """Every entity that holds no others, in order."""
    found: list[_Leaf] = []

    def walk(entity: _Entity, depth: int, choice: int | None, in_text: bool) -> None:
        tray.budget.deadline.check()
        if depth > _MAX_NESTED or len(found) > tray.budget.limits.max_parts:
            raise TooExpandedError("Il messaggio ha troppe parti / The message has too many parts")
        if entity.fields.get_content_maintype() != "multipart":
            found.append(_Leaf(entity, choice, in_text))
            return
        kind = entity.fields.get_content_subtype()
        if kind == "alternative" and choice is None:
            choice = entity.body
        for part in _parts(entity, whole=depth == 0):
            walk(part, depth + 1, choice, in_text or kind == "related")

    walk(root, 0, None, False)
    return found


def _out_of_envelope(entity: _Entity, tray: Tray, stack: ExitStack) -> tuple[_Entity, SignatureFacts] | None:
    """What lies in a message that is one signed envelope (S/MIME, RFC 8551, 3.5.2); ``None`` when it is none."""
    if entity.fields.get_content_type() not in _ENVELOPES:
        return None
    number = sum(1 for _ in tray.folder.glob("envelope-*"))
    if number > 2 * _MAX_NESTED:
        raise TooExpandedError("Il messaggio ha troppe buste / The message has too many envelopes")
    envelope, plain = (tray.folder / f"envelope-{number + more}" for more in (0, 1))
    tray.write(envelope, _decoded(entity))
    with envelope.open("rb") as stream:
        if not signature.is_envelope(stream.read(1024)):
            return None
    with signature.opened(envelope, tray.folder / f"envelope-{number}-decoded", tray.budget) as opened:
        if not tray.write(plain, opened.blocks()):
            raise _unreadable()
        return _mapped(plain, stack), opened.facts


# --- what each part is -------------------------------------------------------------------------------------------


def _is_text(entity: _Entity) -> bool:
    kind = entity.fields.get_content_type()
    return kind in _TEXTS or (
        kind in ("text/plain", "text/html")
        and entity.fields.get_content_disposition() != "attachment"
        and not entity.fields.get_filename()
    )


def _file_name(entity: _Entity) -> str:
    kind = entity.fields.get_content_type()
    default = "messaggio" if kind == "message/rfc822" else "allegato"
    given = entity.fields.get_filename()
    return _plain(given) if given else default + _SUFFIXES.get(kind, "")


def _left_aside(leaf: _Leaf, name: str) -> Reason | None:
    fields = leaf.entity.fields
    kind = fields.get_content_type()
    if kind in _SIGNATURES or name.lower().endswith(".p7s"):
        return Reason.DETACHED_SIGNATURE
    if name.lower() == "daticert.xml":
        return Reason.PEC_DATA
    if fields.get_content_disposition() == "attachment" or not (leaf.in_text or "content-id" in fields):
        return None
    if kind.startswith("image/") and _is_small(b"".join(_decoded(leaf.entity, _MAX_LOOK_BYTES))):
        return Reason.ORNAMENT
    return None


def _is_small(picture: bytes) -> bool:
    """Whether a PNG, GIF or JPEG says that it is too small for a sheet."""
    size = (0, 0)
    with contextlib.suppress(struct.error):
        if picture.startswith(b"\x89PNG"):
            size = struct.unpack_from(">II", picture, 16)
        elif picture.startswith(b"GIF8"):
            size = struct.unpack_from("<HH", picture, 6)
        elif frame := _JPEG_FRAME.search(picture):
            size = struct.unpack_from(">HH", picture, frame.start() + 5)
    return 0 < max(size) < _ORNAMENT_PX


def _chosen_text(leaves: list[_Leaf], tray: Tray) -> str:
    """The text of the message: of several forms the plain one, unless it says much less than the other."""
    texts: list[str] = []
    done: set[int] = set()
    for leaf in leaves:
        if leaf.choice is None:
            texts.append(_text(leaf.entity))
        elif leaf.choice not in done:
            done.add(leaf.choice)
            forms = [(one, _text(one.entity)) for one in leaves if one.choice == leaf.choice]
            longest = max(_letters(text) for _one, text in forms)
            chosen = next(form for form in forms if 2 * _letters(form[1]) >= longest)
            texts.append(chosen[1])
            for one, _other in forms:
                if one is not chosen[0]:
                    tray.ignore(f"{MESSAGE}/{one.entity.fields.get_content_type()}", Reason.SAME_TEXT)
    return "\n\n".join(filter(None, (text.strip() for text in texts)))


def _letters(text: str) -> int:
    return sum(character.isalnum() for character in text)


# --- content -----------------------------------------------------------------------------------------------------


def _decoded(entity: _Entity, at_most: int | None = None) -> Iterator[bytes]:
    """The content without its transfer encoding (RFC 2045, 6), or the first ``at_most`` bytes as they are sent."""
    encoding = str(entity.fields.get("content-transfer-encoding", "")).strip().lower()
    end = entity.end if at_most is None else min(entity.end, entity.body + at_most)
    blocks = (entity.data[at : min(end, at + _BLOCK)] for at in range(entity.body, end, _BLOCK))
    if encoding == "base64":
        return _from_base64(blocks)
    if encoding == "quoted-printable":
        return _from_quoted_printable(blocks)
    return blocks


def _from_base64(blocks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    padded = False
    for block in blocks:
        letters = rest + block.translate(None, _NOT_BASE64)
        whole = len(letters) // 4 * 4
        quads, rest = letters[:whole], letters[whole:]
        if padded and quads:  # something follows the end: two attachments glued together, or damage
            raise _unreadable()
        padded = b"=" in quads
        try:
            yield binascii.a2b_base64(quads, strict_mode=True)
        except binascii.Error as error:
            raise _unreadable() from error
    if rest.rstrip(b"="):
        if len(rest.rstrip(b"=")) == 1 or padded:
            raise _unreadable()
        yield binascii.a2b_base64(rest.rstrip(b"=") + b"==")  # some programs leave the padding out


def _from_quoted_printable(blocks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        lines = rest + block
        whole = lines.rfind(b"\n") + 1
        rest = lines[whole:]
        yield binascii.a2b_qp(lines[:whole])
    yield binascii.a2b_qp(rest)


def _text(entity: _Entity) -> str:
    if entity.end - entity.body > _MAX_TEXT_BYTES:
        raise ImageTooLargeError(
            f"Il testo del messaggio supera {_MAX_TEXT_BYTES} byte / "
            f"The text of the message has more than {_MAX_TEXT_BYTES} bytes"
        )
    raw = b"".join(_decoded(entity))
    charset = entity.fields.get_content_charset("utf-8")
    for candidate in (charset, "utf-8"):
        with contextlib.suppress(LookupError, UnicodeError):
            text = raw.decode(candidate)
            break
    else:
        text = raw.decode("cp1252", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return of_html(text) if entity.fields.get_content_type() == "text/html" else text


def _headers(fields: Message) -> list[tuple[str, str]]:
    named = (("Da", "from"), ("A", "to"), ("Cc", "cc"), ("Data", "date"), ("Oggetto", "subject"))
    found = [(label, "; ".join(_plain(str(value)) for value in fields.get_all(name, []))) for label, name in named]
    return [(label, _date(value) if label == "Data" else value) for label, value in found if value]


def _date(value: str) -> str:
    try:
        return f"{parsedate_to_datetime(value):%d/%m/%Y %H:%M %z}".strip()
    except (ValueError, TypeError, IndexError, OverflowError):
        return value


def _plain(value: str) -> str:
    """A header's words: encoded words decoded (RFC 2047), folds undone."""
    if "=?" in value:
        with contextlib.suppress(LookupError, UnicodeError, ValueError, HeaderParseError):
            value = str(make_header(decode_header(value)))
    return " ".join(value.split())


_BREAKS = frozenset({
    "address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "form", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul",
})  # fmt: skip
_UNSEEN = frozenset({"head", "script", "style", "template", "title"})


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        if tag == "body":
            self._unseen = 0  # a head that nobody closed
        if tag in _BREAKS:
            self.said.append("\n- " if tag == "li" else "\n")
        elif tag in ("td", "th"):
            self.said.append("  ")

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))
        if tag in _BREAKS and tag != "br":
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.said.append(re.sub(r"\s+", " ", data))


def of_html(html: str) -> str:
    """The words of a page of HTML, a line for each line that is seen. Pure."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = (line.strip() for line in "".join(reader.said).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
