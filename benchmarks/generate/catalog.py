"""The company: campaigns, assets, links, visitors' devices and places, as rows of small tables."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from benchmarks.generate.kinds import (
    FORM_SUBMITTED,
    FURTHER_PAGE_VIEWS,
    KINDS,
    PAGE_VIEWED,
    PROPERTY_VARIANTS,
    SCRIPTS,
    property_texts,
)
from benchmarks.generate.shape import Shape

Row = dict[str, Any]

SITE = "https://www.fernhill.example"

# A visit draws the kind of each further event from this many slots.
SLOTS = 1024
STEPS_PER_SCRIPT = 8

# Steps are found by one number: slots of visitors, slots of known contacts, kinds, scripts.
FIRST_KNOWN_SLOT = SLOTS
FIRST_KIND = 2 * SLOTS
FIRST_SCRIPT_STEP = 3 * SLOTS

# The asset of what has none: joins that always match keep the order of the events.
NO_ASSET = -1

# Runs draw their script from a thousand slots; the last is a visit.
SCRIPT_SLOTS = 1000
VISIT_SLOT = SCRIPT_SLOTS - 1

USERS = 60
AGENTS = 400
BOT_AGENTS = 24

# (kind of assets, asset types in turn, number in a company of reference size, whether they are
# made for campaigns and so grow with the number of campaigns)
_ASSETS = (
    (
        "site",
        (
            "website_page",
            "blog_post",
            "blog_post",
            "knowledge_article",
            "blog_post",
            "blog_listing",
        ),
        800,
        False,
    ),
    ("landing_page", ("landing_page",), 400, True),
    ("form", ("form",), 200, True),
    ("cta", ("cta",), 200, True),
    ("cta_legacy", ("cta_legacy",), 100, True),
    ("marketing_email", ("marketing_email",), 800, True),
    ("social_post", ("social_post",), 700, True),
    ("workflow", ("workflow",), 60, True),
    ("static_list", ("static_list",), 60, True),
    ("marketing_event", ("marketing_event",), 60, True),
    ("ad_campaign", ("ad_campaign", "ad_campaign", "paid_search_campaign"), 200, True),
    ("tracking_url", ("tracking_url",), 100, True),
    ("qr_code", ("qr_code",), 40, True),
    ("tracking_number", ("tracking_number",), 20, False),
    ("affiliate_link", ("affiliate_link",), 40, True),
    ("media", ("media",), 60, False),
    ("document", ("document",), 80, True),
    ("sequence", ("sequence",), 40, True),
    ("sms", ("sms",), 60, True),
    ("survey", ("survey",), 20, False),
)

_SEASONS = ("spring", "summer", "autumn", "winter", "launch", "webinar", "upgrade", "switch")
_THEMES = ("boards", "timeline", "remote", "agile", "teams", "security", "pricing", "partners")
_WORDS = ("software", "tool", "template", "guide", "pricing", "comparison", "example", "app")

# (weight, kind of the event before the first page view, utm_source, utm_medium,
#  click identifier, referrer, whether the referrer takes a search word)
_ENTRIES: tuple[tuple[int, str | None, str | None, str | None, str | None, str | None, bool], ...]
_ENTRIES = (
    (150, None, None, None, None, None, False),
    (20, None, None, None, None, f"{SITE}/", False),
    (15, None, None, None, None, "https://mail.google.com/", False),
    (70, None, None, None, None, "https://www.google.com/", False),
    (50, None, None, None, None, "https://www.google.com/search?q=", True),
    (15, None, None, None, None, "https://www.google.de/search?q=", True),
    (20, None, None, None, None, "https://www.bing.com/search?q=", True),
    (10, None, None, None, None, "https://duckduckgo.com/?q=", True),
    (6, None, None, None, None, "https://search.yahoo.com/search?p=", True),
    (30, None, None, None, None, "https://www.linkedin.com/", False),
    (12, None, None, None, None, "https://t.co/", False),
    (10, None, None, None, None, "https://www.facebook.com/", False),
    (50, None, None, None, None, "https://www.planningweekly.example/tools", False),
    (22, None, None, None, None, "https://forum.teamleads.example/t/", True),
    (8, None, None, None, "hsCtaTracking", None, False),
    (6, None, None, None, "hsCtaAttrib", None, False),
    (4, None, None, None, "dclid", "https://ad.doubleclick.example/", False),
    (6, None, None, None, "_hsenc", None, False),
    (40, "social_post_interacted", "linkedin", "social", None, "https://www.linkedin.com/", False),
    (25, "social_post_interacted", "facebook", "social", None, "https://www.facebook.com/", False),
    (15, None, "x", "social", None, "https://t.co/", False),
    (
        25,
        "ad_interaction",
        "facebook",
        "paid_social",
        "hsa_cam",
        "https://www.facebook.com/",
        False,
    ),
    (20, "ad_interaction", "linkedin", "cpc", "li_fat_id", "https://www.linkedin.com/", False),
    (5, "ad_interaction", "tiktok", "paid", "ttclid", "https://www.tiktok.com/", False),
    (50, "ad_interaction", "google", "cpc", "gclid", "https://www.google.com/", False),
    (10, "ad_interaction", "google", "cpc", "gbraid", "https://www.google.com/", False),
    (15, "ad_interaction", "bing", "ppc", "msclkid", "https://www.bing.com/", False),
    (20, None, "google", "cpc", None, "https://www.google.com/", False),
    (15, None, "instagram", "paid_social", "fbclid", "https://l.instagram.com/", False),
    (60, None, "newsletter", "email", "_hsmi", None, False),
    (20, None, "newsletter", "email", None, "https://mail.google.com/", False),
    (10, None, "hs_automation", "email", "_hsmi", None, False),
    (16, "qr_code_scanned", "poster", "qr", None, None, False),
    (
        20,
        "affiliate_link_clicked",
        "toolbench",
        "affiliate",
        None,
        "https://toolbench.example/",
        False,
    ),
    (
        10,
        "affiliate_link_clicked",
        "kim-plans",
        "influencer",
        None,
        "https://www.youtube.com/",
        False,
    ),
    (40, None, "podcast", "audio", None, None, False),
    (30, None, "partner", "referral", None, "https://www.planningweekly.example/", False),
    (20, None, "event", "offline", None, None, False),
)

# (country, subdivision, city), the frequent ones first.
_PLACES = (
    ("DE", "DE-BE", "Berlin"), ("US", "US-CA", "San Francisco"), ("US", "US-NY", "New York"),
    ("DE", "DE-BY", "Munich"), ("GB", "GB-LND", "London"), ("US", "US-TX", "Austin"),
    ("FR", "FR-IDF", "Paris"), ("DE", "DE-HH", "Hamburg"), ("NL", "NL-NH", "Amsterdam"),
    ("US", "US-IL", "Chicago"), ("AT", "AT-9", "Vienna"), ("CH", "CH-ZH", "Zurich"),
    ("GB", "GB-MAN", "Manchester"), ("ES", "ES-MD", "Madrid"), ("IT", "IT-25", "Milan"),
    ("SE", "SE-AB", "Stockholm"), ("PL", "PL-14", "Warsaw"), ("US", "US-WA", "Seattle"),
    ("CA", "CA-ON", "Toronto"), ("DK", "DK-84", "Copenhagen"), ("IN", "IN-KA", "Bengaluru"),
    ("BR", "BR-SP", "Sao Paulo"), ("AU", "AU-NSW", "Sydney"), ("JP", "JP-13", "Tokyo"),
    ("DE", "DE-NW", "Cologne"), ("FR", "FR-ARA", "Lyon"), ("IE", "IE-D", "Dublin"),
    ("BE", "BE-BRU", "Brussels"), ("FI", "FI-18", "Helsinki"), ("NO", "NO-03", "Oslo"),
    ("PT", "PT-11", "Lisbon"), ("CZ", "CZ-10", "Prague"), ("US", "US-MA", "Boston"),
    ("MX", "MX-CMX", "Mexico City"), ("SG", None, "Singapore"), ("ZA", "ZA-WC", "Cape Town"),
    ("KR", "KR-11", "Seoul"), ("AR", "AR-C", "Buenos Aires"), ("TR", "TR-34", "Istanbul"),
    (None, None, None),
)  # fmt: skip

PLACES = len(_PLACES)


@dataclass(frozen=True)
class Catalog:
    """Rows of the small tables, and where each kind of asset lies among the assets."""

    tables: dict[str, list[Row]]
    first_asset: dict[str, int]
    asset_count: dict[str, int]


def make_catalog(shape: Shape) -> Catalog:
    """The company's catalogue; the same for the same shape."""
    rng = random.Random(f"{shape.seed}:catalog")
    first_asset: dict[str, int] = {}
    asset_count: dict[str, int] = {}
    campaigns = _campaigns(shape, rng)
    assets = _assets(shape, rng, campaigns, first_asset, asset_count)
    steps, properties = _steps(rng, first_asset, asset_count)
    tables = {
        "campaign": campaigns,
        "asset": assets,
        "step": steps,
        "property": properties,
        "script": _scripts(),
        "entry": _entries(),
        "agent": _agents(rng),
        "place": [
            {"place": number, "ip_country": country, "ip_region": region, "ip_city": city}
            for number, (country, region, city) in enumerate(_PLACES)
        ],
        "keyword": _keywords(shape),
    }
    return Catalog(tables, first_asset, asset_count)


