// Our clients against servers that refuse, lie, flood, or say nothing.
//
//   node servers.mjs [STRATEGY...] [--case PATTERN]
//
// Each case is a line of its own. A client passes when
//   - it asks at most so often, and less and less often, and honours Retry-After;
//   - it says what the status was, and never "connection refused" of a server that took the connection;
//   - it is "connected" only when the server has said yes;
//   - its memory, its processor time and its log are bounded;
//   - it ends well when it is told to: 0, or 1 and a sentence; no sanitizer has anything to say.

import crypto from 'node:crypto';
import net from 'node:net';
import { Program, diag, doneTesting, eventually, inParallel, listen, ok, pause, sanitized, strategies } from './lib.mjs';

const words = process.argv.slice(2);
const at = words.indexOf('--case');
const pattern = at < 0 ? /./ : new RegExp(words.splice(at, 2)[1]);
const chosen = words.length > 0 ? words : strategies;

const WATCH_MS = 6000;
const SUBSCRIBERS = 5;
const ASKS_A_SECOND = 15; // per subscriber, at the very most
const MB = 1 << 20;
const HTTP = ['polling', 'long_polling', 'sse', 'websocket', 'webhook'];

// --- what servers say ---------------------------------------------------------------------------------

const types = {
  polling: 'application/x-ndjson', long_polling: 'application/x-ndjson', sse: 'text/event-stream',
  websocket: 'text/plain', webhook: 'application/json',
};
const event = (seq, payload = 'x') => `{"seq":${seq},"due_ns":1,"lag_ns":0,"payload":"${payload}"}`;
const good = event(1);

const answer = (status, fields = [], body = '') =>
  [`HTTP/1.1 ${status} Hm`, ...fields, ...(status === 204 || status === 304 ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]), '', body].join('\r\n');
const typed = (strategy, ...fields) => [`Content-Type: ${types[strategy]}`, ...fields];
// An answer that goes on until the connection ends.
const open = (strategy, ...fields) => ['HTTP/1.1 200 OK', ...typed(strategy, ...fields), '', ''].join('\r\n');
// An event as the strategy's answer holds it.
const body = (strategy, text = good, id = '1') => (strategy === 'sse' ? `id: ${id}\ndata: ${text}\n\n` : `${text}\n`);

