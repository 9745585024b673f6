import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';

import { switchLanguage } from '@/lib/messages';
import { renderApp } from '@/testing/render-app';

describe('appearance', () => {
  it('keeps the theme that is chosen, and forgets it for the system’s', async () => {
    history.replaceState(null, '', '/account');
    const { user } = renderApp();
    await user.click(await screen.findByRole('radio', { name: 'Dark' }));
    expect(document.documentElement.dataset['theme']).toBe('dark');
    expect(localStorage.getItem('docent.theme')).toBe('dark');
    await user.click(screen.getByRole('radio', { name: 'As the system' }));
    expect(document.documentElement.dataset['theme']).toBeUndefined();
    expect(localStorage.getItem('docent.theme')).toBeNull();
  });

  it('speaks another language at once, and tells the document', async () => {
    history.replaceState(null, '', '/account');
    const { user } = renderApp();
    await user.click(await screen.findByRole('radio', { name: 'Deutsch' }));
    expect(await screen.findByRole('heading', { name: 'Konto und Einstellungen' })).toBeTruthy();
    expect(document.documentElement.lang).toBe('de');
    expect(localStorage.getItem('docent.language')).toBe('de');
    await switchLanguage('en');
    await waitFor(() => {
      expect(screen.getByRole('heading', { name: 'Account and settings' })).toBeTruthy();
    });
  });
});

describe('sessions', () => {
  it('are listed, ended one by one, and all but this one', async () => {
    history.replaceState(null, '', '/account');
    const { api, user } = renderApp();
    await user.click(await screen.findByRole('button', { name: 'Sign out on Safari on iPhone' }));
    await waitFor(() => {
      expect(screen.queryByText('Safari on iPhone')).toBeNull();
    });
    await user.click(await screen.findByRole('button', { name: 'Sign out 1 other session' }));
    await waitFor(() => {
      expect(api.sessions.map(({ id }) => id)).toEqual(['here']);
    });
    expect(await screen.findByText('Chrome on Linux')).toBeTruthy();
  });
});

describe('the Drive permission', () => {
  it.each([
    ['live', 'Permission given', 0],
    ['dead', 'Permission withdrawn or expired', 1],
    ['missing', 'No permission yet', 1],
  ] as const)('says that it is %s, and how to mend that', async (driveGrant, text, ways) => {
    history.replaceState(null, '', '/account');
    renderApp({ driveGrant });
    expect(await screen.findByText(text)).toBeTruthy();
    expect(screen.queryAllByRole('link', { name: 'Sign in again and allow it' })).toHaveLength(ways);
  });
});

describe('one’s own data', () => {
  it('is saved as a file', async () => {
    history.replaceState(null, '', '/account');
    const saved: string[] = [];
    vi.stubGlobal(
      'URL',
      Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL: () => undefined }),
    );
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      saved.push(this.download);
    });
    const { user } = renderApp();
    await user.click(await screen.findByRole('button', { name: 'Export my data' }));
    await waitFor(() => {
      expect(saved).toEqual(['docent-export.json']);
    });
  });

  it('is erased only for who types their address, and leaves a receipt', async () => {
    history.replaceState(null, '', '/account');
    const { api, user } = renderApp();
    await user.click(await screen.findByRole('button', { name: 'Erase everything about me' }));
    const dialog = await screen.findByRole('dialog');
    const erase = within(dialog).getByRole('button', { name: 'Erase everything about me' });
    await user.click(erase);
    expect(api.signedIn).toBe(true);
    await user.type(within(dialog).getByRole('textbox'), 'Alice@example.com');
    await user.click(erase);
    expect(await screen.findByRole('heading', { name: 'You are erased' })).toBeTruthy();
    expect(screen.getByText('b7c1-44f0-9a52')).toBeTruthy();
    expect(screen.getByRole('row', { name: 'messages 48' })).toBeTruthy();
    expect(screen.queryByText('cache_answers')).toBeNull();
  });
});
