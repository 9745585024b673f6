interface Props {
  caption: string;
  /** Names of the columns; all but the first hold numbers. */
  columns: readonly string[];
  rows: readonly (readonly [string, ...string[]])[];
}

/** Numbers in rows. On a narrow screen it scrolls by itself, not the page. */
export function NumbersTable({ caption, columns, rows }: Props) {
  return (
    <div role="group" aria-label={caption} tabIndex={0} className="overflow-x-auto">
      <table className="w-full text-[0.9375rem] tabular-nums">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-rule-strong text-ink-soft">
            {columns.map((column, at) => (
              <th
                key={column}
                scope="col"
                className={`py-2 font-normal ${at === 0 ? 'pe-4 text-start' : 'ps-4 text-end'}`}
              >
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-rule">
          {rows.map(([name, ...values]) => (
            <tr key={name}>
              <th scope="row" className="py-2 pe-4 text-start font-normal wrap-anywhere">
                {name}
              </th>
              {values.map((value, at) => (
                <td key={columns[at + 1]} className="py-2 ps-4 text-end whitespace-nowrap">
                  {value}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
