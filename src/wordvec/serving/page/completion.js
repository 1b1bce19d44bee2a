// Completion: words of the model as one types, by the combobox pattern of ARIA. Stale answers are dropped.

import { get } from "./api.js";
import { state } from "./address.js";
import { counted, make, say, wordNode } from "./text.js";

const WAIT = 30; // milliseconds after the last key
const MAX_OPTIONS = 8;
let number = 0; // of lists on this page, for their ids

// Complete words in an input. `part` finds what to complete in (text, caret): a list of {start, end, prefix}, the first
// that has an answer; `write` is how a word is written into the text; `chosen` is called with the whole text.
export function complete(input, { part, write, chosen, label }) {
  const id = `words-${++number}`;
  const list = make("ul", { id, class: "options", role: "listbox", "aria-label": label, hidden: true });
  let options = [];
  let active = -1;
  let timer = 0;
  let pending = null; // AbortController of the question that is on its way

  for (const [name, value] of Object.entries({
    role: "combobox", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list", autocomplete: "off",
  })) input.setAttribute(name, value);
  input.after(list);

  function close() {
    clearTimeout(timer);
    pending?.abort();
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(place) {
    active = place;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === place)));
    if (place < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", `${id}-${place}`);
      list.children[place].scrollIntoView({ block: "nearest" });
    }
  }

  function choose({ word, place }) {
    const before = input.value.slice(0, place.start);
    const after = input.value.slice(place.end);
    const isAlone = !before.trim() && !after.trim();
    const written = write(word, isAlone);
    input.value = before + written + after;
    const caret = before.length + written.length;
    input.setSelectionRange(caret, caret);
    close();
    chosen(input.value, isAlone);
  }

  function show(found, total, isNear) {
    options = found;
    list.replaceChildren(...found.map((option, at) => {
      const aside = isNear ? "similar spelling" : option.count ? `${counted(option.count)} ×` : null;
      return make("li", {
        id: `${id}-${at}`, role: "option", "aria-selected": "false",
        mousedown: (event) => event.preventDefault(), // the input keeps the focus until the click
        click: () => choose(option),
      }, wordNode(option.word), aside && make("span", { class: "aside" }, aside));
    }));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    active = -1;
    if (found.length) say(`${found.length} of ${counted(total)} words; arrow keys choose`);
  }

  async function look() {
    const text = input.value;
    pending?.abort();
    pending = new AbortController();
    const { signal } = pending;
    const places = part(text, input.selectionStart ?? text.length).filter((place) => place?.prefix.trim());
    try {
      for (const place of places) {
        const query = { prefix: place.prefix, k: MAX_OPTIONS, model: state.model };
        const answer = await get("v1/vocabulary", query, signal);
        if (signal.aborted) return;
        if (!answer.words.length) continue;
        const isWhole = answer.total === 1 && answer.words[0].word === place.prefix;
        show(isWhole ? [] : answer.words.map((word) => ({ ...word, place })), answer.total, false);
        return;
      }
      const place = places.at(-1);
      const isLong = place && [...place.prefix].length > 2; // two letters are near to everything
      const near = isLong ? await get("v1/vocabulary", { near: place.prefix, k: 4, model: state.model }, signal) : null;
      if (!signal.aborted) show((near?.words ?? []).map((word) => ({ ...word, place })), near?.words.length ?? 0, true);
    } catch {
      if (!signal.aborted) close(); // the answer to the question itself will say what is wrong
    }
  }

  input.addEventListener("input", (event) => {
    if (event.isComposing) return;
    clearTimeout(timer);
    pending?.abort();
    timer = setTimeout(look, WAIT);
  });
  input.addEventListener("compositionend", () => { timer = setTimeout(look, WAIT); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && list.hidden && input.value.trim()) {
      event.preventDefault();
      look();
    } else if (step && options.length) {
      event.preventDefault();
      const places = options.length + 1; // one of them is the text as it was typed
      mark(((active + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      event.stopPropagation();
      choose(options[active]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Tab" || event.key === "Enter") close();
  });
  return { close };
}

// An input for a single word: the whole text is completed.
export function wordInput({ name, label, value, placeholder, chosen }) {
  const input = make("input", {
    id: `input-${name}`, type: "text", value, placeholder, dir: "auto", spellcheck: "false", autocapitalize: "none",
    maxlength: "1000", "aria-label": label,
  });
  const box = make("span", { class: "combobox" }, input);
  complete(input, {
    label: `Words for ${label}`, write: (word) => word, chosen,
    part: (text) => [{ start: 0, end: text.length, prefix: text }],
  });
  return { box, input };
}
