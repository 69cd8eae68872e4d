/* When span events happened: read once the rows are drawn, if there are any, and marked on the bars. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { relay } = spanscape;
  const NOTHING = [];

  function create(page, changed) {
    let byRow = new Map();

    async function update() {
      const { outline } = page;
      byRow = new Map();
      if (!outline.spans.events.some(Boolean)) {
        return;
      }
      try {
        const answer = await relay.get(...page.api("/events"));
        if (outline === page.outline) {
          take(answer);
          changed();
        }
      } catch (error) {
        if (!(error instanceof relay.Problem)) {
          throw error; // without the marks, the bars still say how many events there are
        }
      }
    }

    function take(answer) {
      answer.row.forEach(function (row, at) {
        const name = answer.names[answer.name[at]];
        const tick = { ns: answer.at_ns[at], kind: name === "exception" ? "exception" : "event", title: name };
        if (byRow.has(row)) {
          byRow.get(row).push(tick);
        } else {
          byRow.set(row, [tick]);
        }
      });
    }

    return { update, ticks: (row) => byRow.get(row) || NOTHING };
  }

  trace.marks = create;
})();
