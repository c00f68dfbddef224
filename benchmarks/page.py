"""Writes docs/benchmarks.md from results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.figures import (
    JOURNEY_MODELS,
    SESSION_MODELS,
    SPAN_MODELS,
    TOUCH_MODELS,
    Figure,
    by_room,
    exponent_from,
    figures,
    ratio,
)
from benchmarks.measure import CORES, PROJECT_DIR, Measured
from benchmarks.peers import CHANNELATTRIBUTION, JOURNEY_PEER
from benchmarks.result import PUBLISHED, SIZES, Result

PAGE = PROJECT_DIR / "docs" / "benchmarks.md"

# The dearest models that a page names.
_MODELS_SHOWN = 15

_HEAD = f"""# Speed and memory

```
make bench SIZE=1m        # or 10m, 100m
```

measures everything on this page in one run and writes the page. Each step runs in a process of its
own on {CORES} cores; the steps that are compared follow one another; all of it `REPEATS` times (3,
with 100m once), and the medians count.

It makes its own data (`benchmarks/generate`: a year of events with its CRM, and the night after it;
`SEED=1`) and an environment with the peers, `.venv-bench`. PostgreSQL is measured where it is
installed (`apt-get install postgresql`; no server need run), and ChannelAttribution where a C++
compiler is, since its package has to be compiled; both are left out with a message elsewhere.
`MEMORY=` bounds each engine, `WORK=` says where files on the way go.

- Ratios are of CPU time (user and system, of all threads and child processes), without the start of
  the interpreter and its imports. A target that is missed says so, and so does a faster peer.
- A build is one dbt process, one model at a time, without tests. A model's time is what the process
  needed between dbt's events of its start and its end. Ratios of models to limits are less what
  these models cost where there is no row at all, which is dbt's fixed cost.
- Memory is the peak of the resident set of a step's process. DuckDB has the same memory limit and
  {CORES} threads in each step but `make run`, which is as a user runs it. polars knows no limit.
