/* The services of this trace and their calls, callers left of whom they call; graph_places.js says where. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format, relay } = spanscape;
  const { el } = spanscape.dom;
  const SVG = "http://www.w3.org/2000/svg";
  const BOX = { width: 200, height: 48, gap: 18, thin: 8, below: 22, margin: 18 };
  const ACROSS = { least: 262, most: 290 }; // pixels from column to column: as many as fit beside each other

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
      const { at, ways } = trace.graphPlaces(answer, BOX);
      const places = Array.from(at.values());
      const last = Math.max(1, ...places.map(({ column }) => column));
      const across = Math.min(Math.max((stage.clientWidth - BOX.width - 2 * BOX.margin) / last, ACROSS.least), ACROSS.most);
      places.concat(...ways.values()).forEach((place) => (place.x = BOX.margin + place.column * across));
      const width = Math.max(0, ...places.map(({ x }) => x)) + BOX.width + BOX.margin;
      const lowest = BOX.margin + Math.max(0, ...Array.from(ways.values(), (way) => way.map(({ y }) => y)).flat(), ...places.map(({ y }) => y)) + BOX.height / 2;
      const backs = answer.edges.filter((edge) => !ways.has(edge));
      const height = lowest + BOX.margin + backs.length * BOX.below;
      const picture = shape("svg", { width, height, role: "img", "aria-label": `${format.plural(answer.nodes.length, "service")}, ${format.plural(answer.edges.length, "connection")}` });
      const low = (edge) => lowest + (backs.indexOf(edge) + 1) * BOX.below;
      picture.append(...answer.edges.map((edge) => drawEdge(edge, ways.has(edge) ? forward(ways.get(edge)) : backward(at.get(edge.source), at.get(edge.target), low(edge)))));
      const boxes = answer.nodes.map((node) => drawNode(node, at.get(node.id)));
      stage.replaceChildren(el("div", { class: "trace-graph-space", style: { width: `${width}px`, height: `${height}px` } }, picture, boxes));
      said.textContent = answer.cut.edges ? `${format.plural(answer.cut.edges, "connection")} more` : "";
      select(page.selected);
    }

    function drawEdge(edge, route) {
      const words = shape("text", { x: route.words[0], y: route.words[1] - 5, "text-anchor": "middle" });
      words.textContent = `${format.count(edge.calls)}×${edge.errors ? ` ⚠ ${format.count(edge.errors)}` : ""}${edge.rejected ? ` ⊘ ${format.count(edge.rejected)}` : ""}`;
      const title = shape("title", {});
      title.textContent = `${edge.kind}: ${format.plural(edge.calls, "call")}, ${format.duration(edge.total_ns)}`;
      const group = shape("g", { class: `trace-graph-edge${edge.errors ? " trace-graph-failed" : ""}` });
      group.append(title, shape("path", { d: route.line, class: "trace-graph-line" }), shape("path", { d: route.tip, class: "trace-graph-tip" }), words);
      group.addEventListener("click", () => edge.row >= 0 && page.select(edge.row));
      return group;
    }

    function drawNode(node, place) {
      const at = page.outline.services.findIndex((each) => each.name === node.name);
      return el("button", {
        type: "button", class: "trace-graph-node", "data-name": node.name, title: `${node.kind} ${node.name}`,
        style: { left: `${place.x}px`, top: `${BOX.margin + place.y - BOX.height / 2}px`, "--svc": at < 0 || node.kind !== "service" ? "var(--ss-line)" : `var(--svc-${page.model.colours[at]})` },
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

  /* Level through the columns between, curved from one to the next; the words stand where it sets out. */
  function forward(way) {
    const y = (place) => BOX.margin + place.y;
    const pieces = way.slice(1).map(function (place, step) {
      const [from, to] = [way[step].x + BOX.width, place.x];
      const middle = (from + to) / 2;
      return `${step ? `H${from}` : `M${from} ${y(way[0])}`}C${middle} ${y(way[step])} ${middle} ${y(place)} ${to} ${y(place)}`;
    });
    const last = way[way.length - 1];
    return { line: pieces.join(""), tip: `M${last.x} ${y(last)}l-8 -4v8z`, words: [(way[0].x + BOX.width + way[1].x) / 2, (y(way[0]) + y(way[1])) / 2] };
  }

  /* Out to the right, below everything, and in from the left: between the columns, where no service stands. `low`: how deep. */
  function backward(source, target, low) {
    const [from, to] = [source.x + BOX.width, target.x];
    const [begin, end] = [source, target].map((place) => BOX.margin + place.y + BOX.height / 4);
    const line = `M${from} ${begin}h10q6 0 6 6V${low - 6}q0 6 -6 6H${to - 10}q-6 0 -6 -6V${end + 6}q0 -6 6 -6H${to}`;
    return { line, tip: `M${to} ${end}l-8 -4v8z`, words: [(from + to) / 2, low] };
  }

  spanscape.traceViews.register({ name: "graph", title: "Graph", order: 3, mount });
})();
