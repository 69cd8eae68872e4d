/* The services of this trace and their calls, callers left of whom they call. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format, relay } = spanscape;
  const { el } = spanscape.dom;
  const SVG = "http://www.w3.org/2000/svg";
  const BOX = { width: 200, height: 48, across: 290, down: 66, margin: 12 };

  function mount(box, page) {
    const said = el("span", { class: "muted", role: "status" });
    const stage = el("div", { class: "trace-graph" });
    let answer = null;
    box.append(el("div", { class: "wf-tools" }, el("span", { class: "muted" }, "Click selects the longest span of a service or call."), said), stage);

    async function update() {
      const { outline } = page;
      try {
        const read = await relay.get(...page.api("/graph"));
        if (outline === page.outline) {
          answer = read;
          draw();
        }
      } catch (error) {
        said.textContent = error.detail || String(error);
        stage.replaceChildren();
      }
    }

    function draw() {
      const places = placed(answer);
      const width = Math.max(0, ...Array.from(places.values(), (place) => place.x)) + BOX.width + BOX.margin;
      const height = Math.max(0, ...Array.from(places.values(), (place) => place.y)) + BOX.height + BOX.margin;
      const picture = shape("svg", { width, height, role: "img", "aria-label": `${format.plural(answer.nodes.length, "service")}, ${format.plural(answer.edges.length, "connection")}` });
      picture.append(...answer.edges.map((edge) => drawEdge(edge, places)));
      const boxes = answer.nodes.map((node) => drawNode(node, places.get(node.id)));
      stage.replaceChildren(el("div", { class: "trace-graph-space", style: { width: `${width}px`, height: `${height}px` } }, picture, boxes));
      said.textContent = answer.cut.edges ? `${format.plural(answer.cut.edges, "connection")} more` : "";
      select(page.selected);
    }

    function drawEdge(edge, places) {
      const from = places.get(edge.source);
      const to = places.get(edge.target);
      const [x1, y1, x2, y2] = [from.x + BOX.width, from.y + BOX.height / 2, to.x, to.y + BOX.height / 2];
      const bend = Math.max(Math.abs(x2 - x1) / 2, 40);
      const line = shape("path", { d: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`, class: "trace-graph-line" });
      const words = shape("text", { x: (x1 + x2) / 2, y: (y1 + y2) / 2 - 5, "text-anchor": "middle" });
      words.textContent = `${format.count(edge.calls)}×${edge.errors ? ` ⚠ ${format.count(edge.errors)}` : ""}${edge.rejected ? ` ⊘ ${format.count(edge.rejected)}` : ""}`;
      const title = shape("title", {});
      title.textContent = `${edge.kind}: ${format.plural(edge.calls, "call")}, ${format.duration(edge.total_ns)}`;
      const group = shape("g", { class: `trace-graph-edge${edge.errors ? " trace-graph-failed" : ""}` });
      group.append(title, line, words);
      group.addEventListener("click", () => edge.row >= 0 && page.select(edge.row));
      return group;
    }

    function drawNode(node, place) {
      const at = page.outline.services.findIndex((each) => each.name === node.name);
      return el("button", {
        type: "button", class: "trace-graph-node", "data-name": node.name, title: `${node.kind} ${node.name}`,
        style: { left: `${place.x}px`, top: `${place.y}px`, "--svc": at < 0 || node.kind !== "service" ? "var(--ss-line)" : `var(--svc-${page.model.colours[at]})` },
        onclick: () => node.row >= 0 && page.select(node.row),
      }, el("b", {}, node.name), el("small", {}, words(node), node.errors ? el("span", { class: "bad" }, ` ⚠ ${format.count(node.errors)}`) : null));
    }

    function words(node) {
      return node.kind === "service" ? `${format.plural(node.spans, "span")} · ${format.duration(node.self_ns)} own` : node.kind;
    }

    function select(row) {
      const name = row >= 0 ? trace.model.serviceOf(page.model, row) : null;
      stage.querySelectorAll(".trace-graph-node").forEach((each) => each.classList.toggle("flame-selected", each.dataset.name === name));
    }

    update();
    return { update, select };
  }

  function shape(tag, attributes) {
    const element = document.createElementNS(SVG, tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    return element;
  }

  /* A column for each step from where the trace begins; in it, by the order of the answer. */
  function placed({ nodes, edges }) {
    const column = new Map();
    const calls = new Map(nodes.map((node) => [node.id, []]));
    const called = new Set();
    for (const edge of edges) {
      calls.get(edge.source).push(edge.target);
      if (edge.source !== edge.target) {
        called.add(edge.target);
      }
    }
    const first = nodes.filter((node) => !called.has(node.id)).map((node) => node.id);
    let layer = first.length ? first : nodes.slice(0, 1).map((node) => node.id);
    for (let step = 0; layer.length; step += 1) {
      layer.forEach((id) => column.set(id, step));
      layer = Array.from(new Set(layer.flatMap((id) => calls.get(id)))).filter((id) => !column.has(id));
    }
    const filled = [];
    return new Map(nodes.map(function ({ id }) {
      const x = column.get(id) ?? 0;
      filled[x] = (filled[x] || 0) + 1;
      return [id, { x: BOX.margin + x * BOX.across, y: BOX.margin + (filled[x] - 1) * BOX.down }];
    }));
  }

  spanscape.traceViews.register({ name: "graph", title: "Graph", order: 3, mount });
})();
