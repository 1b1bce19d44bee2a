// Models: those that the server has, and the one that is asked.

import { get } from "./api.js";
import { go, state } from "./address.js";
import { counted, make, shown } from "./text.js";

let known = { default: "", models: [] };

export async function loadModels(signal = null) {
  known = await get("v1/models", {}, signal);
}

export const allModels = () => known.models;
export const modelName = () => state.model || known.default;
export const modelAsked = () => known.models.find((model) => model.name === modelName()) ?? null;

// The second model of a comparison: the one that was chosen, or the first other one.
export function otherModel() {
  const others = known.models.filter((model) => model.name !== modelName());
  return others.find((model) => model.name === state.other) ?? others[0] ?? null;
}

export function modelSelect({ id, label, models, selected, changes }) {
  const select = make("select", { id, "aria-label": label, change: (event) => go(changes(event.target.value)) },
    models.map((model) => make("option", { value: model.name, selected: model.name === selected }, shown(model.name, 60))));
  return select;
}

// The model in the masthead: a name, or a choice where there are several.
export function showModels(place) {
  const model = modelAsked();
  if (!model) {
    place.replaceChildren();
    return;
  }
  const size = make("span", { class: "size" }, `${counted(model.words)} words × ${counted(model.dim)}`);
  const name = known.models.length === 1
    ? make("bdi", { class: "model-name", dir: "auto" }, shown(model.name, 60))
    : modelSelect({
      id: "model", label: "Model", models: known.models, selected: model.name,
      changes: (chosen) => ({ model: chosen === known.default ? "" : chosen, other: chosen === state.other ? "" : state.other }),
    });
  place.replaceChildren(name, size);
}

export const isUnknownModel = () => Boolean(state.model) && !modelAsked();
