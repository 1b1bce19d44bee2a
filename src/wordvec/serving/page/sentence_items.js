// Sentence items: a sentence of the corpus with its words marked, whole, or with the word in the middle of a line.

import { counted, make, shown, partOfText } from "./text.js";

const FROM_RIGHT = /^[^\p{L}]*[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

// Parts of a text: [text, whether it is marked]. Spans count code points, as Python does.
function parts(text, spans) {
  const letters = Array.from(text);
  const found = [];
  let end = 0;
  for (const [start, stop] of [...spans].sort((one, other) => one[0] - other[0])) {
    if (start < end) continue;
    found.push([letters.slice(end, start).join(""), false], [letters.slice(start, stop).join(""), true]);
    end = stop;
  }
  found.push([letters.slice(end).join(""), false]);
  return found.filter(([part]) => part);
}

const line = (sentence) => make("span", { class: "line-number", title: sentence.file ? shown(sentence.file) : null },
  make("span", { class: "hidden" }, "line "), counted(sentence.line));

// What stands long before the first marked word is left out, where `before` says how many letters may stay.
function excerpt(found, before) {
  const [first] = found;
  if (!first || first[1] || first[0].length <= before || found.length === 1) return found;
  const start = first[0].indexOf(" ", first[0].length - before);
  const rest = first[0].slice(start < 0 ? -before : start + 1).replace(/^[\s\p{P}]+/u, "");
  return [[`… ${rest}`, false], ...found.slice(1)];
}

export function sentenceItem(sentence, before = Infinity) {
  return make("li", {}, line(sentence), make("p", { dir: "auto" },
    excerpt(parts(sentence.text, sentence.spans), before).map(([part, marked]) => (marked ? make("mark", {}, partOfText(part)) : partOfText(part)))));
}

// As in a concordance: what stands before the word, the word, and what stands after it.
export function alignedItem(sentence) {
  const found = parts(sentence.text, sentence.spans);
  const at = Math.max(found.findIndex(([, isMarked]) => isMarked), 0);
  const marked = (some) => some.map(([part, isMarked]) => (isMarked ? make("mark", { class: "also" }, partOfText(part)) : partOfText(part)));
  return make("li", { class: "aligned", dir: FROM_RIGHT.test(sentence.text) ? "rtl" : "ltr" }, line(sentence),
    make("span", { class: "before" }, make("span", {}, marked(found.slice(0, at)))),
    make("mark", {}, partOfText(found[at]?.[0] ?? "")),
    make("span", { class: "after" }, marked(found.slice(at + 1))));
}
