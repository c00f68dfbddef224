"""Every metric says what the marts say, whatever it is grouped by."""

import math
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import jinja2
import pytest
import yaml
from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

from orchestration.metric import SemanticLayer
from tests.agreement.warehouse import PROJECT
from tests.semantic.figures import COLUMNS, DAY, FIGURES, Figure

MARTS = PROJECT / "models" / "marts"
MONTH = "metric_time__month"

Groups = dict[tuple[Any, ...], Any]


def asked(layer: SemanticLayer, metric: str, group_by: list[str]) -> Groups:
    """The metric's value for each group, as `mf query` finds it."""
    return asked_together(layer, [metric], group_by)[metric]


def asked_together(
    layer: SemanticLayer, metrics: list[str], group_by: list[str]
) -> dict[str, Groups]:
    """The values of several metrics for each group, of one question."""
    request = MetricFlowQueryRequest.create(metric_names=metrics, group_by_names=group_by)
    result = layer.engine.query(request).result_df
    assert result is not None
    order = [result.column_name_index(name) for name in (*group_by, *metrics)]
    rows = [[row[place] for place in order] for row in result.rows]
    return by_metric(metrics, rows)


def counted(layer: SemanticLayer, figure: Figure, group_by: list[str]) -> Groups:
    """The same figure, from the marts."""
    return counted_together(layer, {"figure": figure}, group_by)["figure"]


def counted_together(
    layer: SemanticLayer, figures: dict[str, Figure], group_by: list[str]
) -> dict[str, Groups]:
    """The same figures, which are of one mart, from it."""
    (mart,) = {id(figure.mart): figure.mart for figure in figures.values()}.values()
    names = {**mart.names, MONTH: f"date_trunc('month', {mart.time})"}
    columns = ", ".join(
        [*(names[name] for name in group_by), *(figure.sql for figure in figures.values())]
    )
    grouping = f"group by {', '.join(map(str, range(1, len(group_by) + 1)))}" if group_by else ""
    query = f"select {columns} from {mart.rows} {grouping}"
    return by_metric(list(figures), layer.marts.connection.execute(query).fetchall())


def by_metric(metrics: list[str], rows: Iterable[Sequence[Any]]) -> dict[str, Groups]:
    """Of rows with groups, then a value of each metric, the groups of each."""
    rows = list(rows)
    return {
        metric: by_group([*row[: -len(metrics)], row[place - len(metrics)]] for row in rows)
        for place, metric in enumerate(metrics)
    }


def by_group(rows: Iterable[Iterable[Any]]) -> Groups:
    found: Groups = {}
    for *group, value in rows:
        key = tuple(as_date(part) for part in group)
        assert key not in found, f"{key} stands twice"
        found[key] = float(value) if isinstance(value, Decimal) else value
    return found


def as_date(value: object) -> object:
    return value.date() if isinstance(value, datetime) else value


def same(wanted: object, found: object) -> bool:
    if isinstance(wanted, float) and isinstance(found, float):
        # Sums of credits in another order.
        return math.isclose(wanted, found, rel_tol=1e-12)
    return wanted == found


def assert_same(wanted: Groups, found: Groups) -> None:
    assert wanted.keys() == found.keys()
    wrong = {key: (wanted[key], found[key]) for key in wanted if not same(wanted[key], found[key])}
    assert not wrong, wrong


def test_every_metric_has_a_figure(layer: SemanticLayer) -> None:
    assert sorted(metric.name for metric in layer.manifest.metrics) == sorted(FIGURES)


@pytest.mark.parametrize("metric", FIGURES)
def test_a_metrics_total_is_that_of_the_marts(layer: SemanticLayer, metric: str) -> None:
    wanted = counted(layer, FIGURES[metric], [])
    assert_same(wanted, asked(layer, metric, []))


