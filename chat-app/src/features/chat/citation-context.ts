import { createContext, useContext } from 'react';

import type { Source } from '@/lib/wire';

export interface Citations {
  /** The sources an answer may cite, by number. */
  byNumber: ReadonlyMap<number, Source>;
  /** The number whose source stands open beside the answer. */
  openNumber: number | undefined;
  onOpen: (source: Source) => void;
}

/** Reaches every number in an answer without passing through each list, table and sentence. */
export const CitationContext = createContext<Citations>({
  byNumber: new Map(),
  openNumber: undefined,
  onOpen: () => undefined,
});

export const useCitations = (): Citations => useContext(CitationContext);
