"""What a user may set, from environment variables, and where things lie in a warehouse folder."""

from __future__ import annotations

import contextlib
import csv
import os
import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from orchestration.errors import UsageError
from orchestration.journeys import check_journeys, with_dates_as_text
from orchestration.yaml_text import read_yaml

PROJECT_DIR = Path(__file__).resolve().parent.parent

# The warehouse's path stands in globs and format strings of the dbt sources.
UNSAFE_IN_A_WAREHOUSE_PATH = frozenset("'\"{}[]*?$\\\n")


@dataclass(frozen=True)
class Variable:
    """An environment variable that a user may set."""

    name: str
    default: str
    meaning: str


VARIABLES = (
    Variable("CAMPAIGN_LANDING", "seeds/sample", "The landing folder, with one folder per table."),
    Variable("CAMPAIGN_WAREHOUSE", "warehouse", "The folder that holds all that runs write."),
    Variable("CAMPAIGN_VARS", "", "dbt variables as YAML: `{report_timezone: Europe/Berlin}`."),
    Variable("CAMPAIGN_KEEP_PUBLISHED", "7", "How many published warehouses stay, at least 1."),
    Variable("CAMPAIGN_DBT_THREADS", "2", "How many models are built at a time."),
    Variable("CAMPAIGN_ENGINE", "duckdb", "What builds the models: `duckdb` or `spark`."),
    Variable("CAMPAIGN_SPARK_MASTER", "local[*]", "Where Spark runs: `local[2]`: 2 cores here."),
    Variable(
        "CAMPAIGN_MEMORY_LIMIT",
        "",
        "How much memory DuckDB, or Spark's driver, may use, as `4GB`; empty: 80 % of the "
        "machine's, or 50 %.",
    ),
    Variable("CAMPAIGN_FRESH_HOURS", "36", "A check warns where no new file came for so long."),
    Variable(
        "CAMPAIGN_ERASURE_KEY",
        "",
        "The secret under which erased people get pseudonyms; empty: WAREHOUSE/.erasure_key.",
    ),
    Variable(
        "CAMPAIGN_ALLOW_LOW_VOLUME",
        "0",
        "1: a night is published though less than a tenth of the usual rows came in.",
    ),
    Variable("CAMPAIGN_DASHBOARD", "1", "0: no dashboard is drawn."),
    Variable("CAMPAIGN_ALERT_URL", "", "A webhook that gets a POST when a run fails; empty: none."),
    Variable(
        "CAMPAIGN_POSTGRES_URL",
        "",
        "A PostgreSQL database that gets the marts, too: `postgresql://…`; empty: none.",
    ),
    Variable(
        "CAMPAIGN_POSTGRES_READERS", "campaign_readers", "The role there that may read the marts."
    ),
)
_DEFAULTS = {variable.name: variable.default for variable in VARIABLES}

ENGINES = ("duckdb", "spark")

# The dbt variables' file, in the project.
VARS_FILE = "vars.yml"

# The reference seed of the attribution models, in the project.
ATTRIBUTION_MODELS = "seeds/reference/attribution_models.csv"

# So far back from every date that is likely an instant still has a date.
MOST_LOOKBACK_DAYS = 100_000

# dbt variables that take one of a few texts.
_CHOICES = {"association_history": ("given", "snapshot")}


