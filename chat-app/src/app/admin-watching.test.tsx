import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { renderApp } from '@/testing/render-app';

function open(path: string, options: Parameters<typeof renderApp>[0] = {}) {
  history.replaceState(null, '', path);
  return renderApp({ admin: true, ...options });
}

const sent = (api: ReturnType<typeof open>['api'], key: string) =>
  api.requests.filter((one) => one.key === key).map(({ body }) => body);

describe('costs', () => {
  it('says what it costs, in pictures that say so in words too, with the numbers behind them', async () => {
    const { user } = open('/admin/costs');
    expect((await screen.findByText('This month')).nextElementSibling?.textContent).toBe('$9.60');
    expect(screen.getByText('$68.60 of it fixed')).toBeTruthy();
    expect(screen.getByText('84% of the organisation’s budget for the month is used.')).toBeTruthy();
    expect(screen.getByRole('img', { name: /^Spending\. The highest day is Nov/ })).toBeTruthy();
    expect(
      screen.getByRole('img', {
        name: 'Spent so far. $9.60 so far; $9.60 by the end of the month if it goes on like this.',
      }),
    ).toBeTruthy();
    await user.click(screen.getByLabelText('Questions'));
    expect(screen.getByRole('img', { name: /^Questions\./ })).toBeTruthy();
    const figure = screen.getByRole('img', { name: /^Questions\./ }).closest('figure');
    expect(within(figure ?? document.body).getAllByRole('row', { hidden: true })).toHaveLength(31);
  });
});

describe('limits and caches', () => {
  it('says what may be asked and what is left of it', async () => {
    open('/admin/limits');
    const standard = await screen.findByRole('row', { name: 'Standard 10 50 200' });
    expect(standard).toBeTruthy();
    expect(screen.getByText('12 of 600')).toBeTruthy();
    expect(await screen.findByRole('row', { name: /^Rights to files/ })).toBeTruthy();
  });

  it('clears the caches only after a second yes', async () => {
    const { api, user } = open('/admin/limits');
    await user.click(await screen.findByRole('button', { name: 'Clear the caches' }));
    const dialog = within(await screen.findByRole('dialog'));
    expect(sent(api, 'POST /cache/clear')).toEqual([]);
    await user.click(dialog.getByRole('button', { name: 'Clear the caches' }));
    expect(await screen.findByText('1,210 entries were cleared.')).toBeTruthy();
    expect(sent(api, 'POST /cache/clear')).toEqual([{}]);
  });
});

describe('people', () => {
  it('shows role, tier, spending and own limits, and changes only what was changed', async () => {
    const { api, user } = open('/admin/people');
    expect(await screen.findByText('Limits of their own: 3 a minute, $1.50 a month')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: /^Change .* bob/ }));
    const dialog = within(await screen.findByRole('dialog'));
    await user.click(dialog.getByLabelText('Administrator'));
    await user.clear(dialog.getByLabelText('Questions a minute'));
    await user.type(dialog.getByLabelText('Questions a day'), '40');
    const save = dialog.getByRole('button', { name: 'Save' });
    expect(save.getAttribute('aria-disabled')).toBe('true');
    await user.click(dialog.getByRole('checkbox', { name: /will see everybody’s questions/ }));
    await user.click(save);
    expect(await screen.findByText('Limits of their own: 40 a day, $1.50 a month')).toBeTruthy();
    expect(sent(api, 'PATCH /auth/users/{id}')).toEqual([{ role: 'admin' }]);
    expect(sent(api, 'PATCH /stats/people/{id}')).toEqual([{ minute: 0, day: 40 }]);
  });

  it('says why a change was refused, and keeps what was typed', async () => {
    const { user } = open('/admin/people');
    await user.click(await screen.findByRole('button', { name: /^Change .* alice/ }));
    const dialog = within(await screen.findByRole('dialog'));
    await user.click(dialog.getByLabelText('Person'));
    await user.click(dialog.getByRole('checkbox'));
    await user.click(dialog.getByRole('button', { name: 'Save' }));
    expect(await dialog.findByText('Nobody changes their own role.')).toBeTruthy();
    expect(dialog.getByLabelText<HTMLInputElement>('Person').checked).toBe(true);
  });

  it('signs somebody out after showing where', async () => {
    const { api, user } = open('/admin/people');
    await user.click(await screen.findByRole('button', { name: /^Sessions of bob/ }));
    const dialog = within(await screen.findByRole('dialog'));
    await dialog.findByText('Safari on iPhone');
    await user.click(dialog.getByRole('button', { name: 'Sign out everywhere' }));
    expect(await screen.findByText('3 people')).toBeTruthy();
    expect(sent(api, 'DELETE /auth/users/{id}/sessions')).toHaveLength(1);
  });
});

