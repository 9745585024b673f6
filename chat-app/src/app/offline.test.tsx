import { act, cleanup, screen, waitFor } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';

import { fetchFrom, renderApp, renderPage } from '@/testing/render-app';

const box = () => screen.findByRole('textbox', { name: 'Your question' });

/** Takes the connection away, or gives it back. */
function connect(online: boolean, fetch: typeof globalThis.fetch) {
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(online);
  vi.stubGlobal('fetch', fetch);
  act(() => {
    dispatchEvent(new Event(online ? 'online' : 'offline'));
  });
}

describe('without a connection', () => {
  it('says so, keeps a question that could not be sent, and asks it when there is one again', async () => {
    const { api, user } = renderApp();
    await user.click(await box());
    connect(false, () => Promise.reject(new TypeError('Failed to fetch')));
    expect(await screen.findByText(/What you type is kept/)).toBeTruthy();
    await user.keyboard('Hotels?{Enter}');
    expect(await screen.findByRole('article', { name: 'Hotels?' })).toBeTruthy();
    await waitFor(async () => {
      expect(await box()).toHaveProperty('value', 'Hotels?');
    });
    expect(sessionStorage.getItem('docent.draft')).toBe('Hotels?');
    connect(true, fetchFrom(api) as typeof globalThis.fetch);
    expect(screen.queryByText(/What you type is kept/)).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Ask again' }));
    await screen.findByRole('group', { name: 'Sources of this answer' });
    expect(screen.getAllByRole('article')).toHaveLength(1);
    expect(await box()).toHaveProperty('value', '');
  });

  it('loses nothing that was typed when the page is loaded again', async () => {
    const { user } = renderApp();
    await user.click(await box());
    await user.keyboard('Half a quest');
    cleanup();
    renderPage();
    expect(await box()).toHaveProperty('value', 'Half a quest');
  });
});
