/** What breaks parsers: strings, bodies, header fields and whole packets. Each entry is there for one known way to fail. */

export const STRINGS: readonly string[] = [
  '', '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', '\0', '\r\n', 'a\r\nb: c', '\ud800', '\udc00x', '\u2028\u2029',
  '\ufeff', '\ufffd', 'data: x\n\n', '../../etc/passwd', '%00', '=?base64?/w==?=', '=?base64??=', '💥'.repeat(20), 'x'.repeat(257), 'x'.repeat(9_000),
  'é', 'e\u0301', '\u202e', '\x1b[31m', '-0', 'NaN', '#{7*7}', "'; DROP TABLE", '<script>'
]

const nest = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth)
const request = (params: string): string => `{"jsonrpc":"2.0","id":"@@","method":"tools/call","params":${params}}`

/** Bodies as text; `@@` becomes the mark of the request. */
export const TEXTS: readonly string[] = [
  '', ' ', 'null', 'true', '0', '-0', '""', '"@@"', '[]', '{}', '[[]]', '[null]', '{', '}', '[', ']', '"', '\\', ',', ':', '{"', '{"a":', '[1,', 'nul', 'NaN',
  'Infinity', '1e999', '-1e999', '01', '1.', '.5', '+1', '0x10', "{'a':1}", '{"a":1,}', '[1,]', '{"a":1}{"b":2}', '{} x', '/**/{}', '\ufeff{}', '{}\0', '\0{}',
  nest('[', ']', 16), nest('[', ']', 17), nest('[', ']', 5_000), '['.repeat(10_000), '{"a":'.repeat(3_000), nest('{"a":[', ']}', 8) + ',',
  '{"jsonrpc":"2.0","id":"@@","method":"ping","__proto__":{"polluted":true}}',
  request('{"name":"echo","arguments":{"__proto__":{"polluted":true}}}'),
  request('{"name":"echo","arguments":{"\\u005f_proto__":{"polluted":true}}}'),
  request('{"name":"echo","arguments":{"constructor":{"prototype":{"polluted":true}}}}'),
  request('{"name":"echo","arguments":{"text":"@@","text":"second"},"name":"later"}'),
  request('{"name":"echo","arguments":{"n":1e999}}'), request('{"name":"echo","arguments":{"n":9007199254740993,"m":1e-400}}'),
  request('{"name":"echo","arguments":{"text":"\\ud800"}}'), request('{"name":"echo","arguments":{"text":"\\u0000"}}'),
  request(`{"name":"echo","arguments":{"n":${'9'.repeat(5_000)}}}`), request('{"name":"__proto__"}'), request('{"name":"constructor"}'),
  request('{"name":{"toString":1}}'), request('[]'), request('null'), request('"x"'),
  '{"jsonrpc":"2.0","id":"@@","id":"other","method":"ping"}', '{"jsonrpc":"2.0","id":1e3,"method":"ping"}', '{"jsonrpc":"2.0","id":-0,"method":"ping"}',
  '{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}', '{"jsonrpc":"2.0","id":1e999,"method":"ping"}', '{"jsonrpc":"2.0","id":null,"method":"ping"}',
  '{"jsonrpc":"2.0","id":"@@","method":"ping","result":{}}', '{"jsonrpc":"2.0","id":"@@"}', '{"jsonrpc":"2.0","id":"@@","result":{},"error":{"code":1,"message":""}}',
  '{"jsonrpc":2.0,"id":"@@","method":"ping"}', '{"jsonrpc":"2.0\\u0000","id":"@@","method":"ping"}', '{"JSONRPC":"2.0","id":"@@","method":"ping"}',
  '{"jsonrpc":"2.0","id":"@@","method":""}', '{"jsonrpc":"2.0","id":"@@","method":"__proto__"}', '{"jsonrpc":"2.0","id":"@@","method":"constructor"}',
  '{"jsonrpc":"2.0","id":"__proto__","method":"ping"}', '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"__proto__"}}',
  `[${'{"jsonrpc":"2.0","method":"x"},'.repeat(5)}{"jsonrpc":"2.0","id":"@@","method":"ping"}]`,
  '[{"jsonrpc":"2.0","id":"@@","method":"ping"},{"jsonrpc":"2.0","id":"@@","method":"ping"}]', '[{"jsonrpc":"2.0","id":"@@","method":"ping"},5]',
  '[{"jsonrpc":"2.0","id":"@@","method":"initialize","params":{}},{"jsonrpc":"2.0","id":2,"method":"ping"}]',
  '[{"jsonrpc":"2.0","id":"@@","result":{}},{"jsonrpc":"2.0","id":"a","method":"ping"}]', `"${'x'.repeat(17_000)}"`, `{"a":"${'\\u0041'.repeat(2_500)}"}`
]

