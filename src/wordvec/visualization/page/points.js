// Points: one disc a word, painted pixel by pixel. No graphics card is needed: 100,000 points take some milliseconds.

const FINE = 4; // a pixel at the edge of a disc is parted into FINE x FINE
const WHOLE = FINE * FINE;
const SMOOTH = 1.5; // radius in pixels from which edges are smoothed; nobody sees it on smaller discs, and it takes time
const plane = makePlane(xs, ys, redraw);
const { view, across, down, radius } = plane;
const pointsCanvas = element("points");
const pointsContext = pointsCanvas.getContext("2d", { alpha: false });
let image; // ImageData of the size of the canvas
let pixels; // its Uint32Array

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
