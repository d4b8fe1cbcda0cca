// HTTP/1.1 as RFC 9110 and RFC 9112 want it, asked of one server by hand-written bytes: a line per
// demand. Each line is asked twice, in one piece and byte by byte, and must be answered alike.
//
//   node http.mjs PORT
//
// Prints "ok - ..." and "not ok - ..." for http.t, which counts them.

import net from 'node:net';

const port = Number(process.argv[2]);
const PATIENCE_MS = 20000;
const AT_ONCE = 16; // connections open at the same time

const HOST = 'Host: localhost\r\n';
const CLOSE = 'Connection: close\r\n';
const LAST = `GET / HTTP/1.1\r\n${HOST}${CLOSE}\r\n`; // shows that a connection goes on, and ends it
const long = (length) => 'a'.repeat(length);

// Requests, without the empty line at the end of the head where a body or more fields follow.
const get = (fields = '', target = '/') => `GET ${target} HTTP/1.1\r\n${HOST}${CLOSE}${fields}\r\n`;
const host = (value) => `GET / HTTP/1.1\r\nHost:${value}\r\n${CLOSE}\r\n`;
const post = (fields, body = '') => `POST /publish HTTP/1.1\r\n${HOST}${CLOSE}${fields}\r\n${body}`;
const chunked = (body) => post('Transfer-Encoding: chunked\r\n', body);
// A request that would be smuggled in when the one before ends elsewhere than it seems.
const smuggled = (request) => request.replace(CLOSE, '') + LAST;

// --- the table -----------------------------------------------------------------------------------
// [what is demanded, bytes, statuses of all answers (a regular expression), more about the answer]

const has = (pattern) => (answer) => pattern.test(answer);
const lacks = (pattern) => (answer) => !pattern.test(answer);
const head = (answer) => answer.slice(0, answer.indexOf('\r\n\r\n') + 2);
const body = (answer) => answer.slice(answer.indexOf('\r\n\r\n') + 4);
const length = (answer) => Number(/^Content-Length: (\d+)\r$/m.exec(head(answer))?.[1]);
const allow = (answer) => (/^Allow: (.*)\r$/m.exec(answer)?.[1] ?? '').split(', ');
const once = (list) => new Set(list).size === list.length;

