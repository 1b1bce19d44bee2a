// Gestures: mouse, fingers and keys move a plane, zoom it, and choose words.

const STILL = 5; // pixels; a pointer that has moved no farther has clicked
const FINGER = 14; // pixels around a point that a finger may miss it by; a mouse may miss it by fewer
const MOUSE = 6;
const WHEEL = 0.0018; // zoom for each pixel of the wheel
const KEY_STEP = 80; // pixels
const BUTTON_ZOOM = 1.6;

const zoomMiddle = (plane, factor) => plane.zoomAt(plane.view.width / 2, plane.view.height / 2, factor);

// What buttons do.
export const movesOf = (plane) => ({
  nearer: () => zoomMiddle(plane, BUTTON_ZOOM),
  farther: () => zoomMiddle(plane, 1 / BUTTON_ZOOM),
  everything: () => plane.flyTo(plane.wholeView()),
});

// What keys do, by their names.
export function keysOf(plane) {
  const { nearer, farther, everything } = movesOf(plane);
  return {
    ArrowLeft: () => plane.moveBy(KEY_STEP, 0),
    ArrowRight: () => plane.moveBy(-KEY_STEP, 0),
    ArrowUp: () => plane.moveBy(0, KEY_STEP),
    ArrowDown: () => plane.moveBy(0, -KEY_STEP),
    "+": nearer, "=": nearer, "-": farther, 0: everything,
  };
}

// Follow the pointers over a canvas: `hover` and `choose` get the number of a word, or null where there is none.
export function followPointers(canvas, plane, { hover, choose }) {
  const pointers = new Map(); // those that are down: where each was last
  let travelled = 0; // pixels since the first one came down

  const wordUnder = (event) => plane.wordAt(event.offsetX, event.offsetY, event.pointerType === "touch" ? FINGER : MOUSE);

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    travelled = pointers.size ? Infinity : 0; // two fingers never click
    pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
  });

  canvas.addEventListener("pointermove", (event) => {
    if (!pointers.has(event.pointerId)) {
      hover(wordUnder(event));
      return;
    }
    const here = [event.offsetX, event.offsetY];
    const [x, y] = pointers.get(event.pointerId);
    const [dx, dy] = [here[0] - x, here[1] - y];
    travelled += Math.hypot(dx, dy);
    if (pointers.size === 2) {
      const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
      const before = Math.hypot(x - other[0], y - other[1]);
      const after = Math.hypot(here[0] - other[0], here[1] - other[1]);
      if (before > 0) plane.zoomAt((x + other[0]) / 2, (y + other[1]) / 2, after / before);
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
    if (event.type === "pointerup" && travelled <= STILL) choose(wordUnder(event));
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointerleave", () => hover(null));
  canvas.addEventListener("dblclick", (event) => plane.zoomAt(event.offsetX, event.offsetY, BUTTON_ZOOM ** 2));
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const pixelsTurned = event.deltaY * [1, 16, plane.view.height][event.deltaMode];
    const turned = Math.min(Math.max(pixelsTurned, -400), 400) * (event.ctrlKey ? 5 : 1); // a pinch comes as small turns
    plane.zoomAt(event.offsetX, event.offsetY, Math.exp(-turned * WHEEL));
  }, { passive: false });
}
