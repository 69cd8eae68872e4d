/* Recent and saved searches, kept in this browser. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { el } = spanscape.dom;
  const RECENT = "spanscape-recent-searches";
  const SAVED = "spanscape-saved-searches";
  const MOST_RECENT = 12;
  const MOST_SAVED = 50;
  let menu = null;
  let onTake = null;

  function read(name) {
    try {
      const kept = JSON.parse(window.localStorage.getItem(name) || "[]");
      return Array.isArray(kept) ? kept.filter((q) => typeof q === "string") : [];
    } catch {
      return []; // storage is switched off, or holds something else
    }
  }

  function write(name, list, most) {
    try {
      window.localStorage.setItem(name, JSON.stringify(list.slice(0, most)));
    } catch {
      menu.title = "This browser keeps nothing";
    }
  }

  function remember(q) {
    if (q) {
      write(RECENT, [q, ...read(RECENT).filter((other) => other !== q)], MOST_RECENT);
    }
    draw();
  }

  function toggleSaved(q) {
    const saved = read(SAVED);
    write(SAVED, saved.includes(q) ? saved.filter((other) => other !== q) : [q, ...saved], MOST_SAVED);
    draw();
  }

  function line(q, isSaved) {
    const use = el("button", { class: "memory-use", title: q }, q);
    use.onclick = () => ((menu.open = false), onTake(q));
    const star = el("button", { class: "icon-button", title: isSaved ? "Forget this search" : "Save this search" }, isSaved ? "★" : "☆");
    star.setAttribute("aria-label", `${star.title}: ${q}`);
    star.setAttribute("aria-pressed", String(isSaved));
    star.onclick = () => toggleSaved(q);
    return el("li", {}, use, star);
  }

  function draw() {
    const saved = read(SAVED);
    const recent = read(RECENT).filter((q) => !saved.includes(q));
    const group = (title, list, isSaved) => (list.length ? [el("h3", {}, title), el("ul", {}, ...list.map((q) => line(q, isSaved)))] : []);
    const groups = [...group("Saved", saved, true), ...group("Recent", recent, false)];
    menu.lastChild.replaceChildren(...(groups.length ? groups : [el("p", { class: "muted" }, "Searches that you made here come back in this list. Star one to keep it.")]));
  }

  function build(take) {
    onTake = take;
    menu = el("details", { id: "traces-memory", class: "menu" }, el("summary", { class: "plain-button" }, "Searches"), el("div", { class: "menu-body" }));
    draw();
    return menu;
  }

  spanscape.searchMemory = { build, remember };
})();
