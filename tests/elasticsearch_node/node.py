"""Starts a real Elasticsearch server for the tests, without a distribution package or a container engine.

Elastic publishes the server and its network layer as Maven artifacts. :func:`assemble` lays them out as the server
expects, adds the few analysis parts that are not published (``java/ItalianAnalysis.java``: same names, same Lucene
classes) and keeps the result in ``$XDG_CACHE_HOME/faldone/es-node`` (``~/.cache/faldone/es-node``). :class:`Node` runs
one node on a free port of 127.0.0.1 and ends the process that it started; the node also ends by itself when its parent
is gone.

Where the artifacts come from is the business of the machine's own Maven settings.

    ES_VERSION     the server, 8.19.9 unless told; 9.2.0 is the other one that is tried
    ES_JAVA_HOME   the Java that runs it (a runtime is enough): 17 or later for 8.19, 21 or later for 9.2
    ES_HEAP        the heap of the suite's own node

    python tests/elasticsearch_node/node.py --data DIR [--port 9200]      a node to try things on, until Ctrl-C
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

VERSION = os.environ.get("ES_VERSION", "8.19.9")
"""The server that the tests run: not every patch release has its network layer on Maven; 8.19.9 and 9.2.0 do."""

_ECJ = "3.40.0"
"""A compiler that reads the classes of Java 21 on Java 17, for a server that is newer than the machine's own."""

_JAVA = Path(__file__).parent / "java"
_POM = f"""\
<project><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>es-node</artifactId><version>1</version><dependencies>
<dependency><groupId>org.elasticsearch</groupId><artifactId>elasticsearch</artifactId><version>{VERSION}</version></dependency>
<dependency><groupId>org.elasticsearch.plugin</groupId><artifactId>transport-netty4</artifactId>
<version>{VERSION}</version></dependency>
</dependencies></project>
"""


class NodeError(RuntimeError):
    """The node cannot be assembled or does not start; the message holds the end of what the tool said."""


def missing_tools() -> list[str]:
    """The programs that a node needs and this machine has not; empty when one can be started."""
    missing = [tool for tool in ("mvn", "java", "javac", "jar") if _tool(tool) is None]
    if not missing and _major(_runtime()) < _java_of_server():
        missing.append(f"java {_java_of_server()}")
    return missing


