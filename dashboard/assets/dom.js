/* Elements with text and listeners. Text is set as text, never parsed as HTML. */
"use strict";

(function () {
  const clientside = (window.dash_clientside = window.dash_clientside || {});
  const spanscape = (clientside.spanscape = clientside.spanscape || {});

  /* el("button", {class: "x", title: "…", onclick: f}, "text", child, …). null, undefined and false are left out. */
  function el(tag, given, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(given || {})) {
      if (value === null || value === undefined || value === false) {
        continue;
      }
      if (name.startsWith("on")) {
        element.addEventListener(name.slice(2), value);
      } else if (name === "style") {
        Object.entries(value).forEach(([property, text]) => element.style.setProperty(property, text));
      } else {
        element.setAttribute(name, value === true ? "" : value);
      }
    }
    element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
    return element;
  }

  function icon(name) {
    return el("span", { class: `icon icon-${name}`, "aria-hidden": "true" });
  }

  /* A link within the dashboard, followed without loading anew. */
  function link(path, given, ...children) {
    const href = spanscape.address.page(path);
    function follow(event) {
      if (event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) {
        event.preventDefault();
        spanscape.address.go(path);
      }
    }
    return el("a", { ...given, href, onclick: follow }, ...children);
  }

  /* A button that copies `text` and says so for a moment. */
  function copyButton(text, title, label) {
    const button = el("button", { class: "link-button copy", type: "button", title, "aria-label": title }, label || "copy");
    button.addEventListener("click", () => copy(button, typeof text === "function" ? text() : text));
    return button;
  }

  async function copy(button, text) {
    const said = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "copied";
    } catch (_) {
      button.textContent = "not allowed";
    }
    setTimeout(() => (button.textContent = said), 1200);
  }

  /* Buttons that the server described carry their text. */
  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-copy]");
    if (button) {
      copy(button, button.dataset.copy);
    }
  });

  spanscape.dom = { el, icon, link, copyButton };
})();
