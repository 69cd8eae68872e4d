/* Where the services of a trace stand in its graph: each right of all that call it, so that calls lead from left to right.

   A call that closes a circle leads back. One that leads over several columns has a place in each between, where no service
   stands in its way. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const SWEEPS = 4; // to and fro, until callers and callees lie side by side

  /* {column: Map of id to column, back: Set of edges that lead back}. The column is the longest way from where the trace begins. */
  function columns({ nodes, edges }) {
    const { calls, order, back } = walked(nodes, edges);
    const column = new Map(nodes.map(({ id }) => [id, 0]));
    for (const id of order) {
      for (const edge of calls.get(id)) {
        if (!back.has(edge)) {
          column.set(edge.target, Math.max(column.get(edge.target), column.get(id) + 1));
        }
      }
    }
    return { column, back };
  }

  /* Each service before those that it calls: depth first from those that nobody calls, then from the rest. */
  function walked(nodes, edges) {
    const calls = new Map(nodes.map(({ id }) => [id, []]));
    edges.forEach((edge) => calls.get(edge.source).push(edge));
    const called = new Set(edges.filter((edge) => edge.source !== edge.target).map((edge) => edge.target));
    const ids = nodes.map(({ id }) => id);
    const [back, order, state] = [new Set(), [], new Map()];
    for (const first of [...ids.filter((id) => !called.has(id)), ...ids]) {
      const path = state.has(first) ? [] : [enter(first)];
      while (path.length) {
        const top = path[path.length - 1];
        const edge = calls.get(top.id)[top.next];
        top.next += 1;
        if (!edge) {
          state.set(path.pop().id, "left");
          order.push(top.id);
        } else if (state.get(edge.target) === "entered") {
          back.add(edge);
        } else if (!state.has(edge.target)) {
          path.push(enter(edge.target));
        }
      }
    }
    return { calls, order: order.reverse(), back };

    function enter(id) {
      state.set(id, "entered");
      return { id, next: 0 };
    }
  }

  /* Places by column: {id} of a service, or {edge} that passes; each with `before`, the places that lead to it, and `after`. */
  function layers({ nodes, edges }, column, back) {
    const layer = Array.from({ length: 1 + Math.max(0, ...column.values()) }, () => []);
    const at = new Map();
    for (const { id } of nodes) {
      at.set(id, { id, column: column.get(id), before: [], after: [] });
      layer[column.get(id)].push(at.get(id));
    }
    const ways = new Map();
    for (const edge of edges.filter((each) => !back.has(each))) {
      const way = [at.get(edge.source)];
      for (let between = column.get(edge.source) + 1; between < column.get(edge.target); between += 1) {
        way.push({ edge, column: between, before: [], after: [] });
        layer[between].push(way[way.length - 1]);
      }
      way.push(at.get(edge.target));
      way.slice(1).forEach((place, step) => (way[step].after.push(place), place.before.push(way[step])));
      ways.set(edge, way);
    }
    return { layer, at, ways };
  }

  /* Orders each column by the middle of its neighbours, from the left and from the right by turns. */
  function arrange(layer) {
    const number = () => layer.forEach((places) => places.forEach((place, rank) => (place.rank = rank)));
    number();
    for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
      const side = sweep % 2 ? "after" : "before";
      for (const places of sweep % 2 ? layer.slice().reverse() : layer) {
        places.forEach((place) => (place.wish = middle(place[side], (each) => each.rank, place.rank)));
        places.sort((one, other) => one.wish - other.wish || one.rank - other.rank);
        places.forEach((place, rank) => (place.rank = rank));
      }
    }
  }

  function middle(places, value, otherwise) {
    return places.length ? places.reduce((sum, place) => sum + value(place), 0) / places.length : otherwise;
  }

  /* Beside the middle of its callers where there is room, else below what stands above it. `box`: {height, gap, thin}. */
  function settle(layer, box) {
    for (const places of layer) {
      let free = 0;
      for (const place of places) {
        const height = place.id ? box.height : box.thin;
        place.y = Math.max(free, middle(place.before, (each) => each.y, free + height / 2) - height / 2) + height / 2;
        free = place.y + height / 2 + box.gap;
      }
    }
  }

  /* {at: Map of id to {column, y}, ways: Map of edge to its places from source to target; none of an edge that leads back}.
     `y` is the middle. */
  function places(graph, box) {
    const { column, back } = columns(graph);
    const { layer, at, ways } = layers(graph, column, back);
    arrange(layer);
    settle(layer, box);
    return { at, ways };
  }

  trace.graphPlaces = places;
})();
