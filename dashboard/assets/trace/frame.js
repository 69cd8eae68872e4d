/* The views of a trace: a tab bar, and one selection for all of them.

   A view is one file, assets/trace/view_<name>.js, that registers itself:

     spanscape.traceViews.register({
       name: "flame",          // in the address, ?view=flame
       title: "Flame",         // on the tab
       order: 2,               // of the tabs, from the left
       mount(box, page) {      // the first time that it is shown; draw into `box`
         return {
           update() {},        // the outline was read anew, e.g. with other clocks
           select(row) {},     // the selected row changed; -1: none
           show() {},          // it is in sight again (optional)
           key(key) {},        // a key was pressed; true if it did something (optional)
           escape() {},        // Escape; true if there was something to close (optional)
           destroy() {},       // the page is left (optional)
         };
       },
     });

   `page` is what they share: {id, outline, model, selected, select(row, {panel}), get(name), set({name: value}), api(suffix,
   parameters)}. `get` and `set` are parameters of the address, `api` is the path and parameters of a call about this trace:
   `spanscape.relay.get(...page.api("/logs"))`. Rows are those of the outline; what they are is in model.js. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { el } = spanscape.dom;
  const known = [];

  function register(view) {
    known.push(view);
    known.sort((one, other) => one.order - other.order);
  }

  /* Tabs and the place of the view. Returns {element, show(name), forAll(call), current()}. */
  function create(page) {
    const mounted = new Map();
    let current = null;
    const boxes = el("div", { class: "trace-views" });
    const tabs = known.map((view, number) =>
      el("button", {
        type: "button", role: "tab", class: "trace-tab", id: `trace-tab-${view.name}`, "aria-controls": `trace-view-${view.name}`,
        title: `${view.title} (${number + 1})`, onclick: () => show(view.name),
      }, view.title),
    );
    const bar = el("div", { class: "trace-tabs", role: "tablist", "aria-label": "Views of this trace", onkeydown: step }, tabs);

    function step(event) {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by) {
        const next = (tabs.indexOf(event.target) + by + tabs.length) % tabs.length;
        event.preventDefault();
        event.stopPropagation();
        show(known[next].name);
        tabs[next].focus();
      }
    }

    function show(name) {
      const view = known.find((each) => each.name === name) || known[0];
      page.set({ view: view === known[0] ? "" : view.name });
      current = view.name;
      tabs.forEach(function (tab, number) {
        const chosen = known[number] === view;
        tab.setAttribute("aria-selected", String(chosen));
        tab.tabIndex = chosen ? 0 : -1;
      });
      const isNew = !mounted.has(view.name);
      if (isNew) {
        mount(view);
      }
      mounted.forEach(({ box }, each) => box.classList.toggle("hidden", each !== view.name));
      if (!isNew && mounted.get(view.name).made.show) {
        mounted.get(view.name).made.show();
      }
    }

    function mount(view) {
      const box = el("section", {
        class: `trace-view trace-view-${view.name}`, id: `trace-view-${view.name}`, role: "tabpanel", "aria-labelledby": `trace-tab-${view.name}`,
      });
      boxes.append(box);
      const entry = { box, made: {} };
      mounted.set(view.name, entry);
      entry.made = view.mount(box, page) || {};
    }

    /* Calls a function of every view that has been shown and has it. */
    function forAll(call, ...values) {
      mounted.forEach(({ made }) => made[call] && made[call](...values));
    }

    /* Asks the view in sight; false where it has no such function. */
    function ask(call, ...values) {
      const { made } = mounted.get(current) || { made: {} };
      return Boolean(made[call] && made[call](...values));
    }

    function number(position) {
      if (known[position]) {
        show(known[position].name);
      }
      return Boolean(known[position]);
    }

    return { bar, boxes, show, number, forAll, ask };
  }

  trace.frame = create;
  spanscape.traceViews = { register };
})();
