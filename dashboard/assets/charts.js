/* When and from where pages have Plotly.

   Dash asks for it by an address without a version. Pages have fetched it by another one meanwhile, which is compressed once
   (dashboard/libraries.py, kept_files.py): it would come twice. And what a page of a service
   says is drawn before it: an input of the charts, set here, says so. As an output of the body it would hold them back at each tick. */
"use strict";

(function () {
  const plotly = window.spanscapeLibraries.find((library) => library.name === "plotly");
  Object.defineProperty(window, "_dashPlotlyJSURL", { get: () => plotly.files[0], set: () => {} });

  document.addEventListener("drawn", function ({ target }) {
    if (target.id === "service-body" && !target.dataset.drawn) {
      target.dataset.drawn = "";
      window.dash_clientside.set_props("service-charts-due", { data: true });
    }
  });
})();
