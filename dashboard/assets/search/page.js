/* The traces page put together: filter box, facets, heat map, what differs, results. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { el, icon } = spanscape.dom;
  const { address } = spanscape;
  const { ask, count, duration, clock, day } = spanscape.search;
  const terms = spanscape.searchTerms;
  const PAGE = 50;
  const RETRY_MS = 3000;
  const MOST_TAILED = 200; // rows
  let parts = null;
  let stop = new AbortController();
  let cursor = null;
  let retry = 0;

  const button = (id, text, title, act) => el("button", { id, class: "plain-button", title, onclick: act }, text);

  function build(root) {
    const facets = el("aside", { id: "traces-facets", class: "facets", "aria-label": "Facets" });
    const summary = el("span", { id: "traces-summary", class: "muted", role: "status" });
    const errors = button("traces-versus-errors", "Errors vs. rest", "What failed spans have more often than the others", compareErrors);
    const roots = button("traces-roots", "Roots only", "Only spans without a parent: a point for each trace", () => spanscape.searchBox.take(terms.toggled(address.get("q"), "root=true", false)));
    const heatmap = spanscape.searchHeatmap.build(choose, (id) => address.go(`/trace/${id}`));
    const bar = el("div", { id: "traces-selection", class: "selection-bar hidden" });
    const versus = el("section", { id: "traces-differences", class: "versus hidden", "aria-live": "polite" });
    const onMap = el("a", { id: "traces-on-map", class: "plain-button", title: "The map of exactly these traces" }, icon("logo"), "Show on map");
    const results = el("div", { id: "traces-results", class: "results" });
    const more = el("button", { id: "traces-more", class: "plain-button show-more hidden", onclick: showMore }, "Show more");
    const head = el("div", { class: "results-head" }, el("h2", {}, "Traces"), summary, el("div", { class: "tools" }, ...spanscape.searchTail.build(arrive), onMap, spanscape.searchResults.columnsMenu(redraw)));
    const card = el("section", { class: "heat-card" }, el("div", { class: "heat-head" }, el("h2", {}, "Duration over time"), el("span", { class: "muted" }, "of matching spans, UTC"), el("div", { class: "tools" }, roots, errors)), heatmap, bar);
    const main = el("div", { class: "search-main" }, card, versus, head, results, more);
    parts = { root, facets, summary, bar, versus, onMap, results, more, errors, roots, traces: [] };
    parts.grid = el("div", { class: "search-grid" }, facets, main);
    root.replaceChildren(spanscape.searchBox.build(refresh), parts.grid);
    results.onclick = onResults;
    onMap.onclick = spanscape.followLink;
  }

  function choose(rectangle) {
    spanscape.search.select(rectangle);
    spanscape.searchHeatmap.paint();
    refreshSelection();
  }

  function compareErrors() {
    const versus = address.get("versus") ? "" : "status=error";
    spanscape.search.select(null);
    address.set({ versus });
    spanscape.searchHeatmap.paint();
    refreshSelection();
  }

  function onResults(event) {
    const sort = event.target.closest("[data-sort]");
    if (sort) {
      address.set({ sort: sort.dataset.sort === "start" ? "" : sort.dataset.sort });
      loadResults();
    } else {
      spanscape.followLink(event);
    }
  }

  function redraw() {
    if (parts.traces.length) {
      spanscape.searchResults.draw(parts.results, parts.traces);
    }
  }

  /* Everything anew. */
  function refresh() {
    if (!parts || !parts.root.isConnected) {
      return;
    }
    stop.abort();
    stop = new AbortController();
    window.clearTimeout(retry);
    loadResults();
    loadVersus();
    parts.roots.setAttribute("aria-pressed", String(terms.has(address.get("q"), "root=true")));
    showBar();
    spanscape.searchTail.follow();
    const { search } = spanscape.search;
    parts.total = null;
    load(ask("/traces/facets", search(), stop.signal), drawFacets);
    load(ask("/traces/heatmap", search(), stop.signal), drawHeatmap);
  }

  function refreshSelection() {
    showBar();
    loadResults();
    loadVersus();
  }

  /* Mistakes and absence are told once, by the results. */
  function load(asked, draw) {
    asked.then(draw, () => null);
  }

  function drawFacets(answer) {
    spanscape.searchFacets.draw(parts.facets, answer);
    parts.total = answer;
    showSummary();
  }

  function drawHeatmap(answer) {
    spanscape.searchHeatmap.draw(answer);
  }

  async function loadResults() {
    const { signal } = stop;
    parts.results.classList.add("is-loading");
    const onMap = spanscape.search.narrowedAddress();
    try {
      const answer = await ask("/traces", { ...spanscape.search.narrowed(), sort: spanscape.search.sort(), limit: PAGE }, signal);
      show(answer);
    } catch (error) {
      if (error.name !== "AbortError") {
        fail(error);
      }
      return;
    }
    const query = new URLSearchParams({ ...(onMap.range && { range: onMap.range }), traces: onMap.q || "duration>=0ns" });
    parts.onMap.href = address.page(`/?${query}`);
  }

  function show(answer) {
    spanscape.searchBox.showMistake("");
    spanscape.searchMemory.remember(address.get("q"));
    parts.grid.classList.remove("is-stale");
    parts.results.classList.remove("is-loading");
    cursor = answer.next;
    parts.traces = answer.traces;
    parts.more.classList.toggle("hidden", !cursor);
    parts.onMap.classList.toggle("hidden", !answer.traces.length);
    if (answer.traces.length) {
      spanscape.searchResults.draw(parts.results, answer.traces);
    } else {
      const filtered = address.get("q") || spanscape.search.selection();
      cover("empty", filtered ? "No trace matches" : "No traces in this time range", filtered ? "Loosen the filter or choose a longer time range." : "Send some over OTLP (ports 4317 and 4318), or choose a longer time range.");
    }
    showSummary();
  }

  function showSummary() {
    const shown = document.querySelectorAll("#traces-body tr").length;
    const { traces, share } = parts.total || {};
    const of = traces > shown && !spanscape.search.selection() ? ` of ${share === 1 ? "" : "about "}${count(traces)}` : "";
    parts.summary.textContent = shown ? `${count(shown)}${of} shown${cursor && !of ? ", more to come" : ""}` : "";
  }

  /* As states.scope_note does. */
  const scopeNote = () => el("p", { class: "scope-note" }, "Only ", el("strong", { class: "scope-words" }), " is shown.", el("button", { class: "plain-button scope-clear" }, "Show all"));

  function cover(name, title, words, isBad) {
    const state = el("div", { class: isBad ? "state state-error" : "state", role: isBad ? "alert" : "status" }, icon(name), el("h2", {}, title), el("p", {}, words), isBad ? null : scopeNote());
    parts.results.replaceChildren(state);
  }

  function fail(error) {
    const isMistake = error.status === 400 && error.detail.startsWith("q:");
    spanscape.searchBox.showMistake(isMistake ? error.detail : "");
    parts.results.classList.remove("is-loading");
    parts.traces = [];
    parts.more.classList.add("hidden");
    parts.onMap.classList.add("hidden");
    parts.summary.textContent = "";
    parts.grid.classList.add("is-stale");
    cover(error.status === 400 ? "error" : "away", isMistake ? "The filter has a mistake" : error.title, isMistake ? "No traces are shown until the filter is corrected." : error.detail, true);
    if (error.passing && error.status !== 503) { // what took too long once would again
      retry = window.setTimeout(refresh, RETRY_MS);
    }
  }

  /* Traces of the live tail come on top; those that were there and grew keep their places. */
  function arrive(traces) {
    const grown = new Map(traces.map((trace) => [trace.trace_id, trace]));
    const known = parts.traces.map(({ trace_id: id }) => id);
    const all = [...traces.filter((trace) => !known.includes(trace.trace_id)), ...parts.traces.map((trace) => grown.get(trace.trace_id) || trace)];
    parts.traces = all.slice(0, MOST_TAILED);
    if (!document.getElementById("traces-body")) {
      spanscape.searchResults.draw(parts.results, []);
    }
    spanscape.searchResults.addFirst(traces, MOST_TAILED);
    if (all.length > MOST_TAILED) {
      cursor = null; // what follows the last of them is not what would come next
    }
    parts.more.classList.toggle("hidden", !cursor);
    parts.onMap.classList.remove("hidden");
    showSummary();
  }

  async function showMore() {
    const { signal } = stop;
    parts.more.disabled = true;
    try {
      const answer = await ask("/traces", { ...spanscape.search.narrowed(), sort: spanscape.search.sort(), limit: PAGE, cursor }, signal);
      cursor = answer.next;
      const known = new Set(parts.traces.map((trace) => trace.trace_id));
      const further = answer.traces.filter((trace) => !known.has(trace.trace_id)); // an earlier span of one may have come
      parts.traces = parts.traces.concat(further);
      spanscape.searchResults.add(further);
      parts.more.textContent = "Show more";
    } catch (error) {
      if (error.name !== "AbortError") {
        parts.more.textContent = `${error.title}: try again`;
      }
    }
    parts.more.disabled = false;
    parts.more.classList.toggle("hidden", !cursor);
    showSummary();
  }

  function loadVersus() {
    const wish = spanscape.searchDifferences.wish();
    parts.versus.classList.toggle("hidden", !wish);
    parts.errors.setAttribute("aria-pressed", String(Boolean(address.get("versus"))));
    if (!wish) {
      parts.versus.replaceChildren();
      return;
    }
    const state = JSON.stringify(wish);
    if (!parts.versus.firstChild) {
      parts.versus.replaceChildren(el("p", { class: "muted" }, "Comparing …"));
    }
    const isCurrent = () => JSON.stringify(spanscape.searchDifferences.wish()) === state;
    ask("/traces/differences", { ...spanscape.search.search(), ...wish, limit: 12 }, stop.signal).then(
      (answer) => isCurrent() && spanscape.searchDifferences.draw(parts.versus, answer),
      (error) => isCurrent() && error.name !== "AbortError" && spanscape.searchDifferences.fail(parts.versus, error),
    );
  }

  function showBar() {
    const chosen = spanscape.search.selection();
    parts.bar.classList.toggle("hidden", !chosen);
    if (chosen) {
      const [start, end] = [chosen.startS * 1000, chosen.endS * 1000];
      const words = `${day(start)} ${clock(start)} to ${clock(end)}, ${duration(chosen.minNs)} to ${duration(chosen.maxNs)}`;
      parts.bar.replaceChildren(el("span", {}, `Selected: ${words}`), button("traces-zoom", "Zoom in", "Make the selection the time range and the filter", zoom), button("traces-deselect", "Clear selection", "Back to all matches (Esc)", () => choose(null)));
    }
  }

  function zoom() {
    const { q, range } = spanscape.search.narrowedAddress();
    address.set({ q, sel: "", versus: "" });
    spanscape.searchBox.set(q);
    spanscape.search.chooseRange(range);
  }

  /* Whether there was one; the focus stays on what opened it. */
  function closeMenus() {
    const open = Array.from(document.querySelectorAll(".menu[open]"));
    open.forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    return open.length > 0;
  }

  document.addEventListener("click", function (event) {
    document.querySelectorAll(".menu[open]").forEach((menu) => event.composedPath().includes(menu) || (menu.open = false));
  });
  document.addEventListener("keydown", function (event) {
    const typing = event.target.closest("input, textarea, select");
    if (event.key === "Escape" && closeMenus()) {
      return;
    }
    if (event.key === "Escape" && !typing && parts && parts.root.isConnected && spanscape.searchDifferences.wish()) {
      choose(null);
    }
  });

  /* Called by Dash when the page is there, and when time range or scope changed. */
  spanscape.mountSearch = function (range, _scope, id) {
    const root = document.getElementById(id);
    if (root && range) {
      if (!parts || parts.root !== root || !root.contains(parts.results)) {
        spanscape.search.fold();
        spanscape.search.remember();
        build(root);
      }
      spanscape.upload.mount(document.getElementById("traces-upload"));
      refresh();
    }
    return window.dash_clientside.no_update;
  };
})();
