// Sets the theme that was chosen, before anything is painted, and says that the app is on its way, as long as it is.
document.documentElement.dataset.loading = "";
try {
  const theme = localStorage.getItem("promptdex-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system decides.
}
