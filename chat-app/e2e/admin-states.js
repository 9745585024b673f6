/** What the administrators' pages can look like. */

/** @typedef {import('./states.js').State} State */

const ADMIN = { admin: true };
const ILL = { admin: true, broken: true };

/** Every state, and how a person gets there. @type {State[]} */
export const ADMIN_STATES = [
  { name: 'admin-refused', path: '/admin', ready: 'This is for administrators' },
  { name: 'admin-not-found', path: '/admin/nowhere', mock: ADMIN, ready: 'There is no such page' },
  { name: 'admin-collections', path: '/admin', mock: ADMIN, ready: 'Handbook' },
  { name: 'admin-empty', path: '/admin', mock: { ...ADMIN, empty: true }, ready: 'Nothing is read' },
  {
    name: 'admin-syncing',
    path: '/admin',
    mock: ADMIN,
    run: async (page) => {
      await page.getByRole('button', { name: 'Sync now' }).click();
      await page.getByText('about 40 seconds left').waitFor();
    },
  },
  {
    name: 'admin-remove',
    path: '/admin',
    mock: ADMIN,
    run: async (page) => {
      await page.getByRole('button', { name: 'Remove …' }).click();
      await page.getByText('Nothing changes in Drive').waitFor();
    },
  },
  {
    name: 'admin-removing',
    path: '/admin',
    mock: ADMIN,
    run: async (page) => {
      await page.getByRole('button', { name: 'Remove …' }).click();
      await page.getByRole('button', { name: 'Remove the collection' }).click();
      await page.getByText('12 files are left').waitFor();
    },
  },
  {
    name: 'admin-price',
    path: '/admin',
    mock: ADMIN,
    run: async (page) => {
      await page.getByRole('button', { name: 'What would it cost?' }).click();
      await page.getByText('document-ai:page').waitFor();
    },
  },
  {
    name: 'admin-add',
    path: '/admin/add',
    mock: ADMIN,
    run: async (page) => {
      await page.getByRole('button', { name: 'Engineering · shared drive', exact: true }).click();
      await page.getByRole('button', { name: 'Choose “Runbooks”' }).click();
      await page.getByText('document-ai:page').waitFor();
    },
  },
  {
    name: 'admin-add-refused',
    path: '/admin/add',
    mock: ADMIN,
    run: async (page) => {
      await page.getByRole('button', { name: 'Choose “Board”' }).click();
      await page.getByText('No such folder', { exact: true }).waitFor();
    },
  },
  { name: 'admin-runs', path: '/admin/runs', mock: ADMIN, ready: 'did not answer in time' },
  {
    name: 'admin-runs-live',
    path: '/admin/runs',
    mock: ADMIN,
    run: async (page) => {
      await page.getByRole('button', { name: 'Compare everything' }).click();
      await page.getByText('about 40 seconds left').waitFor();
    },
  },
  { name: 'admin-files', path: '/admin/files', mock: ADMIN, ready: 'encrypted' },
  { name: 'admin-files-none', path: '/admin/files?state=pending', mock: ADMIN, ready: 'No file is' },
  { name: 'admin-costs', path: '/admin/costs', mock: ADMIN, ready: 'The last 30 days' },
  {
    name: 'admin-costs-spent',
    path: '/admin/costs',
    mock: ILL,
    run: async (page) => {
      await page.locator('label', { hasText: 'Questions' }).click();
      await page.getByText('Show the numbers').first().click();
      await page.getByRole('table').first().waitFor();
    },
  },
  { name: 'admin-limits', path: '/admin/limits', mock: ADMIN, ready: 'Vectors of questions' },
  {
    name: 'admin-clear',
    path: '/admin/limits',
    mock: ADMIN,
    run: async (page) => {
      await page.getByRole('button', { name: 'Clear the caches' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'admin-people', path: '/admin/people', mock: ADMIN, ready: 'Bob Thornton' },
  {
    name: 'admin-person',
    path: '/admin/people',
    mock: ADMIN,
    run: async (page) => {
      await page.getByRole('button', { name: /^Change .* bob/ }).click();
      await page.getByRole('dialog').locator('label', { hasText: 'Administrator' }).click();
      await page.getByLabel('Questions a day').fill('many');
      await page.getByText('A limit is').waitFor();
    },
  },
  {
    name: 'admin-sessions',
    path: '/admin/people',
    mock: ADMIN,
    run: async (page) => {
      await page.getByRole('button', { name: /^Sessions of bob/ }).click();
      await page.getByText('Safari on iPhone').waitFor();
    },
  },
  {
    name: 'admin-questions',
    path: '/admin/questions',
    mock: ADMIN,
    run: async (page) => {
      await page.getByRole('button', { name: 'Look further' }).first().click();
      await page.getByText('Log lines').waitFor();
    },
  },
  { name: 'admin-down-votes', path: '/admin/questions?kind=down', mock: ADMIN, ready: 'It is in the' },
  { name: 'admin-audit', path: '/admin/audit', mock: ADMIN, ready: 'limits.changed' },
  {
    name: 'admin-verified',
    path: '/admin/audit',
    mock: ADMIN,
    run: async (page) => {
      await page.getByRole('button', { name: 'Verify the trail' }).click();
      await page.getByText('The trail is whole').waitFor();
    },
  },
  {
    name: 'admin-broken',
    path: '/admin/audit',
    mock: ILL,
    run: async (page) => {
      await page.getByRole('button', { name: 'Verify the trail' }).click();
      await page.getByText('The trail is broken').waitFor();
    },
  },
  { name: 'admin-doctor', path: '/admin/doctor', mock: ADMIN, ready: 'Everything a sign-in needs' },
  { name: 'admin-ill', path: '/admin/doctor', mock: ILL, ready: 'What to do' },
  { name: 'admin-access-ask', path: '/admin/access', mock: ADMIN, ready: 'An e-mail address' },
  {
    name: 'admin-access',
    path: '/admin/access?file=file-travel&person=bob.thornton@example.com',
    mock: ADMIN,
    ready: '2 ways',
  },
  {
    name: 'admin-no-access',
    path: '/admin/access?file=file-travel&person=carla.reis@example.com',
    mock: ADMIN,
    ready: 'No way',
  },
  { name: 'admin-access-gone', path: '/admin/access?file=gone', mock: ADMIN, ready: 'Not found' },
];
