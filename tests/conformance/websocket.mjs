// A WebSocket client (RFC 6455) that can be told to misbehave, and a server for the client's tests.
//
//   node websocket.mjs PORT [--path P] [--drop NAME] [--set 'NAME: VALUE'] [--method M] [--split]
//                      [--patience MS] [--count N] [--pause MS] [FRAME...]
//   node websocket.mjs --listen [FRAME...]
//
// Connects, sends the frames, and prints what comes back, one thing a line: the status line of the
// handshake (and its header lines, when it is no 101), "accept ok" or "accept wrong", then frames
// ("text ...", "ping ...", "pong ...", "close CODE"), and at the end "closed" or "open".
//
//   --drop, --set   leave a header line out, or replace it
//   --split         every byte in a segment of its own
//   --patience MS   how long to wait for more (default 600)
//   --count N       enough after N frames
//   --until RE      enough after a frame (as printed) that matches; with --count: after so many of them
//   --more 'N: V'   one more header line
//   --early FRAME   sends it in one segment with the handshake
//   --http V        of this version of HTTP
//   --mute          answers no ping
//   --pause MS      read nothing for this long after the handshake
//   --trickle MS    read nothing for this long after each read (64 KiB)
//
// A FRAME is OPCODE[FLAGS]:PAYLOAD, opcode in hexadecimal; flags: f final, u not masked, r with RSV1,
// m masked, h payload in hexadecimal, z payload is a length in bytes, l the length is in two bytes even if
// it is short. So 1f:hello is a text message.
//
// --listen prints its port, answers with 101, sends the frames (not masked), and prints the request
// line, what the client sends, and whether it was masked, until that hangs up. --set, --drop and --more
// change its answer, --status its status; with --hang-up it hangs up behind its frames. With --stay it
// takes the next one, until its patience ends, and does not hang up when the client does.

import net from 'node:net';
import crypto from 'node:crypto';
import fs from 'node:fs';

const words = process.argv.slice(2);
const options = { path: '/events', method: 'GET', patience: 600, count: Infinity, pause: 0, set: [], drop: [], more: [], early: [], http: '1.1' };
const frames = [];
while (words.length > 0) {
  const word = words.shift();
  if (['--split', '--listen', '--mute', '--stay', '--hang-up'].includes(word)) options[word.slice(2)] = true;
  else if (['--set', '--drop', '--more', '--early'].includes(word)) options[word.slice(2)].push(words.shift());
  else if (word.startsWith('--')) options[word.slice(2)] = words.shift();
  else if (/^\d+$/.test(word)) options.port = Number(word);
  else frames.push(word);
}

const acceptOf = (key) =>
  crypto.createHash('sha1').update(key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');

function payloadOf(flags, text) {
  if (flags.includes('h')) return Buffer.from(text, 'hex');
  if (flags.includes('z')) return Buffer.alloc(Number(text), 'a');
  return Buffer.from(text);
}

function encode(spec, maskByDefault) {
  const [, opcode, flags, text] = /^([0-9a-e])([fumrhzl]*):(.*)$/s.exec(spec);
  const payload = payloadOf(flags, text);
  const masked = flags.includes('m') || (maskByDefault && !flags.includes('u'));
  const first = parseInt(opcode, 16) | (flags.includes('f') ? 0x80 : 0) | (flags.includes('r') ? 0x40 : 0);
  const head = [first];
  const bit = masked ? 0x80 : 0;
  if (payload.length < 126 && !flags.includes('l')) head.push(bit | payload.length);
  else if (payload.length < 65536) head.push(bit | 126, payload.length >> 8, payload.length & 255);
  else head.push(bit | 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (payload.length >>> shift) & 255));
  if (!masked) return Buffer.concat([Buffer.from(head), payload]);
  const mask = crypto.randomBytes(4);
  const hidden = Buffer.from(payload.map((byte, i) => byte ^ mask[i & 3]));
  return Buffer.concat([Buffer.from(head), mask, hidden]);
}

// The first frame of `bytes`, or null when it is not complete.
function decode(bytes) {
  if (bytes.length < 2) return null;
  let length = bytes[1] & 127;
  let at = 2;
  if (length === 126) {
    if (bytes.length < 4) return null;
    length = bytes.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    if (bytes.length < 10) return null;
    length = Number(bytes.readBigUInt64BE(2));
    at = 10;
  }
  const masked = (bytes[1] & 128) !== 0;
  const mask = bytes.subarray(at, at + 4);
  if (masked) at += 4;
  if (bytes.length < at + length) return null;
  let payload = bytes.subarray(at, at + length);
  if (masked) payload = Buffer.from(payload.map((byte, i) => byte ^ mask[i & 3]));
  return { opcode: bytes[0] & 15, final: (bytes[0] & 128) !== 0, masked, payload, size: at + length };
}

