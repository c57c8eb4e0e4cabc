/** The line between the panes: drag, arrow keys, Home and End; double click for the middle. Its place is remembered. */

const KEY = "glasshouse.split";
const [LEAST, MOST, MIDDLE, STEP] = [24, 72, 40, 2]; // percent of the width that the conversation gets

export function split(workspace, line) {
  let at = Number(localStorage.getItem(KEY)) || MIDDLE;

  const place = (percent) => {
    at = Math.min(MOST, Math.max(LEAST, percent));
    workspace.style.setProperty("--split", `${at}%`);
    line.setAttribute("aria-valuenow", String(Math.round(at)));
  };
  const keep = () => localStorage.setItem(KEY, at.toFixed(1));

  line.setAttribute("aria-valuemin", String(LEAST));
  line.setAttribute("aria-valuemax", String(MOST));
  place(at);

  line.addEventListener("pointerdown", (event) => {
    line.setPointerCapture(event.pointerId);
    workspace.classList.add("dragging"); // frames of pages would swallow the pointer
    event.preventDefault();
    line.focus();
  });
  line.addEventListener("pointermove", (event) => {
    if (!line.hasPointerCapture(event.pointerId)) return;
    const { left, width } = workspace.getBoundingClientRect();
    place(((event.clientX - left) / width) * 100);
  });
  line.addEventListener("lostpointercapture", () => {
    workspace.classList.remove("dragging");
    keep();
  });
  line.addEventListener("dblclick", () => (place(MIDDLE), keep()));
  line.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: at - STEP, ArrowRight: at + STEP, Home: LEAST, End: MOST, Enter: MIDDLE }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    place(to);
    keep();
  });
}
