// Sentence items: a sentence of the corpus with its words marked, whole, or with the word in the middle of a line.

import { counted, make, textNode } from "./text.js";

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

const line = (sentence) => make("span", { class: "line-number" },
  make("span", { class: "hidden" }, "line "), counted(sentence.line));

export function sentenceItem(sentence) {
  return make("li", {}, line(sentence), make("p", { dir: "auto" },
    parts(sentence.text, sentence.spans).map(([part, marked]) => (marked ? make("mark", {}, textNode(part)) : textNode(part)))));
}

// As in a concordance: what stands before the word, the word, and what stands after it.
export function alignedItem(sentence) {
  const found = parts(sentence.text, sentence.spans);
  const at = Math.max(found.findIndex(([, marked]) => marked), 0);
  const shown = (some) => some.map(([part, marked]) => (marked ? make("mark", { class: "also" }, textNode(part)) : textNode(part)));
  return make("li", { class: "aligned" }, line(sentence),
    make("span", { class: "before" }, make("span", {}, shown(found.slice(0, at)))),
    make("mark", {}, textNode(found[at]?.[0] ?? "")),
    make("span", { class: "after" }, shown(found.slice(at + 1))));
}
