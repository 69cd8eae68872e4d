/* State of the page in its address, so that every view can be shared. Nothing else keeps it. */
"use strict";

(function () {
  const clientside = (window.dash_clientside = window.dash_clientside || {});
  const spanscape = (clientside.spanscape = clientside.spanscape || {});
  const listeners = new Set();
  /* What stays when the viewer goes to another page. */
  const SHARED = ["range", "env", "ns", "paused"];

  function get(name) {
    return new URLSearchParams(window.location.search).get(name) || "";
  }

  /* Sets or, with "" or null, removes parameters; no history entry, so that "back" leaves the page. */
  function set(changes) {
    const url = new URL(window.location.href);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === undefined || value === "") {
        url.searchParams.delete(name);
      } else {
        url.searchParams.set(name, value);
      }
    }
    if (url.href === window.location.href) {
      return;
    }
    window.history.replaceState(window.history.state, "", url);
    listeners.forEach((listener) => listener(Object.keys(changes)));
  }

  /* The address of a page with the parameters that all pages share. */
  function page(path) {
    const [before, hash] = path.split("#");
    const [bare, query] = before.split("?");
    const wanted = new URLSearchParams(query || "");
    for (const name of SHARED) {
      if (get(name) && !wanted.has(name)) {
        wanted.set(name, get(name));
      }
    }
    const text = wanted.toString();
    return (text ? `${bare}?${text}` : bare) + (hash ? `#${hash}` : "");
  }

  /* Goes to another page as a click on a dcc.Link does, without loading anew. */
  function go(path) {
    window.history.pushState({}, "", page(path));
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  }

  spanscape.address = { get, set, page, go, onChange: (listener) => listeners.add(listener) };
})();
