/* The spans in numbers, by service, operation, or the values of an attribute. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format, relay } = spanscape;
  const { el } = spanscape.dom;
  const COLUMNS = [
    ["count", "Spans", format.count], ["errors", "Errors", format.count], ["total_ns", "Total", format.duration], ["self_ns", "Own time", format.duration],
    ["critical_ns", "Critical path", format.duration], ["p50_ns", "p50", format.duration], ["p95_ns", "p95", format.duration], ["max_ns", "Longest", format.duration],
  ];
  const ATTRIBUTE = "attribute:";

  function mount(box, page) {
    const state = { rows: [], order: "self_ns", up: false, cut: null };
    const by = el("select", { class: "wf-choice", "aria-label": "Group by" }, [["operation", "By operation"], ["service", "By service"], [ATTRIBUTE, "By attribute"]].map(([key, words]) => el("option", { value: key }, words)));
    const key = el("input", { type: "text", class: "search-field", placeholder: "http.route", "aria-label": "Attribute" });
    const said = el("span", { class: "muted", role: "status" });
    const table = el("div", { class: "statistics" });
    by.onchange = () => (by.value === ATTRIBUTE && !key.value ? (showKey(), key.focus()) : ask());
    key.onchange = ask;
    box.append(el("div", { class: "wf-tools" }, by, key, said), table);

    function showKey() {
      key.hidden = by.value !== ATTRIBUTE;
    }

    function read() {
      const wanted = page.get("by");
      by.value = wanted.startsWith(ATTRIBUTE) ? ATTRIBUTE : wanted === "service" ? "service" : "operation";
      key.value = wanted.startsWith(ATTRIBUTE) ? wanted.slice(ATTRIBUTE.length) : key.value;
      showKey();
    }

    function ask() {
      const wanted = by.value === ATTRIBUTE ? ATTRIBUTE + key.value.trim() : by.value;
      page.set({ by: wanted === "operation" ? "" : wanted });
      update();
    }

    async function update() {
      read();
      const { outline } = page;
      const wanted = page.get("by") || "operation";
      try {
        const answer = await relay.get(...page.api("/statistics", { by: wanted }));
        if (outline === page.outline && wanted === (page.get("by") || "operation")) {
          Object.assign(state, { rows: answer.rows, cut: answer.cut });
          draw();
        }
      } catch (error) {
        said.textContent = error.detail || String(error);
        table.replaceChildren();
      }
    }

    function sorted() {
      return state.rows.slice().sort((one, other) => (state.up ? 1 : -1) * (one[state.order] - other[state.order]));
    }

    function draw() {
      const { cut } = state;
      said.textContent = cut && cut.rows ? `${format.plural(cut.rows, "row")} more with ${format.plural(cut.spans, "span")}` : "";
      const heads = COLUMNS.map(([name, words]) => el("th", { class: "number", scope: "col", "aria-sort": name === state.order ? (state.up ? "ascending" : "descending") : null },
        el("button", { type: "button", class: "link-button", onclick: () => sortBy(name) }, words, name === state.order ? (state.up ? " ↑" : " ↓") : "")));
      const total = page.outline.services.reduce((sum, service) => sum + service.self_ns, 0);
      table.replaceChildren(el("table", { class: "table" }, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, by.value === ATTRIBUTE ? "Value" : by.value === "service" ? "Service" : "Operation"), heads)),
        el("tbody", {}, sorted().map((row) => drawRow(row, total)))));
      select(page.selected);
    }

    /* The row that the selected span is counted in; by attribute, the one that it was selected by. */
    function select(row) {
      const { model } = page;
      const [service, operation] = row >= 0 ? [trace.model.serviceOf(model, row), model.outline.names[model.spans.name[row]]] : [null, null];
      const counts = { [ATTRIBUTE]: (each) => each.row === row, service: (each) => each.service === service, operation: (each) => each.service === service && each.operation === operation }[by.value];
      const rows = sorted();
      table.querySelectorAll("tbody tr").forEach((element, at) => element.classList.toggle("statistics-selected", row >= 0 && counts(rows[at])));
    }

    function sortBy(name) {
      state.up = state.order === name && !state.up;
      state.order = name;
      draw();
      table.querySelectorAll("th button")[COLUMNS.findIndex(([each]) => each === name)].focus();
    }

    function drawRow(row, total) {
      const service = page.outline.services.findIndex((each) => each.name === row.service);
      const words = by.value === ATTRIBUTE ? row.value ?? "without it" : by.value === "service" ? row.service : row.operation || "(no name)";
      const name = el("button", { type: "button", class: "link-button", title: "Select the longest of them", onclick: () => page.select(row.row) }, words);
      const label = by.value === "operation" ? [el("b", {}, row.service), " "] : [];
      return el("tr", {}, el("th", { scope: "row", class: "statistics-name", style: { "--svc": service < 0 ? "transparent" : `var(--svc-${page.model.colours[service]})` } }, label, name),
        COLUMNS.map(([column, , shown]) => el("td", { class: `number${column === "errors" && row.errors ? " bad" : ""}${row[column] ? "" : " muted"}`, style: column === "self_ns" ? { "--share": `${(100 * row.self_ns) / Math.max(total, 1)}%` } : null }, row[column] ? shown(row[column]) : "0")));
    }

    update();
    return { update, select };
  }

  spanscape.traceViews.register({ name: "statistics", title: "Statistics", order: 4, mount });
})();
