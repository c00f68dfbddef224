"""The table of the data-driven models, from the tables that SQL has counted: on every engine."""

from __future__ import annotations

from collections.abc import Sequence
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


def rows_of(transitions: Sequence[Sequence[Any]], key_sets: Sequence[Sequence[Any]]) -> pa.Table:
    """The rows of int_data_driven_credits.

    transitions, key_sets: the rows of int_key_transitions and int_key_sets, in order.
    """
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
