/* Search in a trace: by words of name and service, or the beginning of an id; steps through what was found. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format, relay } = spanscape;
  const ASK_AFTER_MS = 120; // of no typing
  const MOST_ROWS = 100000;
  const AN_ID = /^[0-9a-f]{4,16}$/;

  /* Rows that have every word in their name or service, whatever the case, or whose id begins so. */
  function rows(model, text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) {
      return [];
    }
    const { spans, outline } = model;
    const tests = words.map((word) => ({
      names: outline.names.map((name) => name.toLowerCase().includes(word)),
      services: outline.services.map((service) => service.name.toLowerCase().includes(word)),
      id: AN_ID.test(word) ? word : null,
    }));
    const found = [];
    for (let row = 0; row < model.count; row += 1) {
      const fits = tests.every((test) => test.names[spans.name[row]] || test.services[spans.service[row]] || (test.id !== null && spans.id[row].startsWith(test.id)));
      if (fits) {
        found.push(row);
      }
    }
    return found;
  }

  /* Keeps what was found. `changed()` is called when it is another. Words are looked for here at once; the collector then
     adds what it finds in attributes, events and messages, and understands the filter language. */
  function create(page, changed) {
    let found = [];
    let set = new Set();
    let text = "";
    let wrong = "";
    let timer = 0;
    let asked = null;

    function take(rows_) {
      found = rows_;
      set = new Set(found);
      changed();
    }

    function search(wanted) {
      text = wanted.trim();
      wrong = "";
      page.set({ find: text });
      clearTimeout(timer);
      if (asked) {
        asked.abort();
      }
      take(rows(page.model, text));
      if (text) {
        timer = setTimeout(ask, ASK_AFTER_MS, page.model);
      }
    }

    async function ask(model) {
      asked = new AbortController();
      const local = found;
      try {
        const answer = await relay.get(...page.api("/find", { q: text, limit: MOST_ROWS }), asked.signal);
        if (model === page.model) {
          take(Array.from(new Set([...local, ...answer.rows])).sort((one, other) => one - other));
        }
      } catch (error) {
        if (error.name === "AbortError") {
          return;
        }
        wrong = (error.detail || String(error)).replace(/^q: /, "");
        changed();
      }
    }

    /* The next row after the selected one (by = 1) or the one before it (-1), around the ends; -1 for none. */
    function next(by) {
      if (!found.length) {
        return -1;
      }
      const after = found.findIndex((row) => row > page.selected);
      const from = found.findIndex((row) => row >= page.selected);
      const at = by > 0 ? (after < 0 ? 0 : after) : (from < 0 ? found.length : from) - 1;
      return found[(at + found.length) % found.length];
    }

    function words() {
      if (!text) {
        return "";
      }
      const at = found.indexOf(page.selected);
      return !found.length ? "none" : at < 0 ? format.count(found.length) : `${format.count(at + 1)} of ${format.count(found.length)}`;
    }

    function leave() {
      clearTimeout(timer);
      if (asked) {
        asked.abort();
      }
    }

    return { search, next, words, leave, text: () => text, wrong: () => wrong, has: (row) => set.has(row) };
  }

  trace.find = create;
})();
