/* Saves the map as a picture or as text. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;

  spanscape.exportMap = function (kind) {
    const background = getComputedStyle(document.documentElement).getPropertyValue("--ss-surface").trim();
    if (kind === "png") {
      save("spanscape-map.png", spanscape.cy.png({ output: "blob", full: true, scale: 2, bg: background, maxWidth: 8000 }));
    } else if (kind === "svg") {
      save("spanscape-map.svg", new Blob([spanscape.mapAsSvg(background)], { type: "image/svg+xml" }));
    } else {
      save("spanscape-map.mmd", new Blob([spanscape.mapAsMermaid()], { type: "text/plain" }));
    }
  };

  function save(name, blob) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  /* Mermaid reads entities in quoted texts, written with # for &. */
  function mermaidText(text) {
    return text.replace(/[^\p{L}\p{N} ._:/,%()×·→±-]/gu, (sign) => (sign === "\n" ? "<br>" : `#${sign.codePointAt(0)};`));
  }

  spanscape.mapAsMermaid = function () {
    const shapes = { service: ["[", "]"], database: ["[(", ")]"], messaging: [">", "]"], external: ["([", "])"] };
    const nodes = spanscape.cy.nodes().filter((node) => node.data("kind") !== "box");
    const names = new Map(nodes.map((node, index) => [node.id(), `n${index}`]));
    const lines = ["flowchart LR"];
    nodes.forEach(function (node) {
      const [open, close] = shapes[node.data("kind")] || shapes.service;
      lines.push(`  ${names.get(node.id())}${open}"${mermaidText(node.data("label"))}"${close}`);
    });
    spanscape.cy.edges().forEach(function (edge) {
      const arrow = edge.data("kind") === "messaging" ? "-.->" : "-->";
      const label = edge.data("label") ? `|"${mermaidText(edge.data("label"))}"|` : "";
      lines.push(`  ${names.get(edge.data("source"))} ${arrow}${label} ${names.get(edge.data("target"))}`);
    });
    return `${lines.join("\n")}\n`;
  };

  function escaped(text) {
    return String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  }

  function texts(label, x, y, colour, size) {
    return label
      .split("\n")
      .map((line, row) => `<text x="${x}" y="${y + row * size * 1.25}" font-size="${size}" fill="${colour}" text-anchor="middle">${escaped(line)}</text>`)
      .join("");
  }

  spanscape.mapAsSvg = function (background) {
    const cy = spanscape.cy;
    const ink = getComputedStyle(document.documentElement).getPropertyValue("--ss-text").trim();
    const box = cy.elements().boundingBox();
    const parts = [];
    cy.edges().forEach(function (edge) {
      const [from, to] = [edge.sourceEndpoint(), edge.targetEndpoint()];
      const bends = edge.controlPoints() || [];
      let path = `M${from.x} ${from.y}`;
      bends.forEach(function (bend, index) {
        const next = bends[index + 1];
        const end = next ? { x: (bend.x + next.x) / 2, y: (bend.y + next.y) / 2 } : to;
        path += ` Q${bend.x} ${bend.y} ${end.x} ${end.y}`;
      });
      path += bends.length ? "" : ` L${to.x} ${to.y}`;
      const dash = edge.data("kind") === "messaging" ? ' stroke-dasharray="9 5"' : "";
      const colour = edge.style("line-color");
      parts.push(`<path d="${path}" fill="none" stroke="${colour}" stroke-width="${edge.data("width")}"${dash} marker-end="url(#arrow)"/>`);
      const middle = edge.midpoint();
      const [dx, dy] = spanscape.labelShift(edge);
      parts.push(texts(edge.hasClass("unsaid") ? "" : edge.data("label") || "", middle.x + dx, middle.y + dy, ink, 11));
    });
    cy.nodes().filter((node) => node.data("kind") !== "box").forEach(function (node) {
      const { x, y } = node.position();
      const round = node.data("kind") === "external" ? 22 : 7;
      parts.push(`<rect x="${x - 25}" y="${y - 22}" width="50" height="44" rx="${round}" fill="${node.style("background-color")}"/>`);
      parts.push(texts(node.data("label"), x, y + 40, ink, 13));
    });
    const view = [box.x1 - 20, box.y1 - 20, box.w + 40, box.h + 40];
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${view.join(" ")}" font-family="sans-serif">` +
      `<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="4" markerHeight="4" orient="auto"><path d="M0 0L8 4L0 8z" fill="${ink}"/></marker></defs>` +
      `<rect x="${view[0]}" y="${view[1]}" width="${view[2]}" height="${view[3]}" fill="${background}"/>${parts.join("")}</svg>`
    );
  };
})();
