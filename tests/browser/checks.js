// Each check gives what it finds wrong with the page, as lines. They run in the page.

const isShown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });

const named = (element) => {
  const id = element.id ? `#${element.id}` : "";
  const text = (element.textContent || "").trim().replace(/\s+/g, " ").slice(0, 40);
  return `${element.localName}${id} "${text}"`;
};

// The accessible name, as far as pages here use it.
const nameOf = (element) => {
  const referred = (element.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean)
    .map((id) => document.getElementById(id)?.textContent || "").join(" ");
  const labels = [...(element.labels || [])].map((label) => label.textContent).join(" ");
  const title = element.querySelector?.(":scope > title")?.textContent;
  const own = ["button", "a", "summary"].includes(element.localName) ? element.textContent : "";
  const images = [...element.querySelectorAll?.("img[alt]") || []].map((image) => image.alt).join(" ");
  return [referred, element.getAttribute("aria-label"), labels, element.getAttribute("alt"), title, own, images,
    element.getAttribute("title")].map((name) => (name || "").trim()).find(Boolean) || "";
};

function accessibility() {
  const wrong = [];
  const all = (selector) => [...document.querySelectorAll(selector)].filter(isShown);
  if (!document.documentElement.lang) wrong.push("html has no lang");
  if (!document.title.trim()) wrong.push("the page has no title");
  if (!document.querySelector("meta[name=viewport]")) wrong.push("the page has no viewport");
  if (/user-scalable\s*=\s*no|maximum-scale/.test(document.querySelector("meta[name=viewport]")?.content || "")) {
    wrong.push("the page can't be zoomed");
  }
  if (document.querySelectorAll("h1").length !== 1) wrong.push(`${document.querySelectorAll("h1").length} h1`);
  if (document.querySelectorAll("main").length !== 1) wrong.push(`${document.querySelectorAll("main").length} main`);
  let level = 0;
  for (const heading of all("h1, h2, h3, h4, h5, h6")) {
    const next = Number(heading.localName[1]);
    if (next > level + 1) wrong.push(`heading out of order: ${named(heading)}`);
    if (!heading.textContent.trim()) wrong.push(`empty heading: ${named(heading)}`);
    level = next;
  }
  const ids = new Set();
  for (const element of document.querySelectorAll("[id]")) {
    if (ids.has(element.id)) wrong.push(`id twice: ${element.id}`);
    ids.add(element.id);
  }
  for (const name of ["aria-labelledby", "aria-describedby", "aria-controls", "for"]) {
    for (const element of document.querySelectorAll(`[${name}]`)) {
      for (const id of element.getAttribute(name).split(/\s+/).filter(Boolean)) {
        if (!document.getElementById(id)) wrong.push(`${name} of ${named(element)} names no element: ${id}`);
      }
    }
  }
  const graphics = new Set();
  for (const element of all("img, svg, canvas, [role=img], [role=graphics-document]")) {
    const outer = element.parentElement.closest("[role=img], [role=graphics-document], [aria-hidden=true]");
    const isHidden = element.getAttribute("aria-hidden") === "true" || element.getAttribute("role") === "presentation";
    if (!isHidden && !outer && !(element.localName === "img" && element.alt === "") && !nameOf(element)) {
      wrong.push(`a graphic has no name: ${element.outerHTML.slice(0, 100)}`);
    }
    if (graphics.has(nameOf(element))) wrong.push(`two graphics have one name: ${nameOf(element)}`);
    if (nameOf(element)) graphics.add(nameOf(element));
  }
  for (const element of all("input, select, textarea, button, a[href], summary, [role=button], [role=link], [tabindex]")) {
    if (element.matches("[tabindex='-1'], input[type=hidden]")) continue;
    if (!nameOf(element)) wrong.push(`a control has no name: ${element.outerHTML.slice(0, 100)}`);
    if (element.tabIndex > 0) wrong.push(`a tabindex above 0: ${named(element)}`);
    if (element.closest("[aria-hidden=true]")) wrong.push(`a control is hidden from readers: ${named(element)}`);
  }
  for (const table of all("table")) {
    if (!table.querySelector("th")) wrong.push(`a table has no header: ${named(table)}`);
    const region = table.closest("[role=region]");
    if (!table.caption && !nameOf(table) && !(region && nameOf(region))) wrong.push(`a table has no name: ${named(table)}`);
    for (const cell of table.querySelectorAll("thead th, thead td")) {
      if (cell.localName !== "th") wrong.push(`a head's cell is no th: ${named(cell)}`);
      if (!cell.innerText.trim()) wrong.push(`a head's cell shows nothing: ${named(cell)}`);
    }
  }
  return wrong;
}

