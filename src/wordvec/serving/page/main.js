// Main: shows what the address asks, and asks again when it changes.

import { VIEWS, address, go, onArrival, state } from "./address.js";
import { analogyView } from "./analogy_view.js";
import { compareView } from "./compare_view.js";
import { complete } from "./completion.js";
import { asQuery, asTerm, phraseAt, wordAt } from "./expressions.js";
import { keptWords, onKept } from "./kept.js";
import { listView } from "./list_view.js";
import { mapView } from "./map_view.js";
import { isUnknownModel, loadModels, showModels } from "./models.js";
import { neighborsView } from "./neighbors_view.js";
import { oddView } from "./odd_view.js";
import { problemView } from "./problems.js";
import { sentencesView } from "./sentences_view.js";
import { make, say } from "./text.js";

const VIEW_OF = {
  neighbors: neighborsView, analogy: analogyView, odd: oddView, compare: compareView, map: mapView,
  sentences: sentencesView, list: listView,
};
const FOR_QUERIES = ["neighbors", "compare", "map", "sentences"]; // views that the search box asks; others go to neighbors
const NOT_READY = 3000; // milliseconds until a server that is still preparing is asked again
const SLOW = 200; // milliseconds until waiting is shown

const stage = document.getElementById("stage");
const query = document.getElementById("query");
let waiting = new AbortController(); // for what is shown now; aborted when something else is asked
let hasModels = false;

async function show({ y = null, isBack = false, isLink = false } = {}) {
  waiting.abort();
  waiting = new AbortController();
  const { signal } = waiting;
  const hadFocus = stage.contains(document.activeElement) && document.activeElement !== stage;
  const slow = setTimeout(() => stage.setAttribute("aria-busy", "true"), SLOW);
  query.value = state.q;
  box.close();
  showViews();
  const retry = () => show();
  let page;
  try {
    if (!hasModels) {
      await loadModels(signal);
      hasModels = true;
    }
    if (isUnknownModel()) await loadModels(signal); // it may have come since
    if (signal.aborted) return;
    showModels(document.getElementById("models"));
    page = await VIEW_OF[state.view](signal, retry);
  } catch (problem) {
    if (signal.aborted) return;
    if (problem.code === undefined) console.error(problem); // a mistake of this page
    page = { nodes: [problemView(problem, { query: state.q, retry })], title: "", said: problem.message };
    if (problem.code === "not_ready") setTimeout(() => signal.aborted || show(), NOT_READY);
  } finally {
    clearTimeout(slow);
  }
  if (signal.aborted) return;
  stage.removeAttribute("aria-busy");
  stage.dataset.view = state.view;
  stage.replaceChildren(...page.nodes);
  document.title = [page.title, page.title || state.view !== "neighbors" ? VIEWS[state.view] : "", "wordvec"]
    .filter((part, place, all) => part && part !== all[place - 1]).join(" · ");
  if (page.said) say(page.said);
  page.shown?.();
  // Who followed a link hears and sees the new answer first; who types goes on typing.
  if (hadFocus || (isLink && document.activeElement === document.body)) {
    (stage.querySelector(page.focus ?? "h1") ?? stage.querySelector("h1"))?.focus({ preventScroll: true });
  }
  if (y !== null && Math.abs(scrollY - y) > 1) scrollTo({ top: y, behavior: isBack ? "instant" : "auto" });
}

function showViews() {
  const number = keptWords().length;
  document.getElementById("views").replaceChildren(...Object.entries(VIEWS).map(([view, name]) => make("a", {
    href: address({ view }), "aria-current": view === state.view ? "page" : null,
  }, name, view === "list" && number ? make("span", { class: "count" }, String(number)) : null)));
  document.getElementById("home").setAttribute("href", address({ view: "neighbors", q: "", show: "" }));
}

function ask(text) {
  const view = FOR_QUERIES.includes(state.view) ? state.view : "neighbors";
  go({ view, q: text.trim() });
}

const box = complete(query, {
  label: "Words of the model",
  part: (text, caret) => [phraseAt(text, caret), wordAt(text, caret)],
  write: (word, isAlone) => (isAlone ? asQuery(word) : asTerm(word)),
  chosen: (text, isAlone) => { if (isAlone) ask(text); },
});

document.getElementById("search").addEventListener("submit", (event) => {
  event.preventDefault();
  box.close();
  ask(query.value);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const isTyping = event.target.matches?.("input:not([type='range']), textarea, select");
  if (event.key === "/" && !isTyping) {
    event.preventDefault();
    query.focus();
    query.select();
  } else if (event.key === "Escape" && event.target === query) {
    query.value = state.q;
    query.blur();
  }
});

onArrival(show);
onKept(showViews);
show();
