// Cuts a connection at every byte of every exchange of every strategy, and in three ways: by an end,
// by a reset, by an end of one direction alone.
//
//   node cuts.mjs [STRATEGY...]
//
// Three parts for each strategy. `raw`: requests of every route are broken off after each byte; also
// while the server stands still, so that it finds the request and the reset at the same time. `relay`:
// the real client talks to the real server through a relay that forwards so many bytes and then cuts;
// webhooks have one in each direction. `full`: subscribers that do not read go while the server has much
// to send to them, and the server is stopped while connections are in every stage.

import net from 'node:net';
import {
  GoodSubscribers, answers, connect, connected, diag, doneTesting, eventually, inParallel, listen, ok,
  pause, sanitized, sent, startClient, startServer, strategies,
} from './lib.mjs';

const chosen = process.argv.length > 2 ? process.argv.slice(2) : strategies;
const EVERY = sanitized ? 1 : 7; // of so many positions one
const FIRST_BYTES = 600; // every position up to here, samples beyond
const AT_ONCE = 128;
const MODES = ['fin', 'rst', 'half'];

// --- recorded requests --------------------------------------------------------------------------------

const masked = (first, payload) => {
  const mask = [1, 2, 3, 4];
  return Buffer.from([first, 0x80 | payload.length, ...mask, ...Buffer.from(payload).map((byte, i) => byte ^ mask[i & 3])]);
};
const request = (line, body = '', ...fields) => {
  const length = body.length > 0 ? [`Content-Length: ${body.length}`] : [];
  return Buffer.from([`${line} HTTP/1.1`, 'Host: localhost', ...fields, ...length, '', body].join('\r\n'));
};
const upgrade = request('GET /events?after=0', '', 'Upgrade: websocket', 'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13');
const frames = Buffer.concat([
  masked(0x89, 'ping'), masked(0x01, 'one'), masked(0x80, 'two'), masked(0x81, 'text'), masked(0x88, '\x03\xe8'),
]);
const hook = JSON.stringify({ url: 'http://127.0.0.1:9/x' });

