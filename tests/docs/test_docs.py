"""What is there is documented, and what is documented is there."""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from faldone import errors
from faldone.catalog.records import FileState
from faldone.cli.main import COMMANDS
from faldone.domain.attribution import Band, Role
from faldone.domain.events import EventType, Outcome
from faldone.domain.reasons import Reason
from faldone.settings import InboxSettings, Settings, load

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/faldone"
REFERENCE = ROOT / "docs/reference"
PLACES = ("*.md", "docs/**/*.md", "deploy/**/*.md", "src/**/*.md", "tests/**/*.md", "tools/**/*.md")
PAGES = sorted({page for place in PLACES for page in ROOT.glob(place) if "node_modules" not in page.parts})


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def rows_of(page: Path) -> dict[str, list[str]]:
    """The rows of a page's tables by the code in their first cell."""
    rows = {}
    for line in text_of(page).splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("| `") and len(cells) > 1:
            rows[cells[0].strip("`")] = cells[1:]
    return rows


# ---- settings


def settings() -> Iterator[tuple[str, Any]]:
    """Every setting by the name that stands in the file, with its default."""
    for part, field in Settings.model_fields.items():
        if part == "home":
            continue
        inner = InboxSettings() if part == "inbox" else field.default
        assert isinstance(inner, BaseModel), f"the docs' test does not know what {part} is"
        for name, value in inner:
            yield f"{part}.{name}", value


def as_written(default: Any) -> str:
    match default:
        case None:
            return "–"
        case bool():
            return f"`{str(default).lower()}`"
        case float():
            return f"`{default:g}`"
        case tuple():
            return f"`{json.dumps(default)}`"
        case _:
            return f"`{default}`"


@pytest.mark.parametrize(("name", "default"), list(settings()))
def test_setting_is_documented_with_its_default(name: str, default: Any) -> None:
    documented = rows_of(REFERENCE / "settings.md")
    assert name in documented, f"docs/reference/settings.md lacks {name}"
    assert documented[name][0] == as_written(default)


def test_no_setting_is_documented_that_is_gone() -> None:
    documented = {name for name in rows_of(REFERENCE / "settings.md") if "." in name}
    assert documented == {name for name, _ in settings()}


def test_example_file_holds_every_setting_with_its_default(tmp_path: Path) -> None:
    commented = (ROOT / "deploy/faldone.example.toml").read_text(encoding="utf-8")
    live = re.sub(r"^#(?=[a-z_]+ = )", "", commented, flags=re.MULTILINE)
    in_file = tomllib.loads(live)
    in_file["inbox"] = in_file["inbox"][0]
    named = {f"{part}.{name}": value for part, values in in_file.items() for name, value in values.items()}
    expected = dict(settings())
    assert named.keys() == expected.keys()
    for name, default in expected.items():
        if default is not None:
            assert as_written(type(default)(named[name])) == as_written(default), name
    (tmp_path / "faldone.toml").write_text(live, encoding="utf-8")
    load(tmp_path, {})


# ---- commands


def parser_of(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"faldone {command}")
    importlib.import_module(f"faldone.cli.{command}").add_arguments(parser)
    return parser


