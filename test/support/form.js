// Form data (RFC 7578) as tests send it: each part as it is given, however wrong.

const BOUNDARY = 'a-boundary-of-the-tests';

/** One part; `head` replaces what is made of the rest. */
export function part({ name = 'file', filename, type, data = '', head }) {
  const lines = head ?? [
    `Content-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}`,
    ...(type ? [`Content-Type: ${type}`] : []),
  ].join('\r\n');
  return Buffer.concat([Buffer.from(`--${BOUNDARY}\r\n${lines}\r\n\r\n`), Buffer.from(data), Buffer.from('\r\n')]);
}

/** A body of parts and what goes with it: { body, headers }. */
export function form(...parts) {
  return {
    body: Buffer.concat([...parts.map(part), Buffer.from(`--${BOUNDARY}--\r\n`)]),
    headers: { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` },
  };
}

/** The parts of an import: fields by name, and the file. */
export const importParts = (content, fields = {}) => [
  ...Object.entries(fields).map(([name, data]) => ({ name, data: String(data) })), { filename: 'issues.csv', type: 'text/csv', data: content },
];

/** An import's body, as `form` makes it. */
export const importForm = (content, fields) => form(...importParts(content, fields));

/** Attaches a file to an issue. */
export function attach(client, issue, file = {}, headers = {}) {
  const { body, headers: type } = form({ filename: 'notes.txt', data: 'hello', ...file });
  return client.post(`/api/v1/issues/${issue}/attachments`, body, { headers: { ...type, ...headers } });
}
