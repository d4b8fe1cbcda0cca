// A TCP client without manners: sends stdin to a port as it stands and prints what comes back until
// the server closes.
//
//   node raw.mjs PORT [--split] [--end] [--until TEXT] [--hold MS] [--patience MS] [--sent FILE]
//
//   --split     every byte in a segment of its own
//   --end       half-close after sending (a client that says "that is all")
//   --until T   stop reading as soon as T has come
//   --hold MS   pause this long in the middle of the bytes
//   --sent F    makes the file F when everything is sent
//
// Exit status: 0 closed by the server or found T; 3 neither within the patience (default 15 s).

import net from 'node:net';
import fs from 'node:fs';

const [port, ...rest] = process.argv.slice(2);
const has = (name) => rest.includes(name);
const value = (name, fallback) => (has(name) ? rest[rest.indexOf(name) + 1] : fallback);

const bytes = fs.readFileSync(0);
const until = value('--until', null);
const received = [];
const socket = net.connect({ port: Number(port), host: '127.0.0.1', noDelay: true });

function finish(status) {
  fs.writeSync(1, Buffer.concat(received));
  process.exit(status);
}

socket.on('data', (chunk) => {
  received.push(chunk);
  if (until !== null && Buffer.concat(received).includes(until)) finish(0);
});
socket.on('end', () => finish(0));
socket.on('close', () => finish(0));
socket.on('error', () => finish(0)); // a reset is a way to close, too
setTimeout(() => finish(3), Number(value('--patience', 15000))).unref();

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const send = (part) => new Promise((resolve) => socket.write(part, resolve));

socket.on('connect', async () => {
  if (has('--split')) {
    for (const byte of bytes) {
      await send(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
  } else if (has('--hold')) {
    const middle = bytes.length >> 1;
    await send(bytes.subarray(0, middle));
    await pause(Number(value('--hold', 0)));
    await send(bytes.subarray(middle));
  } else {
    await send(bytes);
  }
  if (has('--sent')) fs.writeFileSync(value('--sent'), '');
  if (has('--end')) socket.end();
});
