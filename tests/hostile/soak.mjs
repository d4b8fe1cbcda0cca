// Hostile connections of every kind against each server, for a while; good subscribers beside them.
//
//   node soak.mjs [--seconds N] [--at-once N] [--tap] [STRATEGY...]
//
// At the end the server's log must be empty but for refusals, its memory and its descriptors back where
// they were, its processor idle, and the good subscribers must have every event once on the connections
// they began with. One line per server, then "N passed, N failed"; with --tap as TAP.

import crypto from 'node:crypto';
import net from 'node:net';
import {
  GoodSubscribers, connect, connected, diag, doneTesting, eventually, inParallel, listen, ok, pause, sanitized,
  startServer, strategies,
} from './lib.mjs';

const words = process.argv.slice(2);
const option = (name, fallback) => {
  const at = words.indexOf(name);
  return at < 0 ? fallback : Number(words.splice(at, 2)[1]);
};
const seconds = option('--seconds', 600);
const atOnce = option('--at-once', 3); // servers
const tap = words.includes('--tap');
const chosen = words.filter((word) => word !== '--tap');
const unknown = chosen.find((strategy) => !strategies.includes(strategy));
if (unknown !== undefined || !(seconds > 0)) {
  console.error(`soak: ${unknown ? `there is no strategy "${unknown}": ${strategies.join(', ')}` : '--seconds wants a number'}`);
  process.exit(2);
}

const WIDTH = 200; // hostile connections at a time, per server
const MB = 1 << 20;
const GROWS = (sanitized ? 64 : 16) * MB; // what the allocator may keep for the next time
const HUNG_HOOKS = 8; // receivers that never answer, at a time

// --- one hostile connection each ------------------------------------------------------------------------

const random = (below) => Math.floor(Math.random() * below);
const request = (line, ...fields) => [`${line} HTTP/1.1`, 'Host: localhost', ...fields, '', ''].join('\r\n');
const upgrade = request('GET /events?after=0', 'Upgrade: websocket', 'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13');
const hello = Buffer.concat([Buffer.from('16030100c8010000c40303', 'hex'), crypto.randomBytes(197)]);
const post = 'POST /publish';
const ask = 'GET /events?after=0';
const somewhere = () => [request('GET /'), request(ask), request(post, 'Content-Length: 5'), upgrade, request('HEAD /events')][random(5)];

async function drip(socket, text, until) {
  for (const byte of text) {
    if (socket.destroyed || performance.now() > until) return;
    socket.write(byte);
    await pause(200 + random(800));
  }
}

// Each has a socket that is connected, and until when it should be over. What it leaves open is closed.
const kinds = {
  'rubbish': async (socket) => socket.write(crypto.randomBytes(1 + random(20000))),
  'mute': async () => {},
  'reset': async (socket) => {
    const text = somewhere();
    socket.write(text.slice(0, random(text.length + 1)), () => socket.resetAndDestroy());
  },
  'a byte per second': (socket, until) => drip(socket, somewhere(), until),
  'half-closed': async (socket) => socket.end(somewhere()),
  'half-closed in the middle': async (socket) => socket.end(somewhere().slice(0, 20)),
  'TLS hello': async (socket) => socket.write(hello),
  'a long line': async (socket) => socket.write(`GET /${'x'.repeat(200000)}`),
  'headers without end': async (socket, until) => {
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
    while (!socket.destroyed && performance.now() < until) {
      socket.write('X-More: of the same\r\n'.repeat(20));
      await pause(50);
    }
  },
  'half a body': async (socket) => socket.write(`${request(post, 'Content-Length: 500000')}${'x'.repeat(random(400000))}`),
  'a body beyond all bounds': async (socket) => socket.write(`${request(post, 'Content-Length: 99999999999')}${'x'.repeat(60000)}`),
  'chunks of rubbish': async (socket) => socket.write(`${request(post, 'Transfer-Encoding: chunked')}zz\r\nxx`),
  'Expect and a reset': async (socket) => socket.write(`${request(post, 'Expect: 100-continue', 'Content-Length: 5')}hello`, () => socket.resetAndDestroy()),
  'pipelined, not read': async (socket) => { socket.pause(); socket.write(request('GET /').repeat(200)); },
  'subscribes and does not read': async (socket) => { socket.pause(); socket.write(request(ask)); },
  'subscribes and goes': async (socket) => { socket.write(request(ask)); await pause(random(500)); socket.resetAndDestroy(); },
  'asks again and again': async (socket, until) => {
    while (!socket.destroyed && performance.now() < until) {
      socket.write(request(['GET /', 'GET /nowhere', 'DELETE /', 'PUT /publish', 'BREW /'][random(5)]));
      await pause(100);
    }
  },
  'upgrade and rubbish': async (socket) => { socket.write(upgrade); await pause(random(200)); socket.write(crypto.randomBytes(3000)); },
  'upgrade, not read': async (socket) => { socket.pause(); socket.write(upgrade); },
  'upgrade and half a frame': async (socket) => { socket.write(upgrade); await pause(100); socket.write(Buffer.from([0x81, 0xfe, 0xff])); },
  'upgrade and pings, not read': async (socket, until) => {
    socket.pause();
    socket.write(upgrade);
    const ping = Buffer.from([0x89, 0x80, 1, 2, 3, 4]);
    while (!socket.destroyed && performance.now() < until && socket.writableLength < MB) {
      socket.write(Buffer.concat(Array(50).fill(ping)));
      await pause(50);
    }
  },
};

