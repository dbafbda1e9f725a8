"""The data files of the demo, and the little grammar of its sentences.

A sentence is text with ``[a|b|…]`` choices, which may be nested, and ``{slot}`` places.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

import yaml

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SPACES = re.compile(r"\s+")
_SPACE_BEFORE_MARK = re.compile(r" +([,;.:])")


@cache
def table(name: str) -> dict[str, Any]:
    """The YAML data file ``name`` of the demo, without its extension."""
    text = files("faldone.demo").joinpath("data", f"{name}.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@cache
def sentences() -> Mapping[str, tuple[str, ...]]:
    """The sentence bank: topic -> patterns, in the file's order."""
    text = files("faldone.demo").joinpath("data", "prose.txt").read_text(encoding="utf-8")
    topics: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith("== "):
            current = topics.setdefault(line[3:].strip(), [])
        elif line.strip() and not line.startswith("#"):
            current.append(line.strip())
    return {topic: tuple(patterns) for topic, patterns in topics.items()}


def expand(pattern: str, rng: Random, slots: Mapping[str, str]) -> str:
    """``pattern`` with its choices made and its slots filled.

    Raises:
        KeyError: a slot has no value.
    """
    while _CHOICE.search(pattern):
        pattern = _CHOICE.sub(lambda match: rng.choice(match.group(1).split("|")), pattern, count=1)
    text = _SPACES.sub(" ", pattern.format_map(slots)).strip()
    return _SPACE_BEFORE_MARK.sub(r"\1", text)
