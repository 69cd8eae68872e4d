/* A trace's outline as rows: what is folded, what is kept by a filter, what a bar is made of. Nothing here recurses. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format } = spanscape;
  const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"];
  const MATCH = 2;
  const ABOVE_MATCH = 1;
  const ERROR = 2;

  /* `outline`: as GET /traces/{id}/outline answers. `folded[row]` is 1 where the rows below it are hidden. */
  function build(outline) {
    const spans = outline.spans;
    const count = spans.id.length;
    const model = { outline, spans, count, folded: new Uint8Array(count), levels: 0 };
    for (let row = 0; row < count; row += 1) {
      model.levels = Math.max(model.levels, spans.depth[row] + 1);
    }
    model.colours = format.colours(outline.services.map((service) => service.name));
    model.critical = criticalByRow(outline.critical_path);
    model.idle = idleTimes(outline.concurrency);
    model.cover = new Map();
    model.places = null;
    return model;
  }

  function criticalByRow(path) {
    const byRow = new Map();
    for (const segment of path) {
      const own = byRow.get(segment.row);
      if (own) {
        own.push([segment.start_ns, segment.end_ns]);
      } else {
        byRow.set(segment.row, [[segment.start_ns, segment.end_ns]]);
      }
    }
    return byRow;
  }

  /* Gaps: nobody is at work between the first and the last who is. */
  function idleTimes(steps) {
    const idle = [];
    for (let at = 0; at + 1 < steps.length; at += 1) {
      if (steps[at][1] === 0 && steps[at + 1][0] > steps[at][0]) {
        idle.push([steps[at][0], steps[at + 1][0]]);
      }
    }
    return idle;
  }

  /* How many spans are at work themselves at a moment. */
  function atWork(model, ns) {
    const steps = model.outline.concurrency;
    let low = 0;
    let high = steps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (steps[middle][0] <= ns) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low ? steps[low - 1][1] : 0;
  }

  function places(model) {
    if (!model.places) {
      model.places = new Map();
      model.spans.id.forEach(function (id, row) {
        const rows = model.places.get(id);
        model.places.set(id, rows === undefined ? row : [].concat(rows, row));
      });
    }
    return model.places;
  }

  function serviceOf(model, row) {
    return model.outline.services[model.spans.service[row]].name;
  }

  function nameOf(model, row) {
    return model.outline.names[model.spans.name[row]] || "(no name)";
  }

  /* What the address calls a span: its id; with "@service" where services share it. */
  function keyOf(model, row) {
    const id = model.spans.id[row];
    return typeof places(model).get(id) === "number" ? id : `${id}@${serviceOf(model, row)}`;
  }

  /* The row of a key, -1 where there is none. */
  function rowOf(model, key) {
    const [, id, service] = /^([^@]*)@?([^]*)$/.exec(key);
    const rows = [].concat(places(model).get(id.toLowerCase()) ?? []);
    return rows.find((row) => serviceOf(model, row) === service) ?? rows[0] ?? -1;
  }

  /* Shows `level` levels; null for all. `except`: rows that are the other way round. */
  function foldTo(model, level, except) {
    const { depth, end } = model.spans;
    for (let row = 0; row < model.count; row += 1) {
      model.folded[row] = level !== null && depth[row] >= level - 1 && end[row] > row + 1 ? 1 : 0;
    }
    for (const row of except || []) {
      model.folded[row] = model.folded[row] ? 0 : 1;
    }
  }

  /* Unfolds what hides a row. Returns whether anything changed. */
  function unfoldAbove(model, row) {
    let changed = false;
    for (let above = model.spans.parent[row]; above >= 0; above = model.spans.parent[above]) {
      changed = changed || model.folded[above] === 1;
      model.folded[above] = 0;
    }
    return changed;
  }

  /* Marks what a filter keeps: matches and the rows above them. null when nothing is filtered. `isFound(row)`: for `only: "found"`. */
  function kept(model, filter, isFound) {
    const { only, service, kind } = filter;
    if (!only && !service && !kind) {
      return null;
    }
    const { spans } = model;
    const services = new Set();
    model.outline.services.forEach((each, code) => each.name === service && services.add(code));
    const keep = new Uint8Array(model.count);
    for (let row = 0; row < model.count; row += 1) {
      const fits =
        (only !== "error" || failed(model, row)) &&
        (only !== "critical" || model.critical.has(row)) &&
        (only !== "found" || isFound(row)) &&
        (!service || services.has(spans.service[row])) &&
        (!kind || KINDS[spans.kind[row]] === kind);
      keep[row] = fits ? MATCH : 0;
    }
    for (let row = model.count - 1; row >= 0; row -= 1) {
      const above = spans.parent[row];
      if (keep[row] && above >= 0 && !keep[above]) {
        keep[above] = ABOVE_MATCH;
      }
    }
    return keep;
  }

  /* Failed, or refused before it was made. */
  function failed(model, row) {
    return model.spans.status[row] === ERROR || model.spans.rejected[row] === 1;
  }

  /* What is listed: a row, or -1 - n for the n-th log record. `logs`: log numbers by row, or null. */
  function entries(model, keep, logs, logCount) {
    const { end } = model.spans;
    const listed = new Int32Array(model.count + (logs ? logCount : 0));
    const position = new Int32Array(model.count).fill(-1);
    let length = 0;
    for (let row = 0; row < model.count; row = model.folded[row] ? end[row] : row + 1) {
      if (keep && !keep[row]) {
        continue;
      }
      position[row] = length;
      listed[length++] = row;
      for (const log of (logs && logs.get(row)) || []) {
        listed[length++] = -1 - log;
      }
    }
    return { listed: listed.subarray(0, length), position };
  }

  /* Stretches of a span's time that its children cover, in order, not overlapping; computed when first drawn. */
  function covered(model, row) {
    let stretches = model.cover.get(row);
    if (!stretches) {
      stretches = merged(childTimes(model, row));
      model.cover.set(row, stretches);
    }
    return stretches;
  }

  function childTimes(model, row) {
    const { start_ns: start, duration_ns: length, end } = model.spans;
    const until = start[row] + length[row];
    const times = [];
    for (let child = row + 1; child < end[row]; child = end[child]) {
      const from = Math.max(start[child], start[row]);
      const to = Math.min(start[child] + length[child], until);
      if (to > from) {
        times.push([from, to]);
      }
    }
    return times.sort((one, other) => one[0] - other[0]);
  }

  function merged(times) {
    const stretches = [];
    for (const [from, to] of times) {
      const last = stretches[stretches.length - 1];
      if (last && from <= last[1]) {
        last[1] = Math.max(last[1], to);
      } else {
        stretches.push([from, to]);
      }
    }
    return stretches;
  }

  Object.assign(trace, {
    KINDS,
    MATCH,
    model: { build, atWork, serviceOf, nameOf, keyOf, rowOf, foldTo, unfoldAbove, kept, failed, entries, covered },
  });
})();
