import type { ComponentProps } from 'react';

import { Icon } from '@/components/ui/icon';
import type { User } from '@/features/auth/api/get-user';

interface Props extends ComponentProps<'button'> {
  user: User;
}

/** The person's initial, as a button. */
export function AccountButton({ user, ...rest }: Props) {
  const name = user.name === null || user.name === '' ? user.email : user.name;
  return (
    <button
      {...rest}
      type="button"
      aria-label={`Account: ${user.email}`}
      className="flex h-10 items-center gap-1.5 rounded-[6px] px-1.5 text-ink-soft hover:bg-well hover:text-ink"
    >
      <span className="grid size-7 place-items-center rounded-full bg-ink text-sm font-bold text-paper uppercase">
        {name.charAt(0)}
      </span>
      <Icon name="chevron" className="size-4" />
    </button>
  );
}
