"""The event types and the properties that a journey's step may ask of them (J-8).

Written here once more, so that a wrong row of the seeds that the warehouse reads is found.
"""

from __future__ import annotations

from dataclasses import dataclass

# What holds of each event type: whether a visitor without a contact may cause it, and its own
# properties. `a=b` is property a, which is the event's column b; the others are keys of its JSON.
_TYPES = """
ad_interaction              yes  ad_campaign_id=asset_id network interaction_type placement
call_started                no   owner=user_id direction
call_ended                  no   owner=user_id direction outcome duration_s tracking_number=asset_id
cta_viewed                  yes  content_id cta=asset_id
cta_clicked                 yes  content_id cta=asset_id
deal_stage_entered          no   stage_id=stage_id pipeline_id=pipeline_id
document_shared             no   document=asset_id user_id=user_id
document_viewed             no   document=asset_id
document_finished           no   document=asset_id
form_viewed                 yes  content_id form_id=asset_id
form_popup_viewed           yes  content_id form_id=asset_id
form_interacted             yes  content_id form_id=asset_id
form_submitted              no   content_id form_id=asset_id
email_sent                  no   email_content_id=asset_id business_unit workflow_id
email_delivered             no   email_content_id=asset_id business_unit
email_opened                no   email_content_id=asset_id business_unit mail_client
email_clicked               no   email_content_id=asset_id business_unit original_url
email_bounced               no   email_content_id=asset_id business_unit bounce_type
email_reported_spam         no   email_content_id=asset_id business_unit
email_subscription_updated  no   business_unit status
email_forwarded             no   email_content_id=asset_id
marketing_event_registered  no   event_name origin
marketing_event_attended    no   event_name origin
marketing_event_cancelled   no   event_name origin
media_played                yes  content_id media=asset_id seconds
meeting_booked              no   booked_through form_id owner=user_id meeting_type
meeting_outcome_changed     no   outcome owner=user_id meeting_type
page_viewed                 yes  content_id=asset_id title
workflow_enrolled           no   workflow_id=asset_id
list_member_added           no   list_id=asset_id
social_post_interacted      yes  network interaction
qr_code_scanned             yes  qr_code=asset_id
affiliate_link_clicked      yes  affiliate_link=asset_id
pixel_fired                 yes  pixel_event network source dedup_id value currency
survey_responded            yes  survey=asset_id kind score comment
"""

# The same of event types that differ in nothing of this but their names.
_FAMILIES = """
message_    sent delivered opened failed
            no   user_id=user_id
payment_    initiated succeeded failed refund_started refund_completed refund_failed
            no   amount currency method
sales_email_  sent opened clicked replied
            no   user_id=user_id
sequence_   enrolled step_executed meeting_booked email_bounced email_unsubscribed unenrolled \
manually_unenrolled errored finished
            no   sequence_id=asset_id enrolled_by=user_id template_id
sms_        sent delivered clicked dropped failed
            no   sms=asset_id original_url
-           account_registered purchase_completed subscription_started cart_updated cart_abandoned \
app_opened app_closed feature_used
            yes  item value currency feature
page_       clicked scrolled error
            yes  x y selector is_dead scroll_depth
"""

# What every event has, and where.
SHARED = {
    "campaign_id": "campaigns",
    "browser": "browser",
    "content_type": "asset's type",
    "country": "country",
    "region": "ip_region",
    "device_type": "device_type",
    "url": "url",
    "utm_source": "utm",
    "utm_medium": "utm",
    "utm_campaign": "utm",
    "utm_term": "utm",
    "utm_content": "utm",
}

NUMBERS = {"duration_s", "seconds", "amount", "value", "x", "y", "scroll_depth", "score"}
FLAGS = {"is_dead"}

# Those whose own URL can make an event count for a campaign.
VISITS = {"page_viewed", "qr_code_scanned", "affiliate_link_clicked"}

# Comes from the history of deals, and has nothing but what that has.
STAGE_ENTERED = "deal_stage_entered"

OPERATORS = {
    "text": ("is", "is not", "in", "not in", "contains", "starts with", "is known", "is unknown"),
    "number": ("is", "is not", "in", "not in", "at least", "at most", "is known", "is unknown"),
    "flag": ("is", "is not", "is known", "is unknown"),
}


@dataclass(frozen=True)
class EventType:
    """An event type: where an event of it has each property (`json`, a column, or as in SHARED)."""

    name: str
    is_anonymous_allowed: bool
    own: dict[str, str]

    @property
    def properties(self) -> dict[str, str]:
        """Its own properties and those that every event has."""
        return self.own | SHARED


def kind(name: str) -> str:
    """The kind of a property."""
    if name in NUMBERS:
        return "number"
    return "flag" if name in FLAGS else "text"


def _event_type(name: str, is_anonymous_allowed: str, properties: list[str]) -> EventType:
    own = {}
    for text in properties:
        property_name, _, column = text.partition("=")
        own[property_name] = column or "json"
    return EventType(name, {"yes": True, "no": False}[is_anonymous_allowed], own)


def _event_types() -> dict[str, EventType]:
    found = []
    for line in _TYPES.strip().splitlines():
        name, is_anonymous_allowed, *properties = line.split()
        found.append(_event_type(name, is_anonymous_allowed, properties))
    lines = _FAMILIES.strip().splitlines()
    for names, line in zip(lines[::2], lines[1::2], strict=True):
        prefix, *rest = names.split()
        is_anonymous_allowed, *properties = line.split()
        for name in rest:
            full = name if prefix == "-" else f"{prefix}{name}"
            found.append(_event_type(full, is_anonymous_allowed, properties))
    return {event_type.name: event_type for event_type in found}


EVENT_TYPES = _event_types()
