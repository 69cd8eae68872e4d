/* Saves the map as a picture or as text. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const LARGEST = 8000; // pixels of a picture
  const MARGIN = 40;

  spanscape.exportMap = function (kind) {
    const background = getComputedStyle(document.documentElement).getPropertyValue("--ss-surface").trim();
    if (kind === "png") {
      asPicture(background).then((picture) => save("spanscape-map.png", picture));
    } else if (kind === "svg") {
      save("spanscape-map.svg", new Blob([spanscape.mapAsSvg(background)], { type: "image/svg+xml" }));
    } else {
      save("spanscape-map.mmd", new Blob([spanscape.mapAsMermaid()], { type: "text/plain" }));
    }
  };

  /* The whole map, whatever is in view, with a margin. */
  async function asPicture(bg) {
    const whole = { output: "blob", full: true, scale: 2, bg, maxWidth: LARGEST, maxHeight: LARGEST };
    const drawn = await createImageBitmap(spanscape.text.atUsualSize(() => spanscape.cy.png(whole)));
    const canvas = Object.assign(document.createElement("canvas"), { width: drawn.width + 2 * MARGIN, height: drawn.height + 2 * MARGIN });
    const context = canvas.getContext("2d");
    context.fillStyle = bg;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(drawn, MARGIN, MARGIN);
    return new Promise((done) => canvas.toBlob(done));
  }

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

  /* Nodes within their boxes, calls with their numbers and breakers; what fails is drawn red. */
  spanscape.mapAsMermaid = function () {
    const shapes = { service: ["[", "]"], database: ["[(", ")]"], messaging: [">", "]"], external: ["([", "])"] };
    const cy = spanscape.cy;
    const nodes = cy.nodes('[kind != "box"]');
    const names = new Map(nodes.map((node, index) => [node.id(), `n${index}`]));
    const red = getComputedStyle(document.documentElement).getPropertyValue("--ss-error").trim();
    const node = function (each) {
      const [open, close] = shapes[each.data("kind")] || shapes.service;
      return `  ${names.get(each.id())}${open}"${mermaidText(each.data("label"))}"${close}`;
    };
    const boxes = cy.nodes('[kind = "box"]').map((box, index) => [
      `  subgraph b${index}["${mermaidText(box.data("label"))}"]`,
      "  direction LR",
      ...box.children().map(node),
      "  end",
    ]);
    const calls = cy.edges().map(function (edge) {
      const arrow = edge.data("kind") === "messaging" ? "-.->" : "-->";
      const words = [edge.data("guard"), edge.data("label")].filter(Boolean).join("\n");
      const label = words ? `|"${mermaidText(words)}"|` : "";
      return `  ${names.get(edge.data("source"))} ${arrow}${label} ${names.get(edge.data("target"))}`;
    });
    const failing = cy.edges().map((edge, index) => (edge.is(".bad, .errors") ? index : -1)).filter((index) => index >= 0);
    const looks = nodes.filter(".bad").map((each) => `  style ${names.get(each.id())} stroke:${red},stroke-width:3px`);
    if (failing.length) {
      looks.push(`  linkStyle ${failing.join(",")} stroke:${red}`);
    }
    return `${["flowchart LR", ...boxes.flat(), ...nodes.orphans().map(node), ...calls, ...looks].join("\n")}\n`;
  };
})();
