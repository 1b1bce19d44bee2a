// Exports: the kept words as a table, as JSON, and as synonyms for search engines.

import { post } from "./api.js";

const BATCH = 500; // questions in one request
const MAX_UNKNOWN = 50; // words that the model does not know, before one gives up
const FORMULA = /^[=+\-@\t\r]/; // what a spreadsheet would compute

function cell(value) {
  const text = value === null || value === undefined ? "" : String(value);
  const safe = typeof value === "string" && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, "\"\"")}"` : safe;
}

const COLUMNS = ["word", "model", "asked", "similarity"];

// CSV as in RFC 4180. Text that a spreadsheet would take for a formula has an apostrophe before it.
export function asCsv(entries) {
  const rows = entries.map((entry) => COLUMNS.map((name) => cell(entry[name])).join(","));
  return [COLUMNS.join(","), ...rows].map((row) => `${row}\r\n`).join("");
}

export const asJson = (entries) => `${JSON.stringify({ words: entries }, null, 2)}\n`;

// The k nearest words of each word, as a map of maps; and the words that the model does not know.
async function neighborsOfAll(words, { k, model, signal }) {
  const near = new Map();
  const unknown = [];
  for (let start = 0; start < words.length; start += BATCH) {
    let batch = words.slice(start, start + BATCH);
    while (batch.length) {
      try {
        const queries = batch.map((word) => ({ positive: [word] }));
        const { answers } = await post("v1/neighbors", { queries, k, model }, signal);
        batch.forEach((word, at) => near.set(word, new Map(answers[at].neighbors.map((found) => [found.word, found.similarity]))));
        break;
      } catch (problem) {
        const isKnownToBeUnknown = problem.code === "unknown_word" && batch.includes(problem.got);
        if (!isKnownToBeUnknown || unknown.length >= MAX_UNKNOWN) throw problem;
        unknown.push(problem.got);
        batch = batch.filter((word) => word !== problem.got);
      }
    }
  }
  return { near, unknown };
}

// Pairs of which each is among the k nearest words of the other, at least as similar as the threshold.
export async function mutualNeighbors(words, { k, threshold, model, signal }) {
  const options = { k, model, signal };
  const first = await neighborsOfAll(words, options);
  const others = new Set();
  for (const found of first.near.values()) {
    for (const [word, similarity] of found) if (similarity >= threshold && !first.near.has(word)) others.add(word);
  }
  const second = await neighborsOfAll([...others], options);
  const near = new Map([...first.near, ...second.near]);
  const pairs = new Map(); // from a word to its mutual neighbors
  for (const word of first.near.keys()) {
    for (const [other, similarity] of first.near.get(word)) {
      if (similarity < threshold || !near.get(other)?.has(word)) continue;
      for (const [one, two] of [[word, other], [other, word]]) {
        if (!pairs.has(one)) pairs.set(one, new Set());
        pairs.get(one).add(two);
      }
    }
  }
  return { pairs, unknown: first.unknown };
}

const escaped = (word) => word.replace(/[\\,=>#]/g, "\\$&");
const fitsOnLine = (word) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(word) && word.trim() !== "";

// The form of Solr, which Elasticsearch reads, too. A rule for each word says only what was found for that word: a list
// of equal words would also join those that merely share a neighbor.
export function asSynonyms({ pairs }, { threshold, model }) {
  const rules = [...pairs].filter(([word]) => fitsOnLine(word)).map(([word, others]) => {
    const written = [word, ...[...others].filter(fitsOnLine)].map(escaped);
    return `${written[0]} => ${written.join(", ")}`;
  });
  const title = `# mutual neighbors in ${model.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ")}, similarity at least ${threshold}`;
  return [title, ...rules].map((line) => `${line}\n`).join("");
}

// Give a text to the browser as a file.
export function download(text, name, type) {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
