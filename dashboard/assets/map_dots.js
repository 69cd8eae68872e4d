/* Dots that move along the calls, more where there are more calls; failing ones are red squares. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const KEY = "spanscape.dots";
  const FRAME_MS = 45;
  const SPEED = 70; // pixels of the map a second
  const SAMPLES = 14; // of each bend
  const reduced = window.matchMedia("(prefers-reduced-motion: reduce)");
  let cy = null;
  let paths = null;
  let running = false;

  function wanted() {
    const chosen = window.localStorage.getItem(KEY);
    return chosen === null ? !reduced.matches : chosen === "on";
  }

  /* Only what differs from what the system asks for is kept: who turns it to little motion later has none. */
  spanscape.toggleDots = function () {
    const on = !wanted();
    if (on === !reduced.matches) {
      window.localStorage.removeItem(KEY);
    } else {
      window.localStorage.setItem(KEY, on ? "on" : "off");
    }
    start();
  };

  spanscape.onMap(function (instance) {
    cy = instance;
    paths = null;
    cy.on("position changed data class", () => (paths = null));
    showChoice();
  });
  spanscape.onMapPlaced(start); // not while Dash's scripts need the time
  reduced.addEventListener("change", start);
  document.addEventListener("visibilitychange", start);

  function showChoice() {
    document.querySelector("[data-tool=dots]")?.setAttribute("aria-pressed", String(wanted()));
  }

  function start() {
    showChoice();
    if (wanted() && !running && !document.hidden && spanscape.mapIsPlaced()) {
      running = true;
      window.requestAnimationFrame(frame);
    }
  }

  function frame(now) {
    const canvas = document.querySelector(".map-dots");
    if (!wanted() || document.hidden || !canvas) {
      running = false;
      if (canvas) {
        emptied(canvas);
      }
      return;
    }
    if (!document.getElementById("topology-stage").classList.contains("stage-table")) {
      draw(canvas, now);
    }
    window.setTimeout(() => window.requestAnimationFrame(frame), FRAME_MS);
  }

  function emptied(canvas) {
    const context = canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    return context;
  }

  function draw(canvas, now) {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(cy.width() * ratio), Math.round(cy.height() * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const context = emptied(canvas);
    const zoom = cy.zoom();
    if (zoom < 0.25) {
      return; // too small to be seen
    }
    const pan = cy.pan();
    context.setTransform(zoom * ratio, 0, 0, zoom * ratio, pan.x * ratio, pan.y * ratio);
    const style = getComputedStyle(document.documentElement);
    const colours = [style.getPropertyValue("--ss-accent"), style.getPropertyValue("--ss-error")];
    paths = paths || measure();
    for (const path of paths) {
      const shift = ((now / 1000) * SPEED) / path.length;
      const numbers = spanscape.labelBox(path.edge);
      for (let index = 0; index < path.dots; index += 1) {
        const failing = index < path.failing;
        const spot = along(path, (index / path.dots + path.phase + shift) % 1);
        if (numbers && isIn(numbers, spot)) {
          continue; // it passes behind them
        }
        context.fillStyle = colours[failing ? 1 : 0];
        if (failing) {
          context.fillRect(spot[0] - 3.5, spot[1] - 3.5, 7, 7);
        } else {
          context.beginPath();
          context.arc(spot[0], spot[1], 3, 0, 7);
          context.fill();
        }
      }
    }
  }

  const isIn = (box, [x, y]) => x > box.x1 && x < box.x2 && y > box.y1 && y < box.y2;

  function measure() {
    const busy = cy
      .edges()
      .filter((edge) => edge.data("dots") > 0 && edge.visible() && !edge.is(".dim, .blast-other"));
    return busy.map(function (edge) {
      const path = pathOf(edge);
      const dots = Math.max(1, Math.round((edge.data("dots") * path.length) / 260));
      const failing = edge.data("failing") > 0 ? Math.max(1, Math.round(edge.data("failing") * dots)) : 0;
      return { ...path, edge, dots, failing, phase: (edge.id().length * 0.37) % 1 };
    });
  }

  /* How an edge runs: points, how far along it each is, and its length. */
  function pathOf(edge) {
    const points = sampled(edge);
    const steps = [0];
    for (let index = 1; index < points.length; index += 1) {
      const [a, b] = [points[index - 1], points[index]];
      steps.push(steps[index - 1] + Math.hypot(b[0] - a[0], b[1] - a[1]));
    }
    return { points, steps, length: Math.max(steps[steps.length - 1], 1) };
  }

  function sampled(edge) {
    const ends = [edge.sourceEndpoint(), edge.targetEndpoint()].map((point) => [point.x, point.y]);
    const bends = (edge.controlPoints() || []).map((point) => [point.x, point.y]);
    if (!bends.length) {
      return ends;
    }
    const points = [];
    let from = ends[0];
    bends.forEach(function (bend, index) {
      const next = bends[index + 1];
      const to = next ? [(bend[0] + next[0]) / 2, (bend[1] + next[1]) / 2] : ends[1];
      for (let step = 0; step < SAMPLES; step += 1) {
        const t = step / SAMPLES;
        const [a, b, c] = [(1 - t) * (1 - t), 2 * t * (1 - t), t * t];
        points.push([a * from[0] + b * bend[0] + c * to[0], a * from[1] + b * bend[1] + c * to[1]]);
      }
      from = to;
    });
    return [...points, ends[1]];
  }

  function along(path, share) {
    const at = share * path.length;
    let index = 1;
    while (index < path.steps.length - 1 && path.steps[index] < at) {
      index += 1;
    }
    const [from, to] = [path.points[index - 1], path.points[index]];
    const part = (at - path.steps[index - 1]) / Math.max(path.steps[index] - path.steps[index - 1], 0.001);
    return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];
  }

  spanscape.paths = { of: pathOf, along };
})();
