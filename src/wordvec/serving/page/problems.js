// Problems: what a reader sees where there is no answer, and what to do next.

import { address } from "./address.js";
import { asQuery, asTerm } from "./expressions.js";
import { make, textNode, wordNode } from "./text.js";

// Where an expression went wrong: the text with a mark below one of its characters, counted as the server counts.
function pointed(query, column) {
  const letters = Array.from(query);
  const rest = letters.slice(column).join("");
  return make("p", { class: "pointed" },
    textNode(letters.slice(0, column).join("")), make("mark", {}, rest ? textNode(rest) : "⎵"));
}

// The query with its unknown word replaced.
function replaced(query, got, word) {
  if (!got || query.trim() === got || !query.includes(got)) return asQuery(word);
  const quoted = `"${got}"`;
  return query.replace(query.includes(quoted) ? quoted : got, () => asTerm(word));
}

function unknownWord(problem, query, changesFor) {
  const got = typeof problem.got === "string" ? problem.got : query;
  const near = problem.near.map((word) => make("li", {}, make("a", {
    href: address(changesFor ? changesFor(word, problem) : { q: replaced(query, got, word) }), class: "suggestion",
  }, wordNode(word))));
  return [
    make("h1", { tabindex: "-1" }, "No such word"),
    make("p", { class: "lead" }, "This model does not know ", wordNode(got), "."),
    ...(near.length
      ? [make("h2", { id: "near" }, "Similar spellings"), make("ul", { class: "chips", "aria-labelledby": "near" }, near)]
      : [make("p", { class: "quiet" }, "No word of the model is spelled in a similar way.")]),
  ];
}

// The server takes the token once, gives a cookie that scripts cannot read, and leads back to this address without it.
function askForToken() {
  const input = make("input", { id: "token", type: "password", autocomplete: "off", required: true });
  const form = make("form", {
    class: "row",
    submit: (event) => {
      event.preventDefault();
      const query = new URLSearchParams(location.search);
      query.set("token", input.value);
      location.replace(`?${query}`);
    },
  }, make("label", { for: "token" }, "Token"), input, make("button", { type: "submit", class: "primary" }, "Open"));
  return [
    make("h1", { tabindex: "-1" }, "A token is needed"),
    make("p", { class: "lead" }, "This server answers only those who have its token: the one that it was started with."),
    form,
  ];
}

// Messages begin in lower case, as those of the command line do.
const asSentence = (message) => `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? "" : "."}`;

const HEADINGS = {
  unreachable: "The server is gone", not_ready: "Not ready yet", unknown_model: "No such model", busy: "The server is busy",
};

// All that is shown instead of an answer. `retry` asks again; `changesFor(word, problem)` is where a spelling leads.
export function problemView(problem, { query = "", retry, changesFor = null }) {
  const box = make("section", { class: `problem ${problem.code === "unreachable" ? "gone" : ""}` });
  if (problem.status === 401) box.append(...askForToken());
  else if (problem.code === "unknown_word") box.append(...unknownWord(problem, query, changesFor));
  else {
    const again = problem.status === 0 || problem.status >= 500 || problem.status === 429;
    box.append(
      make("h1", { tabindex: "-1" }, HEADINGS[problem.code] ?? (again ? "No answer" : "That could not be asked")),
      ...(Number.isInteger(problem.column) && query ? [pointed(query, problem.column)] : []),
      make("p", { class: "lead" }, textNode(asSentence(problem.message))),
    );
    if (problem.near.length && problem.code === "unknown_model") {
      box.append(make("ul", { class: "chips" }, problem.near.map((name) => make("li", {},
        make("a", { class: "suggestion", href: address({ model: name }) }, wordNode(name))))));
    }
    if (again) box.append(make("p", {}, make("button", { type: "button", class: "primary", click: retry }, "Try again")));
  }
  return box;
}