@pytest.mark.parametrize("metric", FIGURES)
def test_a_metric_by_month_is_that_of_the_marts(layer: SemanticLayer, metric: str) -> None:
    wanted = counted(layer, FIGURES[metric], [MONTH])
    assert any(wanted.values()), "a figure of nothing proves nothing"
    assert_same(wanted, asked(layer, metric, [MONTH]))


@pytest.mark.parametrize(
    "metrics",
    [
        [metric for metric, figure in FIGURES.items() if figure.mart is mart]
        for mart in {id(figure.mart): figure.mart for figure in FIGURES.values()}.values()
    ],
    ids=lambda metrics: metrics[0],
)
def test_the_metrics_of_a_mart_by_any_name_and_month_are_those_of_the_mart(
    layer: SemanticLayer, metrics: list[str]
) -> None:
    figures = {metric: FIGURES[metric] for metric in metrics}
    for name in figures[metrics[0]].mart.names:
        wanted = counted_together(layer, figures, [name, MONTH])
        found = asked_together(layer, metrics, [name, MONTH])
        for metric in metrics:
            assert_same(wanted[metric], found[metric])


@pytest.mark.parametrize("metric", COLUMNS)
def test_a_metric_by_what_makes_up_a_row_is_the_marts_column(
    layer: SemanticLayer, metric: str
) -> None:
    column = COLUMNS[metric]
    names = {**column.mart.names, DAY: column.mart.time, MONTH: column.mart.time}
    columns = ", ".join([*(names[name] for name in column.names), column.sql])
    query = f"select {columns} from {column.mart.rows} where {column.where}"
    wanted = by_group(layer.marts.connection.execute(query).fetchall())
    assert any(wanted.values()), "a figure of nothing proves nothing"
    assert_same(wanted, asked(layer, metric, list(column.names)))


@pytest.mark.parametrize("metric", FIGURES)
def test_a_metric_goes_by_the_names_that_are_compared_and_by_no_other(
    layer: SemanticLayer, metric: str
) -> None:
    known = {name.removesuffix("__month") for name in FIGURES[metric].mart.names}
    # The date of the metric itself, which is metric_time.
    own = {name for name in layer.group_bys(metric) if name.endswith("__date")}
    assert set(layer.group_bys(metric)) - own - {"metric_time"} == known


def test_a_column_of_campaigns_with_a_metrics_name_says_the_same(layer: SemanticLayer) -> None:
    columns = layer.marts.connection.execute(
        "select column_name from duckdb_columns() where table_name = 'campaigns' "
        "and data_type not in ('VARCHAR', 'DATE', 'TIMESTAMP')"
    ).fetchall()
    names = [name for (name,) in columns if name in FIGURES]
    assert len(names) > 10
    for name in names:
        wanted = by_group(
            layer.marts.connection.execute(
                f"select campaign_id, {name} from campaigns where {name} is not null"
            ).fetchall()
        )
        found = asked(layer, name, ["campaign"])
        # A campaign without a date has no row in the layer.
        missing = {key: wanted[key] for key in wanted.keys() - found.keys() if wanted[key]}
        assert not missing, (name, missing)
        known = wanted.keys() & found.keys()
        assert_same({key: wanted[key] for key in known}, {key: found[key] for key in known})


def test_a_kpi_with_a_metrics_name_says_the_same_of_a_campaign_and_date(
    layer: SemanticLayer,
) -> None:
    query = layer.marts.connection.execute
    names = [name for (name,) in query("select distinct kpi from kpi_daily").fetchall()]
    assert set(names) <= set(FIGURES)
    # Positions are known by keyword and month, not by campaign and date.
    for name in sorted(set(names) - {"search_rank"}):
        wanted = by_group(
            query(
                "select campaign_id, date, value from kpi_daily"
                " where kpi = ? and campaign_id != 'all' and value != 0",
                [name],
            ).fetchall()
        )
        found = asked(layer, name, ["campaign", "metric_time__day"])
        assert wanted
        assert_same(wanted, {key: float(found[key]) for key in wanted.keys() & found.keys()})


