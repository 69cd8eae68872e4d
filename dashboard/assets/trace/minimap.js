/* The whole trace in small: who is at work, every span, the critical path; drag to zoom, drag the window to move it. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const trace = (spanscape.trace = spanscape.trace || {});
  const { format } = spanscape;
  const { el } = spanscape.dom;
  const MOST_BARS = 20000; // more are drawn one in so many
  const GRIP_PX = 6;
  const PATH_PX = 3;

  function create(page, zoom) {
    const canvas = el("canvas", { class: "wf-minimap", role: "img" });
    let base = null;
    let drag = null;

    const toTime = (clientX) => {
      const box = canvas.getBoundingClientRect();
      return (Math.min(Math.max(clientX - box.left, 0), box.width) / Math.max(box.width, 1)) * zoom.whole()[1];
    };
    const toPx = (ns) => (ns / zoom.whole()[1]) * canvas.clientWidth;

    function colours() {
      const style = getComputedStyle(canvas);
      return (name) => style.getPropertyValue(name).trim();
    }

    /* Draws what does not change with the zoom; kept until size, colours or the outline change. */
    function drawBase(scale) {
      const picture = document.createElement("canvas");
      picture.width = canvas.width;
      picture.height = canvas.height;
      const pen = picture.getContext("2d");
      const colour = colours();
      pen.scale(scale, scale);
      const size = { width: canvas.clientWidth, height: canvas.clientHeight - PATH_PX - 2 };
      drawWork(pen, colour, size);
      drawBars(pen, colour, size);
      drawPath(pen, colour, size);
      return picture;
    }

    function drawWork(pen, colour, size) {
      const steps = page.outline.concurrency;
      const most = steps.reduce((high, [, active]) => Math.max(high, active), 1);
      pen.fillStyle = colour("--ss-raised");
      for (let at = 0; at + 1 < steps.length; at += 1) {
        const height = (steps[at][1] / most) * size.height;
        pen.fillRect(toPx(steps[at][0]), size.height - height, toPx(steps[at + 1][0]) - toPx(steps[at][0]), height);
      }
      pen.fillStyle = colour("--ss-warn-soft");
      page.model.idle.forEach(([from, to]) => pen.fillRect(toPx(from), 0, Math.max(toPx(to) - toPx(from), 0.5), size.height));
    }

    function drawBars(pen, colour, size) {
      const { model } = page;
      const { spans } = model;
      const palette = Array.from({ length: 10 }, (_, number) => colour(`--svc-${number}`));
      const error = colour("--ss-error");
      const step = Math.max(1, Math.ceil(model.count / MOST_BARS));
      const height = Math.min(Math.max((size.height - 4) / model.count, 1), 5);
      for (let row = 0; row < model.count; row += step) {
        const failed = spans.status[row] === 2 && !spans.rejected[row];
        pen.fillStyle = failed ? error : palette[model.colours[spans.service[row]]];
        const left = toPx(spans.start_ns[row]);
        pen.fillRect(left, 2 + ((size.height - 4) * row) / model.count, Math.max(toPx(spans.start_ns[row] + spans.duration_ns[row]) - left, 1), Math.max(height - 0.5, 0.8));
      }
    }

    function drawPath(pen, colour, size) {
      pen.fillStyle = colour("--ss-text");
      page.outline.critical_path.forEach(({ start_ns: from, end_ns: to }) => pen.fillRect(toPx(from), size.height + 2, Math.max(toPx(to) - toPx(from), 0.5), PATH_PX));
    }

    function draw() {
      if (!canvas.clientWidth) {
        return;
      }
      const scale = window.devicePixelRatio || 1;
      const width = Math.round(canvas.clientWidth * scale);
      const height = Math.round(canvas.clientHeight * scale);
      if (canvas.width !== width || canvas.height !== height || !base) {
        canvas.width = width;
        canvas.height = height;
        base = drawBase(scale);
      }
      const pen = canvas.getContext("2d");
      pen.clearRect(0, 0, width, height);
      pen.drawImage(base, 0, 0);
      drawWindow(pen, scale);
      describe();
    }

    function drawWindow(pen, scale) {
      const [from, to] = drag && drag.selecting ? drag.range : zoom.get();
      if (zoom.isWhole() && !(drag && drag.selecting)) {
        return;
      }
      const colour = colours();
      const left = toPx(from) * scale;
      const right = toPx(to) * scale;
      pen.globalAlpha = 0.72;
      pen.fillStyle = colour("--ss-bg");
      pen.fillRect(0, 0, left, canvas.height);
      pen.fillRect(right, 0, canvas.width - right, canvas.height);
      pen.globalAlpha = 1;
      pen.fillStyle = colour("--ss-accent");
      pen.fillRect(left - scale, 0, 2 * scale, canvas.height);
      pen.fillRect(right - scale, 0, 2 * scale, canvas.height);
    }

    function describe() {
      const [from, to] = zoom.get();
      const words = zoom.isWhole() ? "the whole trace is shown" : `${format.duration(from)} to ${format.duration(to)} is shown`;
      canvas.setAttribute("aria-label", `Overview of ${format.plural(page.model.count, "span")}; ${words}`);
    }

    /* Which part of the window the pointer is on. */
    function gripAt(ns) {
      const [from, to] = zoom.get();
      const near = (other) => Math.abs(toPx(ns) - toPx(other)) <= GRIP_PX;
      if (zoom.isWhole()) {
        return "new";
      }
      return near(from) ? "from" : near(to) ? "to" : ns > from && ns < to ? "move" : "new";
    }

    trace.drags(canvas, toTime, function (kind, ns, start) {
      if (kind === "start") {
        drag = { grip: gripAt(ns), before: zoom.get(), selecting: false, range: null };
      } else if (Math.abs(toPx(ns) - toPx(start)) > 2 || drag.moved) {
        drag.moved = true;
        follow(ns, start, kind === "end");
      }
      if (kind === "end") {
        drag = null;
        draw();
      }
    });

    function follow(ns, start, isEnd) {
      const [from, to] = drag.before;
      const ends = { from: [ns, to], to: [from, ns], move: [from + ns - start, to + ns - start], new: [start, ns] }[drag.grip];
      const [first, last] = ends[0] <= ends[1] ? ends : [ends[1], ends[0]];
      if (drag.grip === "new" && !isEnd) {
        drag.selecting = true;
        drag.range = [first, last];
        draw();
      } else {
        drag.selecting = false;
        zoom.set(first, last, isEnd);
      }
    }

    canvas.addEventListener("pointermove", function (event) {
      if (!drag) {
        canvas.style.cursor = { new: "crosshair", move: "grab", from: "ew-resize", to: "ew-resize" }[gripAt(toTime(event.clientX))];
      }
    });
    canvas.addEventListener("dblclick", () => zoom.reset());

    function renew() {
      base = null;
      draw();
    }

    const sized = new ResizeObserver(draw);
    sized.observe(canvas);
    const themed = new MutationObserver(renew);
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });
    return { element: canvas, draw, renew, destroy: () => (sized.disconnect(), themed.disconnect()) };
  }

  trace.minimap = create;
})();
