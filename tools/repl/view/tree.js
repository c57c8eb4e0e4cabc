/**
 * A result as a tree that opens: `{kind, type, text, key?, children?, more?}`, `more` being how many children were left
 * out. Branches are made when they are opened. Arrow keys, Home, End, Enter and Space work as in any tree.
 */
import { highlight } from "/static/code.js";
import { make } from "./dom.js";

const trees = new WeakMap(); // list item → the part of the result it shows

export const isBranch = (tree) => tree?.children?.length > 0 || tree?.more > 0;

/** The whole result; `open` shows its first level at once. */
export function treeNode(tree, { open }) {
  const root = make("ul", { class: "r-tree", role: "tree", "aria-label": "Result" }, item(tree));
  root.firstChild.tabIndex = 0;
  if (open) toggle(root.firstChild, true);
  root.addEventListener("click", ({ target }) => {
    const row = target.closest(".r-row");
    if (!row || String(getSelection())) return; // who marks text does not mean to open
    focus(root, row.parentElement);
    toggle(row.parentElement);
  });
  root.addEventListener("keydown", (event) => onKey(root, event));
  return root;
}

function item(tree) {
  const key = tree.key === undefined || tree.key === null ? null : make("span", { class: "r-key", text: `${tree.key}: ` });
  const row = make("div", { class: "r-row" }, key, highlight(String(tree.text ?? ""), "javascript"));
  const node = make("li", { role: "treeitem", tabindex: -1, "aria-expanded": isBranch(tree) ? "false" : null }, row);
  trees.set(node, tree);
  return node;
}

function toggle(node, open = node.getAttribute("aria-expanded") === "false") {
  if (!node.hasAttribute("aria-expanded")) return;
  node.setAttribute("aria-expanded", String(open));
  if (open && !node.querySelector(":scope > ul")) node.append(branch(trees.get(node)));
}

function branch({ children = [], more }) {
  const rest = more > 0 ? make("li", { role: "treeitem", tabindex: -1, class: "r-more" }, make("div", { class: "r-row", text: `… ${more} more` })) : null;
  return make("ul", { role: "group" }, children.map(item), rest);
}

function focus(root, node) {
  if (!node) return;
  for (const other of root.querySelectorAll("[tabindex='0']")) other.tabIndex = -1;
  node.tabIndex = 0;
  node.focus();
}

/** Every item that can be seen, in order. */
const seen = (root) => [...root.querySelectorAll("[role=treeitem]")].filter((node) => !node.parentElement.closest("[aria-expanded=false]"));

function onKey(root, event) {
  const node = event.target.closest("[role=treeitem]");
  if (!node || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = seen(root);
  const at = all.indexOf(node);
  const open = node.getAttribute("aria-expanded");
  const act = {
    ArrowDown: () => focus(root, all[at + 1]),
    ArrowUp: () => focus(root, all[at - 1]),
    Home: () => focus(root, all[0]),
    End: () => focus(root, all.at(-1)),
    ArrowRight: () => (open === "true" ? focus(root, all[at + 1]) : toggle(node, true)),
    ArrowLeft: () => (open === "true" ? toggle(node, false) : focus(root, node.parentElement.closest("[role=treeitem]"))),
    Enter: () => toggle(node),
    " ": () => toggle(node),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}