/** Bodies as bytes, in hexadecimal: what is no UTF-8, or is it in another coding than it seems. */
export const BYTES: readonly string[] = [
  'ff', 'c0af', 'c080', 'e0809f', 'eda080', 'f0808080', 'f4908080', 'f8888080', '80', 'c2', 'efbbbf7b7d', 'fffe7b007d00', 'feff007b007d', '7b2261223a22c0802222', '1f8b0800000000000003',
  '00', '7b00227b', 'efbfbd', '22eda0bdedb28922', '5b22ff225d'
]

/** Fields whose values are looked at somewhere. Names and values as they go over the wire, one character a byte. */
export const FIELDS: ReadonlyArray<readonly [string, string]> = [
  ['Content-Type', 'text/plain'], ['Content-Type', ''], ['Content-Type', 'application/json; charset=utf-16'], ['Content-Type', 'application/json, text/plain'],
  ['Content-Type', 'APPLICATION/JSON;charset="utf-8"'], ['Content-Type', 'application/json;'], ['Content-Type', ';'], ['Content-Type', 'x'.repeat(5_000)],
  ['Content-Encoding', 'gzip'], ['Content-Encoding', 'identity'], ['Content-Encoding', ''], ['Accept', ''], ['Accept', 'text/html'], ['Accept', '*/*;q=0'],
  ['Accept', 'application/json;q=0.0001,text/event-stream;q=2'], ['Accept', ','.repeat(2_000)], ['Accept', 'text/*'], ['Accept', 'application/json'],
  ['Accept', 'text/event-stream'], ['Accept', ';q=;,/;q=x'], ['Accept', '*/*;q=1;q=0;q'], ['MCP-Protocol-Version', ''], ['MCP-Protocol-Version', '2026-07-28'],
  ['MCP-Protocol-Version', '2025-11-25'], ['MCP-Protocol-Version', '1999-01-01'], ['MCP-Protocol-Version', 'v999'], ['MCP-Protocol-Version', '__proto__'],
  ['MCP-Protocol-Version', '\xe9'], ['Mcp-Method', 'ping'], ['Mcp-Method', ''], ['Mcp-Name', '=?base64?/w==?='], ['Mcp-Name', '\xff\xfe'], ['Mcp-Name', 'constructor'],
  ['Mcp-Param-Mirrored', 'x'], ['Mcp-Param-Mirrored', '=?base64?w?='], ['Mcp-Param-', 'x'], ['Mcp-Param-__proto__', 'x'], ['Last-Event-ID', ''],
  ['Last-Event-ID', '0_0'], ['Last-Event-ID', '-1_-1'], ['Last-Event-ID', '__proto___1'], ['Last-Event-ID', 's_99999999999999999999'], ['Last-Event-ID', 'x'.repeat(4_000)],
  ['Origin', 'null'], ['Origin', 'http://evil.example'], ['Origin', 'http://localhost:1'], ['Origin', ''], ['Origin', 'http://[::1'], ['Host', 'evil.example'],
  ['Cookie', '__proto__=1'], ['X-Forwarded-For', '1.1.1.1'], ['X-Forwarded-Host', 'evil.example'], ['X-HTTP-Method-Override', 'DELETE'],
  ['Authorization', 'Basic x'], ['Authorization', 'Bearer'], ['Authorization', 'Bearer a b'], ['Authorization', `Bearer ${'x'.repeat(4_000)}`],
  ['X-Api-Key', 'x'], ['Traceparent', '00-zz'], ['Range', 'bytes=0-1'], ['If-None-Match', '*'], ['TE', 'trailers'], ['Pragma', '\t'], ['__proto__', 'x'], ['constructor', 'x']
]

/** Fields that change how a message is framed, or whether the connection stays: what comes after them may go unanswered. */
export const HOP_FIELDS: ReadonlyArray<readonly [string, string]> = [
  ['Connection', 'close'], ['Connection', 'Upgrade'], ['Upgrade', 'websocket'], ['Upgrade', 'h2c'], ['Expect', '100-continue'], ['Expect', '200-maybe'],
  ['Connection', 'keep-alive, Mcp-Session-Id'], ['Keep-Alive', 'timeout=0'], ['Connection', ''], ['Proxy-Connection', 'close']
]

