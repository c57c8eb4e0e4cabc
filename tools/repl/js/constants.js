// Finds the writes that mean a constant of the session, by the scoping rules, and sends them to $repl$const, whose
// setter throws what V8 throws. Constants themselves are plain data properties, because those cost nothing to read.

const LEXICAL = /^(?:let|const|using|await using)$/;

/** Names that a list of statements binds lexically in its own block. */
function blockNames(statements) {
  const names = [];
  for (const node of statements) {
    if (node.type === "VariableDeclaration" && LEXICAL.test(node.kind)) names.push(...declaredNames(node));
    else if (/^(?:Class|Function)Declaration$/.test(node.type)) names.push(node.id.name);
  }
  return names;
}

/** Names that a function binds for its whole body. */
function functionNames(node) {
  const names = node.params.flatMap((p) => namesOf(p));
  if (node.type !== "ArrowFunctionExpression") names.push("arguments");
  if (node.type === "FunctionExpression" && node.id) names.push(node.id.name);
  if (node.body.type !== "BlockStatement") return names;
  walk(node.body, (inner) => {
    if (isFunction(inner)) return false;
    if (inner.type === "VariableDeclaration" && inner.kind === "var") names.push(...declaredNames(inner));
    return true;
  });
  return names;
}

/** The names that a node binds for what is inside it. */
function scopeOf(node) {
  if (isFunction(node)) return functionNames(node);
  switch (node.type) {
    case "BlockStatement": case "StaticBlock": return blockNames(node.body);
    case "SwitchStatement": return blockNames(node.cases.flatMap((c) => c.consequent));
    case "ForStatement": return node.init ? blockNames([node.init]) : [];
    case "ForInStatement": case "ForOfStatement": return blockNames([node.left]);
    case "CatchClause": return namesOf(node.param);
    case "ClassExpression": case "ClassDeclaration": return node.id ? [node.id.name] : [];
    default: return [];
  }
}

function rewriteConstants(tree, constants, edits, source) {
  if (constants.size === 0) return;
  const visit = (node, hidden) => {
    const bound = node === tree ? [] : scopeOf(node).filter((name) => constants.has(name));
    const inner = bound.length ? new Set([...hidden, ...bound]) : hidden;
    for (const target of targets(node)) rewriteTarget(target, inner, constants, edits, source);
    for (const child of children(node)) visit(child, inner);
  };
  visit(tree, new Set());
}

/** The patterns that a node writes to. */
function targets(node) {
  if (node.type === "AssignmentExpression") return [node.left];
  if (node.type === "UpdateExpression") return [node.argument];
  if (/^For(?:In|Of)Statement$/.test(node.type) && node.left.type !== "VariableDeclaration") return [node.left];
  return [];
}

function rewriteTarget(pattern, hidden, constants, edits, source) {
  switch (pattern?.type) {
    case "Identifier":
      if (constants.has(pattern.name) && !hidden.has(pattern.name)) edits.insert(pattern.start, "$repl$const.");
      break;
    case "ObjectPattern":
      for (const p of pattern.properties) {
        const target = p.type === "RestElement" ? p.argument : p.value;
        const name = namesOf(target)[0];
        if (p.shorthand && constants.has(name) && !hidden.has(name)) edits.insert(p.start, `${name}:`);
        rewriteTarget(target, hidden, constants, edits, source);
      }
      break;
    case "ArrayPattern": for (const e of pattern.elements) rewriteTarget(e, hidden, constants, edits, source); break;
    case "AssignmentPattern": rewriteTarget(pattern.left, hidden, constants, edits, source); break;
    case "RestElement": rewriteTarget(pattern.argument, hidden, constants, edits, source); break;
  }
}

const GLOBAL = /^global(?:This)?$/;

/** `delete x`, `this.x` and `globalThis.x` ask $repl$const, too: what was declared stays, what was only assigned goes. */
function rewriteDelete({ type, start, name, object }, hidden, edits) {
  if (type === "Identifier" && !hidden.has(name)) edits.insert(start, "$repl$const.");
  if (type !== "MemberExpression") return;
  if (object.type !== "ThisExpression" && !(object.type === "Identifier" && GLOBAL.test(object.name) && !hidden.has(object.name))) return;
  edits.insert(object.start, "$repl$own(");
  edits.insert(object.end, ")");
}

function rewriteDeletes(tree, edits, source) {
  if (!source.includes("delete")) return;
  const visit = (node, hidden) => {
    if (node.type === "WithStatement") return; // the object may have the name: nobody can tell
    const inner = node === tree ? hidden : new Set([...hidden, ...scopeOf(node)]);
    if (node.type === "UnaryExpression" && node.operator === "delete") rewriteDelete(node.argument, inner, edits);
    for (const child of children(node)) visit(child, inner);
  };
  visit(tree, new Set());
}
