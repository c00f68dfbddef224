"""The dashboard: pages of the published warehouse."""

from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg
import duckdb

from orchestration.assets.published import KEY as PUBLISHED
from orchestration.errors import DashboardError
from orchestration.failures import find_warehouse_error, one_line
from orchestration.night import Night, told_plainly


@dg.asset(
    key=dg.AssetKey(["published", "dashboard"]),
    deps=[PUBLISHED],
    group_name="published",
    kinds={"html"},
    description="Pages that open in a browser from disk, drawn from the published warehouse.",
    output_required=False,
)
def dashboard(
    context: dg.AssetExecutionContext, night: dg.ResourceParam[Night]
) -> Iterator[dg.MaterializeResult]:
    """Draw the pages, unless CAMPAIGN_DASHBOARD is 0."""
    if night.settings.has_dashboard:
        with told_plainly():
            drawn = draw_night(night, context.log.info)
        yield dg.MaterializeResult(metadata=drawn)


def draw_night(night: Night, say: Callable[[str], None]) -> dict[str, Any]:
    """Draw the dashboard of the night that is published; returns what there is to know about it.

    Raises DashboardError or StorageError; in both cases the old pages stay.
    """
    # Altair takes a second, which nobody should wait for who only wants Dagster's definitions.
    from dashboards.draw import draw_dashboard

    try:
        return {"path": str(draw_dashboard(night.settings, say))}
    except (OSError, ValueError, duckdb.Error) as error:
        raise find_warehouse_error(error) or DashboardError(
            f"The night is published, but its dashboard could not be drawn ({one_line(error)}): "
            "look at the log, and run `make dashboard` to draw it alone."
        ) from error
