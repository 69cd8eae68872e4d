/* Log records of a trace: read once when they are wanted, listed below their spans, and as ticks on the bars. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format, relay } = spanscape;
  const NOTHING = [];

  /* Severity as one of four looks, by OTLP's numbers: 9 info, 13 warn, 17 error. */
  function look(record) {
    return record.severity_number >= 17 ? "error" : record.severity_number >= 13 ? "warn" : record.severity_number >= 9 ? "info" : "debug";
  }

  function words(record) {
    const body = typeof record.body === "string" ? record.body : JSON.stringify(record.body);
    return body || record.event_name || "(empty)";
  }

  function offsetOf(page, record) {
    return Number(BigInt(record.time_ns) - BigInt(page.outline.start_ns));
  }

  /* All records of the trace with their offset and row (-1: of no span that is shown); read once per outline. */
  async function read(page) {
    if (page.recordsOf !== page.outline) {
      page.recordsOf = page.outline;
      page.records = relay.get(...page.api("/logs")).then(({ logs }) =>
        logs.map((record) => ({ ...record, ns: offsetOf(page, record), row: record.span_id ? trace.model.rowOf(page.model, record.span_id) : -1 })),
      );
      page.records.catch(() => (page.recordsOf = null));
    }
    return page.records;
  }

  function create(page, changed) {
    let isOn = false;
    let all = NOTHING;
    let byRow = null;

    async function update(wanted) {
      isOn = wanted;
      page.set({ logs: wanted ? "1" : "" });
      changed();
      if (wanted) {
        const outline = page.outline;
        const found = await read(page).catch(() => NOTHING);
        if (outline === page.outline) {
          take(found);
          changed();
        }
      }
    }

    function take(found) {
      all = found;
      byRow = new Map();
      found.forEach(function (record, number) {
        if (record.row >= 0 && !byRow.has(record.row)) {
          byRow.set(record.row, []);
        }
        if (record.row >= 0) {
          byRow.get(record.row).push(number);
        }
      });
    }

    function ticks(row) {
      const own = isOn && byRow && byRow.get(row);
      return own ? own.map((number) => ({ ns: all[number].ns, kind: look(all[number]), title: words(all[number]).slice(0, 200) })) : NOTHING;
    }

    function draw(element, number, zoom) {
      const record = all[number];
      const { parts } = element;
      const [from, to] = zoom;
      element.className = `wf-row wf-log wf-log-${look(record)}`;
      element.removeAttribute("id");
      element.removeAttribute("aria-expanded");
      element.setAttribute("aria-selected", "false");
      element.dataset.row = record.row;
      element.style.setProperty("--depth", Math.min(page.model.spans.depth[record.row] + 1, 21));
      element.title = words(record).slice(0, 2000);
      parts.kind.className = "";
      parts.fold.className = "wf-fold wf-leaf";
      parts.fold.textContent = parts.level.textContent = parts.hidden.textContent = parts.flag.textContent = "";
      parts.service.textContent = record.severity || "LOG";
      parts.name.textContent = words(record);
      parts.bar.hidden = parts.critical.hidden = true;
      const tick = { ns: record.ns, kind: look(record), title: "" };
      parts.ticks.replaceChildren(...trace.bars.inSight([tick], from, to).map((one) => trace.bars.tickOf(one, from, to)));
      parts.label.className = "wf-time wf-outside";
      parts.label.style.left = "auto";
      parts.label.style.right = "4px";
      parts.label.textContent = format.offset(record.ns, (to - from) / 1000);
    }

    return { update, ticks, draw, on: () => isOn, shown: () => (isOn ? byRow : null), count: () => all.length, exist: () => page.outline.spans.logs.some(Boolean) };
  }

  trace.records = create;
  trace.readRecords = read;
  trace.recordLook = look;
  trace.recordWords = words;
})();
