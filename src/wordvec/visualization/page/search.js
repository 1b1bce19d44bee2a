// Search: finds words as one types; Enter or a click goes to one.

const MAX_FOUND = 12;
const query = element("query");
const found = element("found");
const folded = words.map((word) => word.toLocaleLowerCase());
let foundIds = [];
let active = 0; // place in foundIds

// Words that are what was typed, then those that begin with it, then those that have it inside; frequent ones first.
function wordsLike(text) {
  const wanted = text.toLocaleLowerCase();
  const ranked = [[], [], [], []];
  for (let id = 0; id < words.length; id++) {
    const place = folded[id].indexOf(wanted);
    if (place < 0) continue;
    if (words[id] === text) ranked[0].push(id);
    else if (folded[id] === wanted) ranked[1].push(id);
    else ranked[place === 0 ? 2 : 3].push(id);
  }
  return ranked.flat().slice(0, MAX_FOUND);
}

function showFound() {
  const text = query.value.trim();
  foundIds = text ? wordsLike(text) : [];
  active = 0;
  const items = foundIds.map((id, place) => {
    const item = node("li", shown(words[id], 60));
    item.id = `found-${place}`;
    item.setAttribute("role", "option");
    item.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus until the click
    item.addEventListener("click", () => goTo(place));
    return item;
  });
  if (text && !items.length) items.push(node("li", "no such word on this map", "nothing"));
  found.replaceChildren(...items);
  found.hidden = !items.length;
  query.setAttribute("aria-expanded", String(!found.hidden));
  markActive();
}

function markActive() {
  [...found.children].forEach((item, place) => {
    item.setAttribute("aria-selected", String(foundIds.length > 0 && place === active));
    if (foundIds.length && place === active) item.scrollIntoView({ block: "nearest" });
  });
  if (foundIds.length) query.setAttribute("aria-activedescendant", `found-${active}`);
  else query.removeAttribute("aria-activedescendant");
}

function closeSearch() {
  found.hidden = true;
  query.setAttribute("aria-expanded", "false");
  query.removeAttribute("aria-activedescendant");
}

function goTo(place) {
  if (!foundIds.length) return;
  choose(foundIds[place], true);
  closeSearch();
  query.select();
}

query.addEventListener("input", showFound);
query.addEventListener("focus", showFound);
query.addEventListener("blur", closeSearch);
element("search").addEventListener("submit", (event) => {
  event.preventDefault();
  if (found.hidden) showFound();
  goTo(active);
});
query.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && foundIds.length) {
    event.preventDefault();
    active = (active + step + foundIds.length) % foundIds.length;
    markActive();
  } else if (event.key === "Escape") {
    query.value = "";
    closeSearch();
    query.blur();
  }
});
