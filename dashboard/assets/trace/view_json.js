/* The trace as OTLP JSON: to read while it is small, to download at any size. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format, relay } = spanscape;
  const { el, copyButton } = spanscape.dom;
  const MOST_SPANS = 500; // shown as text; of more, the selected one
  const MOST_LETTERS = 2e6; // that a browser lays out without a pause
  const SPAN = "\n" + " ".repeat(12); // what the braces around a span stand behind

  function mount(box, page) {
    const pre = el("pre", { class: "trace-json", tabindex: "0", "aria-label": "JSON" });
    const said = el("span", { class: "muted", role: "status" });
    const [path, parameters] = page.api("");
    const form = (format) => ({ upload: parameters.upload, format });
    const download = (format, words) => el("a", { class: "plain-button", href: relay.address(path, form(format)), download: `trace-${page.id}${format === "otlp" ? "" : `-${format}`}.json` }, words);
    const copy = copyButton(() => pre.textContent, "Copy the JSON", "Copy");
    let text = ""; // of the whole trace, where it is small
    box.append(el("div", { class: "wf-tools" }, download("otlp", "Download OTLP JSON"), download("jaeger", "Download Jaeger JSON"), copy, said), pre);

    const isSmall = () => page.model.count <= MOST_SPANS;

    async function update() {
      text = "";
      if (isSmall()) {
        text = await readable(path, form("otlp"), () => true);
      }
      select(page.selected);
    }

    /* Indented; "" where it is not to be had, or `isWanted()` no longer. */
    async function readable(...asked) {
      const isWanted = asked.pop();
      try {
        const read = await relay.text(...asked);
        return isWanted() ? JSON.stringify(JSON.parse(read), null, 2) : "";
      } catch (error) {
        said.textContent = error.detail || String(error);
        return "";
      }
    }

    /* The whole with the selected span marked; of a large trace, the selected span, or as much as can be shown. */
    async function select(row) {
      if (box.classList.contains("hidden")) {
        return;
      }
      if (isSmall() && text.length <= MOST_LETTERS) {
        return text && show(text, row >= 0 ? page.model.spans.id[row] : "", "");
      }
      const size = isSmall() ? `${format.count(text.length)} characters` : format.plural(page.model.count, "span");
      const most = `${size} are too many to read as text; the downloads have all.`;
      if (row < 0) {
        return show(text, "", `${most} Select a span to read it here.`);
      }
      const asked = page.api(`/spans/${page.model.spans.id[row]}`, { service: trace.model.serviceOf(page.model, row), format: "otlp" });
      const own = await readable(...asked, () => row === page.selected);
      return own && show(own, "", `${most} This is the selected span.`);
    }

    function show(whole, id, words) {
      const isCut = whole.length > MOST_LETTERS;
      const shown = isCut ? whole.slice(0, MOST_LETTERS) : whole;
      said.textContent = isCut ? `${words} Shown are the first ${format.count(MOST_LETTERS)}.` : words;
      copy.hidden = isCut || !whole;
      pre.hidden = !whole;
      const [from, to] = id ? placeOf(shown, id) : [0, 0];
      const mark = to ? el("mark", {}, shown.slice(from, to)) : null;
      pre.replaceChildren(shown.slice(0, from), mark || "", shown.slice(to));
      if (mark) {
        mark.scrollIntoView({ block: "nearest" });
      }
    }

    update();
    return { update, select, show: () => select(page.selected) };
  }

  /* Where a span begins and ends in the text, [0, 0] for nowhere. Links and parents have ids too, but further in or of another name. */
  function placeOf(text, id) {
    const at = text.indexOf(`${SPAN}  "spanId": "${id}"`);
    const end = at < 0 ? -1 : text.indexOf(`${SPAN}}`, at);
    return end < 0 ? [0, 0] : [text.lastIndexOf(`${SPAN}{`, at) + 1, end + SPAN.length + 1];
  }

  spanscape.traceViews.register({ name: "json", title: "JSON", order: 6, mount });
})();
