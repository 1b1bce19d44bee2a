// Reads what `wordvec encoder` writes, and encodes texts as wordvec.TextEncoder does: plain JavaScript, for browsers
// (as a script, which defines WordvecEncoder) and for Node (require("./encoder.js")). V words, D dimensions.
"use strict";

const WordvecEncoder = (() => {
  // What Python takes for white space; JavaScript's \s has U+FEFF, too, and lacks some of these.
  const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
  const SPACES = new RegExp(`[${SPACE}]+`, "u");
  const JOINERS = "'\\u2019\\u200c\\u200d";
  const NEITHER = `[^\\p{L}\\p{M}\\p{N}${JOINERS}]`;
  const BETWEEN_WORDS = new RegExp(
    `^[${JOINERS}]+|[${JOINERS}]+$|[${JOINERS}]?(?:${NEITHER}|[${JOINERS}]{2,})+[${JOINERS}]?`,
    "gu",
  );
  const LONE_MARKS = new RegExp(`(?:^| )[\\p{M}${JOINERS}]+|[${JOINERS}]?\\p{Me}[\\p{M}${JOINERS}]*`, "gu");
  const VARIATION_SELECTORS = /[\u180b-\u180d\u180f\ufe00-\ufe0f\u{e0100}-\u{e01ef}]+/gu;
  // Texts with one of these are composed, freed of lone marks and of variation selectors.
  const MAY_BE_COMPOSED = new RegExp(
    "[\\p{M}\\u0374\\u037e\\u0387\\u0958-\\u095f\\u09dc-\\u09df\\u0a33-\\u0a5e\\u0b5c\\u0b5d\\u0f43-\\u0f69" +
      "\\u1160-\\u11ff\\u1f71-\\u1ffd\\u2000\\u2001\\u2126-\\u212b\\u2329\\u232a\\u2adc" +
      "\\uf900-\\ufaff\\ufb1d-\\ufb4e\\u{1d15e}-\\u{1d1c0}\\u{2f800}-\\u{2fa1f}]",
    "u",
  );
  const WITHOUT_ALPHANUMERIC = new RegExp(`(^|[${SPACE}])(?:[^${SPACE}a-z0-9]+(?:[${SPACE}]+|$))+`, "gu");
  const MARKS = [
    [".", "PERIOD"], [",", "COMMA"], ['"', "QUOTATION_MARK"], [";", "SEMICOLON"], ["!", "EXCLAMATION_MARK"],
    ["?", "QUESTION_MARK"], ["(", "LEFT_PAREN"], [")", "RIGHT_PAREN"], ["--", "HYPHENS"], [":", "COLON"],
  ];

  function lower(text) {
    // Character by character, but for texts with a capital sigma, whose small letter depends on its place.
    return text.includes("\u03a3") ? text.toLowerCase() : text.replaceAll("\u0130", "i").toLowerCase();
  }

  const SPACINGS = {
    whitespace: (text) => text,
    words(text) {
      let spaced = lower(text).replace(BETWEEN_WORDS, " ").replaceAll("\u2019", "'");
      if (MAY_BE_COMPOSED.test(spaced)) {
        spaced = spaced.replace(VARIATION_SELECTORS, "").replace(LONE_MARKS, " ").normalize("NFC");
      }
      return spaced;
    },
    alphanumeric: (text) => lower(text).replace(WITHOUT_ALPHANUMERIC, "$1"),
    punctuation(text) {
      return MARKS.reduce((spaced, [mark, name]) => spaced.replaceAll(mark, ` <${name}> `), lower(text));
    },
  };

  // Joins phrases from left to right, pass by pass: a word that ends one begins no other.
  function joinPhrases(tokens, phrases) {
    for (const names of phrases.passes) {
      const joined = [];
      let begun = [];
      for (const token of tokens) {
        if (phrases.connectors.has(token)) {
          (begun.length ? begun : joined).push(token);
          continue;
        }
        const name = begun.length ? names.get([...begun, token].join("\n")) : undefined;
        if (name !== undefined) {
          joined.push(name);
          begun = [];
        } else {
          joined.push(...begun);
          begun = [token];
        }
      }
      tokens = joined.concat(begun);
    }
    return tokens;
  }

  // Numbers of float16, which not every JavaScript has an array for.
  function halfToNumber(bits) {
    const exponent = (bits >> 10) & 31, fraction = bits & 1023, sign = bits >> 15 ? -1 : 1;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    return exponent === 31 ? NaN : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }

  const utf8 = { decode: (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  const toBytes = new TextEncoder();

  class Table {
    constructor(codes, scales, dim, precision) {
      Object.assign(this, { codes, scales, dim, precision });
      this.width = precision === "bit" ? Math.ceil(dim / 8) : dim;
    }

    // Adds a row, times a factor, to a sum.
    addTo(sum, row, factor) {
      const { codes, dim, precision } = this, first = row * this.width;
      const scale = this.scales ? this.scales[row] : 1;
      for (let place = 0; place < dim; place++) {
        if (precision === "bit") {
          const isSet = (codes[first + (place >> 3)] >> (7 - (place & 7))) & 1;
          sum[place] += factor * (isSet ? scale : -scale);
        } else {
          const code = codes[first + place];
          const value = precision === "float16" ? halfToNumber(code) : code;
          sum[place] += factor * (this.scales ? Math.fround(value * scale) : value);
        }
      }
    }
  }

  class Encoder {
    /** An encoder from the bytes of encoder.safetensors, as an ArrayBuffer or a Uint8Array. */
    static fromBytes(given) {
      const bytes = ArrayBuffer.isView(given) // Node's Buffer has a slice of its own, which copies nothing
        ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength)
        : new Uint8Array(given);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (bytes.length < 8) throw new Error("not an encoder: it is cut short");
      const headerSize = Number(view.getBigUint64(0, true));
      if (headerSize > bytes.length - 8) throw new Error("not an encoder: its header is longer than the file");
      const header = JSON.parse(utf8.decode(bytes.subarray(8, 8 + headerSize)));
      const about = JSON.parse((header.__metadata__ || {}).wordvec || "null");
      if (!about || about.format !== "wordvec encoder") throw new Error("not an encoder of wordvec");
      if (about.format_version > 1) throw new Error("made by a newer wordvec: get its encoder.js");
      const arrays = {
        F32: Float32Array, F16: Uint16Array, I8: Int8Array, U8: Uint8Array, I32: Int32Array,
      };
      const tensor = (name, isNeeded = true) => {
        const found = header[name];
        if (!found && isNeeded) throw new Error(`damaged: there is no ${name} in it`);
        if (!found) return null;
        const [start, stop] = found.data_offsets, kind = arrays[found.dtype];
        const length = found.shape.reduce((product, size) => product * size, 1);
        const isInside = Number.isInteger(start) && start >= 0 && 8 + headerSize + stop <= bytes.length;
        if (!kind || !isInside || length * kind.BYTES_PER_ELEMENT !== stop - start) {
          throw new Error(`damaged: ${name} is not what its header says`);
        }
        const copy = bytes.slice(8 + headerSize + start, 8 + headerSize + stop); // aligned
        return new kind(copy.buffer, 0, length);
      };
      return new Encoder(about, tensor);
    }

    /** An encoder from the URL of encoder.safetensors. */
    static async load(url) {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
      return Encoder.fromBytes(await response.arrayBuffer());
    }

    constructor(about, tensor) {
      this.dim = about.dim;
      this.spacing = SPACINGS[about.tokenizer];
      const letters = tensor("words"), ends = tensor("word_ends");
      const isScaled = about.precision === "int8" || about.precision === "bit";
      const table = (rows, scales, number) => {
        const made = new Table(tensor(rows), tensor(scales, isScaled), about.dim, about.precision);
        const isWhole = made.codes.length === number * made.width && (!isScaled || made.scales.length === number);
        if (isScaled && !made.scales.every(Number.isFinite)) throw new Error(`damaged: ${scales} are not all finite`);
        if (!isWhole) throw new Error(`damaged: ${rows} are not one for each word or bucket`);
        return made;
      };
      this.table = table("rows", "scales", ends.length);
      this.numbers = new Map();
      let start = 0;
      for (let row = 0; row < ends.length; row++) {
        this.numbers.set(utf8.decode(letters.subarray(start, ends[row])), row);
        start = ends[row];
      }
      if (about.ngrams) {
        const rowOf = new Map();
        tensor("buckets").forEach((bucket, row) => rowOf.set(bucket, row));
        const rows = table("ngram_rows", "ngram_scales", rowOf.size);
        this.ngrams = { rules: about.ngrams, rowOf, rows };
      }
      if (about.phrases) {
        const { delimiter, connector_words: connectors } = about.phrases.settings;
        const names = (found) => new Map(found.map(({ words }) => [words.join("\n"), words.join(delimiter)]));
        this.phrases = { passes: about.phrases.passes.map(names), connectors: new Set(connectors) };
      }
    }

    /** The words of a text, as the training text was cut. */
    tokens(text) {
      if (!this.spacing) throw new Error("this encoder has no tokenizer: pass lists of words");
      const words = this.spacing(text.toWellFormed ? text.toWellFormed() : text).split(SPACES).filter(Boolean);
      return words;
    }

    /** The vector of a text, or of a list of its words: D numbers of length 1, or zeros if no word is known. */
    encode(text) {
      let words = typeof text === "string" ? this.tokens(text) : text;
      if (this.phrases) words = joinPhrases(words, this.phrases);
      const sum = new Float64Array(this.dim);
      for (const word of words) {
        const row = this.numbers.get(word);
        if (row !== undefined) this.table.addTo(sum, row, 1);
        else if (this.ngrams) this.addNgrams(sum, word);
      }
      const length = Math.sqrt(sum.reduce((total, value) => total + value * value, 0));
      return Float32Array.from(sum, (value) => (length > 0 ? value / length : 0));
    }

    // Adds the mean of the rows of a word's n-grams; those without a row count as zeros.
    addNgrams(sum, word) {
      const { rules, rowOf, rows } = this.ngrams;
      if (word === "</s>") return;
      const letters = [...`<${word}>`].map((letter) => toBytes.encode(letter));
      const found = [];
      let number = 0;
      for (let first = 0; first < letters.length; first++) {
        let hash = 2166136261;
        for (let size = 1; size <= rules.max_n && first + size <= letters.length; size++) {
          for (const byte of letters[first + size - 1]) hash = Math.imul(hash ^ ((byte << 24) >> 24), 16777619);
          if (size < rules.min_n || (size === 1 && (first === 0 || first === letters.length - 1))) continue;
          number += 1;
          const row = rowOf.get((hash >>> 0) % rules.buckets);
          if (row !== undefined) found.push(row);
        }
      }
      for (const row of found) rows.addTo(sum, row, 1 / number);
    }

    /** The k vectors nearest to one: their places and cosines, the nearest first. */
    static nearest(vectors, query, k) {
      const scored = vectors.map((vector, place) => {
        let cosine = 0;
        for (let number = 0; number < query.length; number++) cosine += vector[number] * query[number];
        return { place, cosine };
      });
      scored.sort((one, other) => other.cosine - one.cosine || one.place - other.place);
      return scored.slice(0, k);
    }
  }
  return Encoder;
})();

if (typeof module !== "undefined") module.exports = WordvecEncoder;
