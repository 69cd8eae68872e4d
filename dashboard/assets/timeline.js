/* Time travel: a scrubber under the map, playing, and comparing two times. The window shown is `at` in the address. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { address, live } = spanscape;
  const LENGTHS = { "5m": 300, "15m": 900, "1h": 3600, "6h": 21600, "24h": 86400, "7d": 604800 };
  const BEFORE = [["", "Compare with …"], ["300", "5 minutes before"], ["3600", "1 hour before"], ["86400", "1 day before"], ["604800", "7 days before"]];
  const SPEEDS = ["1", "10", "30", "60"];
  const REFRESH_MS = 20_000;
  const MINUTE_MS = 60_000;
  let history = null;
  let playing = 0;
  let parts = null;
  let drawn = "";

  function create(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  function lengthMs() {
    const range = address.get("range") || "5m";
    if (LENGTHS[range]) {
      return LENGTHS[range] * 1000;
    }
    const [start, end] = range.split("/").map(Date.parse);
    return end - start || LENGTHS["5m"] * 1000;
  }

  const text = (ms) => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
  const windowUntil = (endMs) => `${text(endMs - lengthMs())}/${text(endMs)}`;

  function shownEnd() {
    const at = address.get("at") || (address.get("range").includes("/") ? address.get("range") : "");
    return at ? Date.parse(at.split("/")[1]) : null;
  }

  function frame() {
    const section = document.getElementById("timeline");
    if (!section) {
      parts = null;
      return null;
    }
    if (parts && section.contains(parts.slider)) {
      return parts;
    }
    const play = create("button", { className: "icon-button", title: "Play" }, create("span", { className: "icon icon-play" }));
    play.setAttribute("aria-label", "Play from the chosen time");
    const speed = create("select", { title: "Speed" }, ...SPEEDS.map((each) => create("option", { value: each, textContent: `${each}×` })));
    speed.value = "30";
    speed.setAttribute("aria-label", "Speed");
    const now = create("button", { className: "plain-button", textContent: "Now", title: "Back to live" });
    const compare = create("select", { id: "timeline-compare" }, ...BEFORE.map(([value, label]) => create("option", { value, textContent: label })));
    compare.setAttribute("aria-label", "Compare with an earlier time");
    const slider = create("input", { type: "range", step: 1, id: "timeline-slider" });
    slider.setAttribute("aria-label", "Time that the map shows");
    const charts = create("div", {});
    const marks = create("div", {});
    const track = create("div", { className: "timeline-track" }, charts, slider, marks);
    const when = create("div", { className: "timeline-when" });
    const deployments = create("optgroup", { label: "Before a deployment (UTC)", hidden: true });
    compare.append(deployments);
    const tip = create("div", { className: "timeline-tip hidden" });
    section.replaceChildren(create("div", { className: "timeline-tools" }, play, speed, now), track, create("div", { className: "timeline-tools" }, when, compare), tip);
    parts = { section, play, speed, now, compare, deployments, slider, charts, marks, when, tip };
    drawn = "";
    slider.oninput = () => showWhen(minuteOf(Number(slider.value)));
    slider.onchange = () => goTo(minuteOf(Number(slider.value)));
    now.onclick = () => (stop(), goTo(null));
    play.onclick = () => (playing ? stop() : start());
    compare.onchange = () => (compare.value.startsWith("at ") ? compareAround(compare.value) : compare.value !== "given" && compareWith(Number(compare.value)));
    return parts;
  }

  const minuteOf = (value) => history.start_ms + value * MINUTE_MS;

  function goTo(endMs) {
    const isNow = endMs === null || endMs >= history.end_ms - MINUTE_MS / 2;
    address.set({ at: isNow ? "" : windowUntil(endMs), range: isNow && address.get("range").includes("/") ? "" : address.get("range") });
    place();
  }

  function showWhen(endMs, startMs = endMs - lengthMs()) {
    const [start, end] = [startMs, endMs].map((ms) => text(ms).slice(5, 16).replace("T", " "));
    parts.when.replaceChildren(create("strong", { textContent: `until ${end}` }), create("span", { className: "muted", textContent: `from ${start} UTC` }));
    parts.slider.setAttribute("aria-valuetext", `until ${end} UTC`);
  }

  function place() {
    if (!frame() || !history) {
      return;
    }
    const end = shownEnd();
    parts.slider.max = String(Math.round((history.end_ms - history.start_ms) / MINUTE_MS));
    parts.slider.value = String(end === null ? parts.slider.max : Math.round((end - history.start_ms) / MINUTE_MS));
    if (end === null) {
      parts.when.replaceChildren(create("strong", { textContent: "now" }), create("span", { className: "muted", textContent: "drag to go back" }));
      parts.slider.setAttribute("aria-valuetext", "now");
    } else {
      showWhen(end, address.get("at") ? Date.parse(address.get("at").split("/")[0]) : undefined);
    }
    showCompared();
  }

  /* A comparison that came with the address is with a time that the list may not have. */
  function showCompared() {
    const window = address.get("compare");
    const given = parts.compare.querySelector("[data-given]") || create("option", { value: "given" });
    given.dataset.given = "";
    given.textContent = `until ${window.split("/").pop().slice(5, 16).replace("T", " ")}`;
    given.remove();
    const chosen = parts.compare.dataset.chosen || "";
    const offered = [...parts.compare.options].some((option) => option.value === chosen);
    if (window && (!chosen || !offered)) {
      parts.compare.append(given);
    }
    parts.compare.value = window ? (chosen && offered ? chosen : "given") : "";
  }

  function start() {
    let end = shownEnd() === null ? history.start_ms + lengthMs() : shownEnd();
    goTo(end);
    parts.play.classList.add("is-playing");
    parts.play.setAttribute("aria-pressed", "true");
    playing = window.setInterval(function () {
      end += Number(parts.speed.value) * 1000;
      if (!document.getElementById("timeline") || end >= history.end_ms - MINUTE_MS) {
        stop();
        goTo(null);
      } else {
        goTo(end);
      }
    }, 1000);
  }

  function stop() {
    window.clearInterval(playing);
    playing = 0;
    if (parts) {
      parts.play.classList.remove("is-playing");
      parts.play.setAttribute("aria-pressed", "false");
    }
  }

  /* The same length of time, so many seconds earlier than what is shown. */
  function compareWith(seconds) {
    const end = shownEnd() === null ? Date.now() : shownEnd();
    parts.compare.dataset.chosen = seconds ? String(seconds) : "";
    address.set({ compare: seconds ? windowUntil(end - seconds * 1000) : "" });
  }

  /* What came since a deployment and as long before it; its minute belongs to what came since. */
  function compareAround(chosen) {
    const start = Math.floor(Number(chosen.slice(3)) / MINUTE_MS) * MINUTE_MS;
    const end = Math.min(start + lengthMs(), Math.max(start + MINUTE_MS, Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS));
    stop();
    parts.compare.dataset.chosen = chosen;
    address.set({ at: `${text(start)}/${text(end)}`, compare: `${text(2 * start - end)}/${text(start)}` });
    place();
  }

  function showTip(mark, button) {
    const lines = mark.words.split("\n").map((line) => create("p", { textContent: line }));
    const head = create("strong", { className: `mark-${mark.kind}`, textContent: `${mark.sign} ${mark.name}` });
    parts.tip.replaceChildren(create("p", {}, head, create("span", { className: "muted", textContent: " · UTC · click to go there" })), ...lines);
    parts.tip.classList.remove("hidden");
    const middle = button.getBoundingClientRect().left + button.offsetWidth / 2 - parts.section.getBoundingClientRect().left;
    const room = parts.section.clientWidth - parts.tip.offsetWidth;
    parts.tip.style.left = `${Math.max(0, Math.min(room, middle - parts.tip.offsetWidth / 2))}px`;
  }

  const hideTip = () => parts.tip.classList.add("hidden");

  function drawMark(mark) {
    const button = create("button", { className: `timeline-mark mark-${mark.kind}`, textContent: mark.sign });
    button.style.left = `${mark.left}%`;
    button.setAttribute("aria-label", `${mark.name}, UTC: ${mark.words}`);
    button.onclick = () => (stop(), goTo(Math.ceil((mark.at_ms + MINUTE_MS) / MINUTE_MS) * MINUTE_MS));
    button.onpointerenter = button.onfocus = () => showTip(mark, button);
    button.onpointerleave = button.onblur = hideTip;
    return button;
  }

  /* What is pointed at, or open, stays while nothing of it changes. */
  function drawMarks() {
    const said = JSON.stringify([history.marks, history.deployments]);
    if (said === drawn) {
      return;
    }
    drawn = said;
    hideTip();
    parts.marks.replaceChildren(...history.marks.map(drawMark));
    parts.deployments.replaceChildren(...history.deployments.map((one) => create("option", { value: `at ${one.at_ms}`, textContent: one.words })));
    parts.deployments.hidden = !history.deployments.length;
  }

  function draw() {
    if (!frame() || !history) {
      return;
    }
    parts.section.classList.toggle("hidden", !history.known);
    spanscape.drawPlainInto(history.charts, parts.charts);
    drawMarks();
    place();
  }

  function ask() {
    if (window.location.pathname === "/" && address.get("paused") !== "1") {
      live.send({ type: "history", range: address.get("range"), ...spanscape.scope() });
    }
  }

  live.on("history", function (message) {
    history = message;
    draw();
  });
  live.on("connection", (state) => state.dashboard === "connected" && !history && ask());
  spanscape.onMapPlaced(() => (draw(), ask()));
  address.onChange((names) => (["range", "env", "ns"].some((name) => names.includes(name)) ? ask() : place()));
  window.setInterval(ask, REFRESH_MS);
})();