// Any CSS colour as [red, green, blue, alpha], each 0 to 1.
const colourOf = (() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const known = new Map();
  return (text) => {
    if (!known.has(text)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = text;
      canvas.fillRect(0, 0, 1, 1);
      known.set(text, [...canvas.getImageData(0, 0, 1, 1).data].map((part) => part / 255));
    }
    return known.get(text);
  };
})();

const over = (above, below) => {
  const alpha = above[3] + below[3] * (1 - above[3]);
  const mixed = (i) => (alpha ? (above[i] * above[3] + below[i] * below[3] * (1 - above[3])) / alpha : 0);
  return [mixed(0), mixed(1), mixed(2), alpha];
};

const luminance = ([red, green, blue]) => {
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
};

// The colour behind an element. Where nothing paints, it is the browser's own page colour.
const backgroundOf = (element) => {
  let colour = [0, 0, 0, 0];
  for (let place = element; place && colour[3] < 1; place = place.parentElement) {
    colour = over(colour, colourOf(getComputedStyle(place).backgroundColor));
  }
  const root = document.documentElement.appendChild(document.createElement("div"));
  root.style.backgroundColor = "Canvas";
  const last = colourOf(getComputedStyle(root).backgroundColor);
  root.remove();
  return over(colour, last);
};

const contrastOf = (front, back) => {
  const [light, dark] = [luminance(front), luminance(back)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};

// WCAG 1.4.3 for text of any size: 4.5. Text of controls that are turned off is exempt.
function contrast() {
  const wrong = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !isShown(element)) continue;
    if (element.closest("script, style, noscript, title, desc, :disabled")) continue;
    const style = getComputedStyle(element);
    let opacity = 1;
    for (let place = element; place; place = place.parentElement) opacity *= Number(getComputedStyle(place).opacity);
    const [red, green, blue, alpha] = colourOf(element.ownerSVGElement ? style.fill : style.color);
    const behind = backgroundOf(element);
    const ratio = contrastOf(over([red, green, blue, alpha * opacity], behind), behind);
    if (ratio < 4.5) wrong.add(`contrast ${ratio.toFixed(2)}: ${named(element)}`);
  }
  return [...wrong];
}

// What is wider than the window, by its innermost elements. What scrolls in itself may be.
function overflow() {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.body.querySelectorAll("*")].filter(
    (element) => isShown(element) && element.getBoundingClientRect().right > width + 1
  );
  const inner = wide.filter((element) => !wide.some((other) => other !== element && element.contains(other)));
  return [`${document.documentElement.scrollWidth} px wide in ${width} px`, ...inner.slice(0, 5).map(named)];
}

// Canvases and drawings that have no size, or one colour alone.
function blank() {
  const wrong = [];
  for (const canvas of document.querySelectorAll("canvas")) {
    if (!isShown(canvas)) continue;
    if (canvas.width < 50 || canvas.height < 20) {
      wrong.push(`a canvas of ${canvas.width} × ${canvas.height}`);
      continue;
    }
    const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    if (pixels.every((pixel) => pixel === pixels[0])) wrong.push("a canvas of one colour");
  }
  for (const drawing of document.querySelectorAll("[data-figure] svg")) {
    if (!isShown(drawing)) continue;
    const { width, height } = drawing.getBoundingClientRect();
    if (width < 50 || height < 20) wrong.push(`a drawing of ${width} × ${height}`);
    const marks = [...drawing.querySelectorAll("path, rect, line, circle, text")].filter((mark) => {
      const box = mark.getBoundingClientRect();
      return box.width + box.height > 4 && isShown(mark);
    });
    if (marks.length < 4) wrong.push(`a drawing of ${marks.length} marks`);
  }
  return wrong;
}

// Where the keyboard's focus is, and how it is seen.
function focused() {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const hasOutline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  if (element === document.body) return ["nothing has the focus"];
  // Of a date the browser itself marks the part that is being written.
  if (element.matches("input[type=date]")) return [];
  if (!element.matches(":focus-visible")) return [`no visible focus: ${named(element)}`];
  return hasOutline || style.boxShadow !== "none" ? [] : [`the focus is not shown: ${named(element)}`];
}
