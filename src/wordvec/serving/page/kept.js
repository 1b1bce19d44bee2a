// Kept words: a list of the user's own, which stays in this browser.

import { icon, make, say, shown } from "./text.js";

const KEY = "wordvec-kept";
const MAX_KEPT = 5000;
const listeners = new Set();
let kept = read();

// What is stored may be of another version, or damaged: what is not an entry is left out.
function read() {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return stored.filter((entry) => typeof entry?.word === "string").map(({ word, model, asked, similarity }) => ({
      word, model: String(model ?? ""), asked: String(asked ?? ""),
      similarity: typeof similarity === "number" ? similarity : null,
    }));
  } catch {
    return [];
  }
}

function store(next) {
  kept = next.slice(-MAX_KEPT);
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    say("This browser stores nothing more: the list is lost when the page is closed.");
  }
  listeners.forEach((listener) => listener());
}

export const keptWords = () => kept;
const isKept = (word, model) => kept.some((entry) => entry.word === word && entry.model === model);
export const setKept = (entries) => store(entries);

// Call a function whenever the list changes, here or in another tab, until the signal ends it.
export function onKept(listener, signal = null) {
  listeners.add(listener);
  signal?.addEventListener("abort", () => listeners.delete(listener));
}

export function keep(entry) {
  if (!isKept(entry.word, entry.model)) store([...kept, entry]);
}

export function drop(word, model) {
  store(kept.filter((entry) => entry.word !== word || entry.model !== model));
}

addEventListener("storage", (event) => {
  if (event.key !== KEY && event.key !== null) return;
  kept = read();
  listeners.forEach((listener) => listener());
});

// A star that keeps a word, or drops it again.
export function keepButton(entry, signal, text = "") {
  const button = make("button", { type: "button", class: text ? "star wide" : "star" }, icon("star"));
  const label = make("span", { class: text ? "" : "hidden" });
  button.append(label);
  const show = () => {
    const on = isKept(entry.word, entry.model);
    button.setAttribute("aria-pressed", String(on));
    label.textContent = text && on ? "Kept" : text || `Keep ${shown(entry.word)}`;
    button.title = on ? "Take it off your list" : "Keep it in your list";
  };
  button.addEventListener("click", () => {
    const on = isKept(entry.word, entry.model);
    if (on) drop(entry.word, entry.model);
    else keep(entry);
    say(`${shown(entry.word)} ${on ? "is off your list" : "is in your list"}`);
  });
  onKept(show, signal);
  show();
  return button;
}
