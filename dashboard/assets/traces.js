/* The list of traces: filters in the address. */
"use strict";

(function () {
  const clientside = (window.dash_clientside = window.dash_clientside || {});
  const spanscape = (clientside.spanscape = clientside.spanscape || {});

  /* Puts the filters into the address (one history entry per search) and hands them to the list. */
  spanscape.applyFilters = function (_apply, _q, _operation, _duration, service, status, before) {
    const query = {
      service: service || "",
      operation: typed("traces-operation"),
      q: typed("traces-q"),
      status: status || "",
      min_duration_ms: typed("traces-min-duration"),
    };
    const fields = Object.keys(query);
    const changed = fields.some((name) => query[name] !== (before || {})[name]);
    const trigger = window.dash_clientside.callback_context.triggered_id;
    if (!changed && (trigger === "traces-service" || trigger === "traces-status")) {
      return window.dash_clientside.no_update;
    }
    if (changed) {
      const url = new URL(window.location.href);
      for (const name of fields) {
        if (query[name]) {
          url.searchParams.set(name, query[name]);
        } else {
          url.searchParams.delete(name);
        }
      }
      window.history.pushState({}, "", url);
    }
    return query;
  };

  /* What stands in the field: its `value` property reaches Dash a moment later, too late for a quick Enter. */
  function typed(id) {
    return document.getElementById(id).value.trim();
  }

  spanscape.moreClass = function (cursor) {
    return cursor ? "show-more" : "show-more hidden";
  };
})();
