/* State of the page in its address, so that every view can be shared. Nothing else keeps it.

   Browsers refuse more than 100 changes of the address in 30 seconds, and a key that is held down asks for 30 a second: after
   a few at once, changes are written some times a second, the last one always. What is not written yet counts as written. */
"use strict";

(function () {
  const clientside = (window.dash_clientside = window.dash_clientside || {});
  const spanscape = (clientside.spanscape = clientside.spanscape || {});
  const listeners = new Set();
  /* What stays when the viewer goes to another page. */
  const SHARED = ["range", "env", "ns", "paused"];
  const AT_ONCE = 20; // writes, and then
  const PACE_MS = 450; // between two: 87 in 30 seconds
  let waiting = null; // {from, to}: an address to write in place of another
  let timer = 0;
  let left = AT_ONCE;
  let countedAt = performance.now();

  /* The address as it is, or is about to be; whoever went to another page meanwhile is there. */
  function current() {
    return waiting && waiting.from === window.location.href ? waiting.to : window.location.href;
  }

  function get(name) {
    return new URL(current()).searchParams.get(name) || "";
  }

  function write() {
    const to = current();
    window.clearTimeout(timer);
    [waiting, timer] = [null, 0];
    if (to !== window.location.href) {
      left -= 1;
      window.history.replaceState(window.history.state, "", to);
    }
    return to;
  }

  function writeSoon(to) {
    waiting = { from: window.location.href, to };
    const now = performance.now();
    left = Math.min(left + (now - countedAt) / PACE_MS, AT_ONCE);
    countedAt = now;
    if (left >= 1) {
      write();
    } else {
      timer = timer || window.setTimeout(write, PACE_MS);
    }
  }

  /* Sets or, with "" or null, removes parameters; no history entry, so that "back" leaves the page. */
  function set(changes) {
    const url = new URL(current());
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === undefined || value === "") {
        url.searchParams.delete(name);
      } else {
        url.searchParams.set(name, value);
      }
    }
    if (url.href === current()) {
      return;
    }
    writeSoon(url.href);
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
    write();
    window.history.pushState({}, "", page(path));
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  }

  document.addEventListener("click", write, true); // it may lead to another page
  window.addEventListener("pagehide", write);

  /* `href()` is the whole address. */
  spanscape.address = { get, set, page, go, href: write, onChange: (listener) => listeners.add(listener) };
})();
