import type { ComponentProps } from 'react';

import { Icon } from '@/components/ui/icon';

interface Props extends ComponentProps<'button'> {
  label: string;
}

export function CloseButton({ label, ...rest }: Props) {
  return (
    <button
      {...rest}
      type="button"
      aria-label={label}
      className="-me-2 grid size-10 shrink-0 place-items-center rounded-[6px] text-ink-soft hover:bg-well hover:text-ink"
    >
      <Icon name="close" />
    </button>
  );
}
