import { Icon } from '@/components/ui/icon';
import type { Collection } from '@/features/chat/api/get-collections';
import { t } from '@/lib/messages';

interface Props {
  collections: Collection[];
  /** The chosen collection's id; empty for all. */
  value: string;
  onChange: (id: string) => void;
}

/** Narrows questions to one collection. The browser's own list: no code to fetch, and at home on a phone. */
export function CollectionSelect({ collections, value, onChange }: Props) {
  return (
    <span className="relative inline-flex max-w-full items-center rounded-[6px] text-ink-soft hover:bg-well hover:text-ink">
      <select
        aria-label={t('scope.label')}
        className="field-sizing-content h-10 min-w-0 cursor-pointer appearance-none truncate rounded-[6px] bg-transparent ps-2 pe-8 text-[0.9375rem]"
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      >
        <option value="">{t('scope.all')}</option>
        {collections.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <Icon name="chevron" className="pointer-events-none absolute end-2 size-4" />
    </span>
  );
}
