/* Which calls say their numbers, and where: along the call at the first place where they cover neither a node nor other
numbers. What has no such place says nothing, unless the viewer wants all, or there is a problem. A selected call, and one
under the pointer, always tells its numbers. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const PAUSE_MS = 60;
  const LETTER = 6.1; // pixels, in text of the usual size
  const LINE = 15;
  const SPOTS = [0.5, 0.38, 0.62, 0.27, 0.73]; // shares of the way
  const PROBLEMS = ".bad, .errors, .rejected, .breaker-open, .breaker-forced_open, .breaker-half_open, .changed, .new, .lost";
  let cy = null;
  let wanted = "room";
  let waiting = false;
  const places = new Map();

  spanscape.onMap(function (instance) {
    cy = instance;
    places.clear();
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
    cy.batch(function () {
      const free = withRoom(labelled, problems);
      const said = wanted === "all" ? labelled : wanted === "problems" ? problems : free;
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
      const [width, height] = sizeOf(edge);
      const { x, y } = edge.midpoint();
      const path = spanscape.paths.of(edge);
      const boxes = SPOTS.map(function (share) {
        const [dx, dy] = share === 0.5 ? [0, 0] : spanscape.paths.along(path, share).map((at, axis) => at - [x, y][axis]);
        return { dx, dy, x1: x + dx - width / 2, x2: x + dx + width / 2, y1: y + dy - height / 2, y2: y + dy + height / 2 };
      });
      const box = boxes.find((each) => !taken.some((other) => overlap(each, other)));
      if (box || problems.contains(edge)) {
        said.merge(edge);
        taken.push(box || boxes[0]);
      }
      put(edge, box || boxes[0]);
    }
    return said;
  }

  function sizeOf(edge) {
    const scale = spanscape.view.callScale();
    const lines = (edge.data("label") || "").split("\n");
    return [Math.max(...lines.map((line) => line.length)) * LETTER * scale, lines.length * LINE * scale];
  }

  function put(edge, { dx, dy }) {
    const [x, y] = [Math.round(dx), Math.round(dy)];
    const before = spanscape.labelShift(edge);
    if (before[0] !== x || before[1] !== y) {
      places.set(edge.id(), [x, y]);
      edge.style({ "text-margin-x": x, "text-margin-y": y });
    }
  }

  /* How far from the middle of a call its numbers stand. */
  spanscape.labelShift = (edge) => places.get(edge.id()) || [0, 0];

  function overlap(one, other) {
    return one.x1 < other.x2 && other.x1 < one.x2 && one.y1 < other.y2 && other.y1 < one.y2;
  }
})();
