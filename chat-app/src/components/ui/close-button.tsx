import type { ComponentProps } from 'react';

import { Icon } from '@/components/ui/icon';
import { iconButtonClass } from '@/components/ui/icon-button';

interface Props extends ComponentProps<'button'> {
  label: string;
}

export function CloseButton({ label, ...rest }: Props) {
  return (
    <button {...rest} type="button" aria-label={label} className={`${iconButtonClass} -me-2`}>
      <Icon name="close" />
    </button>
  );
}
