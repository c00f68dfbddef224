"""The event catalogue as journeys see it: event types, their properties, and the properties'
values at an event."""

import math
import re

from .events import Event
from .touches import Touches
from .urls import UTM_NAMES
from .values import words

# Event types with their own properties, one group per line. ``*``: may come from a visitor
# without a contact. ``=asset``, ``=user``: the property is that column of the event, and a key of
# its name in the event's properties counts for nothing.
_CATALOGUE = """
ad_interaction*: ad_campaign_id=asset network interaction_type placement
call_started: owner=user country direction
call_ended: owner=user country direction outcome duration_s tracking_number=asset
cta_viewed* cta_clicked*: content_id cta=asset
deal_stage_entered: stage_id pipeline_id
document_shared: document=asset user_id=user
document_viewed document_finished: document=asset
form_viewed* form_popup_viewed* form_interacted*: content_id form_id=asset
form_submitted: content_id form_id=asset
email_sent: email_content_id=asset business_unit workflow_id
email_delivered: email_content_id=asset business_unit
email_opened: email_content_id=asset business_unit mail_client
email_clicked: email_content_id=asset business_unit original_url
email_bounced: email_content_id=asset business_unit bounce_type
email_reported_spam: email_content_id=asset business_unit
email_subscription_updated: business_unit status
email_forwarded: email_content_id=asset
marketing_event_registered marketing_event_attended: event_name origin
marketing_event_cancelled: event_name origin
media_played*: content_id media=asset seconds
meeting_booked: booked_through form_id owner=user meeting_type
meeting_outcome_changed: outcome owner=user meeting_type
message_sent message_delivered message_opened message_failed: user_id=user
payment_initiated payment_succeeded payment_failed: amount currency method
payment_refund_started payment_refund_completed payment_refund_failed: amount currency method
sales_email_sent sales_email_opened sales_email_clicked sales_email_replied: user_id=user
sequence_enrolled sequence_step_executed: sequence_id=asset enrolled_by=user template_id
sequence_meeting_booked sequence_email_bounced: sequence_id=asset enrolled_by=user template_id
sequence_email_unsubscribed sequence_unenrolled: sequence_id=asset enrolled_by=user template_id
sequence_manually_unenrolled sequence_errored: sequence_id=asset enrolled_by=user template_id
sequence_finished: sequence_id=asset enrolled_by=user template_id
sms_sent sms_delivered sms_clicked sms_dropped sms_failed: sms=asset original_url
page_viewed*: content_id=asset content_type title
workflow_enrolled: workflow_id=asset
list_member_added: list_id=asset
social_post_interacted*: network interaction
qr_code_scanned*: qr_code=asset
affiliate_link_clicked*: affiliate_link=asset
pixel_fired*: pixel_event network source dedup_id value currency
account_registered* purchase_completed* subscription_started*: item value currency feature
cart_updated* cart_abandoned*: item value currency feature
app_opened* app_closed* feature_used*: item value currency feature
page_clicked* page_scrolled* page_error*: x y selector is_dead scroll_depth
survey_responded*: survey=asset kind score comment
"""

# Areas, each with the event types of it or what the names of its types begin with
_AREAS = """
ads: ad_interaction
calls: call_
cta: cta_
deals: deal_stage_entered
documents: document_
forms: form_
email: email_
marketing events: marketing_event_
media: media_played
meetings: meeting_
messages: message_
payments: payment_
sales email: sales_email_
sequences: sequence_
sms: sms_
web: page_viewed
workflows: workflow_enrolled
lists: list_member_added
social: social_post_interacted
qr: qr_code_scanned
affiliates: affiliate_link_clicked
pixels: pixel_fired
app: account_registered purchase_completed subscription_started cart_ app_ feature_used
page behaviour: page_clicked page_scrolled page_error
feedback: survey_responded
"""

SHARED = words("campaign_id browser content_type country region device_type url") | set(UTM_NAMES)
NUMBERS = words("duration_s seconds amount value x y scroll_depth score")
FLAGS = words("is_dead")

# event type: property: ``asset``, ``user`` or ``json``
OWN: dict[str, dict[str, str]] = {}
ANONYMOUS: set[str] = set()
for _line in _CATALOGUE.split("\n"):
    _types, _, _properties = _line.partition(":")
    for _type in _types.split():
        OWN[_type.removesuffix("*")] = {
            name: source or "json"
            for name, _, source in (text.partition("=") for text in _properties.split())
        }
        if _type.endswith("*"):
            ANONYMOUS.add(_type.removesuffix("*"))

# event type: its area
AREAS: dict[str, str] = {
    event_type: area
    for area, _, starts in (line.partition(": ") for line in _AREAS.split("\n"))
    for event_type in OWN
    if event_type.startswith(tuple(starts.split()))
}

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_FLAGS = {"true": "true", "1": "true", "yes": "true", "false": "false", "0": "false", "no": "false"}


def _number_text(text: str) -> str | None:
    """The one spelling of the number that a text is; None where it is no finite number."""
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        return None
    return repr(float(text) + 0).removesuffix(".0")


def properties_of(event_type: str) -> set[str]:
    """The properties of an event type, the shared ones among them."""
    return set(SHARED) | set(OWN[event_type])


def value_of(event: Event, name: str, touches: Touches) -> str | None:
    """The value of a property at an event as text; None where it is missing, is no property of
    the event's type, or is no number or flag where the property is one.

    ``campaign_id`` has several values and is not asked for here.
    """
    if name in UTM_NAMES:
        return event.params.get(name)
    if name == "url":
        return event.url
    if name == "browser":
        return event.browser
    if name == "device_type":
        return event.device_type
    if name == "region":
        return event.region
    if name == "country":
        return event.property_text("country") or event.country
    if name == "content_type":
        return event.property_text("content_type") or touches.asset_type(event)
    source = OWN.get(event.event_type, {}).get(name)
    if source is None:
        return None
    if source == "user":
        return event.user_id
    if source == "asset":
        # S-11: a page view that names no asset is of the page at its URL
        return event.named_asset_id or (event.asset if event.event_type == "page_viewed" else None)
    text = event.property_text(name)
    if text is not None and name in NUMBERS:
        return _number_text(text)
    if text is not None and name in FLAGS:
        return _FLAGS.get(text.lower())
    return text


def values_of(event: Event, name: str, touches: Touches) -> list[str]:
    """All values of a property at an event: none where it is missing; of ``campaign_id`` every
    campaign for which the event counts (A-7)."""
    if name == "campaign_id":
        return sorted(touches.counts_for(event))
    value = value_of(event, name, touches)
    return [] if value is None else [value]
