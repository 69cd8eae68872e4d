/* Which lamps are shown, and in which order: a lamp moves only when its state does. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const NEEDS_ATTENTION = { forced_open: 0, open: 1, half_open: 2, unknown: 4, closed: 5, metrics_only: 6, disabled: 7 };
  const RESTLESS = 3; // closed by now, but it opens again and again, or its evidence disagrees

  function rank(lamp) {
    const rank = NEEDS_ATTENTION[lamp.state] ?? NEEDS_ATTENTION.unknown;
    return rank > RESTLESS && (lamp.flapping || lamp.conflict) ? RESTLESS : rank;
  }

  /* The newest alarm first; what is calm by name. */
  function compare(one, other) {
    const ranks = rank(one) - rank(other);
    if (ranks) {
      return ranks;
    }
    const since = rank(one) < RESTLESS ? (other.since || "").localeCompare(one.since || "") : 0;
    return since || byName(one, other);
  }

  function byName(one, other) {
    return one.service.localeCompare(other.service) || one.name.localeCompare(other.name) || one.id.localeCompare(other.id);
  }

  function matches(lamp, wish) {
    const words = `${lamp.name} ${lamp.group} ${lamp.service} ${lamp.target || "unbound"} ${lamp.source}`.toLowerCase();
    return (
      (!wish.kind || lamp.kind === wish.kind) &&
      (wish.state !== "unbound" || !lamp.target) &&
      (!wish.state || wish.state === "unbound" || lamp.state === wish.state) &&
      wish.find.toLowerCase().split(/\s+/).every((word) => words.includes(word))
    );
  }

  /* Items of the list: lamps, or services with their lamps. `lamps` is an iterable of lamps. */
  function arranged(lamps, wish) {
    const found = Array.from(lamps).filter((lamp) => matches(lamp, wish)).sort(compare);
    if (!wish.grouped) {
      return found.map((lamp) => ({ key: lamp.id, lamp }));
    }
    const groups = new Map();
    found.forEach((lamp) => (groups.get(lamp.service) || groups.set(lamp.service, []).get(lamp.service)).push(lamp));
    return Array.from(groups).flatMap(([service, members]) => [
      { key: `service ${service}`, service, members },
      ...members.map((lamp) => ({ key: lamp.id, lamp })),
    ]);
  }

  /* How many lamps are in each state, and how many are bound to no edge. */
  function counts(lamps) {
    const found = { unbound: 0 };
    for (const lamp of lamps) {
      found[lamp.state] = (found[lamp.state] || 0) + 1;
      found.unbound += lamp.target ? 0 : 1;
    }
    return found;
  }

  /* Changes of state in the lamps' last ten minutes, newest first. */
  function changes(lamps, most) {
    const found = [];
    for (const lamp of lamps) {
      lamp.states.forEach(function (state, index) {
        const before = lamp.states[index - 1];
        if (state.at && before && before.state && state.state) {
          found.push({ lamp, at: state.at, from: before.state, to: state.state });
        }
      });
    }
    return found.sort((one, other) => other.at.localeCompare(one.at) || byName(one.lamp, other.lamp)).slice(0, most);
  }

  spanscape.breakerOrder = { arranged, counts, changes };
})();
