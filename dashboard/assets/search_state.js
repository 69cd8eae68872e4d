/* What the traces page shows, as it stands in the address, and how it asks the collector for it. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { address } = spanscape;
  const { duration, count } = spanscape.format;
  const RANGE_DEFAULT = "5m";
  const SELECTION = /^(\d{1,12})-(\d{1,12}),(\d{1,19})-(\d{1,19})$/;
  const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 };
  const AROUND_MS = 15 * 60_000;
  const COLUMNS = ["started", "trace", "duration", "spans", "errors", "services"];
  const OWN = ["q", "sel", "versus", "sort", "cols", "tail"]; // parameters that no other page has
  const SORTS = ["duration", "errors", "spans"];

  const ms = (ns) => Number(BigInt(ns) / 1000000n);
  const clock = (atMs, withMs) => new Date(atMs).toISOString().slice(11, withMs ? 23 : 19);
  const day = (atMs) => new Date(atMs).toISOString().slice(0, 10);

  /* Start and end of the time range as the API takes them. */
  function range() {
    const key = address.get("range") || RANGE_DEFAULT;
    const [start, end] = key.split("/");
    return end ? { start, end } : { start: `-${key}`, end: "now" };
  }

  function search() {
    return { q: address.get("q"), ...range(), ...spanscape.scope() };
  }

  /* The rectangle in the heat map, in whole seconds and nanoseconds; null without one. */
  function selection() {
    const found = address.get("sel").match(SELECTION);
    if (!found) {
      return null;
    }
    const [startS, endS, minNs, maxNs] = found.slice(1).map(Number);
    return startS < endS && minNs < maxNs ? { startS, endS, minNs, maxNs } : null;
  }

  function select(rectangle) {
    const { startS, endS, minNs, maxNs } = rectangle || {};
    address.set({ sel: rectangle ? `${startS}-${endS},${minNs}-${maxNs}` : "", versus: "" });
  }

  /* The half hour around a moment, as a time range. */
  const around = (atMs) => [atMs - AROUND_MS, atMs + AROUND_MS].map((each) => instant(Math.floor(each / 1000))).join("/");

  /* A time range in which the moment is: "" for the chosen one. */
  function rangeWith(atMs) {
    const { start, end } = range();
    const [, number, unit] = /^-(\d+)([mhd])$/.exec(start) || [];
    const [from, to] = end === "now" ? [Date.now() - number * UNITS_MS[unit], Date.now()] : [Date.parse(start), Date.parse(end)];
    return atMs >= from && atMs < to ? "" : around(atMs);
  }

  const instant = (seconds) => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

  /* The search within the selection. */
  function narrowed() {
    const chosen = selection();
    if (!chosen) {
      return search();
    }
    const times = { start: instant(chosen.startS), end: instant(chosen.endS) };
    return { ...search(), ...times, min_duration: `${chosen.minNs}ns`, max_duration: `${chosen.maxNs - 1}ns` };
  }

  /* The same as a filter and a range, for pages that know no selection. */
  function narrowedAddress() {
    const chosen = selection();
    const q = address.get("q");
    if (!chosen) {
      return { q, range: address.get("range") };
    }
    const bounds = `duration>=${chosen.minNs}ns duration<${chosen.maxNs}ns`;
    return { q: spanscape.searchTerms.with(q, bounds), range: `${instant(chosen.startS)}/${instant(chosen.endS)}` };
  }

  /* Changes the time range for all pages; dcc.Location does not see what `address.set` does. */
  function chooseRange(key) {
    address.set({ range: key === RANGE_DEFAULT ? "" : key });
    window.dash_clientside.set_props("time-range", { value: key.includes("/") ? "absolute" : key });
    window.dash_clientside.set_props("window", { data: key });
  }

  /* Filters that older links have in fields of their own become part of the filter. */
  function fold() {
    const [service, operation, status, least] = ["service", "operation", "status", "min_duration_ms"].map(address.get);
    const quoted = spanscape.searchTerms.quoted;
    const terms = [
      service && `service=${quoted(service)}`,
      operation && `operation=${quoted(operation)}`,
      ["ok", "error", "unset"].includes(status) && `status=${status}`,
      Number(least) > 0 && `duration>=${least}ms`,
    ].filter(Boolean);
    if (terms.length) {
      const q = terms.reduce((before, term) => spanscape.searchTerms.with(before, term), address.get("q"));
      address.set({ q, service: "", operation: "", status: "", min_duration_ms: "" });
    }
  }

  /* The address of the search that was on the page last, for the way back to it. */
  let last = "/traces";
  function remember() {
    const query = new URLSearchParams(OWN.map((name) => [name, address.get(name)]).filter(([, value]) => value)).toString();
    last = query ? `/traces?${query}` : "/traces";
  }
  address.onChange(() => window.location.pathname === "/traces" && remember());

  const columns = () => {
    const chosen = address.get("cols").split(",").filter((name) => COLUMNS.includes(name));
    return chosen.length ? COLUMNS.filter((name) => chosen.includes(name)) : COLUMNS;
  };
  const sort = () => (SORTS.includes(address.get("sort")) ? address.get("sort") : "start");

  spanscape.search = {
    duration, count, ms, clock, day, search, selection, select, narrowed, narrowedAddress, chooseRange, fold, ask: spanscape.relay.get, columns, sort,
    COLUMNS, instant, around, rangeWith, remember, last: () => last,
  };
})();
