import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'wouter';

import { Button } from '@/components/ui/button';
import { AccessView } from '@/features/admin/access/access-view';
import { accessQueryOptions, namedFilesQueryOptions } from '@/features/admin/access/get-access';
import { AdminPage } from '@/features/admin/components/admin-page';
import { Field } from '@/features/admin/components/field';
import { Loaded } from '@/features/admin/components/loaded';
import { idInLink } from '@/features/admin/link';
import { t } from '@/lib/messages';
import { useSettled } from '@/lib/use-settled';

/** Why a person can or cannot read a file. Which file and whom stand in the page's address. */
export function AccessPage() {
  const [search, setSearch] = useSearchParams();
  const file = search.get('file') ?? '';
  const person = search.get('person') ?? '';
  const access = useQuery(accessQueryOptions(file, person));
  return (
    <AdminPage title={t('admin.access')} text={t('admin.access.text')}>
      <AskAbout
        key={`${file} ${person}`}
        file={file}
        fileName={access.data?.file ?? ''}
        person={person}
        onAsk={(wanted) => {
          setSearch(Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== '')));
        }}
      />
      {file !== '' && (
        <div className="mt-8" aria-live="polite" aria-busy={access.isFetching}>
          <Loaded query={access} lines={6}>
            {(found) => <AccessView access={found} />}
          </Loaded>
        </div>
      )}
    </AdminPage>
  );
}

interface Props {
  file: string;
  fileName: string;
  person: string;
  onAsk: (wanted: { file: string; person: string }) => void;
}

/** A file, by its address, its id or the beginning of its name, and a person by e-mail address. */
function AskAbout({ file, fileName, person, onAsk }: Props) {
  const [typed, setTyped] = useState(file);
  const [email, setEmail] = useState(person);
  const id = idInLink(typed);
  const words = useSettled(id === '' && typed !== file ? typed.trim() : '');
  const wanted = id === '' && typed === file ? file : id;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted !== '') onAsk({ file: wanted, person: email.trim() });
      }}
    >
      <div className="flex flex-wrap items-start gap-3">
        <Field
          className="flex-1 basis-64"
          label={t('admin.access.file')}
          hint={fileName === '' ? t('admin.access.fileHint') : fileName}
          autoComplete="off"
          value={typed}
          onChange={setTyped}
        />
        <Field
          className="flex-1 basis-56"
          label={t('admin.access.person')}
          hint={t('admin.access.personHint')}
          type="email"
          autoComplete="off"
          value={email}
          onChange={setEmail}
        />
        <Button variant="solid" type="submit" className="sm:mt-[1.6875rem]" aria-disabled={wanted === ''}>
          {t('admin.access.explain')}
        </Button>
      </div>
      {words !== '' && (
        <FoundFiles
          words={words}
          onChoose={(chosen) => {
            onAsk({ file: chosen, person: email.trim() });
          }}
        />
      )}
    </form>
  );
}

function FoundFiles({ words, onChoose }: { words: string; onChoose: (fileId: string) => void }) {
  const found = useQuery(namedFilesQueryOptions(words));
  return (
    <div className="mt-3" aria-live="polite">
      <Loaded query={found} lines={2}>
        {(files) =>
          files.length === 0 ? (
            <p className="text-ink-soft">{t('admin.access.noFile')}</p>
          ) : (
            <ul>
              {files.map(({ id, name }) => (
                <li key={id}>
                  <button
                    type="button"
                    className="tree-row w-full text-start font-semibold text-accent"
                    onClick={() => {
                      onChoose(id);
                    }}
                  >
                    <span className="wrap-anywhere" dir="auto">
                      {name}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </div>
  );
}
