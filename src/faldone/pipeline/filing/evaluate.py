"""What would be proposed now, held against a truth: nothing is saved, nothing moves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from faldone.catalog.catalog import FileState, Source, SourceState
from faldone.classify.discover import FoundPersons, discoveries
from faldone.classify.measure import Tally
from faldone.classify.register import MemoryPersonRegister, PersonRegister
from faldone.domain.attribution import DocumentProposal
from faldone.errors import UnreadableFileError
from faldone.pipeline.filing.attribute import proposals_of
from faldone.pipeline.filing.results import Json, document_json, page_json
from faldone.pipeline.ports import Ports


def read_truth(path: Path) -> dict[str, Json]:
    """The labelled files by name, one JSON object a line in the results' form.

    Raises:
        UnreadableFileError: a line is not such an object.
    """
    truth: dict[str, Json] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
            truth[said["file"]] = {**said, "documents": said["documents"], "pages": said.get("pages", ())}
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableFileError(
                f"{path}, riga {number}: non è nella forma dei risultati. / not in the form of the results.",
                hint="docs/reference/results.md",
            ) from error
    return truth


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


def judge_decisions(ports: Ports) -> Tally:
    """What the machine had proposed held against what people then confirmed: the office's own sample.

    People look first at what is in doubt, so that the sample is harder than the archive unless papers that were
    filed by themselves are confirmed too.
    """
    tally = Tally()
    for decision, judged in ports.catalog.decided():
        if decision.whole is not None:
            said = {"documents": [document_json(None, judged)]}
            true = {"file": decision.document, "documents": [document_json(None, decision.whole)]}
            tally.add(said, true)
    return tally


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
