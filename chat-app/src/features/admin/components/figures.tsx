interface Props {
  /** Each with its name, and what there is to know about it. */
  figures: readonly { name: string; value: string; note?: string }[];
}

/** A few numbers that say how things stand. */
export function Figures({ figures }: Props) {
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-4">
      {figures.map(({ name, value, note }) => (
        <div key={name}>
          <dt className="text-[0.9375rem] text-ink-soft">{name}</dt>
          <dd className="text-xl font-bold tabular-nums">{value}</dd>
          {note !== undefined && <dd className="text-sm text-ink-soft">{note}</dd>}
        </div>
      ))}
    </dl>
  );
}
