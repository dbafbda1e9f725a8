"""How fast an archive of this size is indexed and searched, against what faldone promises.

Prints documents a second and core while indexing, how long a document just filed takes to be found, the size of the
index beside the text; then the times of mixed questions, snippets and boxes of the ten hits included, for somebody who
may see everything and for a clerk, in turn; then those asked while another process makes the index again. The texts of
the hits are made from the seed and packed as the catalog has them; unpacking them counts, making them and SQL do not.

    python -m tests.bench.search [--documents 100000] [--engine tantivy|elasticsearch] [--url URL] [--queries 2000]
                                 [--facets] [--folder F] [--no-rebuild]

An index of this size that ``--folder`` already holds is searched as it is. Without ``--url`` a node of Elasticsearch
is started.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from faldone.search.elasticsearch import ElasticsearchIndex
from faldone.search.index import SearchIndex
from faldone.search.tantivy import TantivyIndex
from tests.bench.search.archive import MadeUpArchive
from tests.bench.search.measure import Wanted, measure
from tests.bench.search.overhead import HEAP
from tests.elasticsearch_node.node import Node


@contextlib.contextmanager
def opener(engine: str, url: str, folder: Path) -> Iterator[Callable[[], SearchIndex]]:
    """What opens the index in the folder, or on the server."""
    if engine == "tantivy":
        yield functools.partial(TantivyIndex, folder / "index")
        return
    with contextlib.ExitStack() as stack:
        if not url:
            url = stack.enter_context(Node(folder / "node", heap=HEAP)).url
        yield functools.partial(ElasticsearchIndex, url, alias="faldone-bench")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--engine", choices=("tantivy", "elasticsearch"), default="tantivy")
    parser.add_argument("--url", default="")
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--facets", action="store_true")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--no-rebuild", action="store_true")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faldone-bench-")))
        folder.mkdir(parents=True, exist_ok=True)
        opens = stack.enter_context(opener(asked.engine, asked.url, folder))
        index = stack.enter_context(contextlib.closing(opens()))
        archive = MadeUpArchive(asked.documents, asked.seed)
        wanted = Wanted(asked.queries, facets=asked.facets, rebuild=None if asked.no_rebuild else opens)
        for line in measure(index, archive, wanted, folder / "index" if asked.engine == "tantivy" else None):
            print(line, flush=True)


if __name__ == "__main__":
    main()
