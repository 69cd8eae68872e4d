/* The page of one trace: reads its outline, shows heading, tabs, views and the panel, and keeps all state in the address. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { address, relay } = spanscape;
  const { el, icon, link } = spanscape.dom;
  const RETRY_MS = 3000;
  let open = null;

  /* Called by Dash when the page of a trace appears. */
  spanscape.openTrace = function (id) {
    const root = document.getElementById("trace-page");
    if (root && current()?.early && open.id === id) {
      moveTo(root, open);
    } else if (root) {
      close();
      open = create(root, id);
      open.load();
    }
    return id;
  };

  /* The trace of the address is drawn over the bare page, without waiting for Dash. A promise that it is drawn, or why it is not. */
  spanscape.openTraceEarly = function (id) {
    open = create(el("div", { class: "trace-page trace-early" }), id);
    open.early = true;
    document.body.append(open.root);
    window.addEventListener("_dashprivate_pushstate", () => open?.early && close());
    return open.load();
  };

  /* Dash has made the place where the trace belongs. */
  function moveTo(root, page) {
    const focused = page.root.contains(document.activeElement) && document.activeElement;
    const scrolled = Array.from(page.root.querySelectorAll(".wf-scroll"), (each) => [each, each.scrollTop]);
    root.replaceChildren(...page.root.childNodes);
    scrolled.forEach(([each, top]) => (each.scrollTop = top));
    focused && focused.focus();
    page.root.remove();
    Object.assign(page, { root, early: false });
  }

  function close() {
    if (open) {
      open.leave();
      open = null;
    }
  }

  function current() {
    if (open && !open.root.isConnected) {
      close();
    }
    return open;
  }

  function create(root, id) {
    const page = {
      id, root, outline: null, model: null, selected: -1, frame: null, panel: null,
      get: address.get,
      set: (changes) => address.set(changes),
      select: (row, how) => select(page, row, how || {}),
      api: (suffix, parameters) => [`/traces/${encodeURIComponent(id)}${suffix}`, { skew: address.get("skew"), upload: address.get("upload"), ...parameters }],
      load: () => load(page),
      key: (event) => key(page, event),
    };
    page.leave = function () {
      page.left = true;
      clearTimeout(page.retry);
      page.frame && page.frame.forAll("destroy");
      page.root.replaceChildren();
      page.early && page.root.remove();
    };
    return page;
  }

  async function load(page) {
    if (!page.outline) {
      page.root.replaceChildren(loading());
    }
    page.root.setAttribute("aria-busy", "true");
    try {
      const outline = await relay.get(...page.api("/outline"));
      if (!page.left) {
        show(page, outline);
      }
    } catch (error) {
      if (!(error instanceof relay.Problem)) {
        throw error;
      }
      if (!page.left) {
        fail(page, error);
      }
    }
    page.root.removeAttribute("aria-busy");
  }

  function loading() {
    return el("div", { class: "state state-loading", role: "status" }, el("span", { class: "spinner", "aria-hidden": "true" }), el("p", {}, "Loading the trace …"));
  }

  function fail(page, problem) {
    page.outline = null;
    page.frame && page.frame.forAll("destroy");
    page.frame = null;
    const again = problem.passing
      ? [el("p", {}, "Trying again every few seconds; this page recovers by itself.")]
      : problem.status === 404
        ? [el("p", {}, "It may not have arrived yet, or be older than what is kept."), el("button", { type: "button", class: "plain-button", onclick: page.load }, "Ask again")]
        : [];
    page.root.replaceChildren(
      link(spanscape.search.last(), { class: "back" }, "← Traces"),
      el("div", { class: "state state-error", role: "alert" }, icon(problem.passing ? "away" : "error"), el("h2", {}, problem.title), el("p", {}, problem.detail), again),
    );
    if (problem.passing) {
      page.retry = setTimeout(page.load, RETRY_MS);
    }
  }

  function show(page, outline) {
    const first = !page.outline;
    const before = first ? page.get("span") : page.selected >= 0 ? trace.model.keyOf(page.model, page.selected) : "";
    page.outline = outline;
    page.model = trace.model.build(outline);
    page.selected = before ? trace.model.rowOf(page.model, before) : -1;
    if (first) {
      page.frame = trace.frame(page);
      page.panel = trace.panel(page);
      page.head = el("div", { class: "trace-head" });
      page.root.replaceChildren(page.head, page.frame.bar, el("div", { class: "trace-split" }, page.frame.boxes, page.panel.element));
      page.frame.show(page.get("view"));
    } else {
      page.frame.forAll("update");
    }
    page.head.replaceChildren(...trace.heading(page));
    page.panel.show(page.selected);
    page.frame.forAll("select", page.selected);
  }

  /* Selects a row in all views; -1 for none. `panel: false` leaves the panel closed if it is. */
  function select(page, row, how) {
    page.selected = row;
    page.set({ span: row >= 0 ? trace.model.keyOf(page.model, row) : "" });
    page.panel.show(row, how); // first: it takes room
    page.frame.forAll("select", row);
  }

  function deselect(page) {
    const had = page.selected >= 0;
    if (had) {
      select(page, -1, {});
    }
    return had;
  }

  function key(page, event) {
    if (!page.model) {
      return false;
    }
    if (event.key === "Escape") {
      return page.frame.ask("escape") || deselect(page);
    }
    if (/^[1-9]$/.test(event.key)) {
      return page.frame.number(Number(event.key) - 1);
    }
    return page.frame.ask("key", event.key, event);
  }

  /* For assets/keys.js: true when the page of a trace is open and did something. */
  spanscape.traceKey = function (event) {
    const page = current();
    return page ? page.key(event) : false;
  };

  /* Addresses to a span within the open trace change the selection only. */
  window.addEventListener("popstate", function () {
    const page = current();
    if (page && page.model && window.location.pathname === `/trace/${page.id}`) {
      const key = page.get("span");
      select(page, key ? trace.model.rowOf(page.model, key) : -1, {});
    }
  });
})();
