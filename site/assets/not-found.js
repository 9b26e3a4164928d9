// A missing page may be shown at any depth, so its folder is not the registry's. The address from which
// this script has come tells: the page asks for it in each folder above, and the nearest answer counts.
(() => {
  const script = document.currentScript;
  if (document.querySelector("base")) return;
  const base = document.createElement("base");
  base.href = new URL("../", script.src).href;
  document.head.prepend(base);
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = "assets/" + script.dataset.style;
  const app = document.createElement("script");
  app.type = "module";
  app.src = "assets/" + script.dataset.app;
  document.head.append(style, app);
})();
