/* The parts of a span's panel: what happened in words, facts, attributes, events, links, logs, resource, scope, JSON. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format } = spanscape;
  const { el, icon, link, copyButton } = spanscape.dom;
  const FRAME = /^\s*(at |File "|from |\.\.\. \d+ more|in )/;

  function parts(page, row, detail, readJson) {
    const range = spanscape.search.rangeWith(Number(BigInt(page.outline.start_ns) / 1000000n));
    const searched = (prefix) => ({ prefix, range });
    return {
      before: [status(detail), evidence(detail), factsOf(page, row, detail)],
      sections: [
        section("Attributes", detail.attributes, searched("")),
        events(detail), links(detail), linkedBy(detail), logs(page, detail),
        section("Resource", detail.resource.attributes, searched("resource.")),
        section("Scope", scopeOf(detail.scope), null),
        json(readJson),
      ],
    };
  }

  function status(detail) {
    if (detail.rejected) {
      return el("p", { class: "span-refused" }, "⊘ ", el("strong", {}, "Refused: "), detail.status_message || "the call was not made");
    }
    return detail.status === "error" ? el("p", { class: "span-failed" }, icon("error"), el("strong", {}, " Failed: "), detail.status_message || "no message given") : null;
  }

  function evidence(detail) {
    if (!detail.evidence.length) {
      return null;
    }
    return el("ul", { class: "span-evidence" }, detail.evidence.map((one) => el("li", {}, one.text, " ", evidenceLink(one))));
  }

  function evidenceLink(one) {
    const path = breakerPath(one.link);
    return path ? link(path, {}, "Why it opened") : null;
  }

  /* The page that tells what a call of the API about an opening does, in the half hour around it; "" for other calls. */
  function breakerPath(call) {
    const [, id, at] = /^\/api\/v1\/breakers\/([0-9a-f]{16})\/story\?at=(\d+)$/.exec(call) || [];
    if (!id) {
      return "";
    }
    const range = spanscape.search.around(Number(BigInt(at) / 1000000n));
    return `/breakers/${id}?${new URLSearchParams({ range })}#opening=${at}`;
  }

  function factsOf(page, row, detail) {
    const { model, outline } = page;
    const parent = model.spans.parent[row];
    const total = detail.self_ns === null ? null : format.share(detail.self_ns, model.spans.duration_ns[row]);
    const critical = (model.critical.get(row) || []).reduce((sum, [from, to]) => sum + to - from, 0);
    return trace.facts([
      ["Started", `+${format.duration(model.spans.start_ns[row])}`],
      ["Duration", `${format.duration(model.spans.duration_ns[row])} (${format.share(model.spans.duration_ns[row], outline.duration_ns)} of the trace)`],
      total === null ? null : ["Own time", `${format.duration(detail.self_ns)} (${total})`],
      critical ? ["Critical path", `${format.duration(critical)} (${format.share(critical, outline.duration_ns)} of the trace)`] : null,
      detail.moved_ns ? ["Clock", `moved by ${format.duration(detail.moved_ns)}`] : null,
      ["Status", detail.status],
      ["Span id", el("code", {}, detail.span_id)],
      ["Parent", ...parentOf(page, parent, detail)],
      model.spans.end[row] > row + 1 ? ["Spans below", format.count(model.spans.end[row] - row - 1)] : null,
    ]);
  }

  function parentOf(page, parent, detail) {
    if (parent >= 0) {
      const words = `${trace.model.serviceOf(page.model, parent)} · ${trace.model.nameOf(page.model, parent)}`;
      return [el("button", { type: "button", class: "link-button", onclick: () => page.select(parent) }, words)];
    }
    return detail.parent_span_id ? [el("code", {}, detail.parent_span_id), " is not in this trace"] : ["none, a root"];
  }

  function part(title, ...children) {
    return el("section", { class: "span-section" }, el("h3", {}, title), children);
  }

  function section(title, given, where) {
    const count = Object.keys(given).length;
    return count ? part(`${title} (${format.count(count)})`, trace.attributes(given, where)) : null;
  }

  function scopeOf(scope) {
    const own = Object.entries({ name: scope.name, version: scope.version }).filter(([, value]) => value);
    return { ...Object.fromEntries(own), ...scope.attributes };
  }

  function since(detail, ns) {
    return `+${format.duration(Number(BigInt(ns) - BigInt(detail.start_ns)))}`;
  }

  function events(detail) {
    if (!detail.events.length) {
      return null;
    }
    const listed = detail.events.slice().sort((one, other) => (BigInt(one.time_ns) < BigInt(other.time_ns) ? -1 : 1));
    return part(`Events (${format.count(listed.length)})`, el("ul", { class: "events" }, listed.map((event) => eventOf(detail, event))));
  }

  function eventOf(detail, event) {
    const { "exception.type": type, "exception.message": message, "exception.stacktrace": stack, ...others } = event.attributes;
    const isException = type !== undefined || stack !== undefined;
    return el("li", { class: isException ? "event-exception" : null },
      el("p", {}, el("strong", {}, event.name || "(no name)"), " ", el("span", { class: "muted" }, since(detail, event.time_ns))),
      isException ? el("p", { class: "exception-words" }, el("b", {}, trace.valueText(type ?? "exception")), message !== undefined ? `: ${trace.valueText(message)}` : "") : null,
      stack !== undefined ? stackOf(trace.valueText(stack)) : null,
      Object.keys(others).length ? trace.attributes(others, null) : null,
      !isException && message !== undefined ? trace.attributes({ "exception.message": message }, null) : null,
    );
  }

  /* Frames are quieter than messages, so that each cause is seen at a glance. */
  function stackOf(text) {
    const lines = text.replace(/\s+$/, "").split("\n");
    return el("details", { class: "stack", open: true },
      el("summary", {}, `Stack trace, ${format.plural(lines.length, "line")} `, copyButton(text, "Copy the stack trace")),
      el("pre", { tabindex: "0" }, lines.map((line) => el("span", { class: FRAME.test(line) ? "frame" : "cause" }, `${line}\n`))),
    );
  }

  function linkTo(span, ...words) {
    return link(`/trace/${encodeURIComponent(span.trace_id)}?span=${encodeURIComponent(span.span_id)}`, {}, ...words);
  }

  function links(detail) {
    if (!detail.links.length) {
      return null;
    }
    const listed = detail.links.map((one) => el("li", {},
      linkTo(one, "Span ", el("code", {}, one.span_id), one.trace_id === detail.trace_id ? " of this trace" : ` of trace ${one.trace_id.slice(0, 12)}…`),
      Object.keys(one.attributes).length ? trace.attributes(one.attributes, null) : null));
    return part(`Links to (${format.count(listed.length)})`, el("ul", { class: "events" }, listed));
  }

  function linkedBy(detail) {
    if (!detail.linked_by.length) {
      return null;
    }
    const listed = detail.linked_by.map((one) => el("li", {}, linkTo(one, `${one.service} · ${one.name || "(no name)"}`)));
    return part(`Linked by (${format.count(listed.length)})`, el("ul", { class: "events" }, listed));
  }

  function logs(page, detail) {
    if (!detail.logs.length) {
      return null;
    }
    const listed = detail.logs.map((record) => el("li", { class: `log-${trace.recordLook(record)}` },
      el("p", {}, el("b", {}, record.severity || "LOG"), " ", el("span", { class: "muted" }, since(detail, record.time_ns)), " ", trace.recordWords(record)),
      Object.keys(record.attributes).length ? trace.attributes(record.attributes, null) : null));
    return part(`Logs (${format.count(listed.length)})`, el("ul", { class: "events" }, listed));
  }

  /* Read when it is opened. */
  function json(read) {
    const pre = el("pre", { tabindex: "0" });
    const box = el("details", { class: "span-json" }, el("summary", {}, "OTLP JSON ", copyButton(() => pre.textContent, "Copy the JSON")), pre);
    box.addEventListener("toggle", async function () {
      if (box.open && !pre.textContent) {
        pre.textContent = "Loading …";
        try {
          pre.textContent = JSON.stringify(JSON.parse(await read()), null, 2);
        } catch (error) {
          pre.textContent = error.detail || String(error);
        }
      }
    });
    return el("section", { class: "span-section" }, box);
  }

  trace.panelParts = parts;
  trace.breakerPath = breakerPath;
})();
