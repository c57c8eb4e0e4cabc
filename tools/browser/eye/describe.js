// What an element is to a person: role, name, state. A fragment of the eye's closure (sight.py joins them).

const NATIVE = "a[href],area[href],button,input:not([type=hidden]),select,textarea,summary,audio[controls],video[controls],canvas";
const ROLES = new Set(
  ("button link checkbox radio switch tab menuitem menuitemcheckbox menuitemradio option combobox textbox searchbox " +
    "slider spinbutton treeitem listbox scrollbar").split(" "),
);
const LOOSE = new Set("gridcell row columnheader rowheader separator".split(" ")); // roles that say what a clickable thing is
const FIELDS = new Set(["textbox", "searchbox", "combobox", "spinbutton", "password", "slider", "listbox"]);
const NAMED_BY_CONTENT = new Set(
  "button link checkbox radio switch tab menuitem menuitemcheckbox menuitemradio option treeitem clickable summary gridcell columnheader rowheader row text".split(" "),
);
const INPUT_ROLES = {
  checkbox: "checkbox", radio: "radio", range: "slider", number: "spinbutton", search: "searchbox", submit: "button",
  button: "button", reset: "button", image: "button", password: "password", file: "file", color: "color", date: "date",
  time: "time", month: "month", week: "week", "datetime-local": "datetime",
};
const SECRET_HINTS = /^(cc-number|cc-csc|current-password|new-password|one-time-code)$/;
const NAME_MAX = 160;
const VALUE_MAX = 200;

const cut = (text, max) => (text.length > max ? whole(text.slice(0, max)) + "…" : text);
const quoted = (text) => JSON.stringify(whole(text));

// Only forms have properties that their fields can stand in for (<input name=children>): theirs are got from the prototype.
const tag = (el) => (typeof el.localName === "string" ? el.localName : el.localName ? "form" : "");
const get = (el, name) => (tag(el) === "form" ? Reflect.get(HTMLFormElement.prototype, name, el) : el[name]);
const kind = (node) => (typeof node.nodeType === "number" ? node.nodeType : 1);
const { getAttribute } = Element.prototype;
const attr = (el, name) => getAttribute.call(el, name);
const boxOf = (el) => get(el, "getBoundingClientRect").call(el);

/** The shadow root of an element, also a closed one (the sentry and the debugger know those), or null. */
const rootOf = (el) => (tag(el) === "form" ? null : el.shadowRoot || eye.closed.get(el) || null);

/** What a slot shows of its host's children, or null: then an element's children go from `firstIn` by `nextSibling`. */
function slotted(node) {
  const given = tag(node) === "slot" && node.assignedNodes ? node.assignedNodes() : [];
  return given.length ? given : null;
}

/** The first child as they are composed: of a shadow root, or plainly. */
const firstIn = (node) => get(rootOf(node) ?? node, "firstChild");

/** The parent in the composed tree. */
function above(el) {
  const root = get(el, "assignedSlot") || get(el, "parentElement") || get(el, "getRootNode")?.call(el);
  return root instanceof ShadowRoot ? root.host : root instanceof Document ? null : root ?? null;
}

function within(node, ancestor) {
  for (let at = node; at; at = get(at, "assignedSlot") || get(at, "parentNode") || get(at, "host")) if (at === ancestor) return true;
  return false;
}

function roleOf(el) {
  const roles = attr(el, "role");
  const given = roles && squeeze(roles).toLowerCase().split(" ").find((role) => ROLES.has(role));
  const name = tag(el);
  if (name === "input") {
    const native = INPUT_ROLES[el.type] || (el.hasAttribute("list") ? "combobox" : "textbox");
    return given && native !== "password" && native !== "file" ? given : native;
  }
  if (given || name === "form") return given ?? null;
  if (name === "a" || name === "area") return el.hasAttribute("href") || el.hasAttribute("xlink:href") ? "link" : null;
  if (name === "button") return "button";
  if (name === "summary") return el.parentElement?.localName === "details" ? "summary" : null;
  if (name === "textarea") return "textbox";
  if (name === "select") return el.multiple || el.size > 1 ? "listbox" : "combobox";
  if (name === "canvas") return "canvas";
  if ((name === "video" || name === "audio") && el.controls) return name;
  if (el.isContentEditable && !el.parentElement?.isContentEditable) return "textbox";
  return null;
}

