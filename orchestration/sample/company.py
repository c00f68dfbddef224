"""The company of the sample: what it sells, its campaigns, its market.

Larchboard makes planning software for teams. Everything here is made up; hosts end in `.example`
and addresses in `@example.com`, which belong to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

SITE = "https://www.larchboard.example"
HELP_SITE = "https://help.larchboard.example"

YEAR_START = datetime(2025, 1, 1, tzinfo=UTC)
YEAR_END = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Campaign:
    """A campaign as planned.

    `channels` weighs how its visitors come; `weight` is its share of the year's visitors.
    `budget` is in whole units of `currency`. Without `ad_network` it runs no ads.
    """

    campaign_id: str
    name: str
    utm: str
    start: date
    end: date
    budget: int
    currency: str
    weight: int
    topic: str
    channels: dict[str, int]
    keywords: tuple[str, ...] = ()
    ad_network: str | None = None
    has_search_ads: bool = False
    event_name: str | None = None
    is_deleted: bool = False
    created_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        opens = datetime.combine(self.start, time(8, 30), UTC) - timedelta(days=12)
        first_day = YEAR_START + timedelta(hours=8)
        object.__setattr__(self, "created_at", max(opens, first_day))


CAMPAIGNS: tuple[Campaign, ...] = (
    Campaign(
        campaign_id="camp-new-year",
        name="New Year Kick-off",
        utm="new-year-kickoff",
        start=date(2025, 1, 6),
        end=date(2025, 2, 28),
        budget=18000,
        currency="EUR",
        weight=9,
        topic="yearly planning",
        channels={"organic_search": 4, "paid_search": 2, "email": 2, "organic_social": 2},
        keywords=("annual planning template", "team goals software"),
        ad_network="google",
    ),
    Campaign(
        campaign_id="camp-planning-fridays",
        name="Planning Fridays Webinars",
        utm="planning-fridays",
        start=date(2025, 2, 3),
        end=date(2025, 6, 27),
        budget=9500,
        currency="EUR",
        weight=9,
        topic="live planning sessions",
        channels={"organic_social": 4, "email": 3, "other_campaign": 2, "direct": 1},
        keywords=("project planning webinar",),
        event_name="Planning Fridays",
    ),
    Campaign(
        campaign_id="camp-spring-release",
        name="Spring Release 4.0",
        utm="spring-release",
        start=date(2025, 3, 3),
        end=date(2025, 4, 30),
        budget=32000,
        currency="EUR",
        weight=13,
        topic="version 4",
        channels={"organic_search": 2, "paid_social": 3, "organic_social": 3, "email": 2},
        keywords=("planning software", "gantt chart software"),
        ad_network="linkedin",
    ),
    Campaign(
        campaign_id="camp-hall-9",
        name="Hall 9 Trade Fair",
        utm="hall-9",
        start=date(2025, 4, 7),
        end=date(2025, 4, 11),
        budget=41000,
        currency="EUR",
        weight=7,
        topic="the fair booth",
        channels={"qr_code": 6, "direct": 2, "other_campaign": 2},
        keywords=("larchboard hall 9",),
        event_name="Hall 9 Booth Talk",
    ),
    Campaign(
        campaign_id="camp-partners",
        name="Partner Programme",
        utm="partner-programme",
        start=date(2025, 2, 17),
        end=date(2025, 12, 31),
        budget=12000,
        currency="USD",
        weight=9,
        topic="recommendations by partners",
        channels={"affiliate": 7, "referral": 2, "direct": 1},
        keywords=("larchboard review",),
    ),
    Campaign(
        campaign_id="camp-remote-guide",
        name="Remote Teams Guide",
        utm="remote-guide",
        start=date(2025, 5, 5),
        end=date(2025, 9, 30),
        budget=7500,
        currency="GBP",
        weight=10,
        topic="remote teams",
        channels={"organic_search": 6, "organic_social": 2, "referral": 2},
        keywords=("remote team planning", "async project management", "planning software"),
    ),
    Campaign(
        campaign_id="camp-summer-switch",
        name="Summer Switch Offer",
        utm="summer-switch",
        start=date(2025, 6, 16),
        end=date(2025, 8, 31),
        budget=28000,
        currency="EUR",
        weight=11,
        topic="switching tools",
        channels={"paid_search": 4, "organic_search": 3, "other_campaign": 2, "email": 1},
        keywords=("switch project tool", "spreadsheet alternative"),
        ad_network="google",
        has_search_ads=True,
    ),
    Campaign(
        campaign_id="camp-stories",
        name="Customer Stories",
        utm="customer-stories",
        start=date(2025, 7, 1),
        end=date(2025, 12, 19),
        budget=14000,
        currency="EUR",
        weight=9,
        topic="customers at work",
        channels={"organic_social": 6, "paid_social": 2, "referral": 1, "direct": 1},
        keywords=("larchboard customers",),
        ad_network="facebook",
    ),
    Campaign(
        campaign_id="camp-autumn-upgrade",
        name="Autumn Upgrade",
        utm="autumn-upgrade",
        start=date(2025, 9, 8),
        end=date(2025, 11, 14),
        budget=11000,
        currency="EUR",
        weight=9,
        topic="the enterprise plan",
        channels={"email": 5, "direct": 2, "organic_search": 2, "other_campaign": 1},
        keywords=("enterprise planning tool",),
        event_name="Upgrade Clinic",
    ),
    Campaign(
        campaign_id="camp-black-week",
        name="Black Week",
        utm="black-week",
        start=date(2025, 11, 17),
        end=date(2025, 12, 2),
        budget=22000,
        currency="EUR",
        weight=10,
        topic="the year's lowest price",
        channels={"paid_search": 2, "paid_social": 2, "email": 3, "organic_social": 2, "direct": 1},
        keywords=("planning software deal",),
        ad_network="google",
        has_search_ads=True,
    ),
    # Shares its utm value with the campaign above: a utm visit counts for both.
    Campaign(
        campaign_id="camp-black-week-uk",
        name="Black Week UK",
        utm="Black-Week",
        start=date(2025, 11, 17),
        end=date(2025, 12, 2),
        budget=6000,
        currency="GBP",
        weight=4,
        topic="the year's lowest price in pounds",
        channels={"organic_social": 3, "other_campaign": 3, "organic_search": 2},
        keywords=("planning software deal", "planning app uk"),
    ),
    Campaign(
        campaign_id="camp-test",
        name="Test, please ignore",
        utm="test-please-ignore",
        start=date(2025, 2, 1),
        end=date(2025, 2, 7),
        budget=1,
        currency="EUR",
        weight=1,
        topic="trying things out",
        channels={"direct": 1},
        is_deleted=True,
    ),
)

# (path, asset type, title) of pages that belong to no campaign.
SITE_PAGES: tuple[tuple[str, str, str], ...] = (
    ("", "website_page", "Larchboard: plans that hold"),
    ("pricing", "website_page", "Pricing"),
    ("features", "website_page", "Features"),
    ("about", "website_page", "About us"),
    ("contact", "website_page", "Talk to us"),
    ("shop", "website_page", "Shop"),
    ("blog", "blog_listing", "The Larchboard Blog"),
    ("blog/why-plans-fail", "blog_post", "Why plans fail"),
    ("blog/estimates-with-margins", "blog_post", "Estimates with margins"),
    ("blog/the-monday-board", "blog_post", "The Monday board"),
)

HELP_PAGES = (
    ("import-from-spreadsheets", "Import from spreadsheets"),
    ("invite-your-team", "Invite your team"),
    ("share-a-plan", "Share a plan"),
    ("invoices-and-payment", "Invoices and payment"),
    ("single-sign-on", "Single sign-on"),
)

# (user id, name, team, business unit)
USERS = (
    ("u-01", "Mara Ellison", "Sales", "Europe"),
    ("u-02", "Jonas Vik", "Sales", "Europe"),
    ("u-03", "Priya Desai", "Sales", "Americas"),
    ("u-04", "Tom Okafor", "Sales", "Americas"),
    ("u-05", "Lena Brandt", "Customer Success", "Europe"),
    ("u-06", "Amir Haddad", "Marketing", "Europe"),
)

SALES_USERS = tuple(user_id for user_id, _, team, _ in USERS if team == "Sales")

# (partner, host, network value of utm_source, commission rate, fixed commission, currency)
PARTNERS = (
    ("Planning Weekly", "planningweekly.example", "planningweekly", 0.10, None, "EUR"),
    ("Desk & Pixel", "deskandpixel.example", "deskandpixel", 0.08, 15, "USD"),
    ("Nadia Plans (influencer)", "nadiaplans.example", "nadiaplans", None, 40, "EUR"),
    ("Toolbench", "toolbench.example", "toolbench", 0.12, None, "GBP"),
)

# (country, region, city, weight, currency, business unit)
PLACES = (
    ("DE", "DE-BE", "Berlin", 16, "EUR"),
    ("DE", "DE-HH", "Hamburg", 10, "EUR"),
    ("DE", "DE-BY", "Munich", 10, "EUR"),
    ("AT", "AT-9", "Vienna", 7, "EUR"),
    ("NL", "NL-NH", "Amsterdam", 6, "EUR"),
    ("FR", "FR-IDF", "Paris", 8, "EUR"),
    ("GB", "GB-LND", "London", 13, "GBP"),
    ("GB", "GB-MAN", "Manchester", 5, "GBP"),
    ("US", "US-NY", "New York", 12, "USD"),
    ("US", "US-TX", "Austin", 9, "USD"),
    ("CA", "CA-ON", "Toronto", 4, "USD"),
)

# (device type, browser, user agent, weight)
DEVICES = (
    ("desktop", "Firefox", "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Firefox/128.0", 18),
    ("desktop", "Chrome", "Mozilla/5.0 (Windows NT 10.0) Chrome/131.0 Safari/537.36", 34),
    ("desktop", "Safari", "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) Safari/605.1", 14),
    ("mobile", "Safari", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1) Mobile Safari/604.1", 17),
    ("mobile", "Chrome", "Mozilla/5.0 (Linux; Android 15) Chrome/131.0 Mobile", 13),
    ("tablet", "Safari", "Mozilla/5.0 (iPad; CPU OS 18_1) Safari/604.1", 4),
)

BOTS = (
    "Mozilla/5.0 (compatible; Examplebot/2.1)",
    "SiteAuditCrawler/3.0",
    "PriceSpider/1.4 (+https://pricespider.example)",
    "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/131.0",
)

FIRST_NAMES = [
    "Ada",
    "Anton",
    "Bea",
    "Boris",
    "Carla",
    "Cem",
    "Dana",
    "David",
    "Elif",
    "Emil",
    "Fay",
    "Felix",
    "Greta",
    "Gus",
    "Hanna",
    "Hugo",
    "Ida",
    "Ivan",
    "Jana",
    "Jo",
    "Kai",
    "Klara",
    "Lars",
    "Lea",
    "Mia",
    "Milan",
    "Nele",
    "Nils",
    "Olga",
    "Otis",
    "Paula",
    "Per",
    "Quinn",
    "Rosa",
    "Sam",
    "Sina",
    "Theo",
    "Uma",
    "Vera",
    "Yusuf",
]
LAST_NAMES = [
    "Abel",
    "Adler",
    "Baker",
    "Bergmann",
    "Castillo",
    "Cole",
    "Dahl",
    "Dorn",
    "Eklund",
    "Engel",
    "Farkas",
    "Fischer",
    "Gruber",
    "Hale",
    "Hoffmann",
    "Ibsen",
    "Jansen",
    "Kaya",
    "Keller",
    "Kowalski",
    "Lang",
    "Lindqvist",
    "Marsh",
    "Moreau",
    "Nagy",
    "Novak",
    "Olsen",
    "Ortiz",
    "Park",
    "Petit",
    "Quist",
    "Reyes",
    "Richter",
    "Sato",
    "Silva",
    "Stone",
    "Thaler",
    "Ueda",
    "Vega",
    "Weiss",
    "Wolf",
    "Young",
    "Zeller",
]

# (currency, first day, company currency per unit): none for CHF, which one deal is in.
EXCHANGE_RATES = (
    ("USD", date(2025, 1, 1), "0.9650"),
    ("USD", date(2025, 4, 1), "0.9240"),
    ("USD", date(2025, 7, 1), "0.8530"),
    ("USD", date(2025, 10, 1), "0.8610"),
    ("GBP", date(2025, 1, 1), "1.2060"),
    ("GBP", date(2025, 4, 1), "1.1950"),
    ("GBP", date(2025, 7, 1), "1.1640"),
    ("GBP", date(2025, 10, 1), "1.1450"),
)

# (pipeline, stage, label, is won, is closed), in display order. Both pipelines have the stages
# that end in "closed", so that a deal without a pipeline leaves open which of them is meant.
PIPELINE_STAGES = (
    ("new-business", "qualified", "Qualified", False, False),
    ("new-business", "demo-held", "Demo held", False, False),
    ("new-business", "proposal-sent", "Proposal sent", False, False),
    ("new-business", "contract-signed", "Contract signed", True, True),
    ("new-business", "closed-lost", "Closed lost", False, True),
    ("expansion", "upgrade-asked", "Upgrade asked for", False, False),
    ("expansion", "offer-made", "Offer made", False, False),
    ("expansion", "upgraded", "Upgraded", True, True),
    ("expansion", "closed-lost", "Closed lost", False, True),
)
