// Gestures: mouse, fingers and keys move the map, zoom it, and choose words.

const STILL = 5; // pixels; a pointer that has moved no farther has clicked
const FINGER = 14; // pixels around a point that a finger may miss it by; a mouse may miss it by fewer
const MOUSE = 6;
const WHEEL = 0.0018; // zoom for each pixel of the wheel
const KEY_STEP = 80; // pixels
const BUTTON_ZOOM = 1.6;
const pointers = new Map(); // those that are down: where each was last
let travelled = 0; // pixels since the first one came down

const reachOf = (event) => (event.pointerType === "touch" ? FINGER : MOUSE);

inkCanvas.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  inkCanvas.setPointerCapture(event.pointerId);
  if (pointers.size === 0) travelled = 0;
  else travelled = Infinity; // two fingers never click
  pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
});

inkCanvas.addEventListener("pointermove", (event) => {
  const here = [event.offsetX, event.offsetY];
  if (!pointers.has(event.pointerId)) {
    hover(wordAt(...here, reachOf(event)));
    return;
  }
  const [x, y] = pointers.get(event.pointerId);
  const [dx, dy] = [here[0] - x, here[1] - y];
  travelled += Math.hypot(dx, dy);
  if (pointers.size === 2) {
    const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    const before = Math.hypot(x - other[0], y - other[1]);
    const after = Math.hypot(here[0] - other[0], here[1] - other[1]);
    if (before > 0) zoomAt((x + other[0]) / 2, (y + other[1]) / 2, after / before);
    moveBy(dx / 2, dy / 2);
  } else if (travelled > STILL) {
    hover(null);
    inkCanvas.classList.add("held");
    moveBy(dx, dy);
  }
  pointers.set(event.pointerId, here);
});

function lift(event) {
  if (!pointers.delete(event.pointerId)) return;
  inkCanvas.classList.remove("held");
  if (event.type === "pointerup" && travelled <= STILL) choose(wordAt(event.offsetX, event.offsetY, reachOf(event)), false);
}

inkCanvas.addEventListener("pointerup", lift);
inkCanvas.addEventListener("pointercancel", lift);
inkCanvas.addEventListener("pointerleave", () => hover(null));
inkCanvas.addEventListener("dblclick", (event) => zoomAt(event.offsetX, event.offsetY, BUTTON_ZOOM ** 2));
inkCanvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const pixelsTurned = event.deltaY * [1, 16, view.height][event.deltaMode];
  const turned = Math.min(Math.max(pixelsTurned, -400), 400) * (event.ctrlKey ? 5 : 1); // a pinch comes as small turns
  zoomAt(event.offsetX, event.offsetY, Math.exp(-turned * WHEEL));
}, { passive: false });

const zoomMiddle = (factor) => zoomAt(view.width / 2, view.height / 2, factor);
element("nearer").addEventListener("click", () => zoomMiddle(BUTTON_ZOOM));
element("farther").addEventListener("click", () => zoomMiddle(1 / BUTTON_ZOOM));
element("everything").addEventListener("click", () => flyTo(wholeView()));
element("clear").addEventListener("click", () => choose(null, false));

const MAP_KEYS = {
  ArrowLeft: () => moveBy(KEY_STEP, 0),
  ArrowRight: () => moveBy(-KEY_STEP, 0),
  ArrowUp: () => moveBy(0, KEY_STEP),
  ArrowDown: () => moveBy(0, -KEY_STEP),
  "+": () => zoomMiddle(BUTTON_ZOOM),
  "=": () => zoomMiddle(BUTTON_ZOOM),
  "-": () => zoomMiddle(1 / BUTTON_ZOOM),
  0: () => flyTo(wholeView()),
};

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, textarea, select");
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") choose(null, false);
  else if (event.key === "/" && !isTyping) {
    event.preventDefault();
    query.focus();
    query.select();
  } else if (!isTyping && MAP_KEYS[event.key]) {
    event.preventDefault();
    MAP_KEYS[event.key]();
  }
});
