/** Ways to answer. */

/** @typedef {import('./api.js').Response} Response */

/** @param {number} ms */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {unknown} value @returns {Response} */
export const json = (value) => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

/** @type {Response} */
export const nothing = { status: 204, headers: {}, body: '' };

/** @type {Record<number, string>} */
const KINDS = {
  401: 'not-signed-in',
  403: 'not-allowed',
  404: 'not-found',
  429: 'too-many',
  503: 'unavailable',
};

/** @param {number} status @param {string} title @param {string} detail @returns {Response} */
export const problem = (status, title, detail) => ({
  status,
  headers: { 'content-type': 'application/problem+json' },
  body: JSON.stringify({
    type: `urn:problem-type:docent:${KINDS[status] ?? 'internal'}`,
    title,
    status,
    detail,
    request_id: 'req-19c0de55',
  }),
});
