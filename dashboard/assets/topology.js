/* The map: its colours, and what is selected in it. */
"use strict";

(function () {
  const clientside = (window.dash_clientside = window.dash_clientside || {});
  const spanscape = (clientside.spanscape = clientside.spanscape || {});
  const GRAPH = "topology-graph";
  const PANEL_WIDTH = 360;
  const MARGINS = 220; // text of the outermost nodes, and padding
  const READABLE_ZOOM = 0.9;
  const LARGEST_SCALE = 1.3;

  function instance() {
    const element = document.getElementById(GRAPH);
    return element && element._cyreg ? element._cyreg.cy : null;
  }

  /* The stylesheet of the scheme; where a wide graph has to shrink to fit, its text shrinks less. */
  spanscape.graphStyle = function (scheme, positions, styles) {
    const frame = document.getElementById(GRAPH);
    const xs = Object.values(positions || {}).map((point) => point[0]);
    const zoom = frame && xs.length ? frame.clientWidth / (Math.max(...xs) - Math.min(...xs) + MARGINS) : 1;
    const scale = Math.min(Math.max(READABLE_ZOOM / zoom, 1), LARGEST_SCALE);
    return (styles[scheme] || styles.light).map((rule) =>
      rule.style["font-size"]
        ? { ...rule, style: { ...rule.style, "font-size": rule.style["font-size"] * scale } }
        : rule,
    );
  };

  spanscape.stageClass = function (view) {
    return view === "table" ? "stage stage-table" : "stage stage-map";
  };

  spanscape.closePanel = function () {
    const cy = instance();
    if (cy) {
      cy.elements().unselect();
    }
    return window.dash_clientside.no_update;
  };

  /* Numbers of the selected node or edge from the graph shown now; null when nothing is selected or it is gone. */
  spanscape.selection = function (data, nodes, edges, before) {
    const found = data ? pick(data, (nodes || [])[0], (edges || [])[0]) : null;
    const panel = found ? "panel" : "panel panel-closed";
    if (JSON.stringify(found) === JSON.stringify(before ?? null)) {
      return [window.dash_clientside.no_update, panel];
    }
    if (found) {
      uncover();
    }
    return [found, panel];
  };

  function pick(data, chosenNode, chosenEdge) {
    const names = Object.fromEntries(data.nodes.map((node) => [node.id, node.name || "(no name)"]));
    const base = { node: null, edge: null, incoming: [], outgoing: [], names: names, seconds: data.seconds };
    if (chosenNode) {
      const node = data.nodes.find((each) => each.id === chosenNode.id);
      return node
        ? {
            ...base,
            node: node,
            incoming: data.edges.filter((edge) => edge.target === node.id).sort(byCalls),
            outgoing: data.edges.filter((edge) => edge.source === node.id).sort(byCalls),
          }
        : null;
    }
    const edge = chosenEdge && data.edges.find((each) => sameEdge(each, chosenEdge));
    return edge ? { ...base, edge: edge } : null;
  }

  function byCalls(a, b) {
    return b.calls - a.calls;
  }

  function sameEdge(a, b) {
    return a.source === b.source && a.target === b.target && a.kind === b.kind;
  }

  /* Moves the map aside when the panel would cover the selected node. */
  function uncover() {
    const cy = instance();
    const node = cy && cy.nodes(":selected")[0];
    if (!node) {
      return;
    }
    const excess = node.renderedPosition("x") + 70 - (cy.width() - PANEL_WIDTH);
    if (excess > 0) {
      cy.animate({ panBy: { x: -excess, y: 0 } }, { duration: 200 });
    }
  }
})();