/** Role of anything a person can act on, or null: by role, by listener, by being focusable, by its cursor. */
function interactive(el, style, inherited) {
  const role = roleOf(el);
  if (role) return role;
  const name = tag(el);
  if (name === "form" || name === "label" || name === "html" || name === "body" || name === "iframe" || name === "option") return null;
  const acts = el.hasAttribute("onclick") || (!eye.listening && (el.onclick || el.onmousedown || el.onpointerdown)) || (el.hasAttribute("tabindex") && el.tabIndex >= 0)
    || eye.listening?.has(el) || (style.cursor === "pointer" && !inherited.pointer);
  if (inherited.items && /^(li|tr)$/.test(name)) return "clickable";
  if (!acts) return inherited.drawing ? shape(el) : null;
  const given = squeeze(attr(el, "role")).toLowerCase();
  return LOOSE.has(given) ? given : inherited.drawing ? shape(el) ?? "clickable" : "clickable";
}

const SHAPES = new Set("circle rect ellipse polygon path line polyline image text".split(" "));

/** In a drawing that people can click, its shapes are what they click. */
const shape = (el) => (SHAPES.has(tag(el)) ? tag(el) : null);

/** The role that something which is acted on goes by. */
const acting = (el) => roleOf(el) || (el.ownerSVGElement && shape(el)) || "clickable";

/** What a shape looks like, for it has no name: its colour, its size, where it stands in its drawing. */
function look_(el) {
  const style = getComputedStyle(el), box = el.getBoundingClientRect(), around = el.ownerSVGElement.getBoundingClientRect();
  const ink = style.fill !== "none" ? style.fill : style.stroke;
  const [x, y] = [box.x + box.width / 2 - around.x, box.y + box.height / 2 - around.y].map(Math.round);
  const corners = el.points?.numberOfItems;
  const more = corners ? `, ${corners} corners` : tag(el) === "line" ? `, ${ends(el, around).join(" to ")}` : "";
  return `${colour(ink)} ${Math.round(box.width)}×${Math.round(box.height)} at ${x},${y}${more}`;
}

/** Where a line begins and ends in its drawing. */
function ends(line, around) {
  const matrix = line.getScreenCTM();
  return [[line.x1, line.y1], [line.x2, line.y2]].map(([x, y]) => {
    const point = new DOMPoint(x.baseVal.value, y.baseVal.value).matrixTransform(matrix);
    return `${Math.round(point.x - around.x)},${Math.round(point.y - around.y)}`;
  });
}

const colour = (ink) => ink.replace(/^rgb\((\d+), (\d+), (\d+)\)$/, (_, ...parts) => "#" + parts.slice(0, 3).map((part) => Number(part).toString(16).padStart(2, "0")).join(""));

const RULES = 2000; // to look through more would take longer than to ask each element

/** Whether a style sheet of the document may write something before or after elements: to ask each element is slow. */
function writes() {
  let left = RULES;
  const some = (rules) => {
    for (const rule of rules) {
      if (left-- <= 0 || /:(before|after)/.test(rule.selectorText)) return true;
      if (rule.styleSheet ? some(rule.styleSheet.cssRules) : rule.cssRules?.length && some(rule.cssRules)) return true;
    }
    return false;
  };
  try {
    return [...document.styleSheets, ...document.adoptedStyleSheets].some((sheet) => some(sheet.cssRules));
  } catch {
    return true; // of another origin: it cannot be looked through
  }
}

