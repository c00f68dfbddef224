"""`python -m dashboards.journey NAME`: draw a journey of the published warehouse as an SVG.

The drawing goes to WAREHOUSE/dashboard/journeys/NAME.svg. Exit statuses: 0 drawn; 2 nothing is
published yet, or there is no such journey.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import altair as alt
import duckdb
import vl_convert

from orchestration.errors import UsageError
from orchestration.settings import Settings

_WIDTH = 560
_BAR = 34

# A stage without branches, and those of a stage who stand in none.
_NO_BRANCH = "#9fb0c3"
_BRANCHES = ("#35618f", "#c4553b", "#3b7d5c", "#c79a3b", "#75598f", "#4c9aa8", "#a8688c", "#6d6d6d")

_STAGES = """
select stage, branch, stage_name, is_optional, entered, dropped, conversion_from_previous,
    median_seconds, branch_by
from marts.journey_stages
where journey = ?
order by stage, branch nulls first
"""

Row = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Draw the journey that is named; returns the exit status."""
    try:
        if len(arguments) != 1:
            raise UsageError("Name one journey, e.g. make journey JOURNEY=webinar.")
        settings = Settings.from_environment()
        rows = stages(settings.published / "current.duckdb", arguments[0])
        path = write(draw(arguments[0], rows), settings.warehouse, arguments[0])
    except UsageError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"The journey {arguments[0]} is drawn in {path}")
    return 0


def stages(published: Path, journey: str) -> list[Row]:
    """The rows of a journey in journey_stages, in the order of its stages, totals first.

    Raises UsageError where nothing is published, or no journey has the name.
    """
    if not published.exists():
        raise UsageError(f"Nothing is published in {published.parent.parent} yet: make run.")
    with duckdb.connect(str(published), read_only=True) as connection:
        found = connection.execute(_STAGES, [journey])
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        known = connection.execute("select distinct journey from marts.journey_stages order by 1")
        journeys = [name for (name,) in known.fetchall()]
    if not rows:
        others = ", ".join(journeys) or "none"
        raise UsageError(f"There is no journey {journey!r}: there are {others} (vars.yml).")
    return rows


def draw(journey: str, rows: list[Row]) -> str:
    """A journey as an SVG: a bar per stage, in its branches, with what came of those before."""
    labels = [_label(row) for row in rows if row["branch"] is None]
    bars = (
        alt.Chart(alt.Data(values=segments(rows)))
        .mark_bar(height=_BAR)
        .encode(
            x=alt.X("entered:Q", title="entered", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("stage:N", sort=None, title=None, axis=alt.Axis(labelLimit=_WIDTH)),
            color=_colours(rows),
            order=alt.Order("place:Q"),
        )
    )
    texts = (
        alt.Chart(alt.Data(values=labels))
        .mark_text(align="left", dx=6)
        .encode(x="entered:Q", y=alt.Y("stage:N", sort=None), text="text:N")
    )
    chart = (bars + texts).properties(
        width=_WIDTH, height=alt.Step(_BAR + 14), title=journey, background="white"
    )
    # Room at the right for the longest text.
    chart = chart.configure_view(stroke=None).configure(padding={"right": 230, "left": 5})
    return str(vl_convert.vegalite_to_svg(chart.to_json()))


def segments(rows: list[Row]) -> list[Row]:
    """The pieces of the bars: those of each branch, and those who stand in none."""
    pieces: list[Row] = []
    for total in (row for row in rows if row["branch"] is None):
        branches = [
            row for row in rows if row["stage"] == total["stage"] and row["branch"] is not None
        ]
        branches.sort(key=lambda row: (-row["entered"], row["branch"]))
        rest = total["entered"] - sum(row["entered"] for row in branches)
        told = [(_key(row), row["entered"]) for row in branches] + [("", rest)]
        pieces += [
            {"stage": _name(total), "branch": branch, "entered": entered, "place": place}
            for place, (branch, entered) in enumerate(told)
        ]
    return pieces


def write(svg: str, warehouse: Path, journey: str) -> Path:
    """Write a drawing into the warehouse folder; gives its path."""
    folder = warehouse / "dashboard" / "journeys"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{quote(journey, safe=' ')}.svg"
    path.write_text(svg, encoding="utf-8")
    return path


def duration(seconds: float) -> str:
    """A length of time in its two largest units: `3 d 4 h`."""
    left = round(seconds)
    parts: list[str] = []
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        number, left = divmod(left, length)
        if number or parts:
            parts.append(f"{number} {unit}")
    return " ".join(part for part in parts[:2] if not part.startswith("0 ")) or "0 s"


def _colours(rows: list[Row]) -> Any:
    """The colour of each branch; a legend where there are branches."""
    keys = list(dict.fromkeys(_key(row) for row in rows if row["branch"] is not None))
    colours = [_BRANCHES[place % len(_BRANCHES)] for place in range(len(keys))]
    scale = alt.Scale(domain=[*keys, ""], range=[*colours, _NO_BRANCH])
    legend = alt.Legend(title=None, orient="bottom", columns=4, values=keys) if keys else None
    return alt.Color("branch:N", scale=scale, legend=legend)


def _key(row: Row) -> str:
    return f"{row['branch_by']}: {row['branch']}"


def _name(row: Row) -> str:
    return f"{row['stage']} {row['stage_name']}" + (" (optional)" if row["is_optional"] else "")


def _label(row: Row) -> Row:
    """What stands behind a stage's bar."""
    told = [f"{row['entered']:,}"]
    if row["conversion_from_previous"] is not None:
        told.append(f"{row['conversion_from_previous']:.0%}")
    if row["median_seconds"] is not None:
        told.append(f"median {duration(row['median_seconds'])}")
    return {"stage": _name(row), "entered": row["entered"], "text": " · ".join(told)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
