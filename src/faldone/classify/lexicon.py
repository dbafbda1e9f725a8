"""The taxonomies and cue words, read once from the package's YAML files into frozen values.

Taxonomies are data: an office edits the files, and every attribution names the version (number and digest) of the
files it was made with («each decision records the taxonomy version», domain notes §6.17).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml
from codicefiscale import data as name_data

from faldone.classify.laws import law_key
from faldone.classify.normalise import fold
from faldone.classify.phrases import Entry, PhraseBook, make_entry
from faldone.domain.attribution import Role
from faldone.errors import ConfigError

NOT_A_CUE = "-"
MENTION = "-"
"""The owner of phrases that only speak of a paper or a service: they hide the shorter phrases inside them."""
_FILES = ("services.yaml", "document_types.yaml", "role_cues.yaml")

_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML was built with it: every command waits for the lexicon, and Python takes longer."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service (*servizio*). ``valid_from`` and ``valid_to`` bound the months in which the measure existed.

    ``documents`` are the types of paper usual in it, ``core`` those that belong to it unless the page says otherwise;
    ``ambiguous_acronym`` is an acronym it shares with another service.
    """

    code: str
    name: str
    area: str
    sensitivity: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    documents: frozenset[str] = frozenset()
    core: frozenset[str] = frozenset()
    ambiguous_acronym: str | None = None

    def existed(self, on: dt.date) -> bool:
        """Whether the service existed on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class DocumentType:
    """A type of document.

    ``generic`` types are taken only when nothing more special fits; ``collective`` papers are about many users; a
    ``cover`` announces the dossier of what follows; a ``personal`` paper belongs to the person and to no service in
    particular; ``dated`` is false where no single date counts; a paper ``dated_by_entries`` has the date of its
    last entry, one ``dated_by_expiry`` the day it expires, which may be after the scan.
    """

    code: str
    name: str
    origin: str
    sensitivity: str
    generic: bool = False
    collective: bool = False
    cover: bool = False
    personal: bool = False
    dated: bool = True
    has_date_cues: bool = False
    dated_by_entries: bool = False
    dated_by_expiry: bool = False


@dataclass(frozen=True, slots=True)
class RoleCue:
    """What a cue phrase says of the name beside it; ``score`` is how strongly it makes a holder (0 for other roles)."""

    role: Role
    after: bool
    score: float
    plural: bool


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything the rules read. ``version`` is ``<number>+<first 12 hex digits of the files' SHA-256>``."""

    version: str
    services: Mapping[str, Service]
    types: Mapping[str, DocumentType]
    cues: tuple[RoleCue, ...]
    book: PhraseBook
    laws: Mapping[str, tuple[tuple[str, str, str], ...]]
    place_words: frozenset[str]
    not_names: frozenset[str]


@lru_cache(maxsize=1)
def given_names() -> frozenset[str]:
    """Common Italian given names, folded, from python-codicefiscale: they tell a name from other capitals."""
    return frozenset(fold(name) for names in name_data.get_names_data().values() for name in names)


@lru_cache(maxsize=1)
def default_lexicon() -> Lexicon:
    """The lexicon that ships with faldone; the same value at every call."""
    folder = resources.files("faldone.classify") / "lexicon"
    return load_lexicon({name: (folder / name).read_text(encoding="utf-8") for name in _FILES})


def load_lexicon(files: Mapping[str, str]) -> Lexicon:
    """The lexicon in these YAML texts, by file name (``services.yaml``, ``document_types.yaml``, ``role_cues.yaml``).

    Raises:
        ConfigError: a file is missing, is not YAML, or names an unknown type, role or date.
    """
    try:
        loaded: dict[str, Any] = {name: yaml.load(files[name], _YAML) for name in _FILES}
        return _build(loaded, files)
    except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError) as error:
        raise ConfigError(
            f"Il lessico della classificazione non si legge / the classification lexicon cannot be read: {error}",
            hint="Ripristinare i file di lexicon/ o correggere la riga indicata / restore the files or fix that line.",
        ) from error


