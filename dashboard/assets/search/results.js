/* The table of traces: sorted by its headings, in pages, with the columns that the viewer chose. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { address } = spanscape;
  const { create, count, duration, ms, clock, day } = spanscape.search;
  const SERVICES = 3;
  const TITLES = { started: "Started (UTC)", trace: "Trace", duration: "Duration", spans: "Spans", errors: "Errors", services: "Services" };
  const SORTS = { started: "start", duration: "duration", spans: "spans", errors: "errors" };
  const NUMBERS = ["duration", "spans"];

  const cells = {
    started: (trace) => [create("span", { textContent: clock(ms(trace.start_ns), true) }), create("small", { className: "muted", textContent: day(ms(trace.start_ns)) })],
    trace: (trace) => [
      create("a", { className: "trace-open", href: `/trace/${trace.trace_id}` },
        create("span", { className: "trace-name", textContent: trace.root_name || "(root not seen)" }),
        create("span", { className: "trace-service", textContent: trace.root_service || "unknown service" })),
    ],
    duration: (trace) => [duration(Number(trace.duration_ns))],
    spans: (trace) => [count(trace.span_count)],
    errors: (trace) => [trace.error_count ? create("span", { className: "bad" }, create("span", { className: "icon icon-error" }), count(trace.error_count)) : create("span", { className: "muted", textContent: "none" })],
    services: (trace) => [create("div", { className: "chips" }, ...chips(trace.services))],
  };

  function chips(shares) {
    const shown = shares.slice(0, SERVICES).map(function (share) {
      const name = share.name.length > 24 ? `${share.name.slice(0, 23)}…` : share.name;
      return create("span", { className: share.errors ? "chip chip-bad" : "chip", title: `${share.name}: ${share.spans} spans, ${share.errors} failed` }, name, create("small", { textContent: String(share.spans) }));
    });
    const others = shares.slice(SERVICES).map((share) => share.name);
    return others.length ? [...shown, create("span", { className: "chip", textContent: `+${others.length}`, title: others.join(", ").slice(0, 500) })] : shown;
  }

  /* The map of this trace alone: its filter, and the whole seconds around it. */
  function mapLink(trace) {
    const [start, length] = [ms(trace.start_ns), Number(trace.duration_ns) / 1e6];
    const range = [Math.floor(start / 1000), Math.floor((start + length) / 1000) + 1].map(spanscape.search.instant).join("/");
    const query = new URLSearchParams({ range, traces: `trace_id=${trace.trace_id}` });
    const link = create("a", { className: "icon-button", href: `/?${query}`, title: "Show on the map", attributes: { "aria-label": "Show this trace on the map" } }, create("span", { className: "icon icon-logo" }));
    return create("td", { className: "row-tools" }, link);
  }

  function row(trace, columns) {
    const tds = columns.map((name) => create("td", { className: name === "started" ? "when" : NUMBERS.includes(name) ? "number" : `cell-${name}` }, ...cells[name](trace)));
    return create("tr", { attributes: { "data-trace": trace.trace_id } }, ...tds, mapLink(trace));
  }

  function heading(name) {
    const th = create("th", { className: NUMBERS.includes(name) ? "number" : "", attributes: { scope: "col" } });
    const sort = SORTS[name];
    if (!sort) {
      th.textContent = TITLES[name];
      return th;
    }
    const isSorted = spanscape.search.sort() === sort;
    th.setAttribute("aria-sort", isSorted ? "descending" : "none");
    const words = sort === "start" ? "newest first" : "greatest first";
    th.append(create("button", { className: "sort", title: `Sort: ${words}`, attributes: { "data-sort": sort } }, TITLES[name], create("span", { className: "sort-mark", textContent: isSorted ? "▼" : "" })));
    return th;
  }

  function draw(box, traces) {
    const columns = spanscape.search.columns();
    const head = create("tr", {}, ...columns.map(heading), create("th", { className: "row-tools", attributes: { scope: "col" } }, create("span", { className: "visually-hidden", textContent: "Map" })));
    const table = create("table", { className: "table traces" }, create("caption", { textContent: "Traces" }), create("thead", {}, head), create("tbody", { id: "traces-body" }));
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
      const input = create("input", { type: "checkbox", checked: spanscape.search.columns().includes(name), value: name, disabled: name === "trace" });
      return create("label", {}, input, TITLES[name]);
    });
    const menu = create("details", { id: "traces-columns", className: "menu" }, create("summary", { className: "plain-button", textContent: "Columns" }), create("div", { className: "menu-body" }, ...boxes));
    menu.onchange = function () {
      const chosen = Array.from(menu.querySelectorAll("input:checked")).map((input) => input.value);
      address.set({ cols: chosen.length === spanscape.search.COLUMNS.length ? "" : chosen.join(",") });
      onChange();
    };
    return menu;
  }

  spanscape.searchResults = { draw, add, addFirst, columnsMenu };
})();