const table = [
  // RFC 9112, 2: messages
  ['a plain request is answered', get(), '200'],
  ['with a Date (9110 6.6.1)', get(), '200', has(/^Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT\r$/m)],
  ['with the close that was asked for', get(), '200', has(/^Connection: close\r$/m)],
  ['with a body as long as it says', get(), '200', (a) => body(a).length === length(a)],
  ['by HTTP/1.1', get(), '200', has(/^HTTP\/1\.1 200 OK\r\n/)],
  ['an empty line before a request is skipped', `\r\n${get()}`, '200'],
  ['so are two', `\r\n\r\n${get()}`, '200'],
  ['and one between two requests', get().replace(CLOSE, '') + '\r\n' + LAST, '200 200'],
  ['a blank before the first field is not believed', `GET / HTTP/1.1\r\n ${HOST}${CLOSE}\r\n`, '400'],
  ['nor a tab', `GET / HTTP/1.1\r\n\t${HOST}${HOST}${CLOSE}\r\n`, '400'],
  ['nor a blank before the request', ` ${get()}`, '400'],
  ['a bare carriage return in a field', get('X: a\rb\r\n'), '400'],
  ['a bare carriage return behind the request line', `GET / HTTP/1.1\r${HOST}\r\n`, '400'],
  ['a bare carriage return in a target', get('', '/a\rb'), '400'],
  ['a NUL in a field', get('X: a\0b\r\n'), '400'],
  ['a NUL in a target', get('', '/a\0b'), '400'],
  ['TLS on a plain port', '\x16\x03\x01\x02\x01\r\n\r\n', '400'],
  ['rubbish', 'rubbish\r\n\r\n', '400|501'],

  // RFC 9112, 2.3 and RFC 9110, 2.5: versions
  ['HTTP/1.0 needs no Host, and is closed', 'GET / HTTP/1.0\r\n\r\n', '200', has(/^Connection: close\r$/m)],
  ['HTTP/1.0 may keep its connection, and is told', `GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${LAST}`, '200 200', has(/^Connection: keep-alive\r$/m)],
  ['in any case of letters', `GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n${LAST}`, '200 200'],
  ['close is stronger', `GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n${LAST}`, '200'],
  ['HTTP/1.2 is read as 1.1', `GET / HTTP/1.2\r\n${HOST}\r\n${LAST}`, '200 200'],
  ['and wants a Host', 'GET / HTTP/1.2\r\n\r\n', '400'],
  ['HTTP/1.9 as well', `GET / HTTP/1.9\r\n${HOST}${CLOSE}\r\n`, '200'],
  ['HTTP/2.0 is not spoken', `GET / HTTP/2.0\r\n${HOST}\r\n`, '505'],
  ['nor by its preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '505'],
  ['HTTP/3.7 neither', `GET / HTTP/3.7\r\n${HOST}\r\n`, '505'],
  ['nor HTTP/0.9', `GET / HTTP/0.9\r\n${HOST}\r\n`, '505|400'],
  ['a request line without a version', `GET /\r\n${HOST}\r\n`, '400|505'],
  ['a version in small letters', `GET / http/1.1\r\n${HOST}\r\n`, '400'],
  ['a version of two digits', `GET / HTTP/1.10\r\n${HOST}\r\n`, '400'],
  ['a version of one number', `GET / HTTP/1\r\n${HOST}\r\n`, '400'],
  ['a version that is no number', `GET / HTTP/1.x\r\n${HOST}\r\n`, '400'],
  ['another protocol', `GET / ICY/1.1\r\n${HOST}\r\n`, '400'],
  ['one that HTTP parsers know', `GET / RTSP/1.0\r\n${HOST}\r\n`, '400'],
  ['whatever its version', `OPTIONS * RTSP/2.0\r\n${HOST}\r\n`, '400'],
  ['or method', `DESCRIBE / RTSP/1.0\r\n${HOST}\r\n`, '400'],
  ['and another such', `SOURCE / ICE/1.0\r\n${HOST}\r\n`, '400'],

  // RFC 9112, 3.1 and RFC 9110, 9: methods
  ['a method that nobody knows is 501', `FROB / HTTP/1.1\r\n${HOST}\r\n`, '501'],
  ['also one that begins like another', `GETS / HTTP/1.1\r\n${HOST}\r\n`, '501'],
  ['or like HEAD, and the answer has its body', `HEADX / HTTP/1.1\r\n${HOST}\r\n`, '501', (a) => length(a) > 0 && body(a).length === length(a)],
  ['or is in small letters', `get / HTTP/1.1\r\n${HOST}\r\n`, '501'],
  ['or of odd characters that a token has', `M-#1 / HTTP/1.1\r\n${HOST}\r\n`, '501'],
  ['a method with a bracket is none', `GE(T / HTTP/1.1\r\n${HOST}\r\n`, '400'],
  ['a request line without a method', ` / HTTP/1.1\r\n${HOST}\r\n`, '400'],
  ['TRACE is not implemented', `TRACE / HTTP/1.1\r\n${HOST}\r\n`, '501|405'],
  ['nor is CONNECT', `CONNECT localhost:80 HTTP/1.1\r\n${HOST}\r\n`, '501|405'],
  ['a known method that is not for this path is 405', `DELETE / HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, '405'],
  ['with Allow', `DELETE / HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, '405', (a) => allow(a).includes('GET') && allow(a).includes('HEAD')],
  ['that lists nothing twice', `DELETE / HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, '405', (a) => once(allow(a))],
  ['PUT, too', `PUT / HTTP/1.1\r\n${HOST}${CLOSE}Content-Length: 0\r\n\r\n`, '405'],
  ['and PATCH', `PATCH / HTTP/1.1\r\n${HOST}${CLOSE}Content-Length: 0\r\n\r\n`, '405'],
  ['a GET where one POSTs is 405', get('', '/publish'), '405', (a) => allow(a).includes('POST') && !allow(a).includes('GET')],
  ['an unknown path is 404', get('', '/nowhere'), '404'],
  ['HEAD tells the length that GET would have', `HEAD / HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, '200', (a) => length(a) > 0 && body(a) === ''],
  ['the answer after a HEAD starts where it should', `HEAD / HTTP/1.1\r\n${HOST}\r\n${LAST}`, '200 200'],
  ['HEAD of an unknown path has no body', `HEAD /nowhere HTTP/1.1\r\n${HOST}\r\n${LAST}`, '404 200'],
  ['nor has HEAD with a wrong Host', `HEAD / HTTP/1.1\r\nHost: a b\r\n\r\n`, '400', (a) => body(a) === ''],
  ['OPTIONS says what a path can do', `OPTIONS /publish HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, '204', (a) => allow(a).includes('POST') && once(allow(a))],
  ['OPTIONS of an unknown path is 404', `OPTIONS /nowhere HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, '404'],
  ['204 has neither body nor length', `OPTIONS / HTTP/1.1\r\n${HOST}\r\n${LAST}`, '204 200', (a) => !/Content-Length/.test(head(a))],
  ['a GET may have a body', `GET / HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello${LAST}`, '200 200'],

  // RFC 9112, 3.2: targets
  ['origin form with a query', get('', '/?a=b&c'), '200'],
  ['a query may hold slashes and question marks', get('', '/?a=/b?c'), '200'],
  ['absolute form', get('', 'http://localhost/'), '200'],
  ['absolute form without a path', get('', 'http://localhost'), '200'],
  ['absolute form with a query alone', get('', 'http://localhost?a'), '200'],
  ['absolute form of an unknown path', get('', 'http://localhost/nowhere'), '404'],
  ['its scheme in any case of letters', get('', 'HTTP://LOCALHOST/'), '200'],
  ['https behind someone who speaks TLS', get('', 'https://localhost/'), '200'],
  ['with a port', get('', 'http://localhost:8080/'), '200'],
  ['its host counts, not the Host field', `GET http://localhost/ HTTP/1.1\r\nHost: example.org\r\n${CLOSE}\r\n`, '200'],
  ['but Host must be there', `GET http://localhost/ HTTP/1.1\r\n${CLOSE}\r\n`, '400'],
  ['another scheme', get('', 'ftp://localhost/'), '400'],
  ['absolute form without a host', get('', 'http:///'), '400'],
  ['absolute form with a user', get('', 'http://user@localhost/'), '400'],
  ['absolute form with a wrong port', get('', 'http://localhost:port/'), '400'],
  ['authority form is for CONNECT', get('', 'localhost:80'), '400'],
  ['asterisk form is for OPTIONS', get('', '*'), '400'],
  ['OPTIONS * says what the server can do', `OPTIONS * HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, '204', (a) => ['GET', 'HEAD', 'POST', 'OPTIONS'].every((m) => allow(a).includes(m)) && once(allow(a))],
  ['OPTIONS of an absolute form without path as well', `OPTIONS http://localhost HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, '204', (a) => allow(a).includes('POST')],
  ['OPTIONS *x is nothing', `OPTIONS *x HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, '400'],
  ['a relative target', get('', 'nowhere'), '400'],
  ['an empty target', `GET  HTTP/1.1\r\n${HOST}\r\n`, '400'],
  ['a fragment', get('', '/#top'), '400'],
  ['a fragment in the absolute form', get('', 'http://localhost/#top'), '400'],
  ['a blank in a target', get('', '/a b'), '400'],
  ['a tab in a target', get('', '/a\tb'), '400'],
  ['two blanks before the version (3: may be read)', `GET /  HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, '200|400'],
  ['a blank behind the version', `GET / HTTP/1.1 \r\n${HOST}\r\n`, '400'],
  ['a percent sign alone', get('', '/%'), '400'],
  ['one with one digit', get('', '/%4'), '400'],
  ['one with no hexadecimal digits', get('', '/%zz'), '400'],
  ['one in a query', get('', '/?a=%'), '400'],
  ['a quotation mark', get('', '/"'), '400'],
  ['angle brackets', get('', '/<a>'), '400'],
  ['a backslash', get('', '/\\'), '400'],
  ['a byte beyond ASCII', get('', '/\xe4'), '400'],
  ['an encoded letter is that letter (3986 6.2.2.2)', `POST /%70ublish HTTP/1.1\r\n${HOST}${CLOSE}Content-Length: 1\r\n\r\nx`, '202'],
  ['with digits in any case', `POST /publis%68 HTTP/1.1\r\n${HOST}${CLOSE}Content-Length: 1\r\n\r\nx`, '202'],
  ['an encoded slash is not a slash', get('', '/%2F'), '404'],
  ['an encoded NUL ends nothing', get('', '/%00'), '404'],
  ['an encoded line end goes into no answer', get('', '/%0d%0aX:%20y'), '404', lacks(/^X: y/m)],
  ['a target that is too long is 414', get('', `/${long(9000)}`), '414'],

  // RFC 9112, 3.2 and RFC 9110, 7.2: Host
  ['HTTP/1.1 without Host', `GET / HTTP/1.1\r\n${CLOSE}\r\n`, '400'],
  ['two of them', `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`, '400'],
  ['two that differ', `GET / HTTP/1.1\r\n${HOST}Host: example.org\r\n\r\n`, '400'],
  ['two of them in HTTP/1.0', `GET / HTTP/1.0\r\n${HOST}${HOST}\r\n`, '400'],
  ['an empty one', host(''), '400|403'],
  ['one with a blank', host(' local host'), '400'],
  ['one with a path', host(' localhost/'), '400'],
  ['one with a user', host(' user@localhost'), '400'],
  ['one with a scheme', host(' http://localhost'), '400'],
  ['one with a list', host(' localhost, localhost'), '400'],
  ['one with a port that is no number', host(' localhost:http'), '400'],
  ['one with a port that is too large', host(' localhost:65536'), '400'],
  ['one with two ports', host(' localhost:80:80'), '400'],
  ['one with a bad percent sign', host(' local%host'), '400'],
  ['one with brackets that do not close', host(' [::1'), '400'],
  ['one with something in brackets', host(' [localhost]'), '400'],
  ['one with an address of four numbers in brackets', host(' [127.0.0.1]'), '400'],
  ['one with something behind brackets', host(' [::1]x'), '400'],
  ['an address of version 6', host(' [::1]:8080'), '200'],
  ['a port may be empty', host(' localhost:'), '200'],
  ['blanks around a host are not part of it', host(' \t localhost \t '), '200'],
  ['no blank before it', host('localhost'), '200'],
  ['a name in any case of letters', host(' LocalHost'), '200'],

  // A loopback address is for this host: names that lead here from elsewhere are not believed
  ['localhost below localhost', host(' events.localhost'), '200'],
  ['localhost with a dot', host(' localhost.'), '200'],
  ['127.0.0.1', host(' 127.0.0.1:80'), '200'],
  ['127.9.9.9', host(' 127.9.9.9'), '200'],
  ['a stranger’s name', host(' example.org'), '403'],
  ['one that ends like localhost', host(' evillocalhost'), '403'],
  ['one that begins so', host(' localhost.example.org'), '403'],
  ['one that begins with an address', host(' 127.0.0.1.example.org'), '403'],
  ['another address', host(' 10.0.0.1'), '403'],
  ['another address of version 6', host(' [::2]'), '403'],
  ['a stranger’s name in the absolute form', get('', 'http://example.org/'), '403'],
  ['the refusal is a sentence', host(' example.org'), '403', (a) => body(a).split(' ').length > 5],

  // Origins: what does more than read is asked where it comes from
  ['a page of another origin may not publish', post('Origin: http://example.org\r\nContent-Length: 1\r\n', 'x'), '403'],
  ['nor one without an origin of its own', post('Origin: null\r\nContent-Length: 1\r\n', 'x'), '403'],
  ['nor a page of another port here', post('Origin: http://localhost:1\r\nContent-Length: 1\r\n', 'x'), '403'],
  ['nor with two origins', post('Origin: http://localhost\r\nOrigin: http://example.org\r\nContent-Length: 1\r\n', 'x'), '403'],
  ['a page of this server may', post('Origin: http://localhost\r\nContent-Length: 1\r\n', 'x'), '202'],
  ['reading is the browser’s business', get('Origin: http://example.org\r\n'), '200', lacks(/^Access-Control/m)],
  ['a preflight is granted nothing', `OPTIONS /publish HTTP/1.1\r\n${HOST}${CLOSE}Origin: http://example.org\r\nAccess-Control-Request-Method: POST\r\n\r\n`, '204', lacks(/^Access-Control/m)],

  // RFC 9112, 5: fields
  ['names in any case of letters', `GET / HTTP/1.1\r\nHOST: localhost\r\ncOnNeCtIoN: close\r\n\r\n`, '200'],
  ['a blank before the colon', get('X : y\r\n'), '400'],
  ['a tab before the colon', get('X\t: y\r\n'), '400'],
  ['a field without a colon', get('nonsense\r\n'), '400'],
  ['a field without a name', get(': nonsense\r\n'), '400'],
  ['a name with a character that no token has', get('X(y): z\r\n'), '400'],
  ['a name beyond ASCII', get('X\xe4: z\r\n'), '400'],
  ['an empty value', get('X:\r\n'), '200'],
  ['a value of blanks', get('X: \t \r\n'), '200'],
  ['a value beyond ASCII', get('X: \xe4\r\n'), '200'],
  ['a control character in a value', get('X: a\x01b\r\n'), '400'],
  ['a DEL in a value', get('X: a\x7fb\r\n'), '400'],
  ['a tab in a value', get('X: a\tb\r\n'), '200'],
  ['a value that goes on in the next line (obs-fold)', get('X: a\r\n b\r\n'), '400'],
  ['or after a tab', get('X: a\r\n\tb\r\n'), '400'],
  ['or that begins there', get('X:\r\n a\r\n'), '400'],
  ['fields that are too long are 431', get(`X: ${long(20000)}\r\n`), '431'],
  ['so is a name', get(`${long(20000)}: x\r\n`), '431'],
  ['so are too many of them', get(Array.from({ length: 150 }, (_, i) => `X-${i}: y\r\n`).join('')), '431'],

  // RFC 9112, 6: lengths and codings, and what must not be believed (request smuggling)
  ['a body by its length', post('Content-Length: 5\r\n', 'hello'), '202'],
  ['with blanks around the number', post('Content-Length: \t 5  \r\n', 'hello'), '202'],
  // llhttp is narrower than the grammar there, and in the lists of extensions below: refusing is safe.
  ['a tab behind the number', post('Content-Length: 5\t\r\n', 'hello'), '202|400'],
  ['with zeros before it', post('Content-Length: 005\r\n', 'hello'), '202'],
  ['of length 0', post('Content-Length: 0\r\n'), '202'],
  ['no length is no body', smuggled(post('')), '202 200'],
  ['5, 5', smuggled(post('Content-Length: 5, 5\r\n', 'hello')), '400'],
  ['5, 6', smuggled(post('Content-Length: 5, 6\r\n', 'hello')), '400'],
  ['two lengths that agree', smuggled(post('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello')), '400'],
  ['two that differ', smuggled(post('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello')), '400'],
  ['+5', smuggled(post('Content-Length: +5\r\n', 'hello')), '400'],
  ['-5', smuggled(post('Content-Length: -5\r\n', 'hello')), '400'],
  ['5abc', smuggled(post('Content-Length: 5abc\r\n', 'hello')), '400'],
  ['5 5', smuggled(post('Content-Length: 5 5\r\n', 'hello')), '400'],
  ['0x5', smuggled(post('Content-Length: 0x5\r\n', 'hello')), '400'],
  ['5.0', smuggled(post('Content-Length: 5.0\r\n', 'hello')), '400'],
  ['five', smuggled(post('Content-Length: five\r\n', 'hello')), '400'],
  ['nothing', smuggled(post('Content-Length:\r\n', 'hello')), '400'],
  ['blanks', smuggled(post('Content-Length:  \r\n', 'hello')), '400'],
  ['a length beyond 64 bits', smuggled(post('Content-Length: 99999999999999999999999\r\n', 'hello')), '400'],
  ['just beyond', smuggled(post('Content-Length: 18446744073709551616\r\n', 'hello')), '400'],
  ['a body that is announced as too large is 413', post('Content-Length: 99000000\r\n'), '413'],
  ['length and coding', smuggled(post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')), '400'],
  ['coding and length', smuggled(post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n')), '400'],
  ['a chunked body', chunked('5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n'), '202'],
  ['its coding in any case of letters', post('Transfer-Encoding: CHUNKED\r\n', '5\r\nhello\r\n0\r\n\r\n'), '202'],
  ['with blanks around it', post('Transfer-Encoding: \t chunked  \r\n', '5\r\nhello\r\n0\r\n\r\n'), '202'],
  ['an empty one', chunked('0\r\n\r\n'), '202'],
  ['ends where it should', smuggled(chunked('5\r\nhello\r\n0\r\n\r\n')), '202 200'],
  ['HTTP/1.0 has no codings', `POST /publish HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${LAST}`, '400'],
  ['identity', smuggled(post('Transfer-Encoding: identity\r\n', 'hello')), '400|501'],
  ['chunked, identity', smuggled(post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n')), '400|501'],
  ['chunked twice', smuggled(post('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n')), '400|501'],
  ['chunked in two lines', smuggled(post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')), '400|501'],
  ['identity in a second line', smuggled(post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', '0\r\n\r\n')), '400|501'],
  ['gzip, chunked', smuggled(post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n')), '501'],
  ['gzip in a line before', smuggled(post('Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')), '400|501'],
  ['xchunked', smuggled(post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n')), '400|501'],
  ['chunked with a parameter', smuggled(post('Transfer-Encoding: chunked;q=1\r\n', '0\r\n\r\n')), '400|501'],
  ['"chunked"', smuggled(post('Transfer-Encoding: "chunked"\r\n', '0\r\n\r\n')), '400|501'],
  ['a coding of nothing', smuggled(post('Transfer-Encoding:\r\n', '0\r\n\r\n')), '400|501'],
  ['a blank before the colon of a coding', smuggled(post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n')), '400'],
  ['a coding in a folded line', smuggled(post('Transfer-Encoding:\r\n chunked\r\n', '0\r\n\r\n')), '400'],

  // RFC 9112, 7: chunks
  ['a size in capitals', chunked(`A\r\n0123456789\r\n0\r\n\r\n`), '202'],
  ['a size with zeros before it', chunked('0005\r\nhello\r\n0\r\n\r\n'), '202'],
  ['an extension', chunked('5;a=b\r\nhello\r\n0\r\n\r\n'), '202'],
  ['one without a value', chunked('5;a\r\nhello\r\n0;last\r\n\r\n'), '202'],
  ['one in quotes', chunked('5;a="b c"\r\nhello\r\n0\r\n\r\n'), '202'],
  ['several', chunked('5;a;b="c"\r\nhello\r\n0\r\n\r\n'), '202'],
  ['with a value in the middle', chunked('5;a=b;c=d\r\nhello\r\n0\r\n\r\n'), '202|400'],
  ['with blanks', chunked('5 ; a = b\r\nhello\r\n0\r\n\r\n'), '202|400'],
  ['extensions without end', chunked(`5;${long(20000)}\r\nhello\r\n0\r\n\r\n`), '4..'],
  ['0x5', smuggled(chunked('0x5\r\nhello\r\n0\r\n\r\n')), '400'],
  ['+5', smuggled(chunked('+5\r\nhello\r\n0\r\n\r\n')), '400'],
  ['-5', smuggled(chunked('-5\r\nhello\r\n0\r\n\r\n')), '400'],
  ['no size', smuggled(chunked('\r\nhello\r\n0\r\n\r\n')), '400'],
  ['an extension without a size', smuggled(chunked(';a=b\r\nhello\r\n0\r\n\r\n')), '400'],
  ['a blank before the size', smuggled(chunked(' 5\r\nhello\r\n0\r\n\r\n')), '400'],
  ['a size that is no number', smuggled(chunked('five\r\nhello\r\n0\r\n\r\n')), '400'],
  ['a size beyond 64 bits', smuggled(chunked('10000000000000000f\r\nhello\r\n0\r\n\r\n')), '400'],
  ['a chunk longer than it says', smuggled(chunked('3\r\nhello\r\n0\r\n\r\n')), '400'],
  ['a chunk without its line end', smuggled(chunked('5\r\nhello0\r\n\r\n')), '400'],
  ['a chunked body that grows too large is 413', chunked(`20000\r\n${long(131072)}\r\n`.repeat(70)), '413'],
  ['a trailer', chunked('5\r\nhello\r\n0\r\nX: y\r\n\r\n'), '202'],
  ['trailers are not headers: no second Host', chunked(`0\r\n${HOST}\r\n`), '202'],
  ['nor an Expect', chunked('0\r\nExpect: nonsense\r\n\r\n'), '202'],
  ['nor an Origin', chunked('0\r\nOrigin: http://example.org\r\n\r\n'), '202'],
  ['nor the end of a connection', smuggled(chunked('0\r\nConnection: close\r\n\r\n')), '202 200'],
  ['a length in a trailer moves no end', smuggled(chunked('0\r\nContent-Length: 50\r\n\r\n')), '202 200|400'],
  ['nor does a coding', smuggled(chunked('0\r\nTransfer-Encoding: chunked\r\n\r\n')), '202 200|400'],
  ['trailers without end', chunked(`0\r\n${`X: ${long(1000)}\r\n`.repeat(40)}\r\n`), '4..'],
  ['trailers without number', chunked(`0\r\n${'X: y\r\n'.repeat(9000)}\r\n`), '4..'],
  ['a trailer without a colon', smuggled(chunked('0\r\nnonsense\r\n\r\n')), '400'],

  // RFC 9112, 9: connections
  ['a connection goes on', `GET / HTTP/1.1\r\n${HOST}\r\n${LAST}`, '200 200', (a) => !/^Connection:/m.test(head(a))],
  ['after an error as well', get('', '/nowhere').replace(CLOSE, '') + LAST, '404 200'],
  ['requests in a row are answered in order', get().replace(CLOSE, '') + get('', '/nowhere').replace(CLOSE, '') + post('Content-Length: 5\r\n', 'hello').replace(CLOSE, '') + LAST, '200 404 202 200'],
  ['after close nothing is answered', get() + LAST, '200'],
  ['close in any case of letters', `GET / HTTP/1.1\r\n${HOST}Connection: CLOSE\r\n\r\n${LAST}`, '200'],
  ['close in a list', `GET / HTTP/1.1\r\n${HOST}Connection: a, close , b\r\n\r\n${LAST}`, '200'],
  ['with empty elements', `GET / HTTP/1.1\r\n${HOST}Connection: ,, close,\r\n\r\n${LAST}`, '200'],
  ['without blanks', `GET / HTTP/1.1\r\n${HOST}Connection: a,close\r\n\r\n${LAST}`, '200'],
  ['close in a second line', `GET / HTTP/1.1\r\n${HOST}Connection: keep-alive\r\nConnection: close\r\n\r\n${LAST}`, '200'],
  ['close in a first line', `GET / HTTP/1.1\r\n${HOST}Connection: close\r\nConnection: keep-alive\r\n\r\n${LAST}`, '200'],
  ['closed is not close', `GET / HTTP/1.1\r\n${HOST}Connection: closed\r\n\r\n${LAST}`, '200 200'],
  ['nor is "close"', `GET / HTTP/1.1\r\n${HOST}Connection: "close"\r\n\r\n${LAST}`, '200 200'],
  ['an upgrade to who knows what is ignored', `GET / HTTP/1.1\r\n${HOST}Connection: upgrade\r\nUpgrade: h2c\r\n\r\n${LAST}`, '200 200'],
  ['an upgrade with a body, too', `POST /publish HTTP/1.1\r\n${HOST}Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello${LAST}`, '202 200'],

  // RFC 9110, 10.1.1: Expect
  ['leave is not given when the body is there', post('Expect: 100-continue\r\nContent-Length: 5\r\n', 'hello'), '(100 )?202'],
  ['100-Continue in any case of letters', post('Expect: 100-Continue\r\nContent-Length: 5\r\n', 'hello'), '(100 )?202'],
  ['HTTP/1.0 expects nothing', 'POST /publish HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello', '202'],
  ['nor nonsense', 'POST /publish HTTP/1.0\r\nExpect: nonsense\r\nContent-Length: 5\r\n\r\nhello', '202'],
  ['another expectation is 417', post('Expect: nonsense\r\nContent-Length: 5\r\n', 'hello'), '417'],
  ['so is a list of them', post('Expect: 100-continue, nonsense\r\nContent-Length: 5\r\n', 'hello'), '417'],
  ['a refusal comes instead of leave', post('Expect: 100-continue\r\nContent-Length: 99000000\r\n'), '413'],
  ['also from a stranger’s page', post('Expect: 100-continue\r\nOrigin: http://example.org\r\nContent-Length: 5\r\n'), '403'],
];

// --- asking --------------------------------------------------------------------------------------

// Sends pieces and collects what comes until the server closes. `end`: says that this was all.
function ask(pieces, { end = false } = {}) {
  return new Promise((resolve) => {
    const received = [];
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const finish = (why) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(Buffer.concat(received).toString('latin1') + why);
    };
    const timer = setTimeout(() => finish('(no end)'), PATIENCE_MS);
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('end', () => finish(''));
    socket.on('error', () => finish('')); // a reset is a way to close, too
    socket.on('connect', async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return;
        await new Promise((sent) => socket.write(piece, sent));
        await new Promise(setImmediate);
      }
      if (end) socket.end();
    });
  });
}

const statuses = (answer) => (answer.match(/^HTTP\/1\.1 \d{3}/gm) ?? []).map((s) => s.slice(9)).join(' ');

// Byte by byte; the middle of long ones in pieces of a kilobyte, for the sake of time.
function* bytewise(bytes) {
  for (let at = 0; at < bytes.length;) {
    const size = at < 400 || at > bytes.length - 200 ? 1 : 997;
    yield bytes.subarray(at, (at += size));
  }
}

let failed = 0;
function report(right, description, details) {
  console.log(`${right ? 'ok' : 'not ok'} - ${description}`);
  if (right) return;
  failed++;
  for (const line of details.slice(0, 1000).split('\n')) console.log(`# ${JSON.stringify(line)}`);
}

async function check([description, text, wanted, more = () => true]) {
  const bytes = Buffer.from(text, 'latin1');
  const answers = [await ask([bytes]), await ask(bytewise(bytes))];
  const pattern = new RegExp(`^(${wanted})$`);
  const right = answers.every((a) => pattern.test(statuses(a)) && !a.endsWith('(no end)') && more(a));
  report(right, description, `wanted ${wanted}, got\n${answers.join('\nand\n')}`);
}

async function inTurns(rows) {
  const left = rows.slice();
  const worker = async () => {
    while (left.length > 0) await check(left.shift());
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

await inTurns(table);

// --- what takes more than bytes and an end ----------------------------------------------------------

// Leave to send a body is given while the body is awaited.
async function expectation() {
  const answer = await new Promise((resolve) => {
    let text = '';
    const socket = net.connect({ port, host: '127.0.0.1' });
    const timer = setTimeout(() => socket.destroy(), PATIENCE_MS);
    socket.on('connect', () => socket.write(post('Expect: 100-continue\r\nContent-Length: 5\r\n')));
    socket.on('data', (chunk) => {
      text += chunk;
      if (text === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write('hello');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
  report(statuses(answer) === '100 202', 'leave to send a body is given when it is awaited', answer);
}

// Whoever has said all is still answered, in whatever state that finds the server (RFC 9112, 9.6).
async function halfClosed() {
  for (const [description, text, wanted] of [
    ['a request behind which the client says no more', get().replace(CLOSE, ''), '200'],
    ['several of them', get().replace(CLOSE, '').repeat(3), '200 200 200'],
    ['one that publishes', post('Content-Length: 5\r\n', 'hello').replace(CLOSE, ''), '202'],
    ['a request that breaks off is not answered', 'GET / HTTP/1.1\r\nHo', '(400)?'],
    ['nor a body that does', post('Content-Length: 500\r\n', 'half'), '(400)?'],
    ['nor a chunked one', chunked('5\r\nhe'), '(400)?'],
    ['nor nothing', '', ''],
  ]) {
    const answer = await ask([text], { end: true });
    report(new RegExp(`^(${wanted})$`).test(statuses(answer)) && !answer.endsWith('(no end)'), description, answer);
  }
}

await expectation();
await halfClosed();
report(statuses(await ask([get()])) === '200', 'the server is well after all that', '');
process.exit(failed > 0 ? 1 : 0);
