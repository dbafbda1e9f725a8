"""Files out of a form, written to the inbox as they come: none is ever held in memory or copied twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from faldone.domain.access import Access
from faldone.domain.inbox import Inbox
from faldone.errors import ConfigError, FaldoneError, InputError
from faldone.pipeline.intake.rights import may_feed
from faldone.pipeline.intake.upload import Upload, reason_of
from faldone.pipeline.ports import Ports
from faldone.web.lanes import Lane, run_in

_HEADERS_LIMIT = 16_384
_FIELD_LIMIT = 100
_MOST_FILES = 200

Pair = tuple[str, str]


class NotAFormError(InputError):
    """What was sent is no form with files."""

    reference = "not-a-form"


class TooManyFilesError(FaldoneError):
    """More files in one form than one form may have."""

    reference = "too-many-files"


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A file that was handed in: under which name it lies in the inbox, or why it does not."""

    name: str
    stored: str | None
    size: int
    why: Pair | None = None


@dataclass(frozen=True, slots=True)
class _Begin:
    field: str
    filename: str | None


@dataclass(frozen=True, slots=True)
class _End:
    pass


_Event = _Begin | _End | bytes


def inboxes_of(inboxes: Sequence[Inbox], access: Access) -> tuple[Inbox, ...]:
    """The inboxes that somebody may put files into."""
    return tuple(inbox for inbox in inboxes if may_feed(inbox, access))


async def receive(request: Request, inboxes: Sequence[Inbox], by: str, ports: Ports) -> list[HandedIn]:
    """Takes the files of a form into the inbox that its field ``inbox`` names by number, or into the first.

    ``by`` is the account that hands them in.

    Raises:
        NotAFormError: it is no form with files.
        ConfigError: there is no inbox to put them into.
    """
    if not inboxes:
        raise ConfigError(
            "Nessuna cartella di arrivo in cui puoi mettere file. / There is no inbox that you may put files into."
        )
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= _FIELD_LIMIT:
        raise NotAFormError("Manca il file. / There is no file.")
    reader, desk = _Reader(boundary), _Desk(inboxes, by, ports)
    try:
        async for chunk in request.stream():
            events = reader.read(chunk)
            if events:
                await run_in(Lane.FILES, desk.take, events)
        return desk.handed
    finally:
        await run_in(Lane.FILES, desk.close)


class _Reader:
    """A form, taken apart as it comes."""

    def __init__(self, boundary: bytes) -> None:
        self._events: list[_Event] = []
        self._name, self._value, self._length = b"", b"", 0
        self._headers: dict[bytes, bytes] = {}
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._on_part,
                "on_header_field": self._on_name,
                "on_header_value": self._on_value,
                "on_header_end": self._on_header,
                "on_headers_finished": self._on_headers,
                "on_part_data": self._on_data,
                "on_part_end": lambda: self._events.append(_End()),
            },
        )

    def read(self, data: bytes) -> list[_Event]:
        """What a piece of the form says."""
        self._events = []
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise NotAFormError("Il modulo non si legge. / The form cannot be read.") from error
        return self._events

    def _on_part(self) -> None:
        self._headers, self._length = {}, 0

    def _on_name(self, data: bytes, start: int, end: int) -> None:
        self._name += self._piece(data, start, end)

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += self._piece(data, start, end)

    def _piece(self, data: bytes, start: int, end: int) -> bytes:
        self._length += end - start
        if self._length > _HEADERS_LIMIT:
            raise NotAFormError("Il modulo non si legge. / The form cannot be read.")
        return data[start:end]

    def _on_header(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _on_headers(self) -> None:
        _, said = parse_options_header(self._headers.get(b"content-disposition", b""))
        filename = said.get(b"filename")
        field = said.get(b"name", b"").decode(errors="replace")
        self._events.append(_Begin(field, filename.decode(errors="replace") if filename is not None else None))

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(data[start:end])


class _Desk:
    """Where the parts of a form go."""

    def __init__(self, inboxes: Sequence[Inbox], by: str, ports: Ports) -> None:
        self.handed: list[HandedIn] = []
        self._inboxes, self._by, self._ports = inboxes, by, ports
        self._inbox = inboxes[0]
        self._upload: Upload | None = None
        self._field: str | None = None
        self._said = b""

    def take(self, events: Sequence[_Event]) -> None:
        """Deals with what came."""
        for event in events:
            if isinstance(event, _Begin):
                self._begin(event)
            elif isinstance(event, _End):
                self._end()
            else:
                self._data(event)

    def close(self) -> None:
        """Leaves nothing half done behind."""
        if self._upload is not None:
            self._upload.discard()
            self._upload = None

    def _begin(self, part: _Begin) -> None:
        self._field, self._said = part.field, b""
        if not part.filename:
            return  # a field, or a file button that nobody used
        if len(self.handed) >= 2 * _MOST_FILES:  # of each that is too many something is said, but not without end
            raise NotAFormError("Il modulo non si legge. / The form cannot be read.")
        try:
            if len(self.handed) >= _MOST_FILES:
                raise TooManyFilesError(
                    f"Al massimo {_MOST_FILES} file alla volta. / At most {_MOST_FILES} files at a time."
                )
            self._upload = Upload(self._inbox, part.filename, self._by, self._ports)
        except FaldoneError as error:
            self._refuse(part.filename, 0, error)

    def _data(self, data: bytes) -> None:
        if self._upload is None:
            self._said = (self._said + data)[: _FIELD_LIMIT + 1]
            return
        try:
            self._upload.write(data)
        except FaldoneError as error:  # the rest of the file is read and dropped, so that the answer is heard
            self._refuse(self._upload.name, self._upload.size, error)
            self.close()

    def _end(self) -> None:
        upload, self._upload = self._upload, None
        if upload is not None:
            try:
                self.handed.append(HandedIn(upload.name, upload.finish(), upload.size))
            except FaldoneError as error:
                self._refuse(upload.name, upload.size, error)
            finally:
                upload.discard()
        elif self._field == "inbox":
            number = self._said.decode(errors="replace")
            if not number.isascii() or not number.isdecimal() or int(number) >= len(self._inboxes):
                raise NotAFormError("Cartella di arrivo sconosciuta. / No such inbox.")
            self._inbox = self._inboxes[int(number)]

    def _refuse(self, name: str, size: int, error: FaldoneError) -> None:
        self.handed.append(HandedIn(name, None, size, reason_of(error)))
