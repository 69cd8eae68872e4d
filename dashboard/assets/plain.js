/* Draws long lists that dashboard/components/plain.py describes. Text is set as text, never parsed as HTML. */
"use strict";

(function () {
  const clientside = (window.dash_clientside = window.dash_clientside || {});
  const spanscape = (clientside.spanscape = clientside.spanscape || {});
  const ATTRIBUTE = /^(class|id|open|value|title|href|scope|colspan|role|aria-[a-z]+|data-[a-z-]+|tabindex)$/;
  const SHAPE_ATTRIBUTE = /^(class|role|aria-[a-z]+|data-[a-z-]+|viewBox|preserveAspectRatio|d|points|r|[cxy][xy12]?|width|height)$/;
  const SHAPES = new Set(["svg", "path", "rect", "circle", "line", "polyline", "g", "text", "title"]);

  spanscape.drawPlain = function (rows, containerId) {
    const container = document.getElementById(containerId);
    if (container) {
      const kept = keep(container);
      container.replaceChildren(...(rows || []).map(build));
      kept();
      container.onclick = followLink;
      container.dispatchEvent(new CustomEvent("drawn", { bubbles: true }));
    }
    return String((rows || []).length);
  };

  /* What the viewer opened stays open, and the focus stays on the link that had it. */
  function keep(container) {
    const open = new Set(Array.from(container.querySelectorAll("details[data-keep][open]"), (each) => each.dataset.keep));
    const focused = container.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    return function () {
      container.querySelectorAll("details[data-keep]").forEach((each) => (each.open = open.has(each.dataset.keep)));
      const link = focused && Array.from(container.querySelectorAll("a[href]")).find((each) => each.getAttribute("href") === focused);
      if (link) {
        link.focus({ preventScroll: true });
      }
    };
  }

  /* For Dash, as a callback. */
  spanscape.drawPanel = function (rows, containerId) {
    spanscape.drawPlain(rows, containerId);
    return window.dash_clientside.no_update;
  };

  spanscape.drawPlainInto = (rows, container) => container.replaceChildren(...rows.map(build));

  function build(described) {
    if (typeof described === "string") {
      return document.createTextNode(described);
    }
    const [tag, attributes, ...children] = described;
    const isShape = SHAPES.has(tag);
    const element = isShape ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "style") {
        Object.entries(value).forEach(([property, text]) => element.style.setProperty(property, text));
      } else if ((isShape ? SHAPE_ATTRIBUTE : ATTRIBUTE).test(name) && value !== "") {
        element.setAttribute(name, value);
      }
    }
    element.append(...children.map(build));
    return element;
  }

  spanscape.followLink = followLink;

  /* Links to other pages change the page without loading it anew, as dcc.Link does. */
  function followLink(event) {
    const link = event.target.closest("a[href^='/']");
    const plainClick = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (link && plainClick) {
      event.preventDefault();
      const href = link.getAttribute("href");
      window.history.pushState({}, "", href.includes("#") ? href : spanscape.address.page(href));
      window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
      window.scrollTo(0, 0);
    }
  }
})();
