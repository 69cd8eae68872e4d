/* The scale above the bars, the lines below it, gaps in which nobody is at work, and the line under the pointer. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format } = spanscape;
  const { el } = spanscape.dom;
  const TICK_PX = 115;
  const MOST_GAPS = 100;

  /* `lane`: over the bars, for lines; `pointed`: where the pointer is followed. */
  function create(page, zoom, lane, pointed) {
    const scale = el("div", { class: "wf-scale", title: "Drag to zoom, double click to see everything" });
    const cursor = el("i", { class: "wf-cursor", hidden: true });
    const said = el("span", { class: "wf-cursor-time", hidden: true });
    const brush = el("i", { class: "wf-brush", hidden: true });
    const grid = el("div", { class: "wf-grid" });
    lane.append(grid, cursor, brush);
    let at = null;

    function stepOf(length, wanted) {
      const rough = length / Math.max(wanted, 1);
      const power = 10 ** Math.floor(Math.log10(rough));
      return [1, 2, 5, 10].map((times) => times * power).find((step) => step >= rough);
    }

    function draw() {
      const [from, to] = zoom.get();
      const step = stepOf(to - from, Math.floor(scale.clientWidth / TICK_PX));
      const marks = [];
      for (let number = Math.ceil(from / step - 1e-9); number * step <= to; number += 1) {
        marks.push(number * step);
      }
      const left = (ns) => `${(100 * (ns - from)) / (to - from)}%`;
      scale.replaceChildren(
        ...marks.map((ns) => el("span", { style: { left: left(ns) }, class: ns - from > 0.94 * (to - from) ? "wf-last" : null }, format.offset(ns, step))),
        said,
      );
      grid.replaceChildren(
        ...gaps(from, to).map(([begin, end]) => el("i", { class: "wf-gap", style: { left: left(begin), width: `${(100 * (end - begin)) / (to - from)}%` } })),
        ...marks.map((ns) => el("i", { class: "wf-line", style: { left: left(ns) } })),
      );
      drawCursor();
    }

    /* The longest gaps in sight. */
    function gaps(from, to) {
      const cut = page.model.idle.map(([begin, end]) => [Math.max(begin, from), Math.min(end, to)]);
      return cut
        .filter(([begin, end]) => end - begin > (to - from) / 500)
        .sort((one, other) => other[1] - other[0] - (one[1] - one[0]))
        .slice(0, MOST_GAPS);
    }

    function toTime(clientX) {
      const box = lane.getBoundingClientRect();
      const [from, to] = zoom.get();
      return from + (Math.min(Math.max(clientX - box.left, 0), box.width) / Math.max(box.width, 1)) * (to - from);
    }

    function drawCursor() {
      const [from, to] = zoom.get();
      cursor.hidden = said.hidden = at === null || at < from || at > to;
      if (!cursor.hidden) {
        const share = (100 * (at - from)) / (to - from);
        cursor.style.left = said.style.left = `${share}%`;
        said.classList.toggle("wf-last", share > 78);
        said.textContent = `${format.offset(at, (to - from) / 1000)} · ${format.count(trace.model.atWork(page.model, at))} at work`;
      }
    }

    function point(event) {
      const box = lane.getBoundingClientRect();
      at = event.clientX >= box.left && event.clientX <= box.right ? toTime(event.clientX) : null;
      drawCursor();
    }

    for (const element of [scale, pointed]) {
      element.addEventListener("pointermove", point);
      element.addEventListener("pointerleave", () => ((at = null), drawCursor()));
    }
    trace.drags(scale, toTime, function (kind, ns, start) {
      const [first, last] = [Math.min(ns, start), Math.max(ns, start)];
      const [from, to] = zoom.get();
      const isWide = last - first > (to - from) / 200;
      brush.hidden = kind === "end" || !isWide;
      brush.style.left = `${(100 * (first - from)) / (to - from)}%`;
      brush.style.width = `${(100 * (last - first)) / (to - from)}%`;
      if (kind === "end" && isWide) {
        zoom.set(first, last);
      }
    });
    scale.addEventListener("dblclick", () => zoom.reset());
    pointed.addEventListener("wheel", function (event) {
      const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        zoom.by(event.deltaY > 0 ? 1.25 : 0.8, toTime(event.clientX));
      } else if (sideways && !zoom.isWhole() && (event.shiftKey || Math.abs(sideways) > Math.abs(event.deltaY))) {
        event.preventDefault();
        zoom.move(Math.sign(sideways) * 0.08);
      }
    }, { passive: false });

    return { element: scale, draw, pointedAt: () => at };
  }

  trace.ruler = create;
})();