@dataclass(frozen=True)
class Settings:
    """The settings of a run; paths are absolute.

    landing and warehouse are folders; dbt_vars holds only the variables that the user set;
    memory_limit is as DuckDB writes it, None for its own; fresh_hours is in hours; alert_url is
    empty where nobody is told; erasure_key is empty where the warehouse's key file holds it;
    allow_low_volume lets a night pass that brought far too few rows; has_dashboard: whether runs
    draw one; postgres_url is empty where no PostgreSQL database gets the marts, postgres_readers
    the role that reads them there; engine is duckdb or spark, spark_master where the latter runs.
    """

    landing: Path
    warehouse: Path
    dbt_vars: Mapping[str, Any]
    keep_published: int
    dbt_threads: int
    fresh_hours: int
    alert_url: str = field(repr=False)
    memory_limit: str | None = None
    erasure_key: str = field(default="", repr=False)
    allow_low_volume: bool = False
    has_dashboard: bool = True
    postgres_url: str = field(default="", repr=False)
    postgres_readers: str = "campaign_readers"
    engine: str = "duckdb"
    spark_master: str = "local[*]"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from environment variables (VARIABLES); an empty one is its default.

        Raises UsageError where a value is not what the variable takes.
        """
        environment = os.environ if environment is None else environment
        values = {name: environment.get(name) or default for name, default in _DEFAULTS.items()}
        warehouse = _path(values["CAMPAIGN_WAREHOUSE"])
        unsafe = UNSAFE_IN_A_WAREHOUSE_PATH.intersection(str(warehouse))
        if unsafe:
            raise UsageError(
                f"CAMPAIGN_WAREHOUSE is {str(warehouse)!r}: its path may not contain "
                f"{' '.join(sorted(unsafe))!r}; choose another folder."
            )
        return cls(
            landing=_path(values["CAMPAIGN_LANDING"]),
            warehouse=warehouse,
            dbt_vars=_dbt_vars(values["CAMPAIGN_VARS"]),
            keep_published=_positive_integer("CAMPAIGN_KEEP_PUBLISHED", values),
            dbt_threads=_positive_integer("CAMPAIGN_DBT_THREADS", values),
            fresh_hours=_positive_integer("CAMPAIGN_FRESH_HOURS", values),
            alert_url=_url("CAMPAIGN_ALERT_URL", values),
            memory_limit=_memory("CAMPAIGN_MEMORY_LIMIT", values),
            erasure_key=values["CAMPAIGN_ERASURE_KEY"],
            allow_low_volume=_flag("CAMPAIGN_ALLOW_LOW_VOLUME", values),
            has_dashboard=_flag("CAMPAIGN_DASHBOARD", values),
            postgres_url=_postgres_url("CAMPAIGN_POSTGRES_URL", values),
            postgres_readers=values["CAMPAIGN_POSTGRES_READERS"],
            engine=_engine("CAMPAIGN_ENGINE", values),
            spark_master=values["CAMPAIGN_SPARK_MASTER"],
        )

    def check_landing(self) -> None:
        """Raise UsageError where the landing folder can't be one."""
        try:
            with os.scandir(self.landing) as entries:
                next(entries, None)
        except PermissionError as error:
            raise UsageError(
                f"The landing folder {self.landing} can't be read by this user: "
                "give it read permission (chmod o+rx), or run as its owner."
            ) from error
        except (FileNotFoundError, NotADirectoryError) as error:
            raise UsageError(
                f"There is no landing folder {self.landing}: create it with one folder per table, "
                "or set CAMPAIGN_LANDING (make run LANDING=...) to the one that you have."
            ) from error
        if self.warehouse.is_relative_to(self.landing):
            raise UsageError(
                f"The warehouse {self.warehouse} lies in the landing folder, where its files would "
                "be loaded: set CAMPAIGN_WAREHOUSE to a folder outside."
            )

    @property
    def build_file(self) -> Path:
        """The database that dbt builds."""
        return self.warehouse / "build.duckdb"

    @property
    def ledger(self) -> Path:
        """The list of all files that were ever loaded, one JSON object per line."""
        return self.warehouse / "raw" / "ledger.ndjson"

    @property
    def state(self) -> Path:
        """What runs note for the trust marts."""
        return self.warehouse / "state"

    @property
    def published(self) -> Path:
        """What analysts read."""
        return self.warehouse / "published"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own storage: runs, events, schedules."""
        return self.warehouse / "dagster"

    @property
    def dbt_target(self) -> Path:
        """What dbt writes beside the tables: manifest, compiled SQL, its log."""
        return self.warehouse / "dbt"

    @property
    def dashboard(self) -> Path:
        """The pages that a browser opens."""
        return self.warehouse / "dashboard"

    @property
    def logs(self) -> Path:
        """One file per failed run, with the traceback."""
        return self.warehouse / "logs"


def _path(text: str) -> Path:
    """An absolute path; a relative one is taken from the present folder."""
    return Path(os.path.abspath(Path(text).expanduser()))  # noqa: PTH100 (resolve() follows links)


def _memory(name: str, values: Mapping[str, str]) -> str | None:
    text = values[name].strip()
    if text and not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", text, re.IGNORECASE):
        raise UsageError(f"{name} is {values[name]!r}: give an amount of memory, as 4GB.")
    return text or None


def _engine(name: str, values: Mapping[str, str]) -> str:
    engine = values[name]
    if engine not in ENGINES:
        raise UsageError(f"{name} is {engine!r}: set it to {' or '.join(ENGINES)}.")
    return engine


def _flag(name: str, values: Mapping[str, str]) -> bool:
    if values[name] not in {"0", "1"}:
        raise UsageError(f"{name} is {values[name]!r}: set it to 1 or 0.")
    return values[name] == "1"


def _positive_integer(name: str, values: Mapping[str, str]) -> int:
    text = values[name]
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise UsageError(f"{name} is {text!r}: set it to a whole number of at least 1.")
    return int(text)


def _url(name: str, values: Mapping[str, str]) -> str:
    text = values[name]
    if text and not text.startswith(("https://", "http://")):
        # Which holds a token, and is not to be told.
        raise UsageError(f"{name} is no address: set it to one that begins with https://.")
    return text


def _postgres_url(name: str, values: Mapping[str, str]) -> str:
    url = values[name]
    if not url:
        return url
    # Most commands never need it, and it takes a quarter of a second.
    from psycopg import ProgrammingError, conninfo

    with contextlib.suppress(ProgrammingError):
        parts = conninfo.conninfo_to_dict(url)
        host, port, database = (str(parts.get(part, "")) for part in ("host", "port", "dbname"))
        # Of a password with an @ or / that isn't escaped, a part would count as one of these, and
        # be told where nothing is found by that name.
        is_cut_rightly = "@" not in host + database and re.fullmatch("[0-9,]*", port)
        if url.startswith(("postgresql://", "postgres://")) and is_cut_rightly:
            return url
    raise UsageError(
        f"{name} is no address of a database: write it as postgresql://user:password@host/database,"
        " with signs such as @ and / in the password as %40 and %2F."
    )


@cache
def known_dbt_vars() -> Mapping[str, Any]:
    """The project's dbt variables with their defaults, from vars.yml.

    Raises UsageError where the file or its definitions of journeys have a mistake.
    """
    known = _project_vars()
    check_journeys(known.get("journeys", {}), VARS_FILE)
    return known


def defined_journeys(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The definitions of journeys as they are written, by where; a run takes the last ones.

    Raises UsageError where what they stand in is not YAML.
    """
    given = _given_vars((os.environ if environment is None else environment).get("CAMPAIGN_VARS"))
    sources = {VARS_FILE: _project_vars(), "CAMPAIGN_VARS": given}
    return {name: where["journeys"] for name, where in sources.items() if "journeys" in where}


