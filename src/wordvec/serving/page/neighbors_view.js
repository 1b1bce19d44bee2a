// Neighbors: the words nearest to a word or an expression, and what is known about the word.

import { get } from "./api.js";
import { address, state } from "./address.js";
import { analogyOf, asQuery, asWord, termParts, termsText } from "./expressions.js";
import { keepButton } from "./kept.js";
import { allModels, modelAsked, modelName } from "./models.js";
import { choices, neighborRows, numberSelect } from "./neighbor_rows.js";
import { sentenceItem } from "./sentence_items.js";
import { cosine, counted, make, ordinal, plural, shown, wordNode } from "./text.js";

const TRUSTED = 0.5; // agreement from which neighbors say more about the text than about chance
const EXAMPLES = 8;
const MAX_NGRAMS = 24;
const EXCERPT = 48; // letters before the word, in sentences beside the list

export async function neighborsView(signal) {
  if (!state.q.trim()) return welcome(signal);
  const { terms, neighbors } = await answerOf(state.q, signal);
  const word = terms.length === 1 && terms[0].weight > 0 ? terms[0].word : null;
  const text = termsText(terms, shown);
  const aside = make("aside", { class: "card", "aria-label": word === null ? "The expression" : "The word" });
  const nodes = [
    make("div", { class: "heading" }, heading(terms, word),
      word !== null && keepButton({ word, model: modelName(), asked: "", similarity: null }, signal, "Keep")),
    make("div", { class: "columns" },
      make("section", { "aria-labelledby": "nearest" },
        make("div", { class: "toolbar" }, make("h2", { id: "nearest" }, "Nearest words"),
          choices("Shown as", { list: "List", chart: "Chart" }, state.show || "list", (show) => ({ show: show === "list" ? "" : show })),
          numberSelect()),
        neighborRows(neighbors, { asked: word, from: text, isChart: state.show === "chart", signal })),
      aside),
  ];
  const nearest = neighbors.length ? `nearest ${shown(neighbors[0].word)}, ${cosine(neighbors[0].similarity)}` : "none";
  return {
    nodes, title: text, said: `${plural(neighbors.length, "neighbor")} of ${text}: ${nearest}`,
    shown: () => (word === null ? describeExpression(aside, terms) : describeWord(aside, word, signal)),
  };
}

// The server reads the query as an expression; a word of nothing but odd spaces is none, and asked by itself.
async function answerOf(query, signal) {
  const { k, model } = state;
  const word = asWord(query);
  if (word.trim()) return get("v1/expression", { q: query, k, model }, signal);
  const { neighbors } = await get("v1/neighbors", { word, k, model }, signal);
  return { terms: [{ word, weight: 1 }], neighbors };
}

function heading(terms, word) {
  if (word !== null) return make("h1", { tabindex: "-1" }, wordNode(word));
  return make("h1", { tabindex: "-1", class: "expression" }, termParts(terms).map((term, place) => [
    place ? " " : "", term.sign && [make("span", { class: "sign" }, term.sign), " "],
    term.factor && [make("span", { class: "factor" }, term.factor), " "],
    make("a", { href: address({ q: asQuery(term.word) }) }, wordNode(term.word))]));
}

function describeExpression(aside, terms) {
  const analogy = analogyOf(terms);
  const [a, b, c] = analogy ? [analogy.a, analogy.b, analogy.c].map((word) => wordNode(word)) : [];
  aside.replaceChildren(
    make("h2", {}, "Terms"),
    make("table", { class: "terms" },
      make("thead", { class: "hidden" }, make("tr", {}, make("th", {}, "Word"), make("th", {}, "Weight"))),
      make("tbody", {}, terms.map(({ word, weight }) => make("tr", {},
        make("td", {}, wordNode(word)), make("td", { class: "number" }, cosine(weight, Number.isInteger(weight) ? 0 : 2)))))),
    make("p", { class: "quiet" }, "The words of the expression are not among its neighbors."),
    analogy && make("p", {}, make("a", { href: address({ view: "analogy", ...analogy }) },
      "As an analogy: what is to ", c, " as ", b, " is to ", a, "?")) || "",
  );
}

// How far down the list of all words a word stands, on a logarithmic line.
function frequencyLine(rank, numWords) {
  const dot = make("i");
  dot.style.left = `${100 * (Math.log(rank) / Math.log(Math.max(numWords, 2)))}%`;
  return make("div", { class: "frequency", "aria-hidden": "true" }, make("div", { class: "rail" }, dot),
    make("div", { class: "ends" }, make("span", {}, "frequent"), make("span", {}, "rare")));
}

function fact(name, ...value) {
  return [make("dt", {}, name), make("dd", {}, value)];
}

function stabilityFact(stability) {
  if (typeof stability !== "number") return [];
  const share = Math.round(100 * stability);
  const advice = stability >= TRUSTED ? "its neighbors can be trusted" : "its neighbors may be chance";
  return fact("Stability", `${share}% `, make("span", { class: "quiet" }, `of its neighbors stay in another run: ${advice}`));
}

