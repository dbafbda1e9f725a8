"""What would be proposed now, held against a truth: nothing is saved, nothing moves."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import UnionType
from typing import Final

from faldone.catalog.records import FileState, Source, SourceState
from faldone.classify.discover import FoundPersons, discoveries
from faldone.classify.measure import Judged, Tally
from faldone.classify.register import MemoryPersonRegister, PersonRegister
from faldone.domain.attribution import DocumentProposal
from faldone.domain.decision import Decision, Settled
from faldone.errors import UnreadableFileError
from faldone.pipeline.filing.attribute import proposals_of
from faldone.pipeline.filing.results import Json, document_json, page_json
from faldone.pipeline.ports import Ports


def read_truth(path: Path) -> dict[str, Json]:
    """The labelled files by name, one JSON object a line in the results' form.

    Raises:
        UnreadableFileError: a line is not such an object, or lacks what is measured or learnt by it.
    """
    truth: dict[str, Json] = {}
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
            truth[said["file"]] = {**said, "documents": said["documents"], "pages": said.get("pages", ())}
            _demand_form(truth[said["file"]])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnreadableFileError(
                f"{path}, riga {number}: non è nella forma dei risultati. / not in the form of the results.",
                hint="docs/reference/results.md",
            ) from error
    return truth


def _demand_form(said: Json) -> None:
    """Raises what reading it later would raise, where a line is not in the results' form."""
    _demand(str, said["file"])
    for page in said["pages"]:
        _demand(int, page["index"])
        _demand(str | None, page.get("text"))
    for document in said["documents"]:
        _demand(int, document["first_page"], document["last_page"])
        _demand(str | None, document["type"], document["service"])
        _demand_day(document["date"])
        if (protocol := document["protocol"]) is not None:
            _demand(str, protocol["number"])
            _demand_day(protocol["date"])
        for person in document["persons"]:
            _demand(str, person["role"], person["name"])
            _demand(str | None, person.get("cf"))
            _demand_day(person.get("birth_date"))


def _demand(kind: type | UnionType, *values: object) -> None:
    if not all(isinstance(value, kind) for value in values):
        raise TypeError


def _demand_day(value: str | None) -> None:
    if value is not None:
        dt.date.fromisoformat(value)


def evaluate(
    truth: dict[str, Json],
    ports: Ports,
    *,
    with_register: bool = True,
    progress: Callable[[int], None] = lambda _: None,
) -> Tally:
    """Proposes every labelled file of the archive anew and judges what comes of it.

    Args:
        truth: the labelled files by the name that they arrived with.
        ports: the archive.
        with_register: whether the office's register is asked; without it persons are discovered from the papers: all
            files are read twice, as papers that wait are looked at again when somebody becomes known.
        progress: told how many files are done.
    """
    register = ports.register() if with_register else _discovered(truth, ports, progress)
    tally = Tally()
    for done, (path, source) in enumerate(_labelled(truth, ports), start=1):
        tally.add(_said(path, source, proposals_of(source, register, ports), ports), truth[path])
        progress(done)
    return tally


def _discovered(truth: dict[str, Json], ports: Ports, progress: Callable[[int], None]) -> PersonRegister:
    """The persons whom the labelled files prove by themselves, as an office without a register would have them."""
    nobody = MemoryPersonRegister(())
    persons = FoundPersons()
    for done, (_, source) in enumerate(_labelled(truth, ports), start=1):
        for found in discoveries(proposals_of(source, nobody, ports)):
            persons.find_or_add(found)
        progress(done)
    return MemoryPersonRegister(persons.all())


ASKED_BLIND: Final = ("holder", "type", "service")
"""The fields that a re-check asks for: of the others it says nothing."""


def judge_decisions(ports: Ports) -> Tally:
    """What the machine had proposed held against what people then confirmed: the office's own sample.

    People look first at what is in doubt, so that the sample is harder than the archive unless papers that were
    filed by themselves are confirmed too: their re-check sees to that.
    """
    tally = Tally()
    for decision, judged in ports.catalog.decided():
        if decision.whole is not None:
            said = {"documents": [document_json(None, judged)]}
            true = {"file": decision.document, "documents": [document_json(None, decision.whole)]}
            tally.add(said, true)
            if decision.blind is not None:
                tally.judged[-1] = _asked_alone(tally.judged[-1])
    return tally


def _asked_alone(judged: Judged) -> Judged:
    """A re-check without what was not asked: it was neither confirmed nor corrected."""
    right = {name: judged.right[name] for name in ASKED_BLIND}
    confidence = {name: value for name, value in judged.confidence.items() if name in ASKED_BLIND}
    return replace(judged, right=right, confidence=confidence)


def agrees(decision: Decision) -> bool:
    """Whether a re-check was answered at once as the archive has it."""
    said, whole = decision.blind, decision.whole
    if said is None or whole is None or decision.settled != Settled():
        return False
    held = {holder.value.person for holder in whole.holders}
    service = whole.service.value if whole.service is not None else None
    return (
        held == set(said.holders or ())
        and whole.type is not None
        and whole.type.value == said.type
        and said.service in (None, service)
    )


def _labelled(truth: dict[str, Json], ports: Ports) -> Iterator[tuple[str, Source]]:
    for report in ports.catalog.files():
        source = report.source
        if (
            source is not None
            and source.state is SourceState.PROPOSED
            and report.state is not FileState.DUPLICATE
            and report.intake.path in truth
        ):
            yield report.intake.path, source


def _said(path: str, source: Source, proposals: tuple[DocumentProposal, ...], ports: Ports) -> Json:
    texts = ports.catalog.page_texts(source.digest)
    return {
        "file": path,
        "pages": [page_json(page, texts.get(page.index)) for page in ports.catalog.pages(source.digest)],
        "documents": [document_json(None, proposal) for proposal in proposals],
    }
