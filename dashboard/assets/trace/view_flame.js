/* The call tree, merged: what the same services and operations lead to is one block, as wide as the work in and below it. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format, relay } = spanscape;
  const { el } = spanscape.dom;
  const ROW_PX = 22;
  const THINNEST = 0.05; // percent of the width; thinner blocks are not drawn

  function mount(box, page) {
    const said = el("span", { class: "muted", role: "status" });
    const back = el("button", { type: "button", class: "plain-button", hidden: true, onclick: () => focusOn(-1) }, "Whole trace");
    const blocks = el("div", { class: "flame-blocks" });
    const frame = el("div", { class: "flame" }, blocks);
    let answer = null;
    let focus = -1;
    box.append(el("div", { class: "wf-tools" }, el("span", { class: "muted" }, "Click selects the longest span, a double click widens a block."), back, said), frame);

    async function update() {
      const { outline } = page;
      try {
        const read = await relay.get(...page.api("/flame"));
        if (outline === page.outline) {
          answer = read;
          focusOn(-1);
        }
      } catch (error) {
        said.textContent = error.detail || String(error);
        blocks.replaceChildren();
      }
    }

    /* Left and width of each node in percent of what is focused: children from the left, own work at the right end. */
    function places() {
      const { parent, work_ns: work, depth } = answer.nodes;
      const total = focus >= 0 ? work[focus] : depth.reduce((sum, level, node) => sum + (level === 0 ? work[node] : 0), 0);
      const filled = new Float64Array(work.length + 1);
      const left = new Float64Array(work.length);
      for (let node = 0; node < work.length; node += 1) {
        const above = parent[node];
        left[node] = (above >= 0 ? left[above] : 0) + filled[above + 1];
        filled[above + 1] += work[node];
      }
      const from = focus >= 0 ? left[focus] : 0;
      return (node) => [(100 * (left[node] - from)) / Math.max(total, 1), (100 * work[node]) / Math.max(total, 1)];
    }

    function focusOn(node) {
      focus = node;
      back.hidden = focus < 0;
      draw();
    }

    function draw() {
      const { nodes, cut } = answer;
      const place = places();
      const first = Math.max(focus, 0);
      const last = focus >= 0 ? nodes.end[focus] : nodes.parent.length;
      const top = focus >= 0 ? nodes.depth[focus] : 0;
      const drawn = [];
      let deepest = 0;
      for (let node = first; node < last; node += 1) {
        const [left, width] = place(node);
        if (width >= THINNEST) {
          drawn.push(block(node, left, width, nodes.depth[node] - top));
          deepest = Math.max(deepest, nodes.depth[node] - top);
        }
      }
      blocks.style.height = `${(deepest + 1) * ROW_PX}px`;
      blocks.replaceChildren(...drawn);
      said.textContent = cut.nodes ? `${format.plural(cut.nodes, "block")} with ${format.plural(cut.spans, "span")} are left out` : "";
      select(page.selected);
    }

    function block(node, left, width, depth) {
      const { nodes } = answer;
      const service = answer.services[nodes.service[node]];
      const name = answer.names[nodes.name[node]] || "(no name)";
      const at = page.outline.services.findIndex((each) => each.name === service);
      const errors = nodes.errors[node] ? `, ${format.plural(nodes.errors[node], "error")}` : "";
      const title = `${service} · ${name}\n${format.plural(nodes.count[node], "span")}${errors}, ${format.duration(nodes.self_ns[node])} of its own, ${format.duration(nodes.work_ns[node])} with what is below`;
      const element = el("button", {
        type: "button", class: `flame-block${nodes.errors[node] ? " flame-failed" : ""}`, title, "data-node": node,
        style: { left: `${left}%`, width: `${width}%`, top: `${depth * ROW_PX}px`, "--svc": at < 0 ? "var(--ss-line)" : `var(--svc-${page.model.colours[at]})` },
        onclick: () => page.select(nodes.row[node]), ondblclick: () => focusOn(node),
      }, el("b", {}, service), ` ${name}`);
      element.what = [service, name];
      return element;
    }

    /* Blocks of the selected span's operation. */
    function select(row) {
      const wanted = row >= 0 ? [trace.model.serviceOf(page.model, row), trace.model.nameOf(page.model, row)] : [null, null];
      for (const element of blocks.children) {
        element.classList.toggle("flame-selected", element.what[0] === wanted[0] && element.what[1] === wanted[1]);
      }
    }

    function escape() {
      const was = focus >= 0 && page.selected < 0;
      if (was) {
        focusOn(-1);
      }
      return was;
    }

    update();
    return { update, select, escape };
  }

  spanscape.traceViews.register({ name: "flame", title: "Flame", order: 2, mount });
})();
