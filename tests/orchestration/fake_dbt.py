"""A dbt that builds nothing and says what a test wants it to say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any


class FakeDbt:
    """Stands for orchestration.transform.dbt.Dbt over a small manifest.

    `statuses` says how nodes end that do not succeed, `messages` with what message; `on_command`
    is called with the arguments of each command, before its first node; `present_rules` tells the
    present rules from others.
    """

    def __init__(self) -> None:
        self.statuses: dict[str, str] = {}
        self.messages: dict[str, str] = {}
        self.commands: list[Sequence[str]] = []
        self.present_rules = "rules"
        self.on_command: Callable[[Sequence[str]], None] = lambda arguments: None

    def manifest(self) -> dict[str, Any]:
        return MANIFEST

    def on_duckdb(self) -> FakeDbt:
        return self

    def rules(self) -> str:
        return self.present_rules

    def command(self, arguments: Sequence[str]) -> FakeCommand:
        self.commands.append(arguments)
        is_after_audit = "--select" in arguments
        nodes = [
            node
            for node in MANIFEST["nodes"].values()
            if ("after_audit" in node["tags"]) == is_after_audit
        ]
        return FakeCommand(self, arguments, nodes)


class FakeCommand:
    """One command: an event and a result per node."""

    exception = None

    def __init__(
        self, dbt: FakeDbt, arguments: Sequence[str], nodes: Sequence[Mapping[str, Any]]
    ) -> None:
        self._dbt = dbt
        self._arguments = arguments
        self._nodes = nodes
        self.results: list[Any] = []

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        self._dbt.on_command(self._arguments)
        for node in self._nodes:
            is_test = node["resource_type"] == "test"
            status = self._dbt.statuses.get(node["name"], "pass" if is_test else "success")
            attached = node["attached_node"] if is_test else None
            self.results.append(
                SimpleNamespace(
                    node=SimpleNamespace(
                        unique_id=node["unique_id"],
                        name=node["name"],
                        resource_type=node["resource_type"],
                        depends_on_nodes=node["depends_on"]["nodes"],
                        attached_node=attached,
                        column_name=node.get("column_name"),
                    ),
                    status=status,
                    message=self._dbt.messages.get(node["name"], ""),
                    failures={"pass": 0, "warn": 2, "fail": 2}.get(status),
                )
            )
            if status != "skipped":
                yield _event(node, status)


def _event(node: Mapping[str, Any], status: str) -> Mapping[str, Any]:
    return {
        "info": {
            "name": "LogTestResult" if node["resource_type"] == "test" else "LogModelResult",
            "msg": "",
            "invocation_id": "an-invocation",
        },
        "data": {
            "node_info": {
                "unique_id": node["unique_id"],
                "node_name": node["name"],
                "node_status": status,
                "node_started_at": "",
                "node_finished_at": "",
                "materialized": node["config"]["materialized"],
            },
            "status": status,
            "execution_time": 0.0,
            "num_failures": 0,
        },
    }


def _node(unique_id: str, *parents: str, schema: str = "", **properties: Any) -> dict[str, Any]:
    kind, package, name = unique_id.split(".")
    return {
        "unique_id": unique_id,
        "name": name,
        "alias": name,
        "resource_type": kind,
        "package_name": package,
        "schema": schema,
        "fqn": [package, schema, name],
        "original_file_path": f"models/{schema}/{name}.sql",
        "description": "",
        "columns": {},
        "tags": [],
        "meta": {},
        "raw_code": "select 1",
        "config": {
            "enabled": True,
            "materialized": {"test": "test"}.get(kind, "table"),
            "meta": {},
            "severity": "error",
            "schema": schema,
        },
        "depends_on": {"nodes": list(parents)},
        **properties,
    }


def _manifest() -> dict[str, Any]:
    events = "source.p.raw.events"
    staged, mart = "model.p.stg_events", "model.p.sessions"
    nodes = [
        _node(staged, events, schema="staging"),
        _node("test.p.stg_events_key", staged, attached_node=staged, column_name="event_id"),
        _node(mart, staged, schema="marts"),
        _node("test.p.sessions_key", mart, attached_node=mart),
        # A singular test of two models, which dbt attaches to none.
        _node("test.p.every_event_has_a_session", staged, mart, attached_node=None),
        _node("model.p.warehouse_runs", mart, schema="marts", tags=["after_audit"]),
    ]
    source = {
        "unique_id": events,
        "resource_type": "source",
        "source_name": "raw",
        "name": "events",
        "description": "The event stream.",
        "config": {},
        "meta": {},
        "tags": [],
        "columns": {},
        "fqn": ["p", "staging", "raw", "events"],
    }
    ledger = {**source, "unique_id": "source.p.raw.ledger", "name": "ledger"}
    parents = {node["unique_id"]: node["depends_on"]["nodes"] for node in nodes}
    return {
        "metadata": {"project_name": "p", "adapter_type": "duckdb"},
        "nodes": {node["unique_id"]: node for node in nodes},
        "sources": {table["unique_id"]: table for table in (source, ledger)},
        "parent_map": parents,
        "child_map": {
            parent: [child for child, above in parents.items() if parent in above]
            for parent in {*parents, events, "source.p.raw.ledger"}
        },
        "groups": {},
        "exposures": {},
        "metrics": {},
        "semantic_models": {},
        "saved_queries": {},
        "unit_tests": {},
        "macros": {},
        "selectors": {},
        "docs": {},
        "disabled": {},
    }


MANIFEST = _manifest()
