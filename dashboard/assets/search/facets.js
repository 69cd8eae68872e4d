/* Facets: the values that matching spans have, with how many traces have each; a click narrows the search or excludes. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { address } = spanscape;
  const { create, count } = spanscape.search;
  const terms = spanscape.searchTerms;
  const TITLES = { service: "Service", operation: "Operation", kind: "Kind", status: "Status", http_status: "HTTP status", version: "Version" };
  const SHOWN = 6;
  const opened = new Set();

  function row(value, most, exact) {
    const q = address.get("q");
    const [isIn, isOut] = [terms.has(q, value.term), terms.isExcluded(q, value.term)];
    const words = `${exact ? "" : "about "}${count(value.traces)} traces`;
    const bar = create("i", {});
    bar.style.width = `${(100 * value.traces) / most}%`;
    const narrow = create("button", { className: "facet-value", title: `${value.value}\n${words}, ${count(value.spans)} spans`, attributes: { "aria-pressed": String(isIn), "data-term": value.term } },
      bar, create("span", { className: "facet-name", textContent: value.value }), create("span", { className: "facet-count", textContent: `${exact ? "" : "≈ "}${count(value.traces)}` }));
    const exclude = create("button", { className: "facet-exclude", textContent: "≠", title: `Exclude ${value.value.slice(0, 100)}`, attributes: { "aria-pressed": String(isOut), "data-term": value.term, "data-exclude": "" } });
    exclude.setAttribute("aria-label", exclude.title);
    return create("li", {}, narrow, exclude);
  }

  function group(facet, exact) {
    const most = Math.max(...facet.values.map((value) => value.traces), 1);
    const isOpen = opened.has(facet.name);
    const shown = isOpen ? facet.values : facet.values.slice(0, SHOWN);
    const rows = create("ul", {}, ...shown.map((value) => row(value, most, exact)));
    const section = create("section", { attributes: { "data-facet": facet.name } }, create("h3", { textContent: TITLES[facet.name] }), rows);
    if (facet.values.length > SHOWN) {
      section.append(create("button", { className: "link-button", textContent: isOpen ? "Fewer" : `${facet.values.length - SHOWN} more`, attributes: { "data-more": facet.name } }));
    }
    return section;
  }

  let last = null;

  function draw(box, answer) {
    last = answer;
    const exact = answer.share === 1;
    const groups = answer.facets.filter((facet) => facet.values.length).map((facet) => group(facet, exact));
    const note = exact ? [] : [create("p", { className: "muted", textContent: `Estimated from ${(answer.share * 100).toPrecision(2)} % of the traces.` })];
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
