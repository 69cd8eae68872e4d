/* Which part of the map is seen, and how near. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const FIT_PADDING = 26;
  const BESIDE = 10; // pixels between what is selected and the panel
  const TOOLS = 30; // pixels more on the left, where the buttons are
  const LARGEST_FIT = 1.15;
  const [LEAST_BESIDE, LEAST_SHARE] = [0.35, 0.75]; // zoom, alone and of that without panel: a map that would be smaller is partly covered
  const AROUND_MAP = [170, 400]; // pixels of the page beside it, and above and below
  const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  let cy = null;
  let touched = false;

  spanscape.onMap(function (instance) {
    cy = instance;
    cy.on("scrollzoom dragpan pinchzoom grab", () => (touched = true));
    new ResizeObserver(resized).observe(cy.container());
  });

  /* The map stays fitted to its frame until the viewer moves it. */
  function resized() {
    const { clientWidth, clientHeight } = cy.container();
    const same = cy.width() === clientWidth && cy.height() === clientHeight;
    if (same || !spanscape.mapIsSeen()) {
      return; // it may be elsewhere now
    }
    cy.resize();
    if (!touched) {
      spanscape.fitMap(false);
    }
  }

  spanscape.fitMap = function (smooth) {
    touched = touched && !smooth;
    if (!spanscape.mapIsSeen() || !cy.elements().length) {
      return;
    }
    let view = fitting();
    if (spanscape.text.fit(view.zoom)) {
      view = fitting(); // larger text takes more room
    }
    look(view, smooth && !calm());
  };

  function look({ zoom, pan }, smooth) {
    if (smooth) {
      cy.animate({ zoom, pan }, { duration: 200 });
    } else {
      cy.viewport({ zoom, pan });
    }
  }

  /* Width and height of what is drawn in: above the legend. A guess while the map is not there yet. */
  function frame() {
    if (!spanscape.mapIsSeen()) {
      return [window.innerWidth, window.innerHeight].map((size, axis) => Math.max(size - AROUND_MAP[axis], 1));
    }
    return within(0, document.querySelector(".legend").offsetHeight);
  }

  function within(right, below) {
    return [cy.width() - TOOLS - right, cy.height() - below].map((size) => Math.max(Math.round(size - 2 * FIT_PADDING), 1));
  }

  /* The same beside the panel. */
  function free() {
    const [right, below] = covered();
    return within(right, Math.max(below, document.querySelector(".legend").offsetHeight));
  }

  /* What the panel covers: [pixels on the right, pixels below]. In a narrow window it lies below. */
  function covered() {
    const panel = document.querySelector(".panel:not(.panel-closed)");
    if (!panel) {
      return [0, 0];
    }
    return panel.offsetWidth > cy.width() * 0.95 ? [0, panel.offsetHeight] : [panel.offsetWidth, 0];
  }

  /* The view in which everything is seen beside the panel and above the legend, if that is not too small. */
  function fitting() {
    const box = (spanscape.model.large ? cy.nodes() : cy.elements()).boundingBox(); // that of edges takes longer than drawing
    const [whole, beside] = [frame(), free()].map((room) => viewOf(box, room));
    return beside.zoom < Math.min(whole.zoom * LEAST_SHARE, LEAST_BESIDE) ? whole : beside;
  }

  function viewOf(box, [width, height]) {
    const zoom = Math.min(width / box.w, height / box.h, LARGEST_FIT);
    return {
      zoom,
      pan: {
        x: FIT_PADDING + TOOLS + (width - box.w * zoom) / 2 - box.x1 * zoom,
        y: FIT_PADDING + (height - box.h * zoom) / 2 - box.y1 * zoom,
      },
    };
  }

  /* The panel opened or closed: the map makes room for it, and what is selected is not covered. A large map takes time to draw. */
  function besidePanel(picked) {
    if (!touched && !spanscape.model.large) {
      spanscape.fitMap(false);
    }
    if (picked && picked.isNode()) {
      uncover(picked);
    }
  }

  function uncover(node) {
    const [right, below] = covered();
    const { x2, y2 } = node.renderedBoundingBox();
    const x = Math.min(cy.width() - right - BESIDE - x2, 0);
    const y = Math.min(cy.height() - below - BESIDE - y2, 0);
    if ((x || y) && right < cy.width() * 0.7) {
      cy.animate({ panBy: { x, y } }, { duration: calm() ? 0 : 200 });
    }
  }

  /* New nodes that are not seen: the map is fitted anew, unless the viewer chose what is seen. */
  function include(nodes) {
    if (touched || spanscape.model.large || !spanscape.mapIsSeen()) {
      return;
    }
    const [width, height] = free();
    const unseen = function (node) {
      const { x, y } = node.renderedPosition();
      return x < TOOLS || y < 0 || x > width + TOOLS + FIT_PADDING || y > height + FIT_PADDING;
    };
    if (nodes.some(unseen)) {
      spanscape.fitMap(true);
    }
  }

  spanscape.view = { LARGEST_FIT, besidePanel, frame, include, untouched: () => (touched = false) };
})();
