/* One row: name, kind, and the bar with self time, critical path, and marks. Elements are made once and filled again. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format } = spanscape;
  const { el } = spanscape.dom;
  const DEEPEST_INDENT = 20; // levels; deeper rows say their level instead
  const MOST_PIECES = 80; // of a bar's drawing
  const THIN = 0.15; // percent of a bar: thinner pieces are drawn together
  const MOST_TICKS = 100; // of a row
  const LETTER_PX = 7; // of a label, about
  const ERROR = 2;

  function make() {
    const parts = {
      fold: el("button", { type: "button", class: "wf-fold", tabindex: "-1" }),
      level: el("small", { class: "wf-level" }),
      kind: el("span", { class: "icon" }),
      flag: el("span", { class: "wf-flag" }),
      service: el("b"),
      name: el("span", { class: "wf-text" }),
      hidden: el("small", { class: "wf-hidden" }),
      bar: el("i", { class: "wf-bar" }),
      critical: el("i", { class: "wf-critical" }),
      label: el("span", { class: "wf-time" }),
    };
    const lane = el("div", { class: "wf-lane" }, parts.bar, parts.critical, parts.label);
    parts.ticks = el("span", { class: "wf-ticks" });
    lane.append(parts.ticks);
    const names = el("div", { class: "wf-name" }, parts.fold, parts.level, parts.kind, parts.flag, parts.service, parts.name, parts.hidden);
    const row = el("div", { class: "wf-row", role: "treeitem" }, names, lane);
    row.parts = parts;
    return row;
  }

  /* `look`: {zoom: [from, to], lanePx, selected, found, keep, ticks(row)}. */
  function draw(element, page, row, look) {
    const { model } = page;
    const { spans } = model;
    const failed = spans.status[row] === ERROR && !spans.rejected[row];
    const isDim = look.keep !== null && look.keep[row] !== trace.MATCH;
    element.className = `wf-row${failed ? " wf-failed" : ""}${spans.rejected[row] ? " wf-refused" : ""}${isDim ? " wf-dim" : ""}${look.found ? " wf-found" : ""}`;
    element.id = `wf-row-${row}`;
    element.dataset.row = row;
    element.style.setProperty("--svc", `var(--svc-${model.colours[spans.service[row]]})`);
    drawName(element, model, row);
    drawBar(element.parts, model, row, look);
    mark(element, row === look.selected);
  }

  function mark(element, isSelected) {
    element.setAttribute("aria-selected", String(isSelected));
    element.classList.toggle("wf-selected", isSelected);
  }

  function drawName(element, model, row) {
    const { parts } = element;
    const { spans } = model;
    const depth = spans.depth[row];
    const below = spans.end[row] - row - 1;
    const isFolded = model.folded[row] === 1;
    const service = trace.model.serviceOf(model, row);
    const name = trace.model.nameOf(model, row);
    const kind = trace.KINDS[spans.kind[row]];
    element.style.setProperty("--depth", Math.min(depth, DEEPEST_INDENT));
    element.setAttribute("aria-level", depth + 1);
    element.title = `${service} · ${name}`;
    if (below) {
      element.setAttribute("aria-expanded", String(!isFolded));
    } else {
      element.removeAttribute("aria-expanded");
    }
    parts.fold.className = `wf-fold${below ? "" : " wf-leaf"}`;
    parts.fold.textContent = below ? (isFolded ? "▸" : "▾") : "";
    parts.fold.setAttribute("aria-label", isFolded ? "Unfold" : "Fold");
    parts.level.textContent = depth > DEEPEST_INDENT ? format.count(depth) : "";
    parts.kind.className = `icon icon-kind-${kind}`;
    parts.kind.title = `${kind} span`;
    parts.flag.textContent = spans.rejected[row] ? "⊘" : spans.status[row] === ERROR ? "⚠" : "";
    parts.service.textContent = service;
    parts.name.textContent = name;
    parts.hidden.textContent = isFolded && below ? `+${format.count(below)}` : "";
  }

  function drawBar(parts, model, row, look) {
    const { spans } = model;
    const [from, to] = look.zoom;
    const start = spans.start_ns[row];
    const end = start + spans.duration_ns[row];
    const left = share(start, from, to);
    const right = share(end, from, to);
    const outside = start > to || end < from;
    parts.bar.hidden = parts.critical.hidden = outside;
    parts.label.className = "wf-time";
    if (outside) {
      parts.ticks.replaceChildren();
      label(parts, start > to ? `${words(spans, row)} ▸` : `◂ ${words(spans, row)}`, start > to ? "after" : "before");
      return;
    }
    const visible = [Math.max(start, from), Math.min(end, to)];
    parts.bar.style.left = parts.critical.style.left = `${left}%`;
    parts.bar.style.width = parts.critical.style.width = `${right - left}%`;
    parts.bar.style.backgroundImage = pieces(trace.model.covered(model, row), visible, "var(--wait)", "var(--svc)");
    const critical = model.critical.get(row);
    parts.critical.hidden = !critical;
    parts.critical.style.backgroundImage = critical ? pieces(critical, visible, "var(--ss-text)", "transparent") : "";
    parts.ticks.replaceChildren(...inSight(look.ticks(row), from, to).map((tick) => tickOf(tick, from, to)));
    place(parts.label, words(spans, row), left, right, look.lanePx);
  }

  function label(parts, text, where) {
    parts.label.textContent = text;
    parts.label.classList.add("wf-outside");
    parts.label.style.left = where === "before" ? "4px" : "auto";
    parts.label.style.right = where === "before" ? "auto" : "4px";
  }

  /* Beside the bar where there is room, else on it. */
  function place(element, text, left, right, lanePx) {
    const needed = (100 * (text.length * LETTER_PX + 14)) / Math.max(lanePx, 1);
    const isAfter = 100 - right >= needed;
    const isOn = !isAfter && left < needed;
    element.classList.toggle("wf-on-bar", isOn);
    element.style.left = isAfter ? `calc(${right}% + 7px)` : "auto";
    element.style.right = isAfter ? "auto" : isOn ? "8px" : `calc(${100 - left}% + 7px)`;
    element.textContent = text;
  }

  function words(spans, row) {
    const said = [format.duration(spans.duration_ns[row])];
    if (spans.rejected[row]) {
      said.push("refused");
    } else if (spans.status[row] === ERROR) {
      said.push("failed");
    }
    const marks = [["◆", spans.events[row]], ["≡", spans.logs[row]], ["↗", spans.links[row]]];
    return [...said, ...marks.filter(([, count]) => count).map(([sign, count]) => `${sign} ${format.count(count)}`)].join("  ");
  }

  /* Ticks within the zoom; of very many, one in so many. */
  function inSight(ticks, from, to) {
    const within = ticks.filter((tick) => tick.ns >= from && tick.ns <= to);
    const step = Math.ceil(within.length / MOST_TICKS);
    return step > 1 ? within.filter((_, at) => at % step === 0) : within;
  }

  function tickOf(tick, from, to) {
    return el("i", { class: `wf-tick wf-tick-${tick.kind}`, title: tick.title, style: { left: `${share(tick.ns, from, to)}%` } });
  }

  function share(ns, from, to) {
    return Math.min(Math.max((100 * (ns - from)) / (to - from), 0), 100);
  }

  /* A gradient with hard edges: `inside` where the stretches are, `outside` elsewhere; of `visible` only. */
  function pieces(stretches, visible, inside, outside) {
    const length = visible[1] - visible[0];
    if (length <= 0 || !stretches.length) {
      return `linear-gradient(${outside},${outside})`;
    }
    const drawn = [];
    for (let at = firstAfter(stretches, visible[0]); at < stretches.length && stretches[at][0] < visible[1]; at += 1) {
      const begin = Math.max(0, (100 * (stretches[at][0] - visible[0])) / length);
      const stop = Math.min(100, (100 * (stretches[at][1] - visible[0])) / length);
      const last = drawn[drawn.length - 1];
      if (last && begin - last[1] < (drawn.length < MOST_PIECES ? THIN : 100)) {
        last[1] = stop;
      } else {
        drawn.push([begin, stop]);
      }
    }
    const stops = drawn.map(([begin, stop]) => `${outside} 0 ${begin}%,${inside} 0 ${stop}%`);
    return `linear-gradient(90deg,${[...stops, `${outside} 0`].join(",")})`;
  }

  /* The first stretch that ends after a moment. */
  function firstAfter(stretches, ns) {
    let low = 0;
    let high = stretches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (stretches[middle][1] <= ns) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  trace.bars = { DEEPEST_INDENT, make, draw, tickOf, inSight };
})();
