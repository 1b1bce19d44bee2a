// Compare: the neighbors of a word in two models, side by side, and what changed.

import { get } from "./api.js";
import { address, go, state } from "./address.js";
import { asQuery, asWord } from "./expressions.js";
import { allModels, modelName, modelSelect, otherModel } from "./models.js";
import { numberSelect, withArrows } from "./neighbor_rows.js";
import { cosine, make, plural, shown, wordNode } from "./text.js";

export async function compareView(signal) {
  const other = otherModel();
  if (!other) return alone();
  if (!state.q.trim()) {
    return {
      title: "", said: "",
      nodes: [make("h1", { tabindex: "-1" }, "Compare two models"),
        make("p", { class: "lead" }, "Type a word to see its neighbors in both, and what changed."), pair(other)],
    };
  }
  const word = asWord(state.q);
  const answer = await get("v1/compare", { word, model: modelName(), other: other.name, k: state.k }, signal);
  const [before, after] = answer.neighbors;
  const shared = new Set(answer.shared);
  const percent = Math.round(100 * answer.overlap);
  const summary = `${plural(answer.shared.length, "neighbor")} shared, ${answer.gained.length} gained, ${answer.lost.length} lost`;
  return {
    title: shown(answer.word), said: `${shown(answer.word)}: ${summary}`,
    nodes: [
      make("div", { class: "heading" }, make("h1", { tabindex: "-1" }, wordNode(answer.word))),
      make("div", { class: "toolbar" }, pair(other), numberSelect()),
      make("p", { class: "summary" }, make("span", {}, make("b", {}, String(answer.shared.length)), " shared "),
        make("span", { class: "gained" }, make("b", {}, String(answer.gained.length)), " gained "),
        make("span", { class: "lost" }, make("b", {}, String(answer.lost.length)), " lost "),
        make("span", { class: "quiet" }, `overlap ${percent}%`)),
      make("div", { class: "slopes" },
        side(before, shared, modelName(), "lost"), lines(before, after, shared), side(after, shared, other.name, "gained")),
      make("div", { class: "changes" }, changeList("Gained", "gained", answer.gained, other.name),
        changeList("Lost", "lost", answer.lost, modelName())),
    ],
  };
}

function pair(other) {
  const models = allModels();
  const first = modelSelect({
    id: "first-model", label: "First model", models, selected: modelName(),
    changes: (name) => (name === other.name ? { model: name, other: modelName() } : { model: name, other: other.name }),
  });
  const second = modelSelect({
    id: "other-model", label: "Second model", models: models.filter(({ name }) => name !== modelName()), selected: other.name,
    changes: (name) => ({ other: name }),
  });
  const swap = make("button", {
    type: "button", click: () => go({ model: other.name, other: modelName() }), title: "Exchange the two models",
  }, "⇄", make("span", { class: "hidden" }, " Exchange the two models"));
  return make("div", { class: "pair" }, first, swap, second);
}

function side(neighbors, shared, model, change) {
  return make("section", { class: `side ${change}` },
    make("h2", {}, make("bdi", { dir: "auto" }, shown(model, 40))),
    withArrows(make("ol", {}, neighbors.map(({ word, similarity }) => make("li", { class: shared.has(word) ? "shared" : change },
      make("a", { class: "ask-word", href: address({ q: asQuery(word) }) }, wordNode(word)),
      shared.has(word) ? "" : make("span", { class: "hidden" }, change),
      make("span", { class: "similarity" }, cosine(similarity, 2)))))));
}

// A line from each shared word on the left to the same on the right. Rows are of one height, so places are enough.
function lines(before, after, shared) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const rows = Math.max(before.length, after.length);
  svg.setAttribute("viewBox", `0 0 100 ${rows * 10}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "lines");
  svg.style.height = `calc(var(--row) * ${rows})`;
  const placeAfter = new Map(after.map(({ word }, place) => [word, place]));
  before.forEach(({ word }, place) => {
    if (!shared.has(word) || !placeAfter.has(word)) return;
    const [from, to] = [place * 10 + 5, placeAfter.get(word) * 10 + 5];
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", `M0 ${from}C50 ${from} 50 ${to} 100 ${to}`);
    path.setAttribute("vector-effect", "non-scaling-stroke");
    svg.append(path);
  });
  return svg;
}

function changeList(title, change, words, model) {
  if (!words.length) return "";
  return make("section", { class: change },
    make("h2", {}, `${change === "gained" ? "+" : "−"} ${title} in the second model`),
    make("ul", { class: "chips" }, words.map((word) => make("li", {},
      make("a", { class: "suggestion", href: address({ q: asQuery(word) }), title: shown(model) }, wordNode(word))))));
}

function alone() {
  return {
    title: "", said: "",
    nodes: [make("section", { class: "problem" },
      make("h1", { tabindex: "-1" }, "One model cannot be compared"),
      make("p", { class: "lead" }, "Start the server with two models to see what each says of a word:"),
      make("pre", { tabindex: "0", "aria-label": "Command" }, "wordvec serve before.wv after.wv"))],
  };
}
