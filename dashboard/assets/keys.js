/* Keyboard shortcuts; dashboard/components/shortcuts.py lists them. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { address } = spanscape;
  const PAGES = { t: "/", s: "/services", r: "/traces", b: "/breakers", h: "/health", d: "/doctor" };
  const PREFIX_MS = 1200;
  let prefixAt = -Infinity;
  let suspect = -1;

  const onMap = {
    f: () => spanscape.mapAction("fit"),
    "+": () => spanscape.mapAction("zoom-in"),
    "=": () => spanscape.mapAction("zoom-in"),
    "-": () => spanscape.mapAction("zoom-out"),
    w: nextSuspect,
    o: () => spanscape.focus(address.get("focus") ? null : address.get("sel") || null),
  };

  function nextSuspect() {
    const buttons = document.querySelectorAll("#topology-suspects [data-node]");
    if (buttons.length) {
      suspect = (suspect + 1) % buttons.length;
      buttons[suspect].focus();
      spanscape.select(buttons[suspect].dataset.node);
    }
  }

  function help(open) {
    const dialog = document.getElementById("help-dialog");
    if (dialog && open && !dialog.open) {
      dialog.showModal();
    } else if (dialog && !open) {
      dialog.close();
    }
  }

  document.addEventListener("keydown", function (event) {
    const typing = event.target.closest("input, textarea, select, [contenteditable=true]");
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (event.key === "Escape") {
      if (typing) {
        typing.blur();
      } else if (!spanscape.traceKey(event)) {
        spanscape.select(null);
      }
      return;
    }
    if (typing) {
      return;
    }
    if (traceKey(event) || act(event.key)) {
      event.preventDefault();
    }
  });

  /* The page of a trace has keys of its own, but not for the second key of a pair. */
  function traceKey(event) {
    return performance.now() - prefixAt >= PREFIX_MS && spanscape.traceKey(event);
  }

  function act(key) {
    if (performance.now() - prefixAt < PREFIX_MS && PAGES[key]) {
      prefixAt = -Infinity;
      address.go(PAGES[key]);
      return true;
    }
    if (key === "g") {
      prefixAt = performance.now();
      return true;
    }
    if (key === "?") {
      help(true);
      return true;
    }
    if (key === "/") {
      const field = document.getElementById("topology-find") || document.getElementById("traces-q") || document.querySelector("[data-search] input, input[type=search]");
      if (field) {
        field.focus();
      }
      return true;
    }
    if (key === "p") {
      document.getElementById("pause").click();
      return true;
    }
    if (onMap[key] && window.location.pathname === "/") {
      onMap[key]();
      return true;
    }
    return false;
  }

  document.addEventListener("click", function (event) {
    if (event.target.closest("#help")) {
      help(true);
    } else if (event.target.closest("[data-close=help]")) {
      help(false);
    }
  });
})();
