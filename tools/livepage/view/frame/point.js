/** Pointing at an element: a ring follows the pointer, a click names the element. Escape ends it. */
const QUOTE = 300; // characters of the element's text that go with a comment

function pointing(tell) {
  let ring = null;
  let under = null;
  const unmark = () => ring?.cancel();
  const mark = ({ clientX, clientY }) => {
    const next = document.elementFromPoint(clientX, clientY);
    if (next === under) return;
    unmark();
    under = next;
    const style = { outline: "2px solid rgb(217 119 87)", outlineOffset: "2px", cursor: "crosshair" };
    ring = under?.animate([style, style], { duration: 1, fill: "both" }) ?? null;
  };
  const swallow = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.type !== "click") return;
    mark(event);
    stop();
    if (under) tell({ is: "picked", selector: selectorOf(under), tag: under.localName, text: (under.innerText ?? under.textContent ?? "").trim().slice(0, QUOTE) });
  };
  const escape = (event) => {
    if (event.key === "Escape") {
      stop();
      tell({ is: "picked", selector: null });
    }
  };
  const TAKEN = ["click", "mousedown", "mouseup", "pointerdown", "pointerup", "dblclick", "submit"];
  function stop() {
    unmark();
    removeEventListener("pointermove", mark, true);
    removeEventListener("keydown", escape, true);
    for (const type of TAKEN) removeEventListener(type, swallow, true);
  }
  addEventListener("pointermove", mark, true);
  addEventListener("keydown", escape, true);
  for (const type of TAKEN) addEventListener(type, swallow, true);
  return stop;
}
