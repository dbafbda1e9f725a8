"""What the bench prints: the make of the set, the figures, and wrong documents to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from faldone.classify import measure
from faldone.domain.attribution import Band
from tests.bench.otherhand.generate import Archive

_SHOWN_LINES = 14


def distribution(made: Archive) -> str:
    """What was made: types, services, scans, and by what the holders are known."""
    documents = [document for file in made.files for document in file.truth["documents"]]
    pages = sum(len(file.pages) for file in made.files)
    count = len(documents)
    coded = sum(document["cf_printed"] for document in documents)
    levels = Counter(level.name for file in made.files for level in file.levels)
    long = sum(document["last_page"] > document["first_page"] for document in documents)
    shown = Counter(document["shown"] for document in documents)
    kinds = {document["type"] for document in documents}
    services = {document["dossier_service"] for document in documents}
    return "\n".join(
        [
            f"{count} documents on {pages} pages in {len(made.files)} files; {long / count:.0%} on several pages; "
            "scans: " + ", ".join(f"{name} {number / count:.0%}" for name, number in levels.most_common()),
            f"{len(kinds)} types, {len(services)} services; code of a holder printed on {coded / count:.0%}; "
            "holder known by: " + ", ".join(f"{name} {number / count:.0%}" for name, number in shown.most_common()),
        ]
    )


def summary(tally: measure.Tally) -> str:
    """Field by field and band by band how much is right, and what is taken for what."""
    rows = ["", f"{'':10}" + "".join(f"{name:>10}" for name in measure.FIELDS)]
    groups: list[tuple[str, Sequence[measure.Judged]]] = [("all", tally.judged)]
    groups += [(band.value, [item for item in tally.judged if item.band is band]) for band in Band]
    for name, items in groups:
        if items:
            right = measure.fields_right(items)
            rows.append(
                f"{name:10}"
                + "".join(f"{right[field].value:10.1%}" for field in measure.FIELDS)
                + f"   of {len(items)}"
            )
    auto = [item for item in tally.judged if item.band is Band.AUTO]
    wrong = [item for item in auto if not item.right["holder"]]
    interval = measure.share(auto, lambda item: not item.right["holder"]).interval
    f1 = measure.f1(tally.starts_same, tally.starts_said, tally.starts_true)
    rows.append(
        f"filed by themselves {len(auto) / max(len(tally.judged), 1):.1%}, "
        f"of these to a wrong set of holders {len(wrong)} ({interval[0]:.2%} to {interval[1]:.2%}), "
        f"minors among them {sum(item.wrong_minor for item in wrong)}; boundary F1 {f1:.3f}"
    )
    missed = sum(item.said is None for item in tally.judged)
    rows.append(f"documents whose first page was taken for a continuation: {missed}")
    confused = Counter(
        (str(item.true["type"]), str(item.said["type"]))
        for item in tally.judged
        if item.said and not item.right["type"]
    )
    rows.append("types taken for another: " + ", ".join(f"{a} as {b} {n}" for (a, b), n in confused.most_common(12)))
    confused = Counter(
        (str(item.true["service"]), str(item.said["service"]))
        for item in tally.judged
        if item.said and not item.right["service"]
    )
    rows.append("services taken for another: " + ", ".join(f"{a} as {b} {n}" for (a, b), n in confused.most_common(16)))
    dates = Counter(str(item.true["type"]) for item in tally.judged if item.said and not item.right["date"])
    rows.append("types with a wrong date: " + ", ".join(f"{a} {n}" for a, n in dates.most_common(12)))
    return "\n".join(rows)


def show(made: Archive, tally: measure.Tally, count: int, field: str | None, *, auto: bool) -> None:
    """Prints the first ``count`` wrong documents: said against true, the reasons, and how the first page begins."""
    files = {file.truth["file"]: file for file in made.files}
    wrong = [
        item for item in tally.judged if (not item.right.get(field, True) if field else not all(item.right.values()))
    ]
    if auto:
        wrong = [item for item in wrong if item.band is Band.AUTO]
    for item in wrong[:count]:
        print(f"\n===== {item.file} page {item.first_page + 1}, {item.true['type']}, ", end="")
        print(f"band {item.band}, shown by {item.true['shown']}")
        for name in measure.FIELDS:
            if not item.right.get(name, True):
                print(f"  {name:9} said {_field(item.said, name)!s:60} true {_field(item.true, name)}")
        if item.said:
            print(f"  reasons   {' '.join(item.said['reasons'])}")
        page = files[item.file].pages[item.first_page]
        for line in page.text.splitlines()[:_SHOWN_LINES]:
            print(f"  | {line}")


def _field(document: measure.Json | None, name: str) -> object:
    if document is None:
        return "no document starts here"
    if name in ("holder", "cf"):
        return [f"{person['name']} {person['cf']}" for person in document["persons"] if person["role"] == "holder"]
    return document.get(name)
