/* The collector's answers, through the dashboard's relay. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;

  /* What is wrong with a question comes as an answer: a filter that is half typed is no failure to note on the console. */
  const AS_DATA = { "X-Problems": "as-data" };
  const PROBLEM = "application/problem+json";

  class Problem extends Error {
    /* status 0: the dashboard itself does not answer. */
    constructor(status, title, detail) {
      super(`${title}: ${detail}`);
      Object.assign(this, { status, title, detail });
    }

    /* Whether asking again may help. */
    get passing() {
      return this.status === 0 || this.status >= 502;
    }
  }

  function address(path, parameters) {
    const query = new URLSearchParams(Object.entries(parameters || {}).filter(([, value]) => value)).toString();
    return `/api/v1${path}${query ? `?${query}` : ""}`;
  }

  /* The answer that the page asked for before its scripts were there (dashboard/app.py), once. */
  function taken(wanted) {
    const early = window.spanscapeEarly;
    window.spanscapeEarly = null;
    return early && early.address === wanted ? early.response : null;
  }

  async function ask(path, parameters, signal) {
    let response;
    try {
      response = await (taken(address(path, parameters)) || fetch(address(path, parameters), { signal, headers: AS_DATA }));
    } catch (error) {
      if (error.name === "AbortError") {
        throw error;
      }
      throw new Problem(0, "Dashboard is away", "The dashboard does not answer.");
    }
    if (response.ok && !(response.headers.get("Content-Type") || "").startsWith(PROBLEM)) {
      return response;
    }
    const said = await response.json().catch(() => ({}));
    throw problem(response.status, said);
  }

  const problem = (status, said) =>
    new Problem(said.status || status, said.title || "Error", said.detail || `The answer was ${status}.`);

  /* The decoded answer of GET /api/v1<path>. Throws a Problem {status, title, detail, passing}. */
  async function get(path, parameters, signal) {
    return (await ask(path, parameters, signal)).json();
  }

  async function text(path, parameters, signal) {
    return (await ask(path, parameters, signal)).text();
  }

  /* The decoded answer of POST /api/v1<path>; `onProgress(share)` is called while the body is sent. Throws as `get` does. */
  function post(path, body, onProgress) {
    return new Promise(function (resolve, reject) {
      const request = new XMLHttpRequest();
      request.open("POST", address(path));
      Object.entries(AS_DATA).forEach(([name, value]) => request.setRequestHeader(name, value));
      request.upload.onprogress = (event) => onProgress && event.lengthComputable && onProgress(event.loaded / event.total);
      request.onerror = () => reject(new Problem(0, "Dashboard is away", "The dashboard does not answer."));
      request.onload = function () {
        const said = decoded(request.responseText);
        if (request.status < 300 && !(request.getResponseHeader("Content-Type") || "").startsWith(PROBLEM)) {
          resolve(said);
        } else {
          reject(problem(request.status, said));
        }
      };
      request.send(body);
    });
  }

  function decoded(text) {
    try {
      return JSON.parse(text);
    } catch (_) {
      return {};
    }
  }

  spanscape.relay = { get, text, post, address, Problem };
})();
