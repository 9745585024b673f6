import { Icon } from '@/components/ui/icon';
import type { ChosenScope } from '@/features/chat/scope';
import { t } from '@/lib/messages';

interface Props {
  scope: ChosenScope;
  onOpen: () => void;
  /** It will probably be opened. */
  onNear: () => void;
  onClear: () => void;
}

/** What the question is put to, in the foot of its box. */
export function ScopeButton({ scope, onOpen, onNear, onClear }: Props) {
  const narrowed = scope.kind !== 'all';
  return (
    <span className="flex min-w-0 items-center">
      <button
        type="button"
        aria-haspopup="dialog"
        className={`flex h-10 min-w-0 items-center gap-2 rounded-[6px] px-2 text-[0.9375rem] hover:bg-well hover:text-ink ${narrowed ? 'font-semibold text-ink' : 'text-ink-soft'}`}
        onPointerEnter={onNear}
        onFocus={onNear}
        onClick={onOpen}
      >
        <Icon name={scope.kind === 'file' ? 'file' : 'drive'} className="size-4.5" />
        <span className="sr-only">{t('scope.label')}: </span>
        <span className="truncate" dir="auto">
          {narrowed ? scope.name : t('scope.all')}
        </span>
      </button>
      {narrowed && (
        <button
          type="button"
          aria-label={t('scope.clear')}
          className="grid size-8 shrink-0 place-items-center rounded-[6px] text-ink-soft hover:bg-well hover:text-ink"
          onClick={onClear}
        >
          <Icon name="close" className="size-4" />
        </button>
      )}
    </span>
  );
}