def test_the_search_rank_of_a_month_lies_among_those_of_its_dates(layer: SemanticLayer) -> None:
    months = layer.marts.connection.execute(
        "select cast(date_trunc('month', date) as date), min(value), max(value) from kpi_daily"
        " where kpi = 'search_rank' and campaign_id = 'all' and value is not null group by all"
    ).fetchall()
    found = asked(layer, "search_rank", [MONTH])
    assert found.keys() == {(month,) for month, _, _ in months}
    for month, least, most in months:
        assert least - 1e-9 <= found[(month,)] <= most + 1e-9


def test_the_time_spine_has_every_date_of_the_marts(layer: SemanticLayer) -> None:
    query = layer.marts.connection.execute
    first, last, dates = query("select min(date), max(date), count(*) from dates").fetchone()
    assert dates == (last - first).days + 1
    outside = []
    for model in layer.manifest.semantic_models:
        for dimension in model.dimensions:
            if dimension.type.value == "time" and dimension.name not in {"start_date", "end_date"}:
                least, most = query(
                    f"select min({dimension.expr or dimension.name}),"
                    f" max({dimension.expr or dimension.name})"
                    f" from {model.node_relation.relation_name}"
                ).fetchone()
                if not first <= least <= most <= last:
                    outside.append(f"{model.name}.{dimension.name}: {least} to {most}")
    assert not outside, outside


def test_the_time_spine_reads_every_mart_with_metrics(layer: SemanticLayer) -> None:
    text = (MARTS / "calendar" / "dates.sql").read_text(encoding="utf-8")
    marts = [model.node_relation.alias for model in layer.manifest.semantic_models]
    assert [mart for mart in marts if f"'{mart}'" not in text] == []


@pytest.fixture(scope="module")
def derived_dates() -> list[str]:
    """How the semantic models compute dates, before the variables stand in it."""
    texts = [path.read_text(encoding="utf-8") for path in MARTS.rglob("*.yml")]
    return [
        dimension["expr"]
        for text in texts
        if "derived_semantics" in text
        for model in yaml.safe_load(text)["models"]
        for dimension in model["derived_semantics"]["dimensions"]
        if dimension["type"] == "time"
    ]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_dates_are_those_of_the_report_timezone(
    layer: SemanticLayer, derived_dates: list[str], zone: str
) -> None:
    wanted = date(2025, 7, 1) if zone == "UTC" else date(2025, 6, 30)
    assert len(derived_dates) >= 4
    for written in derived_dates:
        expression = jinja2.Template(written).render(var={"report_timezone": zone}.get)
        (column,) = re.findall(r"[a-z_]+_at\b", expression)
        found = layer.marts.connection.execute(
            f"select {expression} from (select timestamp '2025-07-01 03:59:59.999999' as {column})"
        ).fetchone()
        assert found == (wanted,)


def test_every_metric_cites_its_rule(layer: SemanticLayer) -> None:
    wrong = [
        metric.name
        for metric in layer.manifest.metrics
        if not re.search(r"\([A-Z]+-\d+", metric.description or "")
    ]
    assert not wrong, wrong


def test_every_saved_query_has_an_answer(layer: SemanticLayer) -> None:
    names = [query.name for query in layer.manifest.saved_queries]
    assert "influenced_contacts_by_campaign_and_week" in names
    for name in names:
        request = MetricFlowQueryRequest.create(saved_query_name=name)
        assert layer.answer(request).fetchall(), name


def test_bi_tools_have_every_mart() -> None:
    text = (MARTS / "_exposures.yml").read_text(encoding="utf-8")
    exposures = yaml.safe_load(text)["exposures"]
    (bi_tools,) = [exposure for exposure in exposures if exposure["name"] == "bi_tools"]
    marts = [mart.stem for mart in MARTS.rglob("*.sql")]
    assert bi_tools["depends_on"] == [f"ref('{mart}')" for mart in sorted(marts)]
