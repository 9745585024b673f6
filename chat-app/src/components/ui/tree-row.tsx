import { Icon } from '@/components/ui/icon';
import { moveAmongRows } from '@/components/ui/move-among-rows';

interface Props {
  name: string;
  open: boolean;
  onToggle: () => void;
  /** It will probably be opened. */
  onNear: () => void;
}

/** A folder's row of a tree: opens and closes; arrows walk from row to row. */
export function TreeRow({ name, open, onToggle, onNear }: Props) {
  return (
    <button
      type="button"
      data-row
      aria-expanded={open}
      className="tree-row min-w-0 flex-1 text-start"
      onKeyDown={moveAmongRows}
      onPointerEnter={onNear}
      onFocus={onNear}
      onClick={onToggle}
    >
      <Icon
        name="next"
        className={`size-4 transition-transform duration-(--quick) ${open ? 'rotate-90' : 'rtl:rotate-180'}`}
      />
      <Icon name="drive" className="size-4.5 text-ink-soft" />
      <span className="truncate" dir="auto">
        {name}
      </span>
    </button>
  );
}
