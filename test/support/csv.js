// CSV as RFC 4180 has it: reading, strictly, and writing.

/** The records of a text, each an array of cells. Lines end with CRLF; what is not as in the RFC throws. */
export function records(text) {
  const all = [];
  const cell = /"((?:[^"]|"")*)"(,|\r\n)|([^",\r\n]*)(,|\r\n)/y;
  let record = [];
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const m = cell.exec(text);
    if (!m) throw new Error(`not CSV at ${at}: ${JSON.stringify(text.slice(at, at + 80))}`);
    record.push(m[1] === undefined ? m[3] : m[1].replaceAll('""', '"'));
    if ((m[2] ?? m[4]) === '\r\n') {
      all.push(record);
      record = [];
    }
  }
  if (record.length > 0) throw new Error('the last line has no end');
  return all;
}

/** The records below the head as objects by column. */
export function objects(text) {
  const [head, ...rows] = records(text);
  return rows.map((row) => {
    if (row.length !== head.length) throw new Error(`${row.length} cells below ${head.length} columns: ${row}`);
    return Object.fromEntries(head.map((name, i) => [name, row[i]]));
  });
}

/** A text of records; a cell that is null or undefined is empty. */
export function csv(rows, { end = '\n', separator = ',' } = {}) {
  const cell = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  return rows.map((row) => row.map((value) => cell(String(value ?? ''))).join(separator) + end).join('');
}
