"""Campaigns, their assets and associations, and the pages that belong to no campaign."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import quote

from orchestration.sample.company import (
    CAMPAIGNS,
    HELP_PAGES,
    HELP_SITE,
    PARTNERS,
    SITE,
    SITE_PAGES,
    YEAR_START,
    Campaign,
)
from orchestration.sample.world import Row, Sample

PAGE_TYPES = ("website_page", "landing_page", "blog_post", "blog_listing", "knowledge_article")


@dataclass
class Catalog:
    """Assets by id, by campaign and type, and those of no campaign by type."""

    assets: dict[str, Row] = field(default_factory=dict)
    by_campaign: dict[tuple[str, str], list[Row]] = field(default_factory=lambda: defaultdict(list))
    shared: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def of(self, campaign: Campaign, asset_type: str) -> list[Row]:
        """The assets of a type that were made for a campaign."""
        return self.by_campaign[campaign.campaign_id, asset_type]

    def pages(self, campaign: Campaign) -> list[Row]:
        """The page assets that were made for a campaign."""
        return [page for kind in PAGE_TYPES for page in self.of(campaign, kind)]


def build_catalog(sample: Sample) -> Catalog:
    """Adds campaigns, assets, associations and keywords."""
    catalog = Catalog()
    _add_shared_assets(sample, catalog)
    for campaign in CAMPAIGNS:
        _add_campaign(sample, campaign)
        _add_campaign_assets(sample, catalog, campaign)
        _add_keywords(sample, campaign)
    _associate(sample, catalog)
    _move_assets(sample, catalog)
    return catalog


def _add_campaign(sample: Sample, campaign: Campaign) -> None:
    sample.add(
        "campaigns",
        campaign_id=campaign.campaign_id,
        name=campaign.name,
        created_at=campaign.created_at,
        utm_campaign=campaign.utm,
        start_date=campaign.start,
        end_date=campaign.end,
        budget=f"{campaign.budget}.00",
        currency=campaign.currency,
        owner_id="u-06",
        status="archived" if campaign.end.month < 7 else "active",
        is_deleted=campaign.is_deleted,
        updated_at=campaign.created_at + timedelta(days=2, hours=1),
    )


def _add_asset(
    sample: Sample,
    catalog: Catalog,
    asset_type: str,
    asset_id: str,
    name: str,
    campaign: Campaign | None = None,
    **values: Any,
) -> Row:
    created_at = campaign.created_at + timedelta(hours=3) if campaign else YEAR_START
    row = sample.add(
        "assets",
        asset_id=asset_id,
        asset_type=asset_type,
        name=name,
        created_at=created_at,
        updated_at=created_at,
        **values,
    )
    catalog.assets[asset_id] = row
    if campaign is None:
        catalog.shared[asset_type].append(row)
    else:
        catalog.by_campaign[campaign.campaign_id, asset_type].append(row)
    return row


def _add_shared_assets(sample: Sample, catalog: Catalog) -> None:
    """Pages, documents and whatever else serves all campaigns or none."""
    for path, asset_type, title in SITE_PAGES:
        slug = path.replace("/", "-") or "home"
        url = f"{SITE}/{path}"
        _add_asset(
            sample,
            catalog,
            asset_type,
            f"page-{slug}",
            title,
            url=url,
            published_at=YEAR_START - timedelta(days=200),
        )
    for path, title in HELP_PAGES:
        _add_asset(
            sample,
            catalog,
            "knowledge_article",
            f"help-{path}",
            title,
            url=f"{HELP_SITE}/{path}/",
            published_at=YEAR_START - timedelta(days=90),
        )
    others: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
        ("form", "form-contact", "Contact form", {"url": f"{SITE}/contact"}),
        ("form", "form-newsletter", "Newsletter sign-up", {}),
        ("cta_legacy", "cta-old-banner", "Old banner: book a demo", {}),
        ("marketing_email", "email-welcome", "Welcome to Larchboard", {}),
        ("marketing_email", "email-digest", "Monthly digest", {}),
        ("workflow", "workflow-welcome", "Welcome series", {}),
        ("workflow", "workflow-win-back", "Win back quiet accounts", {}),
        ("static_list", "list-newsletter", "Newsletter readers", {}),
        ("tracking_number", "phone-sales", "Sales line", {}),
        ("media", "video-tour", "Product tour (video)", {}),
        ("media", "podcast-plans", "Plans that hold (podcast)", {}),
        ("document", "doc-proposal", "Proposal", {}),
        ("document", "doc-security", "Security overview", {}),
        ("sequence", "sequence-outreach", "Outreach in five steps", {}),
        ("sequence", "sequence-after-demo", "After the demo", {}),
        ("sms", "sms-reminder", "Appointment reminder", {}),
        ("survey", "survey-nps", "Would you recommend us?", {}),
        ("survey", "survey-support", "How was our support?", {}),
    )
    for asset_type, asset_id, name, values in others:
        _add_asset(sample, catalog, asset_type, asset_id, name, **values)


def _add_campaign_assets(sample: Sample, catalog: Catalog, campaign: Campaign) -> None:
    slug = campaign.campaign_id.removeprefix("camp-")
    utm = quote(campaign.utm.lower())
    opens = datetime.combine(campaign.start, time(6), UTC)
    landing = f"{SITE}/lp/{slug}"

    def add(asset_type: str, name: str, **values: Any) -> Row:
        number = len(catalog.of(campaign, asset_type)) + 1
        short = asset_type.replace("_", "-")
        asset_id = f"{short}-{slug}" if number == 1 else f"{short}-{slug}-{number}"
        return _add_asset(sample, catalog, asset_type, asset_id, name, campaign, **values)

    if campaign.is_deleted:
        add("landing_page", "A page to try things on", url=f"{landing}/try", published_at=opens)
        return
    add("landing_page", f"{campaign.name}: {campaign.topic}", url=landing, published_at=opens)
    is_large = campaign.weight >= 10
    if is_large:
        add("landing_page", f"{campaign.name}: offer", url=f"{landing}/offer", published_at=opens)
    titles = ("What we learned about", "Five steps to")
    for number, title in enumerate(titles if is_large else titles[:1], 1):
        add(
            "blog_post",
            f"{title} {campaign.topic}",
            url=f"{SITE}/blog/{slug}-{number}",
            # The second post of some campaigns came too early or too late for it.
            published_at=opens + timedelta(days=4 if number == 1 else campaign.start.day * 9 - 40),
        )
    form = add("form", f"Form: {campaign.name}", url=landing)
    # The contact form belongs to no campaign; the buttons that contain it do.
    in_button = "form-contact" if is_large else form["asset_id"]
    add("cta", f"Button with form: {campaign.topic}", form_id=in_button)
    if is_large:
        add("cta", f"Button: see {campaign.topic}")
        add("cta_legacy", f"Banner: {campaign.name}")
    for subject in (f"News about {campaign.topic}", f"Last call: {campaign.name}"):
        add("marketing_email", subject, published_at=opens)
    networks = ("linkedin", "facebook", "x")
    for number, network in enumerate(networks if is_large else networks[:2], 1):
        add(
            "social_post",
            f"{network}: {campaign.topic} ({number})",
            url=f"{landing}?utm_campaign={utm}&utm_source={network}&utm_medium=social",
            # The third post is still a draft.
            published_at=None if number == 3 else opens + timedelta(days=3 * number),
            properties={"network": network},
        )
    add("workflow", f"Nurture: {campaign.name}")
    add("static_list", f"Leads: {campaign.name}")
    add(
        "tracking_url",
        f"Podcast link: {campaign.name}",
        url=f"{landing}?utm_campaign={utm}&utm_source=podcast&utm_medium=audio",
    )
    if campaign.event_name:
        add("marketing_event", campaign.event_name)
    if campaign.ad_network:
        add("ad_campaign", f"Ads on {campaign.ad_network}: {campaign.name}")
    if campaign.has_search_ads:
        add("paid_search_campaign", f"Search ads: {campaign.name}")
        add("paid_search_campaign", f"Search ads, second wave (never ran): {campaign.name}")
    if "qr_code" in campaign.channels:
        for number, place in enumerate(("booth wall", "flyer"), 1):
            add(
                "qr_code",
                f"Code on the {place}",
                url=f"{landing}?utm_campaign={utm}&utm_source={quote(place)}&utm_medium=qr",
                properties={"number": number},
            )
        add("tracking_number", "Phone number on the flyer")
    if "affiliate" in campaign.channels:
        for partner, host, source, *_ in PARTNERS:
            add(
                "affiliate_link",
                f"Link of {partner}",
                url=f"{landing}?utm_campaign={utm}&utm_source={source}&utm_medium="
                + ("influencer" if "influencer" in partner else "affiliate"),
                properties={"host": host},
            )
    if is_large:
        add("document", f"Guide: {campaign.topic}")


def _add_keywords(sample: Sample, campaign: Campaign) -> None:
    for number, keyword in enumerate(campaign.keywords):
        ends = datetime.combine(campaign.end, time(23), UTC) + timedelta(days=10)
        sample.add(
            "campaign_keywords",
            campaign_id=campaign.campaign_id,
            keyword=keyword.title() if number else keyword,
            associated_at=campaign.created_at + timedelta(days=1),
            removed_at=ends if number == 1 else None,
        )


def _associate(sample: Sample, catalog: Catalog) -> None:
    """Every asset with its campaign, most before it starts, some only while it runs."""
    rng = sample.stream("associations")
    for campaign in CAMPAIGNS:
        for (campaign_id, asset_type), assets in list(catalog.by_campaign.items()):
            if campaign_id != campaign.campaign_id:
                continue
            for asset in assets:
                at = campaign.created_at + timedelta(hours=rng.randint(4, 90))
                if rng.random() < 0.12:
                    at += timedelta(days=rng.randint(14, 24))
                removed_at = None
                if asset_type in ("cta", "social_post") and rng.random() < 0.15:
                    removed_at = datetime.combine(campaign.end, time(12), UTC)
                    removed_at = max(removed_at, at + timedelta(days=1))
                sample.add(
                    "campaign_assets",
                    campaign_id=campaign_id,
                    asset_id=asset["asset_id"],
                    associated_at=at,
                    removed_at=removed_at,
                )


def _move_assets(sample: Sample, catalog: Catalog) -> None:
    """Assets that changed hands, came back, serve several campaigns, or were taken up twice."""

    def take(campaign_id: str, asset_id: str, at: str, until: str | None = None) -> None:
        if asset_id not in catalog.assets:
            raise KeyError(asset_id)
        sample.add(
            "campaign_assets",
            campaign_id=campaign_id,
            asset_id=asset_id,
            associated_at=datetime.fromisoformat(at + "+00:00"),
            removed_at=datetime.fromisoformat(until + "+00:00") if until else None,
        )

    # The posts, the email and the form were used again for a later campaign.
    take("camp-stories", "social-post-spring-release", "2025-07-02T09:00:00")
    take("camp-autumn-upgrade", "marketing-email-spring-release-2", "2025-09-10T08:00:00")
    take("camp-summer-switch", "form-new-year", "2025-06-20T10:15:00")
    take("camp-black-week", "landing-page-summer-switch-2", "2025-11-10T07:30:00")
    # It went to the spring release and came back.
    take("camp-spring-release", "blog-post-new-year", "2025-03-05T09:00:00")
    take("camp-new-year", "blog-post-new-year", "2025-04-14T09:00:00")
    # The same campaign once more: overlapping, touching, and after a gap.
    take("camp-partners", "page-pricing", "2025-02-20T09:00:00", "2025-06-01T09:00:00")
    take("camp-partners", "page-pricing", "2025-05-01T09:00:00", "2025-07-01T09:00:00")
    take("camp-partners", "page-pricing", "2025-07-01T09:00:00", "2025-08-01T09:00:00")
    take("camp-partners", "page-pricing", "2025-09-15T09:00:00")
    # Two campaigns wanted the page at one instant: the later id of the two has it.
    take("camp-remote-guide", "page-blog-the-monday-board", "2025-05-06T10:00:00")
    take("camp-planning-fridays", "page-blog-the-monday-board", "2025-05-06T10:00:00")
    # A workflow alone may serve several campaigns at once.
    take("camp-new-year", "workflow-welcome", "2025-01-07T09:00:00")
    take("camp-spring-release", "workflow-welcome", "2025-03-04T09:00:00")
    take("camp-autumn-upgrade", "workflow-welcome", "2025-09-09T09:00:00")
    take("camp-remote-guide", "form-newsletter", "2025-05-10T09:00:00")
    take("camp-stories", "survey-nps", "2025-07-03T09:00:00")
    # The deleted campaign counts for nothing, yet it took the article away from another.
    take("camp-planning-fridays", "help-share-a-plan", "2025-02-02T09:00:00")
    take("camp-test", "help-share-a-plan", "2025-02-05T09:00:00")
