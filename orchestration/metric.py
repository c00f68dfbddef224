"""`python -m orchestration.metric "--metrics … --group-by …"`: ask the published warehouse by name.

The options are those of MetricFlow's own `mf query`, whose SQL this runs on the published file,
read-only. Without any it lists what there is to ask for. Exit statuses: 0 answered; 2 a question
that has no answer, or nothing published yet.
"""

from __future__ import annotations

import argparse
import re
import shlex
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import duckdb
from metricflow.data_table.mf_table import MetricFlowDataTable
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.engine.models import Dimension
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow.sql.render.sql_plan_renderer import SqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import (
    parse_manifest_from_dbt_generated_manifest,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup
from metricflow_semantics.sql.sql_bind_parameters import SqlBindParameterSet

from orchestration.errors import UsageError
from orchestration.failures import one_line
from orchestration.query import ROWS_SHOWN
from orchestration.settings import Settings
from orchestration.transform.dbt import Dbt

USAGE = (
    "Write the question as one argument, e.g. "
    'make metric QUERY="--metrics influenced_contacts --group-by campaign__name,metric_time__week".'
)
WIDTH = 100

# The database that the models are built in, and that their SQL names.
DATABASE = "wh"


class PublishedMarts:
    """The published marts, read-only, as MetricFlow asks for them (its protocol `SqlClient`)."""

    def __init__(self, published: Path) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("set timezone = 'UTC'")
        path = str(published).replace("'", "''")
        self.connection.execute(f"attach '{path}' as {DATABASE} (read_only)")

    @property
    def sql_engine_type(self) -> SqlEngine:
        """Which engine it is."""
        return SqlEngine.DUCKDB

    @property
    def sql_plan_renderer(self) -> SqlPlanRenderer:
        """What writes SQL for it."""
        return DuckDbSqlPlanRenderer()

    def query(
        self, stmt: str, sql_bind_parameter_set: SqlBindParameterSet | None = None
    ) -> MetricFlowDataTable:
        """What a select gives."""
        found = self.connection.execute(stmt)
        names = [column[0] for column in found.description]
        return MetricFlowDataTable.create_from_rows(names, found.fetchall())

    def execute(self, stmt: str, sql_bind_parameter_set: SqlBindParameterSet | None = None) -> None:
        """Run a statement that gives nothing."""
        self.connection.execute(stmt)

    def dry_run(self, stmt: str, sql_bind_parameter_set: SqlBindParameterSet | None = None) -> None:
        """Raise duckdb.Error where a select can't run."""
        self.connection.execute(f"explain {stmt}")

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def render_bind_parameter_key(self, bind_parameter_key: str) -> str:
        """How a parameter stands in SQL."""
        return f"${bind_parameter_key}"


class SemanticLayer:
    """The metrics of the project, over the published marts of the settings."""

    def __init__(self, settings: Settings) -> None:
        """Raises UsageError where nothing is published yet or the project doesn't parse."""
        published = settings.published / "current.duckdb"
        if not published.exists():
            raise UsageError(f"Nothing is published in {settings.warehouse} yet: make run.")
        text = Dbt(settings).on_duckdb().semantic_manifest()
        self.manifest = parse_manifest_from_dbt_generated_manifest(text)
        self.marts = PublishedMarts(published)
        self.engine = MetricFlowEngine(SemanticManifestLookup(self.manifest), self.marts)
        self._measured_in = {
            metric.name: metric.semantic_models
            for metric in self.engine.list_metrics(include_dimensions=False)
        }

    def sql(self, request: MetricFlowQueryRequest) -> str:
        """The SQL that answers a question.

        Raises UsageError where there is no such metric, or none by what it asks for.
        """
        try:
            return self.engine.explain(request).sql_statement.without_descriptions.sql
        except Exception as error:
            raise UsageError(f"The question has no answer: {_plainly(error)}") from error

    def answer(self, request: MetricFlowQueryRequest) -> duckdb.DuckDBPyRelation:
        """The answer to a question; amounts stay decimals and dates dates.

        Raises UsageError where it has none.
        """
        sql = self.sql(request)
        try:
            return self.marts.connection.sql(sql)
        except duckdb.Error as error:
            raise UsageError(f"The question doesn't run: {one_line(error)}") from error

    def listing(self) -> Iterator[str]:
        """What there is to ask for, as lines: metrics, by what they go, and saved queries."""
        metrics = {metric.name: metric for metric in self.manifest.metrics}
        families: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for name in metrics:
            families[self.group_bys(name)].append(name)
        for group_bys, names in families.items():
            for name in names:
                yield from _described(name, metrics[name].description)
            yield from _wrapped(f"by {', '.join(group_bys)}", "  ")
            yield ""
        yield "Saved queries:"
        for query in self.manifest.saved_queries:
            yield from _described(query.name, query.description)

    def group_bys(self, metric: str) -> tuple[str, ...]:
        """By what a metric can be asked for; a date also as `…__week`, `…__month` and so on."""
        return tuple(
            item.granularity_free_dunder_name if isinstance(item, Dimension) else item.name
            for item in self.engine.list_group_bys([metric])
            # An entity of a mart that is only joined doesn't go by its bare name.
            if isinstance(item, Dimension)
            or item.semantic_model_reference in self._measured_in[metric]
        )


class _Parser(argparse.ArgumentParser):
    """The options of a question; a mistake in them is the user's."""

    def error(self, message: str) -> NoReturn:
        """Tell of a mistake."""
        raise UsageError(f"{message[:1].upper()}{message[1:]}. {USAGE}")


def parse(question: str) -> argparse.Namespace:
    """The options of a question. Raises UsageError where they are none."""
    parser = _Parser(prog="metric", add_help=False, allow_abbrev=False)
    parser.add_argument("--metrics", type=_names)
    parser.add_argument("--group-by", type=_names)
    parser.add_argument("--where", action="append")
    parser.add_argument("--order", type=_names)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--start-time", type=datetime.fromisoformat)
    parser.add_argument("--end-time", type=datetime.fromisoformat)
    parser.add_argument("--saved-query")
    parser.add_argument("--explain", action="store_true")
    try:
        # `--order -revenue` is a value, though it looks like an option.
        words = re.sub(r"(--order)\s+", r"\1=", question)
        return parser.parse_args(shlex.split(words))
    except ValueError as error:
        raise UsageError(f"The question can't be read ({error}). {USAGE}") from error


def main(arguments: list[str]) -> int:
    """Print the answer to a question, or what there is to ask for; returns the exit status."""
    try:
        if len(arguments) > 1:
            raise UsageError(USAGE)
        question = " ".join(arguments).strip()
        options = parse(question)
        layer = SemanticLayer(Settings.from_environment())
        if not question:
            print("\n".join(layer.listing()))
            return 0
        request = MetricFlowQueryRequest.create(
            saved_query_name=options.saved_query,
            metric_names=options.metrics,
            group_by_names=options.group_by,
            where_constraints=options.where,
            order_by_names=options.order,
            limit=options.limit,
            time_constraint_start=options.start_time,
            time_constraint_end=options.end_time,
        )
        if options.explain:
            print(layer.sql(request))
        else:
            layer.answer(request).show(max_rows=ROWS_SHOWN, max_width=10_000)
    except UsageError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _plainly(error: Exception) -> str:
    """MetricFlow's message without its headings, and without where in its plan it came up."""
    text = " ".join(str(error).split())
    text = re.sub(r"^Got error\(s\) during query resolution\. ", "", text)
    return re.sub(r"(Error #\d+: )?Message: | Issue Location: .*?(?=Error #|$)", "", text)


def _described(name: str, description: str | None) -> Iterator[str]:
    yield name
    yield from _wrapped(description or "", "    ")


def _wrapped(text: str, indent: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
