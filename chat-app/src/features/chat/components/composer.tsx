import type { KeyboardEvent, ReactNode, Ref } from 'react';

import { Button } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';
import { QUESTION_LIMIT, QUESTION_NEARLY_FULL } from '@/config/limits';
import { t } from '@/lib/messages';

interface Props {
  draft: string;
  busy: boolean;
  inputRef: Ref<HTMLTextAreaElement>;
  onDraft: (text: string) => void;
  onAsk: () => void;
  onStop: () => void;
  /** What narrows the question, shown in the box's foot. */
  children?: ReactNode;
}

const lengthOf = (text: string) => Array.from(text.trim()).length;

/** True when the text can be sent as a question. */
export const isAskable = (text: string): boolean => {
  const length = lengthOf(text);
  return length >= 1 && length <= QUESTION_LIMIT;
};

/** The box a question is written in. */
export function Composer({ draft, busy, inputRef, onDraft, onAsk, onStop, children }: Props) {
  const over = lengthOf(draft) - QUESTION_LIMIT;

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    if (!busy) onAsk();
  };

  return (
    <form
      className="rounded-[8px] border border-rule-strong bg-sheet transition-colors duration-(--quick) focus-within:border-accent focus-within:ring-1 focus-within:ring-accent"
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <label className="sr-only" htmlFor="question">
        {t('composer.label')}
      </label>
      <textarea
        id="question"
        ref={inputRef}
        className="block field-sizing-content max-h-[min(40dvh,16rem)] w-full resize-none bg-transparent px-4 pt-3.5 pb-1 text-[1.0625rem] leading-normal outline-none placeholder:text-ink-soft"
        rows={Math.min(8, draft.split('\n').length)}
        dir="auto"
        placeholder={t('composer.placeholder')}
        enterKeyHint="send"
        value={draft}
        aria-invalid={over > 0}
        aria-describedby="question-room question-keys"
        onChange={(event) => {
          onDraft(event.target.value);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="flex min-h-13 items-center gap-2 py-1.5 ps-2 pe-1.5">
        <div className="min-w-0 flex-1">{children}</div>
        <Room over={over} />
        <p id="question-keys" className="me-1 hidden text-sm text-ink-soft pointer-fine:sm:block">
          {busy ? t('composer.keysBusy') : t('composer.keys')}
        </p>
        <Button
          variant={busy ? 'outline' : 'solid'}
          aria-disabled={!busy && !isAskable(draft)}
          onClick={busy ? onStop : onAsk}
        >
          <Icon name={busy ? 'stop' : 'ask'} className="size-4.5" />
          {busy ? t('composer.stop') : t('composer.ask')}
        </Button>
      </div>
    </form>
  );
}

/** How much may still be written, said only when it matters. */
function Room({ over }: { over: number }) {
  const near = over + QUESTION_LIMIT >= QUESTION_NEARLY_FULL;
  return (
    <p
      id="question-room"
      aria-live="polite"
      className={`text-sm tabular-nums ${over > 0 ? 'font-bold text-danger' : 'text-ink-soft'}`}
    >
      {over > 0 ? t('composer.over', { count: over }) : near ? t('composer.left', { count: -over }) : ''}
    </p>
  );
}
