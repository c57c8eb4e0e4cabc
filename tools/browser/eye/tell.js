// Tells which page this is as soon as it is there, before anybody asks. The eye itself is made for the first look.

if (self === top && document.readyState === "loading") {
  Object.defineProperty(globalThis, "thinned", { value: thinned });
  watchPlain();
}

if (self === top && typeof tell === "function" && document.readyState === "loading") {
  const news = () => tell(JSON.stringify({ title: squeeze(document.title), told: ask("told").said ?? "" }));
  document.addEventListener("DOMContentLoaded", news, { once: true });
}
