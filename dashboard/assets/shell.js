/* The frame around the pages: navigation, time range, colour scheme, how live the page is. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { address, live } = spanscape;
  const noUpdate = () => window.dash_clientside.no_update;
  const setProps = (id, props) => window.dash_clientside.set_props(id, props);
  const RANGES = ["5m", "15m", "1h", "6h", "24h", "7d"];
  const DEFAULT_RANGE = "5m";
  const MOMENT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?Z?$/;
  const PAGES = [
    ["nav-topology", /^\/$/],
    ["nav-services", /^\/services?\b/],
    ["nav-traces", /^\/traces?\b/],
    ["nav-breakers", /^\/breakers?\b/],
    ["nav-health", /^\/health\b/],
    ["nav-doctor", /^\/doctor\b/],
  ];
  let ticks = 0;

  function isDark() {
    return document.documentElement.dataset.mantineColorScheme === "dark";
  }

  function absolute(key) {
    const ends = (key || "").split("/");
    return ends.length === 2 && ends.every((end) => MOMENT.test(end));
  }

  function windowOfAddress() {
    const wanted = address.get("range");
    return RANGES.includes(wanted) || absolute(wanted) ? wanted : DEFAULT_RANGE;
  }

  /* Which services every page shows. */
  spanscape.scope = () => ({ environment: address.get("env").slice(0, 200), namespace: address.get("ns").slice(0, 200) });

  const sameScope = (one, other) => Boolean(one && other) && one.environment === other.environment && one.namespace === other.namespace;

  const quoted = (text) => `"${text.replace(/["\\\n]/g, "\\$&")}"`;

  /* What the control says, and how it looks; pages with nothing to show say it too. */
  function scopeWords({ environment, namespace }) {
    const chosen = [environment, namespace].filter(Boolean).join(" · ");
    document.documentElement.classList.toggle("has-scope", Boolean(chosen));
    document.documentElement.style.setProperty("--ss-scope", CSS.supports("content", quoted(chosen)) ? quoted(chosen) : '""');
    return [chosen || "All services", `plain-button scope-button${chosen ? " is-chosen" : ""}`];
  }

  /* On every change of the address: the range for all pages, the current page, links that keep what pages share. */
  spanscape.fromAddress = function (pathname, _search, shown, shownScope) {
    markCurrentPage(pathname);
    live.show();
    const key = windowOfAddress();
    const onTrace = (pathname || "").startsWith("/trace/");
    const box = onTrace ? "time-range hidden" : "time-range";
    const scope = spanscape.scope();
    const hrefs = ["/", "/services", "/traces", "/breakers", "/health", "/doctor"].map(address.page);
    return [
      key === shown ? noUpdate() : key,
      absolute(key) ? "absolute" : key,
      sameScope(scope, shownScope) ? noUpdate() : scope,
      scope.environment || null,
      scope.namespace || null,
      ...scopeWords(scope),
      box,
      ...hrefs,
    ];
  };

  spanscape.chooseRange = function (key, shown) {
    if (!RANGES.includes(key) || key === shown) {
      return noUpdate();
    }
    address.set({ range: key === DEFAULT_RANGE ? "" : key, at: "" });
    relink();
    return key;
  };

  /* From one moment to another, as typed, in UTC. */
  spanscape.chooseAbsolute = function (_clicks, _from, _to, from, to) {
    if (!window.dash_clientside.callback_context.triggered.some((t) => t.value)) {
      return [noUpdate(), noUpdate(), ""];
    }
    const ends = [from, to].map((text) => (text || "").trim().match(MOMENT));
    if (!ends.every(Boolean)) {
      return [noUpdate(), noUpdate(), "Write both as 2026-01-31 12:00"];
    }
    const key = ends.map((end) => `${end[1]}T${end[2]}${end[3] || ":00"}Z`).join("/");
    const [start, end] = key.split("/").map(Date.parse);
    if (!(start < end)) {
      return [noUpdate(), noUpdate(), "The start must be before the end"];
    }
    address.set({ range: key, at: "" });
    relink();
    return [key, "absolute", ""];
  };

  spanscape.choosePaused = function (clicks) {
    if (clicks) {
      address.set({ paused: address.get("paused") === "1" ? "" : "1" });
      relink();
      showConnection({ ...live.state() });
    }
    return noUpdate();
  };

  spanscape.chooseScope = function (environment, namespace, shown) {
    const scope = { environment: environment || "", namespace: namespace || "" };
    if (sameScope(scope, shown)) {
      return [noUpdate(), noUpdate(), noUpdate()];
    }
    address.set({ env: scope.environment, ns: scope.namespace });
    relink();
    return [scope, ...scopeWords(scope)];
  };

  document.addEventListener("click", function (event) {
    if (event.target.closest?.(".scope-clear")) {
      setProps("environment", { value: null });
      setProps("namespace", { value: null });
    }
  });

  function relink() {
    for (const link of document.querySelectorAll(".rail a[href]")) {
      const path = link.getAttribute("href").split("?")[0];
      setProps(link.id, { href: address.page(path) });
    }
  }

  function markCurrentPage(pathname) {
    const current = (PAGES.find(([, pattern]) => pattern.test(pathname || "")) || [""])[0];
    for (const link of document.querySelectorAll(".nav-link")) {
      if (link.id === current) {
        link.setAttribute("aria-current", "page");
      } else {
        link.removeAttribute("aria-current");
      }
    }
  }

  spanscape.watchColorScheme = function (storeId) {
    if (!spanscape.schemeObserver) {
      spanscape.schemeObserver = new MutationObserver(function () {
        setProps(storeId, { data: isDark() ? "dark" : "light" });
      });
      spanscape.schemeObserver.observe(document.documentElement, {
        attributes: true,
        attributeFilter: ["data-mantine-color-scheme"],
      });
    }
    showConnection(live.state());
    return isDark() ? "dark" : "light";
  };

  function connectionWords(state) {
    if (state.dashboard !== "connected") {
      return state.dashboard === "connecting"
        ? ["wait", "Connecting", "Connecting to the dashboard"]
        : ["away", "Dashboard away", "The dashboard does not answer; trying again by itself"];
    }
    if (state.collector === "away") {
      return ["away", "Collector away", `${state.words || ""} Trying again by itself.`];
    }
    if (address.get("paused") === "1") {
      return ["paused", "Paused", "Updates are paused; press play to go on"];
    }
    const past = absolute(windowOfAddress()) || address.get("at");
    if (past) {
      return ["past", "Past", "A time in the past is shown"];
    }
    return state.behind_s
      ? ["behind", `${state.behind_s} s behind`, "Spans arrive faster than the collector counts them"]
      : ["live", "Live", "Changes are shown as they arrive"];
  }

  function showConnection(state) {
    const element = document.getElementById("connection");
    if (element) {
      const [look, word, title] = connectionWords(state);
      element.className = `connection connection-${look}`;
      element.textContent = word;
      element.title = title;
    }
    const button = document.getElementById("pause");
    if (button) {
      const paused = address.get("paused") === "1";
      button.classList.toggle("is-paused", paused);
      button.setAttribute("aria-label", paused ? "Go on with updates" : "Pause updates");
      button.setAttribute("aria-pressed", String(paused));
      button.title = paused ? "Go on with updates (p)" : "Pause updates (p)";
    }
  }

  live.on("connection", showConnection);
  live.on("tick", function () {
    ticks += 1;
    if (spanscape.schemeObserver) {
      setProps("live-tick", { data: ticks }); // not before Dash has drawn the frame
    }
  });
  address.onChange(() => showConnection(live.state()));
})();
