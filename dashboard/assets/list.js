/* A list of any length: of its rows, whose heights are known, only those in sight exist. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { el } = spanscape.dom;
  const AROUND_PX = 200; // above and below what is in sight
  const HIGHEST_PX = 8e6; // browsers draw nothing beyond some 17 million pixels

  /* `make(index)` gives an empty row, `draw(row, index)` fills it. `height`: of a row, or a function of its index. The list
     scrolls inside `scroller`; without one, `space` lies on a page that scrolls. Rows with a `key(index)` stay what they are
     while in sight, wherever they move; others are used again. */
  function create({ scroller, space = el("div", { class: "list-space", role: "presentation" }), height, make, draw, key }) {
    const keyOf = key || ((index) => index);
    const rows = new Map(); // by key: {element, index, drawn}
    const spare = [];
    let count = 0;
    let tops = null; // where rows begin, when they differ in height
    let squeeze = 1; // of scrolling, for lists higher than a browser can show
    let version = 0;
    let asked = 0;
    if (!space.isConnected) {
      scroller.append(space);
    }

    function room() {
      return scroller ? scroller.clientHeight : window.innerHeight;
    }

    /* The pixel of the list at the upper edge of what is in sight. */
    function top() {
      return scroller ? scroller.scrollTop * squeeze : -space.getBoundingClientRect().top;
    }

    function topOf(index) {
      return tops ? tops[index] : index * height;
    }

    /* The first row that ends below `pixel`. */
    function rowAt(pixel) {
      if (!tops) {
        return Math.min(Math.max(Math.floor(pixel / height), 0), count);
      }
      let [low, high] = [0, count];
      while (low < high) {
        const middle = (low + high) >> 1;
        [low, high] = tops[middle + 1] <= pixel ? [middle + 1, high] : [low, middle];
      }
      return low;
    }

    function layOut() {
      asked = 0;
      if (!space.isConnected) {
        return;
      }
      const first = rowAt(top() - AROUND_PX);
      const last = Math.min(rowAt(top() + room() + AROUND_PX) + 1, count);
      const shift = scroller ? scroller.scrollTop - top() : 0;
      const wanted = new Map();
      for (let index = first; index < last; index += 1) {
        wanted.set(keyOf(index), index);
      }
      for (const [name, row] of rows) {
        if (!wanted.has(name) && !row.element.contains(document.activeElement)) {
          rows.delete(name);
          leave(row);
        }
      }
      let before = null;
      for (const [name, index] of wanted) {
        const row = rows.get(name) || enter(name, index);
        if (row.index !== index || row.drawn !== version) {
          draw(row.element, index);
          [row.index, row.drawn] = [index, version];
        }
        row.element.style.transform = `translateY(${topOf(index) + shift}px)`;
        const place = before ? before.nextSibling : space.firstChild;
        if (row.element !== place) {
          space.insertBefore(row.element, place); // in the document as on the screen, for the tab key and screen readers
        }
        before = row.element;
      }
      spare.splice(0).forEach((row) => row.element.remove());
    }

    function leave(row) {
      if (key) {
        row.element.remove();
      } else {
        spare.push(row);
      }
    }

    function enter(name, index) {
      const row = spare.pop() || { element: make(index) };
      row.index = -1;
      rows.set(name, row);
      return row;
    }

    function soon() {
      asked = asked || requestAnimationFrame(layOut);
    }

    /* Draws all rows anew. */
    function refresh() {
      version += 1;
      layOut();
    }

    function setCount(number) {
      count = number;
      tops = null;
      if (typeof height === "function") {
        tops = [0];
        for (let index = 0; index < count; index += 1) {
          tops.push(tops[index] + height(index));
        }
      }
      const high = topOf(count);
      space.style.height = `${Math.min(high, HIGHEST_PX)}px`;
      const travel = Math.min(high, HIGHEST_PX) - room();
      squeeze = high > HIGHEST_PX && travel > 0 ? (high - room()) / travel : 1;
      refresh();
    }

    /* Brings a row into sight; into the middle when it was out of sight. */
    function reveal(index) {
      if (topOf(index) < top() || topOf(index + 1) > top() + room()) {
        scroller.scrollTop = Math.max(0, ((topOf(index) + topOf(index + 1)) / 2 - room() / 2) / squeeze);
        layOut();
      }
    }

    function destroy() {
      sized.disconnect();
      (scroller || window).removeEventListener("scroll", soon);
      window.removeEventListener("resize", soon);
    }

    const sized = new ResizeObserver(soon);
    if (scroller) {
      sized.observe(scroller);
    } else {
      window.addEventListener("resize", soon);
    }
    (scroller || window).addEventListener("scroll", soon, { passive: true });
    return { setCount, refresh, reveal, pageRows: () => Math.ceil(room() / height), destroy };
  }

  spanscape.list = create;
})();
