import type { ComponentProps } from 'react';

import { Icon, type IconName } from '@/components/ui/icon';

/** The look of a button that is only a sign, for a link that acts as one. */
export const iconButtonClass =
  'grid size-10 shrink-0 place-items-center rounded-[6px] text-ink-soft transition-colors duration-(--quick) ' +
  'hover:bg-well hover:text-ink aria-pressed:text-accent';

interface Props extends ComponentProps<'button'> {
  icon: IconName;
  label: string;
}

/** A button that is only a sign; `label` is its name. */
export function IconButton({ icon, label, className = '', ...rest }: Props) {
  return (
    <button
      {...rest}
      type="button"
      aria-label={label}
      title={label}
      className={`${iconButtonClass} ${className}`}
    >
      <Icon name={icon} />
    </button>
  );
}
