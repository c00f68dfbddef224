"""What pages tell a user to type is run, here or by a test that is named, or not, for a reason."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration import query
from orchestration.settings import VARIABLES
from tests.conftest import PROJECT
from tests.project.pages import PAGES, Block, blocks, text_of

# Blocks in these languages are no commands. Each other block has a test, or stands below.
DATA = {"text", "csv"}
RUN_BY = {
    ("journeys.md", "yaml"): "tests/dashboards/test_journey.py",
    ("extending.md", "yaml"): "tests/project/test_recipes.py",
    ("extending.md", "csv"): "tests/project/test_recipes.py",
    ("scheduling.md", "sh"): "tests/project/test_docs_commands.py",
    ("scheduling.md", "ini"): "tests/project/test_docs_commands.py",
    ("connect.md", "python"): "tests/postgres/test_connect.py",
    ("connect.md", "sql"): "tests/postgres/test_connect.py",
}

# Lines that are typed, and why none of the tests below types them.
NOT_RUN = {
    "make run": "the fixture sample_warehouse runs it",
    "make test": "this is it",
    "make environment": "every checkout begins with it",
    "make run LANDING=path/to/landing WAREHOUSE=path/to/warehouse": "tests/orchestration run it",
    "make run ARGS=--full-refresh": "tests/orchestration/test_nightly.py does",
    "CAMPAIGN_ALLOW_LOW_VOLUME=1 make run": "tests/orchestration/test_nightly.py does",
    "make rollback": "tests/orchestration/test_publish.py does",
    "make bench SIZE=1m": "measures for minutes; tests/benchmarks run its parts",
    "make dev LANDING=/data/landing WAREHOUSE=/data/warehouse": "serves for ever; see test_dev.py",
    ".venv/bin/dbt parse": "tests/project/test_rooms.py does",
    "DBT_TARGET=published .venv/bin/mf query --metrics influenced_contacts"
    " --group-by campaign__name,metric_time__week": "tests/semantic/test_mf.py does",
    "DBT_TARGET=published .venv/bin/mf validate-configs": "tests/semantic/test_mf.py does",
    "DBT_TARGET=published .venv/bin/mf list metrics": "lists names; test_mf.py runs mf itself",
    "uv pip compile requirements.in --override overrides.txt --universal --python-version 3.11"
    " --generate-hashes --no-header --no-annotate --no-emit-index-url -o requirements.lock": (
        "asks the package index, whose answers change"
    ),
    'make test ARGS="tests/project/test_rooms.py -q"': "a test can't run the tests",
    'make test ARGS="tests/project/test_metric_rules.py"': "a test can't run the tests",
    "ssh -L 3000:127.0.0.1:3000 warehouse-host": "needs another machine",
    "systemctl daemon-reload": "needs root and a running systemd",
    "systemctl enable --now campaign-warehouse.timer": "needs root and a running systemd",
    "systemctl list-timers campaign-warehouse.timer": "needs a running systemd",
    "journalctl -u campaign-warehouse.service -n 50": "needs a running systemd",
    'duckdb -readonly warehouse/published/current.duckdb "select name, revenue from'
    ' marts.campaigns"': "DuckDB's command line is no package of the project",
    "make publish-postgres": "tests/postgres run it",
    "make spark": "tests/spark run it, in its own environment",
    "pip install apache-superset==6.1.0 flask-caching==2.3.1 rich cachetools duckdb==1.5.5"
    " duckdb-engine==0.17.0": "Superset needs an environment of its own, and minutes",
    "cd docs && python -m zipfile -c /tmp/superset.zip superset/": "needs Superset",
    "superset import-dashboards -p /tmp/superset.zip -u admin": "needs Superset",
}
# First lines of blocks that are a part of something, and why they aren't run by themselves.
PARTS = {
    "engine = sqlalchemy.create_engine(": "SQLAlchemy and duckdb-engine are no packages here",
    "Figure(": "tests/dashboards test those that there are",
}
# Beginnings of lines that are run: by tests below and, where a result stands under them, by
# test_docs_queries.py; questions for metrics by tests/semantic/test_metric_command.py.
RUN = ("make query SQL=", "make metric QUERY=", "grep ", "tail ", "0 3 * * * ")
_RESULT = ("┌", "│", "├", "└")
_ASSIGNMENT = re.compile(r"export \w+='[^']*'")

_QUERY = re.compile(r'^make query SQL="(.+)"$', re.MULTILINE)
_MAKE = re.compile(r"(?:^|`|[A-Z_]+=\S* |&& )make ([a-z][a-z-]*)", re.MULTILINE)

CRON_LINES = [
    line for block in blocks("") for line in block.text.splitlines() if line.startswith("0 3 * * *")
]


def typed(block: Block) -> list[str]:
    """The lines that a user types, without comments; results stand under theirs."""
    if block.text.partition("\n")[0] in PARTS:
        return []
    lines = [line.removeprefix("$ ") for line in block.text.splitlines()]
    return [re.sub(r"\s+# .*", "", line) for line in lines if line and line[0] not in _RESULT]


@pytest.mark.parametrize("block", blocks(""), ids=lambda block: block.page)
def test_every_typed_line_is_run_or_listed_with_a_reason(block: Block) -> None:
    unknown = [
        line
        for line in typed(block)
        if line not in NOT_RUN and not line.startswith(RUN) and not _ASSIGNMENT.fullmatch(line)
    ]
    assert not unknown


def test_what_is_listed_stands_on_a_page() -> None:
    pages = "\n".join(map(text_of, PAGES))
    listed = NOT_RUN.keys() | PARTS.keys()
    assert not [line for line in listed if line not in pages]


def test_every_other_block_is_data_or_has_a_test() -> None:
    others = {(block.page, block.language) for block in blocks() if block.language}
    assert not {(p, lang) for p, lang in others if lang not in DATA} - RUN_BY.keys()
    named = {RUN_BY[place] for place in others & RUN_BY.keys()}
    assert not [name for name in named if not (PROJECT / name).is_file()]


@pytest.mark.parametrize(
    "sql", [found for block in blocks("") for found in _QUERY.findall(block.text)]
)
def test_a_query_without_a_result_runs(
    sql: str, sample_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMPAIGN_WAREHOUSE", str(sample_warehouse))
    assert query.main([sql.replace('\\"', '"')]) == 0


@pytest.mark.parametrize(
    "line",
    [line for b in blocks("") for line in typed(b) if line.startswith(("grep ", "tail "))],
)
def test_a_look_into_the_warehouse_finds_its_file(line: str, sample_warehouse: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", line], cwd=sample_warehouse.parent, capture_output=True, check=False
    )
    # grep ends with 1 where it finds nothing, and with 2 where there is no file.
    assert done.returncode in (0, 1)
    assert not done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_target_of_make_is_there(page: Path) -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    assert set(_MAKE.findall(text_of(page))) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_is_one(page: Path) -> None:
    known = {variable.name for variable in VARIABLES}
    assert set(re.findall(r"\bCAMPAIGN_[A-Z_]+\b", text_of(page))) <= known


@pytest.mark.parametrize("line", CRON_LINES)
def test_a_cron_line_runs_in_the_bare_environment_of_cron(line: str, tmp_path: Path) -> None:
    command = line.removeprefix("0 3 * * * ")
    for shown, here in {
        "/path/to/campaign-warehouse": PROJECT,
        "/srv/campaign-warehouse": PROJECT,
        ".venv/bin/python": sys.executable,
        "/data/": f"{tmp_path}/",
        "/var/log/": f"{tmp_path}/",
    }.items():
        command = command.replace(shown, str(here))
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    log = tmp_path / "campaign-warehouse.log"
    said = log.read_text(encoding="utf-8") if log.exists() else done.stderr
    assert f"There is no landing folder {tmp_path}/landing" in said
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (0, ""),
        (1, "No new night (status 1).\n"),
        (4, "Another night was still going on.\n"),
        (7, "The night is published, but not all of it (status 7).\n"),
    ],
)
def test_the_wrapper_for_cron_passes_the_status_on(status: int, said: str, tmp_path: Path) -> None:
    (block,) = blocks("sh", page="scheduling.md")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(
        f'#!/bin/sh\n[ "$*" = "-m orchestration.run --landing /data/landing --warehouse'
        f' /data/warehouse" ] || exit 99\nexit {status}\n',
        encoding="utf-8",
    )
    python.chmod(0o755)
    done = subprocess.run(
        ["sh", "-c", block.text.replace("/srv/campaign-warehouse", str(tmp_path))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status
    assert done.stdout + done.stderr == said


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    files = []
    for block in blocks("ini", page="scheduling.md"):
        kind = "timer" if "[Timer]" in block.text else "service"
        files.append(tmp_path / f"campaign-warehouse.{kind}")
        text = block.text.replace("/srv/campaign-warehouse/.venv/bin/python", sys.executable)
        files[-1].write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"SYSTEMD_LOG_LEVEL": "warning"},
    )
    assert (done.returncode, done.stderr) == (0, "")
