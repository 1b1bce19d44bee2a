// Labels: as many words as find room beside their points, the most important ones first; more as one zooms in.

const CELL = 5; // the screen is parted into squares of this size; each belongs to one label
const MARGIN = 160; // around the screen: a label that comes in does not push away those that are there
const MAX_TRIES = 5000;
const MAX_LABELS = 350;
const SIZES = [15, 13.5, 12]; // of letters: words among the first hundredth, the first tenth, the others

// `textOf` tells the label of a word's number; `fontFamily` and the colors of `draw` may change with the page's style.
export function makeLabels(plane, context, textOf) {
  const { view, across, down } = plane;
  const numWords = plane.xs.length;
  const widths = new Map(); // of labels, measured once
  let family = "sans-serif";

  function setFont(fontFamily) {
    family = fontFamily;
    widths.clear();
  }

  const font = (size, isFirst) => `${isFirst ? "600 " : ""}${size}px ${family}`;

  function sizeOf(id, isFirst) {
    if (isFirst || id * 100 < numWords) return SIZES[0];
    return id * 10 < numWords ? SIZES[1] : SIZES[2];
  }

  function widthOf(id, size, isFirst) {
    const key = isFirst ? `${id} first` : id;
    if (!widths.has(key)) {
      context.font = font(size, isFirst);
      widths.set(key, context.measureText(textOf(id)).width);
    }
    return widths.get(key);
  }

  // Finds places: `first` are words that are labeled even where they cover others, but not each other; then, if
  // `hasOthers`, the rest.
  function place(first, hasOthers) {
    const columns = Math.ceil((view.width + 2 * MARGIN) / CELL);
    const rows = Math.ceil((view.height + 2 * MARGIN) / CELL);
    const taken = new Uint8Array(columns * rows);
    const gap = plane.radius() + 2;
    const placed = [];

    function placeWord(id, isFirst) {
      const [x, y] = [across(id), down(id)];
      if (x < -MARGIN || y < -MARGIN || x > view.width + MARGIN || y > view.height + MARGIN) return false;
      const size = sizeOf(id, isFirst);
      const width = widthOf(id, size, isFirst);
      const sides = [[0, -gap - size / 2], [0, gap + size / 2], [gap + width / 2, 0], [-gap - width / 2, 0]];
      for (const [dx, dy] of isFirst ? sides : sides.slice(0, 1)) {
        const box = [
          Math.max(Math.floor((x + dx - width / 2 - 4 + MARGIN) / CELL), 0),
          Math.max(Math.floor((y + dy - size / 2 - 1 + MARGIN) / CELL), 0),
          Math.min(Math.ceil((x + dx + width / 2 + 4 + MARGIN) / CELL), columns),
          Math.min(Math.ceil((y + dy + size / 2 + 1 + MARGIN) / CELL), rows),
        ];
        if (!isFree(taken, columns, box)) continue;
        take(taken, columns, box);
        placed.push({ id, x: x + dx, y: y + dy, size, isFirst });
        break;
      }
      return true;
    }

    for (const id of first) placeWord(id, true);
    const done = new Set(first);
    let tries = 0;
    for (let id = 0; hasOthers && id < numWords && tries < MAX_TRIES && placed.length < MAX_LABELS; id++) {
      if (!done.has(id) && placeWord(id, false)) tries++;
    }
    return placed;
  }

  function draw(placed, isDimmed, { paper, ink, faint, faintAlpha = 1 }) {
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 3.5;
    context.strokeStyle = paper;
    for (const { id, x, y, size, isFirst } of placed.reverse()) { // the first ones last: on top
      const text = textOf(id);
      const isFaint = isDimmed && !isFirst;
      context.font = font(size, isFirst);
      context.fillStyle = isFaint ? faint : ink;
      context.globalAlpha = isFaint ? faintAlpha : 1;
      context.strokeText(text, x, y);
      context.fillText(text, x, y);
    }
    context.globalAlpha = 1;
  }

  return { setFont, place, draw };
}

function isFree(taken, columns, [left, top, right, bottom]) {
  for (let row = top; row < bottom; row++) {
    for (let at = row * columns + left; at < row * columns + right; at++) if (taken[at]) return false;
  }
  return true;
}

function take(taken, columns, [left, top, right, bottom]) {
  for (let row = top; row < bottom; row++) taken.fill(1, row * columns + left, row * columns + right);
}
