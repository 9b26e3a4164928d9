// Starts the app. The page is readable without it, and says why it stays as it is.
import start from "./{app}";

document.documentElement.dataset.worker = new URL("./{worker}", import.meta.url).href;

try {
  await start({ module_or_path: new URL("./{app_wasm}", import.meta.url) });
} catch (error) {
  const trouble = document.getElementById("trouble");
  trouble.textContent =
    "Search and everything else that runs in the browser is off, because WebAssembly could not be started here: " +
    error.message;
  trouble.hidden = false;
}
