// Map canvas: a map that mouse, fingers and keys move, zoom, and ask.

import { make } from "./text.js";
import { makePainter } from "./map_paint.js";
import { makePlane } from "./map_plane.js";

const STILL = 5; // pixels; a pointer that has moved no farther has clicked
const FINGER = 14; // pixels around a point that a finger may miss it by; a mouse may miss it by fewer
const MOUSE = 6;
const WHEEL = 0.0018; // zoom for each pixel of the wheel
const KEY_STEP = 80; // pixels
const BUTTON_ZOOM = 1.6;

export function makeMap({ words, x, y, groups }, { choose, signal, begin }) {
  const canvas = make("canvas", {
    tabindex: "0", role: "application",
    "aria-label": "Map of words. Arrow keys move it, plus and minus zoom, 0 shows everything.",
  });
  const scale = make("output", { class: "scale", "aria-label": "Magnified" });
  const shownNow = { asked: [], near: [], hovered: null };
  const plane = makePlane(x, y, redraw, begin);
  const painter = makePainter(canvas, plane, { words, groups });
  const { view, xs, ys } = plane;
  const pointers = new Map(); // those that are down: where each was last
  let travelled = 0; // pixels since the first one came down
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

  // The word whose point is under a place of the screen, or so near that a finger would mean it.
  function wordAt(atX, atY, reach) {
    const [left, top] = [(atX - view.left) / view.scale, (atY - view.top) / view.scale];
    let best = null;
    let least = ((painter.radius() + reach) / view.scale) ** 2;
    for (let id = 0; id < words.length; id++) {
      const distance = (xs[id] - left) ** 2 + (ys[id] - top) ** 2;
      if (distance < least) [best, least] = [id, distance];
    }
    return best;
  }

  function hover(id) {
    if (id === shownNow.hovered) return;
    shownNow.hovered = id;
    canvas.classList.toggle("on-word", id !== null);
    redraw();
  }

  const reachOf = (event) => (event.pointerType === "touch" ? FINGER : MOUSE);

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    travelled = pointers.size ? Infinity : 0; // two fingers never click
    pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
  });
  canvas.addEventListener("pointermove", (event) => {
    const here = [event.offsetX, event.offsetY];
    if (!pointers.has(event.pointerId)) {
      hover(wordAt(...here, reachOf(event)));
      return;
    }
    const [lastX, lastY] = pointers.get(event.pointerId);
    const [dx, dy] = [here[0] - lastX, here[1] - lastY];
    travelled += Math.hypot(dx, dy);
    if (pointers.size === 2) {
      const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
      const before = Math.hypot(lastX - other[0], lastY - other[1]);
      const after = Math.hypot(here[0] - other[0], here[1] - other[1]);
      if (before > 0) plane.zoomAt((lastX + other[0]) / 2, (lastY + other[1]) / 2, after / before);
      plane.moveBy(dx / 2, dy / 2);
    } else if (travelled > STILL) {
      hover(null);
      canvas.classList.add("held");
      plane.moveBy(dx, dy);
    }
    pointers.set(event.pointerId, here);
  });
  const lift = (event) => {
    if (!pointers.delete(event.pointerId)) return;
    canvas.classList.remove("held");
    if (event.type !== "pointerup" || travelled > STILL) return;
    const id = wordAt(event.offsetX, event.offsetY, reachOf(event));
    if (id !== null) choose(words[id]);
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointerleave", () => hover(null));
  canvas.addEventListener("dblclick", (event) => plane.zoomAt(event.offsetX, event.offsetY, BUTTON_ZOOM ** 2));
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const pixelsTurned = event.deltaY * [1, 16, view.height][event.deltaMode];
    const turned = Math.min(Math.max(pixelsTurned, -400), 400) * (event.ctrlKey ? 5 : 1); // a pinch comes as small turns
    plane.zoomAt(event.offsetX, event.offsetY, Math.exp(-turned * WHEEL));
  }, { passive: false });

  const zoomMiddle = (factor) => plane.zoomAt(view.width / 2, view.height / 2, factor);
  const keys = {
    ArrowLeft: () => plane.moveBy(KEY_STEP, 0), ArrowRight: () => plane.moveBy(-KEY_STEP, 0),
    ArrowUp: () => plane.moveBy(0, KEY_STEP), ArrowDown: () => plane.moveBy(0, -KEY_STEP),
    "+": () => zoomMiddle(BUTTON_ZOOM), "=": () => zoomMiddle(BUTTON_ZOOM), "-": () => zoomMiddle(1 / BUTTON_ZOOM),
    0: () => plane.flyTo(plane.wholeView()),
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });

  const button = (text, label, click) => make("button", { type: "button", "aria-label": label, title: label, click }, text);
  const box = make("div", { class: "map" }, canvas, make("div", { class: "zoom", role: "group", "aria-label": "Zoom" },
    button("+", "Zoom in", () => zoomMiddle(BUTTON_ZOOM)), button("−", "Zoom out", () => zoomMiddle(1 / BUTTON_ZOOM)), scale,
    button("⤢", "Show everything", () => plane.flyTo(plane.wholeView()))));

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
