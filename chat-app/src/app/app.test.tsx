import { screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { renderApp, renderPage } from '@/testing/render-app';

afterEach(() => {
  history.replaceState(null, '', '/');
});

describe('the app', () => {
  it('shows a stranger one way in', async () => {
    renderApp({ signedIn: false });
    const signIn = await screen.findByRole('link', { name: 'Sign in with Google' });
    expect(signIn.getAttribute('href')).toBe('/auth/login?return_to=%2F');
    expect(screen.queryAllByRole('button')).toEqual([]);
  });

  it('names the person and signs them out', async () => {
    const { api, user } = renderApp();
    await user.click(await screen.findByRole('button', { name: /^Account: *Alice Moreira$/ }));
    expect(await screen.findByText('alice@example.com')).toBeTruthy();
    await user.click(await screen.findByRole('menuitem', { name: 'Sign out' }));
    await waitFor(() => {
      expect(api.signedIn).toBe(false);
    });
  });

  it('says when the service does not answer, and tries again on demand', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ title: 'Starting' }, { status: 403 })));
    const user = renderPage();
    expect(await screen.findByRole('heading', { name: 'Docent is not answering' })).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Starting')).toBeTruthy();
  });

  it('says that a page does not exist', async () => {
    history.replaceState(null, '', '/nowhere');
    renderApp();
    expect(await screen.findByRole('heading', { name: 'There is no such page' })).toBeTruthy();
  });
});
