// What an iterator of a Map or Set has still to give, which V8 tells nobody. So the first time one is printed it is
// emptied into a list, and from then on `next` goes over that list. Programs that print none run on V8's own `next`.

const emptied = new NativeWeakMap(); // iterator → { items, at, pairs }
let previewing = 0; // a preview is no part of a call's record, so it may not empty anything

const nextOf = (proto) => ({ __proto__: null, proto, native: proto.next, run: uncurry(proto.next), ours: null });
const ofMap = nextOf(MapIteratorPrototype), ofSet = nextOf(SetIteratorPrototype);
const isMapIterator = inherits(MapIteratorPrototype), isSetIterator = inherits(SetIteratorPrototype);

/** See that `next` knows the emptied ones. False where the agent has put a function of its own there. */
const lendNext = (kind) => {
  const present = dataOf(describe(kind.proto, "next"));
  if (kind.ours !== null && present === kind.ours) return true;
  if (present !== kind.native) return false;
  kind.ours = {
    next() {
      const rest = weakGet(emptied, this);
      if (rest === undefined) return kind.run(this);
      const done = rest.at >= rest.items.length;
      return { value: done ? undefined : rest.items[rest.at++], done };
    },
  }.next;
  return define(kind.proto, "next", kind.ours);
};

/** Entries are fresh arrays of two, and a Set's are twice the same. */
const arePairs = (items, isSet) => {
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (!isArray(item) || isProxy(item) || item.length !== 2 || (isSet && !sameValue(item[0], item[1]))) return false;
  }
  return items.length > 0;
};

/** { items, at, pairs } of an iterator, or null if it may not be asked. */
const restOf = (iterator) => {
  const known = weakGet(emptied, iterator);
  if (known !== undefined || previewing) return known ?? null;
  const kind = isMapIterator(iterator) ? ofMap : ofSet, items = list();
  if (!lendNext(kind)) return null;
  try {
    for (let step = kind.run(iterator); !step.done; step = kind.run(iterator)) push(items, step.value);
  } catch {
    return null; // it only has the prototype
  }
  const rest = { __proto__: null, items, at: 0, pairs: arePairs(items, kind === ofSet) };
  weakSet(emptied, iterator, rest);
  return rest;
};

/** As V8's own for Node: the values that are left, keys and values in turn, and whether they are such pairs. */
const previewEntries = (value, both) => {
  const found = list(), rest = both ? restOf(value) : null;
  for (let i = rest?.at ?? 0; rest !== null && i < rest.items.length; i++) {
    const item = rest.items[i];
    if (!rest.pairs) push(found, item);
    else {
      push(found, item[0]);
      push(found, item[1]);
    }
  }
  if (!both) return found;
  const answer = list();
  push(answer, found);
  push(answer, rest !== null && rest.pairs);
  return answer;
};
