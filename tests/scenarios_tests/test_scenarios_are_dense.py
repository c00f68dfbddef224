"""The random scenarios hold every edge that they claim to hold, and are what their seeds say."""

from __future__ import annotations

import filecmp
import gzip
import io
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.reference import compute
from tests.scenarios import World, build, write_landing, write_loads
from tests.scenarios.bad_rows import FORMATS, bad_rows
from tests.scenarios.contract import COLUMNS, INTERVALS, KEYS
from tests.scenarios.coverage import EDGES, count_edges

SEEDS = range(200)

CODES = {
    "row_does_not_parse",
    "required_value_missing",
    "unparsable_instant",
    "unparsable_date",
    "unparsable_number",
    "unparsable_boolean",
    "properties_not_an_object",
    "unknown_asset_type",
    "no_visitor_or_contact",
    "interval_ends_before_it_begins",
    "rate_not_positive",
}

# Marts that tell of files or count over all scenarios.
_MARTS_OF_PACKS = {
    "load_audit",
    "quarantine",
    "data_quality_issues",
    "excluded_traffic",
    "campaign_attribution",
    "channel_attribution",
    "data_driven_attribution",
    # A few dedup ids are nobody's own.
    "conversions",
}

# Rows to which every scenario of a pack adds.
_OF_PACKS = ("no campaign", "all")


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    return [build(seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def counts(worlds: list[World]) -> Counter[str]:
    return count_edges(worlds)


@pytest.mark.parametrize("edge", sorted(EDGES))
def test_edge_occurs(edge: str, counts: Counter[str]) -> None:
    assert counts[edge] >= 1, f"no scenario of {len(SEEDS)} has: {edge}"


def test_the_rules_of_nine_families_have_edges() -> None:
    families = {edge.partition("-")[0] for edge in EDGES}
    assert families >= {"ID", "S", "T", "N", "I", "D", "A", "J", "K"}
    assert len(EDGES) >= 600


def test_an_edge_that_vanished_is_counted_as_zero() -> None:
    assert set(count_edges([])) == set(EDGES)
    assert set(count_edges([]).values()) == {0}


def test_scenarios_are_small(worlds: list[World]) -> None:
    sizes = [len(world.rows["events"]) for world in worlds]
    assert min(sizes) >= 30
    assert max(sizes) <= 150


def test_scenarios_share_no_key(worlds: list[World]) -> None:
    for table, key in KEYS.items():
        seen: set[tuple[object, ...]] = set()
        for world in worlds:
            keys = {tuple(row.get(column) for column in key) for row in world.rows[table]}
            if table == "visitor_identities":
                keys = {each for each in keys if not str(each[0]).startswith("internal-")}
            assert not keys & seen, table
            seen |= keys


def test_no_good_row_breaks_its_contract(worlds: list[World]) -> None:
    for world in worlds:
        for table, rows in world.rows.items():
            for row in rows:
                assert set(row) <= set(COLUMNS[table]), table
                if table in INTERVALS:
                    begin, end = map(row.get, INTERVALS[table])
                    assert begin is None or end is None or begin <= end
        for row in world.rows["events"]:
            assert row.get("visitor_id") or row.get("contact_id")


def test_every_quarantine_code_occurs_in_every_format() -> None:
    for form in FORMATS:
        codes = {bad.code for table in COLUMNS for bad in bad_rows(table, form)}
        # A Parquet file has no rows that don't parse.
        assert codes == CODES - ({"row_does_not_parse"} if form == "parquet" else set())


def test_the_same_seeds_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    write_landing(range(3), first)
    write_landing(range(3), second)
    files = sorted(path.relative_to(first) for path in first.glob("*/*"))
    assert files == sorted(path.relative_to(second) for path in second.glob("*/*"))
    _, differing, unreadable = filecmp.cmpfiles(first, second, map(str, files), shallow=False)
    assert not differing
    assert not unreadable


def test_a_scenario_is_the_same_in_every_pack() -> None:
    assert build(7).rows == build(7).rows


def test_a_landing_has_every_format_and_table(tmp_path: Path) -> None:
    write_landing(range(10), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*COLUMNS, "web_logs"}
    names = [path.name for path in tmp_path.glob("*/*")]
    for suffix in (".csv", ".csv.gz", ".ndjson", ".ndjson.gz", ".parquet", ".parquet.gz"):
        assert any(name.endswith(suffix) for name in names), suffix
    texts = [path.read_bytes() for path in tmp_path.glob("*/*.csv")]
    assert any(text.startswith(b"\xef\xbb\xbf") for text in texts)
    headers = [text.splitlines()[0] for text in texts]
    for delimiter in (b",", b";", b"\t"):
        assert any(delimiter in header for header in headers)
    assert any(b"source_note" in header for header in headers)


def test_a_landing_without_bad_rows_has_none(tmp_path: Path) -> None:
    write_landing(range(3), tmp_path, bad_rows=False)
    assert {path.name for path in tmp_path.iterdir()} <= set(COLUMNS)
    for path in tmp_path.glob("*/*"):
        content = path.read_bytes()
        if path.name.endswith(".gz"):
            content = gzip.decompress(content)
        if ".parquet" in path.name:
            content = repr(pq.read_table(io.BytesIO(content)).to_pylist()).encode()
        assert b"bad-" not in content, path


def test_loads_repeat_rename_and_reuse_files(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(5)]
    write_loads(range(8), folders)
    seen: dict[str, set[bytes]] = {}
    contents: dict[bytes, set[str]] = {}
    same_again = False
    for folder in folders:
        for path in sorted(folder.glob("*/*")):
            name, content = str(path.relative_to(folder)), path.read_bytes()
            same_again |= content in seen.get(name, set())
            seen.setdefault(name, set()).add(content)
            contents.setdefault(content, set()).add(name)
    assert same_again
    assert any(len(versions) > 1 for versions in seen.values())
    assert any(len(names) > 1 for names in contents.values())


def test_loads_need_a_folder() -> None:
    with pytest.raises(ValueError, match="folder"):
        write_loads(range(1), [])


def test_a_scenarios_marts_do_not_depend_on_the_pack(tmp_path: Path) -> None:
    seeds = range(20, 26)
    write_landing(seeds, tmp_path / "pack")
    alone: dict[str, list[str]] = {}
    for seed in seeds:
        write_landing([seed], tmp_path / str(seed))
        for mart, rows in compute([tmp_path / str(seed)]).items():
            alone.setdefault(mart, []).extend(of_campaigns(rows))
    together = compute([tmp_path / "pack"])
    for mart in set(together) - _MARTS_OF_PACKS:
        assert sorted(of_campaigns(together[mart])) == sorted(alone[mart]), mart


def of_campaigns(rows: list[dict[str, object]]) -> list[str]:
    """The rows without those to which every scenario adds, as texts."""
    return [repr(row) for row in rows if row.get("campaign_id") not in _OF_PACKS]
