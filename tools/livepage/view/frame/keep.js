/** What the person watching has done to the page is theirs: typed text, checked boxes, chosen options, opened details. */
const toggled = new WeakSet();
let applying = false;

addEventListener("toggle", ({ target }) => {
  if (!applying && target instanceof Element) toggled.add(target);
}, true);

const isField = (node) => node instanceof HTMLInputElement || node instanceof HTMLTextAreaElement;

const keeping = {
  beforeNodeMorphed(old, fresh) {
    if (isField(old) && isField(fresh)) {
      takeAttributes(old, fresh); // the value and checkedness a person gave outlive a change of their defaults
      if (old instanceof HTMLTextAreaElement && old.textContent !== fresh.textContent) old.textContent = fresh.textContent;
      return false;
    }
    if (old instanceof HTMLTemplateElement && fresh instanceof HTMLTemplateElement) {
      takeAttributes(old, fresh);
      if (old.innerHTML !== fresh.innerHTML) old.innerHTML = fresh.innerHTML;
      return false;
    }
    return true;
  },
  beforeAttributeUpdated: (name, node) => !(isToggle(node) && name === "open") && !(node instanceof HTMLOptionElement && name === "selected" && isChosen(node.closest("select"))),
};

const isToggle = (node) => toggled.has(node) && (node instanceof HTMLDetailsElement || node instanceof HTMLDialogElement);

/** Whether a select's choice differs from what its options say. */
function isChosen(select) {
  return select !== null && [...select.options].some((option) => option.selected !== option.defaultSelected) && !isUntouched(select);
}

/** A select that offers its first option because none is marked. */
function isUntouched(select) {
  return !select.multiple && select.selectedIndex === 0 && ![...select.options].some((option) => option.defaultSelected);
}

function takeAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const attribute of fresh.attributes) {
    if (old.getAttribute(attribute.name) !== attribute.value) old.setAttributeNode(attribute.cloneNode());
  }
}

/** Run a change; the choices in selects under `root` are what they were, where the options still exist. */
function keepChoices(root, change) {
  const selects = [...root.querySelectorAll("select")].filter((node) => node instanceof HTMLSelectElement && isChosen(node));
  const chosen = selects.map((select) => [...select.selectedOptions].map((option) => option.value));
  change();
  selects.forEach((select, index) => {
    if (!select.isConnected || ![...select.options].some((option) => chosen[index].includes(option.value))) return;
    for (const option of select.options) option.selected = chosen[index].includes(option.value);
  });
}
