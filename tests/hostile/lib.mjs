// Helpers of the hostile tests: TAP, the project's own programs as children, and what can be seen of
// them from outside (memory, descriptors, what the sanitizers say).
//
// BUILD is where the programs are; `make test` sets it, else it is build/release.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const BUILD = path.resolve(process.env.BUILD ?? path.join(ROOT, 'build/release'));
export const BIN = process.env.BIN ?? path.join(BUILD, 'bin');

// A strategy is a file in servers/: a new one is tested without a word here.
export const strategies = fs
  .readdirSync(path.join(ROOT, 'servers'))
  .filter((name) => name.endsWith('.c'))
  .map((name) => path.basename(name, '.c'))
  .sort();

export const sanitized = fs.readFileSync(path.join(BIN, 'tcp_server')).includes('__asan_init');

// Until a test gives up on something that should come at once: a program with sanitizers is several
// times slower, and several tests share the machine.
export const PATIENCE_MS = sanitized ? 60000 : 20000;

// Freed memory is not kept to be looked at, so that what stays is what was not given back.
const environment = {
  ...process.env,
  ASAN_OPTIONS: `detect_leaks=1:abort_on_error=0:${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=8`,
  UBSAN_OPTIONS: process.env.UBSAN_OPTIONS ?? 'print_stacktrace=1',
};

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const nowNs = () => process.hrtime.bigint(); // CLOCK_MONOTONIC, as the programs count it

// Whether `condition` becomes true within the time.
export async function eventually(condition, ms = PATIENCE_MS) {
  const until = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > until) return false;
    await pause(20);
  }
  return true;
}

// --- TAP ------------------------------------------------------------------------------------------

let count = 0;
let failed = 0;

// On stderr for what is wrong: prove shows that and hides the rest.
export const diag = (text, fd = 1) => fs.writeSync(fd, `# ${String(text).replaceAll('\n', '\n# ')}\n`);

export function ok(good, what, ...why) {
  count++;
  if (!good) failed++;
  fs.writeSync(1, `${good ? 'ok' : 'not ok'} ${count} - ${what}\n`);
  if (!good) why.filter(Boolean).forEach((text) => diag(text, 2));
  return good;
}

export function doneTesting() {
  fs.writeSync(1, `1..${count}\n`);
  process.exit(failed === 0 ? 0 : 1);
}

// --- programs ---------------------------------------------------------------------------------------

const KEPT_BYTES = 1 << 20;
const running = new Set();

