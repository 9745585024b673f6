import { useCallback, useRef, useState } from 'react';

import type { Source } from '@/lib/wire';

interface Open {
  turnId: string;
  source: Source;
}

/** Which source stands open, and where the focus goes back to when it closes. */
export function useOpenSource() {
  const [open, setOpen] = useState<Open>();
  const openerRef = useRef<HTMLElement>(null);

  const show = useCallback((turnId: string, source: Source) => {
    openerRef.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    setOpen({ turnId, source });
  }, []);

  const opener = useCallback(() => openerRef.current, []);

  const close = useCallback(() => {
    setOpen(undefined);
    openerRef.current?.focus({ preventScroll: true });
    openerRef.current = null;
  }, []);

  return {
    source: open?.source,
    numberIn: (turnId: string) => (open?.turnId === turnId ? open.source.n : undefined),
    show,
    close,
    opener,
  };
}
