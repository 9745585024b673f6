import { Dialog } from '@base-ui/react/dialog';

import { CloseButton } from '@/components/ui/close-button';
import { SourceView } from '@/features/sources/components/source-view';
import { t } from '@/lib/messages';
import type { Source } from '@/lib/wire';

interface Props {
  source: Source;
  onClose: () => void;
  /** What gets the focus back. */
  returnFocus: () => HTMLElement | null;
}

/** The source over the answer, on a screen too narrow for both: the whole of a phone, the side of a tablet. */
export function SourceSheet({ source, onClose, returnFocus }: Props) {
  return (
    <Dialog.Root
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-20 bg-black/50" />
        <Dialog.Popup
          finalFocus={returnFocus}
          className="fade-in fixed inset-y-0 end-0 z-20 w-full bg-sheet text-ink outline-none sm:max-w-136 sm:border-s sm:border-rule"
        >
          <SourceView
            source={source}
            title={
              <Dialog.Title className="leading-snug font-bold wrap-anywhere">{source.file}</Dialog.Title>
            }
            close={<Dialog.Close render={<CloseButton label={t('source.close')} />} />}
          />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
