// Starts the app. The page is readable without it, and says why it stays as it is.
import start from "./{app}";

const { dataset } = document.documentElement;
dataset.engine = new URL("./{engine}", import.meta.url).href;
dataset.audit = new URL("./{audit}", import.meta.url).href;
// By tokenizer: what counting exactly loads, and the worker that does it.
for (const [tokenizer, [size, worker]] of Object.entries({tokens})) {
  dataset[tokenizer] = `${size}|${new URL(worker, import.meta.url).href}`;
}

// Whoever goes to the search field, or follows a link with a search, will search: what searches in texts is fetched
// beside the app and the catalog.
const awaitSearch = () => {
  const isAsked = document.getElementById("q") && new URLSearchParams(location.search).get("q");
  if (!isAsked && document.activeElement?.id !== "q") return;
  removeEventListener("focusin", awaitSearch);
  for (const file of {search}) fetch(new URL(file, import.meta.url)).catch(() => {});
};
addEventListener("focusin", awaitSearch);
awaitSearch();

// Places in texts: `b.m1.L13` is a line, `b.m1.L13-L20` are some.
const LINES = /^#(.+)\.L(\d+)(?:-L?(\d+))?$/;

// Returns the number of a line. Unchanged lines are there once they are shown.
const lineAt = (text, line) => {
  const found = document.getElementById(`${text}.L${line}`);
  const [, side, of] = /^([ab])\.(.+)$/.exec(text) ?? [];
  if (!found && side) {
    const hides = ({ dataset }) => dataset.of === of && line - dataset[side] >= 0 && line - dataset[side] < dataset.lines;
    show([...document.querySelectorAll(".fold:not([open])")].find(hides));
  }
  return found;
};

// Opens what hides a place.
const show = (hides) => {
  for (let one = hides?.closest("details"); one; one = one.parentElement.closest("details")) {
    if (one.open) continue;
    one.open = true;
    // Not when the browser gets to it, but before anything is painted.
    one.dispatchEvent(new Event("toggle"));
  }
};

// Whether the page is still to be scrolled to the place that the address names.
let isAwaited = true;

// Marks the place that the address names, once it is there, and goes to it.
const land = () => {
  for (const one of document.querySelectorAll(".chosen")) one.classList.remove("chosen");
  const [, text, from, to = from] = LINES.exec(location.hash) ?? [];
  const places = [];
  if (text) {
    const last = Math.min(to, Number(from) + 9_999);
    for (let line = Number(from); line <= last; line += 1) places.push(lineAt(text, line));
  } else {
    places.push(document.getElementById(location.hash.slice(1)));
  }
  const chosen = places.filter(Boolean).map((place) => place.closest(".line") ?? place);
  for (const one of chosen) one.classList.add("chosen");
  const [first] = chosen;
  if (!first) {
    // A case shows its messages once it is opened.
    if (isAwaited && text) show(document.getElementById(text.split("-")[0]));
    return;
  }
  if (!isAwaited || !document.querySelector("#app[data-ready]")) return;
  isAwaited = false;
  show(first);
  const box = first.getBoundingClientRect();
  if (text && box.height > 0 && box.top >= 120 && box.bottom <= innerHeight) return;
  const scroll = () => first.scrollIntoView({ block: text ? "center" : "start", behavior: "instant" });
  scroll();
  // What came into view has its own height only now.
  requestAnimationFrame(scroll);
  const place = places.find(Boolean);
  if (text) (place.querySelector("a") ?? place).focus({ preventScroll: true });
};

// Who goes elsewhere does not want to be taken to the place any more.
for (const own of ["wheel", "touchmove", "keydown", "pointerdown"]) {
  addEventListener(own, () => (isAwaited = false), { capture: true, passive: true });
}
const arrive = ({ navigationType }) => {
  isAwaited = navigationType !== "traverse";
  land();
};
if (globalThis.navigation) navigation.addEventListener("currententrychange", arrive);
else addEventListener("hashchange", arrive);

