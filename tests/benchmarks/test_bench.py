"""`make bench`: its arithmetic, its page, and its steps on tiny data."""

from __future__ import annotations

import importlib
import inspect
import json
import math
import os
import random
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks import chart, figures, page, plan
from benchmarks.__main__ import parse_arguments
from benchmarks.figures import Figure, ratio
from benchmarks.measure import Measured, Stopwatch, measure, step_environment, why_failed
from benchmarks.peers import CHANNELATTRIBUTION, JOURNEY_PEER, PEERS, why_not
from benchmarks.result import PUBLISHED, Plan, Result
from benchmarks.steps import attribution, channelattribution, journeys, windowfunnel
from benchmarks.steps.postgres import size_in_bytes
from benchmarks.steps.run import parts_of
from orchestration.journeys import mistakes

MEMORY = "500MB"
EVENTS, DAYS = 3_000, 30

# --- arithmetic ---------------------------------------------------------------------------------

MODELS = {
    "int_session_spans": ("sessions", 1.0),
    "int_session_events": ("sessions", 0.5),
    "int_sessions": ("sessions", 1.5),
    "int_asset_interactions": ("touches", 2.0),
    "int_utm_visits": ("touches", 2.0),
    "int_influences": ("influence", 4.0),
    "int_deals": ("attribution", 4.0),
    "int_attribution_credits": ("attribution", 2.0),
    "int_journey_filtered_events": ("journeys", 6.0),
    "int_journey_entity_events": ("journeys", 3.0),
    "int_journey_entries": ("journeys", 3.0),
}


def build(cpu: float, rows: int, scale: float = 1.0) -> Measured:
    models = {
        name: {"room": room, "cpu": seconds * scale, "wall": seconds * scale / 2}
        for name, (room, seconds) in MODELS.items()
    }
    detail = {"models": models, "sessions": 70, "raw_bytes": 10**6, "build_bytes": 10**7}
    return Measured(wall=cpu / 2, cpu=cpu, memory=10**9, rows=rows, detail=detail)


def took(*seconds: float, rows: int = 100, memory: int = 10**8) -> list[Measured]:
    return [Measured(wall=s / 2, cpu=s, memory=memory, rows=rows) for s in seconds]


def attributed() -> dict[str, list[Measured]]:
    models = {"models": {"int_key_steps": {"cpu": 3.0, "wall": 2.0}}}
    agreement = {
        "heuristics": {
            "credit_difference": 1e-15,
            "revenue_difference": 2e-14,
            "linear_revenue_difference": 3e-7,
        },
        "markov": {
            "difference": 0.041,
            "deviation": 0.032,
            "standard_errors": 2.34,
            "most_standard_errors": 5.0,
        },
    }
    found = {
        "random paths": [Measured(cpu=20, rows=1_000, detail={"interactions": 4_000})],
        "aggregate for channelattribution": took(7, rows=300),
    }
    for name, detail in agreement.items():
        found[f"{name} here"] = [Measured(cpu=2, wall=1, rows=1_000, detail=models)]
        found[f"{name} in channelattribution"] = [Measured(cpu=1, wall=1, rows=300, detail=detail)]
    return found


def walked() -> dict[str, list[Measured]]:
    """Journeys: a plain one and one with conditions, and the plain one in the peer."""

    def journey(matched: float, entries: float, rows: int) -> Measured:
        seconds = {
            "int_journey_filtered_events": matched,
            "int_journey_entity_events": 2.0,
            "int_journey_entries": entries,
        }
        models = {
            name: {"room": "journeys", "cpu": cpu, "wall": cpu / 2} for name, cpu in seconds.items()
        }
        detail = {"models": models, "entered": [1_500, 40, 2, 0, 0]}
        cpu = sum(seconds.values())
        return Measured(wall=cpu / 2, cpu=cpu, memory=10**8, rows=rows, detail=detail)

    return {
        "journey": [journey(0.5, 1.0, 5_000)],
        "journey with conditions": [journey(3.0, 3.0, 4_000)],
        "journey events": [Measured(rows=4_998, detail={"left_out": 2})],
        "journey in chdb": took(0.25, rows=1_499),
    }


def a_result(size: str = "1m", **changes: list[Measured]) -> Result:
    steps = {
        "load history 365": took(8),
        "load parquet": took(6, 5, 100),
        "copy parquet": took(3, 3, 3),
        "build nothing": [build(10, 0, scale=0.0)],
        "build 30": [build(20, 1_000)],
        "build 365": [build(110, 10_000)],
        "scan": took(2),
        "touches": took(0.5),
        "sort": took(2),
        "join": took(1),
        "night 365": took(15),
        "empty night 365": took(12),
        "night 30": took(14),
        "empty night 30": took(11.5),
        "sessions in duckdb": took(9),
        "sessions in postgres": took(24),
        **attributed(),
        **walked(),
    }
    return Result(
        plan=Plan.of(size),
        date="2026-01-02",
        machine={"processor": "P", "memory": "24 GiB"},
        versions={"duckdb": "1.5.5"},
        steps=steps | {name.replace("_", " "): value for name, value in changes.items()},
        skipped={"chdb": "chdb is not installed"},
    )


def found(result: Result) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures.figures(result)}


def test_a_step_counts_with_the_median_of_its_repeats() -> None:
    median = a_result().median("load parquet")
    assert median is not None
    assert (median.cpu, median.wall) == (6, 3)


