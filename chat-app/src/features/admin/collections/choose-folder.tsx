import { useState } from 'react';

import { Button } from '@/components/ui/button';
import { Choices } from '@/components/ui/choices';
import { FolderRows, type Chosen } from '@/features/admin/collections/folder-rows';
import { Field } from '@/features/admin/components/field';
import { idInLink } from '@/features/admin/link';
import { t } from '@/lib/messages';

interface Props {
  chosenId: string;
  onChoose: (chosen: Chosen | undefined) => void;
}

type Way = 'folder' | 'link' | 'shared-with-me' | 'everything';

/** How the address of a folder looks. */
const AN_ADDRESS = 'https://drive.google.com/drive/folders/…';

/** Which part of Drive is read: a folder out of the tree or by its address, or all that Docent's account sees. */
export function ChooseFolder({ chosenId, onChoose }: Props) {
  const [way, setWay] = useState<Way>('folder');
  const [typed, setTyped] = useState('');
  const linked = idInLink(typed);
  return (
    <>
      <Choices
        legend={t('admin.add.which')}
        value={way}
        choices={(['folder', 'link', 'shared-with-me', 'everything'] as const).map((value) => ({
          value,
          text: t(`admin.way.${value}`),
        }))}
        onChoose={(chosen) => {
          setWay(chosen);
          const whole = chosen === 'shared-with-me' || chosen === 'everything';
          onChoose(whole ? { id: chosen, name: t(`admin.way.${chosen}`) } : undefined);
        }}
      />
      {way === 'folder' && (
        <div
          data-tree
          role="group"
          aria-label={t('admin.add.tree')}
          className="mt-4 max-h-96 overflow-y-auto rounded-[6px] border border-rule p-2"
        >
          <FolderRows folderId="" chosenId={chosenId} onChoose={onChoose} />
        </div>
      )}
      {way === 'link' && (
        <form
          className="mt-4 flex flex-wrap items-end gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (linked !== '') onChoose({ id: linked, name: '' });
          }}
        >
          <Field
            className="flex-1 basis-64"
            label={t('admin.add.address')}
            placeholder={AN_ADDRESS}
            value={typed}
            onChange={setTyped}
          />
          <Button variant="outline" type="submit" aria-disabled={linked === ''}>
            {t('admin.add.choose')}
          </Button>
        </form>
      )}
    </>
  );
}
