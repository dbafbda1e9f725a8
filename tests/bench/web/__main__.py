"""How fast the web app answers on many documents, one person at a time and fifty at once, against what it promises.

Makes a home of made-up documents (some minutes for 100 000; one in ``--home`` is used as it is), serves it with
``faldone web`` in a process of its own, and asks it over the loopback as a browser would: the times are those of the
whole request. Then fifty people at once (locust): searching, opening what they found, looking at pages, typing ahead,
reviewing, each with one to three seconds between two clicks.

    python -m tests.bench.web [--documents 100000] [--home H] [--questions 300] [--people 50] [--seconds 60]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx2 as httpx

from faldone.domain.account import AccountRole
from tests.bench.search.archive import MadeUpArchive
from tests.bench.web.home import SCANS, make_home, token_of

_OWN = {"sec-fetch-site": "same-origin"}
_ASSET = re.compile(r'(?:href|src)="(/static/[^"#]+)')
_FONT = re.compile(r"url\(\"?([^)\"]+woff2[^)\"]*)")
_DOCUMENT = re.compile(r"/documenti/(d-[0-9a-f]{12})")


@dataclass
class Times:
    """Milliseconds of one kind of request, and what is promised of the 95th of a hundred."""

    what: str
    promised: float
    taken: list[float] = field(default_factory=list)

    def line(self) -> str:
        """For a person to read."""
        ordered = sorted(self.taken)
        p50, p95 = (ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in (0.5, 0.95))
        word = "holds" if p95 <= self.promised else "FALLS SHORT"
        return f"{self.what:32} p50 {p50:6.0f} ms  p95 {p95:6.0f} ms  (asked ≤ {self.promised:.0f} ms: {word})"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=60)
    asked = parser.parse_args()
    with contextlib.ExitStack() as stack:
        home = asked.home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faldone-bench-")))
        make_home(home, asked.documents, lambda words: print(words, file=sys.stderr, flush=True))
        token = token_of(AccountRole.MANAGER, home)
        url = stack.enter_context(served(home))
        head = {"authorization": f"Bearer {token}", "accept-encoding": "gzip"}
        browser = stack.enter_context(httpx.Client(base_url=url, headers=head | _OWN, timeout=60))
        print(settle(browser), flush=True)
        made = MadeUpArchive(asked.documents)
        for times in alone(browser, made, asked.questions):
            print(times.line(), flush=True)
        print(weight(browser), flush=True)
        if asked.people:
            print(together(url, token, asked, home), flush=True)


@contextlib.contextmanager
def served(home: Path) -> Iterator[str]:
    """``faldone web`` on a home, in a process of its own."""
    port = 8100 + os.getpid() % 800
    environment = os.environ | {"FALDONE_WEB__PORT": str(port)}
    command = [sys.executable, "-m", "faldone.cli.main", "web", "--home", str(home)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_for(url, process)
            yield url
        finally:
            process.terminate()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/api/v1/alive").status_code == 200:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit("the web app did not start")


def settle(browser: httpx.Client) -> str:
    """Waits until what is read ahead at the start is read: what a day is like, and not its first seconds."""
    begun = time.perf_counter()
    assert browser.get("/revisione", follow_redirects=True).status_code == 200
    return f"the queue of the review stood {time.perf_counter() - begun:.1f} s after the first answer"


def alone(browser: httpx.Client, made: MadeUpArchive, count: int) -> list[Times]:
    """One person: search, open the first hit, look at a page that nobody looked at, type ahead, review."""
    rng = Random(5)
    search, results, ahead = (
        Times("search, asked and shown", 150),
        Times("  its page of results", 150),
        Times("type-ahead", 100),
    )
    found: list[str] = []
    for number in range(count):
        text = _question(made, rng, number)
        with _timed(search):
            asked = browser.post("/ricerca", data={"q": text})
            assert asked.status_code == 303, asked.status_code
            with _timed(results):
                shown = browser.get(asked.headers["location"])
                assert shown.status_code == 200, shown.status_code
        found += _DOCUMENT.findall(shown.text)[:1]
        with _timed(ahead):
            assert browser.post("/ricerca/suggerimenti", data={"q": text[:7]}).status_code == 200
    viewer, image = Times("viewer, page and image", 300), Times("  the image alone", 300)
    for document in _with_scans(browser, made):
        with _timed(viewer):
            assert browser.get(f"/documenti/{document}").status_code == 200
            with _timed(image):
                assert browser.get(f"/documenti/{document}/pagine/1/immagine?w=1240").status_code == 200
    review = Times("review, next document", 150)
    for _ in range(min(count, 60)):
        with _timed(review):
            bench = browser.get("/revisione", follow_redirects=True)
            assert bench.status_code == 200, bench.status_code
    decide = Times("review, decided and next shown", 250)
    for _ in range(min(count, 40)):
        waiting = browser.get("/api/v1/review", params={"limit": 1}).json()["items"]
        if not waiting:
            break
        with _timed(decide):
            done = browser.post(f"/api/v1/review/{waiting[0]['id']}/accept", json={"version": waiting[0]["version"]})
            assert done.status_code == 200, done.text
            browser.get("/revisione", follow_redirects=True)
    return [times for times in (search, results, ahead, viewer, image, review, decide) if times.taken]


@contextlib.contextmanager
def _timed(times: Times) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    times.taken.append(1000 * (time.perf_counter() - begun))


def _question(made: MadeUpArchive, rng: Random, number: int) -> str:
    document = made.some(rng)
    holder = document.persons[0].name
    kinds: Sequence[Callable[[], str]] = (
        lambda: holder,
        lambda: holder.replace("c", "k", 1).replace("i", "j", 1),
        lambda: " ".join(rng.sample(document.pages[0].split(), 2)),
        lambda: f"{holder.split()[0]} {document.type_name.split()[0]} {document.date.year if document.date else ''}",
        lambda: f"prot:{document.protocol_number}/{document.date.year if document.date else 2000}",
        lambda: f'"{" ".join(document.pages[0].split()[40:43])}"',
    )
    return re.sub(r"[^\w\s:/\"']", " ", kinds[number % len(kinds)]())


def _with_scans(browser: httpx.Client, made: MadeUpArchive) -> list[str]:
    """Documents that have a scan, which are the first ones: found by their protocol."""
    found: list[str] = []
    for number in range(0, SCANS, 5):
        document = made.document(number)
        year = document.date.year if document.date else 2000
        body = {"q": f"prot:{document.protocol_number}/{year} {document.persons[0].name}", "limit": 1}
        hits = browser.post("/api/v1/search", json=body).json().get("documents", ())
        for hit in hits:
            if browser.get(f"/documenti/{hit['id']}/pagine/1/immagine?w=200").status_code == 200:
                found.append(hit["id"])
    return found


def weight(browser: httpx.Client) -> str:
    """What a page weighs as it travels, pictures left out: the page itself, styles, scripts and fonts."""
    page = browser.get("/ricerca")
    sizes = {"/ricerca": _travelled(page)}
    for asset in dict.fromkeys(_ASSET.findall(page.text)):
        answer = browser.get(asset)
        sizes[asset.partition("?")[0]] = _travelled(answer)
        if ".css" in asset:
            for font in dict.fromkeys(_FONT.findall(answer.text)):
                sizes[font] = _travelled(browser.get(str(httpx.URL(asset).join(font))))
        if ".js" in asset:
            for module in dict.fromkeys(re.findall(r'from\s*"\./([\w.-]+)"|from\s*\'\./([\w.-]+)\'', answer.text)):
                name = next(filter(None, module))
                sizes[f"/static/js/{name}"] = _travelled(browser.get(f"/static/js/{name}"))
    total = sum(sizes.values()) / 1000
    word = "holds" if total <= 400 else "FALLS SHORT"
    return f"page weight without images        {total:6.0f} kB  (asked ≤ 400 kB: {word})"


def _travelled(answer: httpx.Response) -> int:
    return answer.num_bytes_downloaded + sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)


def together(url: str, token: str, asked: argparse.Namespace, home: Path) -> str:
    """Many people at once, by locust in a process of its own."""
    questions = home / "questions.json"
    made, rng = MadeUpArchive(asked.documents), Random(6)
    questions.write_text(json.dumps([_question(made, rng, number) for number in range(500)]))
    stats = home / "locust"
    command = [
        sys.executable, "-m", "locust", "-f", str(Path(__file__).with_name("people.py")), "--headless",
        "--users", str(asked.people), "--spawn-rate", "10", "--run-time", f"{asked.seconds}s", "--host", url,
        "--csv", str(stats), "--only-summary", "--reset-stats", "--exit-code-on-error", "0",
    ]  # fmt: skip
    environment = os.environ | {"BENCH_TOKEN": token, "BENCH_QUESTIONS": str(questions)}
    subprocess.run(command, env=environment, check=True, capture_output=True)
    lines = []
    for row in _rows(stats.with_name("locust_stats.csv")):
        lines.append(
            f"  {row['Name'] or 'together':30} {row['Request Count']:>6} requests  {row['Failure Count']} errors  "
            f"p50 {row['50%']} ms  p95 {row['95%']} ms"
        )
    return f"{asked.people} people at once (asked: 0 errors, p95 ≤ 500 ms)\n" + "\n".join(lines)


def _rows(path: Path) -> list[dict[str, str]]:
    import csv

    with path.open(newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
