"""What the environment variables take, and what a user is told where they don't."""

import traceback
from pathlib import Path

import pytest
import yaml

from orchestration.assets.raw import load_options
from orchestration.errors import UsageError
from orchestration.settings import VARIABLES, Settings, known_dbt_vars


def test_every_variable_has_a_default_that_is_taken() -> None:
    settings = Settings.from_environment({})
    assert settings.landing == Path.cwd() / "seeds" / "sample"
    assert settings.warehouse == Path.cwd() / "warehouse"
    assert settings.dbt_vars == {}
    assert settings.keep_published == 7
    assert settings.alert_url == ""
    assert all(variable.name.startswith("CAMPAIGN_") for variable in VARIABLES)


def test_an_empty_variable_is_its_default() -> None:
    empty = {variable.name: "" for variable in VARIABLES}
    assert Settings.from_environment(empty) == Settings.from_environment({})


def test_dbt_variables_are_read_as_yaml() -> None:
    text = "{report_timezone: America/New_York, session_inactivity_minutes: 10}"
    settings = Settings.from_environment({"CAMPAIGN_VARS": text})
    assert settings.dbt_vars == {
        "report_timezone": "America/New_York",
        "session_inactivity_minutes": 10,
    }


@pytest.mark.parametrize("value", ["given", "snapshot"])
def test_association_times_are_given_or_follow_from_snapshots(value: str) -> None:
    settings = Settings.from_environment({"CAMPAIGN_VARS": f"association_history: {value}"})
    assert load_options(settings) == {"association_history": value}
    assert load_options(Settings.from_environment({})) == {}