def _project_vars() -> dict[str, Any]:
    try:
        text = (PROJECT_DIR / VARS_FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{VARS_FILE} can't be read ({error}): bring it back.") from error
    content = read_yaml(text, VARS_FILE, "mend it there.")
    if not isinstance(content, dict) or not isinstance(content.get("vars"), dict):
        raise UsageError(f"{VARS_FILE} has no variables: write them below `vars:`.")
    return content["vars"]


def _given_vars(text: str | None) -> dict[str, Any]:
    if not text or not text.strip():
        return {}
    given = read_yaml(text, "CAMPAIGN_VARS", "write {name: value}.")
    if not isinstance(given, dict):
        raise UsageError(f"CAMPAIGN_VARS is {text!r}: write {{name: value}}.")
    return given


def _dbt_vars(text: str) -> dict[str, Any]:
    """The dbt variables that the YAML sets; each must be known, with a value like its default.

    They are as JSON can say them.
    """
    given = _given_vars(text)
    known = known_dbt_vars()
    for name, value in given.items():
        if name not in known:
            raise UsageError(
                f"CAMPAIGN_VARS sets the unknown variable {name!r}: "
                f"the known ones are {', '.join(sorted(known))}."
            )
        _check_dbt_var(name, value, known[name])
    if "journeys" in given:
        given["journeys"] = with_dates_as_text(given["journeys"])
    return given


def attribution_models() -> list[str]:
    """The names of the attribution models, from their reference seed."""
    with (PROJECT_DIR / ATTRIBUTION_MODELS).open(encoding="utf-8", newline="") as file:
        return [row["model"] for row in csv.DictReader(file)]


def _check_lookback(name: str, value: object) -> None:
    """Raise UsageError unless the value is null or a number of days that an instant can go back."""
    if value is None or (type(value) is int and 0 <= value <= MOST_LOOKBACK_DAYS):
        return
    raise UsageError(
        f"CAMPAIGN_VARS sets {name} to {value!r}: "
        f"it takes a whole number from 0 to {MOST_LOOKBACK_DAYS}, or null."
    )


def _check_dbt_var(name: str, value: object, default: object) -> None:
    """Raise UsageError unless the value is of the default's kind and one that the rules take."""
    if name in _CHOICES and value not in _CHOICES[name]:
        raise UsageError(
            f"CAMPAIGN_VARS sets {name} to {value!r}: it takes {' or '.join(_CHOICES[name])}."
        )
    if name == "attribution_lookback_days":
        _check_lookback(name, value)
        return
    if name == "journeys":
        check_journeys(value, "CAMPAIGN_VARS")
        return
    if name == "default_attribution_model" and value not in attribution_models():
        raise UsageError(
            f"CAMPAIGN_VARS sets {name} to {value!r}, which has no row in {ATTRIBUTION_MODELS}: "
            f"it takes one of {', '.join(attribution_models())}."
        )
    kinds: dict[type, str] = {bool: "true or false", int: "a whole number of at least 0"}
    if type(value) is not type(default) or (type(value) is int and value < 0):
        wanted = kinds.get(type(default), "a text")
        raise UsageError(f"CAMPAIGN_VARS sets {name} to {value!r}: it takes {wanted}.")
    if name == "session_inactivity_minutes" and value == 0:
        raise UsageError(f"CAMPAIGN_VARS sets {name} to 0: it takes at least 1 minute.")
    if name == "markov_max_order" and value not in (1, 2, 3):
        raise UsageError(f"CAMPAIGN_VARS sets {name} to {value!r}: it takes 1, 2 or 3.")
    if name == "company_currency" and not re.fullmatch(r"[A-Za-z0-9]+", str(value)):
        raise UsageError(
            f"CAMPAIGN_VARS sets {name} to {value!r}: it takes a currency code such as EUR."
        )
    if name == "report_timezone" and value not in zoneinfo.available_timezones():
        raise UsageError(
            f"CAMPAIGN_VARS sets report_timezone to {value!r}: "
            "it takes an IANA name such as Europe/Berlin."
        )
