"""Which other engines there are to compare with."""

from __future__ import annotations

import importlib.util

from benchmarks.steps import postgres

# Of sessions; peer: the Python package that it needs.
PEERS = {"duckdb": "duckdb", "postgres": "psycopg", "polars": "polars", "chdb": "chdb"}

# Of these, the one that has journeys too.
JOURNEY_PEER = "chdb"

# Of attribution.
CHANNELATTRIBUTION = "channelattribution"


def why_not(peer: str) -> str:
    """Why a peer can't be measured here and what to do; empty where it can."""
    if peer == CHANNELATTRIBUTION:
        if importlib.util.find_spec("ChannelAttribution") is None:
            return (
                "ChannelAttribution is not installed: `make bench` compiles it where there is a C++"
                " compiler (apt-get install g++; then rm -r .venv-bench, and make bench)"
            )
        return ""
    package = PEERS[peer]
    if importlib.util.find_spec(package) is None:
        return f"{package} is not installed: run `make bench`, which makes .venv-bench with it"
    if peer == "postgres" and postgres.programs() is None:
        return "PostgreSQL is not installed: apt-get install postgresql (no server need run)"
    return ""
