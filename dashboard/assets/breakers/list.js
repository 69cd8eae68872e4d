/* A long list of which only the lines in view are in the document. Lines are kept by key, so that what is shown does not
   flicker, and are placed by their number, so that nothing is measured. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const AROUND_PX = 400;

  /* `height(item)`, `build(item)` gives parts with a `row`, `update(parts, item)`. Items have a `key`. */
  function virtualList(frame, { height, build, update }) {
    let items = [];
    let tops = [0];
    let asked = 0;
    const shown = new Map();

    function show(next) {
      items = next;
      tops = [0];
      items.forEach((item) => tops.push(tops[tops.length - 1] + height(item)));
      frame.style.height = `${tops[items.length]}px`;
      frame.parentElement.setAttribute("aria-rowcount", String(items.length + 1));
      draw();
    }

    /* The first item whose end lies below `top`. */
    function at(top) {
      let [low, high] = [0, items.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (tops[middle + 1] <= top) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }

    function draw() {
      asked = 0;
      if (!frame.isConnected) {
        return;
      }
      const above = -frame.getBoundingClientRect().top;
      const first = at(above - AROUND_PX);
      const last = Math.min(items.length, at(above + window.innerHeight + AROUND_PX) + 1);
      const wanted = new Map(items.slice(first, last).map((item, index) => [item.key, [item, first + index]]));
      for (const [key, parts] of shown) {
        if (!wanted.has(key) && !parts.row.contains(document.activeElement)) {
          parts.row.remove();
          shown.delete(key);
        }
      }
      for (const [key, [item, number]] of wanted) {
        let parts = shown.get(key);
        if (!parts) {
          parts = build(item);
          shown.set(key, parts);
        }
        update(parts, item);
        parts.row.style.transform = `translateY(${tops[number]}px)`;
        parts.row.setAttribute("aria-rowindex", String(number + 2));
      }
      inOrder(Array.from(wanted.keys()));
    }

    /* In the document as on the screen: the tab key and screen readers follow it. */
    function inOrder(keys) {
      let before = null;
      for (const key of keys) {
        const { row } = shown.get(key);
        const place = before ? before.nextSibling : frame.firstChild;
        if (row !== place) {
          frame.insertBefore(row, place);
        }
        before = row;
      }
    }

    function later() {
      asked = asked || window.requestAnimationFrame(draw);
    }

    window.addEventListener("scroll", later, { passive: true });
    window.addEventListener("resize", later);
    function end() {
      window.removeEventListener("scroll", later);
      window.removeEventListener("resize", later);
    }
    return { show, later, end };
  }

  spanscape.virtualList = virtualList;
})();
