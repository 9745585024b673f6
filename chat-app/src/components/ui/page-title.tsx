/** The title of the window, which a screen reader says first. React puts it into the head. */
export function PageTitle({ text }: { text: string }) {
  return <title>{text}</title>;
}
