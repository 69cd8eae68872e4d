/* The part of the trace's time that is shown: [from, to] in ns after its start; in the address as zoom=from-to in µs. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const SHORTEST_NS = 100;

  /* `changed(isFinal)` is called on every change; while dragging, `isFinal` is false. */
  function create(page, changed) {
    const whole = () => [0, Math.max(page.outline.duration_ns, 1)];
    let range = read();

    function read() {
      const [from, to] = page.get("zoom").split("-").map((text) => parseFloat(text) * 1000);
      return to > from ? bounded(from, to) : whole();
    }

    function bounded(from, to) {
      const [first, last] = whole();
      const length = Math.min(Math.max(to - from, Math.min(SHORTEST_NS, last)), last - first);
      const begin = Math.min(Math.max(from, first), last - length);
      return [begin, begin + length];
    }

    function set(from, to, isFinal = true) {
      range = bounded(from, to);
      if (isFinal) {
        page.set({ zoom: isWhole() ? "" : range.map((ns) => Number((ns / 1000).toFixed(3))).join("-") });
      }
      changed(isFinal);
    }

    function isWhole() {
      return range[0] <= 0 && range[1] >= whole()[1];
    }

    /* Shows `factor` of what is shown now, around a moment that stays where it is. */
    function by(factor, around) {
      const centre = around === undefined ? (range[0] + range[1]) / 2 : Math.min(Math.max(around, range[0]), range[1]);
      set(centre - (centre - range[0]) * factor, centre + (range[1] - centre) * factor);
    }

    function move(share) {
      const by_ = (range[1] - range[0]) * share;
      set(range[0] + by_, range[1] + by_);
    }

    return { get: () => range, set, by, move, whole, isWhole, reset: () => set(...whole()), reread: () => (range = read()) };
  }

  /* Drags over `element` tell `act(kind, ns, startNs)`: kind is start, drag or end. `toTime(clientX)` converts. */
  function drags(element, toTime, act) {
    let start = null;
    element.addEventListener("pointerdown", function (event) {
      if (event.button === 0) {
        element.setPointerCapture(event.pointerId);
        start = toTime(event.clientX);
        act("start", start, start, event);
      }
    });
    element.addEventListener("pointermove", (event) => start !== null && act("drag", toTime(event.clientX), start, event));
    element.addEventListener("pointerup", finish);
    element.addEventListener("pointercancel", finish);
    function finish(event) {
      if (start !== null) {
        act("end", toTime(event.clientX), start, event);
        start = null;
      }
    }
  }

  trace.zoom = create;
  trace.drags = drags;
})();