// name: the bytes, and what must have been answered before the last ones go out
const everywhere = {
  'GET /': [request('GET /')],
  'GET /nowhere': [request('GET /nowhere')],
  'HEAD /': [request('HEAD /')],
  'OPTIONS /events': [request('OPTIONS /events', '', 'Origin: http://other', 'Access-Control-Request-Method: GET')],
  'GET /events': [request('GET /events?after=0')],
  'GET /events that waits': [request('GET /events')],
  'HEAD /events': [request('HEAD /events')],
  'POST /publish': [request('POST /publish', 'hello')],
  'POST /publish, Expect': [request('POST /publish', 'hello', 'Expect: 100-continue')],
  'POST /publish, Expect, answered': [request('POST /publish', 'hello', 'Expect: 100-continue'), '\r\n\r\n'],
  'POST /publish, chunked': [Buffer.concat([request('POST /publish', '', 'Transfer-Encoding: chunked', 'Expect: 100-continue'), Buffer.from('5\r\nhello\r\n0\r\nA: b\r\n\r\n')])],
  'POST /publish, not UTF-8': [Buffer.concat([request('POST /publish', '', 'Content-Length: 1'), Buffer.from([0xff])])],
  'pipelined': [Buffer.concat([request('GET /'), request('POST /publish', 'a'), request('POST /publish', 'b', 'Expect: 100-continue'), request('GET /events')])],
  'Connection: close': [request('GET /', '', 'Connection: close')],
  'HTTP/1.0': [Buffer.from('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')],
  'not HTTP': [Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03rubbish\r\n\r\n', 'latin1')],
  'upgrade': [upgrade],
  'upgrade and frames at once': [Buffer.concat([upgrade, frames])],
  'upgrade, then frames': [Buffer.concat([upgrade, frames]), '\r\n\r\n', upgrade.length],
};
const atWebhook = {
  'POST /hooks': [request('POST /hooks', hook, 'Content-Type: application/json')],
  'POST /hooks, Expect': [request('POST /hooks', hook, 'Content-Type: application/json', 'Expect: 100-continue')],
  'GET /hooks': [request('GET /hooks')],
  'PUT a secret': [request('PUT /hooks/HOOK/secret', '{}', 'Content-Type: application/json')],
  'PUT a secret, Expect': [request('PUT /hooks/HOOK/secret', '{}', 'Content-Type: application/json', 'Expect: 100-continue')],
  'DELETE': [request('DELETE /hooks/HOOK')],
};

// --- one raw connection ---------------------------------------------------------------------------------

function cut(socket, mode) {
  if (mode === 'rst') socket.resetAndDestroy();
  else socket.end();
  if (mode === 'fin') setTimeout(() => socket.destroy(), 50).unref();
  if (mode === 'half') setTimeout(() => socket.resetAndDestroy(), 150).unref();
}

// Sends `length` bytes, in two parts when something must have come back in between, and cuts.
async function breakOff(port, mode, [bytes, answer, waitAt], length) {
  const socket = connect(port);
  let heard = '';
  socket.on('data', (chunk) => (heard = (heard + chunk.toString('latin1')).slice(-2000)));
  if (!(await connected(socket))) return;
  const first = answer === undefined ? length : Math.min(length, waitAt ?? bytes.indexOf('\r\n\r\n') + 4);
  await sent(socket, bytes.subarray(0, first));
  if (first < length) {
    await eventually(() => heard.includes(answer) || socket.destroyed, 2000);
    await sent(socket, bytes.subarray(first, length));
  }
  cut(socket, mode);
}

// All positions at once to a server that stands still meanwhile: it then reads the bytes and, as soon
// as it writes, meets the reset. `before`: bytes that it has read before it stands still.
async function breakOffAsleep(server, bytes, lengths, accepted) {
  const sockets = [];
  if (accepted) {
    for (const length of lengths) sockets.push([connect(server.port), length]);
    await Promise.all(sockets.map(([socket]) => connected(socket)));
    await answers(server.port); // those before it in the queue were accepted, too
  }
  server.child.kill('SIGSTOP');
  if (!accepted) {
    for (const length of lengths) sockets.push([connect(server.port), length]);
    await Promise.all(sockets.map(([socket]) => connected(socket)));
  }
  await Promise.all(sockets.map(([socket, length]) => sent(socket, bytes.subarray(0, length))));
  for (const [socket] of sockets) socket.resetAndDestroy();
  server.child.kill('SIGCONT');
}

function lengthsOf(bytes) {
  const lengths = [];
  for (let length = 0; length <= bytes.length; length++)
    if (length % EVERY === 0 || length === bytes.length) lengths.push(length);
  return lengths;
}

async function makeHook(port) {
  const answer = await fetch(`http://127.0.0.1:${port}/hooks`, {
    method: 'POST', body: hook, headers: { 'Content-Type': 'application/json' },
  }).catch(() => undefined);
  return answer === undefined ? 'none' : (await answer.json()).id;
}

async function breakOffEverywhere(program, route) {
  const [bytes] = route;
  const lengths = lengthsOf(bytes);
  const tasks = MODES.flatMap((mode) => lengths.map((length) => () => breakOff(program.port, mode, route, length)));
  await inParallel(AT_ONCE, tasks);
  await breakOffAsleep(program, bytes, lengths, false);
  await breakOffAsleep(program, bytes, lengths, true);
  const up = (await answers(program.port)) && program.alive;
  return up && program.report === '' ? '' : await wordOf(program);
}

// What became of a program that does not answer any more. If it is still there it is made an end of.
async function wordOf(program) {
  await Promise.race([program.ended, pause(2000)]); // so that its report is whole
  const state = program.alive ? 'does not answer' : `ended with ${program.status}`;
  program.child.kill('SIGKILL');
  await program.ended;
  return `${program.name} ${state}\n${program.report || program.log.slice(-800)}`;
}

async function endsWell(program, what) {
  const status = await program.stop();
  ok(status === 0 && program.report === '', what, `exit ${status}`, program.report || program.log.slice(-800));
}

// --- part one: raw ------------------------------------------------------------------------------------------

async function raw(strategy) {
  const routes = { ...everywhere, ...(strategy === 'webhook' ? atWebhook : {}) };
  let server = await startServer(strategy, '--events-per-second', 10);
  let good = await GoodSubscribers.start(strategy, server, 2, sanitized ? 8 : 3);
  for (const [name, [bytes, ...more]] of Object.entries(routes)) {
    const id = bytes.includes('HOOK') ? await makeHook(server.port) : '';
    const route = [Buffer.from(bytes.toString('latin1').replace('HOOK', id), 'latin1'), ...more];
    const wrong = await breakOffEverywhere(server, route);
    ok(wrong === '', `${strategy}_server outlives: ${name}, broken off after each byte`, wrong);
    if (server.alive) continue;
    await good.client.stop();
    server = await startServer(strategy, '--events-per-second', 10);
    good = await GoodSubscribers.start(strategy, server, 2, 2);
  }
  const wrong = await good.verdict();
  ok(wrong === '', `${strategy}: a good subscriber beside it got every event once`, wrong);
  await endsWell(server, `${strategy}_server ends well after it`);
}

// The receiver of webhooks is a server, too.
async function rawReceiver() {
  let receiverPort;
  const registry = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      receiverPort = Number(/127\.0\.0\.1:(\d+)\/hooks/.exec(chunk.toString('latin1'))?.[1] ?? receiverPort);
      socket.end('HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"id":"0-1"}');
    });
  });
  const port = await listen(registry);
  const body = '{"seq":1,"due_ns":1,"lag_ns":0,"payload":"x"}';
  const signed = ['webhook-id: m', 'webhook-timestamp: 1', 'webhook-signature: v1,AAAA'];
  const routes = {
    'POST': [request('POST /hooks/0', body, ...signed)],
    'POST, Expect': [request('POST /hooks/0', body, ...signed, 'Expect: 100-continue')],
    'GET': [request('GET /hooks/0')],
  };
  const start = async () => {
    const client = startClient('webhook', port);
    await client.message('connected');
    client.port = receiverPort;
    return client;
  };
  let client = await start();
  for (const [name, route] of Object.entries(routes)) {
    const wrong = await breakOffEverywhere(client, route);
    ok(wrong === '', `webhook_client outlives: ${name} to its receiver, broken off after each byte`, wrong);
    if (!client.alive) client = await start();
  }
  await endsWell(client, 'webhook_client ends well after it');
  registry.close();
}

