// The page of the HTTP API: made of the server's own OpenAPI document, with a form to try each operation.
// All that comes from the server is shown as text, never as HTML.

const BODIES = {
  "/v1/neighbors": { queries: [{ positive: ["king", { word: "woman", weight: 0.5 }], negative: ["man"] }], k: 5 },
  "/v1/similarity": { pairs: [["king", "queen"]] },
  "/v1/vectors": { words: ["king"] },
  "/v1/map": { words: 5000, method: "pca" },
  "/v1/documents/encode": { texts: ["the king of the north"] },
  "/v1/documents/search": { query: "kings and queens", k: 5 },
  "/v1/embeddings": { input: ["the king of the north"], encoding_format: "float" },
};
const MAX_SHOWN = 20000; // characters of an answer

function element(name, content = "", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = content;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function limitsOf(schema) {
  const one = schema.anyOf?.find((choice) => choice.type !== "null") ?? schema;
  const parts = [one.type === "array" ? "several, with commas between them" : one.type ?? ""];
  if (one.enum) parts.push(one.enum.join(" or "));
  if (one.minimum !== undefined && one.maximum !== undefined) parts.push(`${one.minimum} to ${one.maximum}`);
  if (schema.default !== undefined && schema.default !== null) parts.push(`default ${JSON.stringify(schema.default)}`);
  return parts.filter(Boolean).join(", ");
}

function fieldOf(parameter) {
  const label = element("label", parameter.name + (parameter.required ? " *" : ""));
  const input = element("input", "", { type: "text", name: parameter.name, autocomplete: "off", spellcheck: "false" });
  input.required = parameter.required ?? false;
  input.dataset.kind = parameter.schema.type === "array" ? "list" : "text";
  const about = [parameter.description, limitsOf(parameter.schema)].filter(Boolean).join("; ");
  label.append(input, element("span", about, { class: "about" }));
  return label;
}

function queryOf(form) {
  const query = new URLSearchParams();
  for (const input of form.querySelectorAll("input[name]")) {
    const values = input.dataset.kind === "list" ? input.value.split(",") : [input.value];
    for (const value of values) if (value.trim()) query.append(input.name, value.trim());
  }
  const text = query.toString();
  return text ? `?${text}` : "";
}

async function ask(method, path, form, output) {
  const body = form.querySelector("textarea")?.value;
  const options = body === undefined ? { method } : { method, body, headers: { "Content-Type": "application/json" } };
  const url = path.slice(1) + queryOf(form);
  output.hidden = false;
  output.textContent = "…";
  try {
    const answer = await fetch(url, options);
    let text = await answer.text();
    if (answer.headers.get("content-type")?.includes("json")) text = JSON.stringify(JSON.parse(text), null, 1);
    const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}\n… ${text.length - MAX_SHOWN} more characters` : text;
    output.textContent = `${method} /${url}\n${answer.status} ${answer.statusText}\n\n${shown}`;
  } catch (problem) {
    output.textContent = `${method} /${url}\nno answer: ${problem.message}`;
  }
}

function operationOf(method, path, described) {
  const whole = element("details", "", { class: "operation" });
  const summary = element("summary");
  summary.append(
    element("span", method, { class: "method" }),
    element("span", path, { class: "path" }),
    element("span", described.summary ?? "", { class: "what" }),
  );
  const inside = element("div", "", { class: "inside" });
  const form = element("form");
  for (const parameter of described.parameters ?? []) form.append(fieldOf(parameter));
  if (described.requestBody) {
    const body = JSON.stringify(BODIES[path] ?? {}, null, 1);
    form.append(element("textarea", body, { "aria-label": `Body of ${method} ${path}`, spellcheck: "false" }));
  }
  const row = element("div", "", { class: "row" });
  row.append(element("button", "Try it", { type: "submit", class: "primary" }));
  form.append(row);
  const output = element("pre", "", { tabindex: "0", role: "region", "aria-label": `Answer of ${method} ${path}` });
  output.hidden = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(method, path, form, output);
  });
  inside.append(element("p", described.description ?? "", { class: "quiet" }), form, output);
  whole.append(summary, inside);
  return whole;
}

function show(document_, place) {
  const byTag = new Map();
  for (const [path, methods] of Object.entries(document_.paths)) {
    for (const [method, described] of Object.entries(methods)) {
      const tag = described.tags?.[0] ?? "other";
      if (!byTag.has(tag)) byTag.set(tag, []);
      byTag.get(tag).push(operationOf(method.toUpperCase(), path, described));
    }
  }
  for (const [tag, operations] of byTag) place.append(element("h2", tag, { class: "title" }), ...operations);
}

const state = document.getElementById("state");
try {
  const answer = await fetch("openapi.json");
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  show(await answer.json(), document.getElementById("operations"));
  state.remove();
} catch (problem) {
  state.textContent = `The API cannot be shown: ${problem.message}`;
}
