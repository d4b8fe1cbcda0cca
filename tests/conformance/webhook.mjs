// Both ends of webhooks, independent of the programs: node's http and crypto alone.
//
//   node webhook.mjs receive SECRETS ANSWER...
//       Prints its port, then a line for each request that comes. SECRETS: a file with a secret a
//       line. An ANSWER is STATUS, STATUS:RETRY_AFTER, STATUS>LOCATION, STATUS@MS (after that time) or
//       "never"; the last one is for all further requests. The line:
//           PATH ID +MS TYPE missed=EVENTS SIGNED BODY open=REQUESTS
//       +MS: since the request before; SIGNED: which secrets fit (0, 1, ...) or "bad"; REQUESTS: that are not
//       answered yet, with this one.
//
//   node webhook.mjs send
//       Prints its port, takes one registration, then tries what a sender must not: prints the
//       receiver's status for each attempt.
//
//   node webhook.mjs overtake
//       Prints its port, takes a registration, sends events in another order than theirs and some again, then
//       has forgotten the hook, and prints the next registration's "after".
//
//   node webhook.mjs register ID
//       Prints its port, takes registrations and gives each hook this id, then a line for each request:
//       its method and target. A GET is never answered.

import http from 'node:http';
import fs from 'node:fs';
import { createHmac } from 'node:crypto';

const [mode, ...rest] = process.argv.slice(2);
const say = (line) => fs.writeSync(1, `${line}\n`);

function sign(secret, id, timestamp, body) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return 'v1,' + createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
}

function bodyOf(message) {
  return new Promise((resolve) => {
    const chunks = [];
    message.on('data', (chunk) => chunks.push(chunk));
    message.on('end', () => resolve(Buffer.concat(chunks).toString()));
  });
}

function receive(secretsFile, answers) {
  let last = performance.now(), open = 0;
  const server = http.createServer(async (request, response) => {
    open += 1;
    response.on('close', () => (open -= 1));
    const body = await bodyOf(request);
    const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signed } = request.headers;
    const secrets = fs.readFileSync(secretsFile, 'utf8').trim().split('\n');
    const signatures = (signed ?? '').split(' ');
    const fits = signatures.map((one) => secrets.findIndex((secret) => one === sign(secret, id, time, body)));
    const fresh = Math.abs(Date.now() / 1000 - Number(time)) < 5;
    const verdict = fresh && !fits.includes(-1) ? fits.join(',') : 'bad';
    say(`${request.url} ${id} +${Math.round(performance.now() - last)} ${request.headers['content-type']} missed=${request.headers['pushpull-missed'] ?? 0} ${verdict} ${body} open=${open}`);
    last = performance.now();
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === 'never') return;
    const [status, extra] = answer.split(/[:>@]/);
    if (answer.includes('@')) await new Promise((resolve) => setTimeout(resolve, Number(extra)));
    if (answer.includes(':')) response.setHeader('Retry-After', extra);
    if (answer.includes('>')) response.setHeader('Location', extra);
    response.writeHead(Number(status)).end();
  });
  server.listen(0, '127.0.0.1', () => say(server.address().port));
}

async function attempts({ url, secret }) {
  const body = '{"seq":1,"due_ns":1,"lag_ns":0,"payload":"x"}';
  const now = Math.floor(Date.now() / 1000);
  const post = async (what, { id = 'msg_1', time = now, text = body, key = secret, to = url, extra = '', missed }) => {
    const headers = { 'webhook-id': id, 'webhook-timestamp': String(time), 'webhook-signature': extra + sign(key, id, time, body) };
    if (missed) headers['pushpull-missed'] = String(missed);
    const answer = await fetch(to, { method: 'POST', headers, body: text });
    say(`${what}: ${answer.status}`);
  };
  const other = 'whsec_' + Buffer.alloc(32, 'k').toString('base64');
  const at = (place, hook = '0-1') => `msg_${hook}_5c1f09aa-${place}`;
  await post('by its hook', { id: at(14), missed: 3 });
  await post('by its hook, after a lost answer', { id: at(17), missed: 6 });
  await post('by its hook, one that came before', { id: at(15), missed: 4 });
  await post('by another hook', { id: at(18, '0-10') });
  await post('by another hook, shorter', { id: at(18, '0-') });
  await post('by another form of id', { id: 'evt_0-2_18' });
  await post('good', {});
  await post('again', {});
  await post('second signature', { id: 'msg_2', extra: 'v1,AAAA ' });
  await post('wrong key', { id: 'msg_3', key: other });
  await post('changed body', { id: 'msg_4', text: body.replace('x', 'y') });
  await post('old', { id: 'msg_5', time: now - 330 });
  await post('from the future', { id: 'msg_6', time: now + 330 });
  await post('a little old', { id: 'msg_7', time: now - 250 });
  await post('nobody', { to: url.replace(/\d+$/, '4711') });
  say(`unsigned: ${(await fetch(url, { method: 'POST', body })).status}`);
  process.exit(0);
}

function send() {
  const server = http.createServer(async (request, response) => {
    if (request.method !== 'POST') return response.end('{}');
    const hook = JSON.parse(await bodyOf(request));
    say(`${request.method} ${request.url}`);
    response.writeHead(201, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ id: '0-1', secret: hook.secret, after: '5c1f09aa-10' }), () => attempts(hook));
  });
  server.listen(0, '127.0.0.1', () => say(server.address().port));
}

async function outOfOrder({ url, secret }) {
  const places = [11, 13, 12, 13, 11, ...Array(30).keys()].map((n, i) => (i < 5 ? n : n + 14));
  for (const place of [...places, 12]) {
    const body = `{"seq":${place},"due_ns":${process.hrtime.bigint()},"lag_ns":0,"payload":"x"}`;
    const id = `msg_0-1_5c1f09aa-${place}`, now = Math.floor(Date.now() / 1000);
    const headers = { 'webhook-id': id, 'webhook-timestamp': String(now), 'webhook-signature': sign(secret, id, now, body) };
    say(`${place}: ${(await fetch(url, { method: 'POST', headers, body })).status}`);
  }
}

// The first GET says that the receiver is up; the next one is told that its hook is gone.
function overtake() {
  let hook, begun = false, sent = false;
  const server = http.createServer(async (request, response) => {
    const body = await bodyOf(request);
    if (request.method === 'GET') {
      response.writeHead(sent ? 404 : 200).end();
      if (begun) return;
      begun = true;
      await outOfOrder(hook);
      sent = true;
    } else if (request.method === 'POST' && sent) {
      say(`after ${JSON.parse(body).after}`);
      process.exit(0);
    } else if (request.method === 'POST') {
      hook = JSON.parse(body);
      response.writeHead(201, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ id: '0-1', after: '5c1f09aa-10' }));
    } else {
      response.writeHead(204).end();
    }
  });
  server.listen(0, '127.0.0.1', () => say(server.address().port));
}

function register(id) {
  const server = http.createServer(async (request, response) => {
    await bodyOf(request);
    say(`${request.method} ${request.url}`);
    if (request.method === 'GET') return;
    if (request.method === 'DELETE') response.writeHead(204).end();
    else response.writeHead(201, { 'Content-Type': 'application/json' }).end(JSON.stringify({ id, after: '5c1f09aa-0' }));
  });
  server.listen(0, '127.0.0.1', () => say(server.address().port));
}

if (mode === 'receive') receive(rest[0], rest.slice(1));
else if (mode === 'register') register(rest[0]);
else if (mode === 'overtake') overtake();
else send();
