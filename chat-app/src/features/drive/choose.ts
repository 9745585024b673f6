/** What was chosen in the tree, to be asked. */
export type Choose = (chosen: { kind: 'collection' | 'folder' | 'file'; id: string; name: string }) => void;
