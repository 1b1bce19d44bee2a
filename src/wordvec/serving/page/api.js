// API: questions to the server that this page came from, and to no other.

const PATIENCE = 35_000; // milliseconds; the server answers or gives up within 30 seconds

// What went wrong, as the server says it: {code, message, parameter, got, allowed, near, column}.
class Problem extends Error {
  constructor(status, error) {
    super(error.message);
    this.status = status;
    Object.assign(this, { code: "", near: [], column: null, parameter: null, got: null, allowed: null }, error);
    this.near ??= [];
  }
}

async function request(path, options, signal) {
  const headers = { Accept: "application/json", ...options.headers };
  const limit = AbortSignal.timeout(PATIENCE);
  let response;
  try {
    response = await fetch(path, {
      ...options, headers, signal: signal && AbortSignal.any ? AbortSignal.any([signal, limit]) : signal ?? limit,
    });
  } catch (reason) {
    if (signal?.aborted) throw reason; // nobody waits for the answer any more
    throw new Problem(0, { code: "unreachable", message: "The server does not answer. It may have been stopped." });
  }
  let document;
  try {
    document = await response.json();
  } catch (reason) {
    if (signal?.aborted) throw reason;
    throw new Problem(response.status, {
      code: "not_json", message: `The server answered ${response.status}, and not with JSON.`,
    });
  }
  if (!response.ok) {
    throw new Problem(response.status, document?.error ?? { message: `The server answered ${response.status}.` });
  }
  return document;
}

// Parameters that are empty are left out, but for a prefix: every word begins with nothing. Lists are repeated.
export function get(path, parameters = {}, signal = null) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of [value].flat()) if ((one !== "" || name === "prefix") && one !== null) query.append(name, one);
  }
  return request(query.size ? `${path}?${query}` : path, {}, signal);
}

export function post(path, body, signal = null) {
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return request(path, options, signal);
}
