// Starts the app. The page is readable without it, and says why it stays as it is.
import start from "./{app}";

const { dataset } = document.documentElement;
dataset.worker = new URL("./{worker}", import.meta.url).href;
// By tokenizer: what counting exactly loads, and the worker that does it.
for (const [tokenizer, [size, worker]] of Object.entries({tokens})) {
  dataset[tokenizer] = `${size}|${new URL(worker, import.meta.url).href}`;
}

// Places on the same page are left to the browser, which marks them and moves the focus.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href*='#']");
  if (link?.href.split("#")[0] === location.href.split("#")[0]) event.stopPropagation();
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
