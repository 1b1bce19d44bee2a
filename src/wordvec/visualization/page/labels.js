// Labels: as many words as find room beside their points, the most important ones first; more as one zooms in.

const CELL = 5; // the screen is parted into squares of this size; each belongs to one label
const MARGIN = 160; // around the screen: a label that comes in does not push away those that are there
const MAX_TRIES = 5000;
const MAX_LABELS = 350;
const MAX_LABEL_LETTERS = 32;
const SIZES = [15, 13.5, 12]; // of letters: words among the first hundredth, the first tenth, the others
const widths = new Map(); // of words, measured once

function sizeOf(id) {
  if (id * 100 < words.length) return SIZES[0];
  return id * 10 < words.length ? SIZES[1] : SIZES[2];
}

const font = (size, isBold) => `${isBold ? "600 " : ""}${size}px system-ui, sans-serif`;

function widthOf(context, id, size, isBold) {
  const key = isBold ? `${id} bold` : id;
  if (!widths.has(key)) {
    context.font = font(size, isBold);
    widths.set(key, context.measureText(shown(words[id], MAX_LABEL_LETTERS)).width);
  }
  return widths.get(key);
}

// Finds places: `first` are words that are labeled even where they cover others, but not each other; then, if `others`, the rest.
function placeLabels(context, first, others) {
  const columns = Math.ceil((view.width + 2 * MARGIN) / CELL);
  const rows = Math.ceil((view.height + 2 * MARGIN) / CELL);
  const taken = new Uint8Array(columns * rows);
  const gap = radius() + 2;
  const placed = [];

  const place = (id, isFirst) => {
    const [x, y] = [across(id), down(id)];
    if (x < -MARGIN || y < -MARGIN || x > view.width + MARGIN || y > view.height + MARGIN) return false;
    const size = isFirst ? SIZES[1] : sizeOf(id);
    const width = widthOf(context, id, size, isFirst);
    const sides = [[0, -gap - size / 2], [0, gap + size / 2], [gap + width / 2, 0], [-gap - width / 2, 0]];
    for (const [dx, dy] of isFirst ? sides : sides.slice(0, 1)) {
      const box = [
        Math.max(Math.floor((x + dx - width / 2 - 3 + MARGIN) / CELL), 0),
        Math.max(Math.floor((y + dy - size / 2 + MARGIN) / CELL), 0),
        Math.min(Math.ceil((x + dx + width / 2 + 3 + MARGIN) / CELL), columns),
        Math.min(Math.ceil((y + dy + size / 2 + MARGIN) / CELL), rows),
      ];
      if (!isFree(taken, columns, box)) continue;
      take(taken, columns, box);
      placed.push({ id, x: x + dx, y: y + dy, size, isFirst });
      break;
    }
    return true;
  };

  for (const id of first) place(id, true);
  const done = new Set(first);
  let tries = 0;
  for (let id = 0; others && id < words.length && tries < MAX_TRIES && placed.length < MAX_LABELS; id++) {
    if (!done.has(id) && place(id, false)) tries++;
  }
  return placed;
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

function drawLabels(context, labels, isDimmed) {
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = css(colors.paper);
  for (const { id, x, y, size, isFirst } of labels.reverse()) { // the first ones last: on top
    const text = shown(words[id], MAX_LABEL_LETTERS);
    context.font = font(size, isFirst);
    context.fillStyle = css(isDimmed && !isFirst ? colors.faint : colors.ink);
    context.strokeText(text, x, y);
    context.fillText(text, x, y);
  }
}
