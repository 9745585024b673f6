import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { renderApp } from '@/testing/render-app';

/** The whole app at an administrators' page. */
function open(path: string, options: Parameters<typeof renderApp>[0] = {}) {
  history.replaceState(null, '', path);
  return renderApp({ admin: true, ...options });
}

const sent = (api: ReturnType<typeof open>['api'], key: string) =>
  api.requests.filter((one) => one.key === key).map(({ body }) => body);

describe('administration', () => {
  it('says honestly to others that it is not for them, and asks the service nothing', async () => {
    const { api } = open('/admin/people', { admin: false });
    expect(await screen.findByRole('heading', { name: 'This is for administrators' })).toBeTruthy();
    expect(screen.queryByRole('link', { name: 'Administration' })).toBeNull();
    expect(api.requests.filter(({ key }) => /stats|users|ingest/.test(key))).toEqual([]);
  });

  it('leads from page to page by name, and says when there is no such page', async () => {
    const { user } = open('/admin/nowhere');
    await screen.findByRole('heading', { name: 'There is no such page' });
    const nav = screen.getByRole('navigation', { name: 'Administration' });
    await user.click(within(nav).getByRole('link', { name: 'Runs' }));
    expect(await screen.findByRole('heading', { name: 'Runs', level: 1 })).toBeTruthy();
    expect(within(nav).getByRole('link', { name: 'Runs' }).getAttribute('aria-current')).toBe('page');
  });

  it('shows what broke and tries again when asked', async () => {
    const { api, user } = open('/admin/audit');
    api.failing['GET /audit'] = 403;
    expect(await screen.findByText('A part of Docent is down.')).toBeTruthy();
    delete api.failing['GET /audit'];
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('button', { name: 'Only limits.changed' })).toBeTruthy();
  });
});

