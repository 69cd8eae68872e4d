/* The waterfall: rows in call order, put together from list, bars, ruler, minimap, find and toolbar. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { el } = spanscape.dom;
  const ROW_PX = 26;
  const WIDEST_STEP_PX = 12; // from level to level
  const INDENT_SHARE = 0.36; // of the column of names, for the deepest level

  function mount(box, page) {
    const view = { page, lanePx: 600, level: null, except: new Set(), unkept: 0, keep: null, logs: null, listed: null, position: null };
    const scroller = el("div", { class: "wf-scroll", role: "tree", tabindex: "0", "aria-label": "Spans" });
    const lane = el("div", { class: "wf-overlay", "aria-hidden": "true" });
    const bodyBox = el("div", { class: "wf-body" }, el("div", { class: "wf-under" }, lane), scroller);
    view.scroller = scroller;
    view.zoom = trace.zoom(page, (isFinal) => zoomed(view, isFinal));
    view.find = trace.find(page, () => view.list && found(view));
    view.records = trace.records(page, () => relist(view));
    view.marks = trace.marks(page, () => redraw(view));
    view.toolbar = trace.toolbar(page, actions(view));
    view.minimap = trace.minimap(page, view.zoom);
    view.ruler = trace.ruler(page, view.zoom, lane, bodyBox);
    const head = el("div", { class: "wf-head" }, el("span", {}, "Service and operation"), view.ruler.element);
    box.append(view.toolbar.bar, view.toolbar.chips, el("div", { class: "wf-overview" }, el("div", { class: "wf-overview-name" }, el("span", { class: "muted" }, "Overview"), view.toolbar.zoomed), view.minimap.element), head, bodyBox);
    view.list = spanscape.list({ scroller, height: ROW_PX, make: trace.bars.make, draw: (element, index) => drawEntry(view, element, index) });
    view.sized = new ResizeObserver(() => fit(view, box));
    view.sized.observe(scroller);
    scroller.addEventListener("click", (event) => clicked(view, event));
    scroller.addEventListener("dblclick", (event) => fitSpan(view, rowAt(event)));
    start(view);
    return {
      update: () => start(view),
      select: (row) => reveal(view, row),
      show: () => redraw(view),
      key: (key, event) => trace.waterfallKey(view, key, event),
      escape: () => escape(view),
      destroy: () => (view.find.leave(), view.sized.disconnect(), view.list.destroy(), view.minimap.destroy()),
    };
  }

  /* Scale and overview end where the rows end: at the scroll bar. */
  function fit(view, box) {
    box.style.setProperty("--bar", `${view.scroller.offsetWidth - view.scroller.clientWidth}px`);
    view.ruler.draw();
    view.lanePx = view.ruler.element.clientWidth;
    const namesPx = view.scroller.clientWidth - view.lanePx;
    const steps = Math.min(view.page.model.levels, trace.bars.DEEPEST_INDENT);
    box.style.setProperty("--step", `${Math.min(WIDEST_STEP_PX, (INDENT_SHARE * namesPx) / steps).toFixed(2)}px`);
    view.list.refresh();
  }

  function start(view) {
    const { page } = view;
    const level = parseInt(page.get("level"), 10);
    view.level = level > 0 && level < page.model.levels ? level : null;
    view.except = new Set(trace.folds.read(page.model, page.get("fold")));
    trace.model.foldTo(page.model, view.level, view.except);
    view.zoom.reread();
    view.minimap.renew();
    view.find.search(page.get("find"));
    view.records.update(page.get("logs") === "1");
    relist(view);
    view.ruler.draw();
    reveal(view, page.selected);
    view.marks.update();
  }

  /* Other spans are found than before. */
  function found(view) {
    if (view.page.get("only") === "found") {
      relist(view);
    }
    redraw(view);
  }

  function filterOf(page) {
    const only = page.get("only");
    return { only: only === "found" && !page.get("find") ? "" : only, service: page.get("service"), kind: page.get("kind") };
  }

  /* After folding, filtering, or showing logs: which rows there are. */
  function relist(view) {
    if (!view.list) {
      return;
    }
    const { model } = view.page;
    view.keep = trace.model.kept(model, filterOf(view.page), view.find.has);
    const shown = trace.model.entries(model, view.keep, view.records.shown(), view.records.count());
    view.listed = shown.listed;
    view.position = shown.position;
    view.list.setCount(view.listed.length);
    drawTools(view);
  }

  function redraw(view) {
    if (view.listed) {
      view.list.refresh();
      view.minimap.draw();
      view.ruler.draw();
      drawTools(view);
    }
  }

  function drawTools(view) {
    view.toolbar.draw({
      found: view.find.words(), text: view.find.text(), wrong: view.find.wrong(), filter: filterOf(view.page), level: view.level, unkept: view.unkept, zoomed: !view.zoom.isWhole(),
      hasLogs: view.records.exist(), logs: view.records.on(),
    });
  }

  function drawEntry(view, element, index) {
    const { page } = view;
    const entry = view.listed[index];
    const look = { zoom: view.zoom.get(), lanePx: view.lanePx, selected: page.selected, keep: view.keep, found: entry >= 0 && view.find.has(entry), ticks: (row) => [...view.marks.ticks(row), ...view.records.ticks(row)] };
    if (entry < 0) {
      view.records.draw(element, -1 - entry, look.zoom);
    } else {
      trace.bars.draw(element, page, entry, look);
    }
  }

  function zoomed(view, isFinal) {
    if (isFinal) {
      redraw(view);
    } else {
      view.list.refresh();
      view.minimap.draw();
      view.ruler.draw();
    }
  }

  /* The selection changed: shows its row, unfolding what hides it. */
  function reveal(view, row) {
    if (row < 0 || !view.position) {
      view.scroller.removeAttribute("aria-activedescendant");
      view.list.refresh();
      drawTools(view);
      return;
    }
    if (view.position[row] < 0) {
      const before = view.page.model.folded.slice();
      trace.model.unfoldAbove(view.page.model, row);
      before.forEach((was, other) => was !== view.page.model.folded[other] && flip(view, other));
      keepFolds(view);
      relist(view);
    }
    if (view.position[row] >= 0) {
      view.list.reveal(view.position[row]);
    }
    view.list.refresh();
    view.scroller.setAttribute("aria-activedescendant", `wf-row-${row}`);
    drawTools(view);
  }

  function flip(view, row) {
    if (!view.except.delete(row)) {
      view.except.add(row);
    }
  }

  function keepFolds(view) {
    const written = trace.folds.text(view.page.model, Array.from(view.except));
    view.unkept = written === null ? view.except.size : 0;
    view.page.set({ fold: written, level: view.level });
  }

  function toggle(view, row, folded) {
    const { model } = view.page;
    const wanted = folded === undefined ? 1 - model.folded[row] : folded;
    if (model.spans.end[row] > row + 1 && model.folded[row] !== wanted) {
      model.folded[row] = wanted;
      flip(view, row);
      keepFolds(view);
      relist(view);
    }
  }

  function setLevel(view, by) {
    const { levels } = view.page.model;
    const next = Math.max((view.level === null ? levels : view.level) + by, 1);
    view.level = next >= levels ? null : next;
    view.except = new Set();
    trace.model.foldTo(view.page.model, view.level, []);
    keepFolds(view);
    relist(view);
    if (view.page.selected >= 0 && view.position[view.page.selected] >= 0) {
      view.list.reveal(view.position[view.page.selected]);
    }
  }

  function step(view, by) {
    const row = view.find.next(by);
    if (row >= 0) {
      if (view.keep && !view.keep[row]) {
        actions(view).filter({ only: "", service: "", kind: "" });
      }
      view.page.select(row, { panel: false });
    }
  }

  function actions(view) {
    return {
      find: (text) => view.find.search(text),
      step: (by) => step(view, by),
      filter: (changes) => (view.page.set(changes), relist(view)),
      level: (by) => setLevel(view, by),
      logs: () => view.records.update(!view.records.on()),
      reset: () => view.zoom.reset(),
    };
  }

  function rowAt(event) {
    const element = event.target.closest(".wf-row");
    return element && element.dataset.row !== undefined ? Number(element.dataset.row) : -1;
  }

  function clicked(view, event) {
    const row = rowAt(event);
    if (row >= 0 && event.target.closest(".wf-fold")) {
      toggle(view, row);
    } else if (row >= 0) {
      view.page.select(row);
    }
  }

  function fitSpan(view, row) {
    if (row >= 0) {
      const { start_ns: start, duration_ns: length } = view.page.model.spans;
      const margin = Math.max(length[row] * 0.05, 1);
      view.zoom.set(start[row] - margin, start[row] + length[row] + margin);
    }
  }

  function escape(view) {
    if (view.find.text()) {
      view.toolbar.clear();
      view.find.search("");
      return true;
    }
    if (view.page.selected < 0 && !view.zoom.isWhole()) {
      view.zoom.reset();
      return true;
    }
    return false;
  }

  trace.waterfall = { toggle, setLevel, step, fitSpan, actions };
  spanscape.traceViews.register({ name: "waterfall", title: "Waterfall", order: 1, mount });
})();
