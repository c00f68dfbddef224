"""What models give on Spark of rows that no sample has, which is what they give on DuckDB."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from tests.spark.engines import PROJECT, Engines, render
from tests.spark.hard_values import ESCAPES, LAST_INSTANT, TEXTS, random_texts

pytest.importorskip("pyspark", reason="Spark is in .venv-spark: make test-spark")

VARIABLES = {"report_timezone": "UTC", "company_currency": "EUR"}

URLS = [
    "https://www.shop.example/a/?utm_source=A#x", "http://u:p@shop.example:8080/", "//shop.example",
    "shop.example/a//", "HTTP://WWW.SHOP.EXAMPLE/A", "http://shop.example:80\n/a", "a@b\nc@d/e",
    "http://www.\n/", "http://shop.example\u2028:80/", "http://a\u2028@shop.example/", "/\u0085",
    "http://shop.example/a/\u2028", "http://shop.example/a/\n", "http://shop.example/a/\n?b=c",
    "http://shop.example:80\u0085/a", "http://İSTANBUL.example/", "http://ΟΔΟΣ.example/", "?", "#",
    "http://a?b=c?d=e", "http://a#b?c=d", "http:///a", "http://?a=b", "://", "mailto:a@b",
    "a:b@c:80", "?a", "?a=", "?=a", "?a=1&A=2&a=3", "?a=b=c", "?&&a=1&", "?%61=1", "?a=%20%20",
    "?a=+", "?İ=1", " http://a ", "http://a/ \u0085", "http://a/b c?d e=f g", "http://日本.example/é?ü=ß",
]  # fmt: skip


@pytest.fixture(scope="module")
def engines(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> Engines:
    return Engines(spark, tmp_path_factory.mktemp("tables"))


def queries_of(model: str, variables: Mapping[str, object] = VARIABLES) -> dict[str, str]:
    """The model's SQL for each engine."""
    (file,) = (PROJECT / "models").rglob(f"{model}.sql")
    return {name: render(name, file.read_text("utf-8"), variables) for name in ("duckdb", "spark")}


def rows_of_both(engines: Engines, model: str, select: str) -> tuple[list[Any], list[Any]]:
    """What a query over a model gives on DuckDB and on Spark, in an order."""
    engines.view("model", queries_of(model))
    one, other = (sorted(engines.rows(name, select), key=repr) for name in ("duckdb", "spark"))
    assert one
    return one, other


def test_urls_have_the_same_parts(engines: Engines) -> None:
    urls = [
        *URLS, *TEXTS, *(f"?a={text}" for text in ESCAPES), *(f"?{text}=1" for text in TEXTS),
        *random_texts(3000, "ht:p//w.@?#&=%2\n\r\u0085\u2028 İΣaA+", most=20),
    ]  # fmt: skip
    none = pa.nulls(len(urls), pa.string())
    engines.fill("events", pa.table({"url": urls, "referrer": none}))
    engines.fill("stg_assets", pa.table({"url": none}))
    duckdb, spark = rows_of_both(
        engines, "stg_urls", "select url, host, page_address, query from model"
    )
    assert duckdb == spark

    engines.view("stg_urls", queries_of("stg_urls"))
    duckdb, spark = rows_of_both(
        engines,
        "stg_url_parameters",
        "select url, name, value from model inner join stg_urls using (url_key)",
    )
    assert duckdb == spark


def test_an_association_may_end_in_the_last_instant(engines: Engines) -> None:
    began, ended = datetime(2024, 1, 1), datetime.fromisoformat(LAST_INSTANT)
    engines.fill(
        "stg_campaign_assets",
        pa.table(
            {
                "campaign_id": ["a", "a", "b", "a"],
                "asset_id": ["ends", "goes on", "taken over", "taken over"],
                "associated_at": [began, began, began, began + timedelta(days=1)],
                "removed_at": pa.array([ended, None, ended, None], pa.timestamp("us")),
            }
        ),
    )
    assets = ["ends", "goes on", "taken over"]
    engines.fill("stg_assets", pa.table({"asset_id": assets, "asset_type": ["form"] * 3}))
    engines.fill("stg_campaigns", pa.table({"campaign_id": ["a", "b"]}))
    none = pa.nulls(0, pa.string())
    engines.fill("int_refused_posts", pa.table({"campaign_id": none, "asset_id": none}))
    duckdb, spark = rows_of_both(
        engines, "int_campaign_assets", "select asset_id, campaign_id, ended_at from model"
    )
    assert duckdb == spark == [
        ("ends", "a", ended),
        ("goes on", "a", None),
        ("taken over", "a", None),
        ("taken over", "b", began + timedelta(days=1)),
    ]  # fmt: skip


def test_thousands_of_interactions_share_credit_by_age(engines: Engines) -> None:
    number, week = 3000, 7 * 86_400 * 10**6
    milestones = ["first_interaction", "lead_creation", "deal_creation", "closed_won"]
    engines.fill(
        "int_attribution_paths",
        pa.table(
            {"path_key": [1], "path_kind": ["deal"], "lookback_days": pa.nulls(1, pa.int32())}
        ),
    )
    engines.fill(
        "int_path_interactions",
        pa.table(
            {
                "path_key": [1] * number,
                "position": range(1, number + 1),
                "event_key": range(number),
                # Whole weeks, whose powers of two are exact.
                "age_us": [week * (place % 3) for place in range(number)],
                **{f"is_{name}": [False] * number for name in milestones},
                "is_last_interaction": [place == number - 1 for place in range(number)],
            }
        ),
    )
    weights = {name: pa.nulls(1, pa.int64()) for name in [*milestones, "last_interaction"]}
    engines.fill(
        "int_attribution_models",
        pa.table(
            {
                "model": ["time_decay"],
                **weights,
                "others": [1_000_000],
                "half_life_days": [7.0],
                "lookback_days": pa.nulls(1, pa.int32()),
            }
        ),
    )
    duckdb, spark = rows_of_both(
        engines,
        "int_attribution_credits",
        "select position, round(credit, 12), numerator, denominator from model",
    )
    assert len(duckdb) == number
    assert duckdb == spark


def test_thousands_of_journeys_may_take_a_century_each(engines: Engines) -> None:
    number, began = 4000, datetime(1950, 1, 1)
    none = pa.nulls(2, pa.string())
    stages = pa.array([1, 2], pa.int8())
    engines.fill(
        "int_journey_stages",
        pa.table(
            {
                "journey_key": [1, 1],
                "journey": ["long"] * 2,
                "stage": stages,
                "stage_name": ["one", "two"],
                "is_optional": [False, False],
                "branch_by": none,
                "measured_from": pa.array([None, 1], pa.int8()),
                "next_stage": pa.array([2, None], pa.int8()),
                "branch_stage": pa.nulls(2, pa.int8()),
            }
        ),
    )
    engines.fill(
        "int_journey_entries",
        pa.table(
            {
                "journey_key": [1] * number,
                "entity_key": range(number),
                "stage": pa.array([2] * number, pa.int8()),
                "entered_at": [began + timedelta(days=36_524, seconds=n) for n in range(number)],
                "stage_before_entered_at": [began] * number,
                "step": [1] * number,
                "branch": pa.nulls(number, pa.string()),
            }
        ),
    )
    duckdb, spark = rows_of_both(
        engines,
        "journey_stages",
        "select stage, entered, median_seconds, mean_seconds, p90_seconds from model",
    )
    assert duckdb == spark
