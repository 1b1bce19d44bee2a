// Start: what is chosen at the moment, and one picture of it for each frame at most.

const state = { chosen: null, hovered: null, labels: "frequent", listed: [], scheme: "group" };
const stage = element("map");
let isDue = false;

function redraw() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    drawPoints(state.chosen !== null);
    drawInk(state);
    showTip(state.hovered);
    element("scale").textContent = `× ${plane.magnified().toFixed(plane.magnified() < 10 ? 1 : 0)}`;
  });
}

function choose(id, isFlight) {
  state.chosen = id;
  state.hovered = null;
  showChosen(id);
  if (id !== null && isFlight) plane.flyToWords([id, ...neighborsOf(id).map((near) => near.id)], true);
  redraw();
}

function hover(id) {
  if (id === state.hovered) return;
  state.hovered = id;
  inkCanvas.classList.toggle("on-word", id !== null);
  redraw();
}

function recolor() {
  readColors(state.scheme);
  showLegend(state.scheme);
  redraw();
}

function resize() {
  const { width, height } = stage.getBoundingClientRect();
  if (!width || !height) return;
  const density = window.devicePixelRatio || 1;
  for (const canvas of [pointsCanvas, inkCanvas]) {
    canvas.width = Math.round(width * density);
    canvas.height = Math.round(height * density);
  }
  plane.resize(width, height);
}

document.title = shown(data.title);
element("title").textContent = shown(data.title);
element("caption").textContent = data.caption;
element("list").value = data.listed.join("\n");
element("color").addEventListener("change", (event) => {
  state.scheme = event.target.value;
  recolor();
});
element("labels").addEventListener("change", (event) => {
  state.labels = event.target.value;
  redraw();
});
element("list").addEventListener("input", () => {
  state.listed = readList();
  redraw();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolor);
state.listed = readList();
readColors(state.scheme);
showLegend(state.scheme);
new ResizeObserver(resize).observe(stage);
resize();

const moves = movesOf(plane);
for (const name of Object.keys(moves)) element(name).addEventListener("click", moves[name]);
element("clear").addEventListener("click", () => choose(null, false));
followPointers(inkCanvas, plane, { hover, choose: (id) => choose(id, false) });

const MAP_KEYS = keysOf(plane);
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, textarea, select");
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") choose(null, false);
  else if (event.key === "/" && !isTyping) {
    event.preventDefault();
    query.focus();
    query.select();
  } else if (!isTyping && Object.hasOwn(MAP_KEYS, event.key)) {
    event.preventDefault();
    MAP_KEYS[event.key]();
  }
});
