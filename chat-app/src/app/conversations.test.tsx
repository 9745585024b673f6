import { screen, waitFor, within } from '@testing-library/react';
import type { UserEvent } from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { renderApp } from '@/testing/render-app';

const list = () => screen.findByRole('region', { name: 'Conversations' });

async function menuItem(user: UserEvent, title: string, name: string) {
  await user.click(await screen.findByRole('button', { name: `Options of “${title}”` }));
  await user.click(await screen.findByRole('menuitem', { name }));
}

const FIRST = 'What may a hotel in Lisbon cost?';
const SECOND = 'Who decides on the new warehouse, and by when?';

describe('conversations', () => {
  it('are opened by their address, with each answer as the reader may see it now', async () => {
    history.replaceState(null, '', '/c/conversation-old-0');
    const { user } = renderApp({ conversations: 2 });
    expect(await screen.findByRole('heading', { name: /hotel in Lisbon cost per night today/ })).toBeTruthy();
    expect(screen.getByText('This answer rests on a document that you can no longer open.')).toBeTruthy();
    expect(document.querySelector('.unsupported')?.textContent).toContain('It was less in 2019.');
    await user.click(screen.getByRole('button', { name: /^Source 1:/ }));
    expect(await screen.findByRole('complementary')).toBeTruthy();
  });

  it('go on where they are', async () => {
    history.replaceState(null, '', '/c/conversation-old-0');
    const { api, user } = renderApp({ conversations: 2 });
    await user.click(await screen.findByRole('textbox', { name: 'Your question' }));
    await user.keyboard('And there?{Enter}');
    await waitFor(() => {
      expect(api.asked).toEqual([{ message: 'And there?', conversation_id: 'conversation-old-0' }]);
    });
  });

  it('get an address with their first answer, and a new question leaves them', async () => {
    const { user } = renderApp();
    await user.click(await screen.findByRole('textbox', { name: 'Your question' }));
    await user.keyboard('Hotels?{Enter}');
    await screen.findByRole('group', { name: 'Sources of this answer' });
    expect(location.pathname).toBe('/c/conversation-1');
    await user.click(screen.getByRole('link', { name: 'New question' }));
    expect(location.pathname).toBe('/');
    expect(await screen.findByRole('heading', { name: /What would you like to know/ })).toBeTruthy();
    expect(screen.queryByRole('article')).toBeNull();
  });

  it('say so when there is none of an address', async () => {
    history.replaceState(null, '', '/c/nobody-knows');
    renderApp();
    expect(await screen.findByRole('heading', { name: 'This conversation is not here' })).toBeTruthy();
  });

  it('are searched', async () => {
    const { user } = renderApp({ conversations: 5 });
    await user.type(await screen.findByRole('searchbox', { name: 'Search conversations' }), 'parental');
    await waitFor(async () => {
      expect(within(await list()).getAllByRole('link')).toHaveLength(1);
    });
  });

  it('are renamed at once, and back again when the service refuses', async () => {
    const { api, user } = renderApp({ conversations: 2 });
    await menuItem(user, FIRST, 'Rename');
    await user.clear(await screen.findByRole('textbox', { name: 'New title' }));
    await user.keyboard('Hotels{Enter}');
    expect(await screen.findByRole('link', { name: 'Hotels' })).toBeTruthy();
    expect(api.conversations[0]?.title).toBe('Hotels');
    api.failing['PATCH /chat/conversations/{conversation_id}'] = 503;
    await menuItem(user, 'Hotels', 'Rename');
    await user.clear(await screen.findByRole('textbox', { name: 'New title' }));
    await user.keyboard('Inns{Enter}');
    await waitFor(() => {
      expect(screen.getByRole('link', { name: 'Hotels' })).toBeTruthy();
    });
  });

  it('are deleted after being asked once more', async () => {
    const { api, user } = renderApp({ conversations: 2 });
    await menuItem(user, FIRST, 'Delete');
    await user.click(await screen.findByRole('button', { name: 'Delete' }));
    await waitFor(() => {
      expect(screen.queryByRole('link', { name: FIRST })).toBeNull();
    });
    expect(screen.getByRole('link', { name: SECOND })).toBeTruthy();
    await waitFor(() => {
      expect(api.conversations).toHaveLength(1);
    });
  });

  it('are saved as Markdown', async () => {
    const saved: string[] = [];
    vi.stubGlobal(
      'URL',
      Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL: () => undefined }),
    );
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      saved.push(this.download);
    });
    const { user } = renderApp({ conversations: 2 });
    await menuItem(user, SECOND, 'Export as Markdown');
    await waitFor(() => {
      expect(saved).toEqual(['Who decides on the new warehouse, and by when.md']);
    });
  });

  it('are shared inside the organisation, and no longer', async () => {
    const { api, user } = renderApp({ conversations: 2 });
    await menuItem(user, FIRST, 'Share');
    await user.click(await screen.findByRole('button', { name: 'Share' }));
    const address = await screen.findByRole('textbox', { name: 'Address of the shared conversation' });
    expect(address).toHaveProperty('value', expect.stringMatching(/\/shared\/share-conversation-old-0$/));
    await user.click(screen.getByRole('button', { name: 'Stop sharing' }));
    await waitFor(() => {
      expect(api.conversations[0]?.share).toBeNull();
    });
  });

  it('of colleagues are read, not continued', async () => {
    history.replaceState(null, '', '/shared/share-1');
    const { api } = renderApp({ conversations: 1 });
    const [one] = api.conversations;
    if (one) one.share = { share_id: 'share-1', shared_at: '2026-11-30T20:15:00Z' };
    expect(await screen.findByText(/Shared by a colleague/)).toBeTruthy();
    expect(screen.queryByRole('textbox', { name: 'Your question' })).toBeNull();
    expect(screen.queryByRole('button', { name: /answer/ })?.textContent).toBe('Copy answer');
  });
});
