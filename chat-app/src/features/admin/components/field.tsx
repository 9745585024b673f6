import { useId, type ComponentProps } from 'react';

interface Props extends Omit<ComponentProps<'input'>, 'id' | 'onChange'> {
  label: string;
  hint?: string;
  onChange: (value: string) => void;
}

/** A box to type in, with its name above it. */
export function Field({ label, hint, onChange, className = '', ...rest }: Props) {
  const id = useId();
  return (
    <div className={`min-w-0 ${className}`}>
      <label htmlFor={id} className="mb-1 block text-[0.9375rem] text-ink-soft">
        {label}
      </label>
      <input
        {...rest}
        id={id}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        className="h-10 w-full rounded-[6px] border border-rule-strong bg-sheet px-2.5 text-[0.9375rem] placeholder:text-ink-soft"
        onChange={(event) => {
          onChange(event.target.value);
        }}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className="mt-1 text-sm text-ink-soft">
          {hint}
        </p>
      )}
    </div>
  );
}
