"""Draws the dashboard of a published warehouse into WAREHOUSE/dashboard."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb

from dashboards.model import COMPANY, Page
from dashboards.pages import campaign as campaign_page
from dashboards.pages import pages
from dashboards.render import Frame, Renderer, campaign_file
from dashboards.tables import read_table, read_tables_by_campaign
from orchestration.errors import UsageError
from orchestration.settings import Settings, known_dbt_vars

INDEX = "index.html"

# Beside the pages there, and not theirs: what `make journey` draws.
_KEPT = "journeys"

# What is older than this is told by weeks, where it can be added up.
_DAYS = 366

# How many pages of campaigns are told of at a time.
_TOLD = 100


def draw_dashboard(settings: Settings, say: Callable[[str], None]) -> Path:
    """Draw all pages anew and put them in the place of the old ones; returns the first page.

    Raises UsageError where nothing is published, OSError where the folder can't be written. Either
    way the pages that were there stay.
    """
    published = settings.published / "current.duckdb"
    if not published.exists():
        raise UsageError(f"Nothing is published in {settings.warehouse}: run `make run` first.")
    folder = settings.dashboard
    unfinished = folder.with_name(".dashboard.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    (unfinished / "campaigns").mkdir(parents=True)
    with duckdb.connect(str(published), read_only=True) as connection:
        if settings.memory_limit is not None:
            connection.execute("set memory_limit = ?", [settings.memory_limit])
        count = _write(connection, settings, unfinished, say)
    _replace(folder, unfinished)
    say(f"Drew {count:,} pages: {folder / INDEX}")
    return folder / INDEX


def _write(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    folder: Path,
    say: Callable[[str], None],
) -> int:
    main_pages = pages()
    frame = _frame(connection, settings, main_pages)
    renderer = Renderer(frame)
    for page in main_pages:
        tables = {
            name: read_table(connection, query, frame.weeks_before)
            for name, query in page.tables.items()
        }
        (folder / page.file).write_text(renderer.html(page, tables), encoding="utf-8")
    by_campaign = {
        name: read_tables_by_campaign(connection, query, frame.weeks_before)
        for name, query in campaign_page.TABLES.items()
    }
    for number, (campaign, shown) in enumerate(frame.campaigns.items(), start=1):
        page = campaign_page.page(campaign, shown["name"], shown["file"])
        tables = {name: found.get(campaign, none) for name, (found, none) in by_campaign.items()}
        html = renderer.html(page, tables, campaign)
        (folder / page.file).write_text(html, encoding="utf-8")
        if number % _TOLD == 0:
            say(f"  {number:,} of {len(frame.campaigns):,} pages of campaigns")
    return len(main_pages) + len(frame.campaigns)


def _frame(connection: duckdb.DuckDBPyConnection, settings: Settings, links: list[Page]) -> Frame:
    campaigns = connection.sql(
        "select campaign_id, coalesce(name, campaign_id) from marts.campaigns order by all"
    ).fetchall()
    names = Counter(name for _, name in campaigns)
    columns = connection.sql(
        "select table_name || '.' || column_name, comment from duckdb_columns()"
        " where schema_name = 'marts' and comment is not null"
    ).fetchall()
    rules = connection.sql("select rule_id, rule from marts.metric_rules").fetchall()
    return Frame(
        night=_night(connection),
        currency=str({**known_dbt_vars(), **settings.dbt_vars}["company_currency"]),
        campaigns={
            campaign: {
                "name": name if names[name] == 1 else f"{name} ({campaign})",
                "file": campaign_file(campaign),
            }
            for campaign, name in campaigns
        },
        rules=dict(rules),
        columns=dict(columns),
        weeks_before=_weeks_before(connection),
        links=tuple(links),
    )


def _night(connection: duckdb.DuckDBPyConnection) -> str:
    """What the footer says of the night whose marts are shown."""
    found = connection.sql(
        "select strftime(finished_at, '%Y-%m-%d %H:%M'), run_id from marts.warehouse_runs"
        " where is_published order by finished_at desc limit 1"
    ).fetchone()
    if found is None:
        return "Published by no noted run."
    return f"Published on {found[0]} UTC by run {found[1]}."


def _weeks_before(connection: duckdb.DuckDBPyConnection) -> str:
    """The Monday from which on days are told, a year and up to six days before the last date."""
    found = connection.sql(
        f"select cast(date_trunc('week', max(date) - {_DAYS}) as date) from marts.kpi_daily"
        f" where campaign_id = '{COMPANY}'"
    ).fetchone()
    assert found is not None
    return str(found[0] or "0001-01-01")


def _replace(folder: Path, unfinished: Path) -> None:
    """Put new pages in the place of old ones."""
    if (folder / _KEPT).is_dir():
        (folder / _KEPT).rename(unfinished / _KEPT)
    old = folder.with_name(".dashboard.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    unfinished.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
