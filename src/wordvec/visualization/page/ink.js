// Ink: what is drawn above the points: labels, the chosen word with lines to its neighbors, the word under the pointer.

const inkCanvas = element("ink");
const inkContext = inkCanvas.getContext("2d");
const MAX_LABEL_LETTERS = 32;
const labels = makeLabels(plane, inkContext, (id) => shown(words[id], MAX_LABEL_LETTERS));
labels.setFont("system-ui, sans-serif");

function drawInk(state) {
  const density = inkCanvas.width / view.width;
  const context = inkContext;
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, view.width, view.height);
  const neighbors = state.chosen === null ? [] : neighborsOf(state.chosen).map((neighbor) => neighbor.id);
  const chosen = state.chosen === null ? [] : [state.chosen, ...neighbors];

  context.strokeStyle = css(colors.faint);
  context.globalAlpha = 0.6;
  context.lineWidth = 1;
  context.beginPath();
  for (const neighbor of neighbors) {
    context.moveTo(across(state.chosen), down(state.chosen));
    context.lineTo(across(neighbor), down(neighbor));
  }
  context.stroke();
  context.globalAlpha = 1;

  const listed = state.labels === "none" ? [] : state.listed;
  for (const id of [...listed, ...neighbors.reverse()]) disc(id, radius() + 1.5, colors.list[shades[id]], colors.paper);
  if (state.chosen !== null) disc(state.chosen, radius() + 4, css(colors.mark), colors.paper);
  if (state.hovered !== null) ring(state.hovered);

  const first = [...new Set([...chosen, ...listed])];
  labels.draw(labels.place(first, state.labels === "frequent"), state.chosen !== null, {
    paper: css(colors.paper), ink: css(colors.ink), faint: css(colors.faint),
  });
}

function disc(id, size, fill, edge) {
  inkContext.beginPath();
  inkContext.arc(across(id), down(id), size, 0, 2 * Math.PI);
  inkContext.fillStyle = fill;
  inkContext.strokeStyle = css(edge);
  inkContext.lineWidth = 1;
  inkContext.fill();
  inkContext.stroke();
}

function ring(id) {
  inkContext.beginPath();
  inkContext.arc(across(id), down(id), radius() + 3, 0, 2 * Math.PI);
  inkContext.strokeStyle = css(colors.ink);
  inkContext.lineWidth = 2;
  inkContext.stroke();
}