// The line at the top of a comparison, and where it is on the screen: it stays there when the comparison shows something else.
let topLine;
let isSwapped = false;
const note = () => {
  topLine = undefined;
  if (!document.querySelector(".diff")) return;
  for (let y = 140; y < innerHeight && !topLine; y += 40) {
    const line = document.elementFromPoint(innerWidth / 2, y)?.closest(".diff .line");
    const number = line?.querySelector(".no");
    topLine = number && { number, id: number.id, at: line.getBoundingClientRect().top };
  }
};
const other = (id) => id.replace(/\b[ab](?=\.)/, (side) => (side === "a" ? "b" : "a"));
const keep = () => {
  // The app may use an element for another line.
  if (!topLine || (topLine.number.isConnected && topLine.number.id === topLine.id)) return;
  const [, text, line] = LINES.exec(`#${isSwapped ? other(topLine.id) : topLine.id}`);
  const found = lineAt(text, line);
  if (!found && document.querySelector(".diff")) return;
  if (found) scrollBy({ top: found.getBoundingClientRect().top - topLine.at, behavior: "instant" });
  isSwapped = false;
  note();
};
addEventListener("scroll", note);

// Numbers of lines take the place of others in the address, with Shift a range of them; where the page stays the same, so do the
// other places, which the browser goes to.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link?.closest(".bar")) {
    note();
    isSwapped = link.id === "swap";
    // Options do not change which line is meant.
    link.hash = isSwapped ? other(location.hash) : location.hash;
  }
  const [, text, line] = LINES.exec(link?.hash ?? "") ?? [];
  const isHere = link?.hash && link.href.split("#")[0] === location.href.split("#")[0];
  const [, chosen, from] = LINES.exec(location.hash) ?? [];
  if (event.shiftKey && text && text === chosen) {
    event.preventDefault();
    event.stopPropagation();
    const href = link.getAttribute("href");
    const [first, last] = [Number(from), Number(line)].sort((a, b) => a - b);
    link.hash = `${text}.L${first}-L${last}`;
    link.click();
    link.setAttribute("href", href);
  } else if (text && !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey)) {
    link.dataset.noscroll = "";
    if (!isHere) return;
    event.stopPropagation();
    // What is clicked is in view, and stays where it is.
    const place = scrollY;
    if (link.matches(".line > a")) setTimeout(() => scrollTo({ top: place, behavior: "instant" }));
  } else if (isHere) {
    event.stopPropagation();
  }
});
document.addEventListener("change", (event) => event.target.closest(".bar") && note(), true);

// The app takes the place of the page that was written, with what was typed there and the focus.
let focused = document.activeElement;
addEventListener("pointerdown", () => (focused = undefined), true);
addEventListener("focusin", ({ target }) => (focused = target));
const takeOver = async (written, app) => {
  const controls = (of) => [...of.querySelectorAll("a, button, input, select, summary")];
  const [before, after] = [controls(written), controls(app)];
  const twin = (one) => (one.id && app.querySelector(`#${one.id}`)) || after[before.indexOf(one)];
  const isTyped = ({ type, value }) => /search|text|date|select/.test(type) && value;
  const typed = before.filter((one) => isTyped(one) && twin(one));
  removeEventListener("focusin", awaitSearch);
  delete dataset.loading;
  // The place that the address names was in what has gone.
  if (isAwaited && location.hash) location.replace(location.href);
  for (const one of typed) twin(one).value = one.value;
  const had = focused;
  const own = before.includes(had) && twin(had);
  if (own) own.focus({ preventScroll: true });
  if (typed.includes(had) && had.selectionStart !== null) own.setSelectionRange(had.selectionStart, had.selectionEnd);
  for (const one of typed) {
    twin(one).dispatchEvent(new Event(one.type === "search" ? "input" : "change", { bubbles: true }));
    // The next one is added to the address that this one makes.
    await new Promise((done) => setTimeout(done));
  }
};
// Each view of a page has a title of its own. What was written has that of what it shows.
const { title: written } = document;
const [first] = location.search ? [] : location.href.split("#");
const entitle = () => {
  const heading = document.querySelector("h1")?.textContent;
  const registry = document.querySelector(".home")?.textContent;
  if (!heading || !registry) return;
  const asked = new URLSearchParams(location.search);
  const [version, environment, a, b] = ["v", "env", "a", "b"].map((key) => asked.get(key));
  const sides = document.querySelector(".bar") && [a, b].filter(Boolean).join(" → ");
  const of = sides || (document.querySelector(".version, .play") && (version ?? (environment && `@${environment}`)));
  const own = `${heading}${of ? ` ${of}` : ""} · ${registry}`;
  const title = location.href.split("#")[0] === first ? written : own;
  if (document.title !== title) document.title = title;
};