def test_a_step_with_a_failed_repeat_has_no_figures() -> None:
    result = a_result(scan=[*took(2), Measured(failed="out of memory")])
    assert result.median("scan") is None
    assert found(result)["influence, the whole room ÷ scan"].verdict == figures.UNKNOWN
    assert result.failures() == ["scan: out of memory"]
    assert "- scan: out of memory" in page.section(result)


def test_a_room_that_did_less_then_is_not_measured() -> None:
    earlier = build(110, 10_000)
    del earlier.detail["models"]["int_attribution_credits"]
    room = found(a_result(build_365=[earlier]))["attribution, the whole room ÷ scan"]
    assert room.verdict == figures.UNKNOWN


def test_a_result_of_before_there_were_journeys_has_none_measured() -> None:
    result, earlier = a_result(), build(110, 10_000)
    for name in [name for name in MODELS if "journey" in name]:
        del earlier.detail["models"][name]
    steps = {name: taken for name, taken in result.steps.items() if "journey" not in name}
    without = replace(result, steps=steps | {"build 365": [earlier]})
    verdicts = [figure.verdict for figure in figures.figures(without) if "journey" in figure.name]
    assert verdicts == [figures.UNKNOWN] * 3
    text = page.section(without)
    assert "| a journey, its two models ÷ sort | ≤ 2.2 | - | not measured |" in text
    assert "windowFunnel" not in text


@pytest.mark.parametrize(
    ("name", "measured", "verdict"),
    [
        ("sessions, the three models ÷ sort", 1.5, "met"),
        ("sessions of page views alone ÷ sort", 0.5, "met"),
        ("touches, events to campaigns ÷ hash join", 2.0, "**not met**"),
        ("touches, the whole room ÷ hash join", 4.0, "**not met**"),
        ("influence, the whole room ÷ scan", 2.0, "met"),
        ("attribution, the whole room ÷ scan", 3.0, "**not met**"),
        ("attribution, all nine models in one pass ÷ scan of the touches", 4.0, "**not met**"),
        ("a journey, its two models ÷ sort", 1.5, "met"),
        ("a journey with conditions and a branch, all its models ÷ sort", 4.0, "no target"),
        ("all bundled journeys, the whole room ÷ a journey", 4.0, "no target"),
        ("load of parquet ÷ DuckDB's copy", 2.0, "met"),
        ("night (less an empty one) ÷ rebuild", 3 / 110, "met"),
        ("night on 365 days ÷ night on 30 (each less an empty one)", 1.2, "met"),
        ("exponent of a rebuild's growth with events, from 30 to 365 days", 1.0, "met"),
        ("PostgreSQL ÷ the three models", 8.0, "**not met**"),
        ("PostgreSQL ÷ sessions of page views alone", 24.0, "met"),
        (
            "heuristics of random paths, ChannelAttribution and its aggregation ÷ the models",
            4.0,
            "met",
        ),
        (
            "markov of random paths, ChannelAttribution and its aggregation ÷ the models",
            4.0,
            "met",
        ),
        ("markov of random paths, ChannelAttribution ÷ the models", 0.5, "**not met**"),
    ],
)
def test_a_ratio_stands_beside_its_target(name: str, measured: float, verdict: str) -> None:
    figure = found(a_result())[name]
    assert figure.measured == pytest.approx(measured)
    assert figure.verdict == verdict


def test_the_growth_from_fewer_events_stands_beside_its_target() -> None:
    few, many = a_result("10m"), a_result("100m", build_365=[build(100_010, 1_000_000)])
    assert figures.exponent_from(few, many) == pytest.approx(1.5)
    line = "exponent of a rebuild's growth with events, from 10,000,000 events | ≤ 1.1 | 1.5 |"
    assert f"| {line} **not met** |" in page.render([few, many])
    assert line not in page.render([many])


def test_the_growth_from_fewer_events_is_not_told_where_they_built_other_models() -> None:
    few, many = a_result("10m"), a_result("100m", build_365=[build(100_010, 1_000_000)])
    del few.steps["build 365"][0].detail["models"]["int_sessions"]
    assert figures.exponent_from(few, many) is None


def test_ratios_to_limits_are_less_what_models_cost_without_a_row() -> None:
    result = a_result(build_nothing=[build(10, 0, scale=0.5)])
    names = found(result)
    assert names["sessions, the three models ÷ sort"].measured == pytest.approx(0.75)
    assert names["PostgreSQL ÷ the three models"].measured == pytest.approx(8.0)


@pytest.mark.parametrize(
    ("size", "memory", "verdict"),
    [
        ("1m", 10**9, "no target"),
        ("10m", 2 * 10**9, "met"),
        ("10m", 2 * 10**9 + 1, "**not met**"),
        ("100m", 10**10, "met"),
        ("100m", 10**10 + 1, "**not met**"),
    ],
)
def test_memory_is_that_of_the_stage_that_needs_most(size: str, memory: int, verdict: str) -> None:
    result = a_result(size, night_365=took(15, memory=memory))
    figure = found(result)["most memory of a stage"]
    assert (figure.measured, figure.verdict) == (memory, verdict)


@pytest.mark.parametrize(
    ("dividend", "divisor"), [(None, 1.0), (1.0, None), (1.0, 0.0), (1.0, -1.0)]
)
def test_there_is_no_ratio_to_nothing(dividend: float | None, divisor: float | None) -> None:
    assert ratio(dividend, divisor) is None


