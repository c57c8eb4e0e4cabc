// Tells which page this is as soon as it is there, before anybody asks. The eye itself is made for the first look.

if (self === top && document.readyState === "loading") {
  Object.defineProperty(globalThis, "thinned", { value: thinned });
  watchPlain();
  const news = () => tell(JSON.stringify({ title: squeeze(document.title), told: ask("told").said ?? "" }));
  if (typeof tell === "function") document.addEventListener("DOMContentLoaded", news, { once: true });
}
