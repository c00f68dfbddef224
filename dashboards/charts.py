"""The kinds of charts, as Vega-Lite over the data named `rows`.

Colours and fonts are not theirs: the page gives them, for light, dark and print. Charts are as wide
as the page lets them be.
"""

from __future__ import annotations

from typing import Any

import altair as alt

_ROWS = alt.NamedData("rows")
_BAR = 22
_LABELS = 160
_LEGEND = 180

COUNT = ",.0f"
AMOUNT = ",.2f"
SHARE = ".1%"


def lines(number: str = COUNT) -> dict[str, Any]:
    """A line for each measure over the dates: `date`, `measure`, `value`."""
    chart = (
        alt.Chart(_ROWS)
        .mark_line(interpolate="linear", strokeWidth=2, point={"size": 14})
        .encode(
            # Dates are midnights in UTC, wherever the reader is.
            x=alt.X("date:T", title=None, scale=alt.Scale(type="utc")),
            y=alt.Y("value:Q", title=None, axis=_axis(number)),
            color=_colour("measure"),
            strokeDash=alt.StrokeDash("measure:N", sort=None, legend=None),
            tooltip=[
                alt.Tooltip("day:N", title="date"),
                "measure:N",
                alt.Tooltip("value:Q", format=number),
            ],
        )
        .properties(height=220)
    )
    return _specification(chart)


def bars(category: str, number: str = COUNT) -> dict[str, Any]:
    """A bar for each row: a category, and `value`."""
    chart = (
        alt.Chart(_ROWS)
        .mark_bar()
        .encode(
            x=alt.X("value:Q", title=None, axis=_axis(number)),
            y=_categories(category),
            tooltip=[f"{category}:N", "measure:N", alt.Tooltip("value:Q", format=number)],
        )
        .properties(height=alt.Step(_BAR))
    )
    return _specification(chart)


def stacked(category: str, colour: str, number: str = COUNT) -> dict[str, Any]:
    """A bar for each category, of a piece for each colour: the category, the colour, `value`."""
    chart = (
        alt.Chart(_ROWS)
        .mark_bar()
        .encode(
            x=alt.X("value:Q", title=None, axis=_axis(number)),
            y=_categories(category),
            color=_colour(colour),
            tooltip=[f"{category}:N", f"{colour}:N", alt.Tooltip("value:Q", format=number)],
        )
        .properties(height=alt.Step(_BAR))
    )
    return _specification(chart)


def beside(category: str, colour: str, number: str = COUNT) -> dict[str, Any]:
    """For each category a bar for each colour, one below the other."""
    chart = (
        alt.Chart(_ROWS)
        .mark_bar()
        .encode(
            x=alt.X("value:Q", title=None, axis=_axis(number)),
            y=_categories(category),
            yOffset=alt.YOffset(f"{colour}:N", sort=None),
            color=_colour(colour),
            tooltip=[f"{category}:N", f"{colour}:N", alt.Tooltip("value:Q", format=number)],
        )
        .properties(height=alt.Step(14))
    )
    return _specification(chart)


def heat(x: str, y: str, value: str, *, xs: range, ys: range, height: int = 220) -> dict[str, Any]:
    """A field for each pair of x and y, of all that there may be; lighter where it is greater."""
    chart = (
        alt.Chart(_ROWS)
        .mark_rect()
        .encode(
            x=alt.X(f"{x}:O", title=x, axis=_few_labels(), scale=alt.Scale(domain=[*xs])),
            y=alt.Y(f"{y}:O", title=y, axis=_few_labels(), scale=alt.Scale(domain=[*ys])),
            color=alt.Color(f"{value}:Q", title=value, scale=alt.Scale(scheme="viridis")),
            tooltip=[f"{x}:O", f"{y}:O", alt.Tooltip(f"{value}:Q", format=COUNT)],
        )
        .properties(height=height)
    )
    return _specification(chart)


def funnel() -> dict[str, Any]:
    """A bar for each stage of a journey: `stage_name`, `value`, and its share of the greatest."""
    base = (
        alt.Chart(_ROWS)
        .transform_joinaggregate(greatest="max(value)")
        .transform_calculate(
            told=f"format(datum.value, '{COUNT}') + ' · '"
            " + format(datum.value / datum.greatest, '.0%')"
        )
        .encode(x=alt.X("value:Q", title=None, axis=_axis(COUNT)), y=_categories("stage_name"))
    )
    tooltip = ["stage_name:N", alt.Tooltip("value:Q", title="entered", format=COUNT)]
    texts = base.mark_text(align="left", dx=5).encode(text="told:N")
    chart = base.mark_bar().encode(tooltip=tooltip) + texts
    # Room for the texts, which stand behind the bars.
    room = {"left": 5, "top": 5, "bottom": 5, "right": 90}
    return _specification(chart.properties(height=alt.Step(34), padding=room))


def _categories(name: str) -> alt.Y:
    return alt.Y(f"{name}:N", sort=None, title=None, axis=alt.Axis(labelLimit=_LABELS))


def _colour(name: str) -> alt.Color:
    legend = alt.Legend(title=None, orient="top", labelLimit=_LEGEND)
    return alt.Color(f"{name}:N", sort=None, legend=legend)


def _few_labels() -> alt.Axis:
    return alt.Axis(labelAngle=0, labelOverlap=True)


def _axis(number: str) -> alt.Axis:
    return alt.Axis(format=SHARE if number == SHARE else "~s", tickCount=5)


def _specification(chart: Any) -> dict[str, Any]:
    with alt.theme.enable("none"):
        return dict(chart.properties(width="container").to_dict())
