"""Campaigns, assets and what holds them together (rules T), and the smaller campaign tables."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from tests.scenarios.contract import OTHER_ASSET_TYPES, PAGE_TYPES
from tests.scenarios.urls import parameter, spell_page, spell_value
from tests.scenarios.world import DAY, Row, World

CURRENCIES = (None, "EUR", "USD", "USD", "GBP", "JPY", "CHF")

AMOUNTS = (
    None,
    Decimal("0"),
    Decimal("-50.00"),
    Decimal("0.01"),
    Decimal("0.05"),
    Decimal("10.005"),
    Decimal("-10.005"),
    Decimal("99.99"),
    Decimal("100.00"),
    Decimal("100.01"),
    Decimal("1000.00"),
    Decimal("123456.78"),
)

# The rules need these far more often than the rest.
_WANTED_TYPES = (
    "form",
    "form",
    "cta",
    "cta",
    "cta_legacy",
    "marketing_email",
    "marketing_email",
    "social_post",
    "workflow",
    "static_list",
    "marketing_event",
    "tracking_url",
    "tracking_url",
    "qr_code",
    "affiliate_link",
    "paid_search_campaign",
    "ad_campaign",
)


def add_vocabulary(world: World) -> None:
    """The utm values and keywords that the scenario's URLs and campaigns draw from."""
    endings = ["spring sale", "email-news", "ppc-brand", "größe", "a+b", "50% off", "news", "x=y"]
    world.utm_values = [f"{world.prefix}-{ending}" for ending in world.some(endings, 3)]
    endings = ["crm software", "größe", "c++ crm", "best crm"]
    world.keywords = [f"{world.prefix} {ending}" for ending in world.some(endings, 3)]


def add_campaigns(world: World) -> None:
    """Two to four campaigns; several may have one utm value, some have none, some are deleted."""
    for number in range(world.rng.randint(2, 4)):
        campaign_id = world.new_id("m")
        world.campaigns.append(campaign_id)
        created_at = world.moment(0, world.pick((1, 2, 6)))
        world.created[campaign_id] = created_at
        start = world.maybe(created_at.date() + world.pick((0, 0, 1, 3)) * DAY, 0.7)
        end = world.maybe((start or created_at.date()) + world.pick((0, 1, 5)) * DAY, 0.6)
        value = world.pick(world.utm_values)
        utm_value: str | None = value
        spelling = world.rng.choices(("as is", "upper", "blanks", "empty", "none"), (6, 2, 2, 1, 1))
        if spelling == ["upper"]:
            utm_value = value.upper()
        elif spelling == ["blanks"]:
            utm_value = f"  {value.title()} "
        elif spelling == ["empty"]:
            utm_value = world.pick(("", " "))
        elif spelling == ["none"]:
            utm_value = None
        row = world.add(
            "campaigns",
            campaign_id=campaign_id,
            name=world.name(f"Campaign {number}"),
            created_at=created_at,
            utm_campaign=utm_value,
            start_date=start,
            end_date=end,
            budget=world.pick(AMOUNTS),
            currency=world.pick(CURRENCIES),
            owner_id=world.maybe("u1"),
            status=world.pick((None, "active", "planned", "Done")),
            is_deleted=world.pick((True, False, False, False, False, None, None)),
            updated_at=world.maybe(world.moment(), 0.6),
        )
        changes = {"utm_campaign": world.pick(world.utm_values), "is_deleted": world.chance(0.15)}
        world.versions("campaigns", row, changes, 0.15)


def add_assets(world: World) -> None:
    """Six to fourteen assets: at least two pages and a form, and any of the other types."""
    pages = [world.pick(PAGE_TYPES) for _ in range(world.rng.randint(2, 3))]
    others = world.rng.sample(_WANTED_TYPES, world.rng.randint(2, 8))
    rare = [world.pick(OTHER_ASSET_TYPES) for _ in range(world.rng.randint(1, 3))]
    posts = ["social_post"] * (world.rng.randint(2, 4) if world.chance(0.35) else 0)
    for asset_type in [*pages, "form", *others, *rare, *posts]:
        add_asset(world, asset_type)
    forms = [form["asset_id"] for form in world.assets_of("form")]
    for cta in world.assets_of("cta"):
        if world.chance(0.65):
            cta["form_id"] = world.pick([*forms, *forms, f"{world.prefix}_noform"])
    for asset in world.assets:
        changes = {"name": "Newer", "url": asset["url"], "published_at": world.maybe(world.base)}
        world.versions("assets", asset, changes, 0.1)


