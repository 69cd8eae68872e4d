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
  const LARGEST_BRIEF_CALL_SCALE = 1.8;
  const LONGEST_WORD = 16;
  const LETTER = 0.57; // width of a letter of a name, in sizes of its text
  const NAME_GAP = 16; // pixels between two names
  const [ROW, LEAST_ROOM] = [70, 130]; // how near in height names have to be to touch, and what they have in any case
  const COUNTED = 300; // nodes; of more it is not measured how near they are
  const USUAL_ROOM = 200;
  const ROOM_FOR_PANEL = 0.85; // a map that would become smaller than that stays as it is
  const AROUND_NODE = 150; // pixels that a node takes with its text
  const AROUND_MAP = [170, 400]; // pixels of the page beside it, and above and below
  const ZOOMED_MS = 180;
  const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  let cy = null;
  let touched = false;
  let textScale = 1;
  let brief = false;
  let letters = 99; // that a line of a name has room for

  spanscape.onMap(function (instance) {
    cy = instance;
    [textScale, brief, letters] = [1, false, 99];
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
    return within(0, document.querySelector(".legend").offsetHeight);
  }

  function within(right, below) {
    return [cy.width() - TOOLS - right, cy.height() - below].map((size) => Math.max(Math.round(size - 2 * FIT_PADDING), 1));
  }

  /* What the panel covers: [pixels on the right, pixels below]. In a narrow window it lies below. */
  function covered() {
    const panel = document.querySelector(".panel:not(.panel-closed)");
    if (!panel) {
      return [0, 0];
    }
    return panel.offsetWidth > cy.width() * 0.95 ? [0, panel.offsetHeight] : [panel.offsetWidth, 0];
  }

  /* The view in which everything is seen beside the panel and above the legend. */
  function fitting() {
    const box = (spanscape.model.large ? cy.nodes() : cy.elements()).boundingBox(); // that of edges takes longer than drawing
    const [right, below] = covered();
    const [width, height] = within(right, Math.max(below, document.querySelector(".legend").offsetHeight));
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
      scaleText(Math.min(cy.width() / width, cy.height() / height, LARGEST_FIT), spots);
    }
  }

  /* Where a large map has to shrink to fit, its text shrinks less. */
  function scaleText(zoom, spots) {
    const short = zoom < BRIEF_BELOW;
    const most = short ? LARGEST_BRIEF_SCALE : LARGEST_SCALE;
    const apart = roomForNames(spots) - NAME_GAP;
    const fitting = Math.max(apart / (LETTER * TEXT * longestWord()), 1);
    const scale = Math.floor(Math.min(Math.max(READABLE_ZOOM / zoom, 1), most, fitting) * 10) / 10;
    const room = Math.floor(apart / (LETTER * TEXT * scale));
    const changed = scale !== textScale || short !== brief || room !== letters;
    if (changed) {
      setText(scale, short, room);
    }
    return changed;
  }

  function setText(scale, short, room) {
    [textScale, brief, letters] = [scale, short, room];
    cy.style()
      .selector('node[kind != "box"]')
      .style({ "font-size": TEXT * scale, label: written })
      .selector('node[kind = "box"]')
      .style({ "font-size": BOX_TEXT * scale })
      .selector("edge.routed")
      .style({ "font-size": CALL_TEXT * callScale() })
      .update();
  }

  /* Pixels between the two nodes that are nearest to one another in a row. */
  function roomForNames(given) {
    const spots = given || cy.nodes('[kind != "box"]').map((node) => node.position());
    if (spots.length > COUNTED) {
      return USUAL_ROOM;
    }
    let room = 2 * USUAL_ROOM;
    spots.forEach(function (one, index) {
      for (const other of spots.slice(index + 1)) {
        const apart = Math.abs(one.x - other.x);
        if (apart < room && Math.abs(one.y - other.y) < ROW) {
          room = apart;
        }
      }
    });
    return Math.max(room, LEAST_ROOM);
  }

  const callScale = () => Math.min(textScale, brief ? LARGEST_BRIEF_CALL_SCALE : LARGEST_SCALE);

  /* The text of a node. In brief: the name, and the worst of what is wrong. */
  function written(node) {
    const [name, ...more] = (node.data("label") || "").split("\n");
    return [broken(name), ...(brief ? more.filter((line) => /^[⚠⊘+−]/.test(line)).map(worst) : more)].join("\n");
  }

  function worst(line) {
    const share = (words) => parseFloat(words.replace(/[^0-9.]/g, ""));
    return line.split(" · ").reduce((most, words) => (share(words) > share(most) ? words : most));
  }

  /* Letters of the longest part of a name, which is not to be broken. */
  function longestWord() {
    const names = Object.values(spanscape.model.elements).map((element) => element.name || "");
    return Math.min(Math.max(4, ...names.flatMap((name) => name.split(/(?<=[-_./: ])/)).map((word) => word.length)), LONGEST_WORD);
  }

  /* A name that is too long in two lines, divided after a sign if there is one; the rest is left out. */
  function broken(name) {
    if (name.length <= letters) {
      return name;
    }
    const sign = Math.max(...["-", "_", ".", "/", ":", " "].map((each) => name.lastIndexOf(each, letters - 1)));
    const first = sign >= letters / 3 ? sign + 1 : letters;
    const rest = name.slice(first);
    return `${name.slice(0, first).trimEnd()}\n${rest.length <= letters ? rest : `${rest.slice(0, letters - 1)}…`}`;
  }

  /* The panel opened or closed. The map makes room for one below it, and for one beside it if it
  can stay about as large; else only what is selected does. */
  function besidePanel(picked) {
    const before = cy.zoom();
    const view = fitting();
    const below = covered()[1] > 0;
    if (!touched && (below || view.zoom > before * ROOM_FOR_PANEL)) {
      spanscape.fitMap(false);
    } else if (picked && picked.isNode()) {
      uncover(picked);
    }
  }

  function uncover(node) {
    const [right, below] = covered();
    const x = Math.min(cy.width() - right - 80 - node.renderedPosition("x"), 0);
    const y = Math.min(cy.height() - below - 80 - node.renderedPosition("y"), 0);
    if ((x || y) && right < cy.width() * 0.7) {
      cy.animate({ panBy: { x, y } }, { duration: calm() ? 0 : 200 });
    }
  }

  const rescale = () => cy && !cy.destroyed() && scaleText(cy.zoom());

  /* The stylesheet is a new one: its text has the usual size. */
  function restyled() {
    letters = 0;
    rescale();
  }

  /* What `draw` gives of a map whose text has its usual size, with all that nodes say. */
  function atUsualSize(draw) {
    setText(1, false, 99);
    const drawn = draw();
    rescale();
    return drawn;
  }

  spanscape.view = { foresee, besidePanel, frame, callScale, restyled, atUsualSize, untouched: () => (touched = false) };
})();
