/* Attributes of a span: grouped, searched, copied, and turned into a filter of the search page. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format } = spanscape;
  const { el, link, copyButton } = spanscape.dom;
  const LONG = 600; // characters of a value that are shown at first
  const BARE = /^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)+$/; // a name that needs no quotes and is no field's

  function asText(value) {
    return typeof value === "string" ? value : JSON.stringify(value, null, typeof value === "object" ? 1 : 0);
  }

  function quoted(text) {
    return `"${text.replace(/[\\"]/g, "\\$&")}"`;
  }

  /* A term of the filter language. `prefix` is "" or "resource.". */
  function term(prefix, key, sign, value) {
    const isBare = BARE.test(key) && !/^(span|resource)\./.test(key);
    return `${prefix}${isBare ? key : quoted(key)}${sign}${quoted(asText(value))}`;
  }

  /* Traces of the chosen time range or, where this trace is not in it, of `range`. */
  function tracesWith(q, range) {
    return `/traces?${new URLSearchParams(range ? { q, range } : { q })}`;
  }

  /* Groups by the first part of the names; what stands alone comes first, without a heading. */
  function groups(keys) {
    const by = new Map();
    for (const key of keys.slice().sort()) {
      const head = key.includes(".") ? key.slice(0, key.indexOf(".")) : "";
      by.set(head, [...(by.get(head) || []), key]);
    }
    const alone = [];
    const grouped = [];
    by.forEach((own, head) => (head && own.length > 1 ? grouped.push([head, own]) : alone.push(...own)));
    return grouped.length > 1 || alone.length ? [["", alone], ...grouped].filter(([, own]) => own.length) : [["", [...alone, ...grouped.flatMap(([, own]) => own)]]];
  }

  /* `where`: {prefix, range} of a search; null for attributes that it does not reach, such as those of events. */
  function attributes(given, where) {
    return groups(Object.keys(given)).map(([head, keys]) =>
      el("div", { class: "pair-group" }, head ? el("h4", {}, head) : null, el("dl", { class: "pairs" }, keys.map((key) => pair(key, given[key], where)))),
    );
  }

  function pair(key, value, where) {
    const text = asText(value);
    return el("div", { class: "pair" }, el("dt", {}, breakable(key)), el("dd", {}, shown(text), tools(key, value, text, where)));
  }

  function breakable(name) {
    return name.split(/(?<=[._])/).flatMap((piece, at) => (at ? [document.createElement("wbr"), piece] : [piece]));
  }

  function shown(text) {
    if (text.length <= LONG) {
      return el("code", {}, text);
    }
    const code = el("code", {}, `${text.slice(0, LONG)}…`);
    const more = el("button", { type: "button", class: "link-button" }, `Show all ${format.count(text.length)} characters`);
    more.addEventListener("click", () => ((code.textContent = text), more.remove()));
    return [code, " ", more];
  }

  function tools(key, value, text, where) {
    const searchable = where !== null && typeof value !== "object" && text.length <= LONG;
    return el("span", { class: "pair-tools" },
      copyButton(text, `Copy the value of ${key}`),
      searchable ? link(tracesWith(term(where.prefix, key, "=", value), where.range), { title: `Traces with this ${key}` }, "find") : null,
      searchable ? link(tracesWith(term(where.prefix, key, "!=", value), where.range), { title: `Traces with another ${key}` }, "exclude") : null,
    );
  }

  function facts(listed) {
    return el("dl", { class: "pairs" }, listed.filter(Boolean).map(([name, ...value]) => el("div", {}, el("dt", {}, name), el("dd", {}, ...value))));
  }

  /* Hides what has none of the words in its name or value, and sections that are empty then. */
  function search(body, text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    for (const entry of body.querySelectorAll(".pair")) {
      const said = entry.textContent.toLowerCase();
      entry.classList.toggle("hidden", !words.every((word) => said.includes(word)));
    }
    for (const group of body.querySelectorAll(".pair-group, .span-section")) {
      const pairs = group.querySelectorAll(".pair");
      group.classList.toggle("hidden", words.length > 0 && !group.querySelector(".pair:not(.hidden)") && pairs.length > 0);
    }
  }

  Object.assign(trace, { attributes, facts, searchPanel: search, valueText: asText, filterTerm: term });
})();
