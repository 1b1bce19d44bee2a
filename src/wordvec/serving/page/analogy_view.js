// Analogy: what is to a third word as a second is to a first.

import { get } from "./api.js";
import { address, go, state } from "./address.js";
import { asTerm } from "./expressions.js";
import { wordInput } from "./completion.js";
import { choices, neighborRows, numberSelect } from "./neighbor_rows.js";
import { cosine, make, shown, wordNode } from "./text.js";
import { problemView } from "./problems.js";

const LABELS = { a: "First word", b: "Second word, related to the first", c: "Third word" };

export async function analogyView(signal, retry) {
  const { a, b, c, method, k, model } = state;
  const isComplete = [a, b, c].every((word) => word.trim());
  const nodes = [builder(isComplete)];
  let said = "";
  if (isComplete) {
    try {
      const { neighbors } = await get("v1/analogy", { a, b, c, method, k, model }, signal);
      nodes.push(...answer(neighbors, signal));
      said = neighbors.length
        ? `${shown(a)} is to ${shown(b)} as ${shown(c)} is to ${shown(neighbors[0].word)}` : "no answer";
    } catch (problem) {
      if (problem.code !== "unknown_word") throw problem;
      nodes.push(problemView(problem, {
        query: String(problem.got ?? ""), retry, changesFor: (word) => ({ [partOf(problem)]: word }),
      }));
      said = "No such word";
    }
  } else {
    nodes.push(make("p", { class: "lead" }, "Three words make a question: ",
      make("em", {}, "Paris"), " is to ", make("em", {}, "France"), " as ", make("em", {}, "Rome"), " is to what?"));
  }
  return { nodes, said, focus: "#verdict", title: isComplete ? `${shown(a)} : ${shown(b)} = ${shown(c)} : ?` : "" };
}

// Which of the three words is unknown.
function partOf(problem) {
  if (["a", "b", "c"].includes(problem.parameter)) return problem.parameter;
  return ["a", "b", "c"].find((name) => state[name].trim() === problem.got) ?? "c";
}

function builder(isComplete) {
  const parts = Object.fromEntries(["a", "b", "c"].map((name) => [name, wordInput({
    name, label: LABELS[name], value: state[name], placeholder: { a: "man", b: "king", c: "woman" }[name],
    chosen: () => step(name),
  })]));
  const read = () => Object.fromEntries(Object.entries(parts).map(([name, { input }]) => [name, input.value.trim()]));
  const ask = () => go(read());
  // After a word is chosen, the next empty one is typed; after the last, the question is asked.
  function step() {
    const empty = Object.values(parts).find(({ input }) => !input.value.trim());
    if (empty) empty.input.focus();
    else ask();
  }
  return make("form", { class: "analogy", "aria-label": "Analogy", submit: (event) => { event.preventDefault(); step(); } },
    make("h1", { tabindex: "-1", class: isComplete ? "hidden" : null }, "Analogy"),
    make("div", { class: "phrase" },
      parts.a.box, make("span", {}, "is to"), parts.b.box, make("span", {}, "as"), parts.c.box, make("span", {}, "is to …"),
      make("button", { type: "submit", class: "primary" }, "Ask")));
}

function answer(neighbors, signal) {
  const { a, b, c } = state;
  const found = neighbors[0];
  return [
    make("p", { class: "verdict", id: "verdict", tabindex: "-1" }, found ? wordNode(found.word) : "no answer",
      found && make("span", { class: "quiet" }, cosine(found.similarity))),
    make("section", { class: "narrow", "aria-labelledby": "answers" },
      make("div", { class: "toolbar" }, make("h2", { id: "answers" }, "All answers"),
        choices("Method", { add: "3CosAdd", mul: "3CosMul" }, state.method, (method) => ({ method })), numberSelect()),
      neighborRows(neighbors, { from: `${a} : ${b} = ${c} : ?`, isChart: true, signal, label: "Answers" }),
      make("p", {}, make("a", { href: address({ view: "neighbors", q: `${asTerm(b)} - ${asTerm(a)} + ${asTerm(c)}` }) },
        "As an expression: ", wordNode(b), " − ", wordNode(a), " + ", wordNode(c)))),
  ];
}

