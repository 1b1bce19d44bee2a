// Data: the words and what is known about each, as map_page.py wrote them; the most important words come first.

const element = (id) => document.getElementById(id);

function unpacked(base64, Numbers) {
  const letters = atob(base64);
  const bytes = new Uint8Array(letters.length);
  for (let place = 0; place < letters.length; place++) bytes[place] = letters.charCodeAt(place);
  return new Numbers(bytes.buffer);
}

const data = JSON.parse(element("data").textContent);
const words = data.words;
const xs = unpacked(data.x, Uint16Array); // from left to right
const ys = unpacked(data.y, Uint16Array); // from top to bottom
const groups = unpacked(data.groups, Uint8Array);
const neighborIds = unpacked(data.neighbors, words.length > 65536 ? Uint32Array : Uint16Array);
const cosines = unpacked(data.cosines, Uint8Array); // 0 is -1, 255 is 1
const neighborsPerWord = neighborIds.length / words.length;
const idOf = new Map(words.map((word, id) => [word, id]));

function neighborsOf(id) {
  const first = id * neighborsPerWord;
  return Array.from(neighborIds.subarray(first, first + neighborsPerWord), (neighbor, place) => ({
    id: neighbor,
    cosine: (cosines[first + place] / 255) * 2 - 1,
  }));
}

// Letters that cannot be seen, or that would turn the text around them, appear as their numbers. Two of them join
// letters and stay: Persian and emoji need them.
function shown(text, longest = 200) {
  const visible = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (letter) =>
    "\u200c\u200d".includes(letter) ? letter : `\\u${letter.codePointAt(0).toString(16).padStart(4, "0")}`);
  const letters = Array.from(visible.slice(0, 4 * longest));
  return letters.length > longest ? `${letters.slice(0, longest - 1).join("")}…` : visible;
}

const counted = (number) => number.toLocaleString("en");
