import { Dialog } from '@base-ui/react/dialog';
import type { ReactNode } from 'react';

import { CloseButton } from '@/components/ui/close-button';
import { t } from '@/lib/messages';

interface Props {
  onClose: () => void;
  children: ReactNode;
}

/** The frame's side on a narrow screen: over the page, from the start edge. */
export function NavDrawer({ onClose, children }: Props) {
  return (
    <Dialog.Root
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-20 bg-black/50" />
        <Dialog.Popup className="fade-in fixed inset-y-0 start-0 z-20 w-full max-w-80 border-e border-rule bg-nav text-ink outline-none">
          <Dialog.Title className="sr-only">{t('nav.label')}</Dialog.Title>
          <div className="absolute end-4 top-2 z-10">
            <Dialog.Close render={<CloseButton label={t('nav.close')} />} />
          </div>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
