"""Services and comuni of which somebody's rights speak: a name that is none would show nothing, and say nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from faldone.classify.normalise import compact_name
from faldone.classify.persons.words import comune_names
from faldone.domain.account import Rights
from faldone.errors import UndecidableError
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.projection import comune_key

_NEAR = 0.6
_MOST_TOLD = 5
_LONGEST_TOLD = 60


class UnknownComuneError(UndecidableError):
    """Rights are for a comune that there is not."""


def known_rights(rights: Rights, before: Rights | None, ports: Ports) -> Rights:
    """The rights with the names of comuni as rules of access have them.

    Known are the comuni of Italy, past ones too, and those said of a batch; what ``before`` had is not asked about.

    Raises:
        UndecidableError: a service or a comune is not known; the message says which may have been meant.
    """
    services = rights.services
    if services is not None:
        unknown = sorted(services - ports.lexicon.services.keys())
        names = {code: known.name for code, known in ports.lexicon.services.items()}
        _refuse(
            unknown,
            lambda typed: _likely_service(typed, names),
            ("Servizi", "services"),
            "faldone services",
            UndecidableError,
        )
    if rights.comuni is None:
        return rights
    known = {compact_name(name): comune_key(name) for name in comune_names().values()}
    said = {comune_key(batch.facts.comune) for batch in ports.catalog.batches() if batch.facts.comune}
    said |= (before.comuni if before is not None else None) or frozenset()
    kept, strange = set[str](), []
    for typed in sorted(filter(None, map(comune_key, rights.comuni))):
        key = typed if typed in said else known.get(compact_name(typed))
        if key is None:
            strange.append(typed)
        else:
            kept.add(key)
    _refuse(strange, _likely_comune, ("Comuni", "comuni"), "", UnknownComuneError)
    return replace(rights, comuni=frozenset(kept))


def _refuse(
    unknown: Iterable[str],
    likely: Callable[[str], str | None],
    kind: tuple[str, str],
    hint: str,
    refusal: type[UndecidableError],
) -> None:
    told = []
    for typed in list(unknown)[:_MOST_TOLD]:
        near = likely(typed)
        told.append(f"{typed[:_LONGEST_TOLD]} (forse {near}?)" if near else typed[:_LONGEST_TOLD])
    if told:
        names = ", ".join(told)
        raise refusal(
            f"{kind[0]} sconosciuti: {names}. / Unknown {kind[1]}: {names.replace('forse', 'perhaps')}.", hint=hint
        )


def _likely_comune(typed: str) -> str | None:
    near = _nearest(compact_name(typed), comune_names())
    return comune_names()[near] if near is not None else None


def _likely_service(typed: str, names: Mapping[str, str]) -> str | None:
    by_name = {compact_name(name): code for code, name in names.items()}
    folded = compact_name(typed)
    near = next((code for code in names if sorted(code) == sorted(typed.upper())), None)
    near = near or _nearest(typed.upper(), names) or by_name.get(_nearest(folded, by_name) or "")
    return f"{near}, {names[near]}" if near is not None else None


def _nearest(typed: str, known: Iterable[str]) -> str | None:
    found = process.extractOne(typed, list(known), scorer=OSA.normalized_similarity, score_cutoff=_NEAR)
    return found[0] if found is not None else None