const HOST = 'Host: 127.0.0.1\r\n'
const POST = `POST /mcp HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n`
const PING = '{"jsonrpc":"2.0","id":"@@","method":"ping"}'
const chunked = (rest: string): string => `${POST}Transfer-Encoding: chunked\r\n\r\n${rest}`

/** Packets that end a connection, one character a byte. FIN follows. */
export const PACKETS: readonly string[] = [
  '', '\r\n\r\n', '\0', 'x', 'GET', 'GET /mcp', 'GET /mcp\r\n\r\n', 'GET /mcp HTTP/0.9\r\n\r\n', 'GET /mcp HTTP/3.0\r\n\r\n', 'GET  /mcp HTTP/1.1\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', `GET /mcp HTTP/1.1\n${HOST}\n`, 'GET /mcp HTTP/1.1\r\n\r\n',
  `GET /mcp HTTP/1.1\r\n${HOST}X:\0\r\n\r\n`, `GET /mcp HTTP/1.1\r\n${HOST} folded: x\r\n\r\n`, `GET /mcp HTTP/1.1\r\n${HOST}X : y\r\n\r\n`, `GET /mcp HTTP/1.1\r\n${HOST}: y\r\n\r\n`,
  `GET /mcp HTTP/1.1\r\n${HOST}X: a\rb\r\n\r\n`, `GET /mcp HTTP/1.1\r\n${HOST}${HOST}\r\n`, `GET ${'/'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`,
  `GET /mcp HTTP/1.1\r\n${HOST}X: ${'y'.repeat(20_000)}\r\n\r\n`, `GET /mcp HTTP/1.1\r\n${HOST}${'X: y\r\n'.repeat(3_000)}\r\n`, `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`,
  `CONNECT 127.0.0.1:80 HTTP/1.1\r\n${HOST}\r\n`, `GET http://evil.example/mcp HTTP/1.1\r\n${HOST}\r\n`, `GET mcp HTTP/1.1\r\n${HOST}\r\n`, `BREW /mcp HTTP/1.1\r\n${HOST}\r\n`,
  `GET /%zz HTTP/1.1\r\n${HOST}\r\n`, `GET /mcp?%00=\xff HTTP/1.1\r\n${HOST}\r\n`, `GET /mcp#x HTTP/1.1\r\n${HOST}\r\n`, `PROPFIND /mcp HTTP/1.1\r\n${HOST}\r\n`, `TRACE /mcp HTTP/1.1\r\n${HOST}\r\n`,
  `${POST}Content-Length: -1\r\n\r\n${PING}`, `${POST}Content-Length: 1x\r\n\r\n${PING}`, `${POST}Content-Length: 99999999999999999999\r\n\r\n${PING}`,
  `${POST}Content-Length: ${PING.length}\r\nContent-Length: 1\r\n\r\n${PING}`, `${POST}Content-Length: 4, 4\r\n\r\n${PING}`, `${POST}Content-Length: +4\r\n\r\n${PING}`,
  `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, `${POST}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`,
  `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`, `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`,
  chunked(''), chunked('5'), chunked('5\r\n'), chunked('5\r\n{}'), chunked('2\r\n{}\r\n'), chunked('2\r\n{}\r\n0'), chunked('2\r\n{}x\r\n0\r\n\r\n'), chunked('-2\r\n{}\r\n0\r\n\r\n'),
  chunked('0x2\r\n{}\r\n0\r\n\r\n'), chunked('g\r\n{}\r\n0\r\n\r\n'), chunked('2;x=y\r\n{}\r\n0\r\n\r\n'), chunked(`2;${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`), chunked('2\n{}\n0\n\n'),
  chunked('ffffffffffffffffff\r\n{}\r\n0\r\n\r\n'), chunked('2\r\n{}\r\n0\r\nTrailer: x\r\n\r\n'), chunked('2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n'), chunked('2\r\n{}\r\n0\r\n: x\r\n\r\n'),
  chunked(`${'1\r\n \r\n'.repeat(3_000)}0\r\n\r\n`), chunked(`4e20\r\n${' '.repeat(20_000)}\r\n0\r\n\r\n`), `${POST}Content-Length: 30000\r\n\r\n${' '.repeat(30_000)}`,
  `${POST}Content-Length: ${PING.length + 1}\r\n\r\n${PING}`, `${POST}Content-Length: ${PING.length - 1}\r\n\r\n${PING}`, `${POST}\r\n${PING}`,
  `${POST}Expect: 100-continue\r\nContent-Length: ${PING.length}\r\n\r\n`, `${POST}Content-Length: 0\r\n\r\n`, `POST /mcp HTTP/1.0\r\nContent-Type: application/json\r\n\r\n${PING}`
]
