import { useState } from 'react';

import { Button } from '@/components/ui/button';
import { useRemoval, type Progress } from '@/features/admin/api/get-progress';
import { ConfirmDialog } from '@/features/admin/components/confirm-dialog';
import { t } from '@/lib/messages';

/** Takes the collection away, after asking. */
export function Removal({ collection: { id, name } }: { collection: Progress }) {
  const removing = useRemoval();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button
        variant="quiet"
        onClick={() => {
          removing.reset();
          setAsking(true);
        }}
      >
        {t('admin.remove')}
      </Button>
      {asking && (
        <ConfirmDialog
          title={t('admin.remove.title', { name })}
          text={t('admin.remove.text')}
          action={t('admin.remove.confirm')}
          busy={removing.isPending}
          error={removing.error}
          onConfirm={() => {
            removing.mutate(id);
          }}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </>
  );
}
