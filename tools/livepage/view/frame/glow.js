/** A soft ring around what just changed. An animation is not in the DOM: the document stays what the server says. */
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const RING = "rgb(217 119 87 / 0.85)";

function glow(elements) {
  if (calm.matches || document.hidden || elements.length > 24) return;
  for (const element of elements) {
    const { width, height } = element.getBoundingClientRect();
    if (width === 0 || width * height > innerWidth * innerHeight * 0.8) continue;
    element.animate(
      [
        { outline: `2px solid ${RING}`, outlineOffset: "3px" },
        { outline: `2px solid ${RING}`, outlineOffset: "3px", offset: 0.35 },
        { outline: "2px solid transparent", outlineOffset: "7px" },
      ],
      { duration: 1800, easing: "ease-out" },
    );
  }
}
