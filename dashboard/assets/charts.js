/* Dash asks for Plotly by an address without a version. Pages have fetched it by another one meanwhile, which is compressed once
   (dashboard/libraries.py, kept_files.py): it would come twice. */
"use strict";

(function () {
  const plotly = window.spanscapeLibraries.find((library) => library.name === "plotly");
  Object.defineProperty(window, "_dashPlotlyJSURL", { get: () => plotly.files[0], set: () => {} });
})();
