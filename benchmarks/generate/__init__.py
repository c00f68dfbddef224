"""Landing folders of any size, for measurements: a company's events, CRM and campaigns.

    python -m benchmarks.generate FOLDER --events 10m --days 365 --seed 1

writes two landing folders:

- ``FOLDER/history``: so many days, the last of them 2024-12-31, and so many events exactly. The
  events have a file per day (of the visits that began on it), a day of more than 4 million rows
  has several; each other table has one file.
- ``FOLDER/night``: what the next day brings, at history's mean rate: new events; 1 % more that
  are late, the last events of visits of the 14 days before; 0.1 % that came before, exactly
  repeated; and the new and changed rows of the CRM and the campaigns. Tables without any have no
  folder. Nobody asks for erasure in the night, for that rewrites history by its nature.

The shape of the data:

- A *run* of events is a visit (five events on average, four of them page views, seconds to
  minutes apart) or a little story of a contact: an email sent, delivered, opened and clicked, a
  call, a meeting, a sequence. 65 % of the events are page views, 12 % clicks and scrolling, 8 %
  email; every event type of the catalogue occurs.
- Visitors: about one per 8 events. Seven in ten visits are somebody's first, others return
  within 20 days, regulars go up to some thousands of events, 3 % are bots, and 2 % get
  identified as contacts (some as two in turn).
- Pages, user agents and places are drawn by Zipf's law; the day has a curve and the week a dip.
  29 % of the events have utm parameters, most of a campaign that began within the 60 days before,
  some of none; entries come by all channels, and one in six has a click identifier of its own.
- Every 64th run is the visit in which a contact is created, with a form. Every fifth contact has
  a deal, with its stages over the next weeks. Contacts, deals and campaigns exist before history.
- What a day brings depends on events per day alone: a night after a month of history brings as
  much as one after a year. The catalogue of assets grows with the root of the events per day, and
  campaigns with the days.

For 10 million events over 365 days: 1.3 million visitors, 1.7 million sessions, 41,000 contacts,
26,000 identifications, 7,900 deals (2,900 of them won) with 29,500 stage entries, 200 campaigns,
4,000 assets, 3,700 associations.

The same arguments give the same rows in the same files, whatever the number of cores: each row
follows from the seed and its number by DuckDB's ``hash``, which is stable within a version.
"""

from benchmarks.generate.write import generate

__all__ = ["generate"]
