/** The link if it is a web address, else undefined: what a document's record says must never run as a script. */
export function safeLink(link: string): string | undefined {
  try {
    const { protocol, href } = new URL(link);
    return protocol === 'https:' || protocol === 'http:' ? href : undefined;
  } catch {
    return undefined;
  }
}