def test_a_ratio_that_is_to_be_large_needs_a_share_below_one_where_it_is() -> None:
    assert Figure("x", 20.0, 10.0, is_at_least=True).share == 0.5
    assert Figure("x", 0.0, 10.0, is_at_least=True).share == math.inf


def test_rooms_add_up_their_models() -> None:
    assert figures.by_room(a_result().models()) == {
        "sessions": 3.0,
        "touches": 4.0,
        "influence": 4.0,
        "attribution": 6.0,
        "journeys": 12.0,
    }


def test_a_result_is_read_as_it_was_written(tmp_path: Path) -> None:
    result = a_result()
    (tmp_path / "1m.json").write_text(json.dumps(result.as_json()), encoding="utf-8")
    (tmp_path / "10k.json").write_text("is not shown", encoding="utf-8")
    assert Result.read_all(tmp_path) == [result]


# --- arguments ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", ["", "2m", "1M", "10", "1000000"])
def test_another_size_is_refused_with_those_that_there_are(
    size: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        parse_arguments(["--size", size])
    assert refused.value.code == 2
    assert "'100m'" in capsys.readouterr().err
    with pytest.raises(ValueError, match="1m, 10m, 100m"):
        Plan.of(size)


def test_a_hundred_million_events_are_measured_once_and_without_peers() -> None:
    assert [Plan.of(size).repeats for size in PUBLISHED] == [3, 3, 1]
    assert not Plan.of("100m").of_size.has_peers
    assert Plan.of("100m", repeats=2).repeats == 2


def test_sizes_of_memory_are_read_as_duckdb_writes_them() -> None:
    assert size_in_bytes("1500MB") == 1_500_000_000
    with pytest.raises(ValueError, match="1500MB"):
        size_in_bytes("many")


# --- the page -----------------------------------------------------------------------------------


def test_the_page_says_which_sizes_were_not_measured() -> None:
    text = page.render([a_result()])
    assert "## 10,000,000 events\n\nNot measured yet: `make bench SIZE=10m`." in text
    assert "## 1,000,000 events\n\nMeasured on 2026-01-02, medians of 3" in text


def test_the_page_has_ratios_first_met_or_not_and_where_they_come_from() -> None:
    text = page.section(a_result())
    assert "| load of parquet ÷ DuckDB's copy | ≤ 2 | 2 | met |" in text
    assert "| attribution, the whole room ÷ scan | ≤ 2.5 | 3 | **not met** |" in text
    assert "| PostgreSQL ÷ the three models | ≥ 10 | 8 | **not met** |" in text
    assert "seed 1" in text
    assert "processor P, memory 24 GiB" in text
    assert "duckdb 1.5.5" in text
    assert text.index("| load of parquet") < text.index("### The stages")


def test_the_page_names_peers_that_are_faster_and_those_left_out() -> None:
    text = page.section(a_result(sessions_in_duckdb=took(0.5)))
    assert "| DuckDB, the usual SQL | 0.50 | 0.25 | 100 | 100 | 0.5 x |" in text
    assert "Left out: chDB (ClickHouse), the usual SQL: chdb is not installed." in text


def test_the_page_says_how_far_attribution_agrees_with_its_peer() -> None:
    text = page.section(a_result())
    assert "1,000 random paths with 4,000 interactions" in text
    assert "| ChannelAttribution, markov of order 1 | 1.00 | 1.00 | 0 | 300 | 300 |" in text
    assert "`int_key_steps` 3.0 s" in text
    assert "conversions differ by 1e-15 of them at most, revenue by 2e-14," in text
    assert "standard deviation of up to 3.2% over ten other seeds" in text
    assert "2.3 standard errors off at most (5 are allowed)" in text
    assert "Left out: ChannelAttribution" not in text


def test_the_page_has_attribution_without_its_peer_and_says_so() -> None:
    result = a_result()
    alone = {name: taken for name, taken in result.steps.items() if "channelattr" not in name}
    skipped = {CHANNELATTRIBUTION: "it is not compiled"}
    text = page.section(replace(result, steps=alone, skipped=skipped))
    assert "| **here**, three heuristic models | 2.00 |" in text
    assert "Left out: ChannelAttribution: it is not compiled." in text
    assert "ChannelAttribution ÷ the models" not in text
    assert "Markov agrees" not in text


def test_the_page_has_a_journey_beside_its_peer_with_how_many_took_it() -> None:
    text = page.section(a_result())
    assert "| **here**, `int_journey_entity_events` | 2.00 | 1.00 | - | 5,000 | 8.0 x |" in text
    assert "| **here**, `int_journey_entries` | 1.00 | 0.50 | - | 1,542 | 4.0 x |" in text
    assert "| **here**, both | 3.00 | 1.50 | - | 6,542 | 12.0 x |" in text
    conditions = "| **here**, with conditions and a branch, all models | 8.00 | 4.00 | - | 5,542 |"
    assert f"{conditions} 32.0 x |" in text
    assert "| windowFunnel in chDB (ClickHouse) | 0.25 | 0.12 | 100 | 1,499 | 1.0 x |" in text
    assert "1,500, 40, 2, 0 and 0 enter them" in text
    assert "at one instant are left out there (2 events)" in text
    assert "Left out: windowFunnel in chDB (ClickHouse): chdb is not installed." in text


def test_the_page_has_a_journey_without_its_peer() -> None:
    result = a_result("100m")
    alone = {name: taken for name, taken in result.steps.items() if name != "journey in chdb"}
    text = page.section(replace(result, steps=alone, skipped={}))
    assert "| **here**, both | 3.00 | 1.50 | - | 6,542 | - |" in text
    assert "windowFunnel in chDB" not in text


def test_the_page_has_the_journeys_among_the_rooms() -> None:
    assert "| journeys | 12.00 | 6.00 | 11 % |" in page.section(a_result())


def test_the_page_has_what_is_not_a_model_as_dbts_own() -> None:
    assert "| dbt's own | 81.00 | 40.50 | 74 % |" in page.section(a_result())


def test_the_chart_has_targets_and_peers() -> None:
    pytest.importorskip("altair", reason="altair is in .venv-bench: run this test there")
    drawn = chart.draw(a_result())
    assert drawn.startswith("<svg")
    colours = ("#3b7d5c", "#c4553b", "#35618f", "#a9b4bf")
    assert [colour for colour in colours if colour not in drawn] == []
    assert "PostgreSQL, the usual SQL" in drawn
    assert "load of parquet" in drawn


def test_the_chart_leaves_out_what_has_no_target_or_was_not_measured() -> None:
    rows = chart.target_rows(a_result(scan=[Measured(failed="killed")]))
    names = [row["what"] for row in rows]
    assert "influence, the whole room ÷ scan" not in names
    assert "most memory of a stage" not in names
    assert {"what": "PostgreSQL ÷ the three models", "share": 1.25, "verdict": "not met"} in rows


def test_the_chart_cuts_off_what_needed_far_more_than_its_target() -> None:
    pytest.importorskip("altair", reason="altair is in .venv-bench: run this test there")
    drawn = chart.draw(a_result(scan=took(0.001)))
    assert "cut off at 4" in drawn


def test_the_parts_of_a_run_are_told_by_its_lines() -> None:
    lines = (
        "[   0.5 s] Run 1: a to b.\n[   1.0 s] Not yet Loading a.\n[   2.5 s] Loading a.\n"
        "[   5.5 s] Building the models.\n[  15.5 s] Audit passed: 1 tests, 0 with warnings.\n"
        "[  18.0 s] Published 20 tables as x.\n"
    )
    expected = {"start": 2.0, "load": 3.0, "build": 10.0, "after the audit": 2.5}
    assert parts_of(lines) == expected
    with pytest.raises(ValueError, match="Published"):
        parts_of(lines.replace("Published", "Lost"))


# --- the plan -----------------------------------------------------------------------------------

Call = tuple[str, str, Mapping[str, Any]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """The steps that a plan measures; each is only written down, and makes what others need."""
    told: list[Call] = []

    def note(step: str, **arguments: Any) -> Measured:
        told.append((step, str(arguments.get("landing", "")), arguments))
        if step == "data.generate_landing":
            for part in ("history", "night"):
                (Path(arguments["folder"]) / part / "events").mkdir(parents=True)
            (Path(arguments["folder"]) / "night" / "events" / "n.parquet").touch()
        if step == "load.load":
            Path(arguments["warehouse"]).mkdir(exist_ok=True)
        if step == "warehouse.night":
            files = [file.name for file in Path(arguments["landing"]).rglob("*.parquet")]
            told[-1] = (step, " ".join(files), arguments)
        return Measured(cpu=1.0)

    monkeypatch.setattr(plan, "measure", note)
    return told


@pytest.mark.parametrize("size", ["1m", "10m", "100m"])
def test_every_step_of_a_plan_is_there_and_takes_its_arguments(
    size: str, calls: list[Call], tmp_path: Path
) -> None:
    plan.carry_out(Plan.of(size), tmp_path)
    for step, _, arguments in calls:
        module, function = step.split(".")
        try:
            taken = getattr(importlib.import_module(f"benchmarks.steps.{module}"), function)
        except ModuleNotFoundError as error:
            pytest.fail(f"{step}: {error}")
        inspect.signature(taken).bind(Stopwatch(), **arguments)


def test_steps_take_turns_and_each_is_measured_as_often_as_asked(
    calls: list[Call], tmp_path: Path
) -> None:
    result = plan.carry_out(Plan.of("1m", repeats=2), tmp_path)
    once = {name for name, repeats in result.steps.items() if len(repeats) == 1}
    alone = ("generate", "write", "load history", "random paths", "page", "parse", "make run")
    assert all(name.startswith(alone) for name in once)
    assert {len(repeats) for name, repeats in result.steps.items() if name not in once} == {2}
    names = [step for step, _, _ in calls]
    first = names.index("limits.sort")
    assert "warehouse.build" in names[first : names.index("limits.sort", first + 1)]


def test_a_night_comes_after_an_empty_one_and_changes_no_other_repeats_warehouse(
    calls: list[Call], tmp_path: Path
) -> None:
    plan.carry_out(Plan.of("100m", repeats=2), tmp_path)
    nights = [
        (files, call["warehouse"]) for step, files, call in calls if step == "warehouse.night"
    ]
    assert [files for files, _ in nights] == ["", "n.parquet"] * 4
    names = [Path(warehouse).name for _, warehouse in nights]
    assert names == [
        *["warehouse-30-night"] * 2,
        *["warehouse-365-night"] * 2,
        *["warehouse-30"] * 2,
        *["warehouse-365"] * 2,
    ]


def test_a_copied_warehouse_shares_its_raw_files_and_nothing_else(tmp_path: Path) -> None:
    for name in ("a.parquet", "ledger.ndjson"):
        (tmp_path / name).write_text("x", encoding="utf-8")
        plan._link_or_copy(str(tmp_path / name), str(tmp_path / f"copied-{name}"))
    assert (tmp_path / "a.parquet").stat().st_nlink == 2
    assert (tmp_path / "ledger.ndjson").stat().st_nlink == 1


def test_a_peer_that_is_not_there_is_left_out_loudly(
    calls: list[Call],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(plan, "why_not", lambda peer: "install it" if peer == "postgres" else "")
    result = plan.carry_out(Plan.of("10m", repeats=1), tmp_path)
    assert "LEFT OUT: postgres: install it." in capsys.readouterr().err
    assert result.skipped == {"postgres": "install it"}
    assert "sessions in postgres" not in result.steps
    assert "sessions in duckdb" in result.steps


def test_paths_are_attributed_where_their_peer_is_not_there(
    calls: list[Call],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(plan, "why_not", lambda peer: "compile it" if "channel" in peer else "")
    result = plan.carry_out(Plan.of("1m", repeats=2), tmp_path)
    assert "LEFT OUT: channelattribution: compile it." in capsys.readouterr().err
    assert result.skipped == {CHANNELATTRIBUTION: "compile it"}
    assert {"heuristics here", "markov here"} <= result.steps.keys()
    assert [step for step, _, _ in calls if step.startswith("channelattribution.")] == []


def test_paths_are_attributed_once_with_a_million_events_whatever_their_number(
    calls: list[Call], tmp_path: Path
) -> None:
    for size in PUBLISHED:
        plan.carry_out(Plan.of(size, repeats=1), tmp_path)
    numbers = [call["paths"] for step, _, call in calls if step == "attribution.make_paths"]
    assert numbers == [1_000_000]


def test_a_journey_is_walked_behind_the_limits_and_in_its_peer_where_there_are_peers(
    calls: list[Call], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "why_not", lambda peer: "")
    for size, peers in (("10m", ["windowfunnel.events", "windowfunnel.walk"]), ("100m", [])):
        calls.clear()
        plan.carry_out(Plan.of(size, repeats=1), tmp_path)
        names = [step for step, _, _ in calls]
        first = names.index("limits.join") + 1
        assert names[first : first + 2] == ["journeys.build"] * 2
        assert [name for name in names if name.startswith("windowfunnel.")] == peers
    asked = [call["journey"] for step, _, call in calls if step == "journeys.build"]
    assert asked == list(journeys.JOURNEYS)


def test_a_compiler_is_asked_for_where_the_peer_of_attribution_is_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "apt-get install g++" in why_not(CHANNELATTRIBUTION)


# --- the steps, on tiny data --------------------------------------------------------------------


class Tiny:
    """Generated data, a warehouse that is built from it, and the page views."""

    def __init__(self, folder: Path) -> None:
        self.data, self.warehouse = folder / "data", folder / "warehouse"
        self.build, self.page_views = self.warehouse / "build.duckdb", folder / "page_views.parquet"
        ok("data.generate_landing", folder=str(self.data), events=EVENTS, days=DAYS, seed=1)
        history, warehouse = str(self.data / "history"), str(self.warehouse)
        bounded("load.load", landing=history, warehouse=warehouse)
        self.built = bounded("warehouse.build", warehouse=warehouse)
        bounded("data.page_views", build=str(self.build), target=str(self.page_views))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return Tiny(tmp_path_factory.mktemp("bench"))


def ok(step: str, **arguments: Any) -> Measured:
    measured = measure(step, **arguments)
    assert not measured.failed, measured.failed
    return measured


def bounded(step: str, **arguments: Any) -> Measured:
    return ok(step, memory_limit=MEMORY, **arguments)


@pytest.fixture
def ask(tiny: Tiny) -> Iterator[Callable[[str], int]]:
    with duckdb.connect(str(tiny.build), read_only=True) as connection:
        yield lambda query: connection.execute(query).fetchall()[0][0]


@pytest.mark.parametrize("peer", PEERS)
def test_each_peer_finds_the_sessions_that_the_models_find(
    peer: str, tiny: Tiny, tmp_path: Path, ask: Callable[[str], int]
) -> None:
    if reason := why_not(peer):
        pytest.skip(f"PEER NOT MEASURED: {reason}")
    source = str(tiny.page_views)
    measured = bounded(f"peers.sessions_in_{peer}", source=source, work=str(tmp_path))
    assert measured.rows == tiny.built.detail["sessions"] > 100
    assert measured.rows == ask("select count(*) from sessions.int_sessions")
    assert measured.cpu > 0
    assert list(tmp_path.glob("*.parquet")) == []


@pytest.mark.parametrize(
    ("limit", "rows"),
    [
        ("scan", "select count(*) from identity.int_events"),
        ("sort", "select count(visitor_key) from identity.int_events"),
        (
            "join",
            "select count(*) from identity.int_events"
            " where asset_id in (select asset_id from staging.stg_assets)",
        ),
    ],
)
def test_each_limit_goes_over_the_events_that_the_models_go_over(
    limit: str, rows: str, tiny: Tiny, tmp_path: Path, ask: Callable[[str], int]
) -> None:
    measured = bounded(f"limits.{limit}", build=str(tiny.build), work=str(tmp_path))
    assert measured.rows == ask(rows) > 0


@pytest.mark.parametrize("file_format", ["parquet", "csv", "ndjson"])
def test_load_and_copy_take_the_same_rows(file_format: str, tiny: Tiny, tmp_path: Path) -> None:
    landing = tiny.data / "events"
    if file_format != "parquet":
        source, landing = str(landing / "events"), tmp_path / "landing"
        bounded("data.as_format", source=source, landing=str(landing), file_format=file_format)
    loaded = bounded("load.load", landing=str(landing), warehouse=str(tmp_path / "warehouse"))
    options = {"landing": str(landing), "file_format": file_format, "work": str(tmp_path)}
    copied = bounded("limits.copy", **options)
    assert loaded.rows == copied.rows == EVENTS


def test_a_build_tells_the_time_of_every_model(tiny: Tiny) -> None:
    models = tiny.built.detail["models"]
    assert set(MODELS) <= set(models)
    assert models["int_sessions"]["room"] == "sessions"
    assert 0 < sum(model["cpu"] for model in models.values()) <= tiny.built.cpu
    assert tiny.built.memory > 50_000_000


def test_a_night_takes_what_is_new_on_top_of_a_build(
    tiny: Tiny, tmp_path: Path, ask: Callable[[str], int]
) -> None:
    warehouse, landing = tmp_path / "warehouse", tiny.data / "history"
    before = sorted(landing.rglob("*.parquet"))
    shutil.copytree(tiny.warehouse, warehouse, copy_function=plan._link_or_copy)
    with plan._added(tiny.data / "night", landing):
        night = bounded("warehouse.night", landing=str(landing), warehouse=str(warehouse))
    assert EVENTS / DAYS < night.rows < EVENTS
    assert sorted(landing.rglob("*.parquet")) == before
    events = "select count(*) from identity.int_events"
    with duckdb.connect(str(warehouse / "build.duckdb"), read_only=True) as connection:
        assert connection.execute(events).fetchall()[0][0] > ask(events)


def test_journeys_are_right_definitions_of_five_stages() -> None:
    assert list(mistakes(journeys.JOURNEYS)) == []
    stages = {name: journey["stages"] for name, journey in journeys.JOURNEYS.items()}
    assert [len(of_one) for of_one in stages.values()] == [windowfunnel.STAGES] * 2
    assert all("where" in step for stage in stages["conditions"] for step in stage["steps"])
    assert [stage["name"] for stage in stages["conditions"] if "branch_by" in stage] == [
        "page_viewed"
    ]


@pytest.fixture(scope="module")
def walked_journeys(
    tiny: Tiny, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Path, Measured]]:
    """The warehouse of each journey on the tiny build, and what building it took."""
    folder, built = tmp_path_factory.mktemp("journeys"), {}
    for journey in journeys.JOURNEYS:
        arguments = {"build": str(tiny.build), "warehouse": str(folder / journey)}
        built[journey] = folder / journey, bounded("journeys.build", journey=journey, **arguments)
    return built


def test_a_journey_is_built_of_the_events_of_a_build(
    walked_journeys: dict[str, tuple[Path, Measured]], ask: Callable[[str], int]
) -> None:
    types = tuple(stage["name"] for stage in journeys.JOURNEYS["plain"]["stages"])
    plain, conditions = (built for _, built in walked_journeys.values())
    events = ask(f"select count(*) from identity.int_events where event_type in {types}")
    assert events > plain.rows > sum(plain.detail["entered"])
    assert plain.rows > conditions.rows > 0
    for journey, (warehouse, built) in walked_journeys.items():
        models = built.detail["models"]
        assert built.cpu == pytest.approx(sum(model["cpu"] for model in models.values()))
        assert {model["room"] for model in models.values()} == {"journeys"}
        assert set(figures.JOURNEY_MODELS) <= models.keys()
        assert built.detail["entered"][0] > built.detail["entered"][1] > 0
        with duckdb.connect(str(warehouse / "build.duckdb"), read_only=True) as connection:
            branches = connection.execute(
                "select count(distinct branch) from journeys.int_journey_entries"
            ).fetchall()[0][0]
        assert (branches > 1) == (journey == "conditions")


def test_a_journey_leaves_the_build_as_it_is(
    walked_journeys: dict[str, tuple[Path, Measured]], ask: Callable[[str], int]
) -> None:
    assert ask("select count(*) from changes.builds") == 1
    assert ask("select count(distinct journey_key) from journeys.int_journey_entries") > 2


def walk(events: list[tuple[int, int]]) -> int:
    """How many stages events (time, stage) of one entity come to, by a plain loop."""
    reached = 0
    for _, stage in sorted(events):
        reached += stage == reached + 1
    return reached


def some_journeys(warehouse: Path) -> list[int]:
    """Random events of entities in the models' tables; gives how many entered each stage."""
    rng, entered = random.Random(1), [0] * 5
    events, entries = [], []
    for entity in range(1, 400):
        times = rng.sample(range(1_000), rng.randrange(1, 30))
        of_entity = [(time, rng.randrange(1, 6)) for time in times]
        events += [[entity, stage, time] for time, stage in of_entity]
        for stage in range(1, walk(of_entity) + 1):
            entries.append([entity, stage])
            entered[stage - 1] += 1
    # Stages 1 and 2 at one instant: ids say that the second comes later, a time does not.
    events += [[400, 1, 7], [400, 2, 7]]
    entries += [[400, 1], [400, 2]]
    warehouse.mkdir()
    with duckdb.connect(str(warehouse / "build.duckdb")) as connection:
        connection.execute("create schema journeys")
        connection.execute(
            "create table journeys.int_journey_entity_events as"
            " select row[1]::ubigint as entity_key, row[2]::tinyint as stage,"
            " timestamp '2026-01-01' + to_microseconds(row[3]) as occurred_at"
            " from (select unnest(?) as row)",
            [events],
        )
        connection.execute(
            "create table journeys.int_journey_entries as"
            " select row[1]::ubigint as entity_key, row[2]::tinyint as stage"
            " from (select unnest(?) as row)",
            [entries],
        )
    return entered


def test_the_peer_of_journeys_finds_who_enters_each_stage(tmp_path: Path) -> None:
    if reason := why_not(JOURNEY_PEER):
        pytest.skip(f"PEER NOT MEASURED: {reason}")
    warehouse = tmp_path / "warehouse"
    entered = some_journeys(warehouse)
    assert entered[0] > entered[1] > entered[4] > 0
    source = str(tmp_path / "events.parquet")
    written = bounded("windowfunnel.events", warehouse=str(warehouse), target=source)
    assert written.detail["left_out"] == 2
    arguments = {"source": source, "warehouse": str(warehouse), "work": str(tmp_path)}
    measured = bounded("windowfunnel.walk", **arguments)
    assert (measured.rows, measured.detail["entered"]) == (399, entered)
    assert measured.cpu > 0
    with duckdb.connect(str(warehouse / "build.duckdb")) as connection:
        connection.execute("insert into journeys.int_journey_entries values (1, 3)")
    failed = measure("windowfunnel.walk", memory_limit=MEMORY, **arguments)
    assert "DisagreesError: stage 3 of a journey" in failed.failed


def test_a_journey_disagrees_by_one_entity_of_a_stage() -> None:
    assert windowfunnel.compare({1: 9, 2: 3}, {2: 3, 1: 9}) == [9, 3, 0, 0, 0]
    with pytest.raises(windowfunnel.DisagreesError, match=r"stage 2 .* 3 entities here, 0 by"):
        windowfunnel.compare({1: 9, 2: 3}, {1: 9})


def test_a_generated_journey_is_the_same_in_the_peer(
    walked_journeys: dict[str, tuple[Path, Measured]], tmp_path: Path
) -> None:
    if reason := why_not(JOURNEY_PEER):
        pytest.skip(f"PEER NOT MEASURED: {reason}")
    source, (warehouse, built) = str(tmp_path / "events.parquet"), walked_journeys["plain"]
    written = bounded("windowfunnel.events", warehouse=str(warehouse), target=source)
    assert (written.rows, written.detail["left_out"]) == (built.rows, 0)
    arguments = {"source": source, "warehouse": str(warehouse), "work": str(tmp_path)}
    measured = bounded("windowfunnel.walk", **arguments)
    assert measured.detail["entered"] == built.detail["entered"]


PATHS = 3_000


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a warehouse of random paths, and what the models find in it."""
    folder = tmp_path_factory.mktemp("paths")
    warehouse = str(folder / "warehouse")
    made = bounded("attribution.make_paths", warehouse=warehouse, paths=PATHS, seed=1)
    assert made.rows == PATHS
    for models in ("heuristics", "markov"):
        target = str(folder / f"{models}.json")
        found = bounded(f"attribution.{models}", warehouse=warehouse, target=target)
        assert found.rows == PATHS
        assert found.cpu > sum(model["cpu"] for model in found.detail["models"].values()) > 0
    return folder


def credits_in(folder: Path, models: str) -> dict[str, dict[str, dict[str, float]]]:
    return json.loads((folder / f"{models}.json").read_text(encoding="utf-8"))


def test_random_paths_differ_in_length_channels_and_end(paths: Path) -> None:
    with duckdb.connect(str(paths / "warehouse" / "build.duckdb"), read_only=True) as connection:
        steps = connection.execute(
            "select contact_id, list(channel order by occurred_at)"
            " from attribution.int_credit_interactions group by all"
        ).fetchall()
        deals = connection.execute(
            "select lead_contact_id, amount from attribution.int_attribution_paths"
            " where path_kind = 'deal'"
        ).fetchall()
    uses = Counter(channel for _, channels in steps for channel in channels)
    assert len(steps) == PATHS
    assert 3.5 < uses.total() / PATHS < 4.5
    assert [channel for channel, _ in uses.most_common(3)] == list(attribution.CHANNELS[:3])
    assert uses.keys() == set(attribution.CHANNELS)
    assert len({tuple(channels) for _, channels in steps}) > PATHS / 4
    assert 0.2 * PATHS < len(deals) < 0.45 * PATHS
    assert len({amount for _, amount in deals}) > len(deals) / 2


def test_heuristics_of_random_paths_are_those_of_plain_loops(paths: Path) -> None:
    expected: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    with duckdb.connect(str(paths / "warehouse" / "build.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select list(channel order by occurred_at) from attribution.int_credit_interactions"
            " where contact_id in (select lead_contact_id from attribution.int_attribution_paths"
            " where path_kind = 'deal') group by contact_id"
        ).fetchall()
    for (channels,) in found:
        expected["first_interaction"][channels[0]] += 1
        expected["last_interaction"][channels[-1]] += 1
        for channel in channels:
            expected["linear"][channel] += 1 / len(channels)
    credits_found = credits_in(paths, "heuristics")["credits"]
    assert credits_found.keys() == expected.keys()
    for model, of_model in expected.items():
        assert credits_found[model] == pytest.approx(of_model, rel=1e-9)


def test_a_seed_makes_the_same_paths_and_another_makes_others() -> None:
    def drawn(seed: int) -> list[tuple[Any, ...]]:
        with duckdb.connect() as connection:
            number = attribution.draw_interactions(connection, 500, seed)
            rows = connection.execute("from interactions order by all").fetchall()
        assert len(rows) == number
        return rows

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


@pytest.mark.parametrize("models", ["heuristics", "markov"])
def test_attribution_agrees_with_its_peer(models: str, paths: Path, tmp_path: Path) -> None:
    if reason := why_not(CHANNELATTRIBUTION):
        pytest.skip(f"PEER NOT MEASURED: {reason}")
    aggregated, ours = str(tmp_path / "paths.parquet"), str(paths / f"{models}.json")
    warehouse = str(paths / "warehouse")
    made = bounded("channelattribution.aggregate", warehouse=warehouse, aggregated=aggregated)
    assert PATHS / 4 < made.rows < PATHS
    measured = ok(f"channelattribution.{models}", aggregated=aggregated, ours=ours)
    assert measured.rows == made.rows
    assert measured.cpu > 0
    wrong = credits_in(paths, models)
    model = {"heuristics": "linear", "markov": "markov_1"}[models]
    wrong["credits"][model]["direct_traffic"] *= 1.2
    (tmp_path / "wrong.json").write_text(json.dumps(wrong), encoding="utf-8")
    failed = measure(
        f"channelattribution.{models}", aggregated=aggregated, ours=str(tmp_path / "wrong.json")
    )
    assert "DisagreesError" in failed.failed


HEURISTICS = {name: {"a": 2.0, "b": 3.0} for name in channelattribution.TOUCHES}


def test_heuristics_agree_where_only_the_cents_of_linear_differ() -> None:
    ours = {"credits": HEURISTICS, "revenue": HEURISTICS | {"linear": {"a": 2.002, "b": 3.0}}}
    found = channelattribution.compare_heuristics(ours, HEURISTICS, HEURISTICS)
    assert found == pytest.approx(
        {
            "credit_difference": 0,
            "revenue_difference": 0,
            "linear_revenue_difference": 0.002 / 2.002,
        }
    )


@pytest.mark.parametrize("which", ["credits", "revenue"])
@pytest.mark.parametrize("wrong", [{"a": 2.0, "b": 3.0 + 1e-7}, {"a": 2.0}, {"a": 2.0, "c": 3.0}])
def test_heuristics_disagree_by_a_credit_or_a_channel(which: str, wrong: dict[str, float]) -> None:
    ours = {"credits": HEURISTICS, "revenue": HEURISTICS}
    ours[which] = HEURISTICS | {"first_interaction": wrong}
    with pytest.raises(channelattribution.DisagreesError):
        channelattribution.compare_heuristics(ours, HEURISTICS, HEURISTICS)


def test_markov_agrees_within_what_the_simulation_varies_by() -> None:
    exact = {"a": 100.0, "b": 50.0}
    others = [{"a": 100.0 + 2 * sign, "b": 50.0} for sign in (-1, 1) * 5]
    found = channelattribution.compare_markov(exact, {"a": 103.0, "b": 50.0}, others)
    assert found["difference"] == pytest.approx(0.03)
    assert found["deviation"] == pytest.approx(0.0211, abs=1e-4)
    assert found["standard_errors"] == pytest.approx(0)
    for wrong in ({"a": 104.0, "b": 50.0}, {"a": 100.0, "b": 50.001}, {"a": 100.0}):
        with pytest.raises(channelattribution.DisagreesError):
            channelattribution.compare_markov(wrong, exact, others)


def test_the_peer_of_attribution_may_not_ask_the_network() -> None:
    for event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        with pytest.raises(RuntimeError, match="asked the network"):
            channelattribution._refuse_network(event, ("example.org",))
    channelattribution._refuse_network("open", ("file",))


def test_a_step_that_fails_tells_why_and_ends_nothing(tmp_path: Path) -> None:
    measured = measure("limits.scan", build=str(tmp_path), work=str(tmp_path), memory_limit=MEMORY)
    assert "exit status 1" in measured.failed
    assert measured.cpu == 0


def test_a_failure_is_told_by_the_line_that_names_it() -> None:
    output = (
        "Traceback:\n  x\n_duckdb.InvalidInputException: JSON\n\nTry increasing 'sample_size'\n"
    )
    assert why_failed(output) == "_duckdb.InvalidInputException: JSON"
    assert why_failed("Killed\n") == "Killed"
    assert why_failed("") == "it said nothing"


def test_settings_of_the_users_own_warehouse_reach_no_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAIGN_VARS", "{report_timezone: Asia/Tokyo}")
    assert "CAMPAIGN_VARS" in os.environ
    assert "CAMPAIGN_VARS" not in step_environment()
