/* What nodes say, and in what size: as much as has room between them. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const TEXT = 13; // pixels, at zoom 1
  const CALL_TEXT = 11.5;
  const BOX_TEXT = 14;
  const READABLE_ZOOM = 0.85;
  const LARGEST_SCALE = 1.5;
  const BRIEF_BELOW = 0.48; // where numbers have no room, nodes say their names alone, in larger letters
  const LARGEST_BRIEF_SCALE = 2.4;
  const LARGEST_BRIEF_CALL_SCALE = 1.8;
  const LEAST_SIZE = 9.5; // pixels on the screen; names are broken rather than smaller
  const SMALLEST = 7; // pixels on the screen; words are broken rather than smaller
  const LONGEST_WORD = 16;
  const SOME = 8; // letters, of fewer the width says little
  const FEW = 3; // letters, fewer are no line of their own
  const LETTER = 0.55; // least width of a letter, in sizes of its text
  const LINE = 1.25; // height of a line, in sizes of its text
  const NAME_GAP = 16; // pixels between two names
  const UNDER_NODE = 52; // pixels from the middle of a node to its text and from there to the node below
  const ROW = 70; // pixels of height within which names can touch, and of width within which a text can cover the node below
  const [LEAST_ROOM, USUAL_ROOM, MUCH_ROOM] = [130, 200, 400];
  const LEAST_LINES = 2; // a name, and what is wrong
  const COUNTED = 300; // nodes; of more it is not measured how near they are
  const AROUND_NODE = 150; // pixels that a node takes with its text
  const ZOOMED_MS = 180;
  const pen = document.createElement("canvas").getContext("2d");
  const ALL = { scale: 1, brief: false, letters: 99, lines: 99, rates: false };
  let cy = null;
  let now = ALL;

  spanscape.onMap(function (instance) {
    cy = instance;
    now = ALL;
    let zoomed = 0;
    cy.on("zoom", function () {
      window.clearTimeout(zoomed);
      zoomed = window.setTimeout(again, ZOOMED_MS);
    });
  });

  /* Sizes the text for nodes that are about to be added: to change it once they are there styles everything anew. */
  function foresee(spots) {
    const size = (values) => values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b)) + AROUND_NODE;
    if (spots.length) {
      const [width, height] = ["x", "y"].map((axis) => size(spots.map((spot) => spot[axis])));
      fit(Math.min(cy.width() / width, cy.height() / height, spanscape.view.LARGEST_FIT), spots);
    }
  }

  /* Where a large map has to shrink to fit, its text shrinks less. True if nodes now say something else, or larger. */
  function fit(zoom, spots) {
    const brief = zoom < BRIEF_BELOW;
    const { across, down } = roomBetween(spots || cy.nodes('[kind != "box"]').map((node) => node.position()));
    const { name, word, numbers, letter } = longest();
    const most = brief ? LARGEST_BRIEF_SCALE : LARGEST_SCALE;
    const inRow = (across - NAME_GAP) / letter;
    const inColumn = (down - UNDER_NODE) / (LINE * TEXT);
    const wanted = Math.min(Math.max(READABLE_ZOOM / zoom, 1), most);
    const fits = (letters, size) => (TEXT * zoom * inRow) / letters >= size;
    const unbroken = fits(name, LEAST_SIZE) ? name : fits(word, SMALLEST) ? word : SOME;
    const scale = Math.floor(Math.max(Math.min(wanted, inRow / unbroken, inColumn / LEAST_LINES), 1) * 10) / 10;
    const [letters, lines] = [Math.floor(inRow / scale), Math.max(Math.floor(inColumn / scale), LEAST_LINES)];
    const next = { scale, brief, letters, lines, rates: numbers > letters };
    const changed = Object.keys(ALL).some((key) => next[key] !== now[key]);
    if (changed) {
      write(next);
    }
    return changed;
  }

  function write(next) {
    now = next;
    cy.style()
      .selector('node[kind != "box"]')
      .style({ "font-size": TEXT * now.scale, label: written })
      .selector('node[kind = "box"]')
      .style({ "font-size": BOX_TEXT * now.scale })
      .selector("edge.routed")
      .style({ "font-size": CALL_TEXT * callScale() })
      .update();
  }

  /* Pixels between the two nodes that are nearest to one another in a row, and in a column. */
  function roomBetween(spots) {
    if (spots.length > COUNTED) {
      return { across: USUAL_ROOM, down: LEAST_ROOM };
    }
    let [across, down] = [MUCH_ROOM, MUCH_ROOM];
    spots.forEach(function (one, index) {
      for (const other of spots.slice(index + 1)) {
        const [beside, below] = [Math.abs(one.x - other.x), Math.abs(one.y - other.y)];
        across = below < ROW ? Math.min(across, beside) : across;
        down = beside < ROW ? Math.min(down, below) : down;
      }
    });
    return { across: Math.max(across, LEAST_ROOM), down };
  }

  /* Letters of the longest name, of the longest part of one and of the longest numbers; pixels of the widest letters. */
  function longest() {
    const said = Object.values(spanscape.model.elements).filter(({ group, label }) => group === "nodes" && label);
    const texts = said.map(({ label }) => label.split("\n"));
    const names = texts.map(([name]) => name.replace(/^[①②③] /, ""));
    pen.font = `600 ${TEXT}px ${getComputedStyle(document.body).fontFamily}`;
    const length = (parts) => parts.reduce((most, part) => Math.max(most, part.length), 4);
    return {
      name: length(names),
      word: Math.min(length(names.flatMap((name) => name.split(/(?<=[-_./: ])/))), LONGEST_WORD),
      numbers: length(texts.flatMap((lines) => lines.slice(1).filter(isNumbers))),
      letter: names.reduce((most, name) => Math.max(most, pen.measureText(name).width / Math.max(name.length, SOME)), LETTER * TEXT),
    };
  }

  const isProblem = (line) => /^[⚠⊘+−]/.test(line);
  const isNumbers = (line) => !isProblem(line) && line.includes(" · ");
  const callScale = () => Math.min(now.scale, now.brief ? LARGEST_BRIEF_CALL_SCALE : LARGEST_SCALE);

  /* The text of a node: its name, and of the rest what has room, problems before all else. */
  function written(node) {
    const [name, ...rest] = (node.data("label") || "").split("\n");
    const free = now.lines - 1;
    const problems = rest.filter(isProblem).map(narrowed);
    const others = now.brief ? [] : rest.filter((line) => !isProblem(line)).flatMap(narrowed);
    const more = [...others.slice(0, Math.max(free - problems.length, 0)), ...problems];
    return [...broken(name, free > more.length), ...more].join("\n");
  }

  /* A line below the name, as it has room: of problems the worst, of numbers the rate. */
  function narrowed(line) {
    if (isProblem(line)) {
      return now.brief || line.length > now.letters ? worst(line) : line;
    }
    return isNumbers(line) && now.rates ? line.split(" · ")[0] : broken(line, true);
  }

  function worst(line) {
    const share = (words) => parseFloat(words.replace(/[^0-9.]/g, ""));
    return line.split(" · ").reduce((most, words) => (share(words) > share(most) ? words : most));
  }

  /* A text that is too long in two lines, divided after a sign if there is one, or in one; what is too much is left out
  before its end, which often is what tells names apart. */
  function broken(text, inTwo) {
    const { letters } = now;
    const end = Math.floor(letters / 3);
    const cut = (part) => (part.length <= letters ? part : `${part.slice(0, letters - 1 - end)}…${part.slice(-end)}`);
    if (!inTwo || text.length <= letters) {
      return [cut(text)];
    }
    const sign = Math.max(...["-", "_", ".", "/", ":", " "].map((each) => text.lastIndexOf(each, letters - 1)));
    const first = sign >= letters / 3 ? sign + 1 : Math.min(letters, text.length - FEW);
    return [text.slice(0, first).trimEnd(), cut(text.slice(first))];
  }

  /* Pixels on the screen of a call's text. */
  const callSize = () => CALL_TEXT * callScale() * cy.zoom();

  function again() {
    fit(cy.zoom());
    cy.emit("zoomed");
  }

  /* The stylesheet is a new one: its text has the usual size. */
  function restyled() {
    now = ALL;
    again();
  }

  /* What `draw` gives of a map whose text has its usual size, with all that nodes say. */
  function atUsualSize(draw) {
    write(ALL);
    const drawn = draw();
    again();
    return drawn;
  }

  spanscape.text = { atUsualSize, callScale, callSize, fit, foresee, restyled };
})();
