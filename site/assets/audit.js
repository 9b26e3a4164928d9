// Follows the worker of what tells the past and the rules.
let asked = 0;

const fail = (message) => {
  throw new Error(message);
};

// Finds events in files of the history, the newest of which comes first, and in the pages that they name: no more files
// are read than the rows need.
const history = async (newest, filter, [skip, count]) => {
  const paths = [...newest];
  const question = ++asked;
  const rows = [];
  const [first, last] = [Number(skip), Number(skip) + Number(count)];
  let [fitting, files] = [0, 0];
  // One more than the rows of the page says that there is another page.
  while (files < paths.length && fitting <= last) {
    const text = await read(paths[files]);
    const { older } = JSON.parse(text);
    if (older) paths.splice(files + 1, 0, page(older));
    // Whoever asks for something else does not want to know any more.
    if (question !== asked) throw new Error("superseded");
    const missing = Math.max(first, fitting);
    const [[own], ...found] = parsed(
      module.history_rows([text], filter, missing - fitting, Math.max(last - missing, 0)),
    );
    rows.push(...found);
    fitting += Number(own);
    files += 1;
  }
  // Behind the last page there is the last one.
  if (fitting > 0 && first >= fitting) {
    return history(newest, filter, [fitting - 1 - ((fitting - 1) % Number(count)), count]);
  }
  return JSON.stringify([[String(fitting), files < paths.length ? "more" : ""], ...rows]);
};

const all = (paths) => Promise.all(paths.map((path) => read(path)));

let file = "";

// Makes a file of the events, and says where the browser finds it: one at a time.
const history_csv = async (paths, filter) => {
  const [text] = parsed(module.history_csv(await all(paths.toReversed()), filter));
  URL.revokeObjectURL(file);
  file = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  return JSON.stringify([[file]]);
};

const served_on = async (paths, [day], filter) =>
  module.served_on(await all(paths.toReversed()), day, filter);

const json = (text, path) => {
  try {
    return JSON.parse(text);
  } catch {
    return fail(`${path} is cut short, or not JSON`);
  }
};

// Takes a release out of the pack that holds it, which has a hundred.
const packed = async (path, place) => {
  const { documents = [] } = json(await read(path), path);
  return documents.length === 100
    ? documents[place]
    : fail(`${path} has ${documents.length} releases, not 100`);
};

// Reads a release from its own file, or from the pack that holds it, and tells which.
const releaseText = async (path) => {
  const [, folder, chain, number] =
    path.match(/^(api\/environments\/([^/]+)\/releases\/)(\d+)\.json$/) ?? [];
  if (!number) return [await read(path), path];
  const place = (Number(number) - 1) % 100;
  const pack = `${folder}${Number(number) - place}-${Number(number) - place + 99}.json`;
  let file = path;
  const text = await read(path).catch((problem) => {
    file = pack;
    return packed(pack, place).catch(({ message }) => fail(`${problem.message}, and ${message}`));
  });
  // What is not named by its digest may be anything.
  const { environment, sequence } = json(text, file);
  return environment === chain && String(sequence) === number
    ? [text, file]
    : fail(`wrong release in ${file}, expected ${number} of ${chain}`);
};

// Reads a release and everything that says what it serves.
const release = async (path) => {
  const [text, file] = await releaseText(path);
  const [first] = parsed(module.release_parts(text));
  const snapshot = await read(first).catch((problem) =>
    fail(file === path ? problem.message : `the release is in ${file}, and its snapshot was removed`),
  );
  return [text, snapshot, ...(await all(parsed(module.release_parts(text, snapshot))))];
};

const changed_since = async ([then, now]) =>
  module.changed_since(await release(then), await release(now));

const policy = () => read("api/policy.json");

// What the last environment promises to its callers is in the documents of versions.
const promotion_needs = async ([name, from, to, isLast]) => {
  const folder = `api/prompts/${name}`;
  const [rules, versions, past] = await Promise.all([
    policy(),
    readList(`${folder}/versions.json`, "versions"),
    readList(`${folder}/history.json`, "events"),
  ]);
  let documents;
  if (isLast) {
    const promised = parsed(module.promised_versions(versions, from, to));
    documents = await all(promised.map((version) => `${folder}/versions/${version}.json`));
  }
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  return module.promotion_needs(rules, versions, past, documents, from, to, now);
};

const policy_teams = async () => module.policy_teams(await policy());

Object.assign(reading, {
  history,
  history_csv,
  served_on,
  changed_since,
  promotion_needs,
  policy_teams,
});
