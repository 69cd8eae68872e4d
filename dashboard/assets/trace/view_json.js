/* The trace as OTLP JSON: to read while it is small, to download at any size. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format, relay } = spanscape;
  const { el, copyButton } = spanscape.dom;
  const MOST_SPANS = 500; // shown as text

  function mount(box, page) {
    const pre = el("pre", { class: "trace-json", tabindex: "0" });
    const said = el("span", { class: "muted", role: "status" });
    const [path, parameters] = page.api("");
    const form = (format) => ({ upload: parameters.upload, format });
    const download = (format, words) => el("a", { class: "plain-button", href: relay.address(path, form(format)), download: `trace-${page.id}${format === "otlp" ? "" : `-${format}`}.json` }, words);
    const copy = copyButton(() => pre.textContent, "Copy the JSON", "Copy");
    box.append(el("div", { class: "wf-tools" }, download("otlp", "Download OTLP JSON"), download("jaeger", "Download Jaeger JSON"), copy, said), pre);

    async function update() {
      const isSmall = page.model.count <= MOST_SPANS;
      copy.hidden = pre.hidden = !isSmall;
      said.textContent = isSmall ? "" : `${format.plural(page.model.count, "span")}: too many to read as text. A span's own JSON is in its panel.`;
      if (!isSmall) {
        return;
      }
      try {
        pre.textContent = JSON.stringify(JSON.parse(await relay.text(path, form("otlp"))), null, 2);
      } catch (error) {
        said.textContent = error.detail || String(error);
      }
    }

    update();
    return { update, select() {} };
  }

  spanscape.traceViews.register({ name: "json", title: "JSON", order: 6, mount });
})();
