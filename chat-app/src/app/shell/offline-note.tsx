import { useSyncExternalStore } from 'react';

import { t } from '@/lib/messages';

function onConnection(notify: () => void) {
  addEventListener('online', notify);
  addEventListener('offline', notify);
  return () => {
    removeEventListener('online', notify);
    removeEventListener('offline', notify);
  };
}

/** Said on every page while there is no connection. */
export function OfflineNote() {
  const online = useSyncExternalStore(onConnection, () => navigator.onLine);
  return (
    <div role="status" className="sticky top-(--bar-height) z-10">
      {!online && (
        <p className="border-b border-rule bg-well px-5 py-2 text-[0.9375rem]">{t('app.offline')}</p>
      )}
    </div>
  );
}
