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
  menu: 'M3.500 6h13M3.500 10h13M3.500 14h13',
  gauge: 'M3.500 15a7.500 7.500 0 1 1 13 0M10 12l3.500-4.500',
  drive: 'M3 6.500V15.500h14V7.500h-7.500L8 5H3z',
  file: 'M5.500 3.500h6l3.500 3.500v9.500h-9.500zM11.500 3.500v3.500H15',
  search: 'M9 3.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11M13 13l4 4',
  more: 'M5 10h.010M10 10h.010M15 10h.010',
  edit: 'M4 16l.800-3.500 8.200-8.200 2.700 2.700-8.200 8.200z',
  good: 'M4 9h2.500v7.500H4zM6.500 9L9.500 3.500c1.500 0 2 1 1.700 2.300L10.800 8h4.700l-1 7c-.2 1-.7 1.500-1.500 1.500H6.500',
  bad: 'M4 11h2.500V3.500H4zM6.500 11l3 5.500c1.500 0 2-1 1.700-2.300L10.800 12h4.700l-1-7c-.2-1-.7-1.500-1.500-1.500H6.500',
  share: 'M13.500 6.500l-7 3.500 7 3.500M13.500 4.500v4M13.500 11.500v4',
  trash: 'M4 6h12M8 6V4h4v2M5.500 6l.700 10h7.600l.700-10',
  download: 'M10 3.500v9M6 9l4 4 4-4M4 16.500h12',
  user: 'M10 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6M4 16.500c.500-3 3-4.500 6-4.500s5.500 1.500 6 4.500',
} as const;

export type IconName = keyof typeof shapes;

/** A drawn sign. It says nothing to a screen reader: the control around it has the name. */
export function Icon({ name, className = 'size-5' }: { name: IconName; className?: string }) {
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
