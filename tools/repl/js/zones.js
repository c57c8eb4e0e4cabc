// Dead zones: a name that is mentioned before the end of its declaration must not be had earlier. Where that can happen,
// `early` tells the names, which then throw until `$repl$ready` is asked; all others cost nothing.

/** The identifiers that a pattern binds. */
function bindings(pattern) {
  switch (pattern?.type) {
    case "Identifier": return [pattern];
    case "ObjectPattern": return pattern.properties.flatMap((p) => bindings(p.type === "RestElement" ? p.argument : p.value));
    case "ArrayPattern": return pattern.elements.flatMap(bindings);
    case "AssignmentPattern": return bindings(pattern.left);
    case "RestElement": return bindings(pattern.argument);
    default: return [];
  }
}

/** Names of let, const and class that the program mentions before they are there. */
function earlyNames(tree) {
  const zones = new Map();
  for (const node of tree.body) {
    if (node.type === "ClassDeclaration") zones.set(node.id.name, { end: node.start, from: 0, to: 0 });
    else if (node.type === "VariableDeclaration" && LEXICAL.test(node.kind)) for (const d of node.declarations) noteZones(d, zones);
  }
  const found = new Set();
  if (zones.size) for (const statement of tree.body) walk(statement, (node) => {
    const zone = node.type === "Identifier" && zones.get(node.name);
    if (zone && isEarly(node, zone, statement)) found.add(node.name);
    return true;
  });
  return found;
}

/** Before the end of the declaration, or in a function that can be called from there. */
const isEarly = ({ start }, { end, at, from, to }, statement) =>
  statement.type === "FunctionDeclaration" || (start < end && start !== at && !(start >= from && start < to));

/** A function as the value may mention its own name: it does not run yet. */
function noteZones(declarator, zones) {
  const { init, end } = declarator, later = init !== null && isFunction(init);
  for (const { name, start } of bindings(declarator.id)) zones.set(name, { end, at: start, from: later ? init.start : 0, to: later ? init.end : 0 });
}

const NAMELESS = (node) => node.id == null && /^(?:FunctionExpression|ArrowFunctionExpression|ClassExpression)$/.test(node.type);

/** A declarator as an assignment that ends the zones of its names once its value is there. */
function endZones(declarator, early, edits) {
  const { id, init, start, end } = declarator;
  const names = bindings(id).map(({ name }) => name).filter((name) => early.has(name)).map((name) => JSON.stringify(name)).join();
  if (names === "") {
    if (init === null) edits.insert(end, "=void 0");
  } else if (init === null) edits.insert(end, `=$repl$ready(void 0,${names})`);
  else if (NAMELESS(init)) edits.insert(start, `$repl$ready(void 0,${names}),`); // so that it still gets its name
  else {
    edits.insert(init.start, "$repl$ready((");
    edits.insert(init.end, `),${names})`);
  }
}
