// console.table, drawn as Node draws it.

const CELL_OPTIONS = freeze(options({ showProxy: false, depth: 0, maxArrayLength: 3, breakLength: Infinity }));
const cell = (value) => guarded(inspect, value, CELL_OPTIONS);
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

/** Rows of a table: [key, value] of an array, object, Map or Set; at most 1,000. */
const rowsOf = (value) => {
  const rows = list();
  const row = (key, item) => {
    if (rows.length >= 1000) return;
    const pair = list();
    push(pair, key);
    push(pair, item);
    push(rows, pair);
  };
  let index = 0;
  if (isMap(value)) mapEach(value, (item, key) => row(`${index++}`, mapEntry(cell(key), item)));
  else if (isSet(value)) setEach(value, (item) => row(`${index++}`, item));
  else {
    const names = enumerableKeys(value);
    for (let i = 0; i < names.length; i++) row(names[i], value[names[i]]);
  }
  return rows;
};

class MapEntry {
  constructor(key, value) {
    this.key = key;
    this.value = value;
  }
}
const mapEntry = (key, value) => new MapEntry(key, value);

const indexTitle = (value) => (isMap(value) || isSet(value) ? "(iteration index)" : "(index)");

function tableOf(value, columns) {
  const rows = rowsOf(value), titles = list(), grid = list();
  push(titles, indexTitle(value));
  const wanted = columns === undefined ? null : columns;
  const isMapTable = isMap(value);
  let plain = false;
  const column = (name) => {
    for (let i = 1; i < titles.length; i++) if (titles[i] === name) return i;
    push(titles, name);
    return titles.length - 1;
  };
  if (isMapTable) column("Key");
  for (let i = 0; isArray(wanted) && i < wanted.length; i++) column(toText(wanted[i]));
  const loose = list();
  for (let i = 0; i < rows.length; i++) {
    const line = list();
    push(line, rows[i][0]);
    let item = rows[i][1];
    if (isMapTable) {
      line[1] = item.key;
      item = item.value;
    }
    if (isObject(item) && typeof item !== "function") {
      const names = enumerableKeys(item);
      for (let k = 0; k < names.length; k++) {
        if (wanted !== null && !mentions(titles, names[k])) continue;
        line[column(names[k])] = cell(item[names[k]]);
      }
    } else {
      loose[i] = cell(item);
      plain = true;
    }
    push(grid, line);
  }
  if (plain) {
    push(titles, "Values");
    for (let i = 0; i < grid.length; i++) if (loose[i] !== undefined) grid[i][titles.length - 1] = loose[i];
  }
  return drawn(titles, grid);
}

const mentions = (titles, name) => {
  for (let i = 1; i < titles.length; i++) if (titles[i] === name) return true;
  return false;
};

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
