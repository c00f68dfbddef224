"""What docs/connect.md shows runs as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.publish.postgres import publish_to_postgres
from tests.conftest import PROJECT
from tests.postgres.conftest import READERS, Database
from tests.postgres.server import server

PAGE = (PROJECT / "docs" / "connect.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
OF_POSTGRES = [snippet for snippet in SNIPPETS if "psycopg" in snippet]
OF_FILES = [snippet for snippet in SNIPPETS if "psycopg" not in snippet]

HIGHEST = "Spring Release 4.0"


def run(snippet: str, folder: Path) -> str:
    """What a snippet prints that is run where the folder `warehouse` is."""
    done = subprocess.run(
        [sys.executable, "-c", snippet], cwd=folder, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("snippet", OF_FILES)
def test_a_snippet_reads_the_published_files(snippet: str, sample_warehouse: Path) -> None:
    shown = run(snippet, sample_warehouse.parent)
    assert re.search("Spring Release|sessions", shown)


# Where there is no server at all, the fixture skips.
@pytest.mark.usefixtures("socket_folder")
def test_roles_are_made_and_read_postgres_as_the_page_says(sample_warehouse: Path) -> None:
    (setup,) = re.findall(r"^```sql\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (url,) = re.findall("CAMPAIGN_POSTGRES_URL='(.*)'", PAGE)
    with server() as folder:
        with Database(folder, "postgres").connect() as connection:
            for statement in setup.split(";\n"):
                connection.execute(statement)
        there = f"/bi?host={folder}"
        publish_to_postgres(
            sample_warehouse / "published" / "current.duckdb",
            url.replace("localhost:5432/bi", there),
            READERS,
        )
        (snippet,) = OF_POSTGRES
        shown = run(snippet.replace("localhost:5432/bi", there), sample_warehouse.parent)
    assert len(shown.splitlines()) == 3
    assert shown.startswith("Spring Release 4.0 161250.84")
