// View: which part of the plane is on the screen, and how to move it. Lengths are CSS pixels.

const NEAREST = 400; // times as large as everything at once
const ROOM = 40; // around everything
const FLIGHT = 400; // milliseconds
const APART = 0.2; // of the screen, between a word that is flown to and a third of its neighbors
const view = { width: 1, height: 1, scale: 1, left: 0, top: 0 }; // a place p of the plane is at p * scale + (left, top)
let whole = 1; // the scale at which everything is on the screen
let flight = 0; // number of the current flight; another one or a gesture ends it

const across = (id) => xs[id] * view.scale + view.left;
const down = (id) => ys[id] * view.scale + view.top;
const magnified = () => view.scale / whole;

const extent = {
  left: xs.reduce((a, b) => Math.min(a, b), Infinity), right: xs.reduce((a, b) => Math.max(a, b), 0),
  top: ys.reduce((a, b) => Math.min(a, b), Infinity), bottom: ys.reduce((a, b) => Math.max(a, b), 0),
};

function wholeView() {
  const fitting = [[view.width, extent.right - extent.left], [view.height, extent.bottom - extent.top]]
    .filter(([, size]) => size > 0)
    .map(([room, size]) => Math.max(room - 2 * ROOM, ROOM) / size);
  return centered((extent.left + extent.right) / 2, (extent.top + extent.bottom) / 2, Math.min(...fitting, 1));
}

function centered(x, y, scale) {
  return { scale, left: view.width / 2 - x * scale, top: view.height / 2 - y * scale };
}

// The window has another size: what was in the middle stays there.
function resizeView(width, height) {
  const [x, y] = [(view.width / 2 - view.left) / view.scale, (view.height / 2 - view.top) / view.scale];
  const zoom = magnified();
  Object.assign(view, { width, height });
  whole = wholeView().scale;
  Object.assign(view, centered(x, y, whole * zoom));
}

function moveBy(dx, dy) {
  flight++;
  // Something of the map always stays on the screen.
  const edge = 3 * ROOM;
  const kept = (start, low, high, size) =>
    Math.min(Math.max(start, edge - high * view.scale), size - edge - low * view.scale);
  view.left = kept(view.left + dx, extent.left, extent.right, view.width);
  view.top = kept(view.top + dy, extent.top, extent.bottom, view.height);
  redraw();
}

function zoomAt(x, y, factor) {
  const scale = Math.min(Math.max(view.scale * factor, whole / 2), whole * NEAREST);
  const ratio = scale / view.scale;
  Object.assign(view, { scale, left: x - (x - view.left) * ratio, top: y - (y - view.top) * ratio });
  moveBy(0, 0);
}

function flyTo(target) {
  const start = { ...view };
  const own = ++flight;
  const begin = performance.now();
  const quiet = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const middle = (from) => [(view.width / 2 - from.left) / from.scale, (view.height / 2 - from.top) / from.scale];
  const [fromX, fromY] = middle(start);
  const [toX, toY] = middle(target);
  const step = (now) => {
    if (own !== flight) return;
    const share = quiet ? 1 : Math.min(Math.max((now - begin) / FLIGHT, 0), 1);
    const eased = share * share * (3 - 2 * share);
    const scale = start.scale * (target.scale / start.scale) ** eased;
    // Where the middle is follows the scale, so that the flight comes in straight.
    const isLevel = Math.abs(target.scale / start.scale - 1) < 1e-6;
    const way = isLevel ? eased : (1 / start.scale - 1 / scale) / (1 / start.scale - 1 / target.scale);
    Object.assign(view, centered(fromX + (toX - fromX) * way, fromY + (toY - fromY) * way, scale));
    redraw();
    if (share < 1) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

// Bring a word to the middle, so near that its neighbors stand apart: a third of them within a short way.
function flyToWord(id) {
  const distances = neighborsOf(id).map((near) => Math.hypot(xs[near.id] - xs[id], ys[near.id] - ys[id]));
  const third = distances.sort((a, b) => a - b)[Math.floor(distances.length / 3)];
  const apart = (APART * Math.min(view.width, view.height)) / Math.max(third, 1);
  const least = whole * Math.min(magnified(), 2);
  flyTo(centered(xs[id], ys[id], Math.min(Math.max(apart, least), whole * NEAREST)));
}
