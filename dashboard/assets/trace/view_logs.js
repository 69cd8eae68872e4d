/* All log records of the trace, earliest first. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format } = spanscape;
  const { el } = spanscape.dom;
  const ROW_PX = 28;

  function mount(box, page) {
    const field = el("input", { type: "search", class: "search-field", placeholder: "Find in the records", "aria-label": "Find in the records" });
    const said = el("span", { class: "muted", role: "status" });
    const scroller = el("div", { class: "log-scroll", tabindex: "0", "aria-label": "Log records" });
    const state = el("div", { class: "log-state" });
    let all = [];
    let shown = [];
    box.append(el("div", { class: "wf-tools" }, field, said), state, scroller);
    const list = spanscape.list({ scroller, height: ROW_PX, make: () => el("div", { class: "log-row" }), draw });
    field.addEventListener("input", filter);
    scroller.addEventListener("click", function (event) {
      const row = event.target.closest(".log-row");
      const record = row && shown[Number(row.dataset.at)];
      if (record && record.row >= 0) {
        page.select(record.row);
      }
    });

    function draw(element, index) {
      const record = shown[index];
      const service = page.outline.services.findIndex((each) => each.name === record.service);
      element.className = `log-row log-${trace.recordLook(record)}${record.row >= 0 && record.row === page.selected ? " wf-selected" : ""}`;
      element.dataset.at = index;
      element.title = trace.recordWords(record).slice(0, 2000);
      element.style.setProperty("--svc", service < 0 ? "var(--ss-line)" : `var(--svc-${page.model.colours[service]})`);
      element.replaceChildren(
        el("span", { class: "log-time" }, format.moment(record.time_ns).clock), el("span", { class: "log-offset" }, `+${format.duration(record.ns)}`),
        el("b", { class: "log-severity" }, record.severity || "—"), el("span", { class: "log-service" }, record.service), el("span", { class: "log-words" }, trace.recordWords(record)),
      );
    }

    function filter() {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      shown = words.length ? all.filter((record) => words.every((word) => textOf(record).includes(word))) : all;
      said.textContent = words.length ? `${format.count(shown.length)} of ${format.plural(all.length, "record")}` : format.plural(all.length, "record");
      list.setCount(shown.length);
    }

    function textOf(record) {
      return `${trace.recordWords(record)} ${record.service} ${record.severity} ${JSON.stringify(record.attributes)}`.toLowerCase();
    }

    async function update() {
      state.replaceChildren(el("p", { class: "muted" }, "Loading the records …"));
      try {
        all = await trace.readRecords(page);
        state.replaceChildren(all.length ? "" : el("p", { class: "state" }, "No log record carries this trace's id."));
      } catch (error) {
        all = [];
        state.replaceChildren(el("p", { class: "span-failed", role: "alert" }, error.detail || String(error)));
      }
      filter();
    }

    update();
    return { update, select: list.refresh, show: list.refresh, destroy: list.destroy };
  }

  spanscape.traceViews.register({ name: "logs", title: "Logs", order: 5, mount });
})();
