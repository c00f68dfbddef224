"""dbt's own documentation of every model and column, as one page."""

from __future__ import annotations

import json
from pathlib import Path

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from orchestration.errors import WarehouseError
from orchestration.settings import PROJECT_DIR, Settings
from orchestration.transform.dbt import Dbt


def write_reference(settings: Settings, dbt: Dbt, work: Path, page: Path) -> None:
    """Write dbt's page of the published warehouse; work is a folder for what dbt writes on the way.

    Raises WarehouseError where dbt makes none.
    """
    work.mkdir(parents=True, exist_ok=True)
    parsed = dbt.parse()
    # Where the warehouse lies is told nowhere.
    text = json.dumps(dbt.manifest()).replace(
        json.dumps(str(settings.warehouse))[1:-1], "warehouse"
    )
    (work / "manifest.json").write_text(text, encoding="utf-8")
    try:
        outcome = dbtRunner(manifest=parsed).invoke(
            [
                *("docs", "generate", "--static", "--no-compile", "--target", "published"),
                *("--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)),
                *("--target-path", str(work), "--log-path", str(work), "--log-level", "none"),
            ]
        )
    finally:
        DuckDBConnectionManager.close_all_connections()
    if not outcome.success:
        raise WarehouseError(f"dbt made no page of the models: {outcome.exception}")
    page.parent.mkdir(parents=True, exist_ok=True)
    (work / "static_index.html").replace(page)
