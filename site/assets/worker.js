// Runs a module beside the page: a call is a number, the name of a function and its values.
import start, * as module from "./{module}";

const ready = start({ module_or_path: new URL("./{module_wasm}", import.meta.url) });

// Reads a file of the registry.
const read = async (path, cache = "default") => {
  const answer = await fetch(new URL(`../${path}`, import.meta.url), { cache });
  if (!answer.ok) throw new Error(`HTTP ${answer.status} for ${path}`);
  const text = await answer.text();
  // What is named by its digest is only used if it has that.
  if (path.startsWith("api/snapshots/") && !path.includes(module.digest_hex(text)))
    throw new Error(`digest mismatch: ${path}`);
  return text;
};

// Reads what the module answers.
const parsed = (answer) => {
  const value = JSON.parse(answer);
  if (value.failed) throw new Error(value.failed);
  return value;
};

// Where the full page of older rows is that a file of a list names.
const page = ({ digest }) => `api/snapshots/${digest.slice("sha256:".length)}.json`;

// Reads a list with all its pages.
const readList = async (path, rows) => {
  const text = await read(path);
  const list = JSON.parse(text);
  if (!list.older) return text;
  for (let { older } = list; older; ) {
    const full = JSON.parse(await read(page(older)));
    if (full.format !== list.format || full.kind !== list.kind)
      throw new Error(`${page(older)} needs a newer site`);
    list[rows].unshift(...full[rows]);
    ({ older } = full);
  }
  return JSON.stringify(list);
};

// What failed inside the engine is told to whoever started it.
const reason = (error) => {
  if (error instanceof WebAssembly.RuntimeError) throw error;
  return error.message;
};

const failed = (error) => JSON.stringify({ failed: reason(error) });

// Functions that read what the module is asked about, so that the page has none of it: what follows adds them.
const reading = {};

onmessage = async ({ data: [number, name, ...values] }) => {
  try {
    await ready;
    const answer = reading[name]
      ? await reading[name](...values).catch(failed)
      : String(module[name](...values));
    postMessage([number, answer, ""]);
  } catch (error) {
    postMessage([number, "", String(error)]);
  }
};