def test_an_unknown_dbt_variable_is_named_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="'session_timeout'") as raised:
        Settings.from_environment({"CAMPAIGN_VARS": "session_timeout: 10"})
    assert all(name in str(raised.value) for name in known_dbt_vars())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not YAML"),
        ("[report_timezone]", "write {name: value}"),
        ("session_inactivity_minutes: '10'", "a whole number"),
        ("session_inactivity_minutes: true", "a whole number"),
        ("session_inactivity_minutes: -1", "a whole number"),
        ("session_inactivity_minutes: 0", "at least 1 minute"),
        ("session_split_on_new_source: 1", "true or false"),
        ("company_currency: 978", "a text"),
        ("company_currency: E'R", "a currency code"),
        ("report_timezone: Mars/Phobos", "an IANA name"),
        ("association_history: daily", "it takes given or snapshot"),
        ("association_history: true", "it takes given or snapshot"),
        ("default_attribution_model: best", "it takes one of first_interaction, .*time_decay"),
        ("default_attribution_model: 1", "it takes one of"),
        ("markov_max_order: 0", "it takes 1, 2 or 3"),
        ("markov_max_order: 4", "it takes 1, 2 or 3"),
        ("attribution_lookback_days: -1", "a whole number from 0 to 100000, or null"),
        ("attribution_lookback_days: 100001", "a whole number from 0 to 100000, or null"),
        ("attribution_lookback_days: true", "a whole number from 0 to 100000, or null"),
        ("attribution_lookback_days: 30.5", "a whole number from 0 to 100000, or null"),
    ],
)
def test_a_dbt_variable_of_the_wrong_kind_is_refused(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Settings.from_environment({"CAMPAIGN_VARS": text})


@pytest.mark.parametrize("text", ["null", "0", "30", "100000"])
def test_a_lookback_is_a_number_of_days_or_none(text: str) -> None:
    settings = Settings.from_environment({"CAMPAIGN_VARS": f"attribution_lookback_days: {text}"})
    assert settings.dbt_vars == {"attribution_lookback_days": yaml.safe_load(text)}


@pytest.mark.parametrize("value", ["0", "-1", "7.5", "many", "٣"])
def test_how_many_published_files_stay_is_a_positive_number(value: str) -> None:
    with pytest.raises(UsageError, match="CAMPAIGN_KEEP_PUBLISHED"):
        Settings.from_environment({"CAMPAIGN_KEEP_PUBLISHED": value})


@pytest.mark.parametrize("value", ["80%", "4", "GB", "lots", "4GB; drop table x"])
def test_a_memory_limit_is_an_amount_of_memory(value: str) -> None:
    with pytest.raises(UsageError, match="CAMPAIGN_MEMORY_LIMIT"):
        Settings.from_environment({"CAMPAIGN_MEMORY_LIMIT": value})


def test_without_a_memory_limit_duckdb_has_its_own() -> None:
    assert Settings.from_environment({}).memory_limit is None
    assert Settings.from_environment({"CAMPAIGN_MEMORY_LIMIT": "1.5 GiB"}).memory_limit == "1.5 GiB"


def test_an_engine_is_one_of_two() -> None:
    assert Settings.from_environment({}).engine == "duckdb"
    assert Settings.from_environment({"CAMPAIGN_ENGINE": "spark"}).engine == "spark"
    with pytest.raises(UsageError, match="CAMPAIGN_ENGINE is 'hive': set it to duckdb or spark"):
        Settings.from_environment({"CAMPAIGN_ENGINE": "hive"})


def test_an_alert_address_is_a_web_address_and_is_told_nowhere() -> None:
    with pytest.raises(UsageError, match="CAMPAIGN_ALERT_URL") as raised:
        Settings.from_environment({"CAMPAIGN_ALERT_URL": "file:///etc/passwd"})
    assert "passwd" not in str(raised.value)
    settings = Settings.from_environment({"CAMPAIGN_ALERT_URL": "https://hooks.example/passwd"})
    assert "passwd" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:passwd@db.example:5432/bi?sslmode=require",
        "postgres://ann:pass%40wd%2F@[::1]/bi",
        "postgresql://ann%40server:passwd@/bi?host=/run/postgresql",
        "postgresql://one,two:5432/bi",
        "postgresql:///bi",
    ],
)
def test_a_database_is_named_by_an_address_that_is_told_nowhere(url: str) -> None:
    settings = Settings.from_environment({"CAMPAIGN_POSTGRES_URL": url})
    assert settings.postgres_url == url
    assert "bi" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "db.example/passwd",
        "host=db.example password=passwd",
        "mysql://ann:passwd@db.example/bi",
        "postgresql://ann:p@passwd@db.example/bi",
        "postgresql://ann:passwd/s@db.example/bi",
        "postgresql://ann:1/passwd@db.example/bi",
        "postgresql://ann:passwd@db.example:many/bi",
        "postgresql://ann:%passwd@db.example/bi",
        "postgresql://ann@db.example/bi?passwd=passwd",
    ],
)
def test_an_address_of_no_database_is_refused_and_told_nowhere(url: str) -> None:
    with pytest.raises(UsageError, match="CAMPAIGN_POSTGRES_URL") as raised:
        Settings.from_environment({"CAMPAIGN_POSTGRES_URL": url})
    assert "passwd" not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize("value", ["yes", "2", "-1", "true"])
def test_whether_few_rows_are_published_is_said_by_1_or_0(value: str) -> None:
    with pytest.raises(UsageError, match="CAMPAIGN_ALLOW_LOW_VOLUME"):
        Settings.from_environment({"CAMPAIGN_ALLOW_LOW_VOLUME": value})


@pytest.mark.parametrize("name", ["it's", "a*", "{b}", "c$d"])
def test_a_warehouse_path_that_would_be_a_pattern_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="CAMPAIGN_WAREHOUSE"):
        Settings.from_environment({"CAMPAIGN_WAREHOUSE": f"/data/{name}"})


def test_a_missing_landing_folder_is_named(tmp_path: Path) -> None:
    settings = Settings.from_environment({"CAMPAIGN_LANDING": str(tmp_path / "nowhere")})
    with pytest.raises(UsageError, match="nowhere"):
        settings.check_landing()


def test_a_warehouse_in_the_landing_folder_is_refused(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {"CAMPAIGN_LANDING": str(tmp_path), "CAMPAIGN_WAREHOUSE": str(tmp_path / "warehouse")}
    )
    with pytest.raises(UsageError, match="lies in the landing folder"):
        settings.check_landing()
