/* Formats and small charts of the table of services. Values are text nodes or numbers, never HTML. */
"use strict";

(function () {
  const { spanscape } = window.dash_clientside;
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const NARROW = 1150;
  const NOTED_SHARE = 0.01; // from which on errors are red
  const NARROW_WITHOUT = ["error_trend", "p50", "p99", "versions"];
  let fitting = false;
  const create = (...parts) => window.React.createElement(...parts);

  function digits(value) {
    return Number(value.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 2 });
  }

  functions.ssRate = function (rate) {
    if (!rate) {
      return "0/s";
    }
    return rate >= 0.1 ? `${digits(rate)}/s` : rate * 60 >= 0.1 ? `${digits(rate * 60)}/min` : `${digits(rate * 3600)}/h`;
  };

  functions.ssShare = function (share) {
    const percent = share * 100;
    return percent > 0 && percent < 0.1 ? "<0.1 %" : `${Number(percent.toFixed(1))} %`;
  };

  functions.ssMs = function (ms) {
    if (ms === null || ms === undefined) {
      return "—";
    }
    return ms >= 1000 ? `${digits(ms / 1000)} s` : ms < 1 ? `${digits(ms * 1000)} µs` : `${digits(ms)} ms`;
  };

  const grid = async (gridId) => (await spanscape.library("dash_ag_grid")).getApiAsync(gridId);

  /* In a narrow window the columns that say most are left. */
  spanscape.fitGrid = function (_rows, gridId) {
    const fit = () => grid(gridId).then(function (api) {
      api.setColumnsVisible(NARROW_WITHOUT, window.innerWidth >= NARROW);
      api.sizeColumnsToFit();
    });
    if (!fitting) {
      window.addEventListener("resize", () => document.getElementById(gridId) && fit());
    }
    fitting = true;
    fit();
    return window.dash_clientside.no_update;
  };

  components.ServiceLink = function (props) {
    const go = function (event) {
      if (event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        spanscape.address.go(props.data.href);
      }
    };
    const note = props.data.note ? create("small", { className: "muted" }, props.data.note) : null;
    return create("span", { className: "service-cell" }, create("a", { href: props.data.href, onClick: go, title: props.value }, props.value || "(no name)"), note);
  };

  components.HealthRing = function (props) {
    return create("span", { className: "health-words" }, create("span", { className: `ring ring-${props.value}` }), props.value);
  };

  /* What fails for those that call a service may be no error of its own: then its own is said below. */
  components.ErrorShare = function ({ value, data }) {
    const [text, own] = [value, data.own_error_share].map(functions.ssShare);
    const isNoted = value >= NOTED_SHARE;
    return create(
      "span", { className: "number-cell" },
      create("span", { className: isNoted ? "bad" : "" }, isNoted ? `⚠ ${text}` : text),
      isNoted && own !== text ? create("small", { className: "muted", title: "The rest are errors for its callers alone." }, `own ${own}`) : null,
    );
  };

  components.Trend = function (props) {
    const values = props.value || [];
    const last = Math.max(values.length - 1, 1);
    const known = values.map((value, index) => [(index * 100) / last, value]).filter(([, value]) => value !== null);
    const peak = Math.max(...known.map(([, value]) => value), 0);
    const points = known.map(([x, value]) => `${x},${30 - (value / (peak || 1)) * 28}`);
    const label = `${values.length} steps, peak ${peak}`;
    return create(
      "svg",
      { className: `trend chart-${peak ? props.look || "calls" : "nothing"}`, viewBox: "0 0 100 32", preserveAspectRatio: "none", role: "img", "aria-label": label },
      known.length > 1 ? create("polygon", { className: "area", points: `0,30 ${points.join(" ")} ${known.at(-1)[0]},30` }) : null,
      known.length > 1 ? create("polyline", { className: "line", points: points.join(" ") }) : null,
    );
  };

  /* The search field filters the rows as one types, or as soon as they are there. */
  document.addEventListener("input", async function ({ target }) {
    if (target.id === "services-search") {
      const api = await grid("services-grid").catch(() => null); // the page was left before
      api && api.setGridOption("quickFilterText", target.value);
    }
  });
})();
