/* The map: takes differences from the socket and makes them in cytoscape. A node that the viewer sees never moves. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { address, live } = spanscape;
  const setProps = (id, props) => window.dash_clientside.set_props(id, props);
  const GRAPH = "topology-graph";
  const EASE_AT_MOST = 60; // more new nodes than this appear at once
  const FIT_PADDING = 26;
  const LARGEST_FIT = 1.15;
  const READABLE_ZOOM = 0.85;
  const LARGEST_SCALE = 1.5;
  const LARGE = 400; // edges from which the map is drawn in a faster way
  const model = { elements: {}, places: {}, texts: {} };
  let cy = null;
  let touched = false;
  const watchers = [];

  function calm() {
    return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  /* Called when the page appears: waits for the graph's instance, then shows what is known already. */
  spanscape.mountMap = function () {
    const element = document.getElementById(GRAPH);
    const instance = element && element._cyreg && element._cyreg.cy;
    if (!instance) {
      window.requestAnimationFrame(spanscape.mountMap);
      return window.dash_clientside.no_update;
    }
    if (instance !== cy) {
      cy = instance;
      spanscape.cy = cy;
      // Dash's own listeners would copy the whole graph into its state at every change.
      cy.off("add remove dragfree mouseover mouseout tap tapstart select unselect resize viewport");
      cy.on("select unselect", chosen);
      cy.on("dragfree", "node", moved);
      cy.on("dbltap", "node", (event) => spanscape.focus(event.target.id()));
      cy.on("scrollzoom dragpan pinchzoom grab", () => (touched = true));
      new ResizeObserver(resized).observe(element);
      document.querySelector(".legend").open = window.innerWidth > 1150;
      watchers.forEach((watcher) => watcher(cy));
      make({ elements: model.elements, gone: [], places: model.places }, true);
      showTexts(model.texts);
      live.show();
    }
    return window.dash_clientside.no_update;
  };

  live.on("topology", function (message) {
    if (message.whole) {
      message.gone = Object.keys(model.elements).filter((id) => !(message.elements || {})[id]);
    }
    remember(message);
    if (cy && !cy.destroyed()) {
      make(message, false);
    }
    showTexts(message.texts || {});
    spanscape.mapChanged = performance.now();
    document.body.dataset.map = String(Object.keys(model.elements).length);
  });

  function remember(message) {
    for (const id of message.gone || []) {
      delete model.elements[id];
    }
    for (const [id, change] of Object.entries(message.elements || {})) {
      const element = (model.elements[id] = { ...model.elements[id], ...change });
      Object.keys(element).forEach((name) => element[name] === null && delete element[name]);
    }
    Object.assign(model.places, message.places || {});
    Object.assign(model.texts, message.texts || {});
  }

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

  /* Makes the differences in the map. */
  function make(message, all) {
    const wasEmpty = cy.nodes().length === 0;
    const fresh = [];
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
    cy.scratch("large", cy.edges().length > LARGE);
    const renderer = cy.renderer();
    renderer.hideEdgesOnViewport = renderer.textureOnViewport = cy.scratch("large");
    if (wasEmpty && fresh.length) {
      touched = false;
      spanscape.fitMap(false);
      chooseFromAddress();
    } else if (!all) {
      easeIn(fresh);
    }
    cy.emit("changed");
    drawTable();
    if (cy.$(":selected").length) {
      tellPanel();
    }
  }

  function describe(id, element) {
    const { group, classes, row, ...data } = element;
    const place = model.places[id];
    return {
      group,
      data: { id, ...data },
      classes,
      ...(place ? { position: { x: place[0], y: place[1] } } : {}),
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
      const place = places[node.id()];
      return place && Math.hypot(place[0] - node.position("x"), place[1] - node.position("y")) > 1;
    });
    if (!far.length || wasEmpty) {
      return;
    }
    const smooth = !calm() && far.length <= EASE_AT_MOST;
    far.forEach(function (node) {
      const [x, y] = places[node.id()];
      if (smooth) {
        node.animate({ position: { x, y } }, { duration: 350 });
      } else {
        node.position({ x, y });
      }
    });
    window.setTimeout(() => spanscape.fitMap(false), smooth ? 380 : 0);
  }

  function easeIn(fresh) {
    if (!fresh.length || fresh.length > EASE_AT_MOST || calm()) {
      return;
    }
    for (const { data } of fresh) {
      cy.getElementById(data.id)
        .style("opacity", 0)
        .animate({ style: { opacity: 1 } }, { duration: 500, complete: (event) => event && event.removeStyle && event.removeStyle("opacity") });
      window.setTimeout(() => cy && !cy.destroyed() && cy.getElementById(data.id).removeStyle("opacity"), 600);
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

  /* Selection: in the address, in the panel. */
  let choosing = false;

  function chosen() {
    if (!choosing) {
      choosing = true;
      window.queueMicrotask(function () {
        choosing = false;
        const picked = cy.$(":selected")[0];
        const id = picked ? picked.id() : null;
        address.set({ sel: id });
        setProps("topology-selection", { data: id && { id, range: address.get("at") || address.get("range") || "5m", traces: address.get("traces"), ...spanscape.scope() } });
        document.getElementById("topology-panel").className = id ? "panel" : "panel panel-closed";
        if (!touched) {
          spanscape.fitMap(false);
        } else if (picked && picked.isNode()) {
          uncover(picked);
        }
      });
    }
  }

  function chooseFromAddress() {
    const id = address.get("sel");
    if (id) {
      cy.getElementById(id).select();
    }
  }

  spanscape.select = function (id) {
    if (cy) {
      cy.elements().unselect();
      if (id) {
        cy.getElementById(id).select();
      }
    }
  };

  /* Moves the map aside when the panel would cover the selected node. */
  function uncover(node) {
    const panel = document.getElementById("topology-panel");
    const excess = node.renderedPosition("x") + 80 - (cy.width() - panel.clientWidth);
    if (excess > 0 && panel.clientWidth < cy.width() * 0.7) {
      cy.animate({ panBy: { x: -excess, y: 0 } }, { duration: calm() ? 0 : 200 });
    }
  }

  let told = 0;

  function tellPanel() {
    const now = Date.now();
    if (now - told > 1500) {
      told = now;
      setProps("topology-changes", { data: now });
    }
  }

  /* Places given by hand, per arrangement, kept in this browser. */
  const stored = (layout) => `spanscape.places.${layout}`;

  function handPlaces(layout) {
    try {
      return JSON.parse(window.localStorage.getItem(stored(layout))) || {};
    } catch {
      return {};
    }
  }

  function moved(event) {
    const layout = address.get("layout") || "layered";
    const places = {};
    event.target.union(event.target.descendants()).forEach(function (node) {
      if (node.data("kind") !== "box") {
        places[node.id()] = [Math.round(node.position("x")), Math.round(node.position("y"))];
      }
    });
    Object.assign(model.places, places);
    const kept = Object.entries({ ...handPlaces(layout), ...places }).slice(-2000);
    window.localStorage.setItem(stored(layout), JSON.stringify(Object.fromEntries(kept)));
    live.send({ type: "places", places });
  }

  /* What the dashboard has to know when it lays out: after a lost connection everything stays where it is shown. */
  spanscape.places = function (layout, extra) {
    if (extra && extra.arranged) {
      window.localStorage.removeItem(stored(layout));
      return {};
    }
    const shown = {};
    if (cy && !cy.destroyed() && extra && extra.fresh) {
      cy.nodes().forEach((node) => {
        if (node.data("kind") !== "box") {
          shown[node.id()] = [node.position("x"), node.position("y")];
        }
      });
    }
    return Object.fromEntries(Object.entries({ ...handPlaces(layout), ...shown }).slice(-5000));
  };

  spanscape.rescale = () => cy && !cy.destroyed() && scaleText(cy.zoom());
  spanscape.model = model;
  spanscape.onMap = (watcher) => watchers.push(watcher);

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
