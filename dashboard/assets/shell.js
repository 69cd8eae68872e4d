/* The frame around the pages: time range in the URL, current page in the navigation, colour scheme. */
"use strict";

(function () {
  const clientside = (window.dash_clientside = window.dash_clientside || {});
  const spanscape = (clientside.spanscape = clientside.spanscape || {});
  const DEFAULT_RANGE = "5m";

  function withRange(path, range) {
    return range === DEFAULT_RANGE ? path : `${path}?range=${encodeURIComponent(range)}`;
  }

  function isDark() {
    return document.documentElement.dataset.mantineColorScheme === "dark";
  }

  spanscape.rangeFromUrl = function (search, current) {
    const wanted = new URLSearchParams(search || "").get("range");
    const known = ["5m", "15m", "1h", "6h", "24h"];
    return known.includes(wanted) && wanted !== current ? wanted : window.dash_clientside.no_update;
  };

  /* Writes the range into the address without a history entry, so that the view can be shared. */
  spanscape.syncUrl = function (range, pathname) {
    const onTrace = (pathname || "").startsWith("/trace/");
    const url = new URL(window.location.href);
    if (range === DEFAULT_RANGE || onTrace) {
      url.searchParams.delete("range");
    } else {
      url.searchParams.set("range", range);
    }
    if (url.href !== window.location.href) {
      window.history.replaceState(window.history.state, "", url);
    }
    markCurrentPage(pathname);
    return ["", withRange("/", range), withRange("/traces", range), onTrace ? "time-range hidden" : "time-range"];
  };

  function markCurrentPage(pathname) {
    const current = pathname === "/" ? "nav-topology" : /^\/traces?\b/.test(pathname) ? "nav-traces" : "";
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
        window.dash_clientside.set_props(storeId, { data: isDark() ? "dark" : "light" });
      });
      spanscape.schemeObserver.observe(document.documentElement, {
        attributes: true,
        attributeFilter: ["data-mantine-color-scheme"],
      });
    }
    return isDark() ? "dark" : "light";
  };
})();