const names = { 0: 'continuation', 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' };
function tell(frame) {
  const name = names[frame.opcode] ?? `opcode ${frame.opcode}`;
  const content = frame.opcode !== 8 ? frame.payload.toString()
    : frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : '';
  const masked = frame.masked !== Boolean(options.listen) ? ' (wrongly masked)' : '';
  const line = `${name}${frame.final ? '' : ' (not final)'}${masked} ${content}`.trimEnd();
  print(line);
  return line;
}

const pongTo = (frame) => encode(`afh:${frame.payload.toString('hex')}`, true);

const enough = new RegExp(options.until ?? '');
if (options.until !== undefined && options.count === Infinity) options.count = 1;

let finished = false;
const print = (line) => finished || fs.writeSync(1, `${line}\n`);
function finish(last) {
  print(last);
  finished = true;
  process.exit(0);
}

// Calls `headed` with the head once, then tells each frame.
function follow(socket, headed) {
  let bytes = Buffer.alloc(0);
  let open = false;
  let count = 0;
  socket.on('data', (chunk) => {
    if (options.trickle) {
      socket.pause();
      setTimeout(() => socket.resume(), Number(options.trickle));
    }
    bytes = Buffer.concat([bytes, chunk]);
    if (!open) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = bytes.subarray(0, end).toString().split('\r\n');
      bytes = bytes.subarray(end + 4);
      open = headed(head);
      if (!open) return;
    }
    for (let frame; (frame = decode(bytes)) !== null; bytes = bytes.subarray(frame.size)) {
      const line = tell(frame);
      if (frame.opcode === 9 && !options.mute && !options.listen) socket.write(pongTo(frame));
      if (!enough.test(line)) continue;
      if (++count >= Number(options.count)) finish('open');
    }
  });
  socket.on('error', () => options.stay || finish('closed'));
  socket.on('end', () => options.stay || finish('closed'));
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function send(socket, bytes) {
  if (!options.split) return socket.write(bytes);
  for (const byte of bytes) {
    socket.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
}

// In place of the line of that name, in any letters.
function setHeader(headers, line) {
  const [, name, value] = /^([^:]*): ?(.*)$/.exec(line);
  const present = [...headers.keys()].find((key) => key.toLowerCase() === name.toLowerCase());
  headers.set(present ?? name, value);
}

function connect() {
  const key = crypto.randomBytes(16).toString('base64');
  const socket = net.connect({ port: options.port, host: '127.0.0.1', noDelay: true });
  const headers = new Map([
    ['Host', 'localhost'], ['Upgrade', 'websocket'], ['Connection', 'keep-alive, Upgrade'],
    ['Sec-WebSocket-Key', key], ['Sec-WebSocket-Version', '13']]);
  for (const name of options.drop) headers.delete(name);
  for (const line of options.set) setHeader(headers, line);
  const request = [`${options.method} ${options.path} HTTP/${options.http}`,
    ...[...headers].map((pair) => pair.join(': ')), ...options.more];
  follow(socket, (head) => {
    print(head[0]);
    if (!head[0].includes(' 101 ')) {
      head.slice(1).forEach(print);
      setTimeout(() => finish('open'), Number(options.patience));
      return false;
    }
    const accept = head.find((line) => /^sec-websocket-accept:/i.test(line));
    print(accept?.split(': ')[1] === acceptOf(key) ? 'accept ok' : 'accept wrong');
    (async () => {
      for (const spec of frames) await send(socket, encode(spec, true));
      if (Number(options.pause) > 0) {
        socket.pause();
        await pause(Number(options.pause));
        socket.resume();
      }
      await pause(Number(options.patience));
      finish('open');
    })();
    return true;
  });
  socket.on('connect', () => send(socket, Buffer.concat([Buffer.from(request.join('\r\n') + '\r\n\r\n'),
    ...options.early.map((spec) => encode(spec, true))])));
}

function listen() {
  const server = net.createServer({ allowHalfOpen: options.stay }, (socket) => {
    follow(socket, (head) => {
      print(head[0]);
      const key = head.find((line) => /^sec-websocket-key:/i.test(line)).split(': ')[1];
      const headers = new Map([['Upgrade', 'websocket'], ['Connection', 'Upgrade'], ['Sec-WebSocket-Accept', acceptOf(key)]]);
      for (const name of options.drop) headers.delete(name);
      for (const line of options.set) setHeader(headers, line);
      const answer = [`HTTP/1.1 ${options.status ?? '101 Switching Protocols'}`,
        ...[...headers].map((pair) => pair.join(': ')), ...options.more];
      socket.write(answer.join('\r\n') + '\r\n\r\n');
      for (const spec of frames) socket.write(encode(spec, false));
      if (options['hang-up']) socket.end();
      return options.status === undefined;
    });
  });
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
  setTimeout(() => finish('open'), Number(options.patience)).unref();
}

if (options.listen) listen();
else connect();
