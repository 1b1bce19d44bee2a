// Address: what is asked stands in the page's address, so that it can be sent, kept, and gone back to.

export const VIEWS = {
  neighbors: "Neighbors",
  analogy: "Analogy",
  odd: "Odd one out",
  compare: "Compare",
  map: "Map",
  sentences: "Sentences",
  list: "List",
};

// What each part is where the address does not say it.
const DEFAULTS = {
  view: "neighbors", q: "", model: "", other: "", k: "10", with: "", show: "", a: "", b: "", c: "", method: "add",
  offset: "0", format: "csv", threshold: "0.6",
};
const EVERYWHERE = ["q", "model", "other", "k"]; // what stays when one goes to another view
const OF_VIEW = {
  neighbors: ["show", "with"],
  analogy: ["a", "b", "c", "method"],
  odd: ["words"],
  compare: [],
  map: [],
  sentences: ["with", "show", "offset"],
  list: ["format", "threshold"],
};
const KEPT = ["analogy", "odd", "list"]; // views that are as one left them when one comes back
const left = {}; // by view: what it had

const listeners = [];
export let state = read();

function read() {
  const query = new URLSearchParams(location.search);
  const found = { words: query.getAll("word") };
  for (const [name, fallback] of Object.entries(DEFAULTS)) found[name] = query.get(name) ?? fallback;
  if (!Object.hasOwn(VIEWS, found.view)) found.view = DEFAULTS.view;
  const k = Number.parseInt(found.k, 10);
  found.k = String(Math.min(Math.max(Number.isNaN(k) ? 10 : k, 1), 1000));
  if (!(Number.parseInt(found.offset, 10) >= 0)) found.offset = "0";
  if (!(Number(found.threshold) >= 0 && Number(found.threshold) <= 1)) found.threshold = DEFAULTS.threshold;
  return found;
}

// The state after some changes: what belongs to another view goes, unless the view keeps it.
function changed(changes) {
  const view = changes.view ?? state.view;
  const names = [...EVERYWHERE, ...(view === state.view ? OF_VIEW[view] : [])];
  const base = { ...DEFAULTS, words: [], ...Object.fromEntries(names.map((name) => [name, state[name]])) };
  if (view !== state.view && KEPT.includes(view)) Object.assign(base, left[view]);
  if ("q" in changes && changes.q !== state.q) Object.assign(base, { with: "", offset: "0" });
  return { ...base, ...changes, view };
}

// The address of a state, as links have it.
export function address(changes) {
  const next = changed(changes);
  const query = new URLSearchParams();
  for (const name of ["view", ...EVERYWHERE, ...OF_VIEW[next.view]]) {
    if (name === "words") next.words.forEach((word) => query.append("word", word));
    else if (next[name] !== DEFAULTS[name]) query.append(name, next[name]);
  }
  return `?${query}`;
}

// Go to another state. `quiet`: the page already shows it; `replace`: Back leads past the state that was.
export function go(changes, { quiet = false, replace = false } = {}) {
  const target = address(changes);
  history.replaceState({ y: scrollY }, "");
  if (replace || target === (location.search || "?")) history.replaceState({ y: 0 }, "", target);
  else history.pushState({ y: 0 }, "", target);
  arrive({ quiet, y: quiet ? null : 0 });
}

function arrive(how) {
  state = read();
  left[state.view] = Object.fromEntries(OF_VIEW[state.view].map((name) => [name, state[name]]));
  if (!how.quiet) listeners.forEach((listener) => listener(how));
}

export const onArrival = (listener) => listeners.push(listener);

addEventListener("popstate", (event) => arrive({ y: event.state?.y ?? 0, isBack: true }));

// Links that stay on this page do not load it again.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='?']");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) {
    return;
  }
  event.preventDefault();
  const target = link.getAttribute("href");
  history.replaceState({ y: scrollY }, "");
  if (target === (location.search || "?")) history.replaceState({ y: 0 }, "", target);
  else history.pushState({ y: 0 }, "", target);
  arrive({ y: 0, isLink: true });
});
