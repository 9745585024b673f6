import { screen, waitFor, within } from '@testing-library/react';
import type { UserEvent } from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { renderApp } from '@/testing/render-app';
import { setWindowWidth } from '@/testing/setup';

const box = () => screen.findByRole('textbox', { name: 'Your question' });

/** The first number in the newest answer, once that answer is complete. */
async function firstNumber(): Promise<HTMLElement> {
  await screen.findByRole('group', { name: 'Sources of this answer' });
  const [number] = screen.getAllByRole('button', { name: /^Source 1:/ });
  if (number === undefined) throw new Error('the answer cites nothing');
  return number;
}

async function ask(user: UserEvent, question: string) {
  await user.click(await box());
  await user.paste(question);
  await user.keyboard('{Enter}');
}

describe('asking', () => {
  it('streams an answer whose numbers stand where the model put them', async () => {
    const { api, user } = renderApp();
    await ask(user, 'What may a hotel in Lisbon cost?');
    const turn = await screen.findByRole('article', { name: 'What may a hotel in Lisbon cost?' });
    await within(turn).findByRole('group', { name: 'Sources of this answer' });
    expect(turn.querySelector('.answer p')?.textContent).toMatch(
      /140 EUR per night, breakfast included1\. Anything/,
    );
    expect(
      within(turn).getAllByRole('button', { name: /^Source 1: Travel and Expenses Policy v4.pdf, Page 3/ }),
    ).toHaveLength(2);
    expect(api.asked).toEqual([{ message: 'What may a hotel in Lisbon cost?' }]);
    expect(await box()).toHaveProperty('value', '');
  });

  it('goes on in the same conversation, and shows how a follow-up was understood', async () => {
    const { api, user } = renderApp();
    await ask(user, 'What may a hotel in Lisbon cost?');
    await screen.findByText('1 more passage was read');
    await ask(user, 'And there?');
    await screen.findByText('“What may a hotel in London cost per night?”');
    expect(api.asked[1]).toEqual({ message: 'And there?', conversation_id: 'conversation-1' });
  });

  it('writes a new line with Shift and Enter, and sends nothing empty or too long', async () => {
    const { api, user } = renderApp();
    await user.click(await box());
    await user.keyboard('{Enter}one{Shift>}{Enter}{/Shift}two');
    expect(await box()).toHaveProperty('value', 'one\ntwo');
    await user.clear(await box());
    await user.paste('x'.repeat(1001));
    await user.keyboard('{Enter}');
    expect(screen.getByText('1 character too many')).toBeTruthy();
    expect(api.asked).toEqual([]);
  });

  it('tells how much room is left only near the end', async () => {
    const { user } = renderApp();
    await user.click(await box());
    await user.paste('x'.repeat(849));
    expect(screen.queryByText(/left$/)).toBeNull();
    await user.paste('🧭');
    expect(screen.getByText('150 left')).toBeTruthy();
  });

  it('is reached by / and stopped by Escape; what had come stays, and can be asked again', async () => {
    const { api, user } = renderApp();
    await box();
    (document.activeElement as HTMLElement).blur();
    await user.keyboard('/');
    expect(document.activeElement).toBe(await box());
    await user.keyboard('Go on forever{Enter}');
    await screen.findByRole('button', { name: 'Stop' });
    await waitFor(() => {
      expect(document.querySelector('.answer')?.textContent).toBe('A');
    });
    await user.keyboard('{Escape}');
    expect(await screen.findByText('You stopped this answer here.')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Ask again' }));
    expect(api.asked).toHaveLength(2);
    expect(screen.getAllByRole('article')).toHaveLength(1);
  });

  it('writes a suggestion from the person’s own documents into the box, where it can be changed', async () => {
    const { api, user } = renderApp();
    await user.click(await screen.findByRole('button', { name: /fail over the web shop/ }));
    expect(await box()).toHaveProperty('value', 'Who may fail over the web shop, and when?');
    expect(api.asked).toEqual([]);
  });

  it('puts a question back into the box to be changed, and asks one again', async () => {
    const { api, user } = renderApp();
    await ask(user, 'What may a hotel in Lisbon cost?');
    await user.click(await screen.findByRole('button', { name: 'Edit the question' }));
    expect(await box()).toHaveProperty('value', 'What may a hotel in Lisbon cost?');
    await user.click(screen.getByRole('button', { name: 'Ask again' }));
    await waitFor(() => {
      expect(screen.getAllByRole('article')).toHaveLength(2);
    });
    expect(api.asked).toHaveLength(2);
  });

  it('marks what no source says, and says what the mark means', async () => {
    const { user } = renderApp();
    await ask(user, 'unsupported please');
    expect(await screen.findByText('Dotted underlines')).toBeTruthy();
    expect(document.querySelector('.answer .unsupported')?.textContent).toBe(
      'Not in any source: In most years this was less.',
    );
  });

  it('shows sources that disagree side by side, an older version, and how much of a long file was read', async () => {
    const { user } = renderApp();
    await ask(user, 'Do they disagree?');
    const conflict = await screen.findByRole('region', { name: 'The sources do not agree' });
    expect(within(conflict).getByText('140 EUR per night')).toBeTruthy();
    expect(within(conflict).getByRole('button', { name: /^Source 2: All Hands/ })).toBeTruthy();
    expect(screen.getByText('There is a newer version: Travel and Expenses Policy v5.pdf')).toBeTruthy();
    expect(screen.getByText(/65%/)).toBeTruthy();
  });

  it('says when an answer was computed from a table', async () => {
    const { user } = renderApp();
    await ask(user, 'How many kettles?');
    expect(await screen.findByText('Computed from a table')).toBeTruthy();
  });

  it('sends a thumb at once, and the reason of a bad one after it', async () => {
    const { api, user } = renderApp();
    await ask(user, 'What may a hotel in Lisbon cost?');
    await user.click(await screen.findByRole('button', { name: 'Bad answer' }));
    await user.click(await screen.findByRole('radio', { name: 'It is out of date' }));
    await user.type(screen.getByRole('textbox', { name: /In your words/ }), 'There is a v5');
    await user.click(screen.getByRole('button', { name: 'Send' }));
    expect(await screen.findByText('Thank you.')).toBeTruthy();
    const sent = api.requests.filter(({ key }) => key.endsWith('/feedback')).map(({ body }) => body);
    expect(sent).toEqual([
      { rating: 'down', comment: '' },
      { rating: 'down', comment: 'outdated: There is a v5' },
    ]);
  });
});

describe('an answer that is none', () => {
  it('says that it is not in the documents, and names the nearest', async () => {
    const { user } = renderApp();
    await ask(user, 'decline this');
    expect(await screen.findByText('Not in your documents')).toBeTruthy();
    const nearest = screen.getByRole('link', { name: /All Hands Q1 2025.pptx/ });
    expect(nearest.getAttribute('href')).toBe('https://drive.google.com/file/d/file-hands/edit#slide=4');
    expect(nearest.getAttribute('rel')).toBe('noreferrer');
  });

  it('says that passages are quoted when the model is unavailable', async () => {
    const { user } = renderApp();
    await ask(user, 'degraded please');
    expect(await screen.findByText('Quoted, not answered')).toBeTruthy();
    expect(document.querySelectorAll('.answer blockquote')).toHaveLength(2);
  });

  it('shows what failed, what to do and the request number, and asks again on demand', async () => {
    const { api, user } = renderApp();
    await ask(user, 'fail please');
    expect(await screen.findByText('The search is not available')).toBeTruthy();
    expect(screen.getByText('The index did not answer in time.')).toBeTruthy();
    expect(screen.getByText(/Try again in a moment/)).toBeTruthy();
    expect(screen.getByText('req-7f3a91c2')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Ask again' }));
    expect(api.asked).toHaveLength(2);
  });

  it('says that the connection was lost when the stream ends without an end', async () => {
    const { user } = renderApp();
    await ask(user, 'break off');
    expect(await screen.findByText('The connection was lost')).toBeTruthy();
    expect(screen.getByText(/the beginning of an answer, not all of it/)).toBeTruthy();
  });

  it('keeps the question when the session has ended, across the new sign-in', async () => {
    const { user } = renderApp();
    await ask(user, 'expire: hotels?');
    expect(await screen.findByText('Your session has ended.', { selector: 'strong' })).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Sign in again' }).getAttribute('href')).toBe(
      '/auth/login?return_to=%2F',
    );
    expect(await box()).toHaveProperty('value', 'expire: hotels?');
    expect(sessionStorage.getItem('docent.draft')).toBe('expire: hotels?');
  });

  it('keeps whatever a model writes inert', async () => {
    const { user } = renderApp();
    await ask(user, 'hostile please');
    await screen.findByRole('group', { name: 'Sources of this answer' });
    const answer = document.querySelector('.answer');
    expect(answer?.querySelectorAll('a, img, script, iframe, [style]')).toHaveLength(0);
    expect(answer?.textContent).toContain('<img src=x onerror=alert(1)>');
    expect(answer?.textContent).toContain('Forged: [9] and [99]');
    expect(answer?.querySelectorAll('button')).toHaveLength(1);
  });
});

describe('a source', () => {
  it('opens beside the answer with its quote marked, and gives the focus back', async () => {
    const { user } = renderApp();
    await ask(user, 'What may a hotel in Lisbon cost?');
    const number = await firstNumber();
    number.focus();
    await user.keyboard('{Enter}');
    const pane = await screen.findByRole('complementary', { name: 'Travel and Expenses Policy v4.pdf' });
    const cited = (await within(pane).findAllByRole('listitem')).find(
      (item) => item.getAttribute('aria-current') === 'true',
    );
    expect(cited?.querySelector('mark')?.textContent).toBe(
      'Porto and Lisbon: 140 EUR per night. London: 195 EUR per night.',
    );
    expect(within(pane).getAllByRole('listitem')).toHaveLength(3);
    expect(
      within(pane)
        .getByRole('link', { name: /Open in Drive/ })
        .getAttribute('href'),
    ).toMatch(/#page=3$/);
    expect(document.activeElement?.textContent).toBe('Travel and Expenses Policy v4.pdf');
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('complementary')).toBeNull();
    expect(document.activeElement).toBe(number);
  });

  it('opens as a dialog where there is no room beside the answer', async () => {
    setWindowWidth(360);
    const { user } = renderApp();
    await ask(user, 'When is the party?');
    await user.click(await firstNumber());
    const sheet = await screen.findByRole('dialog', { name: 'All Hands Q1 2025.pptx' });
    expect(await within(sheet).findByText('Sales by region', { exact: false })).toBeTruthy();
    await user.click(within(sheet).getByRole('button', { name: 'Close source' }));
    await waitFor(() => {
      expect(screen.queryByRole('dialog')).toBeNull();
    });
  });

  it('shows a sheet as a table with the cited row marked', async () => {
    const { user } = renderApp();
    await ask(user, 'List price of a kettle?');
    await user.click(await firstNumber());
    const pane = await screen.findByRole('complementary');
    await within(pane).findByRole('table');
    expect(pane.querySelector('tr.marked')?.textContent).toBe('TGN-300Tarn Gooseneck96.0074.88');
  });

  it('says so when it can no longer be read', async () => {
    const { user } = renderApp();
    await ask(user, 'What is gone?');
    await user.click(await firstNumber());
    const pane = await screen.findByRole('complementary');
    expect(await within(pane).findByText(/no longer shared with you/)).toBeTruthy();
  });
});
