/* The topology page around its map: filters, suspects, hover card, panel, states. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { address, live } = spanscape;
  const noUpdate = () => window.dash_clientside.no_update;
  const find = (id) => document.getElementById(id);
  const HOVER_MS = 120;
  const LATE_S = 15; // so far behind the map says nothing of the present
  let cy = null;
  let hovered = null;

  /* From the address into the fields, once the page appears. */
  spanscape.fieldsFromAddress = function () {
    const layout = address.get("layout") || "layered";
    return [address.get("find"), address.get("hide"), layout, address.get("view") === "table" ? "table" : "map"];
  };

  spanscape.chooseFind = (text) => remember("find", text);
  spanscape.chooseHide = (text) => remember("hide", text);

  function remember(name, text) {
    const wanted = (text || "").trim();
    if (wanted !== address.get(name)) {
      address.set({ [name]: wanted });
    }
    const key = `spanscape.history.${name}`;
    let history = [];
    try {
      history = JSON.parse(window.localStorage.getItem(key)) || [];
    } catch {
      history = [];
    }
    if (wanted) {
      history = [wanted, ...history.filter((old) => old !== wanted)].slice(0, 12);
      window.localStorage.setItem(key, JSON.stringify(history));
    }
    const options = history.map((old) => Object.assign(document.createElement("option"), { value: old }));
    const list = find(`${name}-history`);
    if (list) {
      list.replaceChildren(...options);
    }
  }

  spanscape.choosePreset = function (filter) {
    if (!filter) {
      return [noUpdate(), noUpdate()];
    }
    return [filter, null];
  };

  spanscape.chooseLayout = function (layout) {
    if (layout && layout !== (address.get("layout") || "layered")) {
      address.set({ layout: layout === "layered" ? "" : layout });
    }
  };

  /* Only what is near a node; again, or with null, everything. */
  spanscape.focus = function (id, hops) {
    const same = id && id === address.get("focus") && !hops;
    address.set(same || !id ? { focus: "", hops: "" } : { focus: id, hops: hops && hops > 1 ? hops : "" });
    window.setTimeout(() => spanscape.fitMap(true), 450);
  };

  function showFocus() {
    const chip = find("topology-focus");
    if (!chip) {
      return;
    }
    const id = address.get("focus");
    const hops = address.get("hops") || "1";
    chip.classList.toggle("hidden", !id);
    chip.textContent = `Focus: ${id.replace(/^[a-z]+:/, "")} ± ${hops} ✕`;
    chip.title = "Show everything again";
    chip.onclick = () => spanscape.focus(null);
  }

  /* The map is that of a search: how many traces these are, and the way back to all. */
  function showTraces(words) {
    const chip = find("topology-traces");
    const filter = address.get("traces");
    chip.classList.toggle("hidden", !filter);
    chip.textContent = `${words || "Only some traces"} ✕`;
    chip.title = `${filter}\nShow all traces again`;
    chip.onclick = () => address.set({ traces: "" });
  }

  spanscape.showTexts = function (texts, model) {
    const all = model.texts;
    if (!find("topology-stage")) {
      return; // another page is shown
    }
    if (texts.suspects || texts.calm !== undefined || texts.more_suspects !== undefined) {
      showSuspects(all);
    }
    find("topology-state").classList.add("hidden");
    find("topology-empty").classList.toggle("hidden", !all.empty);
    if (find("topology-summary")) {
      showAbove(all);
    }
  };

  /* What the filters above the map say. */
  function showAbove(all) {
    const summary = find("topology-summary");
    summary.textContent = summary.title = [all.compared, all.summary].filter(Boolean).join(" · ");
    const filters = all.filters || {};
    const wrong = filters.find || filters.hide;
    const state = find("topology-filter-state");
    state.textContent = wrong || (filters.found === null || filters.found === undefined ? "" : `${filters.found} found`);
    state.classList.toggle("bad", Boolean(wrong));
    find("topology-find").setAttribute("aria-invalid", String(Boolean(filters.find)));
    find("topology-hide").setAttribute("aria-invalid", String(Boolean(filters.hide)));
    showFocus();
    showTraces(all.traces);
  }

  /* Nothing is said of what the map does not have yet. */
  function showCalm(strip, all) {
    const { behind_s: behind } = live.state();
    const late = behind >= LATE_S && !all.empty && !address.get("at");
    strip.className = late ? "suspects suspects-calm suspects-late" : "suspects suspects-calm";
    const words = late ? `Nothing looked wrong ${behind} s ago; what came since is not counted yet.` : `✓ Nothing looks wrong. ${all.calm || ""}`;
    strip.textContent = all.empty ? "" : words;
  }

  function showSuspects(all) {
    const strip = find("topology-suspects");
    if (!all.suspects || !all.suspects.length) {
      showCalm(strip, all);
      return;
    }
    strip.className = "suspects";
    spanscape.drawPlain(all.suspects, "topology-suspects");
    const title = document.createElement("h2");
    title.textContent = "What is wrong";
    strip.prepend(title);
    if (all.more_suspects) {
      const more = document.createElement("span");
      more.className = "muted";
      more.textContent = `and ${all.more_suspects} more`;
      strip.append(more);
    }
    for (const button of strip.querySelectorAll("[data-node]")) {
      const id = button.dataset.node;
      button.onclick = () => spanscape.select(id);
      button.onmouseenter = button.onfocus = () => ask(id, true);
      button.onmouseleave = button.onblur = unhover;
    }
  }

  /* The pointer rests on something: a card, and for suspects who depends on it. */
  function ask(id, blast) {
    hovered = { id, blast };
    live.send({ type: "about", id, blast });
  }

  function unhover() {
    hovered = null;
    const card = find("topology-card");
    if (card) {
      card.classList.add("hidden");
    }
    if (cy) {
      cy.elements(".blast, .blast-guarded, .blast-other").removeClass("blast blast-guarded blast-other");
    }
  }

  live.on("about", function (message) {
    if (!cy || !hovered || hovered.id !== message.id || !message.card.length) {
      return;
    }
    if (message.blast) {
      showBlast(message.id, message.blast);
    }
    const target = cy.getElementById(message.id);
    const card = find("topology-card");
    if (!target.length || !card) {
      return;
    }
    spanscape.drawPlain(message.card, "topology-card");
    card.classList.remove("hidden");
    const at = target.isNode() ? target.renderedPosition() : target.renderedMidpoint();
    const left = Math.min(Math.max(at.x + 36, 8), cy.width() - card.offsetWidth - 8);
    const top = Math.min(Math.max(at.y - card.offsetHeight - 26, 8), cy.height() - card.offsetHeight - 8);
    card.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  });

  function showBlast(id, blast) {
    const parts = [
      ["blast", [id, ...blast.unguarded, ...blast.edges]],
      ["blast-guarded", [...blast.guarded, ...blast.guards]],
    ];
    cy.batch(function () {
      cy.elements().addClass("blast-other");
      for (const [name, ids] of parts) {
        ids.forEach((each) => cy.getElementById(each).removeClass("blast-other").addClass(name));
      }
    });
  }

  spanscape.onMap(function (instance) {
    cy = instance;
    let timer = 0;
    cy.on("mouseover", "node, edge", function (event) {
      window.clearTimeout(timer);
      const id = event.target.id();
      if (event.target.data("kind") !== "box") {
        timer = window.setTimeout(() => ask(id, false), HOVER_MS);
      }
    });
    cy.on("mouseout viewport grab", function () {
      window.clearTimeout(timer);
      unhover();
    });
  });

  spanscape.drawPanelBody = (rows) => void spanscape.drawPlain(rows, "topology-panel-body");
  spanscape.drawPanelDetails = (rows) => void spanscape.drawPlain(rows, "topology-panel-details");

  document.addEventListener("click", function (event) {
    const chosen = event.target.closest("[data-select], [data-focus]");
    if (event.target.closest("#topology-panel-close")) {
      spanscape.select(null);
    } else if (chosen && chosen.dataset.select) {
      spanscape.select(chosen.dataset.select);
    } else if (chosen) {
      spanscape.focus(chosen.dataset.focus, Number(chosen.dataset.hops));
    }
  });

  /* "Collector is away" covers an empty page and stands above a map that is still shown. */
  live.on("state", showState);
  spanscape.onMapPlaced(function () {
    showState(live.state());
    if (Object.keys(spanscape.model.texts).length) {
      spanscape.showTexts(spanscape.model.texts, spanscape.model);
    }
  });

  function showState(state) {
    const banner = find("topology-banner");
    if (!banner) {
      return;
    }
    const away = state.collector === "away";
    const empty = !Object.keys(spanscape.model.elements).length;
    banner.className = away && !empty ? "banner" : "hidden";
    banner.textContent = away ? `${state.words || ""} What you see is the last answer; trying again …` : "";
    if (away && empty && state.cover) {
      find("topology-state").classList.remove("hidden");
      spanscape.drawPlain([state.cover], "topology-state");
    }
  }
  live.on("connection", function (state) {
    const stage = find("topology-stage");
    if (stage) {
      stage.classList.toggle("stage-away", state.dashboard === "away");
    }
    const strip = find("topology-suspects");
    if (strip && strip.classList.contains("suspects-calm")) {
      showCalm(strip, spanscape.model.texts);
    }
  });
  address.onChange(showFocus);
})();
