/** The person and their account. */
import { json, nothing, problem } from './respond.js';

/** @type {Record<string, import('./api.js').Handler>} */
export const accountRoutes = {
  'GET /auth/login': (api, { query }) => {
    api.signedIn = true;
    return { status: 303, headers: { location: query.get('return_to') ?? '/' }, body: '' };
  },
  'POST /auth/refresh': (api) =>
    api.signedIn ? nothing : problem(401, 'Not signed in', 'There is nothing to renew.'),
  'POST /auth/logout': (api) => {
    api.signedIn = false;
    return nothing;
  },
  'GET /auth/user': (api) =>
    json({
      subject: '1',
      email: 'alice@example.com',
      name: 'Alice Moreira',
      domain: 'example.com',
      admin: api.admin,
      tier: 'standard',
      drive_grant: api.driveGrant,
    }),
  'GET /auth/user/export': () =>
    json({
      subject: '1',
      exported_at: '2026-11-30T20:15:00Z',
      data: { conversations: [{ title: 'Hotels' }] },
    }),
  'DELETE /auth/user': (api) => {
    api.signedIn = false;
    return json({
      receipt: 'b7c1-44f0-9a52',
      started_at: '2026-11-30T20:15:00Z',
      finished_at: '2026-11-30T20:15:02Z',
      counts: { conversations: 12, messages: 48, sessions: 3, feedback: 2, cache_answers: 0 },
    });
  },
  'GET /auth/sessions': (api) => json({ sessions: api.sessions }),
  'DELETE /auth/sessions': (api) => {
    const ended = api.sessions.filter(({ current }) => !current).length;
    api.sessions = api.sessions.filter(({ current }) => current);
    return json({ ended });
  },
  'DELETE /auth/sessions/{id}': (api, { params }) => {
    api.sessions = api.sessions.filter(({ id }) => id !== params['id']);
    return nothing;
  },
};
