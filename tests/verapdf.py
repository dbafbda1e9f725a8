"""veraPDF for the tests: the reference validator of PDF/A, from its Maven artifacts, without an installer.

:func:`assemble` fetches the jars once into ``$XDG_CACHE_HOME/faldone/verapdf`` (``~/.cache/faldone/verapdf``); where
they come from is the business of the machine's own Maven settings. veraPDF is a test's tool only: nothing of it is
shipped.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

VERSION = "1.28.2"

_POM = f"""\
<project><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>verapdf</artifactId><version>1</version><dependencies>
<dependency><groupId>org.verapdf.apps</groupId><artifactId>greenfield-apps</artifactId><version>{VERSION}</version></dependency>
</dependencies></project>
"""


def missing_tools() -> list[str]:
    """The programs that veraPDF needs and this machine has not."""
    return [tool for tool in ("mvn", "java") if shutil.which(tool) is None]


def assemble() -> Path:
    """The folder of veraPDF's jars, fetched on the first call (about half a minute); several runs may call at once."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "faldone" / "verapdf"
    home = root / VERSION
    root.mkdir(parents=True, exist_ok=True)
    with (root / f"{VERSION}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / ".complete").exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            pom = home / "pom.xml"
            pom.write_text(_POM, encoding="utf-8")
            _run("mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={home / 'lib'}")
            (home / ".complete").touch()
    return home


def findings(paths: Sequence[Path], flavour: str = "2b") -> dict[str, list[str]]:
    """What veraPDF says against each file, by its name; an empty list for a file that keeps the norm.

    Args:
        paths: PDFs with different names.
        flavour: of PDF/A, whatever the files say of themselves.
    """
    home = assemble()
    command = ["java", "-Xmx512m", "-XX:+UseSerialGC", f"-Dapp.home={home}", "-cp", home / "lib" / "*"]
    report = _run(*command, "org.verapdf.apps.GreenfieldCliWrapper", "--format", "xml", "-f", flavour, *paths, code=1)
    found = {}
    for job in ElementTree.fromstring(report[report.index("<?xml") :]).iter("job"):
        name = Path(job.findtext("item/name") or "").name
        validation = job.find("validationReport")
        if validation is None or validation.get("isCompliant") is None:
            found[name] = [f"not judged: {job.findtext('taskException/exceptionMessage')}"]
            continue
        found[name] = [
            f"{rule.get('clause')}-{rule.get('testNumber')}: {check.findtext('errorMessage')}"
            for rule in validation.iter("rule")
            if rule.get("status") == "failed"
            for check in rule.iter("check")
        ]
        if validation.get("isCompliant") != "true" and not found[name]:
            found[name] = ["not compliant"]
    return found


def _run(*command: str | Path, code: int = 0) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=900)
    if done.returncode not in (0, code):
        raise RuntimeError(f"{command[0]} exited with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
    return done.stdout
