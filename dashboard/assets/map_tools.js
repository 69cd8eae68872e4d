/* Buttons on the map: zoom, fit, arrange, dots, full screen; the small overview in the corner. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { live } = spanscape;
  const STEP = 1.25;
  const MINI = { width: 170, height: 110 };
  let cy = null;

  function zoom(factor) {
    cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  }

  const actions = {
    "zoom-in": () => zoom(STEP),
    "zoom-out": () => zoom(1 / STEP),
    fit: () => spanscape.fitMap(true),
    arrange: () => live.show({ arranged: true }),
    dots: () => spanscape.toggleDots(),
    full: toggleFullScreen,
    "export-png": () => spanscape.exportMap("png"),
    "export-svg": () => spanscape.exportMap("svg"),
    "export-mermaid": () => spanscape.exportMap("mermaid"),
  };

  spanscape.mapAction = (name) => spanscape.mapIsSeen() && actions[name] && actions[name]();

  function toggleFullScreen() {
    if (document.fullscreenElement) {
      document.exitFullscreen();
    } else {
      document.getElementById("topology-stage").requestFullscreen();
    }
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-tool]");
    if (button) {
      spanscape.mapAction(button.dataset.tool);
      const menu = button.closest("details.export");
      if (menu) {
        menu.open = false;
      }
    }
  });

  /* The overview appears when not everything is in view. */
  spanscape.onMap(function (instance) {
    cy = instance;
    let waiting = false;
    cy.on("viewport position changed", function () {
      if (!waiting) {
        waiting = true;
        window.setTimeout(function () {
          waiting = false;
          drawMini();
        }, 150);
      }
    });
    const canvas = document.querySelector(".map-mini");
    canvas.onpointerdown = canvas.onpointermove = function (event) {
      if (event.type === "pointermove" && !event.buttons) {
        return;
      }
      const { box, scale } = overview();
      const bounds = canvas.getBoundingClientRect();
      const x = (event.clientX - bounds.left) / scale + box.x1;
      const y = (event.clientY - bounds.top) / scale + box.y1;
      cy.pan({ x: cy.width() / 2 - x * cy.zoom(), y: cy.height() / 2 - y * cy.zoom() });
    };
  });

  function overview() {
    const box = cy.nodes().boundingBox({ includeLabels: false });
    return { box, scale: Math.min(MINI.width / (box.w || 1), MINI.height / (box.h || 1)) };
  }

  function drawMini() {
    const canvas = document.querySelector(".map-mini");
    if (!canvas || !cy.nodes().length) {
      return;
    }
    const view = cy.extent();
    const { box, scale } = overview();
    const all = view.x1 <= box.x1 && view.y1 <= box.y1 && view.x2 >= box.x2 && view.y2 >= box.y2;
    canvas.classList.toggle("hidden", all);
    if (all) {
      return;
    }
    const ratio = window.devicePixelRatio || 1;
    canvas.width = MINI.width * ratio;
    canvas.height = MINI.height * ratio;
    const context = canvas.getContext("2d");
    const style = getComputedStyle(document.documentElement);
    context.scale(ratio, ratio);
    cy.nodes().forEach(function (node) {
      const failing = node.hasClass("bad") || node.hasClass("errors");
      context.fillStyle = style.getPropertyValue(failing ? "--ss-error" : `--ss-${node.data("kind")}`) || "gray";
      const size = failing ? 6 : 4;
      const { x, y } = node.position();
      context.fillRect((x - box.x1) * scale - size / 2, (y - box.y1) * scale - size / 2, size, size);
    });
    context.strokeStyle = style.getPropertyValue("--ss-accent");
    context.lineWidth = 1.5;
    context.strokeRect((view.x1 - box.x1) * scale, (view.y1 - box.y1) * scale, view.w * scale, view.h * scale);
  }
})();
