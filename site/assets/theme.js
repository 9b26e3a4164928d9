// Sets the theme that was chosen, before anything is painted.
try {
  const theme = localStorage.getItem("promptdex-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system decides.
}
