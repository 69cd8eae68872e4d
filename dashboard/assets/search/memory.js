/* Recent and saved searches, kept in this browser. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
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
    const { create } = spanscape.search;
    const use = create("button", { className: "memory-use", textContent: q, title: q });
    use.onclick = () => ((menu.open = false), onTake(q));
    const star = create("button", { className: "icon-button", textContent: isSaved ? "★" : "☆", title: isSaved ? "Forget this search" : "Save this search" });
    star.setAttribute("aria-label", `${star.title}: ${q}`);
    star.setAttribute("aria-pressed", String(isSaved));
    star.onclick = () => toggleSaved(q);
    return create("li", {}, use, star);
  }

  function draw() {
    const { create } = spanscape.search;
    const saved = read(SAVED);
    const recent = read(RECENT).filter((q) => !saved.includes(q));
    const group = (title, list, isSaved) => (list.length ? [create("h3", { textContent: title }), create("ul", {}, ...list.map((q) => line(q, isSaved)))] : []);
    const groups = [...group("Saved", saved, true), ...group("Recent", recent, false)];
    menu.lastChild.replaceChildren(...(groups.length ? groups : [create("p", { className: "muted", textContent: "Searches that you made here come back in this list. Star one to keep it." })]));
  }

  function build(take) {
    const { create } = spanscape.search;
    onTake = take;
    menu = create("details", { id: "traces-memory", className: "menu" }, create("summary", { className: "plain-button", textContent: "Searches" }), create("div", { className: "menu-body" }));
    draw();
    return menu;
  }

  spanscape.searchMemory = { build, remember };
})();
