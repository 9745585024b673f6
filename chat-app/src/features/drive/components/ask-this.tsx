import { t } from '@/lib/messages';

interface Props {
  name: string;
  chosen: boolean;
  onAsk: () => void;
}

/** Puts the next question to one thing of the tree. */
export function AskThis({ name, chosen, onAsk }: Props) {
  return (
    <button
      type="button"
      aria-pressed={chosen}
      aria-label={t('drive.askName', { name })}
      className="min-h-9 shrink-0 rounded-[6px] px-2.5 text-sm font-semibold text-accent hover:bg-well hover:text-accent-hover aria-pressed:bg-accent aria-pressed:text-on-accent"
      onClick={onAsk}
    >
      {chosen ? t('drive.asked') : t('drive.ask')}
    </button>
  );
}