process.on('exit', () => running.forEach((program) => program.child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

// One of ours, started as the runner does it: orders on stdin, JSON lines on stdout.
export class Program {
  constructor(name, ...words) {
    this.name = name;
    this.messages = [];
    this.log = ''; // stderr, its first megabyte
    this.logLines = 0;
    this.rest = '';
    this.child = spawn(path.join(BIN, name), words.map(String), { env: environment });
    this.pid = this.child.pid;
    running.add(this);
    this.child.stdin.on('error', () => {});
    this.child.stdout.setEncoding('utf8').on('data', (text) => this.#take(text));
    this.child.stderr.setEncoding('utf8').on('data', (text) => {
      if (this.log.length < KEPT_BYTES) this.log += text;
      this.logLines += text.split('\n').length - 1;
    });
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        running.delete(this);
        this.status = code ?? signal;
        resolve(this.status);
      });
      this.child.on('error', (error) => resolve((this.status = error.message)));
    });
  }

  #take(text) {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop();
    for (const line of lines) {
      try {
        this.messages.push(JSON.parse(line));
      } catch {
        this.log += `not JSON on stdout: ${line.slice(0, 200)}\n`;
      }
    }
  }

  get alive() {
    return this.status === undefined;
  }

  last(type) {
    return this.messages.findLast((message) => message.type === type);
  }

  // The message of this type, once it has come; undefined when it never does.
  async message(type, ms = PATIENCE_MS) {
    await eventually(() => this.last(type) !== undefined || !this.alive, ms);
    return this.last(type);
  }

  order(...words) {
    this.child.stdin.write(`${words.join(' ')}\n`);
  }

  // By the end of its stdin, as when a runner dies. Its exit status, or "hung".
  async stop(ms = PATIENCE_MS) {
    this.child.stdin.end();
    const status = await Promise.race([this.ended, pause(ms).then(() => 'hung')]);
    if (status === 'hung') {
      this.child.kill('SIGKILL');
      await this.ended;
    }
    return status;
  }

  // What a sanitizer found, or an empty text.
  get report() {
    const at = this.log.search(/^.*(ERROR: \w+Sanitizer|runtime error|AddressSanitizer:DEADLYSIGNAL)/m);
    return at < 0 ? '' : this.log.slice(at, at + 2500);
  }

  get residentBytes() {
    try {
      return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${this.pid}/status`, 'utf8'))[1]) * 1024;
    } catch {
      return 0;
    }
  }

  get descriptors() {
    try {
      return fs.readdirSync(`/proc/${this.pid}/fd`).length;
    } catch {
      return 0;
    }
  }

  // Its connections as the kernel sees them: port of the other side, state, bytes queued.
  get connections() {
    const states = ['', 'established', 'syn-sent', 'syn-received', 'fin-wait-1', 'fin-wait-2', 'time-wait', 'close', 'close-wait', 'last-ack', 'listen', 'closing'];
    const ours = new Set();
    for (const fd of fs.readdirSync(`/proc/${this.pid}/fd`)) {
      try {
        ours.add(/socket:\[(\d+)\]/.exec(fs.readlinkSync(`/proc/${this.pid}/fd/${fd}`))?.[1]);
      } catch {} // closed meanwhile
    }
    return fs.readFileSync(`/proc/${this.pid}/net/tcp`, 'utf8').split('\n').slice(1, -1)
      .map((line) => line.trim().split(/\s+/)).filter((fields) => ours.has(fields[9]))
      .map(([, , remote, state, queues]) => `${parseInt(remote.split(':')[1], 16)} ${states[parseInt(state, 16)]}, queues ${queues}`);
  }

  get cpuMs() {
    try {
      const fields = fs.readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1].split(' ');
      return (Number(fields[11]) + Number(fields[12])) * 10;
    } catch {
      return 0;
    }
  }
}

// A server that publishes already. `port` is where it listens.
export async function startServer(strategy, ...words) {
  const server = new Program(`${strategy}_server`, '--supervised', '--port', 0, ...words);
  server.port = (await server.message('ready'))?.port;
  if (server.port === undefined) {
    fs.writeSync(1, `Bail out! ${strategy}_server does not start: ${server.log}\n`);
    process.exit(1);
  }
  server.order('publish', nowNs());
  return server;
}

export function startClient(strategy, port, ...words) {
  const own = strategy === 'polling' ? ['--interval-ms', 200] : [];
  return new Program(`${strategy}_client`, '--supervised', '--servers', `127.0.0.1:${port}`, ...own, ...words);
}

// --- good subscribers -------------------------------------------------------------------------------

// The project's own client beside all that is hostile. `verdict` is empty when it got every event of
// the window once, on the connections it began with.
export class GoodSubscribers {
  static async start(strategy, server, subscribers, seconds) {
    const good = new GoodSubscribers();
    good.server = server;
    good.subscribers = subscribers;
    good.client = startClient(strategy, server.port, '--subscribers', subscribers);
    good.connected = (await good.client.message('connected')) !== undefined;
    const from = nowNs() + 300_000_000n;
    good.end = from + BigInt(Math.round(seconds * 1e9));
    server.order('measure', from, good.end);
    good.client.order('measure', from, good.end);
    return good;
  }

  get leftMs() {
    return Math.max(0, Number(this.end - nowNs()) / 1e6);
  }

  async verdict() {
    if (!this.connected) return 'the good subscribers never got up';
    const window = await this.server.message('window', this.leftMs + PATIENCE_MS);
    if (window === undefined) return 'the server did not come to the end of the window';
    this.client.order('drain', window.first, window.last, nowNs() + 10_000_000_000n);
    await this.client.message('drained');
    const status = await this.client.stop();
    const report = this.client.last('report');
    if (status !== 0 || report === undefined) return `the good client ended with ${status}\n${this.client.log.slice(-2000)}`;
    const lost = window.events * this.subscribers - report.deliveries;
    this.summary = `${window.events} events, ${lost} lost, ${report.duplicates} twice, ${report.errors} errors, ${report.reconnects} reconnects`;
    const fine = window.events > 0 && lost === 0 && report.duplicates === 0 && report.errors === 0 && report.reconnects === 0;
    return fine ? '' : `${this.summary}\n${this.client.log.slice(-1000)}`;
  }
}

// --- sockets ----------------------------------------------------------------------------------------

export function connect(port, options = {}) {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true, ...options });
  socket.on('error', () => {});
  return socket;
}

export const connected = (socket) =>
  new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('close', () => resolve(false));
  });

export const sent = (socket, bytes) =>
  new Promise((resolve) => {
    socket.once('close', resolve);
    if (bytes.length === 0) resolve();
    else socket.write(bytes, resolve);
  });

export const listen = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', 4096, () => resolve(server.address().port)));

// Whether the server answers at all: HTTP with a line, tcp with the next event.
export async function answers(port, ms = PATIENCE_MS) {
  const socket = connect(port);
  let heard = false;
  socket.on('data', () => (heard = true));
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await eventually(() => heard || socket.destroyed, ms);
  socket.destroy();
  return heard;
}

// At most `width` of these at a time.
export async function inParallel(width, tasks) {
  const left = tasks[Symbol.iterator]();
  const work = async () => {
    for (const task of left) await task();
  };
  await Promise.all(Array.from({ length: width }, work));
}
