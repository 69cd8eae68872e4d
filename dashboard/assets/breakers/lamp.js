/* One line of the list of breakers. Everything from telemetry is set as text. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { address } = spanscape;
  const formats = window.dashAgGridFunctions;
  const SVG = "http://www.w3.org/2000/svg";
  const LATE_MS = 600000;
  const STRIP_WIDTH = 120;
  const KINDS = { state_machine: "", concurrency_limit: "limit", endpoint_ejection: "ejection" };
  /* Whom a breaker guards, and how that is known. */
  const BOUND = { exported: "as the breaker reports", correlated: "found from the calls it refused", configured: "set in the configuration" };
  const UNBOUND = "Not bound to an edge: it names no target, and no call it refused shows one";

  function create(tag, className, ...children) {
    const element = document.createElement(tag);
    element.className = className;
    element.append(...children);
    return element;
  }

  function shape(tag, attributes, ...children) {
    const element = document.createElementNS(SVG, tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    element.append(...children);
    return element;
  }

  function say(element, text) {
    if (element.textContent !== text) {
      element.textContent = text;
    }
  }

  function set(element, name, value) {
    if (element.getAttribute(name) !== value) {
      element.setAttribute(name, value);
    }
  }

  /* Time of day; the day before it when that is not today. */
  function clock(iso) {
    const today = new Date().toISOString().slice(0, 10);
    return iso.startsWith(today) ? iso.slice(11, 19) : `${iso.slice(5, 10)} ${iso.slice(11, 16)}`;
  }

  /* The state's sign: each state has a shape of its own. dashboard/components/breaker_words.py has the same. */
  function sign(state) {
    return create("span", `sign sign-${state}`);
  }

  function build(words) {
    const parts = { words };
    parts.sign = sign("unknown");
    parts.word = create("strong", "");
    parts.since = create("small", "muted");
    parts.link = create("a", "lamp-link");
    parts.path = create("small", "muted");
    parts.kind = create("span", "tag");
    parts.circle = shape("circle", { cx: 18, cy: 18, r: 3 });
    parts.spark = shape("polyline", {});
    parts.failing = shape("polyline", { class: "failing" });
    parts.calls = create("span", "");
    parts.share = create("small", "muted");
    parts.meter = create("span", "meter", create("i", ""), create("b", ""));
    parts.rate = create("span", "");
    parts.slow = create("small", "muted");
    parts.rejected = create("span", "");
    parts.strip = shape("svg", { class: "strip", viewBox: `0 0 ${STRIP_WIDTH} 22`, preserveAspectRatio: "none", role: "img" });
    parts.text = create("span", "");
    parts.note = create("small", "");
    const cells = [
      [parts.sign, create("span", "two", parts.word, parts.since)],
      [create("span", "two", create("span", "lamp-name", parts.link, parts.kind), parts.path)],
      [
        shape("svg", { class: "traffic", viewBox: "0 0 36 36" }, parts.circle),
        shape("svg", { class: "spark", viewBox: "0 0 60 24", preserveAspectRatio: "none" }, parts.spark, parts.failing),
        create("span", "two", parts.calls, parts.share),
      ],
      [parts.meter, create("span", "two", parts.rate, parts.slow)],
      [parts.rejected],
      [parts.strip],
      [create("span", "two", parts.text, parts.note)],
    ];
    const names = ["state", "name", "traffic", "rate", "rejected", "strip", "text"];
    parts.row = create("div", "lamp-row", ...cells.map((inner, at) => create("div", `cell cell-${names[at]}`, ...inner)));
    parts.row.setAttribute("role", "row");
    Array.from(parts.row.children).forEach((cell) => cell.setAttribute("role", "cell"));
    return parts;
  }

  function update(parts, lamp) {
    const look = `lamp-row lamp-row-${lamp.state}${lamp.stale ? " lamp-row-stale" : ""}`;
    if (parts.state && parts.state !== lamp.state) {
      parts.row.classList.remove("lamp-moved");
      void parts.row.offsetWidth; // the mark of a change begins anew
      parts.row.className = `${look} lamp-moved`;
    } else if (!parts.row.classList.contains("lamp-moved") || parts.id !== lamp.id) {
      parts.row.className = look;
    }
    parts.state = lamp.state;
    parts.id = lamp.id;
    parts.row.dataset.id = lamp.id;
    set(parts.sign, "class", `sign sign-${lamp.state}`);
    say(parts.word, word(parts.words, lamp));
    say(parts.since, lamp.stale ? `last seen ${clock(lamp.observed_at)}` : lamp.since ? `since ${clock(lamp.since)}` : "");
    set(parts.since, "class", lamp.stale ? "warned" : "muted");
    updateName(parts, lamp);
    updateTraffic(parts, lamp);
    updateRates(parts, lamp);
    drawStrip(parts.strip, lamp, parts.words);
    say(parts.text, / of |\(/.test(lamp.state_text) ? lamp.state_text : spanscape.format.plural(lamp.instance_count, "instance"));
    const notes = [lamp.flapping && "keeps opening", lamp.conflict && "conflicting evidence", lamp.openings && `opened ${lamp.openings} ×`];
    say(parts.note, notes.filter(Boolean)[0] || "");
    set(parts.note, "class", lamp.flapping || lamp.conflict ? "warned" : "muted");
  }

  /* A limit is at its limit, not open. */
  function word(words, lamp) {
    return words[`${lamp.kind} ${lamp.state}`] || words[lamp.state] || words.unknown;
  }

  function updateName(parts, lamp) {
    say(parts.link, lamp.name || "(no name)");
    set(parts.link, "href", address.page(`/breakers/${lamp.id}`));
    set(parts.link, "title", `${lamp.name}, reported by ${lamp.source}`);
    say(parts.path, `${lamp.group ? `${lamp.group} · ` : ""}${lamp.service} → ${lamp.target || "unbound"}`);
    set(parts.path, "title", lamp.target ? `${lamp.service} calls ${lamp.target} (${BOUND[lamp.target_confidence] || ""})` : UNBOUND);
    say(parts.kind, lamp.source === "unrecognised" ? "unrecognised" : KINDS[lamp.kind] || "");
    set(parts.kind, "title", lamp.source === "unrecognised" ? "A number from an unknown emitter: say what it means in SPANSCAPE_BREAKERS_FILE" : "");
  }

  /* The line is of minutes that are over: the one that runs has few calls yet. */
  function updateTraffic(parts, lamp) {
    const { ok, failed, rejected } = lamp.traffic;
    const whole = ok.map((count, at) => count + failed[at]);
    const [calls, failing] = [whole, failed].map((counts) => counts.reduce((sum, each) => sum + each, 0));
    const share = calls ? failing / calls : 0;
    const refused = rejected.some(Boolean);
    const radius = calls || refused ? Math.min(16, 3 + 3.2 * Math.log10(1 + calls / whole.length)) : 1.5;
    set(parts.circle, "r", radius.toFixed(1));
    set(parts.circle, "class", share >= 0.05 ? "much" : share >= 0.01 ? "some" : "none");
    const top = Math.max(...whole, 1);
    const line = (counts) => counts.slice(0, -1).map((count, at) => `${((at * 60) / (counts.length - 2)).toFixed(1)},${(23 - (count / top) * 21).toFixed(1)}`).join(" ");
    set(parts.spark, "points", calls ? line(whole) : "");
    set(parts.failing, "points", failing ? line(failed) : "");
    say(parts.calls, calls ? formats.ssRate(calls / (whole.length * 60)) : "no calls");
    say(parts.share, calls ? `${share >= 0.01 ? "⚠ " : ""}${formats.ssShare(share)} failed` : "");
    set(parts.share, "class", share >= 0.01 ? "bad" : "muted");
  }

  function updateRates(parts, lamp) {
    const { failure_rate: rate, failure_rate_threshold: most, slow_rate: slow, slow_rate_threshold: slowMost } = lamp;
    const over = rate !== null && most && rate >= most;
    parts.meter.style.visibility = rate === null ? "hidden" : "";
    parts.meter.style.setProperty("--rate", `${Math.min(100, (rate || 0) * 100)}%`);
    parts.meter.style.setProperty("--most", `${Math.min(100, (most || 0) * 100)}%`);
    set(parts.meter, "class", `meter${over ? " meter-over" : ""}${most ? "" : " meter-open"}`);
    const of = (share, limit) => `${formats.ssShare(share)}${limit ? ` / ${formats.ssShare(limit)}` : ""}`;
    say(parts.rate, rate === null ? (most ? `— / ${formats.ssShare(most)}` : "—") : of(rate, most));
    set(parts.rate, "title", most ? `opens at ${formats.ssShare(most)}` : "");
    set(parts.rate, "class", over ? "bad" : rate === null ? "muted" : "");
    say(parts.slow, !slow ? "" : `slow ${of(slow, slowMost)}`);
    say(parts.rejected, lamp.rejected.toLocaleString("en"));
    set(parts.rejected, "class", lamp.rejected ? "warned" : "muted");
  }

  /* The states of the last ten minutes: the more alarming, the higher. */
  function drawStrip(strip, lamp, words) {
    const now = Date.now();
    const x = (at) => Math.max(0, Math.min(STRIP_WIDTH, STRIP_WIDTH * (1 - (now - at) / LATE_MS)));
    const starts = lamp.states.map((one) => (one.at ? Date.parse(one.at) : now - LATE_MS));
    const bars = lamp.states.map(function (one, index) {
      const from = x(starts[index]);
      const to = index + 1 < starts.length ? x(starts[index + 1]) : STRIP_WIDTH;
      return shape("rect", { class: `bar-${one.state || "none"}`, x: from.toFixed(1), width: Math.max(to - from, 0.8).toFixed(1), ...heights(one.state) });
    });
    const told = lamp.states.map((one) => `${one.at ? `${clock(one.at)} ` : ""}${words[one.state] || "no report"}`).join(", ");
    if (strip.dataset.told !== told || strip.dataset.drawn !== String(Math.round(now / 5000))) {
      strip.dataset.told = told;
      strip.dataset.drawn = String(Math.round(now / 5000));
      strip.replaceChildren(shape("title", {}, told), ...bars);
      set(strip, "aria-label", `Last ten minutes: ${told}`);
    }
  }

  function heights(state) {
    const [y, height] = { open: [0, 22], forced_open: [0, 22], half_open: [9, 13], "": [22, 0] }[state] || [18, 4];
    return { y, height };
  }

  spanscape.breakerLamp = { build, update, sign, word, create, clock, say };
})();
