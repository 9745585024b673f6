/** Serves the built app and the mock service at one address, under the headers the gateway sends. */
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { MockApi } from './api.js';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));

const POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/**
 * @param {{ port: number, api: MockApi }} options port 0 takes a free one
 * @returns {Promise<import('node:http').Server>} listening
 */
export function serve({ port, api }) {
  const server = createServer((request, response) => {
    void answer(api, request, response);
  });
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}

/** @param {MockApi} api @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
async function answer(api, request, response) {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const found = api.handle({ method: request.method ?? 'GET', path: pathname, query: searchParams, body });
  response.setHeader('content-security-policy', POLICY);
  response.setHeader('x-content-type-options', 'nosniff');
  if (!found) {
    sendFile(pathname, response);
    return;
  }
  response.writeHead(found.status, found.headers);
  if (typeof found.body === 'string') {
    response.end(found.body);
    return;
  }
  for await (const piece of found.body) {
    if (response.destroyed) return;
    response.write(piece);
  }
  response.end();
}

/** @param {string} pathname @param {import('node:http').ServerResponse} response */
function sendFile(pathname, response) {
  const wanted = join(DIST, normalize(pathname));
  const file =
    extname(pathname) && wanted.startsWith(DIST) && existsSync(wanted) ? wanted : join(DIST, 'index.html');
  response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
  createReadStream(file).pipe(response);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const collections = [
    { id: 'people', name: 'People' },
    { id: 'operations', name: 'Operations and plants' },
  ];
  const api = new MockApi({ signedIn: false, delayMs: 25, collections });
  const port = Number(process.env['PORT'] ?? 4173);
  await serve({ port, api });
  console.log(`mock service and dist/ at http://127.0.0.1:${port}`);
}
