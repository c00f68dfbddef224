"""Credits of a small company whose figures other attribution packages publish."""

import csv
from collections import defaultdict
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.agreement.warehouse import build_marts

# Two deals came directly, three by search and then email, five by search, social and then email.
PATHS = [["direct"]] * 2 + [["search", "email"]] * 3 + [["search", "social", "email"]] * 5

CHANNELS = {
    "direct": "direct",
    "search": "organic_search",
    "email": "email",
    "social": "organic_social",
}
VISITS = {
    "direct": {"url": "https://ours.example/"},
    "search": {"url": "https://ours.example/", "referrer": "https://www.google.com/"},
    "email": {"url": "https://ours.example/?utm_medium=email"},
    "social": {"url": "https://ours.example/", "referrer": "https://www.linkedin.com/"},
}
CLOSE = datetime(2025, 3, 31, 12)


def write(folder: Path, table: str, rows: list[dict[str, Any]]) -> None:
    place = folder / table
    place.mkdir(parents=True)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with (place / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("published")
    landing, deals = folder / "landing", range(len(PATHS))
    created = datetime(2025, 1, 1)
    write(
        landing,
        "events",
        [
            {
                "event_id": f"e{deal}-{step}",
                "event_type": "page_viewed",
                "occurred_at": (CLOSE - timedelta(days=7 * (len(PATHS[deal]) - step))).isoformat(),
                "visitor_id": f"v{deal}",
                "contact_id": f"c{deal}",
                "referrer": "",
            }
            | VISITS[visit]
            for deal in deals
            for step, visit in enumerate(PATHS[deal], start=1)
        ],
    )
    write(landing, "contacts", [{"contact_id": f"c{n}", "created_at": created} for n in deals])
    write(
        landing,
        "deals",
        [
            {
                "deal_id": f"d{deal}",
                "created_at": created,
                "amount": "100.00",
                "pipeline_id": "p",
                "stage_id": "won",
                "closed_at": CLOSE,
            }
            for deal in deals
        ],
    )
    write(
        landing,
        "deal_contacts",
        [{"deal_id": f"d{n}", "contact_id": f"c{n}", "associated_at": created} for n in deals],
    )
    stage = {"pipeline_id": "p", "stage_id": "won", "is_won": "true", "is_closed": "true"}
    write(landing, "pipeline_stages", [stage])
    return build_marts([landing], folder / "warehouse")


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        ("first_interaction", {"direct": 2, "search": 8}),
        ("last_interaction", {"direct": 2, "email": 8}),
        (
            "linear",
            {
                "direct": 2,
                "search": Fraction(19, 6),
                "email": Fraction(19, 6),
                "social": Fraction(5, 3),
            },
        ),
        # No lead was made before an interaction: the first has 0.4 and the others 0.2, of 0.6.
        (
            "u_shaped",
            {
                "direct": 2,
                "search": 8 * Fraction(2, 3),
                "email": 3 * Fraction(1, 3) + 5 * Fraction(1, 6),
                "social": 5 * Fraction(1, 6),
            },
        ),
        # Of two visits 7 days apart the earlier has a third, of three 1/7, 2/7 and 4/7.
        (
            "time_decay",
            {
                "direct": 2,
                "search": 3 * Fraction(1, 3) + 5 * Fraction(1, 7),
                "email": 3 * Fraction(2, 3) + 5 * Fraction(4, 7),
                "social": 5 * Fraction(2, 7),
            },
        ),
    ],
)
def test_a_4_published_paths_have_their_published_credits(
    marts: dict[str, list[dict[str, Any]]], model: str, wanted: dict[str, Fraction]
) -> None:
    found: dict[str, float] = defaultdict(float)
    for row in marts["channel_attribution"]:
        if row["model"] == model:
            found[row["channel"]] += row["credit"]
    assert found == pytest.approx({CHANNELS[name]: float(c) for name, c in wanted.items()})


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        # Without search or email 8 of 10 conversions are lost, without social 5, directly 2.
        (
            "markov_1",
            {
                "direct": 20 / 23,
                "search": 80 / 23,
                "email": 80 / 23,
                "social": 50 / 23,
            },
        ),
        ("shapley", {"direct": 2, "search": 19 / 6, "email": 19 / 6, "social": 5 / 3}),
    ],
)
def test_a_9_published_paths_have_their_data_driven_credits(
    marts: dict[str, list[dict[str, Any]]], model: str, wanted: dict[str, float]
) -> None:
    found = {
        row["key"]: row["credit"]
        for row in marts["data_driven_attribution"]
        if row["model"] == model and row["dimension"] == "channel"
    }
    assert found == pytest.approx({CHANNELS[name]: credit for name, credit in wanted.items()})
