/* Which calls say their numbers, and where: on the call or beside it, at the first place where they cover neither a node nor
other numbers, if there is one also no other call. What has no such place says nothing, unless the viewer wants all. A problem that has no room for all of its
numbers says what is wrong alone, where it covers least. A selected call always tells its numbers. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const KEY = "spanscape.numbers";
  const PAUSE_MS = 60;
  const READABLE = 8.5; // pixels on the screen; where text is smaller, problems alone are told
  const LINE = 15; // pixels, in text of the usual size
  const SPOTS = [0.5, 0.38, 0.62, 0.27, 0.73, 0.17, 0.83]; // shares of the way
  const BESIDE = 5; // pixels between a call and numbers that stand beside it
  const GUARDS_AT = [40, 62, 84, 106, 128]; // pixels from the caller
  const EDGE = 6; // pixels of a text's background beside it
  const GUARD = 12; // pixels around the middle of a breaker's sign
  const PROBLEMS = ".bad, .errors, .rejected, .breaker-open, .breaker-forced_open, .breaker-half_open, .new, .lost";
  let cy = null;
  let wanted = "room";
  let waiting = false;
  const boxes = new Map();
  const pen = document.createElement("canvas").getContext("2d");

  spanscape.onMap(function (instance) {
    cy = instance;
    const choice = document.getElementById("topology-labels");
    choice.value = wanted = window.localStorage.getItem(KEY) || wanted;
    choice.onchange = function () {
      wanted = choice.value;
      window.localStorage.setItem(KEY, wanted);
      soon();
    };
    cy.on("changed position zoomed", soon);
  });

  function soon() {
    if (!waiting) {
      waiting = true;
      window.setTimeout(function () {
        waiting = false;
        choose();
      }, PAUSE_MS);
    }
  }

  function choose() {
    const labelled = cy.edges(".routed"); // none on a large map
    if (!labelled.length) {
      return;
    }
    const problems = labelled.filter(PROBLEMS);
    const pointedOut = problems.union(labelled.filter(".changed"));
    cy.batch(function () {
      const free = withRoom(labelled, problems);
      const said = wanted === "all" ? labelled : wanted === "problems" ? pointedOut : free;
      (wanted === "all" ? labelled : cy.collection()).removeClass("short");
      said.removeClass("unsaid");
      labelled.difference(said).addClass("unsaid");
    });
  }

  /* Problems come first, then what a comparison points out, then what is called most. */
  function withRoom(labelled, problems) {
    const nodes = cy.nodes('[kind != "box"]').map((node) => node.boundingBox());
    const taken = [...nodes, ...putGuards(labelled.filter("[guard]"))];
    const changed = (edge) => Number(edge.hasClass("changed"));
    const byTraffic = (one, other) => changed(other) - changed(one) || other.data("width") - one.data("width");
    const said = cy.collection();
    const isFree = (box) => !taken.some((other) => covered(box, other));
    const lines = new Map(labelled.map((edge) => [edge.id(), lineOf(spanscape.paths.of(edge))]));
    const drawn = Array.from(lines.values());
    const isCrossed = (box, own) => drawn.some((line) => line !== own && covered(box, line) && passes(line.path, box));
    const others = spanscape.text.callSize() < READABLE ? cy.collection() : labelled.difference(problems);
    for (const edge of [...problems.sort(byTraffic), ...others.sort(byTraffic)]) {
      const isProblem = problems.contains(edge);
      const forms = isProblem && edge.data("short") ? ["label", "short"] : ["label"];
      const own = lines.get(edge.id());
      const way = { middle: edge.midpoint(), path: own.path };
      const spots = [false, true].flatMap((beside) => forms.flatMap((form) => boxesOf(edge.data(form), form, way, beside)));
      const cover = (each) => taken.reduce((sum, other) => sum + covered(each, other), 0);
      const leastCovering = () => spots.filter(({ form }) => form === forms.at(-1)).reduce((best, each) => (cover(each) < cover(best) ? each : best));
      const first = spots.find(isFree);
      const clear = first && spots.find((each) => each.form === first.form && isFree(each) && !isCrossed(each, own));
      const box = clear || first || (isProblem ? leastCovering() : null);
      if (box) {
        said.merge(edge);
        taken.push(box);
      }
      edge.toggleClass("short", Boolean(box) && box.form === "short");
      put(edge, box || spots[0]);
    }
    return said;
  }

  /* Where a text can stand on the call or beside it, the best places first. */
  function boxesOf(text, form, { middle, path }, beside) {
    const scale = spanscape.text.callScale();
    const lines = (text || "").split("\n");
    const [width, height] = [(Math.max(...lines.map(widthOf)) + EDGE) * scale, lines.length * LINE * scale];
    const level = Math.abs(path.points[0][0] - path.points.at(-1)[0]) > width;
    const [aside, above] = level ? [0, height / 2 + BESIDE] : [width / 2 + BESIDE, 0];
    return (beside ? [-1, 1] : [0]).flatMap((side) =>
      SPOTS.map(function (share) {
        const [x, y] = share === 0.5 ? [middle.x, middle.y] : spanscape.paths.along(path, share);
        return { form, ...boxAround(x + side * aside, y + side * above, width, height, middle) };
      }),
    );
  }

  function widthOf(line) {
    pen.font = pen.font.startsWith("11.5px") ? pen.font : `11.5px ${getComputedStyle(document.body).fontFamily}`;
    return pen.measureText(line).width;
  }

  /* The signs of breakers, each where it covers none of the others, as near to the caller as that can be. The boxes of all. */
  function putGuards(guarded) {
    const taken = [];
    guarded.forEach(function (edge) {
      const path = spanscape.paths.of(edge);
      const spots = GUARDS_AT.map((at) => Math.min(at, path.length / 2)).map(function (at) {
        const [x, y] = spanscape.paths.along(path, at / path.length);
        return { at, ...boxAround(x, y, 2 * GUARD, 2 * GUARD, { x, y }) };
      });
      const spot = spots.find((each) => !taken.some((other) => covered(each, other))) || spots[0];
      taken.push(spot);
      if (spanscape.guardAt(edge) !== spot.at) {
        edge.style("source-text-offset", spot.at);
      }
    });
    return taken;
  }

  function boxAround(x, y, width, height, middle) {
    const sides = { x1: x - width / 2, x2: x + width / 2, y1: y - height / 2, y2: y + height / 2 };
    return { ...sides, dx: x - middle.x, dy: y - middle.y };
  }

  function put(edge, box) {
    const [x, y] = [Math.round(box.dx), Math.round(box.dy)];
    boxes.set(edge.id(), box);
    const before = spanscape.labelShift(edge);
    if (before[0] !== x || before[1] !== y) {
      edge.style({ "text-margin-x": x, "text-margin-y": y });
    }
  }

  /* Pixels from the caller to the sign of a call's breaker. */
  spanscape.guardAt = (edge) => edge.numericStyle("source-text-offset");

  /* How far from the middle of a call its numbers stand. */
  spanscape.labelShift = (edge) => ["text-margin-x", "text-margin-y"].map((side) => edge.numericStyle(side));

  /* Where the numbers of a call stand; null where it says none. */
  spanscape.labelBox = (edge) => (edge.hasClass("unsaid") ? null : boxes.get(edge.id()) || null);

  /* A path with the box around it, which has an area also where the path is level. */
  function lineOf(path) {
    const [xs, ys] = [0, 1].map((axis) => path.points.map((point) => point[axis]));
    return { path, x1: Math.min(...xs) - 1, x2: Math.max(...xs) + 1, y1: Math.min(...ys) - 1, y2: Math.max(...ys) + 1 };
  }

  const passes = ({ points }, box) => points.some((point, index) => index > 0 && isIn(box, points[index - 1], point));

  /* Whether a part of the way from one point to another is in a box. */
  function isIn(box, [ax, ay], [bx, by]) {
    let [begin, end] = [0, 1];
    for (const [from, way, least, most] of [[ax, bx - ax, box.x1, box.x2], [ay, by - ay, box.y1, box.y2]]) {
      const ends = [least - from, most - from].map((distance) => (way ? distance / way : distance * Infinity));
      begin = Math.max(begin, Math.min(...ends));
      end = Math.min(end, Math.max(...ends));
    }
    return begin < end;
  }

  /* The area that two boxes share. */
  function covered(one, other) {
    const width = Math.min(one.x2, other.x2) - Math.max(one.x1, other.x1);
    const height = Math.min(one.y2, other.y2) - Math.max(one.y1, other.y1);
    return width > 0 && height > 0 ? width * height : 0;
  }
})();
