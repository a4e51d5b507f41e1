"use strict";
// Draws the charts, filters and sorts. Everything that it shows was worked out before; it only chooses what is to be seen.
(() => {
  const data = JSON.parse(document.getElementById("podium-data").textContent);
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const say = (text) => { document.getElementById("said").textContent = text; };

  // --- What is chosen -------------------------------------------------------------------------------------------------------------

  const form = document.querySelector("form.filters");
  const boxes = form ? [...form.querySelectorAll("input[data-filter]")] : [];

  /** Of each filter that the page has, the values that are ticked. */
  function chosen() {
    const sets = {};
    for (const box of boxes) {
      sets[box.dataset.filter] ??= new Set();
      if (box.checked) sets[box.dataset.filter].add(box.value);
    }
    return sets;
  }

  const isChosen = (sets, row) => Object.entries(sets).every(([key, values]) => values.has(String(row[key])));

  // --- Charts ---------------------------------------------------------------------------------------------------------------------

  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();

  const isDark = () => root.dataset.theme === "dark" || (root.dataset.theme === "auto" && dark.matches);

  /** An SVG follows the page's colours by itself, in print too; a canvas is drawn in those of the moment. */
  function looks(renderer, width) {
    const colour = renderer === "svg" ? (name) => `var(${name})` : css;
    const text = { labelColor: colour("--ink-soft"), titleColor: colour("--ink"), labelFontSize: 11, titleFontSize: 12, titleFontWeight: 400 };
    const labels = Math.round(Math.min(260, width * 0.4));
    // As many columns as leave room for two legends side by side.
    return {
      background: null,
      font: getComputedStyle(document.body).fontFamily,
      aria: false,
      view: { stroke: null },
      axis: { ...text, gridColor: colour("--grid"), domainColor: colour("--line"), tickColor: colour("--line"), labelLimit: labels },
      legend: { ...text, orient: "bottom", columns: Math.max(1, Math.floor((width - 40) / 200)), labelLimit: labels, symbolStrokeWidth: 2, symbolOpacity: 1, symbolBaseFillColor: colour("--ink"), symbolBaseStrokeColor: colour("--ink") },
      text: { color: colour("--ink"), fontSize: 11 },
      rule: { color: colour("--ink-soft") },
      tick: { color: colour("--ink") },
    };
  }

  const waves = [...Array(512).keys()].map((i) => ((i * 0.618034) % 1) * 2 - 1);

  /** Rows for a chart, from what the file holds for each cell. */
  const expand = {
    cells: (rows) => rows,
    samples: (rows) => rows.flatMap((row) => {
      const { ms, outliers } = data.samples[row.i];
      const marked = new Set(outliers);
      return ms.map((value, i) => ({ name: row.name, ms: value, kind: marked.has(i) ? "outlier" : "sample", across: waves[i % waves.length], middle: row.ms }));
    }),
    tried: (rows) => rows.flatMap((row) => row.tried.map((one) => ({ name: row.name, backend: row.backend, precision: row.precision, ...one }))),
    warm_up: (rows) => rows.flatMap((row) => data.warm_up[row.i].map((ms, window) => ({ name: row.name, backend: row.backend, precision: row.precision, window: window + 1, ms }))),
    history: (rows) => rows.flatMap((row) => row.points.map((point) => ({ name: row.name, backend: row.backend, precision: row.precision, ...point }))),
  };

  class Chart {
    constructor(given) {
      Object.assign(this, given);
      this.figure = document.getElementById(`chart-${given.id}`);
      this.plot = this.figure.querySelector(".plot");
      this.note = this.figure.querySelector(".limit");
      this.stale = true;
      this.view = null;
    }

    rows(sets) {
      return data.cells.filter((row) => row[this.needs] != null && (this.batch == null || row.batch === this.batch) && (this.cell == null || row.i === this.cell) && isChosen(sets, row));
    }

    /** Not in the filter's batch sizes, or of a cell that is not shown: its figure goes altogether. */
    isAbsent(sets) { return (this.batch != null && sets.batch && !sets.batch.has(String(this.batch))) || (this.cell != null && this.rows(sets).length === 0); }

    async draw() {
      this.stale = false;
      const sets = chosen();
      this.figure.hidden = this.isAbsent(sets);
      if (this.figure.hidden) return;
      const all = this.rows(sets);
      const shown = all.slice(0, this.limit);
      this.note.textContent = all.length > shown.length ? `Drawn: the ${shown.length} ${this.first} of ${all.length}; the filters choose others.` : "";
      if (this.view) { this.view.finalize(); this.view = null; }
      this.plot.replaceChildren();
      this.plot.removeAttribute("role");
      this.plot.removeAttribute("aria-label");
      if (shown.length === 0) {
        this.plot.textContent = "None of the cells that are shown has this figure.";
        this.plot.classList.add("empty");
        this.figure.dataset.state = "empty";
        return;
      }
      this.plot.classList.remove("empty");
      const width = this.plot.clientWidth;
      const renderer = this.renderer;
      const spec = { ...this.spec, datasets: { [this.data]: expand[this.data](shown) } };
      if (this.step) spec.height = this.step * shown.length;
      try {
        const done = await window.podiumVegaEmbed(this.plot, spec, { ast: true, actions: false, logLevel: 1, renderer, config: looks(renderer, width), tooltip: { theme: isDark() ? "dark" : "light" } });
        this.view = done.view;
        // One picture with a name: its figures are in the table, which is better to read out than a hundred marks.
        this.plot.setAttribute("role", "img");
        this.plot.setAttribute("aria-label", this.spec.description);
        this.plot.removeAttribute("aria-roledescription");
        this.plot.querySelector("svg, canvas").setAttribute("aria-hidden", "true");
        this.plot.dataset.ground = isDark() ? "dark" : "light";
        this.figure.dataset.state = "drawn";
      } catch (error) {
        this.figure.dataset.state = "failed";
        this.plot.textContent = "This chart could not be drawn; the table has its figures.";
        console.error(`chart ${this.id}: ${error}`);
      }
    }
  }

  const charts = data.charts.map((given) => new Chart(given));
  const near = new Set();
  let drawing = false;

  /** One after the other, those in sight first, so that the page answers meanwhile. */
  async function drawStale() {
    if (drawing) return;
    drawing = true;
    const next = () => charts.find((chart) => chart.stale && near.has(chart.figure)) ?? charts.find((chart) => chart.stale);
    for (let chart = next(); chart; chart = next()) {
      await chart.draw();
      await new Promise((resume) => setTimeout(resume));
    }
    drawing = false;
    root.dataset.charts = "drawn";
  }

  function redraw(which = () => true) {
    delete root.dataset.charts;
    for (const chart of charts) if (which(chart)) chart.stale = true;
    drawStale();
  }

  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) entry.isIntersecting ? near.add(entry.target) : near.delete(entry.target);
  }, { rootMargin: "300px" });
  for (const chart of charts) watcher.observe(chart.figure);

  // --- Filters and sorting --------------------------------------------------------------------------------------------------------

  function filterTables() {
    const sets = chosen();
    let shown = 0;
    let all = 0;
    for (const row of document.querySelectorAll("tr[data-backend]")) {
      row.hidden = !isChosen(sets, row.dataset);
      if (!row.closest("table").classList.contains("measured")) continue;
      all += 1;
      if (!row.hidden) shown += 1;
    }
    const text = `${shown} of ${all} cells shown`;
    const count = form.querySelector("output");
    count.textContent = text;
  }

  if (form) {
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", () => { filterTables(); redraw(); });
    form.querySelector("button").addEventListener("click", () => {
      for (const box of boxes) box.checked = true;
      filterTables();
      redraw();
    });
    filterTables();
  }

  const valueOf = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();

  /** Numbers as numbers, names as names; what is not there comes last, whichever way. */
  function compare(a, b, isFigure, direction) {
    if (!isFigure) return direction * a.localeCompare(b, "en", { numeric: true });
    if (a === "" || b === "") return (a === "") - (b === "");
    return direction * (Number(a) - Number(b));
  }

  function sortBy(heading) {
    const table = heading.closest("table");
    const up = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
    const isFigure = "figure" in heading.dataset;
    const rows = [...table.tBodies[0].rows];
    const values = new Map(rows.map((row) => [row, valueOf(row, heading.cellIndex)]));
    rows.sort((a, b) => compare(values.get(a), values.get(b), isFigure, up ? 1 : -1));
    table.tBodies[0].append(...rows);
    say(`sorted by ${heading.textContent.trim()}, ${up ? "ascending" : "descending"}`);
  }

  for (const button of document.querySelectorAll("th button")) button.addEventListener("click", () => sortBy(button.closest("th")));

  // --- Theme ----------------------------------------------------------------------------------------------------------------------

  const themes = { auto: "Theme: as the system", dark: "Theme: dark", light: "Theme: light" };
  const theme = document.getElementById("theme");
  const onCanvas = (chart) => chart.renderer === "canvas";
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const names = Object.keys(themes);
    root.dataset.theme = names[(names.indexOf(root.dataset.theme) + 1) % names.length];
    theme.textContent = themes[root.dataset.theme];
    redraw(onCanvas);
  });
  dark.addEventListener("change", () => redraw(onCanvas));

  // Labels are cut to the room that there is, so another width wants another drawing.
  let width = window.innerWidth;
  let waiting = 0;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(redraw, 200);
  });

  // --- Contents -------------------------------------------------------------------------------------------------------------------

  const contents = document.getElementById("contents");
  for (const heading of document.querySelectorAll("section > h2")) {
    const link = document.createElement("a");
    link.href = `#${heading.parentElement.id}`;
    link.textContent = heading.textContent;
    contents.append(link);
  }
  contents.hidden = contents.childElementCount < 3;

  redraw();
})();
