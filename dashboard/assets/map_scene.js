/* The scene of the topology page: what is wrong, the map, its panel, the line of time. It is made once for as long as the tab is
open: over the bare page before Dash is there, then in the place that Dash has for it, whenever that page is shown. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { address } = spanscape;
  const { el } = spanscape.dom;
  const given = window.spanscapeMap; // dashboard/components/graph_view.py
  const WIDE = [1150, 800]; // pixels of a window that has room for the legend
  const isDark = () => document.documentElement.dataset.mantineColorScheme === "dark";
  const scheme = () => (isDark() ? "dark" : "light");
  let scene = null;
  let early = null;
  let drawn = null; // a promise of the graph

  /* The map over the bare page, at the place that it will have. A promise that it is drawn, or cannot be. */
  spanscape.openMapEarly = function () {
    early = el("div", { class: "page topology topology-early" }, el("div", { class: "toolbar map-toolbar" }));
    early.append(el("div", { class: "topology-scene" }));
    document.body.append(early);
    window.addEventListener("_dashprivate_pushstate", leaveEarly);
    putInto(early.lastChild);
    return Promise.all([drawn, answered()]);
  };

  const answered = () =>
    new Promise(function (done) {
      spanscape.live.on("topology", done);
      spanscape.live.on("state", ({ collector }) => collector === "away" && done());
    });

  function leaveEarly() {
    early?.remove();
    early = null;
  }

  /* Called by Dash when the page appears. */
  spanscape.placeScene = function (id) {
    const place = document.getElementById(id);
    if (place) {
      putInto(place);
      leaveEarly();
      spanscape.mapPlaced();
    } else {
      window.requestAnimationFrame(() => spanscape.placeScene(id));
    }
    return window.dash_clientside.no_update;
  };

  /* Moves what there is: a map that was drawn is not drawn again. */
  function putInto(place) {
    scene = scene || create();
    if (scene[0].parentElement !== place) {
      place.append(...scene);
    }
    showView(address.get("view"));
    drawn = drawn || drawGraph(place.querySelector(".graph-box"));
  }

  function create() {
    const made = el("div", {});
    spanscape.drawPlainInto(given.scene, made);
    made.querySelector(".legend").open = window.innerWidth > WIDE[0] && window.innerHeight >= WIDE[1];
    return Array.from(made.children);
  }

  function showView(view) {
    document.getElementById("topology-stage").className = view === "table" ? "stage stage-table" : "stage stage-map";
  }

  spanscape.chooseView = function (view) {
    address.set({ view: view === "table" ? "table" : "" });
    showView(view);
  };

  async function drawGraph(box) {
    const Graph = await spanscape.component("dash_cytoscape");
    if (!box.isConnected) {
      drawn = null; // the viewer has left: when the page is seen again
      return;
    }
    const look = scheme();
    const properties = { ...given.graph, stylesheet: given.styles[look], setProps: () => {} };
    window.ReactDOM.flushSync(() => window.ReactDOM.createRoot(box).render(window.React.createElement(Graph, properties)));
    const { cy } = box.firstChild._cyreg;
    // The component's own listeners would copy the whole graph at every change.
    cy.off("add remove dragfree mouseover mouseout tap tapstart select unselect resize viewport");
    followScheme(cy, look);
    spanscape.startMap(cy);
  }

  function followScheme(cy, look) {
    function restyle() {
      if (look !== scheme()) {
        look = scheme();
        cy.style(given.styles[look]);
        spanscape.text.restyled();
      }
    }
    new MutationObserver(restyle).observe(document.documentElement, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });
  }

  /* Whether the page of the map is the one that is seen. */
  spanscape.mapIsSeen = () => Boolean(spanscape.cy?.container().isConnected);

  spanscape.mapIsPlaced = () => spanscape.mapIsSeen() && !early;
})();
