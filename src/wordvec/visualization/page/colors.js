// Colors: those of the style sheet, as the canvas and the pixels want them.

const FREQUENCY_STEPS = 64; // between the rarest and the most frequent word, on a logarithmic scale
let colors; // of the page, by name; renewed when day turns to night
let palette; // Uint32Array of pixels: what a point of each shade is painted with
let shades; // Uint8Array, (words,): each word's place in the palette

function rgb(name) {
  const text = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  return [1, 3, 5].map((start) => parseInt(text.slice(start, start + 2), 16));
}

const css = ([red, green, blue]) => `rgb(${red} ${green} ${blue})`;
const pixel = ([red, green, blue]) => (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;

function between(low, high, share) {
  return low.map((part, channel) => Math.round(part + (high[channel] - part) * share));
}

// How frequent a word is, from 0 to 1; where nothing was counted, its rank says it.
function frequencyOf(id) {
  const least = data.counts ? Math.log(leastCount) : Math.log(words.length);
  const most = data.counts ? Math.log(mostCount) : 0;
  const own = Math.log(data.counts ? Math.max(data.counts[id], 1) : id + 1);
  return most === least ? 1 : (own - least) / (most - least);
}

const leastCount = data.counts ? data.counts.reduce((least, count) => Math.min(least, Math.max(count, 1)), Infinity) : 1;
const mostCount = data.counts ? data.counts.reduce((most, count) => Math.max(most, count), 1) : 1;

function readColors(scheme) {
  colors = {};
  for (const name of ["paper", "ink", "faint", "mark", "dimmed"]) colors[name] = rgb(name);
  let list;
  if (scheme === "group") {
    list = Array.from({ length: 12 }, (_, group) => rgb(`group-${group}`));
    shades = groups;
  } else {
    const [low, middle, high] = ["rare", "middling", "frequent"].map(rgb);
    list = Array.from({ length: FREQUENCY_STEPS }, (_, step) => {
      const share = (2 * step) / (FREQUENCY_STEPS - 1);
      return share < 1 ? between(low, middle, share) : between(middle, high, share - 1);
    });
    shades = Uint8Array.from(words, (_, id) => Math.round(frequencyOf(id) * (FREQUENCY_STEPS - 1)));
  }
  colors.list = list.map(css);
  palette = Uint32Array.from(list, pixel);
}
