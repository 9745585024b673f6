import { useState } from 'react';

import { TITLE_LIMIT } from '@/config/limits';
import { t } from '@/lib/messages';

interface Props {
  title: string;
  onRename: (title: string) => void;
  onCancel: () => void;
}

/** The title, to be changed in its place: Enter keeps, Escape leaves. */
export function RenameField({ title, onRename, onCancel }: Props) {
  const [text, setText] = useState(title);
  const done = () => {
    if (text.trim() === '') onCancel();
    else onRename(text.trim());
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        done();
      }}
    >
      <input
        ref={select}
        aria-label={t('conversations.newTitle')}
        className="h-10 w-full rounded-[6px] border border-accent bg-sheet px-2.5 text-[0.9375rem]"
        maxLength={TITLE_LIMIT}
        dir="auto"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
        }}
        onBlur={done}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          onCancel();
        }}
      />
    </form>
  );
}

const select = (input: HTMLInputElement | null) => {
  input?.focus();
  input?.select();
};
