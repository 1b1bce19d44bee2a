// List: the words that were kept, and how to take them along.

import { address, go, state } from "./address.js";
import { wordInput } from "./completion.js";
import { asCsv, asJson, asSynonyms, download, mutualNeighbors } from "./exports.js";
import { asQuery } from "./expressions.js";
import { drop, keep, keptWords, onKept, setKept } from "./kept.js";
import { allModels, modelName } from "./models.js";
import { choices, withArrows } from "./neighbor_rows.js";
import { cosine, icon, make, plural, say, shown, textNode, wordNode } from "./text.js";

const FORMATS = {
  csv: { label: "CSV", name: "words.csv", type: "text/csv" },
  json: { label: "JSON", name: "words.json", type: "application/json" },
  synonyms: { label: "Synonyms", name: "synonyms.txt", type: "text/plain" },
};
const PREVIEW_LINES = 12;
const SYNONYMS_K = 10; // neighbors of each word that may be mutual
const WAIT = 150; // milliseconds after the threshold has moved

export async function listView(signal) {
  const format = Object.hasOwn(FORMATS, state.format) ? state.format : "csv";
  const words = make("div");
  const file = make("div", { class: "file" });
  const undo = make("p", { class: "undo", hidden: true });
  const add = wordInput({ name: "keep", label: "Add a word to the list", value: "", placeholder: "add a word", chosen: added });
  let threshold = Number(state.threshold);

  function added(text) {
    add.input.value = "";
    if (text.trim()) keep({ word: text.trim(), model: modelName(), asked: "", similarity: null });
  }

  function remember(before, said) {
    undo.hidden = false;
    const button = make("button", { type: "button", click: () => { setKept(before); undo.hidden = true; } }, "Undo");
    undo.replaceChildren(said, " ", button);
    button.focus(); // the one that was pressed is gone
    say(said);
  }

  function showWords() {
    const kept = keptWords();
    const several = allModels().length > 1 || kept.some(({ model }) => model !== modelName());
    words.replaceChildren(kept.length
      ? withArrows(make("ol", { class: "neighbors kept", "aria-label": "Kept words" }, kept.map((entry) => keptRow(entry, several, remember))))
      : make("p", { class: "lead" }, "Nothing yet. The star beside a word keeps it here, in this browser."));
    if (kept.length > 1) {
      words.append(make("p", {}, make("button", { type: "button", class: "plain", click: () => {
        setKept([]);
        remember(kept, `${plural(kept.length, "word")} removed.`);
      } }, "Remove all")));
    }
  }

  let asked = null; // the question for synonyms that is on its way
  async function showFile() {
    asked?.abort();
    asked = new AbortController();
    const own = asked.signal;
    signal.addEventListener("abort", () => asked.abort());
    const kept = keptWords();
    if (!kept.length) {
      file.replaceChildren();
      return;
    }
    if (format !== "synonyms") {
      showText(format === "csv" ? asCsv(kept) : asJson(kept));
      return;
    }
    file.setAttribute("aria-busy", "true");
    try {
      const options = { k: SYNONYMS_K, threshold, model: modelName() };
      const unique = [...new Set(kept.map(({ word }) => word))];
      const found = await mutualNeighbors(unique, { ...options, signal: own });
      if (own.aborted) return;
      const left = found.unknown.length ? `Unknown to this model: ${found.unknown.map((word) => shown(word, 40)).join(", ")}.` : "";
      if (found.pairs.size) showText(asSynonyms(found, options), left);
      else file.replaceChildren(make("p", { class: "quiet" }, `No mutual neighbors are this similar. ${left}`));
    } catch (problem) {
      if (!own.aborted) file.replaceChildren(make("p", { role: "alert" }, textNode(problem.message)));
    }
    file.removeAttribute("aria-busy");
  }

  function showText(text, remark = "") {
    const { name, type, label } = FORMATS[format];
    const lines = text.split(/\r?\n/);
    const rest = lines.length - 1 - PREVIEW_LINES;
    const preview = make("pre", { id: "preview", tabindex: "0", role: "region", "aria-label": `${label}, the beginning` });
    lines.slice(0, PREVIEW_LINES).forEach((line) => preview.append(textNode(line), "\n"));
    if (rest > 0) preview.append(`… and ${plural(rest, "line")} more`);
    const copy = make("button", { type: "button", click: async () => {
      try {
        await navigator.clipboard.writeText(text);
        say("Copied");
        copy.textContent = "Copied";
      } catch {
        say("This browser does not allow it: download the file instead");
        copy.textContent = "Not allowed";
      }
      setTimeout(() => { copy.textContent = "Copy"; }, 2000);
    } }, "Copy");
    file.replaceChildren(preview, remark && make("p", { class: "quiet" }, remark), make("p", { class: "row" },
      make("button", { type: "button", id: "download", class: "primary", click: () => download(text, name, type) }, `Download ${name}`), copy));
  }

  function thresholdControl() {
    const shownValue = make("output", { for: "threshold" }, threshold.toFixed(2));
    let timer = 0;
    const slider = make("input", {
      id: "threshold", type: "range", min: "0", max: "1", step: "0.01", value: String(threshold),
      input: () => {
        threshold = Number(slider.value);
        shownValue.textContent = threshold.toFixed(2);
        clearTimeout(timer);
        timer = setTimeout(() => {
          go({ threshold: String(threshold) }, { quiet: true, replace: true });
          showFile();
        }, WAIT);
      },
    });
    return make("div", { class: "threshold" },
      make("label", { for: "threshold" }, "Similarity of at least"), slider, shownValue,
      make("p", { class: "quiet" }, "Only mutual neighbors: each of two words is among the ten nearest of the other. ",
        "Solr and Elasticsearch read this file."));
  }

  onKept(() => { showWords(); showFile(); }, signal);
  return {
    title: "List", said: plural(keptWords().length, "word"),
    shown: () => { showWords(); showFile(); },
    nodes: [
      make("div", { class: "columns even" },
        make("section", {}, make("h1", { tabindex: "-1" }, "Your list"),
          make("form", { class: "row", submit: (event) => { event.preventDefault(); added(add.input.value); } }, add.box,
            make("button", { type: "submit" }, "Add")),
          undo, words),
        make("section", { class: "card", "aria-labelledby": "take" },
          make("h2", { id: "take" }, "Take it along"),
          choices("File format", Object.fromEntries(Object.entries(FORMATS).map(([key, { label }]) => [key, label])), format,
            (chosen) => ({ format: chosen })),
          format === "synonyms" ? thresholdControl() : "", file)),
    ],
  };
}

function keptRow(entry, several, remember) {
  const { word, model, asked, similarity } = entry;
  const origin = [];
  if (asked) origin.push("near ", textNode(shown(asked, 60)), similarity === null ? "" : ` · ${cosine(similarity)}`);
  if (several && model) origin.push(origin.length ? " · " : "", make("bdi", { dir: "auto" }, shown(model, 40)));
  return make("li", {}, make("div", { class: "line" },
    make("a", { class: "ask-word", href: address({ view: "neighbors", q: asQuery(word) }) }, wordNode(word)),
    make("span", { class: "origin" }, origin),
    make("span", { class: "acts" }, make("button", {
      type: "button", class: "remove", click: () => {
        const before = keptWords();
        drop(word, model);
        remember(before, `${shown(word)} removed.`);
      },
    }, icon("cross"), make("span", { class: "hidden" }, `Remove ${shown(word)}`)))));
}
