// Expressions: how words are written in the search box, and which of them is being typed. The server reads the rest.

const OPENING = "\"“„«";
const NEEDS_QUOTES = /[\s"“”„«»()*×⋅∗/÷+＋−]|^-|-$|^[\d.]+$/u;

const inQuotes = (word) => `"${word.replace(/[\\"]/g, "\\$&")}"`;

// A word as a whole query: a word of the model needs no quotes, unless it looks like a quoted one.
export const asQuery = (word) => (word !== word.trim() || OPENING.includes(word[0]) ? inQuotes(word) : word);

// A word inside a longer expression.
export const asTerm = (word) => (NEEDS_QUOTES.test(word) ? inQuotes(word) : word);

// The word that a query is, if it is one.
export function asWord(query) {
  const text = query.trim();
  const quoted = /^"((?:[^"\\]|\\.)*)"$/su.exec(text);
  return quoted ? quoted[1].replace(/\\(.)/gsu, "$1") : text;
}

// The word that is being typed: {start, end, prefix} in the text, null where there is none to complete.
export function wordAt(text, caret) {
  const before = text.slice(0, caret);
  const quotes = (before.match(/(?<!\\)"/g) ?? []).length;
  if (quotes % 2) {
    const start = before.lastIndexOf("\"");
    const rest = /^(?:[^"\\]|\\.)*"?/su.exec(text.slice(start + 1))[0];
    return { start, end: start + 1 + rest.length, prefix: before.slice(start + 1).replace(/\\(.)/gsu, "$1") };
  }
  // A sign or a mark inside of a word, as in well-known and c++, belongs to it; before a word, it does not.
  const found = /(?:^|[\s()*×/÷"“”„«»]|(?<=^|[\s()*×/÷])[-+−–])([^\s()*×/÷"“”„«»+−–-][^\s()*×/÷"“”„«»]*)$/u.exec(before);
  if (!found || /^[\d.]+$/.test(found[1])) return null;
  const start = caret - found[1].length;
  const rest = /^[^\s()*×/÷"“”„«»]*/u.exec(text.slice(caret))[0];
  return { start, end: caret + rest.length, prefix: found[1] };
}

// Words that have spaces inside may be phrases of the model: all that stands since the last sign.
export function phraseAt(text, caret) {
  const prefix = text.slice(0, caret).split(/\s[-+−–/]\s|[()*×÷"“”„«»]/u).at(-1).trimStart();
  return /\S\s/u.test(prefix) ? { start: caret - prefix.length, end: caret, prefix } : null;
}

const number = (weight) => String(Number(Math.abs(weight).toPrecision(3)));

// The terms of an expression as text for titles: king − man + 0.5 × woman.
export function termsText(terms, show) {
  return terms.map(({ word, weight }, place) => {
    const sign = weight < 0 ? (place ? " − " : "−") : place ? " + " : "";
    return `${sign}${Math.abs(weight) === 1 ? "" : `${number(weight)} × `}${show(word)}`;
  }).join("");
}

// The same as parts, to be made into elements: {sign, factor, word}.
export function termParts(terms) {
  return terms.map(({ word, weight }, place) => ({
    word,
    sign: weight < 0 ? "−" : place ? "+" : "",
    factor: Math.abs(weight) === 1 ? "" : `${number(weight)} ×`,
  }));
}

// The analogy that an expression is: b - a + c asks what is to c as b is to a.
export function analogyOf(terms) {
  const plus = terms.filter(({ weight }) => weight === 1);
  const minus = terms.filter(({ weight }) => weight === -1);
  if (terms.length !== 3 || plus.length !== 2 || minus.length !== 1) return null;
  return { a: minus[0].word, b: plus[0].word, c: plus[1].word };
}
