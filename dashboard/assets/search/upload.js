/* Recordings from elsewhere: chosen or dropped on the traces page, handed in and opened. Nothing is stored unless asked. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { el, icon, link } = spanscape.dom;
  const { address, relay, format } = spanscape;
  const MOST_LISTED = 200;
  let parts = null;

  function mount(place) {
    if (!place || (parts && parts.place === place && place.contains(parts.choose))) {
      return;
    }
    const said = el("div", { id: "traces-upload-said", class: "menu-body hidden" });
    const [file, choose] = picker({ id: "traces-upload-choose", title: "OTLP, Jaeger or Zipkin JSON; a file may also be dropped on this page" }, take);
    parts = { place, choose, said };
    place.replaceChildren(file, el("div", { class: "menu" }, choose, said));
  }

  /* A button that lets a file be chosen, behind its field. `act(file)` takes it. */
  function picker(given, act) {
    const file = el("input", { type: "file", class: "visually-hidden", tabindex: "-1", "aria-hidden": "true", accept: ".json,.jsonl,.ndjson,.pb,.bin" });
    const choose = el("button", { type: "button", class: "plain-button", ...given }, icon("export"), "Open a recording");
    choose.addEventListener("click", () => file.click());
    file.addEventListener("change", function () {
      const [chosen] = file.files;
      if (chosen) {
        act(chosen);
      }
      file.value = ""; // the same file, mended, may be chosen again
    });
    return [file, choose];
  }

  /* What the collector says of a recording; null for one that it refuses. `tell(role, …children)` says how far it is. */
  async function handIn(file, tell) {
    const progress = el("progress", { max: "1", value: "0", "aria-label": "Sent" });
    tell("status", el("p", {}, `Sending ${file.name} …`), progress);
    try {
      return await relay.post("/traces/upload", file, (share) => (share < 1 ? (progress.value = share) : progress.removeAttribute("value")));
    } catch (problem) {
      tell("alert", el("p", { class: "bad" }, icon("error"), `${file.name} cannot be opened`), el("p", { class: "upload-why" }, problem.detail || String(problem)));
      return null;
    }
  }

  async function take(file) {
    const answer = await handIn(file, say);
    if (answer && answer.trace_count === 1 && !answer.refused) {
      say(null);
      address.go(traceOf(answer, answer.traces[0]));
    } else if (answer) {
      list(file.name, answer);
    }
  }

  const traceOf = (answer, trace) => `/trace/${trace.trace_id}?upload=${answer.upload}`;

  function list(name, answer) {
    const counted = `${format.plural(answer.span_count, "span")} in ${format.plural(answer.trace_count, "trace")} of ${name}; nothing is stored.`;
    const refused = answer.refused ? el("p", { class: "warned" }, `${format.plural(answer.refused, "span")} ${answer.refused === 1 ? "is" : "are"} left out: ${answer.reason}`) : null;
    const shown = answer.traces.slice(0, MOST_LISTED);
    const rows = shown.map((trace) => el("li", {}, link(traceOf(answer, trace), {}, `${trace.root_service} ${trace.root_name}`), el("span", { class: "muted" }, `${format.duration(Number(trace.duration_ns))} · ${format.plural(trace.span_count, "span")}`)));
    const more = answer.trace_count > shown.length ? el("p", { class: "muted" }, `and ${format.count(answer.trace_count - shown.length)} more`) : null;
    say("status", el("p", {}, counted), refused, el("ul", { class: "upload-traces" }, rows), more, storeButton(answer.upload, () => null));
  }

  /* Stores an upload as if it had been sent, and says so in its own place; `onStored()` follows. */
  function storeButton(token, onStored) {
    const button = el("button", { type: "button", class: "plain-button upload-store", title: "Keep it in the store, as if it had been sent" }, "Store it");
    const box = el("span", { class: "upload-stored", role: "status" }, button);
    button.addEventListener("click", async function () {
      button.disabled = true;
      try {
        const answer = await relay.post(`/traces/uploads/${token}/store`);
        box.replaceChildren(`${format.plural(answer.stored, "span")} ${answer.stored === 1 ? "is" : "are"} stored.`);
        onStored();
      } catch (problem) {
        button.disabled = false;
        box.replaceChildren(button, el("span", { class: "bad" }, problem.detail || String(problem)));
      }
    });
    return box;
  }

  function say(role, ...children) {
    parts.said.classList.toggle("hidden", !role);
    parts.said.setAttribute("role", role || "status");
    parts.said.replaceChildren(...children.filter(Boolean));
  }

  const isHere = (event) => parts && parts.place.isConnected && event.dataTransfer && event.dataTransfer.types.includes("Files");

  document.addEventListener("dragover", function (event) {
    if (isHere(event)) {
      event.preventDefault();
      document.body.classList.add("is-dropping");
    }
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget || document.body.classList.remove("is-dropping"));
  document.addEventListener("drop", function (event) {
    if (isHere(event)) {
      event.preventDefault();
      document.body.classList.remove("is-dropping");
      take(event.dataTransfer.files[0]);
    }
  });
  document.addEventListener("click", (event) => parts && !event.composedPath().includes(parts.place) && say(null));
  document.addEventListener("keydown", (event) => event.key === "Escape" && parts && say(null));

  spanscape.upload = { mount, picker, handIn, storeButton };
})();
