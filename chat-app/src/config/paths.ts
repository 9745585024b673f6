/** Every address the app knows. All are of the page's own origin. */

const id = encodeURIComponent;
const after = (cursor: string | null, sign = '?') => (cursor === null ? '' : `${sign}cursor=${id(cursor)}`);
const among = (pairs: Record<string, string>) => {
  const given = Object.entries(pairs).filter(([, value]) => value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
};

/** Pages of this app. */
export const pages = {
  home: '/',
  conversation: (conversationId: string) => `/c/${id(conversationId)}`,
  shared: (shareId: string) => `/shared/${id(shareId)}`,
  drive: '/drive',
  account: '/account',
  admin: '/admin',
} as const;

/** Routes of the service. */
export const paths = {
  login: (returnTo: string) => `/auth/login?return_to=${id(returnTo)}`,
  logout: '/auth/logout',
  user: '/auth/user',
  userExport: '/auth/user/export',
  sessions: '/auth/sessions',
  session: (sessionId: string) => `/auth/sessions/${id(sessionId)}`,
  chat: '/chat',
  suggestions: (scope: Record<string, string>) => `/chat/suggestions${among(scope)}`,
  conversations: (search: string, cursor: string | null) =>
    `/chat/conversations?limit=30${search === '' ? '' : `&q=${id(search)}`}${after(cursor, '&')}`,
  conversation: (conversationId: string) => `/chat/conversations/${id(conversationId)}`,
  conversationExport: (conversationId: string) => `/chat/conversations/${id(conversationId)}/export`,
  share: (conversationId: string) => `/chat/conversations/${id(conversationId)}/share`,
  shared: (shareId: string) => `/chat/shared/${id(shareId)}`,
  feedback: (messageId: string) => `/chat/messages/${id(messageId)}/feedback`,
  collections: (cursor: string | null) => `/collections${after(cursor)}`,
  folders: (place: { folder_id: string } | { collection: string }, cursor: string | null) =>
    `/folders?${new URLSearchParams(place).toString()}${after(cursor, '&')}`,
  folderSearch: (words: string) => `/folders/search?q=${id(words)}`,
  folderBatch: '/folders/batch',
  passages: (fileId: string, passageId: string, span: number) =>
    `/files/${id(fileId)}/passages?around=${id(passageId)}&span=${span}`,
} as const;
