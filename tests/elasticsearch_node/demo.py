"""The demo on a real Elasticsearch node, which this starts and ends: ``make demo-elasticsearch``.

python -m tests.elasticsearch_node.demo [--home FOLDER] [--pages N]
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from pathlib import Path

from tests.elasticsearch_node.node import Node, NodeError, missing_tools

FALDONE = Path(sys.executable).parent / "faldone"


def main() -> int:
    """Node, demo, a search; at a terminal the node stays until Enter or Ctrl-C."""
    parser = argparse.ArgumentParser(description="The demo on a real Elasticsearch node.")
    parser.add_argument("--home", type=Path, default=Path("demo-elasticsearch-home"))
    parser.add_argument("--pages", type=int, default=60)
    arguments = parser.parse_args()
    if missing := missing_tools():
        sys.stderr.write(f"Per il nodo mancano / the node needs: {', '.join(missing)}\n")
        return 69
    sys.stderr.write("Si avvia Elasticsearch (la prima volta un minuto) / starting Elasticsearch (a minute at first)\n")
    try:
        with Node(arguments.home.with_name(f"{arguments.home.name}-node").absolute()) as node:
            return _show(node, arguments.home, arguments.pages)
    except NodeError as error:
        sys.stderr.write(f"Il nodo non parte / the node does not start: {error}\n")
        return 69


def _show(node: Node, home: Path, pages: int) -> int:
    environment = {**os.environ, "FALDONE_SEARCH__URL": node.url}
    command = [str(FALDONE), "demo", "--home", str(home), "--pages", str(pages)]
    done = subprocess.run(command, env=environment, check=False).returncode
    if done:
        return done
    subprocess.run([str(FALDONE), "search", "relazione", "--home", str(home)], env=environment, check=False)
    sys.stdout.write(
        f"\nL'indice è su {node.url} / the index is on {node.url}\n"
        f"  export FALDONE_SEARCH__URL={shlex.quote(node.url)}\n"
        f"  curl '{node.url}/_cat/aliases/faldone-documents*?v'\n"
        f"  curl '{node.url}/_cat/indices/faldone-documents*?v'\n"
        f"  .venv/bin/faldone index rebuild --home {shlex.quote(str(home))}\n"
    )
    sys.stdout.flush()
    if sys.stdin.isatty():
        try:
            input("Invio per finire · Enter to end ")
        except (KeyboardInterrupt, EOFError):
            sys.stdout.write("\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
