import { screen, waitFor, within } from '@testing-library/react';
import type { UserEvent } from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { renderApp } from '@/testing/render-app';

async function open(user: UserEvent) {
  await user.click(await screen.findByRole('button', { name: /Documents to ask/ }));
  return screen.findByRole('dialog', { name: 'What shall be asked?' });
}

async function ask(user: UserEvent) {
  await user.click(await screen.findByRole('textbox', { name: 'Your question' }));
  await user.keyboard('Why?{Enter}');
}

describe('what a question is put to', () => {
  it.each([
    ['a collection', 'Handbook', { collection: 'handbook' }],
    ['a folder', 'Operations', { folder_id: 'operations' }],
    ['one file, whole', 'Case 8841 thermostat.eml', { file_id: 'file-case' }],
  ])('can be %s, and everything again', async (_, name, fields) => {
    const { api, user } = renderApp();
    const dialog = await open(user);
    await user.click(await within(dialog).findByRole('button', { name: `Ask only “${name}”` }));
    await ask(user);
    expect(await screen.findByText(`Asked only: ${name}`)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Ask all documents again' }));
    await screen.findByRole('button', { name: 'Ask again' });
    await ask(user);
    await waitFor(() => {
      expect(api.asked).toMatchObject([{ message: 'Why?', ...fields }, { message: 'Why?' }]);
    });
    expect(Object.keys(api.asked[1] ?? {}).sort()).toEqual(['conversation_id', 'message']);
  });

  it('opens folder in folder; those in sight are fetched ahead, in one request', async () => {
    const { api, user } = renderApp();
    const dialog = await open(user);
    await user.click(await within(dialog).findByRole('button', { name: 'People and travel' }));
    await user.click(await within(dialog).findByRole('button', { name: 'Archive 2019' }));
    expect(await within(dialog).findByText('This folder is empty.')).toBeTruthy();
    const batches = api.requests.filter(({ key }) => key === 'POST /folders/batch');
    expect(batches[0]?.body).toEqual({ folders: ['operations', 'people'] });
    expect(api.requests.filter(({ query }) => query['folder_id'] === 'people')).toEqual([]);
  });

  it('says why a file cannot be asked', async () => {
    const { user } = renderApp();
    const dialog = await open(user);
    await user.click(await within(dialog).findByRole('button', { name: 'Operations' }));
    expect(await within(dialog).findByText('The file is encrypted with a password.')).toBeTruthy();
    expect(within(dialog).queryByRole('button', { name: 'Ask only “Scan of the lease.pdf”' })).toBeNull();
  });

  it('finds by the beginning of a name, and says when there is nothing', async () => {
    const { user } = renderApp();
    const dialog = await open(user);
    const search = within(dialog).getByRole('searchbox', { name: 'Find folders and files by name' });
    await user.type(search, 'trav');
    expect(await within(dialog).findByRole('link', { name: /Travel and Expenses Policy/ })).toBeTruthy();
    await user.clear(search);
    await user.type(search, 'zzz');
    expect(await within(dialog).findByText('No name here begins so.')).toBeTruthy();
  });

  it('is walked with the arrows', async () => {
    const { user } = renderApp();
    const dialog = await open(user);
    const top = await within(dialog).findByRole('button', { name: 'Handbook' });
    await within(dialog).findByRole('button', { name: 'Operations' });
    top.focus();
    await user.keyboard('{ArrowDown}{ArrowRight}');
    expect(document.activeElement?.textContent).toBe('Operations');
    expect(await within(dialog).findByRole('link', { name: /runbook/ })).toBeTruthy();
    await user.keyboard('{ArrowDown}{ArrowLeft}{ArrowLeft}');
    expect(document.activeElement?.getAttribute('aria-expanded')).toBe('false');
  });

  it('can be chosen on the page of Drive, which leads to a new question', async () => {
    history.replaceState(null, '', '/drive');
    const { user } = renderApp();
    await user.click(await screen.findByRole('button', { name: 'Ask only “Operations”' }));
    await user.click(await screen.findByRole('button', { name: 'Ask all documents again' }));
    expect(location.pathname).toBe('/');
  });
});