// Hooks whose receiver refuses, resets, or hangs; each is deleted after a while.
function hookKinds(port, hung) {
  let hanging = 0;
  const over = async (url, ms) => {
    const hooks = `http://127.0.0.1:${port}/hooks`;
    const answer = await fetch(hooks, { method: 'POST', body: JSON.stringify({ url }), headers: { 'Content-Type': 'application/json' } });
    const { id } = await answer.json();
    await pause(ms);
    await fetch(`${hooks}/${id}`, { method: 'DELETE' });
  };
  const quietly = (work) => work.catch(() => {});
  return {
    'a hook to nobody': () => quietly(over('http://127.0.0.1:9/x', random(2000))),
    'a hook to one who hangs': async () => {
      if (hanging >= HUNG_HOOKS) return;
      hanging++;
      await quietly(over(`http://127.0.0.1:${hung}/x`, random(3000)));
      hanging--;
    },
  };
}

// --- one server ------------------------------------------------------------------------------------------

async function harass(port, kinds, until, counts) {
  const names = Object.keys(kinds);
  while (performance.now() < until()) {
    const name = names[random(names.length)];
    const over = Math.min(until(), performance.now() + random(5000));
    const socket = connect(port);
    socket.resume();
    if (await connected(socket)) {
      await kinds[name](socket, over);
      while (!socket.destroyed && performance.now() < over) await pause(50);
      counts.connections++;
    }
    // A reset in the middle of a shutdown fails, and node then keeps the socket.
    const shutting = socket.writableEnded && !socket.writableFinished;
    if (random(2) === 0 && !shutting) socket.resetAndDestroy();
    else socket.destroy();
    await pause(20 + random(200));
  }
}

const allowed = /listening on|cannot take a connection|refus|more lines like the next one/;

async function soak(strategy) {
  const hung = net.createServer((socket) => socket.on('error', () => {}));
  const hungPort = await listen(hung);
  const own = strategy === 'webhook' ? ['--retry-scale', 0.1] : [];
  const server = await startServer(strategy, '--events-per-second', 10, ...own);
  const alone = server.descriptors;
  const good = await GoodSubscribers.start(strategy, server, 5, seconds);
  await pause(1000);
  // A sender of webhooks keeps its connections to receivers for the next time, also those of good ones.
  const before = { memory: server.residentBytes, descriptors: strategy === 'webhook' ? server.descriptors : alone };
  const all = strategy === 'webhook' ? { ...kinds, ...hookKinds(server.port, hungPort) } : kinds;
  const counts = { connections: 0 };
  const end = performance.now() + good.leftMs;
  const until = () => (server.alive ? end : 0);
  await Promise.all(Array.from({ length: WIDTH }, () => harass(server.port, all, until, counts)));

  const complaints = [await good.verdict()];
  let after = {};
  if (server.alive) {
    await eventually(() => server.descriptors <= before.descriptors);
    after = { memory: server.residentBytes, descriptors: server.descriptors };
    const cpuMs = server.cpuMs;
    await pause(1000);
    const busyMs = server.cpuMs - cpuMs;
    if (after.descriptors > before.descriptors) complaints.push(`descriptors ${before.descriptors} before, ${after.descriptors} after\n${server.connections.join('\n')}`);
    if (after.memory - before.memory > GROWS) complaints.push(`memory grew by ${((after.memory - before.memory) / MB).toFixed(1)} MB`);
    if (busyMs > 500) complaints.push(`${busyMs} ms of processor time in an idle second`);
  }
  const status = await server.stop();
  hung.close();
  if (status !== 0) complaints.push(`it ended with ${status}`);
  if (server.report !== '') complaints.push(server.report);
  const loud = server.log.split('\n').filter((line) => line !== '' && !allowed.test(line));
  if (server.report === '' && loud.length > 0) complaints.push(`its log is not silent (${loud.length} lines): ${loud[0]}`);
  if (counts.connections < WIDTH) complaints.push(`only ${counts.connections} hostile connections: that proves nothing`);
  const growth = `${((after.memory - before.memory) / MB).toFixed(1)} MB`;
  return {
    wrong: complaints.filter(Boolean),
    told: `${counts.connections} hostile connections, ${good.summary ?? 'no verdict'}, memory ${growth}, descriptors ${before.descriptors} and ${after.descriptors}`,
  };
}

let passed = 0, failed = 0;
const list = chosen.length > 0 ? chosen : strategies;
await inParallel(atOnce, list.map((strategy) => async () => {
  const { wrong, told } = await soak(strategy);
  if (wrong.length === 0) passed++;
  else failed++;
  if (tap) {
    ok(wrong.length === 0, `${strategy}_server is not disturbed by ${seconds} s of hostile connections`, ...wrong);
    diag(told);
  } else {
    console.log(`${strategy}: ${wrong.length === 0 ? 'passed' : 'FAILED'}: ${told}`);
    wrong.forEach((text) => console.log(text.replace(/^/gm, '    ')));
  }
}));
if (tap) doneTesting();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
