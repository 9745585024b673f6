import type { ReactNode } from 'react';

import { Button } from '@/components/ui/button';
import { Modal } from '@/components/ui/modal';
import { Failed } from '@/features/admin/components/failed';
import { t } from '@/lib/messages';

interface Props {
  title: string;
  text: string;
  /** What the button says that does it. */
  action: string;
  busy: boolean;
  error: Error | null;
  onConfirm: () => void;
  onClose: () => void;
  children?: ReactNode;
}

/** Asks before something is done that others will notice. */
export function ConfirmDialog({ title, text, action, busy, error, onConfirm, onClose, children }: Props) {
  return (
    <Modal title={title} text={text} onClose={onClose}>
      {children}
      <Failed error={error} />
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button variant="outline" onClick={onClose}>
          {t('app.cancel')}
        </Button>
        <Button variant="danger" aria-disabled={busy} onClick={busy ? undefined : onConfirm}>
          {action}
        </Button>
      </div>
    </Modal>
  );
}
