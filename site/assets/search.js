// Follows the worker of what searches.
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
  if (own !== asked) throw new Error("superseded");
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
    const versions = await readList(`api/prompts/${name}/versions.json`, "versions");
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

Object.assign(reading, { search, find });
