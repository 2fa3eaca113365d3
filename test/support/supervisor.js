// A service manager in small: holds a listening socket, hands it to each server that it starts, and hears what they
// tell (sd_listen_fds(3), sd_notify(3)).

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { BUGD, baseEnv, eventually, within } from './env.js';
import { atExit, scratchFolder, start } from './process.js';

// Only a process that does not accept can hold the socket, so a shell does. It starts a server for each line, and at
// the end of its input tells how they ended.
const HOLDER = `
while read -r notify out; do
  NOTIFY_SOCKET=$notify LISTEN_FDS=1 sh -c 'export LISTEN_PID=$$; exec "$BUGD" serve' >"$out" 2>&1 </dev/null &
  pids="$pids $!"
  echo $!
done
for pid in $pids; do
  wait "$pid"
  echo "$pid $?"
done`;

// Node has no datagrams over unix sockets.
const LISTENER = `$| = 1; socket(S, AF_UNIX, SOCK_DGRAM, 0) or die; bind(S, pack_sockaddr_un($ARGV[0])) or die;
print "here\\n"; while (defined recv(S, $m, 4096, 0)) { print "$m\\n" }`;

let made = 0; // for the names of files

export class Supervisor {
  #started = 0;
  #listeners = [];
  #lines = [];

  /** `env` holds the settings of all servers. The listening socket is on any port of 127.0.0.1. */
  static async open(env) {
    const supervisor = new Supervisor();
    const server = net.createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    supervisor.address = { host: '127.0.0.1', port: server.address().port };
    supervisor.holder = spawn('sh', ['-c', HOLDER], {
      env: { ...baseEnv(), ...env, BUGD }, cwd: scratchFolder(), stdio: ['pipe', 'pipe', 'inherit', server._handle.fd],
    });
    supervisor.pids = new Set();
    supervisor.forget = atExit(() => supervisor.#killAll());
    server.close();
    let rest = '';
    supervisor.holder.stdout.on('data', (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      supervisor.#lines.push(...lines);
    });
    return supervisor;
  }

  /** Starts a server on the socket: { pid, told(line), log(), stop() }. */
  async start() {
    const n = this.#started++;
    const name = made++;
    const socket = join(scratchFolder(), `notify-${name}`);
    const out = join(scratchFolder(), `server-${name}`);
    const listener = start('perl', ['-MSocket', '-e', LISTENER, socket]);
    this.#listeners.push(listener);
    let heard = '';
    listener.stdout.on('data', (chunk) => (heard += chunk));
    await eventually('the notify socket is there', () => heard.startsWith('here\n'));
    this.holder.stdin.write(`${socket} ${out}\n`);
    const pid = Number(await eventually('the server is started', () => this.#lines[n]));
    this.pids.add(pid);
    return {
      pid,
      heard: () => heard.split('\n'),
      told: (line) => eventually(`${line}\n${readFileSync(out, 'utf8').slice(-2000)}`, () => heard.split('\n').includes(line)),
      log: () => readFileSync(out, 'utf8'),
      stop: () => process.kill(pid, 'SIGTERM'),
    };
  }

  /** Waits until all servers have ended, by themselves; their exit codes. */
  async close() {
    this.holder.stdin.end();
    await within('all servers end', 30_000, new Promise((resolve) => this.holder.once('close', resolve)));
    this.pids.clear();
    this.kill();
    return this.#lines.slice(this.#started).map((line) => Number(line.split(' ')[1]));
  }

  #killAll() {
    for (const pid of this.pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it has ended
      }
    }
    for (const child of [this.holder, ...this.#listeners]) child.kill('SIGKILL');
  }

  /** For cleaning up: the hard way. */
  kill() {
    this.#killAll();
    this.forget();
  }
}