new MutationObserver((records) => {
  const gone = records.flatMap(({ removedNodes }) => [...removedNodes]).find(({ id }) => id === "app");
  if (gone) takeOver(gone, document.getElementById("app"));
  // As an element for unchanged lines that was open before, for others.
  for (const { parentElement } of document.querySelectorAll(".fold[open] > .t"))
    parentElement.dispatchEvent(new Event("toggle"));
  // While the next comparison is on its way, the last one says nothing of what the page is asked for.
  for (const one of document.querySelectorAll(".sentence, .last-sentence"))
    one.className = one.closest("[aria-busy]") ? "last-sentence" : "sentence";
  keep();
  entitle();
  if (location.hash) land();
}).observe(document.body, { childList: true, subtree: true, attributeFilter: ["id", "aria-busy"] });

// Back and forward, once the page is there: it is scrolled to where it was left, and the link that led
// away has the focus. What the browser remembers itself is how far the page was scrolled when it was
// already half gone.
if (globalThis.navigation) {
  const places = new Map();
  const remember = () => places.set(navigation.currentEntry.key, scrollY);
  addEventListener("scroll", remember);
  // A link may be followed before the next frame tells that the page was scrolled to it.
  addEventListener("click", remember, true);
  const isLoading = () => [...document.querySelectorAll(".loading")].some((one) => one.checkVisibility());
  const isSeen = (link) => {
    const box = link.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight;
  };
  navigation.addEventListener("navigate", (event) => {
    const place = places.get(event.destination.key);
    if (event.navigationType !== "traverse" || event.hashChange || !event.canIntercept) return;
    const left = location.href;
    const handler = async () => {
      for (let frames = 0; frames < 2 || (isLoading() && frames < 120); frames += 1) {
        await new Promise(requestAnimationFrame);
      }
      if (place !== undefined) scrollTo({ top: place, behavior: "instant" });
      const links = [...document.querySelectorAll("main a")].filter((link) => link.href === left);
      (links.find(isSeen) ?? links[0])?.focus();
    };
    const scroll = place === undefined ? "after-transition" : "manual";
    event.intercept({ focusReset: "manual", scroll, handler });
  });
}

// A search that is complete is a step of its own on the way back.
addEventListener("keydown", ({ key, target, isComposing }) => {
  if (key === "Enter" && !isComposing && target.matches("#app[data-ready] #q")) history.pushState(null, "", location.href);
});

// On paper a page says where it is from.
addEventListener("beforeprint", () => {
  dataset.address = location.href;
  for (const one of document.querySelectorAll(".fold:not([open])")) one.dispatchEvent(new Event("toggle"));
});

try {
  await start({ module_or_path: new URL("./{app_wasm}", import.meta.url) });
} catch (error) {
  delete dataset.loading;
  const trouble = document.getElementById("trouble");
  trouble.textContent =
    "Search, diff and rendering are off: WebAssembly failed to start. " + error.message;
  trouble.hidden = false;
}
