/* The table of traces: sorted by its headings, in pages, with the columns that the viewer chose. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { el, icon } = spanscape.dom;
  const { address } = spanscape;
  const { count, duration, ms, clock, day } = spanscape.search;
  const { plural } = spanscape.format;
  const SERVICES = 3;
  const TITLES = { started: "Started (UTC)", trace: "Trace", duration: "Duration", spans: "Spans", errors: "Errors", services: "Services" };
  const SORTS = { started: "start", duration: "duration", spans: "spans", errors: "errors" };
  const NUMBERS = ["duration", "spans"];

  const cells = {
    started: (trace) => [el("span", {}, clock(ms(trace.start_ns), true)), el("small", { class: "muted" }, day(ms(trace.start_ns)))],
    trace: (trace) => [
      el("a", { class: "trace-open", href: `/trace/${trace.trace_id}` },
        el("span", { class: "trace-name" }, trace.root_name || "(root not seen)"),
        el("span", { class: "trace-service" }, trace.root_service || "unknown service")),
    ],
    duration: (trace) => [duration(Number(trace.duration_ns))],
    spans: (trace) => [count(trace.span_count)],
    errors: (trace) => [trace.error_count ? el("span", { class: "bad" }, icon("error"), count(trace.error_count)) : el("span", { class: "muted" }, "none")],
    services: (trace) => [el("div", { class: "parts" }, ...shares(trace.services))],
  };

  /* The first of them, and on wide pages two more; then how many others there are. */
  function shares(services) {
    const shown = services.slice(0, SERVICES).map(function (share, at) {
      const name = share.name.length > 24 ? `${share.name.slice(0, 23)}…` : share.name;
      return el("span", { class: `part${share.errors ? " part-failed" : ""}${at ? " part-wide" : ""}`, title: `${share.name}: ${plural(share.spans, "span")}, ${share.errors} failed` }, name, el("small", {}, String(share.spans)));
    });
    return [...shown, others(services.slice(SERVICES), "part-wide"), others(services.slice(1), "part-narrow")];
  }

  function others(services, when) {
    const names = services.map((share) => share.name).join(", ");
    return services.length ? el("span", { class: `part ${when}`, title: names.slice(0, 500) }, `+${services.length}`) : null;
  }

  /* The map of this trace alone: its filter, and the whole seconds around it. */
  function mapLink(trace) {
    const [start, length] = [ms(trace.start_ns), Number(trace.duration_ns) / 1e6];
    const range = [Math.floor(start / 1000), Math.floor((start + length) / 1000) + 1].map(spanscape.search.instant).join("/");
    const query = new URLSearchParams({ range, traces: `trace_id=${trace.trace_id}` });
    const link = el("a", { class: "icon-button", href: `/?${query}`, title: "Show on the map", "aria-label": "Show this trace on the map" }, icon("logo"));
    return el("td", { class: "row-tools" }, link);
  }

  function row(trace, columns) {
    const tds = columns.map((name) => el("td", { class: name === "started" ? "when" : NUMBERS.includes(name) ? "number" : `cell-${name}` }, ...cells[name](trace)));
    return el("tr", { "data-trace": trace.trace_id }, ...tds, mapLink(trace));
  }

  function heading(name) {
    const th = el("th", { class: NUMBERS.includes(name) ? "number" : "", scope: "col" });
    const sort = SORTS[name];
    if (!sort) {
      th.textContent = TITLES[name];
      return th;
    }
    const isSorted = spanscape.search.sort() === sort;
    th.setAttribute("aria-sort", isSorted ? "descending" : "none");
    const words = sort === "start" ? "newest first" : "greatest first";
    th.append(el("button", { class: "sort", title: `Sort: ${words}`, "data-sort": sort }, TITLES[name], el("span", { class: "sort-mark" }, isSorted ? "▼" : "")));
    return th;
  }

  function draw(box, traces) {
    const columns = spanscape.search.columns();
    const head = el("tr", {}, ...columns.map(heading), el("th", { class: "row-tools", scope: "col" }, el("span", { class: "visually-hidden" }, "Map")));
    const table = el("table", { class: "table traces" }, el("caption", {}, "Traces"), el("thead", {}, head), el("tbody", { id: "traces-body" }));
    box.replaceChildren(table);
    add(traces);
  }

  function add(traces) {
    const columns = spanscape.search.columns();
    document.getElementById("traces-body").append(...traces.map((trace) => row(trace, columns)));
  }

  /* Puts traces that just arrived above the others, which keep their places; one that grew is drawn anew. */
  function addFirst(traces, most) {
    const body = document.getElementById("traces-body");
    const columns = spanscape.search.columns();
    for (const trace of traces.slice().reverse()) {
      const drawn = row(trace, columns);
      const old = body.querySelector(`[data-trace="${trace.trace_id}"]`);
      if (old) {
        old.replaceWith(drawn);
      } else {
        drawn.classList.add("is-new");
        body.prepend(drawn);
      }
    }
    while (body.children.length > most) {
      body.lastChild.remove();
    }
  }

  function columnsMenu(onChange) {
    const boxes = spanscape.search.COLUMNS.map(function (name) {
      const input = el("input", { type: "checkbox", checked: spanscape.search.columns().includes(name), value: name, disabled: name === "trace" });
      return el("label", {}, input, TITLES[name]);
    });
    const menu = el("details", { id: "traces-columns", class: "menu" }, el("summary", { class: "plain-button" }, "Columns"), el("div", { class: "menu-body" }, ...boxes));
    menu.onchange = function () {
      const chosen = Array.from(menu.querySelectorAll("input:checked")).map((input) => input.value);
      address.set({ cols: chosen.length === spanscape.search.COLUMNS.length ? "" : chosen.join(",") });
      onChange();
    };
    return menu;
  }

  spanscape.searchResults = { draw, add, addFirst, columnsMenu };
})();
