"""Whether a page is blank, said by somebody who looks at it: another reading of the page, the scan is not touched.

The reading that a machine made is kept, and is in force again when the word is taken back. A machine that reads the
page anew never overrules the person.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from faldone.catalog.records import Page
from faldone.domain.digest import Digest
from faldone.domain.events import Event, EventType, user_agent
from faldone.domain.ids import DocumentId
from faldone.domain.page import BY_PERSON, EngineStamp, PageText
from faldone.errors import StaleError, UndecidableError
from faldone.pipeline.filing.attribute import attribute_at_once
from faldone.pipeline.ports import Ports

_STAMP: Final = EngineStamp(BY_PERSON, "1", "")


def say_blank(page: Page, blank: bool, document: DocumentId, by: str, ports: Ports) -> Digest | None:
    """Puts on record that a page is blank, or is not; its document is proposed anew.

    Args:
        page: a page that was read.
        blank: what is said.
        document: the document that the page is of now.
        by: the account of who says so.
        ports: the archive.

    Returns:
        The key of the reading that was in force until now; None when it said the same.

    Raises:
        UndecidableError: the page was not read yet.
        StaleError: the file is being proposed anew at this moment.
    """
    old = page.text
    text = ports.catalog.recognition(old) if old is not None else None
    if old is None or text is None:
        raise UndecidableError(
            "La pagina non è ancora letta: aspetta che lo sia. / The page was not read yet: wait until it is."
        )
    if text.blank == blank:
        return None
    key, said = _blank(old, text) if blank else _written(page, old, text, ports)
    put_reading(page, old, key, said, document, by, ports)
    return old


def restore_reading(page: Page, key: Digest, document: DocumentId, by: str, ports: Ports) -> None:
    """Puts an earlier reading of a page in force again, and its document is proposed anew. Raises as above."""
    text = ports.catalog.recognition(key)
    assert text is not None, key
    assert page.text is not None, page.id
    put_reading(page, page.text, key, text, document, by, ports)


def _blank(old: Digest, text: PageText) -> tuple[Digest, PageText]:
    # Without its words: nobody is to find a page by what was taken for words on an empty one.
    return _key(old, "blank"), replace(text, words=(), blank=True, engine=_STAMP)


def _written(page: Page, old: Digest, text: PageText, ports: Ports) -> tuple[Digest, PageText]:
    """What a page says that is not blank: as a machine last read it, and be that nothing."""
    machine = _machine_reading(page, ports)
    found = ports.catalog.recognition(machine) if machine is not None else None
    if machine is not None and found is not None and not found.blank:
        return machine, found
    return _key(old, "written"), replace(text, blank=False, engine=_STAMP)


def _machine_reading(page: Page, ports: Ports) -> Digest | None:
    last = None
    for entry in ports.catalog.events([page.id]):
        detail, by_machine = json.loads(entry.record.detail), not entry.record.agent.startswith("user:")
        if entry.record.type == EventType.PAGE_RECOGNISED.value and by_machine:
            last = detail.get("key")
        elif entry.record.type == EventType.PAGE_REREAD.value and detail.get("text") is not None:
            last = detail.get("new")
    return Digest.parse(str(last)) if last is not None else None


def _key(old: Digest, said: str) -> Digest:
    return Digest.of(f"{old}\0{BY_PERSON}\0{said}".encode())


def put_reading(
    page: Page, old: Digest, key: Digest, text: PageText, document: DocumentId, by: str, ports: Ports
) -> None:
    """Puts another reading in the place of the ``old`` one; its document is proposed anew.

    Raises:
        StaleError: the old one is not in force any more, or the file is being proposed anew at this moment.
    """
    with ports.catalog.begin() as work:
        digest = work.save_reading(key, text)
        # In the place of the old one, so that the index forgets its words although the proposal may stay as it is.
        if not (work.promote_text(page.id, old, key) and work.attribute_again([document])):
            raise StaleError(
                "Il file si sta rileggendo in questo momento: riprova tra poco. Nulla è stato applicato. / "
                "The file is being worked on at this moment: try again shortly. Nothing was applied."
            )
        work.save_text(page.id, key, text)
        detail = {
            "key": str(key),
            "text": str(digest),
            "settings": text.engine.settings,
            "source": text.source.value,
            "rotation": text.rotation,
            "words": len(text.words),
            "confidence": round(text.confidence, 3),
            "blank": text.blank,
        }
        work.record(Event(EventType.PAGE_RECOGNISED, page.id, ports.clock(), user_agent(by), detail=detail))
    attribute_at_once([page.source], ports)