/** What CSS writes before or after the content of an element, without the signs of icon fonts. */
function written_(el, where) {
  if (!eye.writes) return "";
  const text = getComputedStyle(el, where).content;
  if (!text || text[0] !== '"') return "";
  return text.replace(/^"|"( \/.*)?$/g, "").replace(/\\"/g, '"').replace(/[\ue000-\uf8ff]/g, "");
}

/** Text of a subtree for a name: what is shown, alternative texts of pictures, at most `max` characters; of a field in it what `held` gives. */
function content(el, max = NAME_MAX, held = () => null) {
  const parts = [];
  let size = 0;
  const visit = (node, depth) => {
    if (size > max || depth > 60) return;
    if (kind(node) === 3) {
      parts.push(node.data);
      size += squeeze(node.data).length;
      return;
    }
    if (kind(node) !== 1) return;
    const name = tag(node);
    if (name === "script" || name === "style" || name === "template") return;
    const value = held(node);
    if (value !== null) return void parts.push(" ", value, " ");
    if (name === "select" || name === "textarea") return;
    if (name === "img" || name === "area") return void parts.push(" ", attr(node, "alt") ?? "", " ");
    if (name === "svg") return void parts.push(" ", svgName(node), " ");
    if (rootOf(node)) eye.writes = true;
    const style = getComputedStyle(node), display = style.display;
    if (display === "none" || style.visibility !== "visible" && !get(node, "childElementCount")) return;
    const labelled = node !== el && attr(node, "aria-label");
    if (labelled) return void parts.push(" ", labelled, " ");
    if (display !== "inline") parts.push(" ");
    parts.push(written_(node, "::before"));
    const given = slotted(node);
    let i = 0;
    for (let child = given ? given[0] : firstIn(node); child; child = given ? given[++i] : get(child, "nextSibling")) visit(child, depth + 1);
    parts.push(written_(node, "::after"));
    if (display !== "inline") parts.push(" ");
  };
  visit(el, 0);
  return squeeze(parts.join(""));
}

const svgName = (svg) => squeeze(attr(svg, "aria-label") || svg.querySelector("title")?.textContent);

/** What a field says inside the label of another one ("every [5] minutes"); null for what is none, "" for the labelled one itself. */
const heldIn = (el) => (node) => {
  if (node === el) return "";
  const role = roleOf(node);
  if (!FIELDS.has(role)) return null;
  const { value } = valueOf(node, role);
  return value ?? [...node.querySelectorAll("[aria-selected=true]")].map((one) => content(one)).join(" ");
};

const labelText = (el) => [...(el.labels || [])].map((label) => content(label, NAME_MAX, heldIn(el)) || squeeze(get(label, "textContent"))).filter(Boolean).join(" ");

/** What an element says that another one refers to for its name, or itself; also one that cannot be seen. */
const referredText = (el, other) => squeeze(attr(other, "aria-label")) || (other === el ? "" : heldIn(el)(other)) || content(other, NAME_MAX, heldIn(el)) || squeeze(get(other, "textContent"));

/** A branch of a tree is named by what stands beside it, not by what grows on it. */
const grouped = (node) => (attr(node, "role") === "group" ? "" : null);

/** The name of an element; `text` gives its content, if that has been looked at already. */
function nameOf(el, role, text = () => content(el, NAME_MAX, role === "treeitem" ? grouped : undefined)) {
  const root = el.getRootNode();
  const referred = squeeze(attr(el, "aria-labelledby")).split(" ").filter(Boolean)
    .map((id) => root.getElementById?.(id)).filter(Boolean).map((other) => referredText(el, other)).join(" ");
  const named = referred || squeeze(attr(el, "aria-label"));
  if (named) return cut(named, NAME_MAX);
  const type = tag(el) === "input" ? el.type : "";
  if (type === "submit" || type === "button" || type === "reset") {
    return cut(squeeze(el.value || attr(el, "title") || { submit: "Submit", reset: "Reset" }[type]), NAME_MAX);
  }
  const labels = labelText(el);
  if (labels) return cut(labels, NAME_MAX);
  if (type === "image") return squeeze(attr(el, "alt") || attr(el, "title") || "Submit");
  if (NAMED_BY_CONTENT.has(role) && tag(el) !== "input") {
    const own = text();
    if (own) return cut(own, NAME_MAX);
  }
  return cut(squeeze(attr(el, "title") || attr(el, "placeholder") || attr(el, "alt")) || fallbackName(el, role), NAME_MAX);
}

/** For what has no name at all: its test id, or its class, so that icon fonts stay usable. */
function fallbackName(el, role) {
  if (role === "dialog" || role === "gauge") return "";
  if (SHAPES.has(role)) return squeeze([...el.children].find((one) => tag(one) === "title")?.textContent) || look_(el);
  if (role === "canvas") return `${el.clientWidth}×${el.clientHeight} px`;
  const id = attr(el, "data-testid") || attr(el, "data-test") || attr(el, "name");
  if (id) return id;
  const inner = el.querySelector?.("[title],[alt],[class]");
  const classes = [el, inner].map((one) => squeeze(attr(one ?? el, "class"))).find(Boolean);
  const href = role === "link" ? attr(el, "href") : "";
  if (href) return cut(href, 60);
  const own = classes ? "." + classes.split(" ").slice(0, 3).join(".") : el.id ? "#" + el.id : "";
  return role === "clickable" ? squeeze(`${own} ${paint(el)}`) : own;
}

/** The colour of a box that has nothing else to tell it by. */
function paint(el) {
  const ink = getComputedStyle(el).backgroundColor;
  return TRANSPARENT.test(ink) || ink === "rgb(255, 255, 255)" ? "" : colour(ink);
}

/** Whether the value must not be shown: passwords, also those that a "show" button has turned into text. */
function secret(el) {
  if (el.type === "password") eye.secrets.add(el);
  return eye.secrets.has(el) || SECRET_HINTS.test(squeeze(el.autocomplete).split(" ").pop())
    || (el.localName === "input" && getComputedStyle(el).webkitTextSecurity !== "none");
}

function valueOf(el, role) {
  const name = tag(el);
  if (name === "select") {
    return { value: [...el.selectedOptions].map((option) => squeeze(option.label)).join(", "), options: optionsOf(el) };
  }
  if (name === "input" || name === "textarea") {
    if (["checkbox", "radio", "button"].includes(role) || el.type === "submit") return {};
    if (el.type === "file") return { value: [...(el.files || [])].map((file) => file.name).join(", ") };
    const list = el.list ? { options: optionsOf(el.list) } : {};
    return { value: el.value && secret(el) ? "••••" : el.value, ...list };
  }
  if (role === "textbox" || role === "searchbox") return { value: el.innerText?.replace(/\n$/, "") };
  if (role === "slider" || role === "spinbutton") return { value: attr(el, "aria-valuetext") ?? attr(el, "aria-valuenow") ?? "" };
  return {};
}

function optionsOf(el) {
  const all = [...(el.options || [])];
  const shown = [];
  let size = 0;
  for (const option of all) {
    const label = cut(squeeze(option.label || option.value), 60);
    if (shown.length >= 12 || size + label.length > 240) break;
    shown.push(option.disabled ? `${label} (disabled)` : label);
    size += label.length;
  }
  return shown.join(" | ") + (shown.length < all.length ? ` (…of ${all.length})` : "");
}

const disabled = (el) => el.matches(":disabled") || attr(el.closest("[aria-disabled]") ?? el, "aria-disabled") === "true";

function flagsOf(el, role) {
  const flags = [];
  const some = get(el, "getAttributeNames").call(el).some((name) => name.startsWith("aria-"));
  const aria = (name) => (some ? attr(el, `aria-${name}`) : null);
  if (el.checked && (role === "checkbox" || role === "radio" || role === "switch") || aria("checked") === "true") flags.push("checked");
  if (el.indeterminate || aria("checked") === "mixed") flags.push("mixed");
  if (aria("pressed") === "true") flags.push("pressed");
  if (aria("selected") === "true") flags.push("selected");
  if (aria("current") && aria("current") !== "false") flags.push("current");
  if (aria("expanded") === "true" || (role === "summary" && el.parentElement.open)) flags.push("expanded");
  if (aria("expanded") === "false" || (role === "summary" && !el.parentElement.open)) flags.push("collapsed");
  if (disabled(el)) flags.push("disabled");
  if (el.required || aria("required") === "true") flags.push("required");
  if (el.readOnly || aria("readonly") === "true") flags.push("readonly");
  if (aria("invalid") === "true") flags.push("invalid");
  if (tag(el) === "textarea" || aria("multiline") === "true") flags.push("multiline");
  if (el.multiple) flags.push("several");
  if (el.inert || el.closest("[inert]")) flags.push("inert");
  if (el === el.getRootNode().activeElement && document.hasFocus()) flags.push("focused");
  return flags;
}

const HIT_MS = 30; // of a deed: among tens of thousands of siblings Chromium needs milliseconds for each point that is asked for

/** What lies over something, the time for it counted. */
function timed(find) {
  const begun = performance.now();
  const found = find();
  eye.hitting += performance.now() - begun;
  return found;
}

/** The text after `[N]`: role, name, value, options, flags. `box` is the element's, if it is known already. */
function describe(el, role, name, box = null) {
  const parts = [role];
  if (name) parts.push(quoted(name));
  if (role === "text" && el.ownerSVGElement) parts.push(look_(el));
  const { value, options } = valueOf(el, role);
  if (value) parts.push(`value=${quoted(el === eye.whole ? value : cut(value, VALUE_MAX))}`);
  const hint = !value && FIELDS.has(role) ? squeeze(attr(el, "placeholder")) : "";
  if (hint && hint !== name) parts.push(`placeholder=${quoted(cut(hint, 60))}`);
  if (options) parts.push(`options: ${options}`);
  const flags = flagsOf(el, role);
  const over = (box && outOfView(box)) || eye.hitting > HIT_MS ? null : timed(() => coveredBy(el));
  if (over) flags.push(`covered by ${brief(over)}`);
  if (flags.length) parts.push(`(${flags.join(", ")})`);
  return parts.join(" ");
}

/** An element in a few words, for sentences. */
function brief(el) {
  const own = roleOf(el) || (el.ownerSVGElement && eye.ids.has(el) ? shape(el) : null);
  const role = own || squeeze(attr(el, "role")).split(" ")[0];
  const text = cut(own ? nameOf(el, own) : squeeze(attr(el, "aria-label")) || content(el, 40), 60);
  const id = attr(el, "id") ? `#${attr(el, "id")}` : attr(el, "class") ? "." + squeeze(attr(el, "class")).split(" ")[0] : "";
  return `${role || `<${tag(el)}${id}>`}${text ? " " + quoted(text) : ""}`;
}
