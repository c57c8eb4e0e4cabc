// Turns what the agent wrote into a script whose top-level declarations persist and may be repeated, and says what it
// declares. It works on acorn's tree and only inserts or replaces words, never lines: places stay those of the agent.
//
//   let x = 1        {let $repl$t=(x=1)}       a block with a declaration has no completion value: `1; let x = 5` is 1
//   await f(); x     (async()=>{let $repl$r;$repl$r=(0,await f());$repl$r=(0,x);return {v:$repl$r}})()
//   c = 2            $repl$const.c = 2         where c is a constant of the session, which refuses

const OPTIONS = { ecmaVersion: "latest", sourceType: "script", allowHashBang: true };
const isFunction = (node) => /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type);
const isNode = (value) => value !== null && typeof value === "object" && typeof value.type === "string";

function children(node) {
  const found = [];
  for (const key of Object.keys(node)) {
    const value = node[key];
    if (Array.isArray(value)) found.push(...value.filter(isNode));
    else if (isNode(value)) found.push(value);
  }
  return found;
}

/** Visit a tree; `enter` returns false to stay out of a node. */
function walk(node, enter) {
  if (enter(node) === false) return;
  for (const child of children(node)) walk(child, enter);
}

/** The names a pattern binds. */
function namesOf(pattern, names = []) {
  switch (pattern?.type) {
    case "Identifier": names.push(pattern.name); break;
    case "ObjectPattern": for (const p of pattern.properties) namesOf(p.type === "RestElement" ? p.argument : p.value, names); break;
    case "ArrayPattern": for (const e of pattern.elements) namesOf(e, names); break;
    case "AssignmentPattern": namesOf(pattern.left, names); break;
    case "RestElement": namesOf(pattern.argument, names); break;
  }
  return names;
}

const declaredNames = (declaration) => declaration.declarations.flatMap((d) => namesOf(d.id));

/** Parse, letting `await` mean itself where the code uses it outside functions: { tree, awaits }. */
function parseScript(source) {
  if (!/\bawait\b/.test(source)) return { tree: acorn.parse(source, OPTIONS), awaits: false };
  let problem;
  try {
    const tree = acorn.parse(source, { ...OPTIONS, allowAwaitOutsideFunction: true });
    if (awaitsOutside(tree)) return { tree, awaits: true };
  } catch (error) {
    problem = error;
  }
  try {
    return { tree: acorn.parse(source, OPTIONS), awaits: false };
  } catch (error) {
    throw problem ?? error;
  }
}

function awaitsOutside(tree) {
  let found = false;
  walk(tree, (node) => {
    if (isFunction(node) || found) return false;
    if (node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await)) found = true;
    if (node.type === "VariableDeclaration" && node.kind === "await using") found = true;
    return !found;
  });
  return found;
}

