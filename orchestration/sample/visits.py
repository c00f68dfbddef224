"""A visit to the website: how it came, which pages it saw, what it did there."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

from orchestration.sample.catalog import PAGE_TYPES, Catalog
from orchestration.sample.company import SITE, Campaign
from orchestration.sample.world import Person, Row, Sample, seconds, some, weighted

# (referrer without the search word, weight)
_ENGINES = {
    "https://www.google.com/search?q=": 40,
    "https://www.google.de/search?q=": 20,
    "https://www.google.co.uk/search?q=": 9,
    "https://www.bing.com/search?q=": 12,
    "https://duckduckgo.com/?q=": 9,
    "https://www.ecosia.org/search?q=": 5,
    "https://search.yahoo.com/search?p=": 5,
}

_REFERRERS = (
    "https://www.planningweekly.example/tools",
    "https://toolbench.example/reviews/larchboard",
    "https://forum.teamleads.example/t/4711",
    "https://blog.larchboard.example/old-post",
)

_NETWORK_REFERRERS = {
    "linkedin": "https://www.linkedin.com/",
    "facebook": "https://l.facebook.com/",
    "x": "https://t.co/a1b2c3",
    "instagram": "https://www.instagram.com/",
}


@dataclass
class Entry:
    """How a visit begins: the parameters of its first URL, its referrer, its landing page."""

    parameters: list[str] = field(default_factory=list)
    referrer: str | None = None
    landing: Row | None = None


class Visits:
    """Makes visits; holds what all of them need."""

    def __init__(self, sample: Sample, catalog: Catalog, stream: str) -> None:
        """`stream` names the random stream that this maker of visits draws from."""
        self.sample = sample
        self.catalog = catalog
        self.rng: random.Random = sample.stream(stream)
        shared = catalog.shared
        self.site_pages = [page for kind in PAGE_TYPES for page in shared[kind]]

    def channel_of(self, campaign: Campaign) -> str:
        """A channel by which the campaign's visitors come."""
        return weighted(self.rng, campaign.channels)

    def enter(self, campaign: Campaign, channel: str, at: datetime, who: Person) -> Entry:
        """How a visit for a campaign begins by a channel; adds the click or scan before it."""
        maker = {
            "organic_search": self._by_search,
            "paid_search": self._by_search_ad,
            "organic_social": self._by_post,
            "paid_social": self._by_social_ad,
            "email": self._by_newsletter,
            "qr_code": self._by_code,
            "affiliate": self._by_partner,
            "other_campaign": self._by_podcast,
        }.get(channel)
        if maker is not None:
            return maker(campaign, at, who)
        referrer = self.rng.choice(_REFERRERS) if channel == "referral" else None
        return Entry(referrer=referrer, landing=self._landing(campaign))

    def _landing(self, campaign: Campaign) -> Row:
        pages = self.catalog.pages(campaign)
        return self.rng.choice([pages[0], *pages])

    def _utm(self, campaign: Campaign, source: str, medium: str) -> list[str]:
        # Whoever types links by hand spells the value in all sorts of ways.
        value = campaign.utm.lower()
        if self.rng.random() < 0.08:
            value = self.rng.choice((campaign.utm.upper(), campaign.utm.title(), f"%20{value}+"))
        parameters = [f"utm_campaign={value}", f"utm_source={source}", f"utm_medium={medium}"]
        if self.rng.random() < 0.3:
            parameters.append(f"utm_content={self.rng.choice(('hero', 'sidebar', 'text-link'))}")
        return parameters

    def _by_search(self, campaign: Campaign, at: datetime, who: Person) -> Entry:
        keyword = self.rng.choice([*campaign.keywords, *campaign.keywords, "larchboard"])
        if self.rng.random() < 0.2:
            keyword = keyword.title()
        landing = self._landing(campaign)
        if self.rng.random() < 0.4:
            landing = self.rng.choice(self.site_pages)
        if self.rng.random() < 0.06:
            # The engine keeps the search word to itself; the link carries it.
            return Entry([f"utm_term={quote_plus(keyword)}"], "https://www.google.com/", landing)
        return Entry([], weighted(self.rng, _ENGINES) + quote_plus(keyword), landing)

    def _ad_click(self, campaign: Campaign, ad: Row, at: datetime, who: Person) -> None:
        placement = "search" if ad["asset_type"] == "paid_search_campaign" else "social"
        self.sample.event(
            "ad_interaction",
            at - seconds(self.rng, 1, 4),
            who,
            asset_id=ad["asset_id"],
            properties={
                "network": campaign.ad_network or "google",
                "interaction_type": "form_submission" if self.rng.random() < 0.1 else "site_visit",
                "placement": placement,
            },
        )

    def _by_search_ad(self, campaign: Campaign, at: datetime, who: Person) -> Entry:
        ads = self.catalog.of(campaign, "paid_search_campaign")[:1]
        ad = self.rng.choice([*ads, *self.catalog.of(campaign, "ad_campaign")])
        self._ad_click(campaign, ad, at, who)
        parameters = self._utm(campaign, "google", "cpc")
        if self.rng.random() < 0.4:
            parameters.append(f"utm_term={quote_plus(self.rng.choice(campaign.keywords))}")
        if self.rng.random() < 0.6:
            identifier = self.rng.choice(("gclid=Cj0KCQ", "msclkid=5f0a", "gbraid=0AAAA"))
            parameters.append(f"{identifier}{self.rng.randint(1000, 9999)}")
        return Entry(parameters, "https://www.google.com/", self._landing(campaign))

    def _by_social_ad(self, campaign: Campaign, at: datetime, who: Person) -> Entry:
        network = campaign.ad_network or "linkedin"
        for ad in self.catalog.of(campaign, "ad_campaign"):
            self._ad_click(campaign, ad, at, who)
        medium = self.rng.choice(("paid_social", "paid", "cpc"))
        parameters = self._utm(campaign, network, medium)
        if network == "linkedin" and self.rng.random() < 0.5:
            parameters.append(f"li_fat_id={self.rng.randint(10**7, 10**8):x}")
        elif self.rng.random() < 0.3:
            parameters.append(f"hsa_cam={self.rng.randint(100, 999)}")
        referrer = _NETWORK_REFERRERS.get(network)
        return Entry(parameters, referrer, self._landing(campaign))

    def _by_post(self, campaign: Campaign, at: datetime, who: Person) -> Entry:
        post = self.rng.choice(self.catalog.of(campaign, "social_post"))
        network = post["properties"]["network"]
        self.sample.event(
            "social_post_interacted",
            at - seconds(self.rng, 1, 6),
            who,
            asset_id=post["asset_id"],
            properties={"network": network, "interaction": "click"},
        )
        parameters = []
        if self.rng.random() < 0.75:
            parameters = self._utm(campaign, network, "social")
        return Entry(parameters, _NETWORK_REFERRERS[network], self._landing(campaign))

    def _by_newsletter(self, campaign: Campaign, at: datetime, who: Person) -> Entry:
        email = self.rng.choice(self.catalog.of(campaign, "marketing_email"))
        parameters = self._utm(campaign, "newsletter", "email")
        parameters += [f"_hsmi={email['asset_id']}", f"_hsenc=p2ANqtz{self.rng.randint(10, 99)}"]
        referrer = self.rng.choice((None, "https://mail.google.com/"))
        return Entry(parameters, referrer, self._landing(campaign))

    def _by_code(self, campaign: Campaign, at: datetime, who: Person) -> Entry:
        code = self.rng.choice(self.catalog.of(campaign, "qr_code"))
        self.sample.event(
            "qr_code_scanned",
            at - seconds(self.rng, 1, 3),
            who,
            asset_id=code["asset_id"],
            url=code["url"] if self.rng.random() < 0.5 else None,
            ip_region=who.region,
            ip_city=who.city,
        )
        pages = self.catalog.pages(campaign)
        return Entry(code["url"].partition("?")[2].split("&"), None, pages[0])

    def _by_partner(self, campaign: Campaign, at: datetime, who: Person) -> Entry:
        link = self.rng.choice(self.catalog.of(campaign, "affiliate_link"))
        self.sample.event(
            "affiliate_link_clicked",
            at - seconds(self.rng, 1, 3),
            who,
            asset_id=link["asset_id"],
            url=link["url"] if self.rng.random() < 0.5 else None,
        )
        referrer = f"https://{link['properties']['host']}/larchboard"
        pages = self.catalog.pages(campaign)
        return Entry(link["url"].partition("?")[2].split("&"), referrer, pages[0])

    def _by_podcast(self, campaign: Campaign, at: datetime, who: Person) -> Entry:
        link = self.catalog.of(campaign, "tracking_url")[0]
        pages = self.catalog.pages(campaign)
        return Entry(link["url"].partition("?")[2].split("&"), None, pages[0])

    def visit(
        self,
        who: Person,
        at: datetime,
        entry: Entry,
        campaign: Campaign | None = None,
        most_pages: int = 4,
    ) -> tuple[datetime, Row]:
        """A run of page views; returns the instant of the last one and the page that it was of."""
        rng = self.rng
        pages = [entry.landing or rng.choice(self.site_pages)]
        others = list(self.site_pages)
        if campaign is not None:
            others = self.catalog.pages(campaign) * 3 + others
        for _ in range(rng.randint(1, most_pages) - 1):
            pages.append(rng.choice(others))
        for number, page in enumerate(pages):
            if number:
                # Now and then the pause that begins a new session, to the second.
                pause = timedelta(minutes=30)
                at += pause if rng.random() < 0.015 else seconds(rng, 4, 260)
            self._view(who, at, page, entry if number == 0 else None, pages[number - 1])
            self._on_page(who, at, page, campaign)
        return at, pages[-1]

    def _view(self, who: Person, at: datetime, page: Row, entry: Entry | None, before: Row) -> None:
        rng = self.rng
        url = page["url"]
        values: dict[str, Any] = {}
        if entry is not None:
            values = {"user_agent": who.user_agent, "referrer": entry.referrer}
            values |= {"ip_region": who.region, "ip_city": who.city}
            if entry.parameters:
                url += "?" + "&".join(entry.parameters)
        else:
            values["referrer"] = before["url"]
        by_url = rng.random() < 0.3
        if by_url and rng.random() < 0.3:
            # The same page, as links elsewhere spell it.
            url = url.replace("https://www.", rng.choice(("http://", "https://")), 1) + "#top"
        asset_id = None if by_url else page["asset_id"]
        if rng.random() < 0.06:
            values["properties"] = {"title": page["name"], "content_type": page["asset_type"]}
        self.sample.event("page_viewed", at, who, asset_id=asset_id, url=url, **values)

    def _on_page(self, who: Person, at: datetime, page: Row, campaign: Campaign | None) -> None:
        """What happens on a page: scrolling, clicks, calls to action, videos, errors."""
        rng = self.rng
        event, asset_id = self.sample.event, page["asset_id"]
        if rng.random() < 0.16:
            depth = round(rng.random(), 2)
            later = at + seconds(rng, 2, 30)
            event(
                "page_scrolled", later, who, asset_id=asset_id, properties={"scroll_depth": depth}
            )
        if rng.random() < 0.11:
            self.click(who, at + seconds(rng, 2, 20), page, 3 if rng.random() < 0.08 else 1)
        if rng.random() < 0.01:
            event("page_error", at + seconds(rng, 1, 3), who, asset_id=asset_id)
        if rng.random() < 0.04:
            media = rng.choice(self.catalog.shared["media"])
            played = {"seconds": rng.randint(5, 240)}
            event(
                "media_played",
                at + seconds(rng, 3, 9),
                who,
                asset_id=media["asset_id"],
                properties=played,
            )
        if campaign is not None and rng.random() < 0.2:
            ctas = self.catalog.of(campaign, "cta") + self.catalog.of(campaign, "cta_legacy")
            cta = rng.choice(ctas)
            event("cta_viewed", at, who, asset_id=cta["asset_id"])
            if rng.random() < 0.4:
                event("cta_clicked", at + seconds(rng, 2, 15), who, asset_id=cta["asset_id"])

    def click(self, who: Person, at: datetime, page: Row, times: int) -> None:
        """Clicks on one spot of a page: three within a second show anger."""
        rng = self.rng
        x, y = round(rng.random(), 3), round(rng.random(), 3)
        for number in range(times):
            self.sample.event(
                "page_clicked",
                at + timedelta(milliseconds=300 * number),
                who,
                asset_id=page["asset_id"],
                properties={
                    "x": x,
                    "y": y,
                    "selector": rng.choice(("a.nav", "button.cta", "img.hero")),
                    "is_dead": rng.random() < 0.2,
                },
            )

    def pixel(
        self, who: Person, at: datetime, network: str, pixel_event: str, value: int, url: str
    ) -> None:
        """What pixels report of a view or conversion: the browser's, the server's, mostly both."""
        rng = self.rng
        dedup_id = f"px{rng.randint(10**6, 10**7)}" if rng.random() < 0.9 else None
        sources = rng.choice(
            (("browser", "server"), ("browser", "server"), ("browser",), ("server",))
        )
        for source in sources:
            properties = {
                "pixel_event": pixel_event,
                "network": network,
                "source": source,
                "dedup_id": dedup_id,
                "value": value,
                "currency": who.currency,
            }
            self.sample.event(
                "pixel_fired", at + seconds(rng, 0, 3), who, url=url, properties=properties
            )

    def look_around(self, who: Person, at: datetime) -> tuple[datetime, Row]:
        """As `visit`, of nobody's campaign: straight to the site, or by a search for its name."""
        entry = Entry(landing=self.rng.choice(self.site_pages))
        if self.rng.random() < 0.3:
            entry.referrer = weighted(self.rng, _ENGINES) + "larchboard"
        return self.visit(who, at, entry)

    def start_page(self) -> Entry:
        """A visit that begins on the start page, by hand or by a button in an email signature."""
        parameters = []
        if self.rng.random() < 0.3:
            parameters = [f"hsCtaTracking={self.rng.randint(10**6, 10**7):x}"]
        home = self.catalog.assets["page-home"]
        if home["url"] != f"{SITE}/":
            raise ValueError("the start page lies elsewhere")
        return Entry(parameters, None, home)

    def some_posts(self, campaign: Campaign) -> list[Row]:
        """One to three of a campaign's social posts."""
        return some(self.rng, self.catalog.of(campaign, "social_post"), 3)
