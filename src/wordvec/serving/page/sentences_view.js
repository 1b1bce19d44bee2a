// Sentences: where the text has a word, or two words together.

import { get } from "./api.js";
import { address, go, state } from "./address.js";
import { wordInput } from "./completion.js";
import { asQuery, asWord } from "./expressions.js";
import { modelAsked } from "./models.js";
import { choices, numberSelect } from "./neighbor_rows.js";
import { alignedItem, sentenceItem } from "./sentence_items.js";
import { counted, icon, make, plural, shown, wordNode } from "./text.js";

export async function sentencesView(signal) {
  if (modelAsked() && !modelAsked().sentences) return withoutText();
  if (!state.q.trim()) {
    return {
      title: "", said: "",
      nodes: [make("h1", { tabindex: "-1" }, "Sentences"),
        make("p", { class: "lead" }, "Type a word to see where the text has it.")],
    };
  }
  const word = asWord(state.q);
  const other = state.with.trim();
  const [offset, k] = [Number(state.offset), Number(state.k)];
  const found = await get("v1/sentences", { word, other, k, offset: offset || "", model: state.model }, signal);
  const isAligned = state.show === "aligned";
  const item = isAligned ? alignedItem : sentenceItem;
  const total = plural(found.total, "sentence");
  const both = other ? [" ", make("span", { class: "sign" }, "+"), " ", wordNode(other)] : [];
  return {
    title: other ? `${shown(word)} + ${shown(other)}` : shown(word),
    said: other ? `${total} with ${shown(word)} and ${shown(other)}` : `${total} with ${shown(word)}`,
    nodes: [
      make("div", { class: "heading" },
        make("h1", { tabindex: "-1", class: other ? "expression" : null }, wordNode(word), both),
        make("a", { class: "button", href: address({ view: "neighbors", q: asQuery(word) }) }, "Neighbors")),
      make("div", { class: "toolbar" }, make("h2", { id: "found" }, total), withWord(other),
        choices("Shown as", { whole: "Whole", aligned: "Aligned" }, isAligned ? "aligned" : "whole",
          (show) => ({ show: show === "whole" ? "" : show })), numberSelect()),
      found.sentences.length
        ? make("ul", { class: `sentences ${isAligned ? "concordance" : ""}`, "aria-labelledby": "found" }, found.sentences.map((sentence) => item(sentence)))
        : make("p", { class: "lead" }, other ? "No sentence has both." : "No sentence has it."),
      pager(offset, k, found.total),
    ],
  };
}

function withWord(other) {
  const input = wordInput({
    name: "with", label: "Together with", value: other, placeholder: "together with …",
    chosen: (text) => go({ with: text.trim(), offset: "0" }),
  });
  return make("form", { class: "row with", submit: (event) => {
    event.preventDefault();
    go({ with: input.input.value.trim(), offset: "0" });
  } }, input.box, other ? make("a", { class: "icon-link", href: address({ with: "", offset: "0" }) }, icon("cross"),
    make("span", { class: "hidden" }, "Without the second word")) : "");
}

function pager(offset, k, total) {
  if (total <= k && !offset) return "";
  const last = Math.min(offset + k, total);
  const earlier = Math.max(offset - k, 0);
  return make("nav", { class: "pager", "aria-label": "Pages" },
    offset ? make("a", { class: "button", rel: "prev", href: address({ offset: String(earlier) }) }, "Previous") : make("span"),
    make("span", { class: "quiet" }, `${counted(Math.min(offset + 1, total))} to ${counted(last)} of ${counted(total)}`),
    last < total ? make("a", { class: "button", rel: "next", href: address({ offset: String(offset + k) }) }, "Next") : make("span"));
}

function withoutText() {
  return {
    title: "", said: "",
    nodes: [make("section", { class: "problem" },
      make("h1", { tabindex: "-1" }, "No text"),
      make("p", { class: "lead" }, "This server was started without the text that the model was trained on. Name it to see sentences:"),
      make("pre", { tabindex: "0", "aria-label": "Command" }, "wordvec serve model.wv --corpus text.txt"))],
  };
}
