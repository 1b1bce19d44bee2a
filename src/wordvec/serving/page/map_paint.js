// Map paint: points, lines from a word to its neighbors, and as many labels as find room, important words first.

import { makeLabels } from "./labels.js";
import { shown } from "./text.js";

const MAX_LABEL_LETTERS = 32;
const NUM_COLORS = 12;

export function makePainter(canvas, plane, { words, groups }) {
  const context = canvas.getContext("2d", { alpha: false });
  const byGroup = Array.from({ length: NUM_COLORS }, () => []); // ids, rare words first: frequent ones lie on top
  for (let id = words.length - 1; id >= 0; id--) byGroup[groups[id] % NUM_COLORS].push(id);
  const { view, across, down, radius } = plane;
  const labels = makeLabels(plane, context, (id) => shown(words[id], MAX_LABEL_LETTERS));
  let colors = {};

  function readColors() {
    const style = getComputedStyle(document.documentElement);
    const value = (name) => style.getPropertyValue(`--${name}`).trim();
    for (const name of ["surface", "ink", "muted", "accent", "dimmed"]) colors[name] = value(name);
    colors.groups = Array.from({ length: NUM_COLORS }, (_, group) => value(`group-${group}`));
    labels.setFont(value("serif") || "serif");
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
    const first = [...new Set([...asked, ...(hovered === null ? [] : [hovered]), ...near])];
    labels.draw(labels.place(first, true), isDimmed, {
      paper: colors.surface, ink: colors.ink, faint: colors.muted, faintAlpha: 0.6,
    });
  }

  return { draw, readColors };
}
