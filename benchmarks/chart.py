"""Draws a result's targets and peers."""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from typing import Any

from benchmarks.figures import SESSION_MODELS, SPAN_MODELS, figures
from benchmarks.page import PAGE, PEER_NAMES
from benchmarks.result import Result

_WIDTH = 420

# What needed more than so many times its target is drawn no longer than that.
_LONGEST = 4


def file_of(size: str) -> Path:
    """Where the chart of a size goes."""
    return PAGE.with_name(f"benchmarks-{size}.svg")


def draw(result: Result) -> str:
    """The chart as SVG: how much of each target was needed, and the peers' CPU time."""
    alt: Any = importlib.import_module("altair")
    vl_convert: Any = importlib.import_module("vl_convert")
    charts = [_targets(alt, result)]
    if rows := peer_rows(result):
        charts.append(_peers(alt, rows))
    # Each chart has colours of its own meaning.
    chart = alt.vconcat(*charts, background="white").resolve_scale(color="independent")
    return str(vl_convert.vegalite_to_svg(chart.to_json()))


def target_rows(result: Result) -> list[dict[str, Any]]:
    """A row for each figure that was measured and has a target."""
    return [
        {
            "what": figure.name,
            "share": figure.share,
            "verdict": "met" if figure.share <= 1 else "not met",
        }
        for figure in figures(result)
        if figure.share is not None and math.isfinite(figure.share)
    ]


def peer_rows(result: Result) -> list[dict[str, Any]]:
    """CPU seconds of sessions here and in each peer; none where no peer was measured."""
    peers = [
        {"engine": name.replace("**", ""), "cpu": measured.cpu, "whose": "peer"}
        for peer, name in PEER_NAMES.items()
        if (measured := result.median(f"sessions in {peer}"))
    ]
    models = result.models()
    if not peers or not models:
        return []
    own = [
        {"engine": name, "cpu": sum(models[model]["cpu"] for model in names), "whose": "here"}
        for name, names in (
            ("here, page views alone", SPAN_MODELS),
            ("here, all three models", SESSION_MODELS),
        )
    ]
    return own + peers


def _targets(alt: Any, result: Result) -> Any:
    rows = target_rows(result)
    longest = min(_LONGEST, max((row["share"] for row in rows), default=1))
    base = alt.Chart(alt.Data(values=rows))
    bars = base.mark_bar().encode(
        x=alt.X(
            "share:Q",
            title=f"needed ÷ allowed by the target (met up to 1; cut off at {_LONGEST})",
            scale=alt.Scale(domainMax=longest, clamp=True),
        ),
        y=alt.Y("what:N", sort=None, title=None, axis=alt.Axis(labelLimit=_WIDTH)),
        color=alt.Color(
            "verdict:N",
            title=None,
            scale=alt.Scale(domain=["met", "not met"], range=["#3b7d5c", "#c4553b"]),
        ),
    )
    line = alt.Chart(alt.Data(values=[{"x": 1}])).mark_rule(strokeDash=[4, 4]).encode(x="x:Q")
    return (bars + line).properties(width=_WIDTH, title="Targets")


def _peers(alt: Any, rows: list[dict[str, Any]]) -> Any:
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_bar()
        .encode(
            x=alt.X("cpu:Q", title="CPU seconds"),
            y=alt.Y("engine:N", sort=None, title=None, axis=alt.Axis(labelLimit=_WIDTH)),
            color=alt.Color(
                "whose:N",
                title=None,
                scale=alt.Scale(domain=["here", "peer"], range=["#35618f", "#a9b4bf"]),
            ),
        )
        .properties(width=_WIDTH, title="Sessions")
    )