// --- part two: a relay ----------------------------------------------------------------------------------------

// Forwards until `plans` says otherwise: each connection takes the next one, {direction, at, mode}.
class Relay {
  constructor(target, rewrite = (chunk) => chunk) {
    this.target = target;
    this.rewrite = rewrite;
    this.plans = [];
    this.next = () => this.plans.shift();
    this.most = { up: 0, down: 0 }; // bytes seen on one connection
    this.connections = this.reached = this.unreached = 0;
    this.lately = [];
    this.server = net.createServer({ allowHalfOpen: true, noDelay: true }, (near) => this.#relay(near));
  }

  #relay(near) {
    const far = connect(this.target());
    const plan = this.next();
    const seen = { up: 0, down: 0 };
    let over = false;
    this.connections++;
    near.on('error', () => {});
    const finish = () => {
      over = true;
      this.lately.push(`${plan.direction} ${plan.at} ${plan.mode}`);
      if (this.lately.length > 8) this.lately.shift();
      if (plan.mode === 'half') {
        (plan.direction === 'up' ? far : near).end();
        setTimeout(() => [near, far].forEach((socket) => socket.destroy()), 500).unref();
      } else {
        cut(near, plan.mode);
        cut(far, plan.mode);
      }
    };
    const forward = (from, to, direction) => {
      from.on('data', (chunk) => {
        if (direction === 'up') chunk = this.rewrite(chunk);
        const mine = plan?.direction === direction;
        if (over && (mine || plan.mode !== 'half')) return;
        seen[direction] += chunk.length;
        this.most[direction] = Math.max(this.most[direction], seen[direction]);
        const beyond = mine ? seen[direction] - plan.at : -1;
        if (beyond < 0) {
          if (to.writable) to.write(chunk);
          return;
        }
        this.reached++;
        over = true;
        if (to.writable) to.write(chunk.subarray(0, chunk.length - beyond), finish);
        else finish();
      });
      from.on('end', () => to.end());
      from.on('close', (failed) => (failed ? to.resetAndDestroy() : setTimeout(() => to.destroy(), 100).unref()));
    };
    forward(near, far, 'up');
    forward(far, near, 'down');
    if (plan === undefined) return;
    if (plan.at === 0 && plan.mode === 'rst') far.once('connect', finish);
    setTimeout(() => {
      if (over) return;
      this.unreached++; // fewer bytes than expected: then here
      if (!near.destroyed) finish();
    }, 4000).unref();
  }
}

