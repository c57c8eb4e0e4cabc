// Makes the vendored files anew from the npm packages named in package.json. Run: npm ci && node build.mjs
// The results are committed, so the server needs neither node nor npm.
import { createHash } from "node:crypto";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { build, transformSync } from "esbuild";

const HOST = "const makeInspect = function (host) { const module = { exports: {} }, exports = module.exports;";

// Each patch must match once (or as often as it says), or the build stops: a new version has to be looked at.
const PATCHES = [
  // What Node has natively: brand checks that user code cannot fool or break, the state of promises, proxies' targets.
  [/\b\d+\((\w+), \w+, \w+\) \{(?=[^{}]+\{ ArrayIsArray: \w+, BigInt: \w+, Boolean: \w+, DatePrototype)/, (all, m) => `${all} return void (${m}.exports = host.types);`],
  [/\b\d+\((\w+), \w+, \w+\) \{(?=[^{}]+\{ BigInt: \w+, Error: \w+, NumberParseInt: \w+, ObjectEntries)/, (all, m) => `${all} return void (${m}.exports = host.binding);`],
  [/(\w+)\.exports = URL;/, (all, m) => `${m}.exports = host.URL;`],
  // The list of what is being printed, out of reach of a patched Array.prototype.
  [/(\w+)\.seen\.(push|pop|includes)\(/, (all, ctx, method) => `host.${method}(${ctx}.seen, `, 6],
  // What is printed is collected where no setter of Array.prototype's indices is asked.
  [/const (\w+) = (\w+\(\d+\))(?=, \{ AggregateError: )/, (all, m, primordials) => `const ${m} = { __proto__: ${primordials}, ...host.lists }`],
  [/(\w+) \+= 2, (\w+)\[\w+\] = \1;/, (all, width, widths) => `${width} += 2, host.push(${widths}, ${width});`],
  // An object of 100,000 keys must not print all of them.
  [
    /for \((\w+) = 0; \1 < (\w+)\.length; \1\+\+\) (\w+)\((\w+), (\w+)\((\w+), (\w+), (\w+), \2\[\1\], (\w+)\)\);/,
    (all, i, keys, push, out) =>
      all.replace(`${keys}.length;`, `${keys}.length && ${i} < host.maxKeys;`) +
      ` if (${keys}.length > host.maxKeys) ${push}(${out}, host.moreKeys(${keys}.length - host.maxKeys));`,
  ],
  // The brackets and proxies of Node 20 and 22, where the package follows Node 24.
  [/(\w+)\.stylize\((\w+), "symbol"\);/, (all, ctx, name) => `\`[\${${ctx}.stylize(${name}, "symbol")}]\`;`],
  [/return false === (\w+)\.enumerable && \((\w+) = /, (all, d, name) => `return false === ${d}.enumerable && ${name}[1] !== "S" && (${name} = `],
  [/\{ \[byteLength\]: /, () => "{ byteLength: "],
  [/`\$\{(\w+)\.stylize\(`\[\$\{(\w+)\}\]`, "string"\)\}: /, (all, ctx, key) => `\`\${${ctx}.stylize(${ctx}.showHidden && ${key} !== "byteLength" ? \`[\${${key}}]\` : ${key}, "string")}: `],
  // A class that extends Set is told with the tag even where its name holds it, as in Node 20 and 22.
  [/const (\w+) = (\w+)\.indexOf\((\w+)\);\s+if \(-1 === \1\) (\w+) \+= `\[\$\{\3\}\] `;\s+else \{[^;]*;[^;]*;\s*\}/, (all, at, name, tag, out) => `if (${name} !== ${tag}) ${out} += \`[\${${tag}}] \`;`],
  // Sizes by internal slots: a getter of the value's own would run.
  [/(\(\$\{(\w+)\}\)`\)\}\[`, "\]"\], 0 === )\w+\.length && 0/, (all, before, length) => `${before}${length} && 0`],
  [/(\w+) = (\w+)\.size, (?=\w+ = \w+\(\w+\(0, \w+\.maxArrayLength\), \1\))/, (all, size, value) => `${size} = host.sizeOf(${value}), `, 2],
  [
    /(\w+) = (\w+\(\w+\(0, \w+\.maxArrayLength\), (\w+)\)), (\w+) = (\w+)\.length - \1, (\w+ = new \w+\(\1\), \w+ = )\5\.length > 0/,
    (all, most, found, length, rest, value, more) => `${most} = ${found}, ${rest} = ${length} - ${most}, ${more}${length} > 0`,
  ],
  [/if \(0 !== (\w+)\) for \(let (\w+) = 0; \2 < \1; \2\+\+\) (\w+) = `[^`]*Proxy\([^;]*;/, () => ""],
];

function patched(source) {
  return PATCHES.reduce((text, [pattern, change, times = 1]) => {
    const everywhere = new RegExp(pattern.source, "g"), found = text.match(everywhere) ?? [];
    if (found.length !== times) throw new Error(`${found.length} matches for ${pattern}`);
    return text.replace(everywhere, change);
  }, source);
}

const readable = (path) => transformSync(readFileSync(path, "utf8"), { target: "es2024" }).code;
const inspect = `${HOST}\n${patched(readable("node_modules/node-inspect-extracted/dist/inspect.js"))}\nreturn module.exports; };`;
const acorn = readFileSync("node_modules/acorn/dist/acorn.js", "utf8");

// core-js goes by Symbol.toStringTag and does not say what it cannot copy; `host` is ours (js/clone.js).
const CLONE_PATCHES = [
  ["throw new DOMException('Uncloneable type: ' + type, DATA_CLONE_ERROR);", "host.refuse(type);"],
  ["if (isSymbol(value)) throwUncloneable('Symbol');", "if (isSymbol(value) || host.isProxy(value)) throwUncloneable(value);"],
  ["var type = classof(value);", "var type = host.typeOf(value, classof(value));"],
  ["default:\n          throwUncloneable(type);", "default:\n          throwUncloneable(value);"],
];

function patchedClone(source) {
  return CLONE_PATCHES.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`${from} is not there once`);
    return text.replace(from, to);
  }, source);
}

const cloning = {
  name: "cloning",
  setup: ({ onLoad }) => onLoad({ filter: /web\.structured-clone\.js$/ }, ({ path }) => ({ contents: patchedClone(readFileSync(path, "utf8")) })),
};
const web = await build({ entryPoints: ["web.entry.js"], bundle: true, format: "iife", minify: true, write: false, plugins: [cloning] });

const outputs = {
  "inspect.js": transformSync(inspect, { minifySyntax: true, target: "es2024" }).code,
  "acorn.js": transformSync(acorn, { minify: true, target: "es2024" }).code,
  "web.js": web.outputFiles[0].text,
};
for (const [name, text] of Object.entries(outputs)) {
  writeFileSync(name, text);
  console.log(createHash("sha256").update(text).digest("hex"), name, text.length);
}
for (const name of ["acorn", "node-inspect-extracted", "core-js"]) cpSync(`node_modules/${name}/LICENSE`, `LICENSE.${name}`);
