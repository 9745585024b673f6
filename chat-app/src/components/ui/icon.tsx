const shapes = {
  close: 'M5 5l10 10M15 5L5 15',
  copy: 'M7 7V4h9v9h-3M4 7h9v9H4z',
  check: 'M4 10.5l4 4 8-9',
  chevron: 'M5.5 8l4.5 4.5L14.5 8',
  external: 'M8 5H4.5v10.5H15V12M11 4h5v5M16 4l-7 7',
  next: 'M8 5l5 5-5 5',
  previous: 'M12 5l-5 5 5 5',
  plus: 'M10 4v12M4 10h12',
  retry: 'M15.5 8A6 6 0 1 0 16 11.5M16 4v4h-4',
  ask: 'M10 16V4.5M5 9l5-5 5 5',
  stop: 'M6 6h8v8H6z',
} as const;

/** A drawn sign. It says nothing to a screen reader: the control around it has the name. */
export function Icon({ name, className = 'size-5' }: { name: keyof typeof shapes; className?: string }) {
  return (
    <svg viewBox="0 0 20 20" className={`shrink-0 ${className}`} aria-hidden="true" focusable="false">
      <path
        d={shapes[name]}
        fill={name === 'stop' ? 'currentColor' : 'none'}
        stroke="currentColor"
        strokeWidth="1.7"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
