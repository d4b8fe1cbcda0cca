// Speaks to our servers through npm's clients; prints TAP. See npm_clients.t.
//
//   node npm_clients.mjs DIRECTORY_OF_PACKAGES SSE_PORT WEBSOCKET_PORT

import { createRequire } from 'node:module';
import net from 'node:net';

const [directory, ssePort, webSocketPort] = process.argv.slice(2);
const require = createRequire(`${directory}/from-here.js`);
const { EventSource } = require('eventsource');
const { WebSocket } = require('ws');

// --- TAP -----------------------------------------------------------------------------------------

let count = 0;
let failed = false;

function is(got, wanted, description) {
  const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)];
  failed ||= a !== b;
  console.log(`${a === b ? 'ok' : 'not ok'} ${++count} - ${description}`);
  if (a !== b) console.error(`# wanted: ${b}\n#    got: ${a}`);
}

// The promise, or a failure that says what did not come.
function soon(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within 20 s`)), 20000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// A queue one can wait on: take() resolves to the next item, in order.
function queue() {
  const items = [];
  const takers = [];
  return {
    put: (item) => (takers.length > 0 ? takers.shift()(item) : items.push(item)),
    take: (what) =>
      soon(items.length > 0 ? Promise.resolve(items.shift()) : new Promise((r) => takers.push(r)), what),
    waiting: () => items.length,
  };
}

async function publish(port, payload) {
  const answer = await fetch(`http://127.0.0.1:${port}/publish`, { method: 'POST', body: payload });
  return (await answer.json()).seq;
}

const payloads = ['hello', 'two\nlines\r\nand a "quote" \\', 'snow ☃, 雪, 🎿', ''];

// --- Server-Sent Events ----------------------------------------------------------------------------

// A TCP relay whose connections can be cut, as by a network that fails.
async function relay(port) {
  const sockets = new Set();
  const server = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1');
    for (const [one, other] of [[near, far], [far, near]]) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => { sockets.delete(one); other.destroy(); });
      one.pipe(other);
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    cut: () => sockets.forEach((socket) => socket.destroy()),
    close: () => { server.close(); sockets.forEach((socket) => socket.destroy()); },
  };
}

async function serverSentEvents() {
  const network = await relay(Number(ssePort));
  const source = new EventSource(`http://127.0.0.1:${network.port}/events`);
  const messages = queue();
  const opened = queue();
  source.onmessage = messages.put;
  source.onopen = opened.put;
  await opened.take('the event stream');

  const seqs = [];
  for (const payload of payloads) seqs.push(await publish(ssePort, payload));
  for (const [i, payload] of payloads.entries()) {
    const message = await messages.take(`event ${i + 1}`);
    const event = JSON.parse(message.data);
    const number = message.lastEventId.replace(/^[0-9a-f]{8}-/, '');
    is([event.seq, event.payload, number], [seqs[i], payload, String(seqs[i])],
      `eventsource receives ${JSON.stringify(payload)}, with its id`);
  }

  const broken = new Promise((resolve) => { source.onerror = resolve; });
  network.cut();
  await soon(broken, 'the loss of the connection');
  const missed = [await publish(ssePort, 'while you were away'), await publish(ssePort, 'and again')];
  await opened.take('the reconnection');
  missed.push(await publish(ssePort, 'welcome back'));
  const replayed = [];
  for (const _ of missed) replayed.push(JSON.parse((await messages.take('a replayed event')).data).seq);
  is(replayed, missed, 'it reconnects by itself and is given what it missed, once and in order');
  is(messages.waiting(), 0, 'and nothing else');
  source.close();
  network.close();

  const stranger = new EventSource(`http://127.0.0.1:${ssePort}/nowhere`);
  const code = await soon(new Promise((resolve) => { stranger.onerror = (e) => resolve(e.code); }), 'an error');
  is([code, stranger.readyState], [404, EventSource.CLOSED], 'a wrong path is an error for good, not for a retry');
}

// --- WebSocket -------------------------------------------------------------------------------------

async function connect(path, options) {
  const socket = new WebSocket(`ws://127.0.0.1:${webSocketPort}${path}`, options);
  const messages = queue();
  socket.on('message', (data, binary) => messages.put({ text: data.toString(), binary }));
  await soon(new Promise((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
  }), 'the WebSocket');
  const closed = new Promise((resolve) => socket.on('close', (code) => resolve(code)));
  return { socket, messages, closed };
}

async function webSocket() {
  const { socket, messages, closed } = await connect('/events');
  const begin = JSON.parse((await messages.take('where it begins')).text);
  is(/^[0-9a-f]{8}-[0-9]+$/.test(begin.after), true, 'the first message says where it begins');
  const seqs = [];
  for (const payload of payloads) seqs.push(await publish(webSocketPort, payload));
  for (const [i, payload] of payloads.entries()) {
    const message = await messages.take(`event ${i + 1}`);
    const event = JSON.parse(message.text);
    is([event.seq, event.payload, message.binary], [seqs[i], payload, false],
      `ws receives ${JSON.stringify(payload)}, in a text frame`);
  }

  const long = 'x'.repeat(100000);
  await publish(webSocketPort, long);
  is(JSON.parse((await messages.take('a long event')).text).payload === long, true, 'an event of 100,000 bytes arrives whole');

  const pong = new Promise((resolve) => socket.on('pong', (data) => resolve(data.toString())));
  socket.ping('are you there?');
  is(await soon(pong, 'the pong'), 'are you there?', 'a ping is answered with its own words');

  const { socket: late, messages: replay, closed: lateClosed } = await connect(`/events?after=${seqs[1]}`);
  await replay.take('where it begins');
  const first = JSON.parse((await replay.take('the replay')).text).seq;
  is(first, seqs[1] + 1, '/events?after=SEQ replays from the event after SEQ');
  late.close(1000);
  await soon(lateClosed, 'the close');

  socket.close(1000, 'bye');
  is(await soon(closed, 'the close'), 1000, 'a close is answered with its own code');

  const { socket: compressing } = await connect('/events', { perMessageDeflate: true });
  is(compressing.extensions, '', 'compression is declined');
  compressing.terminate();
}

try {
  await serverSentEvents();
  await webSocket();
} catch (error) {
  failed = true;
  console.log(`not ok ${++count} - ${error.message}`);
}
console.log(`1..${count}`);
process.exit(failed ? 1 : 0);
