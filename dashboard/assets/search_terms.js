/* The filter language as far as the page needs it: cutting it into tokens, adding and taking away terms. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const TOKEN = /(\s+)|((?:span|resource)\.(?:"(?:[^"\\]|\\[^])*"?|'(?:[^'\\]|\\[^])*'?))|("(?:[^"\\]|\\[^])*"?|'(?:[^'\\]|\\[^])*'?)|(!=|!~|>=|<=|[=<>~])|([(),])|([^\s"'(),=!<>~]+)|([^])/giy;
  const KINDS = ["space", "word", "string", "operator", "mark", "word", "other"];
  const BARE = /^[^\s\x00-\x1f\x7f"'(),=!<>~]+$/;
  const RESERVED = ["and", "or", "not", "in", "&&", "||", "*"];

  /* [{kind, text, start, end}] without spaces. A string may lack its end. */
  function tokens(q) {
    const found = [];
    TOKEN.lastIndex = 0;
    for (let match = TOKEN.exec(q); match; match = TOKEN.exec(q)) {
      const kind = KINDS[match.slice(1).findIndex((group) => group !== undefined)];
      if (kind !== "space") {
        found.push({ kind, text: match[0], start: match.index, end: match.index + match[0].length });
      }
    }
    return found;
  }

  const inQuotes = (text) => `"${text.replace(/["\\]/g, "\\$&")}"`;
  const quoted = (text) => (BARE.test(text) && !RESERVED.includes(text.toLowerCase()) ? text : inQuotes(text));

  /* What a token stands for. */
  function meaning(text) {
    const string = text.match(/^(?:(?:span|resource)\.)?(["'])([^]*)$/i);
    if (!string) {
      return text;
    }
    const inner = string[2].endsWith(string[1]) ? string[2].slice(0, -1) : string[2];
    return inner.replace(new RegExp(`\\\\([\\\\${string[1]}])`, "g"), "$1");
  }

  const isAlternative = (q) => tokens(q).some((token) => token.kind === "word" && token.text.toLowerCase() === "or");

  /* `q` and `term`, or `q` itself where it has the term. */
  function with_(q, term) {
    const bare = q.trim();
    if (!bare || has(bare, term)) {
      return bare || term;
    }
    return `${isAlternative(bare) ? `(${bare})` : bare} ${term}`;
  }

  /* Where `term` stands in `q` as a whole, or -1. */
  function place(q, term) {
    const starts = new Set(tokens(q).map((token) => token.start));
    const ends = new Set(tokens(q).map((token) => token.end));
    for (let at = q.indexOf(term); at >= 0; at = q.indexOf(term, at + 1)) {
      if (starts.has(at) && ends.has(at + term.length)) {
        return at;
      }
    }
    return -1;
  }

  const has = (q, term) => place(q, term) >= 0 && !isExcluded(q, term);
  const isExcluded = (q, term) => place(q, `NOT ${term}`) >= 0;

  function without(q, term) {
    const whole = isExcluded(q, term) ? `NOT ${term}` : term;
    const at = place(q, whole);
    return at < 0 ? q : `${q.slice(0, at)} ${q.slice(at + whole.length)}`.replace(/\s+/g, " ").trim();
  }

  /* Only terms are removed that stand beside others: taking one from an OR or a pair of parentheses would leave half of it. */
  function toggled(q, term, exclude) {
    const wanted = exclude ? `NOT ${term}` : term;
    const there = exclude ? isExcluded(q, term) : has(q, term);
    const rest = isAlternative(without(q, term)) ? q : without(q, term);
    return there ? rest : with_(rest, wanted);
  }

  spanscape.searchTerms = { tokens, quoted, meaning, with: with_, has, isExcluded, toggled };
})();
