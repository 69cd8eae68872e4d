/* Places given by hand, per arrangement, kept in this browser. On the map x is `stretch` times that of its place. */
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

  function placeOf(node) {
    const { x, y } = node.position();
    return [Math.round((x / spanscape.model.stretch) * 1000) / 1000, Math.round(y)];
  }

  function moved(event) {
    const layout = address.get("layout") || "layered";
    const places = {};
    event.target.union(event.target.descendants()).forEach(function (node) {
      if (node.data("kind") !== "box") {
        places[node.id()] = placeOf(node);
      }
    });
    Object.assign(spanscape.model.places, places);
    const kept = Object.entries({ ...handPlaces(layout), ...places }).slice(-2000);
    window.localStorage.setItem(stored(layout), JSON.stringify(Object.fromEntries(kept)));
    live.send({ type: "places", places });
  }

  /* What the dashboard has to know when it lays out: the size of the map, and where everything is when the
  connection was lost or the viewer comes back from another page. */
  spanscape.places = function (layout, extra) {
    const frame = spanscape.view.frame();
    if (extra && extra.arranged) {
      window.localStorage.removeItem(stored(layout));
      return { frame };
    }
    const shown = {};
    if (cy && layout === (spanscape.model.layout || "layered") && (extra?.fresh || !spanscape.mapIsSeen())) {
      cy.nodes('[kind != "box"]').forEach((node) => (shown[node.id()] = placeOf(node)));
    }
    const places = Object.fromEntries(Object.entries({ ...handPlaces(layout), ...shown }).slice(-5000));
    return { places, frame, stretch: Object.keys(shown).length ? spanscape.model.stretch : 0 };
  };
})();
