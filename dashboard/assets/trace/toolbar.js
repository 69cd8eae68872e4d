/* Above the rows: search, filters, levels, logs; and the services with their share of the critical path. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format } = spanscape;
  const { el } = spanscape.dom;
  const CHIPS = 14;

  /* `act`: {find(text), step(by), filter({only, service, kind}), level(by), logs(on), reset()}. */
  function create(page, act) {
    let drawn = null; // the outline whose services are shown
    const field = el("input", {
      type: "search", class: "search-field wf-find", placeholder: "Find or filter", "aria-label": "Find in this trace", title: "Words, an id, or the filter language, such as status=error duration>200ms (/)", value: page.get("find"),
    });
    const count = el("output", { class: "wf-count", "aria-live": "polite" });
    field.addEventListener("input", () => act.find(field.value));
    field.addEventListener("keydown", function (event) {
      if (event.key === "Enter") {
        event.preventDefault();
        act.step(event.shiftKey ? -1 : 1);
      }
    });
    const wrong = el("p", { class: "wf-wrong", role: "alert" });
    const only = choice("Show", [["", "All spans"], ["error", "Errors"], ["critical", "Critical path"], ["found", "What is found"]], (value) => act.filter({ only: value }));
    const service = choice("Service", [], (value) => act.filter({ service: value }));
    const kind = choice("Kind", [["", "All kinds"], ...trace.KINDS.map((name) => [name, name])], (value) => act.filter({ kind: value }));
    const level = el("span", { class: "wf-levels" });
    const unkept = el("span", { class: "wf-unkept warned", role: "status" });
    const logs = el("button", { type: "button", class: "plain-button wf-logs", title: "Log records below their spans (l)", onclick: () => act.logs() }, "Logs");
    const zoomed = el("button", { type: "button", class: "plain-button wf-unzoom", title: "Show the whole time (0)", onclick: () => act.reset() }, "Whole time");
    const bar = el("div", { class: "wf-tools" },
      el("div", { class: "wf-search" }, field, count, tool("‹", "Previous match (N)", () => act.step(-1)), tool("›", "Next match (n)", () => act.step(1))),
      only, service, kind,
      el("div", { class: "wf-level-tools" }, tool("−", "One level less ([)", () => act.level(-1)), level, tool("+", "One level more (])", () => act.level(1))),
      logs, unkept, wrong);
    const chips = el("div", { class: "wf-services", role: "group", "aria-label": "Services and their share of the critical path" });

    function draw(state) {
      const { outline } = page;
      count.textContent = state.found;
      wrong.textContent = state.wrong;
      fill(service, [["", "All services"], ...outline.services.map((each) => [each.name, each.name]).sort()], state.filter.service);
      only.value = page.get("only");
      kind.value = state.filter.kind;
      level.textContent = state.level === null ? `all ${format.plural(page.model.levels, "level")}` : `${format.count(state.level)} of ${format.plural(page.model.levels, "level")}`;
      unkept.textContent = state.unkept ? `The address does not hold the ${format.count(state.unkept)} single folds` : "";
      logs.hidden = !state.hasLogs;
      logs.setAttribute("aria-pressed", String(state.logs));
      zoomed.hidden = !state.zoomed;
      if (drawn !== outline) {
        drawn = outline;
        chips.replaceChildren(...drawChips());
      }
      chips.querySelectorAll(".wf-chip").forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.service === state.filter.service)));
    }

    function drawChips() {
      const { services } = page.outline;
      const total = services.reduce((sum, service) => sum + service.critical_ns, 0);
      const order = services.map((_, number) => number).sort((one, other) => services[other].critical_ns - services[one].critical_ns || services[other].self_ns - services[one].self_ns);
      const shown = order.slice(0, CHIPS).map((number) => chip(services[number], page.model.colours[number], total));
      const more = order.length - shown.length;
      return [el("span", { class: "wf-services-title", title: "Of the time that the trace took, how much it waited for this service" }, "Critical path"), ...shown, more > 0 ? el("span", { class: "muted" }, `and ${format.count(more)} more`) : ""];
    }

    function chip(service, colour, total) {
      const title = `${service.name}: ${format.plural(service.spans, "span")}, ${format.plural(service.errors, "error")}, ${format.duration(service.self_ns)} of its own, ${format.duration(service.critical_ns)} on the critical path`;
      return el("button", {
        type: "button", class: "wf-chip", title, "data-service": service.name, style: { "--svc": `var(--svc-${colour})` },
        onclick: () => act.filter({ service: page.get("service") === service.name ? "" : service.name }),
      }, el("i"), el("b", {}, service.name), el("small", {}, format.share(service.critical_ns, total)), service.errors ? el("small", { class: "bad" }, `⚠ ${format.count(service.errors)}`) : null);
    }

    return { bar, chips, zoomed, draw, focus: () => field.focus(), clear: () => (field.value = "") };
  }

  function tool(sign, title, act) {
    return el("button", { type: "button", class: "icon-button", title, "aria-label": title, onclick: act }, sign);
  }

  function choice(label, options, act) {
    const select = el("select", { class: "wf-choice", "aria-label": label, title: label, onchange: () => act(select.value) });
    fill(select, options, "");
    return select;
  }

  function fill(select, options, value) {
    if (select.length !== options.length) {
      select.replaceChildren(...options.map(([key, words]) => el("option", { value: key }, words)));
    }
    select.value = value;
  }

  trace.toolbar = create;
})();
