import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';

import { Button, buttonClass } from '@/components/ui/button';
import { Section } from '@/components/ui/section';
import { useAddCollection } from '@/features/admin/collections/add-collection';
import { ChooseFolder } from '@/features/admin/collections/choose-folder';
import { EstimateView } from '@/features/admin/collections/estimate-view';
import type { Chosen } from '@/features/admin/collections/folder-rows';
import { estimateQueryOptions } from '@/features/admin/collections/get-estimate';
import { AdminPage } from '@/features/admin/components/admin-page';
import { Failed } from '@/features/admin/components/failed';
import { Field } from '@/features/admin/components/field';
import { Loaded } from '@/features/admin/components/loaded';
import { adminPages } from '@/features/admin/paths';
import { t } from '@/lib/messages';

const NAME_LIMIT = 200;

/** A new collection: which folder, under which name, and at what price; then it is read. */
export function AddPage() {
  const [folder, setFolder] = useState<Chosen>();
  const [name, setName] = useState('');
  return (
    <AdminPage title={t('admin.add')} text={t('admin.add.text')}>
      <ChooseFolder
        chosenId={folder?.id ?? ''}
        onChoose={(chosen) => {
          setFolder(chosen);
          if (chosen !== undefined && chosen.name !== '') setName(chosen.name);
        }}
      />
      {folder !== undefined && <PriceAndStart key={folder.id} folder={folder} name={name} onName={setName} />}
    </AdminPage>
  );
}

interface Props {
  folder: Chosen;
  name: string;
  onName: (name: string) => void;
}

/** The price comes first: there is nothing to press before it is known. */
function PriceAndStart({ folder, name, onName }: Props) {
  const [, navigate] = useLocation();
  const estimate = useQuery(estimateQueryOptions(folder.id));
  const adding = useAddCollection();
  const named = name.trim();
  const ready = estimate.isSuccess && named !== '' && !adding.isPending;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        adding.mutate(
          { name: named, folder_id: folder.id },
          {
            onSuccess: (id) => {
              navigate(adminPages.runsOf(id));
            },
          },
        );
      }}
    >
      <Section title={t('admin.estimate')} text={t('admin.estimate.text')}>
        <div aria-live="polite" aria-busy={estimate.isPending}>
          {estimate.isPending && <p className="mb-3 text-ink-soft">{t('admin.estimate.going')}</p>}
          <Loaded query={estimate} lines={6}>
            {(found) => <EstimateView estimate={found} />}
          </Loaded>
        </div>
      </Section>
      <Section title={t('admin.add.start')}>
        <Field
          className="max-w-md"
          label={t('admin.add.name')}
          hint={t('admin.add.nameHint')}
          maxLength={NAME_LIMIT}
          value={name}
          onChange={onName}
        />
        <Failed error={adding.error} />
        <div className="mt-5 flex flex-wrap gap-2">
          <Button variant="solid" type="submit" aria-disabled={!ready}>
            {adding.isPending ? t('admin.add.going') : t('admin.add.index')}
          </Button>
          <Link href={adminPages.collections} className={buttonClass('outline')}>
            {t('app.cancel')}
          </Link>
        </div>
        {!estimate.isSuccess && <p className="mt-2 text-sm text-ink-soft">{t('admin.add.waits')}</p>}
      </Section>
    </form>
  );
}
