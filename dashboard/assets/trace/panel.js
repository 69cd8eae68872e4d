/* The panel of the selected span: asks for it, keeps the last ones, shows all that it says. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { relay } = spanscape;
  const { el, icon, link, copyButton } = spanscape.dom;
  const KEPT = 50;
  const SEARCH_FROM = 8; // attributes

  function create(page) {
    const body = el("div", { class: "span-panel-body" });
    const closer = el("button", { type: "button", class: "icon-button span-panel-close", title: "Close (Esc)", "aria-label": "Close", onclick: () => page.select(-1) }, icon("close"));
    const kind = el("span", { class: "span-kind" });
    const bar = el("div", { class: "span-panel-bar" }, kind, closer);
    const element = el("aside", { class: "span-panel hidden", id: "trace-panel", tabindex: "-1", "aria-label": "Selected span" }, bar, body);
    const kept = new Map();
    let asked = null;
    let shown = "";

    /* `how.panel === false` follows the selection only when the panel is open. */
    function show(row, how = {}) {
      if (row < 0 || (how.panel === false && element.classList.contains("hidden"))) {
        element.classList.add("hidden");
        forget();
        return;
      }
      element.classList.remove("hidden");
      if (how.focus) {
        element.focus();
      }
      read(row);
    }

    function forget() {
      shown = "";
      if (asked) {
        asked.abort();
      }
    }

    async function read(row) {
      const key = `${page.get("skew")} ${trace.model.keyOf(page.model, row)}`;
      if (key === shown) {
        return; // it is there, or on its way
      }
      forget();
      shown = key;
      const known = kept.get(key);
      if (known) {
        draw(row, known);
        return;
      }
      asked = new AbortController();
      if (!body.firstChild) {
        body.replaceChildren(el("p", { class: "muted" }, "Loading the span …"));
      }
      body.setAttribute("aria-busy", "true");
      try {
        const detail = await relay.get(...detailOf(row), asked.signal);
        keep(key, detail);
        draw(row, detail);
      } catch (error) {
        fail(error);
      }
      body.removeAttribute("aria-busy");
    }

    function detailOf(row) {
      return page.api(`/spans/${page.model.spans.id[row]}`, { service: trace.model.serviceOf(page.model, row) });
    }

    function keep(key, detail) {
      kept.set(key, detail);
      if (kept.size > KEPT) {
        kept.delete(kept.keys().next().value);
      }
    }

    function fail(error) {
      if (error.name === "AbortError") {
        return;
      }
      shown = "";
      if (!(error instanceof relay.Problem)) {
        throw error;
      }
      body.replaceChildren(el("div", { class: "span-failed", role: "alert" }, el("strong", {}, error.title), " ", error.detail));
    }

    function draw(row, detail) {
      kind.replaceChildren(icon(`kind-${detail.kind}`), `${detail.kind} span`);
      const parts = trace.panelParts(page, row, detail, () => relay.text(...withFormat(row)));
      body.replaceChildren(...[heading(row, detail), ...parts.before, search(detail), ...parts.sections].flat().filter(Boolean));
      element.scrollTop = 0;
    }

    function withFormat(row) {
      const [path, parameters] = detailOf(row);
      return [path, { ...parameters, format: "otlp" }];
    }

    function heading(row, detail) {
      const colour = `var(--svc-${page.model.colours[page.model.spans.service[row]]})`;
      return [
        el("h2", {}, detail.name || "(no name)"),
        el("p", { class: "span-service", style: { "--svc": colour } }, el("i"), link(`/service/${encodeURIComponent(detail.service)}`, {}, detail.service)),
        el("p", { class: "span-tools" }, copyButton(spanscape.address.href, "Copy the link to this span", "Copy link"), copyButton(detail.span_id, "Copy the span's id", "Copy id")),
      ];
    }

    function search(detail) {
      const count = Object.keys(detail.attributes).length + Object.keys(detail.resource.attributes).length;
      if (count < SEARCH_FROM) {
        return null;
      }
      const field = el("input", { type: "text", class: "search-field span-search", placeholder: "Search in this span", "aria-label": "Search in this span" });
      field.addEventListener("input", () => trace.searchPanel(body, field.value));
      return field;
    }

    return { element, show };
  }

  trace.panel = create;
})();
