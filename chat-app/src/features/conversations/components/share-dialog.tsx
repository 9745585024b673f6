import { useState } from 'react';

import { Button } from '@/components/ui/button';
import { Modal } from '@/components/ui/modal';
import { ProblemNote } from '@/components/ui/problem-note';
import { pages } from '@/config/paths';
import { useShare, useUnshare } from '@/features/conversations/api/change-conversation';
import type { ConversationEntry } from '@/features/conversations/api/get-conversations';
import { formatInstant } from '@/lib/intl';
import { t } from '@/lib/messages';
import { asProblem } from '@/lib/problem';

/** Shares a conversation inside the organisation, and ends that. */
export function ShareDialog({ entry, onClose }: { entry: ConversationEntry; onClose: () => void }) {
  const sharing = useShare();
  const ending = useUnshare();
  const [copied, setCopied] = useState(false);
  const share = ending.isSuccess ? null : (sharing.data ?? entry.share);
  const problem = sharing.error ?? ending.error;
  const address = share && `${location.origin}${pages.shared(share.share_id)}`;
  return (
    <Modal title={t('share.title')} text={t('share.text')} onClose={onClose}>
      {problem && <ProblemNote problem={asProblem(problem)} />}
      {share && address !== null && (
        <>
          <input
            readOnly
            aria-label={t('share.address')}
            className="h-10 w-full rounded-[6px] border border-rule-strong bg-paper px-2.5 text-[0.9375rem]"
            value={address}
            onFocus={(event) => {
              event.currentTarget.select();
            }}
          />
          <p className="mt-2 text-sm text-ink-soft">
            {t('share.asOf', { instant: formatInstant(share.shared_at) })}
          </p>
        </>
      )}
      <div className="mt-4 flex flex-wrap justify-end gap-2">
        {share && address !== null ? (
          <>
            <Button
              variant="quiet"
              onClick={() => {
                ending.mutate(entry.id);
              }}
            >
              {t('share.end')}
            </Button>
            <Button
              variant="outline"
              onClick={() => {
                sharing.mutate(entry.id);
              }}
            >
              {t('share.renew')}
            </Button>
            <Button
              variant="solid"
              onClick={() => {
                void navigator.clipboard.writeText(address).then(() => {
                  setCopied(true);
                });
              }}
            >
              <span aria-live="polite">{copied ? t('answer.copied') : t('share.copy')}</span>
            </Button>
          </>
        ) : (
          <>
            <Button variant="outline" onClick={onClose}>
              {t('app.cancel')}
            </Button>
            <Button
              variant="solid"
              aria-disabled={sharing.isPending}
              onClick={() => {
                ending.reset();
                sharing.mutate(entry.id);
              }}
            >
              {t('share.begin')}
            </Button>
          </>
        )}
      </div>
    </Modal>
  );
}
