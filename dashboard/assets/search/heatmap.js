/* Matching spans over time and duration: cells, or points where they are few. Dragging selects a rectangle. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { el } = spanscape.dom;
  const { count, duration, ms, clock, day, selection } = spanscape.search;
  const { plural } = spanscape.format;
  const LEFT = 62;
  const BOTTOM = 24;
  const TOP = 8;
  const RIGHT = 8;
  const LEAST_DECADES = 2;
  const POINT_PX = 3.5;
  const NEAR_PX = 8;
  const DRAG_PX = 4;
  const ROUND_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
  let parts = null;
  let map = null;
  let drag = null;

  function build(onSelect, onOpen) {
    const canvas = el("canvas", { id: "traces-heatmap", tabindex: 0, role: "img" });
    const tip = el("div", { class: "heat-tip hidden" });
    const box = el("div", { class: "heat-box" }, canvas, tip);
    parts = { box, canvas, tip, onSelect, onOpen };
    canvas.onpointerdown = onDown;
    canvas.onpointermove = onMove;
    canvas.onpointerup = onUp;
    canvas.onpointercancel = () => ((drag = null), paint());
    canvas.onpointerleave = () => tip.classList.add("hidden");
    canvas.onkeydown = onKey;
    new ResizeObserver(paint).observe(box);
    return box;
  }

  function draw(answer) {
    const rows = answer.cells.map((cell) => cell[1]);
    const per = answer.rows_per_decade;
    let low = Math.floor(Math.min(...rows, 6 * per) / per) * per;
    let high = Math.ceil((Math.max(...rows, 0) + 1) / per) * per;
    if (!rows.length) {
      [low, high] = [6 * per, 9 * per];
    }
    high = Math.max(high, low + LEAST_DECADES * per);
    map = { ...answer, low, high, startMs: ms(answer.start_ns), endMs: ms(answer.end_ns), stepMs: Number(answer.step_ns) / 1e6, most: Math.max(...answer.cells.map((cell) => cell[2]), 1) };
    const few = answer.points.length === answer.spans;
    map.points = answer.points.map((point) => ({ ...point, atMs: Number(BigInt(point.start_ns) / 1000n) / 1000, ns: Number(point.duration_ns) }));
    map.showPoints = few;
    parts.canvas.setAttribute("aria-label", `${plural(answer.spans, "span")} over time and duration. Drag to select; arrow keys with Shift select too.`);
    paint();
  }

  const width = () => parts.box.clientWidth - LEFT - RIGHT;
  const height = () => parts.box.clientHeight - TOP - BOTTOM;
  const x = (atMs) => LEFT + ((atMs - map.startMs) / (map.endMs - map.startMs)) * width();
  const y = (ns) => TOP + height() * (1 - (Math.log10(Math.max(ns, 1)) * map.rows_per_decade - map.low) / (map.high - map.low));
  const atMs = (px) => map.startMs + ((px - LEFT) / width()) * (map.endMs - map.startMs);
  const ns = (py) => 10 ** ((map.low + (1 - (py - TOP) / height()) * (map.high - map.low)) / map.rows_per_decade);
  const ofRow = (row) => 10 ** (row / map.rows_per_decade);
  const bounded = (value, low, high) => Math.min(Math.max(value, low), high);

  function colours() {
    const style = window.getComputedStyle(document.documentElement);
    return Object.fromEntries(["accent", "error", "muted", "border", "text", "surface"].map((name) => [name, style.getPropertyValue(`--ss-${name}`).trim()]));
  }

  function paint() {
    const { canvas, box } = parts;
    if (!map || !box.isConnected || !box.clientWidth) {
      return;
    }
    const ratio = window.devicePixelRatio || 1;
    canvas.width = box.clientWidth * ratio;
    canvas.height = box.clientHeight * ratio;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const colour = colours();
    axes(pen, colour);
    map.showPoints ? paintPoints(pen, colour) : paintCells(pen, colour);
    paintSelection(pen, colour);
  }

  function axes(pen, colour) {
    pen.font = '12px system-ui, sans-serif';
    pen.fillStyle = colour.muted;
    pen.strokeStyle = colour.border;
    pen.lineWidth = 1;
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    for (let row = map.low; row <= map.high; row += map.rows_per_decade) {
      const at = Math.round(y(ofRow(row))) + 0.5;
      line(pen, LEFT, at, LEFT + width(), at);
      pen.fillText(tens(ofRow(row)), LEFT - 8, bounded(at, TOP + 4, TOP + height() - 2));
    }
    pen.textBaseline = "alphabetic";
    pen.textAlign = "center";
    const stepMs = roundStep((map.endMs - map.startMs) / bounded(Math.floor(width() / 110), 2, 8));
    const words = stepMs < 60_000 ? clock : stepMs < 21_600_000 ? (moment) => clock(moment).slice(0, 5) : (moment) => `${day(moment).slice(5)} ${clock(moment).slice(0, 5)}`;
    for (let moment = Math.ceil(map.startMs / stepMs) * stepMs; moment <= map.endMs; moment += stepMs) {
      line(pen, Math.round(x(moment)) + 0.5, TOP + height(), Math.round(x(moment)) + 0.5, TOP + height() + 4);
      const half = pen.measureText(words(moment)).width / 2;
      pen.fillText(words(moment), bounded(x(moment), LEFT + half, LEFT + width() - half), TOP + height() + 17);
    }
  }

  /* A power of ten, so that each line of the scale is ten times the next. */
  const tens = (length) => (length >= 1e11 ? `${count(Math.round(length / 1e9))} s` : duration(Math.round(length)));

  /* The shortest of the times that clocks are divided by that is no shorter. */
  function roundStep(leastMs) {
    return ROUND_S.map((seconds) => seconds * 1000).find((each) => each >= leastMs) || Math.ceil(leastMs / 86_400_000) * 86_400_000;
  }

  function line(pen, fromX, fromY, toX, toY) {
    pen.beginPath();
    pen.moveTo(fromX, fromY);
    pen.lineTo(toX, toY);
    pen.stroke();
  }

  function cellBox([column, row]) {
    const left = x(map.startMs + column * map.stepMs);
    const right = Math.min(x(map.startMs + (column + 1) * map.stepMs), LEFT + width());
    return { left, top: y(ofRow(row + 1)), width: Math.max(right - left, 1), height: y(ofRow(row)) - y(ofRow(row + 1)) };
  }

  /* Darker with the logarithm of the count; the failed share stands in the foot of a cell, which is never all colour. */
  function paintCells(pen, colour) {
    for (const cell of map.cells) {
      const box = cellBox(cell);
      pen.globalAlpha = 0.22 + 0.78 * (Math.log(cell[2] + 1) / Math.log(map.most + 1));
      pen.fillStyle = colour.accent;
      pen.fillRect(box.left, box.top, box.width - 0.6, box.height - 0.6);
      pen.globalAlpha = 1;
      if (cell[3]) {
        const foot = Math.max(2.5, (box.height - 0.6) * Math.min(1, cell[3] / cell[2]));
        pen.fillStyle = colour.error;
        pen.fillRect(box.left, box.top + box.height - 0.6 - foot, box.width - 0.6, foot);
      }
    }
  }

  function paintPoints(pen, colour) {
    for (const point of map.points) {
      const [px, py] = [x(point.atMs), y(point.ns)];
      pen.fillStyle = point.error ? colour.error : colour.accent;
      pen.globalAlpha = 0.85;
      pen.beginPath();
      point.error ? pen.rect(px - POINT_PX, py - POINT_PX, 2 * POINT_PX, 2 * POINT_PX) : pen.arc(px, py, POINT_PX, 0, 7);
      pen.fill();
    }
    pen.globalAlpha = 1;
  }

  function rectangle() {
    if (drag && drag.moved) {
      return { left: Math.min(drag.x, drag.toX), right: Math.max(drag.x, drag.toX), top: Math.min(drag.y, drag.toY), bottom: Math.max(drag.y, drag.toY) };
    }
    const chosen = selection();
    const seen = (px, py) => [bounded(px, LEFT, LEFT + width()), bounded(py, TOP, TOP + height())];
    if (!chosen) {
      return null;
    }
    const [left, top] = seen(x(chosen.startS * 1000), y(chosen.maxNs));
    const [right, bottom] = seen(x(chosen.endS * 1000), y(chosen.minNs));
    return { left, top, right, bottom };
  }

  function paintSelection(pen, colour) {
    const chosen = rectangle();
    if (!chosen) {
      return;
    }
    const [w, h] = [chosen.right - chosen.left, chosen.bottom - chosen.top];
    pen.fillStyle = colour.text;
    pen.globalAlpha = 0.1;
    pen.fillRect(chosen.left, chosen.top, w, h);
    pen.globalAlpha = 1;
    pen.strokeStyle = colour.text;
    pen.lineWidth = 1.5;
    pen.strokeRect(chosen.left, chosen.top, w, h);
  }

  function place(event) {
    const frame = parts.canvas.getBoundingClientRect();
    return { x: bounded(event.clientX - frame.left, LEFT, LEFT + width()), y: bounded(event.clientY - frame.top, TOP, TOP + height()) };
  }

  function onDown(event) {
    if (map && event.button === 0) {
      const at = place(event);
      drag = { ...at, toX: at.x, toY: at.y, moved: false };
      parts.canvas.setPointerCapture(event.pointerId);
    }
  }

  function onMove(event) {
    if (!map) {
      return;
    }
    const at = place(event);
    if (drag) {
      [drag.toX, drag.toY] = [at.x, at.y];
      drag.moved = drag.moved || Math.hypot(at.x - drag.x, at.y - drag.y) > DRAG_PX;
      paint();
    }
    hint(at);
  }

  function onUp(event) {
    if (!drag) {
      return;
    }
    const chosen = drag.moved ? rectangle() : null;
    const at = place(event);
    drag = null;
    if (chosen) {
      choose(atMs(chosen.left), atMs(chosen.right), ns(chosen.bottom), ns(chosen.top));
      return;
    }
    const point = nearest(at);
    const cell = point ? null : cellAt(at);
    if (point) {
      parts.onOpen(point.trace_id);
    } else if (cell) {
      chooseCells(cell[0], cell[1], cell[0], cell[1]);
    } else {
      parts.onSelect(null);
    }
  }

  /* Whole seconds, as the time range has them; at least one. */
  function choose(fromMs, toMs, minNs, maxNs) {
    const startS = Math.floor(fromMs / 1000);
    const least = Math.floor(minNs);
    parts.onSelect({ startS, endS: Math.max(Math.ceil(toMs / 1000), startS + 1), minNs: least <= 1 ? 0 : least, maxNs: Math.max(Math.ceil(maxNs), least + 1) });
  }

  function chooseCells(left, low, right, high) {
    choose(map.startMs + Math.min(left, right) * map.stepMs, map.startMs + (Math.max(left, right) + 1) * map.stepMs, ofRow(Math.min(low, high)), ofRow(Math.max(low, high) + 1));
  }

  /* Shift and the arrows grow a rectangle from the middle; Escape lets go of it. */
  let cursor = null;
  function onKey(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (event.key === "Escape" && selection()) {
      event.stopPropagation();
      cursor = null;
      parts.onSelect(null);
    } else if (map && step) {
      event.preventDefault();
      const middle = [Math.floor(map.columns / 2), Math.floor((map.low + map.high) / 2)];
      cursor = cursor && selection() ? cursor : { from: middle, to: middle };
      const next = [bounded(cursor.to[0] + step[0], 0, map.columns - 1), bounded(cursor.to[1] + step[1], map.low, map.high - 1)];
      cursor = { from: event.shiftKey ? cursor.from : next, to: next };
      chooseCells(cursor.from[0], cursor.from[1], cursor.to[0], cursor.to[1]);
    }
  }

  const cellAt = (at) => map.cells.find(([column, row]) => column === Math.floor((atMs(at.x) - map.startMs) / map.stepMs) && row === Math.floor(Math.log10(ns(at.y)) * map.rows_per_decade));

  function nearest(at) {
    const shown = map.showPoints ? map.points : [];
    const far = shown.map((point) => [Math.hypot(x(point.atMs) - at.x, y(point.ns) - at.y), point]).filter(([px]) => px < NEAR_PX);
    return far.length ? far.sort((one, other) => one[0] - other[0])[0][1] : null;
  }

  function hint(at) {
    const point = nearest(at);
    const cell = map.showPoints ? null : cellAt(at);
    const estimated = map.share === 1 ? "" : "about ";
    const words = point
      ? [duration(point.ns), `${clock(point.atMs, true)} UTC`, point.error ? "failed" : "", "Click to open the trace"]
      : cell
        ? [`${estimated}${plural(cell[2], "span")}${cell[3] ? `, ${count(cell[3])} failed` : ""}`, `${duration(Math.round(ofRow(cell[1])))} to ${duration(Math.round(ofRow(cell[1] + 1)))}`, `from ${clock(map.startMs + cell[0] * map.stepMs)} UTC`]
        : [];
    parts.canvas.style.cursor = point ? "pointer" : "crosshair";
    parts.tip.classList.toggle("hidden", !words.length);
    parts.tip.replaceChildren(...words.filter(Boolean).map((text) => el("div", {}, text)));
    parts.tip.style.left = `${Math.min(at.x + 14, parts.box.clientWidth - 190)}px`;
    parts.tip.style.top = `${Math.max(at.y - 60, 4)}px`;
  }

  new MutationObserver(() => parts && paint()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });

  spanscape.searchHeatmap = { build, draw, paint };
})();
