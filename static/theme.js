// Not a module, on purpose: it runs before the first paint, so that a chosen theme does not flash in after the other one.
(() => {
  const chosen = localStorage.getItem("glasshouse.theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
})();
