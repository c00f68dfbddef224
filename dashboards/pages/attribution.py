"""What each attribution model says: by campaign, by channel, and what the data say."""

from __future__ import annotations

from dashboards.charts import AMOUNT, bars, beside, stacked
from dashboards.model import Figure, Page, Query, Section

_NOTE = (
    "Each model shares out the same amounts: its bar is as long as any other's. “No campaign” is"
    " credit of interactions that no campaign has, “unattributed” are deals without any."
)


def page() -> Page:
    """The page of the attribution models."""
    return Page(
        "attribution.html",
        "Attribution",
        "The same revenue as each model sees it, by the date on which deals were closed.",
        {
            "campaigns": Query(
                "select campaign_id, model, date, revenue, credit from marts.campaign_attribution",
                adds_up=True,
            ),
            "channels": Query(
                "select channel, model, date, revenue, credit from marts.channel_attribution",
                adds_up=True,
            ),
            "data_driven": Query(
                """
                select dimension, key as campaign_or_channel, model, revenue, credit,
                    removal_effect
                from marts.data_driven_attribution
                """
            ),
        },
        (
            Section("Models side by side", (_CAMPAIGNS, _CHANNELS), note=_NOTE),
            Section("What the data say", (_DATA_DRIVEN, _DATA_DRIVEN_MODELS)),
        ),
        days=365,
    )


_CAMPAIGNS = Figure(
    "models-campaigns",
    "Revenue by campaign",
    "campaigns",
    by=("model", "campaign_id"),
    sums=("revenue", "credit"),
    chart=stacked("model", "campaign_id", AMOUNT),
    measures=("revenue",),
    top=("campaign_id", 7),
    order=("model", "rank"),
)
_CHANNELS = Figure(
    "models-channels",
    "Revenue by channel",
    "channels",
    by=("model", "channel"),
    sums=("revenue", "credit"),
    chart=stacked("model", "channel", AMOUNT),
    measures=("revenue",),
    top=("channel", 7),
    order=("model", "rank"),
    note="Of all campaigns, whichever are chosen.",
)
_DATA_DRIVEN = Figure(
    "data-driven",
    "A data-driven model",
    "data_driven",
    by=("campaign_or_channel", "removal_effect"),
    sums=("revenue", "credit"),
    choose=("dimension", "model"),
    chart=bars("campaign_or_channel", AMOUNT),
    measures=("revenue",),
    order=("-revenue", "campaign_or_channel"),
    limit=20,
    note="Of all time. The removal effect is the share of deals that would be lost without it.",
)
_DATA_DRIVEN_MODELS = Figure(
    "data-driven-models",
    "All data-driven models",
    "data_driven",
    by=("campaign_or_channel", "model"),
    sums=("revenue", "credit"),
    choose=("dimension",),
    chart=beside("campaign_or_channel", "model", AMOUNT),
    measures=("revenue",),
    order=("-revenue", "campaign_or_channel", "model"),
    limit=40,
)
