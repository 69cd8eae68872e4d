/* What differs: the values that the selected spans have more often than the rest. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { address } = spanscape;
  const { create, count } = spanscape.search;
  const percent = window.dashAgGridFunctions.ssShare;

  /* What is compared with the rest, as parameters of the API; null when nothing is. */
  function wish() {
    const chosen = spanscape.search.selection();
    if (chosen) {
      const times = { selection_start: spanscape.search.instant(chosen.startS), selection_end: spanscape.search.instant(chosen.endS) };
      return { ...times, selection_min_duration: `${chosen.minNs}ns`, selection_max_duration: `${chosen.maxNs}ns` };
    }
    return address.get("versus") ? { selection: address.get("versus") } : null;
  }

  function bar(label, share, look) {
    const fill = create("i", { className: look });
    fill.style.width = `${share * 100}%`;
    return create("div", { className: "versus-bar" }, create("span", { className: "versus-track" }, fill), create("span", { className: "versus-share", textContent: percent(share) }), create("span", { className: "visually-hidden", textContent: label }));
  }

  function row(one) {
    const button = create("button", { className: "versus-value", title: `Narrow the search to ${one.term.slice(0, 200)}`, attributes: { "data-term": one.term } },
      create("span", { className: "versus-key", textContent: one.key }), create("span", { className: "versus-text", textContent: one.value.slice(0, 160) }));
    button.onclick = () => spanscape.searchBox.take(spanscape.searchTerms.with(address.get("q"), one.term));
    return create("li", {}, button, create("div", { className: "versus-bars" }, bar("of the selection", one.selected, "is-selected"), bar("of the rest", one.rest, "is-rest")));
  }

  function draw(box, answer) {
    const estimated = answer.share === 1 ? "" : "about ";
    const legend = create("p", { className: "versus-legend" },
      create("span", { className: "key is-selected" }), `${estimated}${count(answer.selected)} selected spans`,
      create("span", { className: "key is-rest" }), `${estimated}${count(answer.rest)} others`);
    const nothing = answer.rest
      ? "Nothing sets the selection apart: no value is more frequent in it than chance explains."
      : "Everything that matches is selected: there is no rest to compare with.";
    const list = answer.differences.length ? create("ol", { className: "versus-list" }, ...answer.differences.map(row)) : create("p", { className: "muted", textContent: nothing });
    box.replaceChildren(create("h2", { textContent: "What differs" }), legend, list);
  }

  function fail(box, error) {
    box.replaceChildren(create("h2", { textContent: "What differs" }), create("p", { className: "bad", textContent: `${error.title}: ${error.detail}` }));
  }

  spanscape.searchDifferences = { wish, draw, fail };
})();
