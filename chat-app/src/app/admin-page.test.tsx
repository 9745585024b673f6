import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { renderApp } from '@/testing/render-app';

describe('administration', () => {
  it('shows each collection with its files by state, starts a sync, and shows how far it is', async () => {
    history.replaceState(null, '', '/admin');
    const { api, user } = renderApp({ admin: true });
    const row = (await screen.findByRole('heading', { name: 'Handbook' })).closest('li');
    expect(row).not.toBeNull();
    const inside = within(row as HTMLElement);
    expect(inside.getByText('Indexed').nextElementSibling?.textContent).toBe('17');
    expect(inside.getByText('Skipped').nextElementSibling?.textContent).toBe('2');
    await user.click(inside.getByRole('button', { name: 'Sync now' }));
    expect(await inside.findByText('Being read, about 40 seconds left')).toBeTruthy();
    expect(inside.getByRole('progressbar', { name: 'Progress of Handbook' })).toBeTruthy();
    expect(api.requests.filter(({ key }) => key === 'POST /ingest/sync').map(({ body }) => body)).toEqual([
      { collection: 'handbook' },
    ]);
  });

  it('says what Docent has cost', async () => {
    history.replaceState(null, '', '/admin');
    renderApp({ admin: true });
    expect((await screen.findByText('This month')).nextElementSibling?.textContent).toBe('$9.60');
    expect(screen.getByText('Today').nextElementSibling?.textContent).toBe('$0.42');
  });

  it('is not there for others', async () => {
    history.replaceState(null, '', '/admin');
    renderApp();
    await screen.findByRole('navigation');
    expect(screen.queryByRole('link', { name: 'Administration' })).toBeNull();
    expect(screen.queryByRole('heading', { name: 'Administration' })).toBeNull();
  });
});
