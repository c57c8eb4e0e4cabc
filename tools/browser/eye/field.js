// Fields: what may be typed where, and what stands there afterwards. A fragment of the eye's closure.

const SET_TYPES = new Set(["date", "time", "month", "week", "datetime-local", "color", "range"]);

/** The element that takes the text: the field itself, the one its label means, or the only one in it. */
function fieldOf(el) {
  const takes = (one) => one && (one.isContentEditable || tag(one) === "textarea" || (tag(one) === "input" && !["checkbox", "radio", "button", "submit", "reset", "image"].includes(one.type)));
  if (takes(el)) return el;
  if (tag(el) === "label" && takes(el.control)) return el.control;
  const inner = [...el.querySelectorAll("input,textarea,[contenteditable]")].filter(takes);
  const root = rootOf(el);
  if (root) inner.push(...[...root.querySelectorAll("input,textarea,[contenteditable]")].filter(takes));
  return inner.length === 1 ? inner[0] : null;
}

/** Make a field ready for keys: focused, its text selected or the caret at its end. `set`: it was filled at once. */
function edit({ n, text, append }) {
  const given = eye.els.get(n)?.deref();
  const el = given && fieldOf(given);
  if (!el) return { problem: notEditable(given) };
  if (el.type === "file") return { problem: "takes files: use browser_upload" };
  if (disabled(el)) return { problem: "is disabled" };
  if (el.readOnly || attr(el, "aria-readonly") === "true") return { problem: "is read-only" };
  if (SET_TYPES.has(el.type)) return setAtOnce(el, text);
  el.focus({ preventScroll: true });
  const focused = el.getRootNode().activeElement === el;
  selectText(el, append);
  return { focused, filled: Boolean(el.isContentEditable ? el.textContent : el.value), secret: tag(el) === "input" && secret(el), keys: minds(el) };
}

function notEditable(el) {
  const role = roleOf(el);
  if (tag(el) === "select") return "is a list to choose from: use browser_select";
  if (role === "checkbox" || role === "radio" || role === "switch") return `is a ${role}: use browser_click`;
  if (role === "slider" || role === "spinbutton") return `is a ${role} that takes no text: browser_click it, then browser_press ArrowUp, ArrowDown, Home or End, or browser_drag it`;
  return "takes no text; call browser_read to find the field";
}

function setAtOnce(el, text) {
  const before = el.value;
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(el, text);
  if (text && !el.value || el.type === "color" && el.value !== text.toLowerCase() || el.type === "range" && Number(el.value) !== Number(text)) {
    const form = { date: "2026-12-31", time: "23:59", month: "2026-12", week: "2026-W52", "datetime-local": "2026-12-31T23:59", color: "#d97757", range: `a number from ${el.min || 0} to ${el.max || 100} in steps of ${el.step || 1}` }[el.type];
    el.value = before;
    return { problem: `is a field of type ${el.type} and takes a text such as ${form}` };
  }
  el.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  el.dispatchEvent(new Event("change", { bubbles: true }));
  return { set: true };
}

function selectText(el, append) {
  if (el.isContentEditable) {
    const range = document.createRange();
    range.selectNodeContents(el);
    if (append) range.collapse(false);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return;
  }
  if (!append) return el.select?.();
  try {
    el.setSelectionRange(el.value.length, el.value.length);
  } catch {
    // e-mail and number fields have no caret to set: the browser puts it at the end
  }
}

/** What has the focus, or null. */
function focused() {
  let el = document.activeElement;
  while (el && rootOf(el)?.activeElement) el = rootOf(el).activeElement;
  if (!el || el === document.body || el.localName === "iframe") return null;
  return brief(el);
}

/** What stands in a field now; `same` says whether it is the wanted text. */
function edited({ n, wanted }) {
  const given = eye.els.get(n)?.deref();
  const el = given && fieldOf(given);
  if (!el) return { gone: true };
  const value = el.isContentEditable ? el.innerText.replace(/\n$/, "") : el.value;
  const plain = (text) => text.replace(/\r\n?/g, "\n");
  const bad = el.validity?.badInput ? "the browser cannot read it as a value of this field" : "";
  return { same: plain(value) === plain(wanted) || (el.isContentEditable && squeeze(value) === squeeze(wanted)), value: value && tag(el) === "input" && secret(el) ? null : cut(value, VALUE_MAX), bad };
}

/** Choose options of a native select, or the option of an ARIA list that is on the page. */
function choose({ n, values }) {
  const el = eye.els.get(n)?.deref();
  if (!el?.isConnected) return { gone: true };
  const select = tag(el) === "select" ? el : tag(el) === "label" && tag(el.control ?? el) === "select" ? el.control : null;
  if (!select) return chooseAria(el, values);
  if (disabled(select)) return { problem: "is disabled" };
  if (values.length > 1 && !select.multiple) return { problem: "takes one value only" };
  const options = [...select.options];
  const picked = [];
  for (const value of values) {
    const option = matchOption(options, value, (one) => [one.value, one.label, one.text]);
    if (!option) return { problem: `has no option ${quoted(value)}. Its options: ${optionsOf(select)}` };
    if (option.disabled || option.parentElement.disabled) return { problem: `has an option ${quoted(value)}, but it is disabled` };
    picked.push(option);
  }
  select.focus({ preventScroll: true });
  for (const option of options) option.selected = picked.includes(option);
  select.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  select.dispatchEvent(new Event("change", { bubbles: true }));
  return { chosen: picked.map((option) => squeeze(option.label)) };
}

function matchOption(options, value, texts) {
  const wanted = squeeze(value).toLowerCase();
  const exact = options.find((option) => texts(option).some((text) => text === value));
  const same = () => options.filter((option) => texts(option).some((text) => squeeze(text).toLowerCase() === wanted));
  const part = () => options.filter((option) => texts(option).some((text) => squeeze(text).toLowerCase().includes(wanted)));
  if (exact) return exact;
  if (same().length) return same()[0];
  return wanted && part().length === 1 ? part()[0] : null;
}

/** The list that an opened button does not name: the one that has the focus, or the only one there is to be seen. */
function popped(el) {
  if (attr(el, "aria-expanded") !== "true") return [];
  const root = el.getRootNode();
  const lists = "[role=listbox],[role=menu],[role=tree]";
  const focused = root.activeElement?.closest(lists);
  const shown = [...root.querySelectorAll(lists)].filter(pointable);
  return focused ? [focused] : shown.length === 1 ? shown : [];
}

/** For ARIA lists: the option to click (as its number), or how to open the list. */
function chooseAria(el, values) {
  const root = el.getRootNode();
  const owned = squeeze(`${attr(el, "aria-controls") ?? ""} ${attr(el, "aria-owns") ?? ""}`).split(" ").filter(Boolean).map((id) => root.getElementById?.(id));
  const options = [el, ...owned, ...(owned.length ? [] : popped(el))].filter(Boolean).flatMap((one) => [...one.querySelectorAll("[role=option],[role=menuitem],[role=menuitemradio],[role=radio],[role=treeitem],option")]).filter(pointable);
  if (!options.length) return { closed: attr(el, "aria-expanded") !== "true", role: roleOf(el) };
  const found = values.map((value) => matchOption(options, value, (one) => [content(one), attr(one, "data-value") ?? ""]));
  const missing = values.find((_, i) => !found[i]);
  const names = options.slice(0, 12).map((option) => cut(content(option), 60)).join(" | ");
  if (missing !== undefined) return { problem: `has no option ${quoted(missing)}. Its options: ${names}${options.length > 12 ? ` (…of ${options.length})` : ""}` };
  return { click: found.map(numberOf), next: eye.next };
}