const frame = (first, payload = '', { mask = false, length } = {}) => {
  const bytes = Buffer.from(payload);
  const size = length ?? BigInt(bytes.length);
  const head = [first];
  if (size < 126n) head.push(Number(size));
  else if (size < 65536n) head.push(126, Number(size >> 8n), Number(size & 255n));
  else head.push(127, ...[56n, 48n, 40n, 32n, 24n, 16n, 8n, 0n].map((shift) => Number((size >> shift) & 255n)));
  if (!mask) return Buffer.concat([Buffer.from(head), bytes]);
  head[1] |= 0x80;
  return Buffer.concat([Buffer.from([...head, 1, 2, 3, 4]), bytes.map((byte, i) => byte ^ [1, 2, 3, 4][i & 3])]);
};
const handshake = (request, accept) => {
  const key = /sec-websocket-key: *(\S+)/i.exec(request)?.[1] ?? '';
  const proof = crypto.createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const field = accept === undefined ? `Sec-WebSocket-Accept: ${proof}\r\n` : accept;
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${field}\r\n`;
};

// Writes a chunk again and again, as fast as it is taken.
function flood(socket, first, chunk, most = 400 * MB) {
  let written = 0;
  socket.write(first);
  const more = () => {
    while (!socket.destroyed && written < most) {
      written += chunk.length;
      if (!socket.write(chunk)) return;
    }
  };
  socket.on('drain', more);
  more();
}

// --- the cases ----------------------------------------------------------------------------------------
//
// say(socket, strategy, request, n): the answer to the n-th request.   accept(socket): without waiting.
// yes: it has said yes, so the client may be "connected".              quiet: it wants to be left alone.
// status: what the client's log must name.                             grows: bytes its memory may.
// steady: asking at a steady pace is right.                            back: it must have come back.
// gives: it must give up on what has no end.                           busy: it may take processor time.
// says: what its log must say.

const closing = (text) => (socket) => socket.end(text);
const httpDate = (seconds) => new Date(Date.now() + seconds * 1000).toUTCString();
const refusing = (fields, more) => ({
  on: HTTP, status: 503, say: (socket) => socket.write(answer(503, fields())), ...more,
});
const afterHandshake = (bytes, more) => ({
  on: ['websocket'], yes: true, say: (socket, _, request) => socket.write(Buffer.concat([Buffer.from(handshake(request)), bytes])), ...more,
});

const cases = {
  '503': refusing(() => []),
  '503 and Connection: close': refusing(() => ['Connection: close']),
  '503 with Retry-After: 30': refusing(() => ['Retry-After: 30'], { quiet: true }),
  '503 with Retry-After: a date': refusing(() => [`Retry-After: ${httpDate(30)}`], { quiet: true }),
  '503 with Retry-After: 1000000000000': refusing(() => ['Retry-After: 1000000000000'], { quiet: true }),
  '503 with Retry-After: 99999999999999999999999': refusing(() => ['Retry-After: 99999999999999999999999'], { quiet: true }),
  '503 with Retry-After: -5': refusing(() => ['Retry-After: -5']),
  '503 with Retry-After: rubbish': refusing(() => ['Retry-After: 5abc']),
  '503 with Retry-After: a date that has passed': refusing(() => [`Retry-After: ${httpDate(-3600)}`]),
  '503 with Retry-After: 2, but not for ever': refusing(() => [], {
    on: ['polling', 'long_polling', 'webhook'], back: true,
    say: (socket) => socket.end(answer(503, ['Retry-After: 2', 'Connection: close'])),
  }),
  '429 with Retry-After: 30': { on: HTTP, status: 429, quiet: true, say: (socket) => socket.write(answer(429, ['Retry-After: 30'])) },
  '204 at once': { on: HTTP, yes: true, say: (socket) => socket.write(answer(204)) },
  '304 that nobody asked for': { on: HTTP, yes: true, say: (socket) => socket.write(answer(304)) },
  '301': { on: HTTP, status: 301, say: (socket) => socket.write(answer(301, ['Location: /elsewhere'])) },
  '301 to itself without a body or length': { on: HTTP, status: 301, say: (socket) => socket.end('HTTP/1.1 301 Moved\r\nLocation: /events\r\n\r\n') },
  '401': { on: HTTP, status: 401, say: (socket) => socket.write(answer(401, ['WWW-Authenticate: Basic'])) },
  '404': { on: HTTP, status: 404, say: (socket) => socket.write(answer(404, [], 'no')) },
  '500 with a body': { on: HTTP, status: 500, say: (socket) => socket.write(answer(500, [], 'x'.repeat(5000))) },
  'a wrong content type': {
    on: ['sse'], status: 200, say: (socket) => socket.write(answer(200, ['Content-Type: text/html'], '<p>')),
  },
  '200 with rubbish': { on: HTTP, yes: true, say: (socket, s) => socket.write(answer(200, typed(s), 'rubbish\n\u0000\ufffd{"seq":}\n')) },
  '200 with nothing, for ever': { on: HTTP, yes: true, say: (socket, s) => socket.write(answer(200, typed(s))) },
  '200 with the same event, for ever': { on: HTTP, yes: true, steady: true, say: (socket, s) => socket.write(answer(200, typed(s), body(s))) },
  'an event, then the end': { on: HTTP, yes: true, steady: true, say: (socket, s) => socket.end(open(s) + body(s)) },
  'no HTTP': { on: HTTP, say: (socket) => socket.write('220 mail.example.org ESMTP\r\n') },
  'no HTTP, and the end': { on: HTTP, accept: closing('SSH-2.0-OpenSSH_9\r\n') },
  'binary rubbish': { on: HTTP, accept: (socket) => socket.write(crypto.randomBytes(5000)) },
  'an answer before the question': { on: HTTP, accept: (socket) => socket.write(answer(503)) },
  'two answers to each question': { on: HTTP, yes: true, steady: true, say: (socket, s) => socket.write(answer(200, typed(s), body(s)).repeat(2)) },
  'a thousand answers to each question': { on: HTTP, yes: true, steady: true, say: (socket, s) => socket.write(answer(200, typed(s), body(s)).repeat(1000)) },
  '100 Continue, for ever': { on: HTTP, one: true, grows: 20 * MB, busy: true, say: (socket) => flood(socket, '', Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000))) },
  'headers without end': { on: HTTP, one: true, grows: 20 * MB, gives: true, busy: true, say: (socket) => flood(socket, 'HTTP/1.1 200 OK\r\n', Buffer.from('X-Long: value\r\n'.repeat(4000))) },
  'a header line without end': { on: HTTP, one: true, grows: 20 * MB, gives: true, busy: true, say: (socket) => flood(socket, 'HTTP/1.1 200 OK\r\nX: ', Buffer.alloc(65536, 'x')) },
  'a status line without end': { on: HTTP, one: true, grows: 20 * MB, busy: true, say: (socket) => flood(socket, 'HTTP/1.1 200 ', Buffer.alloc(65536, 'x')) },
  'a line without end': { on: ['polling', 'long_polling', 'sse', 'webhook'], says: /it sent an event above 16 MiB|message too long|protocol error/, one: true, yes: true, grows: 200 * MB, gives: true, busy: true, say: (socket, s) => flood(socket, open(s) + 'data: ', Buffer.alloc(65536, 'x')) },
  'the same event without end': { on: ['polling', 'long_polling', 'sse'], one: true, yes: true, grows: 200 * MB, busy: true, say: (socket, s) => flood(socket, open(s), Buffer.from(body(s).repeat(500))) },
  'a Content-Length that never comes': { on: HTTP, yes: true, say: (socket, s) => socket.write(['HTTP/1.1 200 OK', ...typed(s), 'Content-Length: 9999999999', '', good].join('\r\n')) },
  'two Content-Lengths': { on: HTTP, say: (socket, s) => socket.write(['HTTP/1.1 200 OK', ...typed(s), 'Content-Length: 5', 'Content-Length: 6', '', 'hello!'].join('\r\n')) },
  'chunks of rubbish': { on: HTTP, yes: true, say: (socket, s) => socket.write(['HTTP/1.1 200 OK', ...typed(s), 'Transfer-Encoding: chunked', '', 'zz', 'hello', ''].join('\r\n')) },
  'half an answer, then the end': { on: HTTP, yes: true, say: (socket, s) => socket.end(answer(200, typed(s), body(s)).slice(0, -10)) },
  'half a head, then the end': { on: HTTP, say: (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Ty') },
  'half an answer, then a reset': { on: HTTP, yes: true, say: (socket, s) => socket.write(answer(200, typed(s), body(s)).slice(0, -10), () => socket.resetAndDestroy()) },
  'an answer at a byte per second': { on: HTTP, accept: (socket) => {
    let i = 0;
    const timer = setInterval(() => socket.destroyed ? clearInterval(timer) : socket.write(answer(200)[i++ % 60]), 1000);
  } },
  'events far in the future': { on: HTTP, yes: true, steady: true, say: (socket, s) => socket.write(answer(200, typed(s, 'ETag: "18446744073709551615"'), body(s, event('18446744073709551615'), '18446744073709551615'))) },
  'ids of 10 KB': { on: ['polling', 'long_polling', 'sse', 'webhook'], yes: true, steady: true, inspect: wholeIds,
    say: (socket, s) => s === 'sse' ? socket.end(open(s) + body(s, good, 'i'.repeat(10000)))
      : socket.write(answer(s === 'webhook' ? 201 : 200, typed(s, `ETag: "${'i'.repeat(10000)}"`), s === 'webhook' ? JSON.stringify({ id: 'i'.repeat(10000) }) : body(s))) },
  'ids of 60 bytes': { on: ['polling', 'sse'], yes: true, steady: true, inspect: wholeIds,
    say: (socket, s) => s === 'sse' ? socket.end(open(s) + body(s, good, 'i'.repeat(100))) : socket.write(answer(200, typed(s, `ETag: "${'i'.repeat(58)}"`), body(s))) },
  'retry: 0, then the end': { on: ['sse'], yes: true, say: (socket, s) => socket.end(`${open(s)}retry: 0\n\n`) },
  'retry: beyond all bounds': { on: ['sse'], yes: true, say: (socket, s) => socket.end(`${open(s)}retry: 99999999999999999999\n\n`) },
  'an id with a control character in it': { on: ['sse'], yes: true, steady: true, inspect: wellFormed, say: (socket, s) => socket.end(open(s) + body(s, good, 'a\u0001b')) },
  'closes at once': { accept: closing('') },
  'resets at once': { accept: (socket) => socket.resetAndDestroy() },
  'says nothing': { accept: () => {} },
  'says nothing and half-closes': { accept: (socket) => socket.end() },

  // tcp
  'rubbish, line by line': { on: ['tcp'], yes: true, accept: (socket) => socket.write('rubbish\n\u0000\n{}\n'.repeat(1000)) },
  'one line without end': { on: ['tcp'], one: true, yes: true, grows: 64 * MB, says: /it sent a line that is longer/, gives: true, busy: true, accept: (socket) => flood(socket, '', Buffer.alloc(65536, 'x')) },
  'the same line without end': { on: ['tcp'], one: true, yes: true, grows: 32 * MB, busy: true, accept: (socket) => flood(socket, '', Buffer.from(`${good}\n`.repeat(500))) },

  // WebSocket
  'a handshake without Accept': { on: ['websocket'], say: (socket, _, request) => socket.write(handshake(request, '')) },
  'a handshake with a wrong Accept': { on: ['websocket'], say: (socket, _, request) => socket.write(handshake(request, 'Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n')) },
  'a handshake with a protocol nobody offered': { on: ['websocket'], say: (socket, _, request) => socket.write(handshake(request).replace('\r\n\r\n', '\r\nSec-WebSocket-Protocol: soap\r\n\r\n')) },
  'a handshake with an extension nobody offered': { on: ['websocket'], say: (socket, _, request) => socket.write(handshake(request).replace('\r\n\r\n', '\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n')) },
  'frames of rubbish': afterHandshake(Buffer.alloc(4000, 0xf7)),
  'frames with a mask': afterHandshake(frame(0x81, good, { mask: true }), { inspect: (_, heard) => (/\x88[\x80-\xff]/.test(heard) ? '' : 'no close frame came') }),
  'a frame of 2^63 bytes': afterHandshake(frame(0x81, 'x', { length: 1n << 63n }), { grows: 20 * MB }),
  'a frame that says 10 GB': afterHandshake(frame(0x81, 'x', { length: 10_000_000_000n }), { grows: 20 * MB }),
  'a control frame of 126 bytes': afterHandshake(frame(0x89, 'x'.repeat(126))),
  'text that is no UTF-8': afterHandshake(frame(0x81, Buffer.from([0xff, 0xfe]))),
  'messages that are no events': afterHandshake(Buffer.concat(Array(1000).fill(frame(0x81, 'rubbish')))),
  'a continuation of nothing': afterHandshake(frame(0x80, 'x')),
  'a close at once': afterHandshake(frame(0x88, Buffer.from([0x03, 0xf5]))),
  'a close with a status that must not be sent': afterHandshake(frame(0x88, Buffer.from([0x03, 0xed]))),
  'the handshake, then the end': { on: ['websocket'], yes: true, say: (socket, _, request) => socket.end(handshake(request)) },
  'the handshake, then a reset': { on: ['websocket'], yes: true, say: (socket, _, request) => socket.write(handshake(request), () => socket.resetAndDestroy()) },
  'a message in pieces without end': { on: ['websocket'], one: true, yes: true, grows: 64 * MB, says: /it sent a message above 16 MiB/, gives: true, busy: true, say: (socket, _, request) => flood(socket, Buffer.concat([Buffer.from(handshake(request)), frame(0x01, 'x')]), frame(0x00, 'x'.repeat(60000))) },
  'pings without end': { on: ['websocket'], one: true, yes: true, grows: 32 * MB, busy: true, say: (socket, _, request) => { socket.pause(); flood(socket, handshake(request), Buffer.concat(Array(500).fill(frame(0x89, 'x'.repeat(100))))); } },
  'the same message without end': { on: ['websocket'], one: true, yes: true, grows: 32 * MB, busy: true, say: (socket, _, request) => flood(socket, handshake(request), Buffer.concat(Array(500).fill(frame(0x81, good)))) },

  // webhook: what a registration may bring
  '201 with rubbish': { on: ['webhook'], yes: true, say: (socket) => socket.write(answer(201, [], 'rubbish')) },
  '201, then never a delivery': { on: ['webhook'], yes: true, say: (socket) => socket.end(answer(201, [], '{"id":"0-1"}')) },
};

// --- what is to be seen in requests -------------------------------------------------------------------

function wellFormed(requests) {
  const bad = requests.find((text) => !/^[A-Z]+ \/\S* HTTP\/1\.1\r\n([!-9;-~]+: ?[\x20-\x7e\t]*\r\n)+\r\n/.test(text));
  return bad === undefined ? '' : `a request that is not well-formed: ${JSON.stringify(bad.slice(0, 300))}`;
}

// An id or a tag comes back as it was given, or not at all.
function wholeIds(requests) {
  const cut = requests.find((text) => {
    const given = /^(?:last-event-id|if-none-match): *"?(i+)"?\r$/im.exec(text)?.[1];
    return given !== undefined && ![58, 100, 10000].includes(given.length);
  });
  return wellFormed(requests) || (cut === undefined ? '' : `an id that was cut: ${cut.length} bytes, ${JSON.stringify(cut.slice(0, 200))}`);
}

// --- the server ---------------------------------------------------------------------------------------

class HostileServer {
  constructor(strategy, what) {
    this.asks = []; // when somebody came or asked
    this.arrivals = [];
    this.requests = [];
    this.heard = '';
    this.sockets = new Set();
    this.server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.arrivals.push(performance.now());
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('end', () => setTimeout(() => socket.destroy(), 300).unref());
      let rest = '';
      socket.on('data', (chunk) => {
        const text = chunk.toString('latin1');
        if (this.heard.length < 100000) this.heard += text;
        rest += text;
        for (let end; (end = rest.indexOf('\r\n\r\n')) >= 0; ) {
          const length = Number(/content-length: *(\d+)/i.exec(rest.slice(0, end))?.[1] ?? 0);
          if (rest.length < end + 4 + length) break;
          const request = rest.slice(0, end + 4);
          rest = rest.slice(end + 4 + length);
          this.asks.push(performance.now());
          if (this.requests.length < 1000) this.requests.push(request);
          const full = socket.destroyed || socket.writableLength > MB; // who asks more than it reads waits
          if (what.say !== undefined && !full) what.say(socket, strategy, request);
        }
        if (rest.length > 100000) rest = '';
      });
      what.accept?.(socket);
    });
  }

  close() {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

// --- a case -------------------------------------------------------------------------------------------

// Asks per subscriber in each second since the first.
function perSecond(times, subscribers) {
  const counts = Array(Math.ceil(WATCH_MS / 1000)).fill(0);
  for (const time of times) {
    const second = Math.floor((time - times[0]) / 1000);
    if (second < counts.length) counts[second] += 1 / subscribers;
  }
  return counts;
}

function complaintsAboutPace(what, counts) {
  const sum = (list) => list.reduce((total, count) => total + count, 0);
  const told = `asks per subscriber, second by second: ${counts.map((count) => count.toFixed(1)).join(' ')}`;
  const early = sum(counts.slice(0, 2)), late = sum(counts.slice(-2));
  if (counts.some((count) => count > ASKS_A_SECOND)) return `a storm; ${told}`;
  if (what.quiet && sum(counts) > 1) return `it did not wait; ${told}`;
  if (what.back && sum(counts) < 2) return `it did not come back; ${told}`;
  if (!what.steady && !what.quiet && late > 2.4 && late > 0.6 * early) return `not less and less often; ${told}`;
  return '';
}

async function run(strategy, name, what) {
  const server = new HostileServer(strategy, what);
  const port = await listen(server.server);
  const subscribers = what.one ? 1 : SUBSCRIBERS;
  const client = new Program(`${strategy}_client`, '--supervised', '--servers', `127.0.0.1:${port}`, '--subscribers', subscribers);
  const ready = await client.message('ready');
  let most = 0;
  const until = performance.now() + WATCH_MS;
  while (performance.now() < until && client.alive) {
    most = Math.max(most, client.residentBytes);
    await pause(100);
  }
  const cpuMs = client.cpuMs;
  const hadEnded = !client.alive;
  const wasConnected = client.last('connected') !== undefined;
  const status = await client.stop();
  server.close();

  const times = server.asks.length > server.arrivals.length ? server.asks : server.arrivals;
  const mayConnect = what.yes === true;
  const grown = most - (ready?.resident_bytes ?? 0);
  const bound = (what.grows ?? 32 * MB) * (sanitized ? 2 : 1);
  const complaints = [
    client.report && `a sanitizer's report:\n${client.report}`,
    status !== 0 && status !== 1 && `it ended with ${status}`,
    status === 1 && client.log.trim() === '' && 'it ended with 1 without a sentence',
    hadEnded && status === 0 && 'it ended by itself, with 0',
    times.length === 0 && 'nobody asked: the case proves nothing',
    complaintsAboutPace(what, perSecond(times, subscribers)),
    /connection refused/i.test(client.log) && 'it says "connection refused" of a server that took the connection',
    what.status && !new RegExp(`\\b${what.status}\\b`).test(client.log) && `its log does not name the status ${what.status}`,
    what.says && !what.says.test(client.log) && `its log does not say ${what.says}`,
    wasConnected && !mayConnect && 'it says "connected" though nobody said yes',
    what.gives && server.arrivals.length < 2 && 'it does not give up on what has no end',
    grown > bound && `its memory grew by ${(grown / MB).toFixed(0)} MB, more than ${bound / MB}`,
    !what.busy && cpuMs > WATCH_MS / 3 && `it took ${cpuMs} ms of processor time in ${WATCH_MS} ms`,
    client.logLines > (WATCH_MS / 1000) * 30 && `it wrote ${client.logLines} lines to its log`,
    what.inspect?.(server.requests, server.heard),
  ].filter(Boolean);
  ok(complaints.length === 0, `${strategy}: ${name}`, ...complaints, `its log: ${client.log.slice(0, 400)}`);
  if (what.grows) diag(`${strategy}: ${name}: its memory grew by ${(grown / MB).toFixed(1)} MB, ${cpuMs} ms of processor time`);
}

