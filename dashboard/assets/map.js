/* The map: takes differences from the socket and makes them in cytoscape. A node that the viewer sees never moves.

What belongs to the map beside that is in files of its own, which `spanscape.onMap` gives the graph to: view, selection, places. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { address, live } = spanscape;
  const EASE_AT_MOST = 60; // more new nodes than this appear at once
  const LARGE = 400; // edges from which the map is drawn in a faster way
  const model = { elements: {}, places: {}, texts: {}, stretch: 1, layout: "", large: false };
  let cy = null;
  const watchers = [];
  const placed = [];

  const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  /* Takes the graph that assets/map_scene.js made, and shows in it what is known already. */
  spanscape.startMap = function (instance) {
    spanscape.cy = cy = instance;
    cy.on("dbltap", "node", (event) => spanscape.focus(event.target.id()));
    watchers.forEach((watcher) => watcher(cy));
    make({ elements: model.elements, gone: [], places: model.places }, true);
    showTexts(model.texts);
  };

  live.on("topology", function (message) {
    if (message.whole) {
      message.gone = Object.keys(model.elements).filter((id) => !(message.elements || {})[id]);
    }
    remember(message);
    if (cy) {
      make(message, false);
    }
    showTexts(message.texts || {});
  });

  function remember(message) {
    for (const id of message.gone || []) {
      delete model.elements[id];
    }
    for (const [id, change] of Object.entries(message.elements || {})) {
      const element = (model.elements[id] = { ...model.elements[id], ...change });
      Object.keys(element).forEach((name) => element[name] === null && delete element[name]);
    }
    model.stretch = message.stretch;
    model.layout = message.anew ? address.get("layout") : model.layout;
    Object.assign(model.places, message.places || {});
    Object.assign(model.texts, message.texts || {});
  }

  /* Makes the differences in the map. */
  function make(message, all) {
    const wasEmpty = cy.nodes().length === 0;
    const fresh = [];
    if (wasEmpty) {
      spanscape.text.foresee(Object.values(message.places || {}).map(spot));
    }
    cy.batch(function () {
      (message.gone || []).forEach((id) => cy.getElementById(id).remove());
      for (const [id, change] of Object.entries(message.elements || {})) {
        const existing = cy.getElementById(id);
        if (existing.length) {
          alter(existing, change);
        } else {
          fresh.push(describe(id, model.elements[id]));
        }
      }
      cy.add(fresh);
      if (message.anew && !all) {
        rearrange(message.places || {}, wasEmpty);
      }
    });
    model.large = cy.edges().length > LARGE; // not in cytoscape's scratch: to set something there styles everything anew
    const renderer = cy.renderer();
    renderer.hideEdgesOnViewport = renderer.textureOnViewport = model.large;
    if (wasEmpty && fresh.length) {
      spanscape.view.untouched();
      spanscape.fitMap(false);
      spanscape.chooseFromAddress();
    } else if (!all) {
      easeIn(fresh);
      spanscape.view.include(fresh.filter(({ group, data }) => group === "nodes" && data.kind !== "box").map(({ data }) => cy.getElementById(data.id)));
    }
    cy.emit("changed");
    drawTable();
    spanscape.tellPanel();
    spanscape.mapChanged = performance.now();
    document.body.dataset.map = String(Object.keys(model.elements).length);
  }

  const spot = ([x, y]) => ({ x: Math.round(x * model.stretch), y });

  function describe(id, element) {
    const { group, classes, row, ...data } = element;
    const place = model.places[id];
    return {
      group,
      data: { id, ...data },
      classes,
      ...(place ? { position: spot(place) } : {}),
      ...(element.kind === "box" ? { selectable: false, grabbable: false } : {}),
    };
  }

  function alter(existing, change) {
    const { classes, group, row, parent, ...data } = change;
    if (Object.keys(data).length) {
      existing.data(data);
    }
    if (classes !== undefined) {
      existing.classes(classes);
    }
    if (parent !== undefined) {
      existing.move({ parent });
    }
  }

  /* The viewer asked for another arrangement, or the map was empty: nodes go to their new places. */
  function rearrange(places, wasEmpty) {
    const far = cy.nodes().filter(function (node) {
      const place = places[node.id()] && spot(places[node.id()]);
      return place && Math.hypot(place.x - node.position("x"), place.y - node.position("y")) > 1;
    });
    if (!far.length || wasEmpty) {
      return;
    }
    const smooth = !calm() && far.length <= EASE_AT_MOST;
    far.forEach(function (node) {
      const position = spot(places[node.id()]);
      if (smooth) {
        node.animate({ position }, { duration: 350 });
      } else {
        node.position(position);
      }
    });
    window.setTimeout(() => spanscape.fitMap(false), smooth ? 380 : 0);
  }

  function easeIn(fresh) {
    if (!fresh.length || fresh.length > EASE_AT_MOST || model.large || calm()) {
      return; // each step of an animation draws a large map whole
    }
    for (const { data } of fresh) {
      cy.getElementById(data.id)
        .style("opacity", 0)
        .animate({ style: { opacity: 1 } }, { duration: 500, complete: (event) => event && event.removeStyle && event.removeStyle("opacity") });
      window.setTimeout(() => cy.getElementById(data.id).removeStyle("opacity"), 600);
    }
  }

  spanscape.model = model;
  spanscape.onMap = (watcher) => watchers.push(watcher);

  /* Watchers that are called each time that Dash shows the page. */
  spanscape.onMapPlaced = (watcher) => placed.push(watcher);
  spanscape.mapPlaced = () => placed.forEach((watcher) => watcher());

  function showTexts(texts) {
    if (Object.keys(model.texts).length) {
      spanscape.showTexts(texts, model);
    }
  }

  function drawTable() {
    if (address.get("view") === "table") {
      const rows = Object.values(model.elements).filter((element) => element.row);
      spanscape.drawPlain(rows.map((element) => element.row), "topology-table");
    }
  }
})();