"""


def render(results: Sequence[Result]) -> str:
    """The page, from the results that there are; a size without one says so."""
    by_size = {result.plan.size: result for result in results}
    parts = [_HEAD]
    for size, smaller in reversed(list(zip(PUBLISHED, (None, *PUBLISHED[:-1]), strict=True))):
        parts.append(
            section(by_size[size], by_size.get(smaller) if smaller else None)
            if size in by_size
            else f"## {_events(size)}\n\nNot measured yet: `make bench SIZE={size}`.\n"
        )
    return "\n".join(parts)


def section(result: Result, smaller: Result | None = None) -> str:
    """What a result says, ratios first, also to one of fewer events."""
    size = result.plan.size
    found = list(figures(result))
    if smaller is not None:
        name = f"exponent of a rebuild's growth with events, from {_events(smaller.plan.size)}"
        found.append(Figure(name, exponent_from(smaller, result), 1.1))
    lines = [f"## {_events(size)}", "", *_where(result), ""]
    lines += _table(("what", "target", "measured", ""), _target_rows(found))
    lines += [
        "",
        f"Touches from events to campaigns: {_listed(TOUCH_MODELS)}. The two models of a journey:"
        f" {_listed(JOURNEY_MODELS)}. The sort and the hash join write what they give. The sort of"
        " sessions and journeys is of all events of visitors. Parquet has a file per day, so that"
        " its load has 365 files to hash, check, sync and note; CSV and NDJSON are one file each.",
    ]
    if SIZES[size].memory_target is None:
        lines += ["", "Memory has a target from ten million events on."]
    if result.plan.is_published:
        lines += ["", f"![Targets and peers at {_events(size)}](benchmarks-{size}.svg)"]
    for title, part in (
        ("The stages", _stages(result)),
        ("The build by room", _rooms(result)),
        (f"The {_MODELS_SHOWN} dearest models", _models(result)),
        ("Sessions, in other engines", _peers(result)),
        ("A journey, beside ClickHouse's windowFunnel", _journeys(result)),
        ("Attribution of random paths, beside ChannelAttribution", _attribution(result)),
        ("`make run`, by parts", _run(result)),
        ("What failed", [f"- {line}" for line in result.failures()]),
    ):
        rows = list(part)
        if rows:
            lines += ["", f"### {title}", "", *rows]
    return "\n".join(lines) + "\n"


def _where(result: Result) -> Iterator[str]:
    plan = result.plan
    times = "once" if plan.repeats == 1 else f"medians of {plan.repeats}"
    yield (
        f"Measured on {result.date}, {times}: {SIZES[plan.size].events:,} events of 365 days,"
        f" seed {plan.seed}, at most {plan.memory_limit} for each engine."
    )
    yield "Machine: " + ", ".join(f"{name} {value}" for name, value in result.machine.items()) + "."
    yield "Versions: " + ", ".join(f"{n} {v}" for n, v in result.versions.items()) + "."


def _target_rows(found: Sequence[Figure]) -> Iterator[tuple[str, ...]]:
    for figure in found:
        if figure.target is None:
            target = "-"
        else:
            sign = "≥" if figure.is_at_least else "≤"
            target = f"{sign} {_value(figure.target, figure.is_bytes)}"
        measured = "-" if figure.measured is None else _value(figure.measured, figure.is_bytes)
        yield figure.name, target, measured, figure.verdict


def _value(value: float, is_bytes: bool) -> str:
    return f"{value / 1e9:.2f} GB" if is_bytes else f"{value:.3g}"


_STAGES = (
    ("load history 365", "load of all tables, 365 days"),
    ("load parquet", "load of the events, Parquet"),
    ("copy parquet", "DuckDB's copy of the same files"),
    ("load csv", "load of the events, CSV"),
    ("copy csv", "DuckDB's copy of the same file"),
    ("load ndjson", "load of the events, NDJSON"),
    ("copy ndjson", "DuckDB's copy of the same file"),
    ("parse", "parse of the dbt project, where it has changed"),
    ("build 365", "build from the raw layer, 365 days"),
    ("build nothing", "build where there is no row"),
    ("build 30", "build from the raw layer, 30 days"),
    ("scan", "limit: scan of the needed columns"),
    ("touches", "limit: scan of the touches and the interactions"),
    ("sort", "limit: sort by visitor and time, written"),
    ("join", "limit: hash join of events and assets, written"),
    ("night 365", "night (load and build) on 365 days"),
    ("empty night 365", "night that brings nothing, on 365 days"),
    ("night 30", "night on 30 days"),
    ("empty night 30", "night that brings nothing, on 30 days"),
)


def _stages(result: Result) -> Iterator[str]:
    rows = [
        (name, *_measured(measured)) for step, name in _STAGES if (measured := result.median(step))
    ]
    yield from _table(("stage", "CPU s", "wall s", "memory MB", "rows", "rows / s"), rows)
    if build := result.median("build 365"):
        yield ""
        yield (
            f"On disk: {build.detail['raw_bytes'] / 1e6:,.0f} MB raw layer,"
            f" {build.detail['build_bytes'] / 1e6:,.0f} MB build. Rows a second are by wall time;"
            " those of a night are of what it brought, those of a join what it gave."
        )


def _measured(measured: Measured) -> tuple[str, ...]:
    speed = ratio(measured.rows, measured.wall)
    return (
        f"{measured.cpu:,.2f}",
        f"{measured.wall:,.2f}",
        f"{measured.memory / 1e6:,.0f}",
        f"{measured.rows:,}",
        f"{speed:,.0f}" if speed and measured.rows else "-",
    )


def _rooms(result: Result) -> Iterator[str]:
    models = result.models()
    build = result.median("build 365")
    if not models or build is None:
        return
    cpu, wall = by_room(models), by_room(models, "wall")
    rows = [
        (room, f"{cpu[room]:,.2f}", f"{wall[room]:,.2f}", _percent(cpu[room], build.cpu))
        for room in cpu
    ]
    rest = build.cpu - sum(cpu.values()), build.wall - sum(wall.values())
    rows.append(("dbt's own", f"{rest[0]:,.2f}", f"{rest[1]:,.2f}", _percent(rest[0], build.cpu)))
    yield from _table(("room", "CPU s", "wall s", "of the build's CPU"), rows)
    yield ""
    yield "`reference` are the seeds; dbt's own is parsing, hooks, and what happens between models."


def _models(result: Result) -> Iterator[str]:
    models = result.models()
    build = result.median("build 365")
    if not models or build is None:
        return
    order = sorted(models.items(), key=lambda item: -item[1]["cpu"])[:_MODELS_SHOWN]
    rows = [
        (
            f"`{name}`",
            model["room"],
            f"{model['cpu']:,.2f}",
            f"{model['wall']:,.2f}",
            _percent(model["cpu"], build.cpu),
        )
        for name, model in order
    ]
    yield from _table(("model", "room", "CPU s", "wall s", "of the build's CPU"), rows)


PEER_NAMES = {
    "duckdb": "DuckDB, the usual SQL",
    "postgres": "PostgreSQL, the usual SQL",
    "polars": "polars",
    "chdb": "chDB (ClickHouse), the usual SQL",
}


def _peers(result: Result) -> Iterator[str]:
    if not SIZES[result.plan.size].has_peers:
        return
    models = result.models()
    rows = []
    build = result.median("build 365")
    span_cpu = sum(models[name]["cpu"] for name in SPAN_MODELS) if models else None
    if build and models:
        for name, own in (
            ("**here**, page views alone", SPAN_MODELS),
            ("**here**, all three models", SESSION_MODELS),
        ):
            cpu = sum(models[model]["cpu"] for model in own)
            wall = sum(models[model]["wall"] for model in own)
            sessions = f"{build.detail['sessions']:,}"
            rows.append((name, f"{cpu:,.2f}", f"{wall:,.2f}", "-", sessions, _times(cpu, span_cpu)))
    for peer, name in PEER_NAMES.items():
        if measured := result.median(f"sessions in {peer}"):
            cpu, wall, memory, sessions, _ = _measured(measured)
            rows.append((name, cpu, wall, memory, sessions, _times(measured.cpu, span_cpu)))
    head = ("engine", "CPU s", "wall s", "memory MB", "sessions", "CPU ÷ page views alone here")
    yield from _table(head, rows)
    yield ""
    yield (
        "The peers run the usual session SQL over the page views that count: two windows over text"
        " keys (`lag` and a running sum), then a grouping. They read their own storage (polars and"
        " chDB a Parquet file) and write visitor, session number, start, end, page views and entry"
        f" URL. Here, {_listed(SPAN_MODELS)} does as much, with keys for texts. The three models"
        f" ({_listed(SESSION_MODELS)}) also put every other event into its session, and give"
        " sessions their published id, source, device and engagement. The time of models has dbt's"
        " own in it, PostgreSQL's has the start and end of its server (about 0.1 s), and its memory"
        " is that of the largest of its processes."
    )
    for peer, reason in result.skipped.items():
        if peer in PEER_NAMES:
            yield f"Left out: {PEER_NAMES[peer]}: {reason}."


_WINDOW_FUNNEL = "windowFunnel in chDB (ClickHouse)"


def _journeys(result: Result) -> Iterator[str]:
    plain, conditions = result.median("journey"), result.median("journey with conditions")
    peer = result.median("journey in chdb")
    if plain is None or conditions is None:
        return
    models = result.models("journey")
    of_all = result.models("journey with conditions")
    entries = sum(plain.detail["entered"])
    events_model, entries_model = (f"`{name}`" for name in JOURNEY_MODELS)
    rows = []
    for name, taken, written in (
        (events_model, [models[JOURNEY_MODELS[0]]], plain.rows),
        (entries_model, [models[JOURNEY_MODELS[1]]], entries),
        ("both", [models[model] for model in JOURNEY_MODELS], plain.rows + entries),
        (
            "with conditions and a branch, all models",
            list(of_all.values()),
            conditions.rows + sum(conditions.detail["entered"]),
        ),
    ):
        cpu, wall = (sum(model[what] for model in taken) for what in ("cpu", "wall"))
        times = _times(cpu, peer.cpu if peer else None)
        rows.append(
            (f"**here**, {name}", f"{cpu:,.2f}", f"{wall:,.2f}", "-", f"{written:,}", times)
        )
    if peer:
        cpu, wall, memory, written, _ = _measured(peer)
        rows.append((_WINDOW_FUNNEL, cpu, wall, memory, written, "1.0 x"))
    head = ("what", "CPU s", "wall s", "memory MB", "rows written", "CPU ÷ windowFunnel")
    yield from _table(head, rows)
    yield ""
    yield (
        "The journey is one of contacts, and of visitors who are none, through five stages of one"
        " event type each: `page_viewed`, `cta_clicked`, `form_viewed`, `form_submitted`,"
        f" `meeting_booked`. {_numbers(plain.detail['entered'])} enter them. {events_model} finds"
        f" whose events fit which stage, {entries_model} who entered which stage, when and by which"
        " event. The second journey has a condition on each stage, of the asset, the device, the"
        " URL and the event itself, and a branch by device type;"
        f" {_numbers(conditions.detail['entered'])} enter. Its rows are those of the same two"
        " models. The time of models has dbt's own in it."
    )
    if peer:
        data = result.median("journey events")
        left_out = data.detail["left_out"] if data else 0
        yield ""
        yield (
            f"{_WINDOW_FUNNEL} begins where {entries_model} does, with entities resolved and the"
            " stage of each event known, and reads that from a Parquet file. It writes how far each"
            " entity came, not when nor by which event. The window is the longest span, each stage"
            " strictly after the one before. Entities with two events at one instant are left out"
            f" there ({left_out:,} events): here the order of ids decides. Of all others"
            " both find the same number in every stage, else the step fails."
        )
    if reason := result.skipped.get(JOURNEY_PEER):
        yield ""
        yield f"Left out: {_WINDOW_FUNNEL}: {reason}."


def _numbers(numbers: Sequence[int]) -> str:
    *firsts, last = [f"{number:,}" for number in numbers]
    return f"{', '.join(firsts)} and {last}"


_OF_PATHS = (
    ("heuristics here", "**here**, three heuristic models"),
    ("heuristics in channelattribution", "ChannelAttribution, three heuristic models"),
    ("markov here", "**here**, markov of orders 1 to 3 and Shapley"),
    ("markov in channelattribution", "ChannelAttribution, markov of order 1"),
    ("aggregate for channelattribution", "ChannelAttribution's input, aggregated with DuckDB"),
)


def _attribution(result: Result) -> Iterator[str]:
    paths = result.median("random paths")
    if paths is None:
        return
    rows = [
        (name, *_measured(measured))
        for step, name in _OF_PATHS
        if (measured := result.median(step))
    ]
    yield from _table(("what", "CPU s", "wall s", "memory MB", "rows", "rows / s"), rows)
    models = {
        name: taken
        for step in ("heuristics here", "markov here")
        if (measured := result.median(step))
        for name, taken in measured.detail["models"].items()
    }
    parts = ", ".join(f"`{name}` {taken['cpu']:.1f} s" for name, taken in models.items())
    yield ""
    yield (
        f"{paths.rows:,} random paths with {paths.detail['interactions']:,} interactions of 12"
        " channels (a quarter repeat the one before, the others follow Zipf's law); three in ten"
        " convert. Here they stand in the tables that the models read, by time. The CPU is that of"
        f" the models, which write their rows, and of the sum by channel: {parts}. They find"
        " credits for two dimensions, one with a single key. ChannelAttribution takes each sequence"
        " of channels once, with how often it converted and its revenue. That has to be aggregated"
        " from the same tables, once for all its models; it runs with its defaults and the paths"
        " that don't convert, in one thread."
    )
    if heuristics := result.median("heuristics in channelattribution"):
        detail = heuristics.detail
        yield ""
        yield (
            "Heuristics agree: of a channel, conversions differ by"
            f" {detail['credit_difference']:.0e} of them at most, revenue by"
            f" {detail['revenue_difference']:.0e}, and that of linear, which is here to the cent"
            f" for each deal, by {detail['linear_revenue_difference']:.0e}."
        )
    if markov := result.median("markov in channelattribution"):
        detail = markov.detail
        yield ""
        yield (
            "Markov agrees within what ChannelAttribution's simulation varies by: its credits of a"
            f" channel have a standard deviation of up to {detail['deviation']:.1%} over ten other"
            f" seeds, and the mean of these is {detail['standard_errors']:.1f} standard errors off"
            f" at most ({detail['most_standard_errors']:.0f} are allowed). Its own seed's are up to"
            f" {detail['difference']:.1%} off. Here they are solved exactly."
        )
    if reason := result.skipped.get(CHANNELATTRIBUTION):
        yield ""
        yield f"Left out: ChannelAttribution: {reason}."


def _run(result: Result) -> Iterator[str]:
    run = result.median("make run")
    if run is None:
        return
    parts: Mapping[str, float] = run.detail["parts"]
    rows = [(name, f"{wall:,.1f}", _percent(wall, run.wall)) for name, wall in parts.items()]
    rows.append(("together", f"{run.wall:,.1f}", "100 %"))
    yield from _table(("part", "wall s", "of the run"), rows)
    tests = run.detail["tests"]
    longest = max(parts, key=lambda part: parts[part])
    slowest = ", ".join(f"`{name}` {cpu:.1f} s" for name, cpu in tests["slowest"])
    yield ""
    yield (
        "Wall time by the lines that the run prints, of one run, without a memory limit."
        f" {run.cpu:,.0f} s of CPU in all, at most {run.memory / 1e6:,.0f} MB. What bounds it:"
        f" {longest} ({_percent(parts[longest], run.wall)}). The audit's tests run within the"
        f" build; alone and one at a time, all {tests['number']} take {tests['wall']:.1f} s"
        f" ({tests['cpu']:.1f} s of CPU), the slowest {slowest}."
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _times(cpu: float, base: float | None) -> str:
    times = ratio(cpu, base)
    return "-" if times is None else f"{times:.1f} x"


def _percent(part: float, whole: float) -> str:
    share = ratio(part, whole)
    return "-" if share is None else f"{share:.0%}".replace("%", " %")


def _events(size: str) -> str:
    return f"{SIZES[size].events:,} events"


def _table(
    head: Sequence[str], rows: Sequence[Sequence[str]] | Iterator[Sequence[str]]
) -> list[str]:
    """A Markdown table: the first column to the left, the others to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return [f"| {' | '.join(line)} |" for line in lines]
