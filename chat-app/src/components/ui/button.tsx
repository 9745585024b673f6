import type { ComponentProps } from 'react';

export type ButtonVariant = 'solid' | 'outline' | 'quiet' | 'danger';

const shape =
  'inline-flex min-h-10 items-center justify-center gap-2 rounded-[6px] text-[0.9375rem] font-semibold ' +
  'whitespace-nowrap transition-colors duration-(--quick)';

const looks: Record<ButtonVariant, string> = {
  solid:
    'bg-accent px-4 text-on-accent hover:bg-accent-hover aria-disabled:bg-well aria-disabled:text-ink-soft',
  outline: 'px-4 border border-rule-strong bg-sheet text-ink hover:border-ink',
  danger:
    'px-4 border border-danger text-danger hover:bg-danger-wash aria-disabled:border-rule aria-disabled:text-ink-soft',
  quiet: 'px-2.5 text-ink-soft hover:bg-well hover:text-ink',
};

/** The look of a button, for a link that acts as one. */
export const buttonClass = (variant: ButtonVariant, extra = ''): string =>
  `${shape} ${looks[variant]} ${extra}`;

interface Props extends ComponentProps<'button'> {
  variant: ButtonVariant;
}

export function Button({ variant, className = '', type = 'button', ...rest }: Props) {
  return <button {...rest} type={type} className={buttonClass(variant, className)} />;
}