describe('collections', () => {
  it('shows files by state, syncs, tells rate and time left, and cancels', async () => {
    const { api, user } = open('/admin');
    const row = within(
      (await screen.findByRole('heading', { name: 'Handbook' })).closest('li') as HTMLElement,
    );
    expect(row.getByRole('link', { name: 'Skipped 1' }).getAttribute('href')).toBe(
      '/admin/files?collection=handbook&state=skipped',
    );
    await user.click(row.getByRole('button', { name: 'Sync now' }));
    expect(await row.findByText('20 of 148 files · 3.2 files a second · about 40 seconds left')).toBeTruthy();
    const bar = row.getByRole('progressbar', { name: 'Progress of Handbook' });
    expect(bar.getAttribute('aria-valuenow')).toBe('20');
    await user.click(row.getByRole('button', { name: 'Cancel the run' }));
    expect(await row.findByText(/^Cancelled .* paused until you start it again$/)).toBeTruthy();
    expect(sent(api, 'POST /ingest/sync')).toEqual([{ collection: 'handbook' }]);
    expect(sent(api, 'POST /ingest/runs/{run_id}/cancel')).toHaveLength(1);
  });

  it('is removed when that was confirmed, and shows how much of it is left', async () => {
    const { api, user } = open('/admin');
    await user.click(await screen.findByRole('button', { name: 'Remove …' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Remove the collection “Handbook”?' }));
    expect(dialog.getByText(/Nothing changes in Drive/)).toBeTruthy();
    expect(sent(api, 'DELETE /collections/{collection_id}')).toEqual([]);
    await user.click(dialog.getByRole('button', { name: 'Remove the collection' }));
    expect(await screen.findByText('Being removed … 12 files are left')).toBeTruthy();
    expect(api.requests.find(({ key }) => key.startsWith('DELETE'))?.params).toEqual({
      collection_id: 'handbook',
    });
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(screen.queryByRole('button', { name: 'Sync now' })).toBeNull();
  });

  it('is added by a folder of the tree, and not before its price is on the screen', async () => {
    const { api, user } = open('/admin/add');
    await user.click(await screen.findByRole('button', { name: 'Engineering · shared drive' }));
    await user.click(await screen.findByRole('button', { name: 'Choose “Runbooks”' }));
    expect(await screen.findByRole('rowheader', { name: 'document-ai:page' })).toBeTruthy();
    const name = screen.getByLabelText('Name of the collection');
    expect((name as HTMLInputElement).value).toBe('Runbooks');
    await user.clear(name);
    await user.type(name, 'Handbook');
    await user.click(screen.getByRole('button', { name: 'Index' }));
    expect(await screen.findByRole('heading', { name: 'Runs', level: 1 })).toBeTruthy();
    // The name is taken by another collection's id, which must stay as it is.
    expect(api.requests.find(({ key }) => key.startsWith('PUT'))).toMatchObject({
      params: { collection_id: 'handbook-2' },
      body: { name: 'Handbook', folder_id: 'folder-runbooks' },
    });
    expect(sent(api, 'POST /ingest/sync')).toEqual([{ collection: 'handbook-2' }]);
  });

  it('cannot be added while the price is not known', async () => {
    const { api, user } = open('/admin/add');
    await user.click(await screen.findByRole('button', { name: 'Choose “Board”' }));
    expect(await screen.findByText(/it is not shared with Docent’s account/)).toBeTruthy();
    const index = screen.getByRole('button', { name: 'Index' });
    expect(index.getAttribute('aria-disabled')).toBe('true');
    await user.click(index);
    expect(api.requests.filter(({ key }) => key.startsWith('PUT'))).toEqual([]);
  });

  it('takes the link of a folder', async () => {
    const { api, user } = open('/admin/add');
    await user.click(await screen.findByLabelText('A folder by its link'));
    await user.type(
      screen.getByLabelText('Link of the folder in Drive'),
      'https://drive.google.com/drive/folders/1-uGqJAzPO-kK-YbxlFz1X4MSfKLC64s3',
    );
    await user.click(screen.getByRole('button', { name: 'Choose' }));
    await screen.findByRole('rowheader', { name: 'document-ai:page' });
    expect(sent(api, 'POST /ingest/estimate')).toEqual([{ folder_id: '1-uGqJAzPO-kK-YbxlFz1X4MSfKLC64s3' }]);
  });
});

describe('runs and files', () => {
  it('shows how each run ended, and compares everything when asked', async () => {
    const { api, user } = open('/admin/runs');
    expect(await screen.findByText('Google Drive did not answer in time.')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Compare everything' }));
    expect(await screen.findByText(/about 40 seconds left/)).toBeTruthy();
    expect(sent(api, 'POST /ingest/sync')).toEqual([{ collection: 'handbook', full: true }]);
  });

  it('shows every file with its reason, page by page, and reads one again', async () => {
    const { api, user } = open('/admin/files');
    expect(await screen.findByText('The file is encrypted with a password.')).toBeTruthy();
    expect(
      screen.getByText('The sheet “Archive” is longer than 100,000 rows; the rest was left out.'),
    ).toBeTruthy();
    expect(screen.getAllByRole('button', { name: /^Read again: “/ })).toHaveLength(8);
    await user.click(screen.getByRole('button', { name: 'Show more' }));
    expect(
      await screen.findByRole('button', { name: 'Read again: “Travel and Expenses Policy v13.pdf”' }),
    ).toBeTruthy();
    await user.click(screen.getByRole('button', { name: /^Read again: “Scan of the lease.pdf/ }));
    const row = within(screen.getByText('Scan of the lease.pdf').closest('li') as HTMLElement);
    expect(await row.findByText('Waiting')).toBeTruthy();
    expect(api.requests.find(({ key }) => key.includes('reindex'))?.params).toEqual({
      file_id: 'file-scan-of-the-lease',
    });
  });

  it('shows the files of one state, which is in the address', async () => {
    const { user } = open('/admin/files?state=failed');
    expect(await screen.findByText('Document AI did not answer in time.')).toBeTruthy();
    expect(screen.queryByText('Scan of the lease.pdf')).toBeNull();
    await user.click(screen.getByLabelText('Skipped 1'));
    expect(await screen.findByText('Scan of the lease.pdf')).toBeTruthy();
    expect(location.search).toContain('state=skipped');
  });
});