def add_asset(world: World, asset_type: str) -> Row:
    """One asset of a type, at a URL where its type has one."""
    asset_id = world.new_id("a")
    page = f"{world.host}/{asset_type}-{len(world.assets)}"
    url: str | None = None
    if asset_type in PAGE_TYPES:
        others = [other for other in world.pages.values() if other]
        if others and world.chance(0.35):
            page = world.pick(others)
        elif world.chance(0.15):
            page = world.host
        url = spell_page(world, page)
        if world.chance(0.15):
            url += "?lang=en"
        if world.chance(0.1):
            url, page = None, ""
    elif asset_type == "tracking_url":
        page = _any_page(world)
        value = spell_value(world, world.pick(world.utm_values))
        pieces = ["id=7"] if world.chance(0.3) else [parameter(world, "utm_campaign", value)]
        pieces += [f"utm_source={world.pick(('news', 'Bing'))}"] if world.chance(0.5) else []
        url = f"{spell_page(world, page)}?{'&'.join(pieces)}"
    elif asset_type in ("qr_code", "affiliate_link"):
        value = spell_value(world, world.pick(world.utm_values))
        url = f"{spell_page(world, page)}?utm_campaign={value}&utm_medium={asset_type[:2]}"
        url = world.maybe(url, 0.85)
    elif world.chance(0.15):
        # No page asset, though it lies at a page's URL.
        page = _any_page(world)
        url = spell_page(world, page)
    row = world.add(
        "assets",
        asset_id=asset_id,
        asset_type=asset_type,
        name=world.maybe(world.name(f"{asset_type} {asset_id}"), 0.8),
        url=url,
        published_at=world.maybe(world.moment(), 0.65),
        created_at=world.maybe(world.moment(0, 2), 0.6),
        form_id=None,
        properties=world.pick((None, {}, {"language": "en", "tags": ["a", "b"]})),
        updated_at=world.maybe(world.moment(), 0.5),
    )
    world.pages[asset_id] = page
    world.assets.append(row)
    return row


def _any_page(world: World) -> str:
    return world.pick([page or world.host for page in world.pages.values()] or [world.host])


def add_associations(world: World) -> None:
    """The history of every asset: held, moved, left, taken up again, or never associated."""
    for asset in world.assets:
        if world.chance(0.15):
            continue
        associate(world, asset)
    if world.chance(0.3):
        unknown = f"{world.prefix}_unheard_of"
        at = world.moment(0, 3)
        asset_id = world.pick(world.assets)["asset_id"]
        # The campaign may yet arrive, and so may the asset.
        _add_association(world, world.pick((unknown, asset_id)), asset_id, at)
        _add_association(world, world.pick(world.campaigns), unknown, at)


def _add_association(
    world: World, campaign_id: str, asset_id: str, at: datetime, until: datetime | None = None
) -> None:
    row = world.add(
        "campaign_assets",
        campaign_id=campaign_id,
        asset_id=asset_id,
        associated_at=at,
        removed_at=until,
    )
    if until is not None and world.chance(0.3):
        # The row stood open before; a later row with its key closes it.
        world.rows["campaign_assets"].insert(-1, {**row, "removed_at": None})


def associate(world: World, asset: Row) -> None:
    """One history of an asset: held, moved, ended, taken up again …"""
    asset_id = asset["asset_id"]
    first, other = world.pick(world.campaigns), world.pick(world.campaigns)
    at = world.moment(0, 4)
    later = max(at, world.moment(2, 6))
    last = max(later, world.moment(5, 8))
    history = world.pick(
        (
            "held",
            "held",
            "held",
            "ended",
            "moved",
            "moved at one instant",
            "overlapping",
            "touching",
            "gap",
            "returned",
            "no length",
            "several",
        )
    )
    if history == "held":
        _add_association(world, first, asset_id, at)
    elif history == "ended":
        _add_association(world, first, asset_id, at, later)
    elif history == "moved":
        _add_association(world, first, asset_id, at, world.maybe(last, 0.3))
        _add_association(world, other, asset_id, later)
    elif history == "moved at one instant":
        for campaign_id in world.some(world.campaigns, 3):
            _add_association(world, campaign_id, asset_id, at, world.maybe(later, 0.4))
    elif history == "overlapping":
        _add_association(world, first, asset_id, at, last)
        _add_association(world, first, asset_id, later, world.maybe(last + DAY))
    elif history == "touching":
        _add_association(world, first, asset_id, at, later)
        _add_association(world, first, asset_id, later, world.maybe(last))
    elif history == "gap":
        _add_association(world, first, asset_id, at, later)
        _add_association(
            world, first, asset_id, later + world.pick((DAY, timedelta(microseconds=1)))
        )
    elif history == "returned":
        _add_association(world, first, asset_id, at)
        _add_association(world, other, asset_id, later, world.maybe(last, 0.4))
        _add_association(world, first, asset_id, last)
    elif history == "no length":
        _add_association(world, first, asset_id, at)
        _add_association(world, other, asset_id, later, later)
    else:
        for campaign_id in world.campaigns:
            _add_association(world, campaign_id, asset_id, world.moment(0, 4))


