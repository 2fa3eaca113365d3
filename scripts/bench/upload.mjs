// Uploads of a large file, against dd of the same file to the same disk.

import { open, rm, mkdir } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { scratchFolder } from '../../test/support/process.js';
import { median } from './report.mjs';
import { Bugd, Database } from './servers.mjs';
import { growth, middle, timed, withMemory } from './transfer.mjs';

const ROUNDS = 5;
const MIB = 1024 * 1024;

async function writeFile(mib) {
	const file = join(scratchFolder(), 'upload.bin');
	const piece = randomBytes(MIB);
	const handle = await open(file, 'w');
	for (let n = 0; n < mib; n++) await handle.write(piece);
	await handle.close();
	return file;
}

async function uploadOnce({ bugd, token, file }) {
	const url = `${bugd.url}/api/v1/issues/0000c000-0000-7000-8000-000000000001/attachments`;
	const auth = ['-H', `Authorization: Bearer ${token}`];
	const done = await timed('curl', ['-sS', '--fail-with-body', ...auth, '-F', `file=@${file};type=application/octet-stream`, url]);
	const { id } = JSON.parse(done.said);
	await timed('curl', ['-sS', '--fail-with-body', ...auth, '-X', 'DELETE', `${bugd.url}/api/v1/attachments/${id}`]);
	return done;
}

async function ddOnce(file) {
	const target = join(scratchFolder(), 'dd.bin');
	const done = await timed('dd', [`if=${file}`, `of=${target}`, 'bs=1M', 'conv=fsync', 'status=none']);
	await rm(target);
	return done;
}

/** Lines of the table of goals: [title, goal, measured]. */
export async function measureUploads(mib, say) {
	const database = await Database.create('transfer.sql');
	const folder = join(scratchFolder(), 'uploads');
	await mkdir(folder);
	const bugd = await Bugd.start(database.url, {
		UPLOAD_DIR: folder, MAX_ATTACHMENT_BYTES: `${mib + 1}MiB`, PROJECT_ATTACHMENT_QUOTA: '0', ATTACHMENT_TYPES: '*',
	});
	const stage = { bugd, token: await bugd.login(), file: await writeFile(mib) };
	const uploads = [];
	const copies = [];
	for (let round = 0; round < ROUNDS; round++) {
		uploads.push(await withMemory(bugd, () => uploadOnce(stage)));
		copies.push(await ddOnce(stage.file));
		say(`  upload ${Math.round(mib / uploads.at(-1).time * 1000)} MiB/s, dd ${Math.round(mib / copies.at(-1).time * 1000)} MiB/s`);
	}
	await bugd.stop();
	await rm(stage.file);
	await database.remove();
	const rate = (results) => `${Math.round(mib / middle(results) * 1000).toLocaleString('en')} MiB/s`;
	const ratio = median(uploads.map(({ time }, n) => copies[n].time / time));
	return [
		[`upload of ${mib.toLocaleString('en')} MiB : \`dd\` to the same disk`, '≥ 0.50', `${ratio.toFixed(2)} (${rate(uploads)} : ${rate(copies)})`],
		['… memory that it takes', 'flat', growth(uploads)],
	];
}
