// Before the first paint: the theme that was chosen in this browser (src/lib/theme.ts).
try {
  var theme = localStorage.getItem('docent.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch (refused) {
  // Storage is refused: the system's theme it is.
}
