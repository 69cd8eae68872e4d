/* Live tail: traces that just arrived and match stand above the others, as long as updates are not paused. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { el } = spanscape.dom;
  const { address } = spanscape;
  const { ask, count } = spanscape.search;
  const MOST_AT_ONCE = 20;
  const PAUSE_MS = 1000;
  let parts = null;
  let cursor = "";
  let state = null; // of the search that the cursor belongs to
  let asking = false;
  let arrived = 0;

  /* `onArrive(traces)` shows them. */
  function build(onArrive) {
    const button = el("button", { id: "traces-tail", class: "plain-button", title: "Add traces as they arrive", onclick: toggle }, "Live tail");
    const words = el("span", { id: "traces-tail-words", class: "muted", role: "status" });
    parts = { button, words, onArrive };
    return [words, button];
  }

  /* Only the newest of a range that ends now can be followed. */
  const isPossible = () => spanscape.search.search().end === "now" && spanscape.search.sort() === "start" && !spanscape.search.selection();
  const isOn = () => address.get("tail") === "1" && isPossible();
  const isPaused = () => address.get("paused") === "1";

  function toggle() {
    address.set({ tail: address.get("tail") === "1" ? "" : "1" });
  }

  function show() {
    const on = isOn();
    parts.button.setAttribute("aria-pressed", String(on));
    parts.button.disabled = !isPossible();
    parts.button.title = isPossible() ? "Add traces as they arrive" : "Only the newest traces of a range that ends now can be followed";
    const words = isPaused() ? "Paused" : `${count(arrived)} arrived`;
    parts.words.textContent = on ? words : "";
  }

  /* Begins anew with each search; goes on where it was after a pause. */
  function follow() {
    if (!parts || !parts.button.isConnected) {
      return;
    }
    const now = JSON.stringify(spanscape.search.search());
    if (!isOn() || now !== state) {
      [cursor, arrived, state] = ["", 0, isOn() ? now : null];
    }
    show();
    look();
  }

  /* Looks, and after a pause again, as long as the tail is on. It does not wait for what is counted: that may lag. */
  async function look() {
    if (asking || !parts || !parts.button.isConnected || !isOn() || isPaused()) {
      return;
    }
    asking = true;
    const asked = state;
    const answer = document.hidden ? null : await ask("/traces/tail", { ...spanscape.search.search(), cursor, limit: MOST_AT_ONCE }).catch(() => null);
    if (answer && asked === state && isOn() && !isPaused()) {
      cursor = answer.next;
      add(answer);
    }
    window.setTimeout(() => ((asking = false), look()), PAUSE_MS);
  }

  function add(answer) {
    arrived += answer.matched;
    if (answer.traces.length) {
      parts.onArrive(answer.traces);
    }
    show();
  }

  address.onChange((names) => parts && names.some((name) => ["tail", "paused", "sort", "sel"].includes(name)) && follow());

  spanscape.searchTail = { build, follow };
})();
