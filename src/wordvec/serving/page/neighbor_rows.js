// Neighbor rows: words with their similarities, as a list or as bars; each can be asked, kept, and seen in sentences.

import { get } from "./api.js";
import { address, go, state } from "./address.js";
import { asQuery } from "./expressions.js";
import { keepButton } from "./kept.js";
import { modelAsked, modelName } from "./models.js";
import { cosine, icon, make, plural, say, shown, wordNode } from "./text.js";
import { sentenceItem } from "./sentence_items.js";

const PREVIEW = 3; // sentences below a neighbor
let closeOpen = null; // closes the row of sentences that is open: one at a time, as the address says

// Choices that exclude each other, as links: each has an address.
export function choices(label, options, selected, changes) {
  return make("div", { class: "choices", role: "group", "aria-label": label },
    Object.entries(options).map(([value, text]) => make("a", {
      href: address(changes(value)), "aria-current": value === selected ? "true" : null,
    }, text)));
}

export function numberSelect() {
  const sizes = [...new Set([10, 25, 50, 100, Number(state.k)])].sort((a, b) => a - b);
  return make("label", { class: "how-many" }, make("span", {}, "Show "),
    make("select", { id: "k", change: (event) => go({ k: event.target.value }) },
      sizes.map((size) => make("option", { value: size, selected: String(size) === state.k }, String(size)))));
}

// Arrow keys go from one word of a list to the next.
export function withArrows(list) {
  list.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a.ask-word")];
    const at = links.indexOf(document.activeElement);
    const target = {
      ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1,
    }[event.key];
    if (at < 0 || target === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    links[Math.min(Math.max(target, 0), links.length - 1)].focus();
  });
  return list;
}

// Where the axis of bars begins: at 0, or below the lowest similarity.
export const lowest = (rows) => Math.min(0, ...rows.map(({ similarity }) => Math.floor(similarity * 10) / 10));

// The bar of a similarity on an axis from `low` to 1. Widths are set by script: the policy allows no style in markup.
export function bar(similarity, low) {
  const inner = make("i", { class: similarity < 0 ? "negative" : null });
  const zero = -low / (1 - low);
  const end = (Math.min(similarity, 1) - low) / (1 - low);
  inner.style.left = `${100 * Math.min(zero, end)}%`;
  inner.style.width = `${100 * Math.abs(end - zero)}%`;
  return make("span", { class: "bar", "aria-hidden": "true" }, inner);
}

export function axis(low) {
  const ticks = low < 0 ? [low, 0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1];
  return make("div", { class: "axis", "aria-hidden": "true" }, make("span", { class: "ticks" }, ticks.map((tick) => {
    const mark = make("span", {}, cosine(tick, tick === 0 || tick === 1 ? 0 : 2));
    mark.style.left = `${100 * ((tick - low) / (1 - low))}%`;
    return mark;
  })));
}

// The sentences in which a word and its neighbor both occur, in a row that opens below the neighbor.
function together(asked, word, signal) {
  const box = make("div", { class: "together", hidden: true });
  const button = make("button", { type: "button", class: "both", "aria-expanded": "false",
    title: "Sentences in which both occur" }, icon("quote"),
  make("span", { class: "hidden" }, `Sentences with ${shown(asked)} and ${shown(word)}`));

  async function open() {
    closeOpen = close;
    button.setAttribute("aria-expanded", "true");
    box.hidden = false;
    box.replaceChildren(make("p", { class: "quiet" }, "Looking …"));
    try {
      const query = { word: asked, other: word, k: PREVIEW, model: state.model };
      const found = await get("v1/sentences", query, signal);
      const all = address({ view: "sentences", q: asQuery(asked), with: word });
      const none = "No sentence of the text has both: they are near because of the company that each keeps.";
      box.replaceChildren(found.total
        ? make("ul", { class: "sentences" }, found.sentences.map((sentence) => sentenceItem(sentence)))
        : make("p", { class: "quiet" }, none));
      if (found.total > found.sentences.length) {
        box.append(make("p", {}, make("a", { href: all }, `All ${plural(found.total, "sentence")} with both`)));
      }
      say(found.total ? `${plural(found.total, "sentence")} with both` : none);
    } catch (problem) {
      if (!signal.aborted) box.replaceChildren(make("p", { class: "quiet" }, problem.message));
    }
  }

  function close() {
    button.setAttribute("aria-expanded", "false");
    box.hidden = true;
  }

  button.addEventListener("click", () => {
    const isOpen = !box.hidden;
    if (isOpen) close();
    else {
      closeOpen?.();
      open();
    }
    go({ with: isOpen ? "" : word }, { quiet: true });
  });
  if (state.view === "neighbors" && state.with === word) open();
  return { box, button };
}

// An ordered list of neighbors. `asked` is the word that they are neighbors of, null for several.
export function neighborRows(neighbors, { asked = null, from = "", isChart = false, signal, label = "Neighbors" }) {
  const hasSentences = Boolean(asked !== null && modelAsked()?.sentences);
  const low = lowest(neighbors);
  const list = make("ol", { class: `neighbors ${isChart ? "chart" : ""}`, "aria-label": label });
  neighbors.forEach(({ word, similarity }, place) => {
    const item = make("li");
    const both = hasSentences ? together(asked, word, signal) : null;
    item.append(make("div", { class: "line" },
      make("span", { class: "rank", "aria-hidden": "true" }, String(place + 1)),
      make("a", { class: "ask-word", href: address({ view: "neighbors", q: asQuery(word) }) }, wordNode(word)),
      isChart ? bar(similarity, low) : make("span", { class: "leader", "aria-hidden": "true" }),
      make("span", { class: "similarity" }, cosine(similarity)),
      make("span", { class: "acts" }, both?.button,
        keepButton({ word, model: modelName(), asked: from, similarity }, signal))));
    if (both) item.append(both.box);
    list.append(item);
  });
  return [withArrows(list), ...(isChart ? [axis(low)] : [])];
}
