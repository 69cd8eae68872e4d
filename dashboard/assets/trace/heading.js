/* What stands above the views: name and facts, warnings, what was done about skewed clocks. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format } = spanscape;
  const { el, icon, link, copyButton } = spanscape.dom;
  const CLOCKS_SHOWN = 8;

  function heading(page) {
    const { outline, model } = page;
    if (!model.count) {
      return [back(), el("p", { class: "muted" }, "This trace has no spans.")];
    }
    const title = el("h1", {}, el("span", { class: "trace-service" }, trace.model.serviceOf(model, outline.root)), trace.model.nameOf(model, outline.root));
    return [el("div", { class: "trace-title" }, back(), title), facts(page), notes(page)];
  }

  function back() {
    return link(spanscape.search.last(), { class: "back" }, "← Traces");
  }

  function facts(page) {
    const { outline, model } = page;
    const errors = outline.services.reduce((sum, service) => sum + service.errors, 0);
    const refused = outline.spans.rejected.reduce((sum, one) => sum + one, 0);
    const idle = model.idle.reduce((sum, [from, to]) => sum + to - from, 0);
    const { date, clock } = format.moment(outline.start_ns);
    const most = outline.concurrency.reduce((high, [, active]) => Math.max(high, active), 0);
    const listed = [
      ["Duration", format.duration(outline.duration_ns)],
      ["Started (UTC)", `${date} ${clock}`],
      ["Spans", format.count(outline.span_count)],
      ["Services", format.count(outline.services.length)],
      ["Errors", errors ? el("span", { class: "bad" }, icon("error"), format.count(errors)) : "none"],
      refused ? ["Refused", el("span", { class: "warned" }, `⊘ ${format.count(refused)}`)] : null,
      ["At work", `${format.count(most)} at most`],
      idle ? ["Nobody at work", `${format.duration(idle)} (${format.share(idle, outline.duration_ns)})`] : null,
      ["Trace id", el("span", {}, el("code", {}, `${outline.trace_id.slice(0, 8)}…`), " ", copyButton(outline.trace_id, "Copy the trace's id"))],
    ];
    return el("dl", { class: "trace-facts" }, listed.filter(Boolean).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
  }

  function notes(page) {
    const said = [...page.outline.warnings.map((warning) => warningNote(page, warning)), clockNote(page), uploadNote(page)].filter(Boolean);
    return said.length ? el("div", { class: "trace-notes" }, said) : null;
  }

  function warningNote(page, warning) {
    let next = 0;
    const show = el("button", { type: "button", class: "link-button" }, warning.rows.length > 1 ? "Show one by one" : "Show");
    show.addEventListener("click", function () {
      page.frame.show("waterfall");
      page.select(warning.rows[next % warning.rows.length]);
      next += 1;
    });
    return el("p", { class: `note note-${warning.kind}`, role: "note" }, icon("error"), el("span", {}, warning.text), warning.rows.length ? show : null);
  }

  function uploadNote(page) {
    const token = page.get("upload");
    const store = () => spanscape.upload.storeButton(token, () => page.set({ upload: "" }));
    return token ? el("p", { class: "note note-upload", role: "note" }, icon("export"), el("span", {}, "An uploaded trace: it is kept in memory for a while, not stored."), store()) : null;
  }

  function clockNote(page) {
    const asSent = page.get("skew") === "as_sent";
    const moved = page.outline.skew;
    if (!asSent && !moved.length) {
      return null;
    }
    const other = el("button", { type: "button", class: "plain-button skew-toggle" }, asSent ? "Correct clocks" : "Show as sent");
    other.addEventListener("click", function () {
      page.set({ skew: asSent ? "" : "as_sent" });
      page.load();
    });
    const words = asSent ? "Times are shown as they were sent; skewed clocks are not corrected." : `Skewed clocks are corrected: ${clockWords(moved, page.outline.skew_cut.rows)}.`;
    return el("p", { class: "note note-clocks", role: "note" }, icon("clock"), el("span", {}, words), other);
  }

  function clockWords(moved, left) {
    const words = moved.slice(0, CLOCKS_SHOWN).map(function (one) {
      const who = one.instance && one.instance !== one.service ? `${one.service} (${one.instance})` : one.service;
      return `${format.plural(one.spans, "span")} of ${who} moved by ${one.moved_ns > 0 ? "+" : ""}${format.duration(one.moved_ns)}`;
    });
    const more = moved.length - words.length + left;
    return words.join(", ") + (more > 0 ? `, and ${format.count(more)} more` : "");
  }

  trace.heading = (page) => heading(page).filter(Boolean);
})();
