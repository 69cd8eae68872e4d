/* Keys of the waterfall; dashboard/components/shortcuts.py lists them. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const NEARER = 0.6;

  /* Selects the span row that is `by` entries further; without a selection, the first or last. */
  function move(view, by) {
    const { selected } = view.page;
    const at = selected >= 0 ? view.position[selected] : -1;
    const last = view.listed.length - 1;
    go(view, at < 0 ? (by > 0 ? 0 : last) : Math.min(Math.max(at + by, 0), last), by > 0 ? 1 : -1);
  }

  /* Selects the span row at a place of the list, or the next one `on` from there: log records have none. */
  function go(view, place, on) {
    let next = place;
    while (view.listed[next] < 0 && next + on >= 0 && next + on < view.listed.length) {
      next += on;
    }
    if (view.listed[next] >= 0) {
      view.page.select(view.listed[next], { panel: false });
    }
  }

  function inward(view, all) {
    const { model, selected } = view.page;
    if (selected < 0) {
      return move(view, 1);
    }
    if (model.folded[selected]) {
      trace.waterfall.toggle(view, selected, 0);
    } else if (!all) {
      move(view, 1);
    }
    return undefined;
  }

  function outward(view) {
    const { model, selected } = view.page;
    if (selected < 0) {
      return;
    }
    if (model.spans.end[selected] > selected + 1 && !model.folded[selected]) {
      trace.waterfall.toggle(view, selected, 1);
    } else if (model.spans.parent[selected] >= 0) {
      view.page.select(model.spans.parent[selected], { panel: false });
    }
  }

  /* The next failed or refused span (by = 1), or the one before (-1), around the ends. */
  function toError(view, by) {
    const { model, selected } = view.page;
    for (let tried = 1; tried <= model.count; tried += 1) {
      const row = (selected + by * tried + 2 * model.count) % model.count;
      if (trace.model.failed(model, row)) {
        view.page.select(row, { panel: false });
        return;
      }
    }
  }

  function around(view) {
    const { model, selected } = view.page;
    const pointed = view.ruler.pointedAt();
    return pointed ?? (selected >= 0 ? model.spans.start_ns[selected] + model.spans.duration_ns[selected] / 2 : undefined);
  }

  const KEYS = {
    ArrowDown: (view) => move(view, 1),
    ArrowUp: (view) => move(view, -1),
    j: (view) => move(view, 1),
    k: (view) => move(view, -1),
    PageDown: (view) => move(view, view.list.pageRows()),
    PageUp: (view) => move(view, -view.list.pageRows()),
    Home: (view) => go(view, 0, 1),
    End: (view) => go(view, view.listed.length - 1, -1),
    ArrowRight: (view, shift) => (shift ? view.zoom.move(0.25) : inward(view)),
    ArrowLeft: (view, shift) => (shift ? view.zoom.move(-0.25) : outward(view)),
    Enter: (view) => view.page.selected >= 0 && view.page.select(view.page.selected, { panel: true, focus: true }),
    "[": (view) => trace.waterfall.setLevel(view, -1),
    "]": (view) => trace.waterfall.setLevel(view, 1),
    n: (view) => trace.waterfall.step(view, 1),
    N: (view) => trace.waterfall.step(view, -1),
    p: (view) => trace.waterfall.step(view, -1),
    e: (view) => toError(view, 1),
    E: (view) => toError(view, -1),
    "+": (view) => view.zoom.by(NEARER, around(view)),
    "=": (view) => view.zoom.by(NEARER, around(view)),
    "-": (view) => view.zoom.by(1 / NEARER, around(view)),
    0: (view) => view.zoom.reset(),
    z: (view) => trace.waterfall.fitSpan(view, view.page.selected),
    l: (view) => view.records.exist() && trace.waterfall.actions(view).logs(),
  };

  trace.waterfallKey = function (view, key, event) {
    const onControl = event.target.closest("button, a, select, summary");
    if (!KEYS[key] || (key === "Enter" && onControl) || (key.startsWith("Arrow") && event.target.closest("select"))) {
      return false;
    }
    KEYS[key](view, event.shiftKey);
    return true;
  };
})();
