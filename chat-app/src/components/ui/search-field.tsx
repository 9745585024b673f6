import { Icon } from '@/components/ui/icon';
import { SEARCH_LIMIT } from '@/config/limits';

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** A box that narrows a list while one types. */
export function SearchField({ label, value, onChange }: Props) {
  return (
    <span className="relative flex items-center">
      <Icon name="search" className="pointer-events-none absolute start-2.5 size-4.5 text-ink-soft" />
      <input
        type="search"
        maxLength={SEARCH_LIMIT}
        aria-label={label}
        placeholder={label}
        className="h-10 w-full rounded-[6px] border border-rule-strong bg-sheet ps-9 pe-2 text-[0.9375rem] placeholder:text-ink-soft"
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      />
    </span>
  );
}
