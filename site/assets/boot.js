// Starts the app. The page is readable without it, and says why it stays as it is.
import start from "./{app}";

const { dataset } = document.documentElement;
dataset.engine = new URL("./{engine}", import.meta.url).href;
dataset.audit = new URL("./{audit}", import.meta.url).href;
// By tokenizer: what counting exactly loads, and the worker that does it.
for (const [tokenizer, [size, worker]] of Object.entries({tokens})) {
  dataset[tokenizer] = `${size}|${new URL(worker, import.meta.url).href}`;
}

// Places on the same page are left to the browser, which marks them and moves the focus.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href*='#']");
  if (link?.href.split("#")[0] === location.href.split("#")[0]) event.stopPropagation();
});

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

// On paper a page says where it is from.
addEventListener("beforeprint", () => {
  document.documentElement.dataset.address = location.href;
});

try {
  await start({ module_or_path: new URL("./{app_wasm}", import.meta.url) });
} catch (error) {
  const trouble = document.getElementById("trouble");
  trouble.textContent =
    "Search and everything else that runs in the browser is off, because WebAssembly could not be started here: " +
    error.message;
  trouble.hidden = false;
}