def _campaigns(shape: Shape, rng: random.Random) -> list[Row]:
    """Campaigns in the order in which they begin: evenly, from 60 days before history on."""
    rows = []
    for number in range(shape.campaigns):
        begins = shape.begins_at + timedelta(
            days=campaign_start(shape, number), hours=rng.randrange(6, 18)
        )
        length = timedelta(days=rng.randrange(30, 100))
        season, theme = rng.choice(_SEASONS), rng.choice(_THEMES)
        rows.append(
            {
                "campaign": number,
                "campaign_id": f"campaign-{number + 1}",
                "name": f"{season.title()} {theme} {number + 1}",
                "utm_campaign": f"{season}-{theme}-{number + 1}",
                "created_at": begins - timedelta(days=rng.randrange(2, 20)),
                "start_date": begins.date(),
                "end_date": (begins + length).date() if rng.random() < 0.9 else None,
                "budget": rng.randrange(20, 600) * 100,
                "currency": rng.choice(("EUR", "EUR", "USD", None)),
                "owner_id": f"user-{rng.randrange(USERS) + 1}",
                "status": "active",
                "is_deleted": rng.random() < 0.01,
            }
        )
    return rows


def campaign_start(shape: Shape, number: int) -> float:
    """The day of history, from 0, on which a campaign begins."""
    return number * (shape.days + 62) / shape.campaigns - 60


