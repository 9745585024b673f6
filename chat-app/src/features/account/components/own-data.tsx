import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';

import { Button } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';
import { ProblemNote } from '@/components/ui/problem-note';
import { Section } from '@/components/ui/section';
import { exportOwnData, type Receipt } from '@/features/account/api/own-data';
import { t } from '@/lib/messages';
import { asProblem } from '@/lib/problem';
import { saveFile } from '@/lib/save-file';

const EraseDialog = lazy(async () => ({
  default: (await import('@/features/account/components/erase-dialog')).EraseDialog,
}));

interface Props {
  email: string;
  onErased: (receipt: Receipt) => void;
}

/** What is kept about the person: to take along, or to erase. */
export function OwnData({ email, onErased }: Props) {
  const [erasing, setErasing] = useState(false);
  const exporting = useMutation({
    mutationFn: exportOwnData,
    onSuccess: (data) => {
      saveFile(data, 'docent-export.json');
    },
  });
  return (
    <>
      <Section title={t('data.title')} text={t('data.text')}>
        {exporting.isError && <ProblemNote problem={asProblem(exporting.error)} />}
        <Button
          variant="outline"
          aria-disabled={exporting.isPending}
          onClick={() => {
            if (!exporting.isPending) exporting.mutate();
          }}
        >
          <Icon name="download" />
          {exporting.isPending ? t('data.exporting') : t('data.export')}
        </Button>
      </Section>
      <Section title={t('erase.title')} text={t('erase.text')}>
        <Button
          variant="danger"
          onClick={() => {
            setErasing(true);
          }}
        >
          {t('erase.begin')}
        </Button>
      </Section>
      <Suspense>
        {erasing && (
          <EraseDialog
            email={email}
            onErased={onErased}
            onClose={() => {
              setErasing(false);
            }}
          />
        )}
      </Suspense>
    </>
  );
}
