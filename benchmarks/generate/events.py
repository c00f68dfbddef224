"""The event stream as SQL: runs of events, and the events of runs.

A run is a visit to the website, or a little sequence around a contact such as an email that is
sent, delivered and opened. Runs are numbered from 0 through history and the night; all that a run
or an event is follows from the seed and its number alone, so that any part can be made by itself.
"""

from __future__ import annotations

import hashlib
import math
from itertools import pairwise

from benchmarks.generate import catalog as of
from benchmarks.generate.catalog import Catalog
from benchmarks.generate.kinds import PROPERTY_VARIANTS
from benchmarks.generate.shape import RUNS_PER_NEW_CONTACT, Shape

# Events of a visit: 1 and an exponential number more, of this mean.
_FURTHER_EVENTS = 4.8
_MOST_EVENTS = 120

# Who visits, in thousandths of the visits: first-timers are what is left.
_KNOWN, _REGULAR, _RETURNING = 60, 70, 170

_BOTS = 30  # in a thousand visitors

# Of a day's runs, how many begin in each hour.
_HOURS = (8, 5, 4, 3, 3, 5, 9, 18, 34, 48, 54, 52, 44, 46, 52, 54, 50, 44, 38, 34, 32, 28, 20, 13)

SLOTS_OF_DAY = 96


