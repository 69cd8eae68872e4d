/* The breakers page: keeps the lamps that the socket tells of, and shows those that the viewer wants. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { address, live, breakerOrder, breakerLamp } = spanscape;
  const { count, plural } = spanscape.format;
  const PATH = "/breakers";
  const HEIGHTS = { lamp: 56, group: 44 };
  const CHANGES = 30;
  const MOVE_STRIPS_MS = 5000;
  const lamps = new Map();
  let known = false;
  const parts = new WeakMap(); // by row
  let list = null;
  let items = [];
  let words = {};

  live.wish(PATH, () => ({
    type: "lamps",
    range: address.get("range"),
    environment: address.get("env").slice(0, 200),
    namespace: address.get("ns").slice(0, 200),
  }));

  spanscape.mountBreakers = function (id) {
    const frame = document.getElementById(id);
    words = JSON.parse(frame.dataset.words);
    if (list) {
      list.destroy();
    }
    lamps.clear();
    known = false;
    items = [];
    list = spanscape.list({
      space: frame,
      height: (index) => (items[index].lamp ? HEIGHTS.lamp : HEIGHTS.group),
      key: (index) => items[index].key,
      make: (index) => build(items[index]),
      draw: (row, index) => update(parts.get(row), items[index], index),
    });
    live.show({ fresh: true });
    return window.dash_clientside.no_update;
  };

  function build(item) {
    const built = item.lamp ? breakerLamp.build(words) : buildGroup();
    parts.set(built.row, built);
    return built.row;
  }

  function buildGroup() {
    const { create } = breakerLamp;
    const built = { name: create("a", "group-name"), text: create("span", "muted") };
    built.row = create("div", "lamp-group", built.name, built.text);
    built.row.setAttribute("role", "row");
    built.name.setAttribute("role", "rowheader");
    return built;
  }

  function update(built, item, index) {
    built.row.setAttribute("aria-rowindex", String(index + 2)); // the first is the heading
    if (item.lamp) {
      breakerLamp.update(built, item.lamp);
      return;
    }
    breakerLamp.say(built.name, item.service);
    built.name.href = address.page(`/service/${encodeURIComponent(item.service)}`);
    const found = breakerOrder.counts(item.members);
    const told = Object.keys(words).filter((state) => found[state]).map((state) => `${found[state]} ${words[state].toLowerCase()}`);
    breakerLamp.say(built.text, told.join(", "));
  }

  function wish() {
    return { find: address.get("find"), kind: address.get("kind"), state: address.get("state"), grouped: address.get("group") === "service" };
  }

  function draw() {
    const page = document.querySelector(".page.breakers");
    if (!page || !list || !known) {
      return;
    }
    const wanted = wish();
    items = breakerOrder.arranged(lamps.values(), wanted);
    list.setCount(items.length);
    page.querySelector("[role=table]")?.setAttribute("aria-rowcount", String(items.length + 1));
    const shown = items.filter((item) => item.lamp).length;
    page.dataset.known = lamps.size ? "some" : "none";
    document.getElementById("breakers-none").classList.toggle("hidden", Boolean(shown) || !lamps.size);
    breakerLamp.say(document.getElementById("breakers-shown"), shown === lamps.size ? plural(shown, "breaker") : `${count(shown)} of ${plural(lamps.size, "breaker")}`);
    drawChoices(page, wanted);
    drawChanges();
  }

  function drawChoices(page, wanted) {
    const found = breakerOrder.counts(lamps.values());
    for (const chip of page.querySelectorAll("[data-state]")) {
      const { state } = chip.dataset;
      chip.classList.toggle("hidden", !found[state] && wanted.state !== state);
      chip.setAttribute("aria-pressed", String(wanted.state === state));
      breakerLamp.say(chip.querySelector(".count"), count(found[state] || 0));
    }
    for (const choice of page.querySelectorAll("[data-kind]")) {
      choice.setAttribute("aria-pressed", String(choice.dataset.kind === wanted.kind));
    }
    page.querySelector("[data-group]").setAttribute("aria-pressed", String(wanted.grouped));
  }

  function drawChanges() {
    const { create, clock, sign, word } = breakerLamp;
    const rows = breakerOrder.changes(lamps.values(), CHANGES).map(function ({ lamp, at, from, to }) {
      const link = create("a", "", lamp.name || "(no name)");
      link.href = address.page(`/breakers/${lamp.id}`);
      const moved = create("span", "moved", sign(from), "→", sign(to), word(words, { ...lamp, state: to }));
      return create("li", "", create("span", "muted", clock(at)), create("span", "two", link, create("small", "muted", lamp.service)), moved);
    });
    const box = document.getElementById("breakers-changes");
    box.replaceChildren(...(rows.length ? rows : [create("li", "muted", "None in the last ten minutes.")]));
  }

  live.on("lamps", function (message) {
    if (message.whole) {
      lamps.clear();
    }
    for (const [id, fields] of Object.entries(message.rows || {})) {
      lamps.set(id, { id, ...lamps.get(id), ...fields });
    }
    (message.gone || []).forEach((id) => lamps.delete(id));
    known = true;
    draw();
  });

  live.on("state", function (message) {
    const cover = document.getElementById("breakers-state");
    if (cover) {
      spanscape.drawPlainInto(message.cover && !known ? [message.cover] : [], cover);
    }
  });

  document.addEventListener("input", function (event) {
    if (event.target.id === "breakers-find") {
      address.set({ find: event.target.value.trim() });
    }
  });

  document.addEventListener("click", function (event) {
    const choice = event.target.closest(".page.breakers [data-state], .page.breakers [data-kind], .page.breakers [data-group]");
    if (choice) {
      const { state, kind, group } = choice.dataset;
      const toggled = (name, value) => address.set({ [name]: address.get(name) === value ? "" : value });
      if (state !== undefined) {
        toggled("state", state);
      } else if (kind !== undefined) {
        address.set({ kind });
      } else {
        toggled("group", group);
      }
    } else if (event.target.closest(".page.breakers .body")) {
      spanscape.followLink(event);
    }
  });

  address.onChange((names) => names.some((name) => ["find", "kind", "state", "group"].includes(name)) && draw());
  window.setInterval(() => list && window.location.pathname === PATH && address.get("paused") !== "1" && list.refresh(), MOVE_STRIPS_MS);
})();
