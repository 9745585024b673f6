import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

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