def add_keywords(world: World) -> None:
    """Referral keywords of one or several campaigns, with intervals of every shape."""
    for keyword in world.keywords:
        for campaign_id in world.some(world.campaigns, 2):
            at = world.moment(0, 3)
            spelling = world.pick((keyword, keyword, keyword.upper(), f" {keyword.title()} "))
            intervals = world.pick(("open", "open", "closed", "again", "no length"))
            until = max(at, world.moment(2, 7))
            ends = {"open": None, "no length": at}.get(intervals, until)
            row = world.add(
                "campaign_keywords",
                campaign_id=campaign_id,
                keyword=spelling,
                associated_at=at,
                removed_at=ends,
            )
            if intervals == "again":
                again = world.pick((until, until + DAY, at + (until - at) / 2))
                world.add(
                    "campaign_keywords", **{**row, "associated_at": again, "removed_at": None}
                )


def add_figures(world: World) -> None:
    """Spend, targets, statistics of ads, posts and searches, affiliates, colleagues."""
    day = world.base.date()
    for number in range(world.rng.randint(1, 2)):
        world.users.append(world.new_id("u"))
        world.add("users", user_id=world.users[-1], name=f"User {number}", team="Sales")
    for _ in range(2):
        world.add(
            "campaign_spend",
            spend_id=world.new_id("sp"),
            spent_on=day + world.rng.randint(0, 5) * DAY,
            amount=world.pick(AMOUNTS[1:]),
            campaign_id=world.maybe(world.pick(world.campaigns), 0.8),
            currency=world.pick(CURRENCIES),
            category=world.pick((None, "ads", "print; and, more")),
        )
    world.add(
        "kpi_targets",
        campaign_id=world.pick(world.campaigns),
        kpi=world.pick(("sessions", "influenced_contacts")),
        period_start=day,
        period_end=day + world.pick((0, 30)) * DAY,
        target=world.pick((0, 10, 12.5)),
    )
    for ad in world.assets_of("ad_campaign", "paid_search_campaign"):
        row = world.add(
            "ad_stats",
            asset_id=ad["asset_id"],
            network=world.pick(("google", "meta")),
            stat_date=day + world.rng.randint(0, 2) * DAY,
            placement=world.pick((None, "search", "display")),
            impressions=world.pick((None, 0, 1000)),
            clicks=world.pick((None, 0, 37)),
            cost=world.pick(AMOUNTS),
            currency=world.pick(CURRENCIES),
            reported_conversions=world.pick((None, 0, 1.5)),
        )
        world.versions("ad_stats", row, {"clicks": 38})
    for post in world.assets_of("social_post"):
        world.add(
            "social_stats",
            asset_id=post["asset_id"],
            stat_date=day,
            network=world.pick((None, "linkedin")),
            impressions=world.pick((None, 100)),
            reach=80,
            mentions=world.pick((None, 3)),
            followers=1200,
        )
    for keyword in world.keywords:
        world.add(
            "search_rankings",
            keyword=keyword,
            engine="google",
            stat_date=day,
            position=world.pick((None, 1, 10.0, 11.5)),
            url=spell_page(world, world.host),
        )
    if world.chance(0.3):
        _add_figures_of_unknowns(world)
    for link in world.assets_of("affiliate_link"):
        world.add(
            "affiliates",
            asset_id=link["asset_id"],
            partner="Partner & Co",
            commission_rate=world.pick((None, 0, 0.1)),
            commission_fixed=world.pick(AMOUNTS),
            currency=world.pick(CURRENCIES),
        )


def _add_figures_of_unknowns(world: World) -> None:
    """Rows that refer to a campaign or an asset which never came."""
    unknown, day = f"{world.prefix}_unheard_of", world.base.date()
    world.add(
        "campaign_keywords",
        campaign_id=unknown,
        keyword=world.pick(world.keywords),
        associated_at=world.moment(0, 3),
        removed_at=None,
    )
    world.add(
        "campaign_spend",
        spend_id=world.new_id("sp"),
        spent_on=day,
        amount=Decimal("5.00"),
        campaign_id=unknown,
    )
    world.add(
        "kpi_targets",
        campaign_id=unknown,
        kpi="sessions",
        period_start=day,
        period_end=day,
        target=1,
    )
    world.add("ad_stats", asset_id=unknown, network="google", stat_date=day, clicks=1)
    world.add("social_stats", asset_id=unknown, stat_date=day, reach=1)
    world.add("affiliates", asset_id=unknown, partner="Nobody")
