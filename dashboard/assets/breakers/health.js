/* The filter of the health page: which services are shown, by text and by status. Both are in the address. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { address } = spanscape;
  const { count, plural } = spanscape.format;

  /* Rows are drawn anew whenever something changed; this hides those that are not wanted. */
  function apply() {
    const body = document.getElementById("health-body");
    if (!body) {
      return;
    }
    const rows = Array.from(body.querySelectorAll(".health-row"));
    const words = address.get("find").toLowerCase().split(/\s+/).filter(Boolean);
    const status = address.get("status");
    const counts = {};
    let shown = 0;
    for (const row of rows) {
      const fits = words.every((word) => row.dataset.words.includes(word));
      const wanted = fits && (!status || row.dataset.status === status);
      row.hidden = !wanted;
      shown += wanted ? 1 : 0;
      counts[row.dataset.status] = (counts[row.dataset.status] || 0) + (fits ? 1 : 0);
    }
    for (const chip of document.querySelectorAll("[data-health]")) {
      const { health } = chip.dataset;
      chip.classList.toggle("hidden", !(health in counts) && status !== health);
      chip.setAttribute("aria-pressed", String(status === health));
      chip.querySelector(".count").textContent = count(counts[health] || 0);
    }
    const all = plural(rows.length, "service");
    const told = shown === rows.length ? all : `${count(shown)} of ${all}`;
    document.getElementById("health-shown").textContent = rows.length ? told : "";
    document.getElementById("health-none").classList.toggle("hidden", shown > 0 || !rows.length);
  }

  document.addEventListener("drawn", (event) => event.target.id === "health-body" && apply());
  document.addEventListener("input", function (event) {
    if (event.target.id === "health-find") {
      address.set({ find: event.target.value.trim() });
    }
  });
  document.addEventListener("click", function (event) {
    const chip = event.target.closest("[data-health]");
    if (chip) {
      address.set({ status: address.get("status") === chip.dataset.health ? "" : chip.dataset.health });
    }
  });
  address.onChange((names) => names.some((name) => ["find", "status"].includes(name)) && apply());
})();