describe('questions', () => {
  it('shows what had no answer, and leads to what is known of the request', async () => {
    const { user } = open('/admin/questions');
    const asked = await screen.findByText('What does the Zanzibar contract say of salaries?');
    const row = within(asked.closest('li') as HTMLElement);
    await user.click(row.getByRole('button', { name: 'Look further' }));
    expect((await screen.findByRole('link', { name: /Log lines/ })).getAttribute('href')).toContain('logs');
  });

  it('shows down-votes with what was said, and what is dearest or slowest', async () => {
    const { api, user } = open('/admin/questions');
    await user.click(await screen.findByLabelText('Down-votes'));
    expect(await screen.findByText('It is not true: It is in the contract.')).toBeTruthy();
    expect(screen.getByText('The question was deleted')).toBeTruthy();
    await user.click(screen.getByLabelText('Dearest'));
    await screen.findByText('Wie lange ist die Kündigungsfrist in Leeds?');
    expect(api.requests.at(-1)?.query).toMatchObject({ kind: 'dearest', days: '30' });
  });
});

describe('the audit trail', () => {
  it('pages, narrows to an event, and shows all again', async () => {
    const { user } = open('/admin/audit');
    await user.click(await screen.findByRole('button', { name: 'Show more' }));
    expect(await screen.findByRole('button', { name: 'Only key.rotated' })).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Only limits.changed' }));
    await screen.findByRole('button', { name: 'Show all' });
    expect(screen.queryByRole('button', { name: 'Only signin.refused' })).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Show all' }));
    expect(await screen.findByRole('button', { name: 'Only signin.refused' })).toBeTruthy();
  });

  it.each([
    [false, 'The trail is whole: all 4,211 entries hold.'],
    [true, 'The trail is broken at entry 1,207'],
  ])('is verified with a clear result (broken: %s)', async (broken, says) => {
    const { user } = open('/admin/audit', { broken });
    await user.click(await screen.findByRole('button', { name: 'Verify the trail' }));
    expect(await screen.findByText(says)).toBeTruthy();
  });
});

describe('the sign-in doctor', () => {
  it('puts what is ill first, with what to do', async () => {
    open('/admin/doctor', { broken: true });
    expect(await screen.findByText('One thing needs you')).toBeTruthy();
    expect(screen.getByText(/^Set OAUTH_REDIRECT_URI to/)).toBeTruthy();
    expect(screen.getByRole('heading', { name: 'Redirect URI: not in order' })).toBeTruthy();
  });
});

describe('the access explainer', () => {
  it('finds a file by name, and says each way in words beside the picture', async () => {
    const { user } = open('/admin/access');
    await user.type(await screen.findByLabelText('Person'), 'bob@example.com');
    await user.type(screen.getByLabelText('File'), 'trav');
    await user.click(await screen.findByRole('button', { name: 'Travel and Expenses Policy v4.pdf' }));
    expect(
      await screen.findByText('bob@example.com can read “Travel and Expenses Policy v4.pdf”'),
    ).toBeTruthy();
    expect(
      screen.getByText(
        'Person bob@example.com → Group staff@example.com → Folder People and travel → File Travel and Expenses Policy v4.pdf',
      ),
    ).toBeTruthy();
    expect(screen.getByText(/^as writer · ran out/)).toBeTruthy();
  });

  it('says that there is no way, and why', async () => {
    open('/admin/access?file=file-travel&person=carla%40example.com');
    expect(await screen.findByText('No permission leads from this person to this file.')).toBeTruthy();
    expect(screen.getByText('By the permissions recorded at the last sync.')).toBeTruthy();
  });
});
