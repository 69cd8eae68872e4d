/* The map as an SVG drawing, as it looks: state by colour, line and ring, icons, numbers, breakers, boxes. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const [WIDTH, HEIGHT] = [50, 44]; // of a node
  const ICON = 26;
  const TEXT = 13;
  const CALL_TEXT = 11.5;
  const BOX_TEXT = 14;
  const LINE = 1.25; // of the size of its text
  const MARGIN = 20;
  const FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', Helvetica, Arial, sans-serif";
  const pen = document.createElement("canvas").getContext("2d");

  const escaped = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

  function element(name, attributes, content) {
    const given = Object.entries(attributes).filter(([, value]) => value !== "" && value !== undefined);
    return `<${name} ${given.map(([key, value]) => `${key}="${escaped(value)}"`).join(" ")}>${content || ""}</${name}>`;
  }

  /* Lines of text around x, the first one's middle at y. */
  function lines(label, x, y, size, attributes) {
    const rows = label.split("\n").map((line, row) => element("tspan", { x, y: Math.round(10 * (y + (row * LINE + 0.35) * size)) / 10 }, escaped(line)));
    return element("text", { "font-size": size, "text-anchor": "middle", ...attributes }, rows.join(""));
  }

  /* Text on a call, with the background that keeps it apart from what it crosses. */
  function plate(label, x, y, colour, background) {
    const rows = label.split("\n");
    pen.font = `${CALL_TEXT}px ${FONT}`;
    const [width, height] = [Math.max(...rows.map((row) => pen.measureText(row).width)) + 4, rows.length * CALL_TEXT * LINE + 3];
    const under = { x: x - width / 2, y: y - height / 2, width, height, rx: 3, fill: background, "fill-opacity": 0.88 };
    return element("rect", under) + lines(label, x, y - ((rows.length - 1) / 2) * CALL_TEXT * LINE, CALL_TEXT, { fill: colour });
  }

  const dashes = { dashed: (item) => item.style("line-dash-pattern"), dotted: () => "1 5", solid: () => "" };

  function call(edge, background) {
    const path = spanscape.paths.of(edge);
    const colour = edge.style("line-color");
    const width = parseFloat(edge.style("width"));
    const opacity = parseFloat(edge.style("line-opacity")) * parseFloat(edge.style("opacity"));
    const dash = [dashes[edge.style("line-style")](edge)].flat().join(" ");
    const points = path.points.map((point) => point.map((at) => Math.round(at * 10) / 10).join(" "));
    const halo = parseFloat(edge.style("underlay-opacity"));
    const way = { d: `M${points.join("L")}`, fill: "none", "stroke-linejoin": "round" };
    const under = { ...way, stroke: edge.style("underlay-color"), "stroke-width": width + 10, "stroke-opacity": halo };
    return (
      (halo ? element("path", under) : "") +
      element("path", { ...way, stroke: colour, "stroke-width": width, "stroke-dasharray": dash, "stroke-opacity": opacity }) +
      arrow(path, width, edge.style("target-arrow-color"), opacity)
    );
  }

  function arrow({ points }, width, fill, opacity) {
    const [tip, from] = [points[points.length - 1], points[points.length - 2]];
    const length = Math.max(Math.pow(width * 13.37, 0.9), 29) * 0.33; // as cytoscape's
    const angle = Math.atan2(tip[1] - from[1], tip[0] - from[0]);
    const side = (turn) => `${Math.round(tip[0] - length * Math.cos(angle + turn))} ${Math.round(tip[1] - length * Math.sin(angle + turn))}`;
    return element("path", { d: `M${tip.map(Math.round).join(" ")}L${side(0.46)}L${side(-0.46)}z`, fill, "fill-opacity": opacity });
  }

  function wordsOn(edge, background) {
    const colour = edge.style("color");
    const said = edge.hasClass("unsaid") ? "" : edge.data(edge.hasClass("short") ? "short" : "label") || "";
    const guard = edge.data("guard");
    const path = spanscape.paths.of(edge);
    const middle = edge.midpoint();
    const [dx, dy] = spanscape.labelShift(edge);
    return (
      (guard ? plate(guard, ...spanscape.paths.along(path, spanscape.guardAt(edge) / path.length), colour, background) : "") +
      (said ? plate(said, middle.x + dx, middle.y + dy, colour, background) : "")
    );
  }

  /* The outline of a node by its kind, so much larger on each side. */
  function outline(kind, x, y, more, attributes) {
    const [w, h] = [WIDTH / 2 + more, HEIGHT / 2 + more];
    if (kind === "external") {
      return element("ellipse", { cx: x, cy: y, rx: w, ry: h, ...attributes });
    }
    if (kind === "database") {
      const bow = 2.5;
      const d = `M${x - w} ${y - h + bow}Q${x} ${y - h - bow} ${x + w} ${y - h + bow}V${y + h - bow}Q${x} ${y + h + bow} ${x - w} ${y + h - bow}z`;
      return element("path", { d, ...attributes });
    }
    if (kind === "messaging") {
      const cut = 8;
      const d = `M${x - w + cut} ${y - h}H${x + w - cut}L${x + w} ${y - h + cut}V${y + h - cut}L${x + w - cut} ${y + h}H${x - w + cut}L${x - w} ${y + h - cut}V${y - h + cut}z`;
      return element("path", { d, ...attributes });
    }
    return element("rect", { x: x - w, y: y - h, width: 2 * w, height: 2 * h, rx: 6 + more / 2, ...attributes });
  }

  function place(node, background) {
    const { x, y } = node.position();
    const kind = node.data("kind");
    const [halo, ring] = [node.style("underlay-opacity"), node.style("border-width")].map(parseFloat);
    const fill = { fill: node.style("background-color"), "fill-opacity": node.style("background-opacity") };
    const stroke = { fill: "none", stroke: node.style("border-color"), "stroke-width": ring };
    const style = node.style("border-style");
    const icon = [node.style("background-image")].flat()[0].replace(/^url\("?|"?\)$/g, "");
    const drawn = [
      halo ? outline(kind, x, y, parseFloat(node.style("underlay-padding")), { fill: node.style("underlay-color"), "fill-opacity": halo }) : "",
      outline(kind, x, y, 0, fill),
      element("image", { href: icon, x: x - ICON / 2, y: y - ICON / 2, width: ICON, height: ICON }),
      ring ? outline(kind, x, y, 0, { ...stroke, "stroke-dasharray": style === "dashed" ? "4 3" : "" }) : "",
      ring && style === "double" ? outline(kind, x, y, 0, { ...stroke, stroke: background, "stroke-width": ring / 3 }) : "",
      lines(node.data("label"), x, y + HEIGHT / 2 + 14, TEXT, { fill: node.style("color"), "font-weight": 600, stroke: background, "stroke-width": 4, "paint-order": "stroke", "stroke-linejoin": "round" }),
    ];
    return element("g", { opacity: node.style("opacity") }, drawn.join(""));
  }

  function frame(box) {
    const { x1, y1, w, h } = box.boundingBox({ includeLabels: false });
    const line = { stroke: box.style("border-color"), "stroke-width": 1.5, "stroke-dasharray": "5 4" };
    return (
      element("rect", { x: x1, y: y1, width: w, height: h, rx: 8, fill: box.style("background-color"), "fill-opacity": 0.5, ...line }) +
      lines(box.data("label"), x1 + w / 2, y1 - 12, BOX_TEXT, { fill: box.style("color") })
    );
  }

  spanscape.mapAsSvg = function (background) {
    const cy = spanscape.cy;
    const { x1, y1, w, h } = cy.elements().boundingBox();
    const [boxes, nodes] = [cy.nodes('[kind = "box"]'), cy.nodes('[kind != "box"]')];
    const edges = cy.edges();
    const view = [x1 - MARGIN, y1 - MARGIN, w + 2 * MARGIN, h + 2 * MARGIN].map(Math.round);
    const [x, y, width, height] = view;
    const parts = [
      element("rect", { x, y, width, height, fill: background }),
      ...boxes.map(frame),
      ...edges.map((edge) => call(edge, background)),
      ...edges.map((edge) => wordsOn(edge, background)),
      ...nodes.map((node) => place(node, background)),
    ];
    return element("svg", { xmlns: "http://www.w3.org/2000/svg", viewBox: view.join(" "), width, height, "font-family": FONT }, parts.join("\n"));
  };
})();
