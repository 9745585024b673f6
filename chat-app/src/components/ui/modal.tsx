import { Dialog } from '@base-ui/react/dialog';
import type { ReactNode } from 'react';

interface Props {
  title: string;
  text?: string;
  onClose: () => void;
  children: ReactNode;
}

/** A question of its own over the page, small and in the middle. Its last child should hold the ways out. */
export function Modal({ title, text, onClose, children }: Props) {
  return (
    <Dialog.Root
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-30 bg-black/50" />
        <Dialog.Popup className="fade-in fixed inset-0 z-30 m-auto h-fit max-h-dvh w-[calc(100%-2rem)] max-w-md overflow-y-auto rounded-[8px] border border-rule-strong bg-sheet p-5 text-ink outline-none">
          <Dialog.Title className="text-lg font-bold wrap-anywhere">{title}</Dialog.Title>
          {text !== undefined && (
            <Dialog.Description className="mt-1.5 text-ink-soft">{text}</Dialog.Description>
          )}
          <div className="mt-5">{children}</div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
