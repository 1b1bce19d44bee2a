// Points: one disc a word, painted pixel by pixel. No graphics card is needed: 100,000 points take some milliseconds.

const SMALLEST_RADIUS = 0.9;
const LARGEST_RADIUS = 6;
const COVERED = 0.1; // share of the screen under points, when everything is shown
const FINE = 4; // a pixel at the edge of a disc is parted into FINE x FINE
const WHOLE = FINE * FINE;
const SMOOTH = 1.5; // radius in pixels from which edges are smoothed; nobody sees it on smaller discs, and it takes time
const pointsCanvas = element("points");
const pointsContext = pointsCanvas.getContext("2d", { alpha: false });
let image; // ImageData of the size of the canvas
let pixels; // its Uint32Array

// Radius of a point in CSS pixels: more words, smaller points; nearer, larger ones.
function radius() {
  const fair = Math.sqrt((COVERED * view.width * view.height) / (Math.PI * words.length));
  return Math.min(Math.max(fair, SMALLEST_RADIUS) * Math.max(magnified(), 1) ** 0.3, LARGEST_RADIUS);
}

// The pixels of a disc around (0, 0): how far across, how far down, and how many of its WHOLE parts are covered.
function stampOf(size) {
  const stamp = [];
  const reach = Math.ceil(size);
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      let inside = 0;
      for (let part = 0; part < WHOLE; part++) {
        const dx = x + ((part % FINE) + 0.5) / FINE - 0.5;
        const dy = y + (Math.floor(part / FINE) + 0.5) / FINE - 0.5;
        if (dx * dx + dy * dy <= size * size) inside++;
      }
      if (size >= SMOOTH && inside) stamp.push([x, y, inside]);
      if (size < SMOOTH && inside * 3 >= WHOLE) stamp.push([x, y, WHOLE]);
    }
  }
  return stamp;
}

function drawPoints(isDimmed) {
  const density = pointsCanvas.width / view.width;
  const [width, height] = [pointsCanvas.width, pointsCanvas.height];
  if (!image || image.width !== width || image.height !== height) {
    image = pointsContext.createImageData(width, height);
    pixels = new Uint32Array(image.data.buffer);
  }
  pixels.fill(pixel(colors.paper));
  const stamp = stampOf(radius() * density);
  const offsets = Int32Array.from(stamp, ([x, y]) => y * width + x);
  const covered = Int32Array.from(stamp, ([, , share]) => share);
  const reach = Math.ceil(radius() * density);
  // Whole pixels: all points move alike when the map is moved.
  const [left, top, scale] = [Math.round(view.left * density), Math.round(view.top * density), view.scale * density];
  const [target, paints, shadeOf] = [pixels, isDimmed ? palette.map(() => pixel(colors.dimmed)) : palette, shades];
  const [lastX, lastY] = [width - reach, height - reach];
  for (let id = words.length - 1; id >= 0; id--) { // the most important ones last: on top
    const x = ((xs[id] * scale + 0.5) | 0) + left;
    const y = ((ys[id] * scale + 0.5) | 0) + top;
    if (x < reach || y < reach || x >= lastX || y >= lastY) continue;
    const color = paints[shadeOf[id]];
    const middle = y * width + x;
    for (let place = 0; place < offsets.length; place++) {
      const at = middle + offsets[place];
      const share = covered[place];
      target[at] = share === WHOLE ? color : mixed(target[at], color, share);
    }
  }
  pointsContext.putImageData(image, 0, 0);
}

// Two of the three colors at a time, in one multiplication; sixteenths keep it a small integer, which is fast.
function mixed(under, over, share) {
  const rest = WHOLE - share;
  const outer = (((under & 0xff00ff) * rest + (over & 0xff00ff) * share) >>> 4) & 0xff00ff;
  const inner = (((under & 0xff00) * rest + (over & 0xff00) * share) >>> 4) & 0xff00;
  return (0xff000000 | outer | inner) >>> 0;
}

// The word whose point is under a place of the screen, or so near that a finger would mean it; the nearest one.
function wordAt(x, y, reach) {
  const [left, top] = [(x - view.left) / view.scale, (y - view.top) / view.scale]; // on the plane
  let best = null;
  let least = ((radius() + reach) / view.scale) ** 2;
  for (let id = 0; id < words.length; id++) {
    const distance = (xs[id] - left) ** 2 + (ys[id] - top) ** 2;
    if (distance < least) {
      best = id;
      least = distance;
    }
  }
  return best;
}
