"""Documents that one answer settles, side by side with their proofs, so that the odd one out is seen before it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from faldone.catalog.records import Document
from faldone.domain.attribution import Band, DocumentProposal, Evidence
from faldone.domain.decision import ALONE
from faldone.domain.ids import DocumentId
from faldone.domain.page import Box
from faldone.pipeline.papers.page_images import picture_key, stand
from faldone.pipeline.papers.reading_order import reading_order
from faldone.pipeline.ports import Ports
from faldone.pipeline.review.bench import Bench
from faldone.pipeline.review.bench_words import Words
from faldone.pipeline.review.queue import Item

MOST_TOGETHER: Final = 50
"""Nobody looks at more proofs than that before one key."""

_QUOTES: Final = 3
_CROP_WIDTH, _CROP_SHAPE = 0.5, 4
"""A crop shows half the width of its page, and is four times as wide as high: all of a sheet of crops are alike."""

_BESIDE: Final = 1.2

_OTHER_BATCH: Final[Words] = ("altro lotto", "another batch")
_OTHER_TYPE: Final[Words] = ("altro tipo di documento", "another type of document")
_OTHER_PROOF: Final[Words] = ("la persona è provata in un altro modo", "the person is told in another way")
_OTHER_DOUBTS: Final[Words] = ("ha anche altri dubbi", "has other doubts too")


@dataclass(frozen=True, slots=True)
class Crop:
    """The part of a page around a proof, in the pixels of the page as it is shown.

    ``number`` is the 1-based page of the document, ``key`` that of its pictures, ``proof`` where the words stand.
    """

    number: int
    key: str
    region: Box
    proof: Box


@dataclass(frozen=True, slots=True)
class Member:
    """One of the documents: its proofs, and in what it differs; one that differs in something is not ticked.

    ``crop`` is the place of the first proof that has one; ``order`` its pages, 0-based in the file, as they are read.
    """

    document: Document
    quotes: tuple[Evidence, ...]
    differs: tuple[Words, ...]
    crop: Crop | None
    order: tuple[int, ...]

    @property
    def ticked(self) -> bool:
        """Whether it is settled with the others unless somebody says otherwise."""
        return not self.differs


def may_group(bench: Bench, item: Item | None) -> bool:
    """Whether one answer may go to many.

    Never where two persons are possible or little was read, nor while a second doubt is open on the document that
    stands for all.
    """
    return (
        item is not None
        and item.together > 1
        and not item.held
        and not item.question.endswith(f":{ALONE}")
        and bench.stop is None
        and len(bench.doubts) == 1
    )


def group_of(bench: Bench, item: Item, items: Sequence[Item], ports: Ports) -> tuple[Member, ...]:
    """The other documents that ask the same, outliers first.

    Args:
        bench: the document that stands for all.
        item: its place in the queue.
        items: the queue as the asker may see it: no other document becomes part of the group.
        ports: the archive.
    """
    if not may_group(bench, item):
        return ()
    same = [one.document for one in items if one.question == item.question and not one.held]
    # The asker's own batch first: where there are more than can be looked at, these are the ones.
    batches = {one.document: one.batch for one in items}
    same.sort(key=lambda one: batches[one] != item.batch)
    wanted: list[DocumentId] = [one for one in same if one != item.document][: MOST_TOGETHER - 1]
    found = ports.catalog.documents_with(wanted)
    members = [
        _member(found[one], bench.document.proposal, other_batch=batches[one] != item.batch, ports=ports)
        for one in wanted
        if one in found and found[one].proposal.band is Band.REVIEW
    ]
    return tuple(sorted(members, key=lambda member: member.ticked))


def model_of(bench: Bench, ports: Ports) -> Member:
    """The document that stands for all, as its group shows it beside the others."""
    return _member(bench.document, bench.document.proposal, other_batch=False, ports=ports)


def _member(document: Document, model: DocumentProposal, *, other_batch: bool, ports: Ports) -> Member:
    proposal = document.proposal
    differs: list[Words] = []
    if other_batch:
        differs.append(_OTHER_BATCH)
    if _type(proposal) != _type(model):
        differs.append(_OTHER_TYPE)
    if [one.method for one in proposal.holders] != [one.method for one in model.holders]:
        differs.append(_OTHER_PROOF)
    if set(proposal.reasons) - set(model.reasons):
        differs.append(_OTHER_DOUBTS)
    proofs = [proof for holder in proposal.holders for proof in holder.evidence]
    if not proofs and proposal.type is not None:
        proofs = list(proposal.type.evidence)
    order = reading_order(document, ports)
    return Member(document, tuple(proofs[:_QUOTES]), tuple(differs), _crop(document, proofs, ports), order)


def _crop(document: Document, proofs: Sequence[Evidence], ports: Ports) -> Crop | None:
    placed = next((proof for proof in proofs if proof.box is not None and proof.page in document.span), None)
    if placed is None or placed.box is None:
        return None
    (page,) = ports.catalog.pages(document.source, range(placed.page, placed.page + 1))
    turns = ports.catalog.page_turns(document.source)
    stands = stand(page, ports, turns)
    if not stands.known:
        return None
    proof = stands.place(placed.box)
    number = placed.page - document.span.start + 1
    return Crop(number, picture_key(page, turns.get(page.index)), around(proof, stands.width, stands.height), proof)


def around(proof: Box, width: int, height: int) -> Box:
    """The part of a page of this size that is shown with a proof: the proof in its middle, as far as the page goes."""
    wide = min(width, max(round(width * _CROP_WIDTH), round(proof.width * _BESIDE)))
    high = min(height, max(wide // _CROP_SHAPE, round(proof.height * _BESIDE)))
    x = min(max(proof.x + proof.width // 2 - wide // 2, 0), width - wide)
    y = min(max(proof.y + proof.height // 2 - high // 2, 0), height - high)
    return Box(x, y, wide, high)


def _type(proposal: DocumentProposal) -> str | None:
    return proposal.type.value if proposal.type is not None else None
