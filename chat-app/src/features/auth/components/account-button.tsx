import type { ComponentProps } from 'react';

import { Icon } from '@/components/ui/icon';
import type { User } from '@/features/auth/api/get-user';
import { t } from '@/lib/messages';

interface Props extends ComponentProps<'button'> {
  user: User;
}

/** The person, as a button. */
export function AccountButton({ user, ...rest }: Props) {
  const name = user.name === null || user.name === '' ? user.email : user.name;
  return (
    <button
      {...rest}
      type="button"
      className="flex min-h-11 w-full items-center gap-2.5 rounded-[6px] px-2 text-start text-[0.9375rem] hover:bg-well"
    >
      <span className="sr-only">{t('account.button')} </span>
      <span
        aria-hidden="true"
        className="grid size-7 shrink-0 place-items-center rounded-full bg-ink text-sm font-bold text-paper uppercase"
      >
        {name.charAt(0)}
      </span>
      <span className="min-w-0 flex-1 truncate">{name}</span>
      <Icon name="chevron" className="size-4 rotate-180 text-ink-soft" />
    </button>
  );
}
