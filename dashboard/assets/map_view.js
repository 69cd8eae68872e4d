/* Which part of the map is seen, how near, and how large its text is. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const FIT_PADDING = 26;
  const LARGEST_FIT = 1.15;
  const READABLE_ZOOM = 0.85;
  const LARGEST_SCALE = 1.5;
  const AROUND_NODE = 150; // pixels that a node takes with its text
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
    if (!cy || cy.destroyed()) {
      return;
    }
    cy.resize();
    if (!touched) {
      spanscape.fitMap(false);
    }
  }

  spanscape.fitMap = function (smooth) {
    touched = touched && !smooth;
    if (!cy || cy.destroyed() || !cy.elements().length) {
      return;
    }
    let view = fitting();
    if (scaleText(view.zoom)) {
      view = fitting(); // larger text takes more room
    }
    const { zoom, pan } = view;
    if (smooth && !calm()) {
      cy.animate({ zoom, pan }, { duration: 200 });
    } else {
      cy.viewport({ zoom, pan });
    }
  };

  /* The view in which everything is seen beside the panel and above the legend. */
  function fitting() {
    const panel = document.querySelector(".panel:not(.panel-closed)");
    const box = (cy.scratch("large") ? cy.nodes() : cy.elements()).boundingBox(); // that of edges takes longer than drawing
    const width = cy.width() - (panel ? panel.clientWidth : 0) - 2 * FIT_PADDING;
    const height = cy.height() - 2 * FIT_PADDING - document.querySelector(".legend").offsetHeight;
    const zoom = Math.min(width / box.w, height / box.h, LARGEST_FIT);
    return {
      zoom,
      pan: {
        x: FIT_PADDING + (width - box.w * zoom) / 2 - box.x1 * zoom,
        y: FIT_PADDING + (height - box.h * zoom) / 2 - box.y1 * zoom,
      },
    };
  }

  /* Sizes the text for nodes that are about to be added: to change it once they are there styles everything anew. */
  function foresee(places) {
    const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
    const size = (values) => values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b)) + AROUND_NODE;
    if (places.length) {
      scaleText(Math.min(cy.width() / size(xs), cy.height() / size(ys), LARGEST_FIT));
    }
  }

  /* Where a large map has to shrink to fit, its text shrinks less. */
  function scaleText(zoom) {
    const scale = Math.round(Math.min(Math.max(READABLE_ZOOM / zoom, 1), LARGEST_SCALE) * 10) / 10;
    const changed = scale !== cy.scratch("textScale");
    if (changed) {
      cy.scratch("textScale", scale);
      cy.style()
        .selector("node")
        .style({ "font-size": 13 * scale })
        .selector("edge.routed")
        .style({ "font-size": 11.5 * scale })
        .update();
    }
    return changed;
  }

  /* Moves the map aside when the panel would cover the selected node. */
  function uncover(node) {
    const panel = document.getElementById("topology-panel");
    const excess = node.renderedPosition("x") + 80 - (cy.width() - panel.clientWidth);
    if (excess > 0 && panel.clientWidth < cy.width() * 0.7) {
      cy.animate({ panBy: { x: -excess, y: 0 } }, { duration: calm() ? 0 : 200 });
    }
  }

  spanscape.rescale = () => cy && !cy.destroyed() && scaleText(cy.zoom());
  spanscape.view = { foresee, uncover, isTouched: () => touched, untouched: () => (touched = false) };
})();
