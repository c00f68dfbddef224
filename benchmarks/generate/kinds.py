"""What happens, how often, with which properties: the kinds of events and of runs of events."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Properties = Callable[[random.Random], dict[str, Any]]


def _none(_: random.Random) -> dict[str, Any]:
    return {}


def _of(**choices: Any) -> Properties:
    """Draws each property from its choices: a tuple, a range of numbers, or one value."""

    def draw(rng: random.Random) -> dict[str, Any]:
        drawn = {}
        for name, among in choices.items():
            if isinstance(among, tuple | range):
                drawn[name] = rng.choice(among)
            elif isinstance(among, list):
                drawn[name] = round(rng.uniform(*among), 3)
            else:
                drawn[name] = among
        return drawn

    return draw


@dataclass(frozen=True)
class Kind:
    """An event type: the kind of asset that it names, and who takes part.

    ``weight``: how often it happens on a page of a visit, page views apart; 0: never there.
    ``asset``: a kind of the catalogue; "page" is the page that the visit is on.
    ``properties_by_asset``: all events of one asset have the same properties.
    """

    event_type: str
    asset: str | None = None
    weight: float = 0
    needs_contact: bool = False
    has_colleague: bool = False
    properties: Properties = _none
    properties_by_asset: bool = False


_EMAIL_UNITS = ("EMEA", "Americas", "APAC")
_MAIL_CLIENTS = ("Apple Mail", "Gmail", "Outlook", "Thunderbird", "Yahoo Mail")
_NETWORKS = ("linkedin", "facebook", "instagram", "x", "youtube", "tiktok")
_AD_NETWORKS = ("google", "bing", "linkedin", "facebook")
_CONTENT = tuple(f"content-{number}" for number in range(1, 60))
_COUNTRIES = ("DE", "US", "GB", "FR", "NL", "AT", "CH", "SE", "CA", "BR")
_ITEMS = ("starter", "team", "business", "enterprise")


def _goods(rng: random.Random) -> dict[str, Any]:
    return {"item": rng.choice(_ITEMS), "value": rng.randrange(10, 900), "currency": "EUR"}


_FEATURE = _of(feature=("board", "timeline", "export", "reports", "automation", "search"))
_CLICK = _of(
    x=[0, 1],
    y=[0, 1],
    selector=("a.nav", "button.cta", "img.hero", "a.text"),
    is_dead=(True, *[False] * 7),
)
_PAYMENT = _of(amount=range(20, 5000), currency=("EUR", "USD"), method=("card", "sepa", "paypal"))
_UNIT = _of(business_unit=_EMAIL_UNITS)
_SENT = _of(business_unit=_EMAIL_UNITS, workflow_id=("workflow-1", "workflow-2", *[None] * 6))
_ORIGIN = _of(origin=("online", "online", "in_person"), event_name=("Webinar", "Roadshow", "Fair"))
_CALL = _of(country=_COUNTRIES, direction=("inbound", "outbound"))
_CALL_END = _of(
    country=_COUNTRIES,
    direction=("inbound", "outbound"),
    outcome=("answered", "answered", "answered", "missed", "busy", "no_answer", "voicemail"),
    duration_s=range(5, 1800),
)
_MEETING = _of(
    booked_through=("meeting_link", "contact_record"),
    meeting_type=("round_robin", "personal", "group"),
    form_id=("meeting-form-1", "meeting-form-2"),
)
_OUTCOME = _of(
    outcome=("completed", "completed", "no_show", "rescheduled", "canceled"),
    meeting_type=("round_robin", "personal", "group"),
)
_SEQUENCE = _of(template_id=tuple(f"template-{number}" for number in range(1, 12)))
_PIXEL = _of(
    pixel_event=("page_view", "page_view", "purchase", "form_submission", "registration"),
    network=_AD_NETWORKS,
    source=("browser", "browser", "server"),
    value=range(0, 400),
    currency="EUR",
)
_COMMENTS = ("Great", "Too slow", "Love the boards", "Pricing is unclear", None, None)
_CONTENT_ID = _of(content_id=_CONTENT)
_ORIGINAL = _of(
    business_unit=_EMAIL_UNITS,
    original_url=tuple(f"https://www.fernhill.example/landing/offer-{n}" for n in range(1, 40)),
)

PAGE_VIEWED = "page_viewed"
FORM_SUBMITTED = "form_submitted"

KINDS = (
    Kind(PAGE_VIEWED, "page"),
    Kind("page_clicked", "page", 6, properties=_CLICK),
    Kind("page_scrolled", "page", 6, properties=_of(scroll_depth=[0, 1])),
    Kind("page_error", "page", 0.3, properties=_of(selector=("form", "script", "video"))),
    Kind("cta_viewed", "cta", 1.6, properties=_CONTENT_ID),
    Kind("cta_clicked", "cta_legacy", 0.8, properties=_CONTENT_ID),
    Kind("form_viewed", "form", 1.0, properties=_CONTENT_ID),
    Kind("form_popup_viewed", "form", 0.4, properties=_CONTENT_ID),
    Kind("form_interacted", "form", 0.5, properties=_CONTENT_ID),
    Kind(FORM_SUBMITTED, "form", 0.5, needs_contact=True, properties=_CONTENT_ID),
    Kind("media_played", "media", 0.6, properties=_of(content_id=_CONTENT, seconds=range(3, 400))),
    Kind(
        "ad_interaction",
        "ad_campaign",
        0.05,
        properties=_of(
            network=_AD_NETWORKS,
            interaction_type=(*["site_visit"] * 9, "form_submission"),
            placement=("search", "display", "social", "video"),
        ),
    ),
    Kind(
        "social_post_interacted",
        "social_post",
        0.2,
        properties=_of(
            network=_NETWORKS, interaction=("click", "click", "like", "comment", "share", "mention")
        ),
    ),
    Kind("qr_code_scanned", "qr_code"),
    Kind("affiliate_link_clicked", "affiliate_link"),
    Kind("pixel_fired", None, 1.2, properties=_PIXEL),
    Kind("account_registered", None, 0.15, properties=_of(item=_ITEMS)),
    Kind("purchase_completed", None, 0.15, properties=_goods),
    Kind("subscription_started", None, 0.1, properties=_goods),
    Kind("cart_updated", None, 0.4, properties=_goods),
    Kind("cart_abandoned", None, 0.2, properties=_goods),
    Kind("app_opened", None, 0.4, properties=_FEATURE),
    Kind("app_closed", None, 0.4, properties=_FEATURE),
    Kind("feature_used", None, 0.6, properties=_FEATURE),
    Kind(
        "survey_responded",
        "survey",
        0.15,
        properties=_of(kind=("nps", "csat", "ces"), score=range(0, 11), comment=_COMMENTS),
    ),
    Kind(
        "email_sent",
        "marketing_email",
        needs_contact=True,
        properties=_SENT,
        properties_by_asset=True,
    ),
    Kind("email_delivered", "marketing_email", needs_contact=True, properties=_UNIT),
    Kind(
        "email_opened",
        "marketing_email",
        needs_contact=True,
        properties=_of(business_unit=_EMAIL_UNITS, mail_client=_MAIL_CLIENTS),
    ),
    Kind("email_clicked", "marketing_email", needs_contact=True, properties=_ORIGINAL),
    Kind(
        "email_bounced",
        "marketing_email",
        needs_contact=True,
        properties=_of(business_unit=_EMAIL_UNITS, bounce_type=("hard", "soft")),
    ),
    Kind("email_reported_spam", "marketing_email", needs_contact=True, properties=_UNIT),
    Kind(
        "email_subscription_updated",
        needs_contact=True,
        properties=_of(business_unit=_EMAIL_UNITS, status=("subscribed", "unsubscribed")),
    ),
    Kind("email_forwarded", "marketing_email", needs_contact=True),
    Kind("call_started", needs_contact=True, has_colleague=True, properties=_CALL),
    Kind(
        "call_ended",
        "tracking_number",
        needs_contact=True,
        has_colleague=True,
        properties=_CALL_END,
    ),
    Kind("document_shared", "document", needs_contact=True, has_colleague=True),
    Kind("document_viewed", "document", needs_contact=True),
    Kind("document_finished", "document", needs_contact=True),
    Kind("marketing_event_registered", "marketing_event", needs_contact=True, properties=_ORIGIN),
    Kind("marketing_event_attended", "marketing_event", needs_contact=True, properties=_ORIGIN),
    Kind("marketing_event_cancelled", "marketing_event", needs_contact=True, properties=_ORIGIN),
    Kind("meeting_booked", needs_contact=True, has_colleague=True, properties=_MEETING),
    Kind("meeting_outcome_changed", needs_contact=True, has_colleague=True, properties=_OUTCOME),
    *(
        Kind(f"message_{step}", needs_contact=True, has_colleague=True)
        for step in ("sent", "delivered", "opened", "failed")
    ),
    *(
        Kind(f"payment_{step}", needs_contact=True, properties=_PAYMENT)
        for step in (
            "initiated",
            "succeeded",
            "failed",
            "refund_started",
            "refund_completed",
            "refund_failed",
        )
    ),
    *(
        Kind(f"sales_email_{step}", needs_contact=True, has_colleague=True)
        for step in ("sent", "opened", "clicked", "replied")
    ),
    *(
        Kind(
            f"sequence_{step}",
            "sequence",
            needs_contact=True,
            has_colleague=True,
            properties=_SEQUENCE,
        )
        for step in (
            "enrolled",
            "step_executed",
            "meeting_booked",
            "email_bounced",
            "email_unsubscribed",
            "unenrolled",
            "manually_unenrolled",
            "errored",
            "finished",
        )
    ),
    *(
        Kind(f"sms_{step}", "sms", needs_contact=True)
        for step in ("sent", "delivered", "dropped", "failed")
    ),
    Kind("sms_clicked", "sms", needs_contact=True, properties=_ORIGINAL),
    Kind("workflow_enrolled", "workflow", needs_contact=True),
    Kind("list_member_added", "static_list", needs_contact=True),
)

# How many of a page's events are further page views, before those of `weight`.
FURTHER_PAGE_VIEWS = 0.69


@dataclass(frozen=True)
class Script:
    """A run of events of a contact outside the website.

    ``weight``: in a thousand runs. ``minutes``: the mean time between two of its events.
    """

    weight: int
    minutes: float
    steps: str


_SEQ = "sequence_enrolled sequence_step_executed"

# What is left of a thousand are visits. At most eight steps each.
SCRIPTS = (
    Script(58, 40, "email_sent email_delivered"),
    Script(42, 50, "email_sent email_delivered email_opened"),
    Script(24, 50, "email_sent email_delivered email_opened email_clicked"),
    Script(6, 5, "email_sent email_bounced"),
    Script(2, 45, "email_sent email_delivered email_opened email_forwarded"),
    Script(1, 45, "email_sent email_delivered email_reported_spam"),
    Script(3, 45, "email_sent email_delivered email_opened email_subscription_updated"),
    Script(11, 7, "call_started call_ended"),
    Script(7, 55, "meeting_booked meeting_outcome_changed"),
    Script(7, 30, "document_shared document_viewed document_finished"),
    Script(6, 60, "marketing_event_registered marketing_event_attended"),
    Script(2, 60, "marketing_event_registered marketing_event_cancelled"),
    Script(4, 9, "message_sent message_delivered message_opened"),
    Script(1, 5, "message_sent message_failed"),
    Script(5, 1, "payment_initiated payment_succeeded"),
    Script(1, 1, "payment_initiated payment_failed"),
    Script(1, 60, "payment_refund_started payment_refund_completed"),
    Script(1, 60, "payment_refund_started payment_refund_failed"),
    Script(5, 45, "sales_email_sent sales_email_opened"),
    Script(3, 45, "sales_email_sent sales_email_opened sales_email_clicked sales_email_replied"),
    Script(5, 50, f"{_SEQ} sequence_step_executed sequence_finished"),
    Script(2, 50, f"{_SEQ} sequence_meeting_booked sequence_unenrolled"),
    Script(1, 50, f"{_SEQ} sequence_email_bounced sequence_errored"),
    Script(1, 50, f"{_SEQ} sequence_email_unsubscribed sequence_unenrolled"),
    Script(1, 50, f"{_SEQ} sequence_manually_unenrolled"),
    Script(4, 20, "sms_sent sms_delivered sms_clicked"),
    Script(2, 9, "sms_sent sms_dropped"),
    Script(1, 9, "sms_sent sms_failed"),
    Script(13, 30, "workflow_enrolled"),
    Script(10, 30, "list_member_added"),
)

PROPERTY_VARIANTS = 64


def property_texts(kind: Kind, rng: random.Random) -> list[str | None]:
    """The JSON texts among which each event of a kind draws its properties."""
    texts = []
    for _ in range(PROPERTY_VARIANTS):
        drawn = {name: value for name, value in kind.properties(rng).items() if value is not None}
        texts.append(json.dumps(drawn) if drawn else None)
    return texts
