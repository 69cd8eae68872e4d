/* Places given by hand, per arrangement, kept in this browser. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { address, live } = spanscape;
  let cy = null;

  spanscape.onMap(function (instance) {
    cy = instance;
    cy.on("dragfree", "node", moved);
  });

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
    Object.assign(spanscape.model.places, places);
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
})();
