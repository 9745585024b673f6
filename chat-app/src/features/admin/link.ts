/** The id in an address of a folder or file of Drive, or in what is an id already; empty when there is none. */
export function idInLink(text: string): string {
  const trimmed = text.trim();
  const inAddress =
    /\/(?:folders|d)\/([A-Za-z0-9_-]{8,128})/.exec(trimmed) ?? /[?&]id=([A-Za-z0-9_-]{8,128})/.exec(trimmed);
  return inAddress?.[1] ?? (/^[A-Za-z0-9_-]{16,128}$/.test(trimmed) ? trimmed : '');
}
