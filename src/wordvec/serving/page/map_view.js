// Map view: words on a plane, drawn ahead or on demand; it moves to what was asked.

import { get, post } from "./api.js";
import { address, go, state } from "./address.js";
import { asQuery, termsText } from "./expressions.js";
import { makeMap } from "./map_canvas.js";
import { modelAsked, modelName } from "./models.js";
import { withArrows } from "./neighbor_rows.js";
import { problemView } from "./problems.js";
import { cosine, counted, make, plural, say, shown, wordNode } from "./text.js";

const MAX_WORDS = 20_000;
const LOOK_AGAIN = 700; // milliseconds
const NEAR = 15; // neighbors that are shown
const MIN_WORDS = 3;
const METHODS = { tsne: "t\u2011SNE", umap: "UMAP", pca: "PCA" };
const loaded = new Map(); // maps by the model's name: going to another word does not load it again
const seen = new Map(); // by the model's name, which part was on the screen: the next flight begins there

export async function mapView(signal, retry) {
  const name = modelName();
  const holder = make("div", { class: "map-view" });
  const first = loaded.get(name) ?? await get("v1/map", { model: state.model }, signal);
  const question = state.q.trim() ? ask(signal) : null;
  const asked = question && await question;
  const text = asked?.terms ? termsText(asked.terms, shown) : "";
  return {
    title: text, nodes: [make("h1", { tabindex: "-1", class: "hidden" }, "Map"), holder], said: "",
    shown: () => follow(holder, first, { name, asked, signal, retry }),
  };
}

// What was asked, with its neighbors; a word that the model does not know is a problem beside the map.
async function ask(signal) {
  try {
    return await get("v1/expression", { q: state.q, k: NEAR, model: state.model }, signal);
  } catch (problem) {
    if (signal.aborted || problem.status === 0) throw problem;
    return { problem };
  }
}

async function follow(holder, answer, options) {
  const { name, signal, retry } = options;
  if (answer.state === "ready") {
    loaded.set(name, answer);
    showMap(holder, answer, options);
  } else if (answer.state === "drawing") {
    showProgress(holder, answer);
    setTimeout(async () => {
      if (signal.aborted) return;
      try {
        const next = await get("v1/map", { model: state.model }, signal);
        if (next.state === "ready") say("The map is drawn");
        follow(holder, next, options);
      } catch (problem) {
        if (!signal.aborted) holder.replaceChildren(problemView(problem, { retry }));
      }
    }, LOOK_AGAIN);
  } else offer(holder, answer, options);
}

function showProgress(holder, { progress, message }) {
  const share = Math.min(Math.max(progress ?? 0, 0), 1);
  let bar = holder.querySelector("progress");
  if (!bar) {
    bar = make("progress", { max: "1", "aria-label": "Drawing the map" });
    holder.replaceChildren(make("section", { class: "problem" }, make("h2", { class: "title grand" }, "Drawing the map"), bar,
      make("p", { class: "quiet", id: "progress-text" })));
  }
  bar.value = share;
  holder.querySelector("#progress-text").textContent = message ? shown(message, 400) : `${Math.round(100 * share)}%`;
}

function offer(holder, answer, options) {
  const size = modelAsked()?.words ?? MAX_WORDS;
  const sizes = [...new Set([1000, 5000, 10_000, MAX_WORDS].map((number) => Math.min(number, size)))];
  const select = make("select", { id: "map-words" }, sizes.map((number) => make("option", {
    value: number, selected: number === Math.min(size, 10_000),
  }, counted(number))));
  const form = make("form", { class: "row", submit: async (event) => {
    event.preventDefault();
    showProgress(holder, { progress: 0, message: "" });
    try {
      await post("v1/map" + (state.model ? `?${new URLSearchParams({ model: state.model })}` : ""),
        { words: Number(select.value), method: "tsne" }, options.signal);
      follow(holder, { state: "drawing", progress: 0 }, options);
    } catch (problem) {
      if (!options.signal.aborted) holder.replaceChildren(problemView(problem, { retry: options.retry }));
    }
  } }, make("label", { for: "map-words" }, "Most frequent words"), select,
  make("button", { type: "submit", class: "primary" }, "Draw the map"));
  holder.replaceChildren(make("section", { class: "problem" }, make("h2", { class: "title grand" }, "There is no map yet"),
    answer.message ? make("p", { role: "alert" }, shown(answer.message, 400)) : "",
    make("p", { class: "lead" }, size < MIN_WORDS ? "A map needs more words than this model has."
      : "t-SNE lays words that are used alike close together on a plane. For some thousand words that takes a minute or two; the map stays until the server stops."),
    size < MIN_WORDS ? "" : form));
}

function showMap(holder, answer, { asked, signal, name }) {
  const begin = asked?.terms ? seen.get(name) : null;
  const map = makeMap(answer, { signal, begin, choose: (word) => go({ q: asQuery(word) }) });
  signal.addEventListener("abort", () => seen.set(name, map.seen()));
  const panel = make("aside", { class: "card", "aria-label": "On the map" });
  holder.replaceChildren(make("div", { class: "map-columns" }, map.box, panel));
  map.start();
  if (!asked) panel.append(...legend(answer));
  else if (asked.problem) panel.append(problemView(asked.problem, { query: state.q }), ...legend(answer));
  else {
    const terms = asked.terms.map(({ word }) => word);
    const near = asked.neighbors.map(({ word }) => word);
    map.show(terms, near);
    panel.append(...describe(asked, map), ...legend(answer));
    say(`The map shows ${termsText(asked.terms, shown)} and ${plural(near.length, "neighbor")}`);
  }
}

function describe({ terms, neighbors }, map) {
  const isMissing = terms.filter(({ word }) => map.idOf(word) === null);
  return [
    make("h2", { class: "title" }, terms.length === 1 ? wordNode(terms[0].word) : termsText(terms, shown)),
    isMissing.length ? make("p", { class: "quiet" }, isMissing.map(({ word }) => [wordNode(word), " "]),
      isMissing.length === 1 ? "is not on this map." : "are not on this map.") : "",
    withArrows(make("ol", { class: "neighbors small", "aria-label": "Neighbors in all dimensions" }, neighbors.map(({ word, similarity }) => {
      const isOn = map.idOf(word) !== null;
      return make("li", {
        pointerenter: () => map.hover(word), pointerleave: () => map.hover(null),
        focusin: () => map.hover(word), focusout: () => map.hover(null),
      }, make("div", { class: "line" },
        make("a", { class: `ask-word ${isOn ? "" : "off-map"}`, href: address({ q: asQuery(word) }) }, wordNode(word),
          isOn ? "" : make("span", { class: "hidden" }, " (not on this map)")),
        make("span", { class: "leader", "aria-hidden": "true" }), make("span", { class: "similarity" }, cosine(similarity, 2))));
    }))),
    make("p", { class: "elsewhere" }, make("a", { href: address({ view: "neighbors" }) }, "All neighbors"),
      make("a", { href: address({ q: "" }) }, "The whole map")),
  ];
}

function legend({ words, group_names: names, method }) {
  const rows = (names ?? []).map((name, group) => {
    const dot = make("i");
    dot.style.background = `var(--group-${group % 12})`;
    return make("li", {}, dot, make("bdi", { dir: "auto" }, shown(name)));
  });
  return [
    make("details", { open: !state.q.trim() }, make("summary", {}, "Colors"), make("ul", { class: "legend" }, rows)),
    make("p", { class: "quiet" }, `${plural(words.length, "word")}${method ? `, placed by ${METHODS[method] ?? shown(method)}` : ""}. `,
      "Click a point to ask its word."),
  ];
}
