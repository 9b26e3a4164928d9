// Runs a module beside the page: a call is a number, the name of a function and its values. What is
// searched is read here as well, so that the page has none of it.
import start, * as module from "./{module}";

const ready = start({ module_or_path: new URL("./{module_wasm}", import.meta.url) });

// Reads a file of the registry.
const read = async (path, cache = "default") => {
  const answer = await fetch(new URL(`../${path}`, import.meta.url), { cache });
  if (!answer.ok) throw new Error(`the host answered ${answer.status} for ${path}`);
  return answer.text();
};

// The shards that were read. One that failed is read again when it is needed again.
const shards = new Map();

const shard = (path, cache) => {
  if (cache || !shards.has(path)) {
    const text = read(path, cache);
    text.catch(() => shards.delete(path));
    shards.set(path, text);
  }
  return shards.get(path);
};

let asked = 0;

// Finds rows of the catalog. Whoever goes on typing does not want to know yet.
const search = async (words, names, boundaries) => {
  const own = ++asked;
  await new Promise((done) => setTimeout(done, 150));
  if (own !== asked) throw new Error("something else was asked");
  const paths = parsed(module.search_shards(words, boundaries));
  const rows = async (cache) =>
    module.search_rows(words, names, await Promise.all(paths.map((path) => shard(path, cache))));
  const found = await rows();
  // For a moment a host may have files of two builds: once more, past the caches.
  return found.startsWith("{") ? rows("reload") : found;
};

// Finds words in prompts, each a list of the words and its name. Why one is not known is said in its place.
const find = async (prompts) => {
  const inOne = async (prompt) => {
    const [words, name] = [prompt.slice(0, -1), prompt.at(-1)];
    const versions = await read(`api/prompts/${name}/versions.json`);
    const documents = [];
    for (const number of parsed(module.shown_versions(versions))) {
      documents.push(await read(`api/prompts/${name}/versions/${number}.json`));
      const found = parsed(module.find_in(words, versions, documents));
      if (found.length > 0) return found;
    }
    return [];
  };
  const found = prompts.map((prompt) => inOne(prompt).catch((error) => [reason(error)]));
  return JSON.stringify(await Promise.all(found));
};

// Finds events in files of the history, the newest of which comes first: no more files are read than the rows need.
const history = async (paths, filter, [skip, count]) => {
  const rows = [];
  const [first, last] = [Number(skip), Number(skip) + Number(count)];
  let [fitting, files] = [0, 0];
  // One more than the rows of the page says that there is another page.
  while (files < paths.length && fitting <= last) {
    const text = await read(paths[files]);
    const missing = Math.max(first, fitting);
    const [[own], ...found] = parsed(
      module.history_rows([text], filter, missing - fitting, Math.max(last - missing, 0)),
    );
    rows.push(...found);
    fitting += Number(own);
    files += 1;
  }
  return JSON.stringify([[String(fitting), files < paths.length ? "more" : ""], ...rows]);
};

const all = (paths) => Promise.all(paths.map((path) => read(path)));

// Makes a file of the events, and says where the browser finds it.
const history_csv = async (paths, filter) => {
  const [text] = parsed(module.history_csv(await all(paths.toReversed()), filter));
  return JSON.stringify([[URL.createObjectURL(new Blob([text], { type: "text/csv" }))]]);
};

// By their first two cells: sorting there would have to be loaded.
const sorted = (answer) => {
  const key = ([first, second]) => `${first} ${second}`;
  return JSON.stringify(parsed(answer).sort((a, b) => (key(a) < key(b) ? -1 : 1)));
};

const served_on = async (paths, [day], filter) =>
  sorted(module.served_on(await all(paths.toReversed()), day, filter));

// Reads a release and everything that says what it serves.
const release = async (path) => {
  const text = await read(path);
  const [first] = parsed(module.release_parts(text));
  const snapshot = await read(first);
  return [text, snapshot, ...(await all(parsed(module.release_parts(text, snapshot))))];
};

const changed_since = async ([then, now]) =>
  sorted(module.changed_since(await release(then), await release(now)));

const policy = () => read("api/policy.json");

const promotion_needs = async ([name, from, to]) => {
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const versions = await read(`api/prompts/${name}/versions.json`);
  return module.promotion_needs(await policy(), versions, from, to, now);
};

const policy_teams = async () => module.policy_teams(await policy());

const parsed = (answer) => {
  const value = JSON.parse(answer);
  if (value.failed) throw new Error(value.failed);
  return value;
};

// What failed inside the engine is told to whoever started it.
const reason = (error) => {
  if (error instanceof WebAssembly.RuntimeError) throw error;
  return error.message;
};

const failed = (error) => JSON.stringify({ failed: reason(error) });

const reading = {
  search,
  find,
  history,
  history_csv,
  served_on,
  changed_since,
  promotion_needs,
  policy_teams,
};

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
