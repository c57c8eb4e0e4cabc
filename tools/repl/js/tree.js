// A result as a tree that can be opened step by step: { kind, type, text, key?, children?, more? }. Read by descriptors
// and internal slots only, so no getter, proxy or method of the agent's runs. Breadth first: what is near the root counts.

const TREE_DEPTH = 4, TREE_NODES = 200, TREE_CHARACTERS = 20000; // counted as ASCII JSON, so bytes are never more
const CHILDREN_LIMIT = 100; // of one node

const nodeKind = (value) => {
  if (!isObject(value)) return "value";
  if (isProxy(value)) return "proxy";
  if (typeof value === "function") return "function";
  if (isArray(value) || isTypedArray(value)) return "array";
  if (isMap(value)) return "map";
  if (isSet(value)) return "set";
  if (isError(value)) return "error";
  return isDate(value) || isRegExp(value) || isPromise(value) ? "value" : "object";
};

/** What is seen of a value while it is closed. */
const nodeText = (value, kind, type) => {
  if (kind === "proxy") return "Proxy";
  if (kind === "error") {
    const message = dataOf(describe(value, "message"));
    return typeof message === "string" ? shortened(`${type}: ${message}`, 120) : type;
  }
  if (kind === "array") return `${type}(${lengthOf(value)})`;
  if (kind === "map" || kind === "set") return `${type}(${sizeOf(value)})`;
  return kind === "object" ? type : preview(value);
};

const lengthOf = (value) => (isArray(value) ? value.length : typedArrayLength(value));
const typedArrayLength = getter(TypedArrayPrototype, "length");

/** A node without its children, and what they are made from. `up` are the objects that it lies in. */
const nodeOf = (key, value, up) => {
  const kind = nodeKind(value), type = kind === "proxy" ? "Proxy" : typeOf(value);
  const node = { __proto__: null, kind, type, text: nodeText(value, kind, type) };
  if (key !== null) node.key = shortened(key, 80);
  for (let at = up; at !== null; at = at.up) {
    if (at.value !== value || !isObject(value)) continue;
    node.kind = "circular";
    node.text = "[Circular]";
  }
  return { __proto__: null, node, value, up };
};

const getterNode = (key) => ({
  __proto__: null, node: { __proto__: null, kind: "getter", type: "accessor", text: "[Getter/Setter]", key: shortened(key, 80) }, value: undefined, up: null,
});

/** Calls `found(key, value)` for the children, or `accessor(key)`; returns how many there are. */
const eachChild = (value, kind, found, accessor) => {
  if (kind === "map") {
    const entries = mapEntries(value);
    for (let i = 0, step; i < CHILDREN_LIMIT && !(step = nextOfMap(entries)).done; i++) found(preview(step.value[0]), step.value[1]);
    return sizeOfMap(value);
  }
  if (kind === "set") {
    const values = setValues(value);
    for (let i = 0, step; i < CHILDREN_LIMIT && !(step = nextOfSet(values)).done; i++) found(`${i}`, step.value);
    return sizeOfSet(value);
  }
  if (kind === "array") {
    const length = lengthOf(value);
    for (let i = 0; i < length && i < CHILDREN_LIMIT; i++) childAt(value, i, `${i}`, found, accessor);
    return length;
  }
  const keys = kind === "error" ? ownKeys(value) : enumerableKeys(value);
  let count = 0;
  for (let i = 0; i < keys.length; i++) {
    if (keys[i] === "stack" || typeof keys[i] !== "string") continue;
    if (count++ < CHILDREN_LIMIT) childAt(value, keys[i], keys[i], found, accessor);
  }
  return count;
};

const childAt = (value, key, label, found, accessor) => {
  const property = describe(value, key);
  if (property === undefined) found(label, undefined);
  else if (isData(property)) found(label, property.value);
  else accessor(label);
};

const OPENED = { __proto__: null, object: true, array: true, map: true, set: true, error: true };
// 100: the names of the fields, and a count of what is missing.
const nodeCost = (node) => quote(node.text).length + quote(node.type).length + quote(node.key ?? "").length + 100;

const grow = (value) => {
  const root = nodeOf(null, value, null), queue = list();
  let nodes = 1, room = TREE_CHARACTERS - nodeCost(root.node);
  push(queue, { __proto__: null, at: root, depth: 0 });
  for (let i = 0; i < queue.length; i++) {
    const { at, depth } = queue[i];
    if (OPENED[at.node.kind] !== true) continue;
    if (depth >= TREE_DEPTH || nodes >= TREE_NODES) {
      const inside = at.node.kind === "array" ? lengthOf(at.value) : sizeOf(at.value);
      if (inside > 0) at.node.more = inside;
      continue;
    }
    const children = list(), inside = { __proto__: null, value: at.value, up: at.up };
    const add = (child) => {
      const cost = nodeCost(child.node);
      if (nodes >= TREE_NODES || room < cost) return;
      nodes++;
      room -= cost;
      push(children, child.node);
      push(queue, { __proto__: null, at: child, depth: depth + 1 });
    };
    const count = eachChild(at.value, at.node.kind, (key, child) => add(nodeOf(key, child, inside)), (key) => add(getterNode(key)));
    if (children.length > 0) at.node.children = children;
    if (count > children.length) at.node.more = count - children.length;
  }
  return root.node;
};

/** The tree of a result that is an object, else null. */
const treeOf = (value) => {
  if (!isObject(value) || typeof value === "function") return null;
  try {
    return frozen(grow, value);
  } catch {
    return null;
  }
};
