"use strict";

// The page's data are columns of values by table; a figure says what to add up (dashboards/model.py).

const DAY = 86400000;
const WEEKS_BEYOND = 366;
const SHOWN_ROWS = 200;
// Narrower charts, in pixels, have legends of one column.
const NARROW = 480;
const OTHERS = "others";
const NONE = "(none)";

let page;
let state;
const views = new Map();

async function unpack(id) {
  const text = document.getElementById(id).textContent.trim();
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let place = 0; place < bytes.length; place++) bytes[place] = letters.charCodeAt(place);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

// Of texts and dates a column comes as the places in a list of its different values.
function unfold(columns) {
  for (const [name, column] of Object.entries(columns)) {
    if (!Array.isArray(column)) columns[name] = column.places.map((place) => column.values[place]);
  }
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== false && value != null) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

// Dates are texts (2025-01-31), which compare as they are.

const toDate = (number) => new Date(number).toISOString().slice(0, 10);
const toNumber = (date) => Date.parse(`${date}T00:00:00Z`);
const daysBetween = (from, to) => Math.round((toNumber(to) - toNumber(from)) / DAY);
const daysAfter = (date, days) => toDate(toNumber(date) + days * DAY);
const monday = (date) => daysAfter(date, -((new Date(toNumber(date)).getUTCDay() + 6) % 7));

// Formats

