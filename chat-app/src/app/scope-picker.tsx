import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';

import { ScopeButton } from '@/features/chat/components/scope-button';
import { EVERYTHING, type ChosenScope } from '@/features/chat/scope';
import { collectionsQueryOptions } from '@/features/drive/api/get-collections';

const load = () => import('@/app/scope-dialog');
const ScopeDialog = lazy(async () => ({ default: (await load()).ScopeDialog }));

interface Props {
  scope: ChosenScope;
  onChoose: (scope: ChosenScope) => void;
}

/** What the next question is put to, and the way to change it. */
export function ScopePicker({ scope, onChoose }: Props) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  return (
    <>
      <ScopeButton
        scope={scope}
        onOpen={() => {
          setOpen(true);
        }}
        onNear={() => {
          void load();
          queries.query(collectionsQueryOptions()).catch(() => undefined);
        }}
        onClear={() => {
          onChoose(EVERYTHING);
        }}
      />
      <Suspense>
        {open && (
          <ScopeDialog
            scope={scope}
            onChoose={(chosen) => {
              setOpen(false);
              onChoose(chosen);
            }}
            onClose={() => {
              setOpen(false);
            }}
          />
        )}
      </Suspense>
    </>
  );
}