// Every position of the first bytes, then a sample.
function positions(most) {
  const list = [];
  for (let at = 0; at <= Math.min(most, FIRST_BYTES); at += EVERY) list.push(at);
  for (let at = FIRST_BYTES * 1.07; at < most; at *= 1.07) list.push(Math.round(at));
  return list;
}

function plansFor(most) {
  const plans = [];
  for (const direction of ['up', 'down'])
    for (const at of positions(most[direction])) for (const mode of MODES) plans.push({ direction, at, mode });
  for (let i = plans.length - 1; i > 0; i--) {
    const j = (i * 7919 + 13) % (i + 1); // all kinds at the same time, the same way each time
    [plans[i], plans[j]] = [plans[j], plans[i]];
  }
  return plans;
}

// One subscriber through the relays, to see how many bytes an exchange has.
async function learn(strategy, relays) {
  const client = startClient(strategy, relays[0].port);
  await client.message('connected');
  await pause(1500); // not an event: the bytes of this much time are what is cut
  await client.stop();
  return relays.map((relay) => ({ ...relay.most }));
}

async function throughRelays(strategy) {
  const rate = strategy === 'webhook' ? 1 : 5;
  const own = strategy === 'webhook' ? ['--retry-scale', 0.01, '--in-flight', 1024] : [];
  const server = await startServer(strategy, '--events-per-second', rate, '--payload-bytes', 40, ...own);
  const good = await GoodSubscribers.start(strategy, server, 2, sanitized ? 16 : 8);

  const relays = [];
  let receiverPort;
  const there = new Relay(() => server.port, (chunk) => {
    if (strategy !== 'webhook') return chunk;
    const text = chunk.toString('latin1'); // both ports have five digits: Content-Length stays true
    return Buffer.from(text.replace(/(127\.0\.0\.1:)(\d{5})(\/hooks)/, (_, before, port, after) => {
      receiverPort = Number(port);
      return before + back.port + after;
    }), 'latin1');
  });
  const back = new Relay(() => receiverPort);
  relays.push(there, ...(strategy === 'webhook' ? [back] : []));
  for (const relay of relays) relay.port = await listen(relay.server);

  const most = await learn(strategy, relays);
  relays.forEach((relay, i) => (relay.plans = plansFor(most[i])));
  const planned = relays.reduce((sum, relay) => sum + relay.plans.length, 0);
  const subscribers = Math.min(600, Math.ceil(planned / 3));
  const client = startClient(strategy, there.port, '--subscribers', subscribers, '--connect-concurrency', 256);
  await client.message('ready');
  const from = process.hrtime.bigint();
  client.order('measure', from, from + 3600_000_000_000n);

  const alive = () => server.alive && client.alive;
  const used = () => relays.every((relay) => relay.plans.length === 0);
  await eventually(() => !alive() || used(), 60000);
  const lately = relays.map((relay) => relay.lately.join(', ')).join('; ');
  const reached = relays.reduce((sum, relay) => sum + relay.reached, 0);
  ok(used() && reached > planned / 2, `${strategy}: a cut at each of ${planned} places`,
    relays.map((relay) => `left ${relay.plans.length}, connections ${relay.connections}`).join('; '), client.log.slice(-500));
  diag(relays.map((relay) => `${relay.reached} cut where planned, ${relay.unreached} later`).join('; '));
  relays.forEach((relay) => (relay.plans = []));

  // Three seconds' worth of events for everyone, give or take one second's.
  const lastTicks = () => client.messages.filter((message) => message.type === 'tick').slice(-3);
  const wanted = 2 * rate * subscribers;
  const isBack = () => lastTicks().reduce((sum, tick) => sum + tick.deliveries, 0) >= wanted;
  const cameBack = await eventually(() => !alive() || isBack(), 45000);
  ok(server.alive && server.report === '', `${strategy}_server outlives cuts`, server.report || server.log.slice(-800), `last: ${lately}`);
  ok(client.alive && client.report === '', `${strategy}_client outlives cuts`, client.report || client.log.slice(-800), `last: ${lately}`);
  ok(cameBack && alive(), `${strategy}_client: every subscriber comes back and receives`,
    `${JSON.stringify(lastTicks().map((tick) => tick.deliveries))} deliveries in the last seconds, wanted ${wanted}`, client.log.slice(-500));
  const wrong = await good.verdict();
  ok(wrong === '', `${strategy}: good subscribers beside it got every event once`, wrong);
  await endsWell(client, `${strategy}_client ends well after cuts`);
  await endsWell(server, `${strategy}_server ends well after cuts`);
  relays.forEach((relay) => relay.server.close());
}

