import { Button } from '@/components/ui/button';
import { Modal } from '@/components/ui/modal';
import { useDelete } from '@/features/conversations/api/change-conversation';
import type { ConversationEntry } from '@/features/conversations/api/get-conversations';
import { t } from '@/lib/messages';

interface Props {
  entry: ConversationEntry;
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks once more, since it cannot be taken back. */
export function DeleteDialog({ entry, onClose, onDeleted }: Props) {
  const deleting = useDelete();
  return (
    <Modal
      title={t('conversations.deleteTitle', { title: entry.title })}
      text={t('conversations.deleteText')}
      onClose={onClose}
    >
      <div className="flex flex-wrap justify-end gap-2">
        <Button variant="outline" onClick={onClose}>
          {t('app.cancel')}
        </Button>
        <Button
          variant="danger"
          onClick={() => {
            deleting.mutate({ id: entry.id });
            onClose();
            onDeleted();
          }}
        >
          {t('conversations.delete')}
        </Button>
      </div>
    </Modal>
  );
}
