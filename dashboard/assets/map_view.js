/* Which part of the map is seen, how near, and how large its text is. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const FIT_PADDING = 26;
  const TOOLS = 30; // pixels more on the left, where the buttons are
  const LARGEST_FIT = 1.15;
  const TEXT = 13; // pixels, at zoom 1
  const CALL_TEXT = 11.5;
  const BOX_TEXT = 14;
  const READABLE_ZOOM = 0.85;
  const LARGEST_SCALE = 1.5;
  const BRIEF_BELOW = 0.48; // where numbers have no room, nodes say their names alone, in larger letters
  const LARGEST_BRIEF_SCALE = 2.4;
  const ROOM_FOR_PANEL = 0.85; // a map that would become smaller than that stays as it is
  const AROUND_NODE = 150; // pixels that a node takes with its text
  const AROUND_MAP = [170, 400]; // pixels of the page beside it, and above and below
  const ZOOMED_MS = 180;
  const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  let cy = null;
  let touched = false;
  let textScale = 1;
  let brief = false;

  spanscape.onMap(function (instance) {
    cy = instance;
    [textScale, brief] = [1, false];
    let zoomed = 0;
    cy.on("scrollzoom dragpan pinchzoom grab", () => (touched = true));
    cy.on("zoom", function () {
      window.clearTimeout(zoomed);
      zoomed = window.setTimeout(rescale, ZOOMED_MS);
    });
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
    if (!cy || cy.destroyed()) {
      return [window.innerWidth, window.innerHeight].map((size, axis) => Math.max(size - AROUND_MAP[axis], 1));
    }
    const [width, height] = [cy.width(), cy.height() - document.querySelector(".legend").offsetHeight];
    return [width - TOOLS, height].map((size) => Math.max(Math.round(size - 2 * FIT_PADDING), 1));
  }

  /* The view in which everything is seen beside the panel and above the legend. */
  function fitting() {
    const panel = document.querySelector(".panel:not(.panel-closed)");
    const box = (spanscape.model.large ? cy.nodes() : cy.elements()).boundingBox(); // that of edges takes longer than drawing
    const [whole, height] = frame();
    const width = Math.max(whole - (panel ? panel.clientWidth : 0), 1);
    const zoom = Math.min(width / box.w, height / box.h, LARGEST_FIT);
    return {
      zoom,
      pan: {
        x: FIT_PADDING + TOOLS + (width - box.w * zoom) / 2 - box.x1 * zoom,
        y: FIT_PADDING + (height - box.h * zoom) / 2 - box.y1 * zoom,
      },
    };
  }

  /* Sizes the text for nodes that are about to be added: to change it once they are there styles everything anew. */
  function foresee(spots) {
    const size = (values) => values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b)) + AROUND_NODE;
    if (spots.length) {
      const [width, height] = ["x", "y"].map((axis) => size(spots.map((spot) => spot[axis])));
      scaleText(Math.min(cy.width() / width, cy.height() / height, LARGEST_FIT));
    }
  }

  /* Where a large map has to shrink to fit, its text shrinks less. */
  function scaleText(zoom) {
    const short = zoom < BRIEF_BELOW;
    const most = short ? LARGEST_BRIEF_SCALE : LARGEST_SCALE;
    const scale = Math.round(Math.min(Math.max(READABLE_ZOOM / zoom, 1), most) * 10) / 10;
    const changed = scale !== textScale || short !== brief;
    if (changed) {
      [textScale, brief] = [scale, short];
      cy.style()
        .selector('node[kind != "box"]')
        .style({ "font-size": TEXT * scale, label: brief ? inBrief : "data(label)" })
        .selector('node[kind = "box"]')
        .style({ "font-size": BOX_TEXT * scale })
        .selector("edge.routed")
        .style({ "font-size": CALL_TEXT * callScale() })
        .update();
    }
    return changed;
  }

  const callScale = () => Math.min(textScale, LARGEST_SCALE);

  /* The name, and what is wrong. */
  function inBrief(node) {
    const [name, ...more] = (node.data("label") || "").split("\n");
    return [name, ...more.filter((line) => /^[⚠⊘]/.test(line))].join("\n");
  }

  /* The panel opened or closed. The map makes room for it if it can stay about as large, else only what is selected does. */
  function besidePanel(picked) {
    const before = cy.zoom();
    const view = fitting();
    if (!touched && view.zoom > before * ROOM_FOR_PANEL) {
      spanscape.fitMap(false);
    } else if (picked && picked.isNode()) {
      uncover(picked);
    }
  }

  function uncover(node) {
    const panel = document.getElementById("topology-panel");
    const excess = node.renderedPosition("x") + 80 - (cy.width() - panel.clientWidth);
    if (excess > 0 && panel.clientWidth < cy.width() * 0.7) {
      cy.animate({ panBy: { x: -excess, y: 0 } }, { duration: calm() ? 0 : 200 });
    }
  }

  const rescale = () => cy && !cy.destroyed() && scaleText(cy.zoom());

  /* The stylesheet is a new one: its text has the usual size. */
  function restyled() {
    [textScale, brief] = [1, false];
    rescale();
  }

  spanscape.view = { foresee, besidePanel, frame, callScale, restyled, untouched: () => (touched = false) };
})();
