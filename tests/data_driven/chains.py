"""Random paths, and the chain that they make, counted by plain loops."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from hypothesis import strategies as st

from orchestration.data_driven.markov import State, Transition


@dataclass(frozen=True)
class KeyedPath:
    """The keys of a path in order, whether it converts, and its amount in cents if so."""

    keys: tuple[str, ...]
    converts: bool
    cents: int = 0


def random_paths(most_keys: int = 5, most_paths: int = 12) -> st.SearchStrategy[list[KeyedPath]]:
    keys = st.sampled_from("abcdefgh"[:most_keys])
    return st.lists(
        st.builds(
            KeyedPath,
            st.lists(keys, min_size=1, max_size=7).map(tuple),
            st.booleans(),
            st.integers(-10_000, 10_000),
        ),
        min_size=1,
        max_size=most_paths,
    )


def transitions_of(paths: list[KeyedPath], order: int) -> list[Transition]:
    times: Counter[tuple[State, str | None, bool]] = Counter()
    for path in paths:
        last: State = ()
        for key in path.keys:
            times[last, key, False] += 1
            last = (*last, key)[-order:]
        times[last, None, path.converts] += 1
    return [Transition(*step, times=often) for step, often in times.items()]
