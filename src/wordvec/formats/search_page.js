
// The page: encodes its texts when it opens, and the query with each key.
if (typeof document !== "undefined") {
  const MAX_FOUND = 20;
  const one = (id) => document.getElementById(id);
  const binary = atob(one("encoder").textContent);
  const encoder = WordvecEncoder.fromBytes(Uint8Array.from(binary, (letter) => letter.charCodeAt(0)));
  const texts = JSON.parse(one("texts").textContent);
  const vectors = texts.map((text) => encoder.encode(text));
  const show = () => {
    const query = encoder.encode(one("query").value);
    const isKnown = query.some((value) => value !== 0);
    const found = isKnown ? WordvecEncoder.nearest(vectors, query, MAX_FOUND) : [];
    one("found").replaceChildren(
      ...found.map(({ place, cosine }) => {
        const item = document.createElement("li");
        const score = document.createElement("span");
        score.textContent = cosine.toFixed(2);
        item.append(score, ` ${texts[place]}`);
        return item;
      }),
    );
    const number = `${texts.length.toLocaleString("en")} texts`;
    one("status").textContent = one("query").value.trim() && !isKnown ? `${number}; no word of this is known` : number;
  };
  one("query").addEventListener("input", show);
  show();
}