// --- by hand: nobody but the client itself can tell the user ----------------------------------------------

// When every subscriber was told not to come back, the client says so and ends.
const hopeless = {
  '204': (socket) => socket.write(answer(204)),
  '401': (socket) => socket.write(answer(401)),
  '301': (socket) => socket.write(answer(301, ['Location: /elsewhere'])),
  'a wrong content type': (socket) => socket.write(answer(200, ['Content-Type: text/html'], '<p>')),
};

async function byHand(strategy, say, judge) {
  const server = new HostileServer(strategy, { say });
  const port = await listen(server.server);
  const client = new Program(`${strategy}_client`, '--servers', `127.0.0.1:${port}`, '--subscribers', 3, '--seconds', 1);
  await Promise.race([client.ended, pause(5000)]);
  const byItself = client.status;
  client.child.kill('SIGINT');
  const ended = await eventually(() => !client.alive);
  server.close();
  judge(client, byItself, ended);
}

const byHandTasks = [
  ...Object.entries(hopeless).map(([name, say]) => ['sse', `${name}, by hand: ends with 1 and names the status`, say,
    (client, byItself, title) => {
      const status = /^\d+/.exec(name)?.[0] ?? '200';
      ok(byItself === 1 && new RegExp(`\\b${status}\\b`).test(client.log), title, `ended by itself with ${byItself}`, client.log.slice(0, 500));
    }]),
  ...HTTP.flatMap((strategy) => [401, 503].map((status) => [strategy, `${status}, by hand: does not end as if all were well`,
    (socket) => socket.write(answer(status)),
    (client, byItself, title, ended) => {
      const fine = byItself !== 0 && ended && client.last('connected') === undefined && !/connection refused/i.test(client.log);
      ok(fine && new RegExp(`\\b${status}\\b`).test(client.log), title, `ended by itself with ${byItself}, connected: ${client.last('connected') !== undefined}`, client.log.slice(0, 500));
    }])),
];

// --- all of them --------------------------------------------------------------------------------------

const tasks = [];
for (const [name, what] of Object.entries(cases))
  for (const strategy of what.on ?? strategies)
    if (chosen.includes(strategy) && pattern.test(name)) tasks.push({ busy: what.busy, run: () => run(strategy, name, what) });
for (const [strategy, name, say, judge] of byHandTasks)
  if (chosen.includes(strategy) && pattern.test(name))
    tasks.push({ run: () => byHand(strategy, say, (client, byItself, ended) => judge(client, byItself, `${strategy}: ${name}`, ended)) });

// Those that flood have the machine nearly to themselves.
await inParallel(32, tasks.filter((task) => !task.busy).map((task) => task.run));
await inParallel(4, tasks.filter((task) => task.busy).map((task) => task.run));
doneTesting();
