/* The services of this trace and their calls, callers left of whom they call; graph_places.js says where. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format, relay } = spanscape;
  const { el } = spanscape.dom;
  const SVG = "http://www.w3.org/2000/svg";
  const BOX = { height: 48, gap: 18, thin: 8, below: 22, margin: 18 };
  const WIDTH = { least: 150, most: 200 }; // pixels of a box, and between two: as many as fit beside each other
  const BETWEEN = { least: 62, most: 90 };
  const SMALLEST = 0.75; // of its size, where it would not fit otherwise
  const NARROW = 180; // pixels of a box that has no room for the number of spans
  const within = (value, { least, most }) => Math.min(Math.max(value, least), most);

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
      const room = stage.clientWidth - 2 * BOX.margin;
      const wide = within(Math.floor((room - last * BETWEEN.least) / (last + 1)), WIDTH);
      const across = wide + within((room - (last + 1) * wide) / last, BETWEEN);
      places.concat(...ways.values()).forEach((place) => Object.assign(place, { x: BOX.margin + place.column * across, wide }));
      const width = Math.max(0, ...places.map(({ x }) => x)) + wide + BOX.margin;
      const lowest = BOX.margin + Math.max(0, ...Array.from(ways.values(), (way) => way.map(({ y }) => y)).flat(), ...places.map(({ y }) => y)) + BOX.height / 2;
      const backs = answer.edges.filter((edge) => !ways.has(edge));
      const height = lowest + BOX.margin + backs.length * BOX.below;
      const picture = shape("svg", { width, height, role: "img", "aria-label": `${format.plural(answer.nodes.length, "service")}, ${format.plural(answer.edges.length, "connection")}` });
      const low = (edge) => lowest + (backs.indexOf(edge) + 1) * BOX.below;
      const arriving = new Map(); // how many calls come to a service from the column before
      for (const edge of answer.edges.filter((each) => ways.get(each)?.length === 2)) {
        arriving.set(edge.target, (arriving.get(edge.target) || 0) + 1);
      }
      const level = (edge) => forward(ways.get(edge), ways.get(edge).length === 2 && arriving.get(edge.target) === 1);
      picture.append(...answer.edges.map((edge) => drawEdge(edge, ways.has(edge) ? level(edge) : backward(at.get(edge.source), at.get(edge.target), low(edge)))));
      const boxes = answer.nodes.map((node) => drawNode(node, at.get(node.id)));
      const zoom = within(stage.clientWidth / width, { least: SMALLEST, most: 1 });
      const focused = stage.contains(document.activeElement) ? document.activeElement.dataset.name : undefined;
      stage.replaceChildren(el("div", { class: "trace-graph-space", style: { width: `${width}px`, height: `${height}px`, zoom, "--small": `${Math.round(11 / zoom)}px` } }, picture, boxes));
      boxes.find((each) => each.dataset.name === focused)?.focus({ preventScroll: true });
      said.textContent = answer.cut.edges ? `${format.plural(answer.cut.edges, "connection")} more` : "";
      select(page.selected);
    }

    function drawEdge(edge, route) {
      const words = shape("text", { x: route.words[0], y: route.words[1], "text-anchor": route.anchor || "middle" });
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
        type: "button", class: "trace-graph-node", "data-name": node.name, title: `${node.kind} ${node.name}, ${format.plural(node.spans, "span")}`,
        style: { left: `${place.x}px`, width: `${place.wide}px`, top: `${BOX.margin + place.y - BOX.height / 2}px`, "--svc": at < 0 || node.kind !== "service" ? "var(--ss-line)" : `var(--svc-${page.model.colours[at]})` },
        onclick: () => node.row >= 0 && page.select(node.row),
      }, el("b", {}, node.name), el("small", {}, node.errors ? el("span", { class: "bad" }, `⚠ ${format.count(node.errors)}`) : null, words(node, place.wide)));
    }

    function words(node, wide) {
      const spans = wide < NARROW ? "" : `${format.plural(node.spans, "span")} · `;
      return node.kind === "service" ? `${spans}${format.duration(node.self_ns)} own` : node.kind;
    }

    function select(row) {
      const name = row >= 0 ? trace.model.serviceOf(page.model, row) : null;
      stage.querySelectorAll(".trace-graph-node").forEach((each) => each.classList.toggle("flame-selected", each.dataset.name === name));
    }

    new ResizeObserver(() => answer && draw()).observe(box); // its size does not go by what is drawn
    update();
    return { update, select };
  }

  function shape(tag, attributes) {
    const element = document.createElementNS(SVG, tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    return element;
  }

  /* Level through the columns between, curved from one to the next; the words stand where it sets out, or where it arrives. */
  function forward(way, saidAtEnd) {
    const y = (place) => BOX.margin + place.y;
    const pieces = way.slice(1).map(function (place, step) {
      const [from, to] = [way[step].x + way[step].wide, place.x];
      const middle = (from + to) / 2;
      return `${step ? `H${from}` : `M${from} ${y(way[0])}`}C${middle} ${y(way[step])} ${middle} ${y(place)} ${to} ${y(place)}`;
    });
    const last = way[way.length - 1];
    const words = { words: [(way[0].x + way[0].wide + way[1].x) / 2, (y(way[0]) + y(way[1])) / 2 - 5] };
    const beside = { words: [last.x - 10, y(last) + (y(last) > y(way[0]) ? 14 : -6)], anchor: "end" }; // not where it comes from
    return { line: pieces.join(""), tip: `M${last.x} ${y(last)}l-8 -4v8z`, ...(saidAtEnd ? beside : words) };
  }

  /* Out to the right, below everything, and in from the left: between the columns, where no service stands. `low`: how deep. */
  function backward(source, target, low) {
    const [from, to] = [source.x + source.wide, target.x];
    const [begin, end] = [source, target].map((place) => BOX.margin + place.y + BOX.height / 4);
    const line = `M${from} ${begin}h10q6 0 6 6V${low - 6}q0 6 -6 6H${to - 10}q-6 0 -6 -6V${end + 6}q0 -6 6 -6H${to}`;
    return { line, tip: `M${to} ${end}l-8 -4v8z`, words: [(from + to) / 2, low - 5] };
  }

  spanscape.traceViews.register({ name: "graph", title: "Graph", order: 3, mount });
})();
