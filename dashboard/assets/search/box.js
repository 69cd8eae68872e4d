/* The filter box: completion as you type, mistakes shown at their place, recent and saved searches. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { el, icon } = spanscape.dom;
  const { address } = spanscape;
  const { ask, count } = spanscape.search;
  const { tokens, meaning } = spanscape.searchTerms;
  const TYPING_MS = 60;
  const KEPT = 200;
  const answers = new Map();
  const known = new Map(); // operators by key, of all keys that were offered
  let parts = null;
  let offers = [];
  let active = -1;
  let timer = 0;
  let asked = 0;

  function build(onSearch) {
    const input = el("input", { id: "traces-q", type: "text", autocomplete: "off", spellcheck: "false", maxlength: 4000, placeholder: 'status=error duration>200ms http.route="/cart"', role: "combobox", "aria-expanded": "false", "aria-controls": "traces-offers", "aria-autocomplete": "list", "aria-label": "Filter", "aria-describedby": "traces-mistake" });
    const list = el("ul", { id: "traces-offers", class: "offers hidden", role: "listbox", "aria-label": "Completions" });
    const mistake = el("div", { id: "traces-mistake", class: "mistake hidden", role: "alert" });
    const go = el("button", { id: "traces-apply", class: "primary-button" }, "Search");
    const clear = el("button", { id: "traces-clear", class: "link-button" }, "Clear");
    const field = el("div", { class: "filter-field" }, icon("search"), input, clear, list);
    const element = el("div", { class: "filter-box", role: "search" }, field, go, spanscape.searchMemory.build(take), mistake);
    parts = { element, input, list, mistake, clear, onSearch };
    input.value = address.get("q");
    showClear();
    input.oninput = () => (showClear(), later());
    input.onkeydown = onKey;
    input.onclick = later;
    input.onblur = () => window.setTimeout(close, 150);
    go.onclick = submit;
    clear.onclick = () => take("");
    list.onmousedown = onPick;
    return element;
  }

  /* It keeps its place, so that the buttons beside it do not move. */
  function showClear() {
    parts.clear.style.visibility = parts.input.value.trim() ? "" : "hidden";
  }

  function take(q) {
    parts.input.value = q;
    submit();
  }

  function submit() {
    close();
    const q = parts.input.value.trim();
    showClear();
    address.set({ q, sel: "", versus: "" });
    parts.onSearch();
  }

  /* What stands before the caret wants a key, an operator or a value: {kind, text, start, end, key}. */
  function wanted(q, caret) {
    const all = tokens(q);
    const before = all.filter((token) => token.start < caret);
    const last = before[before.length - 1];
    const touching = last && last.end >= caret && (last.kind === "word" || last.kind === "string") ? before.pop() : null;
    const at = touching || { start: caret, end: caret, text: "" };
    const typed = meaning(at.text.slice(0, caret - at.start));
    const span = { start: at.start, end: at.end, text: typed };
    const previous = before[before.length - 1];
    if (previous && previous.kind === "operator") {
      const key = before[before.length - 2];
      return key ? { kind: /~/.test(previous.text) ? "none" : "value", key: key.text, ...span } : { kind: "none" };
    }
    const key = listed(before);
    if (key) {
      return { kind: "value", key, ...span };
    }
    return { kind: "key", ...span, operators: operatorsAfter(touching ? touching.text : "", touching) };
  }

  /* The field of an `in (a, b` that is still open. */
  function listed(before) {
    let index = before.length - 1;
    while (index > 0 && (before[index].text === "," || before[index].kind === "word" || before[index].kind === "string") && before[index].text !== "(") {
      index -= 1;
    }
    const open = before[index];
    const word = before[index - 1];
    const last = before[before.length - 1];
    const isList = open && open.text === "(" && word && word.text.toLowerCase() === "in" && index >= 2;
    return isList && (last.text === "(" || last.text === ",") ? before[index - 2].text : "";
  }

  const operatorsAfter = (word, touching) => (touching && known.has(word) ? known.get(word) : []);

  function later() {
    window.clearTimeout(timer);
    timer = window.setTimeout(complete, TYPING_MS);
  }

  async function complete() {
    const { value, selectionStart } = parts.input;
    const want = wanted(value, selectionStart);
    asked += 1;
    const number = asked;
    const found = want.kind === "none" ? [] : await offersFor(want).catch(() => []);
    if (number === asked && document.activeElement === parts.input) {
      offers = found.map((offer) => ({ ...offer, start: offer.start ?? want.start, end: want.end }));
      show();
    }
  }

  async function offersFor(want) {
    const { start, end, environment, namespace } = spanscape.search.search();
    const within = { start, end, environment, namespace };
    if (want.kind === "value") {
      const path = `/attributes/${encodeURIComponent(want.key)}/values`;
      const { values } = await recent(path, { prefix: want.text.slice(0, 300), ...within, limit: 12 });
      return values.map((value) => ({ text: value.text, label: value.value, note: value.spans === null ? "" : count(value.spans), then: " " }));
    }
    const { keys } = await recent("/attributes/keys", { prefix: want.text.slice(0, 300), ...within, limit: 12 });
    keys.forEach((key) => known.set(key.text, key.operators));
    const operators = (want.operators.length ? want.operators : operatorsAfter(want.text, true)).map((operator) => ({
      text: operator, label: operator, note: "operator", start: want.end, then: "",
    }));
    return [...operators, ...keys.filter((key) => key.text !== want.text).map((key) => ({ text: key.text, label: key.name, note: key.kind, then: "" }))];
  }

  async function recent(path, parameters) {
    const name = JSON.stringify([path, parameters]);
    if (!answers.has(name)) {
      answers.set(name, await ask(path, parameters));
      if (answers.size > KEPT) {
        answers.delete(answers.keys().next().value);
      }
      window.setTimeout(() => answers.delete(name), 10_000);
    }
    return answers.get(name);
  }

  function show() {
    active = -1;
    parts.list.replaceChildren(...offers.map(function (offer, index) {
      const label = el("span", { class: "offer-label" }, offer.label.slice(0, 120));
      const note = el("span", { class: "offer-note" }, offer.note);
      return el("li", { id: `traces-offer-${index}`, role: "option", "aria-selected": "false", "data-index": index }, label, note);
    }));
    parts.list.classList.toggle("hidden", !offers.length);
    parts.input.setAttribute("aria-expanded", String(offers.length > 0));
    parts.input.removeAttribute("aria-activedescendant");
  }

  function close() {
    window.clearTimeout(timer);
    asked += 1;
    offers = [];
    if (parts) {
      show();
    }
  }

  function move(step) {
    const options = parts.list.children;
    active = (active + step + offers.length + (active < 0 && step < 0 ? 1 : 0)) % offers.length;
    Array.from(options).forEach((option, index) => option.setAttribute("aria-selected", String(index === active)));
    options[active].scrollIntoView({ block: "nearest" });
    parts.input.setAttribute("aria-activedescendant", options[active].id);
  }

  function accept(offer) {
    const { value } = parts.input;
    const head = value.slice(0, offer.start) + offer.text + offer.then;
    parts.input.value = head + value.slice(offer.end).replace(/^ /, offer.then ? "" : " ");
    parts.input.setSelectionRange(head.length, head.length);
    parts.input.focus();
    complete();
  }

  function onPick(event) {
    const option = event.target.closest("[data-index]");
    if (option) {
      event.preventDefault();
      accept(offers[Number(option.dataset.index)]);
    }
  }

  function onKey(event) {
    const open = offers.length > 0;
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      open && active >= 0 ? accept(offers[active]) : submit();
    } else if (event.key === "Tab" && open && !event.shiftKey) {
      event.preventDefault();
      accept(offers[Math.max(active, 0)]);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && open) {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "ArrowDown") {
      complete();
    } else if (event.key === "Escape" && open) {
      event.stopPropagation();
      close();
    }
  }

  /* "q: column 9: …" under the ninth character; columns count characters, not halves of them. */
  function showMistake(detail) {
    const found = (detail || "").match(/^q: column (\d+): ([^]*)$/);
    const words = found ? found[2] : (detail || "").replace(/^q: /, "");
    parts.mistake.classList.toggle("hidden", !words);
    parts.input.toggleAttribute("aria-invalid", Boolean(words));
    const lines = [];
    if (found) {
      const shown = Array.from(address.get("q"));
      const at = Number(found[1]) - 1;
      const from = Math.max(0, at - 50);
      const excerpt = shown.slice(from, at + 40).join("").replace(/\s/g, " ");
      lines.push(el("pre", { "aria-hidden": "true" }, `${excerpt}\n${" ".repeat(at - from)}^`));
    }
    parts.mistake.replaceChildren(...lines, el("p", {}, found ? el("b", {}, `Character ${found[1]}: `) : "", words));
  }

  function set(q) {
    parts.input.value = q;
    showClear();
  }

  spanscape.searchBox = { build, set, take, showMistake, wanted };
})();
