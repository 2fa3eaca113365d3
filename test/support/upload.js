// multipart/form-data, as browsers send it.

const BOUNDARY = 'a-boundary-that-is-in-no-file';

/** { body, headers } of fields and a file: { name, filename, type, content } each; a field has no filename. */
export function form(parts, boundary = BOUNDARY) {
  const pieces = [];
  for (const { name, filename, type, content } of parts) {
    const file = filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: ${type ?? 'application/octet-stream'}`;
    pieces.push(Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n'));
  }
  pieces.push(Buffer.from(`--${boundary}--\r\n`));
  return { body: Buffer.concat(pieces), headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` } };
}

/** The parts of an import: the file, and fields by name. */
export const importParts = (content, fields = {}) => [
  ...Object.entries(fields).map(([name, value]) => ({ name, content: String(value) })), { name: 'file', filename: 'issues.csv', type: 'text/csv', content },
];
