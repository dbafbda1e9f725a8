"""faldone as a person starts it: in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FALDONE = [sys.executable, "-m", "faldone.cli.main"]
QUICK = {
    "FALDONE_INTAKE__QUIET_S": "0.3",
    "FALDONE_INTAKE__SHARE_QUIET_S": "0.3",
    "FALDONE_INTAKE__SWEEP_S": "0.5",
    "FALDONE_INTAKE__PATIENCE_S": "0.5",
}


def faldone(home: Path, *arguments: str, code: int = 0, **environment: str) -> str:
    """Runs a command to its end; returns what it printed on stdout."""
    done = subprocess.run(
        [*FALDONE, *arguments, "--home", str(home)],
        capture_output=True,
        text=True,
        env=os.environ | QUICK | environment,
        check=False,
    )
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def status(home: Path, **environment: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(faldone(home, "status", "--json", **environment))
    return told


@contextmanager
def started(home: Path, command: str, log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A running part of faldone; killed at the end of the block if it still runs."""
    with log.open("ab") as stderr:
        process = subprocess.Popen(
            [*FALDONE, command, "--home", str(home)], stderr=stderr, env=os.environ | QUICK | environment
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(true: Callable[[], bool], what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not in {seconds} s: {what}"
        time.sleep(0.2)
