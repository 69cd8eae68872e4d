/* Which calls say their numbers: of those that would cover each other or a node only the more important, unless the viewer
wants all, or those with problems alone. A selected call, and one under the pointer, always tells its numbers. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const PAUSE_MS = 60;
  const LETTER = 6.1; // pixels, in text of the usual size
  const LINE = 15;
  const PROBLEMS = ".bad, .errors, .rejected, .breaker-open, .breaker-forced_open, .breaker-half_open, .changed, .new, .lost";
  let cy = null;
  let wanted = "room";
  let waiting = false;

  spanscape.onMap(function (instance) {
    cy = instance;
    cy.on("changed position", soon);
  });

  spanscape.chooseLabels = function (choice) {
    wanted = choice || "room";
    soon();
    return window.dash_clientside.no_update;
  };

  function soon() {
    if (!waiting) {
      waiting = true;
      window.setTimeout(function () {
        waiting = false;
        if (cy && !cy.destroyed()) {
          choose();
        }
      }, PAUSE_MS);
    }
  }

  function choose() {
    const labelled = cy.edges(".routed");
    const problems = labelled.filter(PROBLEMS);
    const said = wanted === "all" ? labelled : wanted === "problems" ? problems : withRoom(labelled, problems);
    cy.batch(function () {
      said.removeClass("unsaid");
      labelled.difference(said).addClass("unsaid");
    });
  }

  /* Problems come first, then what is called most. A problem says its numbers even where it has no room. */
  function withRoom(labelled, problems) {
    const taken = cy.nodes().filter((node) => node.data("kind") !== "box").map((node) => node.boundingBox());
    const byTraffic = (one, other) => other.data("width") - one.data("width");
    const said = cy.collection();
    for (const edge of [...problems.sort(byTraffic), ...labelled.difference(problems).sort(byTraffic)]) {
      const box = labelBox(edge);
      if (problems.contains(edge) || !taken.some((other) => overlap(box, other))) {
        said.merge(edge);
        taken.push(box);
      }
    }
    return said;
  }

  function labelBox(edge) {
    const scale = cy.scratch("textScale") || 1;
    const lines = (edge.data("label") || "").split("\n");
    const width = Math.max(...lines.map((line) => line.length)) * LETTER * scale;
    const height = lines.length * LINE * scale;
    const { x, y } = edge.midpoint();
    return { x1: x - width / 2, x2: x + width / 2, y1: y - height / 2, y2: y + height / 2 };
  }

  function overlap(one, other) {
    return one.x1 < other.x2 && other.x1 < one.x2 && one.y1 < other.y2 && other.y1 < one.y2;
  }
})();
