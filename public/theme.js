// Applies the chosen theme before anything is painted. Without a choice the page follows the system.
try {
  const theme = localStorage.getItem("user-segments.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be closed to this page; the system's theme is fine then.
}
