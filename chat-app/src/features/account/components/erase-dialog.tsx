import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';

import { Button } from '@/components/ui/button';
import { Modal } from '@/components/ui/modal';
import { ProblemNote } from '@/components/ui/problem-note';
import { eraseMe, type Receipt } from '@/features/account/api/own-data';
import { t } from '@/lib/messages';
import { asProblem } from '@/lib/problem';

interface Props {
  email: string;
  onErased: (receipt: Receipt) => void;
  onClose: () => void;
}

/** Asks for the address, since an erasure cannot be taken back. */
export function EraseDialog({ email, onErased, onClose }: Props) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const erasing = useMutation({ mutationFn: eraseMe, onSuccess: onErased });
  const ready = typed.trim().toLowerCase() === email.toLowerCase() && !erasing.isPending;
  return (
    <Modal title={t('erase.dialogTitle')} text={t('erase.dialogText')} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) erasing.mutate();
        }}
      >
        <label htmlFor={id} className="block text-[0.9375rem] wrap-anywhere">
          {t('erase.type', { email })}
        </label>
        <input
          id={id}
          type="email"
          autoComplete="off"
          className="mt-2 h-10 w-full rounded-[6px] border border-rule-strong bg-paper px-2.5"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
          }}
        />
        {erasing.isError && (
          <div className="mt-4">
            <ProblemNote problem={asProblem(erasing.error)} />
          </div>
        )}
        <div className="mt-5 flex flex-wrap justify-end gap-2">
          <Button variant="outline" onClick={onClose}>
            {t('app.cancel')}
          </Button>
          <Button variant="danger" type="submit" aria-disabled={!ready}>
            {erasing.isPending ? t('erase.going') : t('erase.begin')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
