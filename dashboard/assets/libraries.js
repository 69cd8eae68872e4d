/* What a page runs, and when: Dash and its components once the page's own first view is drawn; component libraries that few pages use
   (dashboard/libraries.py) where one is needed.

   Where Dash looks for such a component it finds a stand-in, which becomes the component once its library is there. It stays what
   Dash finds: another one in its place would be drawn anew. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { el } = spanscape.dom;
  const known = window.spanscapeLibraries;
  const RETRY_MS = 2000;
  const IDLE_MS = 3000;
  const started = {}; // scripts by address: promises that they have run
  const FIRST_VIEW_MS = 1000; // Dash waits no longer than that for a view that is drawn without it

  known.filter((library) => library.component).forEach(function (library) {
    const place = {
      get [library.component]() {
        library.stand = library.stand || standIn(library);
        return library.stand;
      },
    };
    Object.defineProperty(window, library.name, { get: () => place, set: (real) => real === place || Object.setPrototypeOf(place, real) });
    library.real = () => Object.getPrototypeOf(place)[library.component];
  });

  function standIn(library) {
    const { createElement, lazy, Suspense } = window.React;
    const Real = lazy(async () => ({ default: await load(library) }));
    const Stand = (props) => createElement(Suspense, { fallback: createElement("div", { id: props.id, className: props.className }) }, createElement(Real, props));
    // Dash lets callbacks wait for a component that says so.
    Object.defineProperty(Stand, "_dashprivate_isLazyComponentReady", { get: () => library.isReady || load(library) });
    return Object.assign(Stand, library.isReady ? library.real() : {});
  }

  /* The component, once the files of its library have run, and those that every component is made with. */
  function load(library) {
    library.loading = library.loading || runAll([...dashScripts().filter((address) => address.includes("/deps/")), ...library.files]).then(() => ready(library));
    return library.loading;
  }

  function ready(library) {
    const real = library.real();
    delete real.defaultProps?.wheelSensitivity; // given any, its own default too, cytoscape warns of unnatural zooming
    Object.assign(library.stand || {}, real); // Dash reads what a component says of itself
    library.isReady = true;
    return real;
  }

  const byName = (name) => known.find((library) => library.name === name);

  /* The whole library, for scripts that use more of it than its component. */
  spanscape.library = async function (name) {
    await load(byName(name));
    return window[name];
  };

  /* The component of a library, for scripts that draw it themselves. */
  spanscape.component = (name) => load(byName(name));

  /* One after the other: each may need those before it. They are fetched at once (dashboard/app.py). */
  async function runAll(addresses) {
    for (const address of addresses) {
      await run(address);
    }
  }

  function run(address) {
    started[address] = started[address] || tryToRun(address);
    return started[address];
  }

  /* Until it succeeds: the dashboard may be away for a while. */
  function tryToRun(address) {
    return new Promise(function (resolve) {
      const script = el("script", { src: address, onload: resolve, onerror: again });
      document.head.append(script);

      function again() {
        script.remove();
        setTimeout(() => tryToRun(address).then(resolve), RETRY_MS);
      }
    });
  }

  /* What Dash would have had run while the page was read. */
  const ofDash = () => Array.from(document.getElementById("dash-scripts").content.querySelectorAll("script"));
  const dashScripts = () => ofDash().map((script) => script.getAttribute("src")).filter(Boolean);

  async function startDash() {
    const scripts = ofDash();
    await runAll(dashScripts());
    document.body.append(...scripts.filter((script) => !script.src).map((script) => el("script", { id: script.id }, script.textContent)));
    known.filter((library) => library.component && library.needed).forEach(load);
    setTimeout(() => (window.requestIdleCallback || setTimeout)(fetchAhead), IDLE_MS);
  }

  /* What other pages need, so that going there takes no longer than drawing them. */
  function fetchAhead() {
    if (!navigator.connection?.saveData) {
      const files = known.filter((library) => !library.loading && !library.needed).flatMap((library) => library.files);
      document.head.append(...files.map((href) => el("link", { rel: "prefetch", as: "script", href })));
    }
  }

  const waited = (ms) => new Promise((done) => setTimeout(done, ms));
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

  /* Once all of the page's own scripts have run. */
  queueMicrotask(async function () {
    const drawn = firstView();
    if (drawn) {
      await Promise.race([drawn.then(painted), waited(FIRST_VIEW_MS)]);
    }
    startDash();
  });

  /* A promise that what the page draws without Dash is drawn, if there is such a thing. */
  function firstView() {
    if (window.location.pathname === "/") {
      return spanscape.openMapEarly();
    }
    return window.spanscapeEarly && spanscape.openTraceEarly(window.spanscapeEarly.id);
  }
})();
