// Panel: the chosen word with its neighbors, what the colors mean, and which words are labeled.

const TIP_AWAY = 14; // pixels between a point and what is said of it

function node(tag, text, className = "") {
  const made = document.createElement(tag);
  made.textContent = text; // text and never markup, even if a word looks like it
  made.className = className;
  made.dir = "auto";
  return made;
}

function factsOf(id) {
  const rank = `number ${counted(id + 1)} of ${counted(words.length)}`;
  return data.counts ? `${rank}, seen ${counted(data.counts[id])} times` : rank;
}

function showChosen(id) {
  element("chosen").hidden = id === null;
  element("hint").hidden = id !== null;
  if (id === null) return;
  document.querySelector("aside").scrollTop = 0;
  element("word").textContent = shown(words[id]);
  element("word").dir = "auto";
  element("facts").textContent = factsOf(id);
  element("nearest").textContent = "Nearest words, and their cosines";
  element("neighbors").replaceChildren(...neighborsOf(id).map(({ id: neighbor, cosine }) => {
    const button = node("button", "");
    button.type = "button";
    button.dir = "ltr";
    button.append(node("span", shown(words[neighbor])), node("span", cosine.toFixed(2), "cosine"));
    button.addEventListener("click", () => choose(neighbor, true));
    button.addEventListener("pointerenter", () => hover(neighbor));
    button.addEventListener("pointerleave", () => hover(null));
    const item = document.createElement("li");
    item.append(button);
    return item;
  }));
}

function showTip(id) {
  const tip = element("tip");
  tip.hidden = id === null;
  if (id === null) return;
  tip.replaceChildren(node("div", shown(words[id])), node("div", factsOf(id), "faint"));
  const { width, height } = tip.getBoundingClientRect();
  const [x, y] = [across(id) + TIP_AWAY, down(id) + TIP_AWAY];
  const left = Math.max(Math.min(x, view.width - width), 0);
  const top = y + height > view.height ? y - height - 2 * TIP_AWAY : y;
  tip.style.transform = `translate(${left}px, ${Math.max(top, 0)}px)`;
}

function showLegend(scheme) {
  element("legend").replaceChildren(...(scheme === "group" ? legendOfGroups() : legendOfFrequencies()));
}

function legendOfGroups() {
  return data.groupNames.map((name, group) => {
    const row = node("div", "", "group");
    const dot = document.createElement("i");
    dot.style.background = colors.list[group];
    row.append(dot, node("span", shown(name)));
    return row;
  });
}

function legendOfFrequencies() {
  const scale = node("div", "", "scale");
  scale.style.background = `linear-gradient(to right, ${colors.list.filter((_, step) => step % 9 === 0).join()})`;
  const ends = node("div", "", "ends");
  const texts = data.counts ? [leastCount, mostCount].map((count) => `${counted(count)} ×`) : ["rare", "frequent"];
  ends.append(...texts.map((text) => node("span", text)));
  return [scale, ends];
}

// The words to label are those of the list that the map has; the others are named.
function readList() {
  const names = element("list").value.split("\n").map((line) => line.trim()).filter(Boolean);
  const unknown = names.filter((name) => !idOf.has(name));
  element("unknown").textContent = unknown.length ? `not on this map: ${shown(unknown.join(", "))}` : "";
  return [...new Set(names.filter((name) => idOf.has(name)).map((name) => idOf.get(name)))];
}