// --- part three: full sockets, and the end --------------------------------------------------------------------

// Receivers that take the connection, read nothing, and cut it a little later.
async function deafReceiver() {
  let turn = 0;
  const receiver = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    socket.on('error', () => {});
    const mode = MODES[turn++ % 3];
    if (turn % 4 !== 0) setTimeout(() => cut(socket, mode), 100);
  });
  return { receiver, port: await listen(receiver) };
}

async function full(strategy) {
  const server = await startServer(strategy, '--events-per-second', 20, '--payload-bytes', 400000, '--feed-events', 16,
    ...(strategy === 'webhook' ? ['--retry-scale', 0.01] : []));
  const { receiver, port } = await deafReceiver();
  if (strategy === 'webhook')
    for (let i = 0; i < 30; i++)
      await fetch(`http://127.0.0.1:${server.port}/hooks`, {
        method: 'POST', body: JSON.stringify({ url: `http://127.0.0.1:${port}/${i}` }), headers: { 'Content-Type': 'application/json' },
      });
  const ask = strategy === 'websocket' ? upgrade : request('GET /events?after=0');
  const deaf = async (stays) => {
    const socket = connect(server.port);
    socket.pause();
    if (!(await connected(socket))) return;
    await sent(socket, ask);
    await pause(200 + Math.random() * 400); // by then its socket is full, or nearly
    if (!stays) cut(socket, MODES[Math.floor(Math.random() * 3)]);
  };
  await inParallel(40, Array(120).fill(() => deaf(false)));
  ok((await answers(server.port)) && server.report === '', `${strategy}_server outlives subscribers that do not read, and go`,
    server.report || (server.alive ? `does not answer\n${server.log.slice(-500)}` : `ended with ${server.status}`));

  const texts = [...Object.values(everywhere), ...(strategy === 'webhook' ? Object.values(atWebhook) : [])].map(([bytes]) => bytes);
  const some = Array.from({ length: 200 }, (_, i) => async () => {
    const socket = connect(server.port);
    if (i % 2 === 0) socket.resume();
    const bytes = texts[i % texts.length];
    if (await connected(socket)) await sent(socket, bytes.subarray(0, i % 3 === 0 ? bytes.length : (i * 37) % bytes.length));
  });
  await inParallel(AT_ONCE, [...some, ...Array(20).fill(() => deaf(true))]);
  await endsWell(server, `${strategy}_server ends well with connections in every stage`);
  receiver.close();
}

const tasks = chosen.flatMap((strategy) => [() => raw(strategy), () => full(strategy), () => throughRelays(strategy)]);
if (chosen.includes('webhook')) tasks.push(rawReceiver);
await inParallel(3, tasks);
doneTesting();
