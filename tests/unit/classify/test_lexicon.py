"""The lexicon as its files are read."""

from __future__ import annotations

from importlib import resources

import pytest
import yaml

from faldone.classify.lexicon import load_lexicon
from faldone.errors import ConfigError

FILES = ("services.yaml", "document_types.yaml", "role_cues.yaml")


@pytest.fixture
def files() -> dict[str, str]:
    folder = resources.files("faldone.classify") / "lexicon"
    return {name: (folder / name).read_text(encoding="utf-8") for name in FILES}


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML was built without libyaml")
def test_the_lexicon_is_read_by_libyaml_because_every_command_waits_for_it(
    files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yaml.scanner.Scanner.fetch_more_tokens", lambda _: pytest.fail("read in Python"))
    assert load_lexicon(files).services


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_both_readers_of_yaml_read_the_same(files: dict[str, str], name: str) -> None:
    assert yaml.load(files[name], yaml.CSafeLoader) == yaml.load(files[name], yaml.SafeLoader)


@pytest.mark.parametrize("damage", ["services: [", "version: 1\nservices: 5\n", "- !!python/name:os.getcwd\n"])
def test_a_lexicon_that_does_not_read_is_told(files: dict[str, str], damage: str) -> None:
    with pytest.raises(ConfigError):
        load_lexicon(files | {"services.yaml": damage})
