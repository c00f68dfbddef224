"""Which other engines there are to compare with."""

from __future__ import annotations

import importlib.util

from benchmarks.steps import postgres

# Peer: the Python package that it needs.
PEERS = {"duckdb": "duckdb", "postgres": "psycopg", "polars": "polars", "chdb": "chdb"}


def why_not(peer: str) -> str:
    """Why a peer can't be measured here and what to do; empty where it can."""
    package = PEERS[peer]
    if importlib.util.find_spec(package) is None:
        return f"{package} is not installed: run `make bench`, which makes .venv-bench with it"
    if peer == "postgres" and postgres.programs() is None:
        return "PostgreSQL is not installed: apt-get install postgresql (no server need run)"
    return ""
