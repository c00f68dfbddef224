"""What the CRM and the campaign tools know: every table but events, as of an instant.

Each is a query with a column `_at`: when the row came, or changed last, before `$now`. History is
what had come when the night began; the night brings what came in its day, in its newest state.
"""

from __future__ import annotations

from datetime import timedelta

from benchmarks.generate import catalog as of
from benchmarks.generate.events import EventQueries
from benchmarks.generate.shape import RUNS_PER_NEW_CONTACT, Shape

_DAYS = "to_microseconds(cast(floor({days} * 86400000000) as bigint))"


def _days(days: str) -> str:
    """An interval of so many days, a fraction too."""
    return _DAYS.format(days=f"({days})")


class CrmQueries:
    """The queries of a shape over the tables of its catalogue, and `day`."""

    def __init__(self, shape: Shape, events: EventQueries) -> None:
        self.shape = shape
        self.events = events
        self.draws = events.draws

    def preparations(self, runs: int) -> list[str]:
        """Statements that make `contact`, `deal`, `deal_of_contact` and `association`.

        `runs`: how many there are, the night's too.
        """
        return [
            # Runs name deals; those in which contacts are created don't.
            "create table deal_of_contact"
            " (contact bigint, deal_id varchar, deal_created_us bigint)",
            self._contact(runs),
            self._deal(),
            "insert into deal_of_contact select contact, deal_id, epoch_us(created_at) from deal",
            self._association(),
        ]

    def _contact(self, runs: int) -> str:
        draws, shape = self.draws, self.shape
        births = f"""
            select births.run, day.day
            from (select unnest(range(0, {runs}, {RUNS_PER_NEW_CONTACT})) as run) as births
            inner join day
                on births.run >= day.first_run and births.run < day.first_run + day.runs"""
        old_key = draws.row("number", "old contact")
        visitor = draws.row("(number * 4 + 1)", "visitor")
        return f"""
            create table contact as
            with born as ({self.events.runs(births)}),
            everyone as (
                select
                    number as contact,
                    {old_key} as key,
                    timestamp '{shape.begins_at:%Y-%m-%d}'
                        - {_days(f"1 + 700 * {draws.unit(old_key, 'old creation')}")} as created_at,
                    'v-' || lower(hex({visitor})) as visitor_id,
                    true as is_old
                from range({shape.old_contacts}) as numbers(number)
                union all
                select
                    contact,
                    key,
                    make_timestamp(
                        {self.events.instant_us("(events - 1)")}
                        + {draws.below("key", "creation", 20_000_000)}
                    ) as created_at,
                    visitor_id,
                    false as is_old
                from born
            )
            select *, 'contact-' || contact as contact_id
            from everyone
            order by contact"""

    def _deal(self) -> str:
        draws, shape = self.draws, self.shape
        return f"""
            create table deal as
            with chosen as (
                select
                    *,
                    case
                        when is_old then timestamp '{shape.begins_at:%Y-%m-%d}' + {
            _days(f"{shape.days + 90} * {draws.unit('key', 'old deal')} - 90")
        }
                        else created_at + {_days(f"0.01 + 30 * {draws.unit('key', 'new deal')}")}
                    end as deal_created_at,
                    2 + 12 * {draws.unit("key", "pace")} as pace,
                    {draws.below("key", "outcome", 100)} as outcome
                from contact
                where {draws.below("key", "has deal", 5)} = 0
            )
            select
                contact,
                contact_id,
                key,
                'deal-' || contact as deal_id,
                deal_created_at as created_at,
                pace,
                case
                    when outcome < 40 then ['new', 'qualified', 'proposal', 'negotiation', 'won']
                    when outcome < 75 then ['new', 'qualified', 'proposal', 'lost']
                    when outcome < 85 then ['new']
                    when outcome < 93 then ['new', 'qualified']
                    else ['new', 'qualified', 'proposal']
                end as stages,
                cast(pow(10, 2 + 2.5 * {draws.unit("key", "amount")}) * 100 as bigint) / 100
                    as amount,
                case {draws.below("key", "deal currency", 6)}
                    when 0 then 'USD' when 1 then 'GBP' when 2 then null else 'EUR'
                end as currency,
                contact % 2 as pipeline
            from chosen
            order by contact"""

    def _association(self) -> str:
        """Associations: first ones, moves to another campaign, returns, repetitions."""
        draws = self.draws
        first_key = draws.row("asset.asset", "association")
        return f"""
            create table association as
            with firsts as (
                select
                    {first_key} as key,
                    asset.asset,
                    campaign.campaign,
                    campaign.created_at + {_days(f"25 * {draws.unit(first_key, 'begin')}")}
                        as associated_at,
                    {draws.below(first_key, "fate", 100)} as fate
                from asset
                inner join campaign using (campaign)
                where
                    asset_type not in ('tracking_number', 'media', 'survey', 'website_page')
                    and {draws.below(first_key, "has campaign", 100)} < 84
            ),
            laters as (
                select
                    *,
                    associated_at + {_days(f"3 + 30 * {draws.unit('key', 'move')}")} as moved_at,
                    case
                        when associated_at < {self._night} then
                            row_number() over (
                                order by
                                    associated_at >= {self._night},
                                    {draws.bits("key", "night change")}
                            )
                    end as night_number
                from firsts
            ),
            endings as (
                select
                    *,
                    case
                        when night_number <= 2 then {self._in_the_night("asset")}
                        when fate < 6 then moved_at
                    end as ended_at
                from laters
            )
            select asset, campaign, associated_at, ended_at as removed_at
            from endings
            union all
            select asset, (campaign + 1) % {self.shape.campaigns}, moved_at, null
            from laters
            where fate between 6 and 17
            union all
            select asset, campaign, moved_at + {_days("12")}, null
            from laters
            where fate between 13 and 20
            union all
            select
                asset, (campaign + 2) % {self.shape.campaigns}, {self._in_the_night("asset")}, null
            from laters
            where night_number between 3 and 5"""

    @property
    def _night(self) -> str:
        return f"timestamp '{self.shape.begins_at + timedelta(days=self.shape.days):%Y-%m-%d}'"

    def _in_the_night(self, number: str) -> str:
        """An instant of the night's day, for a few rows that it is to bring whatever the size."""
        return f"{self._night} + to_minutes(60 + {number} % 1200)"

    def tables(self, *, first: str, now: str) -> dict[str, str]:
        """The query of each table: its columns and `_at`.

        `first`: the first instant of history, `now`: the end of what is known; as SQL.
        """
        queries = {**self._people(), **self._deals(), **self._campaigns(), **self._figures()}
        return {
            table: query.replace("$now", now).replace("$first", first)
            for table, query in queries.items()
        }

    def _people(self) -> dict[str, str]:
        draws = self.draws
        return {
            "contacts": f"""
                with states as (
                    select
                        *,
                        case
                            when {draws.below("key", "changes", 100)} < 40
                                then created_at + {_days(f"90 * {draws.unit('key', 'change')}")}
                        end as changed_at
                    from contact
                )
                select
                    contact_id,
                    created_at,
                    contact_id || '@mail.example' as email,
                    '+49 30 ' || {draws.below("key", "phone", 9_000_000)} + 1000000 as phone,
                    case
                        when changed_at >= $now or changed_at is null then 'lead'
                        when key % 3 = 0 then 'customer'
                        else 'opportunity'
                    end as lifecycle_stage,
                    ['DE', 'US', 'GB', 'FR', 'NL'][1 + {draws.below("key", "country", 5)}]
                        as country,
                    'user-' || 1 + {draws.below("key", "owner", of.USERS)} as owner_id,
                    coalesce(
                        changed_at < $now and {draws.below("key", "deleted", 100)} = 0, false
                    ) as is_deleted,
                    case when changed_at < $now then changed_at else created_at end as updated_at,
                    updated_at as _at
                from states
                where created_at < $now""",
            "visitor_identities": f"""
                with firsts as (
                    select
                        visitor_id, contact_id, contact, key, created_at as identified_at,
                        'form' as source
                    from contact
                    where {draws.below("key", "is identified", 100)} < 62
                ),
                others as (
                    select
                        firsts.visitor_id,
                        contact.contact_id,
                        greatest(firsts.identified_at, contact.created_at)
                            + {_days(f"20 * {draws.unit('firsts.key', 'handed on')}")}
                            as identified_at,
                        'email' as source
                    from firsts
                    inner join contact on firsts.contact + 1 = contact.contact
                    where {draws.below("firsts.key", "is shared", 100)} < 3
                )
                select visitor_id, contact_id, identified_at, source, identified_at as _at
                from firsts
                union all
                select *, identified_at as _at from others""",
            "contact_merges": f"""
                select
                    contact_id as merged_contact_id,
                    'contact-' || contact - 1 as contact_id,
                    greatest(created_at, $first) + {_days(f"25 * {draws.unit('key', 'merge')}")}
                        as merged_at,
                    merged_at as _at
                from contact
                where contact > 0 and {draws.below("key", "is merged", 200)} = 0
                union all
                select
                    contact_id,
                    'contact-' || contact - 1,
                    {self._in_the_night("contact")} as merged_at,
                    merged_at
                from contact
                where
                    not is_old
                    and created_at < {self._night}
                    and {draws.below("key", "is merged", 200)} <> 0
                qualify row_number() over (order by {draws.bits("key", "night merge")}) <= 3""",
            "contact_erasures": f"""
                select
                    contact_id,
                    greatest(created_at, $first) + {
                _days(f"{min(25, self.shape.days)} * {draws.unit('key', 'erasure')}")
            } as requested_at,
                    requested_at as _at
                from contact
                where
                    (contact = 7 or {draws.below("key", "is erased", 2000)} = 0)
                    and requested_at < {self._night}""",
            "users": f"""
                select
                    'user-' || number as user_id,
                    'Colleague ' || number as name,
                    ['Marketing', 'Sales', 'Service'][1 + number % 3] as team,
                    ['EMEA', 'Americas', 'APAC'][1 + number % 3] as business_unit,
                    timestamp '2000-01-01' as _at
                from range(1, {of.USERS + 1}) as numbers(number)""",
        }

    def _deals(self) -> dict[str, str]:
        draws = self.draws
        entries = f"""
            select
                *,
                created_at + case
                    when step = 1 then interval 0 day else {_days("pace * (step - 1)")}
                end as entered_at
            from (select *, unnest(range(1, len(stages) + 1)) as step from deal)"""
        partner = "greatest(0, deal.contact - 1 - " + draws.below("deal.key", "partner", 40) + ")"
        return {
            "deals": f"""
                with latest as (
                    select deal_id, max(step) as step, max(entered_at) as entered_at
                    from ({entries})
                    where entered_at < $now
                    group by deal_id
                )
                select
                    deal_id,
                    created_at,
                    'Deal ' || contact as name,
                    cast(amount as decimal(18, 2)) as amount,
                    currency,
                    'pipeline-' || pipeline as pipeline_id,
                    stages[step] as stage_id,
                    case
                        when stages[step] in ('won', 'lost') and key % 4 > 0 then entered_at
                    end as closed_at,
                    'user-' || 1 + cast(key % {of.USERS} as bigint) as owner_id,
                    {draws.below("key", "deal deleted", 200)} = 0 as is_deleted,
                    entered_at as updated_at,
                    entered_at as _at
                from deal
                inner join latest using (deal_id)""",
            "deal_stage_history": f"""
                select
                    deal_id,
                    stages[step] as stage_id,
                    entered_at,
                    'pipeline-' || pipeline as pipeline_id,
                    entered_at as _at
                from ({entries})""",
            "deal_contacts": f"""
                with associated as (
                    select deal_id, contact_id, created_at as associated_at, null as ended_at
                    from deal
                    union all
                    select
                        deal.deal_id,
                        partner.contact_id,
                        greatest(deal.created_at, partner.created_at) + {_days("0.5")},
                        case
                            when {draws.below("deal.key", "leaves", 100)} < 8
                                then greatest(deal.created_at, partner.created_at) + {_days("8")}
                        end
                    from deal
                    inner join contact as partner on {partner} = partner.contact
                    where partner.contact <> deal.contact
                    union all
                    (
                        select
                            deal_id,
                            'contact-' || (contact + 1) % {self.shape.old_contacts},
                            {self._in_the_night("contact")},
                            null
                        from deal
                        where created_at < {self._night}
                        qualify row_number() over (
                            order by {draws.bits("key", "night contact")}
                        ) <= 2
                    )
                )
                select
                    deal_id,
                    contact_id,
                    associated_at,
                    case when ended_at < $now then ended_at end as removed_at,
                    coalesce(removed_at, associated_at) as _at
                from associated
                where associated_at < $now""",
            "pipeline_stages": """
                select
                    'pipeline-' || pipeline as pipeline_id,
                    stage_id,
                    upper(stage_id[1]) || stage_id[2:] as label,
                    row_number() over (partition by pipeline) as display_order,
                    stage_id = 'won' as is_won,
                    stage_id in ('won', 'lost') as is_closed,
                    timestamp '2000-01-01' as _at
                from
                    range(2) as pipelines(pipeline),
                    (select unnest(
                        ['new', 'qualified', 'proposal', 'negotiation', 'won', 'lost']
                    ) as stage_id)""",
            "exchange_rates": """
                select
                    currency,
                    cast(month as date) as valid_from,
                    round(base + sin(epoch(month) / 4e6) / 20, 4) as rate,
                    case when month < $first then timestamp '2000-01-01' else month end as _at
                from
                    (values ('USD', 0.92), ('GBP', 1.17)) as currencies(currency, base),
                    (
                        select unnest(generate_series(
                            date_trunc('month', $first) - interval 36 month, $now, interval 1 month
                        )) as month
                    )""",
        }

    def _campaigns(self) -> dict[str, str]:
        draws = self.draws
        campaign_key = draws.row("campaign", "campaign change")
        asset_key = draws.row("asset", "asset change")
        return {
            "campaigns": f"""
                with states as (
                    select
                        *,
                        created_at + {_days(f"5 + 90 * {draws.unit(campaign_key, 'when')}")}
                            as changed_at
                    from campaign
                )
                select
                    campaign_id,
                    name,
                    created_at,
                    utm_campaign,
                    start_date,
                    end_date,
                    cast(budget as decimal(18, 2)) as budget,
                    currency,
                    owner_id,
                    case when changed_at < $now then 'completed' else 'active' end as status,
                    is_deleted and changed_at < $now as is_deleted,
                    case when changed_at < $now then changed_at else created_at end as updated_at,
                    updated_at as _at
                from states
                where created_at < $now""",
            "assets": f"""
                with states as (
                    select
                        *,
                        created_at + {_days(f"4 + 300 * {draws.unit(asset_key, 'when')}")}
                            as changed_at
                    from asset
                    where asset <> {of.NO_ASSET}
                )
                select
                    asset_id,
                    asset_type,
                    name || case when changed_at < $now then ' (new)' else '' end as name,
                    url,
                    case when published_at < $now then published_at end as published_at,
                    created_at,
                    form_id,
                    properties,
                    case when changed_at < $now then changed_at else created_at end as updated_at,
                    updated_at as _at
                from states
                where created_at < $now""",
            "campaign_assets": """
                select
                    campaign.campaign_id,
                    asset.asset_id,
                    associated_at,
                    case when removed_at < $now then removed_at end as removed_at,
                    case when association.removed_at < $now
                        then association.removed_at else associated_at end as _at
                from association
                inner join campaign using (campaign)
                inner join asset using (asset)
                where associated_at < $now""",
            "campaign_keywords": f"""
                select
                    campaign.campaign_id,
                    keyword.words as keyword,
                    campaign.created_at as associated_at,
                    case
                        when keyword % 20 = 0 and campaign.created_at + {_days("45")} < $now
                            then campaign.created_at + {_days("45")}
                    end as removed_at,
                    coalesce(removed_at, associated_at) as _at
                from keyword
                inner join campaign using (campaign)
                where campaign.created_at < $now""",
        }

    def _figures(self) -> dict[str, str]:
        draws = self.draws
        first_day = "date_trunc('day', $first)"
        dates = f"(select unnest(generate_series({first_day}, $now, interval 1 day)) as date)"
        stat_key = draws.row("(asset.asset * 10000 + datediff('day', $first, date))", "stats")
        rank_key = draws.row("(keyword * 10000 + datediff('day', $first, date))", "ranks")
        spend_key = draws.row("(campaign * 10000 + datediff('day', $first, date))", "spend")
        return {
            "campaign_spend": f"""
                select
                    campaign_id || '-' || strftime(date, '%Y%m%d') as spend_id,
                    cast(date as date) as spent_on,
                    cast({draws.below(spend_key, "amount", 90_000)} / 100 + 40 as decimal(18, 2))
                        as amount,
                    campaign_id,
                    currency,
                    ['ads', 'content', 'agency', 'events'][1 + campaign % 4] as category,
                    date as _at
                from {dates}
                inner join campaign
                    on
                        date >= start_date
                        and date <= coalesce(end_date, start_date + 60)
                        and datediff('day', start_date, date) % 7 = 0
                union all
                select
                    'overhead-' || strftime(date, '%Y%m%d'),
                    cast(date as date),
                    5000,
                    null,
                    'EUR',
                    'overhead',
                    date
                from {dates}
                where day(date) = 1""",
            "kpi_targets": """
                select
                    campaign_id,
                    kpi,
                    start_date as period_start,
                    coalesce(end_date, start_date + 90) as period_end,
                    cast(base * (1 + campaign % 7) as double) as target,
                    created_at as _at
                from campaign,
                    (values ('sessions', 500), ('influenced_contacts', 40), ('revenue', 20000))
                        as kpis(kpi, base)""",
            "ad_stats": f"""
                select
                    asset_id,
                    network,
                    cast(date as date) as stat_date,
                    placement,
                    {draws.below(stat_key, "impressions", 9_000)} + 200 as impressions,
                    {draws.below(stat_key, "clicks", 190)} as clicks,
                    cast({draws.below(stat_key, "cost", 30_000)} / 100 as decimal(18, 2)) as cost,
                    'EUR' as currency,
                    {draws.below(stat_key, "conversions", 9)} as reported_conversions,
                    date as _at
                from {dates}
                inner join (
                    select
                        *,
                        ['google', 'linkedin', 'facebook'][1 + asset % 3] as network,
                        case asset % 3 when 0 then 'search' else 'social' end as placement
                    from asset
                    where kind = 'ad_campaign'
                ) as asset
                    on date >= created_at and date < created_at + interval 60 day""",
            "social_stats": f"""
                select
                    asset_id,
                    cast(date as date) as stat_date,
                    ['linkedin', 'facebook', 'x', 'instagram'][1 + asset % 4] as network,
                    {draws.below(stat_key, "impressions", 9_000)} as impressions,
                    {draws.below(stat_key, "reach", 4_000)} as reach,
                    {draws.below(stat_key, "mentions", 9)} as mentions,
                    5000 + {draws.below(stat_key, "followers", 900)} as followers,
                    date as _at
                from {dates}
                inner join asset
                    on
                        kind = 'social_post'
                        and date >= published_at
                        and date < published_at + interval 20 day""",
            "search_rankings": f"""
                select
                    words as keyword,
                    engine,
                    cast(date as date) as stat_date,
                    1 + {draws.below(rank_key, "rank", 30)} as position,
                    '{of.SITE}/' as url,
                    date as _at
                from {dates}
                inner join keyword on (datediff('day', $first, date) + keyword) % 7 = 0,
                    (values ('google'), ('bing')) as engines(engine)""",
            "affiliates": """
                select
                    asset_id,
                    'Partner ' || asset % 9 as partner,
                    0.05 as commission_rate,
                    cast(25 as decimal(18, 2)) as commission_fixed,
                    'EUR' as currency,
                    created_at as _at
                from asset
                where kind = 'affiliate_link'""",
        }