def _bits(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


class Draws:
    """Names a stream of draws per purpose: SQL that is the same for the same row, ever."""

    def __init__(self, seed: int) -> None:
        self._seed = _bits(f"seed {seed}")

    def row(self, number: str, purpose: str) -> str:
        """64 random bits for the row of that number (a bigint expression, not negative)."""
        return f"hash(xor(hash(xor(cast({number} as ubigint), {self._seed})), {_bits(purpose)}))"

    def bits(self, key: str, purpose: str) -> str:
        """64 random bits for a key that is itself 64 random bits."""
        return f"hash(xor({key}, {_bits(purpose)}))"

    def unit(self, key: str, purpose: str) -> str:
        """A double from 0 up to, not including, 1."""
        return f"(({self.bits(key, purpose)} >> 11) * {2.0**-53!r})"

    def below(self, key: str, purpose: str, number: int) -> str:
        """A bigint from 0 up to, not including, a number."""
        return f"cast({self.bits(key, purpose)} % {number} as bigint)"


def day_curve() -> list[dict[str, int]]:
    """Where in the day each 96th of its runs begins: `slot`, `from_us` and `width_us`."""
    total = sum(_HOURS)
    points, hour, before = [], 0, 0.0
    for slot in range(SLOTS_OF_DAY + 1):
        wanted = total * slot / SLOTS_OF_DAY
        while hour < 23 and before + _HOURS[hour] < wanted:
            before += _HOURS[hour]
            hour += 1
        within = min(1.0, (wanted - before) / _HOURS[hour])
        points.append(round((hour + within) * 3_600_000_000))
    return [
        {"slot": slot, "from_us": begin, "width_us": end - begin}
        for slot, (begin, end) in enumerate(pairwise(points))
    ]


def _zipf(unit: str, number: int) -> str:
    """A bigint below a number; n is drawn 1/(n+1) as often as 0."""
    return f"cast(floor(exp({unit} * {math.log(number + 1)!r})) as bigint) - 1"


class EventQueries:
    """The queries that make runs and events of a shape, over the tables of its catalogue.

    They read `day` (day, starts_us, first_run, runs, surplus), `day_curve` and `deal_of_contact`
    (contact, deal_id, deal_created_us), too.
    """

    def __init__(self, shape: Shape, catalog: Catalog) -> None:
        self.shape = shape
        self.catalog = catalog
        self.draws = Draws(shape.seed)

    def lengths(self, numbers: str) -> str:
        """How many events runs have: run, day, key, script, is_new_contact, events.

        `numbers`: a query of run and day.
        """
        draws = self.draws
        further = (
            f"cast(floor(-{_FURTHER_EVENTS} * ln(1 - {draws.unit('key', 'length')})) as bigint)"
        )
        return f"""
            with keyed as (
                select
                    run,
                    day,
                    {draws.row("run", "run")} as key,
                    run % {RUNS_PER_NEW_CONTACT} = 0 as is_new_contact
                from ({numbers})
            ),
            slotted as (
                select
                    *,
                    case
                        when is_new_contact then {of.VISIT_SLOT}
                        else {draws.below("key", "script", of.SCRIPT_SLOTS)}
                    end as script_slot
                from keyed
            )
            select
                run,
                day,
                key,
                script,
                script_gap,
                is_new_contact,
                case
                    when script > 0 then steps
                    when is_new_contact then 3 + {further}
                    else least({_MOST_EVENTS}, 1 + {further})
                end as events
            from slotted
            inner join script using (script_slot)"""

    def runs(self, numbers: str) -> str:
        """All that the events of a run share. `numbers`: a query of run and day."""
        shape, draws = self.shape, self.draws
        per_day = shape.runs_per_day
        regulars = 4 * per_day
        half_rank = max(1.0, regulars / 1000)
        ahead = 3 * per_day // RUNS_PER_NEW_CONTACT
        newest = f"(day + 60) * {shape.campaigns / (shape.days + 62)!r}"
        recent = f"60 * pow({draws.unit('key', 'campaign age')}, 2)"
        returns = f"cast(floor({20 * per_day} * pow({draws.unit('key', 'return')}, 3)) as bigint)"
        site, sites = self._assets("site")
        return f"""
            with lengths as ({self.lengths(numbers)}),
            placed as (
                select
                    lengths.*,
                    {shape.old_contacts} + run // {RUNS_PER_NEW_CONTACT} as contacts,
                    {draws.below("key", "visitor", 1000)} as visitor_slot,
                    {SLOTS_OF_DAY} * (run - first_run + {draws.unit("key", "start")}) / runs
                        as slot_of_day,
                    cast(floor(slot_of_day) as bigint) as slot,
                    starts_us,
                    first_run,
                    runs,
                    surplus
                from lengths
                inner join day using (day)
            ),
            timed as (
                select
                    *,
                    starts_us + from_us + cast((slot_of_day - slot) * width_us as bigint)
                        as run_started_us,
                    case
                        when script > 0 then script_gap
                        when {draws.below("key", "pauses", 100)} < 2 then 1500000000
                        else 4000000 + cast(
                            least(700, -55 * ln(1 - {draws.unit("key", "gap")})) * 1000000 as bigint
                        )
                    end as gap,
                    script = 0 and not is_new_contact and visitor_slot < {_KNOWN} as is_known_visit,
                    least(
                        greatest(0, {newest} - case
                            when {draws.below("key", "topical", 100)} < 80 then {recent}
                                * {shape.campaigns / (shape.days + 62)!r}
                            else {newest} * {draws.unit("key", "any campaign")}
                        end),
                        {shape.campaigns - 1}
                    ) as campaign_position
                from placed
                inner join day_curve using (slot)
            ),
            known as (
                select
                    *,
                    case
                        when is_new_contact then contacts
                        when script > 0 then contacts - 1 - cast(
                            floor(contacts * pow({draws.unit("key", "contact")}, 2)) as bigint
                        )
                        when is_known_visit then contacts + {ahead} - 1 - cast(
                            floor(
                                (contacts + {ahead}) * pow({draws.unit("key", "contact")}, 2)
                            ) as bigint
                        )
                    end as contact,
                    cast(floor(campaign_position) as bigint) - case
                        when {draws.below("key", "popular", 100)} < 35
                            then cast(floor(campaign_position) as bigint) % 4
                        else 0
                    end as campaign
                from timed
            ),
            -- Kinds of visitors have ranges of numbers of their own.
            numbered as (
                select
                    *,
                    campaign + {draws.unit("key", "topic")} as topic,
                    case
                        when script > 0 then null
                        when contact is not null then contact * 4 + 1
                        when visitor_slot < {_KNOWN + _REGULAR} then 4 * least(
                            {regulars},
                            cast(floor({half_rank} * (
                                exp(
                                    {draws.unit("key", "regular")}
                                    * {math.log(regulars / half_rank + 1)!r}
                                ) - 1
                            )) as bigint)
                        ) + 2
                        when visitor_slot < {_KNOWN + _REGULAR + _RETURNING}
                            then 4 * abs(run - {returns})
                        else 4 * run
                    end as visitor
                from known
            ),
            visitors as (
                select
                    *,
                    {draws.row("coalesce(visitor, 0)", "visitor")} as visitor_key,
                    {draws.below("key", "entry", of.ENTRY_SLOTS)} as entry
                from numbered
            ),
            dressed as (
                select
                    *,
                    case
                        when script > 0 then null
                        when contact is null and {draws.below("visitor_key", "bot", 1000)} < {_BOTS}
                            then {of.AGENTS} + {draws.below("visitor_key", "agent", of.BOT_AGENTS)}
                        else {_zipf(draws.unit("visitor_key", "agent"), of.AGENTS)}
                    end as agent,
                    {_zipf(draws.unit("visitor_key", "place"), of.PLACES)} as place,
                    case when script > 0 then contact end as contact_outside,
                    least(
                        cast(floor((topic / {shape.campaigns}) * {self._keywords_of_campaigns()})
                            as bigint) + case
                            when {draws.below("key", "own word", 100)} < 50 then 0
                            else {draws.below("key", "word", 40)}
                        end,
                        {len(self.catalog.tables["keyword"]) - 1}
                    ) as keyword
                from visitors
            ),
            entered as (
                select
                    dressed.* exclude (
                        contact_outside, entry, starts_us, slot_of_day, slot, from_us, width_us
                    ),
                    agent.user_agent,
                    agent.device_type,
                    agent.browser,
                    case when script = 0 then place.ip_country end as ip_country,
                    case when script = 0 then place.ip_region end as ip_region,
                    case when script = 0 then place.ip_city end as ip_city,
                    case
                        when script > 0 or is_new_contact or events < 2 then null
                        when {draws.below("key", "lead", 100)} < 35 then entry.lead_step
                    end as lead_step,
                    entry.utm_head,
                    case
                        when {draws.below("key", "stray utm", 100)} < 12
                            then 'unlisted-' || {draws.below("key", "stray utm value", 9)}
                        when {draws.below("key", "spelling", 100)} < 6
                            then upper(campaign.utm_campaign)
                        else campaign.utm_campaign
                    end as utm_campaign,
                    case {draws.below("key", "utm extra", 6)}
                        when 0 then '&utm_content=hero'
                        when 1 then '&utm_content=text-link'
                        when 2 then '&utm_term=' || replace(keyword.words, ' ', '+')
                        else ''
                    end as utm_extra,
                    entry.identifier,
                    entry.entry_referrer
                        || case when takes_word then replace(keyword.words, ' ', '+') else '' end
                        as entry_referrer,
                    deal_of_contact.deal_id
                from dressed
                left join agent using (agent)
                inner join place using (place)
                inner join entry using (entry)
                inner join campaign using (campaign)
                inner join keyword using (keyword)
                left join deal_of_contact
                    on
                        contact_outside = deal_of_contact.contact
                        and run_started_us >= deal_created_us
            )
            select
                entered.* exclude (utm_head, utm_campaign, utm_extra, identifier),
                case
                    when visitor is not null then 'v-' || lower(hex(visitor_key))
                end as visitor_id,
                'contact-' || contact as contact_id,
                '-' || substr(lower(hex({draws.bits("key", "id")})), 1, 4)
                    || '-' || substr(lower(hex(key)), 1, 12) as id_tail,
                coalesce(lead_step is not null, false) as has_lead,
                coalesce(contact < contacts, false) and not is_new_contact as is_known,
                utm_head is not null as is_campaign_visit,
                case
                    when script > 0 then null
                    when utm_head is not null or {draws.below("key", "campaign page", 100)} < 12
                        then {self._of_topic("landing_page")}
                    else {site} + {_zipf(draws.unit("key", "landing"), sites)}
                end as landing_page,
                utm_head || utm_campaign || utm_extra as tail_utm,
                case identifier
                    when '_hsmi' then '_hsmi=' || email.asset_id
                    else identifier || '=' || lower(hex({draws.bits("key", "identifier")}))
                end as tail_identifier,
                coalesce(
                    tail_utm || coalesce('&' || tail_identifier, ''), '?' || tail_identifier, ''
                ) as tail,
            from entered
            left join asset as email
                on email.asset = {self._of_topic("marketing_email")}"""

    def _of_topic(self, kind: str) -> str:
        """The asset of a kind that the run's campaign has, as SQL."""
        first, number = self._assets(kind)
        return f"{first} + cast(floor(topic * {number / self.shape.campaigns!r}) as bigint)"

    def _assets(self, kind: str) -> tuple[int, int]:
        return self.catalog.first_asset[kind], self.catalog.asset_count[kind]

    def _keywords_of_campaigns(self) -> int:
        return self.shape.campaigns * 3 // 2

    def instant_us(self, position: str) -> str:
        """When the event at a position of a run happens, in microseconds since 1970."""
        jitter = f"cast({self.draws.bits(f'xor(key, cast({position} as ubigint))', 'jitter')}"
        return (
            f"run_started_us + case when {position} = 0 then 0"
            f" else {position} * gap + {jitter} % cast(gap as ubigint) as bigint) end"
        )

    def events(
        self, runs: str, positions: str = "range(events)", received_at: str | None = None
    ) -> str:
        """The events of runs: the columns of the contract of `events`, and the run's `day`.

        `runs`: a query as `runs` gives. `positions`: which events of each, as a list.
        `received_at`: when they were received, if not some seconds after they happened.
        """
        draws, shape = self.draws, self.shape
        site, sites = self._assets("site")
        anywhere = f"{site} + {_zipf(draws.unit('event_key', 'page'), sites)}"
        return f"""
            with runs as ({runs}),
            positioned as (
                select *, unnest({positions}) as position
                from runs
            ),
            keyed as (
                select
                    *,
                    {draws.bits("xor(key, cast(position as ubigint))", "event")} as event_key,
                    {self.instant_us("position")} as occurred_us
                from positioned
            ),
            stepped as (
                select
                    *,
                    case
                        when script > 0
                            then {of.FIRST_SCRIPT_STEP} + script * {of.STEPS_PER_SCRIPT} + position
                        when has_lead and position = 0 then lead_step
                        when position = cast(has_lead as bigint) then {of.PAGE_VIEW_STEP}
                        when is_new_contact and position = events - 1
                            then {of.FORM_SUBMITTED_STEP}
                        when is_new_contact and position = events - 2
                            then {of.CTA_VIEWED_STEP}
                        else
                            {draws.below("event_key", "slot", of.SLOTS)}
                            + case when is_known then {of.SLOTS} else 0 end
                    end as step,
                    case
                        when script > 0 or (has_lead and position = 0) then null
                        when position = cast(has_lead as bigint) then landing_page
                        when is_campaign_visit and {draws.below("event_key", "on topic", 100)} < 25
                            then {self._of_topic("landing_page")}
                        else {anywhere}
                    end as page,
                    lower(hex(event_key)) as digits
                from keyed
            ),
            typed as (
                select
                    stepped.*,
                    step.* exclude (step),
                    first_asset + cast(floor(topic * assets * {1 / shape.campaigns!r}) as bigint)
                        as asset
                from stepped
                inner join step using (step)
            )
            select
                substr(digits, 1, 8) || '-' || substr(digits, 9, 4) || '-' || substr(digits, 13, 4)
                    || id_tail as event_id,
                event_type,
                make_timestamp(occurred_us) as occurred_at,
                visitor_id,
                case
                    when
                        needs_contact
                        or script > 0
                        or (is_known and {draws.below("event_key", "logged in", 100)} < 20)
                        then contact_id
                end as contact_id,
                case when {draws.below("event_key", "deal", 100)} < 60 then deal_id end as deal_id,
                case
                    when not is_on_page then asset.asset_id
                    when not is_page_view or {draws.below("event_key", "by url", 100)} < 85
                        then page.asset_id
                end as asset_id,
                case
                    when has_own_url
                        then case when event_key % 2 = 0 then asset.url end
                    when
                        position = cast(has_lead as bigint)
                        or (is_campaign_visit and {draws.below("event_key", "keeps utm", 100)} < 62)
                        then page.url || tail
                    else page.url
                end as url,
                case
                    when page is null or not is_page_view then null
                    when position = cast(has_lead as bigint) then entry_referrer
                    when {draws.below("event_key", "referrer", 100)} < 70 then landing.url
                end as referrer,
                user_agent,
                ip_country,
                ip_region,
                ip_city,
                device_type,
                browser,
                case
                    when has_colleague
                        then 'user-' || (1 + cast(key % {of.USERS} as bigint))
                end as user_id,
                {received_at or self._received("occurred_us")} as received_at,
                case
                    when is_pixel
                        then replace(
                            property.properties,
                            '}}',
                            ', "dedup_id": "px' || (key % 1000000000) || '"}}'
                        )
                    when is_page_view
                        then case when event_key % 2 = 0 then page.view_properties end
                    else property.properties
                end as properties,
                day
            from typed
            inner join asset as page on coalesce(typed.page, {of.NO_ASSET}) = page.asset
            inner join asset as asset on coalesce(typed.asset, {of.NO_ASSET}) = asset.asset
            inner join asset as landing
                on coalesce(typed.landing_page, {of.NO_ASSET}) = landing.asset
            inner join property
                on property.property = first_property + case
                    when properties_by_asset then typed.asset % {PROPERTY_VARIANTS}
                    else {draws.below("event_key", "properties", PROPERTY_VARIANTS)}
                end"""

    def _received(self, occurred_us: str) -> str:
        after = self.draws.below("event_key", "received", 20_000_000)
        return f"make_timestamp({occurred_us} + 200000 + {after})"