const numberFormat = (options) => new Intl.NumberFormat("en", options);
const FORMATS = {
  count: numberFormat({ maximumFractionDigits: 0 }),
  number: numberFormat({ maximumFractionDigits: 2 }),
  money: numberFormat({ minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  share: numberFormat({ style: "percent", maximumFractionDigits: 1 }),
};

function formatted(value, format) {
  if (value == null || value === "") return "–";
  if (format === "money") return `${FORMATS.money.format(value)} ${page.currency}`;
  if (format in FORMATS) return FORMATS[format].format(value);
  if (format === "instant") return `${value.slice(0, 16)} UTC`;
  if (format === "flag") return value ? "yes" : "no";
  return String(value);
}

const isNumber = (format) => format in FORMATS;
const title = (column) => (column === "campaign_id" ? "campaign" : column.replaceAll("_", " "));
const NAMED = ["campaign_id", "campaign_or_channel"];
const campaignOf = (id) => (Object.hasOwn(page.campaigns, id) ? page.campaigns[id] : undefined);
const campaignName = (id) => campaignOf(id)?.name ?? (id === page.company ? "whole company" : id);

// From the page's tables to a figure's rows

function chosenRows(name, period, choices = {}, hasCompany = true) {
  const table = page.tables[name];
  const { date, campaign_id: campaign } = table.columns;
  const isOfCompany = hasCompany && table.has_company && !state.campaigns.size;
  const wanted = Object.entries(choices).map(([column, value]) => [table.columns[column], value]);
  const isChosen = (index) =>
    !(table.has_company && (campaign[index] === page.company) !== isOfCompany) &&
    !(date && period && (date[index] < period.from || date[index] > period.to)) &&
    !(campaign && state.campaigns.size && !state.campaigns.has(campaign[index])) &&
    wanted.every(([values, value]) => values[index] === value);
  const found = [];
  for (let index = 0; index < table.rows; index++) if (isChosen(index)) found.push(index);
  return found;
}

function addUp(table, index, into, columns) {
  for (const column of columns) {
    const value = table.columns[column][index];
    if (value != null) into[column] = (into[column] ?? 0) + value;
  }
}

const FORMULAS = new Map();

function compute(formula, row) {
  if (!FORMULAS.has(formula)) FORMULAS.set(formula, new Function("row", `return ${formula}`));
  const value = FORMULAS.get(formula)(row);
  return Number.isFinite(value) ? value : null;
}

function grain(table) {
  const isLong = state.period && daysBetween(state.period.from, state.period.to) >= WEEKS_BEYOND;
  return table.adds_up && isLong ? "week" : "day";
}

function indexesOf(figure) {
  const choices = Object.fromEntries(figure.choose.map((column) => [column, figure.chosen[column]]));
  return chosenRows(figure.table, state.period, choices, !figure.by.includes("campaign_id"));
}

function groups(figure) {
  const table = page.tables[figure.table];
  const indexes = indexesOf(figure);
  const isWeekly = grain(table) === "week";
  const kept = figure.top && topValues(figure, table, indexes);
  const valueOf = (column, index) => {
    const value = table.columns[column][index];
    if (column === "date" && isWeekly) return monday(value);
    return kept && column === figure.top[0] && !kept.has(value) ? OTHERS : value;
  };
  const rows = [];
  const found = new Map();
  const rowOf = (values) => {
    let place = found;
    for (const value of values) {
      if (!place.has(value)) place.set(value, new Map());
      place = place.get(value);
    }
    if (!place.row) {
      place.row = Object.fromEntries(figure.by.map((column, number) => [column, values[number]]));
      if (kept) place.row.rank = kept.get(place.row[figure.top[0]]) ?? kept.size;
      for (const column of figure.sums) place.row[column] = null;
      rows.push(place.row);
    }
    return place.row;
  };
  for (const index of indexes) {
    const row = rowOf(figure.by.map((column) => valueOf(column, index)));
    addUp(table, index, row, figure.sums);
  }
  if (figure.by.join() === "date" && table.adds_up && state.period && rows.length) {
    for (const date of datesOf(state.period, isWeekly)) {
      const row = rowOf([date]);
      // A date of which a table says nothing is one with zeros.
      for (const column of figure.sums) row[column] ??= 0;
    }
  }
  return rows;
}

function datesOf({ from, to }, isWeekly) {
  const dates = [];
  for (let date = isWeekly ? monday(from) : from; date <= to; date = daysAfter(date, isWeekly ? 7 : 1)) dates.push(date);
  return dates;
}

function topValues(figure, table, indexes) {
  const [column, count] = figure.top;
  const totals = new Map();
  for (const index of indexes) {
    const value = table.columns[column][index];
    totals.set(value, (totals.get(value) ?? 0) + (table.columns[figure.sums[0]][index] ?? 0));
  }
  const greatest = [...totals].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return new Map(greatest.slice(0, count).map(([value], rank) => [value, rank]));
}

function compare(a, b, column) {
  const [x, y] = [a[column], b[column]];
  if (x === y) return 0;
  if (x == null || y == null) return x == null ? 1 : -1;
  return x < y ? -1 : 1;
}

function rowsOf(figure) {
  const adds = figure.sums.length > 0 || Object.keys(figure.formulas).length > 0;
  const table = page.tables[figure.table];
  const rows = adds
    ? groups(figure)
    : indexesOf(figure).map((index) =>
        Object.fromEntries(figure.by.map((column) => [column, table.columns[column][index]])),
      );
  for (const row of rows) {
    for (const [column, formula] of Object.entries(figure.formulas)) {
      row[column] = compute(formula, row);
    }
  }
  const order = figure.sorted ?? figure.order;
  return rows.sort((a, b) => {
    for (const told of order) {
      const isDown = told.startsWith("-");
      const name = isDown ? told.slice(1) : told;
      const column = name === "value" ? figure.picked : name;
      const found = compare(a, b, column);
      const isEmpty = a[column] == null || b[column] == null;
      if (found) return isDown && !isEmpty ? -found : found;
    }
    return 0;
  });
}

// Vega counts by text in plain objects, in which a text such as `constructor` stands from the start.
// Such a text has a space of no width before it.
const forChart = (value) => (typeof value === "string" && value in {} ? `\u200b${value}` : value);

function chartRows(figure, rows) {
  const shown = (figure.limit ? rows.slice(0, figure.limit) : rows).map((row) => {
    const told = { ...row };
    for (const column of figure.by) {
      told[column] = forChart(NAMED.includes(column) ? campaignName(row[column]) : (row[column] ?? NONE));
    }
    if ("date" in row) Object.assign(told, { day: row.date, date: toNumber(row.date) });
    return told;
  });
  const measures = figure.pick ? [figure.picked] : figure.measures;
  if (!measures.length) return shown;
  return shown.flatMap((row) =>
    measures
      .filter((measure) => row[measure] != null)
      .map((measure) => ({ ...row, measure: title(measure), value: row[measure] })),
  );
}

// Tiles

function sums(name, period) {
  const table = page.tables[name];
  const columns = Object.keys(table.formats).filter((column) => isNumber(table.formats[column]));
  const row = {};
  if (!period) return row;
  for (const index of chosenRows(name, period)) addUp(table, index, row, columns);
  return row;
}

function previousPeriod() {
  if (!state.period) return null;
  const { from, to } = state.period;
  const days = daysBetween(from, to) + 1;
  const before = { from: daysAfter(from, -days), to: daysAfter(from, -1) };
  const isCut = state.hasWeeks && before.from < page.weeks_before && before.from !== monday(before.from);
  return before.from >= state.first && !isCut ? before : null;
}

function tileValue(tile, row) {
  return tile.formula ? compute(tile.formula, row) : (row[tile.column] ?? null);
}

function drawTiles(section, place) {
  const before = previousPeriod();
  const now = sums(section.tiles_table, state.period);
  const then = before && sums(section.tiles_table, before);
  place.replaceChildren(
    ...section.tiles.map((tile) => {
      const value = tileValue(tile, now) ?? (tile.formula || !state.period ? null : 0);
      const previous = then && (tileValue(tile, then) ?? (tile.formula ? null : 0));
      return element(
        "div",
        {
          class: "tile",
          "data-tile": tile.column,
          "data-value": value ?? "",
          "data-previous": previous ?? "",
        },
        element("h3", {}, tile.label),
        element("p", { class: "value" }, formatted(value, tile.format)),
        element("p", { class: "change" }, change(value, previous, tile.format)),
        explanation(tile),
      );
    }),
  );
}

function change(value, previous, format) {
  if (previous == null || value == null) return "no period before";
  const told = `${formatted(previous, format)} before`;
  if (!previous || format === "share") return told;
  const share = (value - previous) / Math.abs(previous);
  const sign = share > 0 ? "▲ +" : share < 0 ? "▼ " : "";
  return `${sign}${FORMATS.share.format(share)} (${told})`;
}

function explanation(tile) {
  const rules = tile.rules.filter((id) => id in page.rules);
  return element(
    "details",
    { class: "what" },
    element("summary", { "aria-label": `What ${tile.label} means` }, "?"),
    element(
      "div",
      {},
      element("p", {}, tile.description),
      element(
        "dl",
        {},
        ...rules.flatMap((id) => [element("dt", {}, id), element("dd", {}, page.rules[id])]),
      ),
    ),
  );
}

// Figures

function columnsOf(figure) {
  return [...figure.by, ...figure.sums, ...Object.keys(figure.formulas)].filter(
    (column) => !figure.hidden.includes(column),
  );
}

const formatOf = (figure, column) => page.tables[figure.table].formats[column] ?? page.formats[column] ?? "number";

function cell(figure, row, column) {
  const format = formatOf(figure, column);
  const attributes = { class: isNumber(format) ? "number" : "text" };
  if (NAMED.includes(column)) {
    const campaign = campaignOf(row[column]);
    const name = campaignName(row[column]);
    return element(
      "td",
      attributes,
      campaign?.file ? element("a", { href: page.root + campaign.file }, name) : name,
    );
  }
  return element("td", attributes, formatted(row[column], format));
}

function table(figure, rows) {
  const columns = columnsOf(figure);
  const count = figure.all ? rows.length : Math.min(rows.length, SHOWN_ROWS);
  const sorted = (figure.sorted ?? [])[0] ?? "";
  const heads = columns.map((column) => {
    const isSorted = sorted.replace("-", "") === column;
    const way = isSorted ? (sorted.startsWith("-") ? "descending" : "ascending") : "none";
    const isDown = isSorted ? !sorted.startsWith("-") : isNumber(formatOf(figure, column));
    const sort = () => {
      figure.sorted = [(isDown ? "-" : "") + column, ...figure.order];
      drawFigure(figure);
    };
    return element(
      "th",
      { scope: "col", "aria-sort": way },
      element("button", { type: "button", onclick: sort }, title(column)),
    );
  });
  const body = rows
    .slice(0, count)
    .map((row) => element("tr", {}, ...columns.map((column) => cell(figure, row, column))));
  const showAll = () => {
    figure.all = true;
    drawFigure(figure);
  };
  return [
    element(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": `${figure.title}: table` },
      element(
        "table",
        {},
        element("thead", {}, element("tr", {}, ...heads)),
        element("tbody", {}, ...body),
      ),
    ),
    count < rows.length
      ? element("button", { type: "button", onclick: showAll }, `Show all ${FORMATS.count.format(rows.length)} rows`)
      : null,
  ].filter((part) => part != null);
}

// A cell that begins as a formula does is one to a spreadsheet.
function csvCell(value) {
  if (value == null) return "";
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csv(figure, rows) {
  const columns = columnsOf(figure);
  const lines = rows.map((row) =>
    columns.map((column) =>
      csvCell(NAMED.includes(column) ? campaignName(row[column]) : row[column]),
    ),
  );
  return [columns, ...lines].map((line) => `${line.join(",")}\r\n`).join("");
}

function download(figure) {
  // By the mark at its beginning Excel knows that it is UTF-8.
  const content = new Blob(["\ufeff", csv(figure, rowsOf(figure))], { type: "text/csv" });
  const address = URL.createObjectURL(content);
  element("a", { href: address, download: `${page.name}-${figure.name}.csv` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function choose(figure, column, values, label, chosen, take) {
  const id = `${figure.name}-${column}`;
  const select = element("select", { id, onchange: (event) => take(event.target.value) });
  select.append(
    ...values.map((value, place) =>
      element("option", { value: place, selected: value === chosen }, label(value)),
    ),
  );
  return element("label", { for: id }, `${title(column)} `, select);
}

function choosers(figure) {
  const made = [];
  if (figure.pick) {
    made.push(
      choose(figure, "measure", figure.measures, title, figure.picked, (place) => {
        figure.picked = figure.measures[place];
        drawFigure(figure);
      }),
    );
  }
  for (const [place, column] of figure.choose.entries()) {
    const values = valuesToChoose(figure, place);
    if (!values.includes(figure.chosen[column])) figure.chosen[column] = values[0];
    made.push(
      choose(figure, column, values, String, figure.chosen[column], (position) => {
        figure.chosen[column] = values[position];
        drawFigure(figure);
      }),
    );
  }
  return made;
}

// Of the second column those that go with what was chosen of the first.
function valuesToChoose(figure, place) {
  const source = page.tables[figure.table];
  const before = Object.fromEntries(
    figure.choose.slice(0, place).map((column) => [column, figure.chosen[column]]),
  );
  const indexes = chosenRows(figure.table, null, before);
  return [...new Set(indexes.map((index) => source.columns[figure.choose[place]][index]))].sort();
}

function frame(figure) {
  const place = element(
    "section",
    { class: figure.chart ? "figure" : "figure list", "data-figure": figure.name },
    element("h3", {}, figure.title),
    figure.note ? element("p", { class: "note" }, figure.note) : null,
    element("div", { class: "choosers" }),
  );
  if (figure.chart) place.append(element("div", { class: "chart" }));
  const details = element(
    "details",
    { open: !figure.chart, ontoggle: () => details.open && drawTable(figure) },
    element("summary", {}, "Table"),
    element("div", { class: "table" }),
  );
  const button = { type: "button", "data-csv": figure.name, onclick: () => download(figure) };
  place.append(details, element("button", button, "CSV"));
  figure.place = place;
  return place;
}

function drawTable(figure) {
  const rows = rowsOf(figure);
  figure.place.querySelector(".table").replaceChildren(...table(figure, rows));
}

function drawFigure(figure) {
  const isWeekly = figure.by.includes("date") && grain(page.tables[figure.table]) === "week";
  figure.place
    .querySelector(".choosers")
    .replaceChildren(...choosers(figure), ...(isWeekly ? ["By weeks, from Monday."] : []));
  const rows = rowsOf(figure);
  figure.place.dataset.rows = rows.length;
  if (figure.place.querySelector("details").open) drawTable(figure);
  return figure.chart && window.vegaEmbed ? drawChart(figure, chartRows(figure, rows)) : null;
}

// Charts

function colours() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const text = { labelColor: colour("text"), titleColor: colour("text") };
  return {
    background: null,
    font: "system-ui, sans-serif",
    axis: { ...text, gridColor: colour("line"), domainColor: colour("line"), tickColor: colour("line"), labelFontSize: 12 },
    legend: { ...text, labelFontSize: 12 },
    title: { color: colour("text") },
    range: { category: colour("series").split(/\s+/) },
    style: { text: { fill: colour("text"), fontSize: 12 }, bar: { fill: colour("bar") }, cell: { stroke: null } },
  };
}

async function drawChart(figure, rows) {
  const place = figure.place.querySelector(".chart");
  views.get(figure)?.finalize();
  views.delete(figure);
  if (!rows.length) {
    place.replaceChildren(element("p", { class: "empty" }, "Nothing in this period."));
    return;
  }
  place.replaceChildren();
  const data = figure.chart.data.map((source) =>
    source.name === "rows" ? { ...source, values: rows } : source,
  );
  const columns = place.clientWidth < NARROW ? 1 : 3;
  const legends = (figure.chart.legends ?? []).map((legend) => ({ ...legend, columns }));
  const { view } = await vegaEmbed(place, { ...figure.chart, data, legends }, {
    mode: "vega",
    renderer: "svg",
    actions: false,
    defaultStyle: false,
    config: colours(),
  });
  views.set(figure, view);
  view.description(`${figure.title}: a chart of ${rows.length} values; the table below has them.`);
}

// Filters

// Before a certain Monday the page knows weeks alone, so that a period there is one of weeks.
function setPeriod(from, to) {
  const isByWeeks = (date) => state.hasWeeks && date < page.weeks_before;
  state.period = {
    from: isByWeeks(from) ? monday(from) : from,
    to: isByWeeks(to) ? daysAfter(monday(to), 6) : to,
  };
}

function setLastDays(days) {
  const from = days ? daysAfter(state.last, 1 - days) : state.first;
  setPeriod(from < state.first ? state.first : from, state.last);
}

function findDates() {
  let [first, last] = [null, null];
  for (const { columns } of Object.values(page.tables)) {
    for (const date of columns.date ?? []) {
      if (date == null) continue;
      if (first == null || date < first) first = date;
      if (last == null || date > last) last = date;
    }
  }
  return { first, last };
}

function dateFilter() {
  const input = (id, label) =>
    element(
      "label",
      { for: id },
      `${label} `,
      element("input", {
        id,
        type: "date",
        min: state.first,
        max: state.last,
        value: state.period[id],
        onchange: (event) => {
          if (!event.target.value) return;
          const date = event.target.value;
          const { from, to } = { ...state.period, [id]: date };
          // The other end comes along where it has to.
          if (from <= to) setPeriod(from, to);
          else setPeriod(date, date);
          changed();
        },
      }),
    );
  const presets = [["", "Choose …"], [30, "Last 30 days"], [90, "Last 90 days"], [365, "Last 365 days"], [0, "All"]];
  const preset = element("select", {
    id: "preset",
    onchange: (event) => {
      if (event.target.value === "") return;
      setLastDays(Number(event.target.value));
      changed();
    },
  });
  preset.append(...presets.map(([days, label]) => element("option", { value: days }, label)));
  return [input("from", "From"), input("to", "to"), element("label", { for: "preset" }, "Period ", preset)];
}

function campaignFilter() {
  const search = element("input", { type: "search", id: "campaign-search", "aria-label": "Find a campaign", placeholder: "Find a campaign" });
  const list = element("div", { class: "options" });
  const ids = Object.keys(page.campaigns).sort((a, b) => compare(page.campaigns[a], page.campaigns[b], "name"));
  for (const id of ids) {
    const box = element("input", {
      type: "checkbox",
      value: id,
      checked: state.campaigns.has(id),
      onchange: (event) => {
        if (event.target.checked) state.campaigns.add(id);
        else state.campaigns.delete(id);
        changed();
      },
    });
    list.append(element("label", {}, box, ` ${campaignName(id)}`));
  }
  search.addEventListener("input", () => {
    const wanted = search.value.toLowerCase();
    for (const label of list.children) label.hidden = !label.textContent.toLowerCase().includes(wanted);
  });
  const clear = () => {
    state.campaigns.clear();
    for (const box of list.querySelectorAll("input")) box.checked = false;
    changed();
  };
  return element(
    "details",
    { id: "campaigns" },
    element("summary", {}, "All campaigns"),
    element("div", {}, search, list, element("button", { type: "button", onclick: clear }, "All campaigns")),
  );
}

function drawFilters(place) {
  const hasCampaigns = !page.campaign && Object.values(page.tables).some((t) => t.columns.campaign_id);
  if (state.period) place.append(...dateFilter());
  if (hasCampaigns) place.append(campaignFilter());
}

function tellFilters() {
  if (state.period) {
    for (const id of ["from", "to"]) document.getElementById(id).value = state.period[id];
  }
  const summary = document.querySelector("#campaigns > summary");
  if (summary) {
    const names = [...state.campaigns].map(campaignName);
    summary.textContent = names.length === 0 ? "All campaigns" : names.length === 1 ? names[0] : `${names.length} campaigns`;
  }
  const told = new URLSearchParams();
  if (state.isChanged && state.period) {
    told.set("from", state.period.from);
    told.set("to", state.period.to);
  }
  for (const id of state.campaigns) told.append("campaign", id);
  const hash = told.toString();
  if (state.isChanged) history.replaceState(null, "", hash ? `#${hash}` : location.pathname);
  for (const link of document.querySelectorAll("nav a")) link.hash = hash;
}

function readState() {
  const { first, last } = findDates();
  const hasWeeks = first != null && first < page.weeks_before;
  state = { first, last, hasWeeks, period: null, campaigns: new Set(), isChanged: false };
  if (first) setLastDays(page.days);
  const told = new URLSearchParams(location.hash.slice(1));
  const isDate = (text) => /^\d{4}-\d\d-\d\d$/.test(text ?? "") && !Number.isNaN(toNumber(text));
  const [from, to] = [told.get("from"), told.get("to")];
  if (first && isDate(from) && isDate(to) && from <= to) {
    setPeriod(from, to);
    state.isChanged = true;
  }
  if (page.campaign) return;
  for (const id of told.getAll("campaign")) if (Object.hasOwn(page.campaigns, id)) state.campaigns.add(id);
}

// The page

function changed() {
  state.isChanged = true;
  document.getElementById("preset")?.blur();
  draw();
}

async function draw() {
  document.body.dataset.ready = "";
  tellFilters();
  for (const section of page.sections) {
    if (section.tiles.length) drawTiles(section, section.place);
    for (const figure of section.figures) await drawFigure(figure);
  }
  document.body.dataset.ready = "true";
}

function build() {
  const main = document.querySelector("main");
  for (const section of page.sections) {
    const made = element("section", {}, element("h2", {}, section.title));
    if (section.note) made.append(element("p", { class: "note" }, section.note));
    if (section.tiles.length) {
      section.place = element("div", { class: "tiles" });
      made.append(section.place);
    }
    const figures = element("div", { class: "figures" });
    for (const figure of section.figures) {
      figure.chosen = {};
      figure.picked = figure.measures[0];
      figures.append(frame(figure));
    }
    made.append(figures);
    main.append(made);
  }
  drawFilters(document.getElementById("filters"));
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = event.target.closest("details[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

async function start() {
  page = JSON.parse(await unpack("data"));
  for (const { columns } of Object.values(page.tables)) unfold(columns);
  readState();
  build();
  tellFilters();
  document.head.append(element("script", {}, await unpack("vega")));
  await draw();
  for (const query of ["(prefers-color-scheme: dark)", "print"]) {
    matchMedia(query).addEventListener("change", draw);
  }
}

start();