def _assets(
    shape: Shape,
    rng: random.Random,
    campaigns: list[Row],
    first_asset: dict[str, int],
    asset_count: dict[str, int],
) -> list[Row]:
    rows: list[Row] = []
    growth = shape.campaigns / 200
    for kind, types, count, is_for_campaigns in _ASSETS:
        number_of = max(len(types) + 1, round(count * (growth if is_for_campaigns else shape.size)))
        first_asset[kind], asset_count[kind] = len(rows), number_of
        for number in range(number_of):
            campaign = campaigns[number * shape.campaigns // number_of]
            asset = _asset(shape, rng, kind, types[number % len(types)], number, campaign)
            rows.append({"asset": len(rows), **asset})
    # A CTA of a campaign contains the campaign's form.
    for number in range(asset_count["cta"]):
        if number % 3:
            form = first_asset["form"] + number * asset_count["form"] // asset_count["cta"]
            rows[first_asset["cta"] + number]["form_id"] = rows[form]["asset_id"]
    rows.append({name: NO_ASSET if name == "asset" else None for name in rows[0]})
    return rows


def _asset(
    shape: Shape, rng: random.Random, kind: str, asset_type: str, number: int, campaign: Row
) -> Row:
    made_at = shape.begins_at - timedelta(days=400)
    if kind != "site":
        made_at = campaign["created_at"] - timedelta(minutes=rng.randrange(60, 60 * 24 * 20))
    name = f"{asset_type.replace('_', ' ').capitalize()} {number + 1}"
    link = (
        f"{SITE}/landing/offer-{number + 1}?utm_source={asset_type}&utm_medium="
        f"{ {'qr_code': 'qr', 'affiliate_link': 'affiliate'}.get(asset_type, 'audio') }"
        f"&utm_campaign={campaign['utm_campaign']}"
    )
    url = {
        "site": f"{SITE}/{asset_type.replace('_', '-')}/{rng.choice(_THEMES)}-{number + 1}",
        "landing_page": f"{SITE}/landing/offer-{number + 1}",
        "tracking_url": link,
        "qr_code": link,
        "affiliate_link": link,
    }.get(kind)
    if kind == "site" and number == 0:
        url = f"{SITE}/"
    properties = {"language": rng.choice(("en", "de", "fr"))}
    return {
        "asset_id": f"{asset_type.replace('_', '-')}-{number + 1}",
        "kind": kind,
        "asset_type": asset_type,
        "campaign": campaign["campaign"],
        "name": name,
        "url": url,
        "created_at": made_at,
        "published_at": made_at + timedelta(days=3) if rng.random() < 0.97 else None,
        "form_id": None,
        "properties": json.dumps(properties),
        "view_properties": json.dumps({"content_type": asset_type, "title": name})
        if kind in ("site", "landing_page")
        else None,
    }


def _slots(is_known: bool) -> list[int]:
    """The kind in each slot, in proportion to the kinds' weights."""
    weights = [kind.weight if is_known or not kind.needs_contact else 0.0 for kind in KINDS]
    others = SLOTS - round(SLOTS * FURTHER_PAGE_VIEWS)
    slots = [0] * (SLOTS - others)
    total, running = sum(weights), 0.0
    for number, weight in enumerate(weights):
        running += weight
        slots += [number] * (SLOTS - others + round(others * running / total) - len(slots))
    return slots


def _steps(
    rng: random.Random, first_asset: dict[str, int], asset_count: dict[str, int]
) -> tuple[list[Row], list[Row]]:
    numbers = {kind.event_type: number for number, kind in enumerate(KINDS)}
    kind_of = dict(enumerate(_slots(is_known=False)))
    kind_of |= {FIRST_KNOWN_SLOT + slot: kind for slot, kind in enumerate(_slots(is_known=True))}
    kind_of |= {FIRST_KIND + number: number for number in range(len(KINDS))}
    for script, steps in enumerate(script.steps for script in SCRIPTS):
        for position, event_type in enumerate(steps.split()):
            step = FIRST_SCRIPT_STEP + (script + 1) * STEPS_PER_SCRIPT + position
            kind_of[step] = numbers[event_type]
    rows = []
    for step, number in kind_of.items():
        kind = KINDS[number]
        rows.append(
            {
                "step": step,
                "event_type": kind.event_type,
                "is_page_view": kind.event_type == PAGE_VIEWED,
                "is_pixel": kind.event_type == "pixel_fired",
                "is_on_page": kind.asset == "page",
                "has_own_url": kind.event_type in ("qr_code_scanned", "affiliate_link_clicked"),
                "needs_contact": kind.needs_contact,
                "has_colleague": kind.has_colleague,
                "first_asset": None if kind.asset in (None, "page") else first_asset[kind.asset],
                "assets": None if kind.asset in (None, "page") else asset_count[kind.asset],
                "first_property": number * PROPERTY_VARIANTS,
                "properties_by_asset": kind.properties_by_asset,
            }
        )
    properties = [
        {"property": number * PROPERTY_VARIANTS + variant, "properties": text}
        for number, kind in enumerate(KINDS)
        for variant, text in enumerate(property_texts(kind, rng))
    ]
    return rows, properties


def kind_step(event_type: str) -> int:
    """The step that is always of this event type."""
    return FIRST_KIND + [kind.event_type for kind in KINDS].index(event_type)


PAGE_VIEW_STEP = kind_step(PAGE_VIEWED)
FORM_SUBMITTED_STEP = kind_step(FORM_SUBMITTED)
CTA_VIEWED_STEP = kind_step("cta_viewed")


def _scripts() -> list[Row]:
    """The script of each of a thousand slots; 0 is a visit."""
    rows: list[Row] = []
    for number, script in enumerate(SCRIPTS):
        for _ in range(script.weight):
            rows.append(
                {
                    "script_slot": len(rows),
                    "script": number + 1,
                    "steps": len(script.steps.split()),
                    "script_gap": round(script.minutes * 60_000_000),
                }
            )
    rows += [
        {"script_slot": slot, "script": 0, "steps": 0, "script_gap": 0}
        for slot in range(len(rows), SCRIPT_SLOTS)
    ]
    return rows


def _entries() -> list[Row]:
    """The way into the site in each of as many slots as the weights add up to."""
    rows: list[Row] = []
    for weight, lead, source, medium, identifier, referrer, takes_word in _ENTRIES:
        for _ in range(weight):
            rows.append(
                {
                    "entry": len(rows),
                    "lead_step": kind_step(lead) if lead else None,
                    "utm_head": f"?utm_source={source}&utm_medium={medium}&utm_campaign="
                    if source
                    else None,
                    "identifier": identifier,
                    "entry_referrer": referrer,
                    "takes_word": takes_word,
                }
            )
    return rows


ENTRY_SLOTS = sum(entry[0] for entry in _ENTRIES)


def _agents(rng: random.Random) -> list[Row]:
    """User agents, people's first, the frequent ones first, then those of bots."""
    rows: list[Row] = []
    for number in range(AGENTS):
        device = rng.choices(("desktop", "mobile", "tablet"), (55, 40, 5))[0]
        browser = rng.choices(("Chrome", "Safari", "Firefox", "Edge"), (60, 22, 8, 10))[0]
        platform = {
            "desktop": rng.choice(
                ("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7")
            ),
            "mobile": rng.choice(
                ("Linux; Android 14; K", "iPhone; CPU iPhone OS 17_5 like Mac OS X")
            ),
            "tablet": "iPad; CPU OS 17_4 like Mac OS X",
        }[device]
        rows.append(
            {
                "agent": number,
                "user_agent": f"Mozilla/5.0 ({platform}) AppleWebKit/537.36 (KHTML, like Gecko)"
                f" {browser}/{rng.randrange(90, 132)}.0.{rng.randrange(6000)}.{number}"
                " Safari/537.36",
                "device_type": device,
                "browser": browser,
            }
        )
    for number in range(BOT_AGENTS):
        name = rng.choice(("Googlebot", "bingbot", "AhrefsBot", "ExampleCrawler", "HeadlessChrome"))
        rows.append(
            {
                "agent": AGENTS + number,
                "user_agent": f"Mozilla/5.0 (compatible; {name}/{number // 5 + 1}.{number % 5};"
                " +https://bots.example/)",
                "device_type": "other",
                "browser": None,
            }
        )
    return rows


def _keywords(shape: Shape) -> list[Row]:
    """Search words; campaign number n, and others at the end, have their own."""
    return [
        {
            "keyword": number,
            "words": f"{_THEMES[number % 8]} {_WORDS[number // 8 % 8]} {number // 64 + 1}",
            "campaign": number * 2 // 3 if number * 2 // 3 < shape.campaigns else None,
        }
        for number in range(shape.campaigns * 3 // 2 + round(200 * shape.size))
    ]
