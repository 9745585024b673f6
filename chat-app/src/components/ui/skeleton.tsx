const widths = ['w-full', 'w-11/12', 'w-4/6'];

/** Lines where text will stand. `label` is said to those who cannot see them. */
export function Skeleton({ label, lines }: { label: string; lines: number }) {
  return (
    <div>
      <span className="sr-only">{label}</span>
      <div className="space-y-3" aria-hidden="true">
        {Array.from({ length: lines }, (_, line) => (
          <div key={line} className={`skeleton h-4 ${widths[line % widths.length] ?? ''}`} />
        ))}
      </div>
    </div>
  );
}
