import { Dialog } from '@base-ui/react/dialog';

import { CloseButton } from '@/components/ui/close-button';
import { EVERYTHING, type ChosenScope } from '@/features/chat/scope';
import { DriveBrowser } from '@/features/drive/components/drive-browser';
import { t } from '@/lib/messages';

interface Props {
  scope: ChosenScope;
  onChoose: (scope: ChosenScope) => void;
  onClose: () => void;
}

/** Chooses what the next question is put to. */
export function ScopeDialog({ scope, onChoose, onClose }: Props) {
  return (
    <Dialog.Root
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-20 bg-black/50" />
        <Dialog.Popup className="fade-in fixed inset-0 z-20 m-auto flex h-fit max-h-[min(44rem,100dvh)] min-h-[min(30rem,100dvh)] w-full max-w-xl flex-col bg-sheet text-ink outline-none sm:max-h-[min(44rem,90dvh)] sm:rounded-[8px] sm:border sm:border-rule-strong">
          <header className="flex items-start gap-3 px-5 pt-4">
            <div className="min-w-0 flex-1">
              <Dialog.Title className="text-lg font-bold">{t('scope.title')}</Dialog.Title>
              <Dialog.Description className="text-[0.9375rem] text-ink-soft">
                {t('scope.text')}
              </Dialog.Description>
            </div>
            <Dialog.Close render={<CloseButton label={t('app.close')} />} />
          </header>
          <div className="px-3 pt-3">
            <button
              type="button"
              aria-pressed={scope.kind === 'all'}
              className="tree-row w-full ps-2 text-start aria-pressed:font-semibold"
              onClick={() => {
                onChoose(EVERYTHING);
              }}
            >
              {t('scope.all')}
            </button>
          </div>
          <DriveBrowser chosenId={scope.id} onChoose={onChoose} inDialog />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
