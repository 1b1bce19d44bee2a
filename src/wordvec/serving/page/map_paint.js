// Map paint: points, lines from a word to its neighbors, and as many labels as find room, important words first.

import { shown } from "./text.js";

const SMALLEST_RADIUS = 0.9;
const LARGEST_RADIUS = 6;
const COVERED = 0.1; // share of the screen under points, when everything is shown
const CELL = 5; // the screen is divided into squares of this size; each belongs to one label
const MARGIN = 160; // around the screen: a label that comes in does not push away those that are there
const MAX_TRIES = 4000;
const MAX_LABELS = 300;
const MAX_LABEL_LETTERS = 32;
const SIZES = [15, 13.5, 12]; // of letters: words among the first hundredth, the first tenth, the others
const NUM_COLORS = 12;

export function makePainter(canvas, plane, { words, groups }) {
  const context = canvas.getContext("2d", { alpha: false });
  const widths = new Map(); // of labels, measured once
  const byGroup = Array.from({ length: NUM_COLORS }, () => []); // ids, rare words first: frequent ones lie on top
  for (let id = words.length - 1; id >= 0; id--) byGroup[groups[id] % NUM_COLORS].push(id);
  const { view, across, down } = plane;
  let colors = {};
  let fontFamily = "serif";

  function readColors() {
    const style = getComputedStyle(document.documentElement);
    const value = (name) => style.getPropertyValue(`--${name}`).trim();
    for (const name of ["surface", "ink", "muted", "accent", "dimmed"]) colors[name] = value(name);
    colors.groups = Array.from({ length: NUM_COLORS }, (_, group) => value(`group-${group}`));
    fontFamily = value("serif") || "serif";
    widths.clear();
  }

  // More words, smaller points; nearer, larger ones.
  function radius() {
    const fair = Math.sqrt((COVERED * view.width * view.height) / (Math.PI * words.length));
    return Math.min(Math.max(fair, SMALLEST_RADIUS) * Math.max(plane.magnified(), 1) ** 0.3, LARGEST_RADIUS);
  }

  function drawPoints(isDimmed) {
    const size = radius();
    for (let group = 0; group < NUM_COLORS; group++) {
      context.fillStyle = isDimmed ? colors.dimmed : colors.groups[group];
      context.beginPath();
      for (const id of byGroup[group]) {
        const [x, y] = [across(id), down(id)];
        if (x < -size || y < -size || x > view.width + size || y > view.height + size) continue;
        if (size < 1.5) context.rect(x - size * 0.9, y - size * 0.9, size * 1.8, size * 1.8);
        else {
          context.moveTo(x + size, y);
          context.arc(x, y, size, 0, 2 * Math.PI);
        }
      }
      context.fill();
    }
  }

  function disc(id, size, fill) {
    context.beginPath();
    context.arc(across(id), down(id), size, 0, 2 * Math.PI);
    context.fillStyle = fill;
    context.strokeStyle = colors.surface;
    context.lineWidth = 1.5;
    context.fill();
    context.stroke();
  }

  const sizeOf = (id) => SIZES[id * 100 < words.length ? 0 : id * 10 < words.length ? 1 : 2];
  const font = (size, isFirst) => `${isFirst ? "600 " : ""}${size}px ${fontFamily}`;

  function widthOf(id, size, isFirst) {
    const key = isFirst ? `${id} first` : id;
    if (!widths.has(key)) {
      context.font = font(size, isFirst);
      widths.set(key, context.measureText(shown(words[id], MAX_LABEL_LETTERS)).width);
    }
    return widths.get(key);
  }

  // Places for labels: `first` are labeled even where they cover other words, but not each other; then the rest.
  function placeLabels(first) {
    const columns = Math.ceil((view.width + 2 * MARGIN) / CELL);
    const rows = Math.ceil((view.height + 2 * MARGIN) / CELL);
    const taken = new Uint8Array(columns * rows);
    const gap = radius() + 2;
    const placed = [];

    function place(id, isFirst) {
      const [x, y] = [across(id), down(id)];
      if (x < -MARGIN || y < -MARGIN || x > view.width + MARGIN || y > view.height + MARGIN) return false;
      const size = isFirst ? SIZES[0] : sizeOf(id);
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
        for (let row = box[1]; row < box[3]; row++) taken.fill(1, row * columns + box[0], row * columns + box[2]);
        placed.push({ id, x: x + dx, y: y + dy, size, isFirst });
        break;
      }
      return true;
    }

    for (const id of first) place(id, true);
    const done = new Set(first);
    let tries = 0;
    for (let id = 0; id < words.length && tries < MAX_TRIES && placed.length < MAX_LABELS; id++) {
      if (!done.has(id) && place(id, false)) tries++;
    }
    return placed;
  }

  function drawLabels(labels, isDimmed) {
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 3.5;
    context.strokeStyle = colors.surface;
    for (const { id, x, y, size, isFirst } of labels.reverse()) { // the first ones last: on top
      const text = shown(words[id], MAX_LABEL_LETTERS);
      context.font = font(size, isFirst);
      context.fillStyle = isDimmed && !isFirst ? colors.muted : colors.ink;
      context.globalAlpha = isDimmed && !isFirst ? 0.6 : 1;
      context.strokeText(text, x, y);
      context.fillText(text, x, y);
    }
    context.globalAlpha = 1;
  }

  function draw({ asked, near, hovered }) {
    const density = canvas.width / view.width;
    context.setTransform(density, 0, 0, density, 0, 0);
    context.fillStyle = colors.surface;
    context.fillRect(0, 0, view.width, view.height);
    const isDimmed = asked.length + near.length > 0;
    drawPoints(isDimmed);
    context.strokeStyle = colors.muted;
    context.globalAlpha = 0.45;
    context.lineWidth = 1;
    context.beginPath();
    for (const from of asked.length === 1 ? asked : []) {
      for (const to of near) {
        context.moveTo(across(from), down(from));
        context.lineTo(across(to), down(to));
      }
    }
    context.stroke();
    context.globalAlpha = 1;
    for (const id of [...near].reverse()) disc(id, radius() + 1.5, colors.groups[groups[id] % NUM_COLORS]);
    for (const id of asked) disc(id, radius() + 4, colors.accent);
    if (hovered !== null) disc(hovered, radius() + 3, colors.ink);
    drawLabels(placeLabels([...new Set([...asked, ...(hovered === null ? [] : [hovered]), ...near])]), isDimmed);
  }

  return { draw, readColors, radius };
}

function isFree(taken, columns, [left, top, right, bottom]) {
  for (let row = top; row < bottom; row++) {
    for (let at = row * columns + left; at < row * columns + right; at++) if (taken[at]) return false;
  }
  return true;
}
