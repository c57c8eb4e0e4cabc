// console.table, drawn as Node draws it.

// As Node: what has more than two keys is named only.
const CELL_OPTIONS = freeze(options({ showProxy: false, depth: 0, maxArrayLength: 3, breakLength: Infinity }));
const NAMED_OPTIONS = freeze({ ...CELL_OPTIONS, depth: -1 });
const cell = (value) =>
  guarded(inspect, value, typeof value === "object" && value !== null && !isArray(value) && enumerableKeys(value).length > 2 ? NAMED_OPTIONS : CELL_OPTIONS);
const width = (text) => {
  let columns = 0;
  for (let i = 0; i < text.length; i++) {
    const point = codePointAt(text, i);
    if (point > 0xffff) i++;
    columns += point >= 0x1100 && (point <= 0x115f || (point >= 0x2e80 && point <= 0xa4cf) || (point >= 0xac00 && point <= 0xd7a3) ||
      (point >= 0xf900 && point <= 0xfaff) || (point >= 0xfe30 && point <= 0xfe6f) || (point >= 0xff00 && point <= 0xff60) || point >= 0x1f300) ? 2 : 1;
  }
  return columns;
};

const ROWS_LIMIT = 1000;

function tableOf(value, columns) {
  if (isMap(value) || isSet(value) || isMapIterator(value) || isSetIterator(value)) return tableOfCollection(value);
  const titles = list(), grid = list(), loose = list(), keys = enumerableKeys(value);
  push(titles, "(index)");
  let plain = false;
  const put = (line, name, item) => {
    let at = 1;
    while (at < titles.length && titles[at] !== name) at++;
    if (at === titles.length) push(titles, name);
    line[at] = item;
  };
  for (let i = 0; i < keys.length && i < ROWS_LIMIT; i++) {
    const line = list(), item = value[keys[i]], primitive = !isObject(item);
    push(line, keys[i]);
    push(grid, line);
    if (primitive && columns === undefined) {
      loose[i] = cell(item);
      plain = true;
      continue;
    }
    const names = columns ?? enumerableKeys(item);
    for (let k = 0; k < names.length; k++) put(line, toText(names[k]), primitive || !hasOwn(item, names[k]) ? "" : cell(item[names[k]]));
  }
  if (plain) {
    push(titles, "Values");
    for (let i = 0; i < grid.length; i++) if (loose[i] !== undefined) grid[i][titles.length - 1] = loose[i];
  }
  return drawn(titles, grid);
}

/** Of a Map or Set, or of what their iterators have left: one row an entry. */
function tableOfCollection(value) {
  const titles = list(), grid = list();
  const row = (first, second, paired) => {
    if (grid.length >= ROWS_LIMIT) return;
    const line = list();
    push(line, `${grid.length}`);
    push(line, cell(first));
    if (paired) push(line, cell(second));
    push(grid, line);
  };
  let paired = isMap(value);
  if (paired) mapEach(value, (item, key) => row(key, item, true));
  else if (isSet(value)) setEach(value, (item) => row(item, undefined, false));
  else {
    const { 0: left, 1: pairs } = previewEntries(value, true);
    paired = pairs && isMapIterator(value);
    for (let i = 0; i < left.length; i += pairs ? 2 : 1) row(left[i], left[i + 1], paired);
  }
  push(titles, "(iteration index)");
  if (paired) push(titles, "Key");
  push(titles, "Values");
  return drawn(titles, grid);
}

function drawn(titles, grid) {
  const widths = list();
  for (let c = 0; c < titles.length; c++) {
    let widest = width(titles[c]);
    for (let r = 0; r < grid.length; r++) widest = max(widest, width(grid[r][c] ?? ""));
    push(widths, widest + 2);
  }
  const rule = (left, middle, right) => {
    let out = left;
    for (let c = 0; c < widths.length; c++) out += (c ? middle : "") + repeat("─", widths[c]);
    return out + right;
  };
  const line = (cells) => {
    let out = "│";
    for (let c = 0; c < widths.length; c++) {
      const text = cells[c] ?? "";
      out += ` ${text}${repeat(" ", widths[c] - 1 - width(text))}│`;
    }
    return out;
  };
  let out = `${rule("┌", "┬", "┐")}\n${line(titles)}\n${rule("├", "┼", "┤")}\n`;
  for (let r = 0; r < grid.length; r++) out += `${line(grid[r])}\n`;
  return out + rule("└", "┴", "┘");
}