def usages(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The options of a command and its verbs with theirs, but for those that all have."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for verb, inner in action.choices.items():
                yield f"{parser.prog} {verb}"
                yield from usages(inner)
        else:
            yield from (option for option in action.option_strings if option not in ("-h", "--help", "--home"))


def section_of(page: Path, heading: str) -> str:
    found = re.search(rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", text_of(page), re.MULTILINE | re.DOTALL)
    assert found, f"{page.relative_to(ROOT)} lacks the section “## {heading}”"
    return found[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_command_is_documented_with_its_options(command: str) -> None:
    section = section_of(REFERENCE / "commands.md", f"`faldone {command}`")
    missing = [usage for usage in usages(parser_of(command)) if not re.search(rf"{re.escape(usage)}\b", section)]
    assert not missing


def test_no_option_is_documented_that_is_gone() -> None:
    for command in COMMANDS:
        section = section_of(REFERENCE / "commands.md", f"`faldone {command}`")
        known = {*usages(parser_of(command)), "--home"}
        assert set(re.findall(r"--[a-z][a-z-]+", section)) <= known, command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_a_page_shows_exist(page: Path) -> None:
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text_of(page), re.MULTILINE | re.DOTALL)
    shown = {
        found[1] for block in blocks for found in re.finditer(r"(?:^|[\s/])faldone (?!-)(\S+)", block, re.MULTILINE)
    }
    assert {word for word in shown if word.isalpha() and word.islower()} <= COMMANDS.keys()


def error_classes() -> list[type[errors.FaldoneError]]:
    return [
        value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.FaldoneError)
    ]


@pytest.mark.parametrize("error", error_classes(), ids=lambda error: error.__name__)
def test_error_is_documented_with_its_exit_code(error: type[errors.FaldoneError]) -> None:
    documented = rows_of(REFERENCE / "commands.md")
    assert error.reference in documented, f"docs/reference/commands.md lacks the error {error.reference}"
    assert documented[error.reference][0] == f"{error.exit_code}"
    assert documented[error.reference][1] == ("yes" if error.retryable else "no")


# ---- events, reasons, states


@cache
def recorded_details() -> dict[str, set[str]]:
    """The keys of the detail that the code gives each type of event, read from its source."""
    found: dict[str, set[str]] = {}
    for module in SOURCE.rglob("*.py"):
        for call in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Event"):
                continue
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            kind, detail = given.get("type") or call.args[0], given.get("detail")
            keys = detail.keys if isinstance(detail, ast.Dict) else []
            names = {str(key.value) for key in keys if isinstance(key, ast.Constant)}
            for node in ast.walk(kind):
                if isinstance(node, ast.Attribute) and node.attr in EventType.__members__:
                    found.setdefault(EventType[node.attr].value, set()).update(names)
    return found


@pytest.mark.parametrize("event", EventType)
def test_event_is_documented_with_its_details(event: EventType) -> None:
    section = section_of(REFERENCE / "events.md", f"`{event.value}`")
    documented = set(re.findall(r"^\| `([a-z_]+)`", section, re.MULTILINE))
    assert documented == recorded_details().get(event.value, set())


@pytest.mark.parametrize("outcome", Outcome)
def test_outcome_is_documented(outcome: Outcome) -> None:
    assert outcome.value in rows_of(REFERENCE / "events.md")


@pytest.mark.parametrize("reason", Reason)
def test_reason_is_documented_with_its_sentences(reason: Reason) -> None:
    documented = rows_of(REFERENCE / "results.md")
    assert reason.value in documented, f"docs/reference/results.md lacks the reason {reason.value}"
    assert documented[reason.value][-2:] == [reason.italian, reason.english]


@pytest.mark.parametrize("value", [*FileState, *Band, *Role])
def test_state_band_and_role_are_documented(value: str) -> None:
    assert value in rows_of(REFERENCE / "results.md")


# ---- the map, and links


def test_map_has_every_module_and_no_other() -> None:
    modules = {str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.py") if path.name != "__init__.py"}
    mapped = {name for name in rows_of(REFERENCE / "map.md") if name.endswith(".py")}
    assert not modules - mapped, "docs/reference/map.md lacks these"
    assert not mapped - modules, "docs/reference/map.md still has these, which are gone"


def test_map_has_every_package() -> None:
    packages = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()}
    text = text_of(REFERENCE / "map.md")
    assert not {name for name in packages if f"`{name}/`" not in text}


def anchors_of(page: Path) -> set[str]:
    headings = re.findall(r"^#+ +(.+?) *$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_internal_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```|`[^`\n]*`", "", text_of(page), flags=re.MULTILINE | re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r"(?:src|href)=\"([^\"]+)\"", prose)
    for target in targets:
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), f"{target} leads nowhere"
        assert not anchor or anchor in anchors_of(place), f"{target}: no such heading"
