// Odd one out: the word of several that is farthest from their mean.

import { get } from "./api.js";
import { address, go, state } from "./address.js";
import { wordInput } from "./completion.js";
import { asQuery } from "./expressions.js";
import { axis, bar, lowest } from "./neighbor_rows.js";
import { icon, make, cosine, shown, wordNode } from "./text.js";
import { problemView } from "./problems.js";

const FEWEST = 3;

export async function oddView(signal, retry) {
  const words = state.words;
  const nodes = [builder(words)];
  let said = "";
  if (words.length >= FEWEST) {
    try {
      const found = await get("v1/odd", { word: words, model: state.model }, signal);
      nodes.push(...verdict(found));
      said = `${shown(found.odd)} is the odd one out`;
    } catch (problem) {
      if (problem.code !== "unknown_word") throw problem;
      nodes.push(problemView(problem, {
        query: String(problem.got ?? ""), retry,
        changesFor: (word) => ({ words: words.map((one) => (one === problem.got ? word : one)) }),
      }));
      said = "No such word";
    }
  } else {
    const missing = FEWEST - words.length;
    nodes.push(make("p", { class: "lead" }, words.length
      ? `Add ${missing === 1 ? "one more word" : "two more words"}.`
      : "Write three words or more, one after the other: breakfast, lunch, dinner, cereal. Which of them does not belong?"));
  }
  return { nodes, said, focus: "#input-add", title: words.length ? words.map((word) => shown(word, 30)).join(", ") : "" };
}

function builder(words) {
  const add = (some) => {
    const added = some.map((word) => word.trim()).filter((word) => word && !words.includes(word));
    input.input.value = "";
    if (added.length) go({ words: [...words, ...new Set(added)] });
  };
  // Several words at once have commas between them, or spaces where there is no comma.
  const addAll = () => add(input.input.value.split(/[,;]/.test(input.input.value) ? /[,;]+/ : /\s+/));
  const input = wordInput({
    name: "add", label: "Add a word", value: "", placeholder: "add a word", chosen: (word) => add([word]),
  });
  input.input.addEventListener("keydown", (event) => {
    if (event.key === "Backspace" && !input.input.value && words.length) go({ words: words.slice(0, -1) });
  });
  const chips = words.map((word) => make("li", {}, make("span", { class: "chip" }, wordNode(word),
    make("button", { type: "button", click: () => go({ words: words.filter((one) => one !== word) }) }, icon("cross"),
      make("span", { class: "hidden" }, `Take ${shown(word)} away`)))));
  return make("form", { class: "odd", "aria-label": "Odd one out", submit: (event) => { event.preventDefault(); addAll(); } },
    make("h1", { tabindex: "-1", class: words.length ? "hidden" : null }, "Odd one out"),
    chips.length ? make("ul", { class: "chips", "aria-label": "Words" }, chips) : "",
    make("div", { class: "row" }, input.box, make("button", { type: "submit" }, "Add"),
      words.length ? make("a", { href: address({ words: [] }), class: "quiet-link" }, "Start again") : ""));
}

function verdict(found) {
  const rows = [...found.similarities].sort((one, other) => other.similarity - one.similarity);
  const low = lowest(rows);
  return [
    make("p", { class: "verdict", id: "verdict" }, wordNode(found.odd), make("span", { class: "quiet" }, "is the odd one out")),
    make("section", { class: "narrow", "aria-labelledby": "to-mean" },
      make("h2", { id: "to-mean" }, "Similarity to the mean of all"),
      make("ol", { class: "neighbors chart unranked" }, rows.map(({ word, similarity }) => make("li", {
        class: word === found.odd ? "odd-one" : null,
      }, make("div", { class: "line" },
        make("span", { class: "rank", "aria-hidden": "true" }),
        make("a", { class: "ask-word", href: address({ view: "neighbors", q: asQuery(word) }) }, wordNode(word)),
        bar(similarity, low), make("span", { class: "similarity" }, cosine(similarity)), make("span", { class: "acts" }))))),
      axis(low)),
  ];
}
