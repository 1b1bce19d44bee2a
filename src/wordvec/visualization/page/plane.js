// Plane: which part of a plane of words is on the screen, how to move it, and how large points are. Lengths are CSS pixels.

const NEAREST = 400; // times as large as everything at once
const ROOM = 40; // around everything
const FLIGHT = 400; // milliseconds
const SMALLEST_RADIUS = 0.9;
const LARGEST_RADIUS = 6;
const COVERED = 0.1; // share of the screen under points, when everything is shown
const REACH = 0.36; // of the screen, between the middle and most of the words that are flown to
const MOST = 0.6; // of them
const FLIGHTS = [1.5, 18]; // magnified at least, and at most

// The places of words count from the left and from the top, so that everything is larger than a screen. `begin` is a
// view to begin with, as `seen` of another plane of the same words says it.
export function makePlane(xs, ys, redraw, begin = null) {
  const lowest = (numbers) => numbers.reduce((least, one) => Math.min(least, one), Infinity);
  const highest = (numbers) => numbers.reduce((most, one) => Math.max(most, one), 0);
  const extent = { left: lowest(xs), right: highest(xs), top: lowest(ys), bottom: highest(ys) };
  const view = { width: 1, height: 1, scale: 1, left: 0, top: 0 }; // a place p is at p * scale + (left, top)
  let whole = 1; // the scale at which everything is on the screen
  let flight = 0; // number of the current flight; another one or a gesture ends it

  const magnified = () => view.scale / whole;
  const middleOf = (from) => [(view.width / 2 - from.left) / from.scale, (view.height / 2 - from.top) / from.scale];
  const centered = (x, y, scale) => ({ scale, left: view.width / 2 - x * scale, top: view.height / 2 - y * scale });

  function wholeView() {
    const fitting = [[view.width, extent.right - extent.left], [view.height, extent.bottom - extent.top]]
      .filter(([, size]) => size > 0)
      .map(([room, size]) => Math.max(room - 2 * ROOM, ROOM) / size);
    return centered((extent.left + extent.right) / 2, (extent.top + extent.bottom) / 2, Math.min(...fitting, 1));
  }

  // The screen has another size: what was in the middle stays there.
  function resize(width, height) {
    const isFirst = view.width === 1;
    const [[x, y], zoom] = [middleOf(view), magnified()];
    Object.assign(view, { width, height });
    whole = wholeView().scale;
    if (!isFirst) Object.assign(view, centered(x, y, whole * zoom));
    else if (begin) Object.assign(view, centered(begin.x, begin.y, whole * begin.zoom));
    else Object.assign(view, wholeView());
    redraw();
  }

  function moveBy(dx, dy) {
    flight++;
    const edge = 3 * ROOM; // something of the map always stays on the screen
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
    const started = performance.now();
    const isQuiet = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const [[fromX, fromY], [toX, toY]] = [middleOf(start), middleOf(target)];
    const step = (now) => {
      if (own !== flight) return;
      const share = isQuiet ? 1 : Math.min(Math.max((now - started) / FLIGHT, 0), 1);
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

  // Bring words to the screen: the first in the middle if it is the one that was asked, and as many others as fit well.
  function flyToWords(ids, isFirstInMiddle) {
    if (!ids.length) return;
    const [first, ...others] = ids;
    let [x, y] = [xs[first], ys[first]];
    if (!isFirstInMiddle) {
      const median = (numbers) => [...numbers].sort((one, two) => one - two)[numbers.length >> 1];
      [x, y] = [median(ids.map((id) => xs[id])), median(ids.map((id) => ys[id]))];
    }
    const distances = (others.length ? others : ids).map((id) => Math.hypot(xs[id] - x, ys[id] - y));
    const reach = distances.sort((one, two) => one - two)[Math.floor(distances.length * MOST)] || extent.right / 50;
    const fair = (REACH * Math.min(view.width, view.height)) / Math.max(reach, 1);
    const [least, most] = FLIGHTS.map((zoom) => whole * zoom);
    flyTo(centered(x, y, Math.min(Math.max(fair, least), most)));
  }

  // Of a point: more words, smaller points; nearer, larger ones.
  function radius() {
    const fair = Math.sqrt((COVERED * view.width * view.height) / (Math.PI * xs.length));
    return Math.min(Math.max(fair, SMALLEST_RADIUS) * Math.max(magnified(), 1) ** 0.3, LARGEST_RADIUS);
  }

  // The word whose point is under a place of the screen, or so near that a finger would mean it; the nearest one.
  function wordAt(atX, atY, reach) {
    const [x, y] = [(atX - view.left) / view.scale, (atY - view.top) / view.scale];
    let best = null;
    let least = ((radius() + reach) / view.scale) ** 2;
    for (let id = 0; id < xs.length; id++) {
      const distance = (xs[id] - x) ** 2 + (ys[id] - y) ** 2;
      if (distance < least) [best, least] = [id, distance];
    }
    return best;
  }

  // The view in a way that does not depend on the size of the screen.
  function seen() {
    const [x, y] = middleOf(view);
    return { x, y, zoom: magnified() };
  }

  return {
    xs, ys, view, magnified, resize, moveBy, zoomAt, flyTo, flyToWords, wholeView, radius, wordAt, seen,
    across: (id) => xs[id] * view.scale + view.left,
    down: (id) => ys[id] * view.scale + view.top,
  };
}
