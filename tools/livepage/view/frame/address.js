/** The element a change was addressed to by the server; null if another one, or none, is there. */
function elementAt({ id, path = [] }, tag) {
  let here = id === undefined ? document.documentElement : document.getElementById(id);
  for (const index of path) here = here?.children[index] ?? null;
  return here?.localName === tag ? here : null;
}

/** A selector for an element that a person pointed at: its id, or the way to it from the nearest id. */
function selectorOf(element) {
  const steps = [];
  for (let here = element; here && here !== document.documentElement; here = here.parentElement) {
    if (here.id && document.querySelectorAll(`#${CSS.escape(here.id)}`).length === 1) {
      return [`#${CSS.escape(here.id)}`, ...steps].join(" > ");
    }
    const index = [...here.parentElement.children].indexOf(here) + 1;
    steps.unshift(here === document.body ? "body" : `${here.localName}:nth-child(${index})`);
  }
  return steps.join(" > ");
}
