/* Which rows are folded otherwise than their level says, as a text for the address. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const WHOLE = 30; // so many ids are written whole, and are right for ever; of more, their first letters
  const SHORTEST = 4; // letters
  const MOST_LETTERS = 6000; // some proxies pass no address of more than 8,000 on
  const BETWEEN = "*"; // which addresses leave as it is

  /* null for too many. */
  function text(model, rows) {
    const keys = rows.length <= WHOLE ? rows.map((row) => trace.model.keyOf(model, row)) : shortKeys(model, rows);
    const written = keys.join(BETWEEN);
    return written.length <= MOST_LETTERS ? written : null;
  }

  /* The rows of such a text; those that are no longer there are left out. */
  function read(model, written) {
    const keys = written.split(BETWEEN).filter(Boolean);
    const byStart = new Map();
    for (const length of new Set(keys.filter((key) => !key.includes("@")).map((key) => key.length))) {
      model.spans.id.forEach((id, row) => byStart.set(id.slice(0, length), row));
    }
    return keys.map((key) => (key.includes("@") ? trace.model.rowOf(model, key) : byStart.get(key) ?? -1)).filter((row) => row >= 0);
  }

  /* Equally many first letters of their ids, such that no other span's id begins with them. */
  function shortKeys(model, rows) {
    model.sortedIds = model.sortedIds || Array.from(new Set(model.spans.id)).sort();
    const length = rows.reduce((most, row) => Math.max(most, lettersNeeded(model.sortedIds, model.spans.id[row])), SHORTEST);
    return rows.map(function (row) {
      const key = trace.model.keyOf(model, row);
      return key.includes("@") ? key : key.slice(0, length);
    });
  }

  function lettersNeeded(sorted, id) {
    const at = placeOf(sorted, id);
    return 1 + Math.max(alike(id, sorted[at - 1]), alike(id, sorted[at + 1]));
  }

  function alike(id, other) {
    let letters = 0;
    while (other && letters < id.length && id[letters] === other[letters]) {
      letters += 1;
    }
    return letters;
  }

  function placeOf(sorted, id) {
    let low = 0;
    let high = sorted.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < id) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  trace.folds = { text, read };
})();