def cache_root() -> Path:
    """The folder in which assembled homes are kept between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "faldone" / "es-node"


def assemble() -> Path:
    """The server's home, assembled on the first call (about a minute, downloads) and found again later.

    The home is named by the version and by a digest of the Java files, so that a change of those makes a new one;
    a file lock lets several test runs call this at once.

    Raises:
        NodeError: Maven or the compiler failed.
    """
    fingerprint = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(_JAVA.iterdir()))).hexdigest()[:12]
    home = cache_root() / f"{VERSION}-{fingerprint}"
    home.parent.mkdir(parents=True, exist_ok=True)
    with (home.parent / f"{home.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / ".complete").exists():
            shutil.rmtree(home, ignore_errors=True)
            _build(home)
            (home / ".complete").touch()
    return home


def _build(home: Path) -> None:
    library, netty, analysis = home / "lib", home / "modules/transport-netty4", home / "modules/analysis-common"
    sources, classes, launcher = home / "build/src", home / "build/analysis", home / "launcher"
    for folder in (library, netty, analysis, sources, classes, launcher, home / "config", home / "plugins"):
        folder.mkdir(parents=True)
    pom = home / "build/pom.xml"
    pom.write_text(_POM, encoding="utf-8")
    _run("mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={library}")
    for jar in (*library.glob("netty-*.jar"), *library.glob("transport-netty4-*.jar")):
        jar.rename(netty / jar.name)
    _describe(netty, "org.elasticsearch.transport.netty4.Netty4Plugin")
    _describe(analysis, "analysis.ItalianAnalysis")
    # The constructors of the server's token filter classes lost their settings argument in 9.
    arguments = "name, s" if VERSION.startswith("8.") else "name"
    source = (_JAVA / "ItalianAnalysis.java").read_text(encoding="utf-8")
    (sources / "ItalianAnalysis.java").write_text(
        source.replace("SUPER_ARGS", arguments).replace("PLAIN_ARGS", arguments), encoding="utf-8"
    )
    classpath = os.pathsep.join(map(str, sorted(library.glob("*.jar"))))
    compiler = _compiler(home)
    _run(*compiler, "-nowarn", "-cp", classpath, "-d", classes, sources / "ItalianAnalysis.java")
    _run("jar", "cf", analysis / "analysis-common.jar", "-C", classes, ".")
    _run(*compiler, "-nowarn", "-cp", classpath, "-d", launcher, _JAVA / "NodeLauncher.java")


def _compiler(home: Path) -> list[str]:
    if _major(_tool("javac") or "javac") >= _java_of_server():
        return ["javac"]
    artifact = f"org.eclipse.jdt:ecj:{_ECJ}"
    where = home / "build"
    _run(
        "mvn",
        "-q",
        "-B",
        "-f",
        where / "pom.xml",
        "dependency:copy",
        f"-Dartifact={artifact}",
        f"-DoutputDirectory={where}",
    )
    return ["java", "-jar", str(where / f"ecj-{_ECJ}.jar"), f"-{_java_of_server()}"]


def _describe(module: Path, classname: str) -> None:
    lines = {
        "name": module.name,
        "description": module.name,
        "classname": classname,
        "version": VERSION,
        "elasticsearch.version": VERSION,
        "java.version": str(_java_of_server()),
    }
    text = "".join(f"{key}={value}\n" for key, value in lines.items())
    (module / "plugin-descriptor.properties").write_text(text, encoding="utf-8")


def _tool(name: str) -> str | None:
    java_home = os.environ.get("JAVA_HOME")
    if java_home and name != "mvn":
        return shutil.which(str(Path(java_home) / "bin" / name))
    return shutil.which(name)


def _runtime() -> str:
    """The Java that runs the node."""
    own = os.environ.get("ES_JAVA_HOME")
    return str(Path(own) / "bin" / "java") if own else _tool("java") or "java"


def _java_of_server() -> int:
    return 17 if VERSION.startswith("8.") else 21


def _major(program: str) -> int:
    """The Java that a program is of: the first number that it tells with ``-version``."""
    try:
        done = subprocess.run([program, "-version"], capture_output=True, text=True, check=False, timeout=60)
    except OSError:
        return 0
    found = re.search(r"\d+", done.stderr + done.stdout)
    return int(found[0]) if found else 0


def _run(name: str, *arguments: str | Path) -> None:
    command = [_tool(name) or name, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    if done.returncode != 0:
        raise NodeError(f"{name} exited with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")


class Node:
    """One node as a child process; a context manager that ends it.

    Args:
        data: a folder for the node's data and its output (``node.out``); made when missing.
        port: the HTTP port on 127.0.0.1; 0 picks a free one.
        heap: the Java heap, as ``-Xmx`` takes it.
        settings: further node settings.
    """

    def __init__(
        self, data: Path, *, port: int = 0, heap: str = "512m", settings: dict[str, str] | None = None
    ) -> None:
        self._data = data
        self._port = port or _free_port()
        self._heap = heap
        self._settings = settings or {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the node answers."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """The process id of the running node."""
        if self._process is None:
            raise NodeError("the node is not running")
        return self._process.pid

    def start(self, *, within_s: float = 120.0) -> None:
        """Starts the node and returns when its health is yellow or green.

        Raises:
            NodeError: it ended, or was not healthy after ``within_s`` seconds.
        """
        home = assemble()
        self._data.mkdir(parents=True, exist_ok=True)
        settings = {
            "path.data": str(self._data / "data"),
            "path.logs": str(self._data / "logs"),
            "discovery.type": "single-node",
            "http.port": str(self._port),
            "transport.port": str(_free_port()),
            "node.processors": "2",
            **self._settings,
        }
        command = [_runtime(), f"-Xms{self._heap}", f"-Xmx{self._heap}", "-XX:+UseSerialGC"]
        command += ["-cp", f"{home / 'launcher'}:{home / 'lib'}/*", "NodeLauncher", str(home)]
        command += [f"{key}={value}" for key, value in settings.items()]
        with (self._data / "node.out").open("ab") as output:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        deadline = time.monotonic() + within_s
        while not self._healthy():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                tail = (self._data / "node.out").read_text(encoding="utf-8", errors="replace")[-2000:]
                raise NodeError(f"the node did not come up within {within_s:.0f} s: {tail}")
            time.sleep(0.2)

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(
                f"{self.url}/_cluster/health?wait_for_status=yellow&timeout=2s", timeout=5
            ) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        """Ends the node; after 15 seconds by force."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        self._process = None

    def __enter__(self) -> Node:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Runs a node until it is interrupted."""
    parser = argparse.ArgumentParser(description="Run a real Elasticsearch node assembled from Maven artifacts.")
    parser.add_argument("--data", type=Path, required=True, help="folder for the node's data")
    parser.add_argument("--port", type=int, default=9200)
    arguments = parser.parse_args()
    with Node(arguments.data, port=arguments.port) as node:
        sys.stdout.write(f"{node.url} (pid {node.pid})\n")
        sys.stdout.flush()
        try:
            signal.pause()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
