"""From a page of a sealed file to its text, and the key that the text is kept under: read first, and read again."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from faldone.catalog.records import Page
from faldone.domain.digest import Digest
from faldone.domain.look import Mark, Separator
from faldone.domain.page import EngineStamp, PageText
from faldone.errors import InputError, OcrError
from faldone.ocr.image import PageImage
from faldone.ocr.options import OcrOptions
from faldone.ocr.prepare import PageStatistics
from faldone.ocr.recognise import Beside
from faldone.ocr.recognise import recognise as read_images
from faldone.ocr.source import Source
from faldone.pipeline.intake.look import mark_of
from faldone.pipeline.intake.opened import opened
from faldone.pipeline.ports import Ports
from faldone.sheets.code import looks_like_sheet, tokens_in_words

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Read:
    """A page's text and the recognition key that it is kept under."""

    key: Digest
    text: PageText


@dataclass(frozen=True, slots=True)
class ToRead:
    """A page's pixels, the key that their text will be kept under, and the pages beside it: its other side, perhaps.

    ``found`` is what an earlier look at it has found, if there was one.
    """

    key: Digest
    image: PageImage
    beside: Beside
    found: PageStatistics | None = None


def layer_of(page: Page, source: Source) -> Read | None:
    """The text layer of a page, when it has an honest one. Raises InputError when the page is damaged."""
    text = source.text(page.index)
    return Read(_key(f"{page.source}/{page.index}", text.engine), text) if text is not None else None


def known_or_to_read(
    image: PageImage, options: OcrOptions, ports: Ports, beside: Beside, found: PageStatistics | None = None
) -> Read | ToRead:
    """What was read of these pixels before, or what is to be read: nothing is read twice in the same way."""
    key = _key(str(image.digest), ports.engine.stamp(options))
    known = ports.catalog.recognition(key)
    return Read(key, known) if known is not None else ToRead(key, image, beside, found)


def beside(page: Page, ports: Ports) -> Beside:
    """The pages before and after this one in its file, opened when they are asked for."""

    def pages() -> Iterator[tuple[str, PageImage]]:
        for name, index in (("page before", page.index - 1), ("page after", page.index + 1)):
            if index >= 0:
                with suppress(InputError), opened(page.source, ports) as source:  # one that does not open tells nothing
                    yield name, source.image(index)

    return pages


def _key(content: str, engine: EngineStamp) -> Digest:
    """What a reading depends on: the pixels (or the text layer's place), the engine and its settings."""
    return Digest.of(f"{content} {engine.name} {engine.version} {engine.settings}".encode())


def read_all(waiting: Mapping[T, ToRead], options: OcrOptions, ports: Ports) -> dict[T, Read | OcrError]:
    """Reads pages in one start of the engine; when it fails on them together, each alone, so that one hurts itself."""
    if len(waiting) > 1:
        try:
            pages = list(waiting.values())
            texts = _texts(pages, options, ports)
        except OcrError:
            pass  # one of them is at fault: below each is on its own
        else:
            return {name: Read(one.key, text) for (name, one), text in zip(waiting.items(), texts, strict=True)}
    return {name: _read_alone(one, options, ports) for name, one in waiting.items()}


def _texts(pages: Sequence[ToRead], options: OcrOptions, ports: Ports) -> tuple[PageText, ...]:
    return read_images(
        [one.image for one in pages],
        ports.engine,
        options,
        beside=[one.beside for one in pages],
        found=[one.found for one in pages],
    )


def _read_alone(one: ToRead, options: OcrOptions, ports: Ports) -> Read | OcrError:
    try:
        (text,) = _texts([one], options, ports)
    except OcrError as error:
        usual = options == ports.options.ocr
        return _read_otherwise(one, options.otherwise(), ports) if usual else error
    return Read(one.key, text)


def _read_otherwise(one: ToRead, options: OcrOptions, ports: Ports) -> Read | OcrError:
    """A page on which the engine failed, once more: what it dies of, or never ends on, is most often the layout."""
    found = known_or_to_read(one.image, options, ports, one.beside, one.found)
    if isinstance(found, Read):
        return found
    try:
        (text,) = _texts([one], options, ports)
    except OcrError as error:
        return error
    return Read(found.key, text)


def mark_by_words(page: Page, text: PageText, ports: Ports) -> Mark | None:
    """The third witness of a printed sheet: its words, where no code of it could be read."""
    if page.mark is not None and page.mark.separator is not Separator.DOUBTFUL:
        return None
    for token in tokens_in_words(text.text):
        mark = mark_of(token, ports)
        if mark.separator is not Separator.DOUBTFUL:
            return mark
    return Mark(Separator.DOUBTFUL) if page.mark is None and looks_like_sheet(text.text) else None
