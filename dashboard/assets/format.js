/* Numbers for people, as dashboard/theme.py writes them, and a colour for each service. */
"use strict";

(function () {
  const spanscape = window.dash_clientside.spanscape;
  const UNITS = [["s", 1e9], ["ms", 1e6], ["µs", 1e3], ["ns", 1]];
  const COLOURS = 10; // --svc-0 to --svc-9

  function threeDigits(value) {
    const decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return value.toLocaleString("en", { maximumFractionDigits: decimals });
  }

  /* 850 ns, 12.3 µs, 4.56 ms, 1.23 s, 2 m 03 s */
  function duration(ns) {
    if (ns < 0) {
      return `−${duration(-ns)}`;
    }
    if (ns >= 60e9) {
      const seconds = Math.round(ns / 1e9);
      return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, "0")} s`;
    }
    const [unit, size] = UNITS.find((each) => ns >= each[1]) || UNITS[3];
    return `${threeDigits(ns / size)} ${unit}`;
  }

  /* A time after the start of the trace, exact enough to tell `stepNs` apart. */
  function offset(ns, stepNs) {
    const [unit, size] = UNITS.find((each) => Math.max(Math.abs(ns), stepNs) >= each[1]) || UNITS[3];
    const decimals = Math.min(Math.max(Math.ceil(-Math.log10(stepNs / size) - 1e-9), 0), 9);
    return ns === 0 ? "0" : `${(ns / size).toLocaleString("en", { maximumFractionDigits: decimals })} ${unit}`;
  }

  function count(number) {
    return number.toLocaleString("en");
  }

  function plural(number, one, many) {
    return `${count(number)} ${number === 1 ? one : many || `${one}s`}`;
  }

  /* 2.1 %; never 0 % for something. */
  function share(part, whole) {
    const percent = whole > 0 ? (100 * part) / whole : 0;
    return percent > 0 && percent < 0.1 ? "<0.1 %" : `${Number(percent.toFixed(1))} %`;
  }

  /* Date and time of day in UTC, to the millisecond, of epoch nanoseconds as text. */
  function moment(ns) {
    const text = new Date(Number(BigInt(ns) / 1000000n)).toISOString();
    return { date: text.slice(0, 10), clock: text.slice(11, 23) };
  }

  function crc32(text) {
    let crc = ~0;
    for (const byte of new TextEncoder().encode(text)) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit += 1) {
        crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
      }
    }
    return ~crc >>> 0;
  }

  /* A number of a colour for each name. A service has the same in every trace, unless another one there took it. */
  function colours(names) {
    const free = new Set(Array.from({ length: COLOURS }, (_, number) => number));
    const chosen = new Map();
    for (const name of Array.from(new Set(names)).sort()) {
      const wanted = crc32(name) % COLOURS;
      let number = wanted;
      while (free.size && !free.has(number)) {
        number = (number + 1) % COLOURS;
      }
      free.delete(number);
      chosen.set(name, number);
    }
    return names.map((name) => chosen.get(name));
  }

  spanscape.format = { duration, offset, count, plural, share, moment, colours };
})();
