/* What differs from another trace, from one of a recording, or from the typical one of the same operation: call trees laid over
   each other. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format, relay } = spanscape;
  const { el, link } = spanscape.dom;
  const ROW_PX = 26;
  const STATUSES = [["same", "="], ["added", "+"], ["missing", "−"], ["slower", "▲"], ["faster", "▼"]];
  const SAME = 0;
  const A_TRACE = /^[0-9a-f]{32}$/i;

  function mount(box, page) {
    const field = el("input", { type: "text", class: "search-field compare-with", placeholder: "Id of another trace", "aria-label": "Compare with the trace", title: "Empty: the typical trace of this operation" });
    const all = el("input", { type: "checkbox" });
    const said = el("div", { class: "compare-words", role: "status" });
    const scroller = el("div", { class: "compare-rows", tabindex: "0", "aria-label": "Paths" });
    const head = el("div", { class: "compare-row compare-head" }, ["", "Path", "This trace", "The other", "Difference"].map((words) => el("span", {}, words)));
    const which = el("select", { class: "wf-choice", "aria-label": "Trace of the recording", hidden: true });
    const left = el("span", { class: "warned", role: "status" });
    let answer = null;
    let shown = [];
    let listed = ""; // the upload whose traces `which` has
    let wishes = 0; // what is asked last is shown, however late another answer comes
    field.onchange = () => choose(field.value.trim(), "");
    which.onchange = () => choose(which.value, page.get("with_upload"));
    all.onchange = listNodes;
    box.append(el("div", { class: "wf-tools" }, el("label", {}, "With ", field), el("button", { type: "button", class: "plain-button", onclick: () => choose("", "") }, "Typical trace"), spanscape.upload.picker({ title: "Compare with a trace of a file; it is not stored" }, open), which, el("label", { class: "compare-all" }, all, " also what is the same"), left), said, head, scroller);
    const list = spanscape.list({ scroller, height: ROW_PX, make: () => el("div", { class: "compare-row" }), draw });
    scroller.addEventListener("click", function (event) {
      const element = event.target.closest(".compare-row");
      const row = element ? answer.nodes.row[Number(element.dataset.node)] : -1;
      if (row >= 0) {
        page.select(row);
      }
    });

    /* `token`: of the upload that the other trace is in, or "". */
    function choose(id, token) {
      page.set({ with: id, with_upload: token });
      update();
    }

    async function open(file) {
      wishes += 1;
      const recording = await spanscape.upload.handIn(file, (role, ...words) => empty(el("div", { role }, words)));
      if (recording) {
        choose(alike(recording.traces).trace_id, recording.upload);
      }
    }

    /* The first of the same operation, else the first. */
    function alike(traces) {
      const { root } = page.outline;
      const isAlike = (each) => each.root_service === trace.model.serviceOf(page.model, root) && each.root_name === trace.model.nameOf(page.model, root);
      return traces.find(isAlike) || traces[0];
    }

    /* Lets another trace of the recording be chosen, where it has several, and says what it lacks. */
    async function listTraces(token) {
      if (token !== listed) {
        listed = token;
        const { traces, refused, reason } = token ? await relay.get(`/traces/uploads/${token}`) : { traces: [] };
        which.replaceChildren(...traces.map((each) => el("option", { value: each.trace_id }, `${each.root_service} ${each.root_name} · ${format.duration(Number(each.duration_ns))}`)));
        which.hidden = traces.length < 2;
        left.textContent = refused ? `${format.plural(refused, "span")} of the recording left out: ${reason}` : "";
      }
      which.value = page.get("with");
    }

    async function update() {
      const [wanted, token] = [page.get("with"), page.get("with_upload")];
      const wish = (wishes += 1);
      field.value = wanted;
      if (wanted && !A_TRACE.test(wanted)) {
        fail("A trace's id has 32 hexadecimal digits.");
        return;
      }
      try {
        const read = await relay.get(...page.api("/compare", { with: wanted || "typical", with_upload: token }));
        if (wish === wishes) {
          await listTraces(token);
        }
        if (wish === wishes) {
          take(read);
        }
      } catch (error) {
        if (wish === wishes) {
          fail(error.detail || String(error));
        }
      }
    }

    function take(read) {
      if (read.other) {
        answer = read;
        showTable(true);
        describe();
        listNodes();
      } else {
        empty(el("span", { class: "muted" }, `There is ${read.reason}. Compare with a trace by its id, or with one of a file.`));
      }
    }

    function fail(words) {
      empty(el("span", { class: "bad" }, words));
    }

    function empty(...words) {
      answer = null;
      shown = [];
      list.setCount(0);
      said.replaceChildren(...words);
      showTable(false);
    }

    function showTable(isThere) {
      [head, scroller].forEach((element) => element.classList.toggle("hidden", !isThere));
    }

    function describe() {
      const { other, paths } = answer;
      const recording = page.get("with_upload");
      const who = other.kind === "typical" ? `the typical one of ${format.plural(other.traces, "trace")}` : [recording ? "the recording's trace " : "trace ", link(`/trace/${other.trace_id}${recording ? `?upload=${recording}` : ""}`, {}, `${other.trace_id.slice(0, 12)}…`)];
      const counts = STATUSES.filter(([name]) => paths[name]).map(([name, sign]) => el("span", { class: `compare-${name}` }, `${sign} ${format.count(paths[name])} ${name}`));
      said.replaceChildren(...[`This trace took ${format.duration(answer.duration_ns)} with ${format.plural(answer.span_count, "span")}, `, who, ` ${format.duration(answer.other_duration_ns)} with ${format.count(answer.other_span_count)}.`].flat(), ...counts);
    }

    /* Paths that differ, and those above them; or all. */
    function listNodes() {
      if (!answer) {
        return;
      }
      const { status, parent } = answer.nodes;
      const keep = new Uint8Array(status.length);
      for (let node = status.length - 1; node >= 0; node -= 1) {
        keep[node] = keep[node] || all.checked || status[node] !== SAME ? 1 : 0;
        if (keep[node] && parent[node] >= 0) {
          keep[parent[node]] = 1;
        }
      }
      shown = Array.from(status.keys()).filter((node) => keep[node]);
      list.setCount(shown.length);
    }

    function draw(element, index) {
      const node = shown[index];
      const { nodes } = answer;
      const [status, sign] = STATUSES[nodes.status[node]];
      const at = page.outline.services.findIndex((each) => each.name === answer.services[nodes.service[node]]);
      const difference = nodes.total_ns[node] - nodes.other_total_ns[node];
      const isSelected = nodes.row[node] >= 0 && nodes.row[node] === page.selected;
      element.className = `compare-row compare-${status}${isSelected ? " wf-selected" : ""}`;
      element.dataset.node = node;
      element.style.setProperty("--depth", Math.min(nodes.depth[node], trace.bars.DEEPEST_INDENT));
      element.style.setProperty("--svc", at < 0 ? "var(--ss-line)" : `var(--svc-${page.model.colours[at]})`);
      element.title = `${status}: ${answer.services[nodes.service[node]]} · ${answer.names[nodes.name[node]]}`;
      element.replaceChildren(
        el("span", { class: "compare-sign" }, sign),
        el("span", { class: "compare-name" }, el("i"), el("b", {}, answer.services[nodes.service[node]]), ` ${answer.names[nodes.name[node]] || "(no name)"}`),
        el("span", {}, side(nodes.count[node], nodes.errors[node], nodes.total_ns[node])),
        el("span", {}, side(nodes.other_count[node], nodes.other_errors[node], nodes.other_total_ns[node])),
        el("span", { class: "compare-difference" }, nodes.count[node] && nodes.other_count[node] ? `${difference > 0 ? "+" : ""}${format.duration(difference)}` : status),
      );
    }

    function side(count, errors, total) {
      return count ? `${format.duration(total)} · ${format.count(count)}×${errors ? ` · ⚠ ${format.count(errors)}` : ""}` : "—";
    }

    update();
    return { update, select: list.refresh, show: list.refresh, destroy: list.destroy };
  }

  spanscape.traceViews.register({ name: "compare", title: "Compare", order: 7, mount });
})();
