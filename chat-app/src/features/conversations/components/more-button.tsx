import type { ComponentProps } from 'react';

import { Icon } from '@/components/ui/icon';
import { iconButtonClass } from '@/components/ui/icon-button';
import { t } from '@/lib/messages';

/** Opens what can be done with a conversation. */
export function MoreButton({ title, ...rest }: ComponentProps<'button'> & { title: string }) {
  return (
    <button
      {...rest}
      type="button"
      aria-label={t('conversations.more', { title })}
      className={`${iconButtonClass} pointer-fine:opacity-0 pointer-fine:group-hover/row:opacity-100 pointer-fine:group-focus-within/row:opacity-100 aria-expanded:opacity-100`}
    >
      <Icon name="more" />
    </button>
  );
}
