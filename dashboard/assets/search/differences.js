/* What differs: the values that the selected spans have more often than the rest. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { el } = spanscape.dom;
  const { address } = spanscape;
  const { plural } = spanscape.format;
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
    const fill = el("i", { class: look });
    fill.style.width = `${share * 100}%`;
    return el("div", { class: "versus-bar" }, el("span", { class: "versus-track" }, fill), el("span", { class: "versus-share" }, percent(share)), el("span", { class: "visually-hidden" }, label));
  }

  function row(one) {
    const button = el("button", { class: "versus-value", title: `Narrow the search to ${one.term.slice(0, 200)}`, "data-term": one.term },
      el("span", { class: "versus-key" }, one.key), el("span", { class: "versus-text" }, one.value.slice(0, 160)));
    button.onclick = () => spanscape.searchBox.take(spanscape.searchTerms.with(address.get("q"), one.term));
    return el("li", {}, button, el("div", { class: "versus-bars" }, bar("of the selection", one.selected, "is-selected"), bar("of the rest", one.rest, "is-rest")));
  }

  function draw(box, answer) {
    const estimated = answer.share === 1 ? "" : "about ";
    const legend = el("p", { class: "versus-legend" },
      el("span", { class: "key is-selected" }), `${estimated}${plural(answer.selected, "selected span")}`,
      el("span", { class: "key is-rest" }), `${estimated}${plural(answer.rest, "other")}`);
    const nothing = answer.rest
      ? "Nothing sets the selection apart: no value is more frequent in it than chance explains."
      : "Everything that matches is selected: there is no rest to compare with.";
    const list = answer.differences.length ? el("ol", { class: "versus-list" }, ...answer.differences.map(row)) : el("p", { class: "muted" }, nothing);
    box.replaceChildren(el("h2", {}, "What differs"), legend, list);
  }

  function fail(box, error) {
    box.replaceChildren(el("h2", {}, "What differs"), el("p", { class: "bad" }, `${error.title}: ${error.detail}`));
  }

  spanscape.searchDifferences = { wish, draw, fail };
})();
