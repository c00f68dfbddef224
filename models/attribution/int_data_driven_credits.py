"""One row per dimension, key and data-driven model: solves what the SQL before it has counted."""

from typing import Any

import pyarrow as pa

from orchestration.data_driven.credits import KeySet, credits_of
from orchestration.data_driven.markov import Transition

COLUMNS = pa.schema(
    [
        ("dimension", pa.string()),
        ("key", pa.string()),
        ("model", pa.string()),
        ("credit", pa.float64()),
        ("cents", pa.int64()),
        ("removal_effect", pa.float64()),
    ]
)


def model(dbt: Any, session: Any) -> pa.Table:
    """The rows of the model, for dbt."""
    dbt.config(materialized="table")
    transitions = dbt.ref("int_key_transitions").order("all").fetchall()
    key_sets = dbt.ref("int_key_sets").order("all").fetchall()
    rows = [
        {
            "dimension": dimension,
            "key": credit.key,
            "model": credit.model,
            "credit": credit.credit,
            "cents": credit.cents,
            "removal_effect": credit.removal_effect,
        }
        for dimension in sorted({row[0] for row in key_sets})
        for credit in credits_of(
            (
                (order, Transition(tuple(filter(None, keys)), next_key, is_conversion, times))
                for name, order, *keys, next_key, is_conversion, times in transitions
                if name == dimension
            ),
            [
                KeySet(key, keys, conversions, int(revenue * 100))
                for name, key, keys, conversions, revenue in key_sets
                if name == dimension
            ],
        )
    ]
    return pa.Table.from_pylist(rows, schema=COLUMNS)