/** Node's rule: what begins with { and does not end in ; is an object if it can be one. */
function parse(source) {
  if (/^\s*\{/.test(source) && !/;\s*$/.test(source)) {
    try {
      const wrapped = `(${source}\n)`;
      const parsed = parseScript(wrapped);
      if (parsed.tree.body.length === 1) return { ...parsed, source: wrapped, shifted: 1 };
    } catch { /* then it is a block */ }
  }
  return { ...parseScript(source), source, shifted: 0 };
}

/** What the program declares at its top level: [[name, kind]], `var` also from within blocks. */
function declarations(tree) {
  const found = [];
  for (const node of tree.body) {
    if (node.type === "VariableDeclaration" && node.kind !== "var") for (const name of declaredNames(node)) found.push([name, node.kind.endsWith("using") ? "const" : node.kind]);
    else if (node.type === "ClassDeclaration") found.push([node.id.name, "class"]);
    else if (node.type === "FunctionDeclaration") found.push([node.id.name, "function"]);
  }
  walk(tree, (node) => {
    if (isFunction(node) || node.type === "StaticBlock") return false;
    if (node.type === "VariableDeclaration" && node.kind === "var") for (const name of declaredNames(node)) found.push([name, "var"]);
    return true;
  });
  return found;
}

/** `let`, `const` and `class` at the top level become assignments in place. */
function rewriteLexical(tree, early, edits, stirred) {
  for (const node of tree.body) {
    if (node.type === "ClassDeclaration") {
      const { name } = node.id, ready = early.has(name) ? `$repl$ready(void 0,"${name}"),` : "";
      edits.insert(node.start, `{let $repl$t=(${ready}${name}=`);
      edits.insert(node.end, ")}");
    } else if (node.type === "VariableDeclaration" && /^(?:let|const)$/.test(node.kind)) {
      edits.replace(node.start, node.start + node.kind.length, "{let $repl$t=(");
      for (const d of node.declarations) {
        const kept = stirred && keeps(d);
        if (kept) edits.insert(d.init.start, "$repl$keep(");
        endZones(d, early, edits);
        if (kept) edits.insert(d.init.end, ")");
      }
      edits.insert(node.declarations.at(-1).end, ")}");
    }
  }
}

const FIXED = /^(?:undefined|NaN|Infinity)$/;

/** V8 refuses what would hide its constants. */
function refuseFixed(tree) {
  for (const node of tree.body) {
    if (node.type !== "VariableDeclaration" || node.kind === "var") continue;
    for (const { name, start } of node.declarations.flatMap((d) => bindings(d.id))) {
      if (FIXED.test(name)) throw Object.assign(new SyntaxError(`Identifier '${name}' has already been declared`), { pos: start });
    }
  }
}

/** What a statement gives away nobody else may look after: if it is a promise that is rejected, that is told. */
function watchPromises(tree, source, edits) {
  walk(tree, (node) => {
    if (isFunction(node) || node.type === "StaticBlock" || node.type === "WithStatement") return false; // there a proxy sees each name
    for (const part of partsOf(node)) if (part !== null && mayPromise(part)) keepAt(part, edits);
    if (node.type === "VariableDeclaration" && node.kind === "var") for (const d of node.declarations) if (keeps(d)) keepAt(d.init, edits);
    if (node.type !== "ExpressionStatement") return true;
    const { type, operator, argument, right } = node.expression;
    if (type === "AssignmentExpression" && mayPromise(right)) keepAt(right, edits);
    else if (type === "UnaryExpression" && operator === "void" && mayPromise(argument)) watchAt(argument.start, argument.end, edits);
    else if (mayPromise(node.expression)) watchAt(node.start, source[node.end - 1] === ";" ? node.end - 1 : node.end, edits);
    return true;
  });
}

/** What an array or object is made of, and what a function is given. */
function partsOf(node) {
  switch (node.type) {
    case "CallExpression": case "NewExpression": return node.arguments;
    case "ArrayExpression": return node.elements;
    case "ObjectExpression": return node.properties.map(({ value = null }) => value);
    default: return [];
  }
}

function watchAt(start, end, edits) {
  edits.insert(start, "$repl$watch(");
  edits.insert(end, ")");
}

/** A variable that gets what a call gives: if that is a promise (or an array of them), it is told when it is rejected and
 * nobody looks after it. */
const keeps = ({ id, init }) => id.type === "Identifier" && init !== null && mayPromise(init);

function keepAt({ start, end }, edits) {
  edits.insert(start, "$repl$keep(");
  edits.insert(end, ")");
}

function mayPromise(node) {
  switch (node.type) {
    case "CallExpression": case "NewExpression": return true;
    case "ChainExpression": return mayPromise(node.expression);
    case "ConditionalExpression": return mayPromise(node.consequent) || mayPromise(node.alternate);
    case "LogicalExpression": return mayPromise(node.left) || mayPromise(node.right);
    default: return false;
  }
}

/** In an async wrapper `var` would be local: make it assignments, and keep the last expression's value. */
function rewriteWrapped(tree, source, edits) {
  const visit = (node, parent, inFinally) => {
    if (isFunction(node) || node.type === "StaticBlock") return;
    if (node.type === "VariableDeclaration" && node.kind === "var") rewriteVar(node, parent, edits);
    if (node.type === "ExpressionStatement" && node.directive === undefined && !inFinally) {
      edits.insert(node.start, "$repl$r=(0,");
      edits.insert(source[node.end - 1] === ";" ? node.end - 1 : node.end, ")");
    }
    for (const child of children(node)) visit(child, node, inFinally || child === node.finalizer);
  };
  visit(tree, null, false);
}

function rewriteVar(node, parent, edits) {
  const inFor = /^For/.test(parent?.type) && node !== parent.body;
  edits.replace(node.start, node.start + 3, inFor ? "" : "void(");
  if (!inFor) edits.insert(node.declarations.at(-1).end, ")");
}

const isStrict = (tree) => tree.body.some((node) => node.directive === "use strict");

/**
 * { js, declared: [[name, kind]], needed: [name], shifts, awaits, mentioned: [name] }; throws acorn's SyntaxError.
 * `constants` are the session's; `stirred` says whether there may be promises.
 */
function transform(written, constants, stirred) {
  const { tree, awaits, source, shifted } = parse(written);
  refuseFixed(tree);
  const declared = declarations(tree), strict = isStrict(tree), wrapped = awaits || strict;
  const edits = new Edits(source, shifted), early = earlyNames(tree);
  rewriteLexical(tree, early, edits, stirred);
  if (wrapped) rewriteWrapped(tree, source, edits);
  if (stirred) watchPromises(tree, source, edits);
  rewriteConstants(tree, constantsAfter(constants, declared), edits, source);
  rewriteDeletes(tree, edits, source);
  rewriteImports(tree, edits);
  const functions = wrapped ? declared.filter(([, kind]) => kind === "function").map(([name]) => name) : [];
  const directive = tree.body.findLast((node) => node.directive !== undefined);
  const first = directive === undefined ? "" : `=${directive.expression.raw}`; // a directive is a value, too
  if (wrapped) edits.wrap(`(${awaits ? "async" : ""}()=>{${strict ? '"use strict";' : ""}let $repl$r${first};${functions.map((name) => `this.${name}=${name};`).join("")}`,
    `\n;return ${awaits ? "{__proto__:null,v:$repl$r}" : "$repl$r"}})()`);
  return {
    js: edits.text(), declared, needed: wrapped ? declared.map(([name]) => name).filter((name, _, all) => strict || kindOf(declared, name) === "var") : [],
    shifts: edits.shifts(), awaits, lines: wrapped ? written.split("\n").length : 0, oneLine: !written.trim().includes("\n"), mentioned: identifiers(tree),
    ...(early.size ? { early: [...early] } : {}),
  };
}

const kindOf = (declared, name) => declared.find(([other]) => other === name)[1];

/** The names that are constants while this program runs. */
function constantsAfter(constants, declared) {
  const names = new Set(constants);
  for (const [name, kind] of declared) if (kind === "const") names.add(name); else names.delete(name);
  return names;
}

function identifiers(tree) {
  const names = new Set();
  walk(tree, (node) => {
    if (node.type === "Identifier" && names.size < 500) names.add(node.name);
    return true;
  });
  return [...names];
}

function rewriteImports(tree, edits) {
  walk(tree, (node) => {
    if (node.type === "ImportExpression") edits.replace(node.start, node.start + 6, "$repl$import");
    return true;
  });
}
