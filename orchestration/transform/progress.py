"""How far a build is: a line for each group of models that is done."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any


def group_of(node: Mapping[str, Any]) -> str:
    """The group of a model or seed: its folder under models/, or `reference` for seeds."""
    if node["resource_type"] == "seed":
        return "reference"
    return node["fqn"][1] if len(node["fqn"]) > 2 else "models"


class BuildProgress:
    """Tells of each group once its last model is there."""

    def __init__(self, nodes: Mapping[str, Mapping[str, Any]], say: Callable[[str], None]) -> None:
        """nodes are those that the command builds, by unique id; say gets each line."""
        self._groups = {unique_id: group_of(node) for unique_id, node in nodes.items()}
        self._sizes = Counter(self._groups.values())
        self._left = Counter(self._sizes)
        self._began = time.monotonic()
        self._say = say

    def note(self, event: Mapping[str, Any]) -> None:
        """Take up dbt's result event of a node."""
        node = event["data"]["node_info"]
        group = self._groups.get(node["unique_id"])
        if node["node_status"] in {"error", "fail", "warn"}:
            self._say(f"  {node['node_status']}: {node['node_name']}")
        if group is None:
            return
        self._left[group] -= 1
        if self._left[group] == 0:
            size, seconds = self._sizes[group], time.monotonic() - self._began
            self._say(
                f"  {group}: {size} {'table' if size == 1 else 'tables'}, after {seconds:.1f} s"
            )
