"""People at work, for locust: each searches, opens, types ahead and reviews, with a moment between two clicks."""

from __future__ import annotations

import json
import os
import random
import re
from pathlib import Path

from locust import HttpUser, between, task

_QUESTIONS = json.loads(Path(os.environ["BENCH_QUESTIONS"]).read_text())
_DOCUMENT = re.compile(r"/documenti/(d-[0-9a-f]{12})")


class Operator(HttpUser):
    """An operator in a spoke office."""

    wait_time = between(1, 3)

    def on_start(self) -> None:
        self.client.headers.update(
            {
                "authorization": f"Bearer {os.environ['BENCH_TOKEN']}",
                "sec-fetch-site": "same-origin",
                "accept-encoding": "gzip",
            }
        )
        self.found: list[str] = []

    @task(6)
    def search(self) -> None:
        asked = self.client.post(
            "/ricerca", data={"q": random.choice(_QUESTIONS)}, allow_redirects=False, name="search: asked"
        )
        if "location" in asked.headers:
            shown = self.client.get(asked.headers["location"], name="search: results")
            self.found = _DOCUMENT.findall(shown.text)[:5] or self.found

    @task(4)
    def open(self) -> None:
        if self.found:
            self.client.get(f"/documenti/{random.choice(self.found)}", name="viewer")

    @task(3)
    def type_ahead(self) -> None:
        text = random.choice(_QUESTIONS)[:6]
        self.client.post("/ricerca/suggerimenti", data={"q": text}, name="type-ahead")

    @task(1)
    def review(self) -> None:
        self.client.get("/revisione", name="review")
