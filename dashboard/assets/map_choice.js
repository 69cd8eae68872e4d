/* What is selected on the map: in the address, in the panel. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const { address } = spanscape;
  const setProps = (id, props) => spanscape.mapIsPlaced() && window.dash_clientside.set_props(id, props);
  const PANEL_PAUSE_MS = 1500;
  const PANEL = "topology-panel-body";
  let cy = null;
  let choosing = false;
  let told = 0;

  spanscape.onMap(function (instance) {
    cy = instance;
    cy.on("select unselect", chosen);
  });

  function chosen() {
    if (!choosing) {
      choosing = true;
      window.queueMicrotask(function () {
        choosing = false;
        if (!spanscape.mapIsSeen()) {
          return;
        }
        const picked = cy.$(":selected")[0];
        const id = picked ? picked.id() : null;
        address.set({ sel: id });
        tell(id);
        document.getElementById("topology-panel").className = id ? "panel" : "panel panel-closed";
        announce(picked);
        spanscape.view.besidePanel(picked);
      });
    }
  }

  /* Dash, which knows what the panel is to say. */
  function tell(id) {
    setProps("topology-selection", { data: id && { id, range: address.get("at") || address.get("range") || "5m", traces: address.get("traces"), ...spanscape.scope() } });
  }

  /* Until the numbers come the panel says what they will be of. */
  function announce(picked) {
    if (picked) {
      const { kind, name } = picked.data();
      const title = picked.isNode() ? name || "(no name)" : `${picked.source().data("name")} → ${picked.target().data("name")}`;
      const icon = ["span", { class: `icon icon-${picked.isNode() ? kind : "logo"}` }];
      const heading = ["div", { class: `panel-heading kind-${kind}` }, ["p", { class: "kind" }, icon, ["span", { class: "kind-waiting" }, "Loading …"]], ["h2", {}, title]];
      spanscape.drawPlain([heading], PANEL);
      spanscape.drawPlain([], "topology-panel-details");
    }
  }

  spanscape.chooseFromAddress = function () {
    const wanted = cy.getElementById(address.get("sel"));
    cy.$(":selected").difference(wanted).unselect();
    wanted.select();
  };

  /* The page is there, for the first time or again: what was selected meanwhile is told. */
  spanscape.onMapPlaced(function () {
    if (cy) {
      spanscape.chooseFromAddress();
      tell(cy.$(":selected")[0]?.id() || null);
    }
  });

  spanscape.select = function (id) {
    if (spanscape.mapIsSeen()) {
      cy.elements().unselect();
      if (id) {
        cy.getElementById(id).select();
      }
    }
  };

  /* The map changed: so may what the panel says. */
  spanscape.tellPanel = function () {
    const now = Date.now();
    if (cy.$(":selected").length && now - told > PANEL_PAUSE_MS) {
      told = now;
      setProps("topology-changes", { data: now });
    }
  };
})();