function describeWord(aside, word, signal) {
  const model = modelAsked();
  const facts = make("div", {}, make("p", { class: "quiet" }, "Looking …"));
  const examples = make("div");
  const elsewhere = [make("a", { href: address({ view: "map", q: asQuery(word) }) }, "Show it on the map")];
  if (allModels().length > 1) {
    elsewhere.push(make("a", { href: address({ view: "compare", q: asQuery(word) }) }, "Compare two models"));
  }
  aside.append(facts, examples, make("p", { class: "elsewhere" }, elsewhere));
  get("v1/word", { word, model: state.model }, signal).then(
    (about) => facts.replaceChildren(...factsOf(about, model)),
    (problem) => signal.aborted || facts.replaceChildren(make("p", { class: "quiet" }, problem.message)),
  );
  if (model?.sentences) addExamples(examples, word, signal);
}

async function addExamples(examples, word, signal) {
  let found;
  try {
    found = await get("v1/sentences", { word, k: 3, model: state.model }, signal);
  } catch (problem) {
    if (!signal.aborted) examples.replaceChildren(make("p", { class: "quiet" }, problem.message));
    return;
  }
  if (!found.total) return;
  examples.append(make("h2", {}, "In the text"),
    make("ul", { class: "sentences short" }, found.sentences.map((sentence) => sentenceItem(sentence, EXCERPT))),
    make("p", {}, make("a", { href: address({ view: "sentences", q: asQuery(word) }) }, found.total > found.sentences.length ? `All ${plural(found.total, "sentence")}` : "Open in Sentences")));
}

function factsOf(about, model) {
  if (!about.in_vocabulary) {
    return [
      make("p", {}, "The text has this word too rarely, or not at all. Its vector is made from its character n-grams."),
      ...ngramList(about.ngrams),
    ];
  }
  const seen = about.count === null || about.count === undefined ? [] : fact("Seen", plural(about.count, "time"));
  const often = about.occurrences_per_million;
  const share = often === null || often === undefined ? [] : fact("Per million words", often >= 10
    ? counted(Math.round(often)) : String(Number(often.toPrecision(2))));
  return [
    frequencyLine(about.rank, model?.words ?? about.rank),
    make("dl", { class: "facts" },
      fact("Rank", `${ordinal(about.rank)} `, make("span", { class: "quiet" }, `of ${counted(model?.words ?? about.rank)}`)),
      seen, share, stabilityFact(about.stability)),
    ...ngramList(about.ngrams),
  ];
}

function ngramList(ngrams) {
  if (!ngrams?.length) return [];
  const rest = ngrams.length - MAX_NGRAMS;
  return [make("details", {}, make("summary", {}, plural(ngrams.length, "character n-gram")),
    make("p", { class: "ngrams" }, ngrams.slice(0, MAX_NGRAMS).map((ngram) => make("span", {}, wordNode(ngram), " ")),
      rest > 0 && `and ${counted(rest)} more`))];
}

// What to ask first: words that are neither so frequent that they say little nor rare.
async function exampleWords(model, signal) {
  try {
    const { words } = await get("v1/vocabulary", { prefix: "", k: 1000, model: state.model }, signal);
    const telling = words.slice(Math.min(100, words.length >> 1)).map(({ word }) => word)
      .filter((word) => /^\p{L}{5,12}$/u.test(word));
    if (telling.length >= EXAMPLES) {
      return Array.from({ length: EXAMPLES }, (_, place) => telling[Math.floor((place * telling.length) / EXAMPLES)]);
    }
  } catch {
    if (signal.aborted) return [];
  }
  return (model.first_words ?? []).slice(0, EXAMPLES);
}

async function welcome(signal) {
  const model = modelAsked();
  const words = model ? await exampleWords(model, signal) : [];
  const chips = words.map((word) => make("li", {}, make("a", { class: "suggestion", href: address({ q: asQuery(word) }) }, wordNode(word))));
  const ways = [
    [{ view: "analogy" }, "Analogy", "What is to one word as another is to a third?"],
    [{ view: "odd" }, "Odd one out", "Which of several words does not belong?"],
    [{ view: "compare" }, "Compare", "What do two models say of a word, and what changed?"],
    [{ view: "map" }, "Map", "Where do words lie that are used alike?"],
    [{ view: "sentences" }, "Sentences", "Where does the text say so?"],
    [{ view: "list" }, "List", "What did you keep? Take it along as a table or as synonyms."],
  ];
  return {
    title: "", said: "",
    nodes: [make("section", { class: "welcome" },
      make("h1", { tabindex: "-1" }, "You shall know a word by the company it keeps"),
      make("p", { class: "cite" }, "J. R. Firth, 1957"),
      make("p", { class: "lead" }, "Words that stand in the same company have similar vectors. Type a word to see its ",
        "neighbors, or add and subtract words: ", make("code", {}, "king - man + woman"), "."),
      chips.length ? make("h2", { id: "begin" }, "Begin with") : "",
      chips.length ? make("ul", { class: "chips", "aria-labelledby": "begin" }, chips) : "",
      make("ul", { class: "ways" }, ways.map(([changes, name, question]) => make("li", {},
        make("a", { href: address(changes) }, name), make("span", {}, question)))))],
  };
}
