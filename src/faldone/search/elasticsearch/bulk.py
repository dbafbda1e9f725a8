"""Documents on their way to the cluster: many in one request, each answered for by itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from elasticsearch import ApiError, Elasticsearch

from faldone.search.elasticsearch.client import BUSY, Cluster, Json, Pauses, away

CONFLICT, NOT_FOUND, _TOO_LARGE = 409, 404, 413

Refresh = Literal["wait_for"] | bool


@dataclass(frozen=True, slots=True)
class Action:
    """One line of a bulk, or two: what is to be done with the document of this id, and the document."""

    id: str
    lines: tuple[bytes, ...]

    @classmethod
    def of(cls, verb: str, document_id: str, source: Json | None = None, **condition: object) -> Action:
        """``verb`` is create, index or delete; ``condition`` are parameters such as ``if_seq_no``."""
        head = _json({verb: {"_id": document_id, **condition}})
        return cls(document_id, (head,) if source is None else (head, _json(source)))

    @property
    def size(self) -> int:
        """In bytes, as it is sent."""
        return sum(len(line) + 1 for line in self.lines)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An action that the cluster did not carry out and never will as it stands."""

    id: str
    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class Bulk:
    """How bulks are sent.

    Attributes:
        cluster: where to.
        index: the alias that is written through: a missing one must not become an index with guessed fields.
        documents: upper bound of actions in one request.
        size: upper bound of a request in bytes; a larger document goes alone.
        persistent: waits also for a cluster that nobody answers of.
    """

    cluster: Cluster
    index: str
    documents: int
    size: int
    persistent: bool = False

    def send(self, actions: Iterable[Action], refresh: Refresh = False) -> Iterator[Refusal]:
        """Sends actions, those that a busy node refused again and again, and gives what was refused for good.

        ``refresh`` counts when one request is enough; for more of them the whole index is refreshed once, at the end.

        Raises:
            IndexUnavailableError: the cluster was too busy for some of them for longer than one waits.
        """
        parts = portions(actions, self.documents, self.size)
        part = next(parts, None)
        following = next(parts, None)
        if part is not None and following is None:
            yield from self._send(part, refresh)
            return
        while part is not None:
            yield from self._send(part, refresh=False)
            part, following = following, next(parts, None)
        if refresh:
            self.cluster.ask(lambda client: client.indices.refresh(index=self.index))

    def _send(self, actions: Sequence[Action], refresh: Refresh) -> Iterator[Refusal]:
        left = {action.id: action for action in actions}
        pauses = Pauses.lasting(self.cluster.patience_s)
        attempt = 0
        while left:
            refused = {}
            for refusal in self._once(list(left.values()), refresh):
                if refusal.status in BUSY:
                    refused[refusal.id] = refusal
                else:
                    yield refusal
            left = {key: left[key] for key in refused}
            if left and not pauses.after(attempt):
                raise away(f"{len(left)}: {next(iter(refused.values())).reason}")
            attempt += 1

    def _once(self, actions: Sequence[Action], refresh: Refresh) -> Iterator[Refusal]:
        lines = [line for action in actions for line in action.lines]

        def request(client: Elasticsearch) -> Any:
            # The client sends bytes as they are; its signature knows of mappings alone.
            operations = cast("Sequence[dict[str, Any]]", lines)
            return client.bulk(index=self.index, operations=operations, refresh=refresh, require_alias=True)

        try:
            answer = self.cluster.ask(request, unreachable=self.persistent)
        except ApiError as error:
            if error.status_code != _TOO_LARGE:
                raise
            if len(actions) == 1:
                yield Refusal(actions[0].id, _TOO_LARGE, "larger than the cluster takes (http.max_content_length)")
                return
            middle = len(actions) // 2
            yield from self._once(actions[:middle], refresh)
            yield from self._once(actions[middle:], refresh)
            return
        if not answer["errors"]:
            return
        for item in answer["items"]:
            result = next(iter(item.values()))
            if "error" in result:  # a deletion of what is not there is a 404 without one
                yield Refusal(str(result["_id"]), int(result["status"]), _reason(result))


def portions(actions: Iterable[Action], documents: int, size: int) -> Iterator[list[Action]]:
    """Actions by the request, in order: at most so many, and so many bytes unless one alone is larger."""
    part: list[Action] = []
    filled = 0
    for action in actions:
        if part and (len(part) == documents or filled + action.size > size):
            yield part
            part, filled = [], 0
        part.append(action)
        filled += action.size
    if part:
        yield part


def _json(value: Json) -> bytes:
    # A lone surrogate is no UTF-8: the server would refuse the whole request for it.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _reason(result: Json) -> str:
    error = result.get("error", {})
    if not isinstance(error, dict):
        return str(error)
    cause = error.get("caused_by", {})
    parts = [error.get("type"), error.get("reason"), cause.get("reason") if isinstance(cause, dict) else None]
    return ": ".join(str(part) for part in parts if part)
