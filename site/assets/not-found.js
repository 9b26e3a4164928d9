// A missing page may be shown at any depth, so its folder is not the registry's. The address from which
// this script has come tells: the page asks for it in each folder above, and the nearest answer counts.
(() => {
  const script = document.currentScript;
  if (document.querySelector("base")) return;
  document.documentElement.dataset.loading = "";
  try {
    // As theme.js, which the page cannot name.
    const theme = localStorage.getItem("promptdex-theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Without storage the system decides.
  }
  const base = document.createElement("base");
  base.href = new URL("../", script.src).href;
  document.head.prepend(base);
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = "assets/" + script.dataset.style;
  const icon = document.createElement("link");
  icon.rel = "icon";
  icon.href = "assets/" + script.dataset.icon;
  const app = document.createElement("script");
  app.type = "module";
  app.src = "assets/" + script.dataset.app;
  document.head.append(style, icon);
  // A script that is added does not wait for the page, whose text the app replaces.
  document.addEventListener("DOMContentLoaded", () => document.head.append(app));
})();
