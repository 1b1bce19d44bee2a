// Text: words come from anywhere, so they are shown as text, never as markup, and what cannot be seen is written out.

// Control characters, marks that turn the text around them, halves of letters, ends of lines, and letters without ink.
// Two joiners stay: Persian and emoji need them.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]/u;
const SPACES = /[\p{Zs}]/u; // in a word, all but the plain one
const JOINERS = "\u200c\u200d";
const LONG = 32; // letters from which a heading is smaller
const MAX_LETTERS = 120; // of a word on the page

const isUnseen = (letter, isWord) =>
  (UNSEEN.test(letter) && !JOINERS.includes(letter)) || (isWord && letter !== " " && SPACES.test(letter));

const escaped = (letter) => {
  const code = letter.codePointAt(0).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
};

function pieces(text, isWord) {
  const found = []; // [text, whether it was written out]
  for (const letter of text) {
    const unseen = isUnseen(letter, isWord) || (isWord && letter === " " && !text.trim());
    const last = found[found.length - 1];
    if (last && last[1] === unseen) last[0] += unseen ? escaped(letter) : letter;
    else found.push([unseen ? escaped(letter) : letter, unseen]);
  }
  return found;
}

function shortened(text, longest) {
  if (text.length <= longest) return text;
  const letters = Array.from(text.slice(0, 2 * longest + 2));
  return letters.length > longest ? `${letters.slice(0, longest - 1).join("")}…` : text;
}

// A word for places that take only a string: titles, labels for screen readers, a canvas.
export function shown(word, longest = MAX_LETTERS) {
  return pieces(shortened(word, longest), true).map(([text]) => text).join("");
}

// An element; children are elements or strings, and strings become text.
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") made.addEventListener(name, value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

// Text whose direction stays inside it, with what cannot be seen written out and marked as such.
const written = (text, isWord) => pieces(text, isWord).map(([part, unseen]) => (
  unseen ? make("span", { class: "escape", dir: "ltr" }, part) : part));

const isolated = (text, isWord, className) => make("bdi", { class: className, dir: "auto" }, written(text, isWord));

export const wordNode = (word, longest = MAX_LETTERS) =>
  isolated(shortened(word, longest), true, word.length > LONG ? "word long" : "word");
export const textNode = (text) => isolated(text, false, null);

// A part of a longer text, whose direction is that of the whole.
export const partOfText = (text) => written(text, false);

export const counted = (number) => number.toLocaleString("en");
export const plural = (number, one, many = `${one}s`) => `${counted(number)} ${number === 1 ? one : many}`;

// A cosine, with a true minus sign.
export const cosine = (number, digits = 3) => {
  const text = Math.abs(number).toFixed(digits);
  return number < 0 && Number(text) !== 0 ? `−${text}` : text;
};

export function ordinal(number) {
  const ending = { one: "st", two: "nd", few: "rd", other: "th" };
  return `${counted(number)}${ending[new Intl.PluralRules("en", { type: "ordinal" }).select(number)]}`;
}

const SHAPES = {
  star: "M8 1.8l1.9 4 4.3.6-3.1 3 .8 4.4L8 11.7l-3.9 2.1.8-4.4-3.1-3 4.3-.6z",
  quote: "M2.5 3.5h11v7.5h-6.5l-3 2.5v-2.5h-1.5z",
  cross: "M4 4l8 8M12 4l-8 8",
  arrow: "M3 8h10M9 4l4 4-4 4",
};

// A small drawing beside or instead of a word; what it means is said by the label of its button.
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [key, value] of [["viewBox", "0 0 16 16"], ["class", "icon"], ["aria-hidden", "true"]]) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

const live = document.getElementById("live");

// Tell those who listen to the page what has changed.
export function say(text) {
  live.textContent = text;
}
