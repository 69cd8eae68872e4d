/* What differs from another trace, or from the typical one of the same operation: call trees laid over each other. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format, relay } = spanscape;
  const { el, link } = spanscape.dom;
  const ROW_PX = 26;
  const STATUSES = [["same", "="], ["added", "+"], ["missing", "−"], ["slower", "▲"], ["faster", "▼"]];
  const SAME = 0;
  const A_TRACE = /^[0-9a-f]{32}$/i;

  function mount(box, page) {
    const field = el("input", { type: "text", class: "search-field compare-with", placeholder: "Id of another trace", "aria-label": "Compare with the trace", title: "Empty: the typical trace of this operation" });
    const all = el("input", { type: "checkbox" });
    const said = el("div", { class: "compare-words", role: "status" });
    const scroller = el("div", { class: "compare-rows", tabindex: "0", "aria-label": "Paths" });
    const head = el("div", { class: "compare-row compare-head" }, ["", "Path", "This trace", "The other", "Difference"].map((words) => el("span", {}, words)));
    let answer = null;
    let shown = [];
    field.onchange = () => (page.set({ with: field.value.trim() }), update());
    all.onchange = listNodes;
    box.append(el("div", { class: "wf-tools" }, el("label", {}, "With ", field), el("button", { type: "button", class: "plain-button", onclick: typical }, "Typical trace"), el("label", { class: "compare-all" }, all, " also what is the same")), said, head, scroller);
    const list = trace.list(scroller, ROW_PX, () => el("div", { class: "compare-row" }), draw);
    scroller.addEventListener("click", function (event) {
      const element = event.target.closest(".compare-row");
      const row = element ? answer.nodes.row[Number(element.dataset.node)] : -1;
      if (row >= 0) {
        page.select(row);
      }
    });

    function typical() {
      field.value = "";
      page.set({ with: "" });
      update();
    }

    async function update() {
      const wanted = page.get("with");
      const { outline } = page;
      field.value = wanted;
      if (wanted && !A_TRACE.test(wanted)) {
        fail("A trace's id has 32 hexadecimal digits.");
        return;
      }
      try {
        const read = await relay.get(...page.api("/compare", { with: wanted || "typical" }));
        if (outline === page.outline && wanted === page.get("with")) {
          answer = read;
          describe();
          listNodes();
        }
      } catch (error) {
        fail(error.detail || String(error), error.status === 404 && !wanted);
      }
    }

    /* `isNone`: there is nothing to compare with, which is no mistake. */
    function fail(words, isNone) {
      answer = null;
      shown = [];
      list.setCount(0);
      said.replaceChildren(el("span", { class: isNone ? "muted" : "bad" }, words));
    }

    function describe() {
      const { other, paths } = answer;
      const who = other.kind === "typical" ? `the typical one of ${format.plural(other.traces, "trace")}` : ["trace ", link(`/trace/${other.trace_id}`, {}, `${other.trace_id.slice(0, 12)}…`)];
      const counts = STATUSES.filter(([name]) => paths[name]).map(([name, sign]) => el("span", { class: `compare-${name}` }, `${sign} ${format.count(paths[name])} ${name}`));
      said.replaceChildren(...[`This trace took ${format.duration(answer.duration_ns)} with ${format.plural(answer.span_count, "span")}, `, who, ` ${format.duration(answer.other_duration_ns)} with ${format.count(answer.other_span_count)}.`].flat(), ...counts);
    }

    /* Paths that differ, and those above them; or all. */
    function listNodes() {
      if (!answer) {
        return;
      }
      const { status, parent } = answer.nodes;
      const keep = new Uint8Array(status.length);
      for (let node = status.length - 1; node >= 0; node -= 1) {
        keep[node] = keep[node] || all.checked || status[node] !== SAME ? 1 : 0;
        if (keep[node] && parent[node] >= 0) {
          keep[parent[node]] = 1;
        }
      }
      shown = Array.from(status.keys()).filter((node) => keep[node]);
      list.setCount(shown.length);
    }

    function draw(element, index) {
      const node = shown[index];
      const { nodes } = answer;
      const [status, sign] = STATUSES[nodes.status[node]];
      const at = page.outline.services.findIndex((each) => each.name === answer.services[nodes.service[node]]);
      const difference = nodes.total_ns[node] - nodes.other_total_ns[node];
      const isSelected = nodes.row[node] >= 0 && nodes.row[node] === page.selected;
      element.className = `compare-row compare-${status}${isSelected ? " wf-selected" : ""}`;
      element.dataset.node = node;
      element.style.setProperty("--depth", Math.min(nodes.depth[node], trace.bars.DEEPEST_INDENT));
      element.style.setProperty("--svc", at < 0 ? "var(--ss-line)" : `var(--svc-${page.model.colours[at]})`);
      element.title = `${status}: ${answer.services[nodes.service[node]]} · ${answer.names[nodes.name[node]]}`;
      element.replaceChildren(
        el("span", { class: "compare-sign" }, sign),
        el("span", { class: "compare-name" }, el("i"), el("b", {}, answer.services[nodes.service[node]]), ` ${answer.names[nodes.name[node]] || "(no name)"}`),
        el("span", {}, side(nodes.count[node], nodes.errors[node], nodes.total_ns[node])),
        el("span", {}, side(nodes.other_count[node], nodes.other_errors[node], nodes.other_total_ns[node])),
        el("span", { class: "compare-difference" }, nodes.count[node] && nodes.other_count[node] ? `${difference > 0 ? "+" : ""}${format.duration(difference)}` : status),
      );
    }

    function side(count, errors, total) {
      return count ? `${format.duration(total)} · ${format.count(count)}×${errors ? ` · ⚠ ${format.count(errors)}` : ""}` : "—";
    }

    update();
    return { update, select: list.refresh, show: list.refresh, destroy: list.destroy };
  }

  spanscape.traceViews.register({ name: "compare", title: "Compare", order: 7, mount });
})();
