import { useId } from 'react';

interface Choice<Value extends string> {
  value: Value;
  text: string;
  /** The language of `text`, where it is not the page's. */
  lang?: string;
}

interface Props<Value extends string> {
  legend: string;
  value: Value;
  choices: readonly Choice<Value>[];
  onChoose: (value: Value) => void;
}

/** One of a few, all of them in sight. The browser's own radio buttons: arrows move, a screen reader counts. */
export function Choices<Value extends string>({ legend, value, choices, onChoose }: Props<Value>) {
  const name = useId();
  return (
    <fieldset>
      <legend className="mb-2 text-[0.9375rem] text-ink-soft">{legend}</legend>
      <div className="flex flex-wrap gap-2">
        {choices.map((choice) => (
          <label
            key={choice.value}
            lang={choice.lang}
            className="inline-flex min-h-10 cursor-pointer items-center rounded-[6px] border border-rule-strong bg-sheet px-3.5 text-[0.9375rem] hover:border-ink has-checked:border-accent has-checked:bg-accent has-checked:text-on-accent has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              className="sr-only"
              name={name}
              value={choice.value}
              checked={choice.value === value}
              onChange={() => {
                onChoose(choice.value);
              }}
            />
            {choice.text}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
