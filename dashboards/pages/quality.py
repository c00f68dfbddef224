"""What came in, what was refused, what is odd, and which rules are proved."""

from __future__ import annotations

from dashboards.charts import bars, lines
from dashboards.model import Figure, Page, Query, Section

# So many rows of lists that may be long.
_ROWS = 1_000


def page() -> Page:
    """The page of data quality."""
    return Page(
        "quality.html",
        "Data quality",
        "What came in, what was refused and why, and how each rule was tested.",
        {
            "runs": Query(
                """
                select cast(started_at as date) as date, started_at, run_id, files, rows, issues,
                    is_published, epoch(finished_at) - epoch(started_at) as seconds
                from marts.warehouse_runs
                """
            ),
            "loads": Query(
                f"""
                select cast(loaded_at as date) as date, loaded_at, table_name, file, status,
                    rows_in, rows_loaded, rows_duplicate, rows_quarantined, message
                from marts.load_audit
                order by loaded_at desc, file
                limit {_ROWS}
                """
            ),
            "tables": Query(
                """
                select table_name, sum(rows_loaded) as rows_loaded,
                    sum(rows_duplicate) as rows_duplicate, sum(rows_quarantined) as rows_quarantined
                from marts.load_audit
                group by table_name
                """
            ),
            "reasons": Query(
                """
                select reason, table_name, column_name, count(*) as rows
                from marts.quarantine
                group by all
                """
            ),
            "quarantine": Query(
                f"""
                select file, row_number, column_name, reason
                from marts.quarantine
                order by file desc, row_number
                limit {_ROWS}
                """
            ),
            "issues": Query(
                """
                select rule, severity, count(*) as issues
                from marts.data_quality_issues
                group by all
                """
            ),
            "issue_rows": Query(
                f"""
                select rule, table_name, key, severity, detail, first_seen_at
                from marts.data_quality_issues
                order by first_seen_at desc, rule, table_name, key
                limit {_ROWS}
                """
            ),
            "excluded": Query("select list, entry, events from marts.excluded_traffic"),
            "rules": Query(
                """
                select rule_id, rule, model, test, status, unit_test_status
                from marts.metric_rules
                """
            ),
        },
        _SECTIONS,
    )


_SECTIONS = (
    Section(
        "Nights",
        (
            Figure(
                "runs",
                "Rows that came in",
                "runs",
                by=("date",),
                sums=("rows", "files", "issues", "seconds"),
                chart=lines(),
                measures=("rows", "files", "issues", "seconds"),
                pick=True,
                order=("date",),
            ),
            Figure(
                "run-list",
                "All runs",
                "runs",
                by=("started_at", "run_id", "files", "rows", "issues", "is_published", "seconds"),
                order=("-started_at",),
            ),
        ),
    ),
    Section(
        "Loads",
        (
            Figure(
                "tables",
                "Rows by table",
                "tables",
                by=("table_name",),
                sums=("rows_loaded", "rows_duplicate", "rows_quarantined"),
                chart=bars("table_name"),
                measures=("rows_loaded", "rows_duplicate", "rows_quarantined"),
                pick=True,
                order=("-value", "table_name"),
            ),
            Figure(
                "loads",
                "The newest files",
                "loads",
                by=(
                    *("loaded_at", "table_name", "file", "status", "rows_in", "rows_loaded"),
                    *("rows_duplicate", "rows_quarantined", "message"),
                ),
                order=("-loaded_at", "file"),
                note=f"At most {_ROWS:,}.",
            ),
        ),
    ),
    Section(
        "Quarantine",
        (
            Figure(
                "reasons",
                "Why rows were refused",
                "reasons",
                by=("reason", "table_name", "column_name"),
                sums=("rows",),
                chart=bars("reason"),
                measures=("rows",),
                order=("-rows", "reason", "table_name", "column_name"),
            ),
            Figure(
                "quarantine",
                "Refused rows",
                "quarantine",
                by=("file", "row_number", "column_name", "reason"),
                order=("file", "row_number"),
                note=f"At most {_ROWS:,}. The rows themselves are not published.",
            ),
        ),
    ),
    Section(
        "Issues",
        (
            Figure(
                "issues",
                "Issues by rule",
                "issues",
                by=("rule", "severity"),
                sums=("issues",),
                chart=bars("rule"),
                measures=("issues",),
                order=("-issues", "rule"),
            ),
            Figure(
                "issue-list",
                "The newest issues",
                "issue_rows",
                by=("rule", "table_name", "key", "severity", "detail", "first_seen_at"),
                order=("-first_seen_at", "rule", "table_name", "key"),
                note=f"At most {_ROWS:,}.",
            ),
            Figure(
                "excluded",
                "Excluded traffic",
                "excluded",
                by=("list", "entry"),
                sums=("events",),
                order=("list", "-events", "entry"),
            ),
        ),
    ),
    Section(
        "Rules",
        (
            Figure(
                "rules",
                "Every rule, where it is encoded and how it was tested",
                "rules",
                by=("rule_id", "rule", "model", "test", "status", "unit_test_status"),
                order=("rule_id",),
            ),
        ),
    ),
)