def _build(loaded: dict[str, Any], files: Mapping[str, str]) -> Lexicon:
    digest = hashlib.sha256("\0".join(files[name] for name in _FILES).encode()).hexdigest()[:12]
    version = ".".join(str(int(loaded[name]["version"])) for name in _FILES) + "+" + digest
    entries: list[Entry] = []
    laws: dict[str, list[tuple[str, str, str]]] = {}

    def add(family: str, code: str, kind: str, phrases: list[str] | None) -> None:
        for phrase in phrases or ():
            key = law_key(fold(str(phrase)))
            if key is not None:
                laws.setdefault(key, []).append((family, code, kind))
            else:
                entries.append(make_entry(family, code, kind, str(phrase)))

    types: dict[str, DocumentType] = {}
    for row in loaded["document_types.yaml"]["types"]:
        code = row["code"]
        dates = row.get("date") or {}
        types[code] = DocumentType(
            code,
            row["name"],
            row["origin"],
            row["sens"],
            generic=bool(row.get("generic")),
            collective=bool(row.get("collective")),
            cover=bool(row.get("cover")),
            personal=bool(row.get("personal")),
            dated=not dates.get("none"),
            has_date_cues=bool(dates.get("for")),
            dated_by_entries=bool(dates.get("entries")),
            dated_by_expiry=bool(dates.get("expiry")),
        )
        add("type", code, "header", row.get("headers"))
        add("type", code, "addressee", row.get("addressee"))
        add("type", code, "strong", row.get("strong"))
        add("type", code, "phrase", row.get("phrases"))
        add("type", code, "law", row.get("law"))
        add("type", code, "not", row.get("not"))
        add("date", code, "for", dates.get("for"))
        add("date", code, "avoid", dates.get("avoid"))

    for family, name in (("type", "document_types.yaml"), ("service", "services.yaml")):
        entries.extend(make_entry(family, MENTION, "mention", phrase) for phrase in loaded[name].get("mentions") or ())

    services: dict[str, Service] = {}
    for row in loaded["services.yaml"]["services"]:
        code = row["code"]
        valid = row.get("valid") or {}
        unknown = (set(row.get("docs") or ()) | set(row.get("core") or ())) - set(types)
        if unknown:
            raise ValueError(f"{code}: {sorted(unknown)} not in document_types.yaml")
        services[code] = Service(
            code,
            row["name"],
            row["area"],
            row["sens"],
            valid_from=_month(valid.get("from"), end=False),
            valid_to=_month(valid.get("to"), end=True),
            documents=frozenset(row.get("docs") or ()),
            core=frozenset(row.get("core") or ()),
            ambiguous_acronym=row.get("ambiguous_acronym"),
        )
        add("service", code, "alias", row.get("aliases"))
        add("service", code, "strong", row.get("strong"))
        add("service", code, "weak", row.get("weak"))
        add("service", code, "not", row.get("not"))
        if services[code].ambiguous_acronym:
            add("service", code, "ambiguous", [row["ambiguous_acronym"]])

    roles = loaded["role_cues.yaml"]
    cues: list[RoleCue] = []
    for row in roles["cues"]:
        cues.append(
            RoleCue(Role(row["role"]), row["side"] == "after", float(row.get("score", 0.0)), bool(row.get("plural")))
        )
        for phrase in row["phrases"]:
            entries.append(make_entry("cue-after" if cues[-1].after else "cue", str(len(cues) - 1), "cue", phrase))
    for phrase in roles["not_cues"]:
        entries.append(make_entry("cue", NOT_A_CUE, "not", phrase))
    for phrase in roles["letterheads"]:
        entries.append(make_entry("org", "letterhead", "letterhead", phrase))

    return Lexicon(
        version,
        MappingProxyType(services),
        MappingProxyType(types),
        tuple(cues),
        PhraseBook(dict.fromkeys(entries), names=given_names()),
        MappingProxyType({key: tuple(owners) for key, owners in laws.items()}),
        frozenset(fold(word).replace(".", "").replace(" ", "") for word in roles["place_words"]),
        frozenset(fold(str(word)) for word in roles["not_names"]),
    )


def _month(text: str | None, *, end: bool) -> dt.date | None:
    """The first or last day of a month or year written ``2016-09`` or ``2016``."""
    if text is None:
        return None
    year, _, month = str(text).partition("-")
    if not end:
        return dt.date(int(year), int(month or 1), 1)
    after = dt.date(int(year) + (int(month or 12) // 12), int(month or 12) % 12 + 1, 1)
    return after - dt.timedelta(days=1)
