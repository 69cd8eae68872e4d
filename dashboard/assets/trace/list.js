/* A list of any length: rows of one height, of which only those in sight exist; they are used again while scrolling. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { el } = spanscape.dom;
  const SPARE = 6; // rows above and below those in sight
  const HIGHEST_PX = 8e6; // browsers draw nothing beyond some 17 million pixels

  /* `make()` gives an empty row, `draw(row, index)` fills it. `scroller` gets one child that is as high as all rows. */
  function create(scroller, rowHeight, make, draw) {
    const space = el("div", { class: "list-space", role: "presentation" });
    const slots = [];
    let count = 0;
    let squeeze = 1; // of scrolling, for lists higher than a browser can show
    let asked = 0;
    scroller.append(space);

    function visibleRows() {
      return Math.ceil(scroller.clientHeight / rowHeight);
    }

    /* The index at the upper edge, with a fraction. */
    function top() {
      return (scroller.scrollTop * squeeze) / rowHeight;
    }

    function layOut() {
      asked = 0;
      const needed = Math.min(visibleRows() + 2 * SPARE, count);
      while (slots.length < needed) {
        const element = make();
        space.append(element);
        slots.push({ element, index: -1 });
      }
      while (slots.length > needed) {
        slots.pop().element.remove();
      }
      const first = Math.max(0, Math.min(Math.floor(top()) - SPARE, count - needed));
      const shift = scroller.scrollTop - top() * rowHeight;
      for (let index = first; index < first + needed; index += 1) {
        place(slots[index % needed], index, shift);
      }
    }

    function place(slot, index, shift) {
      if (slot.index !== index) {
        slot.index = index;
        draw(slot.element, index);
      }
      slot.element.style.transform = `translateY(${index * rowHeight + shift}px)`;
    }

    function soon() {
      asked = asked || requestAnimationFrame(layOut);
    }

    /* Draws all rows anew. */
    function refresh() {
      slots.forEach((slot) => (slot.index = -1));
      layOut();
    }

    function setCount(rows) {
      count = rows;
      const height = count * rowHeight;
      space.style.height = `${Math.min(height, HIGHEST_PX)}px`;
      const travel = Math.min(height, HIGHEST_PX) - scroller.clientHeight;
      squeeze = height > HIGHEST_PX && travel > 0 ? (height - scroller.clientHeight) / travel : 1;
      refresh();
    }

    /* Brings a row into sight; "centre" when it was out of sight. */
    function reveal(index) {
      const room = scroller.clientHeight / rowHeight;
      if (index < top() || index + 1 > top() + room) {
        scroller.scrollTop = Math.max(0, ((index + 0.5 - room / 2) * rowHeight) / squeeze);
        layOut();
      }
    }

    const sized = new ResizeObserver(soon);
    sized.observe(scroller);
    scroller.addEventListener("scroll", soon, { passive: true });
    return { setCount, refresh, reveal, pageRows: visibleRows, destroy: () => sized.disconnect() };
  }

  trace.list = create;
})();
