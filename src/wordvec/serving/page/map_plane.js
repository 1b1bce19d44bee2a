// Map plane: which part of the plane is on the screen, and how to move it. Lengths are CSS pixels.

const SIZE = 65_535; // of the plane's longer side
const NEAREST = 400; // times as large as everything at once
const ROOM = 40; // around everything
const FLIGHT = 400; // milliseconds

// The places of words: x to the right and y up, in any unit; on the plane they count from the top.
// `begin` is a view to begin with, of another plane of the same words.
export function makePlane(x, y, redraw, begin = null) {
  const lowest = (numbers) => numbers.reduce((least, one) => Math.min(least, one), Infinity);
  const highest = (numbers) => numbers.reduce((most, one) => Math.max(most, one), -Infinity);
  const [left, right, bottom, top] = [lowest(x), highest(x), lowest(y), highest(y)];
  const unit = SIZE / (Math.max(right - left, top - bottom) || 1);
  const xs = Float64Array.from(x, (one) => (one - left) * unit);
  const ys = Float64Array.from(y, (one) => (top - one) * unit);
  const extent = { right: (right - left) * unit, bottom: (top - bottom) * unit };
  const view = { width: 1, height: 1, scale: 1, left: 0, top: 0 }; // a place p is at p * scale + (left, top)
  let whole = 1; // the scale at which everything is on the screen
  let flight = 0; // number of the current flight; another one or a gesture ends it

  const centered = (atX, atY, scale) => ({
    scale, left: view.width / 2 - atX * scale, top: view.height / 2 - atY * scale,
  });

  function wholeView() {
    const fitting = [[view.width, extent.right], [view.height, extent.bottom]].filter(([, size]) => size > 0)
      .map(([room, size]) => Math.max(room - 2 * ROOM, ROOM) / size);
    return centered(extent.right / 2, extent.bottom / 2, Math.min(...fitting, 1));
  }

  // The canvas has another size: what was in the middle stays there.
  function resize(width, height) {
    const isFirst = view.width === 1;
    const [middleX, middleY] = [(view.width / 2 - view.left) / view.scale, (view.height / 2 - view.top) / view.scale];
    const zoom = view.scale / whole;
    Object.assign(view, { width, height });
    whole = wholeView().scale;
    if (!isFirst) Object.assign(view, centered(middleX, middleY, whole * zoom));
    else if (begin) Object.assign(view, centered(begin.middleX, begin.middleY, whole * begin.zoom));
    else Object.assign(view, wholeView());
    redraw();
  }

  function moveBy(dx, dy) {
    flight++;
    const edge = 3 * ROOM; // something of the map always stays on the screen
    const within = (start, high, size) => Math.min(Math.max(start, edge - high * view.scale), size - edge);
    view.left = within(view.left + dx, extent.right, view.width);
    view.top = within(view.top + dy, extent.bottom, view.height);
    redraw();
  }

  function zoomAt(atX, atY, factor) {
    const scale = Math.min(Math.max(view.scale * factor, whole / 2), whole * NEAREST);
    const ratio = scale / view.scale;
    Object.assign(view, { scale, left: atX - (atX - view.left) * ratio, top: atY - (atY - view.top) * ratio });
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

  // Bring words to the screen: the first in the middle if it is the one that was asked, and as many others as fit well.
  function flyToWords(ids, isFirstInMiddle) {
    if (!ids.length) return;
    const [first, ...others] = ids;
    let [middleX, middleY] = [xs[first], ys[first]];
    if (!isFirstInMiddle) {
      const median = (numbers) => [...numbers].sort((one, two) => one - two)[numbers.length >> 1];
      [middleX, middleY] = [median(ids.map((id) => xs[id])), median(ids.map((id) => ys[id]))];
    }
    const distances = (others.length ? others : ids).map((id) => Math.hypot(xs[id] - middleX, ys[id] - middleY));
    const reach = distances.sort((one, two) => one - two)[Math.floor(distances.length * 0.6)] || SIZE / 50;
    const fair = (0.36 * Math.min(view.width, view.height)) / reach;
    flyTo(centered(middleX, middleY, Math.min(Math.max(fair, whole * 1.5), whole * 18)));
  }

  return {
    xs, ys, view, resize, moveBy, zoomAt, flyTo, flyToWords, wholeView,
    across: (id) => xs[id] * view.scale + view.left,
    down: (id) => ys[id] * view.scale + view.top,
    magnified: () => view.scale / whole,
    // The view in a way that does not depend on the size of the screen.
    seen: () => ({
      middleX: (view.width / 2 - view.left) / view.scale, middleY: (view.height / 2 - view.top) / view.scale, zoom: view.scale / whole,
    }),
  };
}
