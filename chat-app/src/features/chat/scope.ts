/** What a question is put to: everything, a collection, a folder, or one file read whole. */
import type { Scope } from '@/features/chat/hooks/use-conversation';

export interface ChosenScope {
  kind: 'all' | 'collection' | 'folder' | 'file';
  id: string;
  name: string;
}

export const EVERYTHING: ChosenScope = { kind: 'all', id: '', name: '' };

const FIELDS = { collection: 'collection', folder: 'folder_id', file: 'file_id' } as const;

/** The scope as the service takes it; empty for everything. */
export const scopeFields = ({ kind, id }: ChosenScope): Scope & Record<string, string> =>
  kind === 'all' ? {} : { [FIELDS[kind]]: id };
