import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';

import { Button } from '@/components/ui/button';
import { IconButton } from '@/components/ui/icon-button';
import { sendFeedback } from '@/features/chat/api/send-feedback';
import { FEEDBACK_REASONS } from '@/config/feedback';
import { FEEDBACK_LIMIT } from '@/config/limits';
import { t } from '@/lib/messages';

/** What the person thinks of an answer: a thumb at once, and for a bad one the reason, if they like. */
export function Feedback({ messageId }: { messageId: string }) {
  const [asking, setAsking] = useState(false);
  const rating = useMutation({
    mutationFn: (given: { rating: 'up' | 'down'; comment: string }) => sendFeedback(messageId, given),
  });
  const given = rating.isError ? undefined : rating.variables?.rating;
  return (
    <>
      <IconButton
        icon="good"
        label={t('feedback.good')}
        aria-pressed={given === 'up'}
        onClick={() => {
          setAsking(false);
          rating.mutate({ rating: 'up', comment: '' });
        }}
      />
      <IconButton
        icon="bad"
        label={t('feedback.bad')}
        aria-pressed={given === 'down'}
        aria-expanded={asking}
        onClick={() => {
          setAsking(true);
          rating.mutate({ rating: 'down', comment: '' });
        }}
      />
      <span role="status" className="self-center px-1 text-[0.9375rem] text-ink-soft">
        {rating.isError ? t('feedback.failed') : rating.isSuccess && !asking ? t('feedback.thanks') : ''}
      </span>
      {asking && (
        <Reason
          onSend={(comment) => {
            setAsking(false);
            rating.mutate({ rating: 'down', comment });
          }}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </>
  );
}

function Reason({ onSend, onClose }: { onSend: (comment: string) => void; onClose: () => void }) {
  const id = useId();
  const [reason, setReason] = useState('');
  const [words, setWords] = useState('');
  return (
    <form
      className="fade-in ms-2.5 mt-2 basis-full border-s-3 border-rule-strong ps-4"
      onSubmit={(event) => {
        event.preventDefault();
        onSend([reason, words.trim()].filter(Boolean).join(': '));
      }}
    >
      <fieldset>
        <legend className="text-[0.9375rem] font-semibold">{t('feedback.what')}</legend>
        <div className="mt-1 flex flex-wrap gap-x-5">
          {FEEDBACK_REASONS.map((one) => (
            <label
              key={one}
              className="inline-flex min-h-9 cursor-pointer items-center gap-2 text-[0.9375rem]"
            >
              <input
                type="radio"
                name={id}
                value={one}
                checked={reason === one}
                onChange={() => {
                  setReason(one);
                }}
              />
              {t(`feedback.reason.${one}`)}
            </label>
          ))}
        </div>
      </fieldset>
      <label className="sr-only" htmlFor={`${id}-words`}>
        {t('feedback.words')}
      </label>
      <textarea
        id={`${id}-words`}
        rows={2}
        maxLength={FEEDBACK_LIMIT}
        dir="auto"
        placeholder={t('feedback.words')}
        className="mt-1 block w-full max-w-md rounded-[6px] border border-rule-strong bg-sheet px-3 py-2 text-[0.9375rem] placeholder:text-ink-soft"
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
        }}
      />
      <div className="mt-2 flex gap-2">
        <Button variant="outline" type="submit">
          {t('feedback.send')}
        </Button>
        <Button variant="quiet" onClick={onClose}>
          {t('feedback.skip')}
        </Button>
      </div>
    </form>
  );
}
