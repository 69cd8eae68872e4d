/* The socket to the dashboard: says what the page shows, takes the differences, comes back by itself. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { address } = spanscape;
  const FIRST_RETRY_MS = 400;
  const LAST_RETRY_MS = 4000;
  const listeners = {};
  const wishes = {};
  let socket = null;
  let retryMs = FIRST_RETRY_MS;
  let number = 0;
  let state = { dashboard: "connecting", collector: "" };

  function on(type, listener) {
    (listeners[type] = listeners[type] || []).push(listener);
  }

  function emit(message) {
    (listeners[message.type] || []).forEach((listener) => listener(message));
  }

  /* What a page asks for, by its path; other pages only want to know that something changed. */
  function wish(path, build) {
    wishes[path] = build;
  }

  function send(message) {
    if (socket && socket.readyState === WebSocket.OPEN) {
      socket.send(JSON.stringify(message));
      return true;
    }
    return false;
  }

  /* Tells what the page shows now. `extra`: {fresh} for everything, {arranged} to lay the map out anew. */
  function show(extra) {
    number += 1;
    const paused = address.get("paused") === "1";
    const { pathname } = window.location;
    if (wishes[pathname]) {
      return send({ ...wishes[pathname](), paused, ...extra });
    }
    if (pathname !== "/") {
      return send({ type: "ticks", paused });
    }
    const layout = address.get("layout") || "layered";
    return send({
      type: "topology",
      number,
      range: address.get("range"),
      at: address.get("at"),
      compare: address.get("compare"),
      find: address.get("find").slice(0, 1000),
      hide: address.get("hide").slice(0, 1000),
      traces: address.get("traces").slice(0, 5000),
      environment: address.get("env").slice(0, 200),
      namespace: address.get("ns").slice(0, 200),
      focus: address.get("focus"),
      hops: Math.min(Math.max(parseInt(address.get("hops"), 10) || 1, 1), 20),
      arrangement: ["layered", "radial", "force", "grouped"].includes(layout) ? layout : "layered",
      table: address.get("view") === "table",
      ...(spanscape.places ? spanscape.places(layout, extra) : {}),
      paused,
      ...extra,
    });
  }

  function connect() {
    const scheme = window.location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${window.location.host}/live`);
    socket.onopen = function () {
      retryMs = FIRST_RETRY_MS;
      update({ dashboard: "connected" });
      show({ fresh: true });
    };
    socket.onmessage = function (event) {
      const message = JSON.parse(event.data);
      if (message.type === "state") {
        update({ words: "", cover: null, behind_s: 0, ...message });
      }
      emit(message);
    };
    socket.onclose = function () {
      update({ dashboard: "away" });
      window.setTimeout(connect, retryMs);
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    };
  }

  function update(changes) {
    state = { ...state, ...changes };
    emit({ ...state, type: "connection" });
  }

  spanscape.live = { on, send, show, wish, state: () => state, number: () => number };
  address.onChange((names) => names.some((name) => name !== "sel") && show());
  connect();
})();
