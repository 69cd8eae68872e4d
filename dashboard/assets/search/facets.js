/* Facets: the values that matching spans have, with how many traces have each; a click narrows the search or excludes. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { el } = spanscape.dom;
  const { address } = spanscape;
  const { count } = spanscape.search;
  const { plural } = spanscape.format;
  const terms = spanscape.searchTerms;
  const TITLES = { service: "Service", operation: "Operation", kind: "Kind", status: "Status", http_status: "HTTP status", version: "Version" };
  const SHOWN = 6;
  const opened = new Set();

  function row(value, most, exact) {
    const q = address.get("q");
    const [isIn, isOut] = [terms.has(q, value.term), terms.isExcluded(q, value.term)];
    const words = `${exact ? "" : "about "}${plural(value.traces, "trace")}`;
    const bar = el("i", {});
    bar.style.width = `${(100 * value.traces) / most}%`;
    const narrow = el("button", { class: "facet-value", title: `${value.value}\n${words}, ${plural(value.spans, "span")}`, "aria-pressed": String(isIn), "data-term": value.term },
      bar, el("span", { class: "facet-name" }, value.value), el("span", { class: "facet-count" }, `${exact ? "" : "≈ "}${count(value.traces)}`));
    const exclude = el("button", { class: "facet-exclude", title: `Exclude ${value.value.slice(0, 100)}`, "aria-pressed": String(isOut), "data-term": value.term, "data-exclude": "" }, "≠");
    exclude.setAttribute("aria-label", exclude.title);
    return el("li", {}, narrow, exclude);
  }

  function group(facet, exact) {
    const most = Math.max(...facet.values.map((value) => value.traces), 1);
    const isOpen = opened.has(facet.name);
    const shown = isOpen ? facet.values : facet.values.slice(0, SHOWN);
    const rows = el("ul", {}, ...shown.map((value) => row(value, most, exact)));
    const section = el("section", { "data-facet": facet.name }, el("h3", {}, TITLES[facet.name]), rows);
    if (facet.values.length > SHOWN) {
      section.append(el("button", { class: "link-button", "data-more": facet.name }, isOpen ? "Fewer" : `${facet.values.length - SHOWN} more`));
    }
    return section;
  }

  let last = null;

  function draw(box, answer) {
    last = answer;
    const exact = answer.share === 1;
    const groups = answer.facets.filter((facet) => facet.values.length).map((facet) => group(facet, exact));
    const note = exact ? [] : [el("p", { class: "muted" }, `Estimated from ${(answer.share * 100).toPrecision(2)} % of the traces.`)];
    box.replaceChildren(...groups, ...note);
    box.onclick = (event) => onClick(event, box);
  }

  function onClick(event, box) {
    const button = event.target.closest("button");
    if (!button) {
      return;
    }
    const { term, more, exclude } = button.dataset;
    if (more) {
      opened.has(more) ? opened.delete(more) : opened.add(more);
      draw(box, last);
    } else if (term) {
      spanscape.searchBox.take(terms.toggled(address.get("q"), term, exclude !== undefined));
    }
  }

  spanscape.searchFacets = { draw };
})();
