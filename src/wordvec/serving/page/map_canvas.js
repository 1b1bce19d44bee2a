// Map canvas: a map that mouse, fingers and keys move, zoom, and ask.

import { followPointers, keysOf, movesOf } from "./gestures.js";
import { makePainter } from "./map_paint.js";
import { makePlane } from "./plane.js";
import { make } from "./text.js";

const SIZE = 65_535; // of the plane's longer side

export function makeMap({ words, x, y, groups }, { choose, signal, begin }) {
  const canvas = make("canvas", {
    tabindex: "0", role: "application",
    "aria-label": "Map of words. Arrow keys move it, plus and minus zoom, 0 shows everything.",
  });
  const scale = make("output", { class: "scale", "aria-label": "Magnified" });
  const shownNow = { asked: [], near: [], hovered: null };
  const plane = makePlane(...onPlane(x, y), redraw, begin);
  const painter = makePainter(canvas, plane, { words, groups });
  const { nearer, farther, everything } = movesOf(plane);
  let isDue = false;

  function redraw() {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      if (signal.aborted) return;
      painter.draw(shownNow);
      scale.textContent = `× ${plane.magnified().toFixed(plane.magnified() < 10 ? 1 : 0)}`;
    });
  }

  function hover(id) {
    if (id === shownNow.hovered) return;
    shownNow.hovered = id;
    canvas.classList.toggle("on-word", id !== null);
    redraw();
  }

  followPointers(canvas, plane, { hover, choose: (id) => { if (id !== null) choose(words[id]); } });
  const keys = keysOf(plane);
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });

  const button = (text, label, click) => make("button", { type: "button", "aria-label": label, title: label, click }, text);
  const box = make("div", { class: "map" }, canvas, make("div", { class: "zoom", role: "group", "aria-label": "Zoom" },
    button("+", "Zoom in", nearer), button("−", "Zoom out", farther), scale,
    button("⤢", "Show everything", everything)));

  function resize() {
    const { clientWidth: width, clientHeight: height } = box;
    if (!width || !height) return;
    const density = window.devicePixelRatio || 1;
    if (canvas.width === Math.round(width * density) && canvas.height === Math.round(height * density)) return;
    [canvas.width, canvas.height] = [Math.round(width * density), Math.round(height * density)];
    plane.resize(width, height);
    painter.draw(shownNow); // at once: a canvas of another size is black until then
  }

  const idOf = new Map(words.map((word, id) => [word, id]));

  return {
    box,
    seen: plane.seen,
    idOf: (word) => idOf.get(word) ?? null,
    hover: (word) => hover(idOf.get(word) ?? null),
    start() {
      painter.readColors();
      resize();
      const observer = new ResizeObserver(resize);
      observer.observe(box);
      const scheme = matchMedia("(prefers-color-scheme: dark)");
      const recolor = () => { painter.readColors(); redraw(); };
      scheme.addEventListener("change", recolor);
      signal.addEventListener("abort", () => {
        observer.disconnect();
        scheme.removeEventListener("change", recolor);
      });
    },
    // Show what was asked and what is near to it; words that are not on the map are left out.
    show(asked, near) {
      const ids = (some) => some.map((word) => idOf.get(word)).filter((id) => id !== undefined);
      Object.assign(shownNow, { asked: ids(asked), near: ids(near), hovered: null });
      const isOneWord = asked.length === 1 && shownNow.asked.length === 1;
      plane.flyToWords(isOneWord ? [...shownNow.asked, ...shownNow.near] : shownNow.near, isOneWord);
      redraw();
    },
  };
}

// Places to the right and up, in any unit, as places of a plane, which count from the left and from the top.
function onPlane(x, y) {
  const lowest = (numbers) => numbers.reduce((least, one) => Math.min(least, one), Infinity);
  const highest = (numbers) => numbers.reduce((most, one) => Math.max(most, one), -Infinity);
  const [left, right, bottom, top] = [lowest(x), highest(x), lowest(y), highest(y)];
  const unit = SIZE / (Math.max(right - left, top - bottom) || 1);
  return [Float64Array.from(x, (one) => (one - left) * unit), Float64Array.from(y, (one) => (top - one) * unit)];
}
