"""What other systems report by the day: ads, posts, search ranks, spend, targets, partners."""

from __future__ import annotations

from datetime import date, timedelta

from orchestration.sample.catalog import Catalog
from orchestration.sample.company import (
    CAMPAIGNS,
    EXCHANGE_RATES,
    PARTNERS,
    PIPELINE_STAGES,
    SITE,
    USERS,
    YEAR_END,
)
from orchestration.sample.world import Sample

_LAST_DAY = (YEAR_END - timedelta(days=1)).date()
_RUNNING = tuple(campaign for campaign in CAMPAIGNS if not campaign.is_deleted)


def add_figures(sample: Sample, catalog: Catalog) -> None:
    """Adds the tables of figures, rates, stages and colleagues."""
    _add_reference_tables(sample)
    _add_ad_stats(sample, catalog)
    _add_social_stats(sample, catalog)
    _add_search_rankings(sample)
    _add_spend(sample)
    _add_targets(sample)
    for link, (partner, _, _, rate, fixed, currency) in zip(
        _affiliate_links(catalog), PARTNERS, strict=True
    ):
        sample.add(
            "affiliates",
            asset_id=link,
            partner=partner,
            commission_rate=rate,
            commission_fixed=None if fixed is None else f"{fixed}.00",
            currency=currency,
        )


def _affiliate_links(catalog: Catalog) -> list[str]:
    return [
        asset_id
        for asset_id, asset in catalog.assets.items()
        if asset["asset_type"] == "affiliate_link"
    ]


def _add_reference_tables(sample: Sample) -> None:
    for user_id, name, team, business_unit in USERS:
        sample.add("users", user_id=user_id, name=name, team=team, business_unit=business_unit)
    for currency, valid_from, rate in EXCHANGE_RATES:
        sample.add("exchange_rates", currency=currency, valid_from=valid_from, rate=rate)
    for order, (pipeline_id, stage_id, label, is_won, is_closed) in enumerate(PIPELINE_STAGES, 1):
        sample.add(
            "pipeline_stages",
            pipeline_id=pipeline_id,
            stage_id=stage_id,
            label=label,
            display_order=order,
            is_won=is_won,
            is_closed=is_closed,
        )


def _days(first: date, last: date, step: int = 1) -> list[date]:
    last = min(last, _LAST_DAY)
    return [first + timedelta(days=n) for n in range(0, (last - first).days + 1, step)]


def _add_ad_stats(sample: Sample, catalog: Catalog) -> None:
    rng = sample.stream("ad stats")
    for campaign in _RUNNING:
        ads = catalog.of(campaign, "ad_campaign") + catalog.of(campaign, "paid_search_campaign")[:1]
        for ad in ads:
            is_search = ad["asset_type"] == "paid_search_campaign"
            is_social = campaign.ad_network in ("linkedin", "facebook")
            placement = "search" if is_search else "social" if is_social else "display"
            for day in _days(campaign.start, campaign.end):
                impressions = rng.randint(300, 4200)
                clicks = int(impressions * rng.uniform(0.004, 0.012) * (8 if is_search else 1))
                sample.add(
                    "ad_stats",
                    asset_id=ad["asset_id"],
                    network=campaign.ad_network,
                    stat_date=day,
                    placement=placement,
                    impressions=impressions,
                    clicks=clicks,
                    cost=f"{clicks * rng.uniform(0.6, 2.4):.2f}",
                    currency=campaign.currency,
                    reported_conversions=sum(rng.random() < 0.06 for _ in range(clicks)),
                )


def _add_social_stats(sample: Sample, catalog: Catalog) -> None:
    rng = sample.stream("social stats")
    followers = {"linkedin": 5200, "facebook": 3100, "x": 1400}
    for campaign in _RUNNING:
        for post in catalog.of(campaign, "social_post"):
            network = post["properties"]["network"]
            for number, day in enumerate(_days(campaign.start, campaign.end, step=4)[:12]):
                followers[network] += rng.randint(0, 9)
                reach = int(rng.randint(400, 2600) / (number + 1))
                sample.add(
                    "social_stats",
                    asset_id=post["asset_id"],
                    stat_date=day,
                    network=network,
                    impressions=int(reach * rng.uniform(1.1, 1.7)),
                    reach=reach,
                    mentions=rng.randint(0, 4),
                    followers=followers[network],
                )


def _add_search_rankings(sample: Sample) -> None:
    rng = sample.stream("search rankings")
    keywords = sorted({keyword for campaign in _RUNNING for keyword in campaign.keywords})
    for keyword in keywords:
        position = rng.randint(4, 30)
        for day in _days(date(2025, 1, 6), _LAST_DAY, step=14):
            position = max(1, position + rng.randint(-3, 2))
            for engine in ("google", "bing"):
                shown = position + (rng.randint(0, 4) if engine == "bing" else 0)
                sample.add(
                    "search_rankings",
                    keyword=keyword,
                    engine=engine,
                    stat_date=day,
                    position=shown,
                    url=f"{SITE}/",
                )


def _add_spend(sample: Sample) -> None:
    rng = sample.stream("spend")
    categories = {"organic_social": "content", "qr_code": "booth", "affiliate": "partners"}
    number = 0
    for campaign in _RUNNING:
        days = _days(campaign.start, campaign.end, step=14)
        kinds = [kind for channel, kind in categories.items() if channel in campaign.channels]
        for day in days:
            number += 1
            share = 0.7 * campaign.budget / len(days)
            sample.add(
                "campaign_spend",
                spend_id=f"sp{number:04d}",
                spent_on=day,
                amount=f"{share * rng.uniform(0.7, 1.2):.2f}",
                campaign_id=campaign.campaign_id,
                currency=campaign.currency,
                category=rng.choice(kinds or ["production"]),
            )
    for month in range(1, 13):
        for category, amount in (("salaries", 14500), ("tools", 890)):
            number += 1
            sample.add(
                "campaign_spend",
                spend_id=f"sp{number:04d}",
                spent_on=date(2025, month, 25),
                amount=f"{amount}.00",
                campaign_id=None,
                currency="EUR",
                category=category,
            )


def _add_targets(sample: Sample) -> None:
    rng = sample.stream("targets")
    for campaign in _RUNNING:
        for kpi, least in (("sessions", 3), ("influenced_contacts", 2), ("revenue", 500)):
            sample.add(
                "kpi_targets",
                campaign_id=campaign.campaign_id,
                kpi=kpi,
                period_start=campaign.start,
                period_end=campaign.end,
                target=least * rng.randint(1, 4),
            )
